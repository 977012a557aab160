//! Equivalent policies and requests.

pub const SMALL: &str = "small trust policy";
pub const THOUSAND: &str = "1,000 statements, two match";

/// A question that every engine can be asked.
pub struct Case {
    pub name: &'static str,
    /// IAM policy documents; trust policies if `trust`, else identity policies.
    pub iam: Vec<String>,
    pub trust: bool,
    pub cedar: String,
    pub action: &'static str,
    pub resource: String,
    /// `sub` and `aud` of the token, as condition keys of the issuer and as Cedar's context.
    pub sub: String,
}

pub const ISSUER: &str = "token.actions.githubusercontent.com";
pub const PROVIDER: &str = "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com";
pub const USER: &str = "arn:aws:iam::123456789012:user/jane";
pub const ROLE: &str = "arn:aws:iam::123456789012:role/deploy";

pub fn all() -> Vec<Case> {
    vec![small(), many(), thousand()]
}

/// What people paste: one statement, an audience and a pattern of subjects.
fn small() -> Case {
    Case {
        name: SMALL,
        iam: vec![trust("repo:acme/shop:*")],
        trust: true,
        cedar: r#"permit(principal, action == Action::"sts:AssumeRoleWithWebIdentity", resource)
            when { context.aud == "sts.amazonaws.com" && context.sub like "repo:acme/shop:*" };"#
            .to_owned(),
        action: "sts:AssumeRoleWithWebIdentity",
        resource: ROLE.to_owned(),
        sub: "repo:acme/shop:ref:refs/heads/main".to_owned(),
    }
}

pub fn trust(sub: &str) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Sid":"Deploy","Effect":"Allow","Principal":{{"Federated":"{PROVIDER}"}},
        "Action":"sts:AssumeRoleWithWebIdentity","Condition":{{"StringEquals":{{"{ISSUER}:aud":"sts.amazonaws.com"}},
        "StringLike":{{"{ISSUER}:sub":"{sub}"}}}}}}]}}"#
    )
}

fn statement(action: &str, bucket: usize) -> String {
    format!(
        r#"{{"Effect":"Allow","Action":"s3:{action}","Resource":"arn:aws:s3:::bucket-{bucket}/*",
        "Condition":{{"StringLike":{{"{ISSUER}:sub":"repo:acme/*"}}}}}}"#
    )
}

fn permit(action: &str, bucket: usize) -> String {
    format!(
        r#"permit(principal, action == Action::"s3:{action}", resource)
        when {{ context.arn like "arn:aws:s3:::bucket-{bucket}/*" && context.sub like "repo:acme/*" }};"#
    )
}

fn document(statements: &[String]) -> String {
    format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, statements.join(","))
}

/// Ten policies of ten statements each; the last statement matches.
fn many() -> Case {
    let statements: Vec<String> = (0..100).map(|at| statement("GetObject", at)).collect();
    Case {
        name: "10 policies × 10 statements",
        iam: statements.chunks(10).map(document).collect(),
        trust: false,
        cedar: (0..100).map(|at| permit("GetObject", at)).collect(),
        action: "s3:GetObject",
        resource: "arn:aws:s3:::bucket-99/key".to_owned(),
        sub: "repo:acme/shop:ref:refs/heads/main".to_owned(),
    }
}

/// A thousand statements in ten policies, of which two match.
fn thousand() -> Case {
    let bucket = |at: usize| if at == 998 { 500 } else { at };
    let statements: Vec<String> = (0..1000).map(|at| statement("GetObject", bucket(at))).collect();
    Case {
        name: THOUSAND,
        iam: statements.chunks(100).map(document).collect(),
        trust: false,
        cedar: (0..1000).map(|at| permit("GetObject", bucket(at))).collect(),
        action: "s3:GetObject",
        resource: "arn:aws:s3:::bucket-500/key".to_owned(),
        sub: "repo:acme/shop:ref:refs/heads/main".to_owned(),
    }
}

/// Twelve stars that a naive matcher tries in every combination before it gives up; a negated condition, so that the
/// answer is "allow" all the same.
pub fn hostile(length: usize) -> Case {
    let pattern = format!("{}b", "a*".repeat(12));
    Case {
        name: "hostile globs",
        iam: vec![document(&[format!(
            r#"{{"Effect":"Allow","Action":"s3:GetObject","Resource":"*",
            "Condition":{{"StringNotLike":{{"{ISSUER}:sub":"{pattern}"}}}}}}"#
        )])],
        trust: false,
        cedar: format!(
            r#"permit(principal, action == Action::"s3:GetObject", resource) when {{ !(context.sub like "{pattern}") }};"#
        ),
        action: "s3:GetObject",
        resource: "arn:aws:s3:::bucket/key".to_owned(),
        sub: "a".repeat(length),
    }
}
