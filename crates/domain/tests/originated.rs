//! Payments that begin at their terminal: what they are when the cloud first hears of them, and that an approval which
//! the terminal gave alone ends as money, as a no, or goes on being asked for; never as a reversal.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on must stop")]

use std::collections::BTreeMap;

use vinr_domain::payment::{
    Announcement, Approval, AuthorizationRequest, Birth, CaptureMethod, Channel, Effect, EndCause, Event,
    Forward, Illegal, OfflineFacts, Origin, Originated, Payment, State, StateKind, Status, Terms, Verdict,
    accept, adopt, adopt_ended, adopt_refused, believed_creation, step,
};
use vinr_domain::{
    AccountId, Brand, CardFacts, Currency, DeclineCode, EntryMode, IntentId, Last4, Money, PaymentId,
    Timestamp,
};

const NOW: Timestamp = Timestamp(1_800_000_000_000);
const HOUR_MS: i64 = 3_600_000;

fn origin() -> Origin {
    Origin {
        channel: Channel::Cashless,
        payment: PaymentId(PaymentId::first_at(NOW.0 - 2_000).0 + 77),
        asked: Money { amount_minor: 2_500, currency: Currency::parse("EUR").unwrap() },
        capture_method: CaptureMethod::Automatic,
        reference: Some("order 7".into()),
        description: Some("two coffees".into()),
        metadata: BTreeMap::from([("connectionMode".to_owned(), "local".to_owned())]).into(),
        created_at: NOW.plus_ms(-1_500),
    }
}

fn birth(origin: &Origin) -> Birth {
    Birth {
        id: origin.payment,
        account: AccountId::parse("acct_1").unwrap(),
        livemode: false,
        intent: IntentId(5),
        terminal: "term_1".into(),
        location: None,
        created_at: believed_creation(origin, NOW).unwrap(),
    }
}

fn asked(forward: Option<Forward>) -> Originated {
    let request = AuthorizationRequest {
        stan: 7,
        generation: 1,
        attempt_epoch: 0,
        card: CardFacts {
            brand: Brand::Visa,
            last4: Last4::parse("4242").unwrap(),
            entry_mode: EntryMode::Contactless,
        },
        amount_minor: 2_500,
        tip: None,
    };
    Originated { origin: origin(), request, forward }
}

fn alone(hours_ago: i64) -> Option<Forward> {
    let facts = OfflineFacts { approved_at: NOW.plus_ms(-hours_ago * HOUR_MS), number: 3 };
    Some(Forward { facts, max_age_ms: 4 * HOUR_MS, genuine: true })
}

fn adopted(forward: Option<Forward>) -> (Payment, Vec<Effect>) {
    let asked = asked(forward);
    let born = adopt(birth(&asked.origin), &asked, NOW, &Terms::default()).unwrap();
    assert_eq!((born.created.status(), born.created.sequence), (Status::Pending, 1));
    assert_eq!((born.payment.sequence, born.payment.revision), (2, 1));
    (born.payment, born.effects)
}

fn then(payment: &Payment, event: &Event) -> (Payment, Vec<Effect>) {
    step(payment, event, NOW, &Terms::default()).unwrap()
}

fn yes() -> Event {
    Event::Approved(Approval { authorized_minor: 2_500, auth_code: "A1".into(), at: NOW })
}

#[test]
fn what_may_not_be_has_failed_without_a_question_and_the_request_is_on_record() {
    let asked = asked(None);
    let born = adopt_refused(birth(&asked.origin), &asked, DeclineCode::AccountSuspended, NOW);
    let State::Failed { code, request, .. } = &born.payment.state else { panic!("{:?}", born.payment.state) };
    assert_eq!((*code, request.as_ref()), (DeclineCode::AccountSuspended, Some(&asked.request)));
    assert!(!born.effects.contains(&Effect::AskAcquirer));
    let told = Effect::TellTerminal(Verdict::Declined(DeclineCode::AccountSuspended));
    assert!(born.effects.contains(&told) && born.effects.contains(&Effect::Announce(Announcement::Failed)));
}

#[test]
fn a_payment_that_begins_at_its_terminal_is_asked_for_at_once_and_keeps_what_was_said_there() {
    let (payment, effects) = adopted(None);
    let origin = origin();
    assert_eq!((payment.id, payment.channel), (origin.payment, Channel::Cashless));
    assert_eq!((&payment.reference, &payment.metadata), (&origin.reference, &origin.metadata));
    assert_eq!((payment.created_at, payment.attempt_epoch), (origin.created_at, 0));
    assert_eq!(effects, [Effect::Announce(Announcement::Updated), Effect::AskAcquirer]);
    assert!(payment.occupies_terminal() && payment.offline.is_none());
    assert_eq!(then(&payment, &yes()).0.status(), Status::Completed);
    let declined = then(&payment, &Event::Declined(DeclineCode::ExpiredCard)).0;
    assert!(matches!(declined.state, State::Failed { code: DeclineCode::ExpiredCard, .. }));
    let silent = then(&payment, &Event::Silent).0;
    assert_eq!(then(&silent, &Event::NotFound).0.state.kind(), StateKind::Reversing);
}

#[test]
fn a_payment_that_ended_at_its_terminal_is_on_record_as_cancelled() {
    let origin = origin();
    let born = adopt_ended(birth(&origin), &origin, EndCause::PromptTimedOut, NOW);
    assert_eq!((born.created.status(), born.payment.status()), (Status::Pending, Status::Cancelled));
    assert_eq!((born.created.sequence, born.payment.sequence, born.payment.due_at), (1, 2, None));
    assert_eq!(born.effects, [Effect::Announce(Announcement::Cancelled)]);
}

#[test]
fn only_a_request_under_no_command_and_for_what_was_asked_is_adopted() {
    let refused =
        |asked: &Originated| adopt(birth(&asked.origin), asked, NOW, &Terms::default()).unwrap_err();
    let mut commanded = asked(None);
    commanded.request.attempt_epoch = 1;
    assert_eq!(refused(&commanded), Illegal::Superseded);
    let mut dearer = asked(alone(0));
    dearer.request.amount_minor += 1;
    assert_eq!(refused(&dearer), Illegal::AmountMismatch);
}

#[test]
fn what_was_approved_alone_is_asked_for_until_there_is_an_answer_and_is_never_reversed() {
    let (payment, effects) = adopted(alone(3));
    assert!(effects.contains(&Effect::AskAcquirer) && !payment.occupies_terminal());
    let (silent, effects) = then(&payment, &Event::Silent);
    assert!(effects.contains(&Effect::TellTerminal(Verdict::Unknown)));
    let (mut waiting, mut now, mut pauses) = (silent, NOW, Vec::new());
    for round in 0..40 {
        let event = if round % 2 == 0 { Event::Silent } else { Event::NotFound };
        let (next, effects) = step(&waiting, &event, now, &Terms::default()).unwrap();
        assert_eq!(effects.contains(&Effect::TellTerminal(Verdict::Again)), event == Event::NotFound);
        assert_eq!((next.state.kind(), next.advice), (StateKind::Uncertain, None));
        pauses.push(next.due_at.unwrap().ms_since(now));
        now = next.due_at.unwrap();
        waiting = next;
    }
    let (shortest, longest) = (Terms::default().inquiry_every_ms, Terms::default().advice_longest_ms);
    assert!(pauses.is_sorted() && pauses[0] == shortest && pauses[39] == longest, "{pauses:?}");

    let again = Event::Originated(Box::new(asked(alone(3))));
    let (asking, effects) = step(&waiting, &again, now, &Terms::default()).unwrap();
    assert_eq!((asking.state.kind(), asking.offline), (StateKind::Authorizing, payment.offline));
    assert!(effects.contains(&Effect::AskAcquirer));
    let mut another = asked(alone(3));
    another.request.stan += 1;
    let another = Event::Originated(Box::new(another));
    assert_eq!(step(&waiting, &another, now, &Terms::default()), Err(Illegal::Superseded));
    assert_eq!(then(&asking, &yes()).0.status(), Status::Completed);
}

#[test]
fn the_issuers_no_and_old_age_are_the_same_no_and_old_age_asks_nobody() {
    let no = |payment: &Payment| {
        matches!(
            payment.state,
            State::Failed { code: DeclineCode::OfflineAuthDeclined, request: Some(_), .. }
        )
    };
    let (payment, _) = adopted(alone(1));
    let (declined, effects) = then(&payment, &Event::Declined(DeclineCode::InsufficientFunds));
    assert!(no(&declined));
    assert!(effects.contains(&Effect::TellTerminal(Verdict::Declined(DeclineCode::OfflineAuthDeclined))));
    let (old, effects) = adopted(alone(5));
    assert!(no(&old) && !effects.contains(&Effect::AskAcquirer) && old.offline.is_some());
    let (altered, effects) = adopted(alone(1).map(|forward| Forward { genuine: false, ..forward }));
    assert!(no(&altered) && !effects.contains(&Effect::AskAcquirer));
}

#[test]
fn a_command_that_waits_on_the_terminal_is_the_same_payment_if_it_asks_for_the_same() {
    let asked = asked(alone(0));
    let order = vinr_domain::payment::Order {
        id: PaymentId(1),
        account: AccountId::parse("acct_1").unwrap(),
        livemode: false,
        intent: IntentId(5),
        terminal: Some("term_1".into()),
        group: None,
        location: None,
        asked: asked.origin.asked,
        capture_method: asked.origin.capture_method,
        response_mode: vinr_domain::payment::ResponseMode::Sync,
        reference: asked.origin.reference.clone(),
        description: None,
        metadata: BTreeMap::new().into(),
    };
    let (commanded, _) = accept(order, NOW, &Terms::default());
    let (joined, _) = then(&commanded, &Event::Originated(Box::new(asked.clone())));
    assert_eq!(
        (joined.id, joined.channel, joined.state.kind()),
        (PaymentId(1), Channel::Cloud, StateKind::Authorizing)
    );
    assert!(joined.offline.is_some());
    let mut other = asked.clone();
    other.origin.reference = None;
    let refused = step(&commanded, &Event::Originated(Box::new(other)), NOW, &Terms::default());
    assert_eq!(refused, Err(Illegal::AnotherPayment));
    let cancelling = then(&commanded, &Event::CancelRequested).0;
    let (cancelled, effects) = then(&cancelling, &Event::Originated(Box::new(asked)));
    assert_eq!(cancelled.status(), Status::Cancelled);
    assert!(
        effects.contains(&Effect::TellTerminal(Verdict::Refused)) && !effects.contains(&Effect::AskAcquirer)
    );
}

#[test]
fn a_name_is_kept_when_the_time_in_it_can_be_true() {
    let at = |ms: i64| PaymentId(PaymentId::first_at(NOW.0 + ms).0 + 1);
    let named = |ms: i64, created: i64| {
        believed_creation(&Origin { payment: at(ms), created_at: NOW.plus_ms(created), ..origin() }, NOW)
    };
    assert_eq!(named(-25 * HOUR_MS, -25 * HOUR_MS), Some(NOW.plus_ms(-25 * HOUR_MS)));
    assert_eq!(named(-25 * HOUR_MS - 1, 0), None);
    assert_eq!(named(60_000, 0), Some(NOW.plus_ms(1_000)), "near the name, whatever is said");
    assert_eq!(named(60_001, 0), None);
    assert_eq!(named(-HOUR_MS, 0), Some(NOW.plus_ms(-HOUR_MS + 59_000)));
}
