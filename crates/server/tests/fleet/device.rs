//! A scripted terminal: a real link session over a pipe in memory.

use std::collections::BTreeSet;
use std::io;
use std::sync::Arc;

use bytes::Bytes;
use tokio::sync::mpsc;
use vinr_domain::{Attention, TerminalId, Timestamp};
use vinr_pki::{DeviceIdentity, LeafFacts};
use vinr_server::clock::Clock;
use vinr_wire::link::{
    DeviceStatus, Event, FrameIo, HelloFacts, Limits, RejectCode, TerminalSession, ToCloud,
};

use super::house::{House, HouseClock};

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

/// What a device says of itself.
pub fn facts() -> HelloFacts {
    HelloFacts {
        software_version: "3.14.2".to_owned(),
        model: "nexgo_n92".to_owned(),
        serial_number: "SN-00482910".to_owned(),
        battery_percent: Some(87),
        has_printer: true,
        ..HelloFacts::default()
    }
}

fn identity(id: &str) -> DeviceIdentity {
    DeviceIdentity::of_terminal(TerminalId::parse(id).unwrap()).unwrap()
}

/// A terminal that is connected.
pub struct Device {
    session: TerminalSession,
    io: Pipe,
    clock: Arc<HouseClock>,
}

impl Device {
    /// Connects, and waits for the welcome.
    pub async fn connect(house: &House, id: &str) -> Self {
        Self::try_connect(house, id, facts()).await.expect("the terminal is welcome")
    }

    pub async fn try_connect(house: &House, id: &str, facts: HelloFacts) -> Result<Self, RejectCode> {
        let (near, far) = pipe();
        house.platform.attach(identity(id), far);
        Self::greet(house, near, facts).await
    }

    /// Connects with a certificate that ends then.
    pub async fn certified(house: &House, id: &str, not_after: Timestamp) -> Self {
        let (near, far) = pipe();
        let (serial, fingerprint) = ("01".to_owned(), "ab".repeat(32));
        let leaf = LeafFacts { serial, fingerprint, not_before: Timestamp(0), not_after };
        house.platform.attach_certified(identity(id), leaf, far);
        Self::greet(house, near, facts()).await.expect("the terminal is welcome")
    }

    async fn greet(house: &House, near: Pipe, facts: HelloFacts) -> Result<Self, RejectCode> {
        let clock = Arc::clone(&house.clock);
        let mut session = TerminalSession::terminal(rand::random::<u64>() | 1, facts, Limits::default());
        session.connected(clock.monotonic_ms());
        let mut device = Self { session, io: near, clock };
        loop {
            device.write().await;
            let frame = device.io.recv().await.unwrap().expect("the cloud answers the greeting");
            device.session.receive(&frame, device.clock.monotonic_ms()).unwrap();
            while let Some(event) = device.session.poll_event() {
                match event {
                    Event::Established { .. } => return Ok(device),
                    Event::Rejected { code, .. } => return Err(code),
                    Event::Hello(_) | Event::Message(_) | Event::ClockSample { .. } | Event::Dead => {}
                }
            }
        }
    }

    async fn write(&mut self) {
        while let Some(frame) = self.session.poll_frame(self.clock.monotonic_ms(), Timestamp::default()) {
            let _ = self.io.send(frame).await;
        }
    }

    /// Keeps the link alive for this long, with heartbeats and answers.
    pub async fn live(&mut self, ms: i64) {
        let until = self.clock.monotonic_ms() + ms;
        loop {
            self.write().await;
            while self.session.poll_event().is_some() {}
            let now = self.clock.monotonic_ms();
            if now >= until {
                return;
            }
            let wake = self.session.next_wakeup().unwrap_or(until).clamp(now + 1, until);
            let wait = std::time::Duration::from_millis((wake - now).unsigned_abs());
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

    /// Says how it is.
    pub async fn report(&mut self, wrong: &[Attention], locked: bool, battery_percent: Option<u8>) {
        let status = DeviceStatus {
            battery_percent,
            needs_attention: wrong.iter().copied().collect::<BTreeSet<_>>(),
            locked,
            software_version: "3.14.2".to_owned(),
            storage_free_bytes: None,
        };
        self.session.set_battery(battery_percent);
        self.session.queue(ToCloud::DeviceStatus(status)).unwrap();
        self.live(100).await;
    }
}
