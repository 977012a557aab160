//! The elements that all answers with credentials have.

use super::xml::Element;
use secrecy::ExposeSecret as _;
use stagedoor_session::{Credentials, Session};

pub(super) fn credentials(credentials: &Credentials) -> Element<'static> {
    let expiration = credentials.expires_at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    Element::group(
        "Credentials",
        vec![
            Element::text("AccessKeyId", credentials.access_key_id.clone()),
            Element::text("SecretAccessKey", credentials.secret_access_key.expose_secret().to_owned()),
            Element::text("SessionToken", credentials.session_token.expose_secret().to_owned()),
            Element::text("Expiration", expiration),
        ],
    )
}

pub(super) fn assumed_role_user(session: &Session) -> Element<'static> {
    Element::group(
        "AssumedRoleUser",
        vec![Element::text("Arn", session.arn()), Element::text("AssumedRoleId", session.user_id())],
    )
}

/// What an answer has only when there is something to tell.
pub(super) fn extras(packed_policy_size: Option<u8>, session: &Session) -> Vec<Element<'static>> {
    let size = packed_policy_size.map(|size| Element::text("PackedPolicySize", size.to_string()));
    let identity = session.source_identity.clone().map(|identity| Element::text("SourceIdentity", identity));
    size.into_iter().chain(identity).collect()
}
