//! A scripted terminal: a real link session over a pipe in memory. It answers nothing by itself.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use serde_json::Value;
use tokio::sync::mpsc;
use vinr_domain::{TerminalId, Timestamp};
use vinr_pki::DeviceIdentity;
use vinr_server::clock::Clock;
use vinr_wire::link::{
    ActionProgress, ActionReport, ConfigApplied, Configure, Event, FrameIo, HelloFacts, Limits, Perform,
    TerminalSession, ToCloud, ToTerminal,
};

use super::office::{Office, VirtualClock};

struct Pipe {
    out: mpsc::Sender<Bytes>,
    inward: mpsc::Receiver<Bytes>,
}

fn pipe() -> (Pipe, Pipe) {
    let ((near, from_near), (far, from_far)) = (mpsc::channel(64), mpsc::channel(64));
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

/// A terminal that is connected.
pub struct Device {
    session: TerminalSession,
    io: Pipe,
    clock: Arc<VirtualClock>,
    heard: Vec<ToTerminal>,
}

impl Device {
    /// Connects with this version of its configuration, and waits for the welcome.
    pub async fn connect(office: &Office, id: &str, config_version: u64) -> Self {
        let (near, far) = pipe();
        let identity = DeviceIdentity::of_terminal(TerminalId::parse(id).unwrap()).unwrap();
        office.platform.attach(identity, far);
        let facts = HelloFacts {
            software_version: "3.14.2".to_owned(),
            model: "nexgo_n92".to_owned(),
            serial_number: "SN-1".to_owned(),
            config_version,
            ..HelloFacts::default()
        };
        let clock = Arc::clone(&office.clock);
        let mut session = TerminalSession::terminal(rand::random::<u64>() | 1, facts, Limits::default());
        session.connected(clock.monotonic_ms());
        let mut device = Self { session, io: near, clock, heard: Vec::new() };
        device.live(100).await;
        device
    }

    /// Keeps the link alive for this long, with heartbeats; remembers what the cloud says.
    pub async fn live(&mut self, ms: i64) {
        let until = self.clock.monotonic_ms() + ms;
        loop {
            while let Some(frame) = self.session.poll_frame(self.clock.monotonic_ms(), Timestamp::default()) {
                let _ = self.io.send(frame).await;
            }
            while let Some(event) = self.session.poll_event() {
                if let Event::Message(message) = event {
                    self.heard.push(message);
                }
            }
            let now = self.clock.monotonic_ms();
            if now >= until {
                return;
            }
            let wake = self.session.next_wakeup().unwrap_or(until).clamp(now + 1, until);
            let wait = Duration::from_millis((wake - now).unsigned_abs());
            tokio::select! {
                biased;
                frame = self.io.recv() => match frame.unwrap() {
                    Some(frame) => self.session.receive(&frame, self.clock.monotonic_ms()).unwrap(),
                    None => return,
                },
                () = tokio::time::sleep(wait) => self.session.wake(self.clock.monotonic_ms()),
            }
        }
    }

    async fn say(&mut self, message: ToCloud) {
        self.session.queue(message).unwrap();
        self.live(100).await;
    }

    /// The configurations that it was sent since it was last asked.
    pub fn configurations(&mut self) -> Vec<(u64, Value)> {
        let (configurations, rest) = std::mem::take(&mut self.heard)
            .into_iter()
            .partition::<Vec<_>, _>(|message| matches!(message, ToTerminal::Configure(_)));
        self.heard = rest;
        let read = |message| match message {
            ToTerminal::Configure(Configure { version, config }) => {
                Some((version, serde_json::from_slice(&config).unwrap()))
            }
            _ => None,
        };
        configurations.into_iter().filter_map(read).collect()
    }

    /// The actions that it was told to perform since it was last asked.
    pub fn actions(&mut self) -> Vec<Perform> {
        let (actions, rest) = std::mem::take(&mut self.heard)
            .into_iter()
            .partition::<Vec<_>, _>(|message| matches!(message, ToTerminal::Perform(_)));
        self.heard = rest;
        let read = |message| match message {
            ToTerminal::Perform(perform) => Some(perform),
            _ => None,
        };
        actions.into_iter().filter_map(read).collect()
    }

    /// Says what became of a configuration.
    pub async fn applied(&mut self, version: u64, error: Option<&str>) {
        let error = error.map(str::to_owned);
        self.say(ToCloud::ConfigApplied(ConfigApplied { version, error })).await;
    }

    /// Says how an action stands.
    pub async fn report(&mut self, perform: &Perform, state: ActionProgress) {
        let software_version = "3.14.2".to_owned();
        self.say(ToCloud::ActionReport(ActionReport { action: perform.action, state, software_version }))
            .await;
    }
}
