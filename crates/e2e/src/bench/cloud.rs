//! The platform as it is measured: put together as the `vinr` binary does it, with the real store on a real disk, the
//! real sandbox issuer and its ledger, the real listeners. Rate limits are off, and nothing listens to its log.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpSocket};
use tokio::runtime::Runtime;
use tokio::sync::oneshot;
use vinr_domain::payment::Status;
use vinr_domain::{AccountId, LocationId, TerminalId, Timestamp};
use vinr_pki::{Authority, ServerNames};
use vinr_sandbox::issuer::{Issuer, IssuerSettings};
use vinr_sandbox::keys::SandboxKeys;
use vinr_server::access::{hash_key, hint_of};
use vinr_server::acquirer::sandbox::SandboxAcquirer;
use vinr_server::clock::{Clock, SystemClock};
use vinr_server::gateway::TerminalKey;
use vinr_server::platform::{Platform, Ports};
use vinr_server::settings::{RateLimits, Settings};
use vinr_server::store::sqlite::Options;
use vinr_server::store::{
    AccountRow, Change, KeyRow, LocationRow, Scope, SqliteStore, Store, TerminalRow, Transaction,
};
use vinr_server::{api, listener};
use vinr_wire::link::{PresentCard, ToTerminal};

use vinr_wire::rest::webhook::Policy;

use super::arrivals::machine_ns;
use super::{During, Failure};

/// What the clients of the benchmarks authenticate with.
pub(super) const SECRET_KEY: &str = "sk_test_benchmark";

/// Where all terminals stand.
pub(super) const LOCATION: &str = "loc_bench";

/// Connections that wait to be accepted: all of a storm, so that the kernel drops none.
const BACKLOG: u32 = 16_384;

/// How many rows are registered in one transaction.
const AT_ONCE: usize = 1_000;

/// The platform, running on threads of its own.
pub(super) struct Cloud {
    pub(super) platform: Arc<Platform>,
    pub(super) store: Arc<SqliteStore>,
    pub(super) api: SocketAddr,
    pub(super) links: SocketAddr,
    pub(super) authority: Arc<Authority>,
    pub(super) keys: SandboxKeys,
    stop: Option<oneshot::Sender<()>>,
    runtime: Option<Runtime>,
}

/// As many worker threads as the `vinr` binary has.
pub(super) fn runtime(name: &str) -> Result<Runtime, Failure> {
    let built = tokio::runtime::Builder::new_multi_thread().enable_all().thread_name(name).build();
    built.during("starting a runtime")
}

/// A listener on loopback that a storm does not overrun.
pub(super) fn listen() -> Result<TcpListener, Failure> {
    let socket = TcpSocket::new_v4().during("opening a socket")?;
    socket.bind(SocketAddr::from(([127, 0, 0, 1], 0))).during("binding to loopback")?;
    socket.listen(BACKLOG).during("listening on loopback")
}

/// A fresh directory beside the figures, gone when dropped.
pub(super) fn scratch(dir: &Path) -> Result<tempfile::TempDir, Failure> {
    tempfile::Builder::new().prefix("data-").tempdir_in(dir).during("making a directory for data")
}

/// The name of terminal number `number`, the same length for all.
pub(super) fn terminal_id(number: usize) -> TerminalId {
    TerminalId::parse(&format!("term_bench_{number:08}")).expect("the written form of a terminal's id")
}

fn location() -> LocationId {
    LocationId::parse(LOCATION).expect("the written form of a location's id")
}

pub(super) fn scope() -> Scope {
    let account = AccountId::parse("acct_bench").expect("the written form of an account's id");
    Scope { account, livemode: false }
}

impl Cloud {
    /// Starts the platform on the data in `dir`, with so many terminals registered.
    pub(super) fn start(dir: &Path, terminals: usize) -> Result<Self, Failure> {
        let runtime = runtime("cloud")?;
        let (dir, guard) = (dir.to_owned(), runtime.handle().clone());
        let mut cloud = guard.block_on(Self::compose(dir, terminals))?;
        cloud.runtime = Some(runtime);
        Ok(cloud)
    }

    async fn compose(dir: PathBuf, terminals: usize) -> Result<Self, Failure> {
        let clock = SystemClock::shared();
        let now = clock.wall();
        let database = dir.join("vinr.db");
        let store = SqliteStore::open(&database, now, Options::default()).during("opening the store")?;
        let store = Arc::new(store);
        register(&store, terminals, now).await?;
        let authority = Authority::open_or_create(&dir.join("pki"), now).during("opening the authority")?;
        let authority = Arc::new(authority);
        let keys = SandboxKeys::open(&dir.join("reader.key")).during("making the readers' key")?;
        let ledger = dir.join("issuer.jsonl");
        let issuer = Issuer::open(&ledger, 1, keys.base().clone(), IssuerSettings::default());
        let acquirer = SandboxAcquirer::new(issuer.during("opening the issuer")?, Arc::clone(&clock));
        let ports = Ports {
            store: Arc::clone(&store) as _,
            acquirer: Arc::new(acquirer),
            authority: Some(Arc::clone(&authority)),
            clock: Arc::clone(&clock),
            seed: rand::random(),
        };
        let rate_limits = RateLimits { test: None, live: None, polling: None };
        let mut settings = Settings { rate_limits, ..Settings::default() };
        settings.webhooks.policy = Policy { plain_http: true, private_addresses: true };
        let platform = Platform::start(settings, ports).await.during("starting the platform")?;
        let platform = Arc::new(platform);
        let links = serve_links(&platform)?;
        let (stop, api) = serve_api(&platform, clock)?;
        Ok(Self { platform, store, api, links, authority, keys, stop: Some(stop), runtime: None })
    }

    /// Runs a future among the platform's own tasks.
    pub(super) fn block_on<T>(&self, work: impl Future<Output = T>) -> T {
        self.runtime.as_ref().expect("taken when dropped, not before").block_on(work)
    }

    /// How many terminals are connected.
    pub(super) fn online(&self) -> usize {
        self.platform.directory.count().1
    }

    /// Sends a command, which carries the moment, to one terminal after the other; says whether it could be sent.
    pub(super) fn pushing(&self, terminals: usize) -> impl FnMut(u64) -> bool + use<> {
        let key = |number| TerminalKey { scope: scope(), id: terminal_id(number) };
        let directory = Arc::clone(&self.platform.directory);
        let all: Vec<_> = (0..terminals).filter_map(|number| directory.find(&key(number))).collect();
        move |turn| {
            // A stride without a common divisor: neighbours do not follow each other.
            let number = turn as usize * 7_919 % all.len().max(1);
            let command = PresentCard { request: machine_ns(), card: None, entry_mode: None };
            all.get(number).is_some_and(|terminal| terminal.send(ToTerminal::PresentCard(command)))
        }
    }

    /// Waits, a minute at most, until no payment is open; `nudge` may end some, once a second.
    pub(super) async fn until_idle(&self, nudge: impl Fn()) -> Result<(), Failure> {
        for turn in 0..1_200 {
            if turn % 20 == 0 {
                nudge();
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
            let counts = self.store.count_payments_across_accounts().await.during("counting payments")?;
            let open = |status| matches!(status, Status::Pending | Status::Processing);
            if counts.iter().all(|(status, count)| !open(*status) || *count == 0) {
                return Ok(());
            }
        }
        Err(Failure::new("payments are still open a minute after their terminals ended them"))
    }
}

impl Drop for Cloud {
    fn drop(&mut self) {
        drop(self.stop.take());
        self.platform.end();
        self.store.close();
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_timeout(Duration::from_secs(5));
        }
    }
}

/// Before the platform starts, and many at a time: this is not what is measured.
async fn register(store: &SqliteStore, terminals: usize, now: Timestamp) -> Result<(), Failure> {
    let scope = scope();
    let account = AccountRow::new(scope.account.clone(), "Benchmarks", now);
    let location = LocationRow::new(location(), scope.clone(), "Benchmarks", now);
    let key = KeyRow::new(hash_key(SECRET_KEY), scope, hint_of(SECRET_KEY), now);
    let first = vec![Change::put(&account), Change::put(&location), Change::put(&key)];
    store.commit(Transaction { changes: first }).await.during("registering the account")?;
    for begin in (0..terminals).step_by(AT_ONCE) {
        let numbers = begin..terminals.min(begin + AT_ONCE);
        let changes = numbers.map(|number| Change::put(&row(number, now))).collect();
        store.commit(Transaction { changes }).await.during("registering terminals")?;
    }
    Ok(())
}

fn row(number: usize, now: Timestamp) -> TerminalRow {
    let serial_number = format!("BENCH-{number}");
    TerminalRow {
        software_version: env!("CARGO_PKG_VERSION").into(),
        location: Some(location()),
        ..TerminalRow::new(terminal_id(number), scope(), "simulator", &serial_number, now)
    }
}

fn serve_links(platform: &Platform) -> Result<SocketAddr, Failure> {
    let tls = platform.applications.identities.gateway_tls(&ServerNames::default());
    let listener = listen()?;
    let address = listener.local_addr().during("listening on loopback")?;
    platform.serve_links(listener, tls.during("configuring TLS")?);
    Ok(address)
}

fn serve_api(
    platform: &Platform,
    clock: Arc<dyn Clock>,
) -> Result<(oneshot::Sender<()>, SocketAddr), Failure> {
    let router = api::router(api::Services { clock, ..platform.services() });
    record_metrics();
    let listener = listen()?;
    let address = listener.local_addr().during("listening on loopback")?;
    let (stop, stopped) = oneshot::channel::<()>();
    let limits = listener::Limits { drain: Duration::ZERO, ..listener::Limits::default() };
    tokio::spawn(listener::serve(listener, router, None, limits, async move {
        // Dropped or told, both mean the end.
        let _ = stopped.await;
    }));
    Ok((stop, address))
}

/// A server counts its requests, so the measured one does. Of several in a process the first begins.
fn record_metrics() {
    let Ok(Ok(handle)) = api::recorder().map(|recorder| recorder.install_recorder()) else { return };
    let upkeep = move || {
        loop {
            std::thread::park_timeout(Duration::from_secs(5));
            handle.run_upkeep();
        }
    };
    // Without the thread the figures take more memory, which no benchmark is long enough to notice.
    let _ = std::thread::Builder::new().name("metrics".into()).spawn(upkeep);
}
