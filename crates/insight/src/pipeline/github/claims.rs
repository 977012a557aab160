//! The claims of a job's token.

use super::predicted;
use super::trigger::Trigger;
use crate::language::{Form, Language, gitlab as wildcard};
use crate::pipeline::outside::{known, protection};
use crate::preflight::Lock;
use crate::preflight::prediction::{Claim, Claims, Composed, Doubt, Prediction};
use crate::source::Place;
use crate::yaml::Node;

/// A job that a trigger starts.
pub(super) struct Claimant<'a> {
    pub(super) lock: &'a Lock,
    pub(super) trigger: &'a Trigger,
    /// The workflow that was started.
    pub(super) top: &'a str,
    /// The file that holds the job.
    pub(super) path: &'a str,
}

type Environment = (Place, Result<String, String>);

impl Claimant<'_> {
    /// All claims but `aud`, which the step decides.
    pub(super) fn claims(
        &self,
        title: &str,
        environment: Option<&Environment>,
        job: &Place,
        runs_on: Option<&Node>,
    ) -> Claims {
        let github = &self.lock.github;
        let trigger = self.trigger;
        let mut claims = Claims::default();
        let owner = known(github.owner.as_deref(), "the owner", "github.owner", Form::segment("acme"));
        let name =
            known(github.repository.as_deref(), "the repository", "github.repository", Form::segment("shop"));
        let repository = Composed::new().part(&owner).text("/").part(&name).done();
        claims.put("repository_owner", owner);
        claims.put("repository", repository.clone());
        let id = |value: &Option<String>, what: &str, entry: &str| {
            known(value.as_deref(), what, entry, Form::number("9919001"))
        };
        claims.put("repository_owner_id", id(&github.owner_id, "the owner's id", "github.owner_id"));
        claims.put("repository_id", id(&github.repository_id, "the repository's id", "github.repository_id"));
        if let Some(visibility) = &github.visibility {
            claims.put("repository_visibility", Prediction::exact(visibility.as_str()));
        }
        let by_trigger =
            |prediction: &Prediction| Claim::new(prediction.clone()).at(&trigger.place, "started by this");
        claims.set("ref", by_trigger(&trigger.reference));
        claims.set("ref_type", by_trigger(&trigger.ref_type));
        claims.set("event_name", by_trigger(&Prediction::exact(trigger.event.as_str())));
        claims.set("head_ref", by_trigger(&trigger.head_ref));
        claims.set("base_ref", by_trigger(&trigger.base_ref));
        claims.set("ref_protected", by_trigger(&self.protected()));
        claims.put("workflow", Prediction::exact(title));
        let at_ref = |path: &str| {
            Composed::new().part(&repository).text(&format!("/{path}@")).part(&trigger.reference).done()
        };
        claims.put("workflow_ref", at_ref(self.top));
        claims.put("job_workflow_ref", at_ref(self.path));
        claims.put("runner_environment", runner(runs_on));
        match environment {
            Some((place, name)) => {
                let claim = Claim::new(predicted(name)).at(place, "the job's environment");
                claims.set("environment", claim);
            }
            None => claims.set("environment", Claim::new(Prediction::Absent).at(job, "no `environment`")),
        }
        let sub = self.subject(environment, &repository, &claims);
        let claim = match environment {
            Some((place, _)) => Claim::new(sub).at(place, "an environment takes the ref's place in `sub`"),
            None => Claim::new(sub).at(&trigger.place, "started by this"),
        };
        claims.set("sub", claim);
        claims
    }

    fn subject(
        &self,
        environment: Option<&Environment>,
        repository: &Prediction,
        claims: &Claims,
    ) -> Prediction {
        let context = match environment {
            Some((_, Ok(name))) => Prediction::exact(format!("environment:{}", name.replace(':', "%3A"))),
            Some((_, Err(why))) => Prediction::of(Language::of(Form::anything()), Doubt::hidden(why.clone()))
                .between("environment:", ""),
            None if self.trigger.pull_request => Prediction::exact("pull_request"),
            None => self.trigger.reference.between("ref:", ""),
        };
        let classic = self.composed(repository, &context, claims);
        match self.lock.github.immutable_subject {
            Some(false) => classic,
            Some(true) => self.composed(&self.with_ids(), &context, claims),
            None => {
                let doubt = Doubt::hidden(
                    "whether `sub` has the ids of owner and repository in it is not known \
                     (`github.immutable_subject` in stagedoor.lock)",
                );
                let immutable = self.composed(&self.with_ids(), &context, claims);
                Prediction::Choice(vec![classic, immutable], doubt)
            }
        }
    }

    /// `owner@id/repository@id`.
    fn with_ids(&self) -> Prediction {
        let github = &self.lock.github;
        let part = |value: &Option<String>, what: &str, entry: &str, form: Form| {
            known(value.as_deref(), what, entry, form)
        };
        Composed::new()
            .part(&part(&github.owner, "the owner", "github.owner", Form::segment("acme")))
            .text("@")
            .part(&part(&github.owner_id, "the owner's id", "github.owner_id", Form::number("9919001")))
            .text("/")
            .part(&part(&github.repository, "the repository", "github.repository", Form::segment("shop")))
            .text("@")
            .part(&part(
                &github.repository_id,
                "the repository's id",
                "github.repository_id",
                Form::number("771234567"),
            ))
            .done()
    }

    /// The components that the repository chose, or `repo` and `context`.
    fn composed(&self, repository: &Prediction, context: &Prediction, claims: &Claims) -> Prediction {
        let default = ["repo".to_owned(), "context".to_owned()];
        let components = self.lock.github.subject.as_deref().unwrap_or(&default);
        let mut sub = Composed::new();
        for (number, component) in components.iter().enumerate() {
            if number > 0 {
                sub = sub.text(":");
            }
            sub = match component.as_str() {
                "repo" => sub.text("repo:").part(repository),
                "context" => sub.part(context),
                other => {
                    let value = claims.get(other).map(|claim| claim.prediction.clone());
                    let unknown =
                        || Prediction::Unknown(format!("`{other}` in `sub` is not told by the workflow"));
                    sub.text(&format!("{other}:")).part(&value.unwrap_or_else(unknown))
                }
            };
        }
        sub.done()
    }

    /// Whether the ref is protected, if the lock file tells which branches are.
    fn protected(&self) -> Prediction {
        let Some(patterns) = &self.lock.github.protected_branches else {
            return Prediction::Unknown(
                "the protected branches are not known (`github.protected_branches` in stagedoor.lock)"
                    .to_owned(),
            );
        };
        let forms =
            patterns.iter().map(|pattern| Form::Sequence(vec![Form::lit("refs/heads/"), wildcard(pattern)]));
        protection(&self.trigger.reference, Form::Either(forms.collect()))
    }
}

fn runner(runs_on: Option<&Node>) -> Prediction {
    let unknown = || Prediction::Unknown("the runner's kind does not follow from `runs-on`".to_owned());
    let Some(node) = runs_on else { return unknown() };
    let labels = node.texts();
    if labels.iter().any(|(label, _)| *label == "self-hosted") {
        return Prediction::exact("self-hosted");
    }
    let hosted = |label: &str| {
        ["ubuntu-", "windows-", "macos-"].iter().any(|name| label.starts_with(name)) && !label.contains("${{")
    };
    match labels.as_slice() {
        [(label, _)] if hosted(label) => Prediction::exact("github-hosted"),
        _ => unknown(),
    }
}
