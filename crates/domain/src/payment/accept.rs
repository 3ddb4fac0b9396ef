//! How a payment comes into being: accepted and pending, or refused on the spot and failed.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::event::{Announcement, Effect};
use super::state::{Payment, State};
use super::{CaptureMethod, Channel, ResponseMode, Terms};
use crate::{AccountId, DeclineCode, IntentId, LocationId, Money, PaymentId, Timestamp};

/// What was asked for, named and checked, before anything is known of the terminal.
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "each field is documented at the field of Payment of the same name")]
pub struct Order {
    pub id: PaymentId,
    pub account: AccountId,
    pub livemode: bool,
    pub intent: IntentId,
    pub terminal: Option<Arc<str>>,
    pub group: Option<Arc<[Arc<str>]>>,
    pub location: Option<LocationId>,
    pub asked: Money,
    pub capture_method: CaptureMethod,
    pub response_mode: ResponseMode,
    pub reference: Option<Arc<str>>,
    pub description: Option<Arc<str>>,
    pub metadata: Arc<BTreeMap<String, String>>,
}

/// Accepts the order: the payment is pending and its lease runs from `now`.
#[must_use]
pub fn accept(order: Order, now: Timestamp, terms: &Terms) -> (Payment, Vec<Effect>) {
    let deadline = now.plus_ms(terms.prompt_ms);
    let mut payment = begun(order, now, deadline, State::Pending);
    payment.attempt_epoch = 1;
    payment.due_at = Some(deadline.plus_ms(terms.margin_ms));
    (payment, vec![Effect::Announce(Announcement::Created)])
}

/// Accepts the order without a terminal: it waits for one of its group, and its wait runs from `now`.
#[must_use]
pub fn enqueue(order: Order, now: Timestamp, terms: &Terms) -> (Payment, Vec<Effect>) {
    let deadline = now.plus_ms(terms.queue_ms);
    let mut payment = begun(order, now, deadline, State::Queued);
    payment.due_at = Some(deadline);
    (payment, vec![Effect::Announce(Announcement::Created)])
}

/// Refuses the order: the payment exists, has failed, and says why (contract 1.6). Nothing was sent anywhere.
#[must_use]
pub fn refuse(order: Order, code: DeclineCode, now: Timestamp) -> (Payment, Vec<Effect>) {
    let payment = begun(order, now, now, State::Failed { code, request: None, at: now });
    (payment, vec![Effect::Announce(Announcement::Failed)])
}

pub(super) fn begun(order: Order, now: Timestamp, deadline: Timestamp, state: State) -> Payment {
    Payment {
        id: order.id,
        account: order.account,
        livemode: order.livemode,
        intent: order.intent,
        terminal: order.terminal,
        group: order.group,
        location: order.location,
        asked: order.asked,
        capture_method: order.capture_method,
        response_mode: order.response_mode,
        reference: order.reference,
        description: order.description,
        metadata: order.metadata,
        created_at: now,
        channel: Channel::Cloud,
        offline: None,
        deadline,
        attempt_epoch: 0,
        sequence: 1,
        revision: 1,
        due_at: None,
        advice: None,
        refunded_minor: 0,
        state,
    }
}
