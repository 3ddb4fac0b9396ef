//! The floors of the HTTP benchmarks: axum and nothing else, with an echo of JSON, and with one row made durable by
//! SQLite. No identity, no rule, no second table: what is left of a payment when everything that makes it one is gone.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::serve::ListenerExt as _;
use rusqlite::Connection;
use serde::{Deserialize, Serialize};
use tokio::runtime::Runtime;
use tokio::sync::{mpsc, oneshot};

use super::{During, Failure, cloud};

/// How many rows are made durable together at most.
const GROUP: usize = 256;
/// How many rows there have been, over all floors of this process.
static COUNT: AtomicU64 = AtomicU64::new(0);
/// How many may wait.
const QUEUE: usize = 8_192;

/// A floor, running on threads of its own.
pub(super) struct HttpFloor {
    pub(super) address: SocketAddr,
    runtime: Option<Runtime>,
}

#[derive(Deserialize, Serialize)]
struct Sale {
    amount: i64,
    currency: String,
    terminal: String,
    reference: String,
}

#[derive(Serialize)]
struct Kept<'a> {
    id: &'a str,
    status: &'static str,
    #[serde(flatten)]
    sale: &'a Sale,
}

struct Insert {
    id: String,
    sale: Sale,
    done: oneshot::Sender<(String, Sale)>,
}

/// What the echo takes apart and puts together: about as many fields as a payment has.
#[derive(Deserialize, Serialize)]
struct Document {
    id: String,
    object: String,
    livemode: bool,
    terminal: String,
    amount: i64,
    currency: String,
    status: String,
    reference: Option<String>,
    description: Option<String>,
    capture: String,
    created: i64,
    sequence: u64,
}

impl HttpFloor {
    /// Starts the floor; its database is a new one in `dir`.
    pub(super) fn start(dir: &Path) -> Result<Self, Failure> {
        let runtime = cloud::runtime("floor")?;
        let guard = runtime.enter();
        let (inserts, waiting) = mpsc::channel(QUEUE);
        let database = Writer::open(dir.join("floor.db"))?;
        std::thread::Builder::new()
            .name("floor-writer".into())
            .spawn(move || database.run(waiting))
            .during("starting the writer")?;
        let router =
            Router::new().route("/echo", post(echo)).route("/payments", post(insert)).with_state(inserts);
        let listener = cloud::listen()?;
        let address = listener.local_addr().during("listening on loopback")?;
        let listener = listener.tap_io(|stream| {
            // As everywhere here: an answer is small, and somebody waits for it.
            let _ = stream.set_nodelay(true);
        });
        tokio::spawn(async move { axum::serve(listener, router).await });
        drop(guard);
        Ok(Self { address, runtime: Some(runtime) })
    }
}

impl Drop for HttpFloor {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_timeout(Duration::from_secs(1));
        }
    }
}

fn json(status: StatusCode, body: &impl Serialize) -> Response {
    match serde_json::to_vec(body) {
        Ok(body) => (status, [(header::CONTENT_TYPE, "application/json")], body).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

async fn echo(body: Bytes) -> Response {
    match serde_json::from_slice::<Document>(&body) {
        Ok(document) => json(StatusCode::OK, &document),
        Err(_) => StatusCode::BAD_REQUEST.into_response(),
    }
}

async fn insert(State(inserts): State<mpsc::Sender<Insert>>, body: Bytes) -> Response {
    let Ok(sale) = serde_json::from_slice::<Sale>(&body) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    // In the order of time, so that the floor's tree grows at its end and not all over.
    let id = format!("pay_{:016x}{:016x}", COUNT.fetch_add(1, Ordering::Relaxed), rand::random::<u64>());
    let (done, kept) = oneshot::channel();
    if inserts.send(Insert { id, sale, done }).await.is_err() {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    match kept.await {
        Ok((id, sale)) => json(StatusCode::ACCEPTED, &Kept { id: &id, status: "created", sale: &sale }),
        Err(_) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}

/// The one thread that writes.
struct Writer {
    database: Connection,
}

impl Writer {
    fn open(path: PathBuf) -> Result<Self, Failure> {
        let database = Connection::open(path).during("opening the floor's database")?;
        database
            .execute_batch(
                "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 4000;
                 PRAGMA cache_size = -65536;
                 CREATE TABLE payments (
                     id TEXT PRIMARY KEY, terminal TEXT, amount INTEGER, currency TEXT, reference TEXT,
                     status TEXT, created INTEGER
                 ) WITHOUT ROWID;
                 CREATE INDEX by_terminal ON payments (terminal, created);",
            )
            .during("making the floor's table")?;
        Ok(Self { database })
    }

    fn run(self, mut waiting: mpsc::Receiver<Insert>) -> rusqlite::Result<()> {
        let (mut group, mut created) = (Vec::with_capacity(GROUP), 0_i64);
        while waiting.blocking_recv_many(&mut group, GROUP) > 0 {
            self.database.execute_batch("BEGIN IMMEDIATE")?;
            let mut statement = self
                .database
                .prepare_cached("INSERT INTO payments VALUES (?1, ?2, ?3, ?4, ?5, 'created', ?6)")?;
            for Insert { id, sale, .. } in &group {
                created += 1;
                statement.execute((
                    id,
                    &sale.terminal,
                    sale.amount,
                    &sale.currency,
                    &sale.reference,
                    created,
                ))?;
            }
            drop(statement);
            self.database.execute_batch("COMMIT")?;
            for Insert { id, sale, done } in group.drain(..) {
                // A client that is gone changes nothing.
                let _ = done.send((id, sale));
            }
        }
        Ok(())
    }
}
