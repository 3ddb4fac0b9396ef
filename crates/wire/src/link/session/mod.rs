//! The session of a device link, for both sides: greeting, order, acknowledgement, resending, heartbeats. Moves no
//! bytes, reads no clock, draws no number: whoever drives it brings frames, moments and the name of the stream.
//!
//! Messages are numbered per stream, delivered in order and once per life of sender and receiver. A stream is one
//! life of a sender; it outlives connections, so what was under way when one broke goes out again on the next.
//!
//! ```text
//! terminal                                   cloud
//!    │ Hello (stream, next, what it has) ──────▶│ Event::Hello → accept | reject
//!    │◀────── Welcome (stream, next, what it has)
//!    │ seq 1.. and ack ◀──────────────▶ seq 1.. and ack
//!    │ Ping, every heartbeat ─────────────────▶│
//!    │◀───────────────────────── Pong with the time
//! ```

mod event;
mod inbox;
mod outbox;
mod receive;
mod suspended;

use std::collections::VecDeque;
use std::marker::PhantomData;

use bytes::Bytes;
use prost::Message as _;
use vinr_domain::Timestamp;

pub use event::{Event, HelloFacts, Limits, MAX_LOCAL_ADDRESSES, ProtocolError, QueueError, RejectCode};
pub use suspended::Suspended;

use self::inbox::Inbox;
use self::outbox::Outbox;
use super::codec::Message;
use super::message::{ToCloud, ToTerminal};
use super::{MAX_FRAME_BYTES, PROTOCOL_VERSION};
use crate::generated::link as proto;
use proto::frame::Body;

/// Room in a frame for its numbers, beside the body.
const FRAME_HEAD_BYTES: usize = 32;
/// How long a peer that has been refused may take to hang up, in milliseconds.
const HANG_UP_MS: i64 = 5_000;

/// One side of a device link; `Out` is what it says, `In` what it hears.
///
/// Drive it so: after anything that goes in ([`Self::connected`], [`Self::receive`], [`Self::wake`],
/// [`Self::queue`]), take every [`Self::poll_event`], then write every [`Self::poll_frame`], then wait for the next
/// frame or for [`Self::next_wakeup`]. An error from [`Self::receive`] ends the connection, not the session.
pub struct Session<Out, In> {
    role: Role,
    phase: Phase,
    limits: Limits,
    stream: u64,
    outbox: Outbox,
    inbox: Inbox,
    events: VecDeque<Event<In>>,
    /// A greeting or a refusal that waits to be written.
    control: Option<Box<Body>>,
    /// What the pong that waits to be written echoes.
    pong: Option<i64>,
    ack_due: bool,
    ping_due: bool,
    ping_at_ms: i64,
    connected_at_ms: i64,
    heard_at_ms: i64,
    heartbeat_ms: u32,
    battery_percent: Option<u8>,
    /// How long the terminal's last ping of this connection took to be answered.
    rtt_ms: Option<u32>,
    says: PhantomData<fn(Out)>,
}

enum Role {
    Terminal(Box<HelloFacts>),
    Cloud,
}

/// Where the connection stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// There is none.
    Idle,
    /// The terminal waits for the welcome, the cloud for the hello.
    Greeting,
    /// The cloud has the hello and has not answered it.
    Asked,
    /// Messages flow.
    Open,
    /// Refused, dead or at fault; to be hung up.
    Closed,
}

impl Session<ToCloud, ToTerminal> {
    /// The terminal's side. `stream` names this life of the terminal: drawn at random at every start, never 0.
    #[must_use]
    pub fn terminal(stream: u64, hello: HelloFacts, limits: Limits) -> Self {
        let battery_percent = hello.battery_percent;
        let role = Role::Terminal(Box::new(hello));
        Self { battery_percent, ..Self::begin(role, stream, Outbox::new(limits), Inbox::default(), limits) }
    }

    /// What the next connection's greeting says of the terminal, and the next heartbeat of its battery.
    pub fn set_facts(&mut self, hello: HelloFacts) {
        self.battery_percent = hello.battery_percent;
        self.role = Role::Terminal(Box::new(hello));
    }

    /// What the next heartbeat says of the battery, in percent; `None` when mains-powered.
    pub fn set_battery(&mut self, percent: Option<u8>) {
        self.battery_percent = percent;
        if let Role::Terminal(facts) = &mut self.role {
            facts.battery_percent = percent;
        }
    }
}

impl Session<ToTerminal, ToCloud> {
    /// The cloud's side for a terminal that it remembers nothing of. `stream` names this life of the cloud towards
    /// it: drawn at random, never 0.
    #[must_use]
    pub fn cloud(stream: u64, limits: Limits) -> Self {
        Self::begin(Role::Cloud, stream, Outbox::new(limits), Inbox::default(), limits)
    }

    /// The cloud's side, continued where [`Self::suspend`] left it.
    #[must_use]
    pub fn cloud_resumed(suspended: Suspended, limits: Limits) -> Self {
        let (stream, outbox, inbox) = suspended.into_parts(limits);
        Self::begin(Role::Cloud, stream, outbox, inbox, limits)
    }

    /// What must be kept of the session between connections; a few words when nothing is unacknowledged.
    #[must_use]
    pub fn suspend(self) -> Suspended {
        Suspended::of(self.stream, self.outbox, &self.inbox)
    }

    /// Answers [`Event::Hello`] with a welcome; from now on messages flow. Without a hello to answer, nothing
    /// happens.
    pub fn accept(
        &mut self,
        session_epoch: u64,
        server_time: Timestamp,
        heartbeat_ms: u32,
        terminal_id: &str,
    ) {
        if self.phase != Phase::Asked {
            return;
        }
        self.phase = Phase::Open;
        self.heartbeat_ms = heartbeat_ms;
        self.outbox.reconnect(self.limits);
        self.control = Some(Box::new(Body::Welcome(proto::Welcome {
            protocol_version: PROTOCOL_VERSION,
            session_epoch,
            stream: self.stream,
            next_seq: self.outbox.first_unacknowledged(),
            peer_stream: self.inbox.stream(),
            peer_received: self.inbox.received(),
            server_time_ms: server_time.0,
            heartbeat_ms,
            terminal_id: terminal_id.to_owned(),
        })));
    }

    /// Refuses the hello, or ends the link later. The refusal is the last frame of the connection.
    pub fn reject(&mut self, code: RejectCode, message: &str) {
        if matches!(self.phase, Phase::Asked | Phase::Open) {
            self.close_with(code, message);
        }
    }

    /// What the terminal last said of its battery, in percent.
    #[must_use]
    pub fn battery_percent(&self) -> Option<u8> {
        self.battery_percent
    }

    /// How long the link takes there and back, in milliseconds, as the terminal last measured it on this connection;
    /// `None` before its second heartbeat.
    #[must_use]
    pub fn rtt_ms(&self) -> Option<u32> {
        self.rtt_ms
    }
}

impl<Out: Message, In: Message> Session<Out, In> {
    fn begin(role: Role, stream: u64, outbox: Outbox, inbox: Inbox, limits: Limits) -> Self {
        Self {
            role,
            phase: Phase::Idle,
            limits,
            stream,
            outbox,
            inbox,
            events: VecDeque::new(),
            control: None,
            pong: None,
            ack_due: false,
            ping_due: false,
            ping_at_ms: 0,
            connected_at_ms: 0,
            heard_at_ms: 0,
            heartbeat_ms: 0,
            battery_percent: None,
            rtt_ms: None,
            says: PhantomData,
        }
    }

    /// A new connection is up. Forgets the one before, as [`Self::disconnected`] does.
    pub fn connected(&mut self, now_ms: i64) {
        self.disconnected();
        self.phase = Phase::Greeting;
        self.connected_at_ms = now_ms;
        self.heard_at_ms = now_ms;
        if let Role::Terminal(facts) = &self.role {
            self.control = Some(Box::new(Body::Hello(proto::Hello {
                protocol_version: PROTOCOL_VERSION,
                stream: self.stream,
                next_seq: self.outbox.first_unacknowledged(),
                peer_stream: self.inbox.stream(),
                peer_received: self.inbox.received(),
                software_version: facts.software_version.clone(),
                model: facts.model.clone(),
                serial_number: facts.serial_number.clone(),
                battery_percent: facts.battery_percent.map(u32::from),
                has_printer: facts.has_printer,
                config_version: facts.config_version,
                mac: facts.mac.clone().unwrap_or_default(),
                local_addresses: facts.local_addresses.clone(),
                locked: facts.locked,
                offline_pending: facts.offline_pending,
            })));
        }
    }

    /// The connection is gone. What is unacknowledged, and the count of what was received, stay; events that were
    /// not taken yet stay too.
    pub fn disconnected(&mut self) {
        self.phase = Phase::Idle;
        self.control = None;
        self.pong = None;
        self.ack_due = false;
        self.ping_due = false;
        self.rtt_ms = None;
        self.outbox.reconnect(self.limits);
    }

    /// Whether messages flow.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.phase == Phase::Open
    }

    /// How many messages the other side has not acknowledged.
    #[must_use]
    pub fn unacknowledged(&self) -> usize {
        self.outbox.len()
    }

    /// Takes a message to be sent, now or on the next connection, until it is acknowledged.
    ///
    /// # Errors
    /// [`QueueError`] when too much is unacknowledged already, or when the message is longer than a frame.
    pub fn queue(&mut self, message: Out) -> Result<(), QueueError> {
        let body = proto::Frame { seq: 0, ack: 0, body: Some(message.into_body()) }.encode_to_vec();
        if body.len() + FRAME_HEAD_BYTES > MAX_FRAME_BYTES {
            return Err(QueueError::TooLong);
        }
        self.outbox.push(body.into(), self.limits)
    }

    /// The next thing that happened, if any.
    pub fn poll_event(&mut self) -> Option<Event<In>> {
        let event = self.events.pop_front();
        if self.events.is_empty() {
            // Gives the room back: ten thousand idle sessions are kept at the same time.
            self.events = VecDeque::new();
        }
        event
    }

    /// The next frame to be written, if any. `server_time` is the cloud's clock, which pongs carry; on the terminal
    /// nothing is made of it.
    pub fn poll_frame(&mut self, now_ms: i64, server_time: Timestamp) -> Option<Bytes> {
        if let Some(body) = self.control.take() {
            if matches!(*body, Body::Hello(_)) {
                // The round trip that the welcome closes begins here, not when the connection came up.
                self.connected_at_ms = now_ms;
            }
            return Some(proto::Frame { seq: 0, ack: 0, body: Some(*body) }.encode_to_vec().into());
        }
        if self.phase != Phase::Open {
            return None;
        }
        if let Some(echoed_monotonic_ms) = self.pong.take() {
            let server_time_ms = if matches!(self.role, Role::Cloud) { server_time.0 } else { 0 };
            return Some(
                self.frame(0, Some(Body::Pong(proto::Pong { echoed_monotonic_ms, server_time_ms }))),
            );
        }
        if let Some((seq, body)) = self.outbox.next(now_ms) {
            let mut frame = self.frame(seq, None).to_vec();
            // Encodings of one protobuf message concatenate to the encoding of their union.
            frame.extend_from_slice(&body);
            return Some(frame.into());
        }
        if self.ping_due {
            self.ping_due = false;
            let ping = proto::Ping {
                sender_monotonic_ms: now_ms,
                battery_percent: self.battery_percent.map(u32::from),
                rtt_ms: self.rtt_ms,
            };
            return Some(self.frame(0, Some(Body::Ping(ping))));
        }
        self.ack_due.then(|| self.frame(0, None))
    }

    /// When [`Self::wake`] must be called, whatever else happens; `None` while there is no connection.
    #[must_use]
    pub fn next_wakeup(&self) -> Option<i64> {
        let dead_at = self.dead_at()?;
        let open = self.phase == Phase::Open;
        let resend_at = self.outbox.resend_at().filter(|_| open);
        let ping_at = Some(self.ping_at_ms).filter(|_| open && matches!(self.role, Role::Terminal(_)));
        [resend_at, ping_at].into_iter().flatten().chain([dead_at]).min()
    }

    /// Time has passed: heartbeat, resend or give the peer up, whatever is due.
    pub fn wake(&mut self, now_ms: i64) {
        if self.dead_at().is_some_and(|at| now_ms >= at) {
            self.phase = Phase::Idle;
            self.events.push_back(Event::Dead);
            return;
        }
        if self.phase != Phase::Open {
            return;
        }
        self.outbox.wake(now_ms, self.limits);
        if matches!(self.role, Role::Terminal(_)) && now_ms >= self.ping_at_ms {
            self.ping(now_ms);
        }
    }

    /// When silence becomes an event.
    fn dead_at(&self) -> Option<i64> {
        let patience_ms = match (self.phase, &self.role) {
            (Phase::Idle, _) => return None,
            (Phase::Greeting | Phase::Asked, _) => i64::from(self.limits.greeting_ms),
            (Phase::Open, Role::Terminal(_)) => i64::from(self.heartbeat_ms) * 5 / 2,
            (Phase::Open, Role::Cloud) => i64::from(self.limits.silence_ms),
            (Phase::Closed, _) => HANG_UP_MS,
        };
        Some(self.heard_at_ms.saturating_add(patience_ms))
    }

    fn ping(&mut self, now_ms: i64) {
        self.ping_due = true;
        self.ping_at_ms = now_ms.saturating_add(i64::from(self.heartbeat_ms));
    }

    fn close_with(&mut self, code: RejectCode, message: &str) {
        let message = message.to_owned();
        self.phase = Phase::Closed;
        self.control = Some(Box::new(Body::Reject(proto::Reject { code: code.to_proto().into(), message })));
    }

    /// A frame of an open connection; each acknowledges.
    fn frame(&mut self, seq: u64, body: Option<Body>) -> Bytes {
        self.ack_due = false;
        proto::Frame { seq, ack: self.inbox.received(), body }.encode_to_vec().into()
    }
}
