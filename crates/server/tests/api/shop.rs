//! A server with two accounts, their keys, and payments put straight into the store.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode};
use http_body_util::BodyExt;
use metrics_exporter_prometheus::PrometheusRecorder;
use serde_json::Value;
use tower::ServiceExt;
use vinr_domain::batch::Totals;
use vinr_domain::payment::{
    AdviceKind, Approval, AuthorizationRequest, CaptureMethod, Order, Payment, ResponseMode, State, Terms,
    accept,
};
use vinr_domain::refund::FailureReason;
use vinr_domain::{
    AccountId, BatchId, Brand, CardFacts, Currency, EntryMode, IntentId, Last4, Money, PaymentId, RefundId,
    TerminalId, Timestamp,
};
use vinr_server::access::{hash_key, hint_of};
use vinr_server::acquirer::{
    Acquirer, Answer, Ask, Pending, RefundAnswer, RefundSubject, Settlement, Subject,
};
use vinr_server::api::{Services, router};
use vinr_server::clock::Clock;
use vinr_server::platform::{Platform, Ports};
use vinr_server::settings::{RateLimits, Settings};
use vinr_server::store::{
    AccountRow, Change, KeyRow, MemoryStore, Page, PaymentFilter, Scope, Store, TerminalRow, Transaction,
};

/// When everything begins: 2026-06-11 09:00:00 UTC.
pub const START: Timestamp = Timestamp(1_781_168_400_000);

pub const TEST: &str = "sk_test_a";
pub const LIVE: &str = "sk_live_a";
pub const OTHER: &str = "sk_test_b";
pub const READER: &str = "rk_test_reader";
pub const REVOKED: &str = "sk_test_revoked";

/// The terminal of account a in test mode. Registered, not connected.
pub const TERMINAL: &str = "term_counter";

/// A clock that moves by hand.
pub struct Hand(AtomicI64);

impl Hand {
    pub fn advance_ms(&self, ms: i64) {
        self.0.fetch_add(ms, Ordering::Relaxed);
    }
}

impl Clock for Hand {
    fn wall(&self) -> Timestamp {
        START.plus_ms(self.monotonic_ms())
    }

    fn monotonic_ms(&self) -> i64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// An acquirer that is silent about payments. About refunds it says what their amounts ask for.
#[derive(Default)]
pub struct Bank {
    given: Mutex<BTreeMap<RefundId, i64>>,
    settled: Mutex<BTreeMap<BatchId, Totals>>,
}

impl Bank {
    /// A refund of this much is declined.
    pub const DECLINED_MINOR: i64 = 13;
    /// A refund of this much is carried out in silence; an inquiry finds it.
    pub const SILENT_MINOR: i64 = 99;

    /// What was given back, each refund once.
    pub fn given_minor(&self) -> i64 {
        self.given.lock().unwrap().values().sum()
    }

    /// The batches that were told, with their sums.
    pub fn settled(&self) -> BTreeMap<BatchId, Totals> {
        self.settled.lock().unwrap().clone()
    }
}

impl Acquirer for Bank {
    fn authorize(&self, _: Ask) -> Pending<Answer> {
        Box::pin(std::future::pending())
    }

    fn inquire(&self, _: Subject) -> Pending<Answer> {
        Box::pin(std::future::pending())
    }

    fn advise(&self, _: Subject, _: AdviceKind) -> Pending<()> {
        Box::pin(std::future::pending())
    }

    fn refund(&self, subject: RefundSubject) -> Pending<RefundAnswer> {
        let amount_minor = subject.refund.amount.amount_minor;
        if amount_minor == Self::DECLINED_MINOR {
            return Box::pin(async { RefundAnswer::Refused(FailureReason::Declined) });
        }
        self.given.lock().unwrap().insert(subject.refund.id, amount_minor);
        if amount_minor == Self::SILENT_MINOR {
            return Box::pin(std::future::pending());
        }
        Box::pin(async { RefundAnswer::Acknowledged })
    }

    fn inquire_refund(&self, subject: RefundSubject) -> Pending<RefundAnswer> {
        let known = self.given.lock().unwrap().contains_key(&subject.refund.id);
        Box::pin(async move { if known { RefundAnswer::Acknowledged } else { RefundAnswer::NotFound } })
    }

    fn settle(&self, settlement: Settlement) -> Pending<()> {
        let known = self.settled.lock().unwrap().insert(settlement.batch.id, settlement.batch.totals);
        assert!(known.is_none_or(|known| known == settlement.batch.totals), "a batch with other sums");
        Box::pin(async {})
    }
}

/// What `/readyz` finds.
#[derive(Default)]
pub struct Condition {
    pub draining: AtomicBool,
    pub panics: AtomicBool,
}

pub struct Shop {
    pub router: Router,
    pub platform: Platform,
    pub store: Arc<MemoryStore>,
    pub bank: Arc<Bank>,
    pub clock: Arc<Hand>,
    pub condition: Arc<Condition>,
    pub recorder: PrometheusRecorder,
}

/// An answer.
#[derive(Debug)]
pub struct Got {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Got {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("no JSON: {}", self.text()))
    }

    pub fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// The whole error, with the id of the request checked and taken out.
    pub fn error(&self) -> Value {
        let mut error = self.json()["error"].take();
        assert!(!self.status.is_success(), "{error}");
        let id = error.as_object_mut().unwrap().remove("request_id").unwrap();
        assert_eq!(Some(id.as_str().unwrap()), self.header("x-request-id"));
        error
    }

    pub fn code(&self) -> String {
        self.error()["code"].as_str().unwrap().to_owned()
    }
}

impl Shop {
    pub async fn open() -> Self {
        Self::with_limits(RateLimits { test: None, live: None, polling: None }).await
    }

    pub async fn with_limits(rate_limits: RateLimits) -> Self {
        // Boxed, because every test holds it in its future.
        Box::pin(Self::compose(rate_limits)).await
    }

    async fn compose(rate_limits: RateLimits) -> Self {
        let bank = Arc::new(Bank::default());
        let (store, clock) = (Arc::new(MemoryStore::new()), Arc::new(Hand(AtomicI64::new(0))));
        let ports = Ports {
            store: Arc::clone(&store) as Arc<dyn Store>,
            acquirer: Arc::clone(&bank) as Arc<dyn Acquirer>,
            authority: None,
            clock: Arc::clone(&clock) as Arc<dyn Clock>,
            seed: 7,
        };
        let settings = Settings { rate_limits, ..Settings::default() };
        let platform = Platform::start(settings, ports).await.unwrap();
        let condition = Arc::new(Condition::default());
        let seen = Arc::clone(&condition);
        let recorder = vinr_server::api::recorder().unwrap().build_recorder();
        let services = Services {
            readiness: Arc::new(move || {
                assert!(!seen.panics.load(Ordering::Relaxed), "told to panic");
                let draining = seen.draining.load(Ordering::Relaxed);
                Box::pin(async move { if draining { Err("shutting down") } else { Ok(()) } })
            }),
            metrics: Some(recorder.handle()),
            ..platform.services()
        };
        let shop = Self { router: router(services), platform, store, bank, clock, condition, recorder };
        shop.furnish().await;
        shop
    }

    async fn furnish(&self) {
        for account in ["acct_a", "acct_b"] {
            let id = AccountId::parse(account).unwrap();
            let row = AccountRow::new(id, account, START);
            self.platform.put_account(row).await.unwrap();
        }
        for (text, account, grants) in [
            (TEST, "acct_a", &[][..]),
            (LIVE, "acct_a", &[]),
            (OTHER, "acct_b", &[]),
            (READER, "acct_a", &["payments:read"]),
            (REVOKED, "acct_a", &[]),
        ] {
            let scope = scope(account, text.contains("_live_"));
            let row = KeyRow {
                grants: grants.iter().map(|grant| Arc::from(*grant)).collect(),
                revoked_at: (text == REVOKED).then_some(START),
                ..KeyRow::new(hash_key(text), scope, hint_of(text), START)
            };
            self.platform.put_key(row).await.unwrap();
        }
        let id = TerminalId::parse(TERMINAL).unwrap();
        let row = TerminalRow::new(id, scope("acct_a", false), "simulator", "1", START);
        self.platform.put_terminal(row).await.unwrap();
    }

    /// Sends a request as it is.
    pub async fn send(&self, request: Request<Body>) -> Got {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes().to_vec();
        let got = Got { status: parts.status, headers: parts.headers, body };
        assert!(got.header("x-request-id").unwrap().starts_with("req_"), "every answer names its request");
        got
    }

    /// `GET` with a bearer key.
    pub async fn get(&self, key: &str, path: &str) -> Got {
        self.send(bearer("GET", key, path).body(Body::empty()).unwrap()).await
    }

    /// `POST` of JSON with a bearer key.
    pub async fn post(&self, key: &str, path: &str, json: &str) -> Got {
        let request = bearer("POST", key, path).header("content-type", "application/json");
        self.send(request.body(Body::from(json.to_owned())).unwrap()).await
    }

    /// `POST` of JSON with a bearer key and an idempotency key.
    pub async fn post_once(&self, key: &str, path: &str, json: &str, once: &str) -> Got {
        let request = bearer("POST", key, path)
            .header("content-type", "application/json")
            .header("idempotency-key", once);
        self.send(request.body(Body::from(json.to_owned())).unwrap()).await
    }

    /// Puts a payment of account a into the store.
    pub async fn put(&self, payment: Payment) -> PaymentId {
        let id = payment.id;
        let changes = vec![Change::InsertPayment(Arc::new(payment))];
        self.store.commit(Transaction { changes }).await.unwrap();
        id
    }

    /// How many payments the scopes of both accounts hold.
    pub async fn stored(&self) -> usize {
        let page = Page { limit: 100, cursor: vinr_server::store::Cursor::Start };
        let mut stored = 0;
        for scope in [scope("acct_a", false), scope("acct_a", true), scope("acct_b", false)] {
            let listed = self.store.list_payments(&scope, &PaymentFilter::default(), &page).await.unwrap();
            stored += listed.payments.len();
        }
        stored
    }
}

pub fn bearer(method: &str, key: &str, path: &str) -> axum::http::request::Builder {
    Request::builder().method(method).uri(path).header("authorization", format!("Bearer {key}"))
}

pub fn scope(account: &str, livemode: bool) -> Scope {
    Scope { account: AccountId::parse(account).unwrap(), livemode }
}

/// A pending payment of account a over 25.00 EUR, made at `START` plus `number` seconds.
pub fn pending(number: u32, livemode: bool) -> Payment {
    let now = START.plus_ms(i64::from(number) * 1000);
    let id = PaymentId(PaymentId::first_at(now.0).0 | u128::from(number));
    let order = Order {
        id,
        account: AccountId::parse("acct_a").unwrap(),
        livemode,
        intent: IntentId(id.0),
        terminal: Some(TERMINAL.into()),
        group: None,
        location: None,
        asked: Money { amount_minor: 2500, currency: Currency::parse("EUR").unwrap() },
        capture_method: CaptureMethod::Manual,
        response_mode: ResponseMode::Async,
        reference: None,
        description: None,
        metadata: Arc::new(BTreeMap::new()),
    };
    accept(order, now, &Terms::default()).0
}

/// The same, held and waiting to be captured.
pub fn authorized(number: u32) -> Payment {
    let payment = pending(number, false);
    let card = CardFacts {
        brand: Brand::Visa,
        last4: Last4::parse("4242").unwrap(),
        entry_mode: EntryMode::Contactless,
    };
    let request = AuthorizationRequest {
        stan: number,
        generation: 1,
        attempt_epoch: 1,
        card,
        amount_minor: 2500,
        tip: None,
    };
    let approval = Approval { authorized_minor: 2500, auth_code: "A12345".into(), at: payment.created_at };
    let expires_at = payment.created_at.plus_ms(7 * 24 * 3_600_000);
    Payment {
        state: State::Authorized { request, approval, expires_at },
        due_at: Some(expires_at),
        ..payment
    }
}
