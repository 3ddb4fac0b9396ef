//! A scripted cloud, pipes to it, and a terminal on a disk that can lose power: what the tests of this crate stand
//! on. Knows nothing of payments beyond the messages.

mod clock;
mod cloud;
mod identity;
mod lan;
mod log;
mod pipe;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rand::SeedableRng as _;
use rand_chacha::ChaCha8Rng;
use tokio::time::timeout;
use vinr_domain::payment::CaptureMethod;
use vinr_domain::{Currency, IntentId, Money, PaymentId};
use vinr_terminal::journal::MemoryDisk;
use vinr_terminal::printer::SimulatedPrinter;
use vinr_terminal::reader::{Choice, Hands, Pace, ReceiptHabit, SimulatedReader, TipHabit};
use vinr_terminal::screen::{Screen, SimulatedScreen};
use vinr_terminal::{
    CrashPoint, Fate, Faults, Ports, SimulatedInstaller, Stop, Terminal, TerminalConfig, TerminalHandle,
    Vault,
};
use vinr_wire::card::{ReaderKey, SealContext, SealedCard, StorageKey, open};
use vinr_wire::link::{Collect, HelloFacts, HostVerdict, Simulation, Takes, ToCloud, ToTerminal};

pub use clock::TestClock;
pub use cloud::{BEGIN, Cloud};
pub use identity::TestIdentity;
pub use lan::{TestLanKey, TestNetwork};
pub use log::log;

/// Who the terminal under test is.
pub const LINK_ID: &str = "term_t1";

/// Kills the terminal at one point, once.
#[derive(Debug, Default)]
pub struct Trap {
    /// And how often it is passed before.
    point: Mutex<Option<(CrashPoint, u32)>>,
    sprung: AtomicBool,
}

impl Trap {
    pub fn set(&self, point: CrashPoint) {
        self.set_nth(point, 0);
    }

    pub fn set_nth(&self, point: CrashPoint, passes: u32) {
        *self.point.lock().unwrap() = Some((point, passes));
        self.sprung.store(false, Ordering::SeqCst);
    }

    pub fn sprung(&self) -> bool {
        self.sprung.load(Ordering::SeqCst)
    }
}

impl Faults for Trap {
    fn at(&self, point: CrashPoint) -> Fate {
        let mut set = self.point.lock().unwrap();
        match &mut *set {
            Some((wanted, 0)) if *wanted == point => {
                *set = None;
                self.sprung.store(true, Ordering::SeqCst);
                Fate::Die
            }
            Some((wanted, passes)) if *wanted == point => {
                *passes -= 1;
                Fate::Live
            }
            _ => Fate::Live,
        }
    }
}

/// A terminal, its disk, and the cloud it talks to.
pub struct Bench {
    pub cloud: Cloud,
    pub disk: MemoryDisk,
    pub memory: MemoryDisk,
    pub mark: MemoryDisk,
    pub storage_key: [u8; 32],
    pub lan_key: TestLanKey,
    pub network: TestNetwork,
    pub identity: TestIdentity,
    pub tips: TipHabit,
    pub receipts: ReceiptHabit,
    pub hands: Hands,
    pub printer: SimulatedPrinter,
    pub trap: Arc<Trap>,
    pub config: TerminalConfig,
    pub rng: ChaCha8Rng,
    pub clock: Arc<TestClock>,
    terminal: Option<TerminalHandle>,
    breaker: Arc<AtomicBool>,
}

impl Bench {
    /// A terminal that is connected and idle.
    pub async fn new() -> Self {
        let mut bench = Self::off().await;
        bench.start().await;
        bench
    }

    /// A terminal that is switched off.
    pub async fn off() -> Self {
        log();
        let hello = HelloFacts {
            model: "simulator".to_owned(),
            software_version: "1.4.0".to_owned(),
            has_printer: true,
            ..HelloFacts::default()
        };
        Self {
            cloud: Cloud::new(),
            disk: MemoryDisk::new(),
            memory: MemoryDisk::new(),
            mark: MemoryDisk::new(),
            storage_key: [3; 32],
            lan_key: TestLanKey::default(),
            network: TestNetwork::default(),
            identity: TestIdentity::default(),
            tips: TipHabit::default(),
            receipts: ReceiptHabit::default(),
            hands: Hands::default(),
            printer: SimulatedPrinter::default(),
            trap: Arc::default(),
            config: TerminalConfig::new(LINK_ID, hello),
            rng: ChaCha8Rng::seed_from_u64(7),
            clock: Arc::new(TestClock::new()),
            terminal: None,
            breaker: Arc::default(),
        }
    }

    /// Other random numbers, for the disk and the terminal.
    pub fn reseed(&mut self, seed: u64) {
        self.rng = ChaCha8Rng::seed_from_u64(seed);
    }

    /// Starts the terminal and waits for its link.
    pub async fn start(&mut self) {
        self.switch_on().await;
        self.cloud.connected().await;
    }

    /// Starts the terminal.
    pub async fn switch_on(&mut self) {
        let reader = SimulatedReader::new(
            reader_key(),
            Choice::parse(None).unwrap(),
            PACE,
            ChaCha8Rng::from_rng(&mut self.rng),
        )
        .with_habits(self.tips, self.receipts)
        .with_hands(self.hands.clone());
        self.breaker = reader.breaker();
        let ports = Ports {
            disk: self.disk.clone(),
            memory: self.memory.clone(),
            mark: self.mark.clone(),
            vault: Vault::new(StorageKey::from_bytes(self.storage_key)),
            connector: self.cloud.connector(),
            reader,
            display: Box::new(SimulatedScreen),
            printer: Box::new(self.printer.clone()),
            identity: Box::new(self.identity.clone()),
            lan_key: self.lan_key.boxed(),
            network: Box::new(self.network.clone()),
            installer: Box::new(SimulatedInstaller),
            clock: Arc::clone(&self.clock) as Arc<_>,
            faults: Arc::clone(&self.trap) as Arc<_>,
            rng: ChaCha8Rng::from_rng(&mut self.rng),
        };
        self.terminal = Some(Terminal::start(self.config.clone(), ports).await.expect("the journal opens"));
    }

    pub fn terminal(&self) -> &TerminalHandle {
        self.terminal.as_ref().expect("the terminal is on")
    }

    /// Breaks the card reader while it is true.
    pub fn breaker(&self) -> &AtomicBool {
        &self.breaker
    }

    /// Switches the terminal off in order.
    pub async fn shutdown(&mut self) {
        self.terminal.take().expect("the terminal is on").shutdown().await.expect("it stops in order");
    }

    /// Pulls the plug, and loses what the disk had not synced.
    pub async fn lose_power(&mut self) {
        self.terminal.take().expect("the terminal is on").kill().await;
        self.disk.power_loss(&mut self.rng);
        self.memory.power_loss(&mut self.rng);
        self.mark.power_loss(&mut self.rng);
    }

    /// Waits until the trap has killed the terminal, and loses what the disk had not synced.
    pub async fn crashed(&mut self, point: CrashPoint) {
        let terminal = self.terminal.take().expect("the terminal is on");
        let stopped = timeout(Duration::from_secs(600), terminal.stopped()).await;
        let stopped = stopped.unwrap_or_else(|_| panic!("{point:?} was never reached"));
        assert!(matches!(stopped, Err(Stop::Crashed(at)) if at == point), "{point:?}: {stopped:?}");
        self.disk.power_loss(&mut self.rng);
        self.memory.power_loss(&mut self.rng);
        self.mark.power_loss(&mut self.rng);
    }

    /// Waits until the screen shows what `wanted` accepts.
    pub async fn shows(&self, wanted: impl Fn(&Screen) -> bool) -> Screen {
        let mut screen = self.terminal().screen();
        let shown = timeout(Duration::from_secs(600), screen.wait_for(|screen| wanted(screen))).await;
        let shown = shown.map(|shown| shown.expect("the terminal runs").clone());
        shown.unwrap_or_else(|_| panic!("the screen still shows {:?}", self.terminal().screen().borrow()))
    }

    pub fn screen(&self) -> Screen {
        self.terminal().screen().borrow().clone()
    }

    /// A command with the whole prompt time ahead.
    pub fn collect(&self, intent: u128) -> Collect {
        Collect {
            intent: IntentId(intent),
            attempt_epoch: 1,
            deadline: self.cloud.now().plus_ms(90_000),
            amount: euros(42_00),
            capture_method: CaptureMethod::Automatic,
            reference: Some("order 17".into()),
            // Without long runs of zeros, in which one could find a card number.
            payment_id: PaymentId(0x0197_5bcd_e123_7abc_8def_1357_9bdf_1357 + intent),
            simulation: None,
            tip: None,
        }
    }

    /// Sends a command and takes the answer that the terminal prompts.
    pub async fn prompts(&mut self, collect: &Collect) {
        self.cloud.send(ToTerminal::Collect(collect.clone()));
        match self.cloud.recv().await {
            ToCloud::CollectAnswer(answer) => {
                assert_eq!((answer.intent, answer.answer), (collect.intent, Takes::Prompting));
            }
            other => panic!("not an answer: {other:?}"),
        }
    }

    /// Takes the request for authorization, which must be for this intent and open for the acquirer.
    pub async fn request(&mut self, intent: IntentId) -> (u32, SealedCard) {
        match self.cloud.recv().await {
            ToCloud::Authorize(authorize) => {
                assert_eq!(authorize.intent, intent);
                let request = &authorize.request;
                let context = SealContext {
                    terminal: LINK_ID,
                    generation: request.generation,
                    stan: request.stan,
                    intent,
                };
                let card =
                    open(&authorize.sealed_card, &reader_key(), context).expect("sealed for this request");
                assert_eq!(card.facts(), request.card);
                (request.stan, authorize.sealed_card)
            }
            other => panic!("not a request: {other:?}"),
        }
    }

    pub fn approve(&self, intent: IntentId, stan: u32) {
        let verdict = HostVerdict::Approved { authorized_minor: 42_00, auth_code: "A12345".into() };
        self.cloud.send(ToTerminal::AuthorizeResult { intent, stan, verdict, renamed: None });
    }
}

/// How long the simulated cardholder takes.
pub const PACE: Pace = Pace { present_ms: 1_500, pin_ms: 2_000, jitter_permille: 0 };

pub fn reader_key() -> ReaderKey {
    ReaderKey::from_bytes([9; 32])
}

pub fn euros(amount_minor: i64) -> Money {
    Money { amount_minor, currency: Currency::parse("EUR").unwrap() }
}

/// Nobody presents a card by themselves.
pub fn nobody() -> Option<Simulation> {
    Some(Simulation { card: Some("none".to_owned()), delay_ms: None })
}

/// Moves virtual time.
pub async fn pass(ms: u64) {
    tokio::time::sleep(Duration::from_millis(ms)).await;
}
