//! The device's clocks: the monotonic one is virtual, the wall clock shows server time and may be set wrong.

use std::sync::atomic::{AtomicI64, Ordering};

use vinr_domain::Timestamp;
use vinr_terminal::{Clock, SystemClock};

use super::cloud::BEGIN;

#[derive(Debug)]
pub struct TestClock {
    monotonic: SystemClock,
    /// How far the wall clock is ahead, in milliseconds.
    ahead_ms: AtomicI64,
}

impl TestClock {
    pub fn new() -> Self {
        Self { monotonic: SystemClock::new(), ahead_ms: AtomicI64::new(0) }
    }

    pub fn set_ahead(&self, ms: i64) {
        self.ahead_ms.store(ms, Ordering::Relaxed);
    }
}

impl Clock for TestClock {
    fn monotonic_ms(&self) -> i64 {
        self.monotonic.monotonic_ms()
    }

    fn wall(&self) -> Timestamp {
        BEGIN.plus_ms(self.monotonic_ms() + self.ahead_ms.load(Ordering::Relaxed))
    }
}
