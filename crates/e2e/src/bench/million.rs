//! A year of a merchant's payments, written straight through the store, for benchmarks of what people look at. The same number
//! makes the same payments; nobody is asked for money.

use std::sync::Arc;

use vinr_domain::payment::{
    Approval, AuthorizationRequest, CaptureMethod, Order, Payment, ResponseMode, State, Terms, accept,
};
use vinr_domain::{
    Brand, CardFacts, Currency, DeclineCode, EntryMode, IntentId, Last4, LocationId, Money, PaymentId,
    Timestamp,
};
use vinr_server::store::{Change, Scope, Store, Transaction};

use super::report::progress;
use super::{During, Failure};

/// How many are written in one transaction.
const PORTION: u64 = 100;
/// Over how long they are spread, back from the last.
const YEAR_MS: i64 = 365 * 24 * 3_600_000;
pub(super) const LOCATIONS: u64 = 20;
pub(super) const TERMINALS: u64 = 200;

/// Draws numbers, the same ones for the same beginning.
pub(super) struct Draw(u64);

impl Draw {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// One below the number.
    pub(super) fn below(&mut self, number: u64) -> u64 {
        // SplitMix64.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % number
    }
}

pub(super) fn terminal(number: u64) -> Arc<str> {
    format!("term_bench_{number:04}").into()
}

pub(super) fn location(number: u64) -> Result<LocationId, Failure> {
    LocationId::parse(&format!("loc_bench_{number:02}")).during("naming a location")
}

/// Writes `count` payments of the scope, the last of them at `until`.
pub(super) async fn fill(
    store: &dyn Store,
    scope: &Scope,
    count: u64,
    until: Timestamp,
) -> Result<(), Failure> {
    let mut draw = Draw::new(20_261_121);
    let euros = Currency::parse("EUR").during("naming a currency")?;
    let step_ms = (YEAR_MS / i64::try_from(count.max(1)).unwrap_or(i64::MAX)).max(1);
    let mut written = 0;
    while written < count {
        let portion = PORTION.min(count - written);
        let changes: Result<Vec<Change>, Failure> = (written..written + portion)
            .map(|number| {
                let before = i64::try_from(count - number).unwrap_or(i64::MAX).saturating_mul(step_ms);
                let payment = payment(scope, number, euros, until.plus_ms(-before), &mut draw)?;
                Ok(Change::InsertPayment(Arc::new(payment)))
            })
            .collect();
        store.commit(Transaction { changes: changes? }).await.during("writing payments")?;
        written += portion;
        if written.is_multiple_of(100_000) {
            progress(&format!("{written} payments written"));
        }
    }
    Ok(())
}

/// One in twenty has failed, one in fifty was cancelled, a few wait to be captured or have expired; the rest is completed.
fn payment(
    scope: &Scope,
    number: u64,
    euros: Currency,
    at: Timestamp,
    draw: &mut Draw,
) -> Result<Payment, Failure> {
    let id = PaymentId(PaymentId::first_at(at.0).0 + u128::from(number));
    let terminal_number = draw.below(TERMINALS);
    // Most amounts are small, a few are large.
    let amount_minor = i64::try_from(100 + draw.below(3_000) + draw.below(40).pow(3)).unwrap_or(100);
    let order = Order {
        id,
        account: scope.account.clone(),
        livemode: scope.livemode,
        intent: IntentId(id.0),
        terminal: Some(terminal(terminal_number)),
        group: None,
        location: Some(location(terminal_number % LOCATIONS)?),
        asked: Money { amount_minor, currency: euros },
        capture_method: CaptureMethod::Automatic,
        response_mode: ResponseMode::Async,
        reference: Some(format!("order {number:07}").into()),
        description: None,
        metadata: Arc::default(),
    };
    let payment = accept(order, at, &Terms::default()).0;
    let last4 = Last4::parse(&format!("{:04}", draw.below(10_000)));
    let request = AuthorizationRequest {
        stan: 1 + u32::try_from(number % 1_000_000).unwrap_or(0),
        generation: 1,
        attempt_epoch: 1,
        card: CardFacts {
            brand: [Brand::Visa, Brand::Visa, Brand::Mastercard, Brand::Amex]
                [usize::try_from(draw.below(4)).unwrap_or(0)],
            last4: last4.ok_or_else(|| Failure::new("four digits are four digits"))?,
            entry_mode: [EntryMode::Contactless, EntryMode::Chip]
                [usize::try_from(draw.below(2)).unwrap_or(0)],
        },
        amount_minor,
        tip: None,
    };
    let end = at.plus_ms(4_000 + i64::try_from(draw.below(20_000)).unwrap_or(0));
    let approval = Approval { authorized_minor: amount_minor, auth_code: "A1B2C3".into(), at: end };
    let state = match draw.below(1_000) {
        0..50 => State::Failed { code: DeclineCode::CardDeclined, request: Some(request), at: end },
        50..70 => State::Cancelled { voided: None, at: end },
        70..72 => State::Expired { request, approval, at: end },
        72..75 => State::Authorized { request, approval, expires_at: end.plus_ms(7 * 24 * 3_600_000) },
        _ => State::Completed { request, approval, captured_minor: amount_minor, at: end },
    };
    Ok(Payment { state, sequence: 3, revision: 4, due_at: None, ..payment })
}
