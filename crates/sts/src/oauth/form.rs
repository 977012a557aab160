//! The parameters of an OAuth request (RFC 6749 §3.2).

use super::error::OAuthError;

/// More parameters than any request has.
const MOST_PARAMETERS: usize = 64;

/// Parameters that may come several times (RFC 8693 §2.1).
const REPEATABLE: [&str; 2] = ["resource", "audience"];

/// The parameters in the order sent. Those without a value count as not sent.
#[derive(Debug, Default)]
pub(crate) struct Form(Vec<(String, String)>);

impl Form {
    /// Reads `application/x-www-form-urlencoded` text.
    ///
    /// # Errors
    /// `invalid_request` when a parameter comes twice that must not, or there are too many.
    pub(crate) fn parse(encoded: &[u8]) -> Result<Form, OAuthError> {
        Self::of(form_urlencoded::parse(encoded).map(|(name, value)| (name.into_owned(), value.into_owned())))
    }

    /// The form with these parameters.
    ///
    /// # Errors
    /// As [`Form::parse`].
    pub(crate) fn of(pairs: impl Iterator<Item = (String, String)>) -> Result<Form, OAuthError> {
        let mut parameters: Vec<(String, String)> = Vec::new();
        for (name, value) in pairs {
            if parameters.len() == MOST_PARAMETERS {
                let text = format!("The request has more than {MOST_PARAMETERS} parameters.");
                return Err(OAuthError::invalid_request(text));
            }
            if !REPEATABLE.contains(&name.as_str()) && parameters.iter().any(|(known, _)| *known == name) {
                return Err(OAuthError::invalid_request("A parameter was given more than once."));
            }
            parameters.push((name, value));
        }
        parameters.retain(|(_, value)| !value.is_empty());
        Ok(Form(parameters))
    }

    /// The parameter's value; the first one.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.all(name).next()
    }

    /// All values of a parameter that may come several times.
    pub(crate) fn all<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The value of a parameter that must be there.
    ///
    /// # Errors
    /// `invalid_request`.
    pub(crate) fn required(&self, name: &'static str) -> Result<&str, OAuthError> {
        self.get(name).ok_or_else(|| OAuthError::invalid_request(format!("The parameter {name} is missing.")))
    }

    /// A token, without the line end that files have.
    ///
    /// # Errors
    /// `invalid_request` when it is missing.
    pub(crate) fn token(&self, name: &'static str) -> Result<&str, OAuthError> {
        self.required(name).map(|token| token.trim_end_matches(['\r', '\n']))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn only_targets_may_come_twice() {
        let form = Form::parse(b"resource=a&resource=b&audience=c&audience=d&x=1").unwrap();
        assert_eq!(form.all("resource").collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(form.all("audience").count(), 2);
        for twice in ["x=1&x=2", "subject_token=a&subject_token=a", "grant_type=&grant_type=a"] {
            assert_eq!(Form::parse(twice.as_bytes()).unwrap_err().code, "invalid_request", "{twice}");
        }
    }

    #[test]
    fn what_is_empty_was_not_sent() {
        let form = Form::parse(b"scope=&grant_type=x").unwrap();
        assert_eq!((form.get("scope"), form.get("grant_type")), (None, Some("x")));
        assert!(form.required("scope").is_err());
    }

    #[test]
    fn parameters_are_bounded() {
        let many = |count: usize| (0..count).map(|n| format!("p{n}=1")).collect::<Vec<_>>().join("&");
        assert!(Form::parse(many(64).as_bytes()).is_ok());
        assert!(Form::parse(many(65).as_bytes()).is_err());
    }

    proptest! {
        #[test]
        fn whatever_was_encoded_is_read_back(pairs in prop::collection::btree_map(".{1,12}", ".{1,20}", 0..12)) {
            let encoded = form_urlencoded::Serializer::new(String::new()).extend_pairs(&pairs).finish();
            let form = Form::parse(encoded.as_bytes()).unwrap();
            for (name, value) in &pairs {
                prop_assert_eq!(form.get(name), Some(value.as_str()));
            }
        }

        #[test]
        fn no_input_panics(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            drop(Form::parse(&bytes));
        }
    }
}
