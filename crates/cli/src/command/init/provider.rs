//! What each provider needs, and the conditions that pin its tokens.

use serde_json::{Map, Value, json};

use super::answers::{self, Answers, Question};
use super::{Flags, Provider};
use crate::failure::Failure;

/// All that the files are made from.
pub(super) struct Plan {
    /// The account in ARNs.
    pub(super) account: String,
    /// The region in ARNs.
    pub(super) region: String,
    /// The role's name.
    pub(super) role: String,
    /// The service behind the gate.
    pub(super) upstream: String,
    /// The issuer's kind, which is its name as well.
    pub(super) kind: &'static str,
    /// The issuer's settings beside its kind, in order.
    pub(super) settings: Vec<(&'static str, String)>,
    /// The audience that tokens must carry.
    pub(super) audience: String,
    /// The issuer without its scheme: the prefix of its condition keys.
    pub(super) prefix: String,
    /// The claims that must equal a value.
    pub(super) equal: Vec<(&'static str, String)>,
    /// The claims that must fit a pattern.
    pub(super) like: Vec<(&'static str, String)>,
    /// The claims that must be false.
    pub(super) not: Vec<&'static str>,
}

impl Plan {
    /// The `Condition` of the trust policy.
    pub(super) fn condition(&self) -> Value {
        let key = |claim: &str| format!("{}:{claim}", self.prefix);
        let texts = |pairs: &[(&'static str, String)]| -> Map<String, Value> {
            pairs.iter().map(|(claim, value)| (key(claim), json!(value))).collect()
        };
        let mut equal = Map::new();
        equal.insert(key("aud"), json!(self.audience));
        equal.extend(texts(&self.equal));
        let mut condition = Map::new();
        condition.insert("StringEquals".to_owned(), Value::Object(equal));
        if !self.like.is_empty() {
            condition.insert("StringLike".to_owned(), Value::Object(texts(&self.like)));
        }
        if !self.not.is_empty() {
            let claims = self.not.iter().map(|claim| (key(claim), json!("false"))).collect();
            condition.insert("Bool".to_owned(), Value::Object(claims));
        }
        Value::Object(condition)
    }
}

/// Asks for what the provider needs.
///
/// # Errors
/// When an answer is wrong.
pub(super) fn plan(provider: Provider, flags: &Flags, answers: &mut Answers) -> Result<Plan, Failure> {
    let mut plan = match provider {
        Provider::Bitbucket => bitbucket(flags, answers)?,
        Provider::Circleci => circleci(flags, answers)?,
        Provider::Gitlab => gitlab(flags, answers)?,
        Provider::Github => github(flags, answers)?,
        Provider::Oidc => oidc(flags, answers)?,
    };
    let region =
        Question { flag: "region", text: "", given: Some(&flags.region), default: None, form: answers::name };
    plan.region = answers.get(&region)?;
    let role =
        Question { flag: "role", text: "", given: Some(&flags.role), default: None, form: answers::name };
    plan.role = answers.get(&role)?;
    plan.account = answers.get(&Question {
        flag: "account",
        text: "Account in ARNs, twelve digits",
        given: flags.account.as_ref(),
        default: Some("123456789012"),
        form: answers::account,
    })?;
    plan.upstream = answers.get(&Question {
        flag: "upstream",
        text: "HTTP service behind the gate",
        given: flags.upstream.as_ref(),
        default: Some("http://127.0.0.1:8080"),
        form: answers::url,
    })?;
    Ok(plan)
}

fn new(kind: &'static str, prefix: String, audience: String) -> Plan {
    Plan {
        account: String::new(),
        region: String::new(),
        role: String::new(),
        upstream: String::new(),
        kind,
        settings: Vec::new(),
        audience,
        prefix,
        equal: Vec::new(),
        like: Vec::new(),
        not: Vec::new(),
    }
}

fn bitbucket(flags: &Flags, answers: &mut Answers) -> Result<Plan, Failure> {
    let workspace = answers.get(&Question {
        flag: "workspace",
        text: "Workspace, its name in URLs",
        given: flags.workspace.as_ref(),
        default: None,
        form: answers::name,
    })?;
    let uuid = answers.get(&Question {
        flag: "workspace-uuid",
        text: "Workspace UUID",
        given: flags.workspace_uuid.as_ref(),
        default: None,
        form: answers::uuid,
    })?;
    let repository = answers.get(&Question {
        flag: "repository",
        text: "Repository UUID",
        given: flags.repository.as_ref(),
        default: None,
        form: answers::braced_uuid,
    })?;
    let environment = answers.get(&Question {
        flag: "environment",
        text: "Deployment environment UUID",
        given: flags.environment.as_ref(),
        default: Some(""),
        form: answers::braced_uuid,
    })?;
    let default_audience = format!("ari:cloud:bitbucket::workspace/{uuid}");
    let audience = audience(flags, Some(&default_audience), answers)?;
    let prefix = format!("api.bitbucket.org/2.0/workspaces/{workspace}/pipelines-config/identity/oidc");
    let mut plan = new("bitbucket", prefix, audience);
    plan.settings = vec![("workspace", workspace), ("workspace_uuid", format!("{{{uuid}}}"))];
    let subject = if environment.is_empty() {
        format!("{repository}:*")
    } else {
        format!("{repository}:{environment}:*")
    };
    plan.like = vec![("sub", subject)];
    Ok(plan)
}

fn circleci(flags: &Flags, answers: &mut Answers) -> Result<Plan, Failure> {
    let organization = answers.get(&Question {
        flag: "organization",
        text: "Organization UUID",
        given: flags.organization.as_ref(),
        default: None,
        form: answers::uuid,
    })?;
    let project = answers.get(&Question {
        flag: "project",
        text: "Project UUID",
        given: flags.project.as_ref(),
        default: None,
        form: answers::uuid,
    })?;
    let repository = answers.get(&Question {
        flag: "repository",
        text: "Repository, such as github.com/acme/shop",
        given: flags.repository.as_ref(),
        default: Some(""),
        form: answers::text,
    })?;
    let branch = branch(flags, answers)?;
    let audience = audience(flags, Some(&organization), answers)?;
    let mut plan = new("circleci", format!("oidc.circleci.com/org/{organization}"), audience);
    plan.settings = vec![("organization", organization)];
    plan.equal.push(("oidc.circleci.com/project-id", project));
    if !repository.is_empty() {
        plan.equal.push(("oidc.circleci.com/vcs-origin", repository));
    }
    if !branch.is_empty() {
        plan.equal.push(("oidc.circleci.com/vcs-ref", format!("refs/heads/{branch}")));
    }
    plan.not.push("oidc.circleci.com/ssh-rerun");
    Ok(plan)
}

fn gitlab(flags: &Flags, answers: &mut Answers) -> Result<Plan, Failure> {
    let host = answers.get(&Question {
        flag: "host",
        text: "GitLab host",
        given: flags.host.as_ref(),
        default: Some("gitlab.com"),
        form: answers::host,
    })?;
    let project = answers.get(&Question {
        flag: "project",
        text: "Project id",
        given: flags.project.as_ref(),
        default: None,
        form: answers::number,
    })?;
    let branch = branch(flags, answers)?;
    let environment = environment(flags, answers)?;
    let audience = audience(flags, None, answers)?;
    let mut plan = new("gitlab", host.clone(), audience);
    if host != "gitlab.com" {
        plan.settings.push(("host", host));
    }
    plan.equal.push(("project_id", project));
    if !branch.is_empty() {
        plan.equal.push(("ref_type", "branch".to_owned()));
        plan.equal.push(("ref", branch));
        plan.equal.push(("ref_protected", "true".to_owned()));
    }
    if !environment.is_empty() {
        plan.equal.push(("environment", environment));
    }
    Ok(plan)
}

fn github(flags: &Flags, answers: &mut Answers) -> Result<Plan, Failure> {
    let repository = answers.get(&Question {
        flag: "repository",
        text: "Repository id (gh api repos/OWNER/NAME --jq .id)",
        given: flags.repository.as_ref(),
        default: None,
        form: answers::number,
    })?;
    let branch = branch(flags, answers)?;
    let environment = environment(flags, answers)?;
    let audience = audience(flags, None, answers)?;
    let mut plan = new("github", "token.actions.githubusercontent.com".to_owned(), audience);
    plan.equal.push(("repository_id", repository));
    if !branch.is_empty() {
        plan.equal.push(("ref", format!("refs/heads/{branch}")));
    }
    if !environment.is_empty() {
        plan.equal.push(("environment", environment));
    }
    Ok(plan)
}

fn oidc(flags: &Flags, answers: &mut Answers) -> Result<Plan, Failure> {
    let issuer = answers.get(&Question {
        flag: "issuer",
        text: "Issuer URL, exactly as in `iss`",
        given: flags.issuer.as_ref(),
        default: None,
        form: answers::url,
    })?;
    let subject = answers.get(&Question {
        flag: "subject",
        text: "Subject that may assume the role (* and ? are wildcards)",
        given: flags.subject.as_ref(),
        default: None,
        form: answers::text,
    })?;
    let audience = audience(flags, None, answers)?;
    let prefix = issuer.split_once("://").map_or(issuer.as_str(), |(_, rest)| rest).to_owned();
    let mut plan = new("oidc", prefix, audience);
    plan.settings = vec![("issuer", issuer)];
    plan.like = vec![("sub", subject)];
    Ok(plan)
}

fn audience(flags: &Flags, default: Option<&str>, answers: &mut Answers) -> Result<String, Failure> {
    answers.get(&Question {
        flag: "audience",
        text: "Audience of the tokens",
        given: flags.audience.as_ref(),
        default,
        form: answers::text,
    })
}

fn branch(flags: &Flags, answers: &mut Answers) -> Result<String, Failure> {
    answers.get(&Question {
        flag: "branch",
        text: "Branch",
        given: flags.branch.as_ref(),
        default: Some(""),
        form: answers::text,
    })
}

fn environment(flags: &Flags, answers: &mut Answers) -> Result<String, Failure> {
    answers.get(&Question {
        flag: "environment",
        text: "Deployment environment",
        given: flags.environment.as_ref(),
        default: Some(""),
        form: answers::text,
    })
}
