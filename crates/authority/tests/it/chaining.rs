//! From one session to another.

use crate::house::{
    ACCOUNT, House, Role, caller, next, orders, policy, role_arn, signed, trust, trusts, trusts_audience,
};
use serde_json::{Value, json};
use stagedoor_authority::{AssumeRole, Assumed, Reason};
use stagedoor_session::{Credentials, MAX_ANCESTORS};
use std::time::Duration;

const ASSUME: &[&str] = &["sts:AssumeRole"];

/// The role that a token opens, with these permissions.
fn first(permissions: Value) -> Role {
    let actions = ["sts:AssumeRoleWithWebIdentity", "sts:TagSession", "sts:SetSourceIdentity"];
    let condition = json!({ "StringEquals": { "PREFIX:aud": "stagedoor" } });
    Role::new("first", policy(json!([trust("Allow", &actions, condition)]))).permissions(permissions)
}

fn allows(actions: &[&str], resource: &str) -> Value {
    json!([{ "Effect": "Allow", "Action": actions, "Resource": resource }])
}

async fn opened(house: &House, claims: Value) -> Assumed {
    house.assume("first", &claims).await.unwrap()
}

async fn refused(house: &House, from: &Credentials, asked: AssumeRole) -> Reason {
    let refusal = house.chain(from, asked).await.unwrap_err();
    let record = house.record(&refusal.decision_id);
    assert_eq!(record.stagedoor.reason.as_deref(), Some(refusal.reason.code()));
    assert_eq!(record.event_name, "AssumeRole");
    refusal.reason
}

#[tokio::test]
async fn a_chained_session_knows_where_it_comes_from() {
    let house = House::open(&[
        first(json!([])),
        Role::new("second", trusts(&role_arn("first"), ASSUME, json!({})))
            .settings("max_session = \"12h\"\n"),
        Role::new("third", trusts(&role_arn("second"), ASSUME, json!({}))),
    ])
    .await;
    let opened = opened(&house, json!({})).await;
    let second = house.chain(&opened.credentials, next("second")).await.unwrap();
    let session = &second.session;
    assert_eq!(session.arn(), format!("arn:aws:sts::{ACCOUNT}:assumed-role/second/next"));
    assert_eq!(session.parent(), Some(opened.session.id.as_str()));
    assert_eq!(session.federation, None);
    assert_eq!(session.root().unwrap().subject, "someone");
    assert_eq!(session.provenance, opened.session.provenance);
    assert_eq!(session.expires_at.duration_since(house.now()).as_secs(), 3600);
    assert_eq!(second.packed_policy_size, None);

    let record = house.record(&second.decision_id);
    assert_eq!(record.event_name, "AssumeRole");
    assert_eq!(record.user_identity.access_key_id, Some(opened.session.id.clone()));
    assert_eq!(record.stagedoor.session, Some(session.id.clone()));
    assert_eq!(record.stagedoor.parent, Some(opened.session.id.clone()));
    assert_eq!(record.stagedoor.role.as_deref(), Some("second"));
    assert_eq!(record.stagedoor.issuer.as_deref(), Some("ci"));
    assert_eq!(record.response_elements["assumedRoleUser"]["arn"], session.arn());
    assert_eq!(record.stagedoor.statement.unwrap().policy, "trust.json");

    let third = house.chain(&second.credentials, next("third")).await.unwrap();
    let ancestors: Vec<_> = third.session.lineage.ancestors.iter().map(|a| a.id.clone()).collect();
    assert_eq!(ancestors, [opened.session.id, second.session.id]);
    assert_eq!(third.session.root().unwrap().subject, "someone");
}

#[tokio::test]
async fn whom_a_trust_policy_names_decides_what_else_is_needed() {
    let roles = |permissions| {
        [
            first(permissions),
            Role::new("by-role", trusts(&role_arn("first"), ASSUME, json!({}))),
            Role::new("by-account", trusts(ACCOUNT, ASSUME, json!({}))),
            Role::new(
                "by-session",
                trusts(&format!("arn:aws:sts::{ACCOUNT}:assumed-role/first/build-42"), ASSUME, json!({})),
            ),
            Role::new(
                "other-session",
                trusts(&format!("arn:aws:sts::{ACCOUNT}:assumed-role/first/build-43"), ASSUME, json!({})),
            ),
            Role::new("other-account", trusts("210987654321", ASSUME, json!({}))),
        ]
    };
    let house = House::open(&roles(json!([]))).await;
    let from = opened(&house, json!({})).await.credentials;
    house.chain(&from, next("by-role")).await.unwrap();
    house.chain(&from, next("by-session")).await.unwrap();
    assert_eq!(refused(&house, &from, next("by-account")).await, Reason::AssumeNotGranted);
    assert_eq!(refused(&house, &from, next("other-session")).await, Reason::TrustNotGranted);
    assert_eq!(refused(&house, &from, next("other-account")).await, Reason::TrustNotGranted);
    assert_eq!(refused(&house, &from, next("ghost")).await, Reason::RoleUnknown);
    assert_eq!(refused(&house, &from, next("first")).await, Reason::TrustNotGranted);

    let house = House::open(&roles(allows(ASSUME, &role_arn("*")))).await;
    let from = opened(&house, json!({})).await.credentials;
    house.chain(&from, next("by-account")).await.unwrap();
    assert_eq!(refused(&house, &from, next("other-account")).await, Reason::TrustNotGranted);

    let denying = json!([{ "Effect": "Deny", "Action": "sts:AssumeRole", "Resource": role_arn("by-role") }]);
    let house = House::open(&roles(denying)).await;
    let from = opened(&house, json!({})).await.credentials;
    assert_eq!(refused(&house, &from, next("by-role")).await, Reason::AssumeDenied);
}

#[tokio::test]
async fn a_caller_cannot_tell_an_unknown_role_from_one_that_is_not_for_it() {
    let house = House::open(&[first(json!([])), Role::new("closed", trusts_audience())]).await;
    let from = opened(&house, json!({})).await.credentials;
    for role in ["ghost", "closed"] {
        let refusal = house.chain(&from, next(role)).await.unwrap_err();
        assert_eq!(refusal.reason.public_code(), "access_denied");
        assert_eq!(
            refusal.public,
            format!(
                "User: arn:aws:sts::{ACCOUNT}:assumed-role/first/build-42 is not authorized to perform: \
                 sts:AssumeRole on resource: arn:aws:iam::{ACCOUNT}:role/{role}"
            )
        );
    }
    assert_eq!(Reason::AssumeNotGranted.public_code(), "access_denied");
    assert_eq!(Reason::AssumeDenied.public_code(), "access_denied");
}

#[tokio::test]
async fn a_session_policy_of_the_caller_binds_its_chaining() {
    let house =
        House::open(&[first(json!([])), Role::new("second", trusts(&role_arn("first"), ASSUME, json!({})))])
            .await;
    let mut request = crate::house::request("first", house.token(&json!({})));
    request.policy = Some(policy(allows(&["execute-api:Invoke"], "*")).to_string());
    let narrowed = house.authority.assume_role_with_web_identity(request, &caller()).await.unwrap();
    assert_eq!(refused(&house, &narrowed.credentials, next("second")).await, Reason::AssumeNotGranted);
}

#[tokio::test]
async fn an_external_id_and_the_callers_own_keys_are_in_the_context() {
    let condition = json!({
        "StringEquals": {
            "sts:ExternalId": "ticket/7",
            "sts:RoleSessionName": "next",
            "aws:PrincipalTag/team": "shop",
            "aws:ResourceTag/environment": "production",
            "iam:ResourceTag/environment": "production",
            "aws:PrincipalAccount": ACCOUNT,
        },
        "ArnEquals": { "aws:PrincipalArn": role_arn("first") },
    });
    let house = House::open(&[
        first(json!([])).settings("[tags]\nteam = \"shop\"\n"),
        Role::new("second", trusts(&role_arn("first"), ASSUME, condition))
            .settings("[tags]\nenvironment = \"production\"\n"),
    ])
    .await;
    let from = opened(&house, json!({})).await.credentials;
    assert_eq!(refused(&house, &from, next("second")).await, Reason::TrustNotGranted);
    let with = AssumeRole { external_id: Some("ticket/7".to_owned()), ..next("second") };
    let issued = house.chain(&from, with).await.unwrap();
    assert_eq!(house.record(&issued.decision_id).request_parameters["externalId"], "ticket/7");
}

fn tagged(role: &str, tags: &[(&str, &str)], transitive: &[&str]) -> AssumeRole {
    AssumeRole {
        tags: tags.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect(),
        transitive_tag_keys: transitive.iter().map(|key| (*key).to_owned()).collect(),
        ..next(role)
    }
}

#[tokio::test]
async fn transitive_tags_follow_and_cannot_be_changed() {
    let tagging = &["sts:AssumeRole", "sts:TagSession"];
    let reader = json!([{
        "Effect": "Allow", "Action": "execute-api:Invoke", "Resource": orders("GET/${aws:PrincipalTag/team}"),
    }]);
    let house = House::open(&[
        first(json!([])),
        Role::new("second", trusts(&role_arn("first"), tagging, json!({}))),
        Role::new(
            "third",
            trusts(
                &role_arn("second"),
                tagging,
                json!({ "StringEquals": { "aws:RequestTag/team": "shop" } }),
            ),
        )
        .permissions(reader)
        .settings("[tags]\nteam = \"other\"\n"),
        Role::new("untagged", trusts(ACCOUNT, ASSUME, json!({}))).permissions(json!([])),
        Role::new("plain", trusts(&role_arn("second"), ASSUME, json!({}))),
    ])
    .await;
    let from = opened(&house, json!({})).await.credentials;
    let second =
        house.chain(&from, tagged("second", &[("team", "shop"), ("run", "7")], &["TEAM"])).await.unwrap();
    assert_eq!(second.session.transitive_tags, ["team"]);
    assert!(second.packed_policy_size.is_some());
    assert_eq!(refused(&house, &second.credentials, next("plain")).await, Reason::TagSessionNotGranted);

    let third = house.chain(&second.credentials, next("third")).await.unwrap();
    assert_eq!(third.session.tags.iter().collect::<Vec<_>>(), [(&"team".to_owned(), &"shop".to_owned())]);
    assert_eq!(third.session.transitive_tags, ["team"]);
    house.may(&third.credentials, "GET/shop").await.unwrap();
    assert!(house.may(&third.credentials, "GET/other").await.is_err());

    let refusal =
        house.chain(&second.credentials, tagged("third", &[("Team", "evil")], &[])).await.unwrap_err();
    assert_eq!(refusal.reason, Reason::TagsInvalid);
    assert!(refusal.public.contains("conflicts with a transitive tag key from the calling session"));
}

#[tokio::test]
async fn tags_keep_awss_rules() {
    let house = House::open(&[
        first(json!([])),
        Role::new("second", trusts(&role_arn("first"), &["sts:AssumeRole", "sts:TagSession"], json!({}))),
        Role::new("untaggable", trusts(&role_arn("first"), ASSUME, json!({}))),
    ])
    .await;
    let from = opened(&house, json!({})).await.credentials;
    let asked = tagged("untaggable", &[("a", "1")], &[]);
    assert_eq!(refused(&house, &from, asked).await, Reason::TagSessionNotGranted);
    let many: Vec<(String, &str)> = (0..51).map(|n| (format!("k{n}"), "v")).collect();
    let many: Vec<(&str, &str)> = many.iter().map(|(key, value)| (key.as_str(), *value)).collect();
    let long = "x".repeat(257);
    let cases = [
        (
            tagged("second", &[("a", "1"), ("A", "2")], &[]),
            "Duplicate tag keys found. Please note that Tag keys are case insensitive.",
        ),
        (
            tagged("second", &[("a", "1")], &["b"]),
            "The specified transitive tag key must be included in the requested tags.",
        ),
        (tagged("second", &[("AWS:a", "1")], &[]), "Tag keys that begin with aws: are reserved."),
        (
            tagged("second", &[("a", &long)], &[]),
            "A tag has a key of 1 to 128 and a value of up to 256 characters.",
        ),
        (tagged("second", &many, &[]), "A session has at most 50 tags."),
    ];
    for (asked, message) in cases {
        let refusal = house.chain(&from, asked).await.unwrap_err();
        assert_eq!((refusal.reason, refusal.public.as_str()), (Reason::TagsInvalid, message));
        assert_eq!(refusal.reason.aws_code(), "InvalidParameterValue");
    }
    let fat: Vec<(String, String)> = (0..30).map(|n| (format!("k{n}"), "v".repeat(200))).collect();
    let refusal = house.chain(&from, AssumeRole { tags: fat, ..next("second") }).await.unwrap_err();
    assert_eq!(refusal.reason, Reason::SessionPolicyTooLarge);
    assert!(refusal.public.starts_with("Packed size of session tags consumes 2"), "{}", refusal.public);
}

#[tokio::test]
async fn a_source_identity_stays() {
    let naming = &["sts:AssumeRole", "sts:SetSourceIdentity"];
    let house = House::open(&[
        first(json!([])),
        Role::new("named", trusts(&role_arn("first"), naming, json!({}))),
        Role::new(
            "further",
            trusts(&role_arn("named"), naming, json!({ "StringEquals": { "sts:SourceIdentity": "jane" } })),
        ),
        Role::new("plain", trusts(&role_arn("named"), ASSUME, json!({}))),
    ])
    .await;
    let from = opened(&house, json!({})).await.credentials;
    let jane = |role: &str| AssumeRole { source_identity: Some("jane".to_owned()), ..next(role) };
    let named = house.chain(&from, jane("named")).await.unwrap();
    assert_eq!(named.session.source_identity.as_deref(), Some("jane"));
    let further = house.chain(&named.credentials, next("further")).await.unwrap();
    assert_eq!(further.session.source_identity.as_deref(), Some("jane"));
    house.chain(&named.credentials, jane("further")).await.unwrap();
    let other = AssumeRole { source_identity: Some("joe".to_owned()), ..next("further") };
    assert_eq!(refused(&house, &named.credentials, other).await, Reason::SourceIdentityFixed);
    assert_eq!(refused(&house, &named.credentials, next("plain")).await, Reason::SourceIdentityNotGranted);
}

#[tokio::test]
async fn a_chain_lasts_an_hour_a_link_and_has_an_end() {
    let house = House::open(&[
        first(json!([])),
        Role::new("loop", trusts(ACCOUNT, ASSUME, json!({})))
            .settings("max_session = \"12h\"\n")
            .permissions(allows(ASSUME, "*")),
        Role::new("entry", trusts(&role_arn("first"), ASSUME, json!({}))).permissions(allows(ASSUME, "*")),
    ])
    .await;
    let from = opened(&house, json!({})).await.credentials;
    let mut newest = house.chain(&from, next("entry")).await.unwrap();
    let long = AssumeRole { duration: Some(Duration::from_secs(3601)), ..next("loop") };
    let refusal = house.chain(&newest.credentials, long).await.unwrap_err();
    assert_eq!(
        refusal.public,
        "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining."
    );
    for _ in 1..MAX_ANCESTORS {
        newest = house.chain(&newest.credentials, next("loop")).await.unwrap();
    }
    assert_eq!(newest.session.lineage.ancestors.len(), MAX_ANCESTORS);
    assert_eq!(refused(&house, &newest.credentials, next("loop")).await, Reason::ChainTooLong);
}

#[tokio::test]
async fn a_device_code_is_refused_rather_than_ignored() {
    let house = House::open(&[first(json!([]))]).await;
    let from = opened(&house, json!({})).await.credentials;
    let asked = AssumeRole { device_code: true, ..next("first") };
    let refusal = house.chain(&from, asked).await.unwrap_err();
    assert_eq!(refusal.public, "MultiFactorAuthentication failed with invalid MFA one time pass code.");
}

#[tokio::test]
async fn without_a_signature_nobody_is_let_further() {
    let house = House::open(&[first(json!([]))]).await;
    let headers = http::HeaderMap::new();
    let refusal = house.authority.assume_role(next("first"), &signed(&headers), &caller()).await.unwrap_err();
    assert_eq!(refusal.reason, Reason::CredentialsMissing);
    let record = house.record(&refusal.decision_id);
    assert_eq!(record.request_parameters["roleArn"], role_arn("first"));
}

#[tokio::test]
async fn a_role_takes_tags_from_claims() {
    let reader = json!([{
        "Effect": "Allow", "Action": "execute-api:Invoke", "Resource": orders("GET/${aws:PrincipalTag/project}"),
    }]);
    let house = House::open(&[first(reader)
        .settings("[tag_claims]\nproject = \"project_path\"\nrun = \"numbers/run\"\nnone = \"absent\"\n")])
    .await;
    let claims = json!({
        "project_path": "shop", "numbers": { "run": 42 },
        "https://aws.amazon.com/tags": { "principal_tags": { "Project": ["evil"], "team": ["a"] } },
    });
    let opened = opened(&house, claims).await;
    let tags: Vec<_> = opened.session.tags.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
    assert_eq!(tags, [("project", "shop"), ("run", "42"), ("team", "a")]);
    house.may(&opened.credentials, "GET/shop").await.unwrap();
    assert!(house.may(&opened.credentials, "GET/evil").await.is_err());

    for unfit in [json!(["a", "b"]), json!("x".repeat(257))] {
        let refusal = house.assume("first", &json!({ "project_path": unfit })).await.unwrap_err();
        assert_eq!(refusal.reason, Reason::TokenClaimInvalid);
        assert!(refusal.detail.contains("`project_path`"), "{refusal}");
    }
}
