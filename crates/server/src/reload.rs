//! Another configuration takes over: whole or not at all.

use crate::core::Core;
use crate::error::ReloadError;
use stagedoor_config::{Settings, Snapshot};
use std::sync::Arc;

/// What a reload did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reloaded {
    /// No file had changed.
    Unchanged,
    /// The new configuration decides.
    Changed {
        /// The digest of the configuration before.
        from: String,
        /// The digest of the configuration now.
        to: String,
    },
}

impl Core {
    /// Reads the directory again and takes it over if all of it can be.
    pub(crate) async fn reload(self: &Arc<Self>) -> Result<Reloaded, ReloadError> {
        let mut gates = self.gates.lock().await;
        let directory = self.directory.clone();
        let loaded = tokio::task::spawn_blocking(move || stagedoor_config::load(&directory)).await?;
        let next = loaded.map_err(|report| ReloadError::Configuration(Box::new(report)))?;
        let running = self.authority.snapshot();
        if next.digest == running.digest {
            return Ok(Reloaded::Unchanged);
        }
        let fixed = fixed(&running.settings, &next.settings);
        if !fixed.is_empty() {
            return Err(ReloadError::NeedsRestart(fixed));
        }
        let plan = gates.prepare(&next).await?;
        let reloaded = Reloaded::Changed { from: running.digest.clone(), to: next.digest.clone() };
        let changes = Snapshot::diff(&running, &next);
        let turn = gates.turn();
        let exchange = turn.exchange().await;
        self.authority.replace(next).await.map_err(ReloadError::Unrecorded)?;
        let ended = gates.commit(plan);
        drop(exchange);
        let patience = self.drain;
        for listening in ended {
            self.ending.spawn(listening.drain(patience));
        }
        tracing::info!(changes, gates = ?gates.addresses(), "the new configuration decides");
        Ok(reloaded)
    }

    /// Reloads and tells the log, the metrics and the audit what came of it. A failure that is already known
    /// (`last`) is not recorded twice.
    pub(crate) async fn reload_and_tell(self: &Arc<Self>, last: &mut Option<String>) {
        match self.reload().await {
            Ok(Reloaded::Unchanged) => {
                *last = None;
                self.metrics.reloaded("unchanged");
            }
            Ok(Reloaded::Changed { .. }) => {
                *last = None;
                self.metrics.reloaded("changed");
            }
            Err(error) => {
                self.metrics.reloaded("refused");
                let text = match &error {
                    ReloadError::Configuration(report) => report.render(false),
                    other => other.to_string(),
                };
                if last.as_ref() == Some(&text) {
                    return;
                }
                tracing::error!("the changed configuration is not taken, the running one goes on: {text}");
                if !matches!(error, ReloadError::Unrecorded(_)) {
                    self.authority.refuse_reload(&text).await;
                }
                *last = Some(text);
            }
        }
    }
}

/// The settings that a running server cannot change.
fn fixed(running: &Settings, next: &Settings) -> Vec<&'static str> {
    let mut changed = Vec::new();
    if running.listen.api != next.listen.api {
        changed.push("`listen.api`");
    }
    if running.listen.metrics != next.listen.metrics {
        changed.push("`listen.metrics`");
    }
    if running.state_url != next.state_url {
        changed.push("`state.url`");
    }
    if running.audit_directory != next.audit_directory {
        changed.push("`audit.directory`");
    }
    changed
}
