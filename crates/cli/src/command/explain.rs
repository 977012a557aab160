//! `stagedoor explain`.

mod brief;
mod evidence;
mod subject;

use std::path::PathBuf;
use std::sync::Arc;

use clap::{Args, ValueEnum};
use serde_json::{Value, json};
use stagedoor_config::Snapshot;
use stagedoor_identity::{Claims, Profile, TokenRefusal};
use stagedoor_policy::{Explanation, Request};

use crate::exit::{Exit, after_help};
use crate::failure::Failure;
use crate::output::{self, Style};
use evidence::Evidence;
use subject::Subject;

/// Explain why a token may assume a role, or why not
#[derive(Debug, Args)]
#[command(after_help = after_help!(
    "Either the role of a configuration is explained (--role, --config), or a trust
policy in a file, without any configuration and without a network (--policy)."
))]
pub(crate) struct Arguments {
    /// The role, by name or ARN
    #[arg(long, required_unless_present = "policy", conflicts_with = "policy")]
    role: Option<String>,

    /// The configuration directory
    #[arg(long, value_name = "DIR", default_value = ".")]
    config: PathBuf,

    /// A trust policy in a file, instead of a configured role
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,

    /// The token's file (`-` is standard input); else the CI's own variables are read
    #[arg(long, value_name = "FILE", conflicts_with = "claims")]
    token_file: Option<PathBuf>,

    /// A token's claims as a JSON object, instead of the token
    #[arg(long, value_name = "FILE")]
    claims: Option<PathBuf>,

    /// Do not verify the token; nothing is fetched then
    #[arg(long)]
    no_verify: bool,

    /// Which condition keys there are: every claim, or only what AWS exposes
    #[arg(long, value_enum, default_value_t = Keys::Stagedoor)]
    profile: Keys,

    /// The name of the session to be
    #[arg(long, value_name = "NAME", default_value = "explain")]
    session_name: String,

    /// A further condition key of the request, such as aws:SourceIp=192.0.2.1
    #[arg(long, value_name = "KEY=VALUE", value_parser = pair)]
    context: Vec<(String, String)>,

    /// Show every statement's own lines, underlined
    #[arg(long)]
    full: bool,

    /// How to print it
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Keys {
    /// Every claim is a condition key
    Stagedoor,
    /// Exactly the keys and rules of AWS for this issuer
    Aws,
}

#[derive(Debug, Clone, Copy, PartialEq, ValueEnum)]
enum Format {
    Text,
    Json,
}

/// Explains.
///
/// # Errors
/// When an input is faulty or the issuer's keys cannot be fetched.
pub(crate) async fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let subject = match &arguments.policy {
        Some(path) => Subject::policy(path)?,
        None => Subject::role(&arguments.config, arguments.role.as_deref().unwrap_or_default())?,
    };
    let verify = !arguments.no_verify && subject.snapshot().is_some();
    let evidence = match &arguments.claims {
        Some(path) => Evidence::claims(path)?,
        None => match Evidence::token(arguments.token_file.as_deref(), verify, subject.snapshot()).await? {
            Ok(evidence) => evidence,
            Err(refusal) => return refused(arguments, &subject, &refusal),
        },
    };
    let issuer = evidence.claims.issuer().ok_or_else(|| {
        Failure::input(format!("{} has no `iss`, so no issuer vouches for it", evidence.origin))
    })?;
    let profile = match arguments.profile {
        Keys::Stagedoor => Profile::Stagedoor,
        Keys::Aws => Profile::Aws,
    };
    let request = match subject.request(&evidence, issuer, profile, &arguments.session_name) {
        Ok(request) => request,
        Err(refusal) => return refused(arguments, &subject, &refusal),
    };
    let request = with(request, &arguments.context);
    let explanation = subject.trust().explain(&request);
    explained(arguments, &subject, &evidence, issuer, &explanation)
}

fn with(mut request: Request, context: &[(String, String)]) -> Request {
    for (key, value) in context {
        request.context.insert(key.as_str(), value.as_str());
    }
    request
}

/// What the trust policy of a configured role says to a token that nobody verified, in brief.
///
/// # Errors
/// When there is no such role, or the token cannot be read.
pub(crate) fn of_token(snapshot: &Snapshot, role: &str, token: &str) -> Result<String, Failure> {
    let unreadable = |refusal: TokenRefusal| Failure::input(refusal.to_string());
    let role = snapshot.roles.by_name(role).ok_or_else(|| Failure::input(format!("no role `{role}`")))?;
    let (_, claims) = Claims::decode_unverified(token).map_err(unreadable)?;
    let issuer = claims.issuer().ok_or_else(|| Failure::input("the token has no `iss`"))?.to_owned();
    let evidence = Evidence { claims, verified: false, origin: String::new() };
    let subject = Subject::Role(Box::new(snapshot.clone()), Arc::clone(role));
    let request = subject.request(&evidence, &issuer, Profile::Stagedoor, "explain").map_err(unreadable)?;
    Ok(brief::brief(&subject.trust().explain(&request), bare(&issuer)))
}

fn explained(
    arguments: &Arguments,
    subject: &Subject,
    evidence: &Evidence,
    issuer: &str,
    explanation: &Explanation,
) -> Result<Exit, Failure> {
    let allowed = explanation.decision().is_allow();
    if arguments.format == Format::Json {
        let value = explained_object(subject.name(), issuer, evidence.verified, explanation);
        output::print(&format!("{value:#}\n"))?;
    } else {
        let verdict = if allowed { Style::GOOD.paint("allowed") } else { Style::BAD.paint("denied") };
        let verified = if evidence.verified { "verified" } else { "not verified" };
        let mut text = format!(
            "{verdict}: {} for {} of {issuer} ({verified})\n\n{}",
            subject.name(),
            evidence.origin,
            brief::brief(explanation, bare(issuer))
        );
        if arguments.full {
            text += &format!("\n{}\n", explanation.render(output::color()).trim_end());
        }
        output::print(&text)?;
    }
    Ok(if allowed { Exit::Fine } else { Exit::Findings })
}

fn explained_object(of: &str, issuer: &str, verified: bool, explanation: &Explanation) -> Value {
    json!({
        "allowed": explanation.decision().is_allow(),
        "of": of,
        "issuer": issuer,
        "verified": verified,
        "explanation": explanation,
    })
}

fn refused_object(of: &str, refusal: &TokenRefusal) -> Value {
    json!({
        "allowed": false,
        "of": of,
        "refusal": { "code": refusal.code(), "message": refusal.to_string() },
    })
}

/// A URL without its scheme, as condition keys begin.
fn bare(url: &str) -> &str {
    url.split_once("://").map_or(url, |(_, rest)| rest)
}

/// The token is refused before any policy is asked.
fn refused(arguments: &Arguments, subject: &Subject, refusal: &TokenRefusal) -> Result<Exit, Failure> {
    if refusal.is_transient() {
        return Err(Failure::unreachable(refusal.to_string())
            .help("`--no-verify` explains the policy without the issuer's keys"));
    }
    if arguments.format == Format::Json {
        output::print(&format!("{:#}\n", refused_object(subject.name(), refusal)))?;
    } else {
        output::print(&format!(
            "{}: the token is refused before any policy is asked\n\n{}: {refusal}\n",
            Style::BAD.paint("denied"),
            refusal.code()
        ))?;
    }
    Ok(Exit::Findings)
}

fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        _ => Err("KEY=VALUE is wanted".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use stagedoor_policy::{Context, PolicySet, Principal};

    use super::*;
    use crate::schema;

    #[test]
    fn both_answers_are_as_the_schema_says() {
        let schema = schema::committed("explain.json");
        let request = Request {
            principal: Principal::Anonymous,
            action: "sts:AssumeRoleWithWebIdentity".to_owned(),
            resource: None,
            resource_account: None,
            context: Context::new(),
        };
        let explanation = PolicySet::new().explain(&request);
        let denied = explained_object("deploy", "https://issuer.example.com", true, &explanation);
        schema::assert_fits(&schema, &denied);
        assert_eq!(denied["allowed"], false);
        let refusal = Claims::decode_unverified("no token").unwrap_err();
        let refused = refused_object("deploy", &refusal);
        schema::assert_fits(&schema, &refused);
        assert_eq!(refused["refusal"]["code"], "token_malformed");
    }
}
