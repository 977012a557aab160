//! The engines behind one question: is it allowed?

use std::str::FromStr;

use cedar_policy as cedar;
use stagedoor_policy::{Document, Kind, Limits, Policy, PolicySet, Principal, Request};

use crate::policies::{Case, ISSUER, PROVIDER, USER};

const AUDIENCE: &str = "sts.amazonaws.com";

/// A policy and a request, ready to be decided again and again.
pub trait Engine {
    fn allows(&self) -> bool;
}

/// This repository's engine.
pub struct Ours {
    set: PolicySet,
    request: Request,
}

impl Ours {
    pub fn new(case: &Case) -> Self {
        let kind = if case.trust { Kind::Trust } else { Kind::Identity };
        let mut set = PolicySet::new();
        for source in &case.iam {
            let document = Document::parse_within(kind, source, Limits::bytes(1 << 20)).expect("a sound policy");
            let policy = Policy::compile("policy", &document);
            set = if case.trust { set.trust(policy) } else { set.identity(policy) };
        }
        Self { set, request: request(case.trust, case.action, &case.resource, &case.sub) }
    }
}

pub fn request(trust: bool, action: &str, resource: &str, sub: &str) -> Request {
    Request {
        principal: if trust {
            Principal::Federated { provider: PROVIDER.to_owned() }
        } else {
            Principal::User { arn: USER.to_owned() }
        },
        action: action.to_owned(),
        resource: Some(resource.to_owned()),
        resource_account: None,
        context: [(format!("{ISSUER}:aud"), AUDIENCE), (format!("{ISSUER}:sub"), sub)].into_iter().collect(),
    }
}

impl Engine for Ours {
    fn allows(&self) -> bool {
        self.set.decide(&self.request).is_allow()
    }
}

/// iam-rs; none when it does not take the policy.
pub struct IamRs {
    evaluator: iam_rs::PolicyEvaluator,
    request: iam_rs::IAMRequest,
}

impl IamRs {
    pub fn new(case: &Case) -> Option<Self> {
        let policies: Option<Vec<iam_rs::IAMPolicy>> =
            case.iam.iter().map(|source| serde_json::from_str(source).ok()).collect();
        let principal = if case.trust {
            iam_rs::Principal::Federated(iam_rs::PrincipalId::String(PROVIDER.to_owned()))
        } else {
            iam_rs::Principal::Aws(iam_rs::PrincipalId::String(USER.to_owned()))
        };
        let mut context = iam_rs::Context::new();
        context.insert(format!("{ISSUER}:aud"), iam_rs::ContextValue::String(AUDIENCE.to_owned()));
        context.insert(format!("{ISSUER}:sub"), iam_rs::ContextValue::String(case.sub.clone()));
        let resource = iam_rs::Arn::parse(&case.resource).ok()?;
        let mut policies = policies?;
        if case.trust {
            // It wants a resource in every statement, which trust policies do not have.
            for statement in policies.iter_mut().flat_map(|policy| &mut policy.statement) {
                statement.resource = Some(iam_rs::IAMResource::Single("*".to_owned()));
            }
        }
        Some(Self {
            evaluator: iam_rs::PolicyEvaluator::with_policies(policies),
            request: iam_rs::IAMRequest::new_with_context(principal, case.action, resource, context),
        })
    }
}

impl Engine for IamRs {
    fn allows(&self) -> bool {
        matches!(self.evaluator.evaluate(&self.request).map(|result| result.decision), Ok(iam_rs::Decision::Allow))
    }
}

/// Cedar, in its own language.
pub struct Cedar {
    authorizer: cedar::Authorizer,
    policies: cedar::PolicySet,
    entities: cedar::Entities,
    request: cedar::Request,
}

impl Cedar {
    pub fn new(case: &Case) -> Self {
        let entity = |kind: &str, id: &str| {
            cedar::EntityUid::from_type_name_and_id(
                cedar::EntityTypeName::from_str(kind).expect("a type"),
                cedar::EntityId::new(id),
            )
        };
        let context = cedar::Context::from_json_value(
            serde_json::json!({ "aud": AUDIENCE, "sub": case.sub, "arn": case.resource }),
            None,
        );
        let request = cedar::Request::new(
            entity("User", USER),
            entity("Action", case.action),
            entity("Resource", &case.resource),
            context.expect("a context"),
            None,
        );
        Self {
            authorizer: cedar::Authorizer::new(),
            policies: cedar::PolicySet::from_str(&case.cedar).expect("sound policies"),
            entities: cedar::Entities::empty(),
            request: request.expect("a request"),
        }
    }
}

impl Engine for Cedar {
    fn allows(&self) -> bool {
        let response = self.authorizer.is_authorized(&self.request, &self.policies, &self.entities);
        response.decision() == cedar::Decision::Allow
    }
}
