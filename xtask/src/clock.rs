//! The one clock of the project tasks: how long a stage took.
//! Nothing is ever asserted about the figure; it is printed for the person who waits.

use std::time::{Duration, Instant};

/// Measures wall time from its creation.
#[derive(Debug, Clone, Copy)]
pub struct Stopwatch(Instant);

impl Stopwatch {
    /// Starts measuring.
    #[must_use]
    #[allow(clippy::disallowed_methods, reason = "real builds take real time, no simulated world owns it")]
    pub fn start() -> Self {
        Self(Instant::now())
    }

    /// Time since `start`.
    #[must_use]
    pub fn elapsed(self) -> Duration {
        self.0.elapsed()
    }
}
