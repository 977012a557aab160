//! The claims of a job's token.

use super::region::Region;
use super::variables::{Known, Piece, Variables, pieces};
use crate::language::{Class, Form, Language};
use crate::pipeline::outside::{known, protection};
use crate::preflight::Lock;
use crate::preflight::prediction::{Claim, Claims, Composed, Doubt, Prediction};
use crate::source::Place;
use crate::yaml::Node;

/// A job in the pipelines of a region.
pub(super) struct Claimant<'a> {
    pub(super) lock: &'a Lock,
    pub(super) job: &'a Node,
    pub(super) name: &'a Place,
    pub(super) variables: &'a Variables<'a>,
}

/// The job's environment: the node of its name, and the whole.
pub(super) fn environment(job: &Node) -> Option<(&Node, &Node)> {
    let node = job.get("environment")?;
    let name = if node.is_mapping() { node.get("name")? } else { node };
    name.text().map(|_| (name, node))
}

impl Claimant<'_> {
    /// All claims but `aud`, which the job's `id_tokens` decide. `doubt` says why the job may have an environment that
    /// is not seen here.
    pub(super) fn claims(&self, region: &Region, place: &Place, doubt: Option<&str>) -> Claims {
        let gitlab = &self.lock.gitlab;
        let mut claims = Claims::default();
        let (kind, here) = (region.kind, "started by this");
        let path = known(
            gitlab.project_path.as_deref(),
            "the project's path",
            "gitlab.project_path",
            Form::Sequence(vec![Form::segment("acme"), Form::lit("/"), Form::anything().named("*", "shop")]),
        );
        let project =
            known(gitlab.project_id.as_deref(), "the project's id", "gitlab.project_id", Form::number("20"));
        let namespace = known(
            gitlab.namespace_id.as_deref(),
            "the namespace's id",
            "gitlab.namespace_id",
            Form::number("72"),
        );
        if let Some((namespace, _)) = gitlab.project_path.as_deref().and_then(|path| path.rsplit_once('/')) {
            claims.put("namespace_path", Prediction::exact(namespace));
            claims.put("job_namespace_path", Prediction::exact(namespace));
        }
        claims.put("job_project_path", path.clone());
        claims.put("job_project_id", project.clone());
        claims.put("job_namespace_id", namespace.clone());
        claims.put("project_path", path);
        claims.put("project_id", project);
        claims.put("namespace_id", namespace);
        let what = if kind.tag { "the tag" } else { "the branch" };
        let reference = Prediction::of(region.refs.clone(), Doubt::varies(what));
        let ref_type = if kind.tag { "tag" } else { "branch" };
        claims.set("ref", Claim::new(reference.clone()).at(place, here));
        claims.set("ref_type", Claim::new(Prediction::exact(ref_type)).at(place, here));
        claims.set("pipeline_source", Claim::new(Prediction::exact(kind.source)).at(place, here));
        let ref_path = match kind.merge_request {
            true => {
                Prediction::Unknown("what `ref_path` is in merge request pipelines is not certain".to_owned())
            }
            false => reference.between(if kind.tag { "refs/tags/" } else { "refs/heads/" }, ""),
        };
        if gitlab.project_path.is_some() && gitlab.host.is_some() {
            let file = format!(
                "{}/{}//.gitlab-ci.yml@",
                gitlab.host.as_deref().unwrap_or_default(),
                gitlab.project_path.as_deref().unwrap_or_default()
            );
            claims.put("ci_config_ref_uri", ref_path.between(&file, ""));
        }
        claims.set("ref_path", Claim::new(ref_path).at(place, here));
        let protected = match self.variables.protected(kind.tag) {
            Some(form) => protection(&reference, form),
            None => Prediction::Unknown(format!(
                "the protected {0} are not known (`gitlab.protected_{0}` in stagedoor.lock)",
                if kind.tag { "tags" } else { "branches" }
            )),
        };
        claims.set("ref_protected", Claim::new(protected).at(place, here));
        if let Some(visibility) = &gitlab.visibility {
            claims.put("project_visibility", Prediction::exact(visibility.as_str()));
        }
        let environment = self.environment(region, doubt, &mut claims);
        let sub = self.subject(&claims);
        let claim = Claim::new(sub);
        claims.set(
            "sub",
            match environment {
                Some(place) if self.components().iter().any(|part| part.starts_with("environment")) => {
                    claim.at(&place, "the environment is in `sub`")
                }
                _ => claim.at(place, here),
            },
        );
        claims
    }

    /// Sets the claims about the environment; returns where it is named.
    fn environment(&self, region: &Region, doubt: Option<&str>, claims: &mut Claims) -> Option<Place> {
        let names = ["environment", "environment_action", "deployment_tier", "environment_protected"];
        let Some((name, whole)) = environment(self.job) else {
            let absent = match doubt {
                Some(why) => Prediction::Unknown(format!("the job has no `environment`, but {why}")),
                None => Prediction::Absent,
            };
            for claim in names {
                claims.set(claim, Claim::new(absent.clone()).at(self.name, "no `environment`"));
            }
            return None;
        };
        let here = |prediction: Prediction| Claim::new(prediction).at(name.place(), "the job's environment");
        let expanded = self.template(name.text().unwrap_or_default(), region);
        let action = whole.get("action").and_then(Node::text).unwrap_or("start");
        claims.set("environment_action", here(Prediction::exact(action)));
        let tier = match whole.get("deployment_tier").and_then(Node::text) {
            Some(tier) => Prediction::exact(tier),
            None => {
                Prediction::Unknown("the tier follows from the environment's name or settings".to_owned())
            }
        };
        claims.set("deployment_tier", here(tier));
        let protected = match (&self.lock.gitlab.protected_environments, &expanded) {
            (Some(protected), Prediction::Exact(_)) => {
                protection(&expanded, Form::Either(protected.iter().map(|name| Form::lit(name.as_str())).collect()))
            }
            _ => Prediction::Unknown(
                "the protected environments are not known (`gitlab.protected_environments` in stagedoor.lock)"
                    .to_owned(),
            ),
        };
        claims.set("environment_protected", here(protected));
        claims.set("environment", here(expanded));
        Some(name.place().clone())
    }

    /// A text with variables, some of which differ from run to run.
    fn template(&self, text: &str, region: &Region) -> Prediction {
        let reference = || Prediction::of(region.refs.clone(), Doubt::varies("the branch"));
        let mut whole = Composed::new();
        for piece in pieces(text) {
            let name = match piece {
                Piece::Text(text) => {
                    whole = whole.text(text);
                    continue;
                }
                Piece::Variable(name) => name,
            };
            whole = match name {
                "CI_COMMIT_REF_NAME" => whole.part(&reference()),
                "CI_COMMIT_BRANCH" if !region.kind.tag && !region.kind.merge_request => {
                    whole.part(&reference())
                }
                "CI_COMMIT_TAG" if region.kind.tag => whole.part(&reference()),
                "CI_COMMIT_REF_SLUG" => {
                    let slug = Class::of(vec![('a', 'z'), ('0', '9'), ('-', '-')]);
                    let slug = Form::any_of(slug, 1).named("*", "feature");
                    whole.part(&Prediction::of(Language::of(slug), Doubt::varies("the branch")))
                }
                _ => match self.variables.get(name) {
                    Known::Text(value) => whole.text(&value),
                    Known::Unknown(why) => whole.part(&Prediction::Unknown(why)),
                    Known::Unset => whole.part(&Prediction::Unknown(format!(
                        "`${name}` is not known (`variables.{name}` in stagedoor.lock)"
                    ))),
                },
            };
        }
        whole.done()
    }

    fn components(&self) -> Vec<String> {
        let default = || ["project_path", "ref_type", "ref"].map(str::to_owned).to_vec();
        self.lock.gitlab.subject.clone().unwrap_or_else(default)
    }

    /// `name:value:name:value` of the components that the token has.
    fn subject(&self, claims: &Claims) -> Prediction {
        let mut sub = Composed::new();
        let mut first = true;
        for component in self.components() {
            let value = claims.get(&component).map(|claim| claim.prediction.clone());
            let value = value.unwrap_or_else(|| {
                Prediction::Unknown(format!("`{component}` in `sub` is not told by the file"))
            });
            if value == Prediction::Absent {
                continue;
            }
            sub = sub.text(&format!("{}{component}:", if first { "" } else { ":" })).part(&value);
            first = false;
        }
        sub.done()
    }
}
