//! The constraints on parameters, checked all at once and told in AWS's words.

use super::error::AwsError;
use super::form::Form;

/// How much of a refused value is shown back, in characters.
const SHOWN: usize = 256;

/// The set of characters that a parameter may have.
pub(crate) struct Characters {
    /// The pattern as AWS writes it.
    pub(crate) pattern: &'static str,
    pub(crate) fits: fn(char) -> bool,
}

/// Names of sessions and source identities.
pub(crate) const NAME: Characters = Characters {
    pattern: r"[\w+=,.@-]*",
    fits: |c| c.is_ascii_alphanumeric() || matches!(c, '_' | '+' | '=' | ',' | '.' | '@' | '-'),
};

/// ARNs.
pub(crate) const ARN: Characters = Characters {
    pattern: r"[\u0009\u000A\u000D\u0020-\u007E\u0085\u00A0-\uD7FF\uE000-\uFFFD\u10000-\u10FFFF]+",
    fits: |c| matches!(c, '\t' | '\n' | '\r' | ' '..='~' | '\u{85}' | '\u{a0}'..='\u{fffd}' | '\u{10000}'..),
};

/// Policy documents.
pub(crate) const POLICY: Characters = Characters {
    pattern: r"[\u0009\u000A\u000D\u0020-\u00FF]+",
    fits: |c| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{ff}'),
};

/// What a text parameter must be like. Lengths are in characters.
pub(crate) struct Text {
    pub(crate) least: usize,
    pub(crate) most: usize,
    pub(crate) characters: Option<&'static Characters>,
    /// Whether the value must never be shown.
    pub(crate) sensitive: bool,
}

/// Collects every broken constraint of a request.
pub(crate) struct Check<'a> {
    form: &'a Form,
    faults: Vec<String>,
}

impl<'a> Check<'a> {
    pub(crate) fn new(form: &'a Form) -> Self {
        Check { form, faults: Vec::new() }
    }

    /// The value of a parameter that must be there.
    pub(crate) fn required(&mut self, name: &'static str, constraint: &Text) -> &'a str {
        self.present(name, self.form.get(name), constraint)
    }

    /// The same, without a newline at the end: token files have one, and SDKs send it along.
    pub(crate) fn required_line(&mut self, name: &'static str, constraint: &Text) -> &'a str {
        self.present(name, self.form.get(name).map(|value| value.trim_end_matches(['\r', '\n'])), constraint)
    }

    fn present(&mut self, name: &'static str, value: Option<&'a str>, constraint: &Text) -> &'a str {
        match value {
            Some(value) => {
                self.text(&member(name), value, constraint);
                value
            }
            None => {
                self.faults.push(format!(
                    "Value null at '{}' failed to satisfy constraint: Member must not be null",
                    member(name)
                ));
                ""
            }
        }
    }

    /// The value of a parameter that may be absent.
    pub(crate) fn optional(&mut self, name: &'static str, constraint: &Text) -> Option<&'a str> {
        let value = self.form.get(name)?;
        self.text(&member(name), value, constraint);
        Some(value)
    }

    /// The whole number of a parameter that may be absent, within bounds.
    pub(crate) fn number(&mut self, name: &'static str, least: u64, most: u64) -> Option<u64> {
        let value = self.form.get(name)?;
        let fault = match value.parse::<i64>() {
            Ok(number) => match u64::try_from(number) {
                Ok(number) if number > most => {
                    format!("Member must have value less than or equal to {most}")
                }
                Ok(number) if number >= least => return Some(number),
                _ => format!("Member must have value greater than or equal to {least}"),
            },
            Err(_) => "Member must be an integer".to_owned(),
        };
        self.fault(&member(name), Some(value), &fault);
        None
    }

    /// The members of a list, at most `most`.
    pub(crate) fn list(
        &mut self,
        name: &'static str,
        field: &'static str,
        most: usize,
        constraint: &Text,
    ) -> Vec<&'a str> {
        let values = self.form.list(name, field);
        if values.len() > most {
            let shown = format!("[{}]", values.join(", "));
            let text = format!("Member must have length less than or equal to {most}");
            self.fault(&member(name), Some(&shown), &text);
        } else {
            for (index, value) in values.iter().enumerate() {
                self.text(&format!("{}.{}.member.{field}", member(name), index + 1), value, constraint);
            }
        }
        values
    }

    /// # Errors
    /// One `ValidationError` that counts and names every broken constraint.
    pub(crate) fn finish(self) -> Result<(), AwsError> {
        let count = self.faults.len();
        match count {
            0 => Ok(()),
            _ => {
                let plural = if count == 1 { "" } else { "s" };
                let faults = self.faults.join("; ");
                Err(AwsError::validation(format!("{count} validation error{plural} detected: {faults}")))
            }
        }
    }

    fn text(&mut self, member: &str, value: &str, constraint: &Text) {
        let shown = (!constraint.sensitive).then_some(value);
        let length = value.chars().count();
        if let Some(characters) = constraint.characters
            && !value.chars().all(characters.fits)
        {
            let pattern = characters.pattern;
            self.fault(member, shown, &format!("Member must satisfy regular expression pattern: {pattern}"));
        }
        if length > constraint.most {
            let most = constraint.most;
            self.fault(member, shown, &format!("Member must have length less than or equal to {most}"));
        }
        if length < constraint.least {
            let least = constraint.least;
            self.fault(member, shown, &format!("Member must have length greater than or equal to {least}"));
        }
    }

    fn fault(&mut self, member: &str, value: Option<&str>, text: &str) {
        let value = match value {
            Some(value) if value.chars().count() > SHOWN => {
                format!(" '{}…'", value.chars().take(SHOWN).collect::<String>())
            }
            Some(value) => format!(" '{value}'"),
            None => String::new(),
        };
        self.faults.push(format!("Value{value} at '{member}' failed to satisfy constraint: {text}"));
    }
}

/// The parameter's name as AWS writes it in messages: with a small first letter.
fn member(name: &str) -> String {
    let mut characters = name.chars();
    characters
        .next()
        .map_or_else(String::new, |first| first.to_ascii_lowercase().to_string() + characters.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SESSION_NAME: Text = Text { least: 2, most: 64, characters: Some(&NAME), sensitive: false };

    fn message(form: &str, check: impl FnOnce(&mut Check<'_>)) -> String {
        let form = Form::parse(form.as_bytes()).unwrap();
        let mut checks = Check::new(&form);
        check(&mut checks);
        checks.finish().unwrap_err().message
    }

    #[test]
    fn a_bad_character_is_told_in_awss_words() {
        let text = message("RoleSessionName=Session1:2", |check| {
            check.required("RoleSessionName", &SESSION_NAME);
        });
        assert_eq!(
            text,
            "1 validation error detected: Value 'Session1:2' at 'roleSessionName' failed to satisfy constraint: \
             Member must satisfy regular expression pattern: [\\w+=,.@-]*"
        );
    }

    #[test]
    fn several_faults_are_counted_in_one_message() {
        let text = message("DurationSeconds=10", |check| {
            check.required("RoleSessionName", &SESSION_NAME);
            check.number("DurationSeconds", 900, 43200);
        });
        assert_eq!(
            text,
            "2 validation errors detected: \
             Value null at 'roleSessionName' failed to satisfy constraint: Member must not be null; \
             Value '10' at 'durationSeconds' failed to satisfy constraint: \
             Member must have value greater than or equal to 900"
        );
    }

    #[test]
    fn lengths_are_counted_in_characters_and_bounds_belong() {
        for length in [2, 64] {
            let form = Form::parse(format!("RoleSessionName={}", "a".repeat(length)).as_bytes()).unwrap();
            let mut check = Check::new(&form);
            check.required("RoleSessionName", &SESSION_NAME);
            assert!(check.finish().is_ok(), "{length}");
        }
        for length in [1, 65] {
            let form = Form::parse(format!("RoleSessionName={}", "a".repeat(length)).as_bytes()).unwrap();
            let mut check = Check::new(&form);
            check.required("RoleSessionName", &SESSION_NAME);
            assert!(check.finish().is_err(), "{length}");
        }
    }

    #[test]
    fn numbers_out_of_any_range_are_refused() {
        for (value, fits) in
            [("900", true), ("43200", true), ("899", false), ("43201", false), ("-1", false), ("1e3", false)]
        {
            let form = Form::parse(format!("DurationSeconds={value}").as_bytes()).unwrap();
            let mut check = Check::new(&form);
            assert_eq!(check.number("DurationSeconds", 900, 43200).is_some(), fits, "{value}");
        }
    }

    #[test]
    fn a_sensitive_value_is_never_shown() {
        let constraint = Text { least: 4, most: 20_000, characters: None, sensitive: true };
        let text = message("WebIdentityToken=abc", |check| {
            check.required("WebIdentityToken", &constraint);
        });
        assert_eq!(
            text,
            "1 validation error detected: Value at 'webIdentityToken' failed to satisfy constraint: \
             Member must have length greater than or equal to 4"
        );
    }
}
