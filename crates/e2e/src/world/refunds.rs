//! Refunds: what tills give back, hurried, in races and again and again, and whether every refund kept its promise
//! (I15): the books, the bank's book and what the tills were told, each against the others.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rand::RngExt as _;
use serde::Deserialize;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use vinr_domain::payment::{Illegal, Payment, Status};
use vinr_domain::refund::State;
use vinr_domain::{PaymentId, RefundId};
use vinr_sandbox::issuer::RefundReply;
use vinr_server::once::{IdempotencyKey, Said};
use vinr_server::refunds::RefundRow;
use vinr_server::refusal::Refusal;
use vinr_server::store::{MemoryStore, Scope, Store};
use vinr_wire::rest::refund::NewRefund;
use vinr_wire::rest::version::ApiVersion;
use vinr_wire::rest::view::PaymentView;

use super::bank::Bank;
use super::happening::Happening;
use super::log::Log;
use super::streams::stream;
use super::till::Till;

/// How often a till repeats a refund that was not answered.
const TRIES: u32 = 20;
/// Under which name a refund says which wish of a till it belongs to.
const WISH: &str = "wish";

/// One wish of a till to give back.
#[derive(Clone, Debug)]
pub(super) struct GiveBack {
    /// Order and place in it.
    name: String,
    /// In percent of what was taken; `None` for all that is left.
    percent: Option<i64>,
    /// Has a key: it is repeated until it is answered, and some once more.
    key: bool,
    again: bool,
    after_ms: u64,
    patience_ms: Option<u64>,
}

/// What an order's till will give back: two orders in five, up to three refunds, most of them at the same time.
pub(super) fn draw(seed: u64, number: u64) -> Vec<GiveBack> {
    let mut rng = stream(seed, "refunds", number);
    if rng.random_range(0..5_u32) > 1 {
        return Vec::new();
    }
    let together = rng.random_bool(0.7);
    let wish = |index| GiveBack {
        name: format!("{number}-{index}"),
        percent: Some(rng.random_range(5..=100)).filter(|_| rng.random_bool(0.7)),
        key: rng.random_bool(0.7),
        again: rng.random_bool(0.4),
        after_ms: if together { 0 } else { rng.random_range(0..20_000) },
        patience_ms: Some(rng.random_range(5..2_000)).filter(|_| rng.random_bool(0.3)),
    };
    let count = [1, 1, 2, 2, 3][number as usize % 5];
    (0..count).map(wish).collect()
}

/// What tills were told: which refund a wish has become.
#[derive(Clone, Debug, Default)]
pub(super) struct Receipts(Arc<Mutex<BTreeMap<String, RefundId>>>);

impl Receipts {
    fn all(&self) -> MutexGuard<'_, BTreeMap<String, RefundId>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What is read of an answer.
#[derive(Deserialize)]
struct Answer {
    id: String,
}

impl Till {
    /// Gives back what the order wants given back of a payment that has taken money.
    pub(super) async fn give_back(&mut self, wishes: &[GiveBack], view: &PaymentView) {
        if wishes.len() > 1 {
            self.log.happened(Happening::RefundsRaced);
        }
        let mut all = JoinSet::new();
        for wish in wishes {
            let mut till = self.clone();
            till.rng = stream(self.rng.random_range(0..u64::MAX), "gives back", 0);
            let (wish, payment, taken) = (wish.clone(), view.id, view.captured_minor);
            let completed = view.status == Status::Completed;
            all.spawn(async move { till.wish(&wish, payment, taken, completed).await });
        }
        while all.join_next().await.is_some() {}
    }

    async fn wish(&mut self, wish: &GiveBack, payment: PaymentId, taken_minor: i64, completed: bool) {
        sleep(Duration::from_millis(wish.after_ms)).await;
        let (mut again, mut patience) = (wish.again && wish.key, wish.patience_ms);
        for _ in 0..TRIES {
            let ask = self.refund_once(wish, payment, taken_minor);
            let heard = match patience.take() {
                None => ask.await,
                Some(ms) => timeout(Duration::from_millis(ms), ask).await.ok().flatten(),
            };
            match heard {
                Some(Ok(said)) => {
                    self.receipt(wish, &said);
                    if !again {
                        return;
                    }
                    again = false;
                }
                Some(Err(Refusal::Illegal(Illegal::RefundTooLarge { .. } | Illegal::AmountTooSmall))) => {
                    return self.log.happened(Happening::RefundTooLarge);
                }
                // It was held, and is not taken yet or never will be.
                Some(Err(Refusal::Illegal(Illegal::RefundNotAllowed))) if !completed => return,
                None | Some(Err(Refusal::Overloaded | Refusal::Unavailable { .. })) if wish.key => {}
                // Asking again without a key could be a second refund.
                None | Some(Err(Refusal::Overloaded | Refusal::Unavailable { .. })) => return,
                Some(Err(refusal)) => {
                    let what = format_args!("refund {} of {payment} is refused: {refusal}", wish.name);
                    return self.log.violated("I15", what);
                }
            }
            self.log.happened(Happening::RefundAskedAgain);
            let pause = self.rng.random_range(100..4_000);
            sleep(Duration::from_millis(pause)).await;
        }
    }

    async fn refund_once(
        &mut self,
        wish: &GiveBack,
        payment: PaymentId,
        taken_minor: i64,
    ) -> Option<Result<Said, Refusal>> {
        let new = NewRefund {
            payment,
            amount_minor: wish.percent.map(|percent| (taken_minor * percent / 100).max(1)),
            reason: None,
            metadata: Arc::new([(WISH.to_owned(), wish.name.clone())].into()),
        };
        let key = wish.key.then(|| IdempotencyKey {
            operation: "refund".into(),
            key: format!("refund-{}", wish.name).into(),
            fingerprint: [7; 32],
        });
        let heard = self
            .ask_platform(move |platform, who| async move {
                let refunds = platform.applications.refunds.clone();
                refunds.create(&who, new, ApiVersion::V2026_06_11, key).await
            })
            .await;
        let what = match &heard {
            None => "no answer".to_owned(),
            Some(Ok(said)) => format!("{} replayed {}", said.status, said.replayed),
            Some(Err(refusal)) => format!("no, {refusal}"),
        };
        self.log.say(&self.name, format_args!("refund {} of {payment}: {what}", wish.name));
        heard
    }

    fn receipt(&self, wish: &GiveBack, said: &Said) {
        let answer = serde_json::from_slice::<Answer>(&said.body).ok();
        let Some(id) = answer.and_then(|answer| RefundId::parse(&answer.id).ok()) else {
            return self.log.violated("I15", format_args!("refund {} is answered without an id", wish.name));
        };
        let before = self.receipts.all().insert(wish.name.clone(), id);
        if before.is_some_and(|before| before != id) {
            let what = format_args!("refund {} was {before:?} and is {id}: it is done twice", wish.name);
            self.log.violated("I15", what);
        }
    }
}

/// Every refund of the books.
async fn rows(store: &MemoryStore) -> Vec<RefundRow> {
    let store: &dyn Store = store;
    let kept = store.all_across_accounts::<RefundRow>().await.unwrap_or_default();
    kept.into_iter().map(|kept| kept.value).collect()
}

/// Whether it is known of every refund what became of it.
pub(super) async fn are_at_rest(store: &MemoryStore) -> bool {
    let rows = rows(store).await;
    rows.iter().all(|row| matches!(row.refund.state, State::Succeeded { .. } | State::Failed { .. }))
}

/// Each refund by itself, then the sums of each payment.
pub(super) async fn verify(
    payments: &[Arc<Payment>],
    store: &MemoryStore,
    bank: &Bank,
    receipts: &Receipts,
    log: &Log,
) {
    let rows = rows(store).await;
    let mut of_wish = BTreeMap::<String, RefundId>::new();
    let mut of_payment = BTreeMap::<PaymentId, i64>::new();
    for row in &rows {
        let (refund, id) = (&row.refund, row.refund.id);
        if let Some(wish) = refund.metadata.get(WISH)
            && let Some(other) = of_wish.insert(wish.clone(), id)
        {
            log.violated("I15", format_args!("refund {wish} has become {other} and {id}"));
        }
        let given_back = bank.issuer().inquire_refund(id) == RefundReply::Accepted;
        match refund.state {
            State::Succeeded { .. } => {
                log.happened(Happening::Refunded);
                *of_payment.entry(refund.payment).or_default() += refund.amount.amount_minor;
            }
            State::Failed { .. } => log.happened(Happening::RefundFailed),
            State::Asking | State::Uncertain => {
                log.violated("I15", format_args!("{id} is still {:?}", refund.state));
                continue;
            }
        }
        if given_back != matches!(refund.state, State::Succeeded { .. }) {
            log.violated("I15", format_args!("{id} is {:?}; given back: {given_back}", refund.state));
        }
        told(row, store, log).await;
    }
    for (wish, id) in receipts.all().iter() {
        if of_wish.get(wish) != Some(id) {
            log.violated(
                "I15",
                format_args!("refund {wish} was answered as {id}, which is not in the books"),
            );
        }
    }
    sums(payments, &of_payment, bank, log);
}

/// The refund's events are gap-free.
async fn told(row: &RefundRow, store: &MemoryStore, log: &Log) {
    let (scope, id): (&Scope, String) = (&row.scope, row.refund.id.to_string());
    for sequence in 1..=row.refund.sequence + 1 {
        let found = store.find_event(scope, &id, sequence).await.ok().flatten();
        if found.is_some() != (sequence <= row.refund.sequence) {
            let steps = row.refund.sequence;
            log.violated("I6", format_args!("{id} has {steps} steps; event {sequence}: {found:?}"));
        }
    }
}

/// What refunds, payments and the bank say was given back is the same, and never more than was taken.
fn sums(payments: &[Arc<Payment>], of_payment: &BTreeMap<PaymentId, i64>, bank: &Bank, log: &Log) {
    let mut given_back = BTreeMap::<PaymentId, (i64, i64)>::new();
    for (name, charges) in bank.issuer().net_charges() {
        let sums = given_back.entry(name.payment).or_default();
        *sums = (sums.0 + charges.captured_minor, sums.1 + charges.refunded_minor);
    }
    for payment in payments {
        let id = payment.id;
        let (taken_minor, bank_minor) = given_back.get(&id).copied().unwrap_or_default();
        let refunds_minor = of_payment.get(&id).copied().unwrap_or_default();
        if payment.refunded_minor != bank_minor || refunds_minor != bank_minor {
            let says = payment.refunded_minor;
            let what = format_args!("{id} says {says}, its refunds {refunds_minor}, the bank {bank_minor}");
            log.violated("I15", what);
        }
        if bank_minor > taken_minor || payment.refunded_minor > payment.captured_minor() {
            log.violated("I15", format_args!("of {id} {taken_minor} were taken, {bank_minor} given back"));
        }
    }
}
