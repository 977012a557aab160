//! `gates/<name>.toml`.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Duration,
};

use stagedoor_policy::{Diagnostic, Span};
use url::Url;

use crate::{
    report::Report,
    source::Source,
    suggest::nearest,
    table::{Section, excerpt, invalid, read_toml},
    value,
};

/// A proxy in front of one service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gate {
    /// The file's stem; the API id in `execute-api` ARNs.
    pub name: String,
    /// `kind`.
    pub kind: GateKind,
    /// `listen`.
    pub listen: SocketAddr,
    /// `upstream`: for `http`, `s3` and `mcp` an `http://` or `https://` URL, with a base path if it has one
    /// and without a final slash; for `postgres` a `postgres://USER@HOST:PORT/DATABASE` URL without a
    /// password; for `tcp` `HOST:PORT`.
    pub upstream: String,
    /// `stage` in `execute-api` ARNs; default `live`.
    pub stage: String,
    /// `password_file`, absolute: the upstream's password, only for `postgres`.
    pub password_file: Option<PathBuf>,
    /// `[limits]`.
    pub limits: Limits,
}

/// What a gate stands in front of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum GateKind {
    /// HTTP.
    Http,
    /// PostgreSQL.
    Postgres,
    /// An S3-compatible store.
    S3,
    /// A Model Context Protocol server.
    Mcp,
    /// Any protocol on a TCP connection.
    Tcp,
}

impl GateKind {
    const ALL: [GateKind; 5] =
        [GateKind::Http, GateKind::Postgres, GateKind::S3, GateKind::Mcp, GateKind::Tcp];

    /// As `kind` writes it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            GateKind::Http => "http",
            GateKind::Postgres => "postgres",
            GateKind::S3 => "s3",
            GateKind::Mcp => "mcp",
            GateKind::Tcp => "tcp",
        }
    }

    /// What its `upstream` must be, and an example.
    const fn upstream(self) -> (&'static str, &'static str) {
        match self {
            GateKind::Http | GateKind::S3 | GateKind::Mcp => {
                ("an http or https URL without user, query and fragment", "http://127.0.0.1:9000")
            }
            GateKind::Postgres => (
                "a PostgreSQL URL with a user and without a password",
                "postgres://orders@127.0.0.1:5432/orders",
            ),
            GateKind::Tcp => ("a host with a port", "127.0.0.1:9000"),
        }
    }
}

impl std::fmt::Display for GateKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What a gate grants at most to one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// `max_body` in bytes; none unless set, since bodies are streamed.
    pub max_body: Option<u64>,
    /// `connect_timeout`: until the upstream accepts; default 5 s.
    pub connect_timeout: Duration,
    /// `response_timeout`: from the end of the request to the head of the answer; default 60 s.
    pub response_timeout: Duration,
    /// `idle_timeout`: without a byte in either direction; default 300 s.
    pub idle_timeout: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            max_body: None,
            connect_timeout: Duration::from_secs(5),
            response_timeout: Duration::from_secs(60),
            idle_timeout: Duration::from_secs(300),
        }
    }
}

/// A gate, and where its address stands.
#[derive(Debug)]
pub(crate) struct RawGate {
    pub(crate) gate: Gate,
    pub(crate) listen: Span,
    pub(crate) source: Source,
}

pub(crate) fn read(name: &str, source: &Source, directory: &Path, report: &mut Report) -> Option<RawGate> {
    read_toml(source, "a gate file", report, |root, faults| {
        root.require("kind", "\"http\"", faults);
        root.require("listen", "\"127.0.0.1:8020\"", faults);
        let kind = kind(root, faults);
        let (wanted, example) = kind.unwrap_or(GateKind::Http).upstream();
        root.require("upstream", &format!("\"{example}\""), faults);
        let listen = root.parsed("listen", value::ADDRESS, faults, value::address);
        let wanted = format!("{wanted}, such as `{example}`");
        let upstream = root.parsed("upstream", &wanted, faults, |text| match kind {
            Some(kind) => upstream(kind, text),
            None => Some(text.to_owned()),
        });
        let stage = root.parsed("stage", "1 to 128 letters, digits, `_` and `-`", faults, stage);
        let password_file = root.parsed("password_file", "a path", faults, |path| {
            (!path.is_empty()).then(|| directory.join(path))
        });
        if let (Some(file), Some(kind)) = (&password_file, kind.filter(|k| *k != GateKind::Postgres)) {
            let message = format!("a gate of kind `{kind}` does not use `password_file`");
            faults.push(
                Diagnostic::error("key_not_of_kind", file.span, message)
                    .help("remove it; only `postgres` gates log in at their upstream"),
            );
        }
        let limits = limits(root, faults);
        root.finish(faults);
        let listen = listen?;
        let gate = Gate {
            name: name.to_owned(),
            kind: kind?,
            listen: listen.value,
            upstream: upstream?.value,
            stage: stage.map_or_else(|| "live".to_owned(), |s| s.value),
            password_file: password_file.map(|p| p.value),
            limits,
        };
        Some(RawGate { gate, listen: listen.span, source: source.clone() })
    })
}

fn kind(root: &mut Section<'_>, faults: &mut Vec<Diagnostic>) -> Option<GateKind> {
    let text = root.text("kind", faults)?;
    let kind = GateKind::ALL.into_iter().find(|kind| kind.as_str() == text.value);
    if kind.is_none() {
        let names = GateKind::ALL.map(GateKind::as_str);
        let fault = Diagnostic::error(
            "unknown_kind",
            text.span,
            format!("unknown gate kind `{}`", excerpt(text.value)),
        );
        faults.push(match nearest(text.value, names) {
            Some(near) => fault.help(format!("did you mean `{near}`?")),
            None => fault.help(format!("the kinds of gate are `{}`", names.join("`, `"))),
        });
    }
    kind
}

fn upstream(kind: GateKind, text: &str) -> Option<String> {
    match kind {
        GateKind::Http | GateKind::S3 | GateKind::Mcp => {
            let url = Url::parse(text).ok()?;
            let origin = matches!(url.scheme(), "http" | "https")
                && url.host().is_some()
                && url.username().is_empty()
                && url.password().is_none()
                && url.query().is_none()
                && url.fragment().is_none();
            origin.then(|| url.as_str().trim_end_matches('/').to_owned())
        }
        GateKind::Postgres => {
            let url = Url::parse(text).ok()?;
            let fits = matches!(url.scheme(), "postgres" | "postgresql")
                && url.host().is_some()
                && !url.username().is_empty()
                && url.password().is_none();
            fits.then(|| text.to_owned())
        }
        GateKind::Tcp => {
            let url = Url::parse(&format!("tcp://{text}")).ok()?;
            let plain = url.host().is_some()
                && url.port().is_some_and(|port| port != 0)
                && url.username().is_empty()
                && url.path().is_empty()
                && url.query().is_none()
                && url.fragment().is_none();
            plain.then(|| text.to_owned())
        }
    }
}

/// API Gateway's stage names.
fn stage(text: &str) -> Option<String> {
    let fits = (1..=128).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
    fits.then(|| text.to_owned())
}

fn limits(root: &mut Section<'_>, faults: &mut Vec<Diagnostic>) -> Limits {
    let mut limits = Limits::default();
    let Some(mut section) = root.section("limits", "`[limits]`", faults) else { return limits };
    limits.max_body = section.parsed("max_body", value::SIZE, faults, value::size).map(|size| size.value);
    for (key, limit) in [
        ("connect_timeout", &mut limits.connect_timeout),
        ("response_timeout", &mut limits.response_timeout),
        ("idle_timeout", &mut limits.idle_timeout),
    ] {
        if let Some(timeout) = section.parsed(key, value::DURATION, faults, value::duration) {
            if timeout.value.is_zero() {
                faults.push(invalid(key, "longer than nothing", timeout.span));
            }
            *limit = timeout.value;
        }
    }
    section.finish(faults);
    limits
}
