//! What both engines must decide alike: which transactions are malformed, which ids a page can hold, what is old.
//! No storage of its own.

use std::ops::RangeInclusive;

use vinr_domain::payment::{Announcement, Payment, Status};
use vinr_domain::{PaymentId, Timestamp};

use super::port::{
    Answer, Change, Cursor, IdempotencyRow, Page, PaymentFilter, Scope, StoreError, TerminalRow, Transaction,
};

/// How far the time in a payment's id may be from its `created_at`, in milliseconds. Lets a list that is limited
/// in time read only the ids of that time.
const ID_SLACK_MS: i64 = 60_000;

/// Whether a payment in this status keeps others from bearing its reference (contract 2.2).
pub(super) fn is_unfinished(status: Status) -> bool {
    match status {
        Status::Pending | Status::Processing => true,
        Status::Authorized | Status::Completed | Status::Failed | Status::Cancelled | Status::Expired => {
            false
        }
    }
}

/// Whether retention may delete it: final, and nobody has to be told anything of it any more.
pub(super) fn is_settled(payment: &Payment) -> bool {
    payment.status().is_final() && payment.due_at.is_none()
}

/// Whether the payment is of the scope.
pub(super) fn belongs(payment: &Payment, scope: &Scope) -> bool {
    payment.livemode == scope.livemode && payment.account == scope.account
}

/// The kind as an event row bears it; `None` for a kind that nothing here writes.
pub(super) fn event_kind(text: &str) -> Option<&'static str> {
    Announcement::parse(text).map(Announcement::as_str)
}

/// Whether the answer still waits for the outcome of the payment.
pub(super) fn is_open(answer: &Answer) -> bool {
    matches!(answer, Answer::Payment { sequence: None, .. })
}

/// Refuses what can be applied to no state at all. That a transaction touches a row at most once is what lets an
/// engine check everything first and write afterwards, without undoing anything.
pub(super) fn check_form(transaction: &Transaction) -> Result<(), StoreError> {
    let changes = &transaction.changes;
    for (i, change) in changes.iter().enumerate() {
        if let Change::AppendEvent(event) = change
            && event_kind(event.kind).is_none()
        {
            return Err(StoreError::Engine(format!("unknown event kind {}", event.kind).into()));
        }
        if changes[..i].iter().any(|earlier| clash(earlier, change)) {
            return Err(StoreError::Engine("the transaction touches a row twice".into()));
        }
    }
    Ok(())
}

fn clash(a: &Change, b: &Change) -> bool {
    use Change::{
        AnswerIdempotencyKey, AppendEvent, ClaimIdempotencyKey, InsertPayment, PutAccount, PutKey,
        PutLocation, PutTerminal, UpdatePayment,
    };
    match (a, b) {
        (InsertPayment(a), InsertPayment(b)) => {
            let same_reference = a.reference.is_some() && a.reference == b.reference;
            same_scope(a, b) && (a.id == b.id || a.intent == b.intent || same_reference)
        }
        (
            InsertPayment(a) | UpdatePayment { payment: a, .. },
            InsertPayment(b) | UpdatePayment { payment: b, .. },
        ) => same_scope(a, b) && a.id == b.id,
        (AppendEvent(a), AppendEvent(b)) => {
            a.scope == b.scope && a.sequence == b.sequence && a.object_id == b.object_id
        }
        (
            ClaimIdempotencyKey(a) | AnswerIdempotencyKey(a),
            ClaimIdempotencyKey(b) | AnswerIdempotencyKey(b),
        ) => same_key(a, b),
        (PutTerminal(a), PutTerminal(b)) => same_terminal(a, b),
        (PutAccount(a), PutAccount(b)) => a.id == b.id,
        (PutKey(a), PutKey(b)) => a.hash == b.hash,
        (PutLocation(a), PutLocation(b)) => a.scope == b.scope && a.id == b.id,
        (
            InsertPayment(_)
            | UpdatePayment { .. }
            | AppendEvent(_)
            | ClaimIdempotencyKey(_)
            | AnswerIdempotencyKey(_)
            | PutTerminal(_)
            | PutAccount(_)
            | PutKey(_)
            | PutLocation(_),
            _,
        ) => false,
    }
}

fn same_scope(a: &Payment, b: &Payment) -> bool {
    a.livemode == b.livemode && a.account == b.account
}

fn same_key(a: &IdempotencyRow, b: &IdempotencyRow) -> bool {
    a.key == b.key && a.operation == b.operation && a.scope == b.scope
}

fn same_terminal(a: &TerminalRow, b: &TerminalRow) -> bool {
    a.id == b.id && a.scope == b.scope
}

/// The ids that a page can hold; `None` when there are none.
pub(super) fn id_bounds(filter: &PaymentFilter, cursor: Cursor) -> Option<RangeInclusive<u128>> {
    let mut low = filter.from.map_or(0, |from| PaymentId::first_at(from.plus_ms(-ID_SLACK_MS).0).0);
    let mut high = filter.to.map_or(u128::MAX, |to| PaymentId::first_at(to.plus_ms(ID_SLACK_MS + 1).0).0);
    match cursor {
        Cursor::Start => {}
        Cursor::After(id) => high = high.min(id.0.checked_sub(1)?),
        Cursor::Before(id) => low = low.max(id.0.checked_add(1)?),
    }
    (low <= high).then_some(low..=high)
}

/// Whether the page is filled from its oldest payment upwards.
pub(super) fn is_upward(page: &Page) -> bool {
    matches!(page.cursor, Cursor::Before(_))
}

/// The first moment that is not too old.
pub(super) fn cutoff(now: Timestamp, retention_ms: i64) -> Timestamp {
    now.plus_ms(retention_ms.saturating_neg())
}
