//! Tills that order at the terminal itself, in the merchant's network, and turn to the cloud with the same sale when they
//! hear nothing in time: to the same terminal, to another once the first has let go, and some to another at once, which
//! no till should and no charge may depend on.
//!
//! A till that has turned to the cloud believes the cloud alone. One that has not believes its terminal, and what it was
//! told is held against the books when the world is at rest (I18).

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rand::RngExt as _;
use tokio::time::{Instant, sleep, timeout};
use vinr_domain::device::State;
use vinr_domain::payment::{CaptureMethod, Channel, Payment, ResponseMode, Status};
use vinr_domain::{DeclineCode, IntentId, PaymentId};
use vinr_terminal::till::{Earlier, Lookup, Sale, TillOrder, TillRefusal, TillTip};
use vinr_wire::link::Simulation;

use super::happening::Happening;
use super::line::Noticed;
use super::log::Log;
use super::order::{Order, Then};
use super::streams::stream;
use super::till::{Till, asked, reference};

/// The number of the first order; nobody else's are so high.
pub(super) const FIRST: u64 = 5_000;
/// How long a till tries to have its order taken.
const TRIES: Duration = Duration::from_secs(240);
/// Longer than a prompt, its margin and the clocks' errors: whoever has not read a card by then never will.
pub(super) const LET_GO: Duration = Duration::from_secs(130);

/// What a till of the merchant's network was told of its sale, and believes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Word {
    /// By its terminal: paid.
    Paid {
        authorized_minor: i64,
        /// By the terminal alone.
        alone: bool,
    },
    /// By its terminal: not paid, and never will be.
    NotPaid,
    /// It asked the cloud, and believes nobody else.
    Delegated,
}

/// What all of them were told.
#[derive(Clone, Debug, Default)]
pub(super) struct Slips(Arc<Mutex<BTreeMap<IntentId, Word>>>);

/// What a till does about one sale.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    pub(super) order: Order,
    pub(super) intent: IntentId,
    pub(super) patience_ms: u64,
    pub(super) turns: Turns,
    /// The shop loses the internet just before, for this long.
    pub(super) cut_off_ms: Option<u64>,
}

/// Where it turns when it has lost patience.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turns {
    /// Nowhere: it goes on asking its terminal.
    Nowhere,
    /// To the cloud, for the same terminal.
    Same,
    /// To the cloud, for another terminal, once this one has let go.
    Other,
    /// The same at once.
    OtherAtOnce,
}

/// How many tills of the network there are in the world of a seed.
pub(super) fn how_many(seed: u64) -> u64 {
    stream(seed, "counters", 0).random_range(0..=2)
}

/// Whether a sale of this amount was ordered at a terminal: the cloud's payment may stand at another.
pub(super) fn may_stand_anywhere(amount_minor: i64) -> bool {
    amount_minor >= amount_of(FIRST)
}

pub(super) fn amount_of(number: u64) -> i64 {
    1_000 + i64::try_from(number).unwrap_or(0) * 37
}

/// Works through the orders of one till.
pub(super) async fn work(mut till: Till, seed: u64, index: u64, slips: Slips) {
    let orders = stream(seed, "counters", 1 + index).random_range(1..=3_u64);
    for nth in 0..orders {
        let plan = Plan::draw(&mut till, FIRST + index * 10 + nth);
        let pause = till.rng.random_range(0..15_000);
        sleep(Duration::from_millis(pause)).await;
        serve(&mut till, plan, &slips).await;
    }
}

impl Plan {
    fn draw(till: &mut Till, number: u64) -> Self {
        let rng = &mut till.rng;
        let terminal = rng.random_range(0..till.stations.len());
        let named_at = till.stations[terminal].clock.now();
        let low = u128::from(rng.random_range(0..u64::MAX));
        let intent = IntentId(PaymentId::first_at(named_at.0).0 | low);
        let order = Order {
            number,
            terminal,
            group: None,
            amount_minor: amount_of(number),
            capture_method: CaptureMethod::Automatic,
            mode: if rng.random_bool(0.5) { ResponseMode::Sync } else { ResponseMode::Async },
            key: rng.random_bool(0.5),
            token: Some(intent),
            reference: rng.random_bool(0.6),
            card: [None, Some("visa_approved"), Some("card_declined"), Some("online_pin"), Some("none")]
                [rng.random_range(0..5_usize)],
            delay_ms: Some(rng.random_range(0..12_000)),
            pause_ms: 0,
            patience_ms: None,
            twice_after_ms: None,
            cancel_after_ms: None,
            press_cancel_after_ms: None,
            then: Then::Leave,
            then_after_ms: 0,
            refunds: Vec::new(),
        };
        let turns = [Turns::Nowhere, Turns::Same, Turns::Same, Turns::Other, Turns::OtherAtOnce]
            [rng.random_range(0..5_usize)];
        let cut_off_ms = Some(rng.random_range(8_000..90_000)).filter(|_| order.number.is_multiple_of(2));
        Self { order, intent, patience_ms: rng.random_range(200..40_000), turns, cut_off_ms }
    }
}

async fn serve(till: &mut Till, plan: Plan, slips: &Slips) {
    till.log.say(&till.name, format_args!("begins at the counter {plan:?}"));
    till.log.happened(Happening::OrderedAtTerminal);
    let patience = match plan.turns {
        Turns::Nowhere => TRIES,
        Turns::Same | Turns::Other | Turns::OtherAtOnce => Duration::from_millis(plan.patience_ms),
    };
    if let Some(ms) = plan.cut_off_ms {
        let line = &till.stations[plan.order.terminal].line;
        till.log.happened(Happening::Partitioned);
        line.partition(Duration::from_millis(ms));
        line.cut(Noticed::Both);
    }
    // It is written down before anybody is asked, and forgotten when somebody has answered.
    if let Ok(Some(word)) = timeout(patience, local(till, &plan)).await {
        till.log.say(&till.name, format_args!("is told by its terminal: {word:?}"));
        if matches!(word, Word::Paid { alone: true, .. }) {
            till.log.happened(Happening::ApprovedAlone);
        }
        return slips.note(plan.intent, word);
    }
    let mut order = plan.order.clone();
    match plan.turns {
        Turns::Nowhere => return,
        Turns::Same => {}
        Turns::Other if till.stations.len() > 1 => {
            if !called_off(till, &plan).await {
                sleep(LET_GO).await;
            }
            order.terminal = (order.terminal + 1) % till.stations.len();
        }
        Turns::OtherAtOnce => order.terminal = (order.terminal + 1) % till.stations.len(),
        Turns::Other => {}
    }
    slips.note(plan.intent, Word::Delegated);
    till.log.happened(Happening::TurnedToCloud);
    till.serve(&order).await;
}

/// The terminal's word; `None` when it has none, for good.
pub(super) async fn local(till: &mut Till, plan: &Plan) -> Option<Word> {
    let give_up_at = Instant::now() + TRIES;
    while Instant::now() < give_up_at {
        let pause = till.rng.random_range(300..3_000);
        let counter = till.stations[plan.order.terminal].counter();
        let Some(counter) = counter else {
            sleep(Duration::from_millis(pause)).await;
            continue;
        };
        match counter.collect(order_of(plan)).await {
            Ok(_) => {}
            Err(TillRefusal::TokenReused(id) | TillRefusal::ReferenceTaken(id)) => {
                till.log.violated("I18", format_args!("the sale at the counter is taken for {id}"));
                return None;
            }
            Err(TillRefusal::OutOfService | TillRefusal::Suspended | TillRefusal::Earlier(_)) => return None,
            Err(
                TillRefusal::Busy { .. }
                | TillRefusal::Locked
                | TillRefusal::JournalFull
                | TillRefusal::Restarting
                | TillRefusal::Stopped,
            ) => {
                sleep(Duration::from_millis(pause)).await;
                continue;
            }
        }
        match counter.outcome(plan.intent).await.as_ref().and_then(word) {
            Some(word) => return Some(word),
            None => sleep(Duration::from_millis(pause)).await,
        }
    }
    None
}

fn word(sale: &Sale) -> Option<Word> {
    match sale.record.state {
        State::Approved { authorized_minor, .. } => Some(Word::Paid { authorized_minor, alone: false }),
        State::ApprovedAlone { authorized_minor, .. } => Some(Word::Paid { authorized_minor, alone: true }),
        State::Declined { .. } | State::Voided { .. } | State::Ended { .. } => Some(Word::NotPaid),
        State::Waiting { .. } | State::AuthSent { .. } | State::Unknown { .. } => None,
    }
}

/// Whether the terminal says that it has let go, and will never read a card for it.
pub(super) async fn called_off(till: &Till, plan: &Plan) -> bool {
    let Some(counter) = till.stations[plan.order.terminal].counter() else { return false };
    let cancelled = timeout(Duration::from_secs(5), counter.cancel(Lookup::Intent(plan.intent))).await;
    matches!(cancelled, Ok(Ok(sale)) if matches!(sale.record.state, State::Ended { .. }))
}

pub(super) fn order_of(plan: &Plan) -> TillOrder {
    let order = &plan.order;
    TillOrder {
        intent: plan.intent,
        payment: PaymentId(plan.intent.0),
        channel: if order.number.is_multiple_of(2) { Channel::Local } else { Channel::Cashless },
        amount: asked(order),
        capture_method: order.capture_method,
        reference: reference(order),
        description: None,
        metadata: Arc::default(),
        tip: TillTip::AsConfigured,
        prints: None,
        items: Vec::new(),
        simulation: Some(Simulation { card: order.card.map(str::to_owned), delay_ms: order.delay_ms }),
        earlier: match order.number % 3 {
            0 => Earlier::Never,
            _ if order.number.is_multiple_of(2) => Earlier::ByIntent,
            _ => Earlier::ByReference,
        },
    }
}

impl Slips {
    pub(super) fn note(&self, intent: IntentId, word: Word) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(intent, word);
    }

    /// What terminals said of sales that nobody asked the cloud for is so (I18).
    pub(super) fn verify(&self, payments: &[Arc<Payment>], log: &Log) {
        let books: BTreeMap<IntentId, &Arc<Payment>> = payments.iter().map(|p| (p.intent, p)).collect();
        for (intent, word) in self.0.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            let payment = books.get(intent);
            let status = payment.map(|payment| payment.status());
            let so = match word {
                Word::Delegated => true,
                Word::NotPaid => matches!(status, None | Some(Status::Failed | Status::Cancelled)),
                Word::Paid { authorized_minor, alone } => match payment {
                    Some(payment) if status == Some(Status::Completed) => {
                        payment.captured_minor() == *authorized_minor
                    }
                    Some(payment) => *alone && declined_afterwards(payment),
                    None => false,
                },
            };
            if !so {
                log.violated(
                    "I18",
                    format_args!("a terminal said {word:?} of {intent}, which is {status:?}"),
                );
            }
        }
    }
}

/// Nothing that terminals approved alone waits for ever, and nothing of it is missing (I18).
pub(super) fn verify_alarms(
    payments: &[Arc<Payment>],
    terminals: &[vinr_server::store::TerminalRow],
    log: &Log,
) {
    for payment in payments.iter().filter(|payment| payment.offline.is_some()) {
        if payment.status() == Status::Completed {
            log.happened(Happening::ForwardedForMoney);
        }
    }
    for row in terminals {
        if let Some(offline) = row.offline.as_ref().filter(|offline| offline.pending > 0) {
            log.violated("I18", format_args!("{} waits for ever with {offline:?}", row.id));
        }
        if row.found.contain(vinr_domain::terminal::Reason::OfflineRecords) {
            log.violated("I18", format_args!("something is missing on {}", row.id));
        }
    }
}

fn declined_afterwards(payment: &Payment) -> bool {
    let no = DeclineCode::OfflineAuthDeclined;
    matches!(payment.state, vinr_domain::payment::State::Failed { code, .. } if code == no)
}
