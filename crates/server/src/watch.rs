//! When to look at the configuration directory again: its files change, or the process gets SIGHUP.

use crate::core::Core;
use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// What the server itself writes; changes there are not changes of the configuration.
#[derive(Clone)]
struct Own(Vec<PathBuf>);

impl Own {
    fn of(core: &Core) -> Self {
        let settings = &core.authority.snapshot().settings;
        let mut own = vec![resolved(&settings.audit_directory)];
        if let Some(database) = settings.state_url.strip_prefix("sqlite:") {
            own.push(resolved(Path::new(database)));
        }
        Self(own)
    }

    /// SQLite writes beside its database: `x.db-wal`, `x.db-shm`.
    fn holds(&self, path: &Path) -> bool {
        let text = path.as_os_str().as_encoded_bytes();
        self.0.iter().any(|own| path.starts_with(own) || text.starts_with(own.as_os_str().as_encoded_bytes()))
    }
}

fn resolved(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}

/// The causes to reload, from the moment of its making.
pub(crate) struct Watch {
    core: Arc<Core>,
    quiet: Duration,
    changes: mpsc::Receiver<()>,
    hangups: Option<Signal>,
    /// Kept alive for as long as changes are waited for.
    _watcher: Option<RecommendedWatcher>,
    /// Kept so that waiting without a watcher goes on.
    _changed: mpsc::Sender<()>,
}

impl Watch {
    /// Listens for SIGHUP, and for changed files if `files`.
    pub(crate) fn new(core: Arc<Core>, files: bool, quiet: Duration) -> Self {
        let (changed, changes) = mpsc::channel(1);
        let watcher = if files { watcher(&core, changed.clone()) } else { None };
        let hangups = signal(SignalKind::hangup())
            .inspect_err(|error| tracing::warn!(%error, "SIGHUP cannot be listened for"))
            .ok();
        Self { core, quiet, changes, hangups, _watcher: watcher, _changed: changed }
    }

    /// Reloads whenever there is cause, until `stop`.
    pub(crate) async fn run(mut self, stop: CancellationToken) {
        let mut last = None;
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                () = hangup(&mut self.hangups) => last = None,
                Some(()) = self.changes.recv() => settle(&mut self.changes, self.quiet).await,
            }
            self.core.reload_and_tell(&mut last).await;
        }
    }
}

async fn hangup(signals: &mut Option<Signal>) {
    match signals {
        Some(signals) => {
            signals.recv().await;
        }
        None => std::future::pending().await,
    }
}

/// Waits until nothing has changed for `quiet`, at most twenty times as long.
async fn settle(changes: &mut mpsc::Receiver<()>, quiet: Duration) {
    let settled = async { while let Ok(Some(())) = tokio::time::timeout(quiet, changes.recv()).await {} };
    let _ = tokio::time::timeout(quiet * 20, settled).await;
}

fn watcher(core: &Core, changed: mpsc::Sender<()>) -> Option<RecommendedWatcher> {
    let own = Own::of(core);
    let directory = resolved(&core.directory);
    let watched = notify::recommended_watcher(move |event: notify::Result<Event>| {
        let told = match event {
            Ok(event) => {
                !matches!(event.kind, EventKind::Access(_))
                    && (event.paths.is_empty() || event.paths.iter().any(|path| !own.holds(path)))
            }
            // Events were lost: anything may have changed.
            Err(_) => true,
        };
        if told {
            // Full means that a look is already due.
            let _ = changed.try_send(());
        }
    })
    .and_then(|mut watcher| watcher.watch(&directory, RecursiveMode::Recursive).map(|()| watcher));
    match watched {
        Ok(watcher) => Some(watcher),
        Err(error) => {
            tracing::warn!(%error, directory = %directory.display(),
                "the configuration directory cannot be watched; send SIGHUP to reload");
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_server_writes_is_its_own() {
        let own = Own(vec![PathBuf::from("/c/state/audit"), PathBuf::from("/c/state/stagedoor.db")]);
        for (path, held) in [
            ("/c/state/audit", true),
            ("/c/state/audit/tile/0/000", true),
            ("/c/state/stagedoor.db", true),
            ("/c/state/stagedoor.db-wal", true),
            ("/c/stagedoor.toml", false),
            ("/c/roles/deploy/trust.json", false),
        ] {
            assert_eq!(own.holds(Path::new(path)), held, "{path}");
        }
    }
}
