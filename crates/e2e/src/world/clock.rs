//! The clocks of a world. All follow the runtime's paused timer; a wall clock has an offset that can be set, and a
//! terminal's quartz runs a little fast or slow. A monotonic clock never jumps.

use std::sync::atomic::{AtomicI64, Ordering};

use tokio::time::Instant;
use vinr_domain::Timestamp;

/// When every world begins: a moment in 2026.
const BEGINNING_MS: i64 = 1_780_000_000_000;

/// One clock.
#[derive(Debug)]
pub(super) struct WorldClock {
    origin: Instant,
    offset_ms: AtomicI64,
    drift_ppm: i64,
}

impl WorldClock {
    /// A clock that is wrong by `offset_ms` and runs fast by `drift_ppm`.
    pub(super) fn new(offset_ms: i64, drift_ppm: i64) -> Self {
        Self { origin: Instant::now(), offset_ms: AtomicI64::new(offset_ms), drift_ppm }
    }

    /// Sets the wall clock forward, or back.
    pub(super) fn set_by(&self, ms: i64) {
        self.offset_ms.fetch_add(ms, Ordering::Relaxed);
    }

    fn elapsed_ms(&self) -> i64 {
        let ms = i64::try_from(self.origin.elapsed().as_millis()).unwrap_or(i64::MAX);
        ms + ms * self.drift_ppm / 1_000_000
    }

    pub(super) fn now(&self) -> Timestamp {
        Timestamp(BEGINNING_MS + self.elapsed_ms() + self.offset_ms.load(Ordering::Relaxed))
    }
}

impl vinr_server::clock::Clock for WorldClock {
    fn wall(&self) -> Timestamp {
        self.now()
    }

    fn monotonic_ms(&self) -> i64 {
        self.elapsed_ms()
    }
}

impl vinr_terminal::Clock for WorldClock {
    fn monotonic_ms(&self) -> i64 {
        self.elapsed_ms()
    }

    fn wall(&self) -> Timestamp {
        self.now()
    }
}
