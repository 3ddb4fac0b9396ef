//! What the tills were told, order by order. A final word is checked against every earlier one at once, and against
//! the truth at the end.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use vinr_domain::PaymentId;
use vinr_domain::payment::Status;
use vinr_wire::rest::view::PaymentView;

use super::log::Log;
use super::order::Order;

/// What was said of one payment.
#[derive(Clone, Debug, Default)]
pub(super) struct Told {
    /// Orders that it was named for.
    pub(super) orders: BTreeSet<u64>,
    /// Its final status and what was captured.
    pub(super) end: Option<(Status, i64)>,
    /// The newest sequence that was read from the books.
    sequence: u64,
    /// The sale was called authorized, or worse: money may move.
    pub(super) authorized: bool,
}

/// Everything that was said.
#[derive(Debug, Default)]
pub(super) struct Said {
    pub(super) payments: BTreeMap<PaymentId, Told>,
    pub(super) of_order: BTreeMap<u64, BTreeSet<PaymentId>>,
}

/// All tills' memory.
#[derive(Clone, Debug)]
pub(super) struct Claims {
    said: Arc<Mutex<Said>>,
    log: Log,
}

impl Claims {
    pub(super) fn new(log: Log) -> Self {
        Self { said: Arc::default(), log }
    }

    pub(super) fn said(&self) -> MutexGuard<'_, Said> {
        self.said.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A till was told this of its order. `fresh`: read from the books, not an earlier answer again.
    pub(super) fn hear(&self, order: &Order, view: &PaymentView, fresh: bool) {
        let mut said = self.said();
        let ids = said.of_order.entry(order.number).or_default();
        ids.insert(view.id);
        if order.is_named() && ids.len() > 1 {
            self.log.violated("I7", format_args!("order {} has become two payments: {ids:?}", order.number));
        }
        let told = said.payments.entry(view.id).or_default();
        told.orders.insert(order.number);
        told.authorized |= view.status == Status::Authorized;
        if fresh && view.sequence < told.sequence {
            let (before, now) = (told.sequence, view.sequence);
            self.log.violated("I6", format_args!("{} went back from {before} to {now}", view.id));
        }
        if fresh {
            told.sequence = view.sequence;
        }
        let end = view.status.is_final().then_some((view.status, view.captured_minor));
        match (told.end, end) {
            (None, Some(_)) => told.end = end,
            (Some(before), Some(now)) if before != now => {
                self.log.violated("I3", format_args!("{} was {before:?} and is {now:?}", view.id));
            }
            (Some(before), None) if fresh => {
                let now = view.status;
                self.log.violated("I3", format_args!("{} was {before:?} and is {now:?} again", view.id));
            }
            _ => {}
        }
        let placed = match &order.group {
            None => view.terminal.is_some() && view.group.is_empty(),
            Some(group) => {
                let known = view.terminal.as_ref().is_none_or(|terminal| view.group.contains(terminal));
                view.group.len() == group.len() && known
            }
        };
        if !placed || view.amount_minor != order.amount_minor {
            self.log.violated("I7", format_args!("order {} was answered with {}", order.number, view.id));
        }
    }
}
