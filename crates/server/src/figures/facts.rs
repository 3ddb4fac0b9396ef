//! What of a payment or refund is counted. Every fact is set once and stays in the row for ever, so a row tells the same
//! facts as the events that made it what it is, and each event tells which of them are new.

use vinr_domain::payment::{Announcement, CaptureMethod, Payment, State};
use vinr_domain::refund::{Refund, State as RefundState};
use vinr_domain::{Currency, DeclineCode, Timestamp};

use super::sums::{Sums, is_the_issuers};
use crate::store::EventRow;

/// Something to be counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fact {
    /// It counts on the day of this moment.
    pub(super) at: Timestamp,
    pub(super) currency: Currency,
    pub(super) what: What,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What {
    Asked,
    Approved { took_ms: Option<i64> },
    Taken { minor: i64, tip_minor: i64 },
    Declined { code: DeclineCode, took_ms: Option<i64> },
    Cancelled,
    Expired,
    Refunded { minor: i64 },
}

/// Every fact that the payment tells. `prompt_ms` is the length of its lease.
pub(super) fn of_payment(payment: &Payment, prompt_ms: i64) -> Vec<Fact> {
    let (asked_at, currency) = (payment.created_at, payment.asked.currency);
    // A payment for a group is prompted for when it gets its terminal; its lease runs from there.
    let prompted_at = if payment.group.is_some() { payment.deadline.plus_ms(-prompt_ms) } else { asked_at };
    let took = |until: Timestamp| payment.offline.is_none().then(|| until.ms_since(prompted_at).max(0));
    let fact = |at, what| Fact { at, currency, what };
    let mut facts = vec![fact(asked_at, What::Asked)];
    if let Some(approval) = payment.state.approval() {
        facts.push(fact(asked_at, What::Approved { took_ms: took(approval.at) }));
    }
    match &payment.state {
        State::Completed { request, captured_minor, at, .. } => {
            let tip_minor = request.tip.map_or(0, |tip| tip.amount_minor).min(*captured_minor);
            facts.push(fact(*at, What::Taken { minor: *captured_minor, tip_minor }));
        }
        State::Failed { code, request, at } => {
            let took_ms = request.as_ref().filter(|_| is_the_issuers(*code)).and_then(|_| took(*at));
            facts.push(fact(asked_at, What::Declined { code: *code, took_ms }));
        }
        State::Cancelled { .. } => facts.push(fact(asked_at, What::Cancelled)),
        State::Expired { .. } => facts.push(fact(asked_at, What::Expired)),
        State::Queued
        | State::Pending
        | State::Cancelling
        | State::Authorizing { .. }
        | State::Uncertain { .. }
        | State::Reversing { .. }
        | State::Authorized { .. } => {}
    }
    facts
}

/// Every fact that the refund tells.
pub(super) fn of_refund(refund: &Refund) -> Option<Fact> {
    let RefundState::Succeeded { at } = refund.state else { return None };
    let what = What::Refunded { minor: refund.amount.amount_minor };
    Some(Fact { at, currency: refund.amount.currency, what })
}

impl What {
    /// Whether this event about a payment made the fact true.
    pub(super) fn is_news_of(&self, event: &EventRow, captured: CaptureMethod) -> bool {
        let Some(told) = Announcement::parse(event.kind) else { return false };
        match self {
            Self::Asked => event.sequence == 1,
            // A hold was approved before it was captured.
            Self::Approved { .. } => match captured {
                CaptureMethod::Automatic => told == Announcement::Completed,
                CaptureMethod::Manual => told == Announcement::Authorized,
            },
            Self::Taken { .. } => told == Announcement::Completed,
            Self::Declined { .. } => told == Announcement::Failed,
            Self::Cancelled => told == Announcement::Cancelled,
            Self::Expired => told == Announcement::Expired,
            Self::Refunded { .. } => false,
        }
    }

    /// Counts it, in the hour of its moment.
    pub(super) fn count(self, sums: &mut Sums, hour: u8) {
        match self {
            Self::Asked => sums.asked += 1,
            Self::Approved { took_ms } => {
                sums.approved += 1;
                took_ms.into_iter().for_each(|ms| sums.waits.add(ms));
            }
            Self::Taken { minor, tip_minor } => {
                sums.taken.add(minor);
                sums.tips_minor = sums.tips_minor.saturating_add(tip_minor);
                sums.hours.entry(hour).or_default().add(minor);
            }
            Self::Declined { code, took_ms } => {
                *sums.declined.entry(code.as_str().into()).or_default() += 1;
                took_ms.into_iter().for_each(|ms| sums.waits.add(ms));
            }
            Self::Cancelled => sums.cancelled += 1,
            Self::Expired => sums.expired += 1,
            Self::Refunded { minor } => sums.refunded.add(minor),
        }
    }
}
