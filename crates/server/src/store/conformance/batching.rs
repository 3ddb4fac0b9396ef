//! Batches: which payments can join one, that each joins once, and that no later change of a payment forgets it.

use std::sync::Arc;

use vinr_domain::BatchId;
use vinr_domain::payment::{Advice, AdviceKind, Payment, State};

use super::fixtures::*;
use crate::store::{Change, CommitError, Store, Tender, Transaction, Unbatched, UnbatchedSums};

type Engine = Arc<dyn Store>;

fn completed(n: u64) -> Payment {
    let at = moment(n);
    let state =
        State::Completed { request: request(), approval: approval(), captured_minor: 100 + n as i64, at };
    Payment { due_at: None, ..moved(&payment(n), state) }
}

/// Completed, but the acquirer has not acknowledged the capture.
fn unacknowledged(n: u64) -> Payment {
    let kind = AdviceKind::Capture { amount_minor: 100 + n as i64 };
    Payment { advice: Some(Advice { kind, attempts: 0 }), due_at: Some(START), ..completed(n) }
}

fn tender() -> Tender {
    Tender { terminal: payment(1).terminal.unwrap(), currency: payment(1).asked.currency }
}

fn join(batch: u128, payments: &[u64]) -> Change {
    let payments = payments.iter().map(|n| payment_id(*n)).collect();
    Change::JoinBatch { scope: scope(), batch: BatchId(batch), payments }
}

async fn waiting(store: &Engine, up_to: u64, limit: u32) -> Vec<Unbatched> {
    store.list_unbatched(&scope(), &tender(), moment(up_to), limit).await.unwrap()
}

fn listed(n: u64) -> Unbatched {
    Unbatched { id: payment_id(n), captured_minor: 100 + n as i64 }
}

pub(super) async fn what_is_completed_and_acknowledged_waits_for_a_batch(store: Engine) {
    assert_eq!(store.sum_unbatched(&scope(), &tender()).await, Ok(UnbatchedSums::default()));
    assert_eq!(store.list_unbatched_tenders_across_accounts().await, Ok(vec![]));
    let elsewhere = Payment { account: other_account().account, ..completed(1) };
    let other_terminal = Payment { terminal: Some("term_other".into()), ..completed(7) };
    for row in [completed(3), completed(1), unacknowledged(2), elsewhere, other_terminal, payment(5)] {
        given(&*store, [insert(&row)]).await;
    }
    assert_eq!(waiting(&store, 9, 10).await, [listed(1), listed(3)], "the earliest first");
    assert_eq!(waiting(&store, 9, 1).await, [listed(1)]);
    assert_eq!(waiting(&store, 2, 10).await, [listed(1)], "what was completed later is not told");
    let sums = UnbatchedSums { count: 2, captured_minor: 204, unacknowledged: 1 };
    assert_eq!(store.sum_unbatched(&scope(), &tender()).await, Ok(sums));
    let tenders = store.list_unbatched_tenders_across_accounts().await.unwrap();
    let seen: Vec<_> = tenders.iter().map(|t| (&*t.tender.terminal, t.first_at)).collect();
    assert_eq!(seen, [("term_1", moment(1)), ("term_other", moment(7)), ("term_1", moment(1))]);
}

pub(super) async fn a_payment_joins_one_batch_once_and_stays_there(store: Engine) {
    for n in 1..=3 {
        given(&*store, [insert(&completed(n))]).await;
    }
    given(&*store, [join(70, &[1, 2])]).await;
    assert_eq!(waiting(&store, 9, 10).await, [listed(3)]);
    let stale = |n| Err(CommitError::StaleRevision(payment_id(n)));
    assert_eq!(commit(&*store, vec![join(71, &[3, 2])]).await, stale(2), "all of it or nothing");
    assert_eq!(waiting(&store, 9, 10).await, [listed(3)]);
    // A refund is reserved: the payment is written anew, by somebody who knows nothing of batches.
    let refunded = Payment { refunded_minor: 50, revision: 3, sequence: 3, ..completed(1) };
    given(&*store, [update(&refunded)]).await;
    assert_eq!(known(&*store, &refunded).await, Some(refunded));
    assert_eq!(waiting(&store, 9, 10).await, [listed(3)]);
    assert_eq!(commit(&*store, vec![join(72, &[1])]).await, stale(1));
    assert!(is_engine(&commit(&*store, vec![join(73, &[3, 3])]).await), "named twice");
}

pub(super) async fn what_is_not_final_joins_no_batch(store: Engine) {
    for row in [payment(1), unacknowledged(2), settled(&payment(3))] {
        given(&*store, [insert(&row)]).await;
    }
    for n in 1..=4 {
        let refused = commit(&*store, vec![join(70, &[n])]).await;
        assert_eq!(refused, Err(CommitError::StaleRevision(payment_id(n))));
    }
    let acknowledged = Payment { advice: None, due_at: None, revision: 3, ..unacknowledged(2) };
    given(&*store, [update(&acknowledged)]).await;
    given(&*store, [join(70, &[2])]).await;
}

pub(super) async fn of_many_batches_that_want_a_payment_one_gets_it(store: Engine) {
    for n in 1..=8 {
        given(&*store, [insert(&completed(n))]).await;
    }
    let joins = (1..=8_u64).flat_map(|n| (0..8_u32).map(move |k| join(u128::from(k), &[n, n % 8 + 1])));
    let tasks: Vec<_> = joins
        .map(|change| {
            let store = Arc::clone(&store);
            tokio::spawn(async move { store.commit(Transaction { changes: vec![change] }).await })
        })
        .collect();
    let mut won = 0;
    for task in tasks {
        won += usize::from(task.await.unwrap().is_ok());
    }
    let left = waiting(&store, 9, 10).await.len();
    assert_eq!(2 * won + left, 8, "each join that was taken holds two payments of its own");
}
