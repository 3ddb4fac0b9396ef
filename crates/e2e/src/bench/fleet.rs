//! Terminals by the thousand, without the device software: an identity each, the link's session, and a script that
//! answers. Cheap, because they run beside the server that is measured; honest, because they say what a device says.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use rustls::ClientConfig;
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep};
use vinr_domain::payment::{AuthorizationRequest, EndCause};
use vinr_domain::{IntentId, Timestamp};
use vinr_pki::{Authority, DeviceBundle, DeviceIdentity, DeviceKey};
use vinr_sandbox::deck;
use vinr_sandbox::keys::SandboxKeys;
use vinr_terminal::link::{Connector as _, WssConnector, WssFrames};
use vinr_wire::card::{ReaderKey, SealContext, seal};
use vinr_wire::link::{
    Authorize, Collect, CollectAnswer, ConfigApplied, Configure, Event, FrameIo, HelloFacts, Limits, Takes,
    TerminalSession, ToCloud, ToTerminal,
};

use super::arrivals::Arrivals;
use super::cloud::terminal_id;
use super::{During, Failure};

/// From one terminal that is released to the next: all at once would be more than the store has room for.
const RELEASE: Duration = Duration::from_micros(200);
/// Frames that wait in an in-memory pipe, each way.
const PIPE: usize = 16;

/// Who terminal number `number` is.
pub(super) fn identity(number: usize) -> DeviceIdentity {
    DeviceIdentity::of_terminal(terminal_id(number)).expect("the reserved simulator is not numbered")
}

/// A key and its certificate chain for terminal number `number`.
pub(super) fn issue(
    authority: &Authority,
    number: usize,
    now: Timestamp,
) -> Result<(DeviceKey, String), Failure> {
    let key = DeviceKey::generate().during("making a device key")?;
    let request = key.csr().during("making a signing request")?;
    let issued = authority.issue_device(&request, &identity(number), now).during("issuing a certificate")?;
    Ok((key, issued.chain_pem().to_owned()))
}

/// What terminal number `number` proves itself with.
pub(super) fn client_config(
    authority: &Authority,
    number: usize,
    now: Timestamp,
) -> Result<Arc<ClientConfig>, Failure> {
    let (key, chain) = issue(authority, number, now)?;
    let bundle = DeviceBundle::new(key, &chain, authority.roots_pem()).during("making a device bundle")?;
    vinr_pki::device_client_config(&bundle).during("configuring TLS")
}

/// What a scripted terminal does with a command to collect.
#[derive(Clone)]
pub(super) enum Conduct {
    /// Prompts, and nobody has a card.
    Waits,
    /// Prompts, and a card is there at once.
    Pays(SandboxKeys),
}

/// What all terminals of a fleet share.
#[derive(Clone)]
pub(super) struct Fleet {
    conduct: Conduct,
    begun: Instant,
    /// How many have been welcomed.
    welcomed: Arc<AtomicUsize>,
    /// Changes when every prompt is to end.
    release: watch::Receiver<u64>,
    /// Told of commands that carry the moment they were sent at.
    arrivals: Option<Arrivals>,
}

/// Ends the prompts of a fleet.
pub(super) struct Release(watch::Sender<u64>);

impl Release {
    /// Every customer presses cancel.
    pub(super) fn all(&self) {
        self.0.send_modify(|turn| *turn += 1);
    }
}

impl Fleet {
    pub(super) fn new(conduct: Conduct) -> (Self, Release) {
        let (sender, release) = watch::channel(0);
        let fleet =
            Self { conduct, begun: Instant::now(), welcomed: Arc::default(), release, arrivals: None };
        (fleet, Release(sender))
    }

    /// The same fleet, which tells when commands arrive.
    pub(super) fn telling(self, arrivals: Arrivals) -> Self {
        Self { arrivals: Some(arrivals), ..self }
    }

    /// How many have been welcomed.
    pub(super) fn welcomed(&self) -> usize {
        self.welcomed.load(Ordering::Relaxed)
    }

    /// Says hello on the pipe, and runs the script until the link ends.
    ///
    /// # Errors
    /// Whatever broke the link, a refusal included.
    pub(super) async fn run<F: FrameIo>(&self, number: usize, io: &mut F) -> io::Result<()> {
        let mut terminal = Scripted::new(self, number);
        terminal.greet(io).await?;
        terminal.run(io).await
    }

    /// Says hello on the pipe and waits for the welcome. The link stays as long as what is returned.
    ///
    /// # Errors
    /// Whatever broke the link, a refusal included.
    pub(super) async fn greet<F: FrameIo>(&self, number: usize, io: &mut F) -> io::Result<Scripted> {
        let mut terminal = Scripted::new(self, number);
        terminal.greet(io).await?;
        Ok(terminal)
    }
}

/// One scripted terminal.
pub(super) struct Scripted {
    session: TerminalSession,
    fleet: Fleet,
    link_id: String,
    /// When it is released, after how many others.
    turn: u32,
    reader: Option<ReaderKey>,
    stan: u32,
    prompt: Option<(IntentId, u32)>,
}

impl Scripted {
    fn new(fleet: &Fleet, number: usize) -> Self {
        let hello = HelloFacts {
            software_version: env!("CARGO_PKG_VERSION").to_owned(),
            model: "simulator".to_owned(),
            serial_number: format!("BENCH-{number}"),
            battery_percent: None,
            ..HelloFacts::default()
        };
        let link_id = identity(number).to_string();
        let reader = match &fleet.conduct {
            Conduct::Waits => None,
            Conduct::Pays(keys) => Some(keys.reader_key(&link_id)),
        };
        let stream = rand::random::<u64>() | 1;
        let session = TerminalSession::terminal(stream, hello, Limits::default());
        let turn = u32::try_from(number).unwrap_or(u32::MAX);
        Self { session, fleet: fleet.clone(), link_id, turn, reader, stan: 0, prompt: None }
    }

    fn now(&self) -> i64 {
        i64::try_from(self.fleet.begun.elapsed().as_millis()).unwrap_or(i64::MAX)
    }

    async fn write<F: FrameIo>(&mut self, io: &mut F) -> io::Result<()> {
        while let Some(frame) = self.session.poll_frame(self.now(), Timestamp::default()) {
            io.send(frame).await?;
        }
        Ok(())
    }

    fn receive(&mut self, frame: Option<Bytes>) -> io::Result<()> {
        let frame = frame.ok_or_else(|| io::Error::new(io::ErrorKind::UnexpectedEof, "the cloud hung up"))?;
        let now = self.now();
        self.session.receive(&frame, now).map_err(io::Error::other)
    }

    async fn greet<F: FrameIo>(&mut self, io: &mut F) -> io::Result<()> {
        let now = self.now();
        self.session.connected(now);
        loop {
            self.write(io).await?;
            let frame = io.recv().await?;
            self.receive(frame)?;
            while let Some(event) = self.session.poll_event() {
                match event {
                    Event::Established { .. } => {
                        self.fleet.welcomed.fetch_add(1, Ordering::Relaxed);
                        return Ok(());
                    }
                    Event::Rejected { message, .. } => return Err(io::Error::other(message)),
                    Event::Dead => return Err(io::ErrorKind::TimedOut.into()),
                    Event::Hello(_) | Event::Message(_) | Event::ClockSample { .. } => {}
                }
            }
        }
    }

    /// Runs the script until the link ends.
    pub(super) async fn run<F: FrameIo>(&mut self, io: &mut F) -> io::Result<()> {
        let mut release = self.fleet.release.clone();
        loop {
            while let Some(event) = self.session.poll_event() {
                match event {
                    Event::Message(message) => self.answer(message)?,
                    Event::Rejected { message, .. } => return Err(io::Error::other(message)),
                    Event::Dead => return Err(io::ErrorKind::TimedOut.into()),
                    Event::Hello(_) | Event::Established { .. } | Event::ClockSample { .. } => {}
                }
            }
            self.write(io).await?;
            let wake = self.session.next_wakeup().map_or(60_000, |at| (at - self.now()).max(1));
            tokio::select! {
                biased;
                frame = io.recv() => self.receive(frame?)?,
                Ok(()) = release.changed() => {
                    if self.prompt.is_some() {
                        sleep(RELEASE * self.turn).await;
                    }
                    self.end()?;
                }
                () = sleep(Duration::from_millis(wake.unsigned_abs())) => {
                    let now = self.now();
                    self.session.wake(now);
                }
            }
        }
    }

    fn say(&mut self, message: ToCloud) -> io::Result<()> {
        self.session.queue(message).map_err(io::Error::other)
    }

    fn answer(&mut self, message: ToTerminal) -> io::Result<()> {
        match message {
            ToTerminal::Collect(collect) => self.collect(&collect),
            ToTerminal::AuthorizeResult { intent, stan, .. } => {
                self.say(ToCloud::ResultConfirmed { intent, stan })
            }
            ToTerminal::Cancel { .. } => self.end(),
            ToTerminal::Configure(Configure { version, .. }) => {
                self.say(ToCloud::ConfigApplied(ConfigApplied { version, error: None }))
            }
            ToTerminal::PresentCard(command) => {
                if let Some(arrivals) = &self.fleet.arrivals {
                    arrivals.arrived(command.request);
                }
                Ok(())
            }
            ToTerminal::Perform(_)
            | ToTerminal::CertificateIssued { .. }
            | ToTerminal::CertificateRefused { .. }
            | ToTerminal::LanAccess(_)
            | ToTerminal::LanCertificateIssued { .. }
            | ToTerminal::OfficeAnswer(_) => Ok(()),
        }
    }

    fn collect(&mut self, collect: &Collect) -> io::Result<()> {
        let Collect { intent, attempt_epoch, amount, .. } = *collect;
        self.prompt = Some((intent, attempt_epoch));
        self.say(ToCloud::CollectAnswer(CollectAnswer { intent, attempt_epoch, answer: Takes::Prompting }))?;
        let Some(reader) = &self.reader else { return Ok(()) };
        self.stan += 1;
        let card = deck::usual().present(None, None).map_err(io::Error::other)?;
        let context = SealContext { terminal: &self.link_id, generation: 1, stan: self.stan, intent };
        let sealed_card = seal(&card, reader, context);
        let request = AuthorizationRequest {
            stan: self.stan,
            generation: 1,
            attempt_epoch,
            card: card.facts(),
            amount_minor: amount.amount_minor,
            tip: None,
        };
        self.prompt = None;
        let (origin, offline) = (None, None);
        self.say(ToCloud::Authorize(Authorize { intent, request, sealed_card, origin, offline }))
    }

    /// The customer presses cancel.
    fn end(&mut self) -> io::Result<()> {
        let Some((intent, attempt_epoch)) = self.prompt.take() else { return Ok(()) };
        let cause = EndCause::CustomerCancelled;
        self.say(ToCloud::Ended { intent, attempt_epoch, cause, origin: None })
    }
}

/// One end of a link without a network.
pub(super) struct Pipe {
    out: mpsc::Sender<Bytes>,
    inward: mpsc::Receiver<Bytes>,
}

/// Both ends of a link without a network.
pub(super) fn pipe() -> (Pipe, Pipe) {
    let ((near, from_near), (far, from_far)) = (mpsc::channel(PIPE), mpsc::channel(PIPE));
    (Pipe { out: near, inward: from_far }, Pipe { out: far, inward: from_near })
}

impl FrameIo for Pipe {
    async fn send(&mut self, frame: Bytes) -> io::Result<()> {
        self.out.send(frame).await.map_err(|_| io::ErrorKind::BrokenPipe.into())
    }

    async fn recv(&mut self) -> io::Result<Option<Bytes>> {
        Ok(self.inward.recv().await)
    }
}

/// A WebSocket over mutual TLS to the gateway.
pub(super) async fn connect(address: SocketAddr, tls: Arc<ClientConfig>) -> io::Result<WssFrames> {
    WssConnector::new(&address.to_string(), "localhost", tls)?.connect().await
}

/// A thread with a runtime of its own for what stands on the other side of the server.
pub(super) fn outside() -> Result<Outside, Failure> {
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.during("starting the terminals")?;
    let handle = runtime.handle().clone();
    let thread = std::thread::Builder::new().name("terminals".into()).spawn(move || {
        // Dropped or told, both mean the end.
        let _ = runtime.block_on(stopped);
        runtime.shutdown_timeout(Duration::from_secs(1));
    });
    Ok(Outside { handle, _stop: stop, _thread: thread.during("starting the terminals")? })
}

/// See [`outside`]. Ends when dropped.
pub(super) struct Outside {
    pub(super) handle: tokio::runtime::Handle,
    _stop: tokio::sync::oneshot::Sender<()>,
    _thread: std::thread::JoinHandle<()>,
}

impl Outside {
    /// Runs a future there and waits for it.
    pub(super) fn block_on<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T, Failure>> + Send + 'static,
    ) -> Result<T, Failure> {
        let (done, finished) = std::sync::mpsc::sync_channel(1);
        self.handle.spawn(async move {
            // Whoever does not wait any more does not want to know.
            let _ = done.send(work.await);
        });
        finished.recv().during("waiting for the terminals")?
    }
}
