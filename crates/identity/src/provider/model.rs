//! What an entry of the catalogue says.

/// One form of a provider's issuer URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IssuerForm {
    /// The URL, with parameters in braces.
    pub url: &'static str,
    /// Whether all customers of the provider share it, so that the audience alone proves nothing.
    pub shared: bool,
    /// Whether it holds a name that can be given up and taken by someone else.
    pub name_based: bool,
    /// When the provider uses it.
    pub when: &'static str,
}

/// What a provider puts into `aud`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Audience {
    /// The default, with parameters in braces; absent where each job or application chooses.
    pub default: Option<&'static str>,
    /// Whether it can be an array.
    pub array: bool,
    /// How a job chooses it; absent where it cannot.
    pub chosen_by: Option<&'static str>,
    /// What stands for it in tokens without `aud`.
    pub substitute: Option<Substitute>,
}

/// A claim that stands for `aud` in some tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Substitute {
    /// The claim that is taken for the audience.
    pub claim: &'static str,
    /// The claim that says so, and the value with which it does.
    pub when: (&'static str, &'static str),
}

/// One form of `sub`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Subject {
    /// The form, with parts in braces that vary; other braces are doubled.
    pub template: &'static str,
    /// When it applies.
    pub when: &'static str,
}

/// One claim of a provider's tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Claim {
    /// Its name, nested names joined by `/`.
    pub name: &'static str,
    /// Its JSON type.
    pub form: Form,
    /// Who determines its value, and whether it stays.
    pub mutability: Mutability,
    /// When it is present.
    pub presence: Presence,
    /// What it says.
    pub about: &'static str,
}

/// The JSON type of a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A string.
    Text,
    /// A number.
    Number,
    /// `true` or `false`, not as a string.
    Boolean,
    /// An array of strings.
    List,
    /// A string or an array of strings.
    TextOrList,
    /// An array of objects, or an object.
    Object,
}

/// Who determines a claim's value, and whether it stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mutability {
    /// An identifier that is never given to anything else.
    ImmutableId,
    /// A name that can be changed, and taken by someone else.
    Name,
    /// A setting that administrators control.
    Setting,
    /// Different for each run or token.
    Run,
    /// A value that anyone who can push or start a run can choose.
    AttackerChosen,
}

/// When a claim is present.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// In every token.
    Always,
    /// In some tokens: when.
    When(&'static str),
    /// Seen by third parties only, or sources conflict: do not rely on it.
    Uncertain(&'static str),
}

/// A demand that a provider's tokens must meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Demand {
    /// The claim must be a string that is one of these.
    OneOf(&'static str, &'static [&'static str]),
    /// The claim must be a non-empty string.
    Text(&'static str),
}

/// Which claims make a [`crate::Provenance`]; the first source present is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each field is the one of the same name in `Provenance`")]
pub struct ProvenanceMap {
    pub repository: &'static [Source],
    pub reference: &'static [Source],
    pub commit: &'static [Source],
    pub run: &'static [Source],
    pub job: &'static [Source],
    pub environment: &'static [Source],
    pub pull_request: &'static [Source],
    pub actor: &'static [Source],
}

impl ProvenanceMap {
    /// Nothing is known.
    pub(crate) const NONE: ProvenanceMap = ProvenanceMap {
        repository: &[],
        reference: &[],
        commit: &[],
        run: &[],
        job: &[],
        environment: &[],
        pull_request: &[],
        actor: &[],
    };
}

/// Where one field of a [`crate::Provenance`] comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The value of a claim.
    Claim(&'static str),
    /// The part of a claim's value after the first `before` and up to the next `after` (the rest if empty).
    Between {
        /// The claim.
        claim: &'static str,
        /// What precedes the part.
        before: &'static str,
        /// What follows it.
        after: &'static str,
    },
}

/// An entry for a claim that every token has.
pub(super) const fn always(
    name: &'static str,
    form: Form,
    mutability: Mutability,
    about: &'static str,
) -> Claim {
    Claim { name, form, mutability, presence: Presence::Always, about }
}

/// An entry for a claim that only some tokens have.
pub(super) const fn sometimes(
    name: &'static str,
    form: Form,
    mutability: Mutability,
    when: &'static str,
    about: &'static str,
) -> Claim {
    Claim { name, form, mutability, presence: Presence::When(when), about }
}

/// An entry for a claim that is not well attested.
pub(super) const fn uncertain(
    name: &'static str,
    form: Form,
    mutability: Mutability,
    why: &'static str,
    about: &'static str,
) -> Claim {
    Claim { name, form, mutability, presence: Presence::Uncertain(why), about }
}
