//! Payments that begin at a terminal: what the cloud must know of one before it may be charged, and what an approval
//! without the cloud claims. Knows no byte format.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{AuthorizationRequest, CaptureMethod};
use crate::{AccountId, IntentId, LocationId, Money, PaymentId, Timestamp};

/// Where a payment was asked for (contract 3.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Channel {
    /// The Cloud API: a server.
    #[default]
    Cloud,
    /// The Local API: a till with a client certificate, on the terminal's network.
    Local,
    /// The Cashless API: an ECR with the shared key, on the terminal's network.
    Cashless,
}

impl Channel {
    /// As it is stored.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Cloud => "cloud",
            Self::Local => "local",
            Self::Cashless => "cashless",
        }
    }

    /// Reads what [`Self::as_str`] wrote.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Cloud, Self::Local, Self::Cashless].into_iter().find(|channel| channel.as_str() == text)
    }
}

/// What a terminal tells of a payment that began there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// Who asked; never [`Channel::Cloud`].
    pub channel: Channel,
    /// The name that the terminal gave it.
    pub payment: PaymentId,
    /// What was asked, without a tip.
    pub asked: Money,
    /// When the money moves.
    pub capture_method: CaptureMethod,
    /// The caller's own name for the order.
    pub reference: Option<Arc<str>>,
    /// Free text.
    pub description: Option<Arc<str>>,
    /// The caller's own key-value pairs (contract 2.7).
    pub metadata: Arc<BTreeMap<String, String>>,
    /// When the terminal took it, in server time as the terminal knows it.
    pub created_at: Timestamp,
}

/// That a terminal has approved a payment by itself. The approvals of one generation are numbered and chained.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OfflineApproval {
    /// When, in server time as the terminal knows it.
    pub approved_at: Timestamp,
    /// 1, 2, 3, ... within the generation.
    pub number: u32,
    /// Hash of the approval before; zeros before the first.
    pub previous: [u8; 32],
    /// Hash over this one.
    pub hash: [u8; 32],
}

/// What is kept of an [`OfflineApproval`] for as long as the payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OfflineFacts {
    /// When the terminal approved, in server time as the terminal knows it.
    pub approved_at: Timestamp,
    /// Its number within the generation of the request.
    pub number: u32,
}

impl From<&OfflineApproval> for OfflineFacts {
    fn from(approval: &OfflineApproval) -> Self {
        Self { approved_at: approval.approved_at, number: approval.number }
    }
}

/// An approval that a terminal gave alone, on its way to the acquirer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Forward {
    /// What is kept of it.
    pub facts: OfflineFacts,
    /// How old it may be, in milliseconds; beyond that nobody is asked and the answer is no.
    pub max_age_ms: i64,
    /// Whether what was approved is what is forwarded; if not, nobody is asked and the answer is no.
    pub genuine: bool,
}

/// A terminal's request for a payment that began there: it has the attempt epoch 0 and is bound to that terminal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Originated {
    /// What was asked for at the terminal.
    pub origin: Origin,
    /// What the acquirer is to be asked.
    pub request: AuthorizationRequest,
    /// Exactly when the terminal has approved it by itself.
    pub forward: Option<Forward>,
}

/// Where a payment that the cloud does not know yet began, and what it is to be called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Birth {
    /// Its name on the API.
    pub id: PaymentId,
    /// Whose it is.
    pub account: AccountId,
    /// Live or test data.
    pub livemode: bool,
    /// Its one identity on every path.
    pub intent: IntentId,
    /// The terminal.
    pub terminal: Arc<str>,
    /// Where that stands now.
    pub location: Option<LocationId>,
    /// When the payment was accepted; near the time in its name.
    pub created_at: Timestamp,
}

/// How far back the time in a name may lie that a terminal gave, in milliseconds (25 h): a day without the cloud, and
/// something for its clock.
pub const OLDEST_NAME_MS: i64 = 25 * 3_600_000;

/// How far ahead it may lie, in milliseconds.
pub const NEWEST_NAME_MS: i64 = 60_000;

/// How far `created_at` may be from the time in the name, in milliseconds: less than lists rely on.
const NEAR_MS: i64 = 59_000;

/// When a payment that its terminal names so was created, if its name can be kept: the time in it is believable.
#[must_use]
pub fn believed_creation(origin: &Origin, now: Timestamp) -> Option<Timestamp> {
    let named_at = origin.payment.time();
    let age_ms = now.ms_since(named_at);
    let believable = (-NEWEST_NAME_MS..=OLDEST_NAME_MS).contains(&age_ms);
    let near = origin.created_at.ms_since(named_at).clamp(-NEAR_MS, NEAR_MS);
    believable.then(|| named_at.plus_ms(near))
}
