//! Whole payments: from the request, over the terminal's link, to the issuer and back, with everything durable on the
//! way. Nothing else does the same, so there is no floor; what it is made of is quoted beside it.

use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use hdrhistogram::Histogram;
use rand::SeedableRng as _;
use rand_chacha::ChaCha8Rng;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::time::Instant;
use vinr_domain::Timestamp;
use vinr_pki::Authority;
use vinr_sandbox::cardholder::{Choice, Pace};
use vinr_sandbox::deck;
use vinr_server::clock::SystemClock;
use vinr_terminal::journal::FileDisk;
use vinr_terminal::link::WssConnector;
use vinr_terminal::printer::SimulatedPrinter;
use vinr_terminal::reader::SimulatedReader;
use vinr_terminal::screen::SimulatedScreen;
use vinr_terminal::{
    NoFaults, NoIdentity, NoLanKey, NoNetwork, Ports, SimulatedInstaller, Terminal, TerminalConfig,
    TerminalHandle, Vault,
};
use vinr_wire::card::StorageKey;
use vinr_wire::link::HelloFacts;

use super::child::hub_stream;
use super::cloud::{Cloud, scratch};
use super::fleet::{self, Conduct, Fleet, Outside, outside};
use super::http_floor::HttpFloor;
use super::http_load::{Compose, Load, Outcome, Template, histogram, run as load};
use super::hub_floor::HubFloor;
use super::report::{Goal, Report, Row, progress};
use super::{During, Failure, Plan, creates};

const TERMINALS: usize = 1_000;
const CONNECTIONS: usize = 64;
/// The number of the terminal that is the device software itself.
const DEVICE: usize = TERMINALS;
/// What a terminal's journal writes for a payment, about.
const RECORD: [u8; 256] = [7; 256];

pub(super) fn run(plan: &Plan) -> Result<Report, Failure> {
    let dir = scratch(&plan.dir)?;
    let stand = Stand::new(dir.path())?;
    let floor = HttpFloor::start(dir.path())?;
    let now = SystemClock::shared().wall();
    let hub = HubFloor::start(&stand.cloud.authority, now)?;
    let tls = fleet::client_config(&stand.cloud.authority, 0, now)?;

    let mut busy = Row::new(
        format!("sync payments, {CONNECTIONS} at a time on {TERMINALS} terminals"),
        "1/s",
        Goal::None,
    );
    let mut busy_ms = Latency::of("its latency", [Goal::None; 2]);
    let mut alone = Latency::of("one payment at a time", [Goal::AtMost(1.5), Goal::AtMost(10.0)]);
    let mut insert = Latency::of("beside it: one durable row at a time", [Goal::None; 2]);
    let mut echo = Latency::of("beside it: mTLS echo of 64 bytes", [Goal::None; 2]);
    let mut sync = Latency::of("beside it: append and fdatasync", [Goal::None; 2]);
    for round in 1..=plan.rounds {
        progress(&format!("payments: one at a time, round {round} of {}", plan.rounds));
        let short = plan.measure / 4;
        insert.floor(&creates::inserts(&floor, 1, short)?.latencies);
        echo.floor(&echoes(&stand.outside, hub.address, Arc::clone(&tls), short)?);
        sync.floor(&syncs(dir.path(), short)?);
        alone.ours(&stand.alone(plan.measure)?.latencies);
    }
    // Only then, because what the load leaves to be written would be in the way of one at a time.
    for round in 1..=plan.rounds {
        progress(&format!("payments: many at a time, round {round} of {}", plan.rounds));
        let outcome = stand.busy(plan.measure)?;
        busy.ours.push(outcome.per_second());
        busy_ms.ours(&outcome.latencies);
    }
    let mut rows = vec![busy];
    rows.extend([busy_ms, alone, insert, echo, sync].into_iter().flat_map(|latency| latency.rows));
    let notes = vec![
        "issuer with its ledger; links are WebSocket over mutual TLS; a client thread and a thread of terminals share the process".to_owned(),
        "one at a time: the device software with its journal on disk, a card that is there at once; the machine is otherwise idle".to_owned(),
        "many at a time: scripted terminals, which prompt and ask for authorization at once".to_owned(),
    ];
    Ok(Report { name: "payments", rows, notes })
}

/// A pair of rows: median and 99th percentile.
struct Latency {
    rows: [Row; 2],
}

impl Latency {
    fn of(what: &str, [p50, p99]: [Goal; 2]) -> Self {
        let row = |quantile, goal| Row::new(format!("{what}, {quantile}"), "ms", goal);
        Self { rows: [row("p50", p50), row("p99", p99)] }
    }

    fn add(&mut self, latencies: &Histogram<u64>, side: impl Fn(&mut Row) -> &mut Vec<f64>) {
        for (row, quantile) in self.rows.iter_mut().zip([0.5, 0.99]) {
            side(row).push(latencies.value_at_quantile(quantile) as f64 / 1e6);
        }
    }

    fn floor(&mut self, latencies: &Histogram<u64>) {
        self.add(latencies, |row| &mut row.floor);
    }

    fn ours(&mut self, latencies: &Histogram<u64>) {
        self.add(latencies, |row| &mut row.ours);
    }
}

/// The platform with terminals at the other end of real links.
struct Stand {
    cloud: Cloud,
    outside: Outside,
    orders: Arc<AtomicU64>,
    _device: TerminalHandle,
}

impl Stand {
    fn new(dir: &Path) -> Result<Self, Failure> {
        progress(&format!("payments: connecting {TERMINALS} terminals"));
        let cloud = Cloud::start(dir, TERMINALS + 1)?;
        let outside = outside()?;
        let now = SystemClock::shared().wall();
        let (fleet, _nobody) = Fleet::new(Conduct::Pays(cloud.keys.clone()));
        for number in 0..TERMINALS {
            let tls = fleet::client_config(&cloud.authority, number, now)?;
            let (fleet, address) = (fleet.clone(), cloud.links);
            outside.handle.spawn(async move {
                let Ok(mut io) = fleet::connect(address, tls).await else { return };
                // A terminal that falls out shows as a payment that does not complete, which fails the run.
                let _ = fleet.run(number, &mut io).await;
            });
        }
        let device = device(&cloud, &cloud.authority, dir, now)?;
        let device = outside.block_on(device)?;
        for _ in 0..1_200 {
            if cloud.online() == TERMINALS + 1 {
                return Ok(Self { cloud, outside, orders: Arc::default(), _device: device });
            }
            std::thread::park_timeout(Duration::from_millis(50));
        }
        Err(Failure::new(format!("{} of {TERMINALS} terminals connect", cloud.online())))
    }

    /// Payments on the device, one after the other.
    fn alone(&self, duration: Duration) -> Result<Outcome, Failure> {
        self.pay(1, duration, |_, _| DEVICE as u64)
    }

    /// Payments on scripted terminals, of which each connection has its own.
    fn busy(&self, duration: Duration) -> Result<Outcome, Failure> {
        let each = (TERMINALS / CONNECTIONS) as u64;
        self.pay(CONNECTIONS, duration, move |connection, turn| {
            connection as u64 + CONNECTIONS as u64 * (turn % each)
        })
    }

    fn pay(
        &self,
        connections: usize,
        duration: Duration,
        terminal: impl Fn(usize, u64) -> u64 + Copy + Send + 'static,
    ) -> Result<Outcome, Failure> {
        let template = Template::new(
            "POST",
            "/v1/terminal/payments",
            "Idempotency-Key: key_@@@@@@@@\r\n",
            r##"{"terminalId":"term_bench_########","amount":4200,"currency":"EUR","reference":"order_@@@@@@@@","responseMode":"sync"}"##,
        );
        let expected = ("HTTP/1.1 200", r#""status":"completed""#);
        load(Load { address: self.cloud.api, connections, duration, expected }, |connection| -> Compose {
            let (template, orders, mut turn) = (template.clone(), Arc::clone(&self.orders), 0);
            Box::new(move |out| {
                template.fill(terminal(connection, turn), orders.fetch_add(1, Ordering::Relaxed), out);
                turn += 1;
                true
            })
        })
    }
}

/// The device software, with a journal on the same disk as the store.
fn device(
    cloud: &Cloud,
    authority: &Authority,
    dir: &Path,
    now: Timestamp,
) -> Result<impl Future<Output = Result<TerminalHandle, Failure>> + Send + use<>, Failure> {
    let link_id = fleet::identity(DEVICE).to_string();
    let tls = fleet::client_config(authority, DEVICE, now)?;
    let connector =
        WssConnector::new(&cloud.links.to_string(), "localhost", tls).during("naming the gateway")?;
    let hello = HelloFacts {
        software_version: env!("CARGO_PKG_VERSION").to_owned(),
        model: "simulator".to_owned(),
        serial_number: format!("BENCH-{DEVICE}"),
        battery_percent: None,
        has_printer: true,
        ..HelloFacts::default()
    };
    let (usual, rng) = (Choice::Card(deck::usual()), ChaCha8Rng::seed_from_u64(1));
    let ports = Ports {
        disk: FileDisk::open(&dir.join("journal")).during("opening the journal")?,
        memory: FileDisk::open(&dir.join("memory.json")).during("opening the memory")?,
        mark: FileDisk::open(&dir.join("offline.json")).during("opening the mark")?,
        vault: Vault::new(StorageKey::from_bytes([3; 32])),
        connector,
        reader: SimulatedReader::new(cloud.keys.reader_key(&link_id), usual, Pace::AT_ONCE, rng),
        display: Box::new(SimulatedScreen),
        printer: Box::new(SimulatedPrinter::default()),
        identity: Box::new(NoIdentity),
        lan_key: Box::new(NoLanKey),
        network: Box::new(NoNetwork),
        installer: Box::new(SimulatedInstaller),
        clock: Arc::new(vinr_terminal::SystemClock::new()),
        faults: Arc::new(NoFaults),
        rng: ChaCha8Rng::seed_from_u64(rand::random()),
    };
    let config = TerminalConfig::new(&link_id, hello);
    Ok(async move { Terminal::start(config, ports).await.during("starting the device software") })
}

/// Round trips of 64 bytes over mutual TLS, from the thread of the terminals.
fn echoes(
    outside: &Outside,
    address: std::net::SocketAddr,
    tls: Arc<rustls::ClientConfig>,
    duration: Duration,
) -> Result<Histogram<u64>, Failure> {
    outside.block_on(async move {
        let mut stream = hub_stream(address, tls).await.during("connecting to the hub")?;
        let (mut latencies, begun, mut bytes) = (histogram(), Instant::now(), [7; 64]);
        while begun.elapsed() < duration {
            let sent = Instant::now();
            stream.write_all(&bytes).await.during("asking the hub")?;
            stream.read_exact(&mut bytes).await.during("hearing the hub")?;
            latencies.saturating_record(nanoseconds(sent));
        }
        Ok(latencies)
    })
}

/// What it takes to make one record durable, and nothing else.
fn syncs(dir: &Path, duration: Duration) -> Result<Histogram<u64>, Failure> {
    let mut file = std::fs::File::create(dir.join("append")).during("making a file")?;
    let (mut latencies, begun) = (histogram(), Instant::now());
    while begun.elapsed() < duration {
        let sent = Instant::now();
        file.write_all(&RECORD).and_then(|()| file.sync_data()).during("appending to a file")?;
        latencies.saturating_record(nanoseconds(sent));
    }
    Ok(latencies)
}

fn nanoseconds(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_nanos()).unwrap_or(u64::MAX)
}
