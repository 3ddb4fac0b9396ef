//! What the two sides say about the merchant's network and about payments that begin there, in domain words.

use std::sync::Arc;

use bytes::Bytes;
use vinr_domain::{Currency, Timestamp};

/// Who may speak to the terminal in the merchant's network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LanAccess {
    /// Rises whenever the content changes.
    pub version: u64,
    /// Whether the Local API is served.
    pub local_api: bool,
    /// Whether the Cashless API is served.
    pub cashless: bool,
    /// Whether the Local API is also served without TLS (contract 1.8).
    pub open_wire: bool,
    /// Trust anchors of client certificates, PEM.
    pub client_authorities_pem: String,
    /// Serial numbers of revoked client certificates of this terminal, lower-case hexadecimal.
    pub revoked_serials: Vec<String>,
    /// SHA-256 of the shared key; `None` while there is none.
    pub cashless_key_hash: Option<[u8; 32]>,
    /// Whose shop it is, for receipts and discovery.
    pub shop: Shop,
    /// Whether payments move real money.
    pub livemode: bool,
    /// What the terminal settles in.
    pub settlement_currency: Currency,
    /// The account's bound on one payment approved without the cloud, in minor units.
    pub offline_cap_minor: Option<i64>,
    /// The account's bound on all that wait, in minor units.
    pub offline_total_cap_minor: Option<i64>,
    /// The account has been stopped: tills may look, and begin and change nothing.
    pub suspended: bool,
}

/// Whose shop it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shop {
    /// The merchant.
    pub merchant_name: String,
    /// At most six lines.
    pub address_lines: Vec<String>,
    /// IANA name; empty means UTC.
    pub time_zone: String,
    /// The terminal's name in the merchant's hands.
    pub display_name: String,
}

/// What became of a [`LanAccess`]. Durable before it is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LanAccessApplied {
    /// Its version.
    pub version: u64,
    /// Why it is not in force; `None` when it is.
    pub error: Option<String>,
}

/// Please certify a key for the listener in the merchant's network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LanCertificateRequest {
    /// PKCS#10 (RFC 2986), DER.
    pub csr_der: Bytes,
    /// The terminal's addresses.
    pub addresses: Vec<std::net::IpAddr>,
}

/// The terminal asks for something that only the cloud can do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfficeRequest {
    /// Echoed in the answer.
    pub request: u64,
    /// What is to be done.
    pub operation: Operation,
    /// The idempotency key; `None` for what only reads.
    pub key: Option<Arc<str>>,
    /// JSON.
    pub body: Bytes,
}

/// What a terminal may ask the cloud to do on behalf of a till.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Operation {
    /// Capture a hold.
    Capture,
    /// Void a hold.
    Void,
    /// Look a payment up.
    Find,
    /// Give money back.
    Refund,
    /// Close the terminal's batch.
    CloseBatch,
    /// Something that this version does not know; it is answered so.
    Unsupported,
}

impl Operation {
    /// Every operation that is known.
    pub const ALL: [Self; 5] = [Self::Capture, Self::Void, Self::Find, Self::Refund, Self::CloseBatch];

    /// As the link writes it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Capture => "payment.capture",
            Self::Void => "payment.cancel",
            Self::Find => "payment.find",
            Self::Refund => "refund.create",
            Self::CloseBatch => "batch.close",
            Self::Unsupported => "",
        }
    }

    /// Reads what [`Self::as_str`] wrote.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        Self::ALL.into_iter().find(|operation| operation.as_str() == text).unwrap_or(Self::Unsupported)
    }
}

/// The cloud's answer to an [`OfficeRequest`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfficeAnswer {
    /// Which request.
    pub request: u64,
    /// As HTTP has it.
    pub status: u16,
    /// JSON: the object, or `{"error": …}`.
    pub body: Bytes,
    /// Whether the answer had been given before.
    pub replayed: bool,
}

/// What waits on the terminal to be forwarded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfflineStanding {
    /// How many payments.
    pub pending: u32,
    /// Together, in minor units.
    pub amount_minor: i64,
    /// Of what.
    pub currency: Option<Currency>,
    /// Since when the oldest waits; `None` when nothing does.
    pub oldest_at: Option<Timestamp>,
    /// Life of the journal.
    pub generation: u32,
    /// The highest number that an approval without the cloud was ever given in that life.
    pub last_number: u32,
}
