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

    /// The values of `<list>.member.<n>.<field>`, or of `<list>.member.<n>` without a field, in the order of n, which
    /// need not be without gaps.
    pub(crate) fn list(&self, list: &str, field: Option<&str>) -> Vec<&str> {
        let members = self.members(list).filter(|(_, end, _)| *end == field);
        let ordered: BTreeMap<u32, &str> = members.map(|(number, _, value)| (number, value)).collect();
        ordered.into_values().collect()
    }

    /// The same for a list whose members have two fields.
    pub(crate) fn pairs(&self, list: &str, first: &str, second: &str) -> Vec<(Option<&str>, Option<&str>)> {
        let mut ordered: BTreeMap<u32, (Option<&str>, Option<&str>)> = BTreeMap::new();
        for (number, field, value) in self.members(list) {
            let pair = ordered.entry(number).or_default();
            if field == Some(first) {
                pair.0 = Some(value);
            } else if field == Some(second) {
                pair.1 = Some(value);
            }
        }
        ordered.into_values().collect()
    }

    fn members<'a>(&'a self, list: &str) -> impl Iterator<Item = (u32, Option<&'a str>, &'a str)> {
        self.0.iter().filter_map(move |(name, value)| {
            let rest = name.strip_prefix(list)?.strip_prefix(".member.")?;
            let (number, field) = match rest.split_once('.') {
                Some((number, field)) => (number, Some(field)),
                None => (rest, None),
            };
            Some((number.parse().ok()?, field, value.as_str()))
        })
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
        assert_eq!(form.list("PolicyArns", Some("arn")), ["a", "b", "c"]);
        assert!(form.list("PolicyArns", None).is_empty());
        assert!(form.list("Policy", Some("arn")).is_empty());
        let form =
            Form::parse(b"Keys.member.2=b&Keys.member.1=a&T.member.3.Value=x&T.member.1.Key=k").unwrap();
        assert_eq!(form.list("Keys", None), ["a", "b"]);
        assert_eq!(form.pairs("T", "Key", "Value"), [(Some("k"), None), (None, Some("x"))]);
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
