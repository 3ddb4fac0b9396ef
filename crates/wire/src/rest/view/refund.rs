//! The refund as clients see it (contract 2.6): a snapshot that knows no version, and its two renderings, in the way of
//! the payment's. Its stored form must stay readable for ever.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use vinr_domain::refund::{FailureReason, Reason, Refund, State, Status};
use vinr_domain::{Currency, PaymentId, RefundId, Timestamp};

use super::writer::Object;
use super::{envelope, is_default};
use crate::rest::spelling::{spelled, spelled_option};
use crate::rest::version::ApiVersion;

/// Everything the outside can see of a refund at one moment. Times are in milliseconds, amounts in minor units.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "each field is documented in the schema `Refund`")]
pub struct RefundView {
    #[serde(with = "spelled")]
    pub id: RefundId,
    #[serde(rename = "live")]
    pub livemode: bool,
    #[serde(rename = "pay", with = "spelled")]
    pub payment: PaymentId,
    #[serde(rename = "term")]
    pub terminal: String,
    #[serde(rename = "amt")]
    pub amount_minor: i64,
    #[serde(rename = "cur", with = "spelled")]
    pub currency: Currency,
    #[serde(rename = "st", with = "spelled")]
    pub status: Status,
    #[serde(rename = "why", default, skip_serializing_if = "is_default", with = "spelled_option")]
    pub reason: Option<Reason>,
    #[serde(rename = "fail", default, skip_serializing_if = "is_default", with = "spelled_option")]
    pub failure_reason: Option<FailureReason>,
    #[serde(rename = "meta", default, skip_serializing_if = "is_default")]
    pub metadata: BTreeMap<String, String>,
    #[serde(rename = "at")]
    pub created_ms: i64,
    #[serde(rename = "upd", default, skip_serializing_if = "is_default")]
    pub updated_ms: Option<i64>,
    #[serde(rename = "seq")]
    pub sequence: u64,
}

impl From<&Refund> for RefundView {
    fn from(refund: &Refund) -> Self {
        let failure_reason = match refund.state {
            State::Failed { why, .. } => Some(why),
            State::Asking | State::Uncertain | State::Succeeded { .. } => None,
        };
        Self {
            id: refund.id,
            livemode: refund.livemode,
            payment: refund.payment,
            terminal: refund.terminal.to_string(),
            amount_minor: refund.amount.amount_minor,
            currency: refund.amount.currency,
            status: refund.status(),
            reason: refund.reason,
            failure_reason,
            metadata: (*refund.metadata).clone(),
            created_ms: refund.created_at.0,
            updated_ms: refund.updated_at.map(|at| at.0),
            sequence: refund.sequence,
        }
    }
}

impl RefundView {
    /// Appends the refund to `out` as the JSON object of `version`.
    pub fn render(&self, version: ApiVersion, out: &mut Vec<u8>) {
        let mut object = Object::begin(version, out);
        object.text("id", &self.id.to_string());
        object.word("object", "refund");
        object.flag("livemode", self.livemode);
        object.text("payment", &self.payment.to_string());
        object.text("terminalId", &self.terminal);
        object.number("amount", self.amount_minor);
        object.word("currency", self.currency.code());
        object.word("status", self.status.as_str());
        object.word_or_unset("reason", self.reason.map(Reason::as_str));
        object.word_or_unset("failureReason", self.failure_reason.map(FailureReason::as_str));
        if !self.metadata.is_empty() || object.shows_unset() {
            object.pairs("metadata", &self.metadata);
        }
        object.time("createdAt", Timestamp(self.created_ms));
        object.time_or_unset("updatedAt", self.updated_ms.map(Timestamp));
        object.number("sequence", i64::try_from(self.sequence).unwrap_or(i64::MAX));
        object.end();
    }

    /// Appends a page of refunds to `out` in the list envelope of contract 2.3.
    pub fn render_list<'v>(
        refunds: impl IntoIterator<Item = &'v Self>,
        has_more: bool,
        version: ApiVersion,
        out: &mut Vec<u8>,
    ) {
        envelope(refunds, has_more, out, |refund, out| refund.render(version, out));
    }
}
