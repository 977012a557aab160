//! CloudFormation.

use serde_json::Value;

use super::super::Trust;
use super::{policy, reasons, string};

pub(super) fn write(trust: &Trust) -> String {
    let conditions = yaml(&policy::conditions(trust, trust.prefix()), 14);
    format!(
        "Resources:\n  Issuer:\n    Type: AWS::IAM::OIDCProvider\n    Properties:\n      Url: {}\n      ClientIdList: [{}]\n\
         {}  Role:\n    Type: AWS::IAM::Role\n    Properties:\n      RoleName: {}\n      AssumeRolePolicyDocument:\n        \
         Version: \"2012-10-17\"\n        Statement:\n          - Effect: Allow\n            Principal: {{ Federated: !Ref \
         Issuer }}\n            Action: sts:AssumeRoleWithWebIdentity\n            Condition:\n{conditions}",
        string(&trust.issuer),
        string(&trust.audience),
        reasons(trust, "  # "),
        string(&trust.role),
    )
}

fn yaml(value: &Value, indent: usize) -> String {
    let pad = " ".repeat(indent);
    let Value::Object(map) = value else { return value.to_string() };
    map.iter()
        .map(|(name, value)| match value {
            Value::Object(_) => format!("{pad}{}:\n{}", string(name), yaml(value, indent + 2)),
            other => format!("{pad}{}: {other}\n", string(name)),
        })
        .collect()
}
