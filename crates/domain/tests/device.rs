//! Whatever happens to an intent on the terminal, in whatever order: what must never be.

use proptest::prelude::*;
use vinr_domain::device::{Effect, Event, State, step, tombstone};
use vinr_domain::payment::EndCause;
use vinr_domain::{DeclineCode, Timestamp};

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        (1_u32..5).prop_map(|stan| Event::CardRead { stan }),
        ((1_u32..5), (1_i64..5_000))
            .prop_map(|(stan, authorized_minor)| Event::ApprovedAlone { stan, authorized_minor }),
        Just(Event::CancelAsked),
        Just(Event::PromptTimedOut),
        Just(Event::CustomerCancelled),
        Just(Event::LeaseOver),
        (1_i64..5_000).prop_map(|authorized_minor| Event::HostApproved { authorized_minor }),
        Just(Event::HostDeclined(DeclineCode::CardDeclined)),
        Just(Event::HostRefused),
        Just(Event::HostUnknown),
        Just(Event::HostAgain),
        Just(Event::AnswerOverdue),
        Just(Event::PowerReturned),
    ]
}

fn beginning() -> impl Strategy<Value = State> {
    prop_oneof![
        4 => Just(State::Waiting { attempt_epoch: 1, deadline: Timestamp(90_000) }),
        1 => Just(tombstone(EndCause::Cancelled).state),
    ]
}

fn stan(state: &State) -> Option<u32> {
    match state {
        State::AuthSent { stan }
        | State::Unknown { stan }
        | State::Approved { stan, .. }
        | State::Declined { stan, .. }
        | State::ApprovedAlone { stan, .. }
        | State::Voided { stan } => Some(*stan),
        State::Waiting { .. } | State::Ended { .. } => None,
    }
}

fn is_decided(state: &State) -> bool {
    matches!(
        state,
        State::Approved { .. } | State::Declined { .. } | State::Voided { .. } | State::Ended { .. }
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_096, ..ProptestConfig::default() })]

    #[test]
    fn no_order_of_events_breaks_an_intent(
        beginning in beginning(),
        story in prop::collection::vec(event(), 0..30),
    ) {
        let mut state = beginning;
        let mut asked = None;
        for event in story {
            let Ok(step) = step(&state, &event) else { continue };
            let changed = step.state != state;
            let may_be_forgotten = matches!(step.state, State::Unknown { .. });
            prop_assert_eq!(step.durable, changed && !may_be_forgotten, "{:?} at {:?}", event, state);
            if asked.is_some() {
                prop_assert!(!matches!(step.state, State::Waiting { .. }), "a prompt never comes back");
                prop_assert!(!step.effects.contains(&Effect::SendAuthorize), "one request for one intent");
            }
            if stan(&state).is_some() && stan(&step.state).is_some() {
                prop_assert_eq!(stan(&state), stan(&step.state), "the number of a request does not change");
            }
            if is_decided(&state) {
                prop_assert!(!changed, "{:?} changed what was decided", event);
            }
            if let (State::Approved { authorized_minor, .. }, true) = (&step.state, changed) {
                let said = Event::HostApproved { authorized_minor: *authorized_minor };
                prop_assert_eq!(&event, &said, "approved is the host's word, and its amount");
            }
            let shows_approved = step.effects.contains(&Effect::ShowApproved);
            let newly = changed && !matches!(state, State::ApprovedAlone { .. });
            let approved = matches!(step.state, State::Approved { .. } | State::ApprovedAlone { .. });
            prop_assert_eq!(shows_approved, newly && approved, "said once, when it is written");
            if shows_approved {
                prop_assert!(step.durable, "written before it is shown");
            }
            if let (State::ApprovedAlone { .. }, true) = (&state, changed) {
                let host = matches!(event, Event::HostApproved { .. } | Event::HostDeclined(_) | Event::HostRefused);
                prop_assert!(host, "only the cloud ends what was approved alone");
            }
            if let Some(Effect::SendEnded(cause)) = step.effects.iter().find(|one| matches!(one, Effect::SendEnded(_))) {
                prop_assert_eq!(&step.state, &State::Ended { cause: *cause }, "what is said is in the journal");
            }
            if step.effects.contains(&Effect::SendAuthorize) {
                asked = stan(&step.state);
                prop_assert!(asked.is_some() && step.durable, "written before it is sent");
            }
            state = step.state;
        }
    }

    /// After a restart whatever was under way is asked for, and the answer ends it.
    #[test]
    fn what_was_under_way_is_asked_for_after_a_restart(story in prop::collection::vec(event(), 0..12)) {
        let mut state = State::Waiting { attempt_epoch: 1, deadline: Timestamp(90_000) };
        for event in story {
            state = step(&state, &event).map_or(state, |step| step.state);
        }
        let Ok(restarted) = step(&state, &Event::PowerReturned) else {
            return Err(TestCaseError::fail("a restart can happen in every state"));
        };
        let open = matches!(state, State::AuthSent { .. } | State::Unknown { .. });
        prop_assert_eq!(restarted.effects.contains(&Effect::AskStatus), open);
        let alone = matches!(state, State::ApprovedAlone { .. });
        prop_assert_eq!(restarted.effects.contains(&Effect::Forward), alone, "forwarded until it is answered");
        if open || alone {
            let answered = step(&restarted.state, &Event::HostDeclined(DeclineCode::CommunicationError));
            prop_assert!(answered.is_ok_and(|step| is_decided(&step.state)));
        }
    }
}

#[test]
fn a_tombstone_is_durable_before_the_cloud_hears_of_it() {
    let step = tombstone(EndCause::Cancelled);
    assert!(step.durable);
    assert_eq!(step.effects, [Effect::SendEnded(EndCause::Cancelled)]);
}
