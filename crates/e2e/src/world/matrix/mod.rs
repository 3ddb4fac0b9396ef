//! The fallback of a till from its terminal to the cloud, case by case: 192 of them, and as many jitters of each as one
//! likes. Everything of a world, and nothing of its storm: one sale, two terminals, and one moment at which somebody dies.
//!
//! Afterwards every promise of a world is held against what there is, and four more: the moment has been (a case that
//! misses it is no case), the till knows the truth, a terminal that has let go asks no card any more (I20), and what was
//! approved alone and came to nothing is voided before somebody's eyes (I19).

mod case;
mod hybrid;
mod setting;
mod trigger;

use std::sync::{Arc, OnceLock, PoisonError};
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};
use vinr_domain::device::State;
use vinr_domain::{AccountId, TerminalId};
use vinr_pki::DeviceIdentity;
use vinr_sandbox::faults::{Faults, Rates};
use vinr_sandbox::issuer::{Issuer, IssuerSettings};
use vinr_sandbox::keys::SandboxKeys;
use vinr_server::store::{Scope, Store, TerminalRow};
use vinr_terminal::screen::Screen;
use vinr_wire::card::ReaderKey;

pub use case::{Case, Dies, Point, Tap, Turns};
pub(super) use trigger::Trigger;

use self::hybrid::Hybrid;
use self::setting::Setting;
use self::trigger::Wires;
use super::bank::{Bank, BankLine};
use super::claims::Claims;
use super::clock::WorldClock;
use super::cloud::Cloud;
use super::counter::{self, Plan, Slips};
use super::flag::Flag;
use super::line::{Line, Noticed};
use super::log::Log;
use super::refunds::Receipts;
use super::station::Station;
use super::streams::{seed_of, stream};
use super::till::Till;
use super::weather::Weather;
use super::{Bug, COMES_TO_REST, Config, Outcome, alarms, setup, verify};

/// Runs of one case that have a seed of their own.
const JITTERS: u64 = 1_000_000;
/// Longer than a terminal takes to be connected and to know what it may do.
const OPENS: Duration = Duration::from_secs(8);
/// Longer than a till needs in the worst case: prompts, margins, and everybody's pauses.
const SERVES: Duration = Duration::from_secs(3_600);
/// Longer than a terminal remembers what is settled.
const FORGETS: Duration = Duration::from_secs(600);
/// Longer than a verdict takes to be confirmed, and an alarm to be told.
const SETTLES: Duration = Duration::from_secs(60);

/// Where one case is played.
struct Scene {
    seed: u64,
    scope: Scope,
    weather: Weather,
    log: Log,
    bank: Arc<Bank>,
    cloud: Arc<Cloud>,
    stations: Vec<Arc<Station>>,
    trigger: Arc<Trigger>,
    setting: Setting,
    plan: Plan,
    claims: Claims,
}

impl Case {
    /// Plays the case once. The same jitter is the same run, on every machine.
    ///
    /// # Panics
    /// When the runtime cannot be made.
    #[must_use]
    pub fn run(self, jitter: u64, config: &Config) -> Outcome {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .expect("a runtime without I/O needs nothing of the system");
        runtime.block_on(Box::pin(self.play(jitter, *config)))
    }

    async fn play(self, jitter: u64, config: Config) -> Outcome {
        let seed = (self.number() + 1) * JITTERS + jitter;
        let log = Log::new(config.keep_all_lines);
        let (scene, tasks) = Scene::build(self, jitter, seed, config, log);
        let (slips, let_go) = Box::pin(scene.serve(config)).await;
        let payments = Box::pin(scene.judge(&slips, &let_go)).await;
        drop(tasks);
        Outcome::of(scene.log.told(), seed, payments, format!("--case {self} --jitter {jitter}"))
    }
}

impl Scene {
    fn build(case: Case, jitter: u64, seed: u64, config: Config, log: Log) -> (Self, JoinSet<()>) {
        let (weather, clock) = (Weather::calm(), Arc::new(WorldClock::new(0, 0)));
        let keys = SandboxKeys::from_base(ReaderKey::from_bytes([7; 32]));
        let issuer =
            Issuer::in_memory(seed_of(seed, "issuer", 0), keys.base().clone(), IssuerSettings::default());
        let faults = Faults::new(seed, Rates::default()).expect("no faults at all are never too many");
        let bank_rng = stream(seed, "bank latency", 0);
        let bank = Arc::new(Bank::new(issuer, faults, bank_rng, Arc::clone(&clock), log.clone()));
        let settings = super::settings(&config, &mut stream(seed, "settings", 0));
        let acquirer = Arc::new(BankLine(Arc::clone(&bank)));
        let cloud =
            Arc::new(Cloud::new(seed, settings, acquirer, Arc::clone(&clock), weather.clone(), log.clone()));
        let (setting, plan) = Setting::draw(case, jitter, seed, clock.now());
        let trigger = Arc::new(Trigger::new(case, setting.alone, setting.all_dark, log.clone()));
        let bug = match config.bug {
            Some(Bug::Terminal(bug)) => Some(bug),
            Some(Bug::Server(_) | Bug::Till(_)) | None => None,
        };
        let (mut stations, mut ordered) = (Vec::new(), Vec::new());
        for index in 0..2 {
            let terminal = TerminalId::parse(&format!("term_{}", index + 1)).expect("a terminal's name");
            let identity = DeviceIdentity::of_terminal(terminal).expect("not the reserved simulator");
            let key = keys.reader_key(&identity.to_string());
            let name = format!("terminal {}", index + 1);
            let line = Arc::new(Line::new(identity, name, index, seed, weather.clone(), log.clone()));
            let (station, orders) = Station::new(line, index, seed, key, bug, Some(Arc::clone(&trigger)));
            stations.push(Arc::new(station));
            ordered.push(orders);
        }
        let lines: Vec<Arc<Line>> = stations.iter().map(|station| Arc::clone(&station.line)).collect();
        cloud.set_lines(lines);
        let account = AccountId::parse("acct_world").expect("an account's name");
        let scope = Scope { account, livemode: false };
        let rows = setup(&scope, stations.iter().map(AsRef::as_ref), &clock, None);
        let mut tasks = JoinSet::new();
        tasks.spawn(Arc::clone(&cloud).run(rows));
        for (station, orders) in stations.iter().zip(ordered) {
            tasks.spawn(Arc::clone(station).run(Arc::clone(&cloud), orders));
        }
        let claims = Claims::new(log.clone());
        log.say("matrix", format_args!("{case}: {setting:?} {plan:?}"));
        (Self { seed, scope, weather, log, bank, cloud, stations, trigger, setting, plan, claims }, tasks)
    }

    fn till(&self, name: &str, index: u64) -> Till {
        Till {
            name: name.to_owned(),
            cloud: Arc::clone(&self.cloud),
            stations: self.stations.clone(),
            claims: self.claims.clone(),
            receipts: Receipts::default(),
            weather: self.weather.clone(),
            log: self.log.clone(),
            rng: stream(self.seed, "till", index),
        }
    }

    /// The sale, up to where its till knows how it ended and the moment has been.
    async fn serve(&self, config: Config) -> (Slips, Arc<OnceLock<usize>>) {
        let killed = Arc::new(Flag::default());
        self.trigger.wire(Wires {
            cloud: Arc::clone(&self.cloud),
            lines: self.stations.iter().map(|station| Arc::clone(&station.line)).collect(),
            stations: self.stations.iter().map(Arc::downgrade).collect(),
            till: Arc::clone(&killed),
        });
        let bug = match config.bug {
            Some(Bug::Till(bug)) => Some(bug),
            Some(Bug::Server(_) | Bug::Terminal(_)) | None => None,
        };
        let till = self.till("till", 0);
        let hybrid = Hybrid::new(till, (self.plan.clone(), self.setting.clone()), self.seed, killed, bug);
        let (slips, let_go) = (hybrid.slips(), hybrid.let_go());
        sleep(OPENS).await;
        if let Some(ms) = self.setting.cut_off_ms {
            let line = &self.stations[0].line;
            line.partition(Duration::from_millis(ms));
            line.cut(Noticed::Terminal);
            sleep(Duration::from_millis(200)).await;
        }
        self.trigger.arm(true);
        if timeout(SERVES, Box::pin(hybrid.work())).await.is_err() {
            self.log.violated("I5", format_args!("the till waits for ever"));
        }
        let give_up_at = Instant::now() + FORGETS;
        while !self.trigger.has_struck() && Instant::now() < give_up_at {
            sleep(Duration::from_secs(1)).await;
        }
        self.trigger.arm(false);
        if !self.trigger.has_struck() {
            self.log.violated("case", format_args!("the moment of the case never came"));
        }
        (slips, let_go)
    }

    /// Everything comes to rest, and is looked at. Returns how many payments there are.
    async fn judge(&self, slips: &Slips, let_go: &OnceLock<usize>) -> usize {
        self.weather.clear_up();
        self.come_to_rest().await;
        sleep(SETTLES).await;
        let payments = verify::payments(&self.cloud.store, &self.scope).await;
        verify::sales(&payments, &self.log);
        verify::terminals(&payments, &self.stations, &self.log);
        slips.verify(&payments, &self.log);
        let store: &dyn Store = &*self.cloud.store;
        let rows = store.all_across_accounts::<TerminalRow>().await.unwrap_or_default();
        let rows: Vec<TerminalRow> = rows.into_iter().map(|kept| kept.value).collect();
        counter::verify_alarms(&payments, &rows, &self.log);
        alarms::verify(&payments, &self.stations, &self.cloud.store, &self.bank, &self.log).await;
        self.asks_no_card_again(let_go);
        if payments.is_empty() {
            self.log.violated("I7", format_args!("nobody knows of the sale"));
        }
        // Whoever asks again is told the same.
        let mut till = self.till("auditor", 1);
        if let Some(id) = till.open(&self.plan.order).await {
            till.follow(&self.plan.order, id).await;
        }
        for terminal in 0..self.stations.len() {
            till.pay_at(terminal, 1_000 + terminal as u64).await;
        }
        self.come_to_rest().await;
        let payments = verify::payments(&self.cloud.store, &self.scope).await;
        verify::unrest(&payments, &self.log);
        verify::money(&payments, &self.bank, &self.log);
        verify::events(&payments, &self.cloud.store, &self.scope, &self.log).await;
        verify::claims(&payments, &self.claims, &self.log);
        payments.len()
    }

    async fn come_to_rest(&self) {
        let give_up_at = Instant::now() + COMES_TO_REST;
        while Instant::now() < give_up_at {
            sleep(Duration::from_secs(2)).await;
            let payments = verify::payments(&self.cloud.store, &self.scope).await;
            let rests = verify::is_at_rest(&payments, false) && !alarms::anything_waits(&self.stations);
            let online = |station: &Arc<Station>| {
                station.counter().is_some_and(|counter| counter.standing().borrow().online)
            };
            if self.cloud.is_up() && rests && self.stations.iter().all(online) {
                return;
            }
        }
        self.log.say("matrix", format_args!("does not come to rest"));
    }

    /// A terminal that has said that it has let go never asks for the card again (I20).
    fn asks_no_card_again(&self, let_go: &OnceLock<usize>) {
        let Some(from) = let_go.get() else { return };
        let station = &self.stations[0];
        let shown = station.shown.lock().unwrap_or_else(PoisonError::into_inner);
        for screen in shown.iter().skip(*from) {
            let (Screen::Prompt { amount, .. }
            | Screen::Approved { amount, .. }
            | Screen::ApprovedOffline { amount, .. }) = screen
            else {
                continue;
            };
            if *amount == super::till::asked(&self.plan.order) {
                self.log
                    .violated("I20", format_args!("{} had let go, and showed {screen:?}", station.name()));
            }
        }
    }
}

/// Whether an entry waits for somebody.
pub(super) fn waits(state: &State) -> bool {
    matches!(
        state,
        State::Waiting { .. } | State::AuthSent { .. } | State::Unknown { .. } | State::ApprovedAlone { .. }
    )
}
