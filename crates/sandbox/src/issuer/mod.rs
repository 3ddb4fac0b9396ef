//! The sandbox issuer: takes decisions, remembers them in its ledger before it answers, and answers the same
//! request the same way for ever. No clock, no network; the same seed and messages give the same answers.
//!
//! A request is named by [`RequestKey`]. What the issuer promises, whatever is lost, repeated or reordered:
//!
//! - one name charges at most once; the same name with other content is declined and noted as an [`Anomaly`];
//! - a reversal is final: what it names holds nothing afterwards, also when it had not arrived yet;
//! - captures, reversals, refunds and settlements may be repeated without effect;
//! - no request gives back more than it took, and no settlement counts what was never taken;
//! - an answer that has been given is in the ledger. When the ledger cannot be written nothing changes and nothing
//!   is answered, because silence is what an acquirer can recover from (contract 3.4).

mod book;
mod decide;
mod giving_back;
mod message;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use vinr_domain::payment::capture_ceiling_minor;
use vinr_domain::{Currency, DeclineCode, IntentId, Money, PaymentId, Timestamp};
use vinr_wire::card::ReaderKey;

pub use book::Account;
pub use giving_back::{Refund, RefundRefusal, RefundReply, SettleReply};
pub use message::{Authorize, CaptureRefusal, CaptureReply, InquiryReply, Reply, RequestKey, ReversalReply};

pub(crate) use book::{Book, Contradiction};

use crate::deck::{Behaviour, TestCard};
use crate::ledger::line::{Decision, Line, Outcome};
use crate::ledger::{Anomaly, ChargeName, Charges, Ledger, LedgerError};
use book::{Entry, Record};

/// The figures under which the issuer works.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IssuerSettings {
    /// When the late issuer answers, in milliseconds: later than any acquirer waits.
    pub late_answer_ms: u32,
    /// How far a capture may exceed its authorization, in percent (contract 1.7).
    pub over_capture_percent: u16,
    /// From which length on a ledger is compacted when it is opened, in bytes.
    pub compact_above_bytes: u64,
}

impl Default for IssuerSettings {
    fn default() -> Self {
        Self { late_answer_ms: 20_000, over_capture_percent: 20, compact_above_bytes: 32 << 20 }
    }
}

/// The issuer of every card in the deck.
#[derive(Debug)]
pub struct Issuer {
    book: Book,
    ledger: Ledger,
    base_key: ReaderKey,
    seed: u64,
    settings: IssuerSettings,
    unwritten: u64,
}

impl Issuer {
    /// Opens an issuer whose ledger is the file at `path`, made if there is none, and takes up where it ended.
    /// `seed` makes the approval codes; `base_key` opens the cards of every terminal.
    ///
    /// # Errors
    /// [`LedgerError`] says what is wrong with the file.
    pub fn open(
        path: &Path,
        seed: u64,
        base_key: ReaderKey,
        settings: IssuerSettings,
    ) -> Result<Self, LedgerError> {
        let (ledger, book) = Ledger::open(path, settings.compact_above_bytes)?;
        Ok(Self { book, ledger, base_key, seed, settings, unwritten: 0 })
    }

    /// An issuer that forgets everything when it is dropped.
    #[must_use]
    pub fn in_memory(seed: u64, base_key: ReaderKey, settings: IssuerSettings) -> Self {
        Self { book: Book::default(), ledger: Ledger::Memory, base_key, seed, settings, unwritten: 0 }
    }

    /// Decides a request, or repeats what it decided before.
    pub fn authorize(&mut self, ask: Authorize<'_>, now: Timestamp) -> Reply {
        let print = decide::print_of(&ask);
        let reversed = match self.book.entry(&ask.key) {
            Some(Entry::Decided(record)) if record.decision.print == print => {
                return self.reply(record);
            }
            Some(Entry::Decided(_)) => {
                let noted = self.note(ask.key, Anomaly::OtherContent, now);
                return if noted { Reply::Declined(DeclineCode::CardDeclined) } else { Reply::Silent };
            }
            Some(Entry::Tombstone { .. }) => true,
            None => false,
        };
        let key = ask.key.clone();
        let lines = self.decide(ask, print, reversed, now);
        if !self.commit(lines) {
            return Reply::Silent;
        }
        match self.book.entry(&key) {
            Some(Entry::Decided(record)) => self.reply(record),
            Some(Entry::Tombstone { .. }) | None => Reply::Silent,
        }
    }

    /// Says what became of a request.
    #[must_use]
    pub fn inquire(&self, key: &RequestKey) -> InquiryReply {
        match self.book.entry(key) {
            None => InquiryReply::NotFound,
            Some(Entry::Tombstone { .. }) => InquiryReply::Declined(DeclineCode::CommunicationError),
            Some(Entry::Decided(record)) if behaviour(record) == Some(Behaviour::NeverAnswers) => {
                InquiryReply::Silent
            }
            Some(Entry::Decided(record)) => match answer(record) {
                Ok((authorized_minor, auth_code)) => InquiryReply::Approved { authorized_minor, auth_code },
                Err(code) => InquiryReply::Declined(code),
            },
        }
    }

    /// Undoes a request, whatever became of it; one that has not arrived will be declined if it does.
    pub fn reverse(
        &mut self,
        key: RequestKey,
        intent: IntentId,
        payment: PaymentId,
        now: Timestamp,
    ) -> ReversalReply {
        let mut lines = Vec::new();
        let (holds, named) = match self.book.entry(&key) {
            None => (true, (intent, payment)),
            Some(Entry::Tombstone { intent, payment, .. }) => (false, (*intent, *payment)),
            Some(Entry::Decided(record)) => {
                let decision = &record.decision;
                let approved = matches!(decision.outcome, Outcome::Approved { .. });
                (approved && !record.reversed, (decision.intent, decision.payment))
            }
        };
        // The request's own name counts: not to reverse it would leave money where the acquirer believes none is.
        if named != (intent, payment) {
            let what = Anomaly::OtherPayment;
            lines.push(Line::Anomaly { at_ms: now.0, key: key.clone(), what });
        }
        if holds {
            lines.push(Line::Reverse { at_ms: now.0, key, intent, payment });
        }
        if self.commit(lines) { ReversalReply::Acknowledged } else { ReversalReply::Silent }
    }

    /// Takes `amount` of what a request holds and releases the rest. A purchase has been captured by its approval.
    pub fn capture(&mut self, key: RequestKey, amount: Money, now: Timestamp) -> CaptureReply {
        let most = |authorized| capture_ceiling_minor(authorized, self.settings.over_capture_percent);
        match self.book.entry(&key).map(|entry| capturable(entry, amount, most)) {
            None => CaptureReply::Refused(CaptureRefusal::UnknownRequest),
            Some(Ok(Capturable::Done)) => CaptureReply::Acknowledged,
            Some(Ok(Capturable::Open)) => {
                let line = Line::Capture { at_ms: now.0, key, amount_minor: amount.amount_minor };
                if self.commit(vec![line]) { CaptureReply::Acknowledged } else { CaptureReply::Silent }
            }
            Some(Err(refusal @ CaptureRefusal::AlreadyCaptured { .. })) => {
                let noted = self.note(key, Anomaly::OtherCapture, now);
                if noted { CaptureReply::Refused(refusal) } else { CaptureReply::Silent }
            }
            Some(Err(refusal)) => CaptureReply::Refused(refusal),
        }
    }

    /// What has been charged, per payment.
    #[must_use]
    pub fn net_charges(&self) -> BTreeMap<ChargeName, Charges> {
        self.book.charges()
    }

    /// The account behind a card in one currency.
    #[must_use]
    pub fn account(&self, card: &TestCard, currency: Currency) -> Account {
        self.book.account(card, currency)
    }

    /// How often acquirers did what they must not.
    #[must_use]
    pub fn anomalies(&self) -> &BTreeMap<Anomaly, u64> {
        self.book.anomalies()
    }

    /// How many messages went unanswered because the ledger could not be written.
    #[must_use]
    pub fn unwritten(&self) -> u64 {
        self.unwritten
    }

    fn reply(&self, record: &Record) -> Reply {
        let reply = match answer(record) {
            Ok((authorized_minor, auth_code)) => Reply::Approved { authorized_minor, auth_code },
            Err(code) => Reply::Declined(code),
        };
        match (behaviour(record), &reply) {
            (Some(Behaviour::NeverAnswers), _) => Reply::Silent,
            (Some(Behaviour::AnswersLate), Reply::Approved { .. }) => {
                Reply::Late { after_ms: self.settings.late_answer_ms, answer: Box::new(reply) }
            }
            _ => reply,
        }
    }

    fn note(&mut self, key: RequestKey, what: Anomaly, now: Timestamp) -> bool {
        tracing::warn!(%key, ?what, "the acquirer did what it must not");
        self.commit(vec![Line::Anomaly { at_ms: now.0, key, what }])
    }

    /// Writes lines, then takes them into the book. `false` when they could not be written: nothing has changed.
    fn commit(&mut self, lines: Vec<Line>) -> bool {
        if let Err(error) = self.ledger.append(&lines) {
            self.unwritten += 1;
            tracing::error!(%error, "the issuer cannot write its ledger and does not answer");
            return false;
        }
        for line in lines {
            self.book.apply(line).expect("every line was decided against this very book");
        }
        true
    }
}

/// What an approved or declined request stands at now.
fn answer(record: &Record) -> Result<(i64, Arc<str>), DeclineCode> {
    match &record.decision.outcome {
        Outcome::Approved { .. } if record.reversed => Err(DeclineCode::CommunicationError),
        Outcome::Approved { authorized_minor, auth_code } => Ok((*authorized_minor, auth_code.clone())),
        Outcome::Declined(code) => Err(*code),
    }
}

fn behaviour(record: &Record) -> Option<Behaviour> {
    record.decision.card.map(TestCard::behaviour)
}

enum Capturable {
    /// Not captured yet.
    Open,
    /// Captured before, with the same amount.
    Done,
}

fn capturable(entry: &Entry, amount: Money, most: impl Fn(i64) -> i64) -> Result<Capturable, CaptureRefusal> {
    let Entry::Decided(record) = entry else { return Err(CaptureRefusal::Reversed) };
    let Record { decision, captured_minor, reversed, .. } = &**record;
    let Decision { outcome: Outcome::Approved { authorized_minor, .. }, currency, .. } = decision else {
        return Err(CaptureRefusal::NotApproved);
    };
    let most_minor = most(*authorized_minor);
    match *captured_minor {
        _ if *reversed => Err(CaptureRefusal::Reversed),
        _ if amount.currency != *currency => Err(CaptureRefusal::OtherCurrency { held: *currency }),
        Some(captured_minor) if captured_minor == amount.amount_minor => Ok(Capturable::Done),
        Some(captured_minor) => Err(CaptureRefusal::AlreadyCaptured { captured_minor }),
        None if amount.amount_minor < 1 => Err(CaptureRefusal::TooLittle),
        None if amount.amount_minor > most_minor => Err(CaptureRefusal::TooMuch { most_minor }),
        None => Ok(Capturable::Open),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vinr_wire::card::{SealContext, seal};

    #[test]
    fn what_cannot_be_written_is_not_answered_and_changes_nothing() {
        let base = ReaderKey::from_bytes([3; 32]);
        let mut issuer = Issuer::in_memory(1, base.clone(), IssuerSettings::default());
        let (intent, payment, now) = (IntentId(1), PaymentId(2), Timestamp(0));
        let card = crate::deck::usual();
        let context = SealContext { terminal: "term_a", generation: 1, stan: 1, intent };
        let data = card.present(None, None).unwrap();
        let sealed = seal(&data, &ReaderKey::derive(&base, "term_a"), context);
        let amount = Money { amount_minor: 2500, currency: Currency::parse("EUR").unwrap() };
        let key = RequestKey::new("term_a", 1, 1);
        let ask = || Authorize { key: key.clone(), intent, payment, amount, capture: false, sealed: &sealed };

        issuer.ledger = Ledger::on_full_disk();
        assert_eq!(issuer.authorize(ask(), now), Reply::Silent);
        assert_eq!(issuer.inquire(&key), InquiryReply::NotFound);
        assert_eq!(issuer.reverse(key.clone(), intent, payment, now), ReversalReply::Silent);
        assert_eq!(issuer.inquire(&key), InquiryReply::NotFound);

        issuer.ledger = Ledger::Memory;
        assert!(matches!(issuer.authorize(ask(), now), Reply::Approved { authorized_minor: 2500, .. }));
        let held = issuer.account(card, amount.currency);

        issuer.ledger = Ledger::on_full_disk();
        assert_eq!(issuer.capture(key.clone(), amount, now), CaptureReply::Silent);
        assert_eq!(issuer.reverse(key.clone(), intent, payment, now), ReversalReply::Silent);
        assert_eq!(issuer.account(card, amount.currency), held);
        assert_eq!(issuer.unwritten(), 4);
    }
}
