//! What is written down about payments in hybrid mode before a byte of them leaves: which path they may still take. Owns
//! the record and the choice of a name; decides nothing about payments.

use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize};

use crate::clock;
use crate::error::VinrError;

/// Which path a payment may still take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DelegationState {
    /// Its terminal may have it.
    Local,
    /// The cloud has it; the terminal is not believed any more.
    Delegated,
    /// It ended at its terminal.
    FinalLocal,
    /// It ended through the cloud.
    FinalCloud,
}

impl DelegationState {
    /// Whether the payment is over.
    #[must_use]
    pub fn is_over(self) -> bool {
        matches!(self, Self::FinalLocal | Self::FinalCloud)
    }
}

/// What makes two creates the same order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Order {
    /// The terminal.
    pub terminal_id: String,
    /// The order's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// In the smallest unit.
    pub amount: i64,
    /// Three letters.
    pub currency: String,
}

/// One payment, as it is written down.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Delegation {
    /// The format: 1.
    pub v: u32,
    /// The client token, in small letters.
    pub intent: String,
    /// What is ordered.
    #[serde(flatten)]
    pub order: Order,
    /// Which path it may still take.
    pub state: DelegationState,
    /// Unix milliseconds.
    pub created_at: i64,
    /// Unix milliseconds.
    pub updated_at: i64,
}

impl Delegation {
    /// What is written down about an order that is new.
    pub(super) fn new(order: Order, intent: String) -> Self {
        let now = now_ms();
        Self { v: 1, intent, order, state: DelegationState::Local, created_at: now, updated_at: now }
    }

    /// With another state, as of now.
    pub(super) fn moved(&self, state: DelegationState) -> Self {
        Self { state, updated_at: now_ms(), ..self.clone() }
    }
}

pub(super) fn now_ms() -> i64 {
    i64::try_from(clock::unix().as_millis()).unwrap_or(i64::MAX)
}

/// Where delegations are kept. What `save` was given has to survive the process and a power cut once it is done.
pub trait Delegations: Send + Sync {
    /// The record of this name.
    fn load<'a>(&'a self, intent: &'a str) -> BoxFuture<'a, Result<Option<Delegation>, VinrError>>;
    /// The records of this order, in any sequence.
    fn find<'a>(&'a self, order: &'a Order) -> BoxFuture<'a, Result<Vec<Delegation>, VinrError>>;
    /// Writes the record, instead of what was there.
    fn save<'a>(&'a self, record: &'a Delegation) -> BoxFuture<'a, Result<(), VinrError>>;
    /// Forgets it.
    fn erase<'a>(&'a self, intent: &'a str) -> BoxFuture<'a, Result<(), VinrError>>;
}

/// The name that an order gets (none: a new one), and the record that it resumes.
pub(super) fn name_of(
    order: &Order,
    client_token: Option<&str>,
    records: Vec<Delegation>,
) -> Result<(Option<String>, Option<Delegation>), VinrError> {
    if let Some(token) = client_token {
        let intent = token.to_ascii_lowercase();
        let record = records.into_iter().find(|one| one.intent == intent);
        if record.as_ref().is_some_and(|one| one.order != *order) {
            let message = "the client token names another payment: nothing was sent";
            return Err(VinrError::configuration("client_token_reused", message).about("client_token"));
        }
        return Ok((Some(intent), record));
    }
    if order.reference.is_none() {
        return Ok((None, None));
    }
    let open = records.into_iter().filter(|one| !one.state.is_over() && one.order == *order);
    let newest = open.max_by_key(|one| one.created_at);
    Ok((newest.as_ref().map(|one| one.intent.clone()), newest))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn orders_get_the_names_that_the_shared_vectors_say() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../sdks/conformance/vectors/hybrid.json");
        let vectors: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
        let cases = vectors["identity"].as_array().unwrap();
        assert!(cases.len() >= 18, "{}", cases.len());
        for case in cases {
            let records: Vec<Delegation> = serde_json::from_value(case["records"].clone()).unwrap();
            assert_eq!(json!(records), case["records"], "a record is written as it is read");
            let order: Order = serde_json::from_value(case["order"].clone()).unwrap();
            let got = match name_of(&order, case["order"]["clientToken"].as_str(), records) {
                Err(error) => json!({ "error": error.code }),
                Ok((intent, None)) => json!({ "intent": intent.unwrap_or("new".into()) }),
                Ok((intent, Some(record))) => json!({ "intent": intent, "record": record.state }),
            };
            assert_eq!(got, case["want"], "{}", case["name"]);
        }
    }
}
