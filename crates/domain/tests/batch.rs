//! Whatever happens to a batch, in whatever order: its sums grow only while it closes, and it closes once.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on must stop")]

use proptest::prelude::*;
use vinr_domain::batch::{Batch, Effect, Event, Opening, State, StateKind, Status, Totals, open, step};
use vinr_domain::payment::Terms;
use vinr_domain::{AccountId, BatchId, Currency, Timestamp};

const START: Timestamp = Timestamp(1_800_000_000_000);

fn opened() -> Batch {
    let opening = Opening {
        id: BatchId(1),
        account: AccountId::parse("acct_1").unwrap(),
        livemode: false,
        terminal: "term_1".into(),
        location: None,
        currency: Currency::parse("EUR").unwrap(),
        opened_at: START,
    };
    open(opening, START.plus_ms(36_000_000))
}

fn totals() -> impl Strategy<Value = Totals> {
    (0_u32..500, 0_i64..9_000_000, 0_u32..50, 0_i64..900_000).prop_map(
        |(sales_count, sales_minor, refunds_count, refunds_minor)| Totals {
            sales_count,
            sales_minor,
            refunds_count,
            refunds_minor,
        },
    )
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        1 => prop::option::of(Just("day-1")).prop_map(|name| {
            Event::CloseRequested { reference: name.map(Into::into) }
        }),
        4 => totals().prop_map(Event::Gathered),
        1 => (0_u32..9).prop_map(|pending_count| Event::AllGathered { pending_count }),
        1 => Just(Event::SettlementAcknowledged),
        2 => Just(Event::SettlementUnanswered),
    ]
}

proptest! {
    #[test]
    fn a_batch_adds_up_what_was_gathered_and_closes_once(
        story in prop::collection::vec((0_i64..400_000, event()), 0..60),
    ) {
        let terms = Terms::default();
        let (mut batch, mut now) = (opened(), START);
        let (mut gathered, mut announced, mut cut) = (Totals::default(), 0, None);
        for (pause_ms, event) in story {
            now = now.plus_ms(pause_ms);
            let Ok((next, effects)) = step(&batch, &event, now, &terms) else { continue };
            if let Event::Gathered(more) = &event {
                prop_assert_eq!(batch.state.kind(), StateKind::Closing, "nothing joins a batch that is not closing");
                gathered = gathered.plus(more);
            }
            if let (State::Closing { cut_at }, None) = (&next.state, cut) {
                cut = Some(*cut_at);
            }
            if let State::Closing { cut_at } = next.state {
                prop_assert_eq!(Some(cut_at), cut, "the cut is fixed when closing begins");
            }
            prop_assert!(next.state.kind() >= batch.state.kind(), "a batch never goes back");
            let closed_now = batch.status() != Status::Closed && next.status() == Status::Closed;
            prop_assert_eq!(effects.contains(&Effect::AnnounceClosed), closed_now);
            announced += u32::from(closed_now);
            if batch.status() == Status::Closed {
                prop_assert_eq!((next.totals, next.closed_at()), (batch.totals, batch.closed_at()));
            }
            prop_assert_eq!(next.due_at.is_none(), next.state.kind() == StateKind::Settled);
            let seen = next.status() != batch.status() || next.settled_at() != batch.settled_at();
            prop_assert_eq!(next.sequence, batch.sequence + u64::from(seen));
            batch = next;
        }
        prop_assert_eq!(batch.totals, gathered);
        prop_assert!(announced <= 1);
    }
}

#[test]
fn a_batch_without_transactions_needs_no_agreement() {
    let terms = Terms::default();
    let closing = step(&opened(), &Event::CloseRequested { reference: None }, START, &terms).unwrap().0;
    let (closed, effects) = step(&closing, &Event::AllGathered { pending_count: 1 }, START, &terms).unwrap();
    assert_eq!((closed.settled_at(), closed.due_at), (Some(START), None));
    assert_eq!((closed.totals.net_minor(), closed.pending_count), (0, 1));
    assert_eq!(effects, [Effect::AnnounceClosed]);
}
