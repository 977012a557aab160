//! Showing text that an outsider chose.

use std::fmt::{self, Write as _};

/// Shows text that an outsider chose, with control characters, line breaks and
/// direction overrides escaped, so that it can neither drive a terminal nor
/// forge a line.
#[derive(Clone, Copy, Debug)]
pub struct Printable<'a>(pub &'a str);

impl fmt::Display for Printable<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for character in self.0.chars() {
            if is_hostile(character) {
                write!(f, "\\u{{{:x}}}", u32::from(character))?;
            } else {
                f.write_char(character)?;
            }
        }
        Ok(())
    }
}

/// Control characters, line separators, zero-width characters and the
/// directional formatting characters of UAX #9.
fn is_hostile(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{061c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_what_drives_a_terminal() {
        let shown = Printable("main\u{1b}[2J\r\nallow\u{202e}gnp\u{7f}").to_string();
        assert_eq!(shown, r"main\u{1b}[2J\u{d}\u{a}allow\u{202e}gnp\u{7f}");
    }

    #[test]
    fn leaves_ordinary_text_alone() {
        assert_eq!(Printable("feature/größe — 名前").to_string(), "feature/größe — 名前");
    }
}
