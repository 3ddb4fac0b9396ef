//! Rows for the suite: each made from a number, so that a test can say which is which.

use std::collections::BTreeMap;
use std::sync::Arc;

use vinr_domain::payment::{
    Advice, AdviceKind, Approval, AuthorizationRequest, CaptureMethod, Channel, OfflineFacts, Order, Payment,
    ResponseMode, State, Terms, Tip, TipMode, accept,
};
use vinr_domain::{
    AccountId, Brand, CardFacts, Currency, DeclineCode, EntryMode, EventId, IntentId, Last4, LocationId,
    Money, PaymentId, TerminalId, Timestamp,
};

use crate::store::{
    Answer, Change, CommitError, EventRow, IdempotencyRow, Page, PaymentFilter, Scope, Store, StoreError,
    TerminalRow, Transaction,
};

pub(super) const DAY_MS: i64 = 24 * 3_600_000;
/// When the first row is made.
pub(super) const START: Timestamp = Timestamp(1_790_000_000_000);

pub(in crate::store) fn scope() -> Scope {
    Scope { account: AccountId::parse("acct_one").unwrap(), livemode: false }
}

pub(super) fn other_account() -> Scope {
    Scope { account: AccountId::parse("acct_two").unwrap(), livemode: false }
}

pub(super) fn other_mode() -> Scope {
    Scope { livemode: true, ..scope() }
}

/// When row `n` is made: a second after the one before.
pub(super) fn moment(n: u64) -> Timestamp {
    START.plus_ms(n as i64 * 1000)
}

pub(super) fn payment_id(n: u64) -> PaymentId {
    PaymentId(PaymentId::first_at(moment(n).0).0 + 0x7000 + u128::from(n))
}

pub(super) fn terminal_id(n: u64) -> TerminalId {
    TerminalId::parse(&format!("term_{n}")).unwrap()
}

pub(super) fn location_id(n: u64) -> LocationId {
    LocationId::parse(&format!("loc_{n}")).unwrap()
}

/// Payment `n` of the scope: pending, without a token or a reference of the client's.
pub(super) fn payment_of(scope: &Scope, n: u64) -> Payment {
    let order = Order {
        id: payment_id(n),
        account: scope.account.clone(),
        livemode: scope.livemode,
        intent: IntentId(payment_id(n).0),
        terminal: Some(terminal_id(1).as_str().into()),
        group: None,
        location: None,
        asked: Money { amount_minor: 4_200, currency: Currency::parse("EUR").unwrap() },
        capture_method: CaptureMethod::Automatic,
        response_mode: ResponseMode::Async,
        reference: None,
        description: None,
        metadata: Arc::default(),
    };
    accept(order, moment(n), &Terms::default()).0
}

pub(in crate::store) fn payment(n: u64) -> Payment {
    payment_of(&scope(), n)
}

pub(super) fn with_reference(n: u64, reference: &str) -> Payment {
    Payment { reference: Some(reference.into()), ..payment(n) }
}

pub(super) fn with_token(n: u64, token: u128) -> Payment {
    Payment { intent: IntentId(token), ..payment(n) }
}

pub(super) fn request() -> AuthorizationRequest {
    AuthorizationRequest {
        stan: 7,
        generation: 2,
        attempt_epoch: 1,
        card: CardFacts {
            brand: Brand::Amex,
            last4: Last4::parse("0005").unwrap(),
            entry_mode: EntryMode::ManualKey,
        },
        amount_minor: 4_500,
        tip: Some(Tip { amount_minor: 300, mode: TipMode::Custom }),
    }
}

pub(super) fn approval() -> Approval {
    Approval { authorized_minor: 4_400, auth_code: "A1B2C3".into(), at: START.plus_ms(3) }
}

/// Every state, and every shape of those that have more than one.
pub(super) fn states() -> Vec<State> {
    let (request, approval, at) = (request(), approval(), START.plus_ms(5));
    let plain = AuthorizationRequest { tip: None, ..request.clone() };
    vec![
        State::Queued,
        State::Pending,
        State::Cancelling,
        State::Authorizing { request: request.clone(), asked_at: at },
        State::Uncertain { request: plain, since: at },
        State::Reversing { request: request.clone(), since: at },
        State::Authorized { request: request.clone(), approval: approval.clone(), expires_at: at },
        State::Completed { request: request.clone(), approval: approval.clone(), captured_minor: 4_400, at },
        State::Failed { code: DeclineCode::TerminalBusy, request: None, at },
        State::Failed { code: DeclineCode::ExpiredCard, request: Some(request.clone()), at },
        State::Cancelled { voided: None, at },
        State::Cancelled { voided: Some((request.clone(), approval.clone())), at },
        State::Expired { request, approval, at },
    ]
}

/// A payment with something in every column.
pub(super) fn full_payment(n: u64) -> Payment {
    let pairs = [("order", "ü \"1\""), ("", "")].map(|(k, v)| (k.to_owned(), v.to_owned()));
    Payment {
        intent: IntentId(u128::MAX - u128::from(n)),
        terminal: Some(terminal_id(9).as_str().into()),
        group: Some(Arc::new([terminal_id(8).as_str().into(), "a \"name\"".into()])),
        location: Some(location_id(3)),
        asked: Money { amount_minor: 1, currency: Currency::parse("BHD").unwrap() },
        capture_method: CaptureMethod::Manual,
        response_mode: ResponseMode::Sync,
        reference: Some(format!("table {n}").into()),
        description: Some("".into()),
        metadata: Arc::new(BTreeMap::from(pairs)),
        channel: Channel::Cashless,
        offline: Some(OfflineFacts { approved_at: START.plus_ms(9), number: u32::MAX }),
        attempt_epoch: u32::MAX,
        sequence: 12,
        revision: 34,
        advice: Some(Advice { kind: AdviceKind::Capture { amount_minor: 12 }, attempts: 3 }),
        ..payment(n)
    }
}

/// The payment one revision later, in that state.
pub(super) fn moved(payment: &Payment, state: State) -> Payment {
    Payment { state, revision: payment.revision + 1, sequence: payment.sequence + 1, ..payment.clone() }
}

pub(super) fn failed() -> State {
    State::Failed { code: DeclineCode::CardDeclined, request: None, at: START }
}

/// Final, and nothing is left to be done.
pub(super) fn settled(payment: &Payment) -> Payment {
    Payment { due_at: None, ..moved(payment, failed()) }
}

pub(super) fn insert(payment: &Payment) -> Change {
    Change::InsertPayment(Arc::new(payment.clone()))
}

/// The update from the revision before.
pub(super) fn update(payment: &Payment) -> Change {
    Change::UpdatePayment { payment: Arc::new(payment.clone()), from_revision: payment.revision - 1 }
}

/// The assignment from the revision before.
pub(super) fn assign(payment: &Payment) -> Change {
    Change::AssignTerminal { payment: Arc::new(payment.clone()), from_revision: payment.revision - 1 }
}

pub(super) fn event(n: u64, sequence: u64) -> EventRow {
    EventRow {
        id: EventId(payment_id(n).0 + u128::from(sequence)),
        scope: scope(),
        kind: "terminal_payment.created",
        object_id: payment_id(n).to_string().into(),
        sequence,
        created_at: moment(n),
        data: Arc::from(&b"{\"a\":1}"[..]),
    }
}

pub(super) fn key(n: u64, key: &str) -> IdempotencyRow {
    IdempotencyRow {
        scope: scope(),
        operation: "POST /v1/terminal/payments".into(),
        key: key.into(),
        fingerprint: [n as u8; 32],
        created_at: moment(n),
        answer: Answer::Payment { id: payment_id(n), sequence: Some(1), status: 202 },
    }
}

pub(super) fn terminal(n: u64) -> TerminalRow {
    let location = Some(location_id(n));
    TerminalRow { location, ..TerminalRow::new(terminal_id(n), scope(), "simulator", "S1", START) }
}

pub(super) async fn commit(
    store: &dyn Store,
    changes: impl IntoIterator<Item = Change>,
) -> Result<(), CommitError> {
    store.commit(Transaction { changes: changes.into_iter().collect() }).await
}

/// Commits what must be accepted.
pub(super) async fn given(store: &dyn Store, changes: impl IntoIterator<Item = Change>) {
    commit(store, changes).await.unwrap();
}

/// The payment as the store knows it.
pub(super) async fn known(store: &dyn Store, payment: &Payment) -> Option<Payment> {
    let scope = Scope { account: payment.account.clone(), livemode: payment.livemode };
    store.get_payment(&scope, payment.id).await.unwrap().map(|found| (*found).clone())
}

pub(super) fn is_engine(outcome: &Result<(), CommitError>) -> bool {
    matches!(outcome, Err(CommitError::Failed(StoreError::Engine(_))))
}

/// The numbers of the payments on the page, and whether there is more.
pub(super) async fn numbers(
    store: &dyn Store,
    scope: &Scope,
    filter: &PaymentFilter,
    page: &Page,
) -> (Vec<u64>, bool) {
    let listed = store.list_payments(scope, filter, page).await.unwrap();
    (listed.payments.iter().map(|p| number(p)).collect(), listed.has_more)
}

/// Which payment this is.
pub(super) fn number(payment: &Payment) -> u64 {
    (payment.created_at.ms_since(START) / 1000) as u64
}
