//! Events as a list and as an outbox, and the deliveries made of them.

use std::sync::Arc;

use vinr_domain::EventId;

use super::fixtures::*;
use crate::store::{
    Change, DeliveryCursor, DeliveryPage, DeliveryRow, DeliveryStatus, EventCursor, EventFilter, EventPage,
    EventRow, Retention, Store,
};

type Engine = Arc<dyn Store>;

fn posted(n: u64, kind: &'static str) -> EventRow {
    EventRow { kind, ..event(n, 1) }
}

async fn numbers(store: &dyn Store, filter: &EventFilter, page: &EventPage) -> (Vec<u64>, bool) {
    let (events, more) = store.list_events(&scope(), filter, page).await.unwrap();
    let number = |row: &EventRow| (1..100).find(|n| event(*n, 1).id == row.id).unwrap();
    (events.iter().map(number).collect(), more)
}

fn page(limit: u32, cursor: EventCursor) -> EventPage {
    EventPage { limit, cursor }
}

pub(super) async fn events_are_listed_newest_first_in_both_directions(store: Engine) {
    for n in 1..=5 {
        given(&*store, [Change::AppendEvent(posted(n, "terminal.online"))]).await;
    }
    given(&*store, [Change::AppendEvent(EventRow { scope: other_mode(), ..event(6, 1) })]).await;
    let all = EventFilter::default();
    let list = async |page| numbers(&*store, &all, &page).await;
    assert_eq!(list(page(10, EventCursor::Start)).await, (vec![5, 4, 3, 2, 1], false));
    assert_eq!(list(page(2, EventCursor::Start)).await, (vec![5, 4], true));
    assert_eq!(list(page(2, EventCursor::After(event(3, 1).id))).await, (vec![2, 1], false));
    assert_eq!(list(page(2, EventCursor::Before(event(2, 1).id))).await, (vec![4, 3], true));
    assert_eq!(list(page(2, EventCursor::Before(event(5, 1).id))).await, (vec![], false));
    let found = store.get_event(&scope(), event(3, 1).id).await.unwrap().unwrap();
    assert_eq!(found.event, posted(3, "terminal.online"));
    assert_eq!(store.get_event(&other_account(), event(3, 1).id).await, Ok(None));
    assert_eq!(store.get_event(&scope(), EventId(1)).await, Ok(None));
}

pub(super) async fn each_filter_of_events_shows_what_it_names(store: Engine) {
    let kinds =
        ["terminal.online", "terminal_action.updated", "terminal.offline", "terminal_payment.created"];
    for (n, kind) in (1..).zip(kinds) {
        given(&*store, [Change::AppendEvent(posted(n, kind))]).await;
    }
    let start = page(10, EventCursor::Start);
    for (kind, expected) in [
        ("terminal.online", vec![1]),
        ("terminal.", vec![3, 1]),
        ("terminal_payment.", vec![4]),
        ("terminal", vec![]),
        ("refund.", vec![]),
    ] {
        let filter = EventFilter { kind: Some(kind.into()), ..EventFilter::default() };
        assert_eq!(numbers(&*store, &filter, &start).await.0, expected, "{kind}");
    }
    let of = |n| EventFilter { object_id: Some(event(n, 1).object_id), ..EventFilter::default() };
    assert_eq!(numbers(&*store, &of(2), &start).await.0, [2]);
    let between = EventFilter { from: Some(moment(2)), to: Some(moment(3)), ..EventFilter::default() };
    assert_eq!(numbers(&*store, &between, &start).await.0, [3, 2]);
}

pub(super) async fn followers_miss_nothing_and_see_the_order_of_the_commits(store: Engine) {
    let mut tail = store.tail();
    assert_eq!(*tail.borrow_and_update(), 0);
    let (mut seen, mut behind) = (vec![], 0);
    for n in [3, 1, 2] {
        let writer = store.clone();
        let mine = [Change::AppendEvent(event(n, 1)), Change::AppendEvent(event(n, 2))];
        tokio::spawn(async move { given(&*writer, mine).await }).await.unwrap();
        tail.wait_for(|newest| *newest > behind).await.unwrap();
        loop {
            let next = store.events_after_across_accounts(behind, 1).await.unwrap();
            let Some(one) = next.first() else { break };
            assert!(one.ordinal > behind);
            behind = one.ordinal;
            seen.push(one.event.id);
        }
        assert_eq!(*tail.borrow_and_update(), behind);
    }
    assert_eq!(
        seen,
        [(3, 1), (3, 2), (1, 1), (1, 2), (2, 1), (2, 2)].map(|(n, sequence)| event(n, sequence).id)
    );
    let all = store.events_after_across_accounts(0, 100).await.unwrap();
    assert_eq!(all.iter().map(|posted| posted.event.id).collect::<Vec<_>>(), seen);
}

pub(super) async fn the_newest_event_survives_every_purge(store: Engine) {
    for n in 1..=3 {
        given(&*store, [Change::AppendEvent(event(n, 1))]).await;
    }
    let newest = *store.tail().borrow();
    let retention = Retention { payments_ms: None, events_ms: Some(0), idempotency_ms: None };
    while store.purge_across_accounts(moment(1_000_000), &retention, 10).await.unwrap() > 0 {}
    given(&*store, [Change::AppendEvent(event(4, 1))]).await;
    let after = store.events_after_across_accounts(newest, 10).await.unwrap();
    assert_eq!(after.len(), 1);
    assert!(after[0].ordinal > newest, "a place is never given twice");
}

fn delivery(endpoint: &str, n: u64, status: DeliveryStatus) -> DeliveryRow {
    DeliveryRow {
        endpoint: endpoint.into(),
        ordinal: n,
        scope: scope(),
        event: event(n, 1).id,
        kind: "terminal.online",
        object_id: "term_1".into(),
        status,
        attempts: 1,
        created_at: moment(n),
        last_attempt_at: Some(moment(n)),
        next_attempt_at: None,
        http_status: Some(200),
        duration_ms: Some(3),
        error: None,
        response: Some("ok".into()),
    }
}

pub(super) async fn deliveries_are_kept_listed_and_purged(store: Engine) {
    use DeliveryStatus::{Delivered, Failed, Pending};
    let rows = [(1, Delivered), (2, Pending), (3, Failed), (4, Pending)].map(|(n, s)| delivery("we_a", n, s));
    let cursor = |ordinal| Change::MoveCursor { endpoint: "we_a".into(), ordinal };
    given(&*store, [Change::PutDeliveries(rows.to_vec()), cursor(4)]).await;
    given(&*store, [Change::PutDeliveries(vec![delivery("we_b", 2, Pending)])]).await;
    assert_eq!(store.list_cursors_across_accounts().await, Ok(vec![("we_a".into(), 4)]));
    let list = async |status, limit, cursor| {
        let page = DeliveryPage { status, limit, cursor };
        let (rows, more) = store.list_deliveries(&scope(), "we_a", &page).await.unwrap();
        (rows.iter().map(|row| row.ordinal).collect::<Vec<_>>(), more)
    };
    assert_eq!(list(None, 3, DeliveryCursor::Start).await, (vec![4, 3, 2], true));
    assert_eq!(list(None, 3, DeliveryCursor::After(2)).await, (vec![1], false));
    assert_eq!(list(None, 2, DeliveryCursor::Before(1)).await, (vec![3, 2], true));
    assert_eq!(list(Some(Pending), 10, DeliveryCursor::Start).await, (vec![4, 2], false));
    let pending = store.list_pending_deliveries_across_accounts("we_a", 2, 10).await.unwrap();
    assert_eq!(pending, [rows[3].clone()]);
    assert_eq!(store.get_delivery(&other_account(), "we_a", 2).await, Ok(None));
    let done = DeliveryRow { attempts: 2, error: Some("late".into()), ..delivery("we_a", 2, Delivered) };
    given(&*store, [Change::PutDeliveries(vec![done.clone()]), cursor(9)]).await;
    assert_eq!(store.get_delivery(&scope(), "we_a", 2).await, Ok(Some(done)));
    let retention = Retention { payments_ms: None, events_ms: Some(1), idempotency_ms: None };
    assert_eq!(store.purge_across_accounts(moment(9), &retention, 10).await, Ok(3));
    assert_eq!(list(None, 10, DeliveryCursor::Start).await, (vec![4], false));
    given(&*store, [Change::ForgetDeliveries { endpoint: "we_a".into() }]).await;
    assert_eq!(list(None, 10, DeliveryCursor::Start).await, (vec![], false));
    assert_eq!(store.list_cursors_across_accounts().await, Ok(vec![]));
    assert!(store.get_delivery(&scope(), "we_b", 2).await.unwrap().is_some());
}
