//! `stagedoor.toml`.

use std::{
    fmt,
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Duration,
};

use stagedoor_policy::{Diagnostic, Span, Spanned};
use url::Url;

use crate::{report::Report, source::Source, table, table::read_toml, value, value::Rate};

const DEFAULT_API: &str = "127.0.0.1:8010";
const DEFAULT_STATE: &str = "sqlite:state/stagedoor.db";
const DEFAULT_AUDIT: &str = "state/audit";
const DEFAULT_STALENESS: Duration = Duration::from_secs(5 * 60);
const LEAST_STALENESS: Duration = Duration::from_secs(10);
const MOST_STALENESS: Duration = Duration::from_secs(24 * 3600);
const STALENESS: &str = "a duration from `10s` to `24h`";
const STATE_URL: &str = "`sqlite:PATH` or `postgres://USER@HOST/DATABASE`";

/// What `stagedoor.toml` says, with relative paths resolved against the configuration directory.
#[derive(Clone, PartialEq, Eq)]
pub struct Settings {
    /// `account`: the 12-digit account in ARNs.
    pub account: String,
    /// `region`: the region in ARNs and credential scopes.
    pub region: String,
    /// `public_url`: the URL under which clients reach us, and our own issuer URL; no final slash.
    pub public_url: String,
    /// `[listen]`.
    pub listen: Listen,
    /// `[state] url`: `sqlite:` with an absolute path (default `sqlite:state/stagedoor.db`), or
    /// `postgres://…`. May hold a password: not shown by `Debug`.
    pub state_url: String,
    /// `[state] max_staleness`: for how long sessions are honoured while the store does not tell which are revoked,
    /// 10 seconds to 24 hours, default 5 minutes.
    pub max_staleness: Duration,
    /// `[rate_limits]`.
    pub rate_limits: RateLimits,
    /// `[audit] directory`, absolute; default `state/audit`.
    pub audit_directory: PathBuf,
    /// `[check] isolate`: no token may reach two roles that differ in the value of one of these tags.
    pub isolate: Vec<String>,
}

/// `[rate_limits]`: how many exchanges are let through; the others are told to come again. None unless set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RateLimits {
    /// `issuer`: for all tokens of one issuer.
    pub issuer: Option<Rate>,
    /// `subject`: for one subject of one issuer.
    pub subject: Option<Rate>,
}

/// `[listen]`: the addresses of the server itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listen {
    /// `api`: doors, admin API and console; default `127.0.0.1:8010`.
    pub api: SocketAddr,
    /// `metrics`: none unless set.
    pub metrics: Option<SocketAddr>,
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = self.state_url.split_once("://").map(|(scheme, _)| format!("{scheme}://[redacted]"));
        f.debug_struct("Settings")
            .field("account", &self.account)
            .field("region", &self.region)
            .field("public_url", &self.public_url)
            .field("listen", &self.listen)
            .field("state_url", scheme.as_ref().unwrap_or(&self.state_url))
            .field("max_staleness", &self.max_staleness)
            .field("rate_limits", &self.rate_limits)
            .field("audit_directory", &self.audit_directory)
            .field("isolate", &self.isolate)
            .finish()
    }
}

/// The settings, and where some of them stand for checks across files.
#[derive(Debug)]
pub(crate) struct RawSettings {
    pub(crate) settings: Settings,
    pub(crate) api: Span,
    pub(crate) metrics: Span,
    pub(crate) isolate: Vec<Spanned<String>>,
}

pub(crate) fn read(source: &Source, directory: &Path, report: &mut Report) -> Option<RawSettings> {
    read_toml(source, "`stagedoor.toml`", report, |root, faults| {
        root.require("account", "\"123456789012\"", faults);
        root.require("region", "\"us-east-1\"", faults);
        root.require("public_url", "\"http://127.0.0.1:8010\"", faults);
        let account = root.parsed("account", value::ACCOUNT, faults, value::account);
        let region = root.parsed("region", value::REGION, faults, value::region);
        let public_url = root.parsed("public_url", value::WEB_ORIGIN, faults, value::web_origin);

        let (mut api, mut metrics) = (None, None);
        if let Some(mut listen) = root.section("listen", "`[listen]`", faults) {
            api = listen.parsed("api", value::ADDRESS, faults, value::address);
            metrics = listen.parsed("metrics", value::ADDRESS, faults, value::address);
            listen.finish(faults);
        }
        let (mut state, mut max_staleness) = (None, None);
        if let Some(mut section) = root.section("state", "`[state]`", faults) {
            state = section.parsed("url", STATE_URL, faults, |url| state_url(url, directory));
            warn_of_password(state.as_ref(), faults);
            max_staleness = section.parsed("max_staleness", STALENESS, faults, |text| {
                value::duration(text).filter(|d| (LEAST_STALENESS..=MOST_STALENESS).contains(d))
            });
            section.finish(faults);
        }
        let mut audit = None;
        if let Some(mut section) = root.section("audit", "`[audit]`", faults) {
            audit = section.parsed("directory", "a path", faults, |path| {
                (!path.is_empty()).then(|| directory.join(path))
            });
            section.finish(faults);
        }
        let mut rate_limits = RateLimits::default();
        if let Some(mut section) = root.section("rate_limits", "`[rate_limits]`", faults) {
            rate_limits.issuer = section.parsed("issuer", value::RATE, faults, value::rate).map(|r| r.value);
            rate_limits.subject =
                section.parsed("subject", value::RATE, faults, value::rate).map(|r| r.value);
            section.finish(faults);
        }
        let mut isolate = Vec::new();
        if let Some(mut section) = root.section("check", "`[check]`", faults) {
            for tag in section.texts("isolate", faults).unwrap_or_default() {
                if tag.value.is_empty() || tag.value.len() > 128 {
                    faults.push(table::invalid("isolate", "names of role tags", tag.span));
                } else {
                    isolate.push(Spanned::new(tag.value.to_owned(), tag.span));
                }
            }
            section.finish(faults);
        }
        root.finish(faults);

        let nowhere = Span::new(0, 0);
        let (api_span, metrics_span) =
            (api.as_ref().map_or(nowhere, |a| a.span), metrics.as_ref().map_or(nowhere, |m| m.span));
        let listen = Listen {
            api: api.map(|a| a.value).or_else(|| value::address(DEFAULT_API))?,
            metrics: metrics.map(|m| m.value),
        };
        let settings = Settings {
            account: account?.value,
            region: region?.value,
            public_url: public_url?.value,
            listen,
            state_url: state.map(|s| s.value).or_else(|| state_url(DEFAULT_STATE, directory))?,
            max_staleness: max_staleness.map_or(DEFAULT_STALENESS, |d| d.value),
            rate_limits,
            audit_directory: audit.map_or_else(|| directory.join(DEFAULT_AUDIT), |a| a.value),
            isolate: isolate.iter().map(|tag| tag.value.clone()).collect(),
        };
        Some(RawSettings { settings, api: api_span, metrics: metrics_span, isolate })
    })
}

/// `sqlite:` with its path made absolute, or a PostgreSQL URL as written.
fn state_url(text: &str, directory: &Path) -> Option<String> {
    if let Some(path) = text.strip_prefix("sqlite:") {
        let path = path.strip_prefix("//").unwrap_or(path);
        if path.is_empty() || path.starts_with(':') || path.contains('?') {
            return None;
        }
        return Some(format!("sqlite:{}", directory.join(path).to_str()?));
    }
    let url = Url::parse(text).ok().filter(|_| text.contains("://"))?;
    matches!(url.scheme(), "postgres" | "postgresql").then(|| text.to_owned())
}

fn warn_of_password(url: Option<&Spanned<String>>, faults: &mut Vec<Diagnostic>) {
    let Some(url) = url else { return };
    if Url::parse(&url.value).is_ok_and(|parsed| parsed.password().is_some()) {
        faults.push(
            Diagnostic::warning("password_in_url", url.span, "the state URL holds a password")
                .label("anyone who can read the configuration can read it")
                .help("drop it from the URL and give it by `PGPASSWORD` or a `.pgpass` file"),
        );
    }
}
