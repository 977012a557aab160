//! From a configuration directory to a running server, and to a quiet end.

use crate::api::Api;
use crate::core::Core;
use crate::gates::{Gates, Plan, bind, drain, own_limits};
use crate::metrics::Metrics;
use crate::own::Operations;
use crate::watch::Watch;
use crate::{Addresses, Options, Purpose, ReloadError, Reloaded, StartError, keyring, sessions, signing};
use stagedoor_audit::{Log, LogOptions};
use stagedoor_authority::{Authority, Lifecycle};
use stagedoor_config::Settings;
use stagedoor_gate::Listening;
use stagedoor_identity::{Keys, KeysOptions};
use stagedoor_store::Store;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::sync::Mutex;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Starts servers.
#[derive(Debug)]
pub struct Server;

impl Server {
    /// Starts what the configuration in `directory` describes. When this returns, every address is listened on.
    ///
    /// # Errors
    /// Whatever stands in the way; nothing listens then.
    pub async fn start(directory: &Path, options: Options) -> Result<Running, StartError> {
        let directory = directory.to_owned();
        let loading = tokio::task::spawn_blocking({
            let directory = directory.clone();
            move || stagedoor_config::load(&directory)
        });
        let snapshot = loading.await?.map_err(|report| StartError::Configuration(Box::new(report)))?;
        if !snapshot.warnings.is_empty() {
            tracing::warn!("the configuration has warnings:\n{}", snapshot.warnings.render(false));
        }
        let settings = snapshot.settings.clone();
        let api = bind(Purpose::Api, settings.listen.api).await?;
        let operations = match settings.listen.metrics {
            Some(address) => Some(bind(Purpose::Metrics, address).await?),
            None => None,
        };
        let plan = Plan::first(&snapshot).await?;

        let store = stagedoor_store::open(&settings.state_url).await?;
        let keyring = keyring::open(store.as_ref(), options.clock.now()).await?;
        let signing_keys = signing::current(store.as_ref(), options.clock.now()).await?;
        let keys = Keys::new(KeysOptions::default());
        let metrics = Arc::new(Metrics::default());
        // Last of what can fail: a log is not to be left locked.
        let log = open_log(&settings).await?;
        let directory_of_log = settings.audit_directory.clone();
        let recorded = tokio::task::spawn_blocking(move || sessions::recorded(&directory_of_log)).await?;
        let authority = Arc::new(
            Authority::new(snapshot, keys.clone(), keyring, log.clone(), options.clock.clone())
                .observed_by(metrics.clone())
                .signing_with(signing_keys)
                .remembering_in(store.clone()),
        );
        if let Err(error) = sessions::first(&authority, store.as_ref(), recorded).await {
            // Best effort: the store's own answer is the one to show.
            let _ = log.close().await;
            return Err(error);
        }
        if let Err(refusal) = authority.note_lifecycle(Lifecycle::Start).await {
            tracing::error!(%refusal, "the start could not be recorded: nothing will be served");
        }
        let mut gates = Gates::new(authority.clone(), metrics.clone());
        gates.commit(plan);
        let core = Arc::new(Core {
            directory,
            authority,
            log,
            metrics,
            gates: Mutex::new(gates),
            ending: TaskTracker::new(),
            drain: options.drain,
            stopping: AtomicBool::new(false),
        });
        let limits = own_limits();
        let api = Listening::start(api, &limits, Arc::new(Api::new(core.clone())));
        let operations =
            operations.map(|bound| Listening::start(bound, &limits, Arc::new(Operations(core.clone()))));
        let stop = CancellationToken::new();
        let watch = Watch::new(core.clone(), options.watch, options.quiet);
        let watching = tokio::spawn(watch.run(stop.clone()));
        let signing = tokio::spawn(signing::keep(core.clone(), store.clone(), stop.clone()));
        let sessions = tokio::spawn(sessions::keep(core.clone(), store.clone(), stop.clone()));
        let running = Running { core, store, api, operations, stop, watching, signing, sessions };
        tracing::info!(addresses = ?running.addresses().await, "listening");
        Ok(running)
    }
}

/// A server that runs until it is stopped.
pub struct Running {
    core: Arc<Core>,
    store: Arc<dyn Store>,
    api: Listening,
    operations: Option<Listening>,
    stop: CancellationToken,
    watching: JoinHandle<()>,
    signing: JoinHandle<()>,
    sessions: JoinHandle<()>,
}

impl Running {
    /// The addresses that are listened on now. A reload can change those of the gates.
    pub async fn addresses(&self) -> Addresses {
        Addresses {
            api: self.api.local_addr(),
            metrics: self.operations.as_ref().map(Listening::local_addr),
            gates: self.core.gates.lock().await.addresses(),
        }
    }

    /// The authority behind all doors and gates.
    pub fn authority(&self) -> &Arc<Authority> {
        &self.core.authority
    }

    /// The audit log that the server writes.
    pub fn log(&self) -> &Log {
        &self.core.log
    }

    /// Reads the configuration again, as a change of its files or SIGHUP does.
    ///
    /// # Errors
    /// Why the running configuration goes on.
    pub async fn reload(&self) -> Result<Reloaded, ReloadError> {
        self.core.reload().await
    }

    /// Stops: readiness turns false, listeners close, requests in flight finish (within
    /// [`Options::drain`](crate::Options::drain)), the log and the store are closed.
    pub async fn stop(self) {
        self.core.stopping.store(true, Ordering::SeqCst);
        self.stop.cancel();
        // It ends at the next turn; a reload under way is finished first.
        let _ = self.watching.await;
        let _ = self.signing.await;
        let _ = self.sessions.await;
        let mut listeners = self.core.gates.lock().await.take();
        listeners.push(self.api);
        drain(listeners, self.core.drain).await;
        self.core.ending.close();
        self.core.ending.wait().await;
        if let Some(operations) = self.operations {
            operations.drain(Duration::from_secs(1)).await;
        }
        if let Err(refusal) = self.core.authority.note_lifecycle(Lifecycle::Stop).await {
            tracing::error!(%refusal, "the stop could not be recorded");
        }
        if let Err(error) = self.core.log.clone().close().await {
            tracing::error!(%error, "the audit log did not close cleanly");
        }
        if let Err(error) = self.store.close().await {
            tracing::warn!(%error, "the store did not close cleanly");
        }
        tracing::info!("stopped");
    }
}

async fn open_log(settings: &Settings) -> Result<Log, StartError> {
    let host = settings.public_url.split_once("://").map_or(settings.public_url.as_str(), |(_, host)| host);
    let options = LogOptions::new(&settings.audit_directory, format!("{host}/audit"));
    Ok(tokio::task::spawn_blocking(move || Log::open(options)).await??)
}
