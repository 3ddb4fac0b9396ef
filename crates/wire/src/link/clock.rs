//! The cloud's clock as a terminal knows it: an estimate and how wrong it can be. Reads no clock itself; when it
//! cannot say how wrong it is, it says nothing.

use vinr_domain::Timestamp;

/// How far a cheap quartz may drift, in millionths (safety: well above what makers state).
const DRIFT_PPM: i64 = 200;
/// Reading three clocks in whole milliseconds loses up to two of them.
const ROUNDING_MS: i64 = 2;
/// Without news for this long the terminal carries out no command of the cloud.
const STALE_MS: i64 = 5 * 60 * 1000;

#[derive(Clone, Copy, Debug)]
struct Sample {
    sent_ms: i64,
    received_ms: i64,
    server_time: Timestamp,
}

impl Sample {
    fn estimate(&self, mono_ms: i64) -> (Timestamp, i64) {
        let round_trip_ms = self.received_ms.saturating_sub(self.sent_ms);
        let since_middle_ms = mono_ms.saturating_sub(self.sent_ms.saturating_add(round_trip_ms / 2));
        let age_ms = mono_ms.saturating_sub(self.sent_ms).max(0);
        let drift_ms = age_ms.saturating_mul(DRIFT_PPM).saturating_add(999_999) / 1_000_000;
        let error_ms = (round_trip_ms / 2 + round_trip_ms % 2).saturating_add(ROUNDING_MS + drift_ms);
        (self.server_time.plus_ms(since_middle_ms), error_ms)
    }
}

/// What the terminal knows of the cloud's clock.
#[derive(Clone, Debug, Default)]
pub struct ClockSync {
    /// The sample with the least error; not always the last, because a slow answer says little.
    best: Option<Sample>,
    last_received_ms: i64,
}

impl ClockSync {
    /// Knows nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Learns what the cloud's clock said some time between two moments of the monotonic clock (milliseconds). A
    /// sample that ends before it begins is dropped.
    pub fn learn(&mut self, sent_ms: i64, received_ms: i64, server_time: Timestamp) {
        if received_ms < sent_ms {
            return;
        }
        let sample = Sample { sent_ms, received_ms, server_time };
        self.last_received_ms = self.last_received_ms.max(received_ms);
        let (new, new_error_ms) = sample.estimate(received_ms);
        let keep = self.best.is_some_and(|best| {
            let (old, old_error_ms) = best.estimate(received_ms);
            // Two truths overlap. If these do not, the cloud's clock was set, and only the newer one is true.
            let agree = new.ms_since(old).saturating_abs() <= new_error_ms.saturating_add(old_error_ms);
            agree && old_error_ms < new_error_ms
        });
        if !keep {
            self.best = Some(sample);
        }
    }

    /// The cloud's clock at `mono_ms`, and by how many milliseconds at most it is wrong; `None` when nothing was
    /// learned for five minutes.
    #[must_use]
    pub fn server_now(&self, mono_ms: i64) -> Option<(Timestamp, i64)> {
        let best = self.best?;
        (mono_ms.saturating_sub(self.last_received_ms) <= STALE_MS).then(|| best.estimate(mono_ms))
    }

    /// Whether a command with this deadline must no longer be acted on. True unless the deadline is certainly
    /// ahead: a terminal that does not know the time has no lease.
    #[must_use]
    pub fn lease_over(&self, deadline: Timestamp, mono_ms: i64) -> bool {
        self.server_now(mono_ms).is_none_or(|(now, error_ms)| now.plus_ms(error_ms) >= deadline)
    }
}
