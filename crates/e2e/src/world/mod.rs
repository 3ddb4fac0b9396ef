//! A whole VINR in one process from one seed: the real server, real terminals, the sandbox issuer and tills, on a
//! virtual clock, over a network that does its worst. The same seed gives the same world, on every machine.
//!
//! A world has three acts. In the storm the tills work and everything goes wrong. Then nothing goes wrong any more,
//! and the world must come to rest by itself. At last every promise of the platform is checked against the books, the
//! issuer's ledger, the terminals' journals and screens, and what the tills were told.
//!
//! | promise | in short |
//! | --- | --- |
//! | I1 | at most one charge per payment and per sale |
//! | I2 | what the books say is what the issuer has taken |
//! | I3 | a final status never changes |
//! | I4 | captured at most what was authorized, and the tolerance |
//! | I5 | everything comes to an end |
//! | I6 | events are gap-free and in order |
//! | I7 | what was answered stays true |
//! | I8 | no screen and no journal contradicts the payment |
//! | I9 | the issuer is never asked for two things under one name |
//! | I10 | every terminal is free again |
//! | I11 | no card number anywhere |
//! | I12 | cancelled means never charged |
//! | I13 | a server that has ended writes nothing |
//! | I14 | a payment for a group is at one of its terminals at a time, and nobody who waits is passed |
//! | I15 | every refund happens once, has an end, and all of a payment give back at most what it took |
//! | I16 | a terminal out of service is cut off at once and never charges again |
//! | I17 | every webhook endpoint is told all that happens, at least once, per object in order |
//! | I18 | what a terminal told a till of the merchant's network is so, unless the till has turned to the cloud |
//! | I19 | what a terminal approved alone is kept until the cloud has decided; if it comes to nothing, somebody is told once |
//! | I20 | a terminal that has said that it has let go of a sale never asks for its card again |

mod alarms;
mod bank;
mod bug;
mod card_number;
mod chaos;
mod claims;
mod clock;
mod cloud;
mod counter;
mod endpoints;
mod flag;
mod groups;
mod happening;
mod line;
mod log;
mod matrix;
mod order;
mod pipe;
mod receivers;
mod refunds;
mod retirement;
mod station;
mod streams;
mod till;
mod verify;
mod weather;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use rand::{Rng as _, RngExt as _};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};
use vinr_domain::{AccountId, TerminalId};
use vinr_pki::DeviceIdentity;
use vinr_sandbox::faults::{Faults, Rates};
use vinr_sandbox::issuer::{Issuer, IssuerSettings};
use vinr_sandbox::keys::SandboxKeys;
use vinr_server::access::{hash_key, hint_of};
use vinr_server::accounts::SettingsRow;
use vinr_server::lan::LanRow;
use vinr_server::settings::Settings;
use vinr_server::store::{AccountRow, Change, KeyRow, Scope, TerminalRow};
use vinr_wire::card::ReaderKey;

pub use bug::{Bug, TillBug};
pub use happening::Happening;
pub use log::Violation;
pub use matrix::{Case, Dies, Point, Tap, Turns};

use bank::{Bank, BankLine};
use claims::Claims;
use clock::WorldClock;
use cloud::Cloud;
use counter::Slips;
use endpoints::Subscriptions;
use line::Line;
use log::Log;
use receivers::Receivers;
use refunds::Receipts;
use station::Station;
use streams::{seed_of, stream};
use till::Till;
use weather::Weather;

const DAY_MS: i64 = 24 * 3_600_000;
/// Longer than any till follows all of its orders.
const STORM_LASTS: Duration = Duration::from_secs(4 * 3_600);
/// Longer than leases, inquiries, the longest pause between two advices and the longest back-off together.
const COMES_TO_REST: Duration = Duration::from_secs(1_800);

/// How a world is made, beside its seed.
#[derive(Clone, Copy, Debug, Default)]
pub struct Config {
    /// A bug to plant.
    pub bug: Option<Bug>,
    /// Keep every line of the log.
    pub keep_all_lines: bool,
}

/// How a world went.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Its seed.
    pub seed: u64,
    /// Promises that were broken.
    pub violations: Vec<Violation>,
    /// A hash of everything that happened, in order.
    pub hash: u64,
    /// How many lines the log had.
    pub events: u64,
    /// The last lines of the log.
    pub lines: Vec<String>,
    /// How often what happened.
    pub counts: BTreeMap<Happening, u64>,
    /// How many payments there were.
    pub payments: usize,
    /// The arguments of `cargo xtask sim` that show it again.
    replay: String,
}

impl Outcome {
    /// Whether every promise was kept.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.violations.is_empty()
    }

    /// The arguments of `cargo xtask sim` that show it again.
    #[must_use]
    pub fn replay(&self) -> &str {
        &self.replay
    }

    /// What is left of a log, under the name that replays it.
    fn of(told: log::Told, seed: u64, payments: usize, replay: String) -> Self {
        let log::Told { hash, count: events, lines, counts, violations } = told;
        Self { seed, violations, hash, events, lines, counts, payments, replay }
    }

    /// For people: the name, the first broken promise, what led there, and how to see it again.
    #[must_use]
    pub fn report(&self, config: &Config) -> String {
        let mut text = format!("{}\n", self.replay);
        for line in &self.lines {
            text.push_str(line);
            text.push('\n');
        }
        for violation in &self.violations {
            text.push_str(&format!("VIOLATED {}: {}\n", violation.invariant, violation.what));
        }
        let bug = config.bug.map_or_else(String::new, |bug| format!(" -- --sabotage {}", bug.name()));
        text.push_str(&format!("replay: cargo xtask sim {}{bug}\n", self.replay));
        text
    }
}

/// A world.
pub struct World {
    seed: u64,
    scope: Scope,
    weather: Weather,
    log: Log,
    bank: Arc<Bank>,
    cloud: Arc<Cloud>,
    stations: Vec<Arc<Station>>,
    /// The terminal that is taken out of service, in worlds that have one.
    retiring: Option<Arc<Station>>,
    claims: Claims,
    receipts: Receipts,
    slips: Slips,
    receivers: Receivers,
    subscriptions: Subscriptions,
}

impl World {
    /// Runs the world of a seed from its beginning to its verdict.
    ///
    /// # Panics
    /// When the runtime cannot be made.
    #[must_use]
    pub fn run(seed: u64, config: &Config) -> Outcome {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .expect("a runtime without I/O needs nothing of the system");
        runtime.block_on(Box::pin(Self::live(seed, *config)))
    }

    async fn live(seed: u64, config: Config) -> Outcome {
        let log = Log::new(config.keep_all_lines);
        let weather = Weather::draw(seed);
        let (world, tasks) = Self::begin(seed, config, weather, log);
        world.storm().await;
        let payments = world.rest().await;
        // Machines go on until here: whatever they did in the meantime has been looked at.
        drop(tasks);
        Outcome::of(world.log.told(), seed, payments, format!("--seed {seed}"))
    }

    /// Builds everything and switches it on.
    fn begin(seed: u64, config: Config, weather: Weather, log: Log) -> (Self, JoinSet<()>) {
        let mut rng = stream(seed, "world", 0);
        let clock = Arc::new(WorldClock::new(0, 0));
        let mut base = [0; 32];
        rng.fill_bytes(&mut base);
        let keys = SandboxKeys::from_base(ReaderKey::from_bytes(base));
        let issuer =
            Issuer::in_memory(seed_of(seed, "issuer", 0), keys.base().clone(), IssuerSettings::default());
        let faults = Faults::new(seed_of(seed, "bank", 0), weather.issuer)
            .or_else(|_| Faults::new(seed, Rates::default()))
            .expect("no faults at all are never too many");
        let bank_rng = stream(seed, "bank latency", 0);
        let bank = Arc::new(Bank::new(issuer, faults, bank_rng, Arc::clone(&clock), log.clone()));
        let mut settings = settings(&config, &mut rng);
        let receivers = Receivers::draw(seed, &clock, &weather, &log);
        settings.webhooks = endpoints::settings(&receivers, 1 + (seed % 8) as usize);
        let acquirer = Arc::new(BankLine(Arc::clone(&bank)));
        let cloud =
            Arc::new(Cloud::new(seed, settings, acquirer, Arc::clone(&clock), weather.clone(), log.clone()));
        let account = AccountId::parse("acct_world").expect("an account's name");
        let scope = Scope { account, livemode: false };
        let mut tasks = JoinSet::new();
        let bug = match config.bug {
            Some(Bug::Terminal(bug)) => Some(bug),
            Some(Bug::Server(_) | Bug::Till(_)) | None => None,
        };
        let mut stations = Vec::new();
        let staying = rng.random_range(1..=3_u64);
        for index in 0..staying + u64::from(retirement::happens(seed)) {
            let terminal = TerminalId::parse(&format!("term_{}", index + 1)).expect("a terminal's name");
            let identity = DeviceIdentity::of_terminal(terminal).expect("not the reserved simulator");
            let key = keys.reader_key(&identity.to_string());
            let name = format!("terminal {}", index + 1);
            let line = Line::new(identity, name, index, seed, weather.clone(), log.clone());
            let (station, ordered) = Station::new(Arc::new(line), index, seed, key, bug, None);
            stations.push((Arc::new(station), ordered));
        }
        let lines = stations.iter().map(|(station, _)| Arc::clone(&station.line)).collect();
        cloud.set_lines(lines);
        let lasts = [None, None, Some(60)][(seed % 3) as usize];
        let rows = setup(&scope, stations.iter().map(|(station, _)| station.as_ref()), &clock, lasts);
        tasks.spawn(Arc::clone(&cloud).run(rows));
        let mut all = Vec::new();
        for (station, ordered) in stations {
            tasks.spawn(Arc::clone(&station).run(Arc::clone(&cloud), ordered));
            all.push(station);
        }
        let retiring = all.split_off(staying as usize).pop();
        let (claims, receipts) = (Claims::new(log.clone()), Receipts::default());
        let subscriptions = Subscriptions::default();
        let world = Self {
            seed,
            scope,
            weather,
            log,
            bank,
            cloud,
            stations: all,
            retiring,
            claims,
            receipts,
            slips: Slips::default(),
            receivers,
            subscriptions,
        };
        (world, tasks)
    }

    /// The first act: the tills work, and everything goes wrong.
    async fn storm(&self) {
        sleep(Duration::from_secs(2)).await;
        let chaos = chaos::strike(
            self.seed,
            self.weather.clone(),
            Arc::clone(&self.cloud),
            self.stations.iter().chain(&self.retiring).cloned().collect(),
            self.log.clone(),
        );
        let chaos = tokio::spawn(chaos);
        let mut tills = JoinSet::new();
        for (index, orders) in order::draw_all(self.seed, self.stations.len() as u64).into_iter().enumerate()
        {
            tills.spawn(self.till(index as u64).work(orders));
        }
        for index in 0..counter::how_many(self.seed) {
            let till = self.till(400 + index);
            tills.spawn(counter::work(till, self.seed, index, self.slips.clone()));
        }
        if let Some(station) = &self.retiring {
            let till = Till { stations: vec![Arc::clone(station)], ..self.till(300) };
            tills.spawn(retirement::retire(till, Arc::clone(&self.bank)));
        }
        for (index, receiver) in self.receivers.all().iter().enumerate() {
            let owner = self.till(400 + index as u64);
            tills.spawn(endpoints::own(owner, Arc::clone(receiver), self.subscriptions.clone()));
        }
        let all = async { while tills.join_next().await.is_some() {} };
        if timeout(STORM_LASTS, all).await.is_err() {
            self.log.violated("I5", format_args!("a till waits for ever"));
        }
        chaos.abort();
    }

    fn till(&self, index: u64) -> Till {
        Till {
            name: format!("till {}", index + 1),
            cloud: Arc::clone(&self.cloud),
            stations: self.stations.clone(),
            claims: self.claims.clone(),
            receipts: self.receipts.clone(),
            weather: self.weather.clone(),
            log: self.log.clone(),
            rng: stream(self.seed, "till", index),
        }
    }

    /// The second act and the verdict. Returns how many payments there were.
    async fn rest(&self) -> usize {
        self.log.say("world", format_args!("the storm is over"));
        self.weather.clear_up();
        self.bank.clear_up();
        self.come_to_rest(true).await;
        // A terminal may have heard of the end only when it is connected again.
        sleep(Duration::from_secs(120)).await;
        let payments = verify::payments(&self.cloud.store, &self.scope).await;
        verify::sales(&payments, &self.log);
        verify::terminals(&payments, &self.stations, &self.log);
        if payments.iter().any(|payment| !payment.status().is_final()) {
            self.log.say("world", format_args!("eight days later"));
            self.cloud.clock.set_by(8 * DAY_MS);
            self.come_to_rest(false).await;
        }
        sleep(Duration::from_secs(60)).await;
        for terminal in 0..self.stations.len() {
            self.till(100).pay_at(terminal, 1_000 + terminal as u64).await;
        }
        let mut together = JoinSet::new();
        for number in 0..=self.stations.len() as u64 {
            let mut till = self.till(200 + number);
            together.spawn(async move { till.pay_anywhere(2_000 + number).await });
        }
        while together.join_next().await.is_some() {}
        self.come_to_rest(false).await;
        let payments = verify::payments(&self.cloud.store, &self.scope).await;
        groups::verify(&self.cloud.store, &self.stations, self.weather.steady_clock, &self.log).await;
        verify::unrest(&payments, &self.log);
        verify::money(&payments, &self.bank, &self.log);
        verify::events(&payments, &self.cloud.store, &self.scope, &self.log).await;
        verify::claims(&payments, &self.claims, &self.log);
        self.slips.verify(&payments, &self.log);
        let store: &dyn vinr_server::store::Store = &*self.cloud.store;
        let rows = store.all_across_accounts::<TerminalRow>().await.unwrap_or_default();
        let rows: Vec<TerminalRow> = rows.into_iter().map(|kept| kept.value).collect();
        counter::verify_alarms(&payments, &rows, &self.log);
        alarms::verify(&payments, &self.stations, &self.cloud.store, &self.bank, &self.log).await;
        refunds::verify(&payments, &self.cloud.store, &self.bank, &self.receipts, &self.log).await;
        self.subscriptions.verify(&self.receivers, &self.cloud.store, &self.log).await;
        for payment in &payments {
            if payment.status() == vinr_domain::payment::Status::Expired {
                self.log.happened(Happening::HoldExpired);
            }
        }
        payments.len()
    }

    async fn come_to_rest(&self, holds: bool) {
        let give_up_at = Instant::now() + COMES_TO_REST;
        loop {
            sleep(Duration::from_secs(5)).await;
            let payments = verify::payments(&self.cloud.store, &self.scope).await;
            let refunded = refunds::are_at_rest(&self.cloud.store).await;
            let told = self.subscriptions.are_at_rest(&self.receivers, &self.cloud.store).await;
            if self.cloud.is_up() && refunded && told && verify::is_at_rest(&payments, holds) {
                return;
            }
            if Instant::now() >= give_up_at {
                // Said in full when all is looked at.
                return self.log.say("world", format_args!("does not come to rest"));
            }
        }
    }
}

fn settings(config: &Config, rng: &mut impl rand::Rng) -> Settings {
    let mut settings = Settings {
        recovery_every_ms: [500, 1_000, 2_000][rng.random_range(0..3_u32) as usize],
        ..Settings::default()
    };
    if let Some(Bug::Server(bug)) = config.bug {
        settings.sabotage = Some(bug);
    }
    settings
}

/// Up to where the terminals of a world approve without the cloud, and for how many seconds that is good.
fn sells_alone(lasts_s: Option<u32>) -> serde_json::Value {
    let mut said = serde_json::json!({ "enabled": true, "maxAmount": 1_000_000, "maxQueue": 3 });
    if let Some(seconds) = lasts_s {
        said["maxAgeSeconds"] = seconds.into();
    }
    serde_json::json!({ "offlineMode": said })
}

/// What stands in the books before the first server starts.
fn setup<'a>(
    scope: &Scope,
    stations: impl Iterator<Item = &'a Station>,
    clock: &WorldClock,
    lasts_s: Option<u32>,
) -> Vec<Change> {
    let now = clock.now();
    let account = AccountRow::new(scope.account.clone(), "World", now);
    let key = KeyRow::new(hash_key(till::KEY), scope.clone(), hint_of(till::KEY), now);
    let euros = SettingsRow { default_currency: Some("EUR".into()), ..SettingsRow::new(scope.clone(), now) };
    let terminals = stations.flat_map(|station| {
        let id = station.line.identity.terminal().clone();
        // Nothing is served to anybody; the terminal learns what it settles in.
        let lan = LanRow::new(id.clone(), scope.clone(), now);
        let row = TerminalRow::new(id, scope.clone(), station::MODEL, "1", now);
        [Change::put(&TerminalRow { terminal_config: sells_alone(lasts_s), ..row }), Change::put(&lan)]
    });
    [Change::put(&account), Change::put(&key), Change::put(&euros)].into_iter().chain(terminals).collect()
}
