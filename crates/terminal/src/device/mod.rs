//! The device loop: one task that owns the journal, the reader and the screen, and takes one payment at a time.
//! It steps [`vinr_domain::device`] and carries out what follows, never before the journal is durable where the
//! step says so (contract 3.5). It knows no socket and no time of day.

mod access;
mod actions;
mod alone;
mod ask;
mod collect;
mod effect;
mod hear;
mod inquiry;
mod office;
mod origin;
mod outbox;
mod prompt;
mod receipt;
mod renewal;
mod standing;
mod status;
mod tidy;
mod till;
mod tip;
mod upkeep;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot, watch};
use vinr_domain::payment::{AuthorizationRequest, Tip};
use vinr_domain::{EntryMode, IntentId, Money, Timestamp, TipChoice, TipPrompt};
use vinr_wire::card::SealedCard;
use vinr_wire::link::{
    ClockSync, Configure, DeviceConfiguration, DeviceStatus, HelloFacts, OfflineStanding, ProgressStage,
    ReceiptChannel, ToTerminal,
};

use crate::clock::Clock;
use crate::faults::{CrashPoint, Fate, Faults};
use crate::identity::Identity;
use crate::installer::Installer;
use crate::journal::{Disk, Journal, JournalError};
use crate::lan_key::LanKey;
use crate::memory::{KeptAccess, Memory, MemoryError};
use crate::network::Network;
use crate::offline::{MarkFile, Vault};
use crate::printer::Printer;
use crate::reader::{Pin, PresentError, Reader};
use crate::screen::{Display, Screen};
use crate::settings::Settings;
use crate::till::{Desk, Standing, TillAsk};

pub(crate) use outbox::{Outbox, OutboxReader};

/// How often a terminal that is about to start again looks whether the cloud knows.
const RESTART_LOOK_MS: i64 = 20;

/// What the link tells the device loop, in order.
#[derive(Debug)]
pub(crate) enum FromLink {
    /// The cloud accepted the terminal; messages flow.
    Up {
        /// Whether the cloud remembers what it had acknowledged.
        resumed: bool,
    },
    /// There is no link, and why, in words for the screen.
    Down(String),
    /// There is no link, and will be none before somebody pairs the terminal anew.
    TurnedAway(String),
    /// What the cloud's clock said, some time between two moments of the monotonic clock.
    Clock { sent_ms: i64, received_ms: i64, server_time: Timestamp },
    /// The cloud says something.
    Message(ToTerminal),
}

/// What the terminal's owner asks of the device loop.
#[derive(Debug)]
pub(crate) enum Request {
    /// Present a simulated card now; answers with the payment it was presented for.
    Present {
        card: Option<String>,
        entry_mode: Option<EntryMode>,
        answer: oneshot::Sender<Result<IntentId, PresentError>>,
    },
    /// A person holds out a test card.
    HoldOut {
        card: &'static str,
        entry_mode: EntryMode,
        answer: oneshot::Sender<Result<IntentId, PresentError>>,
    },
    /// A person types a PIN.
    EnterPin { pin: Pin, answer: oneshot::Sender<Result<(), PresentError>> },
    /// The cancel key; answers whether there was a prompt to cancel.
    PressCancel { answer: oneshot::Sender<bool> },
    /// The customer chooses a tip; answers whether it could be taken.
    ChooseTip { choice: TipChoice, answer: oneshot::Sender<bool> },
    /// The customer chooses how to get the receipt; answers whether it could be taken.
    ChooseReceipt { channel: Option<ReceiptChannel>, answer: oneshot::Sender<bool> },
    /// The battery has this much left, in percent.
    SetBattery { percent: Option<u8> },
    /// A till or an ECR asks.
    Till(TillAsk),
}

/// Why the device loop has ended in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// The owner stops the terminal.
    Closed,
    /// The terminal starts again by itself.
    Restart,
}

/// Why the terminal no longer runs.
#[derive(Debug, thiserror::Error)]
pub enum Stop {
    /// A simulated power loss.
    #[error("power was lost at {0:?}")]
    Crashed(CrashPoint),
    /// The journal cannot be written. Nothing may be sent or shown that it does not have.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The terminal's memory cannot be read or written.
    #[error(transparent)]
    Memory(#[from] MemoryError),
}

/// What the device loop is made of.
pub(crate) struct Parts<D, R> {
    /// Who the terminal is; part of what seals card data.
    pub(crate) link_id: String,
    pub(crate) settings: Arc<Settings>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) faults: Arc<dyn Faults>,
    /// What it says of itself, as it was built.
    pub(crate) hello: HelloFacts,
    pub(crate) journal: Journal<D>,
    pub(crate) memory: Memory<D>,
    /// How far the approvals without the cloud have come.
    pub(crate) mark: MarkFile<D>,
    pub(crate) vault: Vault,
    pub(crate) reader: R,
    pub(crate) display: Box<dyn Display>,
    pub(crate) printer: Box<dyn Printer>,
    pub(crate) identity: Box<dyn Identity>,
    pub(crate) installer: Box<dyn Installer>,
    pub(crate) outbox: Outbox,
    /// What the link says in its greetings.
    pub(crate) facts: watch::Sender<HelloFacts>,
    /// The configuration in force, for whoever looks at the terminal.
    pub(crate) in_force: watch::Sender<Arc<DeviceConfiguration>>,
    /// What the listener in the merchant's network presents.
    pub(crate) lan_key: Box<dyn LanKey>,
    pub(crate) network: Box<dyn Network>,
    /// What the listeners in the merchant's network see.
    pub(crate) desk: Desk,
    #[cfg(feature = "sabotage")]
    pub(crate) sabotage: Option<crate::sabotage::Sabotage>,
}

/// The device loop and what it remembers between two events. All that must survive a power loss is in the journal.
pub(crate) struct Device<D, R> {
    parts: Parts<D, R>,
    server_time: ClockSync,
    /// What the cloud's clock last said, and when on the monotonic clock.
    heard_time: Option<(Timestamp, i64)>,
    /// `Err` says in words for the screen why there is no link.
    link: Result<(), String>,
    /// The cloud has turned the terminal away.
    out_of_service: bool,
    active: Option<Active>,
    /// A card that was read in the moment of a break.
    held: Option<prompt::Held>,
    /// When the link broke last, on the monotonic clock; `None` while it is there, and when it has not been there yet.
    link_lost_ms: Option<i64>,
    /// Until when somebody waits for the queue to be forwarded, on the monotonic clock.
    flush_until_ms: Option<i64>,
    /// How far the payment is that has the screen, or had it last.
    stage: Option<(IntentId, ProgressStage)>,
    /// Payments of tills whose prompt a restart has interrupted, and until when their tills may come back, on the
    /// monotonic clock.
    orphans: BTreeMap<IntentId, i64>,
    office: office::Office,
    /// The order that the cloud is asked about before a card is read.
    inquiry: Option<inquiry::Inquiry>,
    /// Intents whose outcome is unknown, and when to ask next, on the monotonic clock.
    questions: BTreeMap<IntentId, i64>,
    /// When the outcome on the screen gives way.
    outcome_until_ms: Option<i64>,
    /// When ends that the cloud has not acknowledged are looked through again.
    report_at_ms: Option<i64>,
    tidy_at_ms: i64,
    /// What the command says about the customer of `active`.
    customer: tip::Customer,
    receipt_question: Option<receipt::ReceiptQuestion>,
    configuration: Arc<DeviceConfiguration>,
    /// A configuration that waits for the payment on the screen to end.
    waiting_config: Option<Configure>,
    /// The terminal is about to start again, at the latest then, on the monotonic clock.
    restart_by_ms: Option<i64>,
    /// What is served has changed: the terminal starts again when no payment is on the screen.
    restart_wanted: bool,
    renewal: renewal::Renewal,
    lan_asking: access::Asking,
    battery_percent: Option<u8>,
    /// How far the device's own clock is ahead of server time.
    wall_ahead_ms: Option<i64>,
    /// What the cloud was told last on this link.
    status_said: Option<DeviceStatus>,
    /// What waits to be forwarded.
    offline: OfflineStanding,
    /// What the cloud was told of it last on this link.
    offline_said: Option<OfflineStanding>,
}

/// The one payment that has the reader and the screen.
#[derive(Debug)]
struct Active {
    intent: IntentId,
    /// Without a tip.
    amount: Money,
    /// The tip that was chosen; `None` when none was asked for, or not yet.
    tip: Option<Tip>,
    stage: Stage,
    /// When it took the screen.
    since: Timestamp,
}

#[derive(Debug)]
enum Stage {
    /// The screen asks for a tip.
    ChoosingTip {
        /// On the monotonic clock. The lease may end it earlier.
        until_ms: i64,
        /// The lease, in server time; `None` for what began here.
        lease: Option<Timestamp>,
        prompt: TipPrompt,
    },
    /// The screen asks for a card.
    Prompting {
        /// On the monotonic clock. The lease may end it earlier.
        until_ms: i64,
        /// The lease, in server time; `None` for what began here.
        lease: Option<Timestamp>,
    },
    /// The request for authorization has left, or is about to.
    Asking {
        /// On the monotonic clock.
        overdue_at_ms: i64,
        request: AuthorizationRequest,
        /// The very bytes that were sent first; a card is sealed once.
        sealed: SealedCard,
    },
}

impl<D: Disk, R: Reader> Device<D, R> {
    pub(crate) fn new(parts: Parts<D, R>) -> Self {
        let tidy_at_ms = parts.clock.monotonic_ms() + parts.settings.tidy_every_ms;
        let configuration = Arc::new(upkeep::remembered(parts.memory.kept(), parts.hello.has_printer));
        parts.in_force.send_replace(Arc::clone(&configuration));
        let battery_percent = parts.hello.battery_percent;
        let mut device = Self {
            parts,
            server_time: ClockSync::default(),
            heard_time: None,
            link: Err("Connecting".to_owned()),
            out_of_service: false,
            active: None,
            held: None,
            link_lost_ms: None,
            flush_until_ms: None,
            stage: None,
            orphans: BTreeMap::new(),
            office: office::Office::default(),
            inquiry: None,
            questions: BTreeMap::new(),
            outcome_until_ms: None,
            report_at_ms: None,
            tidy_at_ms,
            customer: tip::Customer::default(),
            receipt_question: None,
            configuration,
            waiting_config: None,
            restart_by_ms: None,
            restart_wanted: false,
            renewal: renewal::Renewal::default(),
            lan_asking: access::Asking::default(),
            battery_percent,
            wall_ahead_ms: None,
            status_said: None,
            offline: Standing::starting("").offline,
            offline_said: None,
        };
        let access = device.parts.memory.kept().access.as_ref().and_then(KeptAccess::access);
        if let Some(access) = access {
            device.parts.desk.access.send_replace(Arc::new(access));
        }
        device.parts.desk.certificate.send_replace(device.parts.lan_key.identity());
        device.look_around();
        device.count_waiting();
        device
    }

    /// Gives back what outlives a restart.
    pub(crate) fn into_parts(self) -> Parts<D, R> {
        let mut parts = self.parts;
        parts.hello.battery_percent = self.battery_percent;
        parts
    }

    /// Runs until the link has ended, or the terminal cannot go on.
    pub(crate) async fn run(
        &mut self,
        link: &mut mpsc::Receiver<FromLink>,
        requests: &mut mpsc::Receiver<Request>,
    ) -> Result<Ending, Stop> {
        self.recover().await?;
        self.recover_orders();
        self.recover_alone().await?;
        self.recover_actions().await?;
        self.show_rest();
        loop {
            self.settle_inquiry().await?;
            self.settle_held().await?;
            self.settle_flush().await?;
            self.work_off().await?;
            if self.restart_is_due()? {
                self.end().await?;
                return Ok(Ending::Restart);
            }
            self.report_status();
            self.report_waiting();
            self.publish_standing();
            let pause = self.pause();
            tokio::select! {
                biased;
                () = tokio::time::sleep(pause) => self.tick().await?,
                said = link.recv() => match said {
                    Some(said) => self.hear(said).await?,
                    None => {
                        self.end().await?;
                        return Ok(Ending::Closed);
                    }
                },
                asked = requests.recv(), if !requests.is_closed() || !requests.is_empty() => {
                    if let Some(asked) = asked {
                        self.serve(asked).await?;
                    }
                }
                event = self.parts.reader.next() => self.read(event).await?,
            }
        }
    }

    /// The terminal is being stopped: nothing that is known is left unwritten.
    async fn end(&mut self) -> Result<(), Stop> {
        self.take_acknowledged()?;
        self.drop_receipt_question();
        self.office.close();
        self.parts.reader.end();
        self.parts.journal.sync().await?;
        Ok(())
    }

    /// How long until a timer is due.
    fn pause(&self) -> Duration {
        let now_ms = self.now_ms();
        let prompt = self.active.as_ref().map(|active| match &active.stage {
            Stage::ChoosingTip { until_ms, lease, .. } | Stage::Prompting { until_ms, lease } => {
                lease.map_or(*until_ms, |lease| (*until_ms).min(self.lease_end_ms(lease)))
            }
            Stage::Asking { overdue_at_ms, .. } => *overdue_at_ms,
        });
        let question = self.link.is_ok().then(|| self.questions.values().min().copied()).flatten();
        let report = self.report_at_ms.filter(|_| self.link.is_ok());
        let receipt = self.receipt_question.as_ref().map(|question| question.until_ms);
        // The link notes acknowledgements without waking this loop.
        let restart = self.restart_by_ms.map(|_| now_ms + RESTART_LOOK_MS);
        let orphan = self.orphans.values().min().copied();
        let others = [
            receipt,
            restart,
            orphan,
            self.office.next_ms(),
            self.inquiry.as_ref().map(inquiry::Inquiry::until_ms),
            self.held.as_ref().map(prompt::Held::until_ms),
            self.flush_until_ms,
            self.renewal_at_ms(),
            self.lan_certificate_at_ms(),
        ];
        let timers = [prompt, question, report, self.outcome_until_ms, Some(self.tidy_at_ms)];
        let timers = timers.into_iter().chain(others);
        let next_ms = timers.flatten().min().unwrap_or(self.tidy_at_ms);
        // The terminal's clock may run a little slower than the runtime's: never spin on a timer that is not due.
        Duration::from_millis(u64::try_from(next_ms - now_ms).unwrap_or(0).max(1))
    }

    async fn tick(&mut self) -> Result<(), Stop> {
        let now_ms = self.now_ms();
        self.tick_active(now_ms).await?;
        self.end_orphans(now_ms).await?;
        self.office.give_up(now_ms);
        self.ask_due(now_ms).await?;
        if self.outcome_until_ms.is_some_and(|until_ms| now_ms >= until_ms) {
            self.outcome_until_ms = None;
            self.show_rest();
        }
        if self.receipt_question.as_ref().is_some_and(|question| now_ms >= question.until_ms) {
            self.drop_receipt_question();
            self.show_rest();
        }
        if self.link.is_ok() && self.report_at_ms.is_some_and(|at_ms| now_ms >= at_ms) {
            self.report();
        }
        self.renew_if_due(now_ms);
        self.ask_lan_certificate_if_due(now_ms);
        if now_ms >= self.tidy_at_ms {
            self.tidy_at_ms = now_ms + self.parts.settings.tidy_every_ms;
            self.tidy().await?;
        }
        Ok(())
    }

    /// Whether a customer looks at the screen for a payment that has not ended.
    fn has_customer(&self) -> bool {
        self.active.is_some() || self.inquiry.is_some()
    }

    fn now_ms(&self) -> i64 {
        self.parts.clock.monotonic_ms()
    }

    /// Server time, however long ago it was learned: entries are kept for a day by it, so that minutes do not count
    /// but a wrong date would. The device's own clock only before the first link of this life, when nothing is
    /// written that is ever erased.
    fn stamp(&self) -> Timestamp {
        self.heard_time.map_or_else(
            || self.parts.clock.wall(),
            |(then, at_ms)| then.plus_ms(self.now_ms().saturating_sub(at_ms)),
        )
    }

    fn point(&self, point: CrashPoint) -> Result<(), Stop> {
        match self.parts.faults.at(point) {
            Fate::Live => Ok(()),
            Fate::Die => Err(Stop::Crashed(point)),
        }
    }

    /// Shows what the screen shows when no payment and no outcome is on it.
    fn show_rest(&mut self) {
        if self.has_customer() || self.outcome_until_ms.is_some() || self.receipt_question.is_some() {
            return;
        }
        let screen = match &self.link {
            Err(why) if self.out_of_service => Screen::OutOfService { message: why.clone() },
            _ if self.restart_by_ms.is_some() => Screen::Offline { message: "Starting again".to_owned() },
            _ if self.parts.memory.kept().locked => {
                Screen::Locked { message: "Locked: no payments until it is unlocked".to_owned() }
            }
            _ if self.parts.reader.is_faulty() => {
                Screen::Locked { message: "The card reader does not work: no payments".to_owned() }
            }
            _ if !self.parts.journal.has_room() => Screen::Locked {
                message: "The journal is full: no payments until the cloud has taken its entries".to_owned(),
            },
            Ok(()) => {
                let own = self.configuration.idle_message.clone();
                Screen::Idle { message: own.unwrap_or_else(|| "Ready".to_owned()) }
            }
            Err(why) => Screen::Offline { message: why.clone() },
        };
        self.parts.display.show(&screen);
    }

    #[cfg(feature = "sabotage")]
    fn sabotaged(&self, bug: crate::sabotage::Sabotage) -> bool {
        self.parts.sabotage == Some(bug)
    }
}
