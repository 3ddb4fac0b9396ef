//! One terminal of a world: its disk outlives it. It loses power at named moments and in between, and starts again on
//! what the disk has kept.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rand::RngExt as _;
use rand_chacha::ChaCha8Rng;
use tokio::sync::mpsc;
use tokio::time::sleep;
use vinr_domain::payment::EndCause;
use vinr_sandbox::cardholder::{Choice, Pace};
use vinr_terminal::journal::MemoryDisk;
use vinr_terminal::printer::SimulatedPrinter;
use vinr_terminal::reader::SimulatedReader;
use vinr_terminal::screen::{Display, Screen};
use vinr_terminal::{
    CrashPoint, Fate, Faults, NoIdentity, NoLanKey, NoNetwork, Ports, Sabotage, SimulatedInstaller, Stop,
    Terminal, TerminalConfig, TerminalHandle, Vault,
};
use vinr_wire::card::{ReaderKey, StorageKey};
use vinr_wire::link::HelloFacts;

use super::clock::WorldClock;
use super::cloud::Cloud;
use super::happening::Happening;
use super::line::{Line, LineConnector};
use super::log::Log;
use super::matrix::Trigger;
use super::streams::stream;
use super::weather::Weather;

/// How long a terminal with a short memory keeps old entries: longer than any lease, short enough for a storm.
const KEEPS_MS: i64 = 100_000;

/// What every terminal is.
pub(super) const MODEL: &str = "nexgo_n92";

/// What is done to a terminal from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    /// The plug is pulled.
    PullPlug,
    /// It is restarted in order.
    Restart,
    /// The customer presses cancel.
    PressCancel,
    /// A crash point was reached whose time had come.
    Crashed,
}

/// One terminal.
pub(super) struct Station {
    pub(super) line: Arc<Line>,
    pub(super) disk: MemoryDisk,
    memory: MemoryDisk,
    mark: MemoryDisk,
    pub(super) clock: Arc<WorldClock>,
    /// Everything its screens have shown, over all its lives.
    pub(super) shown: Arc<Mutex<Vec<Screen>>>,
    orders: mpsc::Sender<Order>,
    /// Where tills of the merchant's network ask, while it is on.
    counter: Mutex<Option<vinr_terminal::till::Till>>,
    key: ReaderKey,
    sabotage: Option<Sabotage>,
    /// Where the matrix strikes.
    trigger: Option<Arc<Trigger>>,
    seed: u64,
    index: u64,
}

/// Decides at every crash point.
struct PowerSupply {
    rng: Mutex<ChaCha8Rng>,
    weather: Weather,
    orders: mpsc::Sender<Order>,
    log: Log,
    name: String,
    trigger: Option<Arc<Trigger>>,
    index: u64,
}

impl PowerSupply {
    fn fails(&self, point: CrashPoint) -> Fate {
        self.log.happened(Happening::PowerLostAt(point));
        self.log.say(&self.name, format_args!("loses power: {point:?}"));
        // If the queue is full, the terminal is being ended anyway.
        let _ = self.orders.try_send(Order::Crashed);
        Fate::Die
    }
}

impl Faults for PowerSupply {
    fn at(&self, point: CrashPoint) -> Fate {
        if let Some(trigger) = &self.trigger {
            return if trigger.strikes(self.index, point) { self.fails(point) } else { Fate::Live };
        }
        let ticket = self.rng.lock().unwrap_or_else(PoisonError::into_inner).random_range(0..1000_u32);
        // Few storms last until the first entry is old.
        let rare = if point == CrashPoint::EraseNotSynced { 10 } else { 1 };
        if self.weather.is_over() || ticket >= self.weather.power_loss * rare {
            return Fate::Live;
        }
        self.fails(point)
    }
}

/// Writes down what the screen shows.
struct Recorder {
    shown: Arc<Mutex<Vec<Screen>>>,
    log: Log,
    name: String,
}

impl Display for Recorder {
    fn show(&mut self, screen: &Screen) {
        let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        if shown.last() == Some(screen) {
            return;
        }
        if *screen == (Screen::Cancelled { cause: EndCause::PromptTimedOut }) {
            self.log.happened(Happening::NobodyPaid);
        }
        self.log.say(&self.name, format_args!("shows {screen:?}"));
        shown.push(screen.clone());
    }
}

impl Station {
    /// A terminal that has never run, and what it is told by.
    pub(super) fn new(
        line: Arc<Line>,
        index: u64,
        seed: u64,
        key: ReaderKey,
        sabotage: Option<Sabotage>,
        trigger: Option<Arc<Trigger>>,
    ) -> (Self, mpsc::Receiver<Order>) {
        let (orders, ordered) = mpsc::channel(8);
        let mut rng = stream(seed, "terminal clock", index);
        let clock = WorldClock::new(rng.random_range(-120_000..120_000), rng.random_range(-100..=100));
        let station = Self {
            line,
            disk: MemoryDisk::new(),
            memory: MemoryDisk::new(),
            mark: MemoryDisk::new(),
            clock: Arc::new(clock),
            shown: Arc::default(),
            orders,
            counter: Mutex::default(),
            key,
            sabotage,
            trigger,
            seed,
            index,
        };
        (station, ordered)
    }

    pub(super) fn name(&self) -> &str {
        &self.line.name
    }

    /// Where tills of the merchant's network ask; `None` while it is off.
    pub(super) fn counter(&self) -> Option<vinr_terminal::till::Till> {
        self.counter.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn opens(&self, counter: Option<vinr_terminal::till::Till>) {
        *self.counter.lock().unwrap_or_else(PoisonError::into_inner) = counter;
    }

    /// Gives an order, unless too many wait.
    pub(super) fn order(&self, order: Order) {
        let _ = self.orders.try_send(order);
    }

    /// Runs one life after another, for ever.
    pub(super) async fn run(self: Arc<Self>, cloud: Arc<Cloud>, mut ordered: mpsc::Receiver<Order>) {
        let mut rng = stream(self.seed, "terminal power", self.index);
        for life in 0.. {
            // What was meant for the life before.
            while ordered.try_recv().is_ok() {}
            match self.start(&cloud, life).await {
                Ok(handle) => {
                    self.opens(Some(handle.till()));
                    self.live(handle, &mut ordered, &mut rng).await;
                    self.opens(None);
                    let mut pause = rng.random_range(20..4_000);
                    if rng.random_bool(0.15) {
                        pause *= 30;
                    }
                    sleep(Duration::from_millis(pause)).await;
                }
                Err(error) => {
                    self.line.log.violated("I10", format_args!("{} does not start: {error}", self.name()));
                    return;
                }
            }
        }
    }

    async fn start(&self, cloud: &Arc<Cloud>, life: u64) -> Result<TerminalHandle, Stop> {
        let number = (self.index << 32) | life;
        let rng = |name: &str| stream(self.seed, name, number);
        let log = &self.line.log;
        let hello = HelloFacts {
            software_version: "1".to_owned(),
            model: MODEL.to_owned(),
            has_printer: true,
            ..HelloFacts::default()
        };
        let mut config = TerminalConfig::new(&self.line.identity.to_string(), hello);
        config.sabotage = self.sabotage;
        if self.line.weather.steady_clock {
            config.settings.keep_ms = KEEPS_MS;
            config.settings.tidy_every_ms = KEEPS_MS / 5;
        }
        let choice = Choice::parse(None).unwrap_or(Choice::Nothing);
        let ports = Ports {
            disk: self.disk.clone(),
            memory: self.memory.clone(),
            mark: self.mark.clone(),
            vault: Vault::new(StorageKey::from_bytes([3; 32])),
            connector: LineConnector {
                line: Arc::clone(&self.line),
                cloud: Arc::clone(cloud),
                rng: rng("connects"),
            },
            reader: SimulatedReader::new(self.key.clone(), choice, Pace::default(), rng("cardholder")),
            display: Box::new(Recorder {
                shown: Arc::clone(&self.shown),
                log: log.clone(),
                name: self.name().to_owned(),
            }),
            printer: Box::new(SimulatedPrinter::default()),
            identity: Box::new(NoIdentity),
            lan_key: Box::new(NoLanKey),
            network: Box::new(NoNetwork),
            installer: Box::new(SimulatedInstaller),
            clock: Arc::clone(&self.clock) as Arc<dyn vinr_terminal::Clock>,
            faults: Arc::new(PowerSupply {
                rng: Mutex::new(rng("crash points")),
                weather: self.line.weather.clone(),
                orders: self.orders.clone(),
                log: log.clone(),
                name: self.name().to_owned(),
                trigger: self.trigger.clone(),
                index: self.index,
            }),
            rng: rng("terminal"),
        };
        log.say(self.name(), format_args!("starts its life {life}"));
        Terminal::start(config, ports).await
    }

    /// Returns when the terminal is off.
    async fn live(&self, handle: TerminalHandle, ordered: &mut mpsc::Receiver<Order>, rng: &mut ChaCha8Rng) {
        let log = &self.line.log;
        while let Some(order) = ordered.recv().await {
            match order {
                Order::PressCancel => {
                    if handle.press_cancel().await {
                        log.happened(Happening::CancelPressed);
                    }
                }
                Order::PullPlug => {
                    log.happened(Happening::PowerLost);
                    log.say(self.name(), format_args!("loses power"));
                    handle.kill().await;
                    return self.lose_power(rng);
                }
                Order::Restart => {
                    log.happened(Happening::TerminalRestarted);
                    log.say(self.name(), format_args!("is restarted"));
                    if let Err(stop) = handle.shutdown().await {
                        self.stopped(&stop, rng);
                    }
                    return;
                }
                Order::Crashed => {
                    if let Err(stop) = handle.stopped().await {
                        self.stopped(&stop, rng);
                    }
                    return;
                }
            }
        }
    }

    fn stopped(&self, stop: &Stop, rng: &mut ChaCha8Rng) {
        match stop {
            Stop::Crashed(_) => self.lose_power(rng),
            Stop::Journal(_) | Stop::Memory(_) => {
                self.line.log.violated("I10", format_args!("{} stopped: {stop}", self.name()));
            }
        }
    }

    fn lose_power(&self, rng: &mut ChaCha8Rng) {
        if self.disk.synced_bytes() < self.disk.bytes().len() {
            self.line.log.happened(Happening::JournalTorn);
        }
        self.disk.power_loss(rng);
        self.memory.power_loss(rng);
    }
}
