//! The parameters of a Query request, from a form or a query string.

use super::error::AwsError;
use std::collections::BTreeMap;

/// More parameters than any operation has, lists at their limits included.
const MOST_PARAMETERS: usize = 256;

/// The parameters by name. Each is there once.
#[derive(Debug)]
pub(crate) struct Form(BTreeMap<String, String>);

impl Form {
    /// Reads `application/x-www-form-urlencoded` text.
    ///
    /// # Errors
    /// When a parameter comes twice or there are more than 256: which of two values counts must not be a matter
    /// of who reads it.
    pub(crate) fn parse(encoded: &[u8]) -> Result<Form, AwsError> {
        let mut parameters = BTreeMap::new();
        for (name, value) in form_urlencoded::parse(encoded) {
            if parameters.len() == MOST_PARAMETERS {
                return Err(AwsError::invalid_parameter("The request has more than 256 parameters."));
            }
            if let Some(earlier) = parameters.insert(name.into_owned(), value.into_owned()) {
                drop(earlier);
                return Err(AwsError::invalid_parameter("A parameter was given more than once."));
            }
        }
        Ok(Form(parameters))
    }

    /// The parameter's value. AWS takes an empty value of a scalar as given.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// The values of `<list>.member.<n>.<field>`, in the order of n, which need not be without gaps.
    pub(crate) fn list(&self, list: &str, field: &str) -> Vec<&str> {
        let mut members: Vec<(u32, &str)> = self
            .0
            .iter()
            .filter_map(|(name, value)| {
                let rest = name.strip_prefix(list)?.strip_prefix(".member.")?;
                let (number, end) = rest.split_once('.')?;
                (end == field).then_some((number.parse().ok()?, value.as_str()))
            })
            .collect();
        members.sort_unstable_by_key(|(number, _)| *number);
        members.into_iter().map(|(_, value)| value).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn lists_come_in_the_order_of_their_numbers() {
        let form =
            Form::parse(b"PolicyArns.member.10.arn=c&PolicyArns.member.2.arn=b&PolicyArns.member.1.arn=a")
                .unwrap();
        assert_eq!(form.list("PolicyArns", "arn"), ["a", "b", "c"]);
        assert!(form.list("Policy", "arn").is_empty());
    }

    #[test]
    fn a_parameter_given_twice_is_refused() {
        let error = Form::parse(b"Action=GetCallerIdentity&Action=AssumeRole").unwrap_err();
        assert_eq!(error.code, "InvalidParameterValue");
    }

    #[test]
    fn parameters_are_bounded() {
        let many: Vec<String> = (0..257).map(|n| format!("p{n}=")).collect();
        assert!(Form::parse(many.join("&").as_bytes()).is_err());
        assert!(Form::parse(many[..256].join("&").as_bytes()).is_ok());
    }

    proptest! {
        #[test]
        fn whatever_was_encoded_is_read_back(pairs in prop::collection::btree_map(".{1,12}", ".{0,20}", 0..12)) {
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
