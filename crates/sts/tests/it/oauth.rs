//! Token exchange on the wire.

use crate::client::{FORM, Stage, encode};
use crate::house::{ACCOUNT, Role, caller, policy, role_arn, trust, trusts_audience};
use jiff::ToSpan as _;
use reqwest::header::HeaderMap;
use serde_json::{Value, json};
use stagedoor_authority::{Access, Permitted, Refusal};
use stagedoor_policy::Context;

const GRANT: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
const JWT: &str = "urn:ietf:params:oauth:token-type:jwt";
const ID_TOKEN: &str = "urn:ietf:params:oauth:token-type:id_token";
const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";

struct Answer {
    status: u16,
    headers: HeaderMap,
    body: Value,
}

impl Answer {
    fn token(&self) -> String {
        assert_eq!(self.status, 200, "{}", self.body);
        self.body["access_token"].as_str().unwrap().to_owned()
    }

    fn expect(&self, status: u16, error: &str) -> &str {
        assert_eq!((self.status, self.body["error"].as_str()), (status, Some(error)), "{}", self.body);
        assert_eq!(self.headers["cache-control"], "no-store");
        assert!(self.body.get("access_token").is_none());
        self.body["error_description"].as_str().unwrap()
    }
}

fn orders(path: &str) -> String {
    format!("arn:aws:execute-api:us-east-1:{ACCOUNT}:orders/live/{path}")
}

fn role(name: &'static str, path: &str) -> Role {
    Role::new(name, trusts_audience()).permissions(json!([
        { "Effect": "Allow", "Action": "execute-api:Invoke", "Resource": orders(path) },
        { "Effect": "Allow", "Action": "sts:GetWebIdentityToken", "Resource": "*",
          "Condition": { "ForAllValues:StringEquals": { "sts:IdentityTokenAudience": "sts.amazonaws.com" } } },
    ]))
}

/// A person who may read and write, an agent who may read everything, and two gates.
async fn stage() -> Stage {
    let stage = Stage::with(&[role("person", "*/orders/*"), role("agent", "GET/*")]).await;
    let gates = stage.house.path().join("gates");
    std::fs::create_dir_all(&gates).unwrap();
    for (name, port) in [("orders", 8021), ("books", 8022)] {
        let text =
            format!("kind = \"http\"\nlisten = \"127.0.0.1:{port}\"\nupstream = \"http://127.0.0.1:1\"\n");
        std::fs::write(gates.join(format!("{name}.toml")), text).unwrap();
    }
    stage.house.authority.replace(stage.house.read()).await.unwrap();
    stage
}

async fn post(stage: &Stage, pairs: &[(&str, &str)]) -> Answer {
    let pairs: Vec<_> = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let request = stage.client.post(format!("{}oauth/token", stage.url)).header("content-type", FORM);
    let response = request.body(encode(&pairs)).send().await.unwrap();
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    assert_eq!(headers["content-type"], "application/json");
    Answer { status, headers, body: serde_json::from_str(&response.text().await.unwrap()).unwrap() }
}

/// Exchanges `token`, with more parameters.
async fn exchange(stage: &Stage, token: &str, kind: &str, more: &[(&str, &str)]) -> Answer {
    let mut pairs = vec![("grant_type", GRANT), ("subject_token", token), ("subject_token_type", kind)];
    pairs.extend(more);
    post(stage, &pairs).await
}

/// The opaque access token of a role.
async fn of(stage: &Stage, role: &str) -> String {
    let token = stage.house.token(&json!({ "sub": role }));
    exchange(stage, &token, JWT, &[("audience", &role_arn(role))]).await.token()
}

/// What a gate makes of a bearer.
async fn at(stage: &Stage, token: &str, gate: &str, path: &str) -> Result<Permitted, Refusal> {
    let authenticated = stage.house.authority.authenticate_bearer(token).unwrap();
    let access = Access {
        gate: gate.to_owned(),
        action: "execute-api:Invoke".to_owned(),
        resource: orders(path),
        context: Context::new(),
    };
    stage.house.authority.authorize(&authenticated, access, &caller()).await
}

fn claims(token: &str) -> Value {
    let (_, claims) = stagedoor_identity::Claims::decode_unverified(token).unwrap();
    Value::Object(claims.as_object().clone())
}

#[tokio::test]
async fn a_token_becomes_a_bearer_for_the_gates() {
    let stage = stage().await;
    let token = stage.house.token(&json!({}));
    let answer =
        exchange(&stage, &format!("{token}\n"), ID_TOKEN, &[("audience", &role_arn("person"))]).await;
    let body = &answer.body;
    assert_eq!(body["issued_token_type"], ACCESS_TOKEN);
    assert_eq!((body["token_type"].as_str(), body["expires_in"].as_i64()), (Some("Bearer"), Some(3600)));
    assert_eq!(answer.headers["cache-control"], "no-store");
    let record = stage.house.record(answer.headers["x-stagedoor-decision"].to_str().unwrap());
    assert_eq!(record.event_name, "AssumeRoleWithWebIdentity");
    let permitted = at(&stage, &answer.token(), "orders", "POST/orders/7").await.unwrap();
    assert_eq!(permitted.session().session_name, "token-exchange");
    assert!(at(&stage, &answer.token(), "orders", "POST/books/7").await.is_err());
}

#[tokio::test]
async fn a_jwt_access_token_works_at_the_gates_and_can_be_read() {
    let stage = stage().await;
    let token = stage.house.token(&json!({}));
    let more = [
        ("audience", role_arn("person")),
        ("requested_token_type", JWT.to_owned()),
        ("client_id", "portal".to_owned()),
    ];
    let more: Vec<_> = more.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let answer = exchange(&stage, &token, JWT, &more).await;
    assert_eq!(
        (&answer.body["issued_token_type"], &answer.body["token_type"]),
        (&json!(JWT), &json!("Bearer"))
    );
    let claims = claims(&answer.token());
    assert_eq!(claims["iss"], "http://127.0.0.1:8010");
    assert_eq!((&claims["sub"], &claims["client_id"]), (&json!("role:person"), &json!("portal")));
    assert_eq!(claims["aud"], json!(["http://127.0.0.1:8010"]));
    at(&stage, &answer.token(), "orders", "GET/orders/7").await.unwrap();
    stage.house.clock.advance(1.hours()).unwrap();
    assert!(stage.house.authority.authenticate_bearer(&answer.token()).is_err());
}

#[tokio::test]
async fn a_resource_is_a_gate_and_the_only_one() {
    let stage = stage().await;
    let arn = format!("arn:aws:execute-api:us-east-1:{ACCOUNT}:orders");
    for resource in
        ["urn:stagedoor:gate:orders", arn.as_str(), "http://127.0.0.1:8021", "http://127.0.0.1:8021/"]
    {
        let token = stage.house.token(&json!({}));
        let role = role_arn("person");
        let more = [("audience", role.as_str()), ("resource", resource), ("requested_token_type", JWT)];
        let token = exchange(&stage, &token, JWT, &more).await.token();
        assert_eq!(claims(&token)["aud"], json!([resource]));
        at(&stage, &token, "orders", "GET/orders/7").await.unwrap();
        let refusal = at(&stage, &token, "books", "GET/orders/7").await.unwrap_err();
        assert_eq!(refusal.reason.code(), "gate_not_in_session");

        // What is good at one gate cannot be made good at another, nor prove itself to the world.
        let wider = exchange(&stage, &token, ACCESS_TOKEN, &[("resource", "urn:stagedoor:gate:books")]).await;
        wider.expect(400, "invalid_target");
        let out = [("requested_token_type", ID_TOKEN), ("audience", "sts.amazonaws.com")];
        exchange(&stage, &token, ACCESS_TOKEN, &out).await.expect(400, "invalid_target");
    }
    let token = stage.house.token(&json!({}));
    for resource in
        ["https://evil.example", "urn:stagedoor:gate:", "urn:stagedoor:gate:order", &format!("{arn}s")]
    {
        let more = [("audience", role_arn("person")), ("resource", resource.to_owned())];
        let more: Vec<_> = more.iter().map(|(name, value)| (*name, value.as_str())).collect();
        exchange(&stage, &token, JWT, &more).await.expect(400, "invalid_target");
    }
}

#[tokio::test]
async fn an_actor_and_its_subject_have_what_both_have() {
    let stage = stage().await;
    let (person, agent) = (of(&stage, "person").await, of(&stage, "agent").await);
    let actor = [("actor_token", agent.as_str()), ("actor_token_type", ACCESS_TOKEN)];
    let both = exchange(&stage, &person, ACCESS_TOKEN, &actor).await;
    let decision = both.headers["x-stagedoor-decision"].to_str().unwrap();
    let record = stage.house.record(decision);
    assert_eq!(record.event_name, "ExchangeToken");
    assert!(record.request_parameters["actor"]["arn"].as_str().unwrap().contains("assumed-role/agent/"));
    let both = both.token();
    at(&stage, &both, "orders", "GET/orders/7").await.unwrap();
    for (path, why) in
        [("POST/orders/7", "the agent may only read"), ("GET/books/7", "the person has no books")]
    {
        let refusal = at(&stage, &both, "orders", path).await.unwrap_err();
        assert_eq!(refusal.reason.code(), "permission_not_granted", "{why}");
    }
    at(&stage, &person, "orders", "POST/orders/7").await.unwrap();
    at(&stage, &agent, "orders", "GET/books/7").await.unwrap();

    let jwt = [actor[0], actor[1], ("requested_token_type", JWT)];
    let jwt = exchange(&stage, &person, ACCESS_TOKEN, &jwt).await.token();
    assert_eq!(claims(&jwt)["act"], json!({ "sub": "role:agent", "session_name": "token-exchange" }));
    let again =
        exchange(&stage, &jwt, ACCESS_TOKEN, &[actor[0], actor[1], ("requested_token_type", JWT)]).await;
    assert_eq!(claims(&again.token())["act"]["act"]["sub"], "role:agent");
}

#[tokio::test]
async fn a_delegated_session_ends_with_whichever_ends_first() {
    let stage = stage().await;
    let agent = of(&stage, "agent").await;
    stage.house.clock.advance(30.minutes()).unwrap();
    let person = of(&stage, "person").await;
    let actor = [("actor_token", agent.as_str()), ("actor_token_type", ACCESS_TOKEN)];
    let both = exchange(&stage, &person, ACCESS_TOKEN, &actor).await;
    assert_eq!(both.body["expires_in"], 1800);
    stage.house.clock.advance(31.minutes()).unwrap();
    exchange(&stage, &person, ACCESS_TOKEN, &actor).await.expect(400, "invalid_request");
}

#[tokio::test]
async fn a_subject_that_names_its_actor_has_no_other() {
    let stage = stage().await;
    let agent = of(&stage, "agent").await;
    let url = stage.house.issuer.url().to_owned();
    for (may_act, fits) in [
        (json!({ "sub": "agent" }), true),
        (json!({ "sub": "agent", "iss": url }), true),
        (json!({ "sub": "role:agent", "iss": "http://127.0.0.1:8010" }), true),
        (json!({ "sub": "role:agent" }), false),
        (json!({ "sub": "other" }), false),
        (json!({ "sub": "agent", "iss": "https://elsewhere.example" }), false),
        (json!({ "sub": "agent", "iss": 7 }), false),
        (json!({ "sub": "agent", "client_id": "x" }), false),
        (json!({}), false),
        (json!("agent"), false),
    ] {
        let token = stage.house.token(&json!({ "may_act": may_act }));
        let role = role_arn("person");
        let more = [("audience", role.as_str()), ("actor_token", agent.as_str()), ("actor_token_type", JWT)];
        let answer = exchange(&stage, &token, JWT, &more).await;
        if fits {
            answer.token();
        } else {
            let text = answer.expect(400, "invalid_target");
            assert!(text.contains("actor_not_named"), "{may_act}: {text}");
        }
    }
}

#[tokio::test]
async fn an_identity_token_is_for_whom_the_policies_allow() {
    let stage = stage().await;
    let person = of(&stage, "person").await;
    let wanted = |audience| [("requested_token_type", ID_TOKEN), ("audience", audience)];
    let answer = exchange(&stage, &person, ACCESS_TOKEN, &wanted("sts.amazonaws.com")).await;
    assert_eq!(
        (&answer.body["token_type"], &answer.body["issued_token_type"]),
        (&json!("N_A"), &json!(ID_TOKEN))
    );
    assert_eq!(answer.body["expires_in"], 300);
    assert_eq!(claims(&answer.token())["aud"], "sts.amazonaws.com");
    assert!(stage.house.authority.authenticate_bearer(&answer.token()).is_err(), "it is no bearer here");
    exchange(&stage, &person, ACCESS_TOKEN, &wanted("https://evil.example"))
        .await
        .expect(400, "invalid_target");

    let token = stage.house.token(&json!({}));
    let role = role_arn("person");
    let at_once =
        [("audience", role.as_str()), ("audience", "sts.amazonaws.com"), ("requested_token_type", ID_TOKEN)];
    assert_eq!(claims(&exchange(&stage, &token, JWT, &at_once).await.token())["role"], "person");
}

#[tokio::test]
async fn our_own_identity_token_is_a_subject_token_where_it_is_trusted() {
    let stage = stage().await;
    let house = &stage.house;
    let own = json!({ "Version": "2012-10-17", "Statement": { "Effect": "Allow",
        "Principal": { "Federated": format!("arn:aws:iam::{ACCOUNT}:oidc-provider/127.0.0.1:8010") },
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": { "StringEquals": { "127.0.0.1:8010:sub": "role:person" } } } });
    std::fs::write(house.path().join("own.json"), house.authority.jwks().to_string()).unwrap();
    let issuer = "kind = \"oidc\"\nissuer = \"http://127.0.0.1:8010\"\naudiences = [\"sts.amazonaws.com\"]\n\
                  jwks_file = \"own.json\"\n";
    std::fs::write(house.path().join("issuers/own.toml"), issuer).unwrap();
    house.put(&Role::new("second", own));
    house.authority.replace(house.read()).await.unwrap();
    let person = of(&stage, "person").await;
    let wanted = [("requested_token_type", ID_TOKEN), ("audience", "sts.amazonaws.com")];
    let token = exchange(&stage, &person, ACCESS_TOKEN, &wanted).await.token();
    exchange(&stage, &token, ID_TOKEN, &[("audience", &role_arn("second"))]).await.token();
}

#[tokio::test]
async fn refusals_are_told_in_the_words_of_oauth() {
    let stage = stage().await;
    let token = stage.house.token(&json!({}));
    let role = role_arn("person");
    let audience = ("audience", role.as_str());
    let text = exchange(&stage, "a.b.c", JWT, &[audience]).await;
    assert!(text.expect(400, "invalid_request").contains("reason: token_malformed, decision: "));
    let sealed = exchange(&stage, "AAAA", ACCESS_TOKEN, &[]).await;
    assert!(sealed.expect(400, "invalid_request").contains("session_token_invalid"));
    for (who, claims) in [("ghost", json!({})), ("person", json!({ "aud": "second" }))] {
        let token = stage.house.token(&claims);
        let answer = exchange(&stage, &token, JWT, &[("audience", &role_arn(who))]).await;
        assert!(answer.expect(400, "invalid_target").contains("reason: access_denied"));
    }
    for more in [
        vec![],
        vec![audience, ("actor_token", "AAAA")],
        vec![audience, ("actor_token_type", JWT)],
        vec![audience, ("actor_token", token.as_str()), ("actor_token_type", JWT)],
        vec![audience, ("actor_token", "AAAA"), ("actor_token_type", JWT)],
        vec![audience, ("requested_token_type", "urn:ietf:params:oauth:token-type:saml2")],
        vec![audience, ("subject_token", "x")],
    ] {
        exchange(&stage, &token, JWT, &more).await.expect(400, "invalid_request");
    }
    for more in [
        vec![audience, audience],
        vec![audience, ("audience", "https://evil.example")],
        vec![audience, ("requested_token_type", ID_TOKEN)],
    ] {
        exchange(&stage, &token, JWT, &more).await.expect(400, "invalid_target");
    }
    exchange(&stage, &token, JWT, &[audience, ("scope", "openid")]).await.expect(400, "invalid_scope");
    exchange(&stage, &token, JWT, &[audience, ("client_secret", "x")]).await.expect(401, "invalid_client");
    exchange(&stage, &token, "jwt", &[audience]).await.expect(400, "invalid_request");
    post(&stage, &[("grant_type", "password")]).await.expect(400, "unsupported_grant_type");
    post(&stage, &[("grant_type", GRANT)]).await.expect(400, "invalid_request");

    stage.house.log.clone().close().await.unwrap();
    let unrecorded = exchange(&stage, &token, JWT, &[audience]).await;
    unrecorded.expect(503, "temporarily_unavailable");
    assert_eq!(unrecorded.headers["retry-after"], "1");
}

#[tokio::test]
async fn metadata_lead_to_the_door() {
    let stage = stage().await;
    let get = async |path: &str| -> Value {
        let response = stage.client.get(format!("{}{path}", stage.url)).send().await.unwrap();
        serde_json::from_str(&response.text().await.unwrap()).unwrap()
    };
    let metadata = get(".well-known/oauth-authorization-server").await;
    assert_eq!(metadata["issuer"], "http://127.0.0.1:8010");
    assert_eq!(metadata["token_endpoint"], "http://127.0.0.1:8010/oauth/token");
    assert_eq!(metadata["grant_types_supported"], json!([GRANT]));
    let discovery = get(".well-known/openid-configuration").await;
    assert_eq!(discovery["issuer"], metadata["issuer"]);
    assert_eq!(discovery["jwks_uri"], metadata["jwks_uri"]);
    assert_eq!(get(".well-known/jwks.json").await, stage.house.authority.jwks());
}

#[tokio::test]
async fn a_trust_that_needs_more_than_the_audience_counts_here_too() {
    let condition = json!({ "StringEquals": { "PREFIX:aud": "stagedoor", "PREFIX:sub": "jane" } });
    let trusted = policy(json!([trust("Allow", &["sts:AssumeRoleWithWebIdentity"], condition)]));
    let stage = Stage::with(&[Role::new("jane", trusted)]).await;
    for (sub, status) in [("jane", 200), ("someone", 400)] {
        let token = stage.house.token(&json!({ "sub": sub }));
        assert_eq!(
            exchange(&stage, &token, JWT, &[("audience", &role_arn("jane"))]).await.status,
            status,
            "{sub}"
        );
    }
}
