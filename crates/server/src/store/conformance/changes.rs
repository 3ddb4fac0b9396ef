//! Every change, every check, and that a transaction is applied whole or not at all.

use std::sync::Arc;

use vinr_domain::IntentId;
use vinr_domain::payment::{Advice, AdviceKind, Channel, OfflineFacts, Payment, State};

use super::fixtures::*;
use crate::store::{
    Answer, Change, CommitError, Cursor, EventRow, IdempotencyRow, Page, PaymentFilter, Store, TerminalRow,
};

type Engine = Arc<dyn Store>;

pub(super) async fn a_payment_in_every_state_reads_back_as_it_was_written(store: Engine) {
    for (n, state) in states().into_iter().enumerate() {
        let full = Payment { state: state.clone(), ..full_payment(n as u64) };
        let reversal = Some(Advice { kind: AdviceKind::Reversal, attempts: 0 });
        let bare = Payment { state, due_at: None, advice: reversal, ..payment(100 + n as u64) };
        given(&*store, [insert(&full), insert(&bare)]).await;
        assert_eq!(known(&*store, &full).await, Some(full));
        assert_eq!(known(&*store, &bare).await, Some(bare));
    }
}

pub(super) async fn an_update_replaces_what_changes(store: Engine) {
    let mut payment = full_payment(1);
    given(&*store, [insert(&payment)]).await;
    for state in states() {
        payment = moved(&payment, state);
        payment.attempt_epoch -= 1;
        payment.deadline = payment.deadline.plus_ms(1);
        payment.due_at = payment.due_at.is_none().then_some(START);
        payment.advice =
            payment.advice.is_none().then_some(Advice { kind: AdviceKind::Reversal, attempts: 1 });
        payment.offline = payment.offline.is_none().then_some(OfflineFacts { approved_at: START, number: 1 });
        given(&*store, [update(&payment)]).await;
        assert_eq!(known(&*store, &payment).await, Some(payment.clone()));
    }
}

pub(super) async fn an_update_from_another_revision_is_stale(store: Engine) {
    let first = payment(1);
    let second = moved(&first, State::Cancelling);
    given(&*store, [insert(&first)]).await;
    given(&*store, [update(&second)]).await;
    let lost = moved(&first, failed());
    assert_eq!(commit(&*store, [update(&lost)]).await, Err(CommitError::StaleRevision(first.id)));
    let ahead = Payment { revision: 4, ..second.clone() };
    assert_eq!(commit(&*store, [update(&ahead)]).await, Err(CommitError::StaleRevision(first.id)));
    assert_eq!(known(&*store, &first).await, Some(second));
}

pub(super) async fn a_terminal_is_assigned_once_and_found_by_it(store: Engine) {
    let waiting = Payment { state: State::Queued, terminal: None, location: None, ..full_payment(1) };
    given(&*store, [insert(&waiting)]).await;
    let on = |n| Payment {
        terminal: Some(terminal_id(n).as_str().into()),
        location: Some(location_id(n)),
        ..moved(&waiting, State::Pending)
    };
    given(&*store, [assign(&on(2))]).await;
    assert_eq!(commit(&*store, [assign(&on(3))]).await, Err(CommitError::StaleRevision(waiting.id)));
    assert_eq!(known(&*store, &waiting).await, Some(on(2)));
    let here = |n: u64| {
        let filter =
            PaymentFilter { terminal: Some(terminal_id(n).as_str().into()), ..PaymentFilter::default() };
        let (store, page) = (Arc::clone(&store), Page { limit: 9, cursor: Cursor::Start });
        async move { numbers(&*store, &scope(), &filter, &page).await.0 }
    };
    assert_eq!((here(2).await, here(3).await), (vec![1], vec![]));
    let unfinished = store.list_unfinished_on_terminal(&scope(), &terminal_id(2)).await.unwrap();
    assert_eq!(unfinished.len(), 1);
    let back = Payment { terminal: None, location: None, ..moved(&on(2), State::Queued) };
    given(&*store, [assign(&back)]).await;
    assert_eq!(known(&*store, &waiting).await, Some(back));
    assert_eq!(here(2).await, Vec::<u64>::new());
}

pub(super) async fn an_update_of_an_unknown_payment_is_stale(store: Engine) {
    let payment = moved(&payment(1), failed());
    assert_eq!(commit(&*store, [update(&payment)]).await, Err(CommitError::StaleRevision(payment.id)));
    assert_eq!(known(&*store, &payment).await, None);
}

pub(super) async fn a_known_id_is_not_inserted_again(store: Engine) {
    let first = with_token(1, 5);
    given(&*store, [insert(&first)]).await;
    let again = with_token(1, 6);
    assert_eq!(commit(&*store, [insert(&again)]).await, Err(CommitError::StaleRevision(first.id)));
    assert_eq!(known(&*store, &first).await, Some(first));
}

pub(super) async fn a_client_token_names_one_payment_for_ever(store: Engine) {
    let first = with_token(1, 77);
    given(&*store, [insert(&first)]).await;
    let second = with_token(2, 77);
    assert_eq!(commit(&*store, [insert(&second)]).await, Err(CommitError::ClientTokenTaken(first.id)));
    given(&*store, [update(&settled(&first))]).await;
    assert_eq!(commit(&*store, [insert(&second)]).await, Err(CommitError::ClientTokenTaken(first.id)));
    assert_eq!(known(&*store, &second).await, None);
    given(&*store, [insert(&with_token(2, 78))]).await;
}

pub(super) async fn a_token_may_not_be_the_id_of_a_payment_that_has_none(store: Engine) {
    let first = payment(1);
    given(&*store, [insert(&first)]).await;
    let second = with_token(2, first.id.0);
    assert_eq!(commit(&*store, [insert(&second)]).await, Err(CommitError::ClientTokenTaken(first.id)));
    // The other way round, and: an id whose payment has a token of its own is free.
    let third = with_token(3, payment_id(4).0);
    given(&*store, [insert(&third)]).await;
    assert_eq!(commit(&*store, [insert(&payment(4))]).await, Err(CommitError::ClientTokenTaken(third.id)));
    given(&*store, [insert(&with_token(5, third.id.0))]).await;
}

pub(super) async fn an_unfinished_payment_keeps_its_reference_to_itself(store: Engine) {
    let mut next = 10;
    for state in states() {
        let reference = format!("order {next}");
        let first = Payment { state, ..with_reference(next, &reference) };
        let second = with_reference(next + 1, &reference);
        next += 2;
        given(&*store, [insert(&first)]).await;
        let unfinished = matches!(
            first.state,
            State::Queued
                | State::Pending
                | State::Cancelling
                | State::Authorizing { .. }
                | State::Uncertain { .. }
                | State::Reversing { .. }
        );
        let outcome = commit(&*store, [insert(&second)]).await;
        if unfinished {
            assert_eq!(outcome, Err(CommitError::ReferenceTaken(first.id)));
            given(&*store, [update(&settled(&first))]).await;
            given(&*store, [insert(&second)]).await;
        } else {
            assert_eq!(outcome, Ok(()));
        }
        // The newer bearer is told, not the finished one.
        let third = with_reference(next, &reference);
        assert_eq!(commit(&*store, [insert(&third)]).await, Err(CommitError::ReferenceTaken(second.id)));
    }
}

pub(super) async fn what_began_at_a_terminal_is_kept_whoever_bears_its_reference(store: Engine) {
    let began = |n, channel| Payment { channel, ..with_reference(n, "order") };
    given(&*store, [insert(&with_reference(1, "order"))]).await;
    given(&*store, [insert(&began(2, Channel::Local)), insert(&began(3, Channel::Cashless))]).await;
    given(&*store, [insert(&began(4, Channel::Local))]).await;
    for n in 1..=4 {
        let taken = commit(&*store, [insert(&with_reference(9, "order"))]).await;
        assert!(matches!(taken, Err(CommitError::ReferenceTaken(_))), "{n} are over: {taken:?}");
        let over = known(&*store, &with_reference(n, "order")).await.unwrap();
        given(&*store, [update(&settled(&over))]).await;
    }
    given(&*store, [insert(&with_reference(9, "order"))]).await;
}

pub(super) async fn a_refused_payment_needs_a_free_reference_too(store: Engine) {
    let first = with_reference(1, "order");
    given(&*store, [insert(&first)]).await;
    let refused = Payment { state: failed(), ..with_reference(2, "order") };
    assert_eq!(commit(&*store, [insert(&refused)]).await, Err(CommitError::ReferenceTaken(first.id)));
}

pub(super) async fn an_event_of_a_known_sequence_is_refused(store: Engine) {
    given(&*store, [Change::AppendEvent(event(1, 1)), Change::AppendEvent(event(1, 2))]).await;
    let again = EventRow { kind: "terminal_payment.failed", ..event(1, 2) };
    assert!(is_engine(&commit(&*store, [insert(&payment(1)), Change::AppendEvent(again)]).await));
    assert_eq!(known(&*store, &payment(1)).await, None);
    let found = store.find_event(&scope(), &payment_id(1).to_string(), 2).await.unwrap();
    assert_eq!(found, Some(event(1, 2)));
}

pub(super) async fn an_unknown_kind_of_event_is_refused(store: Engine) {
    let odd = EventRow { kind: "terminal_payment.sung", ..event(1, 1) };
    assert!(is_engine(&commit(&*store, [insert(&payment(1)), Change::AppendEvent(odd)]).await));
    assert_eq!(known(&*store, &payment(1)).await, None);
}

async fn remembered(store: &dyn Store, row: &IdempotencyRow) -> Option<IdempotencyRow> {
    store.find_idempotency_key(&row.scope, &row.operation, &row.key).await.unwrap()
}

pub(super) async fn an_idempotency_key_is_claimed_once(store: Engine) {
    let first = key(1, "k");
    let body: Arc<[u8]> = Arc::from(&b"{\"error\":{}}"[..]);
    let verbatim = IdempotencyRow { answer: Answer::Verbatim { status: 422, body }, ..key(2, "v") };
    let empty =
        IdempotencyRow { answer: Answer::Verbatim { status: 204, body: Arc::default() }, ..key(3, "e") };
    for row in [&first, &verbatim, &empty] {
        given(&*store, [Change::ClaimIdempotencyKey(row.clone())]).await;
        assert_eq!(remembered(&*store, row).await.as_ref(), Some(row));
        let again = IdempotencyRow { fingerprint: [99; 32], ..row.clone() };
        let refused = commit(&*store, [Change::ClaimIdempotencyKey(again)]).await;
        assert_eq!(refused, Err(CommitError::IdempotencyKeyTaken(Box::new(row.clone()))));
    }
    let elsewhere = IdempotencyRow { operation: "POST /v1/other".into(), ..key(4, "k") };
    given(&*store, [Change::ClaimIdempotencyKey(elsewhere.clone())]).await;
    assert_eq!(remembered(&*store, &elsewhere).await, Some(elsewhere));
    assert_eq!(remembered(&*store, &key(1, "K")).await, None);
}

pub(super) async fn an_open_answer_is_given_once(store: Engine) {
    let answered = |sequence, status| IdempotencyRow {
        answer: Answer::Payment { id: payment_id(1), sequence, status },
        ..key(1, "k")
    };
    given(&*store, [Change::ClaimIdempotencyKey(answered(None, 200))]).await;
    given(&*store, [Change::AnswerIdempotencyKey(answered(Some(3), 202))]).await;
    assert_eq!(remembered(&*store, &key(1, "k")).await, Some(answered(Some(3), 202)));
    let late = commit(&*store, [Change::AnswerIdempotencyKey(answered(Some(4), 200))]).await;
    assert_eq!(late, Err(CommitError::IdempotencyKeyTaken(Box::new(answered(Some(3), 202)))));
    let unclaimed = key(2, "nobody's");
    given(&*store, [Change::AnswerIdempotencyKey(unclaimed.clone())]).await;
    assert_eq!(remembered(&*store, &unclaimed).await, Some(unclaimed));
}

pub(super) async fn a_transaction_touches_a_row_once(store: Engine) {
    let (one, two) = (payment(1), payment(2));
    let token = |n| with_token(n, 9);
    let reference = |n| with_reference(n, "order");
    let claim = || Change::ClaimIdempotencyKey(key(1, "k"));
    let twice: [Vec<Change>; 7] = [
        vec![insert(&one), insert(&one)],
        vec![insert(&one), update(&moved(&one, failed()))],
        vec![insert(&token(1)), insert(&two), insert(&token(3))],
        vec![insert(&reference(1)), insert(&reference(2))],
        vec![Change::AppendEvent(event(1, 1)), insert(&one), Change::AppendEvent(event(1, 1))],
        vec![claim(), Change::AnswerIdempotencyKey(key(1, "k"))],
        vec![insert(&one), Change::put(&terminal(1)), Change::put(&terminal(1))],
    ];
    for changes in twice {
        assert!(is_engine(&commit(&*store, changes.clone()).await), "{changes:?}");
        assert_eq!(known(&*store, &one).await, None);
    }
    let elsewhere = payment_of(&other_account(), 1);
    given(&*store, [insert(&one), insert(&two), insert(&elsewhere), claim()]).await;
}

pub(super) async fn a_refused_transaction_leaves_nothing_behind(store: Engine) {
    let (bearer, waiting) = (with_reference(1, "order"), payment(2));
    given(&*store, [insert(&bearer), insert(&waiting)]).await;
    let changes = [
        Change::ClaimIdempotencyKey(key(3, "k")),
        Change::AppendEvent(event(3, 1)),
        Change::put(&terminal(1)),
        update(&moved(&waiting, failed())),
        insert(&with_reference(3, "order")),
    ];
    assert_eq!(commit(&*store, changes.clone()).await, Err(CommitError::ReferenceTaken(bearer.id)));
    assert_eq!(remembered(&*store, &key(3, "k")).await, None);
    assert_eq!(store.find_event(&scope(), &payment_id(3).to_string(), 1).await, Ok(None));
    assert_eq!(store.get::<TerminalRow>(&scope(), "term_1").await, Ok(None));
    assert_eq!(known(&*store, &waiting).await, Some(waiting.clone()));
    let counted: u64 = store.count_payments_across_accounts().await.unwrap().iter().map(|(_, n)| n).sum();
    assert_eq!(counted, 2);
    given(&*store, [update(&settled(&bearer))]).await;
    given(&*store, changes).await;
}

pub(super) async fn the_first_failing_change_is_the_one_that_is_told(store: Engine) {
    let bearer = with_reference(1, "order");
    let claimed = key(1, "k");
    given(&*store, [insert(&bearer), Change::ClaimIdempotencyKey(claimed.clone())]).await;
    let taken = CommitError::IdempotencyKeyTaken(Box::new(claimed.clone()));
    let claim = || Change::ClaimIdempotencyKey(claimed.clone());
    let refused = || insert(&with_reference(2, "order"));
    assert_eq!(commit(&*store, [claim(), refused()]).await, Err(taken));
    assert_eq!(commit(&*store, [refused(), claim()]).await, Err(CommitError::ReferenceTaken(bearer.id)));
    let both = Payment { intent: IntentId(bearer.intent.0), ..with_reference(2, "order") };
    assert_eq!(commit(&*store, [insert(&both)]).await, Err(CommitError::ClientTokenTaken(bearer.id)));
}
