//! `AssumeRoleWithWebIdentity`: a token in, temporary credentials out. The request is not signed.

use super::answer::{Answer, Operation};
use super::constraint::{ARN, Check, NAME, POLICY, Text};
use super::error::AwsError;
use super::form::Form;
use super::xml::Element;
use secrecy::ExposeSecret as _;
use stagedoor_authority::{AssumeWithWebIdentity, Assumed, Authority, Caller};
use std::time::Duration;

const ROLE_ARN: Text = Text { least: 20, most: 2048, characters: Some(&ARN), sensitive: false };
const SESSION_NAME: Text = Text { least: 2, most: 64, characters: Some(&NAME), sensitive: false };
const TOKEN: Text = Text { least: 4, most: 20_000, characters: None, sensitive: true };
const PROVIDER_ID: Text = Text { least: 4, most: 2048, characters: None, sensitive: false };
const SESSION_POLICY: Text = Text { least: 1, most: 2048, characters: Some(&POLICY), sensitive: false };

pub(super) const OPERATION: Operation = Operation {
    name: "AssumeRoleWithWebIdentity",
    response: "AssumeRoleWithWebIdentityResponse",
    result: "AssumeRoleWithWebIdentityResult",
};

pub(super) async fn answer(authority: &Authority, form: &Form, caller: &Caller) -> Result<Answer, AwsError> {
    let assumed = authority.assume_role_with_web_identity(request(form)?, caller).await?;
    Ok(Answer {
        operation: &OPERATION,
        result: result(&assumed),
        decision: assumed.decision_id,
        receipt: assumed.receipt,
    })
}

fn request(form: &Form) -> Result<AssumeWithWebIdentity, AwsError> {
    let mut check = Check::new(form);
    let role_arn = check.required("RoleArn", &ROLE_ARN);
    let session_name = check.required("RoleSessionName", &SESSION_NAME);
    let token = check.required_line("WebIdentityToken", &TOKEN);
    let provider_id = check.optional("ProviderId", &PROVIDER_ID);
    let policy_arns = check.list("PolicyArns", "arn", 10, &ROLE_ARN);
    let policy = check.optional("Policy", &SESSION_POLICY);
    let duration = check.number("DurationSeconds", 900, 43_200);
    check.finish()?;
    Ok(AssumeWithWebIdentity {
        role_arn: role_arn.to_owned(),
        session_name: session_name.to_owned(),
        token: token.into(),
        duration: duration.map(Duration::from_secs),
        policy: policy.map(str::to_owned),
        policy_arns: policy_arns.into_iter().map(str::to_owned).collect(),
        provider_id: provider_id.map(str::to_owned),
    })
}

fn result(assumed: &Assumed) -> Vec<Element<'static>> {
    let credentials = &assumed.credentials;
    let session = &assumed.session;
    let mut elements = vec![
        Element::text("SubjectFromWebIdentityToken", assumed.subject.clone()),
        Element::text("Audience", assumed.audience.clone()),
        Element::group(
            "AssumedRoleUser",
            vec![Element::text("Arn", session.arn()), Element::text("AssumedRoleId", session.user_id())],
        ),
        Element::group(
            "Credentials",
            vec![
                Element::text("AccessKeyId", credentials.access_key_id.clone()),
                Element::text("SecretAccessKey", credentials.secret_access_key.expose_secret().to_owned()),
                Element::text("SessionToken", credentials.session_token.expose_secret().to_owned()),
                Element::text(
                    "Expiration",
                    credentials.expires_at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
                ),
            ],
        ),
        Element::text("Provider", assumed.provider.clone()),
    ];
    if let Some(size) = assumed.packed_policy_size {
        elements.push(Element::text("PackedPolicySize", size.to_string()));
    }
    if let Some(source_identity) = &session.source_identity {
        elements.push(Element::text("SourceIdentity", source_identity.clone()));
    }
    elements
}
