//! Both engines under the same random transactions: every answer is compared, and so is everything that can be read.

use std::sync::Arc;

use proptest::prelude::*;
use vinr_domain::payment::{Channel, Payment, Status};
use vinr_domain::{BatchId, Currency, IntentId, Last4};

use super::fixtures::*;
use crate::store::{
    Answer, Change, CommitError, Cursor, IdempotencyRow, Lot, MemoryStore, Options, Page, Passed,
    PaymentFilter, Retention, Scope, Stage, Store, StoreError, Tender,
};

/// What a transaction is made of; numbers are taken modulo what there is.
#[derive(Clone, Debug)]
enum Step {
    Insert { n: u64, scope: usize, reference: Option<u8>, token: Option<u64>, state: usize },
    Update { n: u64, scope: usize, state: usize, stale: bool, due: Option<u8>, to: Option<u64> },
    Join { n: u64, scope: usize },
    Note { n: u64, scope: usize },
    Event { n: u64, sequence: u64 },
    Claim { n: u64, open: bool },
    AnswerKey { n: u64 },
}

#[derive(Clone, Debug)]
enum Act {
    Commit(Vec<Step>),
    Purge { day: i64, limit: u32 },
}

const PAYMENTS: u64 = 6;

fn step() -> impl Strategy<Value = Step> {
    let n = 0..PAYMENTS;
    let token = prop_oneof![3 => Just(None), 1 => (0..PAYMENTS * 2).prop_map(Some)];
    prop_oneof![
        4 => (n.clone(), 0..3_usize, proptest::option::of(0..3_u8), token, 0..13_usize).prop_map(
            |(n, scope, reference, token, state)| Step::Insert { n, scope, reference, token, state }
        ),
        6 => (
            (n.clone(), 0..3_usize, 0..13_usize),
            proptest::bool::weighted(0.2),
            proptest::option::of(0..9_u8),
            proptest::option::of(0..3_u64)
        )
            .prop_map(|((n, scope, state), stale, due, to)| Step::Update { n, scope, state, stale, due, to }),
        2 => (n.clone(), 0..3_usize).prop_map(|(n, scope)| Step::Join { n, scope }),
        2 => (n.clone(), 0..3_usize).prop_map(|(n, scope)| Step::Note { n, scope }),
        2 => (n.clone(), 1..4_u64).prop_map(|(n, sequence)| Step::Event { n, sequence }),
        2 => (n.clone(), any::<bool>()).prop_map(|(n, open)| Step::Claim { n, open }),
        1 => n.prop_map(|n| Step::AnswerKey { n }),
    ]
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        12 => prop::collection::vec(step(), 1..4).prop_map(Act::Commit),
        1 => (0..3_i64, 0..4_u32).prop_map(|(day, limit)| Act::Purge { day, limit }),
    ]
}

fn scopes() -> [Scope; 3] {
    [scope(), other_account(), other_mode()]
}

/// The change that the step stands for, given what the model knows.
async fn change(model: &MemoryStore, step: &Step) -> Change {
    match step {
        Step::Insert { n, scope, reference, token, state } => {
            let base = payment_of(&scopes()[*scope], *n);
            // Half of the tokens are ids of payments that may have none of their own.
            let intent = token.map_or(base.intent, |t| match t.checked_sub(PAYMENTS) {
                Some(other) => IntentId(payment_id(other).0),
                None => IntentId(u128::from(t) + 1),
            });
            let reference = reference.map(|r| format!("order {r}").into());
            // Every third began at a terminal.
            let channel = [Channel::Cloud, Channel::Cloud, Channel::Local][*n as usize % 3];
            insert(&Payment { intent, reference, channel, state: states()[*state].clone(), ..base })
        }
        Step::Update { n, scope, state, stale, due, to } => {
            let base = payment_of(&scopes()[*scope], *n);
            let now = known(model, &base).await.unwrap_or(base);
            let mut state = states()[*state].clone();
            let unfinished = |status| crate::store::rules::is_unfinished(status);
            if unfinished(state.kind().status()) && !unfinished(now.status()) {
                state = failed();
            }
            let due_at = due.map(|due| moment(u64::from(due)));
            let next = Payment { due_at, ..moved(&now, state) };
            let from_revision = if *stale { now.revision + 7 } else { now.revision };
            let Some(to) = to else {
                return Change::UpdatePayment { payment: Arc::new(next), from_revision };
            };
            // What was taken was taken by a terminal; a store relies on it.
            let waits = *to == 0 && next.captured_minor() == 0;
            let terminal = (!waits).then(|| terminal_id(*to).as_str().into());
            let next = Payment { terminal, location: Some(location_id(*to)), ..next };
            Change::AssignTerminal { payment: Arc::new(next), from_revision }
        }
        Step::Join { n, scope } => Change::JoinBatch {
            scope: scopes()[*scope].clone(),
            batch: BatchId(7),
            payments: vec![payment_id(*n)],
        },
        Step::Note { n, scope } => Change::NoteMoments {
            scope: scopes()[*scope].clone(),
            payment: payment_id(*n),
            moments: Arc::new([
                Passed { stage: Stage::Dispatched, at: moment(*n) },
                Passed { stage: Stage::PinEntry, at: moment(n + 1) },
            ]),
        },
        Step::Event { n, sequence } => Change::AppendEvent(event(*n, *sequence)),
        Step::Claim { n, open } => {
            let sequence = (!open).then_some(1);
            let answer = Answer::Payment { id: payment_id(*n), sequence, status: 200 };
            Change::ClaimIdempotencyKey(IdempotencyRow { answer, ..key(*n, &n.to_string()) })
        }
        Step::AnswerKey { n } => Change::AnswerIdempotencyKey(key(*n, &n.to_string())),
    }
}

/// Engines need not use the same words for what no caller can act upon.
fn comparable(outcome: Result<(), CommitError>) -> Result<(), CommitError> {
    outcome.map_err(|error| match error {
        CommitError::Failed(StoreError::Engine(_)) => CommitError::Failed(StoreError::Engine("".into())),
        other => other,
    })
}

/// Everything that can be read, as text.
async fn everything(store: &dyn Store) -> String {
    let mut seen = vec![];
    let filters = [
        PaymentFilter::default(),
        PaymentFilter { reference: Some("order 1".into()), ..PaymentFilter::default() },
        PaymentFilter { terminal: Some("term_1".into()), from: Some(moment(2)), ..PaymentFilter::default() },
        PaymentFilter { last4: Last4::parse("0005"), ..PaymentFilter::default() },
        PaymentFilter {
            location: Some(location_id(1)),
            status: Some(Status::Completed),
            ..PaymentFilter::default()
        },
        PaymentFilter {
            currency: Currency::parse("EUR").ok(),
            most_minor: Some(4_300),
            ..PaymentFilter::default()
        },
        PaymentFilter {
            status: Some(Status::Processing),
            least_minor: Some(4_300),
            ..PaymentFilter::default()
        },
        PaymentFilter { lot: Some(Lot::Batch(BatchId(7))), ..PaymentFilter::default() },
    ];
    for scope in &scopes() {
        for n in 0..PAYMENTS {
            seen.push(format!("{:?}", store.get_payment(scope, payment_id(n)).await));
            for intent in [payment_id(n).0, u128::from(n) + 1] {
                seen.push(format!("{:?}", store.find_payment_by_intent(scope, IntentId(intent)).await));
            }
            for sequence in 1..4 {
                let object = payment_id(n).to_string();
                seen.push(format!("{:?}", store.find_event(scope, &object, sequence).await));
            }
            let row = key(n, &n.to_string());
            seen.push(format!("{:?}", store.list_moments(scope, payment_id(n)).await));
            let remembered = store.find_idempotency_key(scope, &row.operation, &row.key).await;
            seen.push(format!("{remembered:?}"));
        }
        for filter in &filters {
            for cursor in [Cursor::Start, Cursor::After(payment_id(4)), Cursor::Before(payment_id(1))] {
                let listed = store.list_payments(scope, filter, &Page { limit: 2, cursor }).await;
                seen.push(format!("{listed:?}"));
            }
            seen.push(format!("{:?}", store.count_payments(scope, filter, 4).await));
        }
        let tender = Tender { terminal: payment(1).terminal.unwrap(), currency: payment(1).asked.currency };
        seen.push(format!("{:?}", store.sum_unbatched(scope, &tender).await));
        seen.push(format!("{:?}", store.list_unbatched(scope, &tender, moment(9), 3).await));
        for lot in [Lot::Batch(BatchId(7)), Lot::Open(tender)] {
            seen.push(format!("{:?}", store.sum_brands(scope, &lot).await));
        }
        seen.push(format!("{:?}", store.list_unfinished_on_terminal(scope, &terminal_id(1)).await));
    }
    seen.push(format!("{:?}", store.list_due_across_accounts(moment(5), 4).await));
    seen.push(format!("{:?}", store.list_unbatched_tenders_across_accounts().await));
    seen.push(format!("{:?}", store.count_payments_across_accounts().await));
    // Ids that two accounts share have no order between them.
    let mut unfinished = store.list_unfinished_across_accounts().await.unwrap();
    unfinished.sort_by_key(|payment| (payment.id, payment.account.clone(), payment.livemode));
    seen.push(format!("{unfinished:?}"));
    seen.join("\n")
}

async fn compare(acts: &[Act], options: Options) {
    let model = MemoryStore::new();
    let (_directory, engine) = super::sqlite(options);
    for act in acts {
        match act {
            Act::Commit(steps) => {
                let mut changes = vec![];
                for step in steps {
                    changes.push(change(&model, step).await);
                }
                let expected = comparable(commit(&model, changes.clone()).await);
                assert_eq!(comparable(commit(&*engine, changes).await), expected);
            }
            Act::Purge { day, limit } => {
                let now = moment(3).plus_ms(day * DAY_MS);
                let day = Some(DAY_MS);
                let retention = Retention { payments_ms: day, events_ms: day, idempotency_ms: day };
                let expected = model.purge_across_accounts(now, &retention, *limit).await;
                assert_eq!(engine.purge_across_accounts(now, &retention, *limit).await, expected);
            }
        }
    }
    assert_eq!(everything(&*engine).await, everything(&model).await);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_engines_answer_alike(acts in prop::collection::vec(act(), 1..40), cached in any::<bool>()) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let cached_payments = if cached { Options::default().cached_payments } else { 0 };
        runtime.block_on(compare(&acts, Options { cached_payments, ..Options::default() }));
    }
}
