//! One terminal with a simulated reader, screen and printer: what `vinr terminal` runs, and `vinr dev` for each of its
//! simulators. The device software itself is in the crate below.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use tokio::signal::unix::{SignalKind, signal};
use vinr_domain::Model;
use vinr_sandbox::cardholder::{Choice, Pace, ReceiptHabit, TipHabit};
use vinr_sandbox::deck;
use vinr_terminal::journal::FileDisk;
use vinr_terminal::lan::{Lan, LanHandle, LanSettings};
use vinr_terminal::link::WssConnector;
use vinr_terminal::printer::SimulatedPrinter;
use vinr_terminal::provision::pairing::forget;
use vinr_terminal::provision::{self, Provisioned};
use vinr_terminal::reader::SimulatedReader;
use vinr_terminal::screen::{Screen, SimulatedScreen};
use vinr_terminal::{
    FileIdentity, FileLanKey, Interfaces, Loopback, NoFaults, Ports, SimulatedInstaller, Stop, SystemClock,
    Terminal, TerminalConfig, TerminalHandle, Vault,
};
use vinr_wire::link::HelloFacts;

use crate::args::TerminalArgs;
use crate::failure::Failure;
use crate::{lan, pairing};

/// How long a terminal is away when it starts again: about as long as a process takes.
pub const RESTART_PAUSE: Duration = Duration::from_secs(1);

/// What simulated terminals behave like.
#[derive(Clone, Copy, Debug)]
pub struct Manner {
    /// How long the customer takes to present a card, in milliseconds.
    pub pace_ms: u32,
    /// How long a prompt waits, in milliseconds.
    pub prompt_timeout_ms: u32,
    /// What the customer does when asked for a tip.
    pub tip: TipHabit,
    /// How long the terminal is away when it starts again.
    pub restart_pause: Duration,
    /// Decides the customer's hesitation.
    pub seed: u64,
}

/// Runs one terminal until Ctrl-C.
pub async fn run(args: TerminalArgs) -> Result<(), Failure> {
    let mut interrupted = signal(SignalKind::interrupt()).map_err(Failure::new)?;
    let mut terminated = signal(SignalKind::terminate()).map_err(Failure::new)?;
    let manner = Manner {
        pace_ms: args.pace_ms,
        prompt_timeout_ms: args.prompt_timeout_ms,
        tip: args.tip,
        restart_pause: RESTART_PAUSE,
        seed: args.seed,
    };
    loop {
        tokio::select! {
            biased;
            _ = interrupted.recv() => return Ok(()),
            _ = terminated.recv() => return Ok(()),
            paired = pairing::until_paired(&args) => paired?,
        }
        let lan = args.lan.settings();
        let terminal = start(&args.data_dir, args.cloud.as_deref(), manner, lan).await?;
        let (mut screen, mut served) = (terminal.handle.screen(), terminal.lan.state());
        let turned_away = loop {
            let shown = screen.borrow_and_update().clone();
            show(&args.data_dir, &in_words(&shown));
            if args.pair.is_some() && matches!(shown, Screen::OutOfService { .. }) {
                break true;
            }
            tokio::select! {
                biased;
                _ = interrupted.recv() => break false,
                _ = terminated.recv() => break false,
                changed = screen.changed() => if changed.is_err() { break false },
                changed = served.changed() => if changed.is_ok() {
                    let state = served.borrow_and_update().clone();
                    if let Some(words) = lan::in_words(&state) {
                        show(&args.data_dir, &words);
                    }
                },
            }
        };
        terminal.shutdown().await.map_err(Failure::new)?;
        if !turned_away {
            return Ok(());
        }
        forget(&args.data_dir).map_err(Failure::new)?;
    }
}

#[expect(clippy::print_stdout, reason = "the screen of a terminal without a screen")]
fn show(data_dir: &Path, screen: &str) {
    let name = data_dir.file_name().unwrap_or_default().to_string_lossy();
    println!("{name}: {screen}");
}

fn in_words(screen: &Screen) -> String {
    match screen {
        Screen::Idle { message } => format!("ready. {message}"),
        Screen::Offline { message } => format!("offline. {message}"),
        Screen::OutOfService { message } => format!("out of service. {message}"),
        Screen::Tip { amount, offers, .. } => {
            let offers: Vec<String> = offers.iter().map(ToString::to_string).collect();
            format!("tip on {amount}? {}", offers.join(", "))
        }
        Screen::Receipt { amount, channels } => {
            let channels: Vec<&str> = channels.iter().map(|channel| channel.as_str()).collect();
            format!("APPROVED {amount}. Receipt: {}, or none?", channels.join(", "))
        }
        Screen::Prompt { amount, reference: Some(reference), .. } => {
            format!("present card: {amount} ({reference})")
        }
        Screen::Prompt { amount, reference: None, .. } => format!("present card: {amount}"),
        Screen::PinEntry { amount } => format!("PIN: {amount}"),
        Screen::Authorizing { amount } => format!("authorizing {amount}"),
        Screen::Approved { amount, auth_code, .. } => format!("APPROVED {amount}, code {auth_code}"),
        Screen::ApprovedOffline { amount, .. } => format!("APPROVED OFFLINE {amount}"),
        Screen::Declined { code } => format!("DECLINED ({})", code.as_str()),
        Screen::Cancelled { .. } => "cancelled".to_owned(),
        Screen::Unknown { amount } => format!("outcome not known yet: {amount}. Do not take another card."),
        Screen::Locked { message } => format!("locked. {message}"),
    }
}

/// A terminal of this process, and its listeners.
pub struct Running {
    /// The device.
    pub handle: TerminalHandle,
    /// What it serves in the merchant's network.
    pub lan: LanHandle,
}

impl Running {
    /// Closes the listeners, says goodbye to the cloud and stops.
    pub async fn shutdown(self) -> Result<(), Stop> {
        self.lan.shutdown().await;
        self.handle.shutdown().await
    }
}

/// Starts the terminal that the directory holds, and serves it in the merchant's network as far as the cloud says so.
pub async fn start(
    dir: &Path,
    cloud: Option<&str>,
    manner: Manner,
    lan: LanSettings,
) -> Result<Running, Failure> {
    let Provisioned { facts, bundle, reader_key, journal, memory, identity, storage_key, mark, listener } =
        provision::load(dir).map_err(Failure::new)?;
    let (identity, tls) = FileIdentity::new(&identity, bundle).map_err(Failure::new)?;
    let address = cloud.unwrap_or(&facts.cloud);
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
    config.settings.prompt_timeout_ms = i64::from(manner.prompt_timeout_ms);
    config.settings.restart_pause = manner.restart_pause;
    let pace = Pace { present_ms: manner.pace_ms, ..Pace::default() };
    let usual = Choice::Card(deck::usual());
    let ports = Ports {
        disk: FileDisk::open(&journal).map_err(Failure::at(&journal))?,
        memory: FileDisk::open(&memory).map_err(Failure::at(&memory))?,
        mark: FileDisk::open(&mark).map_err(Failure::at(&mark))?,
        vault: Vault::new(storage_key),
        connector,
        reader: SimulatedReader::new(reader_key, usual, pace, ChaCha8Rng::seed_from_u64(manner.seed))
            .with_habits(manner.tip, ReceiptHabit::default()),
        display: Box::new(SimulatedScreen),
        printer: Box::new(SimulatedPrinter::default()),
        identity: Box::new(identity),
        lan_key: Box::new(FileLanKey::open(&listener).map_err(Failure::at(&listener))?),
        network: if pretends_nothing { Box::new(Loopback) } else { Box::new(Interfaces) },
        installer: Box::new(SimulatedInstaller),
        clock: Arc::new(SystemClock::new()),
        faults: Arc::new(NoFaults),
        // Names this life of the terminal, so it is never the same twice.
        rng: ChaCha8Rng::seed_from_u64(rand::random()),
    };
    let clock = Arc::clone(&ports.clock);
    let handle = Terminal::start(config, ports).await.map_err(Failure::new)?;
    let lan = Lan::serve(handle.till(), lan, clock, rand::random());
    Ok(Running { handle, lan })
}
