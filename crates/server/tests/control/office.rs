//! A server on a store that outlives it, with two accounts and an operator, under virtual time.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use http_body_util::BodyExt;
use serde_json::Value;
use tokio::time::Instant;
use tower::ServiceExt;
use vinr_domain::payment::AdviceKind;
use vinr_domain::{AccountId, LocationId, TerminalId, Timestamp};
use vinr_pki::Authority;
use vinr_server::access::{OperatorKeyRow, hash_key, hint_of};
use vinr_server::acquirer::{
    Acquirer, Answer, Ask, Pending, RefundAnswer, RefundSubject, Settlement, Subject,
};
use vinr_server::api::router;
use vinr_server::clock::Clock;
use vinr_server::platform::{Platform, Ports};
use vinr_server::settings::{RateLimits, Settings};
use vinr_server::store::{
    AccountRow, EventCursor, EventFilter, EventPage, KeyRow, LocationRow, MemoryStore, Scope, Store,
    TerminalRow,
};

pub const START: Timestamp = Timestamp(1_781_168_400_000);
pub const KEY: &str = "sk_test_shop";
pub const OTHER: &str = "sk_test_neighbour";
pub const OPERATOR: &str = "ok_someone";
/// Where its terminals stand.
pub const LOCATION: &str = "loc_main";

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

pub struct Office {
    pub platform: Platform,
    pub store: Arc<MemoryStore>,
    pub clock: Arc<VirtualClock>,
    authority: Option<Arc<Authority>>,
    router: Router,
    seed: u64,
}

/// An answer.
#[derive(Debug)]
pub struct Got {
    pub status: u16,
    pub replayed: bool,
    pub json: Value,
}

impl Got {
    /// The JSON of a success.
    pub fn ok(self) -> Value {
        assert_eq!(self.status, 200, "{}", self.json);
        self.json
    }

    /// Status, code and field of an error.
    pub fn refused(&self) -> (u16, &str, Option<&str>) {
        let error = &self.json["error"];
        (self.status, error["code"].as_str().unwrap_or("none"), error["param"].as_str())
    }
}

impl Office {
    pub async fn open() -> Self {
        Self::with_authority(None).await
    }

    pub async fn with_authority(authority: Option<Arc<Authority>>) -> Self {
        let store = Arc::new(MemoryStore::new());
        let clock = Arc::new(VirtualClock(Instant::now()));
        let office = Self::start(store, clock, authority, 1).await;
        for (account, key) in [("acct_shop", KEY), ("acct_neighbour", OTHER)] {
            let id = AccountId::parse(account).unwrap();
            office.platform.put_account(AccountRow::new(id, account, START)).await.unwrap();
            let row = KeyRow::new(hash_key(key), scope(account), hint_of(key), START);
            office.platform.put_key(row).await.unwrap();
        }
        office.platform.put_operator_key(OperatorKeyRow::new(OPERATOR, "Anna", START)).await.unwrap();
        let id = LocationId::parse(LOCATION).unwrap();
        office.platform.put_location(LocationRow::new(id, scope("acct_shop"), "Main", START)).await.unwrap();
        office
    }

    async fn start(
        store: Arc<MemoryStore>,
        clock: Arc<VirtualClock>,
        authority: Option<Arc<Authority>>,
        seed: u64,
    ) -> Self {
        let ports = Ports {
            store: Arc::clone(&store) as Arc<dyn Store>,
            acquirer: Arc::new(NoAcquirer),
            authority: authority.clone(),
            clock: Arc::clone(&clock) as Arc<dyn Clock>,
            seed,
        };
        let rate_limits = RateLimits { test: None, live: None, polling: None };
        let settings = Settings { rate_limits, ..Settings::default() };
        let platform = Box::pin(Platform::start(settings, ports)).await.unwrap();
        let router = router(platform.services());
        Self { platform, store, clock, authority, router, seed }
    }

    /// Ends the server as a power cut would, and starts another on the same store.
    pub async fn restart(self) -> Self {
        self.platform.end();
        drop(self.platform);
        tokio::task::yield_now().await;
        Self::start(self.store, self.clock, self.authority, self.seed + 1).await
    }

    /// Registers a terminal that stands at the location.
    pub async fn register(&self, id: &str, model: &str) {
        let id = TerminalId::parse(id).unwrap();
        let mut row = TerminalRow::new(id, scope("acct_shop"), model, "SN-1", self.clock.wall());
        row.location = Some(LocationId::parse(LOCATION).unwrap());
        row.software_version = "3.14.2".into();
        self.platform.put_terminal(row).await.unwrap();
    }

    pub async fn send(&self, method: &str, key: &str, path: &str, body: &str, once: Option<&str>) -> Got {
        let mut request =
            Request::builder().method(method).uri(path).header("authorization", format!("Bearer {key}"));
        if !body.is_empty() {
            let form = !body.starts_with('{');
            let kind = if form { "application/x-www-form-urlencoded" } else { "application/json" };
            request = request.header("content-type", kind);
        }
        if let Some(once) = once {
            request = request.header("idempotency-key", once);
        }
        let request = request.body(Body::from(body.to_owned())).unwrap();
        let (parts, body) = self.router.clone().oneshot(request).await.unwrap().into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        let json = serde_json::from_slice(&body).unwrap_or(Value::Null);
        let replayed = parts.headers.contains_key("idempotent-replayed");
        Got { status: parts.status.as_u16(), replayed, json }
    }

    pub async fn get(&self, path: &str) -> Got {
        self.send("GET", KEY, path, "", None).await
    }

    pub async fn post(&self, path: &str, body: &str) -> Got {
        self.send("POST", KEY, path, body, None).await
    }

    pub async fn put(&self, path: &str, body: &str) -> Got {
        self.send("PUT", KEY, path, body, None).await
    }

    /// What the events of an object say, the oldest first.
    pub async fn told(&self, object: &str) -> Vec<(&'static str, Value)> {
        let filter = EventFilter { object_id: Some(object.into()), ..EventFilter::default() };
        let page = EventPage { limit: 100, cursor: EventCursor::Start };
        let (mut rows, _) = self.store.list_events(&scope("acct_shop"), &filter, &page).await.unwrap();
        rows.sort_by_key(|row| row.sequence);
        let sequences: Vec<u64> = rows.iter().map(|row| row.sequence).collect();
        assert!(sequences.iter().copied().eq(1..=rows.len() as u64), "without a gap: {sequences:?}");
        rows.iter().map(|row| (row.kind, serde_json::from_slice(&row.data).unwrap())).collect()
    }
}

pub fn scope(account: &str) -> Scope {
    Scope { account: AccountId::parse(account).unwrap(), livemode: false }
}

/// Lets this much virtual time pass.
pub async fn pass(seconds: u64) {
    tokio::time::sleep(Duration::from_secs(seconds)).await;
}
