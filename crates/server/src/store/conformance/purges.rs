//! Retention: what goes, what stays, and in which portions.

use std::sync::Arc;

use vinr_domain::Timestamp;
use vinr_domain::payment::Payment;

use super::fixtures::*;
use crate::store::{Change, Retention, Store};

type Engine = Arc<dyn Store>;

const KEEP_ALL: Retention = Retention { payments_ms: None, events_ms: None, idempotency_ms: None };

/// A month after row `n` was made.
fn month_after(n: u64) -> Timestamp {
    moment(n).plus_ms(30 * DAY_MS)
}

pub(super) async fn settled_payments_go_when_they_are_too_old(store: Engine) {
    let settled_row = |n| settled(&with_token(n, 1000 + u128::from(n)));
    let old = settled_row(1);
    let young = settled_row(5);
    let unfinished = with_reference(2, "order");
    let owing = Payment { due_at: Some(START), ..moved(&payment(3), failed()) };
    let elsewhere = Payment { account: other_account().account, ..settled_row(1) };
    for row in [&old, &young, &unfinished, &owing, &elsewhere] {
        given(&*store, [insert(row)]).await;
        assert!(known(&*store, row).await.is_some());
    }
    let retention = Retention { payments_ms: Some(30 * DAY_MS), ..KEEP_ALL };
    assert_eq!(store.purge_across_accounts(month_after(1), &retention, 100).await, Ok(0));
    assert_eq!(store.purge_across_accounts(month_after(5), &retention, 100).await, Ok(2));
    for (row, stays) in
        [(&old, false), (&elsewhere, false), (&young, true), (&unfinished, true), (&owing, true)]
    {
        assert_eq!(known(&*store, row).await.is_some(), stays);
    }
    assert_eq!(store.find_payment_by_intent(&scope(), old.intent).await, Ok(None));
    let counted: u64 = store.count_payments_across_accounts().await.unwrap().iter().map(|(_, n)| n).sum();
    assert_eq!(counted, 3);
    given(&*store, [insert(&with_token(9, old.intent.0))]).await;
}

pub(super) async fn events_and_keys_go_when_they_are_too_old(store: Engine) {
    for n in 1..=4 {
        let key = key(n, &n.to_string());
        given(&*store, [Change::AppendEvent(event(n, 1)), Change::ClaimIdempotencyKey(key)]).await;
    }
    let left = async || {
        let mut left = (vec![], vec![]);
        for n in 1..=4 {
            let object = payment_id(n).to_string();
            if store.find_event(&scope(), &object, 1).await.unwrap().is_some() {
                left.0.push(n);
            }
            let operation = key(n, "").operation;
            if store.find_idempotency_key(&scope(), &operation, &n.to_string()).await.unwrap().is_some() {
                left.1.push(n);
            }
        }
        left
    };
    let events = Retention { events_ms: Some(30 * DAY_MS), ..KEEP_ALL };
    assert_eq!(store.purge_across_accounts(month_after(3), &events, 100).await, Ok(2));
    assert_eq!(left().await, (vec![3, 4], vec![1, 2, 3, 4]));
    let keys = Retention { idempotency_ms: Some(30 * DAY_MS), ..KEEP_ALL };
    assert_eq!(store.purge_across_accounts(month_after(4), &keys, 100).await, Ok(3));
    assert_eq!(left().await, (vec![3, 4], vec![4]));
    given(&*store, [Change::ClaimIdempotencyKey(key(9, "1"))]).await;
}

pub(super) async fn a_purge_takes_no_more_than_its_limit(store: Engine) {
    for n in 1..=5 {
        let changes = [
            insert(&settled(&payment(n))),
            insert(&settled(&payment_of(&other_mode(), n))),
            Change::AppendEvent(event(n, 1)),
            Change::ClaimIdempotencyKey(key(n, &n.to_string())),
        ];
        given(&*store, changes).await;
    }
    let retention =
        Retention { payments_ms: Some(DAY_MS), events_ms: Some(DAY_MS), idempotency_ms: Some(DAY_MS) };
    let mut gone = vec![];
    for _ in 0..6 {
        gone.push(store.purge_across_accounts(month_after(9), &retention, 2).await.unwrap());
    }
    // The newest event stays.
    assert_eq!(gone, [6, 6, 3, 2, 2, 0]);
    assert!(store.count_payments_across_accounts().await.unwrap().iter().all(|(_, n)| *n == 0));
}

pub(super) async fn what_may_stay_for_ever_stays(store: Engine) {
    let row = settled(&payment(1));
    let claim = Change::ClaimIdempotencyKey(key(1, "k"));
    given(&*store, [insert(&row), Change::AppendEvent(event(1, 1)), claim]).await;
    let far = START.plus_ms(100_000 * DAY_MS);
    assert_eq!(store.purge_across_accounts(far, &KEEP_ALL, 100).await, Ok(0));
    assert_eq!(known(&*store, &row).await, Some(row));
}
