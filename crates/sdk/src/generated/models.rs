//! What the API answers.

// Made by `cargo xtask gen rust-sdk` from docs/openapi.json and sdks/conformance/operations.json.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::events::Event;
use crate::page::Listed;
use crate::secret::Secret;
use crate::words::words;

/// An account with its settings in one of the two modes.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Account {
    /// When it was opened, in Unix seconds.
    #[serde(rename = "createdAt", default)]
    pub created_at: i64,
    /// The currency of whatever names none.
    #[serde(rename = "defaultCurrency", default)]
    pub default_currency: Option<String>,
    /// What people call it.
    #[serde(rename = "displayName", default)]
    pub display_name: String,
    /// Its name.
    #[serde(rename = "id")]
    pub id: String,
    /// Which settings these are: those for live data, or those for test data.
    #[serde(rename = "livemode", default)]
    pub livemode: bool,
    /// `object`.
    #[serde(rename = "object", default)]
    pub object: String,
    /// What its terminals may take offline at most; set by the operator of this server.
    #[serde(rename = "offlineCap", default)]
    pub offline_cap: OfflineCap,
    /// How far a capture may exceed its authorization, in percent.
    #[serde(rename = "overCapturePercent", default)]
    pub over_capture_percent: i64,
    /// Whether the operator has stopped it: its keys may look, and change nothing.
    #[serde(rename = "suspended", default)]
    pub suspended: bool,
    /// The time zone of locations that have none of their own, a name of the IANA database.
    #[serde(rename = "timeZone", default)]
    pub time_zone: String,
    /// How its webhooks are delivered.
    #[serde(rename = "webhookPolicy", default)]
    pub webhook_policy: WebhookPolicy,
}

/// Where a shop is.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Address {
    /// Town.
    #[serde(rename = "city", default, skip_serializing_if = "Option::is_none")]
    pub city: Option<String>,
    /// Two letters (ISO 3166-1 alpha-2).
    #[serde(rename = "country", default, skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// Street and number.
    #[serde(rename = "line1", default, skip_serializing_if = "Option::is_none")]
    pub line1: Option<String>,
    /// Floor, building.
    #[serde(rename = "line2", default, skip_serializing_if = "Option::is_none")]
    pub line2: Option<String>,
    /// Post code.
    #[serde(rename = "postalCode", default, skip_serializing_if = "Option::is_none")]
    pub postal_code: Option<String>,
}

/// An API key, without its text.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ApiKey {
    /// When it was made, in Unix seconds.
    #[serde(rename = "createdAt", default)]
    pub created_at: i64,
    /// When it will stop working, in Unix seconds.
    #[serde(rename = "expiresAt", default)]
    pub expires_at: Option<i64>,
    /// Its first and last characters, to tell it from others.
    #[serde(rename = "hint", default)]
    pub hint: String,
    /// Its name.
    #[serde(rename = "id")]
    pub id: String,
    /// When it was last used, in Unix seconds, to the minute; `null` when it never was.
    #[serde(rename = "lastUsedAt", default)]
    pub last_used_at: Option<i64>,
    /// Live or test data.
    #[serde(rename = "livemode", default)]
    pub livemode: bool,
    /// What people call it.
    #[serde(rename = "name", default)]
    pub name: Option<String>,
    /// `object`.
    #[serde(rename = "object", default)]
    pub object: String,
    /// The key that took its place.
    #[serde(rename = "replacedBy", default)]
    pub replaced_by: Option<String>,
    /// When it stopped working, in Unix seconds.
    #[serde(rename = "revokedAt", default)]
    pub revoked_at: Option<i64>,
    /// What a restricted key may do; empty for a secret key.
    #[serde(rename = "scopes", default)]
    pub scopes: Vec<String>,
    /// The key itself: only in the first answer to the request that made it, never again.
    #[serde(rename = "secret", default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<Secret>,
    /// `status`.
    #[serde(rename = "status", default)]
    pub status: ApiKeyStatus,
    /// `type`.
    #[serde(rename = "type", default)]
    pub type_: ApiKeyType,
}

/// Who did something.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct AuditActor {
    /// The key as people are shown it.
    #[serde(rename = "hint", default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// Which one.
    #[serde(rename = "id")]
    pub id: String,
    /// With which request (`req_…`).
    #[serde(rename = "request", default, skip_serializing_if = "Option::is_none")]
    pub request: Option<String>,
    /// `api_key`, `operator`, `person`, `terminal` or `system`.
    #[serde(rename = "type", default)]
    pub type_: String,
}

/// One line of the audit log.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct AuditEntry {
    /// Whose log it is.
    #[serde(rename = "account", default)]
    pub account: String,
    /// What was done.
    #[serde(rename = "action", default)]
    pub action: String,
    /// What it was made; absent when it is gone.
    #[serde(rename = "after", default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Map<String, Value>>,
    /// What the object was; absent when it was not there.
    #[serde(rename = "before", default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Map<String, Value>>,
    /// Who did it.
    #[serde(rename = "by", default)]
    pub by: AuditActor,
    /// When, in Unix milliseconds.
    #[serde(rename = "createdAtMs", default)]
    pub created_at_ms: i64,
    /// The hash of this line.
    #[serde(rename = "hash", default)]
    pub hash: String,
    /// Its name.
    #[serde(rename = "id")]
    pub id: String,
    /// Whether it is about live data.
    #[serde(rename = "livemode", default)]
    pub livemode: bool,
    /// Its place in the log, from 1 without a gap.
    #[serde(rename = "number", default)]
    pub number: i64,
    /// `object`.
    #[serde(rename = "object", default)]
    pub object: String,
    /// To what.
    #[serde(rename = "objectId", default)]
    pub object_id: String,
    /// The hash of the line before; 64 zeros for the first.
    #[serde(rename = "previousHash", default)]
    pub previous_hash: String,
}

/// What a walk along an audit log found.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct AuditVerification {
    /// The place of the first line that is not in order.
    #[serde(rename = "brokenAt", default)]
    pub broken_at: Option<i64>,
    /// How many lines are in order, counted from the first.
    #[serde(rename = "entries", default)]
    pub entries: i64,
    /// Whether every line is what was written, and none is missing between the first and the last.
    #[serde(rename = "intact", default)]
    pub intact: bool,
    /// The hash of the last line that is in order; `null` when there is none.
    #[serde(rename = "lastHash", default)]
    pub last_hash: Option<String>,
    /// `object`.
    #[serde(rename = "object", default)]
    pub object: String,
}

/// A batch: what a terminal took and gave back in one currency between two settlements.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Batch {
    /// When its sums became final.
    #[serde(rename = "closedAt", default, skip_serializing_if = "Option::is_none")]
    pub closed_at: Option<i64>,
    /// Three-letter ISO 4217 code.
    #[serde(rename = "currency", default)]
    pub currency: String,
    /// Its name.
    #[serde(rename = "id")]
    pub id: String,
    /// Live or test data.
    #[serde(rename = "livemode", default)]
    pub livemode: bool,
    /// Where that terminal stood when the batch was opened.
    #[serde(rename = "locationId", default, skip_serializing_if = "Option::is_none")]
    pub location_id: Option<String>,
    /// Sales less refunds; negative when more was given back than taken.
    #[serde(rename = "netTotal", default)]
    pub net_total: i64,
    /// `object`.
    #[serde(rename = "object", default)]
    pub object: String,
    /// When its first transaction ended.
    #[serde(rename = "openedAt", default)]
    pub opened_at: i64,
    /// Transactions that are left for the next batch because their outcome is not known.
    #[serde(rename = "pendingCount", default)]
    pub pending_count: i64,
    /// Your own name for closing it.
    #[serde(rename = "reference", default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// How many succeeded refunds it holds.
    #[serde(rename = "refundsCount", default)]
    pub refunds_count: i64,
    /// What they gave back, in the smallest unit.
    #[serde(rename = "refundsTotal", default)]
    pub refunds_total: i64,
    /// How many completed payments it holds.
    #[serde(rename = "salesCount", default)]
    pub sales_count: i64,
    /// What they took, in the smallest unit.
    #[serde(rename = "salesTotal", default)]
    pub sales_total: i64,
    /// Counts the changes of this batch.
    #[serde(rename = "sequence", default)]
    pub sequence: i64,
    /// When the acquirer agreed to them.
    #[serde(rename = "settledAt", default, skip_serializing_if = "Option::is_none")]
    pub settled_at: Option<i64>,
    /// Where the batch stands.
    #[serde(rename = "status", default)]
    pub status: BatchStatus,
    /// Whose transactions it holds.
    #[serde(rename = "terminalId", default)]
    pub terminal_id: String,
}

/// What may be known of a card.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Card {
    /// The network.
    #[serde(rename = "brand", default)]
    pub brand: String,
    /// The last four digits.
    #[serde(rename = "last4", default)]
    pub last4: String,
}

/// The shared key of a terminal's Cashless API, without its text.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CashlessKey {
    /// When it was made, in Unix seconds.
    #[serde(rename = "createdAt", default)]
    pub created_at: Option<i64>,
    /// First and last characters; `null`: there is no key.
    #[serde(rename = "hint", default)]
    pub hint: Option<String>,
    /// Live or test data.
    #[serde(rename = "livemode", default)]
    pub livemode: bool,
    /// `object`.
    #[serde(rename = "object", default)]
    pub object: String,
    /// `revoked`.
    #[serde(rename = "revoked", default)]
    pub revoked: Option<RevokedCashlessKey>,
    /// The key itself: only in the first answer to the request that made it, never again.
    #[serde(rename = "secret", default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<Secret>,
    /// Which terminal.
    #[serde(rename = "terminalId", default)]
    pub terminal_id: String,
}

/// A certificate with which a till may speak to one terminal.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ClientCertificate {
    /// The certificate and its issuer, PEM.
    #[serde(rename = "certificate", default)]
    pub certificate: String,
    /// When it was made, in Unix seconds.
    #[serde(rename = "createdAt", default)]
    pub created_at: i64,
    /// When it ends, in Unix seconds.
    #[serde(rename = "expiresAt", default)]
    pub expires_at: i64,
    /// SHA-256 of the certificate, hexadecimal.
    #[serde(rename = "fingerprint", default)]
    pub fingerprint: String,
    /// Its name.
    #[serde(rename = "id")]
    pub id: String,
    /// Live or test data.
    #[serde(rename = "livemode", default)]
    pub livemode: bool,
    /// What people call it.
    #[serde(rename = "name", default)]
    pub name: Option<String>,
    /// `object`.
    #[serde(rename = "object", default)]
    pub object: String,
    /// The passphrase of `pkcs12`: as `privateKey`.
    #[serde(rename = "passphrase", default, skip_serializing_if = "Option::is_none")]
    pub passphrase: Option<Secret>,
    /// Key and certificate as a PKCS #12 file in base64, under `passphrase`: as `privateKey`.
    #[serde(rename = "pkcs12", default, skip_serializing_if = "Option::is_none")]
    pub pkcs12: Option<Secret>,
    /// The private key, PEM: only in the first answer to the request that made it, and only when the platform made the key.
    #[serde(rename = "privateKey", default, skip_serializing_if = "Option::is_none")]
    pub private_key: Option<Secret>,
    /// When it was revoked, in Unix seconds.
    #[serde(rename = "revokedAt", default)]
    pub revoked_at: Option<i64>,
    /// `revoked reason`.
    #[serde(rename = "revokedReason", default, skip_serializing_if = "Option::is_none")]
    pub revoked_reason: Option<RevokedReason>,
    /// Hexadecimal.
    #[serde(rename = "serialNumber", default)]
    pub serial_number: String,
    /// `status`.
    #[serde(rename = "status", default)]
    pub status: ClientCertificateStatus,
    /// The one terminal that may be spoken to.
    #[serde(rename = "terminalId", default)]
    pub terminal_id: String,
}

/// What closing is answered: the batch in the terminal's settlement currency, and those in other currencies.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ClosedBatches {
    /// Those in other currencies.
    #[serde(rename = "batches", default)]
    pub batches: Vec<Batch>,
    /// When its sums became final.
    #[serde(rename = "closedAt", default, skip_serializing_if = "Option::is_none")]
    pub closed_at: Option<i64>,
    /// Three-letter ISO 4217 code.
    #[serde(rename = "currency", default)]
    pub currency: String,
    /// Its name.
    #[serde(rename = "id")]
    pub id: String,
    /// Live or test data.
    #[serde(rename = "livemode", default)]
    pub livemode: bool,
    /// Where that terminal stood when the batch was opened.
    #[serde(rename = "locationId", default, skip_serializing_if = "Option::is_none")]
    pub location_id: Option<String>,
    /// Sales less refunds; negative when more was given back than taken.
    #[serde(rename = "netTotal", default)]
    pub net_total: i64,
    /// `object`.
    #[serde(rename = "object", default)]
    pub object: String,
    /// When its first transaction ended.
    #[serde(rename = "openedAt", default)]
    pub opened_at: i64,
    /// Transactions that are left for the next batch because their outcome is not known.
    #[serde(rename = "pendingCount", default)]
    pub pending_count: i64,
    /// Your own name for closing it.
    #[serde(rename = "reference", default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// How many succeeded refunds it holds.
    #[serde(rename = "refundsCount", default)]
    pub refunds_count: i64,
    /// What they gave back, in the smallest unit.
    #[serde(rename = "refundsTotal", default)]
    pub refunds_total: i64,
    /// How many completed payments it holds.
    #[serde(rename = "salesCount", default)]
    pub sales_count: i64,
    /// What they took, in the smallest unit.
    #[serde(rename = "salesTotal", default)]
    pub sales_total: i64,
    /// Counts the changes of this batch.
    #[serde(rename = "sequence", default)]
    pub sequence: i64,
    /// When the acquirer agreed to them.
    #[serde(rename = "settledAt", default, skip_serializing_if = "Option::is_none")]
    pub settled_at: Option<i64>,
    /// Where the batch stands.
    #[serde(rename = "status", default)]
    pub status: BatchStatus,
    /// Whose transactions it holds.
    #[serde(rename = "terminalId", default)]
    pub terminal_id: String,
}

/// What is left of an object that was deleted.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Deleted {
    /// `true`.
    #[serde(rename = "deleted", default)]
    pub deleted: bool,
    /// Its name.
    #[serde(rename = "id")]
    pub id: String,
    /// What it was.
    #[serde(rename = "object", default)]
    pub object: String,
}

/// What is left of a deleted endpoint.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct DeletedWebhookEndpoint {
    /// `true`.
    #[serde(rename = "deleted", default)]
    pub deleted: bool,
    /// `id`.
    #[serde(rename = "id")]
    pub id: String,
    /// `webhook_endpoint`.
    #[serde(rename = "object", default)]
    pub object: String,
}

/// The same as version 2025-05-31 writes it: times in Unix seconds.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct LegacyTerminalPayment {
    /// What is to be collected, in the smallest unit; includes the tip once it is chosen.
    #[serde(rename = "amount", default)]
    pub amount: i64,
    /// Held and still to be captured.
    #[serde(rename = "amountCapturable", default)]
    pub amount_capturable: Option<i64>,
    /// Captured so far.
    #[serde(rename = "amountCaptured", default)]
    pub amount_captured: Option<i64>,
    /// Given back so far, or on its way back: a refund counts from its creation until it has failed.
    #[serde(rename = "amountRefunded", default)]
    pub amount_refunded: Option<i64>,
    /// The issuer's approval code.
    #[serde(rename = "authCode", default)]
    pub auth_code: Option<String>,
    /// The card's network.
    #[serde(rename = "brand", default)]
    pub brand: Option<String>,
    /// `cancelled at`.
    #[serde(rename = "cancelledAt", default)]
    pub cancelled_at: Option<i64>,
    /// `automatic` (default) authorizes and captures in one step, `manual` waits for a capture.
    #[serde(rename = "captureMethod", default)]
    pub capture_method: CaptureMethod,
    /// The payment's identity on every path.
    #[serde(rename = "clientToken", default)]
    pub client_token: String,
    /// 2025-05-31: when it reached any final status.
    #[serde(rename = "completedAt", default)]
    pub completed_at: Option<i64>,
    /// `created at`.
    #[serde(rename = "createdAt", default)]
    pub created_at: i64,
    /// Three-letter ISO 4217 code.
    #[serde(rename = "currency", default)]
    pub currency: String,
    /// Why the payment failed.
    #[serde(rename = "declineCode", default)]
    pub decline_code: Option<DeclineCode>,
    /// Free text.
    #[serde(rename = "description", default)]
    pub description: Option<String>,
    /// How the card is read.
    #[serde(rename = "entryMethod", default)]
    pub entry_method: Option<EntryMethod>,
    /// `expires at`.
    #[serde(rename = "expiresAt", default)]
    pub expires_at: Option<i64>,
    /// `failed at`.
    #[serde(rename = "failedAt", default)]
    pub failed_at: Option<i64>,
    /// `id`.
    #[serde(rename = "id")]
    pub id: String,
    /// The card's last four digits.
    #[serde(rename = "last4", default)]
    pub last4: Option<String>,
    /// Live or test data.
    #[serde(rename = "livemode", default)]
    pub livemode: bool,
    /// Your own key-value pairs; never interpreted.
    #[serde(rename = "metadata", default)]
    pub metadata: BTreeMap<String, String>,
    /// `object`.
    #[serde(rename = "object", default)]
    pub object: String,
    /// Its terminal approved it without asking the issuer, because it had no connection.
    #[serde(rename = "offline", default)]
    pub offline: Option<bool>,
    /// Whether money may have moved without an answer from the acquirer.
    #[serde(rename = "outcomeUnknown", default)]
    pub outcome_unknown: Option<bool>,
    /// `payment method`.
    #[serde(rename = "paymentMethod", default)]
    pub payment_method: Option<PaymentMethod>,
    /// How many payments that wait for one of the same terminals are to be served before, and this one: 1 is next.
    #[serde(rename = "queuePosition", default)]
    pub queue_position: Option<i64>,
    /// Your own name for the order.
    #[serde(rename = "reference", default)]
    pub reference: Option<String>,
    /// `async` (default) answers while pending, `sync` once the outcome is known.
    #[serde(rename = "responseMode", default)]
    pub response_mode: ResponseMode,
    /// Counts the changes of this payment, from 1 without a gap.
    #[serde(rename = "sequence", default)]
    pub sequence: i64,
    /// Where the payment stands; `completed`, `failed`, `cancelled` and `expired` are final.
    #[serde(rename = "status", default)]
    pub status: TerminalPaymentStatus,
    /// The terminals of which the first that is free collects the payment.
    #[serde(rename = "terminalGroup", default)]
    pub terminal_group: Option<Vec<String>>,
    /// The terminal that collects the payment.
    #[serde(rename = "terminalId", default)]
    pub terminal_id: Option<String>,
    /// `tip`.
    #[serde(rename = "tip", default)]
    pub tip: Option<Tip>,
    /// The tip's amount.
    #[serde(rename = "tipAmount", default)]
    pub tip_amount: Option<i64>,
}

/// A location.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Location {
    /// `address`.
    #[serde(rename = "address", default)]
    pub address: Option<Address>,
    /// When it was made, in Unix seconds.
    #[serde(rename = "createdAt", default)]
    pub created_at: i64,
    /// What people call it.
    #[serde(rename = "displayName", default)]
    pub display_name: String,
    /// When its day ends and its batches are settled, `HH:MM` in its time zone; `null`: the default.
    #[serde(rename = "endOfDay", default)]
    pub end_of_day: Option<String>,
    /// Its name.
    #[serde(rename = "id")]
    pub id: String,
    /// Live or test data.
    #[serde(rename = "livemode", default)]
    pub livemode: bool,
    /// Your own key-value pairs; never interpreted.
    #[serde(rename = "metadata", default)]
    pub metadata: BTreeMap<String, String>,
    /// `object`.
    #[serde(rename = "object", default)]
    pub object: String,
    /// What is configured for the terminals that stand there; `null`: nothing.
    #[serde(rename = "terminalConfig", default)]
    pub terminal_config: Option<Map<String, Value>>,
    /// Its time zone, a name of the IANA database; `null`: the account's.
    #[serde(rename = "timeZone", default)]
    pub time_zone: Option<String>,
}

/// What an operator allows terminals to take while they are offline, whatever is configured.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct OfflineCap {
    /// The most that one payment may take, in the smallest unit of the terminal's currency; `null`: no cap.
    #[serde(rename = "maxAmount", default)]
    pub max_amount: Option<i64>,
    /// The most payments that a terminal may keep; `null`: no cap.
    #[serde(rename = "maxQueue", default)]
    pub max_queue: Option<i64>,
    /// The most that a terminal may keep in all, in the smallest unit of its currency; `null`: no cap.
    #[serde(rename = "maxTotal", default)]
    pub max_total: Option<i64>,
}

/// The limits of payments without the cloud that hold unless they are configured otherwise.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct OfflineLimits {
    /// A terminal that settles in another currency has no limits until they are configured.
    #[serde(rename = "currency", default)]
    pub currency: String,
    /// The most that one payment may be, in the smallest unit of the currency.
    #[serde(rename = "maxAmount", default)]
    pub max_amount: i64,
    /// How many payments may wait for the cloud.
    #[serde(rename = "maxQueue", default)]
    pub max_queue: i64,
}

/// An account as its operator sees it: what holds for both modes.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct OperatedAccount {
    /// When it was opened, in Unix seconds.
    #[serde(rename = "createdAt", default)]
    pub created_at: i64,
    /// What the operator calls it, and the merchant until it says otherwise.
    #[serde(rename = "displayName", default)]
    pub display_name: String,
    /// Its name.
    #[serde(rename = "id")]
    pub id: String,
    /// `object`.
    #[serde(rename = "object", default)]
    pub object: String,
    /// What its terminals may take offline at most.
    #[serde(rename = "offlineCap", default)]
    pub offline_cap: OfflineCap,
    /// Whether it is stopped: its keys may look, and change nothing.
    #[serde(rename = "suspended", default)]
    pub suspended: bool,
}

/// The instrument that was presented.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PaymentMethod {
    /// `card`.
    #[serde(rename = "card", default)]
    pub card: Card,
    /// How the card is read.
    #[serde(rename = "entryMode", default)]
    pub entry_mode: EntryMethod,
    /// `type`.
    #[serde(rename = "type", default)]
    pub type_: String,
}

/// A refund.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Refund {
    /// How much, in the smallest unit.
    #[serde(rename = "amount", default)]
    pub amount: i64,
    /// `created at`.
    #[serde(rename = "createdAt", default)]
    pub created_at: String,
    /// Three-letter ISO 4217 code.
    #[serde(rename = "currency", default)]
    pub currency: String,
    /// Why the refund failed: `declined` by the card's issuer, or `rejected` by the acquirer.
    #[serde(rename = "failureReason", default, skip_serializing_if = "Option::is_none")]
    pub failure_reason: Option<RefundFailureReason>,
    /// `id`.
    #[serde(rename = "id")]
    pub id: String,
    /// Live or test data.
    #[serde(rename = "livemode", default)]
    pub livemode: bool,
    /// Your own key-value pairs; never interpreted.
    #[serde(rename = "metadata", default)]
    pub metadata: BTreeMap<String, String>,
    /// `object`.
    #[serde(rename = "object", default)]
    pub object: String,
    /// The terminal payment that is given back of.
    #[serde(rename = "payment", default)]
    pub payment: String,
    /// Why the money is given back.
    #[serde(rename = "reason", default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<RefundReason>,
    /// Counts the changes of this refund, from 1 without a gap.
    #[serde(rename = "sequence", default)]
    pub sequence: i64,
    /// Where the refund stands; `succeeded` and `failed` are final.
    #[serde(rename = "status", default)]
    pub status: RefundStatus,
    /// The terminal that took it.
    #[serde(rename = "terminalId", default)]
    pub terminal_id: String,
    /// `updated at`.
    #[serde(rename = "updatedAt", default, skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<String>,
}

/// A version of the software of one model of terminals.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Release {
    /// When it was registered, in Unix seconds.
    #[serde(rename = "createdAt", default)]
    pub created_at: i64,
    /// Whether it is installed by no more terminals.
    #[serde(rename = "halted", default)]
    pub halted: bool,
    /// Its name.
    #[serde(rename = "id")]
    pub id: String,
    /// The oldest version that it may be installed over.
    #[serde(rename = "minVersion", default)]
    pub min_version: Option<String>,
    /// For which model.
    #[serde(rename = "model", default)]
    pub model: String,
    /// Until when it may be installed, in Unix seconds.
    #[serde(rename = "notAfter", default)]
    pub not_after: i64,
    /// `object`.
    #[serde(rename = "object", default)]
    pub object: String,
    /// How many of a hundred terminals may install it; which ones does not change while the figure rises.
    #[serde(rename = "rolloutPercent", default)]
    pub rollout_percent: i64,
    /// SHA-256 of the image, hexadecimal.
    #[serde(rename = "sha256", default)]
    pub sha256: String,
    /// Size of the image, in bytes.
    #[serde(rename = "size", default)]
    pub size: i64,
    /// Where terminals find the image; `null` when the maker delivers it another way.
    #[serde(rename = "url", default)]
    pub url: Option<String>,
    /// Its version.
    #[serde(rename = "version", default)]
    pub version: String,
}

/// A shared key that opens nothing any more.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RevokedCashlessKey {
    /// First and last characters.
    #[serde(rename = "hint", default)]
    pub hint: String,
    /// `reason`.
    #[serde(rename = "reason", default)]
    pub reason: RevokedReason,
    /// Since when, in Unix seconds.
    #[serde(rename = "revokedAt", default)]
    pub revoked_at: i64,
}

/// A terminal.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Terminal {
    /// Why somebody should look after it; empty when nothing is wrong.
    #[serde(rename = "attention", default)]
    pub attention: Vec<Attention>,
    /// Charge of the battery in percent; `null` when it does not run on a battery.
    #[serde(rename = "batteryLevel", default)]
    pub battery_level: Option<i64>,
    /// When it was first activated, in Unix seconds.
    #[serde(rename = "createdAt", default)]
    pub created_at: i64,
    /// What people call it.
    #[serde(rename = "displayName", default)]
    pub display_name: Option<String>,
    /// Its name.
    #[serde(rename = "id")]
    pub id: String,
    /// The last sign of life, in Unix seconds; `null` before it was first connected.
    #[serde(rename = "lastSeen", default)]
    pub last_seen: Option<i64>,
    /// Live or test data.
    #[serde(rename = "livemode", default)]
    pub livemode: bool,
    /// The location that it is assigned to.
    #[serde(rename = "locationId", default)]
    pub location_id: Option<String>,
    /// Whether it refuses new payments until it is unlocked.
    #[serde(rename = "locked", default)]
    pub locked: bool,
    /// Hardware model.
    #[serde(rename = "model", default)]
    pub model: String,
    /// `object`.
    #[serde(rename = "object", default)]
    pub object: String,
    /// `offline`.
    #[serde(rename = "offline", default)]
    pub offline: Option<TerminalOffline>,
    /// How long a frame takes to it and back, in milliseconds; `null` while it is not connected.
    #[serde(rename = "roundTripMs", default)]
    pub round_trip_ms: Option<i64>,
    /// Counts its events, from 1 without a gap; 0 before the first.
    #[serde(rename = "sequence", default)]
    pub sequence: i64,
    /// The maker's number, printed on the device.
    #[serde(rename = "serialNumber", default)]
    pub serial_number: String,
    /// The software that it runs; `null` before it was first connected.
    #[serde(rename = "softwareVersion", default)]
    pub software_version: Option<String>,
    /// Whether the terminal is there.
    #[serde(rename = "status", default)]
    pub status: TerminalStatus,
}

/// A remote action on a terminal.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TerminalAction {
    /// `reboot` starts the terminal over, `update` installs newer software if there is any, `lock` refuses new payments from now on, `unlock` takes them again, `flush` forwards what was approved without a connection.
    #[serde(rename = "action", default)]
    pub action: TerminalActionAction,
    /// Whether an update found nothing newer; `null` until it has ended, and for other actions.
    #[serde(rename = "alreadyUpToDate", default)]
    pub already_up_to_date: Option<bool>,
    /// When it ended, in Unix seconds.
    #[serde(rename = "completedAt", default)]
    pub completed_at: Option<i64>,
    /// When it was asked for, in Unix seconds.
    #[serde(rename = "createdAt", default)]
    pub created_at: i64,
    /// Until when it may be begun, in Unix seconds.
    #[serde(rename = "expiresAt", default)]
    pub expires_at: i64,
    /// Why it failed: `cancelled`, `expired`, `no_report`, or what the terminal says.
    #[serde(rename = "failureReason", default)]
    pub failure_reason: Option<String>,
    /// Its name.
    #[serde(rename = "id")]
    pub id: String,
    /// Live or test data.
    #[serde(rename = "livemode", default)]
    pub livemode: bool,
    /// `object`.
    #[serde(rename = "object", default)]
    pub object: String,
    /// Counts its events, from 1 without a gap.
    #[serde(rename = "sequence", default)]
    pub sequence: i64,
    /// The version that an update installs, once it is decided.
    #[serde(rename = "softwareVersion", default)]
    pub software_version: Option<String>,
    /// `status`.
    #[serde(rename = "status", default)]
    pub status: TerminalActionStatus,
    /// The terminal.
    #[serde(rename = "terminalId", default)]
    pub terminal_id: String,
}

/// The Cashless API of a terminal.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TerminalCashless {
    /// Whether it is served.
    #[serde(rename = "enabled", default)]
    pub enabled: bool,
    /// First and last characters of the shared key; `null`: there is none, and every request is refused.
    #[serde(rename = "keyHint", default)]
    pub key_hint: Option<String>,
}

/// The configuration of one level.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TerminalConfig {
    /// `cashless api`.
    #[serde(rename = "cashlessApi", default, skip_serializing_if = "Option::is_none")]
    pub cashless_api: Option<TerminalConfigCashlessApi>,
    /// `display`.
    #[serde(rename = "display", default, skip_serializing_if = "Option::is_none")]
    pub display: Option<TerminalConfigDisplay>,
    /// `local api`.
    #[serde(rename = "localApi", default, skip_serializing_if = "Option::is_none")]
    pub local_api: Option<TerminalConfigLocalApi>,
    /// `offline mode`.
    #[serde(rename = "offlineMode", default, skip_serializing_if = "Option::is_none")]
    pub offline_mode: Option<TerminalConfigOfflineMode>,
    /// `receipt`.
    #[serde(rename = "receipt", default, skip_serializing_if = "Option::is_none")]
    pub receipt: Option<TerminalConfigReceipt>,
    /// `tip`.
    #[serde(rename = "tip", default, skip_serializing_if = "Option::is_none")]
    pub tip: Option<TerminalConfigTip>,
}

/// How an existing ECR reaches the terminal.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TerminalConfigCashlessApi {
    /// Whether it can ask for payments.
    #[serde(rename = "enabled", default, skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
}

/// What changes for one key.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TerminalConfigChange {
    /// What holds now.
    #[serde(rename = "from", default)]
    pub from: TerminalConfigValue,
    /// The key, in bracket notation.
    #[serde(rename = "key", default)]
    pub key: String,
    /// What would hold.
    #[serde(rename = "to", default)]
    pub to: TerminalConfigValue,
}

/// What the screen shows.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TerminalConfigDisplay {
    /// The text of the idle screen; no control characters.
    #[serde(rename = "idleMessage", default, skip_serializing_if = "Option::is_none")]
    pub idle_message: Option<String>,
}

/// What a change would do.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TerminalConfigDryRun {
    /// For how many terminals something would change.
    #[serde(rename = "changed", default)]
    pub changed: i64,
    /// The first hundred terminals for which something would change, by their ids.
    #[serde(rename = "data", default)]
    pub data: Vec<TerminalDryRun>,
    /// Whether there are more than those.
    #[serde(rename = "has_more", default)]
    pub has_more: bool,
    /// `object`.
    #[serde(rename = "object", default)]
    pub object: String,
    /// For how many nothing would.
    #[serde(rename = "unchanged", default)]
    pub unchanged: i64,
}

/// How the merchant's network reaches the terminal.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TerminalConfigLocalApi {
    /// Whether it can ask for payments.
    #[serde(rename = "enabled", default, skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
    /// Whether it may do so without TLS: a bearer secret on an open wire.
    #[serde(rename = "plainHttp", default, skip_serializing_if = "Option::is_none")]
    pub plain_http: Option<bool>,
}

/// What the terminal may do without the cloud.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TerminalConfigOfflineMode {
    /// Whether it may approve payments by itself.
    #[serde(rename = "enabled", default, skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
    /// How long one may wait, in seconds; older ones are voided.
    #[serde(rename = "maxAgeSeconds", default, skip_serializing_if = "Option::is_none")]
    pub max_age_seconds: Option<i64>,
    /// The most that one of them may be, in the smallest unit.
    #[serde(rename = "maxAmount", default, skip_serializing_if = "Option::is_none")]
    pub max_amount: Option<i64>,
    /// How many of them may wait for the cloud.
    #[serde(rename = "maxQueue", default, skip_serializing_if = "Option::is_none")]
    pub max_queue: Option<i64>,
    /// How much may wait for the cloud, in the smallest unit.
    #[serde(rename = "maxTotal", default, skip_serializing_if = "Option::is_none")]
    pub max_total: Option<i64>,
}

/// How far the terminals of a location have come.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TerminalConfigProgress {
    /// How many terminals have what holds for them.
    #[serde(rename = "applied", default)]
    pub applied: i64,
    /// How many could not apply it.
    #[serde(rename = "failed", default)]
    pub failed: i64,
    /// The location.
    #[serde(rename = "locationId", default)]
    pub location_id: String,
    /// How many have not said so yet.
    #[serde(rename = "pending", default)]
    pub pending: i64,
}

/// How receipts are given.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TerminalConfigReceipt {
    /// What the terminal offers, and nothing else.
    #[serde(rename = "channels", default, skip_serializing_if = "Option::is_none")]
    pub channels: Option<Vec<Channels>>,
    /// Whether no receipt goes anywhere before the customer has chosen.
    #[serde(rename = "requireConsent", default, skip_serializing_if = "Option::is_none")]
    pub require_consent: Option<bool>,
}

/// How far one terminal has come.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TerminalConfigState {
    /// When it was confirmed, in Unix seconds.
    #[serde(rename = "appliedAt", default)]
    pub applied_at: Option<i64>,
    /// The newest version that the terminal has confirmed; `null` before the first.
    #[serde(rename = "appliedVersion", default)]
    pub applied_version: Option<i64>,
    /// Why it could not apply the newest version.
    #[serde(rename = "error", default)]
    pub error: Option<String>,
    /// Whether the terminal has what holds.
    #[serde(rename = "status", default)]
    pub status: TerminalEffectiveConfigStatus,
    /// The terminal.
    #[serde(rename = "terminalId", default)]
    pub terminal_id: String,
    /// Rises whenever what holds for the terminal changes.
    #[serde(rename = "version", default)]
    pub version: i64,
}

/// How the customer is asked for a tip.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TerminalConfigTip {
    /// Whether the customer may enter a tip of their own.
    #[serde(rename = "allowCustom", default, skip_serializing_if = "Option::is_none")]
    pub allow_custom: Option<bool>,
    /// Whether suggestions are percentages of the amount, or amounts.
    #[serde(rename = "mode", default, skip_serializing_if = "Option::is_none")]
    pub mode: Option<TerminalConfigTipMode>,
    /// Up to four suggestions: percentages from 1 to 100, or amounts in the smallest unit.
    #[serde(rename = "suggestions", default, skip_serializing_if = "Option::is_none")]
    pub suggestions: Option<Vec<i64>>,
}

/// A value and who says it.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TerminalConfigValue {
    /// Who says so.
    #[serde(rename = "source", default)]
    pub source: TerminalConfigValueSource,
    /// The value; `null` where a limit has none.
    #[serde(rename = "value", default)]
    pub value: Value,
}

/// What a change would do to one terminal.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TerminalDryRun {
    /// What would change for it.
    #[serde(rename = "changes", default)]
    pub changes: Vec<TerminalConfigChange>,
    /// The terminal.
    #[serde(rename = "terminalId", default)]
    pub terminal_id: String,
}

/// What holds for a terminal, key by key, and whether the terminal has it.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TerminalEffectiveConfig {
    /// When it was confirmed, in Unix seconds.
    #[serde(rename = "appliedAt", default)]
    pub applied_at: Option<i64>,
    /// The newest version that the terminal has confirmed; `null` before the first.
    #[serde(rename = "appliedVersion", default)]
    pub applied_version: Option<i64>,
    /// `config`.
    #[serde(rename = "config", default)]
    pub config: BTreeMap<String, BTreeMap<String, TerminalEffectiveConfigConfig>>,
    /// Why it could not apply the newest version.
    #[serde(rename = "error", default)]
    pub error: Option<String>,
    /// `object`.
    #[serde(rename = "object", default)]
    pub object: String,
    /// Whether the terminal has what holds.
    #[serde(rename = "status", default)]
    pub status: TerminalEffectiveConfigStatus,
    /// The terminal.
    #[serde(rename = "terminalId", default)]
    pub terminal_id: String,
    /// Rises whenever what holds for the terminal changes.
    #[serde(rename = "version", default)]
    pub version: i64,
}

/// Part of an answer: `terminal effective config config`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TerminalEffectiveConfigConfig {
    /// `note`.
    #[serde(rename = "note", default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Who says so.
    #[serde(rename = "source", default)]
    pub source: TerminalConfigValueSource,
    /// `value`.
    #[serde(rename = "value", default)]
    pub value: Value,
}

/// What a terminal serves in the merchant's network, and whether it does so yet.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TerminalLan {
    /// When it was confirmed, in Unix seconds.
    #[serde(rename = "appliedAt", default)]
    pub applied_at: Option<i64>,
    /// The newest version that the terminal has confirmed.
    #[serde(rename = "appliedVersion", default)]
    pub applied_version: Option<i64>,
    /// For cash registers with the shared key.
    #[serde(rename = "cashless", default)]
    pub cashless: TerminalCashless,
    /// Why the terminal could not.
    #[serde(rename = "error", default)]
    pub error: Option<String>,
    /// `listener`.
    #[serde(rename = "listener", default)]
    pub listener: Option<TerminalListener>,
    /// Live or test data.
    #[serde(rename = "livemode", default)]
    pub livemode: bool,
    /// For tills with a client certificate.
    #[serde(rename = "localApi", default)]
    pub local_api: TerminalLocalApi,
    /// `object`.
    #[serde(rename = "object", default)]
    pub object: String,
    /// `status`.
    #[serde(rename = "status", default)]
    pub status: TerminalEffectiveConfigStatus,
    /// Which terminal.
    #[serde(rename = "terminalId", default)]
    pub terminal_id: String,
    /// Rises whenever the terminal has to be told something new; 0 before the first time.
    #[serde(rename = "version", default)]
    pub version: i64,
}

/// The certificate of a terminal's listener in the merchant's network.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TerminalListener {
    /// The addresses that the terminal had in the merchant's network when it asked.
    #[serde(rename = "addresses", default)]
    pub addresses: Vec<String>,
    /// When it ends, in Unix seconds; the terminal asks for another long before.
    #[serde(rename = "expiresAt", default)]
    pub expires_at: i64,
    /// Its serial number, hexadecimal.
    #[serde(rename = "serialNumber", default)]
    pub serial_number: String,
}

/// The Local API of a terminal.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TerminalLocalApi {
    /// Whether it is served.
    #[serde(rename = "enabled", default)]
    pub enabled: bool,
    /// Whether it is also served without TLS, under `X-Device-Certificate`.
    #[serde(rename = "openWire", default)]
    pub open_wire: bool,
}

/// A model and what it can do.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TerminalModel {
    /// Whether it runs on a battery.
    #[serde(rename = "battery", default)]
    pub battery: bool,
    /// Characters in a line of its receipts.
    #[serde(rename = "columns", default)]
    pub columns: i64,
    /// The maker's name for it.
    #[serde(rename = "displayName", default)]
    pub display_name: String,
    /// The hardware model.
    #[serde(rename = "id")]
    pub id: String,
    /// `object`.
    #[serde(rename = "object", default)]
    pub object: String,
    /// `offline`.
    #[serde(rename = "offline", default)]
    pub offline: Option<OfflineLimits>,
    /// Whether it has a printer of its own.
    #[serde(rename = "printer", default)]
    pub printer: bool,
}

/// What waits on a terminal to be forwarded.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TerminalOffline {
    /// Together, in the smallest unit of the currency.
    #[serde(rename = "amount", default)]
    pub amount: i64,
    /// Three-letter ISO 4217 code.
    #[serde(rename = "currency", default)]
    pub currency: Option<String>,
    /// Since when the oldest waits, in Unix seconds.
    #[serde(rename = "oldestAt", default)]
    pub oldest_at: Option<i64>,
    /// How many payments.
    #[serde(rename = "pending", default)]
    pub pending: i64,
}

/// A terminal payment.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TerminalPayment {
    /// What is to be collected, in the smallest unit; includes the tip once it is chosen.
    #[serde(rename = "amount", default)]
    pub amount: i64,
    /// Held and still to be captured.
    #[serde(rename = "amountCapturable", default, skip_serializing_if = "Option::is_none")]
    pub amount_capturable: Option<i64>,
    /// Captured so far.
    #[serde(rename = "amountCaptured", default, skip_serializing_if = "Option::is_none")]
    pub amount_captured: Option<i64>,
    /// Given back so far, or on its way back: a refund counts from its creation until it has failed.
    #[serde(rename = "amountRefunded", default, skip_serializing_if = "Option::is_none")]
    pub amount_refunded: Option<i64>,
    /// The issuer's approval code.
    #[serde(rename = "authCode", default, skip_serializing_if = "Option::is_none")]
    pub auth_code: Option<String>,
    /// The card's network.
    #[serde(rename = "brand", default, skip_serializing_if = "Option::is_none")]
    pub brand: Option<String>,
    /// `cancelled at`.
    #[serde(rename = "cancelledAt", default, skip_serializing_if = "Option::is_none")]
    pub cancelled_at: Option<String>,
    /// `automatic` (default) authorizes and captures in one step, `manual` waits for a capture.
    #[serde(rename = "captureMethod", default)]
    pub capture_method: CaptureMethod,
    /// The payment's identity on every path.
    #[serde(rename = "clientToken", default)]
    pub client_token: String,
    /// 2025-05-31: when it reached any final status.
    #[serde(rename = "completedAt", default, skip_serializing_if = "Option::is_none")]
    pub completed_at: Option<String>,
    /// `created at`.
    #[serde(rename = "createdAt", default)]
    pub created_at: String,
    /// Three-letter ISO 4217 code.
    #[serde(rename = "currency", default)]
    pub currency: String,
    /// Why the payment failed.
    #[serde(rename = "declineCode", default, skip_serializing_if = "Option::is_none")]
    pub decline_code: Option<DeclineCode>,
    /// Free text.
    #[serde(rename = "description", default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// How the card is read.
    #[serde(rename = "entryMethod", default, skip_serializing_if = "Option::is_none")]
    pub entry_method: Option<EntryMethod>,
    /// `expires at`.
    #[serde(rename = "expiresAt", default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<String>,
    /// `failed at`.
    #[serde(rename = "failedAt", default, skip_serializing_if = "Option::is_none")]
    pub failed_at: Option<String>,
    /// `id`.
    #[serde(rename = "id")]
    pub id: String,
    /// The card's last four digits.
    #[serde(rename = "last4", default, skip_serializing_if = "Option::is_none")]
    pub last4: Option<String>,
    /// Live or test data.
    #[serde(rename = "livemode", default)]
    pub livemode: bool,
    /// Your own key-value pairs; never interpreted.
    #[serde(rename = "metadata", default)]
    pub metadata: BTreeMap<String, String>,
    /// `object`.
    #[serde(rename = "object", default)]
    pub object: String,
    /// Its terminal approved it without asking the issuer, because it had no connection.
    #[serde(rename = "offline", default, skip_serializing_if = "Option::is_none")]
    pub offline: Option<bool>,
    /// Whether money may have moved without an answer from the acquirer.
    #[serde(rename = "outcomeUnknown", default, skip_serializing_if = "Option::is_none")]
    pub outcome_unknown: Option<bool>,
    /// `payment method`.
    #[serde(rename = "paymentMethod", default, skip_serializing_if = "Option::is_none")]
    pub payment_method: Option<PaymentMethod>,
    /// How many payments that wait for one of the same terminals are to be served before, and this one: 1 is next.
    #[serde(rename = "queuePosition", default, skip_serializing_if = "Option::is_none")]
    pub queue_position: Option<i64>,
    /// Your own name for the order.
    #[serde(rename = "reference", default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// `async` (default) answers while pending, `sync` once the outcome is known.
    #[serde(rename = "responseMode", default)]
    pub response_mode: ResponseMode,
    /// Counts the changes of this payment, from 1 without a gap.
    #[serde(rename = "sequence", default)]
    pub sequence: i64,
    /// Where the payment stands; `completed`, `failed`, `cancelled` and `expired` are final.
    #[serde(rename = "status", default)]
    pub status: TerminalPaymentStatus,
    /// The terminals of which the first that is free collects the payment.
    #[serde(rename = "terminalGroup", default, skip_serializing_if = "Option::is_none")]
    pub terminal_group: Option<Vec<String>>,
    /// The terminal that collects the payment.
    #[serde(rename = "terminalId", default, skip_serializing_if = "Option::is_none")]
    pub terminal_id: Option<String>,
    /// `tip`.
    #[serde(rename = "tip", default, skip_serializing_if = "Option::is_none")]
    pub tip: Option<Tip>,
    /// The tip's amount.
    #[serde(rename = "tipAmount", default, skip_serializing_if = "Option::is_none")]
    pub tip_amount: Option<i64>,
}

/// A tip chosen at the terminal.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Tip {
    /// In the smallest unit; included in the payment's `amount`.
    #[serde(rename = "amount", default)]
    pub amount: i64,
    /// How the tip was chosen.
    #[serde(rename = "mode", default)]
    pub mode: TipMode,
}

/// What became of one event for one endpoint.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct WebhookDelivery {
    /// How often it was tried.
    #[serde(rename = "attempts", default)]
    pub attempts: i64,
    /// When the event happened, in Unix seconds.
    #[serde(rename = "created", default)]
    pub created: i64,
    /// How long the last attempt took, in milliseconds.
    #[serde(rename = "duration_ms", default, skip_serializing_if = "Option::is_none")]
    pub duration_ms: Option<i64>,
    /// The endpoint.
    #[serde(rename = "endpoint", default)]
    pub endpoint: String,
    /// Why the last attempt failed.
    #[serde(rename = "error", default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// The event.
    #[serde(rename = "event", default)]
    pub event: String,
    /// The event's type.
    #[serde(rename = "event_type", default)]
    pub event_type: String,
    /// What the endpoint answered last.
    #[serde(rename = "http_status", default, skip_serializing_if = "Option::is_none")]
    pub http_status: Option<i64>,
    /// Its name; unique for the endpoint.
    #[serde(rename = "id")]
    pub id: String,
    /// When it was tried last, in Unix seconds.
    #[serde(rename = "last_attempt_at", default, skip_serializing_if = "Option::is_none")]
    pub last_attempt_at: Option<i64>,
    /// When it is tried next, in Unix seconds.
    #[serde(rename = "next_attempt_at", default, skip_serializing_if = "Option::is_none")]
    pub next_attempt_at: Option<i64>,
    /// `webhook_delivery`.
    #[serde(rename = "object", default)]
    pub object: String,
    /// The beginning of the endpoint's last answer.
    #[serde(rename = "response", default, skip_serializing_if = "Option::is_none")]
    pub response: Option<String>,
    /// `pending`: it is tried again, or waits behind an earlier event of its object; `delivered`; `failed`: it is not tried again by itself.
    #[serde(rename = "status", default)]
    pub status: String,
}

/// A webhook endpoint.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct WebhookEndpoint {
    /// How payments in the events are written.
    #[serde(rename = "api_version", default)]
    pub api_version: String,
    /// When it was made, in Unix seconds.
    #[serde(rename = "created", default)]
    pub created: i64,
    /// Free text.
    #[serde(rename = "description", default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// `failing` when it was disabled because nothing but failures came back for a week.
    #[serde(rename = "disabled_reason", default, skip_serializing_if = "Option::is_none")]
    pub disabled_reason: Option<String>,
    /// Which events: types, categories (`terminal.*`), or `*`.
    #[serde(rename = "enabled_events", default)]
    pub enabled_events: Vec<String>,
    /// Since when nothing but failures came back, in Unix seconds.
    #[serde(rename = "failing_since", default, skip_serializing_if = "Option::is_none")]
    pub failing_since: Option<i64>,
    /// Its name.
    #[serde(rename = "id")]
    pub id: String,
    /// Live or test events.
    #[serde(rename = "livemode", default)]
    pub livemode: bool,
    /// Your own key-value pairs.
    #[serde(rename = "metadata", default)]
    pub metadata: BTreeMap<String, String>,
    /// `webhook_endpoint`.
    #[serde(rename = "object", default)]
    pub object: String,
    /// What its messages are signed with.
    #[serde(rename = "secret", default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<Secret>,
    /// `enabled` or `disabled`.
    #[serde(rename = "status", default)]
    pub status: String,
    /// Where events are posted to.
    #[serde(rename = "url", default)]
    pub url: String,
}

/// How webhooks of the account are delivered.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct WebhookPolicy {
    /// After how many days of nothing but failures an endpoint is disabled.
    #[serde(rename = "disableAfterDays", default)]
    pub disable_after_days: i64,
    /// Seconds from each failed attempt to the next; after the last one the delivery has failed.
    #[serde(rename = "retryAfterSeconds", default)]
    pub retry_after_seconds: Vec<i64>,
}

impl Listed for TerminalPayment {
    fn cursor(&self) -> &str {
        &self.id
    }
}

impl Listed for LegacyTerminalPayment {
    fn cursor(&self) -> &str {
        &self.id
    }
}

impl Listed for Terminal {
    fn cursor(&self) -> &str {
        &self.id
    }
}

impl Listed for TerminalAction {
    fn cursor(&self) -> &str {
        &self.id
    }
}

impl Listed for ClientCertificate {
    fn cursor(&self) -> &str {
        &self.id
    }
}

impl Listed for TerminalModel {
    fn cursor(&self) -> &str {
        &self.id
    }
}

impl Listed for Location {
    fn cursor(&self) -> &str {
        &self.id
    }
}

impl Listed for TerminalConfigState {
    fn cursor(&self) -> &str {
        &self.terminal_id
    }
}

impl Listed for Refund {
    fn cursor(&self) -> &str {
        &self.id
    }
}

impl Listed for Batch {
    fn cursor(&self) -> &str {
        &self.id
    }
}

impl Listed for Event {
    fn cursor(&self) -> &str {
        &self.id
    }
}

impl Listed for WebhookEndpoint {
    fn cursor(&self) -> &str {
        &self.id
    }
}

impl Listed for WebhookDelivery {
    fn cursor(&self) -> &str {
        &self.id
    }
}

impl Listed for ApiKey {
    fn cursor(&self) -> &str {
        &self.id
    }
}

impl Listed for AuditEntry {
    fn cursor(&self) -> &str {
        &self.id
    }
}

impl Listed for OperatedAccount {
    fn cursor(&self) -> &str {
        &self.id
    }
}

impl Listed for Release {
    fn cursor(&self) -> &str {
        &self.id
    }
}

words! {
/// A word of `captureMethod`; one that this version does not know is kept as it is.
CaptureMethod {
/// `automatic`
Automatic = "automatic",
/// `manual`
Manual = "manual",
}
}

words! {
/// A word of `declineCode`; one that this version does not know is kept as it is.
DeclineCode {
/// `terminal_not_found`
TerminalNotFound = "terminal_not_found",
/// `terminal_offline`
TerminalOffline = "terminal_offline",
/// `terminal_busy`
TerminalBusy = "terminal_busy",
/// `terminal_locked`
TerminalLocked = "terminal_locked",
/// `card_declined`
CardDeclined = "card_declined",
/// `insufficient_funds`
InsufficientFunds = "insufficient_funds",
/// `expired_card`
ExpiredCard = "expired_card",
/// `lost_or_stolen`
LostOrStolen = "lost_or_stolen",
/// `incorrect_pin`
IncorrectPin = "incorrect_pin",
/// `pin_try_exceeded`
PinTryExceeded = "pin_try_exceeded",
/// `communication_error`
CommunicationError = "communication_error",
/// `offline_auth_declined`
OfflineAuthDeclined = "offline_auth_declined",
/// `offline_limit_exceeded`
OfflineLimitExceeded = "offline_limit_exceeded",
/// `account_suspended`
AccountSuspended = "account_suspended",
}
}

words! {
/// A word of `entryMethod`; one that this version does not know is kept as it is.
EntryMethod {
/// `contactless`
Contactless = "contactless",
/// `chip`
Chip = "chip",
/// `swipe`
Swipe = "swipe",
/// `manual_key`
ManualKey = "manual_key",
}
}

words! {
/// A word of `responseMode`; one that this version does not know is kept as it is.
ResponseMode {
/// `async`
Async = "async",
/// `sync`
Sync = "sync",
}
}

words! {
/// A word of `status`; one that this version does not know is kept as it is.
TerminalPaymentStatus {
/// `pending`
Pending = "pending",
/// `processing`
Processing = "processing",
/// `authorized`
Authorized = "authorized",
/// `completed`
Completed = "completed",
/// `failed`
Failed = "failed",
/// `cancelled`
Cancelled = "cancelled",
/// `expired`
Expired = "expired",
}
}

words! {
/// A word of `mode`; one that this version does not know is kept as it is.
TipMode {
/// `preset`
Preset = "preset",
/// `custom`
Custom = "custom",
/// `none`
None = "none",
}
}

words! {
/// A word of `attention`; one that this version does not know is kept as it is.
Attention {
/// `battery_low`
BatteryLow = "battery_low",
/// `paper_out`
PaperOut = "paper_out",
/// `reader_fault`
ReaderFault = "reader_fault",
/// `clock_unsynced`
ClockUnsynced = "clock_unsynced",
/// `storage_low`
StorageLow = "storage_low",
/// `certificate_expiring`
CertificateExpiring = "certificate_expiring",
/// `configuration_refused`
ConfigurationRefused = "configuration_refused",
/// `offline_for_long`
OfflineForLong = "offline_for_long",
/// `offline_records`
OfflineRecords = "offline_records",
/// `offline_voided`
OfflineVoided = "offline_voided",
}
}

words! {
/// A word of `status`; one that this version does not know is kept as it is.
TerminalStatus {
/// `online`
Online = "online",
/// `offline`
Offline = "offline",
/// `needs_attention`
NeedsAttention = "needs_attention",
/// `deactivated`
Deactivated = "deactivated",
}
}

words! {
/// A word of `source`; one that this version does not know is kept as it is.
TerminalConfigValueSource {
/// `account`
Account = "account",
/// `location`
Location = "location",
/// `terminal`
Terminal = "terminal",
/// `model_default`
ModelDefault = "model_default",
/// `account_cap`
AccountCap = "account_cap",
}
}

words! {
/// A word of `status`; one that this version does not know is kept as it is.
TerminalEffectiveConfigStatus {
/// `in_sync`
InSync = "in_sync",
/// `pending`
Pending = "pending",
/// `failed`
Failed = "failed",
}
}

words! {
/// A word of `action`; one that this version does not know is kept as it is.
TerminalActionAction {
/// `reboot`
Reboot = "reboot",
/// `update`
Update = "update",
/// `lock`
Lock = "lock",
/// `unlock`
Unlock = "unlock",
/// `flush`
Flush = "flush",
}
}

words! {
/// A word of `status`; one that this version does not know is kept as it is.
TerminalActionStatus {
/// `queued`
Queued = "queued",
/// `processing`
Processing = "processing",
/// `completed`
Completed = "completed",
/// `failed`
Failed = "failed",
}
}

words! {
/// A word of `revokedReason`; one that this version does not know is kept as it is.
RevokedReason {
/// `requested`
Requested = "requested",
/// `terminal_deactivated`
TerminalDeactivated = "terminal_deactivated",
}
}

words! {
/// A word of `status`; one that this version does not know is kept as it is.
ClientCertificateStatus {
/// `active`
Active = "active",
/// `expiring`
Expiring = "expiring",
/// `expired`
Expired = "expired",
/// `revoked`
Revoked = "revoked",
}
}

words! {
/// A word of `channels`; one that this version does not know is kept as it is.
Channels {
/// `print`
Print = "print",
/// `email`
Email = "email",
/// `sms`
Sms = "sms",
}
}

words! {
/// A word of `mode`; one that this version does not know is kept as it is.
TerminalConfigTipMode {
/// `percentage`
Percentage = "percentage",
/// `fixed`
Fixed = "fixed",
}
}

words! {
/// A word of `failureReason`; one that this version does not know is kept as it is.
RefundFailureReason {
/// `declined`
Declined = "declined",
/// `rejected`
Rejected = "rejected",
}
}

words! {
/// A word of `reason`; one that this version does not know is kept as it is.
RefundReason {
/// `duplicate`
Duplicate = "duplicate",
/// `fraudulent`
Fraudulent = "fraudulent",
/// `requested_by_customer`
RequestedByCustomer = "requested_by_customer",
}
}

words! {
/// A word of `status`; one that this version does not know is kept as it is.
RefundStatus {
/// `pending`
Pending = "pending",
/// `succeeded`
Succeeded = "succeeded",
/// `failed`
Failed = "failed",
}
}

words! {
/// A word of `status`; one that this version does not know is kept as it is.
BatchStatus {
/// `open`
Open = "open",
/// `closing`
Closing = "closing",
/// `closed`
Closed = "closed",
}
}

words! {
/// A word of `status`; one that this version does not know is kept as it is.
ApiKeyStatus {
/// `active`
Active = "active",
/// `expiring`
Expiring = "expiring",
/// `revoked`
Revoked = "revoked",
}
}

words! {
/// A word of `type`; one that this version does not know is kept as it is.
ApiKeyType {
/// `secret`
Secret = "secret",
/// `restricted`
Restricted = "restricted",
}
}

words! {
/// A word of `simulateCard`; one that this version does not know is kept as it is.
SimulateCard {
/// `visa_approved`
VisaApproved = "visa_approved",
/// `card_declined`
CardDeclined = "card_declined",
/// `insufficient_funds`
InsufficientFunds = "insufficient_funds",
/// `expired_card`
ExpiredCard = "expired_card",
/// `lost_or_stolen`
LostOrStolen = "lost_or_stolen",
/// `mastercard_approved`
MastercardApproved = "mastercard_approved",
/// `amex_approved`
AmexApproved = "amex_approved",
/// `online_pin`
OnlinePin = "online_pin",
/// `incorrect_pin`
IncorrectPin = "incorrect_pin",
/// `pin_try_exceeded`
PinTryExceeded = "pin_try_exceeded",
/// `partial_approval`
PartialApproval = "partial_approval",
/// `issuer_silent`
IssuerSilent = "issuer_silent",
/// `issuer_late`
IssuerLate = "issuer_late",
/// `refund_declined`
RefundDeclined = "refund_declined",
/// `offline_then_declined`
OfflineThenDeclined = "offline_then_declined",
/// `none`
None = "none",
}
}

words! {
/// A word of `model`; one that this version does not know is kept as it is.
Model {
/// `nexgo_ct20`
NexgoCt20 = "nexgo_ct20",
/// `nexgo_ct20p`
NexgoCt20p = "nexgo_ct20p",
/// `nexgo_n92`
NexgoN92 = "nexgo_n92",
/// `nexgo_n86pro`
NexgoN86pro = "nexgo_n86pro",
/// `ciontek_cm30`
CiontekCm30 = "ciontek_cm30",
/// `simulator`
Simulator = "simulator",
}
}

words! {
/// A word of `testCard`; one that this version does not know is kept as it is.
TestCard {
/// `visa_approved`
VisaApproved = "visa_approved",
/// `card_declined`
CardDeclined = "card_declined",
/// `insufficient_funds`
InsufficientFunds = "insufficient_funds",
/// `expired_card`
ExpiredCard = "expired_card",
/// `lost_or_stolen`
LostOrStolen = "lost_or_stolen",
/// `mastercard_approved`
MastercardApproved = "mastercard_approved",
/// `amex_approved`
AmexApproved = "amex_approved",
/// `online_pin`
OnlinePin = "online_pin",
/// `incorrect_pin`
IncorrectPin = "incorrect_pin",
/// `pin_try_exceeded`
PinTryExceeded = "pin_try_exceeded",
/// `partial_approval`
PartialApproval = "partial_approval",
/// `issuer_silent`
IssuerSilent = "issuer_silent",
/// `issuer_late`
IssuerLate = "issuer_late",
/// `refund_declined`
RefundDeclined = "refund_declined",
/// `offline_then_declined`
OfflineThenDeclined = "offline_then_declined",
}
}
