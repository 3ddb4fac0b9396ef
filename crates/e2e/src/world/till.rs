//! A till: works through its orders like a merchant's server on a bad day. It hangs up, asks again, asks twice, looks
//! up, cancels, captures; and remembers all that it was told.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use rand::RngExt as _;
use rand_chacha::ChaCha8Rng;
use tokio::time::{Instant, sleep, timeout};
use vinr_domain::payment::{CaptureMethod, Illegal, ResponseMode, Status};
use vinr_domain::{Currency, DeclineCode, Money, PaymentId};
use vinr_server::access::Principal;
use vinr_server::once::IdempotencyKey;
use vinr_server::payments::{Answered, Payments};
use vinr_server::platform::Platform;
use vinr_server::refusal::Refusal;
use vinr_wire::link::Simulation;
use vinr_wire::rest::payment::{Cursor, NewPayment, PaymentFilter, Place};
use vinr_wire::rest::view::PaymentView;

use super::claims::Claims;
use super::cloud::Cloud;
use super::happening::Happening;
use super::log::Log;
use super::order::{Order, Then};
use super::refunds::Receipts;
use super::station::{self, Station};
use super::weather::Weather;

/// The API key of every till.
pub(super) const KEY: &str = "sk_test_world";

/// How long a till follows one order before it leaves the rest to whoever reads the books.
const FOLLOWS: Duration = Duration::from_secs(600);

/// One till.
#[derive(Clone)]
pub(super) struct Till {
    pub(super) name: String,
    pub(super) cloud: Arc<Cloud>,
    pub(super) stations: Vec<Arc<Station>>,
    pub(super) claims: Claims,
    pub(super) receipts: Receipts,
    pub(super) weather: Weather,
    pub(super) log: Log,
    pub(super) rng: ChaCha8Rng,
}

/// What a till knows after it asked.
#[derive(Debug)]
enum Heard {
    Answer(Box<Answered>),
    No(Refusal),
    /// Nothing: the server may have acted or not.
    Nothing,
}

impl Till {
    pub(super) async fn work(mut self, orders: Vec<Order>) {
        for order in orders {
            sleep(Duration::from_millis(order.pause_ms)).await;
            self.serve(&order).await;
        }
        self.log.say(&self.name, format_args!("has no more orders"));
    }

    pub(super) async fn serve(&mut self, order: &Order) {
        self.log.say(&self.name, format_args!("begins {order:?}"));
        let station = Arc::clone(&self.stations[order.terminal]);
        let press = async {
            if let Some(ms) = order.press_cancel_after_ms {
                sleep(Duration::from_millis(ms)).await;
                station.order(station::Order::PressCancel);
            }
        };
        let sale = async {
            let Some(id) = self.open(order).await else { return };
            self.maybe_cancel(order, id).await;
            let Some(view) = self.follow(order, id).await else { return };
            self.count(&view);
            if view.status == Status::Authorized {
                self.settle(order, &view).await;
            }
            if !order.refunds.is_empty() {
                self.refund(order, id).await;
            }
        };
        tokio::join!(press, sale);
    }

    /// Asks for the payment until it has one, or must not ask again.
    pub(super) async fn open(&mut self, order: &Order) -> Option<PaymentId> {
        let give_up_at = Instant::now() + FOLLOWS;
        let mut tries = 0;
        while Instant::now() < give_up_at {
            if tries > 0 {
                self.log.happened(Happening::AskedAgain);
            }
            let heard = self.create(order, tries).await;
            tries += 1;
            match heard {
                Heard::Answer(answer) => return Some(answer.view.id),
                Heard::No(Refusal::DuplicateReference(id)) => return Some(id),
                Heard::No(Refusal::Overloaded) => {}
                Heard::No(Refusal::Unavailable { .. }) | Heard::Nothing if order.is_named() => {}
                Heard::No(Refusal::Unavailable { .. }) | Heard::Nothing if order.reference => {
                    return self.look_up(order).await;
                }
                // A sale without a name that was not answered: asking again could be a second one.
                Heard::No(Refusal::Unavailable { .. }) | Heard::Nothing => return None,
                Heard::No(refusal) => {
                    self.log.violated("I7", format_args!("order {} is refused: {refusal}", order.number));
                    return None;
                }
            }
            let pause = self.rng.random_range(200..5_000);
            sleep(Duration::from_millis(pause)).await;
        }
        None
    }

    async fn create(&mut self, order: &Order, tries: u32) -> Heard {
        let patience = order.patience_ms.filter(|_| tries == 0);
        let twice = order.twice_after_ms.filter(|_| tries == 0);
        let mut second = self.clone();
        second.rng = super::streams::stream(self.rng.random_range(0..u64::MAX), "second", order.number);
        let again = async {
            let Some(ms) = twice else { return };
            sleep(Duration::from_millis(ms)).await;
            second.log.happened(Happening::AskedTwice);
            second.create_once(order).await;
        };
        let first = async {
            let Some(ms) = patience else { return self.create_once(order).await };
            let log = self.log.clone();
            let asked = timeout(Duration::from_millis(ms), self.create_once(order)).await;
            asked.unwrap_or_else(|_elapsed| {
                log.happened(Happening::HungUp);
                Heard::Nothing
            })
        };
        tokio::join!(first, again).0
    }

    async fn create_once(&mut self, order: &Order) -> Heard {
        let (new, key) = (new_payment(order, &self.stations), self.key(order, "create", order.key));
        let simulation = simulation(order);
        let create = move |payments: Payments, who: Arc<Principal>| async move {
            payments.create(&who, new, simulation, key).await
        };
        let heard = self.ask(create).await;
        self.hear(order, "create", heard)
    }

    /// What was taken is given back, if anything was.
    async fn refund(&mut self, order: &Order, id: PaymentId) {
        let Some(view) = self.follow(order, id).await else { return };
        if matches!(view.status, Status::Completed | Status::Authorized) {
            self.give_back(&order.refunds, &view).await;
        }
    }

    async fn ask<F>(&mut self, ask: impl FnOnce(Payments, Arc<Principal>) -> F) -> Option<F::Output>
    where
        F: Future,
    {
        self.ask_platform(|platform, who| ask(platform.payments.clone(), who)).await
    }

    /// Sends a request and waits for its answer; either may be lost on the way.
    pub(super) async fn ask_platform<F>(
        &mut self,
        ask: impl FnOnce(Arc<Platform>, Arc<Principal>) -> F,
    ) -> Option<F::Output>
    where
        F: Future,
    {
        let (there, back) = (self.rng.random_range(1..60), self.rng.random_range(1..60));
        let (ticket, lost) = (self.rng.random_range(0..1000_u32), self.weather.till_lost);
        sleep(Duration::from_millis(there)).await;
        if ticket < lost && !self.weather.is_over() {
            self.log.happened(Happening::TillRequestLost);
            return None;
        }
        let cloud = Arc::clone(&self.cloud);
        let answer = cloud
            .call(|platform| async move {
                let who = platform.keys.authenticate(KEY, platform.ports.clock.wall()).ok()?;
                Some(ask(platform, who).await)
            })
            .await
            .flatten();
        sleep(Duration::from_millis(back)).await;
        if (lost..2 * lost).contains(&ticket) && !self.weather.is_over() {
            self.log.happened(Happening::TillAnswerLost);
            return None;
        }
        answer
    }

    fn hear(&self, order: &Order, what: &str, answer: Option<Result<Answered, Refusal>>) -> Heard {
        match answer {
            Some(Ok(answered)) => {
                let Answered { view, status, replayed } = &answered;
                let (id, is, captured) = (view.id, view.status, view.captured_minor);
                self.log.say(
                    &self.name,
                    format_args!("{what}: {status} {id} {is:?} captured {captured} replayed {replayed}"),
                );
                self.claims.hear(order, view, false);
                Heard::Answer(Box::new(answered))
            }
            Some(Err(refusal)) => {
                self.log.say(&self.name, format_args!("{what}: no, {refusal}"));
                Heard::No(refusal)
            }
            None => {
                self.log.say(&self.name, format_args!("{what}: no answer"));
                Heard::Nothing
            }
        }
    }

    fn key(&self, order: &Order, what: &str, given: bool) -> Option<IdempotencyKey> {
        let mut fingerprint = [0; 32];
        fingerprint[..8].copy_from_slice(&order.number.to_le_bytes());
        let key = format!("{what}-{}", order.number);
        given.then(|| IdempotencyKey { operation: what.into(), key: key.into(), fingerprint })
    }

    /// A payment of the order's reference, if there is one.
    async fn look_up(&mut self, order: &Order) -> Option<PaymentId> {
        let give_up_at = Instant::now() + FOLLOWS;
        while Instant::now() < give_up_at {
            let pause = self.rng.random_range(500..4_000);
            sleep(Duration::from_millis(pause)).await;
            let query = listed_by(reference(order));
            let found = self.ask(move |payments, who| async move { payments.list(&who, query).await }).await;
            let Some(Ok((views, _more))) = found else { continue };
            self.log.happened(Happening::LookedUp);
            return views.first().map(|view| {
                self.claims.hear(order, view, true);
                view.id
            });
        }
        None
    }

    pub(super) async fn maybe_cancel(&mut self, order: &Order, id: PaymentId) {
        let Some(ms) = order.cancel_after_ms else { return };
        sleep(Duration::from_millis(ms)).await;
        for _ in 0..5 {
            self.log.happened(Happening::CancelAsked);
            let key = self.key(order, "cancel", order.key);
            let heard =
                self.ask(move |payments, who| async move { payments.cancel(&who, id, key).await }).await;
            match self.hear(order, "cancel", heard) {
                Heard::Answer(answer) => {
                    if answer.view.status == Status::Cancelled {
                        self.log.happened(Happening::CancelWon);
                    }
                    return;
                }
                Heard::No(Refusal::Illegal(Illegal::CancelNotAllowed)) => {
                    self.log.happened(Happening::CancelTooLate);
                    return;
                }
                Heard::No(Refusal::Overloaded | Refusal::Unavailable { .. }) | Heard::Nothing => {}
                Heard::No(refusal) => {
                    self.log.violated("I7", format_args!("cancel of {id} is refused: {refusal}"));
                    return;
                }
            }
            let pause = self.rng.random_range(200..4_000);
            sleep(Duration::from_millis(pause)).await;
        }
    }

    /// Retrieves until the payment is held or final.
    pub(super) async fn follow(&mut self, order: &Order, id: PaymentId) -> Option<PaymentView> {
        let give_up_at = Instant::now() + FOLLOWS;
        while Instant::now() < give_up_at {
            if let Some(view) = self.retrieve(order, id).await
                && (view.status.is_final() || view.status == Status::Authorized)
            {
                return Some(view);
            }
            let pause = self.rng.random_range(500..4_000);
            sleep(Duration::from_millis(pause)).await;
        }
        None
    }

    async fn retrieve(&mut self, order: &Order, id: PaymentId) -> Option<PaymentView> {
        let read = self.ask(move |payments, who| async move { payments.retrieve(&who, id).await }).await;
        match read? {
            Ok(view) => {
                if view.outcome_unknown {
                    self.log.happened(Happening::OutcomeUnknown);
                }
                self.claims.hear(order, &view, true);
                Some(view)
            }
            Err(Refusal::NoSuchPayment) => {
                self.log.violated("I7", format_args!("{id} was answered and does not exist"));
                None
            }
            Err(_) => None,
        }
    }

    /// Captures or voids what is held, or leaves it.
    async fn settle(&mut self, order: &Order, view: &PaymentView) {
        sleep(Duration::from_millis(order.then_after_ms)).await;
        let (id, held) = (view.id, view.capturable_minor);
        let amount = match order.then {
            Then::Capture => None,
            Then::CapturePart(percent) => Some((held * percent / 100).max(1)),
            Then::CaptureTooMuch => Some(held * 2),
            Then::Void => return self.void(order, id).await,
            Then::Leave => return,
        };
        for _ in 0..20 {
            let key = self.key(order, "capture", order.key);
            let capture = move |payments: Payments, who: Arc<Principal>| async move {
                payments.capture(&who, id, amount, key).await
            };
            let heard = self.ask(capture).await;
            match self.hear(order, "capture", heard) {
                Heard::Answer(_) => return self.log.happened(Happening::Captured),
                Heard::No(Refusal::Illegal(Illegal::AmountTooLarge { .. })) => {
                    return self.log.happened(Happening::CaptureRefused);
                }
                // Captured by the request whose answer was lost, or the clock was set past the hold.
                Heard::No(Refusal::Illegal(Illegal::AlreadyCaptured | Illegal::AuthorizationExpired)) => {
                    return;
                }
                Heard::No(Refusal::Overloaded | Refusal::Unavailable { .. }) | Heard::Nothing => {}
                Heard::No(refusal) => {
                    return self.log.violated("I7", format_args!("capture of {id} is refused: {refusal}"));
                }
            }
            let pause = self.rng.random_range(200..4_000);
            sleep(Duration::from_millis(pause)).await;
        }
    }

    async fn void(&mut self, order: &Order, id: PaymentId) {
        for _ in 0..20 {
            let key = self.key(order, "void", order.key);
            let heard =
                self.ask(move |payments, who| async move { payments.cancel(&who, id, key).await }).await;
            match self.hear(order, "void", heard) {
                Heard::Answer(_) => return self.log.happened(Happening::Voided),
                Heard::No(Refusal::Overloaded | Refusal::Unavailable { .. }) | Heard::Nothing => {}
                Heard::No(_) => return,
            }
            let pause = self.rng.random_range(200..4_000);
            sleep(Duration::from_millis(pause)).await;
        }
    }

    fn count(&self, view: &PaymentView) {
        let happening = match view.decline_code {
            Some(DeclineCode::TerminalBusy) => Happening::TerminalBusy,
            Some(DeclineCode::TerminalOffline) => Happening::TerminalOffline,
            Some(DeclineCode::CommunicationError) if view.card.is_some() => Happening::Reversed,
            Some(DeclineCode::CommunicationError) => return,
            Some(_) => Happening::Declined,
            None if view.capture_method == CaptureMethod::Automatic
                && (1..view.amount_minor).contains(&view.captured_minor) =>
            {
                Happening::ApprovedInPart
            }
            None => return,
        };
        self.log.happened(happening);
    }

    /// A sale after the storm, which nothing keeps from being paid.
    pub(super) async fn pay_at(&mut self, terminal: usize, number: u64) {
        let name = self.stations[terminal].name().to_owned();
        self.pay(calm(number, terminal, None), &name).await;
    }

    /// Begins a sale at the only terminal of this till; the card is presented after so many milliseconds.
    pub(super) async fn begin_at_leisure(&mut self, number: u64, delay_ms: u32) -> Option<PaymentId> {
        let mode = ResponseMode::Async;
        let order = Order { mode, delay_ms: Some(delay_ms), ..calm(number, 0, None) };
        self.open(&order).await
    }

    /// Whether the payment is known to have ended.
    pub(super) async fn has_ended(&mut self, id: PaymentId) -> bool {
        let read = self.ask(move |payments, who| async move { payments.retrieve(&who, id).await }).await;
        read.and_then(Result::ok).is_none_or(|view| view.status.is_final())
    }

    /// A sale at a terminal that is out of service is no sale.
    pub(super) async fn is_refused_at(&mut self, number: u64) {
        let (new, name) = (new_payment(&calm(number, 0, None), &self.stations), self.name.clone());
        let create = move |payments: Payments, who: Arc<Principal>| async move {
            payments.create(&who, new, None, None).await
        };
        if let Some(Ok(answer)) = self.ask(create).await
            && answer.view.decline_code != Some(DeclineCode::TerminalNotFound)
        {
            self.log.violated("I16", format_args!("{name} sells where nothing is: {:?}", answer.view));
        }
    }

    /// The same, wherever there is room first.
    pub(super) async fn pay_anywhere(&mut self, number: u64) {
        let all = (0..self.stations.len()).collect();
        self.pay(calm(number, 0, Some(all)), "the group of all terminals").await;
    }

    async fn pay(&mut self, order: Order, name: &str) {
        let heard = self.create_once(&order).await;
        let completed = matches!(&heard, Heard::Answer(answer) if answer.view.status == Status::Completed);
        if !completed {
            self.log.violated("I10", format_args!("after the storm {name} takes no payment: {heard:?}"));
        }
    }
}

fn calm(number: u64, terminal: usize, group: Option<Vec<usize>>) -> Order {
    Order {
        number,
        terminal,
        group,
        amount_minor: 1_000 + i64::try_from(number).unwrap_or(0) * 37,
        capture_method: CaptureMethod::Automatic,
        mode: ResponseMode::Sync,
        key: true,
        token: None,
        reference: false,
        card: None,
        delay_ms: Some(100),
        pause_ms: 0,
        patience_ms: None,
        twice_after_ms: None,
        cancel_after_ms: None,
        press_cancel_after_ms: None,
        then: Then::Leave,
        then_after_ms: 0,
        refunds: Vec::new(),
    }
}

pub(super) fn reference(order: &Order) -> Option<Arc<str>> {
    order.reference.then(|| format!("order-{}", order.number).into())
}

fn listed_by(reference: Option<Arc<str>>) -> PaymentFilter {
    PaymentFilter {
        terminal: None,
        location: None,
        status: None,
        created_from: None,
        created_to: None,
        reference,
        limit: 10,
        cursor: Cursor::Newest,
    }
}

fn place(order: &Order, stations: &[Arc<Station>]) -> Place {
    let name = |index: usize| Arc::<str>::from(stations[index].line.identity.to_string());
    match &order.group {
        Some(group) => Place::Group(group.iter().map(|index| name(*index)).collect()),
        None => Place::Terminal(name(order.terminal)),
    }
}

/// What the order asks for.
pub(super) fn asked(order: &Order) -> Money {
    let currency = Currency::parse("EUR").expect("ISO 4217 has it");
    Money { amount_minor: order.amount_minor, currency }
}

fn new_payment(order: &Order, stations: &[Arc<Station>]) -> NewPayment {
    NewPayment {
        place: place(order, stations),
        asked: asked(order),
        capture_method: order.capture_method,
        response_mode: order.mode,
        reference: reference(order),
        description: None,
        metadata: Default::default(),
        intent: order.token,
    }
}

fn simulation(order: &Order) -> Option<Simulation> {
    Some(Simulation { card: order.card.map(str::to_owned), delay_ms: order.delay_ms })
}
