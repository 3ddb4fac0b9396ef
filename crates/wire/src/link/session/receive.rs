//! The receiving half of a session: what a frame means where the connection stands. Sends nothing itself; it marks
//! what has become due.

use prost::Message as _;
use vinr_domain::Timestamp;

use super::event::{Event, HelloFacts, MAX_LOCAL_ADDRESSES, ProtocolError, RejectCode};
use super::{Phase, Role, Session};
use crate::generated::link as proto;
use crate::link::codec::{Message, name, percent};
use crate::link::message::DecodeError;
use crate::link::{MAX_FRAME_BYTES, PROTOCOL_VERSION};
use proto::frame::Body;

impl<Out: Message, In: Message> Session<Out, In> {
    /// Takes a frame from the other side. Never panics, whatever the bytes.
    ///
    /// # Errors
    /// [`ProtocolError`] when the other side broke the protocol. The connection is then over (hang up and call
    /// [`Self::disconnected`]); nothing that was said on either side is lost.
    pub fn receive(&mut self, bytes: &[u8], now_ms: i64) -> Result<(), ProtocolError> {
        let received = self.take(bytes, now_ms);
        if received.is_err() {
            self.phase = Phase::Closed;
        }
        received
    }

    fn take(&mut self, bytes: &[u8], now_ms: i64) -> Result<(), ProtocolError> {
        match self.phase {
            Phase::Idle => return Err(ProtocolError::NotConnected),
            // Whatever a refused peer still says, it has had its answer.
            Phase::Closed => return Ok(()),
            Phase::Greeting | Phase::Asked | Phase::Open => {}
        }
        if bytes.len() > MAX_FRAME_BYTES {
            return Err(DecodeError::TooLong.into());
        }
        let frame = proto::Frame::decode(bytes).map_err(DecodeError::from)?;
        match (self.phase, frame.body) {
            (_, Some(Body::Reject(reject))) if matches!(self.role, Role::Terminal(_)) => {
                self.rejected(reject);
                Ok(())
            }
            (Phase::Greeting, Some(Body::Hello(hello))) if matches!(self.role, Role::Cloud) => {
                self.greeted(hello, now_ms)
            }
            (Phase::Greeting, Some(Body::Welcome(welcome))) if matches!(self.role, Role::Terminal(_)) => {
                self.welcomed(welcome, now_ms)
            }
            (Phase::Open, body) => self.in_conversation(frame.seq, frame.ack, body, now_ms),
            (_, body) => Err(out_of_turn(body.as_ref())),
        }
    }

    fn greeted(&mut self, hello: proto::Hello, now_ms: i64) -> Result<(), ProtocolError> {
        self.heard_at_ms = now_ms;
        if hello.protocol_version != PROTOCOL_VERSION {
            let message = format!("this cloud speaks version {PROTOCOL_VERSION} of the protocol");
            self.close_with(RejectCode::UnsupportedVersion, &message);
            self.events.push_back(Event::Rejected { code: RejectCode::UnsupportedVersion, message });
            return Ok(());
        }
        if hello.stream == 0 {
            return Err(DecodeError::Invalid { field: "hello.stream" }.into());
        }
        if hello.peer_stream == self.stream {
            self.outbox.acknowledge(hello.peer_received, now_ms, self.limits)?;
        }
        self.inbox.greet(hello.stream, hello.next_seq, "hello.next_seq")?;
        self.battery_percent = percent(hello.battery_percent);
        self.phase = Phase::Asked;
        self.events.push_back(Event::Hello(HelloFacts {
            software_version: hello.software_version,
            model: hello.model,
            serial_number: hello.serial_number,
            battery_percent: self.battery_percent,
            has_printer: hello.has_printer,
            config_version: hello.config_version,
            mac: Some(hello.mac).filter(|mac| !mac.is_empty()),
            local_addresses: hello.local_addresses.into_iter().take(MAX_LOCAL_ADDRESSES).collect(),
            locked: hello.locked,
            offline_pending: hello.offline_pending,
        }));
        Ok(())
    }

    fn welcomed(&mut self, welcome: proto::Welcome, now_ms: i64) -> Result<(), ProtocolError> {
        if welcome.protocol_version != PROTOCOL_VERSION {
            return Err(ProtocolError::Version(welcome.protocol_version));
        }
        if welcome.peer_stream != self.stream {
            return Err(ProtocolError::OtherStream);
        }
        if welcome.stream == 0 {
            return Err(DecodeError::Invalid { field: "welcome.stream" }.into());
        }
        if welcome.heartbeat_ms == 0 {
            return Err(DecodeError::Invalid { field: "welcome.heartbeat_ms" }.into());
        }
        self.outbox.acknowledge(welcome.peer_received, now_ms, self.limits)?;
        let resumed = self.inbox.greet(welcome.stream, welcome.next_seq, "welcome.next_seq")?;
        self.outbox.reconnect(self.limits);
        self.phase = Phase::Open;
        self.heard_at_ms = now_ms;
        self.heartbeat_ms = welcome.heartbeat_ms;
        self.ping(now_ms);
        self.events.push_back(Event::Established {
            session_epoch: welcome.session_epoch,
            heartbeat_ms: welcome.heartbeat_ms,
            terminal_id: welcome.terminal_id,
            resumed,
        });
        self.events.push_back(Event::ClockSample {
            sent_ms: self.connected_at_ms,
            received_ms: now_ms,
            server_time: Timestamp(welcome.server_time_ms),
        });
        Ok(())
    }

    fn rejected(&mut self, reject: proto::Reject) {
        self.phase = Phase::Closed;
        let code = RejectCode::from_proto(reject.code());
        self.events.push_back(Event::Rejected { code, message: reject.message });
    }

    fn in_conversation(
        &mut self,
        seq: u64,
        ack: u64,
        body: Option<Body>,
        now_ms: i64,
    ) -> Result<(), ProtocolError> {
        if matches!(body, Some(Body::Hello(_) | Body::Welcome(_) | Body::Reject(_))) {
            return Err(out_of_turn(body.as_ref()));
        }
        self.heard_at_ms = now_ms;
        self.outbox.acknowledge(ack, now_ms, self.limits)?;
        if seq > 0 {
            return self.numbered(seq, body);
        }
        match body {
            None => Ok(()),
            Some(Body::Ping(ping)) => {
                self.pong = Some(ping.sender_monotonic_ms);
                if matches!(self.role, Role::Cloud) {
                    self.battery_percent = percent(ping.battery_percent);
                    self.rtt_ms = ping.rtt_ms.or(self.rtt_ms);
                }
                Ok(())
            }
            Some(Body::Pong(pong)) => self.ponged(pong, now_ms),
            Some(body) => Err(ProtocolError::Unnumbered { message: name(&body) }),
        }
    }

    fn numbered(&mut self, seq: u64, body: Option<Body>) -> Result<(), ProtocolError> {
        // Repeated even for what is dropped: the acknowledgement may be what was lost.
        self.ack_due = true;
        if !self.inbox.is_next(seq) {
            return Ok(());
        }
        if let Some(body) = body {
            let message = In::from_body(body)?;
            self.events.push_back(Event::Message(message));
        }
        self.inbox.advance();
        Ok(())
    }

    fn ponged(&mut self, pong: proto::Pong, now_ms: i64) -> Result<(), ProtocolError> {
        if matches!(self.role, Role::Cloud) {
            return Ok(());
        }
        let sent_ms = pong.echoed_monotonic_ms;
        if !(self.connected_at_ms..=now_ms).contains(&sent_ms) {
            return Err(ProtocolError::ForeignPong);
        }
        self.rtt_ms = u32::try_from(now_ms - sent_ms).ok();
        let server_time = Timestamp(pong.server_time_ms);
        self.events.push_back(Event::ClockSample { sent_ms, received_ms: now_ms, server_time });
        Ok(())
    }
}

fn out_of_turn(body: Option<&Body>) -> ProtocolError {
    ProtocolError::OutOfTurn { message: body.map_or("an acknowledgement", name) }
}
