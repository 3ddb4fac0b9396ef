//! A batch: what one terminal took and gave back in one currency, counted, netted and settled. Knows nothing of single
//! transactions; whoever gathers them adds them up here, each once.
//!
//! ```text
//! Open ──▶ Closing ──▶ (everything up to the cut is gathered) Closed ──▶ (the acquirer agrees) Settled
//! ```
//!
//! The cut is fixed when closing begins: what ends after it belongs to the next batch. Closing goes on after a crash
//! where it stopped, because every portion is written together with the sums that include it.

use std::sync::Arc;

use crate::payment::Terms;
use crate::{AccountId, BatchId, Currency, LocationId, Timestamp};

/// A batch.
#[derive(Clone, Debug, PartialEq)]
pub struct Batch {
    /// Its name, on the API and at the acquirer.
    pub id: BatchId,
    /// Whose it is.
    pub account: AccountId,
    /// Live or test data.
    pub livemode: bool,
    /// Whose transactions it holds.
    pub terminal: Arc<str>,
    /// Where that terminal stood when the batch was opened.
    pub location: Option<LocationId>,
    /// In which currency; a terminal has one open batch for each.
    pub currency: Currency,
    /// The merchant's own name for closing it.
    pub reference: Option<Arc<str>>,
    /// When its first transaction ended.
    pub opened_at: Timestamp,
    /// What has been gathered into it.
    pub totals: Totals,
    /// How many transactions could not be gathered because their outcome was not known when it closed.
    pub pending_count: u32,
    /// Counts the changes that the outside can see; gap-free from 1.
    pub sequence: u64,
    /// How often the acquirer has not answered to its settlement.
    pub attempts: u32,
    /// When somebody has to look at it: the end of the business day while it is open. `None` once it is settled.
    pub due_at: Option<Timestamp>,
    /// Where it stands.
    pub state: State,
}

/// Sums over transactions. Amounts in minor units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// How many sales.
    pub sales_count: u32,
    /// What they took.
    pub sales_minor: i64,
    /// How many refunds.
    pub refunds_count: u32,
    /// What they gave back.
    pub refunds_minor: i64,
}

impl Totals {
    /// What the merchant is owed, or owes when it is negative, in minor units.
    #[must_use]
    pub fn net_minor(&self) -> i64 {
        self.sales_minor - self.refunds_minor
    }

    /// How many transactions.
    #[must_use]
    pub fn count(&self) -> u32 {
        self.sales_count.saturating_add(self.refunds_count)
    }

    /// Both together.
    #[must_use]
    pub fn plus(&self, more: &Self) -> Self {
        Self {
            sales_count: self.sales_count.saturating_add(more.sales_count),
            sales_minor: self.sales_minor.saturating_add(more.sales_minor),
            refunds_count: self.refunds_count.saturating_add(more.refunds_count),
            refunds_minor: self.refunds_minor.saturating_add(more.refunds_minor),
        }
    }
}

/// Where a batch stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// Transactions are still being taken for it.
    Open,
    /// What ended up to the cut is being gathered.
    Closing {
        /// The last moment that belongs to it.
        cut_at: Timestamp,
    },
    /// Its sums are final; the acquirer has still to be told.
    Closed {
        /// When.
        at: Timestamp,
    },
    /// The acquirer has agreed to its sums.
    Settled {
        /// When it was closed.
        closed_at: Timestamp,
        /// When the acquirer agreed.
        at: Timestamp,
    },
}

/// The names of the states, for tables and rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(missing_docs, reason = "each is documented at the State variant of the same name")]
pub enum StateKind {
    Open,
    Closing,
    Closed,
    Settled,
}

/// The status of a batch as the outside sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Status {
    /// It takes transactions.
    Open,
    /// It is being counted.
    Closing,
    /// Its sums are final.
    Closed,
}

impl Status {
    /// Every status.
    pub const ALL: [Self; 3] = [Self::Open, Self::Closing, Self::Closed];

    /// As the API writes it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Closing => "closing",
            Self::Closed => "closed",
        }
    }

    /// Reads what [`Self::as_str`] wrote.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.as_str() == text)
    }
}

/// Something that happened to a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// Somebody asked to close it, or the business day is over.
    CloseRequested {
        /// The merchant's own name for closing it.
        reference: Option<Arc<str>>,
    },
    /// So much more has been gathered into it, in the transaction that writes this step.
    Gathered(Totals),
    /// Nothing up to the cut is left.
    AllGathered {
        /// How many transactions stay behind because their outcome is not known.
        pending_count: u32,
    },
    /// The acquirer agrees to its sums.
    SettlementAcknowledged,
    /// The acquirer did not answer to them in time.
    SettlementUnanswered,
}

/// The names of the events, for tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(missing_docs, reason = "each is documented at the Event variant of the same name")]
pub enum EventKind {
    CloseRequested,
    Gathered,
    AllGathered,
    SettlementAcknowledged,
    SettlementUnanswered,
}

impl Event {
    /// Which event this is.
    #[must_use]
    pub fn kind(&self) -> EventKind {
        match self {
            Self::CloseRequested { .. } => EventKind::CloseRequested,
            Self::Gathered(_) => EventKind::Gathered,
            Self::AllGathered { .. } => EventKind::AllGathered,
            Self::SettlementAcknowledged => EventKind::SettlementAcknowledged,
            Self::SettlementUnanswered => EventKind::SettlementUnanswered,
        }
    }
}

/// What must be done once the step is durable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Gather what ended up to the cut and is in no batch.
    Gather,
    /// Tell the acquirer the sums.
    Settle,
    /// Tell the outside that it is closed (`batch.closed`). Belongs into the same transaction as the step.
    AnnounceClosed,
}

/// A step that is not legal. Nothing changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{event:?} has no meaning in {state:?}")]
pub struct Meaningless {
    /// Where the batch stands.
    pub state: StateKind,
    /// What was said to have happened.
    pub event: EventKind,
}

/// Whose transactions a new batch holds.
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "each field is documented at the field of Batch of the same name")]
pub struct Opening {
    pub id: BatchId,
    pub account: AccountId,
    pub livemode: bool,
    pub terminal: Arc<str>,
    pub location: Option<LocationId>,
    pub currency: Currency,
    pub opened_at: Timestamp,
}

impl State {
    /// Which state this is.
    #[must_use]
    pub fn kind(&self) -> StateKind {
        match self {
            Self::Open => StateKind::Open,
            Self::Closing { .. } => StateKind::Closing,
            Self::Closed { .. } => StateKind::Closed,
            Self::Settled { .. } => StateKind::Settled,
        }
    }
}

impl Batch {
    /// What the outside sees.
    #[must_use]
    pub fn status(&self) -> Status {
        match self.state {
            State::Open => Status::Open,
            State::Closing { .. } => Status::Closing,
            State::Closed { .. } | State::Settled { .. } => Status::Closed,
        }
    }

    /// When it was closed.
    #[must_use]
    pub fn closed_at(&self) -> Option<Timestamp> {
        match self.state {
            State::Open | State::Closing { .. } => None,
            State::Closed { at } | State::Settled { closed_at: at, .. } => Some(at),
        }
    }

    /// When the acquirer agreed to it.
    #[must_use]
    pub fn settled_at(&self) -> Option<Timestamp> {
        match self.state {
            State::Open | State::Closing { .. } | State::Closed { .. } => None,
            State::Settled { at, .. } => Some(at),
        }
    }
}

/// Opens a batch that closes by itself at `day_ends_at`.
#[must_use]
pub fn open(opening: Opening, day_ends_at: Timestamp) -> Batch {
    Batch {
        id: opening.id,
        account: opening.account,
        livemode: opening.livemode,
        terminal: opening.terminal,
        location: opening.location,
        currency: opening.currency,
        reference: None,
        opened_at: opening.opened_at,
        totals: Totals::default(),
        pending_count: 0,
        sequence: 1,
        attempts: 0,
        due_at: Some(day_ends_at),
        state: State::Open,
    }
}

/// Takes one step. The batch that comes back must be durable before any of the effects is carried out; the
/// announcement among them, and the membership of what was gathered, belong into the same transaction.
///
/// # Errors
/// [`Meaningless`] when the event cannot happen here; nothing has changed.
pub fn step(
    batch: &Batch,
    event: &Event,
    now: Timestamp,
    terms: &Terms,
) -> Result<(Batch, Vec<Effect>), Meaningless> {
    match batch.state {
        State::Open => match event {
            Event::CloseRequested { reference } => {
                let closing = moved(batch, State::Closing { cut_at: now }, Some(now));
                let sequence = batch.sequence + 1;
                let next = Batch { reference: reference.clone(), sequence, ..closing };
                Ok((next, vec![Effect::Gather]))
            }
            Event::Gathered(_)
            | Event::AllGathered { .. }
            | Event::SettlementAcknowledged
            | Event::SettlementUnanswered => meaningless(batch, event),
        },
        State::Closing { .. } => match event {
            Event::Gathered(more) => {
                Ok((Batch { totals: batch.totals.plus(more), ..batch.clone() }, vec![Effect::Gather]))
            }
            Event::AllGathered { pending_count } => Ok(closed(batch, *pending_count, now)),
            Event::CloseRequested { .. } | Event::SettlementAcknowledged | Event::SettlementUnanswered => {
                meaningless(batch, event)
            }
        },
        State::Closed { at } => match event {
            Event::SettlementAcknowledged => {
                let settled = moved(batch, State::Settled { closed_at: at, at: now }, None);
                Ok((Batch { sequence: batch.sequence + 1, ..settled }, vec![]))
            }
            Event::SettlementUnanswered => {
                let due_at = Some(now.plus_ms(terms.advice_pause_ms(batch.attempts)));
                let attempts = batch.attempts.saturating_add(1);
                Ok((Batch { attempts, due_at, ..batch.clone() }, vec![]))
            }
            Event::CloseRequested { .. } | Event::Gathered(_) | Event::AllGathered { .. } => {
                meaningless(batch, event)
            }
        },
        State::Settled { .. } => match event {
            Event::CloseRequested { .. }
            | Event::Gathered(_)
            | Event::AllGathered { .. }
            | Event::SettlementAcknowledged
            | Event::SettlementUnanswered => meaningless(batch, event),
        },
    }
}

/// A batch without transactions moves no money: there is nothing to agree on.
fn closed(batch: &Batch, pending_count: u32, now: Timestamp) -> (Batch, Vec<Effect>) {
    let nothing = batch.totals.count() == 0;
    let (state, due_at, effects) = if nothing {
        (State::Settled { closed_at: now, at: now }, None, vec![Effect::AnnounceClosed])
    } else {
        (State::Closed { at: now }, Some(now), vec![Effect::AnnounceClosed, Effect::Settle])
    };
    let sequence = batch.sequence + 1;
    (Batch { pending_count, sequence, ..moved(batch, state, due_at) }, effects)
}

fn moved(batch: &Batch, state: State, due_at: Option<Timestamp>) -> Batch {
    Batch { state, due_at, ..batch.clone() }
}

fn meaningless(batch: &Batch, event: &Event) -> Result<(Batch, Vec<Effect>), Meaningless> {
    Err(Meaningless { state: batch.state.kind(), event: event.kind() })
}
