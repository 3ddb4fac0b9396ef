//! One connection of one terminal: drives the session, keeps the directory true, hands messages to the lane. Decides
//! nothing about payments.

use std::future::pending;
use std::net::IpAddr;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, mpsc};
use tokio::time::{sleep, timeout};
use vinr_domain::terminal::{self, Reason, Reasons, State};
use vinr_pki::{DenySet, DeviceIdentity, LeafFacts};
use vinr_wire::link::{
    DeviceStatus, Event, FrameIo, HelloFacts, Limits, Progress, RejectCode, Session, ToCloud, ToTerminal,
};

use super::directory::{Directory, LinkHandle, LinkOrder, Terminal};
use super::hearer::Hearers;
use super::lanes::Lanes;
use crate::fleet::{Held, Register};
use crate::payments::Books;
use crate::store::{CommitError, StoreError};
use crate::tasks::Tasks;

/// How many orders may wait for the socket of one terminal.
const ORDERS: usize = 16;

/// The longest hardware address that is kept.
const MAX_MAC_CHARS: usize = 64;

/// The figures of the gateway.
#[derive(Clone, Copy, Debug)]
pub struct GatewaySettings {
    /// How often a terminal is to be heard from, in milliseconds.
    pub heartbeat_ms: u32,
}

/// The cloud's side of all links.
#[derive(Clone)]
pub struct Gateway {
    pub(super) books: Books,
    pub(super) directory: Arc<Directory>,
    pub(super) register: Register,
    pub(super) lanes: Lanes,
    pub(super) tasks: Tasks,
    pub(super) settings: GatewaySettings,
    pub(super) hearers: Hearers,
    pub(super) denied: Arc<DenySet>,
}

/// Why a link ended.
#[derive(Debug, thiserror::Error)]
enum Ended {
    #[error("the terminal closed it")]
    Closed,
    #[error("the terminal was not heard from in time")]
    Dead,
    #[error("a newer link of the same terminal has taken over")]
    Superseded,
    #[error("refused: {1}")]
    Rejected(RejectCode, &'static str),
    #[error("{0}")]
    Fault(String),
}

const CUT: Ended = Ended::Rejected(RejectCode::UnknownTerminal, "this terminal was taken out of service");

/// How long the last word to a terminal that is turned away may take.
const LAST_WORD: Duration = Duration::from_secs(1);

type CloudSession = Session<ToTerminal, ToCloud>;

struct Link<'a, F> {
    gateway: &'a Gateway,
    terminal: Arc<Terminal>,
    io: F,
    session: CloudSession,
    orders: mpsc::Receiver<LinkOrder>,
    handle: mpsc::Sender<LinkOrder>,
    session_epoch: Option<u64>,
    /// What it was let in with; nothing in a simulated world without TLS.
    leaf: Option<Arc<LeafFacts>>,
    cut: Arc<Notify>,
}

impl Gateway {
    /// A gateway over these lanes.
    #[must_use]
    pub fn new(
        books: Books,
        directory: Arc<Directory>,
        register: Register,
        lanes: Lanes,
        settings: GatewaySettings,
        hearers: Hearers,
        denied: Arc<DenySet>,
    ) -> Self {
        let tasks = lanes.tasks.clone();
        Self { books, directory, register, lanes, tasks, settings, hearers, denied }
    }

    /// Serves one connection of an authenticated terminal until it ends. `leaf` is the certificate that it was let in
    /// with: once that is denied, not one more frame of the connection is heard.
    pub async fn serve_link<F: FrameIo>(
        &self,
        identity: &DeviceIdentity,
        leaf: Option<LeafFacts>,
        mut io: F,
    ) {
        let Some(terminal) = self.directory.find_by_link_id(&identity.to_string()) else {
            tracing::warn!(terminal = %identity, "an unknown terminal connected");
            let _ = reject_unknown(self, &mut io).await;
            return;
        };
        let suspended = terminal.suspended.lock().unwrap_or_else(PoisonError::into_inner).take();
        let session = match suspended {
            Some(suspended) => CloudSession::cloud_resumed(suspended, Limits::default()),
            None => CloudSession::cloud(self.books.names.draw() | 1, Limits::default()),
        };
        let (handle, orders) = mpsc::channel(ORDERS);
        let cut = Arc::new(Notify::new());
        let mut link = Link {
            gateway: self,
            terminal,
            io,
            session,
            orders,
            handle,
            session_epoch: None,
            leaf: leaf.map(Arc::new),
            cut: Arc::clone(&cut),
        };
        let ended = tokio::select! {
            biased;
            // Also when the link is busy writing to somebody who does not read.
            () = cut.notified() => CUT,
            ended = link.run() => ended,
        };
        Box::pin(link.finish(&ended)).await;
    }
}

impl<F: FrameIo> Link<'_, F> {
    async fn run(&mut self) -> Ended {
        self.session.connected(self.now());
        loop {
            if let Err(ended) = self.work_off().await {
                return ended;
            }
            let wakeup = self.session.next_wakeup().map(|at| (at - self.now()).max(0).unsigned_abs());
            tokio::select! {
                biased;
                order = self.orders.recv() => match order {
                    Some(LinkOrder::Send(message)) => {
                        if self.session.queue(*message).is_err() {
                            return Ended::Fault("too much is waiting for the terminal".to_owned());
                        }
                    }
                    Some(LinkOrder::Superseded) | None => return Ended::Superseded,
                },
                frame = self.io.recv() => match frame {
                    Ok(Some(frame)) => {
                        if let Err(error) = self.session.receive(&frame, self.now()) {
                            return Ended::Fault(error.to_string());
                        }
                        self.heard();
                    }
                    Ok(None) => {
                        self.heard();
                        return Ended::Closed;
                    }
                    Err(error) => return Ended::Fault(error.to_string()),
                },
                () = wait(wakeup) => self.session.wake(self.now()),
            }
        }
    }

    /// Handles what the session has to say, then writes what it has to send.
    async fn work_off(&mut self) -> Result<(), Ended> {
        while let Some(event) = self.session.poll_event() {
            match event {
                // Boxed, as is the end of a link: what is done once or rarely is no room that every idle link keeps.
                Event::Hello(facts) => Box::pin(self.hello(facts)).await?,
                Event::Established { .. } => {}
                Event::Message(ToCloud::DeviceStatus(status)) => Box::pin(self.status(status)).await?,
                Event::Message(message) => self.message(message)?,
                Event::Dead => return Err(Ended::Dead),
                Event::Rejected { .. } | Event::ClockSample { .. } => {}
            }
        }
        while let Some(frame) = self.session.poll_frame(self.now(), self.gateway.books.clock.wall()) {
            self.io.send(frame).await.map_err(|error| Ended::Fault(error.to_string()))?;
        }
        Ok(())
    }

    /// A sign of life.
    fn heard(&self) {
        if self.session_epoch.is_some() {
            let signs = &self.terminal.signs;
            signs.heard(self.gateway.books.clock.wall());
            signs.charge(self.session.battery_percent());
            signs.round_trip(self.session.rtt_ms());
        }
    }

    async fn hello(&mut self, facts: HelloFacts) -> Result<(), Ended> {
        self.still_admitted()?;
        let mut held = self.gateway.register.hold(&self.terminal).await;
        if held.row().deactivated {
            return Err(Ended::Rejected(RejectCode::UnknownTerminal, "this terminal is deactivated"));
        }
        // Its last link ended just now, and this one came before that was written: both are told, in that order.
        if !self.terminal.is_online() && matches!(held.state(), State::Connected { .. }) {
            part(&mut held);
        }
        self.greeted(&mut held, &facts);
        let session_epoch = held.row().session_epoch;
        if let Err(error) = held.record(Vec::new()).await {
            tracing::error!(terminal = %self.terminal.key.id, %error, "a link cannot be recorded");
            return Err(Ended::Rejected(RejectCode::TryLater, "the link cannot be recorded"));
        }
        let now = self.gateway.books.clock.wall();
        let heartbeat_ms = self.gateway.settings.heartbeat_ms;
        self.session.accept(session_epoch, now, heartbeat_ms, self.terminal.key.id.as_str());
        self.session_epoch = Some(session_epoch);
        self.take_over(session_epoch)?;
        // Until here, so that what is written and the link agree for whoever has the next turn.
        drop(held);
        // Whoever cuts links says first why; a link that nobody could cut yet looks for itself.
        self.still_admitted()?;
        if self.terminal.read(|row| row.deactivated) {
            return Err(CUT);
        }
        tracing::info!(terminal = %self.terminal.key.id, session_epoch, "terminal connected");
        self.gateway.lanes.link_up(&self.terminal);
        for hearer in self.gateway.hearers.iter() {
            hearer.greeted(&self.terminal, &facts);
        }
        Ok(())
    }

    /// What is known of the terminal now that it has come back, under an epoch of its own.
    fn greeted(&self, held: &mut Held, facts: &HelloFacts) {
        let now = self.gateway.books.clock.wall();
        self.terminal.signs.heard(now);
        self.terminal.signs.charge(facts.battery_percent);
        self.terminal.signs.round_trip(None);
        let row = held.edit();
        let first = row.software_version.is_empty();
        let changed = *row.software_version != *facts.software_version || row.locked != facts.locked;
        row.session_epoch += 1;
        row.last_seen_at = Some(now);
        row.software_version = facts.software_version.as_str().into();
        row.locked = facts.locked;
        row.battery_percent = facts.battery_percent;
        row.mac = facts.mac.as_deref().filter(|mac| mac.len() <= MAX_MAC_CHARS).map(Into::into);
        let addresses = facts.local_addresses.iter().filter_map(|text| text.parse::<IpAddr>().ok());
        row.local_addresses = addresses.map(|address| address.to_string().into()).collect();
        row.found = row.found.with(Reason::OfflineForLong, false);
        tell(held, terminal::Event::Greeted);
        if changed && !first {
            tell(held, terminal::Event::Changed);
        }
    }

    /// How the device says that it is.
    async fn status(&mut self, status: DeviceStatus) -> Result<(), Ended> {
        self.terminal.signs.charge(status.battery_percent);
        let reported: Reasons = status.needs_attention.iter().copied().map(Reason::from).collect();
        let says_new = |row: &crate::store::TerminalRow| {
            let version =
                !status.software_version.is_empty() && *row.software_version != *status.software_version;
            (row.reported != reported, row.locked != status.locked || version)
        };
        if self.is_newest() && self.terminal.read(says_new) != (false, false) {
            let mut held = self.gateway.register.hold(&self.terminal).await;
            let (_, changed) = says_new(held.row());
            let row = held.edit();
            row.reported = reported;
            row.locked = status.locked;
            row.battery_percent = status.battery_percent;
            if changed && !status.software_version.is_empty() {
                row.software_version = status.software_version.as_str().into();
            }
            let wrong = reported.and(row.found);
            tell(&mut held, terminal::Event::Wrong(wrong));
            if changed {
                tell(&mut held, terminal::Event::Changed);
            }
            // On a task of its own, because a link can be cut in the middle of anything. The turn goes with it, so
            // that whatever comes next is written afterwards.
            self.gateway.tasks.spawn(async move {
                if let Err(error) = held.record(Vec::new()).await {
                    // The terminal says it again after its next greeting.
                    tracing::error!(terminal = %held.row().id, %error, "a status cannot be recorded");
                }
            });
        }
        self.message(ToCloud::DeviceStatus(status))
    }

    /// Becomes the terminal's link, unless one that came later already is.
    fn take_over(&self, session_epoch: u64) -> Result<(), Ended> {
        let mut link = self.terminal.link.lock().unwrap_or_else(PoisonError::into_inner);
        if link.as_ref().is_some_and(|newer| newer.session_epoch > session_epoch) {
            return Err(Ended::Superseded);
        }
        let handle = LinkHandle {
            session_epoch,
            since: self.gateway.books.clock.wall(),
            orders: self.handle.clone(),
            leaf: self.leaf.clone(),
            cut: Arc::clone(&self.cut),
        };
        if let Some(older) = link.replace(handle) {
            let _ = older.orders.try_send(LinkOrder::Superseded);
        }
        Ok(())
    }

    /// Messages of a superseded link are dropped unread: the newer one says them again.
    fn message(&mut self, message: ToCloud) -> Result<(), Ended> {
        if !self.is_newest() {
            return Err(Ended::Superseded);
        }
        self.still_admitted()?;
        for hearer in self.gateway.hearers.iter() {
            hearer.heard(&self.terminal, &message);
        }
        if let ToCloud::Progress(Progress { payment: Some(payment), stage, .. }) = &message {
            self.terminal.trail.progress(*payment, *stage, self.gateway.books.clock.wall());
        }
        match message {
            ToCloud::CardPresented(answer) => self.gateway.directory.presented(answer),
            ToCloud::ResultConfirmed { .. }
            | ToCloud::Progress(_)
            | ToCloud::CertificateRequest { .. }
            | ToCloud::DeviceStatus(_)
            | ToCloud::LanAccessApplied(_)
            | ToCloud::LanCertificateRequest(_)
            | ToCloud::OfficeRequest(_)
            | ToCloud::OfflineStanding(_) => {}
            ToCloud::ConfigApplied(_) | ToCloud::ActionReport(_) => {
                tracing::debug!(terminal = %self.terminal.key.id, ?message, "nobody here listens to this");
            }
            message @ (ToCloud::CollectAnswer(_)
            | ToCloud::Authorize(_)
            | ToCloud::Ended { .. }
            | ToCloud::CancelTooLate { .. }
            | ToCloud::StatusQuery { .. }) => {
                if self.gateway.lanes.hear(&self.terminal, message).is_err() {
                    return Err(Ended::Fault("the terminal says more than its lane can take".to_owned()));
                }
            }
        }
        Ok(())
    }

    /// A certificate can be revoked between the handshake and any frame after it.
    fn still_admitted(&self) -> Result<(), Ended> {
        if self.leaf.as_ref().is_some_and(|leaf| self.gateway.denied.denies(leaf)) {
            return Err(CUT);
        }
        Ok(())
    }

    fn is_newest(&self) -> bool {
        let link = self.terminal.link.lock().unwrap_or_else(PoisonError::into_inner);
        link.as_ref().map(|link| link.session_epoch) == self.session_epoch
    }

    async fn finish(mut self, ended: &Ended) {
        if let Ended::Rejected(code, message) = ended {
            self.session.reject(*code, message);
            while let Some(frame) = self.session.poll_frame(self.now(), self.gateway.books.clock.wall()) {
                if !matches!(timeout(LAST_WORD, self.io.send(frame)).await, Ok(Ok(()))) {
                    break;
                }
            }
        }
        let newest = self.is_newest();
        if newest && self.session_epoch.is_some() {
            *self.terminal.suspended.lock().unwrap_or_else(PoisonError::into_inner) =
                Some(self.session.suspend());
            *self.terminal.link.lock().unwrap_or_else(PoisonError::into_inner) = None;
            for hearer in self.gateway.hearers.iter() {
                hearer.parted(&self.terminal);
            }
            record_parting(self.gateway, &self.terminal).await;
        }
        tracing::info!(terminal = %self.terminal.key.id, newest, %ended, "terminal disconnected");
    }

    fn now(&self) -> i64 {
        self.gateway.books.clock.monotonic_ms()
    }
}

/// Writes that the terminal is gone, unless a newer link has come or written it.
async fn record_parting(gateway: &Gateway, terminal: &Arc<Terminal>) {
    let mut held = gateway.register.hold(terminal).await;
    if terminal.is_online() || !matches!(held.state(), State::Connected { .. }) {
        return;
    }
    part(&mut held);
    match held.record(Vec::new()).await {
        Ok(()) => {}
        // The server is ending. After the next start whoever was connected is awaited.
        Err(CommitError::Failed(StoreError::Closed)) => {}
        Err(error) => {
            tracing::error!(terminal = %terminal.key.id, %error, "a terminal's parting cannot be recorded");
        }
    }
}

/// The terminal is gone since its last sign of life.
fn part(held: &mut Held) {
    let (seen, battery) = {
        let signs = &held.terminal().signs;
        (signs.heard_at(), signs.battery_percent())
    };
    let row = held.edit();
    row.last_seen_at = seen.or(row.last_seen_at);
    row.battery_percent = battery;
    tell(held, terminal::Event::Parted);
}

/// Takes a step that is legal where the terminal stands.
fn tell(held: &mut Held, event: terminal::Event) {
    if let Err(illegal) = held.happened(event) {
        tracing::error!(terminal = %held.row().id, %illegal, "a terminal's presence is out of step");
    }
}

/// Waits for the first frame of an unknown terminal, so that the refusal reaches somebody who listens.
async fn reject_unknown<F: FrameIo>(gateway: &Gateway, io: &mut F) -> std::io::Result<()> {
    let mut session = CloudSession::cloud(1, Limits::default());
    let now = gateway.books.clock.monotonic_ms();
    session.connected(now);
    let hello = tokio::time::timeout(Duration::from_secs(10), io.recv()).await;
    if let Ok(Ok(Some(frame))) = hello
        && session.receive(&frame, now).is_ok()
    {
        session.reject(RejectCode::UnknownTerminal, "no terminal of this identity is registered");
        while let Some(frame) = session.poll_frame(now, gateway.books.clock.wall()) {
            io.send(frame).await?;
        }
    }
    Ok(())
}

async fn wait(ms: Option<u64>) {
    match ms {
        Some(ms) => sleep(Duration::from_millis(ms)).await,
        None => pending().await,
    }
}
