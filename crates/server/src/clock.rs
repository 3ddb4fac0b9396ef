//! The only place of the server that reads a clock.

use std::sync::Arc;

use tokio::time::Instant;
use vinr_domain::Timestamp;

/// Where the server gets the time from.
pub trait Clock: Send + Sync + 'static {
    /// The wall clock, UTC. May jump.
    fn wall(&self) -> Timestamp;

    /// Milliseconds since some moment in this process's life. Never goes back; follows the runtime's timer, so a
    /// paused runtime pauses it.
    fn monotonic_ms(&self) -> i64;
}

/// The machine's clocks.
#[derive(Clone, Debug)]
pub struct SystemClock {
    started: Instant,
}

impl SystemClock {
    /// A clock whose monotonic side starts now.
    #[must_use]
    pub fn shared() -> Arc<dyn Clock> {
        Arc::new(Self { started: Instant::now() })
    }
}

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is clock.rs")]
    fn wall(&self) -> Timestamp {
        let since_epoch =
            std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        Timestamp(i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX))
    }

    fn monotonic_ms(&self) -> i64 {
        i64::try_from(self.started.elapsed().as_millis()).unwrap_or(i64::MAX)
    }
}
