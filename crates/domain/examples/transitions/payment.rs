//! The table of the payment machine, made by asking it.

use std::collections::BTreeMap;
use std::sync::Arc;

use vinr_domain::payment::{
    Approval, AuthorizationRequest, CaptureMethod, Channel, Effect, EndCause, Event, Forward, Illegal,
    OfflineFacts, Order, Origin, Originated, Payment, ResponseMode, Terms, Tip, TipMode, Verdict, accept,
    enqueue, step,
};
use vinr_domain::{
    AccountId, Brand, CardFacts, Currency, DeclineCode, EntryMode, IntentId, Last4, Money, PaymentId,
    Timestamp,
};

use super::table::{Outcome, Sample, section};

const START: Timestamp = Timestamp(1_800_000_000_000);
const ASKED_MINOR: i64 = 4_000;
const TIP_MINOR: i64 = 500;
const MAX_AGE_MS: i64 = 4 * 3_600_000;

const PREFACE: &str = "# Every state and event of a payment\n\n\
Made by `cargo xtask gen` from `crates/domain/examples/transitions`; the machine itself fills it in. A dash means that \
the event has no meaning in the state and changes nothing. *Due* is when recovery looks at the payment again. An event \
whose payload or moment matters has a row for each case. The payment asks for 4000 minor units and gets a tip of \
500; a capture may exceed its authorization by 20 percent. *Approved alone* is what its terminal approved while it had \
no link; an approval may be four hours old.\n";

/// The whole table.
pub fn table() -> String {
    let sections = subjects().into_iter().map(|(title, payment, now)| {
        let samples: Vec<_> = events(&payment, now)
            .into_iter()
            .map(|(case, event, now)| Sample {
                event: format!("{:?}", event.kind()),
                case,
                outcome: outcome(&payment, &event, now),
            })
            .collect();
        section(&title, &["Event", "Next state", "Status", "Effects", "Due"], &samples)
    });
    std::iter::once(PREFACE.to_owned()).chain(sections).collect()
}

/// A payment in every state, capture method and advice that can matter, and the moment to ask it at.
fn subjects() -> Vec<(String, Payment, Timestamp)> {
    let mut all = Vec::new();
    for method in [CaptureMethod::Automatic, CaptureMethod::Manual] {
        let pending = pending(method);
        let reach = |events: &[Event]| {
            events.iter().fold(pending.clone(), |payment, event| {
                let stepped = step(&payment, event, START, &Terms::default());
                stepped.expect("the way to a subject is legal").0
            })
        };
        let asked = Event::CardPresented(request(&pending));
        let yes = Event::Approved(approval(ASKED_MINOR + TIP_MINOR));
        let mut add = |title: &str, payment: Payment| all.push((title.to_owned(), payment, START));
        let name = method.as_str();
        match method {
            CaptureMethod::Automatic => {
                add("Pending", reach(&[]));
                add("Queued", queued());
                let given = step(&queued(), &assigned(), START, &Terms::default());
                add("Pending, for a group", given.expect("a terminal is free").0);
                add("Cancelling", reach(&[Event::CancelRequested]));
                add("Failed", reach(&[Event::TerminalRefused(DeclineCode::TerminalBusy)]));
                add("Cancelled before a card", reach(&[Event::TerminalEnded(EndCause::Cancelled)]));
                add("Completed, nothing left to tell", reach(&[asked.clone(), yes.clone()]));
                let alone = Event::Originated(originated(Some(forward(START))));
                add("Authorizing, approved alone", reach(std::slice::from_ref(&alone)));
                add("Uncertain, approved alone", reach(&[alone, Event::Silent]));
                let refunded = [asked.clone(), yes.clone(), Event::RefundReserved(1_000)];
                add("Completed, 1000 of it refunded or on their way back", reach(&refunded));
            }
            CaptureMethod::Manual => {
                let held = [asked.clone(), yes.clone()];
                let captured = [&held[..], &[Event::CaptureRequested(None)]].concat();
                let voided = [&held[..], &[Event::CancelRequested]].concat();
                let lapse_at = START.plus_ms(Terms::default().hold_ms);
                let held = reach(&held);
                let expired = step(&held, &Event::HoldLapsed, lapse_at, &Terms::default());
                add("Authorized", held);
                add("Completed, capture to be told", reach(&captured));
                add("Cancelled after a hold, reversal to be told", reach(&voided));
                add("Expired, reversal to be told", expired.expect("the hold is over").0);
            }
        }
        add(&format!("Authorizing, {name} capture"), reach(std::slice::from_ref(&asked)));
        add(&format!("Uncertain, {name} capture"), reach(&[asked.clone(), Event::Silent]));
        if method == CaptureMethod::Automatic {
            add("Reversing", reach(&[asked, Event::Silent, Event::NotFound]));
        }
    }
    all.sort_by_key(|(_, payment, _)| {
        (payment.state.kind(), payment.capture_method == CaptureMethod::Manual)
    });
    all
}

/// Every event, with the payloads and moments that can make a difference.
fn events(payment: &Payment, now: Timestamp) -> Vec<(&'static str, Event, Timestamp)> {
    let terms = Terms::default();
    // Nobody holds a payment that waits, so there is no margin to wait for.
    let lapsed = payment.deadline.plus_ms(if payment.is_queued() { 0 } else { terms.margin_ms });
    let wait_over = if payment.group.is_some() { payment.created_at.plus_ms(terms.queue_ms) } else { now };
    let released = now.plus_ms(terms.hold_ms);
    let request = request(payment);
    let stale =
        AuthorizationRequest { attempt_epoch: payment.attempt_epoch.saturating_sub(1), ..request.clone() };
    let dearer = AuthorizationRequest { amount_minor: request.amount_minor + 1, ..request.clone() };
    let all = request.amount_minor;
    let old = now.plus_ms(-MAX_AGE_MS - 1);
    let altered = Forward { genuine: false, ..forward(START) };
    let mut other = *originated(None);
    other.origin.reference = Some("another".into());
    // Only a hold ends; a payment without one is asked at one moment, or the same row would stand there twice.
    let released_or_now = if payment.state.approval().is_some() { released } else { now };
    vec![
        ("in time", assigned(), now),
        ("once the wait is over", assigned(), if payment.is_queued() { payment.deadline } else { now }),
        ("while it is held", Event::CancelRequested, now),
        ("once the hold is over", Event::CancelRequested, released_or_now),
        ("", Event::TerminalEnded(EndCause::PromptTimedOut), now),
        ("busy", Event::TerminalRefused(DeclineCode::TerminalBusy), now),
        ("busy, once the wait is over", Event::TerminalRefused(DeclineCode::TerminalBusy), wait_over),
        ("it may have prompted", Event::TerminalRefused(DeclineCode::CommunicationError), now),
        ("before lease and margin are over", Event::LeaseLapsed, lapsed.plus_ms(-1)),
        ("when lease and margin are over", Event::LeaseLapsed, lapsed),
        ("in time", Event::CardPresented(request.clone()), now),
        ("once lease and margin are over", Event::CardPresented(request), lapsed),
        ("for a superseded command", Event::CardPresented(stale), now),
        ("for another amount", Event::CardPresented(dearer), now),
        ("asked first", Event::Originated(originated(None)), now),
        ("approved alone", Event::Originated(originated(Some(forward(START)))), now),
        ("approved alone, too long ago", Event::Originated(originated(Some(forward(old)))), now),
        ("approved alone, and altered", Event::Originated(originated(Some(altered))), now),
        ("for another reference", Event::Originated(Box::new(other)), now),
        ("all of it", Event::Approved(approval(all)), now),
        ("a part", Event::Approved(approval(all - 1_000)), now),
        ("more than was asked", Event::Approved(approval(all + 1)), now),
        ("", Event::Declined(DeclineCode::InsufficientFunds), now),
        ("within the inquiry window", Event::Silent, now),
        ("after the inquiry window", Event::Silent, now.plus_ms(terms.inquiry_window_ms)),
        ("", Event::NotFound, now),
        ("all of it", Event::CaptureRequested(None), now),
        ("a part", Event::CaptureRequested(Some(1)), now),
        ("the most", Event::CaptureRequested(Some(all + all / 5)), now),
        ("more than the most", Event::CaptureRequested(Some(all + all / 5 + 1)), now),
        ("nothing", Event::CaptureRequested(Some(0)), now),
        ("once the hold is over", Event::CaptureRequested(None), released),
        ("before the hold is over", Event::HoldLapsed, released.plus_ms(-1)),
        ("when the hold is over", Event::HoldLapsed, released),
        ("", Event::AdviceAcknowledged, now),
        ("", Event::AdviceUnanswered, now),
        ("all of it", Event::RefundReserved(all), now),
        ("a part", Event::RefundReserved(1), now),
        ("more than is left", Event::RefundReserved(all + 1), now),
        ("nothing", Event::RefundReserved(0), now),
        ("what was reserved", Event::RefundReleased(1), now),
        ("more than was reserved", Event::RefundReleased(all + 1), now),
    ]
}

fn outcome(payment: &Payment, event: &Event, now: Timestamp) -> Outcome {
    let cells = match step(payment, event, now, &Terms::default()) {
        Err(Illegal::Meaningless { .. }) => vec!["–".to_owned(), String::new(), String::new(), String::new()],
        Err(illegal) => vec![format!("refused: {illegal:?}"), String::new(), String::new(), String::new()],
        Ok((next, effects)) => {
            let same = next.state == payment.state;
            let state = if same { "unchanged".to_owned() } else { state_name(&next) };
            let effects: Vec<_> = effects.iter().map(effect_name).collect();
            let due = next.due_at.map_or("never".to_owned(), |due| format!("+{} ms", due.ms_since(now)));
            vec![state, next.status().as_str().to_owned(), effects.join(", "), due]
        }
    };
    Outcome { cells }
}

fn state_name(payment: &Payment) -> String {
    let name = format!("{:?}", payment.state.kind());
    if payment.captured_minor() > 0 { format!("{name} ({} taken)", payment.captured_minor()) } else { name }
}

fn effect_name(effect: &Effect) -> String {
    match effect {
        Effect::TellTerminal(Verdict::Approved(approval)) => {
            format!("TellTerminal(Approved {})", approval.authorized_minor)
        }
        Effect::WaitAgain
        | Effect::SendCancel
        | Effect::AskAcquirer
        | Effect::Inquire
        | Effect::Advise(_)
        | Effect::TellTerminal(_)
        | Effect::Announce(_) => format!("{effect:?}").replace("{ ", "").replace(" }", ""),
    }
}

fn pending(capture_method: CaptureMethod) -> Payment {
    accept(order(capture_method), START, &Terms::default()).0
}

/// It waits for whichever of two terminals is free first.
fn queued() -> Payment {
    let group: Arc<[Arc<str>]> = Arc::new(["term_1".into(), "term_2".into()]);
    let order = Order { terminal: None, group: Some(group), ..order(CaptureMethod::Automatic) };
    enqueue(order, START, &Terms::default()).0
}

fn assigned() -> Event {
    Event::TerminalAssigned { terminal: "term_1".into(), location: None }
}

fn order(capture_method: CaptureMethod) -> Order {
    Order {
        id: PaymentId(1),
        account: AccountId::parse("acct_1").expect("a well-formed id"),
        livemode: false,
        intent: IntentId(2),
        terminal: Some("term_1".into()),
        group: None,
        location: None,
        asked: Money { amount_minor: ASKED_MINOR, currency: Currency::parse("EUR").expect("a currency") },
        capture_method,
        response_mode: ResponseMode::Async,
        reference: None,
        description: None,
        metadata: BTreeMap::new().into(),
    }
}

fn request(payment: &Payment) -> AuthorizationRequest {
    AuthorizationRequest {
        stan: 7,
        generation: 1,
        attempt_epoch: payment.attempt_epoch,
        card: CardFacts {
            brand: Brand::Visa,
            last4: Last4::parse("4242").expect("four digits"),
            entry_mode: EntryMode::Contactless,
        },
        amount_minor: ASKED_MINOR + TIP_MINOR,
        tip: Some(Tip { amount_minor: TIP_MINOR, mode: TipMode::Preset }),
    }
}

/// What the terminal sends of a payment that began there.
fn originated(forward: Option<Forward>) -> Box<Originated> {
    let pending = pending(CaptureMethod::Automatic);
    let origin = Origin {
        channel: Channel::Local,
        payment: pending.id,
        asked: pending.asked,
        capture_method: pending.capture_method,
        reference: None,
        description: None,
        metadata: BTreeMap::new().into(),
        created_at: START,
    };
    let request = AuthorizationRequest { attempt_epoch: 0, ..request(&pending) };
    Box::new(Originated { origin, request, forward })
}

fn forward(approved_at: Timestamp) -> Forward {
    Forward { facts: OfflineFacts { approved_at, number: 1 }, max_age_ms: MAX_AGE_MS, genuine: true }
}

fn approval(authorized_minor: i64) -> Approval {
    Approval { authorized_minor, auth_code: "A1B2C3".into(), at: START }
}
