//! What an operator can set about the server. Every figure has a default, and the default is the documented one.

use vinr_domain::payment::Terms;

use crate::pairing::PairingSettings;
use crate::webhooks::WebhookSettings;

/// The settings of one server.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// Under which figures payments run.
    pub terms: Terms,
    /// How long a sync request is held before it is answered with 202, in milliseconds (130 s).
    pub sync_hold_ms: i64,
    /// How long a cancel request waits for the terminal's word before it is answered with 202, in milliseconds.
    pub cancel_hold_ms: i64,
    /// How often terminals are to be heard from, in milliseconds (safety: 20 s; offline after three times that).
    pub heartbeat_ms: u32,
    /// How often recovery looks for payments that are due, in milliseconds.
    pub recovery_every_ms: u64,
    /// How many payments of one account may wait for a terminal of their group at the same time.
    pub queue_most: usize,
    /// How old things may become.
    pub retention: Retention,
    /// Requests per second and key; `None`: unlimited.
    pub rate_limits: RateLimits,
    /// How devices become terminals.
    pub pairing: PairingSettings,
    /// How webhooks are sent.
    pub webhooks: WebhookSettings,
    /// Planted protocol bugs.
    #[cfg(feature = "sabotage")]
    pub sabotage: Option<Sabotage>,
}

/// A protocol bug planted on purpose, to see that the simulated world finds it.
#[cfg(feature = "sabotage")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sabotage {
    /// Silence of the acquirer is taken for a decline.
    SilenceIsDecline,
    /// The acquirer is asked before the request is durable.
    AskBeforeCommit,
    /// A reversal is believed done after it was sent once.
    ReverseOnce,
    /// An idempotency key is remembered after what it protects, in a transaction of its own.
    KeyAfterCommit,
    /// A payment that waits is offered to two terminals, and the second takes it too.
    AssignTwice,
    /// A refund is held against what is left of its payment, and nothing is reserved.
    RefundWithoutReservation,
    /// What a terminal approved alone is charged although its intent is closed, or taken by another terminal.
    ForwardPastFence,
    /// A payment that began at a terminal is charged although another terminal has its intent.
    OwnRequestAnywhere,
    /// A terminal is taken out of service, and its link goes on.
    DeactivationWithoutCut,
    /// An endpoint's cursor moves past what has been taken in hand, told or not.
    CursorBeforeDelivery,
    /// A delivery that failed lets the next one of its object go first.
    RetryOutOfTurn,
}

/// How old things may become, in days; `None`: for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// Final payments.
    pub payments_days: Option<u32>,
    /// Events.
    pub events_days: Option<u32>,
    /// Idempotency keys.
    pub idempotency_days: Option<u32>,
}

/// Requests per second and key (contract 2.4); `None`: unlimited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateLimits {
    /// For test keys.
    pub test: Option<Quota>,
    /// For live keys.
    pub live: Option<Quota>,
    /// For retrieving one and the same payment.
    pub polling: Option<Quota>,
}

/// A token bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quota {
    /// Tokens that come back in a second.
    pub per_second: u32,
    /// Tokens in a full bucket.
    pub burst: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            terms: Terms::default(),
            sync_hold_ms: 130_000,
            cancel_hold_ms: 10_000,
            heartbeat_ms: 20_000,
            recovery_every_ms: 500,
            queue_most: 1_000,
            retention: Retention { payments_days: None, events_days: Some(30), idempotency_days: Some(30) },
            rate_limits: RateLimits {
                test: Some(Quota { per_second: 25, burst: 50 }),
                live: Some(Quota { per_second: 100, burst: 200 }),
                polling: Some(Quota { per_second: 1, burst: 10 }),
            },
            pairing: PairingSettings::default(),
            webhooks: WebhookSettings::default(),
            #[cfg(feature = "sabotage")]
            sabotage: None,
        }
    }
}
