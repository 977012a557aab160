//! AWS's global condition keys, and those of AWS STS. Source: IAM User Guide, "AWS global condition context keys", and
//! the Service Authorization Reference for AWS STS.

use super::{Arity, Facts, KeyFact, Language, Presence, ResourceFact, Values};

/// Keys with one text: name, whether it is always there, the language, a sample.
const TEXTS: &[(&str, Presence, &str, &str)] = &[
    ("aws:PrincipalArn", Presence::Sometimes, "arn:.+", "arn:aws:iam::123456789012:role/example"),
    ("aws:PrincipalAccount", Presence::Sometimes, "[0-9]{12}", "123456789012"),
    ("aws:PrincipalOrgID", Presence::Sometimes, "o-[a-z0-9]+", "o-a1b2c3d4e5"),
    ("aws:PrincipalType", Presence::Sometimes, "[A-Za-z]+", "AssumedRole"),
    ("aws:PrincipalServiceName", Presence::Sometimes, "[a-z0-9.-]+", "ec2.amazonaws.com"),
    ("aws:userid", Presence::Sometimes, ".+", "AROAEXAMPLEID:session"),
    ("aws:username", Presence::Sometimes, "[A-Za-z0-9+=,.@_-]+", "alice"),
    ("aws:FederatedProvider", Presence::Sometimes, ".+", ""),
    ("aws:SourceArn", Presence::Sometimes, "arn:.+", "arn:aws:s3:::example-bucket"),
    ("aws:SourceAccount", Presence::Sometimes, "[0-9]{12}", "123456789012"),
    ("aws:SourceOrgID", Presence::Sometimes, "o-[a-z0-9]+", "o-a1b2c3d4e5"),
    ("aws:SourceVpc", Presence::Sometimes, "vpc-[a-z0-9]+", "vpc-0a1b2c3d"),
    ("aws:SourceVpce", Presence::Sometimes, "vpce-[a-z0-9]+", "vpce-0a1b2c3d"),
    ("aws:SourceIdentity", Presence::Sometimes, "[A-Za-z0-9+=,.@_-]{2,64}", "jane"),
    ("aws:RequestedRegion", Presence::Sometimes, "[a-z0-9-]+", "us-east-1"),
    ("aws:ResourceAccount", Presence::Sometimes, "[0-9]{12}", "123456789012"),
    ("aws:ResourceOrgID", Presence::Sometimes, "o-[a-z0-9]+", "o-a1b2c3d4e5"),
    ("aws:UserAgent", Presence::Sometimes, ".+", "aws-cli/2.0"),
    ("aws:Referer", Presence::Sometimes, ".+", "https://example.com/"),
    ("aws:MultiFactorAuthAge", Presence::Sometimes, "[0-9]+", "60"),
    ("sts:RoleSessionName", Presence::Sometimes, "[A-Za-z0-9_+=,.@-]{2,64}", "session"),
    ("sts:SourceIdentity", Presence::Sometimes, "[A-Za-z0-9_+=,.@-]{2,64}", "jane"),
    ("sts:ExternalId", Presence::Sometimes, "[A-Za-z0-9_+=,.@:/-]{2,1224}", "example-id"),
];

const BOOLEANS: &[(&str, Presence)] = &[
    ("aws:SecureTransport", Presence::Always),
    ("aws:ViaAWSService", Presence::Always),
    ("aws:MultiFactorAuthPresent", Presence::Sometimes),
    ("aws:PrincipalIsAWSService", Presence::Always),
    ("sts:RoleAuthorizedByIdp", Presence::Sometimes),
];

const LISTS: &[&str] = &[
    "aws:PrincipalOrgPaths",
    "aws:PrincipalServiceNamesList",
    "aws:ResourceOrgPaths",
    "aws:SourceOrgPaths",
    "aws:TagKeys",
    "aws:CalledVia",
    "sts:TransitiveTagKeys",
];

const TAGS: &[&str] = &["aws:PrincipalTag/", "aws:RequestTag/", "aws:ResourceTag/"];

/// Actions to show instead of made-up ones.
const ACTIONS: &[&str] = &[
    "sts:AssumeRoleWithWebIdentity",
    "sts:AssumeRole",
    "sts:TagSession",
    "s3:GetObject",
    "s3:PutObject",
    "s3:ListBucket",
    "s3:DeleteObject",
    "iam:PassRole",
    "iam:CreateUser",
    "iam:ListRoles",
    "ec2:RunInstances",
    "ec2:DescribeInstances",
    "ec2:TerminateInstances",
    "lambda:InvokeFunction",
    "dynamodb:GetItem",
    "dynamodb:PutItem",
    "sqs:SendMessage",
    "sns:Publish",
    "kms:Decrypt",
    "secretsmanager:GetSecretValue",
    "ssm:GetParameter",
    "logs:PutLogEvents",
    "execute-api:Invoke",
    "rds-db:connect",
];

pub(super) fn facts() -> Facts {
    let mut facts = Facts::none();
    let language = |regex: &str| Language::regex(regex).unwrap_or_else(|_| Language::any());
    for (key, presence, regex, sample) in TEXTS {
        let samples = (!sample.is_empty()).then_some(*sample);
        facts.set(key, KeyFact::text(*presence, language(regex)).with_samples(samples));
    }
    for (key, presence) in BOOLEANS {
        facts.set(key, KeyFact::text(*presence, language("true|false")).with_samples(["true", "false"]));
    }
    for key in LISTS {
        facts.set(key, KeyFact::text(Presence::Sometimes, Language::any()).many());
    }
    for prefix in TAGS {
        facts.set_family(prefix, KeyFact::text(Presence::Sometimes, Language::any()));
    }
    let moment = KeyFact { values: Values::Date, ..KeyFact::text(Presence::Always, Language::any()) };
    for key in ["aws:CurrentTime", "aws:EpochTime"] {
        facts.set(key, moment.clone());
    }
    facts.set("aws:TokenIssueTime", KeyFact { presence: Presence::Sometimes, ..moment });
    for key in ["aws:SourceIp", "aws:VpcSourceIp"] {
        let address = KeyFact { values: Values::Address, ..KeyFact::unknown() };
        facts.set(key, KeyFact { arity: Arity::One, ..address });
    }
    facts.add_actions(ACTIONS.iter().copied());
    facts.set_action_language(language("[a-z0-9-]+:[a-z0-9][a-z0-9_.-]*"));
    facts.set_resource(ResourceFact::Arn);
    facts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sound() {
        for (key, _, regex, sample) in TEXTS {
            let language = Language::regex(regex).unwrap();
            assert!(sample.is_empty() || language.contains(sample), "{key}");
        }
        let facts = Facts::aws();
        for action in ACTIONS {
            assert!(facts.action_language().contains(&action.to_lowercase()), "{action}");
        }
        assert_eq!(facts.key("AWS:requesttag/Team").arity, Arity::One);
        assert_eq!(facts.key("aws:SOURCEIP").values, Values::Address);
    }
}
