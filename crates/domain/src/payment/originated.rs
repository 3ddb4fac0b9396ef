//! Payments that begin at their terminal: how they come into being in the cloud, how one that both sides know becomes
//! one, and what becomes of an approval that the terminal gave alone. Which terminal asks, and whether the intent is free,
//! is found out elsewhere.

use super::accept::{Order, begun};
use super::event::{Effect, EndCause, Event, Illegal, Verdict};
use super::origin::{Birth, Forward, Origin, Originated};
use super::state::{AuthorizationRequest, Payment, State};
use super::step::{Outcome, asking, cancelled, check_amount, declined, failed, moved};
use super::{ResponseMode, Terms};
use crate::{DeclineCode, Timestamp};

/// A payment that has come into being. All of it belongs into one transaction.
#[derive(Clone, Debug, PartialEq)]
pub struct Adopted {
    /// As it was accepted at the terminal: what [`super::Announcement::Created`] shows.
    pub created: Payment,
    /// As it is now.
    pub payment: Payment,
    /// What follows; the announcements show the payment as it is now.
    pub effects: Vec<Effect>,
}

/// A payment that the cloud does not know, and whose terminal asks for its authorization or forwards its own approval.
///
/// # Errors
/// [`Illegal`] when the request cannot be passed on; then there is no payment.
pub fn adopt(birth: Birth, asked: &Originated, now: Timestamp, terms: &Terms) -> Result<Adopted, Illegal> {
    let created = born(birth, &asked.origin, now);
    let (next, effects) = taken(&created, asked, now, terms)?;
    Ok(followed(created, next, effects))
}

/// A payment that the cloud does not know, whose terminal asks for its authorization, and that may not be: it has failed,
/// and the acquirer is not asked. Not for what the terminal approved alone: that is a fact.
#[must_use]
pub fn adopt_refused(birth: Birth, asked: &Originated, code: DeclineCode, now: Timestamp) -> Adopted {
    let created = born(birth, &asked.origin, now);
    let (next, effects) = declined(&created, &asked.request, code, now);
    followed(created, next, effects)
}

/// A payment that the cloud does not know, and that ended at its terminal before a card was read.
#[must_use]
pub fn adopt_ended(birth: Birth, origin: &Origin, cause: EndCause, now: Timestamp) -> Adopted {
    let created = born(birth, origin, now);
    let (next, effects) = match cause.decline_code() {
        None => cancelled(&created, now),
        Some(code) => failed(&created, code, None, now),
    };
    followed(created, next, effects)
}

/// The cloud has a payment of the intent that waits for a card on the same terminal: it is the same payment.
pub(super) fn joined(payment: &Payment, asked: &Originated, now: Timestamp, terms: &Terms) -> Outcome {
    let origin = &asked.origin;
    let same = origin.asked == payment.asked
        && origin.reference == payment.reference
        && origin.capture_method == payment.capture_method;
    if !same {
        return Err(Illegal::AnotherPayment);
    }
    taken(payment, asked, now, terms)
}

/// The terminal sends what it approved alone once more. The acquirer knows a request by its name, so asking again under
/// the same name is the same question.
pub(super) fn sent_again(
    payment: &Payment,
    request: &AuthorizationRequest,
    again: &Originated,
    now: Timestamp,
    terms: &Terms,
) -> Outcome {
    if payment.offline.is_none() || again.forward.is_none() || again.request != *request {
        return Err(Illegal::Superseded);
    }
    Ok(asking(payment, request, now, terms))
}

/// Nothing is known of what the terminal approved alone: it is asked for at longer and longer intervals, and the
/// terminal is told when there is nothing to be found. It is never reversed, because the goods are gone.
pub(super) fn waiting(
    payment: &Payment,
    request: &AuthorizationRequest,
    since: Timestamp,
    event: &Event,
    now: Timestamp,
    terms: &Terms,
) -> (Payment, Vec<Effect>) {
    let since = since.min(now);
    let mut next = moved(payment, State::Uncertain { request: request.clone(), since });
    // As long again as it has been waited already.
    let pause_ms = now.ms_since(since).clamp(terms.inquiry_every_ms, terms.advice_longest_ms);
    let jitter_ms = pause_ms * i64::from(terms.jitter_permille.min(500)) / 1000;
    next.due_at = Some(now.plus_ms((pause_ms - jitter_ms).max(1)));
    let told = matches!(event, Event::NotFound).then_some(Effect::TellTerminal(Verdict::Again));
    (next, told.into_iter().collect())
}

fn taken(payment: &Payment, asked: &Originated, now: Timestamp, terms: &Terms) -> Outcome {
    if asked.request.attempt_epoch != 0 {
        return Err(Illegal::Superseded);
    }
    check_amount(payment, &asked.request)?;
    let Some(Forward { facts, max_age_ms, genuine }) = asked.forward else {
        return Ok(asking(payment, &asked.request, now, terms));
    };
    let alone = Payment { offline: Some(facts), ..payment.clone() };
    if !genuine || now.ms_since(facts.approved_at) > max_age_ms {
        return Ok(declined(&alone, &asked.request, DeclineCode::OfflineAuthDeclined, now));
    }
    Ok(asking(&alone, &asked.request, now, terms))
}

fn born(birth: Birth, origin: &Origin, now: Timestamp) -> Payment {
    let order = Order {
        id: birth.id,
        account: birth.account,
        livemode: birth.livemode,
        intent: birth.intent,
        terminal: Some(birth.terminal),
        group: None,
        location: birth.location,
        asked: origin.asked,
        capture_method: origin.capture_method,
        response_mode: ResponseMode::Sync,
        reference: origin.reference.clone(),
        description: origin.description.clone(),
        metadata: origin.metadata.clone(),
    };
    let payment = begun(order, birth.created_at, now, State::Pending);
    Payment { channel: origin.channel, ..payment }
}

/// One change is one event: the first was that it was created.
fn followed(created: Payment, next: Payment, effects: Vec<Effect>) -> Adopted {
    let announced = effects.iter().filter(|effect| matches!(effect, Effect::Announce(_))).count();
    let sequence = created.sequence + announced as u64;
    Adopted { created, payment: Payment { sequence, ..next }, effects }
}
