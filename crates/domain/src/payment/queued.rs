//! The steps of a payment that waits for a terminal of its group, and of one that a terminal gives back. The other steps
//! are beside it; what is true of all is stated there.

use std::sync::Arc;

use super::Terms;
use super::event::{Announcement, Effect, Event, Illegal};
use super::state::{Payment, State};
use super::step::{Outcome, cancelled, failed, meaningless, moved};
use crate::{DeclineCode, Timestamp};

/// No terminal knows of it, so nothing has to be waited for when it is called off.
pub(super) fn from_queued(payment: &Payment, event: &Event, now: Timestamp, terms: &Terms) -> Outcome {
    match event {
        Event::TerminalAssigned { .. } if now >= payment.deadline => Err(Illegal::WaitOver),
        Event::TerminalAssigned { terminal, location } => {
            let mut next = moved(payment, State::Pending);
            next.terminal = Some(Arc::clone(terminal));
            next.location.clone_from(location);
            next.attempt_epoch += 1;
            next.deadline = now.plus_ms(terms.prompt_ms);
            next.due_at = Some(next.deadline.plus_ms(terms.margin_ms));
            Ok((next, vec![Effect::Announce(Announcement::Updated)]))
        }
        Event::CancelRequested => Ok(cancelled(payment, now)),
        Event::LeaseLapsed if now >= payment.deadline => {
            Ok(failed(payment, DeclineCode::TerminalBusy, None, now))
        }
        Event::LeaseLapsed => Err(Illegal::TooEarly),
        Event::CardPresented(_) | Event::Originated(_) => Err(Illegal::Superseded),
        Event::CaptureRequested(_) => Err(Illegal::CaptureNotAllowed),
        Event::RefundReserved(_) => Err(Illegal::RefundNotAllowed),
        Event::TerminalEnded(_)
        | Event::TerminalRefused(_)
        | Event::Approved(_)
        | Event::Declined(_)
        | Event::Silent
        | Event::NotFound
        | Event::HoldLapsed
        | Event::AdviceAcknowledged
        | Event::AdviceUnanswered
        | Event::RefundReleased(_) => meaningless(payment, event),
    }
}

/// Whether another terminal of the group may have what this one did not take: it says that it never prompted, and the
/// wait is not over.
pub(super) fn may_wait_again(payment: &Payment, code: DeclineCode, now: Timestamp, terms: &Terms) -> bool {
    let never_prompted = matches!(code, DeclineCode::TerminalBusy | DeclineCode::TerminalLocked);
    payment.group.is_some() && never_prompted && now < payment.created_at.plus_ms(terms.queue_ms)
}

pub(super) fn waiting_again(payment: &Payment, terms: &Terms) -> (Payment, Vec<Effect>) {
    let mut next = moved(payment, State::Queued);
    next.terminal = None;
    next.location = None;
    next.deadline = payment.created_at.plus_ms(terms.queue_ms);
    next.due_at = Some(next.deadline);
    (next, vec![Effect::Announce(Announcement::Updated), Effect::WaitAgain])
}
