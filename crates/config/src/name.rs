//! The names that files and folders give to what they hold.

/// A name as it may stand in an ARN of a gate, an issuer or a boundary.
pub(crate) const PLAIN: &str =
    "1 to 64 letters, digits, `.`, `_` and `-`, beginning with a letter or a digit";
/// A role's name, as IAM has it.
pub(crate) const ROLE: &str = "1 to 64 letters, digits and `_+=,.@-`, as IAM's role names";

/// Whether `name` is [`PLAIN`].
pub(crate) fn is_plain(name: &str) -> bool {
    name.len() <= 64
        && name.starts_with(|c: char| c.is_ascii_alphanumeric())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b))
}

/// Whether `name` is [`ROLE`]: IAM `CreateRole`, parameter `RoleName`.
pub(crate) fn is_role(name: &str) -> bool {
    (1..=64).contains(&name.len())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"_+=,.@-".contains(&b))
}
