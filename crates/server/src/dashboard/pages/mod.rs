//! The pages, one file each; those of one terminal in a directory.

pub(super) mod audit_log;
pub(super) mod batches;
pub(super) mod certificates;
pub(super) mod configuration;
pub(super) mod events;
pub(super) mod exports;
pub(super) mod hardware;
pub(super) mod keys;
pub(super) mod location;
pub(super) mod operator;
pub(super) mod overview;
pub(super) mod payment;
mod payment_filters;
pub(super) mod payments;
pub(super) mod people;
pub(super) mod profile;
pub(super) mod refunds;
pub(super) mod requests;
pub(super) mod sign_in;
pub(super) mod terminal;
pub(super) mod terminals;
pub(super) mod ways;
pub(super) mod webhooks;

use crate::once::Said;

/// The secret in an answer, which only the first answer has.
fn secret_in(said: &Said) -> Option<String> {
    let answer: serde_json::Value = serde_json::from_slice(&said.body).ok()?;
    answer.get("secret").and_then(|secret| secret.as_str()).map(str::to_owned)
}
