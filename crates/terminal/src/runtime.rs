//! Composes a terminal from its parts and runs it as one task. The one way to start one, in the field, as the
//! simulator and in a simulated world.

use std::sync::Arc;
use std::time::Duration;

use rand::Rng as _;
use rand_chacha::ChaCha8Rng;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinHandle;
use vinr_domain::{EntryMode, IntentId, TipChoice};
use vinr_wire::link::{
    DeviceConfiguration, HelloFacts, Limits as SessionLimits, ReceiptChannel, TerminalSession,
};

use crate::clock::Clock;
use crate::device::{Device, Ending, FromLink, Outbox, Parts, Request, Stop};
use crate::faults::Faults;
use crate::identity::Identity;
use crate::installer::Installer;
use crate::journal::{Disk, Journal, Limits};
use crate::lan_key::LanKey;
use crate::link::{Connector, Link};
use crate::memory::Memory;
use crate::network::Network;
use crate::offline::{MarkFile, Vault};
use crate::printer::Printer;
use crate::reader::{Pin, PresentError, Reader};
use crate::screen::{Display, Published, Screen};
use crate::settings::Settings;
use crate::till::{Desk, Till};

/// How much the link may have read ahead of the device loop.
const HEARD: usize = 32;
/// How many of the owner's requests may wait.
const ASKED: usize = 64;

/// How long a goodbye may take before a restart goes on without.
const GOODBYE: Duration = Duration::from_secs(20);

/// Who a terminal is and how it behaves.
#[derive(Clone, Debug)]
pub struct TerminalConfig {
    /// What stands in its certificate, `term_…` or `acct_….term_…`.
    pub link_id: String,
    /// What it says of itself to the cloud.
    pub hello: HelloFacts,
    /// The figures.
    pub settings: Settings,
    /// A protocol bug to plant.
    #[cfg(feature = "sabotage")]
    pub sabotage: Option<crate::sabotage::Sabotage>,
}

impl TerminalConfig {
    /// A terminal with the default figures.
    #[must_use]
    pub fn new(link_id: &str, hello: HelloFacts) -> Self {
        Self {
            link_id: link_id.to_owned(),
            hello,
            settings: Settings::default(),
            #[cfg(feature = "sabotage")]
            sabotage: None,
        }
    }
}

/// What a terminal is connected to.
pub struct Ports<D, C, R> {
    /// Where its journal is kept.
    pub disk: D,
    /// Where the rest of what it must remember is kept.
    pub memory: D,
    /// Where it is kept how far the approvals without the cloud have come; apart from the journal, so that a journal
    /// that was put back shows.
    pub mark: D,
    /// Seals the cards of such approvals until they are forwarded.
    pub vault: Vault,
    /// How it reaches the cloud.
    pub connector: C,
    /// Reads cards.
    pub reader: R,
    /// Shows what happens.
    pub display: Box<dyn Display>,
    /// Prints receipts.
    pub printer: Box<dyn Printer>,
    /// Its certificate; [`crate::NoIdentity`] where links need none.
    pub identity: Box<dyn Identity>,
    /// What the listener in the merchant's network presents; [`crate::NoLanKey`] where there is none.
    pub lan_key: Box<dyn LanKey>,
    /// Where the device is.
    pub network: Box<dyn Network>,
    /// Installs other software.
    pub installer: Box<dyn Installer>,
    /// Its clocks.
    pub clock: Arc<dyn Clock>,
    /// Loses power where a simulated world says so; [`crate::NoFaults`] everywhere else.
    pub faults: Arc<dyn Faults>,
    /// Names the lives of the terminal on the link and jitters its back-off. Must not be seeded alike twice.
    pub rng: ChaCha8Rng,
}

/// The terminal's software.
#[derive(Debug)]
pub struct Terminal;

impl Terminal {
    /// Opens the journal and the memory, and starts the terminal as a task of the current runtime. It starts again by
    /// itself when it is told to.
    ///
    /// # Errors
    /// [`Stop`] when the journal or the memory cannot be used; nothing runs then.
    pub async fn start<D, C, R>(config: TerminalConfig, ports: Ports<D, C, R>) -> Result<TerminalHandle, Stop>
    where
        D: Disk + 'static,
        C: Connector + 'static,
        C::Io: 'static,
        R: Reader + 'static,
    {
        let (display, screen) = Published::new(ports.display);
        let ports = Ports { display: Box::new(display), ..ports };
        let (asks, asked) = mpsc::channel(ASKED);
        let (stop, owner) = watch::channel(false);
        let (in_force, configuration) = watch::channel(Arc::default());
        let (internet_switch, internet) = watch::channel(true);
        let internet_switch = Arc::new(internet_switch);
        let (desk, till) = Desk::new(
            &config.link_id,
            &config.hello,
            asks.clone(),
            configuration.clone(),
            Arc::clone(&internet_switch),
        );
        let life = Life::begin(config, ports, Shown { in_force, desk, internet }).await?;
        let task = tokio::spawn(Box::pin(run(life, asked, owner)));
        Ok(TerminalHandle { screen, configuration, till, internet: internet_switch, asks, stop, task })
    }
}

/// What others see of the terminal, from one life to the next.
struct Shown {
    in_force: watch::Sender<Arc<DeviceConfiguration>>,
    desk: Desk,
    /// Whether the device can reach anything beyond the merchant's network; a switch of simulators.
    internet: watch::Receiver<bool>,
}

/// One life of the terminal's software, from its start to the next.
struct Life<D, C, R> {
    config: TerminalConfig,
    device: Device<D, R>,
    link: Link<C>,
    heard: mpsc::Receiver<FromLink>,
    /// Tells the link to say goodbye.
    goodbye: watch::Sender<bool>,
}

impl<D: Disk, C: Connector, R: Reader> Life<D, C, R> {
    async fn begin(config: TerminalConfig, ports: Ports<D, C, R>, shown: Shown) -> Result<Self, Stop> {
        let Ports {
            disk, memory, mark, vault, connector, reader, display, printer, identity, installer, ..
        } = ports;
        let Ports { clock, faults, mut rng, lan_key, network, .. } = ports;
        let settings = Arc::new(config.settings.clone());
        let limits =
            Limits { entries: settings.journal_entries, compact_above_bytes: settings.compact_above_bytes };
        let journal = Journal::open(disk, &config.link_id, clock.wall(), limits).await?;
        let memory = Memory::open(memory)?;
        let mark = MarkFile::open(mark)?;
        let (outbox, outbox_reader) = Outbox::new();
        let (to_device, heard) = mpsc::channel(HEARD);
        let (facts, facts_said) = watch::channel(config.hello.clone());
        let (goodbye, closing) = watch::channel(false);
        let stream = rng.next_u64().max(1);
        let link = Link {
            connector,
            session: TerminalSession::terminal(stream, config.hello.clone(), SessionLimits::default()),
            clock: Arc::clone(&clock),
            faults: Arc::clone(&faults),
            settings: Arc::clone(&settings),
            rng,
            device: to_device,
            outbox: outbox_reader,
            facts: facts_said,
            closing,
            internet: shown.internet,
        };
        let device = Device::new(Parts {
            link_id: config.link_id.clone(),
            settings,
            clock,
            faults,
            hello: config.hello.clone(),
            journal,
            memory,
            mark,
            vault,
            reader,
            display,
            printer,
            identity,
            installer,
            outbox,
            facts,
            in_force: shown.in_force,
            lan_key,
            network,
            desk: shown.desk,
            #[cfg(feature = "sabotage")]
            sabotage: config.sabotage,
        });
        Ok(Self { config, device, link, heard, goodbye })
    }

    /// Runs until the owner stops the terminal, or it is to start again. Both halves in one task: when one stops, so
    /// does the other.
    async fn run(
        &mut self,
        asked: &mut mpsc::Receiver<Request>,
        owner: &mut watch::Receiver<bool>,
    ) -> Result<Ending, Stop> {
        let Self { device, link, heard, goodbye, .. } = self;
        let mut device_runs = Box::pin(device.run(heard, asked));
        let mut ended = None;
        {
            let mut link_runs = Box::pin(link.run());
            loop {
                tokio::select! {
                    biased;
                    () = stopping(owner), if !*goodbye.borrow() => {
                        goodbye.send_replace(true);
                    }
                    linked = &mut link_runs => {
                        linked?;
                        break;
                    }
                    ending = &mut device_runs, if ended.is_none() => {
                        ended = Some(ending?);
                        goodbye.send_replace(true);
                    }
                    // A link that waits for a device loop that is no more would never say goodbye.
                    () = tokio::time::sleep(GOODBYE), if ended.is_some() => break,
                }
            }
        }
        match ended {
            Some(ending) => Ok(ending),
            // The link has said goodbye; the device loop hears that it is gone and ends in order.
            None => {
                link.device = mpsc::channel(1).0;
                device_runs.await
            }
        }
    }

    /// What the next life starts from.
    fn into_ports(self) -> (TerminalConfig, Ports<D, C, R>, Shown) {
        let Self { mut config, device, link, .. } = self;
        let parts = device.into_parts();
        config.hello = parts.hello;
        let ports = Ports {
            disk: parts.journal.into_disk(),
            memory: parts.memory.into_disk(),
            mark: parts.mark.into_disk(),
            vault: parts.vault,
            lan_key: parts.lan_key,
            network: parts.network,
            connector: link.connector,
            reader: parts.reader,
            display: parts.display,
            printer: parts.printer,
            identity: parts.identity,
            installer: parts.installer,
            clock: parts.clock,
            faults: parts.faults,
            rng: link.rng,
        };
        (config, ports, Shown { in_force: parts.in_force, desk: parts.desk, internet: link.internet })
    }
}

/// One life after another, until the owner stops the terminal or it cannot go on.
async fn run<D: Disk, C: Connector, R: Reader>(
    mut life: Life<D, C, R>,
    mut asked: mpsc::Receiver<Request>,
    mut owner: watch::Receiver<bool>,
) -> Result<(), Stop> {
    let stopped = loop {
        match life.run(&mut asked, &mut owner).await {
            Ok(Ending::Closed) => break Ok(()),
            Err(stop) => break Err(stop),
            Ok(Ending::Restart) => tracing::info!("terminal: starting again"),
        }
        let (config, ports, shown) = life.into_ports();
        tokio::select! {
            biased;
            () = stopping(&mut owner) => break Ok(()),
            () = tokio::time::sleep(config.settings.restart_pause) => {}
        }
        life = match Life::begin(config, ports, shown).await {
            Ok(life) => life,
            Err(stop) => break Err(stop),
        };
    };
    match &stopped {
        Ok(()) => tracing::info!("terminal: stopped"),
        Err(stop) => tracing::error!(%stop, "terminal: stopped"),
    }
    stopped
}

/// Returns when the owner stops the terminal.
async fn stopping(owner: &mut watch::Receiver<bool>) {
    // An error means that the owner's handle is gone, which is no reason to stop a device.
    if owner.wait_for(|stops| *stops).await.is_err() {
        std::future::pending::<()>().await;
    }
}

/// A running terminal. Dropping it leaves the terminal running.
#[derive(Debug)]
pub struct TerminalHandle {
    screen: watch::Receiver<Screen>,
    configuration: watch::Receiver<Arc<DeviceConfiguration>>,
    till: Till,
    internet: Arc<watch::Sender<bool>>,
    asks: mpsc::Sender<Request>,
    stop: watch::Sender<bool>,
    task: JoinHandle<Result<(), Stop>>,
}

impl TerminalHandle {
    /// What the screen shows, now and whenever it changes.
    #[must_use]
    pub fn screen(&self) -> watch::Receiver<Screen> {
        self.screen.clone()
    }

    /// Presents a simulated card, by its name in the sandbox deck (`None`: the default card), and returns the
    /// payment that it was presented for.
    ///
    /// # Errors
    /// [`PresentError`] when there is no prompt, no such card, or a real reader.
    pub async fn present_card(
        &self,
        card: Option<&str>,
        entry_mode: Option<EntryMode>,
    ) -> Result<IntentId, PresentError> {
        let (answer, answered) = oneshot::channel();
        let request = Request::Present { card: card.map(str::to_owned), entry_mode, answer };
        self.asks.send(request).await.map_err(|_| PresentError::Stopped)?;
        answered.await.map_err(|_| PresentError::Stopped)?
    }

    /// A person holds out a test card, by its name in the sandbox deck, to be read in this way; whether it asks for a
    /// PIN, the screen says. Returns the payment it was held out for.
    ///
    /// # Errors
    /// [`PresentError`] when there is no prompt, no such card, the card cannot be read so, or the reader is a real one.
    pub async fn hold_out(
        &self,
        card: &'static str,
        entry_mode: EntryMode,
    ) -> Result<IntentId, PresentError> {
        let (answer, answered) = oneshot::channel();
        let request = Request::HoldOut { card, entry_mode, answer };
        self.asks.send(request).await.map_err(|_| PresentError::Stopped)?;
        answered.await.map_err(|_| PresentError::Stopped)?
    }

    /// Types the PIN of the card that a person has held out.
    ///
    /// # Errors
    /// [`PresentError`] when none is asked for, or it is not 4 to 12 digits; it is then still asked for.
    pub async fn enter_pin(&self, pin: Pin) -> Result<(), PresentError> {
        let (answer, answered) = oneshot::channel();
        let request = Request::EnterPin { pin, answer };
        self.asks.send(request).await.map_err(|_| PresentError::Stopped)?;
        answered.await.map_err(|_| PresentError::Stopped)?
    }

    /// Presses the cancel key; `false` when there was no prompt to cancel.
    pub async fn press_cancel(&self) -> bool {
        let (answer, answered) = oneshot::channel();
        self.asks.send(Request::PressCancel { answer }).await.is_ok() && answered.await.unwrap_or(false)
    }

    /// The configuration in force, now and whenever it changes.
    #[must_use]
    pub fn configuration(&self) -> watch::Receiver<Arc<DeviceConfiguration>> {
        self.configuration.clone()
    }

    /// What the listeners in the merchant's network speak to.
    #[must_use]
    pub fn till(&self) -> Till {
        self.till.clone()
    }

    /// Chooses a tip in the customer's place; `false` when none is asked for or this one was not offered.
    pub async fn choose_tip(&self, choice: TipChoice) -> bool {
        let (answer, answered) = oneshot::channel();
        self.asks.send(Request::ChooseTip { choice, answer }).await.is_ok() && answered.await.unwrap_or(false)
    }

    /// Chooses how the customer gets the receipt (`None`: not at all); `false` when nobody asks, or it was not
    /// offered.
    pub async fn choose_receipt(&self, channel: Option<ReceiptChannel>) -> bool {
        let (answer, answered) = oneshot::channel();
        let request = Request::ChooseReceipt { channel, answer };
        self.asks.send(request).await.is_ok() && answered.await.unwrap_or(false)
    }

    /// Sets what is left in the battery, in percent; `None`: it runs on mains. `false` when the terminal has stopped.
    pub async fn set_battery(&self, percent: Option<u8>) -> bool {
        self.asks.send(Request::SetBattery { percent }).await.is_ok()
    }

    /// Cuts the terminal off from everything but the merchant's network, or lets it through again.
    pub fn set_internet(&self, is_there: bool) {
        self.internet.send_replace(is_there);
    }

    /// Whether it is let through, now and whenever that changes.
    #[must_use]
    pub fn internet(&self) -> watch::Receiver<bool> {
        self.internet.subscribe()
    }

    /// Whether the terminal has stopped by itself.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        self.task.is_finished()
    }

    /// Says goodbye to the cloud and stops. A payment that is under way is taken up after the next start.
    ///
    /// # Errors
    /// [`Stop`] when the terminal had stopped, or its journal could not be written.
    pub async fn shutdown(self) -> Result<(), Stop> {
        self.stop.send_replace(true);
        self.stopped().await
    }

    /// Waits until the terminal stops by itself.
    ///
    /// # Errors
    /// [`Stop`] says why.
    pub async fn stopped(self) -> Result<(), Stop> {
        match self.task.await {
            Ok(stopped) => stopped,
            Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
            // The runtime is going away.
            Err(_) => Ok(()),
        }
    }

    /// Pulls the plug: the task ends where it stands. On a memory disk, lose power next; a
    /// [`PluggedDisk`](crate::journal::PluggedDisk)
    /// has lost what was not synced.
    pub async fn kill(self) {
        self.task.abort();
        // Waits until it is gone, so that the world may start another terminal on the same disk.
        let _ = self.task.await;
    }
}
