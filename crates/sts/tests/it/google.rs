//! Google's protocols on the wire, and google-auth itself.

use crate::client::Stage;
use crate::clients;
use crate::house::{ACCOUNT, Role, policy, role_arn, trusts_audience};
use serde_json::{Value, json};
use stagedoor_session::Authenticated;
use tokio::process::Command;

const GRANT: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
const JWT: &str = "urn:ietf:params:oauth:token-type:jwt";

/// A role for the pipeline, and one that it may take on.
async fn stage() -> Stage {
    let by_role = json!([{ "Effect": "Allow", "Principal": { "AWS": role_arn("pipeline") }, "Action": "sts:AssumeRole" }]);
    Stage::with(&[Role::new("pipeline", trusts_audience()), Role::new("deployer", policy(by_role))]).await
}

fn session(stage: &Stage, token: &Value) -> Authenticated {
    stage.house.authority.authenticate_bearer(token.as_str().unwrap_or_else(|| panic!("{token}"))).unwrap()
}

async fn send(stage: &Stage, path: &str, bearer: Option<&str>, body: &Value) -> (u16, Value) {
    let mut request =
        stage.client.post(format!("{}{path}", stage.url)).header("content-type", "application/json");
    if let Some(bearer) = bearer {
        request = request.bearer_auth(bearer);
    }
    let response = request.body(body.to_string()).send().await.unwrap();
    let status = response.status().as_u16();
    (status, serde_json::from_str(&response.text().await.unwrap()).unwrap())
}

fn exchange(token: &str) -> Value {
    json!({ "grantType": GRANT, "audience": role_arn("pipeline"), "subjectToken": token, "subjectTokenType": JWT,
            "requestedTokenType": "urn:ietf:params:oauth:token-type:access_token", "scope": "any" })
}

fn service_account(role: &str) -> String {
    format!("v1/projects/-/serviceAccounts/{role}@{ACCOUNT}.iam.stagedoor:generateAccessToken")
}

/// What google-auth makes of a credential source.
async fn google_auth(stage: &Stage, source: Value, impersonate: Option<&str>) -> Value {
    let mut configuration = json!({
        "type": "external_account",
        "audience": role_arn("pipeline"),
        "subject_token_type": JWT,
        "token_url": format!("{}v1/token", stage.url),
        "universe_domain": "stagedoor.invalid",
        "credential_source": source,
    });
    if let Some(role) = impersonate {
        configuration["service_account_impersonation_url"] =
            json!(format!("{}{}", stage.url, service_account(role)));
    }
    let file = stage.house.path().join("google.json");
    std::fs::write(&file, configuration.to_string()).unwrap();
    let output = Command::new(clients::python())
        .env_clear()
        .env("GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES", "1")
        .env("PATH", "/usr/bin:/bin")
        .env("HOME", stage.house.path())
        .arg(clients::script("google_auth.py"))
        .arg(&file)
        .output()
        .await
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[tokio::test]
async fn google_auth_reads_a_file_and_an_executable_and_impersonates() {
    let stage = stage().await;
    let token = stage.house.token(&json!({}));
    let file = stage.house.path().join("token");
    std::fs::write(&file, &token).unwrap();
    let from_file = json!({ "file": file });
    let answer = google_auth(&stage, from_file.clone(), None).await;
    assert_eq!(answer["universe"], "stagedoor.invalid");
    assert_eq!(session(&stage, &answer["token"]).session.role, "pipeline");

    let printed = stage.house.path().join("printed");
    let response = json!({ "version": 1, "success": true, "token_type": JWT, "id_token": token,
                           "expiration_time": 4_102_444_800u64 });
    std::fs::write(&printed, response.to_string()).unwrap();
    let executable =
        json!({ "executable": { "command": format!("cat {}", printed.display()), "timeout_millis": 30000 } });
    let answer = google_auth(&stage, executable, None).await;
    assert_eq!(session(&stage, &answer["token"]).session.role, "pipeline");

    let answer = google_auth(&stage, from_file.clone(), Some("deployer")).await;
    let deployer = session(&stage, &answer["token"]).session;
    assert_eq!((deployer.role.as_str(), deployer.lineage.ancestors.len()), ("deployer", 1));

    let answer = google_auth(&stage, from_file, Some("ghost")).await;
    assert!(answer["error"].as_str().unwrap().contains("PERMISSION_DENIED"), "{answer}");
    std::fs::write(&file, stage.house.token(&json!({ "aud": "second" }))).unwrap();
    let answer = google_auth(&stage, json!({ "file": file }), None).await;
    assert!(answer["error"].as_str().unwrap().contains("unauthorized_client"), "{answer}");
}

#[tokio::test]
async fn google_auth_fetches_the_token_from_a_url() {
    let stage = stage().await;
    let token = stage.house.token(&json!({}));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/token", listener.local_addr().unwrap());
    let answer = json!({ "value": token }).to_string();
    let app = axum::Router::new().route("/token", axum::routing::get(move || async move { answer }));
    let server = tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    let source = json!({ "url": url, "format": { "type": "json", "subject_token_field_name": "value" } });
    let answer = google_auth(&stage, source, None).await;
    assert_eq!(session(&stage, &answer["token"]).session.role, "pipeline");
    server.abort();
}

#[tokio::test]
async fn the_wire_is_googles() {
    let stage = stage().await;
    let token = stage.house.token(&json!({}));
    let (status, body) = send(&stage, "v1/token", None, &exchange(&token)).await;
    assert_eq!((status, &body["token_type"], &body["expires_in"]), (200, &json!("Bearer"), &json!(3600)));
    let bearer = body["access_token"].as_str().unwrap();
    let (status, body) =
        send(&stage, &service_account("deployer"), Some(bearer), &json!({ "lifetime": "900s" })).await;
    assert_eq!((status, &body["expireTime"]), (200, &json!("2026-11-20T10:15:00Z")));

    let (status, body) = send(&stage, &service_account("deployer"), None, &json!({})).await;
    assert_eq!((status, &body["error"]["status"]), (401, &json!("UNAUTHENTICATED")));
    for (path, wanted) in [
        (service_account("deployer"), json!({ "lifetime": "1h" })),
        (service_account("deployer"), json!({ "delegates": ["x"] })),
        (service_account("deployer").replace(ACCOUNT, "210987654321"), json!({})),
        (service_account("deployer").replace("generateAccessToken", "signBlob"), json!({})),
    ] {
        let (status, body) = send(&stage, &path, Some(bearer), &wanted).await;
        assert_eq!((status, &body["error"]["status"]), (400, &json!("INVALID_ARGUMENT")), "{path}");
    }
    for (claims, error) in
        [(json!({ "aud": "else" }), "invalid_grant"), (json!({ "aud": "second" }), "unauthorized_client")]
    {
        let (status, body) = send(&stage, "v1/token", None, &exchange(&stage.house.token(&claims))).await;
        assert_eq!((status, &body["error"]), (400, &json!(error)));
    }
    let mut google = exchange(&token);
    google["audience"] =
        json!("//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/x");
    assert_eq!(send(&stage, "v1/token", None, &google).await.1["error"], "invalid_target");
}
