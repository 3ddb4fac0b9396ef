//! Webhooks (contract 2.5): who wants to be told of what, and the telling. The events of the store are the outbox; an
//! endpoint's cursor says how far it has been told, a delivery what became of each event. At least once, per object in
//! order, and no endpoint waits for another.
//!
//! Decides nothing about what the events are about, and never delays whoever causes them.

mod changes;
mod connector;
mod courier;
mod dial;
mod endpoint;
mod health;
mod line;
mod log;
mod mailbox;
mod outbox;
mod sender;
mod service;
mod told;
mod vault;
mod window;

pub use dial::{Dial, Dialer, Dialled, Stream};
pub use endpoint::{EndpointRow, EndpointStatus, EndpointView};
pub use health::EndpointHealth;
pub use line::{Heard, Line, Unheard};
pub use log::{DeliveryFilter, DeliveryView};
pub(crate) use sender::envelope;
pub use service::Webhooks;
pub use told::Told;
pub use vault::SealKey;

use vinr_wire::rest::webhook::Policy;

/// What an operator can set about webhooks. Every default is the documented figure.
#[derive(Clone, Debug, PartialEq)]
pub struct WebhookSettings {
    /// Where events may be posted to.
    pub policy: Policy,
    /// How long after an attempt the next one follows, in milliseconds; when they are used up, the delivery has failed.
    pub retries_ms: Vec<i64>,
    /// How long an endpoint may take to answer, in milliseconds (5 s).
    pub answer_ms: u64,
    /// After how long without a single success an endpoint is disabled, in milliseconds (7 days).
    pub disable_after_ms: i64,
    /// How many requests one endpoint is sent at the same time, at most.
    pub at_once: usize,
    /// Certificates of authorities that are trusted beside the public ones, DER.
    pub extra_roots: Vec<Vec<u8>>,
    /// What the signing secrets are sealed with. `None`: with a key that ends with the process.
    pub key: Option<SealKey>,
    /// Who makes the connections. `None`: the network.
    pub dialer: Option<Dialer>,
}

impl Default for WebhookSettings {
    fn default() -> Self {
        const MINUTE_MS: i64 = 60_000;
        Self {
            policy: Policy::default(),
            retries_ms: [1, 5, 30, 120, 1440].map(|minutes| minutes * MINUTE_MS).to_vec(),
            answer_ms: 5_000,
            disable_after_ms: 7 * 1440 * MINUTE_MS,
            at_once: 64,
            extra_roots: Vec::new(),
            key: None,
            dialer: None,
        }
    }
}
