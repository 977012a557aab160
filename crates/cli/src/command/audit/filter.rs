//! Which records are meant: the options that `search` and `erase` share.

use clap::{Args, ValueEnum};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use stagedoor_audit::{Decision, Kind, Query};

use crate::failure::Failure;

/// Conditions on records; all that are given must fit.
#[derive(Debug, Args)]
pub(super) struct Filter {
    /// Role, by name or ARN
    #[arg(long)]
    role: Option<String>,

    /// Session, by its access key id (ASIA…)
    #[arg(long, value_name = "KEY")]
    session: Option<String>,

    /// Provider kind or issuer name, such as `bitbucket`
    #[arg(long)]
    provider: Option<String>,

    /// Repository, as the token names it
    #[arg(long, value_name = "REPO")]
    repository: Option<String>,

    /// Branch or tag
    #[arg(long = "ref", value_name = "REF")]
    reference: Option<String>,

    /// Commit, or its first seven characters or more
    #[arg(long)]
    commit: Option<String>,

    /// Pipeline run
    #[arg(long)]
    run: Option<String>,

    /// Pull or merge request
    #[arg(long, value_name = "ID")]
    pull_request: Option<String>,

    /// Person or agent
    #[arg(long)]
    actor: Option<String>,

    /// What happened: assume, use, identity, reload, lifecycle …
    #[arg(long, value_parser = kind)]
    kind: Option<Kind>,

    /// How it was decided
    #[arg(long, value_enum)]
    decision: Option<Answer>,

    /// Reason code of a refusal, such as `token_expired`
    #[arg(long)]
    reason: Option<String>,

    /// Gate or door, by name
    #[arg(long)]
    gate: Option<String>,

    /// From this time on: RFC 3339, a day, or `30m`, `2h`, `7d` ago
    #[arg(long, value_name = "TIME")]
    since: Option<String>,

    /// Before this time
    #[arg(long, value_name = "TIME")]
    until: Option<String>,

    /// Text anywhere in the record, case ignored
    #[arg(long)]
    text: Option<String>,

    /// Read every record instead of trusting the search index
    #[arg(long)]
    exhaustive: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Answer {
    Allow,
    Deny,
}

impl Filter {
    /// Whether no condition was given.
    pub(super) fn is_empty(&self) -> bool {
        let texts = [
            &self.role,
            &self.session,
            &self.provider,
            &self.repository,
            &self.reference,
            &self.commit,
            &self.run,
            &self.pull_request,
            &self.actor,
            &self.reason,
            &self.gate,
            &self.since,
            &self.until,
            &self.text,
        ];
        texts.iter().all(|text| text.is_none()) && self.kind.is_none() && self.decision.is_none()
    }

    /// The query at the moment `now`, without a limit.
    pub(super) fn query(&self, now: Timestamp) -> Result<Query, Failure> {
        let time = |text: &Option<String>| text.as_deref().map(|text| moment(text, now)).transpose();
        Ok(Query {
            role: self.role.clone(),
            session: self.session.clone(),
            provider: self.provider.clone(),
            repository: self.repository.clone(),
            reference: self.reference.clone(),
            commit: self.commit.clone(),
            run: self.run.clone(),
            pull_request: self.pull_request.clone(),
            actor: self.actor.clone(),
            kind: self.kind,
            decision: self.decision.map(|answer| match answer {
                Answer::Allow => Decision::Allow,
                Answer::Deny => Decision::Deny,
            }),
            reason: self.reason.clone(),
            gate: self.gate.clone(),
            since: time(&self.since)?,
            until: time(&self.until)?,
            text: self.text.clone(),
            exhaustive: self.exhaustive,
            ..Query::default()
        })
    }
}

fn kind(text: &str) -> Result<Kind, String> {
    let kinds = [
        Kind::Assume,
        Kind::Use,
        Kind::Identity,
        Kind::Approval,
        Kind::Revocation,
        Kind::Reload,
        Kind::KeyRotation,
        Kind::Admin,
        Kind::Lifecycle,
    ];
    kinds.into_iter().find(|kind| kind.as_str() == text).ok_or_else(|| {
        let names: Vec<&str> = kinds.iter().map(|kind| kind.as_str()).collect();
        format!("one of {} is wanted", names.join(", "))
    })
}

/// A time as people write it.
pub(crate) fn moment(text: &str, now: Timestamp) -> Result<Timestamp, Failure> {
    if let Ok(time) = text.parse::<Timestamp>() {
        return Ok(time);
    }
    if let Some(day) = text.parse::<Date>().ok().and_then(|day| day.to_zoned(TimeZone::UTC).ok()) {
        return Ok(day.timestamp());
    }
    ago(text).and_then(|back| now.checked_sub(back).ok()).ok_or_else(|| {
        Failure::input(format!(
            "`{text}` is no time: write `2026-11-20T10:00:00Z`, `2026-11-20`, or `30m`, `2h`, `7d` ago"
        ))
    })
}

fn ago(text: &str) -> Option<SignedDuration> {
    let unit = match text.chars().last()? {
        's' => 1,
        'm' => 60,
        'h' => 3600,
        'd' => 86_400,
        _ => return None,
    };
    let number: u32 = text.get(..text.len() - 1)?.parse().ok()?;
    Some(SignedDuration::from_secs(i64::from(number) * unit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_absolute_or_ago() {
        let now: Timestamp = "2026-11-20T10:00:00Z".parse().unwrap();
        for (text, time) in [
            ("2026-11-20T09:30:00Z", "2026-11-20T09:30:00Z"),
            ("2026-11-20T10:30:00+01:00", "2026-11-20T09:30:00Z"),
            ("2026-11-19", "2026-11-19T00:00:00Z"),
            ("30m", "2026-11-20T09:30:00Z"),
            ("7d", "2026-11-13T10:00:00Z"),
        ] {
            assert_eq!(moment(text, now).unwrap().to_string(), time, "{text}");
        }
        for text in ["", "yesterday", "m", "-5m", "5 m", "1é"] {
            assert!(moment(text, now).is_err(), "{text}");
        }
    }
}
