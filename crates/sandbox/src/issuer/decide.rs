//! How the issuer decides about a request it has not seen: seal, card, PIN, balance, in this order. The one place
//! that looks at card data; writes nothing.

use aws_lc_rs::digest::{Context, SHA256};
use std::sync::Arc;

use vinr_domain::{DeclineCode, Money, Timestamp};
use vinr_wire::card::{self, ReaderKey, SealContext};

use super::{Authorize, Issuer, RequestKey};
use crate::deck::{self, Behaviour, TestCard};
use crate::ledger::Anomaly;
use crate::ledger::line::{Decision, Line, Outcome, Print};

/// What is left of card data once it has been looked at.
#[derive(Clone, Copy)]
struct Seen {
    card: &'static TestCard,
    pin_right: bool,
}

impl Issuer {
    /// The lines that decide `ask`: a decision, and an anomaly if there is one. `reversed` says that a reversal
    /// was faster.
    pub(super) fn decide(
        &self,
        ask: Authorize<'_>,
        print: Print,
        reversed: bool,
        now: Timestamp,
    ) -> Vec<Line> {
        let seen = self.look(&ask);
        let anomaly = match seen {
            Err(Unreadable::Seal) => Some(Anomaly::SealBroken),
            _ if ask.amount.amount_minor < 1 => Some(Anomaly::NoAmount),
            _ => None,
        };
        let outcome = match seen {
            _ if reversed => Outcome::Declined(DeclineCode::CommunicationError),
            Ok(seen) if anomaly.is_none() => self.judge(seen, ask.amount, &ask.key),
            _ => Outcome::Declined(DeclineCode::CardDeclined),
        };
        let noted = anomaly.map(|what| Line::Anomaly { at_ms: now.0, key: ask.key.clone(), what });
        let decision = Decision {
            at_ms: now.0,
            key: ask.key,
            intent: ask.intent,
            payment: ask.payment,
            card: seen.ok().map(|seen| seen.card),
            currency: ask.amount.currency,
            asked_minor: ask.amount.amount_minor,
            capture: ask.capture,
            print,
            outcome,
        };
        noted.into_iter().chain([Line::Authorize(decision)]).collect()
    }

    fn look(&self, ask: &Authorize<'_>) -> Result<Seen, Unreadable> {
        let key = ReaderKey::derive(&self.base_key, &ask.key.terminal);
        let context = SealContext {
            terminal: &ask.key.terminal,
            generation: ask.key.generation,
            stan: ask.key.stan,
            intent: ask.intent,
        };
        let data = card::open(ask.sealed, &key, context).map_err(|_| Unreadable::Seal)?;
        data.issuer_view(|view| {
            let card = deck::by_number(view.pan).ok_or(Unreadable::Number)?;
            Ok(Seen { card, pin_right: view.pin == Some(deck::PIN) })
        })
    }

    fn judge(&self, seen: Seen, amount: Money, key: &RequestKey) -> Outcome {
        let asked_minor = amount.amount_minor;
        let authorized_minor = match seen.card.behaviour() {
            Behaviour::Declines(code) => return Outcome::Declined(code),
            Behaviour::ChecksPin if !seen.pin_right => return Outcome::Declined(DeclineCode::IncorrectPin),
            Behaviour::ApprovesHalf => asked_minor / 2 + asked_minor % 2,
            Behaviour::Approves
            | Behaviour::TakesNothingBack
            | Behaviour::ChecksPin
            | Behaviour::NeverAnswers
            | Behaviour::AnswersLate => asked_minor,
        };
        if authorized_minor > self.book.account(seen.card, amount.currency).available_minor() {
            return Outcome::Declined(DeclineCode::InsufficientFunds);
        }
        Outcome::Approved { authorized_minor, auth_code: auth_code(self.seed, key) }
    }
}

#[derive(Clone, Copy)]
enum Unreadable {
    Seal,
    Number,
}

/// A letter and five digits, the same for the same request under the same seed.
fn auth_code(seed: u64, key: &RequestKey) -> Arc<str> {
    let mut hash = Context::new(&SHA256);
    hash.update(b"vinr sandbox approval code v1");
    hash.update(&seed.to_be_bytes());
    hash.update(&key.generation.to_be_bytes());
    hash.update(&key.stan.to_be_bytes());
    hash.update(key.terminal.as_bytes());
    let digest = hash.finish();
    let drawn = digest.as_ref().iter().take(8).fold(0_u64, |value, byte| (value << 8) | u64::from(*byte));
    let letter = char::from(b'A' + (drawn % 26) as u8);
    format!("{letter}{:05}", drawn / 26 % 100_000).into()
}

/// The sealed card is part of it: it is ciphertext that differs with card, PIN and entry mode, and a request that
/// is sent again carries the same bytes.
pub(super) fn print_of(ask: &Authorize<'_>) -> Print {
    let mut hash = Context::new(&SHA256);
    hash.update(&ask.intent.0.to_be_bytes());
    hash.update(&ask.payment.0.to_be_bytes());
    hash.update(&ask.amount.amount_minor.to_be_bytes());
    hash.update(ask.amount.currency.code().as_bytes());
    hash.update(&[u8::from(ask.capture)]);
    hash.update(ask.sealed.as_bytes());
    let digest = hash.finish();
    let mut print = [0; 16];
    print.copy_from_slice(&digest.as_ref()[..16]);
    Print(print)
}
