//! The figures of the API for Prometheus: requests and their duration by route template, method and status. Never by
//! anything that a caller can choose.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use metrics::{Counter, Histogram};
use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};
use vinr_domain::payment::Status;
use vinr_domain::terminal::Status as TerminalStatus;

const REQUESTS: &str = "vinr_http_requests_total";
const DURATION: &str = "vinr_http_request_duration_seconds";
const ANSWERS: &str = "vinr_payment_answers_total";
const TERMINALS: &str = "vinr_terminals";

/// Upper bounds of the buckets of the duration, in seconds. The last one is beyond the longest synchronous answer.
const BOUNDS_S: [f64; 14] =
    [0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.1, 0.5, 1.0, 10.0, 60.0, 150.0];

/// Statuses that are told apart; all others count as the last.
const STATUSES: [(u16, &str); 16] = [
    (200, "200"),
    (202, "202"),
    (400, "400"),
    (401, "401"),
    (402, "402"),
    (403, "403"),
    (404, "404"),
    (405, "405"),
    (409, "409"),
    (413, "413"),
    (415, "415"),
    (422, "422"),
    (429, "429"),
    (500, "500"),
    (503, "503"),
    (0, "other"),
];

/// A Prometheus recorder with the right buckets. Install it before the first request; its handle is what
/// [`super::Services::metrics`] wants.
///
/// # Errors
/// [`BuildError`] never, unless the list of buckets is emptied.
pub fn recorder() -> Result<PrometheusBuilder, BuildError> {
    PrometheusBuilder::new().set_buckets_for_metric(Matcher::Full(DURATION.to_owned()), &BOUNDS_S)
}

/// Shows how many terminals have each status.
pub(super) fn show_terminals(counts: &[(TerminalStatus, usize)]) {
    for (status, count) in counts {
        // Exact up to 2^53 terminals.
        metrics::gauge!(TERMINALS, "status" => status.as_str()).set(*count as f64);
    }
}

/// After how many requests the recorder folds what it has collected into its buckets.
const REQUESTS_BETWEEN_FOLDS: u32 = 4096;

/// Keeps the recorder small: it holds every single duration until somebody looks, and perhaps nobody ever does.
pub(super) struct Upkeep {
    handle: Option<PrometheusHandle>,
    requests: AtomicU32,
}

impl Upkeep {
    pub(super) fn new(handle: Option<PrometheusHandle>) -> Self {
        Self { handle, requests: AtomicU32::new(1) }
    }

    /// Called once per request.
    pub(super) fn tick(&self) {
        if self.requests.fetch_add(1, Ordering::Relaxed).is_multiple_of(REQUESTS_BETWEEN_FOLDS)
            && let Some(handle) = &self.handle
        {
            handle.run_upkeep();
        }
    }
}

/// The figures of one method of one route. Looked up once, because a look-up by labels costs more than a request may.
pub(super) struct Measure {
    route: String,
    method: String,
    duration: OnceLock<Histogram>,
    requests: [OnceLock<Counter>; STATUSES.len()],
}

impl Measure {
    pub(super) fn new(route: &str, method: &str) -> Self {
        Self {
            route: route.to_owned(),
            method: method.to_owned(),
            duration: OnceLock::new(),
            requests: [const { OnceLock::new() }; STATUSES.len()],
        }
    }

    /// Counts one answered request.
    pub(super) fn count(&self, status: u16, took: Duration) {
        let at = STATUSES.iter().position(|(known, _)| *known == status).unwrap_or(STATUSES.len() - 1);
        let counter = self.requests[at].get_or_init(|| {
            let (route, method) = (self.route.clone(), self.method.clone());
            metrics::counter!(REQUESTS, "route" => route, "method" => method, "status" => STATUSES[at].1)
        });
        counter.increment(1);
        let histogram = self.duration.get_or_init(
            || metrics::histogram!(DURATION, "route" => self.route.clone(), "method" => self.method.clone()),
        );
        histogram.record(took);
    }
}

/// How payments stood when a request for them was answered, by operation.
pub(super) struct Answers {
    operation: &'static str,
    counters: [OnceLock<Counter>; Status::ALL.len()],
}

impl Answers {
    pub(super) const fn of(operation: &'static str) -> Self {
        Self { operation, counters: [const { OnceLock::new() }; Status::ALL.len()] }
    }

    /// Counts one answer.
    pub(super) fn count(&self, status: Status) {
        let Some(at) = Status::ALL.iter().position(|known| *known == status) else { return };
        let counter = self.counters[at].get_or_init(
            || metrics::counter!(ANSWERS, "operation" => self.operation, "status" => status.as_str()),
        );
        counter.increment(1);
    }
}
