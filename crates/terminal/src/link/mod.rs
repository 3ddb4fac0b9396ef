//! Keeps the link to the cloud up: connects, drives the session, waits before it tries again. Carries messages both
//! ways over bounded queues and understands none of them.

mod backoff;
mod connector;

use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use rand_chacha::ChaCha8Rng;
use tokio::sync::{mpsc, watch};
use tokio::time::timeout;
use vinr_domain::Timestamp;
use vinr_wire::link::{Event, FrameIo, HelloFacts, RejectCode, TerminalSession, ToCloud};

use self::backoff::{Backoff, Ending};
use crate::clock::Clock;
use crate::device::{FromLink, OutboxReader, Stop};
use crate::faults::{CrashPoint, Fate, Faults};
use crate::settings::Settings;

pub use connector::{Connector, WssConnector, WssFrames};

/// How many unacknowledged messages the session may hold before the device loop's wait in their queue.
const UNACKNOWLEDGED: usize = 128;

/// Why a conversation ended.
#[derive(Debug)]
enum Over {
    /// The owner stops the terminal; the connection is good.
    Closing,
    /// The device loop is gone.
    Orphaned,
    /// The connection is no more, and why.
    Lost(String),
    /// The cloud said no.
    Rejected(RejectCode, String),
}

/// One terminal's side of the link.
pub(crate) struct Link<C> {
    pub(crate) connector: C,
    pub(crate) session: TerminalSession,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) faults: Arc<dyn Faults>,
    pub(crate) settings: Arc<Settings>,
    pub(crate) rng: ChaCha8Rng,
    pub(crate) device: mpsc::Sender<FromLink>,
    pub(crate) outbox: OutboxReader,
    /// What the terminal says of itself, as it is now.
    pub(crate) facts: watch::Receiver<HelloFacts>,
    /// Turns true when the terminal stops, or is about to start again.
    pub(crate) closing: watch::Receiver<bool>,
    /// Whether there is an internet to reach the cloud through.
    pub(crate) internet: watch::Receiver<bool>,
}

impl<C: Connector> Link<C> {
    /// Runs until it is told to close.
    pub(crate) async fn run(&mut self) -> Result<(), Stop> {
        let mut live = Live {
            link: self,
            backoff: Backoff::default(),
            queued: 0,
            request_queued: false,
            up_at_ms: None,
        };
        loop {
            let over = live.once().await?;
            if live.link.session.is_open() {
                tracing::info!(?over, "link: lost");
            }
            live.link.session.disconnected();
            let (ending, said) = match over {
                Over::Closing | Over::Orphaned => return Ok(()),
                Over::Lost(why) => {
                    (live.lost(), FromLink::Down(format!("No connection to the cloud: {why}")))
                }
                Over::Rejected(code, message) => (live.rejected(code), explained(code, &message)),
            };
            live.up_at_ms = None;
            if live.link.device.send(said).await.is_err() {
                return Ok(());
            }
            let pause = live.backoff.pause(ending, &live.link.settings, &mut live.link.rng);
            tokio::select! {
                biased;
                () = closing(&mut live.link.closing) => return Ok(()),
                () = tokio::time::sleep(pause) => {}
            }
        }
    }
}

struct Live<'a, C> {
    link: &'a mut Link<C>,
    backoff: Backoff,
    /// How many messages the session has been given since the start.
    queued: u64,
    /// A request for authorization is among what will be written next.
    request_queued: bool,
    up_at_ms: Option<i64>,
}

impl<C: Connector> Live<'_, C> {
    /// One connection, from its making to its end.
    async fn once(&mut self) -> Result<Over, Stop> {
        let patience = self.link.settings.io_patience;
        tokio::select! {
            biased;
            () = closing(&mut self.link.closing) => return Ok(Over::Closing),
            () = is(&mut self.link.internet, true) => {}
        }
        let made = tokio::select! {
            biased;
            () = closing(&mut self.link.closing) => return Ok(Over::Closing),
            made = timeout(patience, self.link.connector.connect()) => made,
        };
        let mut io = match made {
            Ok(Ok(io)) => io,
            Ok(Err(error)) => return Ok(lost_or_revoked(&error)),
            Err(_) => return Ok(Over::Lost("no answer".to_owned())),
        };
        self.link.session.set_facts(self.link.facts.borrow_and_update().clone());
        self.link.session.connected(self.link.clock.monotonic_ms());
        let over = self.converse(&mut io).await?;
        if matches!(over, Over::Closing) {
            // A peer that does not read must not keep the terminal from stopping.
            let _ = timeout(patience, self.link.connector.close(io)).await;
        }
        Ok(over)
    }

    async fn converse(&mut self, io: &mut C::Io) -> Result<Over, Stop> {
        loop {
            if let Some(over) = self.deliver().await {
                return Ok(over);
            }
            if let Err(error) = self.write(io).await? {
                return Ok(Over::Lost(error.to_string()));
            }
            if self.link.facts.has_changed().unwrap_or(false) {
                let battery_percent = self.link.facts.borrow_and_update().battery_percent;
                self.link.session.set_battery(battery_percent);
            }
            let wake = self.until_wakeup();
            let room = self.link.session.unacknowledged() < UNACKNOWLEDGED;
            tokio::select! {
                biased;
                () = closing(&mut self.link.closing) => return Ok(Over::Closing),
                () = is(&mut self.link.internet, false) => {
                    return Ok(Over::Lost("there is no internet".to_owned()));
                }
                () = tokio::time::sleep(wake) => self.link.session.wake(self.link.clock.monotonic_ms()),
                received = io.recv() => match received {
                    Ok(Some(frame)) => {
                        let now_ms = self.link.clock.monotonic_ms();
                        if let Err(error) = self.link.session.receive(&frame, now_ms) {
                            tracing::warn!(%error, "link: the cloud broke the protocol");
                            return Ok(Over::Lost(error.to_string()));
                        }
                        self.note_acknowledged();
                    }
                    Ok(None) => return Ok(Over::Lost("closed by the cloud".to_owned())),
                    Err(error) => return Ok(Over::Lost(error.to_string())),
                },
                message = self.link.outbox.messages.recv(), if room => match message {
                    Some(message) => self.queue(message),
                    None => return Ok(Over::Orphaned),
                },
            }
        }
    }

    /// Hands what happened to the device loop.
    async fn deliver(&mut self) -> Option<Over> {
        while let Some(event) = self.link.session.poll_event() {
            let said = match event {
                Event::Established { session_epoch, terminal_id, resumed, .. } => {
                    tracing::info!(session_epoch, terminal = %terminal_id, resumed, "link: up");
                    self.up_at_ms = Some(self.link.clock.monotonic_ms());
                    FromLink::Up { resumed }
                }
                Event::ClockSample { sent_ms, received_ms, server_time } => {
                    FromLink::Clock { sent_ms, received_ms, server_time }
                }
                Event::Message(message) => FromLink::Message(message),
                Event::Rejected { code, message } => return Some(Over::Rejected(code, message)),
                Event::Dead => return Some(Over::Lost("nothing heard for too long".to_owned())),
                // The cloud's business.
                Event::Hello(_) => continue,
            };
            if self.link.device.send(said).await.is_err() {
                return Some(Over::Orphaned);
            }
        }
        None
    }

    /// Writes every frame that is ready. The inner error means that the connection is broken.
    async fn write(&mut self, io: &mut C::Io) -> Result<io::Result<()>, Stop> {
        let patience = self.link.settings.io_patience;
        while let Some(frame) =
            self.link.session.poll_frame(self.link.clock.monotonic_ms(), Timestamp::default())
        {
            match timeout(patience, io.send(frame)).await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => return Ok(Err(error)),
                Err(_) => return Ok(Err(io::Error::new(io::ErrorKind::TimedOut, "the cloud does not read"))),
            }
        }
        if self.request_queued && self.link.session.is_open() {
            self.request_queued = false;
            if self.link.faults.at(CrashPoint::RequestSent) == Fate::Die {
                return Err(Stop::Crashed(CrashPoint::RequestSent));
            }
        }
        Ok(Ok(()))
    }

    fn queue(&mut self, message: ToCloud) {
        self.request_queued |= matches!(message, ToCloud::Authorize(_));
        // Counted even if it is not taken, so that both ends of the queue number messages alike.
        self.queued += 1;
        if let Err(error) = self.link.session.queue(message) {
            tracing::error!(%error, "link: a message was dropped");
        }
        self.note_acknowledged();
    }

    fn note_acknowledged(&self) {
        let waiting = self.link.session.unacknowledged() as u64;
        self.link.outbox.acknowledged.store(self.queued.saturating_sub(waiting), Ordering::Release);
    }

    fn until_wakeup(&self) -> Duration {
        let now_ms = self.link.clock.monotonic_ms();
        let at_ms = self.link.session.next_wakeup().unwrap_or(now_ms + 1_000);
        Duration::from_millis(u64::try_from(at_ms - now_ms).unwrap_or(0).max(1))
    }

    fn lost(&self) -> Ending {
        let now_ms = self.link.clock.monotonic_ms();
        let lived_ms = self.up_at_ms.map_or(0, |up_at_ms| now_ms - up_at_ms);
        Ending::Lost { lived: Duration::from_millis(u64::try_from(lived_ms).unwrap_or(0)) }
    }

    fn rejected(&self, code: RejectCode) -> Ending {
        match code {
            RejectCode::UnsupportedVersion | RejectCode::UnknownTerminal => Ending::Rejected,
            RejectCode::Superseded => Ending::Superseded,
            RejectCode::TryLater => self.lost(),
        }
    }
}

/// What the screen says of a refusal.
fn explained(code: RejectCode, message: &str) -> FromLink {
    tracing::warn!(?code, message, "link: refused by the cloud");
    let said = match code {
        RejectCode::UnsupportedVersion => "The cloud no longer speaks with this version: update the terminal",
        RejectCode::UnknownTerminal => {
            return FromLink::TurnedAway("The cloud does not know this terminal: activate it".to_owned());
        }
        RejectCode::Superseded => "Another device is connected as this terminal",
        RejectCode::TryLater => "The cloud is busy; trying again",
    };
    FromLink::Down(said.to_owned())
}

/// A revoked certificate is refused before the cloud can say a word of its own; its alert comes with the first read.
fn lost_or_revoked(error: &io::Error) -> Over {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
    match inner {
        Some(rustls::Error::AlertReceived(rustls::AlertDescription::CertificateRevoked)) => {
            Over::Rejected(RejectCode::UnknownTerminal, "the certificate is revoked".to_owned())
        }
        Some(_) | None => Over::Lost(error.to_string()),
    }
}

/// Returns when the internet is there, or is not, as wanted.
async fn is(internet: &mut watch::Receiver<bool>, wanted: bool) {
    // Nobody is left to switch it: it stays as it is.
    if internet.wait_for(|is_there| *is_there == wanted).await.is_err() {
        std::future::pending::<()>().await;
    }
}

/// Returns when the terminal stops, or is about to start again.
async fn closing(closing: &mut watch::Receiver<bool>) {
    // An error means that the owner's handle is gone, which is no reason to stop a device.
    if closing.wait_for(|closing| *closing).await.is_err() {
        std::future::pending::<()>().await;
    }
}
