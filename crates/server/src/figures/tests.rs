//! That the sums are what a recount of the payments comes to, whatever happened, in which order, and whoever died.

use std::collections::BTreeMap;
use std::sync::Arc;

use vinr_domain::payment::{
    Approval, AuthorizationRequest, CaptureMethod, Effect, Event, Order, Payment, ResponseMode, State, Terms,
    Tip, TipMode, accept, refuse, step,
};
use vinr_domain::refund::{Refund, State as RefundState};
use vinr_domain::{
    AccountId, Brand, CardFacts, Currency, DeclineCode, EntryMode, EventId, IntentId, Last4, Money,
    PaymentId, RefundId, Timestamp,
};
use vinr_wire::rest::view::RefundView;

use super::follower::{Follower, Round};
use super::{DayRow, Sums};
use crate::accounts::{AccountBook, SettingsRow};
use crate::audit::Audit;
use crate::clock::Clock;
use crate::naming::Names;
use crate::office::Office;
use crate::once::Once;
use crate::refunds::RefundRow;
use crate::settings::Settings;
use crate::store::{Change, EventRow, MemoryStore, Options, Scope, SqliteStore, Store, Transaction};
use crate::tasks::Tasks;

/// 2026-11-20 22:00 UTC: an hour before midnight in Zurich.
const START: i64 = 1_795_212_000_000;
const HOUR_MS: i64 = 3_600_000;

struct Still;

impl Clock for Still {
    fn wall(&self) -> Timestamp {
        Timestamp(START)
    }

    fn monotonic_ms(&self) -> i64 {
        0
    }
}

fn office(store: Arc<dyn Store>) -> Office {
    let clock: Arc<dyn Clock> = Arc::new(Still);
    let book = AccountBook::default();
    let zurich =
        SettingsRow { time_zone: Some("Europe/Zurich".into()), ..SettingsRow::new(scope(0), Timestamp(0)) };
    book.put_settings(zurich);
    Office {
        once: Once::new(Arc::clone(&store)),
        audit: Audit::new(Arc::clone(&store), Arc::clone(&clock)),
        names: Arc::new(Names::new(7)),
        tasks: Tasks::new().1,
        settings: Arc::new(Settings::default()),
        book: Arc::new(book),
        store,
        clock,
    }
}

/// Two accounts, one of them with both worlds; the first counts in Zurich, the others in UTC.
fn scope(which: u64) -> Scope {
    let account = AccountId::parse(if which == 1 { "acct_b" } else { "acct_a" }).unwrap();
    Scope { account, livemode: which == 2 }
}

/// Numbers that repeat with their seed.
struct Draw(u64);

impl Draw {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }
}

/// A shop whose payments are moved by the real steps, with the events that these announce.
struct Shop {
    store: Arc<dyn Store>,
    draw: Draw,
    now: i64,
    payments: Vec<Payment>,
    refunds: Vec<Refund>,
    named: u128,
}

impl Shop {
    fn new(store: Arc<dyn Store>, seed: u64) -> Self {
        Self { store, draw: Draw(seed), now: START, payments: vec![], refunds: vec![], named: 0 }
    }

    fn name(&mut self) -> u128 {
        self.named += 1;
        PaymentId::first_at(self.now).0 + self.named
    }

    async fn commit(
        &mut self,
        mut changes: Vec<Change>,
        told: Vec<(&'static str, String, Scope, u64, Vec<u8>)>,
    ) {
        for (kind, object, scope, sequence, data) in told {
            let id = EventId(self.name());
            let (object_id, data) = (object.into(), data.into());
            let created_at = Timestamp(self.now);
            changes.push(Change::AppendEvent(EventRow {
                id,
                scope,
                kind,
                object_id,
                sequence,
                created_at,
                data,
            }));
        }
        self.store.commit(Transaction { changes }).await.unwrap();
    }

    async fn ask(&mut self) {
        let id = PaymentId(self.name());
        let scope = scope(self.draw.below(3));
        let currency = Currency::parse(["CHF", "EUR", "JPY"][self.draw.below(3) as usize]).unwrap();
        let manual = self.draw.below(3) == 0;
        let grouped = self.draw.below(5) == 0;
        let order = Order {
            id,
            account: scope.account.clone(),
            livemode: scope.livemode,
            intent: IntentId(id.0),
            terminal: Some("term_1".into()),
            group: grouped.then(|| Arc::from([Arc::from("term_1"), Arc::from("term_2")])),
            location: None,
            asked: Money { amount_minor: 1 + self.draw.below(90_000) as i64, currency },
            capture_method: if manual { CaptureMethod::Manual } else { CaptureMethod::Automatic },
            response_mode: ResponseMode::Async,
            reference: None,
            description: None,
            metadata: Arc::default(),
        };
        let now = Timestamp(self.now);
        let (payment, effects) = match self.draw.below(8) {
            0 => refuse(order, DeclineCode::TerminalOffline, now),
            _ => accept(order, now, &Terms::default()),
        };
        let told = told(&payment, &effects);
        self.commit(vec![Change::InsertPayment(Arc::new(payment.clone()))], told).await;
        self.payments.push(payment);
    }

    async fn move_one(&mut self) {
        if self.payments.is_empty() {
            return;
        }
        let which = self.draw.below(self.payments.len() as u64) as usize;
        let payment = self.payments[which].clone();
        let event = self.event_for(&payment);
        let Ok((next, effects)) = step(&payment, &event, Timestamp(self.now), &Terms::default()) else {
            return;
        };
        let told = told(&next, &effects);
        let change =
            Change::UpdatePayment { payment: Arc::new(next.clone()), from_revision: payment.revision };
        self.commit(vec![change], told).await;
        self.payments[which] = next;
    }

    fn event_for(&mut self, payment: &Payment) -> Event {
        let card = CardFacts {
            brand: Brand::Visa,
            last4: Last4::parse("4242").unwrap(),
            entry_mode: EntryMode::Contactless,
        };
        match &payment.state {
            State::Pending if self.draw.below(5) == 0 => Event::LeaseLapsed,
            State::Pending => {
                let tip = self.draw.below(300) as i64;
                Event::CardPresented(AuthorizationRequest {
                    stan: self.named as u32,
                    generation: 1,
                    attempt_epoch: payment.attempt_epoch,
                    card,
                    amount_minor: payment.asked.amount_minor + tip,
                    tip: Some(Tip { amount_minor: tip, mode: TipMode::Custom }),
                })
            }
            State::Authorizing { request, .. } | State::Uncertain { request, .. } => match self.draw.below(5)
            {
                0 => Event::Silent,
                1 => Event::Declined(DeclineCode::ALL[self.draw.below(14) as usize]),
                _ => Event::Approved(Approval {
                    authorized_minor: request.amount_minor,
                    auth_code: "A".into(),
                    at: Timestamp(self.now),
                }),
            },
            State::Authorized { .. } => match self.draw.below(4) {
                0 => Event::CancelRequested,
                1 => Event::HoldLapsed,
                _ => Event::CaptureRequested(None),
            },
            _ => Event::AdviceAcknowledged,
        }
    }

    /// Gives something of a completed payment back; a while later the refund gets other metadata, and is told again.
    async fn refund(&mut self) {
        let which = self.draw.below(self.payments.len().max(1) as u64) as usize;
        let Some(payment) = self.payments.get(which).filter(|p| p.captured_minor() > 0).cloned() else {
            return;
        };
        let at = Timestamp(self.now);
        let fails = self.draw.below(4) == 0;
        let mut refund = Refund {
            id: RefundId(self.name()),
            account: payment.account.clone(),
            livemode: payment.livemode,
            payment: payment.id,
            terminal: "term_1".into(),
            amount: Money { amount_minor: 1, currency: payment.asked.currency },
            reason: None,
            metadata: Arc::default(),
            created_at: at,
            updated_at: None,
            sequence: 1,
            attempts: 0,
            due_at: None,
            state: RefundState::Asking,
        };
        self.write_refund(&refund, "refund.created").await;
        let why = vinr_domain::refund::FailureReason::Declined;
        refund.state = if fails { RefundState::Failed { why, at } } else { RefundState::Succeeded { at } };
        for sequence in 2..=3 {
            refund.sequence = sequence;
            self.write_refund(&refund, "refund.updated").await;
        }
        self.refunds.push(refund);
    }

    async fn write_refund(&mut self, refund: &Refund, kind: &'static str) {
        let row = RefundRow::new(refund.clone());
        let data = serde_json::to_vec(&RefundView::from(refund)).unwrap();
        let told = vec![(kind, refund.id.to_string(), row.scope.clone(), refund.sequence, data)];
        self.commit(vec![Change::put(&row)], told).await;
    }

    async fn live(&mut self, moves: u64) {
        for _ in 0..moves {
            self.now += self.draw.below(HOUR_MS as u64) as i64;
            match self.draw.below(8) {
                0..3 => self.ask().await,
                3..7 => self.move_one().await,
                _ => self.refund().await,
            }
        }
    }
}

fn told(payment: &Payment, effects: &[Effect]) -> Vec<(&'static str, String, Scope, u64, Vec<u8>)> {
    let scope = Scope { account: payment.account.clone(), livemode: payment.livemode };
    let announced = effects.iter().filter_map(|effect| match effect {
        Effect::Announce(announcement) => Some(announcement.as_str()),
        _ => None,
    });
    announced.map(|kind| (kind, payment.id.to_string(), scope.clone(), payment.sequence, vec![])).collect()
}

type Recount = BTreeMap<(Scope, String, String), [i64; 10]>;

fn day(scope: &Scope, at: Timestamp) -> String {
    let zone = if scope.account.as_str() == "acct_a" && !scope.livemode { "Europe/Zurich" } else { "UTC" };
    jiff::Timestamp::from_millisecond(at.0).unwrap().in_tz(zone).unwrap().date().to_string()
}

/// What the rows themselves say, added up in the plainest way.
fn recount(shop: &Shop) -> Recount {
    let mut sums = Recount::new();
    for payment in &shop.payments {
        let scope = Scope { account: payment.account.clone(), livemode: payment.livemode };
        let code = payment.asked.currency.code().to_owned();
        let asked = sums.entry((scope.clone(), day(&scope, payment.created_at), code.clone())).or_default();
        asked[0] += 1;
        asked[1] += i64::from(payment.state.approval().is_some());
        asked[2] += i64::from(matches!(payment.state, State::Failed { .. }));
        asked[3] += i64::from(matches!(payment.state, State::Cancelled { .. }));
        asked[4] += i64::from(matches!(payment.state, State::Expired { .. }));
        if let State::Completed { at, captured_minor, request, .. } = &payment.state {
            let taken = sums.entry((scope.clone(), day(&scope, *at), code)).or_default();
            taken[5] += 1;
            taken[6] += captured_minor;
            taken[7] += request.tip.unwrap().amount_minor;
        }
    }
    for refund in &shop.refunds {
        let RefundState::Succeeded { at } = refund.state else { continue };
        let scope = Scope { account: refund.account.clone(), livemode: refund.livemode };
        let key = (scope.clone(), day(&scope, at), refund.amount.currency.code().to_owned());
        let back = sums.entry(key).or_default();
        back[8] += 1;
        back[9] += refund.amount.amount_minor;
    }
    sums
}

fn flat(sums: &Sums) -> [i64; 10] {
    let number = |count: u64| i64::try_from(count).unwrap();
    let by_hour: u64 = sums.hours.values().map(|hour| hour.count).sum();
    assert_eq!(by_hour, sums.taken.count, "every payment that was taken has its hour");
    [
        number(sums.asked),
        number(sums.approved),
        number(sums.declined.values().sum()),
        number(sums.cancelled),
        number(sums.expired),
        number(sums.taken.count),
        sums.taken.minor,
        sums.tips_minor,
        number(sums.refunded.count),
        sums.refunded.minor,
    ]
}

async fn kept(store: &dyn Store) -> Recount {
    let rows = store.all_across_accounts::<DayRow>().await.unwrap();
    let of_row = |row: DayRow| {
        let (scope, day) = (row.scope, row.day);
        row.currencies
            .into_iter()
            .map(move |(code, sums)| ((scope.clone(), day.to_string(), code.to_string()), flat(&sums)))
    };
    rows.into_iter().flat_map(|kept| of_row(kept.value)).collect()
}

async fn agrees_after(store: Arc<dyn Store>, seed: u64) {
    let mut shop = Shop::new(Arc::clone(&store), seed);
    // Some of it is older than the counting.
    let older = shop.draw.below(120);
    shop.live(older).await;
    let begin = || Follower::with_portions(office(Arc::clone(&store)), (3, 4)).0;
    let mut follower = begin();
    for _ in 0..120 {
        match shop.draw.below(6) {
            // Killed: what was in memory is gone, what was written is not.
            0 => follower = begin(),
            1..4 => {
                follower.round().await.unwrap();
            }
            _ => shop.live(4).await,
        }
    }
    while follower.round().await.unwrap() == Round::More {}
    assert_eq!(kept(&*store).await, recount(&shop), "seed {seed}");
    assert!(shop.payments.len() > 60 && !shop.refunds.is_empty(), "the history is one");
}

#[tokio::test]
async fn the_sums_are_what_a_recount_comes_to_whatever_happens_and_whoever_dies() {
    for seed in 1..60 {
        agrees_after(Arc::new(MemoryStore::new()), seed).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_sums_are_the_same_in_a_database() {
    for seed in 1..4 {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("vinr.db");
        let store = SqliteStore::open(&path, Timestamp(START), Options::default()).unwrap();
        agrees_after(Arc::new(store), seed).await;
    }
}

#[tokio::test]
async fn sums_that_lost_their_place_are_counted_anew() {
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
    let mut shop = Shop::new(Arc::clone(&store), 5);
    shop.live(150).await;
    for _ in 0..2 {
        let mut follower = Follower::with_portions(office(Arc::clone(&store)), (7, 5)).0;
        while follower.round().await.unwrap() == Round::More {}
        assert_eq!(kept(&*store).await, recount(&shop));
        let place = Change::delete::<super::place::PlaceRow>(&Scope::platform(), super::place::NAME);
        store.commit(Transaction { changes: vec![place] }).await.unwrap();
    }
}

#[tokio::test]
async fn of_two_that_count_one_gives_way() {
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
    let mut shop = Shop::new(Arc::clone(&store), 9);
    shop.live(40).await;
    let mut followers = [(); 2].map(|()| Follower::with_portions(office(Arc::clone(&store)), (9, 9)).0);
    let mut refused = 0;
    for turn in 0..80 {
        shop.live(1).await;
        if followers[turn % 2].round().await.is_err() {
            refused += 1;
            followers[turn % 2].forget();
        }
    }
    followers[0].forget();
    while followers[0].round().await.unwrap() == Round::More {}
    assert_eq!(kept(&*store).await, recount(&shop));
    assert!(refused > 0, "they were in each other's way");
}
