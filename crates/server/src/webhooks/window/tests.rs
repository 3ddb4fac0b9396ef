//! What must hold of the window whatever ends when: order per object, a cursor that passes nothing unwritten, and that
//! nothing is forgotten when the process is.

use proptest::prelude::*;
use vinr_domain::AccountId;

use super::*;

fn posted(ordinal: u64, object: &str) -> Posted {
    let scope = Scope { account: AccountId::parse("acct_1").unwrap(), livemode: false };
    let event = EventRow {
        id: EventId(u128::from(ordinal)),
        scope,
        kind: "terminal.updated",
        object_id: object.into(),
        sequence: ordinal,
        created_at: Timestamp(1),
        data: b"{}".as_slice().into(),
    };
    Posted { ordinal, event }
}

fn outcome(delivered: bool) -> Outcome {
    Outcome { delivered, at: Timestamp(5), http_status: None, duration_ms: 1, error: None, response: None }
}

fn window() -> Window {
    Window::new("we_1".into(), 0, BTreeSet::new())
}

#[test]
fn an_object_s_events_go_one_after_the_other_and_others_go_on() {
    let mut window = window();
    for (ordinal, object) in [(1, "a"), (2, "a"), (3, "b")] {
        window.take(posted(ordinal, object));
    }
    let (first, other) = (window.next().unwrap(), window.next().unwrap());
    assert_eq!((first.row.ordinal, other.row.ordinal), (1, 3));
    assert!(window.next().is_none());
    window.finish(other, outcome(true), None);
    assert_eq!(window.cursor(), 0, "the first is not written yet");
    window.finish(first, outcome(false), Some(Timestamp(60)));
    assert_eq!(window.cursor(), 3, "the second is parked in the store");
    let rows = window.take_rows();
    assert_eq!(rows.iter().map(|row| row.ordinal).collect::<Vec<_>>(), [3, 1, 2]);
    assert_eq!((rows[2].status, rows[2].attempts), (DeliveryStatus::Pending, 0));
    window.wake(Timestamp(59));
    assert!(window.next().is_none());
    window.wake(Timestamp(60));
    let again = window.next().unwrap();
    assert_eq!(again.row.ordinal, 1);
    window.finish(again, outcome(false), None);
    assert_eq!(
        window.next().unwrap().row.ordinal,
        2,
        "the one behind goes on when the first has failed for good"
    );
}

#[test]
fn what_waits_is_found_again_in_its_order() {
    let mut window = window();
    for ordinal in 1..=3 {
        window.take(posted(ordinal, "a"));
    }
    let first = window.next().unwrap();
    window.finish(first, outcome(false), Some(Timestamp(60)));
    let rows = window.take_rows();
    let mut later = Window::new("we_1".into(), window.cursor(), BTreeSet::new());
    rows.into_iter().for_each(|row| later.load(row));
    later.take(posted(3, "a"));
    assert!(later.next().is_none(), "its time has not come");
    later.wake(Timestamp(60));
    for ordinal in 1..=3 {
        let job = later.next().unwrap();
        assert_eq!(job.row.ordinal, ordinal);
        later.finish(job, outcome(true), None);
    }
    assert_eq!(later.held(), 0);
}

#[test]
fn one_that_is_wanted_again_is_sent_once_and_at_once() {
    let mut window = window();
    window.take(posted(1, "a"));
    let job = window.next().unwrap();
    window.finish(job, outcome(false), Some(Timestamp(60)));
    let row = window.take_rows().remove(0);
    window.again(row.clone());
    window.again(row);
    let job = window.next().unwrap();
    window.finish(job, outcome(true), None);
    assert!(window.next().is_none() && window.next_due().is_none());
    assert_eq!(window.held(), 0);
}

proptest! {
    /// Crashes at any moment: what was written and what is behind the cursor is all that the next process has.
    #[test]
    fn nothing_is_lost_and_no_order_is_broken(steps in prop::collection::vec((0_u8..6, 0_usize..8), 1..200)) {
        let objects = ["a", "b", "c"];
        let mut window = window();
        let mut store: BTreeMap<u64, DeliveryRow> = BTreeMap::new();
        let (mut events, mut cursor, mut now) = (Vec::new(), 0, 0);
        let mut flying: Vec<Job> = Vec::new();
        let mut delivered: Vec<u64> = Vec::new();
        let mut finish = |window: &mut Window, job: Job, good: bool, now: i64| {
            if good { delivered.push(job.row.ordinal); }
            window.finish(job, outcome(good), Some(Timestamp(now + 10)).filter(|_| !good));
        };
        for (what, which) in steps {
            match what {
                0 => {
                    let event = posted(events.len() as u64 + 1, objects[which % 3]);
                    window.take(event.clone());
                    events.push(event);
                }
                1 => flying.extend(window.next()),
                2 | 3 if !flying.is_empty() => {
                    let job = flying.remove(which % flying.len());
                    finish(&mut window, job, what == 2, now);
                }
                4 => {
                    cursor = window.cursor();
                    store.extend(window.take_rows().into_iter().map(|row| (row.ordinal, row)));
                }
                5 if which == 0 => {
                    flying.clear();
                    let known = store.keys().copied().filter(|ordinal| *ordinal > cursor).collect();
                    window = Window::new("we_1".into(), cursor, known);
                    let pending = store.values().filter(|row| row.status == DeliveryStatus::Pending);
                    pending.cloned().for_each(|row| window.load(row));
                    events.iter().for_each(|event| window.take(event.clone()));
                }
                _ => {
                    now += 10;
                    window.wake(Timestamp(now));
                }
            }
        }
        loop {
            now += 10;
            window.wake(Timestamp(now));
            flying.extend(window.next());
            if flying.is_empty() && window.next_due().is_none() { break; }
            for job in flying.drain(..) { finish(&mut window, job, true, now); }
        }
        prop_assert_eq!(window.held(), 0);
        prop_assert_eq!(window.cursor(), events.len() as u64);
        for object in objects {
            let mut first_times = Vec::new();
            for ordinal in &delivered {
                let of_object = &*events[*ordinal as usize - 1].event.object_id == object;
                if of_object && !first_times.contains(ordinal) { first_times.push(*ordinal); }
            }
            let all: Vec<u64> = events.iter().filter(|p| &*p.event.object_id == object).map(|p| p.ordinal).collect();
            prop_assert_eq!(first_times, all);
        }
    }
}
