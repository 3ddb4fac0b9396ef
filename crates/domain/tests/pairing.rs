//! Pairings under every order of events: an identity is handed out only after it was claimed, and at most one of
//! "confirmed" and "withdrawn" is ever true of it.

use proptest::prelude::*;
use vinr_domain::Timestamp;
use vinr_domain::pairing::{Effect, Event, Illegal, State, StateKind, Step, Terms, step};

const NOW: Timestamp = Timestamp(1_800_000_000_000);
const TERMS: Terms = Terms { offer_ms: 900_000, fetch_ms: 3_600_000 };

fn take(state: State, event: Event, after_ms: i64) -> Result<Step, Illegal> {
    step(state, event, NOW.plus_ms(after_ms), &TERMS)
}

#[test]
fn a_pairing_goes_from_offer_to_confirmation() {
    let offered = State::offered(NOW, &TERMS);
    let claimed = take(offered, Event::Claimed, 60_000).unwrap();
    assert_eq!(claimed.effect, Some(Effect::Issue));
    let issued = take(claimed.state, Event::Fetched, 61_000).unwrap();
    assert_eq!((issued.state.kind(), issued.effect), (StateKind::Issued, Some(Effect::HandOver)));
    let again = take(issued.state, Event::Fetched, 62_000).unwrap();
    assert_eq!(again, Step { state: issued.state, effect: Some(Effect::HandOver) });
    let confirmed = take(again.state, Event::Confirmed, 63_000).unwrap();
    assert_eq!(confirmed, Step { state: State::Confirmed, effect: Some(Effect::RevokeOlder) });
    assert_eq!(take(State::Confirmed, Event::Confirmed, 64_000).unwrap().effect, None);
}

#[test]
fn a_code_can_be_entered_until_its_last_millisecond_and_only_once() {
    let offered = State::offered(NOW, &TERMS);
    let claimed = take(offered, Event::Claimed, 899_999).unwrap();
    assert_eq!(take(offered, Event::Claimed, 900_000), Err(Illegal::Expired));
    assert_eq!(take(claimed.state, Event::Claimed, 899_999), Err(Illegal::Used));
    assert_eq!(take(offered, Event::Lapsed, 899_999), Err(Illegal::TooEarly));
    assert_eq!(take(offered, Event::Lapsed, 900_000).unwrap().state, State::Expired);
}

fn events() -> impl Strategy<Value = Vec<(Event, i64)>> {
    let event = prop_oneof![
        Just(Event::Claimed),
        Just(Event::Fetched),
        Just(Event::Confirmed),
        Just(Event::Withdrawn),
        Just(Event::Lapsed),
    ];
    prop::collection::vec((event, 0_i64..2_000_000), 0..12)
}

proptest! {
    #[test]
    fn whatever_happens_an_identity_is_kept_or_withdrawn_and_never_both(events in events()) {
        let mut state = State::offered(NOW, &TERMS);
        let (mut at_ms, mut seen) = (0, Vec::new());
        for (event, pause_ms) in events {
            at_ms += pause_ms;
            let Ok(taken) = take(state, event, at_ms) else { continue };
            prop_assert!(taken.state.expires_at().is_none_or(|ends| ends.ms_since(NOW) <= at_ms + 3_600_000));
            state = taken.state;
            seen.extend(taken.effect);
        }
        let count = |effect| seen.iter().filter(|one| **one == effect).count();
        prop_assert!(count(Effect::Issue) <= 1);
        prop_assert!(count(Effect::RevokeOlder) + count(Effect::Withdraw) <= count(Effect::Issue));
        if let Some(first) = seen.iter().position(|effect| *effect == Effect::HandOver) {
            prop_assert!(seen[..first].contains(&Effect::Issue));
            let end = seen.iter().position(|effect| matches!(effect, Effect::Withdraw | Effect::RevokeOlder));
            let last = seen.iter().rposition(|effect| *effect == Effect::HandOver).unwrap();
            prop_assert!(end.is_none_or(|end| last < end), "handed out after its end");
        }
        let ended = matches!(state.kind(), StateKind::Expired | StateKind::Abandoned);
        prop_assert_eq!(ended && count(Effect::Issue) == 1, count(Effect::Withdraw) == 1);
        prop_assert_eq!(state == State::Confirmed, count(Effect::RevokeOlder) == 1);
    }
}
