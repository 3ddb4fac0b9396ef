//! The figures a terminal runs under. Settings, not constants: a sandbox wants shorter ones than a shop.

use std::time::Duration;

/// Durations and limits of a terminal. Each field says why its default is what it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// How long a prompt waits for a card (contract 1.5: 90 s). The lease on the command may end it earlier.
    pub prompt_timeout_ms: i64,
    /// How long the answer to a request for authorization may take before the screen says that the outcome is
    /// unknown. Longer than the cloud waits for the acquirer (15 s), so that the cloud's own word comes first.
    pub answer_patience_ms: i64,
    /// How long the cloud may take for something that a till wants of it.
    pub office_patience_ms: i64,
    /// How long a card is not read while the cloud is asked whether an order is known from before. Less than a till
    /// waits for an acknowledgement before it turns to the cloud (contract 3.2: 2 s).
    pub inquiry_patience_ms: i64,
    /// How long a card that was read waits for a link that broke a moment ago, counted from the break: a shop would rather
    /// ask the issuer than carry the risk, and a customer does not notice two seconds.
    pub link_grace_ms: i64,
    /// How long an action to forward what waits may take before it has failed. The issuer of each payment may fall silent
    /// once (15 s), and the queues of all models are short.
    pub flush_patience_ms: i64,
    /// How long an approval without the cloud waits for its verdict before it is forwarded again.
    pub forward_every_ms: i64,
    /// Between two questions about an outcome that is unknown.
    pub ask_every_ms: i64,
    /// How long an outcome stays on the screen before it shows that it is idle.
    pub outcome_shown_ms: i64,
    /// How long entries are kept after their lease has ended and their outcome is reported. A command that comes
    /// later than that is refused by its lease; a day more lets a person look.
    pub keep_ms: i64,
    /// How long the customer has to choose a receipt before the screen gives way.
    pub receipt_choice_ms: i64,
    /// The charge at or below which somebody should plug the device in, in percent.
    pub battery_low_percent: u8,
    /// How far the device's own clock may be off server time before somebody should set it: certificates are
    /// judged by it.
    pub clock_off_ms: i64,
    /// How long a restart waits for the cloud to acknowledge that it is coming.
    pub restart_notice_ms: i64,
    /// How long a restart takes on a device whose software is started again inside the process.
    pub restart_pause: Duration,
    /// First pause before a certificate is asked for again; doubles with every failure.
    pub renewal_first_ms: i64,
    /// The longest such pause. A third of a certificate's life is left for it.
    pub renewal_longest_ms: i64,
    /// How often old entries are looked for.
    pub tidy_every_ms: i64,
    /// How many intents the journal holds before new payments are refused. At one payment every 10 s this is a day
    /// and a half.
    pub journal_entries: usize,
    /// How large the journal's file may grow before it is rewritten without what has been erased.
    pub compact_above_bytes: usize,
    /// First pause before the link is tried again; doubles with every failure.
    pub backoff_first: Duration,
    /// Longest such pause.
    pub backoff_longest: Duration,
    /// How long a link must live before its end counts as a first failure again.
    pub backoff_reset_after: Duration,
    /// Pause after the cloud said that trying again is pointless until somebody acts: it does not know this
    /// terminal, or does not speak its protocol version.
    pub rejected_pause: Duration,
    /// How long making a connection, or writing one frame, may take.
    pub io_patience: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            prompt_timeout_ms: 90_000,
            answer_patience_ms: 30_000,
            office_patience_ms: 15_000,
            inquiry_patience_ms: 1_500,
            link_grace_ms: 3_000,
            flush_patience_ms: 120_000,
            forward_every_ms: 60_000,
            ask_every_ms: 10_000,
            outcome_shown_ms: 5_000,
            keep_ms: 25 * 3_600_000,
            receipt_choice_ms: 30_000,
            battery_low_percent: 15,
            clock_off_ms: 5 * 60_000,
            restart_notice_ms: 2_000,
            restart_pause: Duration::from_secs(1),
            renewal_first_ms: 60_000,
            renewal_longest_ms: 6 * 3_600_000,
            tidy_every_ms: 10 * 60_000,
            journal_entries: 13_000,
            compact_above_bytes: 1 << 20,
            backoff_first: Duration::from_millis(250),
            backoff_longest: Duration::from_secs(30),
            backoff_reset_after: Duration::from_secs(60),
            rejected_pause: Duration::from_secs(300),
            io_patience: Duration::from_secs(15),
        }
    }
}
