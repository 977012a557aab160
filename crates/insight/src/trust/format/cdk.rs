//! The Cloud Development Kit, in TypeScript.

use super::super::Trust;
use super::{policy, reasons, string};

pub(super) fn write(trust: &Trust) -> String {
    let conditions = format!("{:#}", policy::conditions(trust, trust.prefix())).replace('\n', "\n    ");
    format!(
        "import {{ Stack }} from 'aws-cdk-lib';\nimport * as iam from 'aws-cdk-lib/aws-iam';\n\n{}export function \
         trustedRole(stack: Stack): iam.Role {{\n  const issuer = new iam.OidcProviderNative(stack, 'Issuer', {{\n    url: \
         {},\n    clientIds: [{}],\n  }});\n  return new iam.Role(stack, 'Role', {{\n    roleName: {},\n    assumedBy: new \
         iam.WebIdentityPrincipal(issuer.oidcProviderArn, {conditions}),\n  }});\n}}\n",
        reasons(trust, "// "),
        string(&trust.issuer),
        string(&trust.audience),
        string(&trust.role),
    )
}
