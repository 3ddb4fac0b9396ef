//! A refund: money that is given back to the card it came from, and every legal step on the way. Knows nothing of what
//! is left to be refunded; that is the payment's to say, when the refund is reserved there.
//!
//! ```text
//! Asking ──▶ Succeeded | Failed
//!   │ ▲
//!   │ └─ the acquirer knows nothing of it ─┐
//!   └──── silence ─▶ Uncertain ────────────┴──▶ (it does) Succeeded | Failed
//! ```
//!
//! Silence is no answer: the refund stays pending, is inquired about, and is asked for again under the same name until
//! the acquirer has said what became of it. It is never replaced by a second one.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::payment::Terms;
use crate::{AccountId, Money, PaymentId, RefundId, Timestamp};

/// A refund.
#[derive(Clone, Debug, PartialEq)]
pub struct Refund {
    /// Its name, on the API and at the acquirer: the same name is the same refund, for ever.
    pub id: RefundId,
    /// Whose it is.
    pub account: AccountId,
    /// Live or test data.
    pub livemode: bool,
    /// What is given back of.
    pub payment: PaymentId,
    /// Where that payment was taken.
    pub terminal: Arc<str>,
    /// How much.
    pub amount: Money,
    /// Why, if the merchant said.
    pub reason: Option<Reason>,
    /// The caller's own key-value pairs (contract 2.7).
    pub metadata: Arc<BTreeMap<String, String>>,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When the outside last saw it change, after that.
    pub updated_at: Option<Timestamp>,
    /// Counts the changes that the outside can see; gap-free from 1.
    pub sequence: u64,
    /// How often the acquirer has been silent about it.
    pub attempts: u32,
    /// When somebody has to look at it. `None` once it has ended.
    pub due_at: Option<Timestamp>,
    /// Where it stands.
    pub state: State,
}

/// Where a refund stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// The acquirer is being asked. Written before it is asked.
    Asking,
    /// The acquirer fell silent: the money may be on its way back.
    Uncertain,
    /// The money is on its way to the card.
    Succeeded {
        /// When the platform learned it.
        at: Timestamp,
    },
    /// No money moved, and none will.
    Failed {
        /// Why.
        why: FailureReason,
        /// When the platform learned it.
        at: Timestamp,
    },
}

/// The names of the states, for tables and rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(missing_docs, reason = "each is documented at the State variant of the same name")]
pub enum StateKind {
    Asking,
    Uncertain,
    Succeeded,
    Failed,
}

/// The status of a refund as the outside sees it (contract 2.6).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Status {
    /// Nobody knows yet.
    Pending,
    /// The money is on its way to the card.
    Succeeded,
    /// No money moved.
    Failed,
}

impl Status {
    /// Every status.
    pub const ALL: [Self; 3] = [Self::Pending, Self::Succeeded, Self::Failed];

    /// As the API writes it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
        }
    }

    /// Reads what [`Self::as_str`] wrote.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.as_str() == text)
    }
}

/// Why the merchant gives the money back (contract 2.6).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reason {
    /// The payment was taken twice.
    Duplicate,
    /// The payment was not the cardholder's.
    Fraudulent,
    /// The customer asked for it.
    RequestedByCustomer,
}

impl Reason {
    /// Every reason.
    pub const ALL: [Self; 3] = [Self::Duplicate, Self::Fraudulent, Self::RequestedByCustomer];

    /// As the API writes it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Duplicate => "duplicate",
            Self::Fraudulent => "fraudulent",
            Self::RequestedByCustomer => "requested_by_customer",
        }
    }

    /// Reads what [`Self::as_str`] wrote.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|r| r.as_str() == text)
    }
}

/// Why a refund failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FailureReason {
    /// The card's issuer does not take money back for it: the card is closed, or does not allow it.
    Declined,
    /// The acquirer does not have the payment as the platform has it. Not the merchant's fault.
    Rejected,
}

impl FailureReason {
    /// Every reason.
    pub const ALL: [Self; 2] = [Self::Declined, Self::Rejected];

    /// As the API writes it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Declined => "declined",
            Self::Rejected => "rejected",
        }
    }

    /// Reads what [`Self::as_str`] wrote.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|r| r.as_str() == text)
    }
}

/// Something that happened to a refund.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// The acquirer gives the money back, or has: to the request or to an inquiry.
    Acknowledged,
    /// The acquirer does not, and will not.
    Refused(FailureReason),
    /// No answer in time; or the answer was lost with a process.
    Silent,
    /// The acquirer answered an inquiry: it knows no such refund.
    NotFound,
    /// The merchant changed its own key-value pairs.
    MetadataSet(Arc<BTreeMap<String, String>>),
}

/// The names of the events, for tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(missing_docs, reason = "each is documented at the Event variant of the same name")]
pub enum EventKind {
    Acknowledged,
    Refused,
    Silent,
    NotFound,
    MetadataSet,
}

impl Event {
    /// Which event this is.
    #[must_use]
    pub fn kind(&self) -> EventKind {
        match self {
            Self::Acknowledged => EventKind::Acknowledged,
            Self::Refused(_) => EventKind::Refused,
            Self::Silent => EventKind::Silent,
            Self::NotFound => EventKind::NotFound,
            Self::MetadataSet(_) => EventKind::MetadataSet,
        }
    }
}

/// What must be done once the step is durable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Ask the acquirer to give the money back.
    Ask,
    /// Ask the acquirer what became of it.
    Inquire,
    /// Let the payment have back what was reserved of it. Belongs into the same transaction as the step.
    Release,
    /// Tell the outside. Belongs into the same transaction as the step.
    Announce(Announcement),
}

/// The kinds of events that merchants see about a refund (contract 2.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Announcement {
    /// It was asked for.
    Created,
    /// Something about it changed.
    Updated,
}

impl Announcement {
    /// The event type as webhooks write it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Created => "refund.created",
            Self::Updated => "refund.updated",
        }
    }
}

/// A step that is not legal. Nothing changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{event:?} has no meaning in {state:?}")]
pub struct Meaningless {
    /// Where the refund stands.
    pub state: StateKind,
    /// What was said to have happened.
    pub event: EventKind,
}

/// What was asked for, named and checked against the payment.
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "each field is documented at the field of Refund of the same name")]
pub struct Order {
    pub id: RefundId,
    pub account: AccountId,
    pub livemode: bool,
    pub payment: PaymentId,
    pub terminal: Arc<str>,
    pub amount: Money,
    pub reason: Option<Reason>,
    pub metadata: Arc<BTreeMap<String, String>>,
}

impl State {
    /// Which state this is.
    #[must_use]
    pub fn kind(&self) -> StateKind {
        match self {
            Self::Asking => StateKind::Asking,
            Self::Uncertain => StateKind::Uncertain,
            Self::Succeeded { .. } => StateKind::Succeeded,
            Self::Failed { .. } => StateKind::Failed,
        }
    }
}

impl Refund {
    /// What the outside sees.
    #[must_use]
    pub fn status(&self) -> Status {
        match self.state {
            State::Asking | State::Uncertain => Status::Pending,
            State::Succeeded { .. } => Status::Succeeded,
            State::Failed { .. } => Status::Failed,
        }
    }
}

/// Accepts the order. Its amount must be reserved on the payment in the same transaction.
#[must_use]
pub fn accept(order: Order, now: Timestamp, terms: &Terms) -> (Refund, Vec<Effect>) {
    let refund = Refund {
        id: order.id,
        account: order.account,
        livemode: order.livemode,
        payment: order.payment,
        terminal: order.terminal,
        amount: order.amount,
        reason: order.reason,
        metadata: order.metadata,
        created_at: now,
        updated_at: None,
        sequence: 1,
        attempts: 0,
        due_at: Some(answer_overdue_at(now, terms)),
        state: State::Asking,
    };
    (refund, vec![Effect::Announce(Announcement::Created), Effect::Ask])
}

/// Takes one step. The refund that comes back must be durable before any of the effects is carried out; the
/// announcements and the release among them belong into the same transaction.
///
/// # Errors
/// [`Meaningless`] when the event cannot happen here; nothing has changed.
pub fn step(
    refund: &Refund,
    event: &Event,
    now: Timestamp,
    terms: &Terms,
) -> Result<(Refund, Vec<Effect>), Meaningless> {
    let (mut next, effects) = match &refund.state {
        State::Asking => match event {
            Event::Acknowledged => succeeded(refund, now),
            Event::Refused(why) => failed(refund, *why, now),
            Event::Silent => silent(refund, now, terms),
            Event::MetadataSet(metadata) => renamed(refund, metadata),
            Event::NotFound => return meaningless(refund, event),
        },
        State::Uncertain => match event {
            Event::Acknowledged => succeeded(refund, now),
            Event::Refused(why) => failed(refund, *why, now),
            Event::Silent => silent(refund, now, terms),
            // Asked again under the same name: should the first request arrive after all, it is the same one.
            Event::NotFound => {
                let due_at = Some(answer_overdue_at(now, terms));
                (Refund { due_at, ..moved(refund, State::Asking) }, vec![Effect::Ask])
            }
            Event::MetadataSet(metadata) => renamed(refund, metadata),
        },
        State::Succeeded { .. } | State::Failed { .. } => match event {
            Event::MetadataSet(metadata) => renamed(refund, metadata),
            Event::Acknowledged | Event::Refused(_) | Event::Silent | Event::NotFound => {
                return meaningless(refund, event);
            }
        },
    };
    if effects.iter().any(|effect| matches!(effect, Effect::Announce(_))) {
        next.sequence += 1;
        next.updated_at = Some(now);
    }
    Ok((next, effects))
}

fn succeeded(refund: &Refund, now: Timestamp) -> (Refund, Vec<Effect>) {
    let next = Refund { due_at: None, ..moved(refund, State::Succeeded { at: now }) };
    (next, vec![Effect::Announce(Announcement::Updated)])
}

fn failed(refund: &Refund, why: FailureReason, now: Timestamp) -> (Refund, Vec<Effect>) {
    let next = Refund { due_at: None, ..moved(refund, State::Failed { why, at: now }) };
    (next, vec![Effect::Release, Effect::Announce(Announcement::Updated)])
}

/// The first inquiry follows at once; then the pauses grow.
fn silent(refund: &Refund, now: Timestamp, terms: &Terms) -> (Refund, Vec<Effect>) {
    let pause_ms = match refund.attempts.checked_sub(1) {
        None => 0,
        Some(before) => terms.advice_pause_ms(before),
    };
    let attempts = refund.attempts.saturating_add(1);
    let due_at = Some(now.plus_ms(pause_ms));
    (Refund { attempts, due_at, ..moved(refund, State::Uncertain) }, vec![Effect::Inquire])
}

fn renamed(refund: &Refund, metadata: &Arc<BTreeMap<String, String>>) -> (Refund, Vec<Effect>) {
    let next = Refund { metadata: Arc::clone(metadata), ..refund.clone() };
    (next, vec![Effect::Announce(Announcement::Updated)])
}

fn moved(refund: &Refund, state: State) -> Refund {
    Refund { state, ..refund.clone() }
}

/// Should the process that asks die, somebody else takes over once the answer is overdue by the margin.
fn answer_overdue_at(now: Timestamp, terms: &Terms) -> Timestamp {
    now.plus_ms(terms.acquirer_answer_ms + terms.margin_ms)
}

fn meaningless(refund: &Refund, event: &Event) -> Result<(Refund, Vec<Effect>), Meaningless> {
    Err(Meaningless { state: refund.state.kind(), event: event.kind() })
}
