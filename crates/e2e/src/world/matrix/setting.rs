//! What the jitter of a case decides: every duration and every choice that the case leaves open, drawn before anything
//! happens.

use rand::RngExt as _;
use vinr_domain::payment::{CaptureMethod, ResponseMode};
use vinr_domain::{IntentId, PaymentId, Timestamp};

use super::case::{Case, Tap, Turns};
use crate::world::counter::{self, Plan};
use crate::world::order::{Order, Then};
use crate::world::streams::stream;

/// The order's number; its amount is that of no other.
const NUMBER: u64 = counter::FIRST;

/// One way of playing a case.
#[derive(Clone, Debug)]
pub(super) struct Setting {
    /// The card is read while the first terminal cannot reach the cloud.
    pub(super) alone: bool,
    /// From the beginning of the sale, and the cloud has not noticed.
    pub(super) cut_off_ms: Option<u64>,
    /// The till turns to another terminal.
    pub(super) elsewhere: bool,
    /// It does so only when the first has let go, as every till should.
    pub(super) abides: bool,
    /// The shop's network lets answers pass once the till has started again.
    pub(super) heals: bool,
    /// A power loss takes both terminals.
    pub(super) all_dark: bool,
    /// How long the till waits for its terminal.
    pub(super) timeout_ms: u64,
    /// From the cloud's prompt to the card.
    pub(super) cloud_tap_ms: u32,
    /// When the withheld answer of the terminal arrives after all, after the till has turned to the cloud.
    pub(super) answer_late_ms: Option<u64>,
    /// When the till's order arrives at its terminal once more.
    pub(super) repeat_ms: Option<u64>,
    /// How long the till is dead.
    pub(super) till_pause_ms: u64,
}

impl Setting {
    /// Draws it, and the sale. `now` is when the sale gets its name.
    pub(super) fn draw(case: Case, jitter: u64, seed: u64, now: Timestamp) -> (Self, Plan) {
        let mut rng = stream(seed, "setting", 0);
        let elsewhere = case.turns == Turns::Other;
        // Half of the jitters of every case, whichever jitter a run begins with.
        let half = (jitter + case.number() / 4) % 2 == 1;
        let abides = elsewhere && half && !case.point.is_alone();
        let alone = case.point.is_alone() || (case.point.may_be_alone() && (elsewhere || half) && !abides);
        let door = rng.random_range(0..2_u64);
        let (tap_ms, timeout_ms) = match case.tap {
            Tap::Before => {
                let timeout_ms = rng.random_range(600..2_500);
                (timeout_ms + rng.random_range(2_500..8_000), timeout_ms)
            }
            Tap::After => {
                let tap_ms = rng.random_range(200..2_000);
                (tap_ms, tap_ms + rng.random_range(1_500..15_000))
            }
        };
        // A terminal that has let go tells the cloud, which closes the sale for good: another terminal can have it only
        // while the first has no internet, which is why one turns to another.
        let away = abides && case.tap == Tap::Before;
        let cut_off_ms = tap_ms + rng.random_range(if away { 10_000..60_000 } else { 1_500..25_000 });
        let setting = Self {
            alone,
            cut_off_ms: Some(cut_off_ms).filter(|_| alone || away),
            elsewhere,
            abides,
            heals: rng.random_bool(0.5),
            all_dark: rng.random_bool(0.5),
            timeout_ms,
            cloud_tap_ms: rng.random_range(200..9_000),
            answer_late_ms: Some(rng.random_range(0..20_000)).filter(|_| rng.random_bool(0.7)),
            repeat_ms: Some(rng.random_range(0..15_000)).filter(|_| rng.random_bool(0.4)),
            till_pause_ms: rng.random_range(50..8_000),
        };
        let card = if rng.random_bool(0.8) { "visa_approved" } else { "card_declined" };
        // Never before a card that is to come.
        let cancels = rng.random_bool(0.3) && (alone || case.tap == Tap::After);
        let low = u128::from(rng.random_range(0..u64::MAX));
        let intent = IntentId(PaymentId::first_at(now.0).0 | low);
        let order = Order {
            // Even is the Local API, odd the Cashless API.
            number: NUMBER + door,
            terminal: 0,
            group: None,
            amount_minor: counter::amount_of(NUMBER + door),
            capture_method: CaptureMethod::Automatic,
            // Whoever means to cancel does not wait for the outcome.
            mode: if cancels || rng.random_bool(0.5) { ResponseMode::Async } else { ResponseMode::Sync },
            key: rng.random_bool(0.5),
            token: Some(intent),
            reference: rng.random_bool(0.5),
            card: Some(card),
            delay_ms: u32::try_from(tap_ms).ok(),
            pause_ms: 0,
            patience_ms: None,
            twice_after_ms: None,
            cancel_after_ms: Some(rng.random_range(100..12_000)).filter(|_| cancels),
            press_cancel_after_ms: None,
            then: Then::Leave,
            then_after_ms: 0,
            refunds: Vec::new(),
        };
        let plan =
            Plan { order, intent, patience_ms: timeout_ms, turns: counter::Turns::Same, cut_off_ms: None };
        (setting, plan)
    }
}
