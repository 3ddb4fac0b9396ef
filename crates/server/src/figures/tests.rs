//! That the sums are what a recount of the payments comes to, whatever happened, in which order, and whoever died.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use vinr_domain::payment::{
    Approval, AuthorizationRequest, CaptureMethod, Event, Order, Payment, ResponseMode, State, Terms, Tip,
    TipMode,
};
use vinr_domain::refund::{Refund, State as RefundState};
use vinr_domain::{
    AccountId, Brand, CardFacts, Currency, DeclineCode, EntryMode, EventId, IntentId, Last4, Money,
    PaymentId, RefundId, TerminalId, Timestamp,
};
use vinr_wire::rest::view::RefundView;

use super::follower::{Follower, Round};
use super::{DailyFigures, DayRow, Sums};
use crate::access::Principal;
use crate::accounts::{AccountBook, SettingsRow};
use crate::audit::Audit;
use crate::clock::Clock;
use crate::naming::Names;
use crate::office::Office;
use crate::once::Once;
use crate::payments::{Books, Tally, Watchers};
use crate::refunds::RefundRow;
use crate::settings::Settings;
use crate::store::{Change, EventRow, MemoryStore, Options, Scope, SqliteStore, Store, Transaction};
use crate::tasks::Tasks;

/// 2026-11-20 22:00 UTC: an hour before midnight in Zurich.
const START: i64 = 1_795_212_000_000;
const HOUR_MS: i64 = 3_600_000;

/// A clock that is set by hand.
struct Hands(AtomicI64);

impl Hands {
    fn new() -> Arc<Self> {
        Arc::new(Self(AtomicI64::new(START)))
    }
}

impl Clock for Hands {
    fn wall(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::Relaxed))
    }

    fn monotonic_ms(&self) -> i64 {
        0
    }
}

fn office(store: Arc<dyn Store>) -> Office {
    let clock: Arc<dyn Clock> = Hands::new();
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

/// A shop whose payments are moved as the server moves them, with the events that this announces.
struct Shop {
    store: Arc<dyn Store>,
    clock: Arc<Hands>,
    books: Books,
    draw: Draw,
    payments: Vec<Payment>,
    refunds: Vec<Refund>,
    named: u128,
}

impl Shop {
    fn new(store: Arc<dyn Store>, seed: u64) -> Self {
        let clock = Hands::new();
        let books = Books {
            store: Arc::clone(&store),
            clock: Arc::clone(&clock) as _,
            names: Arc::new(Names::new(seed)),
            watchers: Watchers::default(),
            tally: Tally::default(),
            terms: Terms::default(),
            accounts: Arc::new(AccountBook::default()),
        };
        Self { store, clock, books, draw: Draw(seed), payments: vec![], refunds: vec![], named: 0 }
    }

    fn now(&self) -> Timestamp {
        self.clock.wall()
    }

    fn name(&mut self) -> u128 {
        self.named += 1;
        PaymentId::first_at(self.now().0).0 + self.named
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
        let made = match self.draw.below(8) {
            0 => self.books.refuse(order, DeclineCode::TerminalOffline, vec![]).await,
            _ => self.books.accept(order, vec![]).await,
        };
        self.payments.push((*made.unwrap().payment).clone());
    }

    async fn move_one(&mut self) {
        if self.payments.is_empty() {
            return;
        }
        // Mostly one of the newest, so that many come to their end; sometimes one of long ago.
        let all = self.payments.len() as u64;
        let newest = if self.draw.below(4) == 0 { all } else { all.min(6) };
        let which = (all - 1 - self.draw.below(newest)) as usize;
        let payment = self.payments[which].clone();
        let event = self.event_for(&payment);
        // What is not legal now does not happen.
        if let Ok(advanced) = self.books.advance(&payment, &event).await {
            self.payments[which] = (*advanced.payment).clone();
        }
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
                    at: self.now(),
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
        let taken: Vec<_> = self.payments.iter().filter(|p| p.captured_minor() > 0).cloned().collect();
        if taken.is_empty() {
            return;
        }
        let payment = taken[self.draw.below(taken.len() as u64) as usize].clone();
        let at = self.now();
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
        let event = EventRow {
            id: EventId(self.name()),
            scope: row.scope.clone(),
            kind,
            object_id: refund.id.to_string().into(),
            sequence: refund.sequence,
            created_at: self.now(),
            data: serde_json::to_vec(&RefundView::from(refund)).unwrap().into(),
        };
        let changes = vec![Change::put(&row), Change::AppendEvent(event)];
        self.store.commit(Transaction { changes }).await.unwrap();
    }

    async fn live(&mut self, moves: u64) {
        for _ in 0..moves {
            // A lease lasts 90 s: most of it happens soon, some of it days later.
            let most = if self.draw.below(8) == 0 { 6 * HOUR_MS } else { 2_000 };
            let passed = self.draw.below(most as u64) as i64;
            self.clock.0.fetch_add(passed, Ordering::Relaxed);
            match self.draw.below(12) {
                0..3 => self.ask().await,
                3..11 => self.move_one().await,
                _ => self.refund().await,
            }
        }
    }
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

/// Says how many payments and refunds there were.
async fn agrees_after(store: Arc<dyn Store>, seed: u64) -> (usize, usize) {
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
    (shop.payments.len(), shop.refunds.len())
}

#[tokio::test]
async fn the_sums_are_what_a_recount_comes_to_whatever_happens_and_whoever_dies() {
    let mut seen = (0, 0);
    for seed in 1..60 {
        let (payments, refunds) = agrees_after(Arc::new(MemoryStore::new()), seed).await;
        seen = (seen.0 + payments, seen.1 + refunds);
    }
    assert!(seen.0 > 2_000 && seen.1 > 100, "the histories are some: {seen:?}");
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

#[tokio::test]
async fn days_are_those_of_the_account_and_mode_that_asks() {
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
    let day = |which, day: &str, asked| DayRow {
        scope: scope(which),
        day: day.into(),
        created_at: Timestamp(START),
        currencies: BTreeMap::from([("EUR".into(), Sums { asked, ..Sums::default() })]),
    };
    let rows = [
        day(0, "2026-11-19", 1),
        day(0, "2026-11-20", 2),
        day(0, "2026-11-22", 3),
        day(0, "2026-11-23", 4),
        day(1, "2026-11-21", 5),
        day(2, "2026-11-21", 6),
    ];
    let changes = rows.iter().map(Change::put).collect();
    store.commit(Transaction { changes }).await.unwrap();
    let complete = tokio::sync::watch::channel(true).1;
    let figures = DailyFigures { office: office(store), complete };
    let who = Principal::of_terminal(scope(0), &TerminalId::parse("term_1").unwrap());
    let [first, last] = ["2026-11-20", "2026-11-22"].map(|day| day.parse().unwrap());
    let found = figures.days(&who, first, last).await.unwrap();
    let asked: Vec<u64> = found.values().map(|row| row.currencies["EUR"].asked).collect();
    assert_eq!(asked, [2, 3]);
}
