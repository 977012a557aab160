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
    ($( $(#[doc = $doc:literal])+ $variant:ident = $code:literal, $class:ident, $aws:literal; )+) => {
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

            /// The code that AWS has for it, at the STS door and as `errorCode` in the record.
            pub const fn aws_code(self) -> &'static str {
                match self { $( Reason::$variant => $aws, )+ }
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
    TokenMalformed = "token_malformed", Unauthenticated, "InvalidIdentityToken";
    /// The token is larger than is read. Ask the issuer for fewer claims.
    TokenTooLarge = "token_too_large", Unauthenticated, "InvalidIdentityToken";
    /// The token's signature algorithm is not among those the issuer's file allows.
    TokenAlgorithmRefused = "token_algorithm_refused", Unauthenticated, "InvalidIdentityToken";
    /// The token's `typ` header is not one that its provider sets. Send the token that is meant for this use.
    TokenTypeRefused = "token_type_refused", Unauthenticated, "InvalidIdentityToken";
    /// The token has a `crit` header, and none is understood here.
    TokenCriticalHeader = "token_critical_header", Unauthenticated, "InvalidIdentityToken";
    /// No configured issuer has exactly the token's `iss`. Compare byte for byte: scheme, path and trailing slash count.
    TokenIssuerUnknown = "token_issuer_unknown", Unauthenticated, "InvalidIdentityToken";
    /// The signature does not verify with the issuer's key: the token was altered or signed by someone else.
    TokenSignatureInvalid = "token_signature_invalid", Unauthenticated, "InvalidIdentityToken";
    /// The issuer publishes no key with the token's `kid`, also after a fresh look.
    TokenKeyUnknown = "token_key_unknown", Unauthenticated, "InvalidIdentityToken";
    /// The issuer's key does not fit the token's algorithm.
    TokenKeyUnsuitable = "token_key_unsuitable", Unauthenticated, "InvalidIdentityToken";
    /// The token's `exp` has passed. Ask the issuer for a fresh one.
    TokenExpired = "token_expired", Unauthenticated, "ExpiredTokenException";
    /// The token's `nbf` or `iat` lies in the future. Compare the clocks.
    TokenNotYetValid = "token_not_yet_valid", Unauthenticated, "InvalidIdentityToken";
    /// The token lives longer than its issuer's file allows.
    TokenLifetimeTooLong = "token_lifetime_too_long", Unauthenticated, "InvalidIdentityToken";
    /// The token was made for another audience than the issuer's file lists.
    TokenAudienceMismatch = "token_audience_mismatch", Unauthenticated, "InvalidIdentityToken";
    /// The token has several audiences and no `azp`.
    TokenAuthorizedPartyMissing = "token_authorized_party_missing", Unauthenticated, "InvalidIdentityToken";
    /// A claim that every token must carry is missing.
    TokenClaimMissing = "token_claim_missing", Unauthenticated, "InvalidIdentityToken";
    /// A claim has the wrong type or an impossible value.
    TokenClaimInvalid = "token_claim_invalid", Unauthenticated, "InvalidIdentityToken";
    /// The token fails a check that has no code of its own.
    TokenRefused = "token_refused", Unauthenticated, "InvalidIdentityToken";
    /// The issuer's tokens are good for one exchange (`single_use`), and this one was used before.
    TokenReplayed = "token_replayed", Unauthenticated, "InvalidIdentityToken";
    /// The token's `https://aws.amazon.com/roles` claim does not list the role asked for.
    TokenRoleNotListed = "token_role_not_listed", Unauthenticated, "InvalidIdentityToken";
    /// The issuer's keys could not be fetched and none are kept. It may pass: try again.
    IssuerUnreachable = "issuer_unreachable", Unavailable, "IDPCommunicationError";

    /// The request carries no credential.
    CredentialsMissing = "credentials_missing", Unauthenticated, "MissingAuthenticationToken";
    /// The request's credential cannot be read.
    CredentialsMalformed = "credentials_malformed", Unauthenticated, "IncompleteSignature";
    /// The request carries more than one set of credentials. Send one.
    CredentialsAmbiguous = "credentials_ambiguous", Unauthenticated, "IncompleteSignature";
    /// A part of the request's credential is longer than any honest one.
    RequestTooLarge = "request_too_large", Unauthenticated, "IncompleteSignature";
    /// An access key came without its session token. There are no long-lived keys here.
    SessionTokenMissing = "session_token_missing", Unauthenticated, "InvalidClientTokenId";
    /// The access key is not the one that the session token was made with.
    AccessKeyMismatch = "access_key_mismatch", Unauthenticated, "InvalidClientTokenId";
    /// The session token was not sealed by this Stagedoor, was altered, or its key is gone.
    SessionTokenInvalid = "session_token_invalid", Unauthenticated, "InvalidClientTokenId";
    /// The session has ended. Assume the role again.
    SessionExpired = "session_expired", Unauthenticated, "ExpiredToken";
    /// The session, or one that it was made from, was revoked. Exchange a token anew, if you still may.
    SessionRevoked = "session_revoked", Unauthenticated, "InvalidClientTokenId";
    /// The request's signature does not match what was received.
    SignatureMismatch = "signature_mismatch", Unauthenticated, "SignatureDoesNotMatch";
    /// The request was signed too long ago.
    SignatureExpired = "signature_expired", Unauthenticated, "SignatureDoesNotMatch";
    /// The request's time is too far from the server's. Compare the clocks.
    ClockSkew = "clock_skew", Unauthenticated, "SignatureDoesNotMatch";
    /// The request was signed for another region, service or day.
    ScopeMismatch = "scope_mismatch", Unauthenticated, "SignatureDoesNotMatch";
    /// A header that must be signed is not.
    HeaderNotSigned = "header_not_signed", Unauthenticated, "SignatureDoesNotMatch";
    /// A signed header did not arrive. Look for a proxy that removes it.
    SignedHeaderAbsent = "signed_header_absent", Unauthenticated, "SignatureDoesNotMatch";
    /// The signature covers the body without declaring its hash, and the body is too large to be read for it.
    BodyHashNeeded = "body_hash_needed", Unauthenticated, "SignatureDoesNotMatch";
    /// The body is signed in a way that is not accepted here. Send its hash in `X-Amz-Content-Sha256`.
    PayloadUnsupported = "payload_unsupported", Unauthenticated, "SignatureDoesNotMatch";
    /// The body does not have the hash that was signed.
    PayloadMismatch = "payload_mismatch", Unauthenticated, "SignatureDoesNotMatch";
    /// A parameter or header that must be single came twice.
    DuplicateParameter = "duplicate_parameter", Unauthenticated, "IncompleteSignature";
    /// The credential fails a check that has no code of its own.
    CredentialsRefused = "credentials_refused", Unauthenticated, "InvalidClientTokenId";

    /// A parameter is missing or out of its documented bounds.
    RequestInvalid = "request_invalid", Invalid, "ValidationError";
    /// The request names a `ProviderId`, which OpenID Connect tokens must not have.
    ProviderIdNotAllowed = "provider_id_not_allowed", Invalid, "InvalidParameterValue";
    /// The duration asked for is more than the role's `max_session`.
    DurationTooLong = "duration_too_long", Invalid, "ValidationError";
    /// The session policy is no valid policy document.
    SessionPolicyMalformed = "session_policy_malformed", Invalid, "MalformedPolicyDocument";
    /// The session policies and tags together take more room than a session token has.
    SessionPolicyTooLarge = "session_policy_too_large", Invalid, "PackedPolicyTooLarge";
    /// The session comes from eight others already. Exchange a token anew.
    ChainTooLong = "chain_too_long", Invalid, "ValidationError";
    /// Session tags are out of their bounds, come twice, or collide with those that the calling session hands down.
    TagsInvalid = "tags_invalid", Invalid, "InvalidParameterValue";
    /// The encoded authorization message is not ours, was altered, or is older than 24 hours.
    MessageInvalid = "message_invalid", Invalid, "InvalidAuthorizationMessageException";
    /// A session policy ARN names no policy that is known here.
    SessionPolicyUnknown = "session_policy_unknown", Invalid, "InvalidParameterValue";

    /// No role has the ARN asked for. The caller sees the same answer as for a trust policy that does not allow.
    RoleUnknown = "role_unknown", Denied, "AccessDenied";
    /// No statement of the role's trust policy allows this token or session.
    TrustNotGranted = "trust_not_granted", Denied, "AccessDenied";
    /// A statement of the role's trust policy denies this token or session.
    TrustDenied = "trust_denied", Denied, "AccessDenied";
    /// The new session would have session tags and the trust policy does not allow `sts:TagSession`.
    TagSessionNotGranted = "tag_session_not_granted", Denied, "AccessDenied";
    /// The new session would have a source identity and the trust policy does not allow `sts:SetSourceIdentity`.
    SourceIdentityNotGranted = "source_identity_not_granted", Denied, "AccessDenied";
    /// The calling session's own policies do not allow `sts:AssumeRole` on the role, which trusts its account only.
    AssumeNotGranted = "assume_not_granted", Denied, "AccessDenied";
    /// A policy of the calling session denies `sts:AssumeRole` on the role.
    AssumeDenied = "assume_denied", Denied, "AccessDenied";
    /// A session that was made by `GetSessionToken` or `GetFederationToken`, or that has an actor, may not call this
    /// operation.
    SessionCannotCall = "session_cannot_call", Denied, "AccessDenied";
    /// The request names a device (`SerialNumber`, `TokenCode`); sessions have none.
    DeviceUnknown = "device_unknown", Denied, "AccessDenied";
    /// The calling session has a source identity, and another one was asked for.
    SourceIdentityFixed = "source_identity_fixed", Denied, "AccessDenied";
    /// The session's role is no longer in the configuration, so the session has no rights.
    RoleRemoved = "role_removed", Denied, "InvalidClientTokenId";
    /// No policy of the session's role allows the action on the resource.
    PermissionNotGranted = "permission_not_granted", Denied, "AccessDenied";
    /// A policy denies the action on the resource.
    PermissionDenied = "permission_denied", Denied, "AccessDenied";
    /// The session was made for other gates than this one.
    GateNotInSession = "gate_not_in_session", Denied, "AccessDenied";
    /// The subject's token names in `may_act` who may act for it, and the actor is another.
    ActorNotNamed = "actor_not_named", Denied, "AccessDenied";
    /// A `resource` of a token exchange names no gate.
    TargetUnknown = "target_unknown", Invalid, "ValidationError";

    /// A changed configuration has errors and was not taken over. Run `stagedoor check`.
    ConfigurationInvalid = "configuration_invalid", Invalid, "ValidationError";
    /// The server's clock cannot be trusted: it stands before 2020 or has jumped back. Mend it and restart.
    ClockUnusable = "clock_unusable", Unavailable, "ServiceUnavailable";
    /// The decision could not be recorded, so nothing was issued or forwarded. Look at the audit directory.
    AuditUnavailable = "audit_unavailable", Unavailable, "ServiceUnavailable";
    /// The issuer or the subject has had as many exchanges as `[rate_limits]` lets through. Come again later.
    Throttled = "throttled", Unavailable, "Throttling";
    /// The store has been silent for longer than `max_staleness`: which sessions are revoked is not known.
    RevocationsUnknown = "revocations_unknown", Unavailable, "ServiceUnavailable";
    /// The store does not answer, so nobody can tell whether a token that is good once was used before.
    StoreUnavailable = "store_unavailable", Unavailable, "ServiceUnavailable";
    /// The credential could not be made.
    IssuingFailed = "issuing_failed", Unavailable, "InternalFailure";
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
            | Reason::AssumeNotGranted
            | Reason::AssumeDenied
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
    fn sdks_retry_only_unreachable_issuers() {
        let retried: Vec<_> =
            Reason::ALL.iter().filter(|reason| reason.aws_code() == "IDPCommunicationError").collect();
        assert_eq!(retried, [&Reason::IssuerUnreachable]);
    }

    #[test]
    fn an_unknown_role_and_a_denied_trust_look_alike() {
        assert_eq!(Reason::RoleUnknown.public_code(), Reason::TrustNotGranted.public_code());
        assert_eq!(Reason::RoleUnknown.public_code(), Reason::TrustDenied.public_code());
        assert_eq!(Reason::RoleUnknown.class(), Reason::TrustNotGranted.class());
        assert_eq!(Reason::RoleUnknown.aws_code(), Reason::TrustNotGranted.aws_code());
    }
}
