//! Every legal step of a payment. One match over the states, one over the events in each, no wildcard arm: a new
//! state or event does not compile until somebody has decided what it means everywhere.

use super::event::{Announcement, Effect, Event, Illegal, Verdict};
use super::originated;
use super::queued::{from_queued, may_wait_again, waiting_again};
use super::rules::capture_ceiling_minor;
use super::state::{Advice, AdviceKind, Approval, AuthorizationRequest, Payment, State};
use super::{CaptureMethod, Terms};
use crate::{DeclineCode, Timestamp};

pub(super) type Outcome = Result<(Payment, Vec<Effect>), Illegal>;

/// Takes one step. The payment that comes back must be durable before any of the effects is carried out, and the
/// announcements among them belong into the same transaction.
///
/// # Errors
/// [`Illegal`] says why the event cannot happen here; nothing has changed.
pub fn step(payment: &Payment, event: &Event, now: Timestamp, terms: &Terms) -> Outcome {
    let (mut next, effects) = match &payment.state {
        State::Queued => from_queued(payment, event, now, terms),
        State::Pending => from_pending(payment, event, now, terms),
        State::Cancelling => from_cancelling(payment, event, now, terms),
        State::Authorizing { request, .. } => from_authorizing(payment, request, event, now, terms),
        State::Uncertain { request, since } => from_uncertain(payment, request, *since, event, now, terms),
        State::Reversing { request, .. } => from_reversing(payment, request, event, now, terms),
        State::Authorized { request, approval, expires_at } => {
            from_authorized(payment, request, approval, *expires_at, event, now, terms)
        }
        State::Completed { .. } => from_completed(payment, event, now, terms),
        State::Failed { .. } | State::Cancelled { .. } | State::Expired { .. } => {
            from_ended(payment, event, now, terms)
        }
    }?;
    next.revision = payment.revision + 1;
    let seen_outside = effects.iter().filter(|effect| matches!(effect, Effect::Announce(_))).count();
    next.sequence = payment.sequence + seen_outside as u64;
    Ok((next, effects))
}

fn from_pending(payment: &Payment, event: &Event, now: Timestamp, terms: &Terms) -> Outcome {
    match event {
        Event::CancelRequested => {
            let mut next = moved(payment, State::Cancelling);
            next.attempt_epoch += 1;
            Ok((next, vec![Effect::SendCancel]))
        }
        Event::TerminalEnded(cause) => Ok(match cause.decline_code() {
            None => cancelled(payment, now),
            Some(code) => failed(payment, code, None, now),
        }),
        Event::TerminalRefused(code) if may_wait_again(payment, *code, now, terms) => {
            Ok(waiting_again(payment, terms))
        }
        Event::TerminalRefused(code) => Ok(failed(payment, *code, None, now)),
        Event::LeaseLapsed if lease_is_over(payment, now, terms) => {
            Ok(failed(payment, DeclineCode::CommunicationError, None, now))
        }
        Event::LeaseLapsed => Err(Illegal::TooEarly),
        Event::CardPresented(request) => authorizing(payment, request, now, terms),
        Event::Originated(begun) => originated::joined(payment, begun, now, terms),
        Event::CaptureRequested(_) => Err(Illegal::CaptureNotAllowed),
        Event::RefundReserved(_) => Err(Illegal::RefundNotAllowed),
        Event::TerminalAssigned { .. }
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

/// Cancel was asked. Whatever the terminal says now, this payment never reaches the acquirer.
fn from_cancelling(payment: &Payment, event: &Event, now: Timestamp, terms: &Terms) -> Outcome {
    match event {
        Event::CancelRequested => Ok((moved(payment, State::Cancelling), vec![Effect::SendCancel])),
        Event::TerminalEnded(_) | Event::TerminalRefused(_) => Ok(cancelled(payment, now)),
        Event::LeaseLapsed if lease_is_over(payment, now, terms) => Ok(cancelled(payment, now)),
        Event::LeaseLapsed => Err(Illegal::TooEarly),
        Event::CardPresented(_) | Event::Originated(_) => {
            let (next, mut effects) = cancelled(payment, now);
            effects.push(Effect::TellTerminal(Verdict::Refused));
            Ok((next, effects))
        }
        Event::CaptureRequested(_) => Err(Illegal::CaptureNotAllowed),
        Event::RefundReserved(_) => Err(Illegal::RefundNotAllowed),
        Event::TerminalAssigned { .. }
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

fn from_authorizing(
    payment: &Payment,
    request: &AuthorizationRequest,
    event: &Event,
    now: Timestamp,
    terms: &Terms,
) -> Outcome {
    match event {
        Event::Approved(approval) => approved(payment, request, approval, now, terms),
        Event::Declined(code) => Ok(declined(payment, request, *code, now)),
        Event::Silent => {
            let mut next = moved(payment, State::Uncertain { request: request.clone(), since: now });
            next.due_at = Some(now);
            let effects = vec![
                Effect::Announce(Announcement::Updated),
                Effect::TellTerminal(Verdict::Unknown),
                Effect::Inquire,
            ];
            Ok((next, effects))
        }
        Event::CancelRequested => Err(Illegal::CancelNotAllowed),
        Event::CaptureRequested(_) => Err(Illegal::CaptureNotAllowed),
        Event::RefundReserved(_) => Err(Illegal::RefundNotAllowed),
        Event::TerminalAssigned { .. }
        | Event::TerminalEnded(_)
        | Event::TerminalRefused(_)
        | Event::LeaseLapsed
        | Event::CardPresented(_)
        | Event::Originated(_)
        | Event::NotFound
        | Event::HoldLapsed
        | Event::AdviceAcknowledged
        | Event::AdviceUnanswered
        | Event::RefundReleased(_) => meaningless(payment, event),
    }
}

fn from_uncertain(
    payment: &Payment,
    request: &AuthorizationRequest,
    since: Timestamp,
    event: &Event,
    now: Timestamp,
    terms: &Terms,
) -> Outcome {
    match event {
        Event::Approved(approval) => approved(payment, request, approval, now, terms),
        Event::Declined(code) => Ok(declined(payment, request, *code, now)),
        Event::Silent | Event::NotFound if payment.offline.is_some() => {
            Ok(originated::waiting(payment, request, since, event, now, terms))
        }
        Event::Originated(again) => originated::sent_again(payment, request, again, now, terms),
        Event::Silent if now.ms_since(since) < terms.inquiry_window_ms => {
            // A window that begins in the future was opened by a clock that has gone back since: it begins now.
            let since = since.min(now);
            let mut next = moved(payment, State::Uncertain { request: request.clone(), since });
            next.due_at = Some(now.plus_ms(terms.inquiry_every_ms));
            Ok((next, vec![]))
        }
        // An acquirer that has not seen the request may see it yet: a reversal is what stops it.
        Event::Silent | Event::NotFound => {
            let mut next = moved(payment, State::Reversing { request: request.clone(), since });
            advise(&mut next, AdviceKind::Reversal, now);
            Ok((next, vec![Effect::Advise(AdviceKind::Reversal)]))
        }
        Event::CancelRequested => Err(Illegal::CancelNotAllowed),
        Event::CaptureRequested(_) => Err(Illegal::CaptureNotAllowed),
        Event::RefundReserved(_) => Err(Illegal::RefundNotAllowed),
        Event::TerminalAssigned { .. }
        | Event::TerminalEnded(_)
        | Event::TerminalRefused(_)
        | Event::LeaseLapsed
        | Event::CardPresented(_)
        | Event::HoldLapsed
        | Event::AdviceAcknowledged
        | Event::AdviceUnanswered
        | Event::RefundReleased(_) => meaningless(payment, event),
    }
}

/// A late approval stays reversed: answers to the request mean nothing any more.
fn from_reversing(
    payment: &Payment,
    request: &AuthorizationRequest,
    event: &Event,
    now: Timestamp,
    terms: &Terms,
) -> Outcome {
    match event {
        Event::AdviceAcknowledged => {
            let code = DeclineCode::CommunicationError;
            let (mut next, mut effects) = failed(payment, code, Some(request.clone()), now);
            next.advice = None;
            effects.push(Effect::TellTerminal(Verdict::Declined(code)));
            Ok((next, effects))
        }
        Event::AdviceUnanswered => Ok((advised_again(payment, now, terms), vec![])),
        Event::CancelRequested => Err(Illegal::CancelNotAllowed),
        Event::CaptureRequested(_) => Err(Illegal::CaptureNotAllowed),
        Event::RefundReserved(_) => Err(Illegal::RefundNotAllowed),
        Event::TerminalAssigned { .. }
        | Event::TerminalEnded(_)
        | Event::TerminalRefused(_)
        | Event::LeaseLapsed
        | Event::CardPresented(_)
        | Event::Originated(_)
        | Event::Approved(_)
        | Event::Declined(_)
        | Event::Silent
        | Event::NotFound
        | Event::HoldLapsed
        | Event::RefundReleased(_) => meaningless(payment, event),
    }
}

fn from_authorized(
    payment: &Payment,
    request: &AuthorizationRequest,
    approval: &Approval,
    expires_at: Timestamp,
    event: &Event,
    now: Timestamp,
    terms: &Terms,
) -> Outcome {
    match event {
        Event::CaptureRequested(_) | Event::CancelRequested if now >= expires_at => {
            Err(Illegal::AuthorizationExpired)
        }
        Event::CaptureRequested(amount) => captured(payment, request, approval, *amount, now, terms),
        Event::RefundReserved(_) => Err(Illegal::RefundNotAllowed),
        Event::CancelRequested => {
            let voided = Some((request.clone(), approval.clone()));
            let mut next = moved(payment, State::Cancelled { voided, at: now });
            advise(&mut next, AdviceKind::Reversal, now);
            let announced = Effect::Announce(Announcement::Cancelled);
            Ok((next, vec![announced, Effect::Advise(AdviceKind::Reversal)]))
        }
        Event::HoldLapsed if now >= expires_at => {
            let (request, approval) = (request.clone(), approval.clone());
            let mut next = moved(payment, State::Expired { request, approval, at: now });
            advise(&mut next, AdviceKind::Reversal, now);
            let announced = Effect::Announce(Announcement::Expired);
            Ok((next, vec![announced, Effect::Advise(AdviceKind::Reversal)]))
        }
        Event::HoldLapsed => Err(Illegal::TooEarly),
        Event::TerminalAssigned { .. }
        | Event::TerminalEnded(_)
        | Event::TerminalRefused(_)
        | Event::LeaseLapsed
        | Event::CardPresented(_)
        | Event::Originated(_)
        | Event::Approved(_)
        | Event::Declined(_)
        | Event::Silent
        | Event::NotFound
        | Event::AdviceAcknowledged
        | Event::AdviceUnanswered
        | Event::RefundReleased(_) => meaningless(payment, event),
    }
}

fn from_completed(payment: &Payment, event: &Event, now: Timestamp, terms: &Terms) -> Outcome {
    match event {
        Event::CaptureRequested(_) => Err(Illegal::AlreadyCaptured),
        Event::RefundReserved(amount_minor) => reserved(payment, *amount_minor),
        Event::RefundReleased(amount_minor) => released(payment, event, *amount_minor),
        Event::CancelRequested => Err(Illegal::CancelNotAllowed),
        Event::AdviceAcknowledged | Event::AdviceUnanswered => advice_answered(payment, event, now, terms),
        Event::TerminalAssigned { .. }
        | Event::TerminalEnded(_)
        | Event::TerminalRefused(_)
        | Event::LeaseLapsed
        | Event::CardPresented(_)
        | Event::Originated(_)
        | Event::Approved(_)
        | Event::Declined(_)
        | Event::Silent
        | Event::NotFound
        | Event::HoldLapsed => meaningless(payment, event),
    }
}

fn from_ended(payment: &Payment, event: &Event, now: Timestamp, terms: &Terms) -> Outcome {
    match event {
        Event::CaptureRequested(_) if matches!(payment.state, State::Expired { .. }) => {
            Err(Illegal::AuthorizationExpired)
        }
        Event::CaptureRequested(_) => Err(Illegal::CaptureNotAllowed),
        Event::RefundReserved(_) => Err(Illegal::RefundNotAllowed),
        Event::CancelRequested => Err(Illegal::CancelNotAllowed),
        Event::AdviceAcknowledged | Event::AdviceUnanswered => advice_answered(payment, event, now, terms),
        Event::TerminalAssigned { .. }
        | Event::TerminalEnded(_)
        | Event::TerminalRefused(_)
        | Event::LeaseLapsed
        | Event::CardPresented(_)
        | Event::Originated(_)
        | Event::Approved(_)
        | Event::Declined(_)
        | Event::Silent
        | Event::NotFound
        | Event::HoldLapsed
        | Event::RefundReleased(_) => meaningless(payment, event),
    }
}

fn authorizing(payment: &Payment, request: &AuthorizationRequest, now: Timestamp, terms: &Terms) -> Outcome {
    if request.attempt_epoch != payment.attempt_epoch || lease_is_over(payment, now, terms) {
        return Err(Illegal::Superseded);
    }
    check_amount(payment, request)?;
    Ok(asking(payment, request, now, terms))
}

/// The acquirer is about to be asked.
pub(super) fn asking(
    payment: &Payment,
    request: &AuthorizationRequest,
    now: Timestamp,
    terms: &Terms,
) -> (Payment, Vec<Effect>) {
    let mut next = moved(payment, State::Authorizing { request: request.clone(), asked_at: now });
    // Should the process that asks die, recovery takes over once the answer is overdue by the margin.
    next.due_at = Some(now.plus_ms(terms.acquirer_answer_ms + terms.margin_ms));
    (next, vec![Effect::Announce(Announcement::Updated), Effect::AskAcquirer])
}

/// Whether the request asks for what was asked, and the tip in it.
pub(super) fn check_amount(payment: &Payment, request: &AuthorizationRequest) -> Result<(), Illegal> {
    let tip_minor = request.tip.map_or(0, |tip| tip.amount_minor);
    if tip_minor < 0 || request.amount_minor != payment.asked.amount_minor.saturating_add(tip_minor) {
        return Err(Illegal::AmountMismatch);
    }
    Ok(())
}

fn approved(
    payment: &Payment,
    request: &AuthorizationRequest,
    approval: &Approval,
    now: Timestamp,
    terms: &Terms,
) -> Outcome {
    if approval.authorized_minor > request.amount_minor || approval.authorized_minor < 1 {
        return Err(Illegal::ApprovedTooMuch);
    }
    let (request, approval) = (request.clone(), approval.clone());
    let told = Effect::TellTerminal(Verdict::Approved(approval.clone()));
    let (mut next, announcement) = match payment.capture_method {
        CaptureMethod::Automatic => {
            let captured_minor = approval.authorized_minor;
            let state = State::Completed { request, approval, captured_minor, at: now };
            (moved(payment, state), Announcement::Completed)
        }
        CaptureMethod::Manual => {
            let expires_at = now.plus_ms(terms.hold_ms);
            (moved(payment, State::Authorized { request, approval, expires_at }), Announcement::Authorized)
        }
    };
    next.due_at = match &next.state {
        State::Authorized { expires_at, .. } => Some(*expires_at),
        _ => None,
    };
    Ok((next, vec![Effect::Announce(announcement), told]))
}

pub(super) fn declined(
    payment: &Payment,
    request: &AuthorizationRequest,
    code: DeclineCode,
    now: Timestamp,
) -> (Payment, Vec<Effect>) {
    // Whoever took the goods has long gone: this is not a card to be tried again.
    let code = if payment.offline.is_some() { DeclineCode::OfflineAuthDeclined } else { code };
    let (next, mut effects) = failed(payment, code, Some(request.clone()), now);
    effects.push(Effect::TellTerminal(Verdict::Declined(code)));
    (next, effects)
}

fn captured(
    payment: &Payment,
    request: &AuthorizationRequest,
    approval: &Approval,
    amount: Option<i64>,
    now: Timestamp,
    terms: &Terms,
) -> Outcome {
    let amount_minor = amount.unwrap_or(approval.authorized_minor);
    let most_minor = capture_ceiling_minor(approval.authorized_minor, terms.over_capture_percent);
    if amount_minor < 1 {
        return Err(Illegal::AmountTooSmall);
    }
    if amount_minor > most_minor {
        return Err(Illegal::AmountTooLarge { most_minor });
    }
    let state = State::Completed {
        request: request.clone(),
        approval: approval.clone(),
        captured_minor: amount_minor,
        at: now,
    };
    let mut next = moved(payment, state);
    advise(&mut next, AdviceKind::Capture { amount_minor }, now);
    let announced = Effect::Announce(Announcement::Completed);
    Ok((next, vec![announced, Effect::Advise(AdviceKind::Capture { amount_minor })]))
}

fn advice_answered(payment: &Payment, event: &Event, now: Timestamp, terms: &Terms) -> Outcome {
    if payment.advice.is_none() {
        return meaningless(payment, event);
    }
    if matches!(event, Event::AdviceUnanswered) {
        return Ok((advised_again(payment, now, terms), vec![]));
    }
    let mut next = payment.clone();
    next.advice = None;
    next.due_at = None;
    Ok((next, vec![]))
}

/// Money that is on its way back counts at once: refunds that race are judged against what the others left.
fn reserved(payment: &Payment, amount_minor: i64) -> Outcome {
    let left_minor = payment.refundable_minor();
    if amount_minor < 1 {
        return Err(Illegal::AmountTooSmall);
    }
    if amount_minor > left_minor {
        return Err(Illegal::RefundTooLarge { left_minor });
    }
    let next = Payment { refunded_minor: payment.refunded_minor + amount_minor, ..payment.clone() };
    Ok((next, vec![Effect::Announce(Announcement::Updated)]))
}

fn released(payment: &Payment, event: &Event, amount_minor: i64) -> Outcome {
    if !(1..=payment.refunded_minor).contains(&amount_minor) {
        return meaningless(payment, event);
    }
    let next = Payment { refunded_minor: payment.refunded_minor - amount_minor, ..payment.clone() };
    Ok((next, vec![Effect::Announce(Announcement::Updated)]))
}

fn advise(next: &mut Payment, kind: AdviceKind, now: Timestamp) {
    next.advice = Some(Advice { kind, attempts: 0 });
    next.due_at = Some(now);
}

fn advised_again(payment: &Payment, now: Timestamp, terms: &Terms) -> Payment {
    let mut next = payment.clone();
    if let Some(advice) = &mut next.advice {
        next.due_at = Some(now.plus_ms(terms.advice_pause_ms(advice.attempts)));
        advice.attempts = advice.attempts.saturating_add(1);
    }
    next
}

pub(super) fn cancelled(payment: &Payment, now: Timestamp) -> (Payment, Vec<Effect>) {
    let mut next = moved(payment, State::Cancelled { voided: None, at: now });
    next.due_at = None;
    (next, vec![Effect::Announce(Announcement::Cancelled)])
}

pub(super) fn failed(
    payment: &Payment,
    code: DeclineCode,
    request: Option<AuthorizationRequest>,
    now: Timestamp,
) -> (Payment, Vec<Effect>) {
    let mut next = moved(payment, State::Failed { code, request, at: now });
    next.due_at = None;
    (next, vec![Effect::Announce(Announcement::Failed)])
}

pub(super) fn moved(payment: &Payment, state: State) -> Payment {
    Payment { state, ..payment.clone() }
}

fn lease_is_over(payment: &Payment, now: Timestamp, terms: &Terms) -> bool {
    now >= payment.deadline.plus_ms(terms.margin_ms)
}

pub(super) fn meaningless(payment: &Payment, event: &Event) -> Outcome {
    Err(Illegal::Meaningless { state: payment.state.kind(), event: event.kind() })
}
