//! A refund as it is kept. Converts and nothing else.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use vinr_domain::refund::{FailureReason, Reason, Refund, State};
use vinr_domain::{BatchId, Currency, Money, PaymentId, RefundId, Timestamp};

use crate::store::spelling::{self, Spelled};
use crate::store::{Kind, RecordKey, Scope, Stored, Tender};

/// A refund, and the batch that it is settled in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(from = "Row", into = "Row")]
pub struct RefundRow {
    /// Whose.
    pub scope: Scope,
    /// The refund.
    pub refund: Arc<Refund>,
    /// The batch, once it is in one.
    pub batch: Option<BatchId>,
}

impl RefundRow {
    /// A refund that is in no batch.
    #[must_use]
    pub fn new(refund: Refund) -> Self {
        let scope = Scope { account: refund.account.clone(), livemode: refund.livemode };
        Self { scope, refund: Arc::new(refund), batch: None }
    }

    /// Which batches it can be in.
    #[must_use]
    pub fn tender(&self) -> Tender {
        Tender { terminal: Arc::clone(&self.refund.terminal), currency: self.refund.amount.currency }
    }
}

/// The refunds of a tender that wait for a batch.
pub(crate) const UNBATCHED: &str = "unbatched";
/// The refunds of a tender of which nobody knows how they end.
pub(crate) const PENDING: &str = "pending";
/// The refunds of a payment.
pub(super) const PAYMENT: &str = "payment";

/// Never comes; a start that looks to the end of time finds what waits for a batch by it.
const WHEN_RECALLED: Timestamp = Timestamp(i64::MAX - 1);

/// The tender as the value of a key.
pub(crate) fn tender_value(tender: &Tender) -> String {
    format!("{} {}", tender.terminal, tender.currency)
}

impl Stored for RefundRow {
    const KIND: Kind = Kind::Refund;

    fn scope(&self) -> &Scope {
        &self.scope
    }

    fn id(&self) -> Arc<str> {
        self.refund.id.to_string().into()
    }

    fn created_at(&self) -> Timestamp {
        self.refund.created_at
    }

    fn due_at(&self) -> Option<Timestamp> {
        match self.refund.state {
            State::Succeeded { .. } if self.batch.is_none() => Some(WHEN_RECALLED),
            State::Succeeded { .. } | State::Asking | State::Uncertain | State::Failed { .. } => {
                self.refund.due_at
            }
        }
    }

    fn keys(&self) -> Vec<RecordKey> {
        let mut keys = vec![RecordKey::index(PAYMENT, self.refund.payment.to_string())];
        let tender = tender_value(&self.tender());
        match (&self.refund.state, self.batch) {
            (State::Asking | State::Uncertain, _) => keys.push(RecordKey::index(PENDING, tender)),
            (State::Succeeded { .. }, None) => keys.push(RecordKey::index(UNBATCHED, tender)),
            (State::Succeeded { .. }, Some(batch)) => keys.push(RecordKey::index("batch", batch.to_string())),
            (State::Failed { .. }, _) => {}
        }
        keys
    }
}

crate::spelled_by_parse!(RefundId, BatchId, Currency);

macro_rules! spelled_words {
    ($($name:ty),*) => {$(
        impl Spelled for $name {
            fn spell(&self) -> impl std::fmt::Display {
                self.as_str()
            }

            fn read(text: &str) -> Option<Self> {
                Self::parse(text)
            }
        }
    )*};
}

spelled_words!(Reason, FailureReason);

#[derive(Clone, Serialize, Deserialize)]
struct Row {
    scope: Scope,
    #[serde(with = "spelling::text")]
    id: RefundId,
    #[serde(with = "spelling::text")]
    payment: PaymentId,
    terminal: Arc<str>,
    amount_minor: i64,
    #[serde(with = "spelling::text")]
    currency: Currency,
    #[serde(default, with = "spelling::text_option")]
    reason: Option<Reason>,
    #[serde(default)]
    metadata: BTreeMap<String, String>,
    #[serde(with = "spelling::moment")]
    created_at: Timestamp,
    #[serde(default, with = "spelling::moment_option")]
    updated_at: Option<Timestamp>,
    sequence: u64,
    #[serde(default)]
    attempts: u32,
    #[serde(default, with = "spelling::moment_option")]
    due_at: Option<Timestamp>,
    state: Stand,
    #[serde(default, with = "spelling::text_option")]
    batch: Option<BatchId>,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Stand {
    Asking,
    Uncertain,
    Succeeded {
        #[serde(with = "spelling::moment")]
        at: Timestamp,
    },
    Failed {
        #[serde(with = "spelling::text")]
        why: FailureReason,
        #[serde(with = "spelling::moment")]
        at: Timestamp,
    },
}

impl From<Row> for RefundRow {
    fn from(row: Row) -> Self {
        let state = match row.state {
            Stand::Asking => State::Asking,
            Stand::Uncertain => State::Uncertain,
            Stand::Succeeded { at } => State::Succeeded { at },
            Stand::Failed { why, at } => State::Failed { why, at },
        };
        let refund = Refund {
            id: row.id,
            account: row.scope.account.clone(),
            livemode: row.scope.livemode,
            payment: row.payment,
            terminal: row.terminal,
            amount: Money { amount_minor: row.amount_minor, currency: row.currency },
            reason: row.reason,
            metadata: Arc::new(row.metadata),
            created_at: row.created_at,
            updated_at: row.updated_at,
            sequence: row.sequence,
            attempts: row.attempts,
            due_at: row.due_at,
            state,
        };
        Self { scope: row.scope, refund: Arc::new(refund), batch: row.batch }
    }
}

impl From<RefundRow> for Row {
    fn from(kept: RefundRow) -> Self {
        let refund = &kept.refund;
        let state = match refund.state {
            State::Asking => Stand::Asking,
            State::Uncertain => Stand::Uncertain,
            State::Succeeded { at } => Stand::Succeeded { at },
            State::Failed { why, at } => Stand::Failed { why, at },
        };
        Self {
            id: refund.id,
            payment: refund.payment,
            terminal: Arc::clone(&refund.terminal),
            amount_minor: refund.amount.amount_minor,
            currency: refund.amount.currency,
            reason: refund.reason,
            metadata: (*refund.metadata).clone(),
            created_at: refund.created_at,
            updated_at: refund.updated_at,
            sequence: refund.sequence,
            attempts: refund.attempts,
            due_at: refund.due_at,
            state,
            batch: kept.batch,
            scope: kept.scope,
        }
    }
}
