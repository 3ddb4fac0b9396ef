//! Where a simulated terminal gets its power: composes the device software with a simulated reader, screen and printer on
//! the files of its directory, as often as somebody switches it on.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use vinr_domain::Model;
use vinr_sandbox::cardholder::{Choice, Pace, ReceiptHabit};
use vinr_sandbox::deck;
use vinr_terminal::journal::{FileDisk, PluggedDisk};
use vinr_terminal::lan::LanSettings;
use vinr_terminal::link::WssConnector;
use vinr_terminal::page::{Mains, Seat, Stand, Started, Starting};
use vinr_terminal::printer::SimulatedPrinter;
use vinr_terminal::provision::{self, Provisioned};
use vinr_terminal::reader::{Hands, SimulatedReader};
use vinr_terminal::screen::SimulatedScreen;
use vinr_terminal::{
    Faults, FileIdentity, FileLanKey, Interfaces, Loopback, Ports, SimulatedInstaller, SystemClock, Terminal,
    TerminalConfig, Vault,
};
use vinr_wire::link::HelloFacts;

use crate::failure::Failure;
use crate::terminal::Manner;

/// Starts the terminal that the directory holds, and serves it in the merchant's network as far as the cloud says so.
pub async fn power_up(
    dir: &Path,
    cloud: Option<&str>,
    manner: Manner,
    lan: LanSettings,
) -> Result<Arc<Stand>, Failure> {
    let facts = provision::load(dir).map_err(Failure::new)?.facts;
    let terminal = facts.link_id.rsplit('.').next().unwrap_or(&facts.link_id).to_owned();
    let (hands, printer) = (Hands::default(), SimulatedPrinter::default());
    let mains = Installed {
        dir: dir.to_owned(),
        cloud: cloud.map(str::to_owned),
        manner,
        hands: hands.clone(),
        printer: printer.clone(),
    };
    let seat = Seat { terminal, model: facts.model, mains: Box::new(mains), hands, printer, lan };
    Stand::power_up(seat).await.map_err(Failure::new)
}

/// A terminal's software in its directory.
struct Installed {
    dir: PathBuf,
    cloud: Option<String>,
    manner: Manner,
    hands: Hands,
    printer: SimulatedPrinter,
}

impl Mains for Installed {
    fn start(&self) -> Starting<'_> {
        Box::pin(async move { self.begin().await.map_err(|failure| failure.to_string()) })
    }
}

impl Installed {
    async fn begin(&self) -> Result<Started, Failure> {
        let Provisioned { facts, bundle, reader_key, journal, memory, identity, storage_key, mark, listener } =
            provision::load(&self.dir).map_err(Failure::new)?;
        let (identity, tls) = FileIdentity::new(&identity, bundle).map_err(Failure::new)?;
        let address = self.cloud.as_deref().unwrap_or(&facts.cloud);
        let connector = WssConnector::following(address, &facts.server_name, tls)
            .map_err(|error| Failure::new(format_args!("{address}: {error}")))?;
        // The simulator itself runs on the mains; one that pretends to be a handheld has a full battery.
        let model = Model::parse(&facts.model);
        let capabilities = model.map(Model::capabilities);
        let pretends_nothing = model == Some(Model::Simulator);
        let hello = HelloFacts {
            software_version: env!("CARGO_PKG_VERSION").to_owned(),
            model: facts.model.clone(),
            serial_number: facts.serial_number.clone(),
            battery_percent: capabilities.is_some_and(|can| can.battery && !pretends_nothing).then_some(100),
            has_printer: capabilities.is_none_or(|can| can.printer),
            ..HelloFacts::default()
        };
        let mut config = TerminalConfig::new(&facts.link_id, hello);
        config.settings.prompt_timeout_ms = i64::from(self.manner.prompt_timeout_ms);
        config.settings.restart_pause = self.manner.restart_pause;
        let pace = Pace { present_ms: self.manner.pace_ms, ..Pace::default() };
        let usual = Choice::Card(deck::usual());
        let ports = Ports {
            disk: disk(&journal)?,
            memory: disk(&memory)?,
            mark: disk(&mark)?,
            vault: Vault::new(storage_key),
            connector,
            reader: SimulatedReader::new(
                reader_key,
                usual,
                pace,
                ChaCha8Rng::seed_from_u64(self.manner.seed),
            )
            .with_habits(self.manner.tip, ReceiptHabit::default())
            .with_hands(self.hands.clone()),
            display: Box::new(SimulatedScreen),
            printer: Box::new(self.printer.clone()),
            identity: Box::new(identity),
            lan_key: Box::new(FileLanKey::open(&listener).map_err(Failure::at(&listener))?),
            network: if pretends_nothing { Box::new(Loopback) } else { Box::new(Interfaces) },
            installer: Box::new(SimulatedInstaller),
            clock: Arc::new(SystemClock::new()),
            faults: faults(),
            // Names this life of the terminal, so it is never the same twice.
            rng: ChaCha8Rng::seed_from_u64(rand::random()),
        };
        let clock = Arc::clone(&ports.clock);
        let handle = Terminal::start(config, ports).await.map_err(Failure::new)?;
        Ok(Started { handle, clock })
    }
}

/// A file whose unsynced end is gone when the power is cut.
fn disk(path: &Path) -> Result<PluggedDisk<FileDisk>, Failure> {
    Ok(PluggedDisk::new(FileDisk::open(path).map_err(Failure::at(path))?))
}

/// What goes wrong at the named moments: nothing.
#[cfg(not(feature = "crash-points"))]
fn faults() -> Arc<dyn Faults> {
    Arc::new(vinr_terminal::NoFaults)
}

/// What goes wrong at the named moments: what the command line says.
#[cfg(feature = "crash-points")]
fn faults() -> Arc<dyn Faults> {
    Arc::new(crate::doom::Doom)
}
