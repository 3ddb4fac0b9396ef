//! The server of a world: one life after another on the same store. It dies at commits and in between, and whatever
//! it leaves behind is the next life's to find.

use std::future::Future;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rand::RngExt as _;
use rand_chacha::ChaCha8Rng;
use tokio::time::sleep;
use vinr_pki::DeviceIdentity;
use vinr_server::acquirer::Acquirer;
use vinr_server::clock::Clock;
use vinr_server::platform::{Platform, Ports};
use vinr_server::settings::Settings;
use vinr_server::store::{Change, MemoryStore, Moment, Pending, Transaction};

use super::clock::WorldClock;
use super::flag::Flag;
use super::happening::Happening;
use super::line::{Line, Noticed};
use super::log::Log;
use super::pipe::PipeEnd;
use super::streams::{seed_of, stream};
use super::weather::Weather;

/// One life of the server.
#[derive(Default)]
struct Life {
    ended: Flag,
    platform: Mutex<Option<Arc<Platform>>>,
}

/// What every commit passes, and what ends lives.
struct Gatekeeper {
    life: Mutex<Option<Arc<Life>>>,
    lines: Mutex<Vec<Arc<Line>>>,
    rng: Mutex<ChaCha8Rng>,
    /// A server that dies before it has started leaves tasks that run until whoever starts it lets go of it. They
    /// write nothing: the gate stays shut.
    starting: AtomicBool,
    weather: Weather,
    log: Log,
}

/// The server's machine.
pub(super) struct Cloud {
    gate: Arc<Gatekeeper>,
    pub(super) store: Arc<MemoryStore>,
    pub(super) clock: Arc<WorldClock>,
    acquirer: Arc<dyn Acquirer>,
    settings: Settings,
    seed: u64,
}

impl std::fmt::Debug for Cloud {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Cloud").finish_non_exhaustive()
    }
}

impl Gatekeeper {
    fn life(&self) -> Option<Arc<Life>> {
        self.life.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Ends the life that runs, and with it every connection, in the order of the lines: tasks of the dead life are
    /// dropped in no particular order, and nothing may depend on it.
    fn end(&self, noticed: Noticed) -> bool {
        let Some(life) = self.life.lock().unwrap_or_else(PoisonError::into_inner).take() else {
            return false;
        };
        for line in self.lines.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            line.cut(noticed);
        }
        if let Some(platform) = life.platform.lock().unwrap_or_else(PoisonError::into_inner).take() {
            platform.end();
        }
        life.ended.raise();
        true
    }

    fn crash(&self, happening: Happening) {
        // Some terminals learn of it at once because the machine says that nobody listens any more, others by silence.
        let silent = self.rng.lock().unwrap_or_else(PoisonError::into_inner).random_bool(0.2);
        if self.end(if silent { Noticed::Nobody } else { Noticed::Terminal }) {
            self.log.happened(happening);
            self.log.say("server", format_args!("dies: {happening:?}"));
        }
    }

    fn pass(&self, transaction: &Transaction, moment: Moment) -> Pending<'static, ()> {
        self.describe(transaction, moment);
        if self.life().is_none() {
            if !self.starting.load(Ordering::Relaxed) {
                self.log.violated("I13", format_args!("a server that has ended writes: {transaction:?}"));
            }
            return Box::pin(std::future::pending());
        }
        if self.weather.is_over() {
            return Box::pin(std::future::ready(()));
        }
        let (ticket, pause) = {
            let mut rng = self.rng.lock().unwrap_or_else(PoisonError::into_inner);
            (rng.random_range(0..1000_u32), Duration::from_millis(rng.random_range(1..3_000)))
        };
        if ticket < self.weather.commit_crash {
            self.crash(match moment {
                Moment::Before => Happening::CrashedBeforeCommit,
                Moment::After => Happening::CrashedAfterCommit,
            });
            return Box::pin(std::future::pending());
        }
        if ticket < self.weather.commit_crash + self.weather.commit_slow {
            self.log.happened(Happening::SlowCommit);
            return Box::pin(sleep(pause));
        }
        Box::pin(std::future::ready(()))
    }

    fn describe(&self, transaction: &Transaction, moment: Moment) {
        for change in &transaction.changes {
            if let Change::InsertPayment(payment)
            | Change::UpdatePayment { payment, .. }
            | Change::AssignTerminal { payment, .. } = change
            {
                let state = payment.state.kind();
                self.log
                    .say("store", format_args!("{moment:?} {} {state:?} r{}", payment.id, payment.revision));
            }
        }
    }
}

impl Cloud {
    /// A machine on which nothing runs yet.
    pub(super) fn new(
        seed: u64,
        settings: Settings,
        acquirer: Arc<dyn Acquirer>,
        clock: Arc<WorldClock>,
        weather: Weather,
        log: Log,
    ) -> Self {
        let gate = Arc::new(Gatekeeper {
            life: Mutex::default(),
            lines: Mutex::default(),
            rng: Mutex::new(stream(seed, "commits", 0)),
            starting: AtomicBool::new(false),
            weather,
            log,
        });
        let passes = Arc::clone(&gate);
        let store = MemoryStore::with_gate(Arc::new(move |transaction: &Transaction, moment| {
            passes.pass(transaction, moment)
        }));
        Self { gate, store: Arc::new(store), clock, acquirer, settings, seed }
    }

    pub(super) fn set_lines(&self, lines: Vec<Arc<Line>>) {
        *self.gate.lines.lock().unwrap_or_else(PoisonError::into_inner) = lines;
    }

    /// Runs one life after another, for ever. The first begins by writing `setup`.
    pub(super) async fn run(self: Arc<Self>, setup: Vec<Change>) {
        let mut rng = stream(self.seed, "server pauses", 0);
        let mut setup = Some(setup);
        for number in 0.. {
            let life = Arc::new(Life::default());
            *self.gate.life.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&life));
            self.gate.starting.store(true, Ordering::Relaxed);
            tokio::select! {
                biased;
                () = life.ended.raised() => {}
                () = self.live(&life, number, &mut setup) => {}
            }
            self.gate.starting.store(false, Ordering::Relaxed);
            let pause = if rng.random_bool(0.8) { 50..3_000 } else { 3_000..100_000 };
            sleep(Duration::from_millis(rng.random_range(pause))).await;
        }
    }

    /// Starts a server, and returns when it has ended.
    async fn live(&self, life: &Life, number: u64, setup: &mut Option<Vec<Change>>) {
        use vinr_server::store::Store as _;
        if let Some(changes) = setup.clone() {
            if let Err(error) = self.store.commit(Transaction { changes }).await {
                self.gate.log.violated("setup", format_args!("{error}"));
            }
            *setup = None;
        }
        let ports = Ports {
            store: self.store.clone(),
            acquirer: Arc::clone(&self.acquirer),
            authority: None,
            clock: Arc::clone(&self.clock) as Arc<dyn Clock>,
            seed: seed_of(self.seed, "server", number),
        };
        match Platform::start(self.settings.clone(), ports).await {
            Ok(platform) => {
                self.gate.log.say("server", format_args!("starts its life {number}"));
                *life.platform.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(platform));
                self.gate.starting.store(false, Ordering::Relaxed);
                life.ended.raised().await;
            }
            Err(error) => self.gate.log.violated("I5", format_args!("the server does not start: {error}")),
        }
    }

    /// Whether a server runs that takes requests.
    pub(super) fn is_up(&self) -> bool {
        self.current().is_some()
    }

    fn current(&self) -> Option<(Arc<Life>, Arc<Platform>)> {
        let life = self.gate.life()?;
        let platform = life.platform.lock().unwrap_or_else(PoisonError::into_inner).clone()?;
        Some((life, platform))
    }

    /// Hands the server one end of a connection; `false` when there is no server.
    pub(super) fn attach(&self, identity: DeviceIdentity, end: PipeEnd) -> bool {
        let Some((_, platform)) = self.current() else { return false };
        platform.attach(identity, end);
        true
    }

    /// Does something with the server; `None` when there is none, or it dies first.
    pub(super) async fn call<F: Future>(&self, ask: impl FnOnce(Arc<Platform>) -> F) -> Option<F::Output> {
        let (life, platform) = self.current()?;
        tokio::select! {
            biased;
            () = life.ended.raised() => None,
            answer = ask(platform) => Some(answer),
        }
    }

    /// Kills the server, now.
    pub(super) fn crash(&self) {
        self.gate.crash(Happening::Crashed);
    }

    /// Ends the server in order; another one starts.
    pub(super) fn restart(&self) {
        if self.gate.end(Noticed::Terminal) {
            self.gate.log.happened(Happening::Restarted);
            self.gate.log.say("server", format_args!("ends in order"));
        }
    }
}
