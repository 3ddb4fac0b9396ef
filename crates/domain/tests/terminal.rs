//! Whatever happens to a terminal, in whatever order: what the outside is told is true, and all of it.

use proptest::prelude::*;
use vinr_domain::Attention;
use vinr_domain::terminal::{Event, Notice, Reason, Reasons, State, Status, step};

fn reasons() -> impl Strategy<Value = Reasons> {
    prop::collection::vec(prop::sample::select(Reason::ALL), 0..3).prop_map(|all| all.into_iter().collect())
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        4 => Just(Event::Greeted),
        4 => Just(Event::Parted),
        2 => Just(Event::ServerStarted),
        2 => Just(Event::WaitOver),
        2 => reasons().prop_map(Event::Wrong),
        1 => Just(Event::Changed),
        1 => Just(Event::Deactivated),
        1 => Just(Event::Activated),
    ]
}

/// What somebody knows who hears every notice and nothing else.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Heard {
    There,
    Gone,
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_096, ..ProptestConfig::default() })]

    #[test]
    fn whoever_hears_every_notice_knows_the_truth(story in prop::collection::vec(event(), 0..40)) {
        let mut state = State::NEW;
        let mut heard = Heard::Gone;
        for event in story {
            let Ok(taken) = step(state, event) else { continue };
            match taken.effect {
                Some(Notice::Online) => {
                    prop_assert_eq!(heard, Heard::Gone, "told twice that it is there");
                    heard = Heard::There;
                }
                Some(Notice::Offline) => {
                    prop_assert_eq!(heard, Heard::There, "told twice that it is gone");
                    heard = Heard::Gone;
                }
                Some(Notice::NeedsAttention) => {
                    let new = taken.state.reasons().without(state.reasons());
                    prop_assert!(!new.is_empty(), "attention is called to what is new");
                }
                // Out of service is the end of being there, and says so in its status.
                Some(Notice::Updated) if taken.state == State::Deactivated => heard = Heard::Gone,
                Some(Notice::Updated) => {}
                None => prop_assert!(
                    taken.state.status() == state.status() || matches!(state, State::Awaited { .. })
                        || matches!(taken.state, State::Awaited { .. }),
                    "{:?} changed {:?} and nobody was told", event, state
                ),
            }
            state = taken.state;
            match state {
                State::Connected { .. } => prop_assert_eq!(heard, Heard::There),
                State::Absent { .. } | State::Deactivated => prop_assert_eq!(heard, Heard::Gone),
                // That is what it is for: they still believe that it is there, and it may be soon.
                State::Awaited { .. } => prop_assert_eq!(heard, Heard::There),
            }
        }
    }

    #[test]
    fn a_restart_is_not_heard_of_when_the_terminal_is_back_in_time(wrong in reasons()) {
        let connected = State::Connected { reasons: wrong.with(Reason::OfflineForLong, false) };
        let awaited = step(connected, Event::ServerStarted).unwrap();
        prop_assert_eq!(awaited.state.status(), Status::Offline);
        let back = step(awaited.state, Event::Greeted).unwrap();
        prop_assert_eq!((back.state, awaited.effect, back.effect), (connected, None, None));
        let over = step(awaited.state, Event::WaitOver).unwrap();
        prop_assert_eq!(over.effect, Some(Notice::Offline));
    }
}

#[test]
fn words_read_back() {
    for status in Status::ALL {
        assert_eq!(Status::parse(status.as_str()), Some(status));
    }
    for reason in Reason::ALL {
        assert_eq!(Reason::parse(reason.as_str()), Some(*reason));
    }
    for said in Attention::ALL {
        assert_eq!(Reason::from(said).as_str(), said.as_str());
    }
    let all: Reasons = Reason::ALL.iter().copied().collect();
    assert!(all.iter().eq(Reason::ALL.iter().copied()));
    assert_eq!(Status::parse("ONLINE"), None);
}
