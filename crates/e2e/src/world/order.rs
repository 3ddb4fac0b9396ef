//! What the tills of a world are going to do: drawn from the seed before anything happens.

use rand::seq::SliceRandom as _;
use rand::{Rng as _, RngExt as _};
use rand_chacha::ChaCha8Rng;
use vinr_domain::IntentId;
use vinr_domain::payment::{CaptureMethod, ResponseMode};

use super::refunds::{self, GiveBack};
use super::streams::stream;

/// What a till does about one sale.
#[derive(Clone, Debug)]
pub(super) struct Order {
    /// Counts the orders of the world; its amount is different from that of every other.
    pub(super) number: u64,
    pub(super) terminal: usize,
    /// Asked for whichever of these is free first, instead of `terminal`.
    pub(super) group: Option<Vec<usize>>,
    pub(super) amount_minor: i64,
    pub(super) capture_method: CaptureMethod,
    pub(super) mode: ResponseMode,
    pub(super) key: bool,
    pub(super) token: Option<IntentId>,
    pub(super) reference: bool,
    /// Name in the deck, or `none`.
    pub(super) card: Option<&'static str>,
    pub(super) delay_ms: Option<u32>,
    /// Before it is asked for.
    pub(super) pause_ms: u64,
    pub(super) patience_ms: Option<u64>,
    pub(super) twice_after_ms: Option<u64>,
    pub(super) cancel_after_ms: Option<u64>,
    pub(super) press_cancel_after_ms: Option<u64>,
    pub(super) then: Then,
    pub(super) then_after_ms: u64,
    /// What is given back when money was taken.
    pub(super) refunds: Vec<GiveBack>,
}

/// What becomes of a hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Then {
    Capture,
    /// In percent of what is held, within the tolerance.
    CapturePart(i64),
    CaptureTooMuch,
    Void,
    Leave,
}

const CARDS: [(u32, &str); 12] = [
    (40, "visa_approved"),
    (12, "mastercard_approved"),
    (6, "amex_approved"),
    (8, "online_pin"),
    (5, "card_declined"),
    (3, "insufficient_funds"),
    (2, "incorrect_pin"),
    (2, "expired_card"),
    (7, "partial_approval"),
    (5, "issuer_silent"),
    (5, "issuer_late"),
    (5, "none"),
];

impl Order {
    /// Whether asking again is the same sale, and not a second one.
    pub(super) fn is_named(&self) -> bool {
        self.key || self.token.is_some()
    }

    fn draw(number: u64, terminals: u64, rng: &mut ChaCha8Rng) -> Self {
        let mut sometimes = |percent: u32| rng.random_range(0..100) < percent;
        let (manual, sync, key, token) = (sometimes(30), sometimes(45), sometimes(55), sometimes(40));
        let reference = sometimes(40) || !(key || token);
        let (paced, at_the_edge) = (sometimes(55), sometimes(6));
        let (hurried, twice, cancels, presses) =
            (sometimes(18), sometimes(15), sometimes(18) && !sync, sometimes(6));
        let ms = |rng: &mut ChaCha8Rng, least: u64, most: u64| rng.random_range(least..most);
        let delay_ms = if at_the_edge {
            Some(ms(rng, 84_000, 97_000) as u32)
        } else {
            let drawn = ms(rng, 0, 15_000) as u32;
            (!paced).then_some(drawn)
        };
        Self {
            number,
            terminal: ms(rng, 0, terminals) as usize,
            group: None,
            amount_minor: 1_000 + i64::try_from(number).unwrap_or(0) * 37,
            capture_method: if manual { CaptureMethod::Manual } else { CaptureMethod::Automatic },
            mode: if sync { ResponseMode::Sync } else { ResponseMode::Async },
            key,
            token: Some(IntentId(u128::from(rng.next_u64()) << 64 | u128::from(rng.next_u64())))
                .filter(|_| token),
            reference,
            card: card(ms(rng, 0, 100) as u32),
            delay_ms,
            pause_ms: ms(rng, 0, 12_000),
            patience_ms: Some(ms(rng, 5, 8_000)).filter(|_| hurried),
            twice_after_ms: Some(ms(rng, 0, 1_500)).filter(|_| twice && (key || token)),
            cancel_after_ms: Some(ms(rng, 0, 9_000)).filter(|_| cancels),
            press_cancel_after_ms: Some(ms(rng, 100, 6_000)).filter(|_| presses),
            then: then(ms(rng, 0, 100), rng),
            then_after_ms: ms(rng, 0, 20_000),
            refunds: Vec::new(),
        }
    }
}

fn card(mut ticket: u32) -> Option<&'static str> {
    for (weight, name) in CARDS {
        if ticket < weight {
            return Some(name);
        }
        ticket -= weight;
    }
    None
}

fn then(ticket: u64, rng: &mut ChaCha8Rng) -> Then {
    let percent = rng.random_range(1..=120);
    match ticket {
        0..30 => Then::Capture,
        30..55 => Then::CapturePart(percent),
        55..65 => Then::CaptureTooMuch,
        65..82 => Then::Void,
        _ => Then::Leave,
    }
}

/// One order in three is for a group: some of the terminals, in some order.
fn group(seed: u64, number: u64, terminals: u64) -> Option<Vec<usize>> {
    let mut rng = stream(seed, "groups", number);
    if rng.random_range(0..3_u32) != 0 {
        return None;
    }
    let mut group: Vec<usize> = (0..terminals as usize).collect();
    group.shuffle(&mut rng);
    group.truncate(rng.random_range(1..=terminals) as usize);
    Some(group)
}

/// What each till does, one order after the other.
pub(super) fn draw_all(seed: u64, terminals: u64) -> Vec<Vec<Order>> {
    let mut rng = stream(seed, "orders", 0);
    let tills = rng.random_range(2..=4_u64);
    let mut number = 0;
    let mut orders = |rng: &mut ChaCha8Rng| {
        let count = rng.random_range(1..=3_u64);
        let order = |_| {
            number += 1;
            let group = group(seed, number, terminals);
            let refunds = refunds::draw(seed, number);
            let drawn = Order::draw(number, terminals, rng);
            let ungrateful = !refunds.is_empty() && number % 4 == 0;
            let card = if ungrateful { Some("refund_declined") } else { drawn.card };
            Order { group, refunds, card, ..drawn }
        };
        (0..count).map(order).collect::<Vec<_>>()
    };
    (0..tills).map(|_| orders(&mut rng)).collect()
}
