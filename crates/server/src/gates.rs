//! The gates that listen, and how one set of them becomes another: whole or not at all.

use crate::error::{ListenError, Purpose};
use stagedoor_authority::Authority;
use stagedoor_config::{Gate, GateKind, Snapshot};
use stagedoor_gate::{Bound, HttpGate, Limits, Listening, Observer, Route, Turn};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

/// Two gates with the same place share a listener, before and after a reload. Port 0 is a place of its own a name.
type Place = (SocketAddr, Option<String>);

fn place(gate: &Gate) -> Place {
    (gate.listen, (gate.listen.port() == 0).then(|| gate.name.clone()))
}

struct Open {
    name: String,
    gate: Arc<HttpGate>,
    listening: Listening,
}

/// The gates that listen.
pub(crate) struct Gates {
    open: BTreeMap<Place, Open>,
    authority: Arc<Authority>,
    observer: Arc<dyn Observer>,
    turn: Arc<Turn>,
}

/// Everything that a new set of gates needs and that can fail, done.
pub(crate) struct Plan(Vec<Step>);

struct Step {
    place: Place,
    name: String,
    route: Route,
    /// None where a running listener goes on.
    bound: Option<Bound>,
}

impl Plan {
    /// Prepares the gates of `next`: addresses are bound unless `open` already listens there; nothing is changed.
    async fn make(next: &Snapshot, open: impl Fn(&Place) -> bool) -> Result<Self, ListenError> {
        let mut steps = Vec::with_capacity(next.gates.len());
        for gate in &next.gates {
            if gate.kind != GateKind::Http {
                return Err(ListenError::Kind { name: gate.name.clone(), kind: gate.kind });
            }
            let route = Route::new(&next.settings, gate)
                .map_err(|error| ListenError::Upstream { name: gate.name.clone(), error })?;
            let place = place(gate);
            let bound = match open(&place) {
                true => None,
                false => Some(bind(Purpose::Gate(gate.name.clone()), gate.listen).await?),
            };
            steps.push(Step { place, name: gate.name.clone(), route, bound });
        }
        Ok(Self(steps))
    }

    /// Prepares the first gates of a server.
    pub(crate) async fn first(next: &Snapshot) -> Result<Self, ListenError> {
        Self::make(next, |_| false).await
    }
}

impl Gates {
    /// No gates yet.
    pub(crate) fn new(authority: Arc<Authority>, observer: Arc<dyn Observer>) -> Self {
        Self { open: BTreeMap::new(), authority, observer, turn: Arc::default() }
    }

    /// Prepares the gates of `next`.
    pub(crate) async fn prepare(&self, next: &Snapshot) -> Result<Plan, ListenError> {
        Plan::make(next, |place| self.open.contains_key(place)).await
    }

    /// Keeps the gates' decisions and routes in one configuration while it is exchanged.
    pub(crate) fn turn(&self) -> Arc<Turn> {
        self.turn.clone()
    }

    /// Carries a plan out. Answers the listeners that are not wanted any more, to be drained.
    pub(crate) fn commit(&mut self, plan: Plan) -> Vec<Listening> {
        let mut open = BTreeMap::new();
        for Step { place, name, route, bound } in plan.0 {
            let opened = match (self.open.remove(&place), bound) {
                (Some(Open { gate, listening, .. }), _) => {
                    gate.replace(route);
                    Open { name, gate, listening }
                }
                (None, Some(listener)) => {
                    let limits = route.limits().clone();
                    let gate = Arc::new(HttpGate::new(
                        self.authority.clone(),
                        route,
                        self.observer.clone(),
                        self.turn.clone(),
                    ));
                    let listening = Listening::start(listener, &limits, gate.clone());
                    Open { name, gate, listening }
                }
                // A plan has one or the other.
                (None, None) => continue,
            };
            open.insert(place, opened);
        }
        let gone = std::mem::replace(&mut self.open, open);
        gone.into_values().map(|open| open.listening).collect()
    }

    /// The addresses by gate.
    pub(crate) fn addresses(&self) -> BTreeMap<String, SocketAddr> {
        self.open.values().map(|open| (open.name.clone(), open.listening.local_addr())).collect()
    }

    /// Takes all listeners, to be drained.
    pub(crate) fn take(&mut self) -> Vec<Listening> {
        std::mem::take(&mut self.open).into_values().map(|open| open.listening).collect()
    }
}

/// Drains listeners together.
pub(crate) async fn drain(listeners: Vec<Listening>, patience: Duration) {
    let mut drains = tokio::task::JoinSet::new();
    for listening in listeners {
        drains.spawn(listening.drain(patience));
    }
    while drains.join_next().await.is_some() {}
}

/// Binds an address.
pub(crate) async fn bind(purpose: Purpose, address: SocketAddr) -> Result<Bound, ListenError> {
    Bound::bind(address).await.map_err(|error| ListenError::Bind { purpose, address, error })
}

/// The limits of the server's own listeners: no gate's file speaks of them.
pub(crate) fn own_limits() -> Limits {
    Limits { connections: 8192, ..Limits::default() }
}
