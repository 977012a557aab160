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

/// External ids.
pub(crate) const EXTERNAL: Characters =
    Characters { pattern: r"[\w+=,.@:\/-]*", fits: |c| (NAME.fits)(c) || matches!(c, ':' | '/') };

/// Words.
pub(crate) const WORD: Characters =
    Characters { pattern: r"[\w]*", fits: |c| c.is_ascii_alphanumeric() || c == '_' };

/// Digits.
pub(crate) const DIGITS: Characters = Characters { pattern: r"[\d]*", fits: |c| c.is_ascii_digit() };

/// Keys and values of tags.
pub(crate) const TAG: Characters = Characters {
    pattern: r"[\p{L}\p{Z}\p{N}_.:/=+\-@]*",
    fits: |c| {
        c.is_alphanumeric()
            || (c.is_whitespace() && !c.is_control())
            || matches!(c, '_' | '.' | ':' | '/' | '=' | '+' | '-' | '@')
    },
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

const fn text(least: usize, most: usize, characters: &'static Characters) -> Text {
    Text { least, most, characters: Some(characters), sensitive: false }
}

pub(crate) const ROLE_ARN: Text = text(20, 2048, &ARN);
pub(crate) const POLICY_ARN: Text = text(20, 2048, &ARN);
pub(crate) const SESSION_NAME: Text = text(2, 64, &NAME);
pub(crate) const SOURCE_IDENTITY: Text = text(2, 64, &NAME);
pub(crate) const FEDERATED_NAME: Text = text(2, 32, &NAME);
pub(crate) const SESSION_POLICY: Text = text(1, 2048, &POLICY);
pub(crate) const EXTERNAL_ID: Text = text(2, 1224, &EXTERNAL);
pub(crate) const TAG_KEY: Text = text(1, 128, &TAG);
pub(crate) const ACCESS_KEY_ID: Text = text(16, 128, &WORD);
const TAG_VALUE: Text = text(0, 256, &TAG);
const SERIAL_NUMBER: Text = text(9, 256, &EXTERNAL);
const TOKEN_CODE: Text = text(6, 6, &DIGITS);
pub(crate) const TOKEN: Text = Text { least: 4, most: 20_000, characters: None, sensitive: true };
pub(crate) const AUDIENCE: Text = Text { least: 1, most: 1000, characters: None, sensitive: false };
pub(crate) const SIGNING_ALGORITHM: Text = Text { least: 5, most: 5, characters: None, sensitive: false };
pub(crate) const PROVIDER_ID: Text = Text { least: 4, most: 2048, characters: None, sensitive: false };
pub(crate) const ENCODED_MESSAGE: Text = Text { least: 1, most: 10_240, characters: None, sensitive: true };

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
                self.missing(&member(name));
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
        field: Option<&'static str>,
        most: usize,
        constraint: &Text,
    ) -> Vec<&'a str> {
        let values = self.form.list(name, field);
        if values.len() > most {
            let shown = format!("[{}]", values.join(", "));
            self.too_many(name, &shown, most);
        } else {
            for (index, value) in values.iter().enumerate() {
                let field = field.map_or_else(String::new, |field| format!(".{field}"));
                self.text(&format!("{}.{}.member{field}", member(name), index + 1), value, constraint);
            }
        }
        values
    }

    /// The members of `Tags`, at most 50.
    pub(crate) fn tags(&mut self) -> Vec<(String, String)> {
        let tags = self.form.pairs("Tags", "Key", "Value");
        if tags.len() > 50 {
            self.too_many("Tags", &format!("{} tags", tags.len()), 50);
            return Vec::new();
        }
        let mut found = Vec::with_capacity(tags.len());
        for (index, (key, value)) in tags.into_iter().enumerate() {
            let at = |part: &str| format!("tags.{}.member.{part}", index + 1);
            for (part, text, constraint) in [("key", key, &TAG_KEY), ("value", value, &TAG_VALUE)] {
                match text {
                    Some(text) => self.text(&at(part), text, constraint),
                    None => self.missing(&at(part)),
                }
            }
            found.push((key.unwrap_or_default().to_owned(), value.unwrap_or_default().to_owned()));
        }
        found
    }

    /// Whether the request brings a device's serial number or code.
    pub(crate) fn device_code(&mut self) -> bool {
        let serial = self.optional("SerialNumber", &SERIAL_NUMBER);
        let code = self.optional("TokenCode", &TOKEN_CODE);
        serial.is_some() || code.is_some()
    }

    fn too_many(&mut self, name: &'static str, shown: &str, most: usize) {
        let text = format!("Member must have length less than or equal to {most}");
        self.fault(&member(name), Some(shown), &text);
    }

    fn missing(&mut self, member: &str) {
        let fault = format!("Value null at '{member}' failed to satisfy constraint: Member must not be null");
        self.faults.push(fault);
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
    fn tags_are_pairs_within_their_bounds() {
        let form = |text: &str| Form::parse(text.as_bytes()).unwrap();
        let sound = form(
            "Tags.member.1.Key=Cost+Center&Tags.member.1.Value=&Tags.member.2.Key=%C3%B6&Tags.member.2.Value=1",
        );
        let mut check = Check::new(&sound);
        let tags = check.tags();
        check.finish().unwrap();
        let shown: Vec<_> = tags.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
        assert_eq!(shown, [("Cost Center", ""), ("ö", "1")]);

        let text = message("Tags.member.1.Key=a%09b&Tags.member.2.Value=x", |check| drop(check.tags()));
        assert_eq!(
            text,
            "3 validation errors detected: \
             Value 'a\tb' at 'tags.1.member.key' failed to satisfy constraint: \
             Member must satisfy regular expression pattern: [\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*; \
             Value null at 'tags.1.member.value' failed to satisfy constraint: Member must not be null; \
             Value null at 'tags.2.member.key' failed to satisfy constraint: Member must not be null"
        );
        let many: String =
            (1..=51).map(|n| format!("Tags.member.{n}.Key=k{n}&Tags.member.{n}.Value=&")).collect();
        let text = message(many.trim_end_matches('&'), |check| drop(check.tags()));
        assert!(text.contains("'51 tags' at 'tags'") && text.contains("less than or equal to 50"), "{text}");
    }

    #[test]
    fn a_sensitive_value_is_never_shown() {
        let text = message("WebIdentityToken=abc", |check| {
            check.required("WebIdentityToken", &TOKEN);
        });
        assert_eq!(
            text,
            "1 validation error detected: Value at 'webIdentityToken' failed to satisfy constraint: \
             Member must have length greater than or equal to 4"
        );
    }
}
