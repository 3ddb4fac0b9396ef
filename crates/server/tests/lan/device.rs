//! A scripted terminal: a real link session over a pipe in memory. It says what it is told to say and remembers what it
//! hears.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use serde_json::Value;
use tokio::sync::mpsc;
use vinr_domain::payment::{AuthorizationRequest, CaptureMethod, Channel, EndCause, OfflineApproval, Origin};
use vinr_domain::{
    Brand, CardFacts, Currency, EntryMode, IntentId, Last4, Money, PaymentId, TerminalId, Timestamp,
};
use vinr_pki::DeviceIdentity;
use vinr_server::clock::Clock;
use vinr_wire::card::SealedCard;
use vinr_wire::link::chain::approval_hash;
use vinr_wire::link::{
    Authorize, Event, FrameIo, HelloFacts, HostVerdict, Limits, OfficeRequest, OfflineStanding, Operation,
    TerminalSession, ToCloud, ToTerminal,
};

use super::shop::{Shop, VirtualClock};

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
    requests: u64,
}

/// What a till ordered at the terminal.
#[derive(Clone)]
pub struct Sale {
    pub intent: u128,
    pub stan: u32,
    pub origin: Origin,
    pub approval: Option<OfflineApproval>,
}

impl Sale {
    /// 12.00 EUR, ordered now.
    pub fn new(shop: &Shop, intent: u128, stan: u32) -> Self {
        let now = shop.clock.wall();
        let origin = Origin {
            channel: Channel::Local,
            payment: PaymentId(PaymentId::first_at(now.0).0 + intent),
            asked: Money { amount_minor: 1_200, currency: Currency::parse("EUR").unwrap() },
            capture_method: CaptureMethod::Automatic,
            reference: Some(format!("order {intent}").into()),
            description: None,
            metadata: Arc::default(),
            created_at: now,
        };
        Self { intent, stan, origin, approval: None }
    }

    /// Approved by the terminal alone, as the next after `previous`.
    pub fn alone(mut self, number: u32, previous: [u8; 32], approved_at: Timestamp) -> Self {
        let mut approval = OfflineApproval { approved_at, number, previous, hash: [0; 32] };
        approval.hash = approval_hash(IntentId(self.intent), &self.request(), &approval, &sealed());
        self.approval = Some(approval);
        self
    }

    pub fn hash(&self) -> [u8; 32] {
        self.approval.unwrap().hash
    }

    pub fn request(&self) -> AuthorizationRequest {
        AuthorizationRequest {
            stan: self.stan,
            generation: 1,
            attempt_epoch: 0,
            card: CardFacts {
                brand: Brand::Visa,
                last4: Last4::parse("4242").unwrap(),
                entry_mode: EntryMode::Contactless,
            },
            amount_minor: self.origin.asked.amount_minor,
            tip: None,
        }
    }
}

fn sealed() -> SealedCard {
    SealedCard::from(vec![7; 60])
}

impl Device {
    /// Connects, and waits for the welcome.
    pub async fn connect(shop: &Shop, id: &str) -> Self {
        let (near, far) = pipe();
        let identity = DeviceIdentity::of_terminal(TerminalId::parse(id).unwrap()).unwrap();
        shop.platform.attach(identity, far);
        let facts = HelloFacts { software_version: "3.14.2".to_owned(), ..HelloFacts::default() };
        let clock = Arc::clone(&shop.clock);
        let mut session = TerminalSession::terminal(rand::random::<u64>() | 1, facts, Limits::default());
        session.connected(clock.monotonic_ms());
        let mut device = Self { session, io: near, clock, heard: Vec::new(), requests: 0 };
        device.live(100).await;
        device
    }

    /// Keeps the link alive for this long.
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

    /// Asks for the sale's authorization, or forwards the terminal's own approval.
    pub async fn authorize(&mut self, sale: &Sale) {
        self.say(ToCloud::Authorize(Authorize {
            intent: IntentId(sale.intent),
            request: sale.request(),
            sealed_card: sealed(),
            origin: Some(sale.origin.clone()),
            offline: sale.approval,
        }))
        .await;
    }

    /// Says that the sale ended before a card.
    pub async fn ended(&mut self, sale: &Sale, cause: EndCause) {
        let (intent, origin) = (IntentId(sale.intent), Some(sale.origin.clone()));
        self.say(ToCloud::Ended { intent, attempt_epoch: 0, cause, origin }).await;
    }

    /// Says what waits.
    pub async fn stands(&mut self, pending: u32, last_number: u32) {
        let currency = Currency::parse("EUR").ok();
        let oldest_at = (pending > 0).then_some(self.clock.wall());
        let amount_minor = i64::from(pending) * 1_200;
        let standing =
            OfflineStanding { pending, amount_minor, currency, oldest_at, generation: 1, last_number };
        self.say(ToCloud::OfflineStanding(standing)).await;
    }

    /// The verdicts since it was last asked: of which request, what, and under which name.
    pub fn verdicts(&mut self) -> Vec<(u32, HostVerdict, Option<PaymentId>)> {
        let (verdicts, rest) = std::mem::take(&mut self.heard)
            .into_iter()
            .partition::<Vec<_>, _>(|message| matches!(message, ToTerminal::AuthorizeResult { .. }));
        self.heard = rest;
        let read = |message| match message {
            ToTerminal::AuthorizeResult { stan, verdict, renamed, .. } => Some((stan, verdict, renamed)),
            _ => None,
        };
        verdicts.into_iter().filter_map(read).collect()
    }

    /// Asks the office for something, and waits for its answer: status, body, whether it was given before.
    pub async fn ask(&mut self, operation: Operation, key: Option<&str>, body: &Value) -> (u16, Value, bool) {
        self.requests += 1;
        let request = OfficeRequest {
            request: self.requests,
            operation,
            key: key.map(Into::into),
            body: body.to_string().into(),
        };
        self.say(ToCloud::OfficeRequest(request)).await;
        for _ in 0..100 {
            let answered = self.heard.iter().position(
                |message| matches!(message, ToTerminal::OfficeAnswer(answer) if answer.request == self.requests),
            );
            if let Some(at) = answered
                && let ToTerminal::OfficeAnswer(answer) = self.heard.remove(at)
            {
                return (answer.status, serde_json::from_slice(&answer.body).unwrap(), answer.replayed);
            }
            self.live(200).await;
        }
        (0, Value::Null, false)
    }
}
