//! Whatever happens to a payment, in whatever order: what must never be, and that it always comes to an end.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on must stop")]

#[path = "payment/alone.rs"]
mod alone;

use std::collections::BTreeMap;
use std::sync::Arc;

use proptest::prelude::*;
use vinr_domain::payment::{
    AdviceKind, Approval, AuthorizationRequest, CaptureMethod, Effect, EndCause, Event, Illegal, Order,
    Payment, ResponseMode, State, StateKind, Status, Terms, Tip, TipMode, accept, capture_ceiling_minor,
    enqueue, refuse, step,
};
use vinr_domain::{
    AccountId, Brand, CardFacts, Currency, DeclineCode, EntryMode, IntentId, Last4, Money, PaymentId,
    Timestamp,
};

const START: Timestamp = Timestamp(1_800_000_000_000);
const ASKED_MINOR: i64 = 2_500;

fn order(capture_method: CaptureMethod) -> Order {
    Order {
        id: PaymentId(1),
        account: AccountId::parse("acct_1").unwrap(),
        livemode: false,
        intent: IntentId(2),
        terminal: Some("term_1".into()),
        group: None,
        location: None,
        asked: Money { amount_minor: ASKED_MINOR, currency: Currency::parse("EUR").unwrap() },
        capture_method,
        response_mode: ResponseMode::Sync,
        reference: None,
        description: None,
        metadata: BTreeMap::new().into(),
    }
}

/// The same order for whichever of two terminals is free first.
fn order_of_group(capture_method: CaptureMethod) -> Order {
    let group: Arc<[Arc<str>]> = Arc::new(["term_1".into(), "term_2".into()]);
    Order { terminal: None, group: Some(group), ..order(capture_method) }
}

fn begun(capture_method: CaptureMethod, waits: bool, terms: &Terms) -> Payment {
    if waits {
        enqueue(order_of_group(capture_method), START, terms).0
    } else {
        accept(order(capture_method), START, terms).0
    }
}

fn request(payment: &Payment, tip_minor: i64) -> AuthorizationRequest {
    AuthorizationRequest {
        stan: 7,
        generation: 1,
        attempt_epoch: payment.attempt_epoch,
        card: CardFacts {
            brand: Brand::Visa,
            last4: Last4::parse("4242").unwrap(),
            entry_mode: EntryMode::Chip,
        },
        amount_minor: ASKED_MINOR + tip_minor,
        tip: (tip_minor != 0).then_some(Tip { amount_minor: tip_minor, mode: TipMode::Custom }),
    }
}

/// An event without the figures that only make sense for the payment it happens to.
#[derive(Clone, Copy, Debug)]
enum Happening {
    Plain(usize),
    /// The number of the terminal.
    Assigned(u8),
    /// Tip, and how far the fence and the amount are off.
    Card {
        tip_minor: i64,
        epoch_off: i64,
        amount_off: i64,
    },
    /// What began at the terminal: whether it was approved there, and how long ago.
    Originated {
        alone_since_ms: Option<i64>,
        same: bool,
    },
    /// Of what was asked, in percent.
    Approval {
        percent: i64,
    },
    /// Of what is held, in percent; `None` for all of it.
    Capture {
        percent: Option<i64>,
    },
    /// Of what was taken, in percent.
    Refund {
        percent: i64,
    },
    /// Of what is being given back, in percent.
    RefundFailed {
        percent: i64,
    },
}

const PLAIN: [Event; 10] = [
    Event::CancelRequested,
    Event::TerminalEnded(EndCause::CustomerCancelled),
    Event::TerminalRefused(DeclineCode::TerminalBusy),
    Event::LeaseLapsed,
    Event::Declined(DeclineCode::InsufficientFunds),
    Event::Silent,
    Event::NotFound,
    Event::HoldLapsed,
    Event::AdviceAcknowledged,
    Event::AdviceUnanswered,
];

fn happening() -> impl Strategy<Value = Happening> {
    prop_oneof![
        10 => (0..PLAIN.len()).prop_map(Happening::Plain),
        6 => (1_u8..=2).prop_map(Happening::Assigned),
        4 => (0_i64..900).prop_map(|tip_minor| Happening::Card { tip_minor, epoch_off: 0, amount_off: 0 }),
        1 => (-9_i64..900, -1_i64..=1, -1_i64..=1)
            .prop_map(|(tip_minor, epoch_off, amount_off)| Happening::Card { tip_minor, epoch_off, amount_off }),
        3 => (prop::option::weighted(0.8, 0_i64..5 * 3_600_000), prop::bool::weighted(0.9))
            .prop_map(|(alone_since_ms, same)| Happening::Originated { alone_since_ms, same }),
        4 => Just(Happening::Approval { percent: 100 }),
        2 => (0_i64..=104).prop_map(|percent| Happening::Approval { percent }),
        3 => prop::option::of(-10_i64..140).prop_map(|percent| Happening::Capture { percent }),
        3 => (-10_i64..110).prop_map(|percent| Happening::Refund { percent }),
        1 => (-10_i64..110).prop_map(|percent| Happening::RefundFailed { percent }),
    ]
}

fn assigned(number: u8) -> Event {
    Event::TerminalAssigned { terminal: format!("term_{number}").into(), location: None }
}

fn event(payment: &Payment, happening: Happening, now: Timestamp) -> Event {
    match happening {
        Happening::Plain(at) => PLAIN[at].clone(),
        Happening::Assigned(number) => assigned(number),
        Happening::Card { tip_minor, epoch_off, amount_off } => {
            let mut request = request(payment, tip_minor);
            request.attempt_epoch = request.attempt_epoch.saturating_add_signed(epoch_off as i32);
            request.amount_minor += amount_off;
            Event::CardPresented(request)
        }
        Happening::Originated { alone_since_ms, same } => {
            alone::originated(payment, &request(payment, 0), alone_since_ms.map(|ms| now.plus_ms(-ms)), same)
        }
        Happening::Approval { percent } => {
            let asked_minor = payment.state.request().map_or(ASKED_MINOR, |request| request.amount_minor);
            let authorized_minor = asked_minor * percent / 100;
            Event::Approved(Approval { authorized_minor, auth_code: "A1".into(), at: now })
        }
        Happening::Capture { percent } => {
            let held_minor = payment.state.approval().map_or(ASKED_MINOR, |held| held.authorized_minor);
            Event::CaptureRequested(percent.map(|percent| held_minor * percent / 100))
        }
        Happening::Refund { percent } => Event::RefundReserved(payment.captured_minor() * percent / 100),
        Happening::RefundFailed { percent } => Event::RefundReleased(payment.refunded_minor * percent / 100),
    }
}

/// How much time passes before something happens: moments, or long enough for leases and holds to end.
fn pause_ms() -> impl Strategy<Value = i64> {
    prop_oneof![6 => 0_i64..3_000, 2 => 3_000_i64..120_000, 1 => 0_i64..8 * 24 * 3_600_000]
}

fn method() -> impl Strategy<Value = CaptureMethod> {
    prop::sample::select(vec![CaptureMethod::Automatic, CaptureMethod::Manual])
}

fn story() -> impl Strategy<Value = Vec<(i64, Happening)>> {
    prop::collection::vec((pause_ms(), happening()), 0..40)
}

/// Whether the acquirer may have heard of it.
fn acquirer_asked(state: &State) -> bool {
    !matches!(state.kind(), StateKind::Pending | StateKind::Cancelling) && state.request().is_some()
}

/// What must be true of a payment at any time.
fn always(payment: &Payment, terms: &Terms) -> Result<(), TestCaseError> {
    if let (Some(request), Some(approval)) = (payment.state.request(), payment.state.approval()) {
        let authorized_minor = approval.authorized_minor;
        prop_assert!((1..=request.amount_minor).contains(&authorized_minor));
        let most = capture_ceiling_minor(authorized_minor, terms.over_capture_percent);
        prop_assert!(payment.captured_minor() <= most);
    } else {
        prop_assert_eq!(payment.captured_minor(), 0, "nothing is taken without an approval");
    }
    prop_assert!(
        (0..=payment.captured_minor()).contains(&payment.refunded_minor),
        "refunded beyond captured"
    );
    let nobody_has_it = payment.terminal.is_none();
    let never_had_one = matches!(payment.state.kind(), StateKind::Failed | StateKind::Cancelled);
    prop_assert_eq!(payment.is_queued(), nobody_has_it && !never_had_one, "who waits has no terminal");
    prop_assert!(!nobody_has_it || payment.state.request().is_none(), "a card needs a terminal");
    let left_to_do = !payment.status().is_final() || payment.advice.is_some();
    prop_assert_eq!(
        payment.due_at.is_some(),
        left_to_do,
        "{:?} due {:?}",
        payment.state.kind(),
        payment.due_at
    );
    prop_assert_eq!(
        payment.outcome_unknown(),
        matches!(payment.state.kind(), StateKind::Uncertain | StateKind::Reversing)
    );
    Ok(())
}

/// From one terminal to another only over the queue, and every terminal has a fence of its own.
fn moved(before: &Payment, after: &Payment) -> Result<(), TestCaseError> {
    if before.terminal != after.terminal {
        prop_assert!(
            before.is_queued() || after.is_queued(),
            "from one terminal to another only over the queue"
        );
        let raised = u32::from(before.is_queued());
        prop_assert_eq!(
            after.attempt_epoch,
            before.attempt_epoch + raised,
            "every terminal has its own fence"
        );
    }
    prop_assert_eq!(&after.group, &before.group);
    Ok(())
}

/// What must be true of every step.
fn between(
    before: &Payment,
    event: &Event,
    after: &Payment,
    effects: &[Effect],
) -> Result<(), TestCaseError> {
    let announced = effects.iter().filter(|effect| matches!(effect, Effect::Announce(_))).count() as u64;
    prop_assert_eq!(after.revision, before.revision + 1);
    prop_assert_eq!(after.sequence, before.sequence + announced);
    prop_assert!(announced <= 1, "one change, one event");
    prop_assert_eq!(
        announced == 1,
        before.status() != after.status()
            || before.terminal != after.terminal
            || (before.state.kind(), after.state.kind()) == (StateKind::Authorizing, StateKind::Uncertain)
            || (before.state.kind(), after.state.kind()) == (StateKind::Uncertain, StateKind::Authorizing)
            || before.refunded_minor != after.refunded_minor
    );
    alone::approved_alone(before, event, after)?;
    moved(before, after)?;
    prop_assert!(after.attempt_epoch >= before.attempt_epoch, "a fence never falls");
    let moved_minor = match event {
        Event::RefundReserved(amount_minor) => *amount_minor,
        Event::RefundReleased(amount_minor) => -amount_minor,
        _ => 0,
    };
    prop_assert_eq!(after.refunded_minor, before.refunded_minor + moved_minor);
    if before.status().is_final() {
        prop_assert_eq!(&before.state, &after.state, "final is final");
        prop_assert!(
            after.advice.is_none() || after.advice.map(|one| one.kind) == before.advice.map(|one| one.kind)
        );
    }
    if acquirer_asked(&before.state) {
        prop_assert_eq!(before.state.request(), after.state.request(), "what was asked does not change");
        if *event == Event::CancelRequested {
            prop_assert_eq!(
                before.state.kind(),
                StateKind::Authorized,
                "only a hold can still be called off"
            );
        }
    }
    if before.outcome_unknown() && !after.outcome_unknown() {
        let learned = matches!(
            (before.state.kind(), event),
            (StateKind::Uncertain, Event::Approved(_) | Event::Declined(_) | Event::Originated(_))
                | (StateKind::Reversing, Event::AdviceAcknowledged)
        );
        prop_assert!(learned, "{:?} made {:?} of something unknown", event, after.state.kind());
    }
    let advised = effects.iter().find_map(|effect| match effect {
        Effect::Advise(kind) => Some(*kind),
        _ => None,
    });
    if let Some(kind) = advised {
        prop_assert_eq!(
            after.advice.map(|advice| advice.kind),
            Some(kind),
            "advice is remembered before it is given"
        );
    }
    if before.advice.is_some() && after.advice.is_none() {
        prop_assert_eq!(event, &Event::AdviceAcknowledged, "advice is never given up");
    }
    Ok(())
}

/// What the world does when it is kind to a payment that is due: it says what recovery would learn.
fn kindness(payment: &Payment) -> Option<Event> {
    if payment.advice.is_some() {
        return Some(Event::AdviceAcknowledged);
    }
    match payment.state.kind() {
        StateKind::Queued | StateKind::Pending | StateKind::Cancelling => Some(Event::LeaseLapsed),
        StateKind::Uncertain if payment.offline.is_some() => Some(Event::Declined(DeclineCode::CardDeclined)),
        StateKind::Authorizing => Some(Event::Silent),
        StateKind::Uncertain => Some(Event::NotFound),
        StateKind::Reversing => Some(Event::AdviceAcknowledged),
        StateKind::Authorized => Some(Event::HoldLapsed),
        StateKind::Completed | StateKind::Failed | StateKind::Cancelled | StateKind::Expired => None,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_096, ..ProptestConfig::default() })]

    #[test]
    fn no_order_of_events_breaks_a_payment(method in method(), waits: bool, story in story()) {
        let terms = Terms::default();
        let mut payment = begun(method, waits, &terms);
        let mut now = START;
        always(&payment, &terms)?;
        for (pause_ms, happening) in story {
            now = now.plus_ms(pause_ms);
            let event = event(&payment, happening, now);
            let untouched = payment.clone();
            let stepped = step(&payment, &event, now, &terms);
            prop_assert_eq!(&payment, &untouched);
            let Ok((next, effects)) = stepped else { continue };
            between(&payment, &event, &next, &effects)?;
            always(&next, &terms)?;
            payment = next;
        }
        // From wherever that led, a kind world brings it to an end.
        let mut steps = 0;
        while let Some(event) = kindness(&payment) {
            now = now.max(payment.due_at.unwrap());
            let (next, effects) = step(&payment, &event, now, &terms).unwrap();
            between(&payment, &event, &next, &effects)?;
            always(&next, &terms)?;
            payment = next;
            steps += 1;
            prop_assert!(steps <= 6, "{:?}", payment.state);
        }
        prop_assert!(payment.status().is_final() && payment.advice.is_none() && payment.due_at.is_none());
    }
}

fn walk(method: CaptureMethod, events: &[Event]) -> Payment {
    let terms = Terms::default();
    let (payment, _) = accept(order(method), START, &terms);
    events.iter().fold(payment, |payment, event| step(&payment, event, START, &terms).unwrap().0)
}

fn asked() -> Event {
    Event::CardPresented(request(&accept(order(CaptureMethod::Manual), START, &Terms::default()).0, 0))
}

fn yes() -> Event {
    Event::Approved(Approval { authorized_minor: ASKED_MINOR, auth_code: "A1".into(), at: START })
}

/// The stories above prove little if they never get anywhere.
#[test]
fn the_stories_reach_every_state() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;
    let mut runner = TestRunner::deterministic();
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..2_000 {
        let (method, story) = (method(), story()).new_tree(&mut runner).unwrap().current();
        let terms = Terms::default();
        let mut payment = begun(method, true, &terms);
        seen.insert(payment.state.kind());
        let mut now = START;
        for (pause_ms, happening) in story {
            now = now.plus_ms(pause_ms);
            if let Ok((next, _)) = step(&payment, &event(&payment, happening, now), now, &terms) {
                payment = next;
            }
            seen.insert(payment.state.kind());
        }
    }
    assert_eq!(seen.into_iter().collect::<Vec<_>>(), StateKind::ALL);
}

#[test]
fn a_refused_order_is_a_failed_payment_that_nobody_need_look_at() {
    let (payment, effects) = refuse(order(CaptureMethod::Automatic), DeclineCode::TerminalOffline, START);
    assert_eq!((payment.status(), payment.due_at, payment.sequence), (Status::Failed, None, 1));
    assert_eq!(effects.len(), 1);
}

#[test]
fn a_cancelled_command_fences_off_the_card_that_comes_after_it() {
    let pending = walk(CaptureMethod::Automatic, &[]);
    let cancelling = walk(CaptureMethod::Automatic, &[Event::CancelRequested]);
    assert_eq!(
        cancelling.attempt_epoch,
        pending.attempt_epoch + 1,
        "the terminal tells the cancel from the command"
    );
    let again = step(&cancelling, &Event::CancelRequested, START, &Terms::default()).unwrap().0;
    assert_eq!(again.attempt_epoch, cancelling.attempt_epoch, "the same cancel, said again");
    let (next, effects) = step(&cancelling, &asked(), START, &Terms::default()).unwrap();
    assert_eq!(next.status(), Status::Cancelled);
    assert!(!effects.contains(&Effect::AskAcquirer));
}

#[test]
fn a_terminal_that_never_prompted_gives_the_payment_back() {
    let terms = Terms::default();
    let waiting = begun(CaptureMethod::Automatic, true, &terms);
    let held = step(&waiting, &assigned(1), START, &terms).unwrap().0;
    assert!(held.is_on("term_1") && held.occupies_terminal());
    for code in [DeclineCode::TerminalBusy, DeclineCode::TerminalLocked] {
        let (again, effects) = step(&held, &Event::TerminalRefused(code), START, &terms).unwrap();
        assert_eq!((again.state.kind(), again.deadline), (StateKind::Queued, waiting.deadline));
        assert!(effects.contains(&Effect::WaitAgain));
        let moved = step(&again, &assigned(2), START, &terms).unwrap().0;
        let late = Event::CardPresented(request(&held, 0));
        assert_eq!(
            step(&moved, &late, START, &terms),
            Err(Illegal::Superseded),
            "the first terminal is fenced off"
        );
    }
    let other = Event::TerminalRefused(DeclineCode::CommunicationError);
    assert_eq!(
        step(&held, &other, START, &terms).unwrap().0.status(),
        Status::Failed,
        "it may have prompted"
    );
    let busy = Event::TerminalRefused(DeclineCode::TerminalBusy);
    assert_eq!(
        step(&held, &busy, waiting.deadline, &terms).unwrap().0.status(),
        Status::Failed,
        "no time left"
    );
    let alone = walk(CaptureMethod::Automatic, &[]);
    assert_eq!(step(&alone, &busy, START, &terms).unwrap().0.status(), Status::Failed, "asked for this one");
}

#[test]
fn who_waits_too_long_fails_as_busy_and_is_given_to_nobody() {
    let terms = Terms::default();
    let waiting = begun(CaptureMethod::Automatic, true, &terms);
    assert_eq!(waiting.deadline, START.plus_ms(terms.queue_ms));
    let before = waiting.deadline.plus_ms(-1);
    assert_eq!(step(&waiting, &Event::LeaseLapsed, before, &terms), Err(Illegal::TooEarly));
    assert_eq!(step(&waiting, &assigned(1), waiting.deadline, &terms), Err(Illegal::WaitOver));
    let over = step(&waiting, &Event::LeaseLapsed, waiting.deadline, &terms).unwrap().0;
    assert!(matches!(over.state, State::Failed { code: DeclineCode::TerminalBusy, .. }));
    let cancelled = step(&waiting, &Event::CancelRequested, START, &terms).unwrap().0;
    assert_eq!(cancelled.status(), Status::Cancelled, "at once: no terminal has to be asked");
}

#[test]
fn a_late_approval_stays_reversed() {
    let reversing = walk(CaptureMethod::Automatic, &[asked(), Event::Silent, Event::NotFound]);
    let late = step(&reversing, &yes(), START, &Terms::default());
    assert!(matches!(late, Err(Illegal::Meaningless { .. })));
    assert_eq!(reversing.advice.unwrap().kind, AdviceKind::Reversal);
}

#[test]
fn pauses_between_advices_double_up_to_the_longest_and_jitter_only_shortens() {
    let terms = Terms::default();
    let mut payment = walk(CaptureMethod::Manual, &[asked(), yes(), Event::CancelRequested]);
    let mut pauses = vec![];
    for _ in 0..12 {
        payment = step(&payment, &Event::AdviceUnanswered, START, &terms).unwrap().0;
        pauses.push(payment.due_at.unwrap().ms_since(START));
    }
    assert_eq!(pauses[..4], [1_000, 2_000, 4_000, 8_000]);
    assert_eq!(pauses[11], terms.advice_longest_ms);
    let jittered = Terms { jitter_permille: 500, ..terms };
    assert_eq!(jittered.advice_pause_ms(3), 4_000);
    assert_eq!(terms.advice_pause_ms(u32::MAX), terms.advice_longest_ms);
}

#[test]
fn an_authorization_can_be_captured_once_and_only_while_it_holds() {
    let terms = Terms::default();
    let held = walk(CaptureMethod::Manual, &[asked(), yes()]);
    let State::Authorized { expires_at, .. } = held.state else { panic!("not held") };
    let capture = Event::CaptureRequested(None);
    assert_eq!(step(&held, &capture, expires_at, &terms), Err(Illegal::AuthorizationExpired));
    let taken = step(&held, &capture, expires_at.plus_ms(-1), &terms).unwrap().0;
    assert_eq!(taken.captured_minor(), ASKED_MINOR);
    assert_eq!(step(&taken, &capture, START, &terms), Err(Illegal::AlreadyCaptured));
}
