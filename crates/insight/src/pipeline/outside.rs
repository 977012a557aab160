//! What lies outside of the files, as predictions.

use crate::language::{Form, Language, Relation};
use crate::preflight::prediction::{Doubt, Prediction};

/// `true` or `false` as strings, by whether a ref fits what is protected.
pub(super) fn protection(reference: &Prediction, protected: Form) -> Prediction {
    let text = |protected: bool| Prediction::exact(protected.to_string());
    match reference {
        Prediction::Exact(value) => {
            let language = Language::of(protected);
            text(value.values().iter().all(|reference| language.contains(reference)))
        }
        Prediction::Language(..) => match reference.relate(&protected) {
            Some((Relation::Inside { .. }, _)) => text(true),
            Some((Relation::Outside { .. }, _)) => text(false),
            Some((_, doubt)) => Prediction::Choice(vec![text(true), text(false)], doubt.clone()),
            None => Prediction::Unknown("the ref is not known".to_owned()),
        },
        Prediction::Choice(options, doubt) => {
            let options = options.iter().map(|option| protection(option, protected.clone())).collect();
            Prediction::Choice(options, doubt.clone())
        }
        Prediction::Absent | Prediction::Unknown(_) => Prediction::Unknown("the ref is not known".to_owned()),
    }
}

/// What the lock file tells, or any of its form.
pub(super) fn known(value: Option<&str>, what: &str, entry: &str, form: Form) -> Prediction {
    match value {
        Some(value) => Prediction::exact(value),
        None => {
            let doubt = Doubt::hidden(format!("{what} is not known (`{entry}` in stagedoor.lock)"));
            Prediction::of(Language::of(form), doubt)
        }
    }
}
