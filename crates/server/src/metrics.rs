//! What is counted, in the form that Prometheus reads (OpenMetrics text).

use prometheus_client::encoding::{EncodeLabelSet, text};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::{Family, MetricConstructor};
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};
use stagedoor_audit::Log;
use stagedoor_authority::{Authority, Decided};
use stagedoor_gate::Answered;
use stagedoor_identity::Keys;
use std::sync::atomic::AtomicU64;

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct DecisionLabels {
    kind: &'static str,
    outcome: &'static str,
    reason: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct KindLabels {
    kind: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct AnswerLabels {
    gate: String,
    status: u16,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct GateLabels {
    gate: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OutcomeLabels {
    outcome: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct IssuerLabels {
    issuer: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct SnapshotLabels {
    digest: String,
}

/// Latencies from a tenth of a millisecond to ten seconds.
#[derive(Clone)]
struct Latency;

impl MetricConstructor<Histogram> for Latency {
    fn new_metric(&self) -> Histogram {
        Histogram::new([
            0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0,
            10.0,
        ])
    }
}

/// All metrics of a server.
pub(crate) struct Metrics {
    registry: Registry,
    decisions: Family<DecisionLabels, Counter>,
    decision_time: Family<KindLabels, Histogram, Latency>,
    answers: Family<AnswerLabels, Counter>,
    answer_time: Family<GateLabels, Histogram, Latency>,
    reloads: Family<OutcomeLabels, Counter>,
    audit_size: Gauge,
    audit_healthy: Gauge,
    ready: Gauge,
    snapshot: Family<SnapshotLabels, Gauge>,
    issuer_keys: Family<IssuerLabels, Gauge>,
    issuer_age: Family<IssuerLabels, Gauge<f64, AtomicU64>>,
    issuer_failing: Family<IssuerLabels, Gauge>,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("stagedoor");
        let decisions = Family::default();
        registry.register("decisions", "Recorded decisions by kind, outcome and reason", decisions.clone());
        let decision_time = Family::new_with_constructor(Latency);
        registry.register_with_unit(
            "decision_duration",
            "From a request's arrival at the authority to the end of its record",
            Unit::Seconds,
            decision_time.clone(),
        );
        let answers = Family::default();
        registry.register("gate_answers", "Answers of HTTP gates by status", answers.clone());
        let answer_time = Family::new_with_constructor(Latency);
        registry.register_with_unit(
            "gate_answer_duration",
            "From a request's head to its answer's head at an HTTP gate, the upstream included",
            Unit::Seconds,
            answer_time.clone(),
        );
        let reloads = Family::default();
        registry.register("reloads", "Reloads of the configuration by outcome", reloads.clone());
        let audit_size = Gauge::default();
        registry.register("audit_records", "Records in the audit log", audit_size.clone());
        let audit_healthy = Gauge::default();
        registry.register("audit_healthy", "Whether the audit log takes records", audit_healthy.clone());
        let ready = Gauge::default();
        registry.register("ready", "Whether requests can be served, as /readyz tells it", ready.clone());
        let snapshot = Family::default();
        registry.register("snapshot_info", "The configuration that decides now", snapshot.clone());
        let issuer_keys = Family::default();
        registry.register("issuer_keys", "Keys known of an issuer", issuer_keys.clone());
        let issuer_age = Family::default();
        registry.register_with_unit(
            "issuer_keys_age",
            "Age of the keys in use of an issuer",
            Unit::Seconds,
            issuer_age.clone(),
        );
        let issuer_failing = Family::default();
        registry.register(
            "issuer_keys_failing",
            "Whether the last fetch of an issuer's keys failed",
            issuer_failing.clone(),
        );
        Self {
            registry,
            decisions,
            decision_time,
            answers,
            answer_time,
            reloads,
            audit_size,
            audit_healthy,
            ready,
            snapshot,
            issuer_keys,
            issuer_age,
            issuer_failing,
        }
    }
}

impl Metrics {
    /// Counts a reload.
    pub(crate) fn reloaded(&self, outcome: &'static str) {
        self.reloads.get_or_create(&OutcomeLabels { outcome }).inc();
    }

    /// All metrics as text, measured now.
    pub(crate) fn render(&self, authority: &Authority, log: &Log, keys: &Keys, ready: bool) -> String {
        self.audit_size.set(i64::try_from(log.size()).unwrap_or(i64::MAX));
        self.audit_healthy.set(i64::from(log.healthy().is_ok()));
        self.ready.set(i64::from(ready));
        self.snapshot.clear();
        self.snapshot.get_or_create(&SnapshotLabels { digest: authority.snapshot().digest.clone() }).set(1);
        let now = authority.now();
        self.issuer_keys.clear();
        self.issuer_age.clear();
        self.issuer_failing.clear();
        for status in keys.status() {
            let labels = IssuerLabels { issuer: status.issuer };
            self.issuer_keys.get_or_create(&labels).set(i64::try_from(status.keys).unwrap_or(i64::MAX));
            self.issuer_failing.get_or_create(&labels).set(i64::from(status.failure.is_some()));
            if let Some(fetched) = status.fetched_at {
                self.issuer_age.get_or_create(&labels).set(now.duration_since(fetched).as_secs_f64());
            }
        }
        let mut rendered = String::new();
        // Writing to a string does not fail.
        let _ = text::encode(&mut rendered, &self.registry);
        rendered
    }
}

impl stagedoor_authority::Observer for Metrics {
    fn decided(&self, decided: &Decided) {
        let (outcome, reason) = match decided.refused {
            None => ("allow", "allowed"),
            Some(reason) => ("deny", reason.code()),
        };
        let kind = decided.kind.as_str();
        self.decisions.get_or_create(&DecisionLabels { kind, outcome, reason }).inc();
        self.decision_time.get_or_create(&KindLabels { kind }).observe(decided.elapsed.as_secs_f64());
    }
}

impl stagedoor_gate::Observer for Metrics {
    fn answered(&self, answered: &Answered<'_>) {
        let gate = answered.gate.to_owned();
        self.answers.get_or_create(&AnswerLabels { gate: gate.clone(), status: answered.status }).inc();
        self.answer_time.get_or_create(&GateLabels { gate }).observe(answered.elapsed.as_secs_f64());
    }
}
