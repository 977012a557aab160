//! Decimal numbers of any length, compared exactly: identifiers often exceed what a float can hold.

use std::cmp::Ordering;

/// A decimal number inside a text.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Decimal<'a> {
    negative: bool,
    /// Without leading zeros.
    whole: &'a [u8],
    /// Without trailing zeros.
    fraction: &'a [u8],
}

impl<'a> Decimal<'a> {
    /// Reads an integer or a decimal such as `-12.50`; no exponent, no spaces.
    pub(crate) fn parse(text: &'a str) -> Option<Self> {
        let (negative, digits) = match text.as_bytes() {
            [b'-', digits @ ..] => (true, digits),
            [b'+', digits @ ..] => (false, digits),
            digits => (false, digits),
        };
        let point = digits.iter().position(|byte| *byte == b'.');
        let (whole, fraction) = match point {
            Some(at) => (digits.get(..at)?, digits.get(at + 1..)?),
            None => (digits, &[][..]),
        };
        if whole.is_empty() && fraction.is_empty() || !whole.iter().chain(fraction).all(u8::is_ascii_digit) {
            return None;
        }
        let zeros = whole.iter().take_while(|byte| **byte == b'0').count();
        let used = fraction.len() - fraction.iter().rev().take_while(|byte| **byte == b'0').count();
        let (whole, fraction) = (whole.get(zeros..)?, fraction.get(..used)?);
        Some(Self { negative: negative && !(whole.is_empty() && fraction.is_empty()), whole, fraction })
    }

    /// The digits before the point, without leading zeros, and after it, without trailing ones.
    pub(crate) fn digits(self) -> (&'a [u8], &'a [u8]) {
        (self.whole, self.fraction)
    }

    pub(crate) fn is_negative(self) -> bool {
        self.negative
    }

    pub(crate) fn compare(self, other: Decimal<'_>) -> Ordering {
        match (self.negative, other.negative) {
            (false, true) => Ordering::Greater,
            (true, false) => Ordering::Less,
            (false, false) => self.magnitude(other),
            (true, true) => other.magnitude(self),
        }
    }

    fn magnitude(self, other: Decimal<'_>) -> Ordering {
        let whole = self.whole.len().cmp(&other.whole.len()).then_with(|| self.whole.cmp(other.whole));
        whole.then_with(|| self.fraction.cmp(other.fraction))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exact_order() {
        let sorted = [
            "-10",
            "-9.5",
            "-9",
            "-0.1",
            "0",
            "0.05",
            "0.5",
            "1",
            "9",
            "10",
            "9007199254740992",
            "9007199254740993",
            "123456789012345678901234567890",
            "123456789012345678901234567890.5",
        ];
        for (left, a) in sorted.iter().enumerate() {
            for (right, b) in sorted.iter().enumerate() {
                let compared = Decimal::parse(a).unwrap().compare(Decimal::parse(b).unwrap());
                assert_eq!(compared, left.cmp(&right), "{a} and {b}");
            }
        }
    }

    #[test]
    fn spellings_of_one_number() {
        for (a, b) in [("1", "1.0"), ("1", "+1"), ("01", "1"), (".5", "0.50"), ("-0", "0"), ("5.", "5")] {
            assert!(Decimal::parse(a).unwrap().compare(Decimal::parse(b).unwrap()).is_eq(), "{a} and {b}");
        }
    }

    #[test]
    fn not_numbers() {
        for text in ["", ".", "-", "10abc", "1e3", " 1", "1 ", "0x10", "1.2.3", "--1", "NaN", "١"] {
            assert!(Decimal::parse(text).is_none(), "{text}");
        }
    }
}
