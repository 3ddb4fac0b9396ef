//! Processes that a benchmark needs besides itself, so that memory and open files can be told apart: this same
//! program in another role, and lines of text to tell it what to do. A child whose parent is gone ends.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use clap::{Subcommand, ValueEnum};
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use vinr_pki::Authority;
use vinr_server::clock::SystemClock;

use super::arrivals::Arrivals;
use super::cloud::{Cloud, runtime};
use super::fleet::{self, Conduct, Fleet};
use super::hub_floor::{HubFloor, PUSHED};
use super::{During, Failure, calls};

/// How many terminals of a fleet connect at a time.
const CONNECTING: usize = 256;

/// What a child is.
#[derive(Clone, Debug, Subcommand)]
pub(super) enum Role {
    /// The platform, as a child of a benchmark.
    #[command(hide = true)]
    Cloud {
        /// Where its data are.
        #[arg(long)]
        dir: PathBuf,
        /// How many terminals are registered.
        #[arg(long)]
        terminals: usize,
    },
    /// The floor of links, as a child of a benchmark.
    #[command(hide = true)]
    Hub {
        /// Where the platform's data are.
        #[arg(long)]
        dir: PathBuf,
    },
    /// Terminals, as a child of a benchmark.
    #[command(hide = true)]
    Fleet {
        /// Where the platform's data are.
        #[arg(long)]
        dir: PathBuf,
        /// How many there are.
        #[arg(long)]
        terminals: usize,
    },
}

/// Who is connected to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Peer {
    /// The platform's gateway.
    Cloud,
    /// The floor.
    Hub,
}

impl Peer {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Cloud => "cloud",
            Self::Hub => "hub",
        }
    }
}

/// A running child.
pub(super) struct Child {
    process: std::process::Child,
    orders: ChildStdin,
    answers: BufReader<ChildStdout>,
    /// What it said first: where it listens, if it does.
    pub(super) greeting: String,
}

impl Child {
    /// Starts the platform or the floor.
    pub(super) fn server(peer: Peer, dir: &Path, terminals: usize) -> Result<Self, Failure> {
        match peer {
            Peer::Cloud => Self::start("cloud", dir, Some(terminals)),
            Peer::Hub => Self::start("hub", dir, None),
        }
    }

    /// Starts terminals, which get their identities and then wait.
    pub(super) fn fleet(dir: &Path, terminals: usize) -> Result<Self, Failure> {
        Self::start("fleet", dir, Some(terminals))
    }

    fn start(role: &str, dir: &Path, terminals: Option<usize>) -> Result<Self, Failure> {
        let program = std::env::current_exe().during("finding this program")?;
        let mut command = Command::new(program);
        command.arg(role).arg("--dir").arg(dir).stdin(Stdio::piped()).stdout(Stdio::piped());
        if let Some(terminals) = terminals {
            command.arg("--terminals").arg(terminals.to_string());
        }
        let mut process = command.spawn().during("starting a child")?;
        let pipes = process.stdin.take().zip(process.stdout.take());
        let (orders, answers) = pipes.ok_or_else(|| Failure::new("a child without pipes"))?;
        let mut child = Self { process, orders, answers: BufReader::new(answers), greeting: String::new() };
        child.greeting = child.hear()?;
        Ok(child)
    }

    fn hear(&mut self) -> Result<String, Failure> {
        let mut line = String::new();
        match self.answers.read_line(&mut line).during("listening to a child")? {
            0 => Err(Failure::new("a child ended before it was told to")),
            _ => Ok(line.trim_end().to_owned()),
        }
    }

    fn ask(&mut self, order: &str) -> Result<String, Failure> {
        writeln!(self.orders, "{order}").during("telling a child")?;
        self.hear()
    }

    /// Its process id.
    pub(super) fn id(&self) -> u32 {
        self.process.id()
    }

    /// How many connections a server has.
    pub(super) fn online(&mut self) -> Result<usize, Failure> {
        self.ask("online")?.parse().during("reading a child's answer")
    }

    /// Connects a fleet; returns in how many seconds.
    pub(super) fn connect(&mut self, peer: Peer, server: &Self) -> Result<f64, Failure> {
        let answer = self.ask(&format!("{} {}", peer.name(), server.greeting))?;
        answer.parse().map_err(|_not_a_number| Failure(answer))
    }

    /// Lets a server send commands to its terminals in turn; returns how many it sent.
    pub(super) fn push(&mut self, count: u64, per_second: u64) -> Result<u64, Failure> {
        self.ask(&format!("push {count} {per_second}"))?.parse().during("reading a child's answer")
    }

    /// Lets a server configure all its terminals by one call; returns in how many seconds.
    pub(super) fn configure(&mut self, turn: usize) -> Result<f64, Failure> {
        self.ask(&format!("configure {turn}"))?.parse().during("reading a child's answer")
    }

    /// How many commands a fleet has heard, with median and 99th percentile in nanoseconds. Once `expected` have
    /// arrived, it forgets them.
    pub(super) fn arrived(&mut self, expected: u64) -> Result<(u64, u64, u64), Failure> {
        let answer = self.ask(&format!("arrived {expected}"))?;
        let mut figures = answer.split(' ').map(str::parse);
        let mut next = || figures.next().and_then(Result::ok).ok_or_else(|| Failure::new(answer.clone()));
        Ok((next()?, next()?, next()?))
    }

    /// Disconnects a fleet.
    pub(super) fn disconnect(&mut self) -> Result<(), Failure> {
        self.ask("disconnect").map(drop)
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        // It has nothing that must be put in order; data directories of benchmarks go away as they are.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Does what a child is there for, until nobody gives orders any more.
pub(super) fn play(role: Role) -> Result<(), Failure> {
    match role {
        Role::Cloud { dir, terminals } => {
            let cloud = Cloud::start(&dir, terminals)?;
            let mut pushing = cloud.pushing(terminals);
            obey(&cloud.links.to_string(), |order| {
                if let Some(turn) = order.strip_prefix("configure ") {
                    let turn = turn.parse().during("understanding the parent")?;
                    return calls::configure(cloud.api, terminals, turn).map(|seconds| seconds.to_string());
                }
                match Pace::of(order) {
                    None => Ok(cloud.online().to_string()),
                    Some(pace) => Ok(pace.keep(&mut pushing).to_string()),
                }
            })
        }
        Role::Hub { dir } => {
            let now = SystemClock::shared().wall();
            let authority =
                Authority::open_or_create(&dir.join("pki"), now).during("opening the authority")?;
            let hub = HubFloor::start(&authority, now)?;
            obey(&hub.address.to_string(), |order| match Pace::of(order) {
                None => Ok(hub.online().to_string()),
                Some(pace) => Ok(pace.keep(&mut hub.pushing()).to_string()),
            })
        }
        Role::Fleet { dir, terminals } => {
            let mut callers = Callers::new(&dir, terminals)?;
            obey("ready", |order| callers.obey(order))
        }
    }
}

#[expect(clippy::print_stdout, reason = "how a child talks to its parent")]
fn obey(greeting: &str, mut answer: impl FnMut(&str) -> Result<String, Failure>) -> Result<(), Failure> {
    println!("{greeting}");
    for order in std::io::stdin().lines() {
        println!("{}", answer(&order.during("listening to the parent")?)?);
    }
    Ok(())
}

/// So many, so often.
struct Pace {
    count: u64,
    every: Duration,
}

impl Pace {
    /// Reads `push <count> <per second>`.
    fn of(order: &str) -> Option<Self> {
        let (count, per_second) = order.strip_prefix("push ")?.split_once(' ')?;
        let every = Duration::from_secs(1) / per_second.parse::<u32>().ok()?;
        Some(Self { count: count.parse().ok()?, every })
    }

    /// Sends at this pace, whatever the other side does; returns how many could be sent.
    fn keep(&self, push: &mut dyn FnMut(u64) -> bool) -> u64 {
        let (begun, mut sent) = (Instant::now(), 0);
        for turn in 0..self.count {
            let due = begun + self.every * u32::try_from(turn).unwrap_or(u32::MAX);
            while let Some(left) = due.checked_duration_since(Instant::now()) {
                std::thread::park_timeout(left);
            }
            sent += u64::from(push(turn));
        }
        sent
    }
}

/// The terminals of a fleet process.
struct Callers {
    arrivals: Arrivals,
    runtime: tokio::runtime::Runtime,
    identities: Arc<Vec<Arc<ClientConfig>>>,
    held: JoinSet<()>,
}

impl Callers {
    fn new(dir: &Path, terminals: usize) -> Result<Self, Failure> {
        let now = SystemClock::shared().wall();
        let authority = Authority::open_or_create(&dir.join("pki"), now).during("opening the authority")?;
        let identities = (0..terminals).map(|number| fleet::client_config(&authority, number, now));
        let identities = Arc::new(identities.collect::<Result<_, _>>()?);
        Ok(Self { arrivals: Arrivals::new(), runtime: runtime("fleet")?, identities, held: JoinSet::new() })
    }

    fn obey(&mut self, order: &str) -> Result<String, Failure> {
        match order.split_once(' ') {
            None => {
                let held = &mut self.held;
                self.runtime.block_on(held.shutdown());
                Ok("gone".to_owned())
            }
            Some(("arrived", expected)) => {
                let expected = expected.parse().during("understanding the parent")?;
                let (count, p50, p99) = self.arrivals.count_or_take(expected);
                Ok(format!("{count} {p50} {p99}"))
            }
            Some((peer, address)) => {
                let peer = Peer::from_str(peer, false).during("understanding the parent")?;
                let address = address.parse().during("understanding the parent")?;
                let connecting =
                    connect_all(Arc::clone(&self.identities), peer, address, &mut self.held, &self.arrivals);
                self.runtime.block_on(connecting).map(|seconds| seconds.to_string())
            }
        }
    }
}

/// Connects every terminal, [`CONNECTING`] at a time, and keeps the connections in `held`.
async fn connect_all(
    identities: Arc<Vec<Arc<ClientConfig>>>,
    peer: Peer,
    address: SocketAddr,
    held: &mut JoinSet<()>,
    arrivals: &Arrivals,
) -> Result<f64, Failure> {
    // The sender is dropped with the handle; nobody is ever released.
    let (fleet, _release) = Fleet::new(Conduct::Waits);
    let fleet = fleet.telling(arrivals.clone());
    let next = Arc::new(AtomicUsize::new(0));
    let begun = Instant::now();
    let mut workers = JoinSet::new();
    for _ in 0..CONNECTING {
        let (identities, next, fleet) = (Arc::clone(&identities), Arc::clone(&next), fleet.clone());
        workers.spawn(async move {
            let mut connected = Vec::new();
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                let Some(tls) = identities.get(number) else { return Ok(connected) };
                connected.push(Connected::to(peer, address, number, Arc::clone(tls), &fleet).await?);
            }
        });
    }
    let mut connected = Vec::with_capacity(identities.len());
    while let Some(worker) = workers.join_next().await {
        let worker: Result<Vec<Connected>, std::io::Error> = worker.during("connecting terminals")?;
        connected.extend(worker.during("connecting terminals")?);
    }
    let took = begun.elapsed();
    for connection in connected {
        held.spawn(connection.hold(arrivals.clone()));
    }
    Ok(took.as_secs_f64())
}

/// One connection that is up.
enum Connected {
    Cloud(Box<(fleet::Scripted, vinr_terminal::link::WssFrames)>),
    Hub(Box<TlsStream<TcpStream>>),
}

impl Connected {
    async fn to(
        peer: Peer,
        address: SocketAddr,
        number: usize,
        tls: Arc<ClientConfig>,
        fleet: &Fleet,
    ) -> std::io::Result<Self> {
        match peer {
            Peer::Cloud => {
                let mut io = fleet::connect(address, tls).await?;
                let terminal = fleet.greet(number, &mut io).await?;
                Ok(Self::Cloud(Box::new((terminal, io))))
            }
            Peer::Hub => {
                let mut stream = hub_stream(address, tls).await?;
                // With TLS 1.3 a client is through before the server has looked at its certificate.
                stream.write_all(&[1]).await?;
                stream.read_exact(&mut [0]).await?;
                Ok(Self::Hub(Box::new(stream)))
            }
        }
    }

    /// Keeps the connection until the task is dropped.
    async fn hold(self, arrivals: Arrivals) {
        let ended = match self {
            Self::Cloud(mut link) => {
                let (terminal, io) = &mut *link;
                terminal.run(io).await
            }
            Self::Hub(mut stream) => loop {
                let mut pushed = [0; PUSHED];
                match stream.read_exact(&mut pushed).await {
                    Ok(_) => arrivals.arrived(u64::from_be_bytes(pushed[..8].try_into().unwrap_or_default())),
                    Err(error) => break Err(error),
                }
            },
        };
        if let Err(error) = ended {
            super::report::progress(&format!("a terminal was disconnected: {error}"));
        }
    }
}

/// A connection to the floor.
pub(super) async fn hub_stream(
    address: SocketAddr,
    tls: Arc<ClientConfig>,
) -> std::io::Result<TlsStream<TcpStream>> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let name = ServerName::try_from("localhost").expect("a host name");
    TlsConnector::from(tls).connect(name, stream).await
}
