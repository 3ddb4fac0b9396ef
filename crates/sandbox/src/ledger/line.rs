//! One line of the ledger, as it stands in the file. Converts and nothing else; what lines mean is the book's.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use vinr_domain::{BatchId, Currency, DeclineCode, IntentId, PaymentId, RefundId};

use crate::deck::TestCard;
use crate::issuer::RequestKey;

/// The version of the format that this code writes, and the only one that it reads.
pub(crate) const VERSION: u32 = 1;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "op", rename_all = "snake_case")]
pub(crate) enum Line {
    /// The first line of every file.
    Ledger {
        version: u32,
        /// How long the lines were that the last compaction left.
        snapshot_bytes: u64,
    },
    Authorize(Decision),
    Capture {
        at_ms: i64,
        #[serde(flatten)]
        key: RequestKey,
        amount_minor: i64,
    },
    Reverse {
        at_ms: i64,
        #[serde(flatten)]
        key: RequestKey,
        #[serde(with = "text")]
        intent: IntentId,
        #[serde(with = "text")]
        payment: PaymentId,
    },
    Refund {
        at_ms: i64,
        #[serde(flatten)]
        key: RequestKey,
        #[serde(with = "text")]
        refund: RefundId,
        #[serde(with = "text")]
        payment: PaymentId,
        amount_minor: i64,
        declined: bool,
    },
    Settle {
        at_ms: i64,
        terminal: Box<str>,
        #[serde(with = "text")]
        batch: BatchId,
        #[serde(with = "text")]
        currency: Currency,
        sales_count: u32,
        sales_minor: i64,
        refunds_count: u32,
        refunds_minor: i64,
    },
    Anomaly {
        at_ms: i64,
        #[serde(flatten)]
        key: RequestKey,
        what: Anomaly,
    },
    /// A request with all that has become of it: what compaction leaves of the lines above.
    Standing {
        #[serde(flatten)]
        decision: Decision,
        captured_minor: Option<i64>,
        reversed: bool,
    },
    /// How often an anomaly had happened before a compaction.
    Anomalies {
        what: Anomaly,
        count: u64,
    },
}

/// What the issuer decided about a request, with what was asked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Decision {
    pub at_ms: i64,
    #[serde(flatten)]
    pub key: RequestKey,
    #[serde(with = "text")]
    pub intent: IntentId,
    #[serde(with = "text")]
    pub payment: PaymentId,
    /// `None` when the seal did not open or the number is of no test card.
    #[serde(with = "card")]
    pub card: Option<&'static TestCard>,
    #[serde(with = "text")]
    pub currency: Currency,
    pub asked_minor: i64,
    pub capture: bool,
    #[serde(with = "text")]
    pub print: Print,
    pub outcome: Outcome,
}

/// The issuer's decision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Outcome {
    Approved {
        authorized_minor: i64,
        #[serde(with = "code")]
        auth_code: Arc<str>,
    },
    Declined(#[serde(with = "text")] DeclineCode),
}

/// Something that an acquirer in its right mind does not do. None of them moves money.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Anomaly {
    /// A request under the name of another: the number was used twice.
    OtherContent,
    /// The sealed card does not open for the request it came with.
    SealBroken,
    /// An amount of less than one minor unit.
    NoAmount,
    /// A second capture, of another amount.
    OtherCapture,
    /// A refund under the name of another.
    OtherRefund,
    /// A refund of more than is left of what was taken.
    OverRefund,
    /// The sums of a batch that count more than was ever taken or given back.
    OverSettled,
    /// A reversal that names another payment than the request did.
    OtherPayment,
}

/// A fingerprint of all that a request says: two requests with the same one are the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Print(pub [u8; 16]);

impl fmt::Display for Print {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", u128::from_be_bytes(self.0))
    }
}

/// Values that stand in a line as text.
trait Text: Sized {
    fn write(&self) -> String;
    fn read(text: &str) -> Option<Self>;
}

impl Text for IntentId {
    fn write(&self) -> String {
        self.to_string()
    }
    fn read(text: &str) -> Option<Self> {
        Self::parse(text).ok()
    }
}

impl Text for PaymentId {
    fn write(&self) -> String {
        self.to_string()
    }
    fn read(text: &str) -> Option<Self> {
        Self::parse(text).ok()
    }
}

impl Text for RefundId {
    fn write(&self) -> String {
        self.to_string()
    }
    fn read(text: &str) -> Option<Self> {
        Self::parse(text).ok()
    }
}

impl Text for BatchId {
    fn write(&self) -> String {
        self.to_string()
    }
    fn read(text: &str) -> Option<Self> {
        Self::parse(text).ok()
    }
}

impl Text for Currency {
    fn write(&self) -> String {
        self.to_string()
    }
    fn read(text: &str) -> Option<Self> {
        Self::parse(text).ok()
    }
}

impl Text for DeclineCode {
    fn write(&self) -> String {
        self.as_str().to_owned()
    }
    fn read(text: &str) -> Option<Self> {
        Self::parse(text)
    }
}

impl Text for Print {
    fn write(&self) -> String {
        self.to_string()
    }
    fn read(text: &str) -> Option<Self> {
        let digits_only = text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let value = u128::from_str_radix(text, 16).ok().filter(|_| digits_only)?;
        Some(Self(value.to_be_bytes()))
    }
}

mod text {
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<T: super::Text, S: Serializer>(value: &T, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&value.write())
    }

    pub(super) fn deserialize<'de, T: super::Text, D: Deserializer<'de>>(from: D) -> Result<T, D::Error> {
        let text = String::deserialize(from)?;
        T::read(&text).ok_or_else(|| D::Error::custom("text that this field cannot hold"))
    }
}

/// Shared text; serde reads it only behind a feature that nothing else here needs.
mod code {
    use std::sync::Arc;

    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(value: &Arc<str>, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(value)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Arc<str>, D::Error> {
        String::deserialize(from).map(Arc::from)
    }
}

/// A card stands in a line as its name and last four digits.
mod card {
    use std::borrow::Cow;

    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use crate::deck::{self, TestCard};

    #[derive(Serialize, Deserialize)]
    struct Named<'a> {
        name: Cow<'a, str>,
        last4: Cow<'a, str>,
    }

    pub(super) fn serialize<S: Serializer>(
        card: &Option<&'static TestCard>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        let named = |card: &TestCard| Named {
            name: Cow::Borrowed(card.name()),
            last4: Cow::Owned(card.last4().as_str().to_owned()),
        };
        card.map(named).serialize(to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Option<&'static TestCard>, D::Error> {
        let find = |named: Named<'_>| {
            let card = deck::documented().find(|card| card.name() == named.name);
            card.ok_or_else(|| D::Error::custom("a card that the deck does not hold"))
        };
        Option::<Named<'static>>::deserialize(from)?.map(find).transpose()
    }
}
