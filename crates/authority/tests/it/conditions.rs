//! The condition keys that a trust policy can ask about.

use crate::house::{House, Role, policy, trust};
use serde_json::{Value, json};
use stagedoor_authority::Reason;

/// A role for one condition, with tags and source identity allowed.
fn role(name: &'static str, condition: Value) -> Role {
    let actions = ["sts:AssumeRoleWithWebIdentity", "sts:TagSession", "sts:SetSourceIdentity"];
    Role::new(name, policy(json!([trust("Allow", &actions, condition)])))
}

#[tokio::test]
async fn what_is_known_of_the_request_can_be_asked_for() {
    let claims = json!({
        "https://aws.amazon.com/tags": {
            "principal_tags": { "team": ["shop"] }, "transitive_tag_keys": ["team"],
        },
        "https://aws.amazon.com/source_identity": "jane",
        "https://aws.amazon.com/roles": [
            "arn:aws:iam::123456789012:role/fits", "arn:aws:iam::123456789012:role/fits-not"
        ],
        "groups": ["dev", "ops"],
        "nested": { "deep": true },
    });
    let conditions = [
        (json!({ "IpAddress": { "aws:SourceIp": "203.0.113.0/24" } }), true),
        (json!({ "IpAddress": { "aws:SourceIp": "198.51.100.0/24" } }), false),
        (json!({ "StringLike": { "aws:UserAgent": "Boto3/*" } }), true),
        (json!({ "DateGreaterThan": { "aws:CurrentTime": "2026-11-20T09:59:59Z" } }), true),
        (json!({ "DateGreaterThan": { "aws:CurrentTime": "2026-11-20T10:00:00Z" } }), false),
        (json!({ "NumericEquals": { "aws:EpochTime": "1795168800" } }), true),
        (json!({ "Bool": { "aws:SecureTransport": "true" } }), true),
        (json!({ "Bool": { "aws:SecureTransport": "false" } }), false),
        (json!({ "StringEquals": { "aws:FederatedProvider": "ISSUER" } }), true),
        (json!({ "StringEquals": { "sts:RoleSessionName": "build-42" } }), true),
        (json!({ "StringEquals": { "sts:RoleSessionName": "build-43" } }), false),
        (json!({ "StringEquals": { "aws:RequestTag/team": "shop" } }), true),
        (json!({ "StringEquals": { "aws:RequestTag/team": "else" } }), false),
        (json!({ "ForAllValues:StringEquals": { "aws:TagKeys": ["team"] } }), true),
        (json!({ "ForAllValues:StringEquals": { "aws:TagKeys": ["cost"] } }), false),
        (json!({ "ForAnyValue:StringEquals": { "sts:TransitiveTagKeys": "team" } }), true),
        (json!({ "StringEquals": { "sts:SourceIdentity": "jane" } }), true),
        (json!({ "Bool": { "sts:RoleAuthorizedByIdp": "true" } }), true),
        (json!({ "ForAnyValue:StringEquals": { "PREFIX:groups": "ops" } }), true),
        (json!({ "ForAnyValue:StringEquals": { "PREFIX:groups": "root" } }), false),
        (json!({ "Bool": { "PREFIX:nested/deep": "true" } }), true),
        (json!({ "StringEquals": { "PREFIX:sub": "${PREFIX:sub}" } }), true),
        (json!({ "Null": { "sts:ExternalId": "true" } }), true),
        (json!({ "Null": { "aws:PrincipalArn": "true" } }), true),
    ];
    let house = House::open(&[role("fits", json!({}))]).await;
    for (condition, fits) in conditions {
        house.put(&role("fits", condition.clone()));
        house.authority.replace(house.read()).await.unwrap();
        match house.assume("fits", &claims).await {
            Ok(_) => assert!(fits, "{condition} should not fit"),
            Err(refusal) => {
                assert!(!fits, "{condition} should fit: {refusal}");
                assert_eq!(refusal.reason, Reason::TrustNotGranted);
            }
        }
    }
}

#[tokio::test]
async fn a_token_that_names_no_roles_is_not_authorized_by_its_provider() {
    let house =
        House::open(&[role("pinned", json!({ "Bool": { "sts:RoleAuthorizedByIdp": "true" } }))]).await;
    assert_eq!(house.assume("pinned", &json!({})).await.unwrap_err().reason, Reason::TrustNotGranted);
    let listed = json!({ "https://aws.amazon.com/roles": "arn:aws:iam::123456789012:role/pinned" });
    assert!(house.assume("pinned", &listed).await.is_ok());
}
