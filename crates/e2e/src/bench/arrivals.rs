//! When what was sent arrives, across processes: both read the one clock of the machine that no process sets.

use std::sync::{Arc, Mutex, PoisonError};

use hdrhistogram::Histogram;
use rustix::time::{ClockId, clock_gettime};

/// Nanoseconds of the machine's monotonic clock.
pub(super) fn machine_ns() -> u64 {
    let now = clock_gettime(ClockId::Monotonic);
    now.tv_sec.unsigned_abs() * 1_000_000_000 + now.tv_nsec.unsigned_abs()
}

/// How long things took to arrive, since this was last asked.
#[derive(Clone)]
pub(super) struct Arrivals(Arc<Mutex<Histogram<u64>>>);

impl Arrivals {
    pub(super) fn new() -> Self {
        Self(Arc::new(Mutex::new(super::http_load::histogram())))
    }

    /// Something arrived that left at `sent_ns`.
    pub(super) fn arrived(&self, sent_ns: u64) {
        let took = machine_ns().saturating_sub(sent_ns);
        self.0.lock().unwrap_or_else(PoisonError::into_inner).saturating_record(took);
    }

    /// How many arrived, and median and 99th percentile of how long they took, in nanoseconds. Once `expected` have
    /// arrived, they are forgotten.
    pub(super) fn count_or_take(&self, expected: u64) -> (u64, u64, u64) {
        let mut arrived = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let taken = (arrived.len(), arrived.value_at_quantile(0.5), arrived.value_at_quantile(0.99));
        if arrived.len() >= expected {
            arrived.reset();
        }
        taken
    }
}
