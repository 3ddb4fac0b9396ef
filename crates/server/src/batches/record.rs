//! A batch as it is kept. Converts and nothing else.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use vinr_domain::batch::{Batch, State, Status, Totals};
use vinr_domain::{BatchId, Currency, LocationId, Timestamp};

use crate::refunds::tender_value;
use crate::store::spelling;
use crate::store::{Kind, RecordKey, Scope, Stored, Tender};

/// A batch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(from = "Row", into = "Row")]
pub struct BatchRow {
    /// Whose.
    pub scope: Scope,
    /// The batch.
    pub batch: Arc<Batch>,
    /// What the request that closed it is known by: the merchant's reference, or an idempotency key.
    pub closed_as: Option<Arc<str>>,
}

impl BatchRow {
    /// A batch that nobody has closed.
    #[must_use]
    pub fn new(batch: Batch) -> Self {
        let scope = Scope { account: batch.account.clone(), livemode: batch.livemode };
        Self { scope, batch: Arc::new(batch), closed_as: None }
    }

    /// What it is of.
    #[must_use]
    pub fn tender(&self) -> Tender {
        Tender { terminal: Arc::clone(&self.batch.terminal), currency: self.batch.currency }
    }
}

/// The one batch of a tender that takes transactions.
pub(super) const OPEN: &str = "open";
/// The one batch of a tender that is being counted.
pub(super) const CLOSING: &str = "closing";
/// The batches that one request to close a terminal's closed.
pub(super) const CLOSED_AS: &str = "closed_as";
/// Lists under each combination of terminal, status and currency.
pub(super) const LIST: &str = "list";

/// The value of a key that is unique over all accounts.
pub(super) fn whole_tender(scope: &Scope, tender: &Tender) -> String {
    format!("{} {} {}", scope.account, scope.livemode, tender_value(tender))
}

/// The value of [`CLOSED_AS`].
pub(super) fn closed_as_value(terminal: &str, name: &str) -> String {
    format!("{terminal} {name}")
}

/// The value of [`LIST`] for these conditions; what is left out may be anything.
pub(super) fn list_value(
    terminal: Option<&str>,
    status: Option<Status>,
    currency: Option<Currency>,
) -> String {
    let currency = currency.map_or_else(|| "*".to_owned(), |currency| currency.to_string());
    format!("{} {} {currency}", terminal.unwrap_or("*"), status.map_or("*", Status::as_str))
}

impl Stored for BatchRow {
    const KIND: Kind = Kind::Batch;

    fn scope(&self) -> &Scope {
        &self.scope
    }

    fn id(&self) -> Arc<str> {
        self.batch.id.to_string().into()
    }

    fn created_at(&self) -> Timestamp {
        self.batch.opened_at
    }

    fn due_at(&self) -> Option<Timestamp> {
        self.batch.due_at
    }

    fn keys(&self) -> Vec<RecordKey> {
        let batch = &self.batch;
        let (terminal, status, currency) = (&*batch.terminal, batch.status(), batch.currency);
        let mut keys = Vec::new();
        for pick in 1..8_u8 {
            let value = list_value(
                (pick & 1 != 0).then_some(terminal),
                (pick & 2 != 0).then_some(status),
                (pick & 4 != 0).then_some(currency),
            );
            keys.push(RecordKey::index(LIST, value));
        }
        let tender = whole_tender(&self.scope, &self.tender());
        match batch.status() {
            Status::Open => keys.push(RecordKey::unique(OPEN, tender)),
            Status::Closing => keys.push(RecordKey::unique(CLOSING, tender)),
            Status::Closed => {}
        }
        if let Some(name) = &self.closed_as {
            keys.push(RecordKey::index(CLOSED_AS, closed_as_value(terminal, name)));
        }
        keys
    }
}

#[derive(Clone, Serialize, Deserialize)]
struct Row {
    scope: Scope,
    #[serde(with = "spelling::text")]
    id: BatchId,
    terminal: Arc<str>,
    #[serde(default, with = "spelling::text_option")]
    location: Option<LocationId>,
    #[serde(with = "spelling::text")]
    currency: Currency,
    #[serde(default)]
    reference: Option<Arc<str>>,
    #[serde(default)]
    closed_as: Option<Arc<str>>,
    #[serde(with = "spelling::moment")]
    opened_at: Timestamp,
    sales_count: u32,
    sales_minor: i64,
    refunds_count: u32,
    refunds_minor: i64,
    pending_count: u32,
    sequence: u64,
    attempts: u32,
    #[serde(default, with = "spelling::moment_option")]
    due_at: Option<Timestamp>,
    state: Stand,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Stand {
    Open,
    Closing {
        #[serde(with = "spelling::moment")]
        cut_at: Timestamp,
    },
    Closed {
        #[serde(with = "spelling::moment")]
        at: Timestamp,
    },
    Settled {
        #[serde(with = "spelling::moment")]
        closed_at: Timestamp,
        #[serde(with = "spelling::moment")]
        at: Timestamp,
    },
}

impl From<Row> for BatchRow {
    fn from(row: Row) -> Self {
        let state = match row.state {
            Stand::Open => State::Open,
            Stand::Closing { cut_at } => State::Closing { cut_at },
            Stand::Closed { at } => State::Closed { at },
            Stand::Settled { closed_at, at } => State::Settled { closed_at, at },
        };
        let batch = Batch {
            id: row.id,
            account: row.scope.account.clone(),
            livemode: row.scope.livemode,
            terminal: row.terminal,
            location: row.location,
            currency: row.currency,
            reference: row.reference,
            opened_at: row.opened_at,
            totals: Totals {
                sales_count: row.sales_count,
                sales_minor: row.sales_minor,
                refunds_count: row.refunds_count,
                refunds_minor: row.refunds_minor,
            },
            pending_count: row.pending_count,
            sequence: row.sequence,
            attempts: row.attempts,
            due_at: row.due_at,
            state,
        };
        Self { scope: row.scope, batch: Arc::new(batch), closed_as: row.closed_as }
    }
}

impl From<BatchRow> for Row {
    fn from(kept: BatchRow) -> Self {
        let batch = &kept.batch;
        let state = match batch.state {
            State::Open => Stand::Open,
            State::Closing { cut_at } => Stand::Closing { cut_at },
            State::Closed { at } => Stand::Closed { at },
            State::Settled { closed_at, at } => Stand::Settled { closed_at, at },
        };
        Self {
            id: batch.id,
            terminal: Arc::clone(&batch.terminal),
            location: batch.location.clone(),
            currency: batch.currency,
            reference: batch.reference.clone(),
            closed_as: kept.closed_as.clone(),
            opened_at: batch.opened_at,
            sales_count: batch.totals.sales_count,
            sales_minor: batch.totals.sales_minor,
            refunds_count: batch.totals.refunds_count,
            refunds_minor: batch.totals.refunds_minor,
            pending_count: batch.pending_count,
            sequence: batch.sequence,
            attempts: batch.attempts,
            due_at: batch.due_at,
            state,
            scope: kept.scope,
        }
    }
}
