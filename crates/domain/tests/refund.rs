//! Whatever happens to a refund, in whatever order: what must never be, and that it always comes to an end.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on must stop")]

use std::collections::BTreeMap;

use proptest::prelude::*;
use vinr_domain::payment::Terms;
use vinr_domain::refund::{Effect, Event, FailureReason, Order, Refund, State, Status, accept, step};
use vinr_domain::{AccountId, Currency, Money, PaymentId, RefundId, Timestamp};

const START: Timestamp = Timestamp(1_800_000_000_000);

fn order() -> Order {
    Order {
        id: RefundId(1),
        account: AccountId::parse("acct_1").unwrap(),
        livemode: false,
        payment: PaymentId(2),
        terminal: "term_1".into(),
        amount: Money { amount_minor: 700, currency: Currency::parse("EUR").unwrap() },
        reason: None,
        metadata: BTreeMap::new().into(),
    }
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        1 => Just(Event::Acknowledged),
        1 => prop::sample::select(FailureReason::ALL.to_vec()).prop_map(Event::Refused),
        5 => Just(Event::Silent),
        4 => Just(Event::NotFound),
        1 => any::<bool>().prop_map(|on| {
            let pairs = if on { BTreeMap::from([("k".to_owned(), "v".to_owned())]) } else { BTreeMap::new() };
            Event::MetadataSet(pairs.into())
        }),
    ]
}

/// What must be true of every step, and how often what was reserved has been released.
fn between(before: &Refund, event: &Event, after: &Refund, effects: &[Effect]) -> Result<u32, TestCaseError> {
    let announced = effects.iter().filter(|effect| matches!(effect, Effect::Announce(_))).count() as u64;
    prop_assert_eq!(after.sequence, before.sequence + announced);
    prop_assert!(announced <= 1, "one change, one event");
    let renamed = matches!(event, Event::MetadataSet(_));
    prop_assert_eq!(announced == 1, renamed || before.status() != after.status());
    prop_assert_eq!(
        (after.id, after.payment, after.amount),
        (before.id, before.payment, before.amount),
        "the same refund for ever"
    );
    if before.status() != Status::Pending {
        prop_assert_eq!(&before.state, &after.state, "final is final");
        prop_assert!(!effects.contains(&Effect::Ask), "an ended refund is never asked for again");
    }
    if matches!(event, Event::Silent | Event::NotFound) {
        prop_assert_eq!(after.status(), Status::Pending, "silence is no answer");
    }
    prop_assert_eq!(
        after.due_at.is_some(),
        after.status() == Status::Pending,
        "nothing pending is forgotten"
    );
    let released = effects.contains(&Effect::Release);
    prop_assert_eq!(released, before.state != after.state && after.status() == Status::Failed);
    Ok(u32::from(released))
}

proptest! {
    #[test]
    fn a_refund_ends_once_and_gives_back_its_reservation_only_when_it_failed(
        story in prop::collection::vec((0_i64..400_000, event()), 0..40),
    ) {
        let terms = Terms::default();
        let (mut refund, effects) = accept(order(), START, &terms);
        prop_assert!(effects.contains(&Effect::Ask) && refund.due_at.is_some());
        let (mut now, mut releases) = (START, 0);
        for (pause_ms, event) in story {
            now = now.plus_ms(pause_ms);
            if let Ok((next, effects)) = step(&refund, &event, now, &terms) {
                releases += between(&refund, &event, &next, &effects)?;
                refund = next;
            }
        }
        prop_assert_eq!(releases, u32::from(refund.status() == Status::Failed));
        // The acquirer comes back: whatever is pending ends with its next word.
        if refund.status() == Status::Pending {
            let (next, _) = step(&refund, &Event::Acknowledged, now, &terms).unwrap();
            prop_assert_eq!((next.status(), next.due_at), (Status::Succeeded, None));
        }
    }
}

#[test]
fn the_first_inquiry_follows_at_once_and_the_pauses_grow_to_the_longest() {
    let terms = Terms::default();
    let (mut refund, _) = accept(order(), START, &terms);
    let mut pauses = vec![];
    for _ in 0..14 {
        refund = step(&refund, &Event::Silent, START, &terms).unwrap().0;
        pauses.push(refund.due_at.unwrap().ms_since(START));
    }
    assert_eq!(pauses[..5], [0, 1_000, 2_000, 4_000, 8_000]);
    assert_eq!(pauses[13], terms.advice_longest_ms);
}

#[test]
fn a_refund_that_the_acquirer_has_not_seen_is_asked_for_again_under_the_same_name() {
    let terms = Terms::default();
    let (refund, _) = accept(order(), START, &terms);
    let uncertain = step(&refund, &Event::Silent, START, &terms).unwrap().0;
    let (again, effects) = step(&uncertain, &Event::NotFound, START, &terms).unwrap();
    assert_eq!((again.state, again.id, effects), (State::Asking, refund.id, vec![Effect::Ask]));
}
