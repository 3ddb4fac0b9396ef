//! A server with one merchant, its neighbour, and an acquirer that does as it is told, under virtual time.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use http_body_util::BodyExt;
use serde_json::Value;
use tokio::time::Instant;
use tower::ServiceExt;
use vinr_domain::payment::{AdviceKind, Approval, Payment, Status};
use vinr_domain::{AccountId, DeclineCode, IntentId, PaymentId, TerminalId, Timestamp};
use vinr_server::access::{hash_key, hint_of};
use vinr_server::acquirer::{
    Acquirer, Answer, Ask, Pending, RefundAnswer, RefundSubject, Settlement, Subject,
};
use vinr_server::api::router;
use vinr_server::clock::Clock;
use vinr_server::platform::{Platform, Ports};
use vinr_server::settings::{RateLimits, Settings};
use vinr_server::store::{
    AccountRow, EventCursor, EventFilter, EventPage, KeyRow, MemoryStore, Scope, Store, TerminalRow,
};

pub const START: Timestamp = Timestamp(1_781_168_400_000);
pub const KEY: &str = "sk_test_shop";

/// A clock that follows virtual time.
pub struct VirtualClock(Instant);

impl Clock for VirtualClock {
    fn wall(&self) -> Timestamp {
        START.plus_ms(self.monotonic_ms())
    }

    fn monotonic_ms(&self) -> i64 {
        i64::try_from(self.0.elapsed().as_millis()).unwrap()
    }
}

/// What the acquirer says from now on; silence when nothing is set.
#[derive(Default)]
pub struct Bank {
    pub to_requests: Mutex<Option<Said>>,
    pub to_inquiries: Mutex<Option<Said>>,
    /// Terminal, generation and number of every request that it was asked for.
    pub asked: Mutex<Vec<(String, u32, u32)>>,
    pub reversed: Mutex<Vec<PaymentId>>,
}

#[derive(Clone, Copy, Debug)]
pub enum Said {
    Yes,
    No(DeclineCode),
    NotFound,
}

impl Bank {
    pub fn says(&self, to_requests: Option<Said>, to_inquiries: Option<Said>) {
        *self.to_requests.lock().unwrap() = to_requests;
        *self.to_inquiries.lock().unwrap() = to_inquiries;
    }
}

/// The acquirer's end.
struct BankLine(Arc<Bank>);

fn answer(said: Option<Said>, payment: &Payment) -> Pending<Answer> {
    let authorized_minor = payment.amount_minor();
    let approval = Approval { authorized_minor, auth_code: "A1".into(), at: START };
    match said {
        Some(Said::Yes) => Box::pin(async { Answer::Approved(approval) }),
        Some(Said::No(code)) => Box::pin(async move { Answer::Declined(code) }),
        Some(Said::NotFound) => Box::pin(async { Answer::NotFound }),
        None => Box::pin(std::future::pending()),
    }
}

impl Acquirer for BankLine {
    fn authorize(&self, ask: Ask) -> Pending<Answer> {
        let request = ask.subject.payment.state.request().unwrap();
        let name = (ask.subject.terminal.to_string(), request.generation, request.stan);
        self.0.asked.lock().unwrap().push(name);
        answer(*self.0.to_requests.lock().unwrap(), &ask.subject.payment)
    }

    fn inquire(&self, subject: Subject) -> Pending<Answer> {
        answer(*self.0.to_inquiries.lock().unwrap(), &subject.payment)
    }

    fn advise(&self, subject: Subject, kind: AdviceKind) -> Pending<()> {
        if kind == AdviceKind::Reversal {
            self.0.reversed.lock().unwrap().push(subject.payment.id);
        }
        Box::pin(async {})
    }

    fn refund(&self, _: RefundSubject) -> Pending<RefundAnswer> {
        Box::pin(async { RefundAnswer::Acknowledged })
    }

    fn inquire_refund(&self, _: RefundSubject) -> Pending<RefundAnswer> {
        Box::pin(async { RefundAnswer::Acknowledged })
    }

    fn settle(&self, _: Settlement) -> Pending<()> {
        Box::pin(async {})
    }
}

pub struct Shop {
    pub platform: Platform,
    pub store: Arc<MemoryStore>,
    pub clock: Arc<VirtualClock>,
    pub bank: Arc<Bank>,
    router: Router,
    seed: u64,
}

impl Shop {
    /// A shop with two terminals, and a neighbour with one.
    pub async fn open() -> Self {
        let (store, bank) = (Arc::new(MemoryStore::new()), Arc::new(Bank::default()));
        let shop = Self::start(store, Arc::new(VirtualClock(Instant::now())), bank, 1).await;
        for (account, key) in [("acct_shop", KEY), ("acct_neighbour", "sk_test_neighbour")] {
            let id = AccountId::parse(account).unwrap();
            shop.platform.put_account(AccountRow::new(id, account, START)).await.unwrap();
            let row = KeyRow::new(hash_key(key), scope(account), hint_of(key), START);
            shop.platform.put_key(row).await.unwrap();
        }
        for (id, account) in [("term_a", "acct_shop"), ("term_b", "acct_shop"), ("term_c", "acct_neighbour")]
        {
            let id = TerminalId::parse(id).unwrap();
            let row = TerminalRow::new(id, scope(account), "nexgo_n92", "SN-1", START);
            shop.platform.put_terminal(row).await.unwrap();
        }
        shop.bank.says(Some(Said::Yes), None);
        shop
    }

    async fn start(store: Arc<MemoryStore>, clock: Arc<VirtualClock>, bank: Arc<Bank>, seed: u64) -> Self {
        let ports = Ports {
            store: Arc::clone(&store) as Arc<dyn Store>,
            acquirer: Arc::new(BankLine(Arc::clone(&bank))),
            authority: None,
            clock: Arc::clone(&clock) as Arc<dyn Clock>,
            seed,
        };
        let rate_limits = RateLimits { test: None, live: None, polling: None };
        let settings = Settings { rate_limits, ..Settings::default() };
        let platform = Box::pin(Platform::start(settings, ports)).await.unwrap();
        let router = router(platform.services());
        Self { platform, store, clock, bank, router, seed }
    }

    /// The operator stops the account, or lets it go on.
    pub async fn suspend(&self, suspended: bool) {
        let account = AccountRow::new(AccountId::parse("acct_shop").unwrap(), "acct_shop", START);
        self.platform.put_account(AccountRow { suspended, ..account }).await.unwrap();
    }

    /// Ends the server as a power cut would, and starts another on the same store.
    pub async fn restart(self) -> Self {
        self.platform.end();
        drop(self.platform);
        tokio::task::yield_now().await;
        Self::start(self.store, self.clock, self.bank, self.seed + 1).await
    }

    pub async fn send(&self, method: &str, path: &str, body: &str) -> (u16, Value) {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("authorization", format!("Bearer {KEY}"))
            .header("content-type", "application/json")
            .body(Body::from(body.to_owned()))
            .unwrap();
        let (parts, body) = self.router.clone().oneshot(request).await.unwrap().into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        (parts.status.as_u16(), serde_json::from_slice(&body).unwrap_or(Value::Null))
    }

    pub async fn get(&self, path: &str) -> Value {
        let (status, json) = self.send("GET", path, "").await;
        assert_eq!(status, 200, "{json}");
        json
    }

    /// The payment of the intent, as it is stored.
    pub async fn payment(&self, intent: u128) -> Option<Arc<Payment>> {
        self.store.find_payment_by_intent(&scope("acct_shop"), IntentId(intent)).await.unwrap()
    }

    pub async fn status(&self, intent: u128) -> Option<Status> {
        self.payment(intent).await.map(|payment| payment.status())
    }

    /// The kinds of the events of an object, the oldest first, and that none is missing.
    pub async fn told(&self, object: &str) -> Vec<&'static str> {
        let filter = EventFilter { object_id: Some(object.into()), ..EventFilter::default() };
        let page = EventPage { limit: 100, cursor: EventCursor::Start };
        let (mut rows, _) = self.store.list_events(&scope("acct_shop"), &filter, &page).await.unwrap();
        rows.sort_by_key(|row| row.sequence);
        assert!(rows.iter().map(|row| row.sequence).eq(1..=rows.len() as u64), "without a gap");
        rows.iter().map(|row| row.kind).collect()
    }

    /// How often each action stands in the audit log.
    pub async fn audited(&self) -> BTreeMap<String, usize> {
        let mut actions = BTreeMap::new();
        for entry in self.get("/v1/audit-log?limit=100").await["data"].as_array().unwrap() {
            *actions.entry(entry["action"].as_str().unwrap().to_owned()).or_default() += 1;
        }
        actions
    }
}

pub fn scope(account: &str) -> Scope {
    Scope { account: AccountId::parse(account).unwrap(), livemode: false }
}

/// Lets this much virtual time pass.
pub async fn pass(seconds: u64) {
    tokio::time::sleep(Duration::from_secs(seconds)).await;
}
