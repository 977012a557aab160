//! What was found, as text and as JSON (`docs/schema/explain.json`).

use std::fmt::Write as _;

use serde::Serialize;
use stagedoor_identity::Profile;
use stagedoor_policy::Explanation;

use super::brief;
use crate::assumption::Verdict;
use crate::exit::Exit;
use crate::output::Style;

/// The answer to "why".
#[derive(Debug, Serialize)]
pub(super) struct Report {
    /// Whether the verdict is `allowed`.
    allowed: bool,
    pub(super) verdict: Answer,
    /// The role or the policy.
    pub(super) of: String,
    /// Whose condition keys were taken.
    #[serde(serialize_with = "profile")]
    pub(super) profile: Profile,
    /// Where the claims came from, in words.
    pub(super) origin: String,
    /// Whether the token was verified.
    pub(super) verified: bool,
    /// The issuer, where it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) issuer: Option<String>,
    /// What the policy said; none when it was not asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) explanation: Option<Box<Explanation>>,
    /// Why the policy was not asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) refusal: Option<Refusal>,
    /// Condition keys of the policy whose values nobody knows.
    pub(super) unknown: Vec<String>,
    /// What else is worth knowing, a sentence each.
    pub(super) notes: Vec<String>,
}

/// Whether the role can be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Answer {
    Allowed,
    Denied,
    /// What is known does not suffice to tell.
    Unknown,
}

/// A refusal before any policy is asked.
#[derive(Debug, Serialize)]
pub(super) struct Refusal {
    pub(super) code: String,
    pub(super) message: String,
}

impl Report {
    /// A report on nothing yet.
    pub(super) fn new(of: &str, profile: Profile, origin: String) -> Self {
        Self {
            allowed: false,
            verdict: Answer::Unknown,
            of: of.to_owned(),
            profile,
            origin,
            verified: false,
            issuer: None,
            explanation: None,
            refusal: None,
            unknown: Vec::new(),
            notes: Vec::new(),
        }
    }

    /// With what became of an assumption.
    pub(super) fn verdict(mut self, verdict: Verdict) -> Self {
        self = self.answer(if verdict.is_allow() { Answer::Allowed } else { Answer::Denied });
        match verdict {
            Verdict::Refused { code, message } => {
                self.refusal = Some(Refusal { code: code.to_owned(), message })
            }
            Verdict::Decided(explanation) => self.explanation = Some(explanation),
        }
        self
    }

    /// With this answer.
    pub(super) fn answer(self, verdict: Answer) -> Self {
        Self { allowed: verdict == Answer::Allowed, verdict, ..self }
    }

    pub(super) fn exit(&self) -> Exit {
        match self.verdict {
            Answer::Allowed => Exit::Fine,
            Answer::Denied | Answer::Unknown => Exit::Findings,
        }
    }

    pub(super) fn json(&self) -> Result<String, serde_json::Error> {
        Ok(serde_json::to_string_pretty(self)? + "\n")
    }

    /// The text for a terminal; `color` says whether the policy's lines are shown in colour.
    pub(super) fn text(&self, color: bool) -> String {
        let explained = self.explanation.as_ref().map(|explanation| explanation.render(color));
        self.around(explained)
    }

    /// The text in a few lines.
    pub(super) fn brief(&self) -> String {
        self.around(self.explanation.is_some().then(|| self.told_briefly()))
    }

    /// What the policy said, or why it was not asked, in a few lines.
    pub(super) fn told_briefly(&self) -> String {
        let prefix =
            self.issuer.as_deref().map_or("", |url| url.split_once("://").map_or(url, |(_, bare)| bare));
        match (&self.explanation, &self.refusal) {
            (Some(explanation), _) => brief::brief(explanation, prefix),
            (None, Some(refusal)) => format!("{}: {}\n", refusal.code, refusal.message),
            (None, None) => String::new(),
        }
    }

    fn around(&self, explained: Option<String>) -> String {
        let verdict = match self.verdict {
            Answer::Allowed => Style::GOOD.paint("allowed"),
            Answer::Denied => Style::BAD.paint("denied"),
            Answer::Unknown => Style::BAD.paint("cannot be told"),
        };
        let mut text = format!("{verdict}: {} for {}", self.of, self.origin);
        if let Some(issuer) = &self.issuer {
            // Writing to a string cannot fail.
            let _ = write!(text, " of {issuer}");
        }
        let verified = if self.verified { "verified" } else { "not verified" };
        let keys = match self.profile {
            Profile::Aws => "; condition keys as AWS has them",
            Profile::Stagedoor => "",
        };
        let _ = writeln!(text, " ({verified}{keys})");
        if let Some(refusal) = &self.refusal {
            let Refusal { code, message } = refusal;
            let _ = write!(text, "\nthe token is refused before any policy is asked\n\n{code}: {message}\n");
        }
        if let Some(explained) = explained {
            let _ = write!(text, "\n{}\n", explained.trim_end());
        }
        if !self.notes.is_empty() {
            text.push('\n');
        }
        for note in &self.notes {
            let _ = writeln!(text, "{} {note}", Style::DIM.paint("note:"));
        }
        text
    }
}

fn profile<S: serde::Serializer>(profile: &Profile, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(match profile {
        Profile::Aws => "aws",
        Profile::Stagedoor => "stagedoor",
    })
}
