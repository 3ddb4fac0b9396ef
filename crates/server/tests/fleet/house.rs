//! A server on a store that outlives it, with one account, under virtual time.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use http_body_util::BodyExt;
use serde_json::Value;
use tokio::time::Instant;
use tower::ServiceExt;
use vinr_domain::payment::AdviceKind;
use vinr_domain::{AccountId, TerminalId, Timestamp};
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

/// When everything begins.
pub const START: Timestamp = Timestamp(1_781_168_400_000);
pub const KEY: &str = "sk_test_house";
pub const LIVE: &str = "sk_live_house";
pub const OTHER: &str = "sk_test_neighbour";

/// A clock that follows virtual time, and can be set forward.
pub struct HouseClock {
    origin: Instant,
    ahead_ms: AtomicI64,
}

impl HouseClock {
    fn elapsed_ms(&self) -> i64 {
        i64::try_from(self.origin.elapsed().as_millis()).unwrap() + self.ahead_ms.load(Ordering::Relaxed)
    }
}

impl Clock for HouseClock {
    fn wall(&self) -> Timestamp {
        START.plus_ms(self.elapsed_ms())
    }

    fn monotonic_ms(&self) -> i64 {
        self.elapsed_ms()
    }
}

struct NoAcquirer;

impl Acquirer for NoAcquirer {
    fn authorize(&self, _: Ask) -> Pending<Answer> {
        Box::pin(std::future::pending())
    }

    fn inquire(&self, _: Subject) -> Pending<Answer> {
        Box::pin(std::future::pending())
    }

    fn advise(&self, _: Subject, _: AdviceKind) -> Pending<()> {
        Box::pin(std::future::pending())
    }

    fn refund(&self, _: RefundSubject) -> Pending<RefundAnswer> {
        Box::pin(std::future::pending())
    }

    fn inquire_refund(&self, _: RefundSubject) -> Pending<RefundAnswer> {
        Box::pin(std::future::pending())
    }

    fn settle(&self, _: Settlement) -> Pending<()> {
        Box::pin(std::future::pending())
    }
}

pub struct House {
    pub platform: Platform,
    pub store: Arc<MemoryStore>,
    pub clock: Arc<HouseClock>,
    router: Router,
    seed: u64,
}

/// An answer.
#[derive(Debug)]
pub struct Got {
    pub status: StatusCode,
    pub replayed: bool,
    pub json: Value,
}

impl House {
    pub async fn open() -> Self {
        let store = Arc::new(MemoryStore::new());
        let clock = Arc::new(HouseClock { origin: Instant::now(), ahead_ms: AtomicI64::new(0) });
        let house = Self::start(store, clock, 1).await;
        for (account, keys) in [("acct_house", &[KEY, LIVE][..]), ("acct_neighbour", &[OTHER])] {
            let id = AccountId::parse(account).unwrap();
            house.platform.put_account(AccountRow::new(id, account, START)).await.unwrap();
            for key in keys {
                let scope = scope(account, key.contains("_live_"));
                house.platform.put_key(KeyRow::new(hash_key(key), scope, hint_of(key), START)).await.unwrap();
            }
        }
        house
    }

    async fn start(store: Arc<MemoryStore>, clock: Arc<HouseClock>, seed: u64) -> Self {
        let ports = Ports {
            store: Arc::clone(&store) as Arc<dyn Store>,
            acquirer: Arc::new(NoAcquirer),
            clock: Arc::clone(&clock) as Arc<dyn Clock>,
            seed,
            authority: None,
        };
        let rate_limits = RateLimits { test: None, live: None, polling: None };
        let platform = Platform::start(Settings { rate_limits, ..Settings::default() }, ports).await.unwrap();
        let router = router(platform.services());
        Self { platform, store, clock, router, seed }
    }

    /// Ends the server as a power cut would, and starts another on the same store.
    pub async fn restart(self) -> Self {
        self.platform.end();
        drop(self.platform);
        tokio::task::yield_now().await;
        Self::start(self.store, self.clock, self.seed + 1).await
    }

    pub async fn register(&self, id: &str) {
        let id = TerminalId::parse(id).unwrap();
        let row =
            TerminalRow::new(id, scope("acct_house", false), "nexgo_n92", "SN-00482910", self.clock.wall());
        self.platform.put_terminal(row).await.unwrap();
    }

    /// The types of the events of a terminal and what they say, the oldest first.
    pub async fn told(&self, id: &str) -> Vec<(&'static str, Value)> {
        let filter = EventFilter { object_id: Some(id.into()), ..EventFilter::default() };
        let page = EventPage { limit: 100, cursor: EventCursor::Start };
        let (mut rows, _) =
            self.store.list_events(&scope("acct_house", false), &filter, &page).await.unwrap();
        rows.sort_by_key(|row| row.sequence);
        let sequences: Vec<u64> = rows.iter().map(|row| row.sequence).collect();
        assert!(sequences.iter().copied().eq(1..=rows.len() as u64), "without a gap: {sequences:?}");
        rows.iter().map(|row| (row.kind, serde_json::from_slice(&row.data).unwrap())).collect()
    }

    /// The same without what they say.
    pub async fn kinds(&self, id: &str) -> Vec<&'static str> {
        self.told(id).await.into_iter().map(|(kind, _)| kind).collect()
    }

    pub async fn send(
        &self,
        method: &str,
        key: &str,
        path: &str,
        body: Option<&str>,
        once: Option<&str>,
    ) -> Got {
        let mut request =
            Request::builder().method(method).uri(path).header("authorization", format!("Bearer {key}"));
        if body.is_some() {
            request = request.header("content-type", "application/json");
        }
        if let Some(once) = once {
            request = request.header("idempotency-key", once);
        }
        let body = Body::from(body.unwrap_or("").to_owned());
        let response = self.router.clone().oneshot(request.body(body).unwrap()).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        let json = serde_json::from_slice(&body).unwrap_or(Value::Null);
        Got { status: parts.status, replayed: parts.headers.contains_key("idempotent-replayed"), json }
    }

    pub async fn get(&self, path: &str) -> Got {
        self.send("GET", KEY, path, None, None).await
    }

    pub async fn post(&self, path: &str, body: &str) -> Got {
        self.send("POST", KEY, path, Some(body), None).await
    }

    /// The terminal as the API shows it.
    pub async fn terminal(&self, id: &str) -> Value {
        let got = self.get(&format!("/v1/terminals/{id}")).await;
        assert_eq!(got.status, StatusCode::OK, "{}", got.json);
        got.json
    }
}

pub fn scope(account: &str, livemode: bool) -> Scope {
    Scope { account: AccountId::parse(account).unwrap(), livemode }
}

/// Lets this much virtual time pass.
pub async fn pass(seconds: u64) {
    tokio::time::sleep(Duration::from_secs(seconds)).await;
}

/// Lets everything happen that needs no time.
pub async fn settle() {
    tokio::time::sleep(Duration::from_millis(50)).await;
}
