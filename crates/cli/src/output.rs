//! Writing to the terminal: colour, tables, and pipes that close early.

use std::io::{self, IsTerminal, Write};

use anstream::{AutoStream, ColorChoice};

use crate::failure::Failure;

/// A style for a few words. Colour is for terminals only: the streams strip it
/// elsewhere and under `NO_COLOR`.
#[derive(Clone, Copy)]
pub(crate) struct Style(&'static str);

impl Style {
    /// What matters.
    pub(crate) const STRONG: Self = Self("1");
    /// What may be skipped.
    pub(crate) const DIM: Self = Self("2");
    /// Went well, allowed.
    pub(crate) const GOOD: Self = Self("32");
    /// Failed, denied.
    pub(crate) const BAD: Self = Self("1;31");
    /// A command that a person can type.
    pub(crate) const COMMAND: Self = Self("36");

    /// The text in this style.
    pub(crate) fn paint(self, text: impl AsRef<str>) -> String {
        format!("\x1b[{}m{}\x1b[0m", self.0, text.as_ref())
    }
}

/// Writes to standard output; a reader that went away is not an error.
///
/// # Errors
/// When the stream cannot be written for another reason.
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    offer(text).map(drop)
}

/// As [`print`]; whether somebody still reads.
pub(crate) fn offer(text: &str) -> Result<bool, Failure> {
    let mut stream = anstream::stdout().lock();
    match stream.write_all(text.as_bytes()).and_then(|()| stream.flush()) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(false),
        Err(error) => Err(Failure::internal(format!("cannot write to standard output: {error}"))),
    }
}

/// Writes to standard error, for people. There is nobody to tell when that fails.
pub(crate) fn note(text: &str) {
    let _ = anstream::stderr().lock().write_all(text.as_bytes());
}

/// Whether standard output shows colour.
pub(crate) fn color() -> bool {
    AutoStream::choice(&io::stdout()) != ColorChoice::Never
}

/// Whether a person sits at this terminal to answer questions.
pub(crate) fn interactive() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// Lines up rows in columns two spaces apart; the last column is left as it is.
pub(crate) fn table(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns)
        .map(|column| {
            rows.iter().filter_map(|row| row.get(column)).map(|cell| width(cell)).max().unwrap_or(0)
        })
        .collect();
    let mut text = String::new();
    for row in rows {
        let mut line = String::new();
        for (cell, wide) in row.iter().zip(&widths) {
            line += cell;
            line += &" ".repeat(wide.saturating_sub(width(cell)) + 2);
        }
        text += line.trim_end();
        text.push('\n');
    }
    text
}

/// The text in lines of at most so many characters, broken at spaces.
pub(crate) fn wrapped(text: &str, most: usize) -> String {
    let mut lines: Vec<String> = vec![String::new()];
    for word in text.split_whitespace() {
        let length = lines.last().map_or(0, |line| line.chars().count());
        if length > 0 && length + 1 + word.chars().count() > most {
            lines.push(String::new());
        }
        if let Some(line) = lines.last_mut() {
            if !line.is_empty() {
                line.push(' ');
            }
            *line += word;
        }
    }
    lines.join("\n")
}

/// The columns a text takes on a terminal, styles not counted.
pub(crate) fn width(text: &str) -> usize {
    let mut columns = 0;
    let mut rest = text;
    while let Some(start) = rest.find('\x1b') {
        let (before, after) = rest.split_at(start);
        columns += before.chars().count();
        rest = after.find('m').and_then(|end| after.get(end + 1..)).unwrap_or_default();
    }
    columns + rest.chars().count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_broken_at_spaces_only() {
        assert_eq!(wrapped("a bc  def\nghi", 5), "a bc\ndef\nghi");
        assert_eq!(wrapped("abcdefgh i", 3), "abcdefgh\ni");
        assert_eq!(wrapped("", 3), "");
    }

    #[test]
    fn columns_line_up_whatever_the_style() {
        let rows = [
            vec![Style::GOOD.paint("yes"), "a".to_owned()],
            vec!["denied".to_owned(), "b".to_owned(), "c".to_owned()],
        ];
        let plain = anstream::adapter::strip_str(&table(&rows)).to_string();
        assert_eq!(plain, "yes     a\ndenied  b  c\n");
    }
}
