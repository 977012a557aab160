//! Terraform and OpenTofu.

use serde_json::Value;

use super::super::Trust;
use super::{policy, reasons, string};

pub(super) fn write(trust: &Trust) -> String {
    let conditions = hcl(&policy::conditions(trust, trust.prefix()), 8);
    format!(
        "resource \"aws_iam_openid_connect_provider\" \"issuer\" {{\n  url            = {}\n  client_id_list = [{}]\n\
         }}\n\n{}resource \"aws_iam_role\" \"role\" {{\n  name = {}\n  assume_role_policy = jsonencode({{\n    Version = \
         \"2012-10-17\"\n    Statement = [{{\n      Effect    = \"Allow\"\n      Principal = {{ Federated = \
         aws_iam_openid_connect_provider.issuer.arn }}\n      Action    = \"sts:AssumeRoleWithWebIdentity\"\n      \
         Condition = {conditions}\n    }}]\n  }})\n}}\n",
        text(&trust.issuer),
        text(&trust.audience),
        reasons(trust, "# "),
        text(&trust.role),
    )
}

/// A string, in which `${` and `%{` are not templates.
fn text(value: &str) -> String {
    string(value).replace("${", "$${").replace("%{", "%%{")
}

fn hcl(value: &Value, indent: usize) -> String {
    let pad = " ".repeat(indent);
    match value {
        Value::Object(map) => {
            let entries: String = map
                .iter()
                .map(|(name, value)| format!("{pad}{} = {}\n", text(name), hcl(value, indent + 2)))
                .collect();
            format!("{{\n{entries}{}}}", " ".repeat(indent.saturating_sub(2)))
        }
        Value::Array(values) => {
            let values: Vec<String> = values.iter().map(|value| hcl(value, indent)).collect();
            format!("[{}]", values.join(", "))
        }
        Value::String(value) => text(value),
        other => other.to_string(),
    }
}
