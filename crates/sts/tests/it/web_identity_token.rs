//! `GetWebIdentityToken` by boto3. It signs with the real time, so the house's clock is set to it.

use crate::client::Stage;
use crate::clients;
use crate::house::{Role, trusts_audience};
use secrecy::ExposeSecret as _;
use serde_json::json;
use tokio::process::Command;

async fn boto3(stage: &Stage, role: &str) -> String {
    let credentials = stage.house.assume(role, &json!({})).await.unwrap().credentials;
    let output = Command::new(clients::python())
        .env_clear()
        .env("HOME", stage.house.path())
        .env("AWS_ENDPOINT_URL_STS", &stage.url)
        .env("AWS_REGION", "us-east-1")
        .env("AWS_DEFAULT_REGION", "us-east-1")
        .env("AWS_ACCESS_KEY_ID", &credentials.access_key_id)
        .env("AWS_SECRET_ACCESS_KEY", credentials.secret_access_key.expose_secret())
        .env("AWS_SESSION_TOKEN", credentials.session_token.expose_secret())
        .arg(clients::script("identity_token.py"))
        .output()
        .await
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

#[tokio::test]
async fn boto3_gets_one_where_the_role_allows_it() {
    let allowed = json!([{ "Effect": "Allow", "Action": "sts:GetWebIdentityToken", "Resource": "*" }]);
    let stage = Stage::with(&[
        Role::new("allowed", trusts_audience()).permissions(allowed),
        Role::new("other", trusts_audience()),
    ])
    .await;
    stage.house.clock.set(jiff::Timestamp::now());
    let token = boto3(&stage, "allowed").await;
    let now = stage.house.now();
    let verified = stage.house.authority.signing_keys().verify(&token, now).unwrap();
    let claims = verified.claims;
    assert_eq!((&claims["aud"], &claims["sub"]), (&json!("sts.amazonaws.com"), &json!("role:allowed")));
    assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 120);
    assert_eq!(boto3(&stage, "other").await, "AccessDenied");
}
