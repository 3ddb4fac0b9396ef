//! The terminal's clocks: a monotonic one that timers and leases run on, and the wall clock of the device.
//! Only this file reads them. Server time is not here: it is an estimate, and the device loop owns it.

use std::time::SystemTime;

use tokio::time::Instant;
use vinr_domain::Timestamp;

/// Where the terminal takes time from.
pub trait Clock: Send + Sync {
    /// Milliseconds since an arbitrary moment; never goes back while the process lives.
    fn monotonic_ms(&self) -> i64;
    /// What the device believes the time of day to be. May jump; nothing about money depends on it.
    fn wall(&self) -> Timestamp;
}

/// The machine's clocks. The monotonic one is tokio's, so that a paused runtime drives it.
#[derive(Clone, Copy, Debug)]
pub struct SystemClock {
    origin: Instant,
}

impl SystemClock {
    /// Starts counting at zero.
    #[must_use]
    pub fn new() -> Self {
        Self { origin: Instant::now() }
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for SystemClock {
    fn monotonic_ms(&self) -> i64 {
        i64::try_from(self.origin.elapsed().as_millis()).unwrap_or(i64::MAX)
    }

    #[expect(clippy::disallowed_methods, reason = "the wall clock is read here and nowhere else")]
    fn wall(&self) -> Timestamp {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        Timestamp(since.map_or(0, |elapsed| i64::try_from(elapsed.as_millis()).unwrap_or(i64::MAX)))
    }
}
