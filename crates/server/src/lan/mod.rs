//! Who may speak to a terminal in the merchant's network: the shared key of its Cashless API, the certificates of tills,
//! and the certificate of its listener. Which doors are open is a part of its configuration. Sees to it that each terminal
//! knows all of it (contract 1.8); what a till is answered there is the terminal's part.
//!
//! A request writes what was asked for, in one transaction with its answer and its line in the audit log. What follows
//! for the terminal is worked out by one task ([`Lan::run`]): a new version is durable before it is sent, and counts
//! as applied when the terminal's word is durable. A terminal that nobody has asked anything of in its network is told
//! nothing and costs nothing.

mod assembly;
mod cashless_key;
mod client;
mod courier;
mod row;
mod seed;
mod service;
mod settings;
mod withdrawal;

pub use row::{
    CashlessKey, ClientCertificateRow, EndReason, EndedKey, LanAccessRow, LanRow, ListenerCertificate,
};
pub use seed::{SANDBOX_CASHLESS_KEY, SeedError, SeededClient};
pub use service::Lan;
pub use withdrawal::Withdrawal;
