//! A server with an authority and two accounts. Its clock can be set forward.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tower::ServiceExt;
use vinr_domain::payment::AdviceKind;
use vinr_domain::{AccountId, Timestamp};
use vinr_pki::{Authority, ServerNames};
use vinr_server::access::{hash_key, hint_of};
use vinr_server::acquirer::{
    Acquirer, Answer, Ask, Pending, RefundAnswer, RefundSubject, Settlement, Subject,
};
use vinr_server::api::router;
use vinr_server::clock::{Clock, SystemClock};
use vinr_server::platform::{Platform, Ports};
use vinr_server::settings::{RateLimits, Settings};
use vinr_server::store::{AccountRow, KeyRow, MemoryStore, Scope, Store};

pub const KEY: &str = "sk_test_shop";
pub const LIVE: &str = "sk_live_shop";
pub const OTHER: &str = "sk_test_neighbour";

/// The machine's clock, and a hand that sets it forward.
pub struct Forward {
    machine: Arc<dyn Clock>,
    ahead_ms: AtomicI64,
}

impl Clock for Forward {
    fn wall(&self) -> Timestamp {
        self.machine.wall().plus_ms(self.ahead_ms.load(Ordering::Relaxed))
    }

    fn monotonic_ms(&self) -> i64 {
        self.machine.monotonic_ms() + self.ahead_ms.load(Ordering::Relaxed)
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

    fn reader_key(&self, _: &str) -> Option<[u8; 32]> {
        Some([7; 32])
    }
}

/// An answer.
#[derive(Debug)]
pub struct Got {
    pub status: u16,
    pub retry_after: Option<u64>,
    pub replayed: bool,
    pub json: Value,
}

impl Got {
    pub fn code(&self) -> &str {
        self.json["error"]["code"].as_str().unwrap_or("")
    }

    pub fn text(&self, field: &str) -> &str {
        self.json[field].as_str().unwrap_or_else(|| panic!("no {field}: {}", self.json))
    }
}

pub struct Installation {
    pub platform: Platform,
    pub gateway: SocketAddr,
    router: Router,
    store: Arc<MemoryStore>,
    clock: Arc<Forward>,
    dir: Arc<tempfile::TempDir>,
}

impl Installation {
    pub async fn open() -> Self {
        // Boxed, because it is held in the future of every test.
        Box::pin(Self::furnish()).await
    }

    async fn furnish() -> Self {
        let clock = Arc::new(Forward { machine: SystemClock::shared(), ahead_ms: AtomicI64::new(0) });
        let dir = Arc::new(tempfile::tempdir().unwrap());
        let opened = Self::start(Arc::new(MemoryStore::new()), clock, dir).await;
        let now = opened.clock.wall();
        for (account, keys) in [("acct_shop", &[KEY, LIVE][..]), ("acct_neighbour", &[OTHER])] {
            let id = AccountId::parse(account).unwrap();
            opened.platform.put_account(AccountRow::new(id.clone(), account, now)).await.unwrap();
            for key in keys {
                let scope = Scope { account: id.clone(), livemode: key.contains("_live_") };
                opened.platform.put_key(KeyRow::new(hash_key(key), scope, hint_of(key), now)).await.unwrap();
            }
        }
        opened
    }

    async fn start(store: Arc<MemoryStore>, clock: Arc<Forward>, dir: Arc<tempfile::TempDir>) -> Self {
        let pki: PathBuf = dir.path().join("pki");
        let authority = Arc::new(Authority::open_or_create(&pki, clock.wall()).unwrap());
        let ports = Ports {
            store: Arc::clone(&store) as Arc<dyn Store>,
            acquirer: Arc::new(NoAcquirer),
            clock: Arc::clone(&clock) as Arc<dyn Clock>,
            seed: rand::random(),
            authority: Some(authority),
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let gateway = listener.local_addr().unwrap();
        let rate_limits = RateLimits { test: None, live: None, polling: None };
        let mut settings = Settings { rate_limits, ..Settings::default() };
        settings.pairing.gateway_address = gateway.to_string();
        settings.pairing.online_hold_ms = 5_000;
        let platform = Box::pin(Platform::start(settings, ports)).await.unwrap();
        let tls = platform.applications.identities.gateway_tls(&ServerNames::default()).unwrap();
        platform.serve_links(listener, tls);
        let router = router(platform.services());
        Self { platform, gateway, router, store, clock, dir }
    }

    /// Ends the server as a power cut would, and starts another on what it left.
    pub async fn restart(self) -> Self {
        self.platform.end();
        drop(self.platform);
        Self::start(self.store, self.clock, self.dir).await
    }

    pub fn advance_ms(&self, ms: i64) {
        self.clock.ahead_ms.fetch_add(ms, Ordering::Relaxed);
    }

    pub async fn send(&self, method: &str, bearer: Option<&str>, path: &str, body: Option<Value>) -> Got {
        self.send_once(method, bearer, path, body, None).await
    }

    pub async fn send_once(
        &self,
        method: &str,
        bearer: Option<&str>,
        path: &str,
        body: Option<Value>,
        once: Option<&str>,
    ) -> Got {
        let mut request = Request::builder().method(method).uri(path);
        if let Some(bearer) = bearer {
            request = request.header("authorization", format!("Bearer {bearer}"));
        }
        if let Some(once) = once {
            request = request.header("idempotency-key", once);
        }
        if body.is_some() {
            request = request.header("content-type", "application/json");
        }
        let body = body.map(|body| body.to_string()).unwrap_or_default();
        let response = self.router.clone().oneshot(request.body(Body::from(body)).unwrap()).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        let retry_after =
            parts.headers.get("retry-after").and_then(|value| value.to_str().ok()?.parse().ok());
        Got {
            status: parts.status.as_u16(),
            retry_after,
            replayed: parts.headers.contains_key("idempotent-replayed"),
            json: serde_json::from_slice(&body).unwrap_or(Value::Null),
        }
    }

    /// What anybody gets, as text.
    pub async fn fetch(&self, path: &str) -> String {
        let request = Request::get(path).body(Body::empty()).unwrap();
        let response = self.router.clone().oneshot(request).await.unwrap();
        assert_eq!(response.status().as_u16(), 200);
        String::from_utf8(response.into_body().collect().await.unwrap().to_bytes().to_vec()).unwrap()
    }

    pub async fn activate(&self, key: &str, code: &str) -> Got {
        let body = json!({ "activationCode": code });
        self.send("POST", Some(key), "/v1/terminals/activate", Some(body)).await
    }

    pub async fn deactivate(&self, key: &str, terminal: &str) -> Got {
        self.send("POST", Some(key), &format!("/v1/terminals/{terminal}/deactivate"), Some(json!({}))).await
    }
}
