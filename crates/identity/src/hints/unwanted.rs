//! Why a claim's value is not the wanted one.

use serde_json::Value;

use super::KeyHints;
use super::absent::listed;
use crate::context::Profile;
use crate::provider::{Form, Mutability, Subject, fits};
use crate::refusal::excerpt;

impl KeyHints<'_> {
    /// The audience that the token was asked for is another one.
    pub(super) fn unwanted_audience(&self, wanted: &[&str], has: &str) -> Option<String> {
        if self.profile == Profile::Aws
            && let Some(party) = self.claims.and_then(|claims| claims.get("azp")).and_then(Value::as_str)
        {
            let party = excerpt(party);
            return Some(format!(
                "the token has `azp`, so for AWS `aud` is `{party}`; its own audience is `oaud`"
            ));
        }
        let provider = self.provider?;
        let literal = wanted.iter().find(|wanted| !wanted.contains(['*', '?', '$']))?;
        let usual = provider.audience.default.filter(|template| !template.starts_with('{'));
        if usual.is_some_and(|template| fits(template, literal)) {
            let title = provider.title;
            return Some(format!(
                "`{}` is the default audience of {title}: ask for no other",
                excerpt(literal)
            ));
        }
        Some(match provider.audience.chosen_by {
            Some(chosen) => {
                format!("ask for the audience `{}` where the token is fetched: {chosen}", excerpt(literal))
            }
            None => {
                format!("tokens of {} cannot choose their audience: it is `{}`", provider.title, excerpt(has))
            }
        })
    }

    /// The subject has another form, or one that no policy can foresee.
    pub(super) fn unwanted_subject(&self, wanted: &[&str], has: &str) -> Option<String> {
        let provider = self.provider?;
        let ours = provider.subject_form(has);
        let theirs: Vec<&'static Subject> =
            wanted.iter().flat_map(|wanted| provider.subject_forms_like(wanted)).collect();
        match (ours, theirs.first()) {
            (Some(ours), Some(first)) if !theirs.contains(&ours) => Some(format!(
                "`sub` has several forms: the token's is `{}` ({}), the policy wants `{}` ({})",
                ours.shown(),
                ours.when,
                first.shown(),
                first.when
            )),
            (Some(_), None) if !provider.subject_customisable && !wanted.is_empty() => Some(format!(
                "no `sub` of {} has the form of `{}`; the forms are {}",
                provider.title,
                excerpt(wanted.first().copied().unwrap_or_default()),
                listed(
                    provider
                        .subjects
                        .iter()
                        .map(Subject::shown)
                        .collect::<Vec<_>>()
                        .iter()
                        .map(String::as_str)
                )
            )),
            _ => self.unwanted_claim("sub", wanted),
        }
    }

    /// The claim has another type than the wanted value, or another value in each run.
    pub(super) fn unwanted_claim(&self, claim: &str, wanted: &[&str]) -> Option<String> {
        let known = self.known(self.provider?, claim)?;
        let one_of = |allowed: &[&str]| wanted.iter().any(|wanted| allowed.contains(wanted));
        let number = |text: &&str| text.trim().parse::<f64>().is_ok();
        match known.form {
            Form::Boolean if !one_of(&["true", "false"]) => {
                return Some(format!("`{}` is a boolean: the key's value is `true` or `false`", known.name));
            }
            Form::Number if !wanted.iter().any(number) => {
                return Some(format!("`{}` is a number", known.name));
            }
            _ => {}
        }
        let fixed = !wanted.iter().any(|wanted| wanted.contains(['*', '?', '$']));
        (known.mutability == Mutability::Run && fixed && known.form == Form::Text)
            .then(|| format!("`{}` is different in each run, so no fixed value matches twice", known.name))
    }
}
