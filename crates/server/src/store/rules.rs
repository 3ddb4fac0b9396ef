//! What both engines must decide alike: which transactions are malformed, which ids a page can hold, what is old.
//! No storage of its own.

use std::ops::RangeInclusive;

use vinr_domain::payment::{Announcement, Channel, Payment, Status};
use vinr_domain::{EventId, PaymentId, Timestamp};

use super::port::{
    Answer, Change, Cursor, EventCursor, EventFilter, IdempotencyRow, Page, PaymentFilter, Scope, StoreError,
    Transaction,
};
use super::record::Kind;

/// How far the time in a payment's id may be from its `created_at`, in milliseconds. Lets a list that is limited
/// in time read only the ids of that time.
const ID_SLACK_MS: i64 = 60_000;

/// The kinds of events that are not about payments (contract 2.5).
const EVENT_KINDS: &[&str] = &[
    "refund.created",
    "refund.updated",
    "terminal.online",
    "terminal.offline",
    "terminal.updated",
    "terminal.needs_attention",
    "terminal_action.updated",
    "batch.closed",
    "webhook_endpoint.disabled",
    "webhook_endpoint.test",
];

/// Whether a payment in this status keeps others from bearing its reference (contract 2.2).
pub(super) fn is_unfinished(status: Status) -> bool {
    match status {
        Status::Pending | Status::Processing => true,
        Status::Authorized | Status::Completed | Status::Failed | Status::Cancelled | Status::Expired => {
            false
        }
    }
}

/// Whether it cannot be made while another unfinished payment bears its reference. What began at a terminal is made all
/// the same: the card was presented there, and a payment that is not on record is money that nobody looks after.
pub(super) fn claims_reference(payment: &Payment) -> bool {
    match payment.channel {
        Channel::Cloud => payment.reference.is_some(),
        Channel::Local | Channel::Cashless => false,
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
    Announcement::parse(text)
        .map(Announcement::as_str)
        .or_else(|| EVENT_KINDS.iter().copied().find(|kind| *kind == text))
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
        if let Change::JoinBatch { payments, .. } = change
            && payments.iter().enumerate().any(|(j, id)| payments[..j].contains(id))
        {
            return Err(StoreError::Engine("the transaction joins a payment twice".into()));
        }
        if changes[..i].iter().any(|earlier| clash(earlier, change)) {
            return Err(StoreError::Engine("the transaction touches a row twice".into()));
        }
    }
    Ok(())
}

fn clash(a: &Change, b: &Change) -> bool {
    use Change::{
        AnswerIdempotencyKey, AppendEvent, AssignTerminal, ClaimIdempotencyKey, InsertPayment, UpdatePayment,
    };
    if let (Some(a), Some(b)) = (record_of(a), record_of(b)) {
        return a == b;
    }
    match (a, b) {
        (InsertPayment(a), InsertPayment(b)) => {
            let both_claim = claims_reference(a) && claims_reference(b);
            let same_reference = both_claim && a.reference == b.reference;
            same_scope(a, b) && (a.id == b.id || a.intent == b.intent || same_reference)
        }
        (
            InsertPayment(a) | UpdatePayment { payment: a, .. } | AssignTerminal { payment: a, .. },
            InsertPayment(b) | UpdatePayment { payment: b, .. } | AssignTerminal { payment: b, .. },
        ) => same_scope(a, b) && a.id == b.id,
        (Change::MoveCursor { endpoint: a, .. }, Change::MoveCursor { endpoint: b, .. }) => a == b,
        (
            Change::JoinBatch { scope: a, payments, .. },
            Change::JoinBatch { scope: b, payments: others, .. },
        ) => a == b && payments.iter().any(|id| others.contains(id)),
        (AppendEvent(a), AppendEvent(b)) => {
            a.scope == b.scope && a.sequence == b.sequence && a.object_id == b.object_id
        }
        (
            ClaimIdempotencyKey(a) | AnswerIdempotencyKey(a),
            ClaimIdempotencyKey(b) | AnswerIdempotencyKey(b),
        ) => same_key(a, b),
        (
            InsertPayment(_)
            | UpdatePayment { .. }
            | Change::JoinBatch { .. }
            | AssignTerminal { .. }
            | AppendEvent(_)
            | ClaimIdempotencyKey(_)
            | AnswerIdempotencyKey(_)
            | Change::InsertRecord(_)
            | Change::UpdateRecord { .. }
            | Change::PutRecord(_)
            | Change::DeleteRecord { .. }
            | Change::PutDeliveries(_)
            | Change::MoveCursor { .. }
            | Change::ForgetDeliveries { .. }
            | Change::NoteMoments { .. },
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

/// Which record the change touches.
fn record_of(change: &Change) -> Option<(Kind, &Scope, &str)> {
    match change {
        Change::InsertRecord(record) | Change::UpdateRecord { record, .. } | Change::PutRecord(record) => {
            Some((record.kind, &record.scope, &record.id))
        }
        Change::DeleteRecord { kind, scope, id } => Some((*kind, scope, id)),
        Change::InsertPayment(_)
        | Change::UpdatePayment { .. }
        | Change::JoinBatch { .. }
        | Change::AssignTerminal { .. }
        | Change::AppendEvent(_)
        | Change::ClaimIdempotencyKey(_)
        | Change::AnswerIdempotencyKey(_)
        | Change::PutDeliveries(_)
        | Change::MoveCursor { .. }
        | Change::ForgetDeliveries { .. }
        | Change::NoteMoments { .. } => None,
    }
}

/// The ids of events that a page can hold; `None` when there are none.
pub(super) fn event_bounds(filter: &EventFilter, cursor: EventCursor) -> Option<RangeInclusive<u128>> {
    let mut low = filter.from.map_or(0, |from| EventId::first_at(from.plus_ms(-ID_SLACK_MS).0).0);
    let mut high = filter.to.map_or(u128::MAX, |to| EventId::first_at(to.plus_ms(ID_SLACK_MS + 1).0).0);
    match cursor {
        EventCursor::Start => {}
        EventCursor::After(id) => high = high.min(id.0.checked_sub(1)?),
        EventCursor::Before(id) => low = low.max(id.0.checked_add(1)?),
    }
    (low <= high).then_some(low..=high)
}

/// The kinds of events that a filter lets through, as bounds of their text: from the first, up to before the second.
pub(super) fn kind_bounds(filter: &EventFilter) -> (String, String) {
    match filter.kind.as_deref() {
        None => (String::new(), "~".to_owned()),
        // The character behind the point.
        Some(prefix) if prefix.ends_with('.') => {
            (prefix.to_owned(), format!("{}/", prefix.trim_end_matches('.')))
        }
        Some(kind) => (kind.to_owned(), format!("{kind}\u{1}")),
    }
}

/// The ids that a page can hold; `None` when there are none.
pub(super) fn id_bounds(filter: &PaymentFilter, cursor: Cursor) -> Option<RangeInclusive<u128>> {
    if filter.contradicts_itself() {
        return None;
    }
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
