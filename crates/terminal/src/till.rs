//! What tills and ECRs of the merchant's network ask of this terminal, and what they are told: the interface between the
//! listeners and the device loop. Speaks no protocol of theirs and decides nothing.

mod handle;

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::sync::oneshot;
use vinr_domain::device::State;
use vinr_domain::payment::{CaptureMethod, Channel};
use vinr_domain::{CardFacts, IntentId, Money, PaymentId, Timestamp, TipPrompt};
use vinr_wire::journal::IntentRecord;
use vinr_wire::link::{OfflineStanding, Operation, ProgressStage, Shop, Simulation};

use crate::printer::About;
pub use handle::Till;
#[cfg(test)]
pub(crate) use handle::nothing_served;
pub(crate) use handle::{Desk, columns_of};
pub use vinr_wire::receipt::Outcome as ReceiptOutcome;

/// An order from a till or an ECR.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TillOrder {
    /// Which payment: the caller's `clientToken`, or drawn by the listener (UUIDv7).
    pub intent: IntentId,
    /// Its name on the API, drawn by the listener: the intent's number when that is a UUIDv7, else a fresh one.
    pub payment: PaymentId,
    /// By which door it came; never [`Channel::Cloud`].
    pub channel: Channel,
    /// What to collect, without a tip.
    pub amount: Money,
    /// When the money moves.
    pub capture_method: CaptureMethod,
    /// The caller's own name for the order.
    pub reference: Option<Arc<str>>,
    /// Free text.
    pub description: Option<Arc<str>>,
    /// The caller's own pairs (contract 2.7).
    pub metadata: Arc<BTreeMap<String, String>>,
    /// Whether there is a tip.
    pub tip: TillTip,
    /// Whether receipts are printed on approval; `None`: as configured.
    pub prints: Option<bool>,
    /// Shown while the card is asked for. What does not fit is left out; none of it blocks the payment.
    pub items: Vec<LineItem>,
    /// Test terminals only: what a simulated cardholder does.
    pub simulation: Option<Simulation>,
    /// Whether the journal may have forgotten it.
    pub earlier: Earlier,
}

/// Whether and how there is a tip.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TillTip {
    /// The customer is asked as the terminal's configuration says.
    AsConfigured,
    /// The customer is asked this.
    Ask(TipPrompt),
    /// The cashier knows it: this much, in minor units, on top of the amount. Nobody is asked.
    Fixed(i64),
}

/// Whether an order may have been carried out before the oldest entry of the journal. The cloud is asked then, while the
/// prompt is on the screen and before a card is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Earlier {
    /// Its name is younger than what the journal keeps.
    Never,
    /// Under the same intent.
    ByIntent,
    /// Under the same reference, by an ECR (contract 1.9).
    ByReference,
}

impl Earlier {
    /// What the cloud is asked about the order.
    pub(crate) fn question(self, order: &TillOrder) -> Option<serde_json::Value> {
        match self {
            Self::Never => None,
            Self::ByIntent => Some(serde_json::json!({ "intent": order.intent.to_string() })),
            Self::ByReference => order
                .reference
                .as_deref()
                .map(|reference| serde_json::json!({ "reference": reference, "charged_here": true })),
        }
    }

    /// The payment that the order was, if the answer tells of one.
    pub(crate) fn found(self, reply: OfficeReply) -> Option<serde_json::Value> {
        // What is pending there is what this order is about to become.
        let begun = reply.body["status"].as_str().is_some_and(|status| status != "pending");
        (reply.status == 200 && begun).then_some(reply.body)
    }
}

/// One line of a cart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineItem {
    /// What.
    pub name: String,
    /// How many.
    pub quantity: u32,
    /// Together, in minor units of the payment's currency.
    pub amount_minor: i64,
}

/// A payment as this terminal knows it; one that the cloud commanded too (without an origin).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sale {
    /// What the journal has, without the card that may wait in it.
    pub record: IntentRecord,
    /// How far it is, while it has the screen.
    pub stage: Option<ProgressStage>,
    /// Rises with every change, over all sales, while the terminal's process lives; 0: not changed since it began.
    pub position: u64,
}

impl Sale {
    /// Whether nothing is known yet of how it will end: a card is asked for, or the issuer is.
    #[must_use]
    pub fn is_open(&self) -> bool {
        matches!(self.record.state, State::Waiting { .. } | State::AuthSent { .. })
    }
}

/// An order was taken. What it asked for is on the disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Taken {
    /// The customer is being asked.
    Started(Sale),
    /// The intent was known, and is of the same kind, amount, currency and reference: it runs or has ended.
    Joined(Sale),
}

impl Taken {
    /// The payment.
    #[must_use]
    pub fn sale(&self) -> &Sale {
        match self {
            Self::Started(sale) | Self::Joined(sale) => sale,
        }
    }
}

/// An order was not taken. Nothing is kept of it, and nobody was asked for a card.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TillRefusal {
    /// Another payment has the terminal. Ask again when it has ended.
    #[error("another payment is active on this terminal")]
    Busy {
        /// What that one is called by whoever asked for it.
        reference: Option<Arc<str>>,
        /// Since when.
        since: Timestamp,
    },
    /// The merchant has locked the terminal, or its reader does not work.
    #[error("the terminal is locked")]
    Locked,
    /// The cloud has turned the terminal away; somebody must pair it anew.
    #[error("the terminal is out of service")]
    OutOfService,
    /// The operator of the server has stopped the account.
    #[error("the account has been suspended")]
    Suspended,
    /// No room before the cloud has taken old entries.
    #[error("the terminal's journal is full")]
    JournalFull,
    /// The terminal is about to start again. Ask again in a moment.
    #[error("the terminal is starting again")]
    Restarting,
    /// The terminal has stopped.
    #[error("the terminal has stopped")]
    Stopped,
    /// The intent is a payment of another kind, amount, currency or reference.
    #[error("the token belongs to another payment")]
    TokenReused(PaymentId),
    /// The journal has forgotten it, and the cloud has not: this is its payment, as the cloud writes it.
    #[error("the payment was carried out before")]
    Earlier(Box<serde_json::Value>),
    /// The reference belongs to a payment that has not ended (contract 2.2).
    #[error("a payment with this reference has not ended")]
    ReferenceTaken(PaymentId),
}

/// Which payment is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lookup {
    /// The one with this intent.
    Intent(IntentId),
    /// The one of this name.
    Payment(PaymentId),
    /// The newest with this reference.
    Reference(Arc<str>),
    /// The one that has the screen.
    Active,
    /// The newest that was decided or has ended.
    Last,
}

/// A payment was not cancelled.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CancelRefusal {
    /// There is none like this.
    #[error("no such payment")]
    NotFound,
    /// A card has been read: it ends as it will.
    #[error("a card has been presented already")]
    TooLate(Box<Sale>),
    /// The terminal has stopped.
    #[error("the terminal has stopped")]
    Stopped,
}

/// How the terminal is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The payment that has the screen.
    pub serving: Option<Serving>,
    /// No payments until somebody acts: locked by the merchant, or the reader does not work.
    pub locked: bool,
    /// The cloud has turned it away.
    pub out_of_service: bool,
    /// Whether the cloud can be asked.
    pub online: bool,
    /// What waits to be forwarded.
    pub offline: OfflineStanding,
    /// The version of the software that runs.
    pub software_version: String,
}

/// The payment that has the screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Serving {
    /// Which.
    pub intent: IntentId,
    /// Its name on the API.
    pub payment: PaymentId,
    /// What its caller calls it.
    pub reference: Option<Arc<str>>,
    /// Since when.
    pub since: Timestamp,
}

/// What does not change about a terminal while its process lives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceFacts {
    /// `term_…`.
    pub terminal: String,
    /// What stands in its certificate: the same, in production with the account before it.
    pub link_id: String,
    /// What it is.
    pub model: String,
    /// Its maker's number.
    pub serial: String,
    /// Of the software as it was built.
    pub software_version: String,
    /// Whether it prints.
    pub has_printer: bool,
    /// Characters in a line of its receipts.
    pub columns: u8,
}

/// What the cloud said to something that was asked on a till's behalf.
#[derive(Clone, Debug, PartialEq)]
pub struct OfficeReply {
    /// As HTTP has it.
    pub status: u16,
    /// The object, or `{"error": …}`.
    pub body: serde_json::Value,
    /// Whether it had been said before under the same key.
    pub replayed: bool,
}

/// The cloud was not asked, or has not answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OfficeFault {
    /// There is no link. Nothing was asked.
    #[error("the terminal has no connection to the cloud")]
    Offline,
    /// It was asked and may have done it: ask again under the same key.
    #[error("the cloud has not answered")]
    NoAnswer,
    /// The terminal has stopped; it may have asked.
    #[error("the terminal has stopped")]
    Stopped,
}

/// What a receipt of one payment is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReceiptFacts {
    /// What the journal has.
    pub record: IntentRecord,
    /// How it ended.
    pub outcome: ReceiptOutcome,
    /// What was approved, else what was asked, with the tip.
    pub total: Money,
    /// How much of it is tip, in minor units; `None` when there was no question of one.
    pub tip_minor: Option<i64>,
    /// The card, where one was read.
    pub card: Option<CardFacts>,
    /// When, in server time where it is known.
    pub at: Timestamp,
    /// Whose shop it is.
    pub shop: Shop,
    /// Whether real money moved.
    pub livemode: bool,
}

/// Money that was given back at an ECR's request, and what its receipt says of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefundFacts {
    /// Its name: `re_…`.
    pub refund: String,
    /// The ECR's name for it.
    pub reference: String,
    /// The payment's name: `tpay_…`.
    pub original: String,
    /// How much.
    pub amount: Money,
    /// The card that gets it back, where it is known.
    pub card: Option<CardFacts>,
    /// When.
    pub at: Timestamp,
    /// Whose shop it is.
    pub shop: Shop,
    /// Whether real money moved.
    pub livemode: bool,
}

/// Which receipts to print again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Copies {
    /// The merchant's.
    Merchant,
    /// The customer's.
    Customer,
    /// Both.
    Both,
}

/// Nothing was printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReprintRefusal {
    /// The device has no printer.
    #[error("this terminal has no printer")]
    NoPrinter,
    /// No payment was approved here and no money given back, as far as the terminal remembers.
    #[error("there is no receipt to print")]
    NothingToPrint,
    /// Somebody must put paper in.
    #[error("the printer has no paper")]
    PaperOut,
    /// The terminal has stopped.
    #[error("the terminal has stopped")]
    Stopped,
}

/// The terminal has stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the terminal has stopped")]
pub struct Stopped;

/// What the handle asks of the device loop. Who asked may be gone when it is answered.
#[derive(Debug)]
pub(crate) enum TillAsk {
    Collect {
        order: Box<TillOrder>,
        answer: oneshot::Sender<Result<Taken, TillRefusal>>,
    },
    Find {
        what: Lookup,
        answer: oneshot::Sender<Option<Sale>>,
    },
    List {
        answer: oneshot::Sender<Vec<Sale>>,
    },
    Cancel {
        what: Lookup,
        answer: oneshot::Sender<Result<Sale, CancelRefusal>>,
    },
    Office(OfficeAsk),
    NoteCaptured {
        intent: IntentId,
        captured_minor: i64,
        completed_as: Option<Arc<str>>,
        answer: oneshot::Sender<()>,
    },
    Receipt {
        what: Lookup,
        answer: oneshot::Sender<Option<ReceiptFacts>>,
    },
    Refunded {
        refund: Box<RefundFacts>,
        prints: bool,
        answer: oneshot::Sender<()>,
    },
    Newest {
        answer: oneshot::Sender<Option<About>>,
    },
    Reprint {
        copies: Copies,
        answer: oneshot::Sender<Result<(), ReprintRefusal>>,
    },
    Flush {
        answer: oneshot::Sender<usize>,
    },
}

/// Something for the cloud.
#[derive(Debug)]
pub(crate) struct OfficeAsk {
    pub(crate) operation: Operation,
    pub(crate) key: Option<Arc<str>>,
    pub(crate) body: bytes::Bytes,
    pub(crate) answer: oneshot::Sender<Result<OfficeReply, OfficeFault>>,
}
