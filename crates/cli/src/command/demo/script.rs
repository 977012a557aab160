//! The story: each step done over real sockets, and checked.

use serde_json::{Value, json};
use stagedoor_audit::{Query, Record};
use stagedoor_rehearsal::{Issuer, KeyError};

use super::stage::{REGION, Stage, role_arn};
use super::teller::Teller;
use crate::command::explain;
use crate::failure::Failure;
use crate::output::wrapped;
use crate::sts::{Credentials, NoCredentials};

/// The longest line of text.
const WIDTH: usize = 90;

/// Another repository, another environment of the same workspace.
const OTHER_REPOSITORY: &str = "{0a1b2c3d-1111-4222-8333-444455556666}";

/// Plays all steps.
///
/// # Errors
/// When a part breaks down; a step that goes otherwise than told is the teller's matter.
pub(super) async fn play(stage: &Stage, teller: &mut Teller) -> Result<(), Failure> {
    let mut scene = Scene { stage, teller };
    scene.bitbucket().await?;
    scene.circleci().await?;
    scene.gitlab().await?;
    scene.forgeries().await
}

struct Scene<'a> {
    stage: &'a Stage,
    teller: &'a mut Teller,
}

/// A token in its file, and whose it is.
struct Token {
    name: &'static str,
    text: String,
}

/// How a denial at the STS door must look.
struct Denied<'a> {
    /// AWS's error code.
    code: &'a str,
    /// The reason in the record.
    reason: &'a str,
    /// What `stagedoor explain` must name: the statement, the token's value, the wanted one.
    explained: &'a [&'a str],
}

impl Scene<'_> {
    async fn bitbucket(&mut self) -> Result<(), Failure> {
        let bitbucket = &self.stage.bitbucket;
        self.teller.chapter("Bitbucket Pipelines")?;
        let token = self.token("bitbucket-production", bitbucket.token(&json!({})))?;
        let title = "A step with `deployment: production` gets the role deploy-prod";
        if let Some(credentials) = self.gets(title, &token, "deploy-prod").await? {
            let title = "It calls the service through the gate, with a signed request";
            self.calls(title, &credentials, "POST", "/deployments", 201, "deploy-prod").await?;
        }

        let patch = json!({ "repositoryUuid": OTHER_REPOSITORY });
        let token = self.token("bitbucket-other-repository", bitbucket.token(&patch))?;
        let wanted = Denied {
            code: "AccessDenied",
            reason: "trust_not_granted",
            explained: &[
                "BitbucketProduction",
                OTHER_REPOSITORY,
                stagedoor_rehearsal::ids::BITBUCKET_REPOSITORY,
            ],
        };
        self.is_denied("The same step in another repository", &token, "deploy-prod", &wanted).await?;

        let patch = json!({ "deploymentEnvironmentUuid": null, "branchName": "feature/basket" });
        let token = self.token("bitbucket-branch", bitbucket.token(&patch))?;
        let wanted = Denied {
            explained: &["BitbucketProduction", stagedoor_rehearsal::ids::BITBUCKET_ENVIRONMENT],
            ..wanted
        };
        self.is_denied("A step of a branch, without the deployment", &token, "deploy-prod", &wanted).await?;

        let mistyped = "ari:cloud:bitbucket::workspace/11f0c1f2-8b1e-4e0b-9d55-0a7c3d2e9f11";
        let token = self.token("bitbucket-audience", bitbucket.token(&json!({ "aud": mistyped })))?;
        let audience = bitbucket.audience();
        let wanted = Denied {
            code: "InvalidIdentityToken",
            reason: "token_audience_mismatch",
            explained: &["BitbucketProduction", mistyped, &audience],
        };
        self.is_denied("A mistyped audience", &token, "deploy-prod", &wanted).await
    }

    async fn circleci(&mut self) -> Result<(), Failure> {
        self.teller.chapter("CircleCI")?;
        let token = self.token("circleci-build", self.stage.circleci.token(&json!({})))?;
        let Some(credentials) = self.gets("A job of the shop gets the role build", &token, "build").await?
        else {
            return Ok(());
        };
        self.calls("It may read", &credentials, "GET", "/orders", 200, "build").await?;
        self.may_not("It may not delete", &credentials, "DELETE", "/orders/42").await
    }

    async fn gitlab(&mut self) -> Result<(), Failure> {
        self.teller.chapter("GitLab CI")?;
        let patch = json!({ "ref": "feature/basket", "ref_path": "refs/heads/feature/basket", "ref_protected": "false" });
        let token = self.token("gitlab-unprotected", self.stage.gitlab.token(&patch))?;
        let wanted = Denied {
            code: "AccessDenied",
            reason: "trust_not_granted",
            explained: &["GitlabProtectedMain", "ref_protected", "false", "true"],
        };
        let title = "A job on an unprotected branch asks for production";
        self.is_denied(title, &token, "deploy-prod", &wanted).await
    }

    async fn forgeries(&mut self) -> Result<(), Failure> {
        self.teller.chapter("Tokens that are none")?;
        let Stage { bitbucket, stranger, .. } = self.stage;
        let refused = |code, reason| Denied { code, reason, explained: &[] };

        let token = self.token("expired", bitbucket.expired(&json!({})))?;
        let wanted = refused("ExpiredTokenException", "token_expired");
        self.is_denied("A token of the day before yesterday", &token, "deploy-prod", &wanted).await?;

        let token = self.token("forged", bitbucket.forged(&json!({})))?;
        let wanted = refused("InvalidIdentityToken", "token_signature_invalid");
        self.is_denied("A forged signature", &token, "deploy-prod", &wanted).await?;

        let token = self.token("unknown-issuer", stranger.token(&json!({})))?;
        let wanted = refused("InvalidIdentityToken", "token_issuer_unknown");
        self.is_denied("An issuer that nobody configured", &token, "deploy-prod", &wanted).await?;

        let token = self.token("alg-none", Ok(bitbucket.unsigned(&json!({}))))?;
        let wanted = refused("InvalidIdentityToken", "token_algorithm_refused");
        self.is_denied("`alg: none`", &token, "deploy-prod", &wanted).await
    }

    fn token(&self, name: &'static str, text: Result<String, KeyError>) -> Result<Token, Failure> {
        let text = text.map_err(|error| Failure::internal(format!("a token cannot be signed: {error}")))?;
        self.stage.keep_token(name, &text)?;
        Ok(Token { name, text })
    }

    fn told_to_assume(&mut self, title: &str, token: &Token, role: &str) -> Result<(), Failure> {
        self.teller.step(title)?;
        self.teller.command(&[
            &format!("aws sts assume-role-with-web-identity --endpoint-url {}", self.stage.api),
            &format!("--role-arn {} --role-session-name shop-42", role_arn(role)),
            &format!("--web-identity-token file://tokens/{}.jwt", token.name),
        ])
    }

    async fn gets(&mut self, title: &str, token: &Token, role: &str) -> Result<Option<Credentials>, Failure> {
        self.told_to_assume(title, token, role)?;
        match self.stage.assume(role, "shop-42", &token.text).await {
            Ok(assumed) if assumed.assumed_role_arn.ends_with(&format!(":assumed-role/{role}/shop-42")) => {
                let credentials = assumed.credentials;
                self.teller.good(&format!(
                    "{} until {}\n{}",
                    credentials.access_key_id, credentials.expiration, assumed.assumed_role_arn
                ))?;
                Ok(Some(credentials))
            }
            Ok(assumed) => {
                self.teller.astray(&format!("role {role}"), &assumed.assumed_role_arn)?;
                Ok(None)
            }
            Err(error) => {
                self.teller.astray("credentials", &shown(&error))?;
                Ok(None)
            }
        }
    }

    async fn is_denied(
        &mut self,
        title: &str,
        token: &Token,
        role: &str,
        wanted: &Denied<'_>,
    ) -> Result<(), Failure> {
        self.told_to_assume(title, token, role)?;
        let refused = match self.stage.assume(role, "shop-42", &token.text).await {
            Err(NoCredentials::Refused(refused)) if refused.code == wanted.code => refused,
            Err(other) => return self.teller.astray(wanted.code, &shown(&other)),
            Ok(assumed) => return self.teller.astray(wanted.code, &assumed.assumed_role_arn),
        };
        self.teller.good(&wrapped(&refused.to_string(), WIDTH))?;
        let Some(record) = self.recorded(refused.decision.as_deref(), wanted.reason)? else { return Ok(()) };
        if wanted.explained.is_empty() {
            return self.teller.text(&wrapped(record.stagedoor.detail.as_deref().unwrap_or_default(), WIDTH));
        }
        self.teller.command(&[&format!(
            "stagedoor explain --role {role} --token-file tokens/{}.jwt --no-verify",
            token.name
        )])?;
        let snapshot = self.stage.snapshot();
        let explanation = explain::of_token(&snapshot, role, &token.text)?;
        self.teller.text(&explanation)?;
        for part in wanted.explained {
            if !explanation.contains(part) {
                self.teller.astray(&format!("an explanation that names `{part}`"), "none")?;
            }
        }
        if !explanation.contains("nearest change") {
            self.teller.astray("an explanation with the nearest change", "none")?;
        }
        Ok(())
    }

    /// The record of a decision, which must have the reason.
    fn recorded(&mut self, decision: Option<&str>, reason: &str) -> Result<Option<Record>, Failure> {
        let Some(id) = decision else {
            self.teller.astray("an answer with a decision id", "none")?;
            return Ok(None);
        };
        let query = Query { text: Some(id.to_owned()), ..Query::default() };
        let unreadable = |error| Failure::internal(format!("the audit log cannot be read: {error}"));
        let directory = self.stage.snapshot().settings.audit_directory.clone();
        let mut found = stagedoor_audit::search(&directory, &query).map_err(unreadable)?;
        let record = match found.next().transpose().map_err(unreadable)? {
            Some(entry) => entry.record,
            None => {
                self.teller.astray(&format!("a record of decision {id}"), "none")?;
                return Ok(None);
            }
        };
        if record.stagedoor.reason.as_deref() != Some(reason) {
            let found = record.stagedoor.reason.clone().unwrap_or_else(|| "no reason".to_owned());
            self.teller.astray(&format!("reason {reason}"), &found)?;
        }
        Ok(Some(record))
    }

    fn told_to_call(&mut self, title: &str, method: &str, path: &str) -> Result<(), Failure> {
        self.teller.step(title)?;
        self.teller.command(&[
            &format!("curl -X {method} --aws-sigv4 aws:amz:{REGION}:execute-api"),
            "--user \"$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY\"",
            &format!("-H \"x-amz-security-token: $AWS_SESSION_TOKEN\" {}{path}", self.stage.gate),
        ])
    }

    async fn calls(
        &mut self,
        title: &str,
        credentials: &Credentials,
        method: &str,
        path: &str,
        status: u16,
        role: &str,
    ) -> Result<(), Failure> {
        self.told_to_call(title, method, path)?;
        let answer = self.stage.call(credentials, method, path).await?;
        let told = answer.body.get("asked_by") == Some(&json!(role))
            && answer.body.get("saw_credentials") == Some(&Value::Bool(false));
        if answer.status == status && told {
            return self.teller.good(&format!("{status} {}", answer.body));
        }
        let wanted = format!("{status} from the service, told of {role} and not of the credentials");
        self.teller.astray(&wanted, &format!("{} {}", answer.status, answer.body))
    }

    async fn may_not(
        &mut self,
        title: &str,
        credentials: &Credentials,
        method: &str,
        path: &str,
    ) -> Result<(), Failure> {
        self.told_to_call(title, method, path)?;
        let answer = self.stage.call(credentials, method, path).await?;
        if answer.status != 403 {
            return self.teller.astray("403", &format!("{} {}", answer.status, answer.body));
        }
        let text = |name: &str| answer.body.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let said = format!("403 {}: {} (decision {})", text("reason"), text("message"), text("decision_id"));
        self.teller.good(&wrapped(&said, WIDTH))?;
        let reason = "permission_not_granted";
        if let Some(record) = self.recorded(answer.decision.as_deref(), reason)? {
            self.teller.text(&wrapped(record.stagedoor.detail.as_deref().unwrap_or_default(), WIDTH))?;
        }
        Ok(())
    }
}

fn shown(error: &NoCredentials) -> String {
    match error {
        NoCredentials::Refused(refused) => refused.to_string(),
        NoCredentials::Unreachable(reason) | NoCredentials::Strange(reason) => reason.clone(),
    }
}

/// A fresh set of the tokens that `--stay` offers.
///
/// # Errors
/// When one cannot be signed or written.
pub(super) fn fresh_tokens(stage: &Stage) -> Result<(), Failure> {
    let offers: [(&'static str, &Issuer); 3] = [
        ("bitbucket-production", &stage.bitbucket),
        ("circleci-build", &stage.circleci),
        ("gitlab-production", &stage.gitlab),
    ];
    for (name, issuer) in offers {
        let token = issuer
            .token(&json!({}))
            .map_err(|error| Failure::internal(format!("a token cannot be signed: {error}")))?;
        stage.keep_token(name, &token)?;
    }
    Ok(())
}
