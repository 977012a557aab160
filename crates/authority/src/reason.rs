//! Why a request was refused: one list of stable codes for every door and gate.

use std::fmt;

/// What a caller can do about a refusal, in the coarsest terms. A door maps it to its protocol's status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Class {
    /// The request itself is malformed or out of bounds; sending it again unchanged cannot help.
    Invalid,
    /// The token or credential does not prove who is calling.
    Unauthenticated,
    /// The caller is known and a policy does not allow what was asked.
    Denied,
    /// Stagedoor cannot answer safely just now; the same request may succeed later.
    Unavailable,
}

macro_rules! reasons {
    ($( $(#[doc = $doc:literal])+ $variant:ident = $code:literal, $class:ident; )+) => {
        /// The reason of a refusal. The code is stable: scripts, alarms and the audit log rely on it.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum Reason { $( $(#[doc = $doc])+ $variant, )+ }

        impl Reason {
            /// Every reason, in the order of the reference.
            pub const ALL: &'static [Reason] = &[ $( Reason::$variant, )+ ];

            /// The stable code, in `snake_case`.
            pub const fn code(self) -> &'static str {
                match self { $( Reason::$variant => $code, )+ }
            }

            /// What a caller can do about it.
            pub const fn class(self) -> Class {
                match self { $( Reason::$variant => Class::$class, )+ }
            }

            /// The reference text: what happened and the next step.
            pub const fn docs(self) -> &'static str {
                match self { $( Reason::$variant => concat!($($doc),+).trim_ascii(), )+ }
            }
        }
    };
}

reasons! {
    /// The token is not a compact JWS with a JSON object inside. Check that the whole token reached the request.
    TokenMalformed = "token_malformed", Unauthenticated;
    /// The token is larger than is read. Ask the issuer for fewer claims.
    TokenTooLarge = "token_too_large", Unauthenticated;
    /// The token's signature algorithm is not among those the issuer's file allows.
    TokenAlgorithmRefused = "token_algorithm_refused", Unauthenticated;
    /// No configured issuer has exactly the token's `iss`. Compare byte for byte: scheme, path and trailing slash count.
    TokenIssuerUnknown = "token_issuer_unknown", Unauthenticated;
    /// The signature does not verify with the issuer's key: the token was altered or signed by someone else.
    TokenSignatureInvalid = "token_signature_invalid", Unauthenticated;
    /// The issuer publishes no key with the token's `kid`, also after a fresh look.
    TokenKeyUnknown = "token_key_unknown", Unauthenticated;
    /// The token's `exp` has passed. Ask the issuer for a fresh one.
    TokenExpired = "token_expired", Unauthenticated;
    /// The token's `nbf` or `iat` lies in the future. Compare the clocks.
    TokenNotYetValid = "token_not_yet_valid", Unauthenticated;
    /// The token was made for another audience than the issuer's file lists.
    TokenAudienceMismatch = "token_audience_mismatch", Unauthenticated;
    /// A claim that every token must carry is missing.
    TokenClaimMissing = "token_claim_missing", Unauthenticated;
    /// A claim has the wrong type or an impossible value.
    TokenClaimInvalid = "token_claim_invalid", Unauthenticated;
    /// The token fails a check that has no code of its own.
    TokenRefused = "token_refused", Unauthenticated;
    /// The token's `https://aws.amazon.com/roles` claim does not list the role asked for.
    TokenRoleNotListed = "token_role_not_listed", Unauthenticated;
    /// The session tags in the token break a limit: at most 50, keys of 1 to 128 and values of up to 256 characters.
    TokenTagsInvalid = "token_tags_invalid", Unauthenticated;
    /// The source identity in the token is not 2 to 64 characters of `[\w+=,.@-]`.
    TokenSourceIdentityInvalid = "token_source_identity_invalid", Unauthenticated;
    /// The issuer's keys could not be fetched and none are kept. It may pass: try again.
    IssuerUnreachable = "issuer_unreachable", Unavailable;

    /// The request carries no credential.
    CredentialsMissing = "credentials_missing", Unauthenticated;
    /// The request's credential cannot be read.
    CredentialsMalformed = "credentials_malformed", Unauthenticated;
    /// The session token was not sealed by this Stagedoor, was altered, or its key is gone.
    SessionTokenInvalid = "session_token_invalid", Unauthenticated;
    /// The session has ended. Assume the role again.
    SessionExpired = "session_expired", Unauthenticated;
    /// The request's signature does not match what was received.
    SignatureMismatch = "signature_mismatch", Unauthenticated;
    /// The request was signed too long ago.
    SignatureExpired = "signature_expired", Unauthenticated;
    /// The request's time is too far from the server's. Compare the clocks.
    ClockSkew = "clock_skew", Unauthenticated;
    /// The request was signed for another region, service or day.
    ScopeMismatch = "scope_mismatch", Unauthenticated;
    /// A header that must be signed is not.
    HeaderNotSigned = "header_not_signed", Unauthenticated;
    /// The body does not have the hash that was signed.
    PayloadMismatch = "payload_mismatch", Unauthenticated;
    /// A parameter or header that must be single came twice.
    DuplicateParameter = "duplicate_parameter", Unauthenticated;
    /// The credential fails a check that has no code of its own.
    CredentialsRefused = "credentials_refused", Unauthenticated;

    /// A parameter is missing or out of its documented bounds.
    RequestInvalid = "request_invalid", Invalid;
    /// The request names a `ProviderId`, which OpenID Connect tokens must not have.
    ProviderIdNotAllowed = "provider_id_not_allowed", Invalid;
    /// The duration asked for is more than the role's `max_session`.
    DurationTooLong = "duration_too_long", Invalid;
    /// The session policy is no valid policy document.
    SessionPolicyMalformed = "session_policy_malformed", Invalid;
    /// The session policies and tags together take more room than a session token has.
    SessionPolicyTooLarge = "session_policy_too_large", Invalid;
    /// A session policy ARN names no policy that is known here.
    SessionPolicyUnknown = "session_policy_unknown", Invalid;

    /// No role has the ARN asked for. The caller sees the same answer as for a trust policy that does not allow.
    RoleUnknown = "role_unknown", Denied;
    /// No statement of the role's trust policy allows this token.
    TrustNotGranted = "trust_not_granted", Denied;
    /// A statement of the role's trust policy denies this token.
    TrustDenied = "trust_denied", Denied;
    /// The token carries session tags and the trust policy does not allow `sts:TagSession`.
    TagSessionNotGranted = "tag_session_not_granted", Denied;
    /// The token carries a source identity and the trust policy does not allow `sts:SetSourceIdentity`.
    SourceIdentityNotGranted = "source_identity_not_granted", Denied;
    /// The session's role is no longer in the configuration, so the session has no rights.
    RoleRemoved = "role_removed", Denied;
    /// No policy of the session's role allows the action on the resource.
    PermissionNotGranted = "permission_not_granted", Denied;
    /// A policy denies the action on the resource.
    PermissionDenied = "permission_denied", Denied;

    /// The server's clock cannot be trusted: it stands before 2020 or has jumped back. Mend it and restart.
    ClockUnusable = "clock_unusable", Unavailable;
    /// The decision could not be recorded, so nothing was issued or forwarded. Look at the audit directory.
    AuditUnavailable = "audit_unavailable", Unavailable;
    /// The credential could not be made.
    IssuingFailed = "issuing_failed", Unavailable;
}

impl Reason {
    /// The reason with this code.
    pub fn from_code(code: &str) -> Option<Reason> {
        Reason::ALL.iter().copied().find(|reason| reason.code() == code)
    }

    /// The code that a caller may see. Refusals that would tell an outsider whether a role exists share one.
    pub const fn public_code(self) -> &'static str {
        match self {
            Reason::RoleUnknown
            | Reason::TrustNotGranted
            | Reason::TrustDenied
            | Reason::TagSessionNotGranted
            | Reason::SourceIdentityNotGranted => "access_denied",
            other => other.code(),
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn codes_are_unique_snake_case_and_documented() {
        let mut seen = HashSet::new();
        for reason in Reason::ALL {
            assert!(seen.insert(reason.code()), "{reason} twice");
            assert!(reason.code().bytes().all(|b| b.is_ascii_lowercase() || b == b'_'), "{reason}");
            assert!(reason.docs().ends_with('.'), "{reason}: {}", reason.docs());
            assert_eq!(Reason::from_code(reason.code()), Some(*reason));
        }
    }

    #[test]
    fn an_unknown_role_and_a_denied_trust_look_alike() {
        assert_eq!(Reason::RoleUnknown.public_code(), Reason::TrustNotGranted.public_code());
        assert_eq!(Reason::RoleUnknown.public_code(), Reason::TrustDenied.public_code());
        assert_eq!(Reason::RoleUnknown.class(), Reason::TrustNotGranted.class());
    }
}
