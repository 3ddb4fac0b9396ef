//! The figures under which payments run. Settings, not constants: a sandbox wants shorter ones than a shop.

/// Durations and tolerances that the steps of a payment depend on. All durations in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    /// How long the terminal may wait for a card: the lease on the command (contract 1.5: 90 s).
    pub prompt_ms: i64,
    /// How long a payment may wait for a terminal of its group, from its creation.
    pub queue_ms: i64,
    /// How far past the lease the cloud waits before it believes that the terminal has stopped: the bound on clock
    /// error plus the time a frame may be on its way.
    pub margin_ms: i64,
    /// How long the acquirer has to answer before its silence is an event.
    pub acquirer_answer_ms: i64,
    /// How long after silence the outcome is asked for before it is reversed.
    pub inquiry_window_ms: i64,
    /// Between two inquiries.
    pub inquiry_every_ms: i64,
    /// How long the acquirer has to answer an inquiry or to acknowledge an advice.
    pub inquiry_answer_ms: i64,
    /// The first pause after an unacknowledged reversal or capture; doubles up to `advice_longest_ms`.
    pub advice_first_ms: i64,
    /// The longest such pause.
    pub advice_longest_ms: i64,
    /// How long an uncaptured authorization holds (contract 1.5: 7 days).
    pub hold_ms: i64,
    /// How far a capture may exceed its authorization, in percent (contract 1.7).
    pub over_capture_percent: u16,
    /// Share of a pause, in thousandths, that this step takes off it. Drawn by the caller, 0 to 500, so that a
    /// thousand payments that failed together do not come back together.
    pub jitter_permille: u16,
}

impl Default for Terms {
    fn default() -> Self {
        Self {
            prompt_ms: 90_000,
            queue_ms: 90_000,
            margin_ms: 5_000,
            acquirer_answer_ms: 15_000,
            inquiry_window_ms: 10_000,
            inquiry_every_ms: 2_000,
            inquiry_answer_ms: 2_000,
            advice_first_ms: 1_000,
            advice_longest_ms: 300_000,
            hold_ms: 7 * 24 * 3_600_000,
            over_capture_percent: 20,
            jitter_permille: 0,
        }
    }
}

impl Terms {
    /// The pause before try `attempts + 1` of an advice.
    #[must_use]
    pub fn advice_pause_ms(&self, attempts: u32) -> i64 {
        let doubled = self.advice_first_ms.saturating_mul(1_i64 << attempts.min(20));
        let pause = doubled.min(self.advice_longest_ms);
        pause - pause * i64::from(self.jitter_permille.min(500)) / 1000
    }
}
