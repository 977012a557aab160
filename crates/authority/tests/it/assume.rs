//! A token in, credentials out, a record beside them.

use crate::house::{ACCOUNT, House, Role, caller, policy, request, trust, trusts_audience};
use http::HeaderMap;
use secrecy::ExposeSecret as _;
use serde_json::json;
use stagedoor_audit::Decision;
use stagedoor_session::{Body, Expected, HttpRequest};
use std::time::Duration;

async fn house() -> House {
    let tags = trust(
        "Allow",
        &["sts:AssumeRoleWithWebIdentity", "sts:TagSession", "sts:SetSourceIdentity"],
        json!({ "StringEquals": { "PREFIX:aud": "stagedoor" } }),
    );
    House::open(&[
        Role::new("build", trusts_audience()),
        Role::new("brief", trusts_audience()).settings("max_session = \"30m\"\n"),
        Role::new("tagged", policy(json!([tags]))),
    ])
    .await
}

#[tokio::test]
async fn the_credentials_open_the_session_that_was_decided() {
    let house = house().await;
    let assumed = house.assume("build", &json!({})).await.unwrap();

    let mut headers = HeaderMap::new();
    let bearer = format!("Bearer {}", assumed.credentials.session_token.expose_secret());
    headers.insert("authorization", bearer.parse().unwrap());
    let request = HttpRequest { method: "GET", path: "/", query: "", headers: &headers, body: Body::empty() };
    let expected = Expected { region: None, services: &["execute-api"], s3: false };
    let session = house.authority.authenticate(&request, &expected).unwrap().session;

    assert_eq!(session.id, assumed.credentials.access_key_id);
    assert_eq!(session.receipt, Some(assumed.receipt));
    assert_eq!(session.role, "build");
    assert_eq!(session.arn(), format!("arn:aws:sts::{ACCOUNT}:assumed-role/build/build-42"));
    assert_eq!(session.issued_at, house.now());
    assert_eq!(session.expires_at, assumed.credentials.expires_at);
    assert_eq!(session.expires_at.duration_since(session.issued_at).as_secs(), 3600);
    let federation = session.federation.unwrap();
    assert_eq!(federation.issuer, house.issuer.url());
    assert_eq!((federation.subject.as_str(), federation.audience.as_str()), ("someone", "stagedoor"));
    assert_eq!(assumed.packed_policy_size, None);
}

#[tokio::test]
async fn the_record_tells_the_whole_story_and_no_secret() {
    let house = house().await;
    let token = house.token(&json!({ "jti": "run-7" }));
    let assumed = house
        .authority
        .assume_role_with_web_identity(request("build", token.clone()), &caller())
        .await
        .unwrap();

    let records = house.records();
    assert_eq!(records.len(), 1);
    let record = &records[usize::try_from(assumed.receipt).unwrap()];
    let provider =
        format!("arn:aws:iam::{ACCOUNT}:oidc-provider/{}", house.issuer.url().trim_start_matches("http://"));
    assert_eq!(record.event_id, assumed.decision_id);
    assert_eq!(record.event_source, "sts.amazonaws.com");
    assert_eq!(record.event_name, "AssumeRoleWithWebIdentity");
    assert_eq!(record.event_time, house.now());
    assert_eq!(record.source_ip_address, "203.0.113.9");
    assert_eq!(record.user_agent, "Boto3/1.44 test");
    assert_eq!(record.request_id, caller().request_id);
    assert_eq!(record.aws_region, "us-east-1");
    assert_eq!(record.recipient_account_id, ACCOUNT);
    assert_eq!(record.user_identity.kind, "WebIdentityUser");
    assert_eq!(record.user_identity.principal_id, Some(format!("{provider}:stagedoor:someone")));
    assert_eq!(record.user_identity.identity_provider, Some(provider));
    assert_eq!(record.request_parameters["roleSessionName"], "build-42");
    assert_eq!(record.response_elements["credentials"]["accessKeyId"], assumed.session.id.as_str());
    assert_eq!(record.error_code, None);

    let details = &record.stagedoor;
    assert_eq!(details.decision, Decision::Allow);
    assert_eq!(details.reason, None);
    assert_eq!(details.issuer.as_deref(), Some("ci"));
    assert_eq!(details.provider.as_deref(), Some("oidc"));
    assert_eq!(details.role.as_deref(), Some("build"));
    assert_eq!(details.session, Some(assumed.session.id.clone()));
    assert_eq!(details.snapshot, Some(house.authority.snapshot().digest.clone()));
    assert_eq!(details.claims["aud"], "stagedoor");
    let statement = details.statement.as_ref().unwrap();
    assert_eq!((statement.policy.as_str(), statement.index), ("trust.json", 0));
    assert_eq!(details.token_sha256.as_ref().unwrap().len(), 64);
    assert_ne!(details.token_sha256, details.jti_sha256);
    assert!(details.latency_us.is_some());

    let text = serde_json::to_string(record).unwrap();
    let signature = token.rsplit('.').next().unwrap();
    assert!(!text.contains(signature));
    assert!(!text.contains(assumed.credentials.session_token.expose_secret()));
    assert!(!text.contains(assumed.credentials.secret_access_key.expose_secret()));
}

#[tokio::test]
async fn the_duration_is_as_asked_or_the_roles_maximum() {
    let house = house().await;
    let lasts = async |role: &str, asked: Option<u64>| {
        let mut request = request(role, house.token(&json!({})));
        request.duration = asked.map(Duration::from_secs);
        let assumed = house.authority.assume_role_with_web_identity(request, &caller()).await.unwrap();
        assumed.credentials.expires_at.duration_since(house.now()).as_secs()
    };
    assert_eq!(lasts("build", Some(900)).await, 900);
    assert_eq!(lasts("brief", None).await, 1800);
}

#[tokio::test]
async fn tags_and_source_identity_of_the_token_go_into_the_session() {
    let house = house().await;
    let claims = json!({
        "https://aws.amazon.com/tags": {
            "principal_tags": { "team": ["shop"], "cost": ["42"] },
            "transitive_tag_keys": ["team"],
        },
        "https://aws.amazon.com/source_identity": "jane",
    });
    let assumed = house.assume("tagged", &claims).await.unwrap();
    let session = &assumed.session;
    assert_eq!(session.tags.get("team").map(String::as_str), Some("shop"));
    assert_eq!(session.tags.get("cost").map(String::as_str), Some("42"));
    assert_eq!(session.transitive_tags, ["team"]);
    assert_eq!(session.source_identity.as_deref(), Some("jane"));
    assert!(assumed.packed_policy_size.is_some_and(|size| (1..10).contains(&size)));
    let record = house.record(&assumed.decision_id);
    assert_eq!(record.request_parameters["principalTags"]["team"], "shop");
    assert_eq!(record.request_parameters["sourceIdentity"], "jane");
}
