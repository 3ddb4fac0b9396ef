//! A till that asks the issuer for authorizations: seals cards as a reader does, and keeps no state.

use vinr_domain::{Currency, EntryMode, IntentId, Money, PaymentId, Timestamp};
use vinr_sandbox::deck;
use vinr_sandbox::issuer::{
    Authorize, CaptureReply, InquiryReply, Issuer, IssuerSettings, Reply, RequestKey, ReversalReply,
};
use vinr_wire::card::{ReaderKey, SealContext, SealedCard, seal};

pub const TERMINAL: &str = "term_a";
pub const NOW: Timestamp = Timestamp(1_780_000_000_000);

pub fn base_key() -> ReaderKey {
    ReaderKey::from_bytes([9; 32])
}

pub fn issuer() -> Issuer {
    Issuer::in_memory(1, base_key(), IssuerSettings::default())
}

pub fn eur(amount_minor: i64) -> Money {
    money(amount_minor, "EUR")
}

pub fn money(amount_minor: i64, currency: &str) -> Money {
    Money { amount_minor, currency: Currency::parse(currency).unwrap() }
}

/// One request: a card, an amount, a number.
#[derive(Clone, Debug)]
pub struct Sale {
    pub card: &'static str,
    pub amount: Money,
    pub stan: u32,
    pub capture: bool,
    pub pin: Option<&'static str>,
    pub entry_mode: Option<EntryMode>,
    pub intent: IntentId,
    pub payment: PaymentId,
}

impl Sale {
    /// A purchase of 25.00 EUR whose intent and payment follow its number.
    pub fn of(card: &'static str, stan: u32) -> Self {
        Self {
            card,
            amount: eur(2500),
            stan,
            capture: true,
            pin: None,
            entry_mode: None,
            intent: IntentId(u128::from(stan)),
            payment: PaymentId(1000 + u128::from(stan)),
        }
    }

    /// The same, only held.
    pub fn hold(card: &'static str, stan: u32) -> Self {
        Self { capture: false, ..Self::of(card, stan) }
    }

    pub fn key(&self) -> RequestKey {
        RequestKey::new(TERMINAL, 1, self.stan)
    }

    pub fn sealed(&self) -> SealedCard {
        let data = deck::find(self.card).unwrap().present(self.entry_mode, self.pin).unwrap();
        let context = SealContext { terminal: TERMINAL, generation: 1, stan: self.stan, intent: self.intent };
        seal(&data, &ReaderKey::derive(&base_key(), TERMINAL), context)
    }

    pub fn ask(&self, issuer: &mut Issuer) -> Reply {
        self.ask_with(issuer, &self.sealed())
    }

    pub fn ask_with(&self, issuer: &mut Issuer, sealed: &SealedCard) -> Reply {
        let ask = Authorize {
            key: self.key(),
            intent: self.intent,
            payment: self.payment,
            amount: self.amount,
            capture: self.capture,
            sealed,
        };
        issuer.authorize(ask, NOW)
    }

    pub fn inquire(&self, issuer: &Issuer) -> InquiryReply {
        issuer.inquire(&self.key())
    }

    pub fn reverse(&self, issuer: &mut Issuer) -> ReversalReply {
        issuer.reverse(self.key(), self.intent, self.payment, NOW)
    }

    pub fn take(&self, issuer: &mut Issuer, amount_minor: i64) -> CaptureReply {
        let amount = Money { amount_minor, ..self.amount };
        issuer.capture(self.key(), amount, NOW)
    }

    /// What is held and what is taken on this sale's card, in its currency.
    pub fn account(&self, issuer: &Issuer) -> (i64, i64) {
        let account = issuer.account(deck::find(self.card).unwrap(), self.amount.currency);
        (account.held_minor, account.taken_minor)
    }
}

pub fn approved(reply: &Reply) -> i64 {
    match reply {
        Reply::Approved { authorized_minor, .. } => *authorized_minor,
        other => panic!("not approved: {other:?}"),
    }
}
