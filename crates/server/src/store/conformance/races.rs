//! Many writers at once: exactly one passes each check, and nobody pays for another's mistake.

use std::sync::Arc;

use vinr_domain::payment::{Payment, State};

use super::fixtures::*;
use crate::store::{Change, CommitError, Store, Transaction};

type Engine = Arc<dyn Store>;

const WRITERS: u64 = 64;

/// Commits all of them at once; answers in their order.
async fn race(store: &Engine, transactions: Vec<Vec<Change>>) -> Vec<Result<(), CommitError>> {
    let spawned: Vec<_> = transactions
        .into_iter()
        .map(|changes| {
            let store = store.clone();
            tokio::spawn(async move { store.commit(Transaction { changes }).await })
        })
        .collect();
    let mut outcomes = vec![];
    for task in spawned {
        outcomes.push(task.await.unwrap());
    }
    outcomes
}

/// The number of the one that won; every other outcome must be the given one.
fn winner(outcomes: &[Result<(), CommitError>], lost: impl Fn(u64) -> CommitError) -> u64 {
    let won: Vec<u64> = (0..).zip(outcomes).filter(|(_, o)| o.is_ok()).map(|(n, _)| n).collect();
    assert_eq!(won.len(), 1, "{outcomes:?}");
    for outcome in outcomes.iter().filter_map(|o| o.as_ref().err()) {
        assert_eq!(*outcome, lost(won[0]));
    }
    won[0]
}

pub(super) async fn of_many_inserts_with_one_reference_one_wins(store: Engine) {
    let rows: Vec<Payment> = (0..WRITERS).map(|n| with_reference(n, "order")).collect();
    let outcomes = race(&store, rows.iter().map(|row| vec![insert(row)]).collect()).await;
    let won = winner(&outcomes, |won| CommitError::ReferenceTaken(payment_id(won)));
    for row in &rows {
        assert_eq!(known(&*store, row).await.is_some(), number(row) == won);
    }
}

pub(super) async fn of_many_inserts_with_one_token_one_wins(store: Engine) {
    let outcomes = race(&store, (0..WRITERS).map(|n| vec![insert(&with_token(n, 9))]).collect()).await;
    winner(&outcomes, |won| CommitError::ClientTokenTaken(payment_id(won)));
}

pub(super) async fn of_many_claims_of_one_key_one_wins(store: Engine) {
    let claim = |n| vec![Change::ClaimIdempotencyKey(key(n, "k")), insert(&payment(n))];
    let outcomes = race(&store, (0..WRITERS).map(claim).collect()).await;
    let won = winner(&outcomes, |won| CommitError::IdempotencyKeyTaken(Box::new(key(won, "k"))));
    for n in 0..WRITERS {
        assert_eq!(known(&*store, &payment(n)).await.is_some(), n == won);
    }
}

pub(super) async fn of_many_updates_from_one_revision_one_wins(store: Engine) {
    let first = payment(1);
    given(&*store, [insert(&first)]).await;
    let next = |n| Payment { due_at: Some(moment(n)), ..moved(&first, State::Cancelling) };
    let outcomes = race(&store, (0..WRITERS).map(|n| vec![update(&next(n))]).collect()).await;
    let won = winner(&outcomes, |_| CommitError::StaleRevision(first.id));
    assert_eq!(known(&*store, &first).await, Some(next(won)));
}

pub(super) async fn a_malformed_transaction_hurts_none_of_its_neighbours(store: Engine) {
    given(&*store, [Change::AppendEvent(event(0, 1))]).await;
    let changes = |n| {
        let repeated = if n % 8 == 0 { 0 } else { n };
        vec![insert(&payment(n)), Change::AppendEvent(event(repeated, 1))]
    };
    let outcomes = race(&store, (1..=WRITERS).map(changes).collect()).await;
    for (n, outcome) in (1..).zip(&outcomes) {
        assert_eq!(is_engine(outcome), n % 8 == 0, "{outcome:?}");
        assert_eq!(outcome.is_ok(), n % 8 != 0);
        assert_eq!(known(&*store, &payment(n)).await.is_some(), outcome.is_ok());
    }
    let counted: u64 = store.count_payments_across_accounts().await.unwrap().iter().map(|(_, n)| n).sum();
    assert_eq!(counted, WRITERS - WRITERS / 8);
}

/// Once a revision has been acknowledged or seen, nobody sees an older one.
pub(super) async fn a_reader_never_goes_back(store: Engine) {
    const REVISIONS: u64 = 300;
    let mut payment = payment(1);
    given(&*store, [insert(&payment)]).await;
    let reader = {
        let (store, payment) = (store.clone(), payment.clone());
        tokio::spawn(async move {
            let mut seen = 0;
            while seen < REVISIONS {
                let revision = known(&*store, &payment).await.unwrap().revision;
                assert!(revision >= seen, "{revision} after {seen}");
                seen = revision;
                tokio::task::yield_now().await;
            }
        })
    };
    while payment.revision < REVISIONS {
        payment = moved(&payment, State::Cancelling);
        given(&*store, [update(&payment)]).await;
        assert_eq!(known(&*store, &payment).await.unwrap().revision, payment.revision);
    }
    reader.await.unwrap();
}
