//! Reads of single rows and of what the server works through; and that no scope sees another's rows.

use std::sync::Arc;

use vinr_domain::IntentId;
use vinr_domain::payment::{Payment, State, Status};

use super::fixtures::*;
use crate::store::{
    Change, Cursor, EventRow, IdempotencyRow, LocationRow, Page, PaymentFilter, Scope, Store, TerminalRow,
};

type Engine = Arc<dyn Store>;

pub(super) async fn a_payment_is_found_by_its_intent(store: Engine) {
    let (named, unnamed) = (with_token(1, 0xABCD), payment(2));
    given(&*store, [insert(&named), insert(&unnamed)]).await;
    let find = async |intent| {
        let found = store.find_payment_by_intent(&scope(), IntentId(intent)).await.unwrap();
        found.map(|payment| number(&payment))
    };
    // Twice: the second time from memory.
    for _ in 0..2 {
        assert_eq!(find(0xABCD).await, Some(1));
        assert_eq!(find(unnamed.id.0).await, Some(2));
        assert_eq!(find(named.id.0).await, None);
        assert_eq!(find(1).await, None);
    }
    given(&*store, [update(&settled(&named))]).await;
    let found = store.find_payment_by_intent(&scope(), named.intent).await.unwrap().unwrap();
    assert_eq!(*found, settled(&named));
}

pub(super) async fn nothing_is_seen_from_another_scope(store: Engine) {
    let payment = Payment { intent: IntentId(5), ..with_reference(1, "order") };
    let location = LocationRow::new(location_id(1), scope(), "Bar", START);
    let changes = [
        insert(&payment),
        Change::AppendEvent(event(1, 1)),
        Change::ClaimIdempotencyKey(key(1, "k")),
        Change::put(&terminal(1)),
        Change::put(&location),
    ];
    given(&*store, changes).await;
    let page = Page { limit: 100, cursor: Cursor::Start };
    for (eye, sees) in [(scope(), true), (other_account(), false), (other_mode(), false)] {
        assert_eq!(store.get_payment(&eye, payment.id).await.unwrap().is_some(), sees);
        assert_eq!(store.find_payment_by_intent(&eye, IntentId(5)).await.unwrap().is_some(), sees);
        for filter in [
            PaymentFilter::default(),
            PaymentFilter { terminal: Some(terminal_id(1).as_str().into()), ..PaymentFilter::default() },
            PaymentFilter { reference: Some("order".into()), ..PaymentFilter::default() },
        ] {
            assert_eq!(numbers(&*store, &eye, &filter, &page).await.0.len(), usize::from(sees));
        }
        let unfinished = store.list_unfinished_on_terminal(&eye, &terminal_id(1)).await.unwrap();
        assert_eq!(unfinished.len(), usize::from(sees));
        let row = key(1, "k");
        assert_eq!(store.find_event(&eye, &payment.id.to_string(), 1).await.unwrap().is_some(), sees);
        assert_eq!(store.find_idempotency_key(&eye, &row.operation, "k").await.unwrap().is_some(), sees);
        assert_eq!(store.get::<TerminalRow>(&eye, "term_1").await.unwrap().is_some(), sees);
        assert_eq!(store.get::<LocationRow>(&eye, "loc_1").await.unwrap().is_some(), sees);
    }
}

pub(super) async fn the_same_names_may_be_used_in_every_scope(store: Engine) {
    for (n, eye) in [scope(), other_account(), other_mode()].into_iter().enumerate() {
        let payment = Payment {
            intent: IntentId(5),
            reference: Some("order".into()),
            description: Some(n.to_string().into()),
            ..payment_of(&eye, 1)
        };
        let changes = [
            insert(&payment),
            Change::AppendEvent(EventRow { scope: eye.clone(), ..event(1, 1) }),
            Change::ClaimIdempotencyKey(IdempotencyRow { scope: eye.clone(), ..key(1, "k") }),
            Change::put(&TerminalRow { scope: eye.clone(), ..terminal(1) }),
        ];
        given(&*store, changes).await;
    }
    // An update in one scope is an update in no other.
    let first = Payment { intent: IntentId(5), reference: Some("order".into()), ..payment(1) };
    given(&*store, [update(&settled(&first))]).await;
    for (eye, status) in [(scope(), Status::Failed), (other_account(), Status::Pending)] {
        let found = store.get_payment(&eye, first.id).await.unwrap().unwrap();
        assert_eq!((found.status(), &found.account), (status, &eye.account));
        let found = store.find_payment_by_intent(&eye, IntentId(5)).await.unwrap().unwrap();
        assert_eq!((found.status(), &found.account), (status, &eye.account));
    }
}

pub(super) async fn events_are_found_by_object_and_sequence(store: Engine) {
    given(&*store, [1, 2].map(|sequence| Change::AppendEvent(event(1, sequence)))).await;
    let other = EventRow { object_id: "tpay_other".into(), data: Arc::default(), ..event(3, 2) };
    given(&*store, [Change::AppendEvent(other.clone())]).await;
    let object = payment_id(1).to_string();
    assert_eq!(store.find_event(&scope(), &object, 2).await, Ok(Some(event(1, 2))));
    assert_eq!(store.find_event(&scope(), "tpay_other", 2).await, Ok(Some(other)));
    assert_eq!(store.find_event(&scope(), "tpay_other", 1).await, Ok(None));
    assert_eq!(store.find_event(&scope(), &object, 3).await, Ok(None));
}

pub(super) async fn due_payments_come_longest_overdue_first(store: Engine) {
    let due = |scope: &Scope, n, at: Option<i64>| Payment {
        due_at: at.map(|at| START.plus_ms(at)),
        ..payment_of(scope, n)
    };
    let rows = [
        due(&scope(), 1, Some(30)),
        due(&other_account(), 2, Some(10)),
        due(&scope(), 3, Some(20)),
        due(&other_mode(), 4, Some(20)),
        due(&scope(), 5, None),
        due(&scope(), 6, Some(40)),
        Payment { state: failed(), ..due(&scope(), 7, Some(5)) },
    ];
    for row in &rows {
        given(&*store, [insert(row)]).await;
    }
    let list = async |at, limit| {
        let found = store.list_due_across_accounts(START.plus_ms(at), limit).await.unwrap();
        found.iter().map(|payment| number(payment)).collect::<Vec<_>>()
    };
    assert_eq!(list(30, 100).await, [7, 2, 3, 4, 1]);
    assert_eq!(list(29, 100).await, [7, 2, 3, 4]);
    assert_eq!(list(100, 2).await, [7, 2]);
    assert_eq!(list(4, 100).await, [0; 0]);
    let later = Payment { due_at: Some(START.plus_ms(50)), ..moved(&rows[2], State::Cancelling) };
    given(&*store, [update(&later)]).await;
    given(&*store, [update(&settled(&rows[6]))]).await;
    assert_eq!(list(50, 100).await, [2, 4, 1, 6, 3]);
}

pub(super) async fn unfinished_payments_come_oldest_first(store: Engine) {
    let on = |scope: &Scope, n, terminal| Payment {
        terminal: Some(terminal_id(terminal).as_str().into()),
        ..payment_of(scope, n)
    };
    let rows = [
        on(&scope(), 5, 1),
        on(&other_account(), 4, 1),
        on(&scope(), 3, 1),
        on(&scope(), 2, 2),
        Payment { state: failed(), ..on(&scope(), 1, 1) },
        on(&scope(), 6, 1),
    ];
    for row in &rows {
        given(&*store, [insert(row)]).await;
    }
    given(&*store, [update(&settled(&rows[5]))]).await;
    let processing = State::Authorizing { request: request(), asked_at: START };
    given(&*store, [update(&moved(&rows[0], processing))]).await;
    let everywhere = store.list_unfinished_across_accounts().await.unwrap();
    assert_eq!(everywhere.iter().map(|p| number(p)).collect::<Vec<_>>(), [2, 3, 4, 5]);
    let here = store.list_unfinished_on_terminal(&scope(), &terminal_id(1)).await.unwrap();
    assert_eq!(here.iter().map(|p| number(p)).collect::<Vec<_>>(), [3, 5]);
}

pub(super) async fn payments_are_counted_by_status(store: Engine) {
    let counts = async || -> Vec<(Status, u64)> { store.count_payments_across_accounts().await.unwrap() };
    let with = |pairs: &[(Status, u64)]| -> Vec<(Status, u64)> {
        let of = |status| pairs.iter().find(|(s, _)| *s == status).map_or(0, |(_, n)| *n);
        Status::ALL.into_iter().map(|status| (status, of(status))).collect()
    };
    assert_eq!(counts().await, with(&[]));
    for (n, state) in states().into_iter().enumerate() {
        given(&*store, [insert(&Payment { state, ..payment(n as u64) })]).await;
    }
    let every = [
        (Status::Pending, 3),
        (Status::Processing, 3),
        (Status::Authorized, 1),
        (Status::Completed, 1),
        (Status::Failed, 2),
        (Status::Cancelled, 2),
        (Status::Expired, 1),
    ];
    assert_eq!(counts().await, with(&every));
    let stale = moved(&settled(&payment(0)), failed());
    assert!(commit(&*store, [update(&stale)]).await.is_err());
    given(&*store, [update(&settled(&payment(0))), insert(&payment_of(&other_mode(), 0))]).await;
    let mut moved = every;
    moved[4].1 = 3;
    assert_eq!(counts().await, with(&moved));
}
