//! Whatever happens to an action on the terminal, in whatever order: what must never be.

use std::sync::Arc;

use proptest::prelude::*;
use vinr_domain::device::action::{Effect, Event, Order, State, begin, step};

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        Just(Event::OrderedAgain),
        Just(Event::Free),
        Just(Event::Expired),
        Just(Event::Installed),
        Just(Event::Forwarded),
        Just(Event::Refused { reason: Arc::from("no") }),
        any::<bool>().prop_map(|as_wanted| Event::Started { as_wanted }),
    ]
}

fn order() -> impl Strategy<Value = Order> {
    proptest::sample::select(vec![Order::Reboot, Order::Update, Order::Lock, Order::Unlock, Order::Flush])
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_096, ..ProptestConfig::default() })]

    #[test]
    fn an_action_is_carried_out_once_and_its_end_is_told(
        order in order(),
        story in prop::collection::vec(event(), 0..30),
    ) {
        let first = begin(order);
        let mut state = first.state;
        let mut effects = first.effects;
        for event in story {
            let Ok(step) = step(&state, &event) else { continue };
            if state.has_ended() {
                prop_assert_eq!(&step.state, &state, "an end is an end");
                prop_assert!(step.effects.iter().all(|effect| *effect == Effect::Report));
            } else if step.state.has_ended() {
                prop_assert!(step.effects.contains(&Effect::Report), "an end that nobody hears of");
            }
            if event == Event::OrderedAgain {
                prop_assert_eq!(&step.effects[..], &[Effect::Report][..]);
            }
            effects.extend(&step.effects);
            state = step.state;
        }
        let count = |wanted: Effect| effects.iter().filter(|effect| **effect == wanted).count();
        prop_assert!(count(Effect::Restart) <= 1, "started again twice: {effects:?}");
        let locks = count(Effect::SetLocked(true)) + count(Effect::SetLocked(false));
        prop_assert_eq!(locks, usize::from(matches!(order, Order::Lock | Order::Unlock)));
        if order != Order::Update {
            prop_assert_eq!(count(Effect::Install), 0);
        }
        prop_assert_eq!(count(Effect::Flush) > 0, order == Order::Flush);
        if state == State::Completed && order == Order::Reboot {
            prop_assert_eq!(count(Effect::Restart), 1, "completed without a restart");
        }
    }
}
