//! The answers of the Cashless API. Fields are left out where the page leaves them out.

use serde::{Serialize, Serializer};
use vinr_domain::{Brand, DeclineCode, EntryMode, Timestamp};

use super::request::CopyWord;
use super::{CashlessCode, CashlessError};

/// A moment in RFC 3339, UTC, whole seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rfc3339(pub Timestamp);

impl Serialize for Rfc3339 {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        // Out of range means before year -9999 or after year 9999; no clock of ours says so.
        to.collect_str(&jiff::Timestamp::from_second(self.0.unix_seconds()).unwrap_or_default())
    }
}

/// `/status` without a reference.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Status {
    /// `ready`, `busy`, `locked` or `out_of_service`.
    pub status: &'static str,
    /// The terminal.
    pub terminal_id: String,
    /// Its model.
    pub model: String,
    /// Its software.
    pub software_version: String,
    /// What is going on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub active_transaction: Option<ActiveTransaction>,
    /// What ended last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_transaction: Option<LastTransaction>,
}

/// What is going on.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ActiveTransaction {
    /// Its name, if it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// Its id.
    pub transaction_id: String,
    /// Since when.
    pub started_at: Rfc3339,
}

/// What ended last.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LastTransaction {
    /// Its name, if it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// Its id.
    pub transaction_id: String,
    /// `approved`, `declined`, `cancelled`, or `unknown` while its outcome is being found out.
    pub status: &'static str,
    /// When it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub completed_at: Option<Rfc3339>,
}

/// Both copies of a receipt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ReceiptData {
    /// The merchant's.
    pub merchant_receipt: String,
    /// The customer's.
    pub customer_receipt: String,
    /// Whether the merchant's copy is to be signed; said by `/receipt/last` only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signature_required: Option<bool>,
    /// PNG in base64, where it was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub merchant_image: Option<String>,
    /// PNG in base64, where it was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customer_image: Option<String>,
}

/// A sale or a hold that was approved, was cancelled, or is going on.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Transaction {
    /// `approved`, `cancelled`, `active` (the customer is at the terminal) or `unknown`.
    pub status: &'static str,
    /// The ECR's name for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// The payment's id in the cloud.
    pub transaction_id: String,
    /// Without the tip.
    pub amount: i64,
    /// The tip; sales only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tip_amount: Option<i64>,
    /// With the tip; sales only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total_amount: Option<i64>,
    /// What has been taken of a hold.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub captured_amount: Option<i64>,
    /// Three-letter ISO 4217 code.
    pub currency: String,
    /// The issuer's code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auth_code: Option<String>,
    /// How the card was read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entry_method: Option<&'static str>,
    /// The card's network.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub card_scheme: Option<&'static str>,
    /// Stars and the last four digits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub masked_pan: Option<String>,
    /// Where the card told it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cardholder_name: Option<String>,
    /// That the terminal approved it by itself, and the cloud has still to be told.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub offline: bool,
    /// Both copies.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub receipt_data: Option<ReceiptData>,
    /// When a hold ends by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Rfc3339>,
    /// When it began; of what is going on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub started_at: Option<Rfc3339>,
    /// When it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub completed_at: Option<Rfc3339>,
    /// That the same request had been carried out before.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub duplicate: bool,
}

/// `contactless`, `chip`, … as the page writes them.
#[must_use]
pub fn entry_method(mode: EntryMode) -> &'static str {
    mode.as_str()
}

impl Transaction {
    /// The card as the page writes it.
    #[must_use]
    pub fn with_card(mut self, brand: Brand, last4: &str, mode: EntryMode) -> Self {
        self.card_scheme = Some(brand.as_str());
        self.masked_pan = Some(format!("************{last4}"));
        self.entry_method = Some(entry_method(mode));
        self
    }
}

/// A transaction that the issuer declined (contract 1.9): the page's object, and the error in one body.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Declined {
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reference: Option<String>,
    transaction_id: String,
    decline_code: &'static str,
    decline_message: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    completed_at: Option<Rfc3339>,
    #[serde(flatten)]
    error: Option<CashlessError>,
}

impl Declined {
    /// The body of a 402.
    #[must_use]
    pub fn new(
        reference: Option<String>,
        transaction_id: String,
        code: DeclineCode,
        completed_at: Option<Timestamp>,
    ) -> Self {
        let decline_message = message_of(code);
        Self {
            status: "declined",
            reference,
            transaction_id,
            decline_code: code.as_str(),
            decline_message,
            completed_at: completed_at.map(Rfc3339),
            error: Some(CashlessError::new(CashlessCode::CardDeclined, decline_message)),
        }
    }

    /// The same as a report: asked for, it is no error.
    #[must_use]
    pub fn without_error(self) -> Self {
        Self { error: None, ..self }
    }
}

/// A transaction whose outcome nobody knows yet, and the names to ask for it by.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Outcomeless {
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reference: Option<String>,
    transaction_id: String,
    #[serde(flatten)]
    error: CashlessError,
}

impl Outcomeless {
    /// The body of a 503.
    #[must_use]
    pub fn new(reference: Option<String>, transaction_id: String) -> Self {
        let message = "The outcome is not known yet: a card may have been charged. Ask for the status of this reference; \
                       do not start another transaction for it.";
        let error = CashlessError::new(CashlessCode::CommunicationError, message);
        Self { status: "unknown", reference, transaction_id, error }
    }

    /// The HTTP status to send it with.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.error.status()
    }
}

/// What a cashier may read out.
fn message_of(code: DeclineCode) -> &'static str {
    match code {
        DeclineCode::CardDeclined => "Transaction not approved",
        DeclineCode::InsufficientFunds => "Insufficient funds",
        DeclineCode::ExpiredCard => "The card has expired",
        DeclineCode::LostOrStolen => "The card is reported lost or stolen",
        DeclineCode::IncorrectPin => "The PIN was wrong",
        DeclineCode::PinTryExceeded => "The PIN was wrong too often",
        DeclineCode::OfflineAuthDeclined => "Declined after the terminal was online again",
        DeclineCode::OfflineLimitExceeded => "No connection, and more than may be approved without one",
        DeclineCode::CommunicationError => "The outcome could not be learned; nothing was kept",
        DeclineCode::AccountSuspended => "The account has been suspended",
        DeclineCode::TerminalNotFound
        | DeclineCode::TerminalOffline
        | DeclineCode::TerminalBusy
        | DeclineCode::TerminalLocked => "The terminal cannot take payments",
    }
}

/// `/cancel` and `/preauth/cancel`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Cancelled {
    /// `cancelled`.
    pub status: &'static str,
    /// Of what was cancelled.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// Of what was cancelled.
    pub transaction_id: String,
    /// When.
    pub cancelled_at: Rfc3339,
}

/// `/preauth/complete`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Completion {
    /// `approved`.
    pub status: &'static str,
    /// The ECR's name for the completion.
    pub reference: String,
    /// The payment: the hold's own.
    pub transaction_id: String,
    /// How much was taken.
    pub capture_amount: i64,
    /// Three-letter ISO 4217 code.
    pub currency: String,
    /// The issuer's code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auth_code: Option<String>,
    /// When.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub completed_at: Option<Rfc3339>,
    /// That the same request had been carried out before.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub duplicate: bool,
}

/// `/refund`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Refunded {
    /// `approved`, or `pending` while the acquirer is being asked.
    pub status: &'static str,
    /// The ECR's name for the refund.
    pub reference: String,
    /// The refund.
    pub transaction_id: String,
    /// How much goes back.
    pub amount: i64,
    /// Three-letter ISO 4217 code.
    pub currency: String,
    /// What was paid.
    pub original_transaction_id: String,
    /// Both copies.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub receipt_data: Option<ReceiptData>,
    /// When.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub completed_at: Option<Rfc3339>,
    /// That the same request had been carried out before.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub duplicate: bool,
}

/// `/batch/close`: the settlement currency; other currencies follow in `batches` (contract 1.11).
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BatchClosed {
    /// `closed`.
    pub status: &'static str,
    /// The batch.
    pub batch_id: String,
    /// The ECR's name for the settlement.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// How many sales and refunds.
    pub transaction_count: u32,
    /// Sales less refunds.
    pub total_amount: i64,
    /// Three-letter ISO 4217 code.
    pub currency: String,
    /// Left for the next batch, because the outcome is not known or the cloud does not have it yet.
    pub pending_count: u32,
    /// When.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub closed_at: Option<Rfc3339>,
    /// Other currencies.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub batches: Vec<BatchClosed>,
}

/// `/receipt/last`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LastReceipt {
    /// The payment.
    pub transaction_id: String,
    /// The ECR's name for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// `approved`, `declined` or `cancelled`.
    pub status: &'static str,
    /// Both copies.
    pub receipt_data: ReceiptData,
    /// When it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub completed_at: Option<Rfc3339>,
}

/// `/receipt/reprint`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Reprinted {
    /// `printed`.
    pub status: &'static str,
    /// Which copies.
    #[serde(rename = "type")]
    pub copies: CopyWord,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_decline_carries_both_shapes() {
        let at = Timestamp(1_781_172_914_000);
        let declined =
            Declined::new(Some("POS-1".to_owned()), "tpay_1".to_owned(), DeclineCode::CardDeclined, Some(at));
        assert_eq!(
            serde_json::to_value(&declined).unwrap(),
            json!({
                "status": "declined", "reference": "POS-1", "transactionId": "tpay_1",
                "declineCode": "card_declined", "declineMessage": "Transaction not approved",
                "completedAt": "2026-06-11T10:15:14Z",
                "error": {"code": "card_declined", "message": "Transaction not approved"}
            })
        );
    }
}
