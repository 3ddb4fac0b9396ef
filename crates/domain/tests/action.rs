//! Whatever happens to a remote action, in whatever order: it ends once, on time, and never runs after it was taken
//! back.

use proptest::prelude::*;
use vinr_domain::Timestamp;
use vinr_domain::action::{
    Action, Effect, Event, Failure, Illegal, PATIENCE_MS, REPORT_MARGIN_MS, State, Status, step,
};

const EXPIRES_AT: Timestamp = Timestamp(1_000_000);

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        3 => Just(Event::Reached),
        1 => Just(Event::NothingToDo),
        2 => Just(Event::Begun),
        1 => Just(Event::Done),
        1 => Just(Event::Refused("no room".to_owned())),
        1 => Just(Event::CancelRequested),
        2 => Just(Event::Lapsed),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_096, ..ProptestConfig::default() })]

    #[test]
    fn an_action_ends_once_and_is_never_sent_after_that(
        story in prop::collection::vec((event(), 0_i64..600_000), 0..30)
    ) {
        let (mut state, mut now) = (State::Queued, Timestamp(0));
        let (mut sent, mut announced) = (false, 0_usize);
        for (event, later) in story {
            now = now.plus_ms(later);
            let before = state.clone();
            let Ok(taken) = step(&state, &event, EXPIRES_AT, now) else { continue };
            prop_assert!(!before.is_final(), "{before:?} took {event:?}");
            if taken.effects.contains(&Effect::Send) {
                prop_assert!(!taken.state.is_final());
                prop_assert!(sent || now < EXPIRES_AT, "first sent after its expiry");
                sent = true;
            }
            if taken.effects.contains(&Effect::Announce) {
                announced += 1;
            }
            prop_assert_eq!(
                taken.state.status() != before.status(), taken.effects.contains(&Effect::Announce),
                "the outside is told of every change that it can see, and of no other"
            );
            if taken.state == State::Failed(Failure::Cancelled) {
                prop_assert!(!sent, "taken back although the terminal may be doing it");
            }
            state = taken.state;
        }
        prop_assert!(announced <= 2);
    }

    #[test]
    fn whatever_happened_time_ends_it(story in prop::collection::vec(event(), 0..20)) {
        let mut state = State::Queued;
        for event in story {
            if let Ok(taken) = step(&state, &event, EXPIRES_AT, Timestamp(0)) {
                state = taken.state;
            }
        }
        if let Some(moment) = state.lapses_at(EXPIRES_AT) {
            prop_assert_eq!(step(&state, &Event::Lapsed, EXPIRES_AT, moment.plus_ms(-1)), Err(Illegal::TooEarly));
            state = step(&state, &Event::Lapsed, EXPIRES_AT, moment).unwrap().state;
        }
        prop_assert!(state.is_final());
        prop_assert_eq!(state.lapses_at(EXPIRES_AT), None);
    }
}

#[test]
fn an_action_is_done_in_three_steps() {
    let now = Timestamp(1);
    let sent = step(&State::Queued, &Event::Reached, EXPIRES_AT, now).unwrap();
    assert_eq!((sent.state.status(), sent.effects), (Status::Queued, vec![Effect::Send]));
    let begun = step(&sent.state, &Event::Begun, EXPIRES_AT, now).unwrap();
    assert_eq!(begun.state.status(), Status::Processing);
    let done = step(&begun.state, &Event::Done, EXPIRES_AT, now).unwrap();
    assert_eq!((done.state.status(), done.effects), (Status::Completed, vec![Effect::Announce]));
}

#[test]
fn what_was_sent_gets_a_margin_and_what_was_begun_an_hour() {
    assert_eq!(State::Sent.lapses_at(EXPIRES_AT), Some(EXPIRES_AT.plus_ms(REPORT_MARGIN_MS)));
    assert_eq!(State::Processing.lapses_at(EXPIRES_AT), Some(EXPIRES_AT.plus_ms(PATIENCE_MS)));
    let late = EXPIRES_AT.plus_ms(PATIENCE_MS);
    let lapsed = step(&State::Processing, &Event::Lapsed, EXPIRES_AT, late).unwrap();
    assert_eq!(lapsed.state, State::Failed(Failure::NoReport));
    assert_eq!(Failure::Terminal("no room".to_owned()).as_str(), "no room");
}

#[test]
fn words_read_back() {
    for action in Action::ALL {
        assert_eq!(Action::parse(action.as_str()), Some(action));
    }
    assert_eq!(Action::parse("Reboot"), None);
}
