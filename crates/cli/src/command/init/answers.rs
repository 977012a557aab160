//! What `init` must know: from flags, else asked for on a terminal.

use std::io::{self, BufRead};

use clap::ValueEnum;

use super::Provider;
use crate::failure::Failure;
use crate::output;

/// Collects answers; without a terminal it notes what is missing, all of it.
pub(super) struct Answers {
    interactive: bool,
    missing: Vec<String>,
}

/// One thing to know.
pub(super) struct Question<'a> {
    /// The flag that says it, without `--`.
    pub(super) flag: &'static str,
    /// What it is, for people.
    pub(super) text: &'static str,
    /// What the flag said.
    pub(super) given: Option<&'a String>,
    /// What counts when nothing is answered; `None` means that an answer is needed.
    pub(super) default: Option<&'a str>,
    /// Checks an answer and puts it into its exact form.
    pub(super) form: fn(&str) -> Result<String, String>,
}

impl Answers {
    pub(super) fn new(interactive: bool) -> Self {
        Self { interactive, missing: Vec::new() }
    }

    /// The answer to a question, checked.
    ///
    /// # Errors
    /// When a flag's value is wrong, or the terminal ends.
    pub(super) fn get(&mut self, question: &Question<'_>) -> Result<String, Failure> {
        let flag = question.flag;
        if let Some(given) = question.given {
            return (question.form)(given)
                .map_err(|wanted| Failure::input(format!("--{flag} `{given}`: {wanted} is wanted")));
        }
        if !self.interactive {
            if question.default.is_none() {
                self.missing.push(format!("--{flag}"));
            }
            return Ok(question.default.unwrap_or_default().to_owned());
        }
        loop {
            let default = question.default.map(|default| {
                if default.is_empty() { " [none]".to_owned() } else { format!(" [{default}]") }
            });
            output::note(&format!("{}{}: ", question.text, default.unwrap_or_default()));
            let answer = line()?;
            if answer.is_empty() {
                match question.default {
                    Some(default) => return Ok(default.to_owned()),
                    None => continue,
                }
            }
            match (question.form)(&answer) {
                Ok(answer) => return Ok(answer),
                Err(wanted) => output::note(&format!("  {wanted} is wanted\n")),
            }
        }
    }

    /// Which provider.
    ///
    /// # Errors
    /// When there is nobody to ask, or the terminal ends.
    pub(super) fn provider(&mut self) -> Result<Provider, Failure> {
        let names: Vec<String> = Provider::value_variants()
            .iter()
            .filter_map(|provider| Some(provider.to_possible_value()?.get_name().to_owned()))
            .collect();
        if !self.interactive {
            return Err(Failure::input(format!("--provider is missing: one of {}", names.join(", "))));
        }
        loop {
            output::note(&format!("Who issues the tokens ({}): ", names.join(", ")));
            if let Ok(provider) = Provider::from_str(&line()?, true) {
                return Ok(provider);
            }
        }
    }

    /// Fails when an answer was missing.
    ///
    /// # Errors
    /// Names every missing flag.
    pub(super) fn complete(&self) -> Result<(), Failure> {
        if self.missing.is_empty() {
            return Ok(());
        }
        Err(Failure::input(format!("missing: {}", self.missing.join(", ")))
            .help("`stagedoor init --help` says what each provider needs"))
    }
}

fn line() -> Result<String, Failure> {
    let mut text = String::new();
    match io::stdin().lock().read_line(&mut text) {
        Ok(0) => Err(Failure::input("the input ended before all was answered; nothing was written")),
        Ok(_) => Ok(text.trim().to_owned()),
        Err(error) => Err(Failure::internal(format!("cannot read the terminal: {error}"))),
    }
}

/// Any text in one line.
pub(super) fn text(answer: &str) -> Result<String, String> {
    let fine = !answer.is_empty() && answer.len() <= 512 && !answer.chars().any(char::is_control);
    if fine { Ok(answer.to_owned()) } else { Err("one line of text".to_owned()) }
}

/// A UUID without braces.
pub(super) fn uuid(answer: &str) -> Result<String, String> {
    let bare = answer.strip_prefix('{').and_then(|text| text.strip_suffix('}')).unwrap_or(answer);
    let groups: Vec<usize> = bare.split('-').map(str::len).collect();
    let digits = bare.chars().all(|character| character == '-' || character.is_ascii_hexdigit());
    if digits && groups == [8, 4, 4, 4, 12] {
        Ok(bare.to_owned())
    } else {
        Err("a UUID such as `11f0c1f2-8b1e-4e0b-9d55-0a7c3d2e9f10`".to_owned())
    }
}

/// A UUID in the braces that Bitbucket writes.
pub(super) fn braced_uuid(answer: &str) -> Result<String, String> {
    Ok(format!("{{{}}}", uuid(answer)?))
}

/// A number, as text.
pub(super) fn number(answer: &str) -> Result<String, String> {
    let fine = !answer.is_empty() && answer.len() <= 20 && answer.bytes().all(|byte| byte.is_ascii_digit());
    if fine { Ok(answer.to_owned()) } else { Err("a numeric id".to_owned()) }
}

/// Twelve digits.
pub(super) fn account(answer: &str) -> Result<String, String> {
    let fine = answer.len() == 12 && answer.bytes().all(|byte| byte.is_ascii_digit());
    if fine { Ok(answer.to_owned()) } else { Err("an account of twelve digits".to_owned()) }
}

/// The name of a role or a region.
pub(super) fn name(answer: &str) -> Result<String, String> {
    let fine = (1..=64).contains(&answer.len())
        && answer.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte));
    if fine { Ok(answer.to_owned()) } else { Err("a name of letters, digits, `-` and `_`".to_owned()) }
}

/// An http or https URL.
pub(super) fn url(answer: &str) -> Result<String, String> {
    match url::Url::parse(answer) {
        Ok(url) if matches!(url.scheme(), "http" | "https") && url.has_host() => Ok(answer.to_owned()),
        _ => Err("an http or https URL".to_owned()),
    }
}

/// A host, perhaps with a port.
pub(super) fn host(answer: &str) -> Result<String, String> {
    match url::Url::parse(&format!("https://{answer}")) {
        Ok(url) if url.path() == "/" && !answer.ends_with('/') && url.username().is_empty() => {
            Ok(answer.to_owned())
        }
        _ => Err("a host such as `gitlab.example.com`".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uuids_are_taken_with_and_without_braces() {
        let bare = "11f0c1f2-8b1e-4e0b-9d55-0a7c3d2e9f10";
        assert_eq!(uuid(bare), Ok(bare.to_owned()));
        assert_eq!(braced_uuid(bare), Ok(format!("{{{bare}}}")));
        assert_eq!(braced_uuid(&format!("{{{bare}}}")), Ok(format!("{{{bare}}}")));
        for wrong in
            ["", "{}", "shop", "11f0c1f2-8b1e-4e0b-9d55-0a7c3d2e9f1", "{11f0c1f2-8b1e-4e0b-9d55-0a7c3d2e9f10"]
        {
            assert!(uuid(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn all_missing_flags_are_named_at_once() {
        let mut answers = Answers::new(false);
        for flag in ["workspace", "repository"] {
            let question = Question { flag, text: "", given: None, default: None, form: text };
            answers.get(&question).unwrap();
        }
        let failure = answers.complete().unwrap_err();
        assert_eq!(failure.to_string(), "missing: --workspace, --repository");
    }
}
