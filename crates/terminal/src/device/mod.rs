//! The device loop: one task that owns the journal, the reader and the screen, and takes one payment at a time.
//! It steps [`vinr_domain::device`] and carries out what follows, never before the journal is durable where the
//! step says so (contract 3.5). It knows no socket and no time of day.

mod ask;
mod collect;
mod effect;
mod outbox;
mod prompt;
mod tidy;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use vinr_domain::payment::AuthorizationRequest;
use vinr_domain::{EntryMode, IntentId, Money, Timestamp};
use vinr_wire::card::SealedCard;
use vinr_wire::link::{ClockSync, ToTerminal};

use crate::clock::Clock;
use crate::faults::{CrashPoint, Fate, Faults};
use crate::journal::{Disk, Journal, JournalError};
use crate::printer::Printer;
use crate::reader::{PresentError, Reader, ReaderEvent};
use crate::screen::{Display, Screen};
use crate::settings::Settings;

pub(crate) use outbox::{Outbox, OutboxReader};

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
    /// The cancel key; answers whether there was a prompt to cancel.
    PressCancel { answer: oneshot::Sender<bool> },
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
}

/// What the device loop is made of.
pub(crate) struct Parts<D, R> {
    /// Who the terminal is; part of what seals card data.
    pub(crate) link_id: String,
    pub(crate) settings: Arc<Settings>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) faults: Arc<dyn Faults>,
    pub(crate) journal: Journal<D>,
    pub(crate) reader: R,
    pub(crate) display: Box<dyn Display>,
    pub(crate) printer: Box<dyn Printer>,
    pub(crate) outbox: Outbox,
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
    active: Option<Active>,
    /// Intents whose outcome is unknown, and when to ask next, on the monotonic clock.
    questions: BTreeMap<IntentId, i64>,
    /// When the outcome on the screen gives way.
    outcome_until_ms: Option<i64>,
    /// When ends that the cloud has not acknowledged are looked through again.
    report_at_ms: Option<i64>,
    tidy_at_ms: i64,
}

/// The one payment that has the reader and the screen.
#[derive(Debug)]
struct Active {
    intent: IntentId,
    amount: Money,
    stage: Stage,
}

#[derive(Debug)]
enum Stage {
    /// The screen asks for a card.
    Prompting {
        /// On the monotonic clock. The lease may end it earlier.
        until_ms: i64,
        /// The lease, in server time.
        deadline: Timestamp,
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
        Self {
            parts,
            server_time: ClockSync::default(),
            heard_time: None,
            link: Err("Connecting".to_owned()),
            active: None,
            questions: BTreeMap::new(),
            outcome_until_ms: None,
            report_at_ms: None,
            tidy_at_ms,
        }
    }

    /// Runs until the link has ended, or the terminal cannot go on.
    pub(crate) async fn run(
        &mut self,
        link: &mut mpsc::Receiver<FromLink>,
        requests: &mut mpsc::Receiver<Request>,
    ) -> Result<(), Stop> {
        self.recover().await?;
        self.show_rest();
        loop {
            let pause = self.pause();
            tokio::select! {
                biased;
                () = tokio::time::sleep(pause) => self.tick().await?,
                said = link.recv() => match said {
                    Some(said) => self.hear(said).await?,
                    None => return self.end().await,
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
        self.parts.reader.end();
        self.parts.journal.sync().await?;
        Ok(())
    }

    async fn hear(&mut self, said: FromLink) -> Result<(), Stop> {
        match said {
            FromLink::Up { resumed } => self.link_up(resumed).await,
            FromLink::Down(why) => {
                self.link = Err(why);
                self.show_rest();
                Ok(())
            }
            FromLink::Clock { sent_ms, received_ms, server_time } => {
                self.server_time.learn(sent_ms, received_ms, server_time);
                self.heard_time = Some((server_time, received_ms));
                Ok(())
            }
            FromLink::Message(ToTerminal::Collect(collect)) => self.collect(collect).await,
            FromLink::Message(ToTerminal::Cancel { intent, attempt_epoch }) => {
                self.cancel(intent, attempt_epoch).await
            }
            FromLink::Message(ToTerminal::AuthorizeResult { intent, stan, verdict }) => {
                self.answered(intent, stan, verdict).await
            }
            FromLink::Message(ToTerminal::PresentCard(present)) => {
                self.present_for_cloud(&present);
                Ok(())
            }
            FromLink::Message(
                said @ (ToTerminal::Configure(_)
                | ToTerminal::Perform(_)
                | ToTerminal::CertificateIssued { .. }
                | ToTerminal::CertificateRefused { .. }),
            ) => {
                tracing::warn!(?said, "this software cannot do that");
                Ok(())
            }
        }
    }

    async fn serve(&mut self, asked: Request) -> Result<(), Stop> {
        match asked {
            Request::Present { card, entry_mode, answer } => {
                // Whoever asked may be gone; the card is in front of the reader all the same.
                let _ = answer.send(self.present(card.as_deref(), entry_mode));
                Ok(())
            }
            Request::PressCancel { answer } => {
                let _ = answer.send(self.prompting().is_some());
                self.read(ReaderEvent::CustomerCancelled).await
            }
        }
    }

    /// How long until a timer is due.
    fn pause(&self) -> Duration {
        let now_ms = self.now_ms();
        let prompt = self.active.as_ref().map(|active| match &active.stage {
            Stage::Prompting { until_ms, deadline } => (*until_ms).min(self.lease_end_ms(*deadline)),
            Stage::Asking { overdue_at_ms, .. } => *overdue_at_ms,
        });
        let question = self.link.is_ok().then(|| self.questions.values().min().copied()).flatten();
        let report = self.report_at_ms.filter(|_| self.link.is_ok());
        let timers = [prompt, question, report, self.outcome_until_ms, Some(self.tidy_at_ms)];
        let next_ms = timers.into_iter().flatten().min().unwrap_or(self.tidy_at_ms);
        // The terminal's clock may run a little slower than the runtime's: never spin on a timer that is not due.
        Duration::from_millis(u64::try_from(next_ms - now_ms).unwrap_or(0).max(1))
    }

    async fn tick(&mut self) -> Result<(), Stop> {
        let now_ms = self.now_ms();
        self.tick_active(now_ms).await?;
        self.ask_due(now_ms).await?;
        if self.outcome_until_ms.is_some_and(|until_ms| now_ms >= until_ms) {
            self.outcome_until_ms = None;
            self.show_rest();
        }
        if self.link.is_ok() && self.report_at_ms.is_some_and(|at_ms| now_ms >= at_ms) {
            self.report();
        }
        if now_ms >= self.tidy_at_ms {
            self.tidy_at_ms = now_ms + self.parts.settings.tidy_every_ms;
            self.tidy().await?;
        }
        Ok(())
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
        if self.active.is_some() || self.outcome_until_ms.is_some() {
            return;
        }
        let screen = match &self.link {
            _ if !self.parts.journal.has_room() => Screen::Locked {
                message: "The journal is full: no payments until the cloud has taken its entries".to_owned(),
            },
            Ok(()) => Screen::Idle { message: "Ready".to_owned() },
            Err(why) => Screen::Offline { message: why.clone() },
        };
        self.parts.display.show(&screen);
    }

    #[cfg(feature = "sabotage")]
    fn sabotaged(&self, bug: crate::sabotage::Sabotage) -> bool {
        self.parts.sabotage == Some(bug)
    }
}
