//! Composes a terminal from its parts and runs it as one task. The one way to start one, in the field, as the
//! simulator and in a simulated world.

use std::sync::Arc;

use rand::Rng as _;
use rand_chacha::ChaCha8Rng;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinHandle;
use vinr_domain::{EntryMode, IntentId};
use vinr_wire::link::{HelloFacts, Limits as SessionLimits, TerminalSession};

use crate::clock::Clock;
use crate::device::{Device, FromLink, Outbox, Parts, Request, Stop};
use crate::faults::Faults;
use crate::journal::{Disk, Journal, JournalError, Limits};
use crate::link::{Connector, Link};
use crate::printer::Printer;
use crate::reader::{PresentError, Reader};
use crate::screen::{Display, Published, Screen};
use crate::settings::Settings;

/// How much the link may have read ahead of the device loop.
const HEARD: usize = 32;
/// How many of the owner's requests may wait.
const ASKED: usize = 8;

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
    /// How it reaches the cloud.
    pub connector: C,
    /// Reads cards.
    pub reader: R,
    /// Shows what happens.
    pub display: Box<dyn Display>,
    /// Prints receipts.
    pub printer: Box<dyn Printer>,
    /// Its clocks.
    pub clock: Arc<dyn Clock>,
    /// Loses power where a simulated world says so; [`crate::NoFaults`] everywhere else.
    pub faults: Arc<dyn Faults>,
    /// Names this life of the terminal on the link and jitters its back-off. Must not be seeded alike twice.
    pub rng: ChaCha8Rng,
}

/// The terminal's software.
#[derive(Debug)]
pub struct Terminal;

impl Terminal {
    /// Opens the journal and starts the terminal as a task of the current runtime.
    ///
    /// # Errors
    /// [`JournalError`] when the journal cannot be used; nothing runs then.
    pub async fn start<D, C, R>(
        config: TerminalConfig,
        ports: Ports<D, C, R>,
    ) -> Result<TerminalHandle, JournalError>
    where
        D: Disk + 'static,
        C: Connector + 'static,
        C::Io: 'static,
        R: Reader + 'static,
    {
        let Ports { disk, connector, reader, display, printer, clock, faults, mut rng } = ports;
        let settings = Arc::new(config.settings);
        let limits =
            Limits { entries: settings.journal_entries, compact_above_bytes: settings.compact_above_bytes };
        let journal = Journal::open(disk, &config.link_id, clock.wall(), limits).await?;
        let (outbox, outbox_reader) = Outbox::new();
        let (display, screen) = Published::new(display);
        let (to_device, heard) = mpsc::channel(HEARD);
        let (asks, asked) = mpsc::channel(ASKED);
        let (stop, closing) = watch::channel(false);
        let stream = rng.next_u64().max(1);
        let link = Link {
            connector,
            session: TerminalSession::terminal(stream, config.hello, SessionLimits::default()),
            clock: Arc::clone(&clock),
            faults: Arc::clone(&faults),
            settings: Arc::clone(&settings),
            rng,
            device: to_device,
            outbox: outbox_reader,
            closing,
        };
        let device = Device::new(Parts {
            link_id: config.link_id,
            settings,
            clock,
            faults,
            journal,
            reader,
            display: Box::new(display),
            printer,
            outbox,
            #[cfg(feature = "sabotage")]
            sabotage: config.sabotage,
        });
        let task = tokio::spawn(Box::pin(run(device, link, heard, asked)));
        Ok(TerminalHandle { screen, asks, stop, task })
    }
}

/// Both halves in one task: when one stops, so does the other, at once.
async fn run<D: Disk, C: Connector, R: Reader>(
    mut device: Device<D, R>,
    link: Link<C>,
    mut heard: mpsc::Receiver<FromLink>,
    mut asked: mpsc::Receiver<Request>,
) -> Result<(), Stop> {
    let mut link = Box::pin(link.run());
    let mut device = Box::pin(device.run(&mut heard, &mut asked));
    let stopped = tokio::select! {
        biased;
        linked = &mut link => match linked {
            // The link has said goodbye; the device loop hears that it is gone and ends in order.
            Ok(()) => {
                drop(link);
                device.await
            }
            crashed => crashed,
        },
        stopped = &mut device => stopped,
    };
    match &stopped {
        Ok(()) => tracing::info!("terminal: stopped"),
        Err(stop) => tracing::error!(%stop, "terminal: stopped"),
    }
    stopped
}

/// A running terminal. Dropping it leaves the terminal running.
#[derive(Debug)]
pub struct TerminalHandle {
    screen: watch::Receiver<Screen>,
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

    /// Presses the cancel key; `false` when there was no prompt to cancel.
    pub async fn press_cancel(&self) -> bool {
        let (answer, answered) = oneshot::channel();
        self.asks.send(Request::PressCancel { answer }).await.is_ok() && answered.await.unwrap_or(false)
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

    /// Pulls the plug: the task ends where it stands. For simulated worlds; on a memory disk, lose power next.
    pub async fn kill(self) {
        self.task.abort();
        // Waits until it is gone, so that the world may start another terminal on the same disk.
        let _ = self.task.await;
    }
}
