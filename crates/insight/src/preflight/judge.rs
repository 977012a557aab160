//! A trust policy over a set of possible tokens, in four values.

use stagedoor_policy::{Comparison, Condition, Context, Document, Effect, Statement, Value, Version};

use super::case::Case;
use super::engine;
use super::prediction::{Claim, Doubt, Prediction};
use crate::language::{Form, Relation, iam};

/// The four values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Truth {
    /// For every token that is possible.
    Yes,
    /// For none.
    No,
    /// For some: on what it depends.
    Depends(String),
    /// Nobody can say from here: why.
    Unknown(String),
}

/// What a policy makes of a case.
#[derive(Debug, Clone)]
pub(crate) struct Judgement {
    /// Whether the role is given.
    pub(crate) truth: Truth,
    /// The statement that tells: the one that grants or denies, or the one that comes nearest to granting.
    pub(crate) statement: Option<usize>,
    /// The conditions of that statement in order, as far as they are not simply true.
    pub(crate) tests: Vec<Test>,
    /// Whether that statement is a `Deny`.
    pub(crate) explicit: bool,
    /// Whether that statement is not about this issuer at all.
    pub(crate) other_principal: bool,
    /// Why the token is refused before any policy is asked.
    pub(crate) before: Option<String>,
}

/// What became of one condition.
#[derive(Debug, Clone)]
pub(crate) struct Test {
    /// The number of the condition in its statement.
    pub(crate) condition: usize,
    pub(crate) truth: Truth,
    /// What the key can be, and where that comes from.
    pub(crate) claim: Claim,
}

impl Truth {
    /// All of several: the first failure, else the first thing unknown, else the first dependency.
    fn all<'a>(truths: impl Iterator<Item = &'a Truth>) -> Truth {
        truths.fold(Truth::Yes, |all, one| if one.rank() > all.rank() { one.clone() } else { all })
    }

    fn rank(&self) -> u8 {
        match self {
            Truth::Yes => 0,
            Truth::Depends(_) => 1,
            Truth::Unknown(_) => 2,
            Truth::No => 3,
        }
    }

    fn not(self) -> Self {
        match self {
            Truth::Yes => Truth::No,
            Truth::No => Truth::Yes,
            other => other,
        }
    }
}

/// Evaluates a trust policy over a case.
pub(crate) fn judge(document: &Document, case: &Case, role: Option<&str>) -> Judgement {
    let (cases, doubt) = case.by_audience();
    let judgements: Vec<Judgement> = cases
        .into_iter()
        .map(|case| match case {
            Ok(case) => judge_one(document, &case, role),
            Err(refusal) => Judgement {
                truth: Truth::No,
                statement: None,
                tests: Vec::new(),
                explicit: false,
                other_principal: false,
                before: Some(refusal),
            },
        })
        .collect();
    combine(judgements, doubt)
}

/// One judgement out of those for each possible audience.
fn combine(mut judgements: Vec<Judgement>, doubt: Option<Doubt>) -> Judgement {
    let agreed =
        judgements.iter().all(|one| Some(&one.truth) == judgements.first().map(|first| &first.truth));
    let worst = (0..judgements.len()).max_by_key(|at| judgements.get(*at).map_or(0, |one| one.truth.rank()));
    let mut judgement = match worst {
        Some(worst) => judgements.swap_remove(worst),
        None => Judgement {
            truth: Truth::No,
            statement: None,
            tests: Vec::new(),
            explicit: false,
            other_principal: false,
            before: None,
        },
    };
    if !agreed && judgement.truth == Truth::No {
        judgement.truth = match doubt {
            Some(Doubt::Varies(with)) => Truth::Depends(with),
            Some(Doubt::Hidden(why)) => Truth::Unknown(why),
            None => Truth::No,
        };
    }
    judgement
}

struct Read<'a> {
    number: usize,
    statement: &'a Statement,
    concerned: bool,
    truth: Truth,
    tests: Vec<Test>,
}

fn judge_one(document: &Document, case: &Case, role: Option<&str>) -> Judgement {
    let provider = case.provider_arn(document, role);
    let read: Vec<Read<'_>> = document
        .statements()
        .iter()
        .enumerate()
        .map(|(number, statement)| read(document.version(), number, statement, case, &provider))
        .collect();
    let of = |effect| read.iter().filter(move |one| one.statement.effect.value == effect && one.concerned);
    let best = |effect| of(effect).min_by_key(|one| (one.truth.rank(), failures(one)));
    let (grant, denial) = (best(Effect::Allow), best(Effect::Deny));
    let denied = denial.map_or(Truth::No, |one| one.truth.clone());
    let granted = grant.map_or(Truth::No, |one| one.truth.clone());
    let (truth, telling) = match (&denied, &granted) {
        (Truth::Yes, _) => (Truth::No, denial),
        (_, Truth::No) => (Truth::No, grant),
        (Truth::No, _) => (granted, grant),
        _ => {
            let truth = Truth::all([granted, denied.not()].iter());
            let granted = grant.is_some_and(|one| one.truth == truth);
            (truth, if granted { grant } else { denial })
        }
    };
    // A statement about another principal is worth showing only if there is none about this one.
    let other = read.iter().find(|one| one.statement.effect.value == Effect::Allow);
    let other_principal = telling.is_none();
    let telling = telling.or(other);
    Judgement {
        truth,
        statement: telling.map(|one| one.number),
        tests: telling.map(|one| one.tests.clone()).unwrap_or_default(),
        explicit: telling.is_some_and(|one| one.statement.effect.value == Effect::Deny),
        other_principal,
        before: None,
    }
}

fn failures(read: &Read<'_>) -> usize {
    read.tests.iter().filter(|test| test.truth == Truth::No).count()
}

fn read<'a>(
    version: Version,
    number: usize,
    statement: &'a Statement,
    case: &Case,
    provider: &str,
) -> Read<'a> {
    let concerned = engine::concerns(version, statement, provider).unwrap_or(false);
    let all: Vec<Test> = statement
        .conditions
        .iter()
        .enumerate()
        .map(|(number, condition)| {
            let claim = case.key(&condition.key.value);
            Test { condition: number, truth: test(version, condition, case, &claim), claim }
        })
        .collect();
    let truth = if concerned { Truth::all(all.iter().map(|test| &test.truth)) } else { Truth::No };
    let tests = all.into_iter().filter(|test| test.truth != Truth::Yes).collect();
    Read { number, statement, concerned, truth, tests }
}

/// Evaluates one condition.
fn test(version: Version, condition: &Condition, case: &Case, claim: &Claim) -> Truth {
    let key = &*condition.key.value;
    let mut context = Context::new();
    if condition.values.iter().any(|value| value.value.contains("${")) && version == Version::V2012 {
        match variables(condition, case) {
            Ok(known) => context = known,
            Err(why) => return Truth::Unknown(why),
        }
        if matches!(claim.prediction, Prediction::Language(..)) {
            return Truth::Unknown("the value holds a policy variable".to_owned());
        }
    }
    predicted(version, condition, &claim.prediction, key, &context)
}

fn predicted(
    version: Version,
    condition: &Condition,
    prediction: &Prediction,
    key: &str,
    context: &Context,
) -> Truth {
    let ask = |value: Option<&Value>| {
        let mut context = context.clone();
        if let Some(value) = value {
            context.insert(key, value.clone());
        }
        match engine::holds(version, condition, context) {
            Some(true) => Truth::Yes,
            Some(false) => Truth::No,
            None => Truth::Unknown("the condition cannot be evaluated on its own".to_owned()),
        }
    };
    match prediction {
        Prediction::Exact(value) => ask(Some(value)),
        Prediction::Absent => ask(None),
        Prediction::Unknown(why) => Truth::Unknown(why.clone()),
        Prediction::Choice(options, doubt) => {
            let truths: Vec<Truth> =
                options.iter().map(|option| predicted(version, condition, option, key, context)).collect();
            let first = truths.first().cloned().unwrap_or(Truth::No);
            match truths.iter().all(|truth| *truth == first) {
                true => first,
                false => doubted(doubt),
            }
        }
        Prediction::Language(_, doubt) => by_language(condition, prediction, doubt, &ask),
    }
}

fn by_language(
    condition: &Condition,
    prediction: &Prediction,
    doubt: &Doubt,
    ask: &dyn Fn(Option<&Value>) -> Truth,
) -> Truth {
    let values = condition.values.iter().map(|value| &*value.value);
    let operator = condition.parsed;
    let wanted = match operator.comparison {
        Comparison::StringEquals => Form::Either(values.map(Form::lit).collect()),
        Comparison::StringEqualsIgnoreCase => {
            Form::Either(values.map(|value| Form::lit(value).folded()).collect())
        }
        Comparison::StringLike => Form::Either(values.map(iam).collect()),
        // Whether the key is there is all that matters.
        Comparison::Null => return ask(prediction.sample().as_ref()),
        _ => return Truth::Unknown(format!("`{}` is not evaluated over patterns", condition.operator.value)),
    };
    let truth = match prediction.relate(&wanted) {
        Some((Relation::Inside { .. }, _)) => Truth::Yes,
        Some((Relation::Outside { .. } | Relation::Empty, _)) => Truth::No,
        Some((Relation::Overlaps { .. }, _)) => doubted(doubt),
        Some((Relation::TooComplex, _)) | None => Truth::Unknown("the patterns are too complex".to_owned()),
    };
    // A set operator makes no difference to a single value.
    if operator.negated { truth.not() } else { truth }
}

fn doubted(doubt: &Doubt) -> Truth {
    match doubt {
        Doubt::Varies(with) => Truth::Depends(with.clone()),
        Doubt::Hidden(why) => Truth::Unknown(why.clone()),
    }
}

/// The keys that the values name as variables, if all are known.
fn variables(condition: &Condition, case: &Case) -> Result<Context, String> {
    let mut context = Context::new();
    for value in &condition.values {
        for piece in value.value.split("${").skip(1) {
            let name = piece.split(['}', ',']).next().unwrap_or_default().trim();
            if matches!(name, "*" | "?" | "$") {
                continue;
            }
            match case.key(name).prediction {
                Prediction::Exact(value) => context.insert(name, value),
                Prediction::Absent => {}
                _ => {
                    return Err(format!(
                        "the policy variable `${{{name}}}` is not known before the job runs"
                    ));
                }
            }
        }
    }
    Ok(context)
}
