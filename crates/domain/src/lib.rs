//! What payments, terminals and money are, and every legal step between their states.
//!
//! This crate does no I/O, reads no clock, draws no random number, and knows no byte format. Time and
//! jitter are arguments; effects are data that somebody else executes after the commit that made them true.

pub mod action;
mod attention;
pub mod batch;
mod card;
mod decline;
pub mod device;
mod ids;
mod model;
mod money;
pub mod pairing;
pub mod payment;
pub mod refund;
pub mod terminal;
mod time;
mod tip;
mod version;

pub use attention::Attention;
pub use card::{Brand, CardFacts, EntryMode, Last4};
pub use decline::DeclineCode;
pub use ids::{
    AccountId, ActionId, BatchId, ClientCertificateId, DeliveryId, EventId, IdError, IntentId, LocationId,
    PairingId, PaymentId, RefundId, RequestId, TerminalId, WebhookEndpointId, decode_base32, encode_base32,
};
pub use model::{Capabilities, Model, OFFLINE_DEFAULTS_CURRENCY, OfflineDefaults};
pub use money::{Currency, CurrencyError, MAX_AMOUNT_MINOR, Money};
pub use time::Timestamp;
pub use tip::{MAX_TIP_SUGGESTIONS, TipBasis, TipChoice, TipPrompt, TipRefused};
pub use version::{SoftwareVersion, VersionError};
