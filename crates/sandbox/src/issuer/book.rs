//! The issuer's book: every request and every account, as the lines of the ledger say. Holds state; takes no
//! decision and writes no file.

use std::collections::BTreeMap;

use vinr_domain::batch::Totals;
use vinr_domain::{BatchId, Currency, IntentId, PaymentId, RefundId};

use super::RequestKey;
use crate::deck::TestCard;
use crate::ledger::line::{Decision, Line, Outcome, VERSION};
use crate::ledger::{Anomaly, ChargeName, Charges};

/// The account behind a card, in one currency. All amounts in minor units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Account {
    /// What it held at first.
    pub opening_minor: i64,
    /// Set aside for authorizations that have not been captured.
    pub held_minor: i64,
    /// Taken and not given back.
    pub taken_minor: i64,
}

impl Account {
    fn opened(card: &TestCard) -> Self {
        Self { opening_minor: card.opening_minor(), held_minor: 0, taken_minor: 0 }
    }

    /// What can still be spent; negative after a capture beyond what was held (contract 1.7).
    #[must_use]
    pub fn available_minor(&self) -> i64 {
        self.opening_minor - self.held_minor - self.taken_minor
    }
}

/// A request that was decided, and what has become of it.
#[derive(Debug)]
pub(crate) struct Record {
    pub decision: Decision,
    pub captured_minor: Option<i64>,
    pub reversed: bool,
    pub refunded_minor: i64,
}

/// A refund that was decided.
#[derive(Debug)]
pub(crate) struct Refunded {
    pub at_ms: i64,
    pub key: RequestKey,
    pub payment: PaymentId,
    pub amount_minor: i64,
    pub declined: bool,
}

/// A batch that was settled.
#[derive(Debug)]
struct Settled {
    at_ms: i64,
    tender: Tender,
    totals: Totals,
}

/// A terminal and a currency.
type Tender = (Box<str>, Currency);

#[derive(Debug)]
pub(crate) enum Entry {
    Decided(Box<Record>),
    /// Reversed before it arrived: it will be declined if it ever does.
    Tombstone {
        at_ms: i64,
        intent: IntentId,
        payment: PaymentId,
    },
}

/// A line that contradicts the lines before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Contradiction(&'static str);

#[derive(Debug, Default)]
pub(crate) struct Book {
    entries: BTreeMap<RequestKey, Entry>,
    accounts: BTreeMap<(&'static str, Currency), Account>,
    anomalies: BTreeMap<Anomaly, u64>,
    refunds: BTreeMap<RefundId, Refunded>,
    settled: BTreeMap<BatchId, Settled>,
    /// What was ever taken and given back; reversals of what was taken do not lessen it.
    turnover: BTreeMap<Tender, Totals>,
    /// What the settled batches add up to.
    agreed: BTreeMap<Tender, Totals>,
}

impl Book {
    pub(crate) fn entry(&self, key: &RequestKey) -> Option<&Entry> {
        self.entries.get(key)
    }

    pub(crate) fn account(&self, card: &TestCard, currency: Currency) -> Account {
        self.accounts.get(&(card.name(), currency)).copied().unwrap_or_else(|| Account::opened(card))
    }

    pub(crate) fn anomalies(&self) -> &BTreeMap<Anomaly, u64> {
        &self.anomalies
    }

    pub(crate) fn refund(&self, refund: RefundId) -> Option<&Refunded> {
        self.refunds.get(&refund)
    }

    pub(crate) fn settlement(&self, batch: BatchId) -> Option<&Totals> {
        self.settled.get(&batch).map(|settled| &settled.totals)
    }

    /// Whether these sums and all that have been settled fit into what was taken and given back.
    pub(crate) fn balances_with(&self, terminal: &str, currency: Currency, totals: &Totals) -> bool {
        let tender: Tender = (terminal.into(), currency);
        let turnover = self.turnover.get(&tender).copied().unwrap_or_default();
        let sum = self.agreed.get(&tender).copied().unwrap_or_default().plus(totals);
        sum.sales_count <= turnover.sales_count
            && sum.sales_minor <= turnover.sales_minor
            && sum.refunds_count <= turnover.refunds_count
            && sum.refunds_minor <= turnover.refunds_minor
    }

    pub(crate) fn charges(&self) -> BTreeMap<ChargeName, Charges> {
        let mut all: BTreeMap<ChargeName, Charges> = BTreeMap::new();
        for entry in self.entries.values() {
            let Entry::Decided(record) = entry else { continue };
            let Outcome::Approved { authorized_minor, .. } = record.decision.outcome else { continue };
            let name = ChargeName { intent: record.decision.intent, payment: record.decision.payment };
            let sums = all.entry(name).or_default();
            sums.authorized_minor += authorized_minor;
            if record.reversed {
                sums.reversed_minor += record.captured_minor.unwrap_or(authorized_minor);
            } else {
                sums.captured_minor += record.captured_minor.unwrap_or(0);
                sums.refunded_minor += record.refunded_minor;
                sums.count += 1;
            }
        }
        all
    }

    /// Takes a line into the book. A line that contradicts the book leaves it as it was.
    pub(crate) fn apply(&mut self, line: Line) -> Result<(), Contradiction> {
        match line {
            Line::Ledger { version: VERSION, .. } => Ok(()),
            Line::Ledger { .. } => Err(Contradiction("written by another version")),
            Line::Authorize(decision) => {
                let purchase = match &decision.outcome {
                    Outcome::Approved { authorized_minor, .. } if decision.capture => Some(*authorized_minor),
                    Outcome::Approved { .. } | Outcome::Declined(_) => None,
                };
                self.stand(Record { decision, captured_minor: purchase, reversed: false, refunded_minor: 0 })
            }
            Line::Standing { decision, captured_minor, reversed } => {
                self.stand(Record { decision, captured_minor, reversed, refunded_minor: 0 })
            }
            Line::Capture { key, amount_minor, .. } => self.capture(&key, amount_minor),
            Line::Reverse { at_ms, key, intent, payment } => {
                self.reverse(key, Entry::Tombstone { at_ms, intent, payment })
            }
            Line::Refund { at_ms, key, refund, payment, amount_minor, declined } => {
                self.give_back(refund, Refunded { at_ms, key, payment, amount_minor, declined })
            }
            Line::Settle {
                at_ms,
                terminal,
                batch,
                currency,
                sales_count,
                sales_minor,
                refunds_count,
                refunds_minor,
            } => {
                let totals = Totals { sales_count, sales_minor, refunds_count, refunds_minor };
                self.agree(batch, Settled { at_ms, tender: (terminal, currency), totals })
            }
            Line::Anomaly { what, .. } => {
                *self.anomalies.entry(what).or_default() += 1;
                Ok(())
            }
            Line::Anomalies { what, count } => {
                *self.anomalies.entry(what).or_default() += count;
                Ok(())
            }
        }
    }

    fn stand(&mut self, record: Record) -> Result<(), Contradiction> {
        let key = record.decision.key.clone();
        match (self.entries.get(&key), &record.decision.outcome) {
            (None, _) | (Some(Entry::Tombstone { .. }), Outcome::Declined(_)) => {}
            (Some(Entry::Tombstone { .. }), Outcome::Approved { .. }) => {
                return Err(Contradiction("approves a request that had been reversed"));
            }
            (Some(Entry::Decided(_)), _) => return Err(Contradiction("decides a request twice")),
        }
        if let Outcome::Approved { authorized_minor, .. } = record.decision.outcome {
            let account = self
                .account_of(&record.decision)
                .ok_or(Contradiction("approves a request without a card"))?;
            match record.captured_minor {
                _ if record.reversed => {}
                Some(captured_minor) => account.taken_minor += captured_minor,
                None => account.held_minor += authorized_minor,
            }
        }
        if let Some(captured_minor) = record.captured_minor {
            self.turn_over(&record.decision, captured_minor);
        }
        self.entries.insert(key, Entry::Decided(Box::new(record)));
        Ok(())
    }

    fn capture(&mut self, key: &RequestKey, amount_minor: i64) -> Result<(), Contradiction> {
        let Some(Entry::Decided(record)) = self.entries.get_mut(key) else {
            return Err(Contradiction("captures an unknown request"));
        };
        let Outcome::Approved { authorized_minor, .. } = record.decision.outcome else {
            return Err(Contradiction("captures a declined request"));
        };
        if record.reversed || record.captured_minor.is_some() {
            return Err(Contradiction("captures a request that holds nothing"));
        }
        record.captured_minor = Some(amount_minor);
        let account = account(&mut self.accounts, &record.decision);
        let account = account.ok_or(Contradiction("captures a request without a card"))?;
        account.held_minor -= authorized_minor;
        account.taken_minor += amount_minor;
        let sale = Totals { sales_count: 1, sales_minor: amount_minor, ..Totals::default() };
        add(&mut self.turnover, tender_of(&record.decision), &sale);
        Ok(())
    }

    fn reverse(&mut self, key: RequestKey, tombstone: Entry) -> Result<(), Contradiction> {
        let record = match self.entries.get_mut(&key) {
            None => {
                self.entries.insert(key, tombstone);
                return Ok(());
            }
            Some(Entry::Tombstone { .. }) => return Err(Contradiction("reverses a request twice")),
            Some(Entry::Decided(record)) => record,
        };
        let Outcome::Approved { authorized_minor, .. } = record.decision.outcome else {
            return Err(Contradiction("reverses a declined request"));
        };
        if record.reversed {
            return Err(Contradiction("reverses a request twice"));
        }
        record.reversed = true;
        let account = account(&mut self.accounts, &record.decision);
        let account = account.ok_or(Contradiction("reverses a request without a card"))?;
        match record.captured_minor {
            Some(captured_minor) => account.taken_minor -= captured_minor - record.refunded_minor,
            None => account.held_minor -= authorized_minor,
        }
        Ok(())
    }

    fn give_back(&mut self, id: RefundId, refund: Refunded) -> Result<(), Contradiction> {
        if self.refunds.contains_key(&id) {
            return Err(Contradiction("decides a refund twice"));
        }
        let Some(Entry::Decided(record)) = self.entries.get_mut(&refund.key) else {
            return Err(Contradiction("refunds an unknown request"));
        };
        if !refund.declined {
            let left_minor = record.captured_minor.unwrap_or(0) - record.refunded_minor;
            if !(1..=left_minor).contains(&refund.amount_minor) {
                return Err(Contradiction("refunds more than was taken"));
            }
            record.refunded_minor += refund.amount_minor;
            if !record.reversed {
                let account = account(&mut self.accounts, &record.decision);
                account.ok_or(Contradiction("refunds a request without a card"))?.taken_minor -=
                    refund.amount_minor;
            }
            let given = Totals { refunds_count: 1, refunds_minor: refund.amount_minor, ..Totals::default() };
            add(&mut self.turnover, tender_of(&record.decision), &given);
        }
        self.refunds.insert(id, refund);
        Ok(())
    }

    fn agree(&mut self, id: BatchId, settled: Settled) -> Result<(), Contradiction> {
        if self.settled.contains_key(&id) {
            return Err(Contradiction("settles a batch twice"));
        }
        add(&mut self.agreed, settled.tender.clone(), &settled.totals);
        self.settled.insert(id, settled);
        Ok(())
    }

    fn turn_over(&mut self, decision: &Decision, captured_minor: i64) {
        let sale = Totals { sales_count: 1, sales_minor: captured_minor, ..Totals::default() };
        add(&mut self.turnover, tender_of(decision), &sale);
    }

    /// The lines from which an equal book can be made, without what led there.
    pub(crate) fn snapshot(&self) -> impl Iterator<Item = Line> {
        let entries = self.entries.iter().map(|(key, entry)| match entry {
            Entry::Decided(record) => Line::Standing {
                decision: record.decision.clone(),
                captured_minor: record.captured_minor,
                reversed: record.reversed,
            },
            Entry::Tombstone { at_ms, intent, payment } => {
                Line::Reverse { at_ms: *at_ms, key: key.clone(), intent: *intent, payment: *payment }
            }
        });
        let refunds = self.refunds.iter().map(|(id, refund)| Line::Refund {
            at_ms: refund.at_ms,
            key: refund.key.clone(),
            refund: *id,
            payment: refund.payment,
            amount_minor: refund.amount_minor,
            declined: refund.declined,
        });
        let settled = self.settled.iter().map(|(id, settled)| Line::Settle {
            at_ms: settled.at_ms,
            terminal: settled.tender.0.clone(),
            batch: *id,
            currency: settled.tender.1,
            sales_count: settled.totals.sales_count,
            sales_minor: settled.totals.sales_minor,
            refunds_count: settled.totals.refunds_count,
            refunds_minor: settled.totals.refunds_minor,
        });
        entries
            .chain(refunds)
            .chain(settled)
            .chain(self.anomalies.iter().map(|(what, count)| Line::Anomalies { what: *what, count: *count }))
    }

    fn account_of(&mut self, decision: &Decision) -> Option<&mut Account> {
        account(&mut self.accounts, decision)
    }
}

fn tender_of(decision: &Decision) -> Tender {
    (decision.key.terminal.clone(), decision.currency)
}

fn add(sums: &mut BTreeMap<Tender, Totals>, tender: Tender, more: &Totals) {
    let sum = sums.entry(tender).or_default();
    *sum = sum.plus(more);
}

/// Apart from [`Book`], so that a record and its account can be changed together.
fn account<'a>(
    accounts: &'a mut BTreeMap<(&'static str, Currency), Account>,
    decision: &Decision,
) -> Option<&'a mut Account> {
    let card = decision.card?;
    Some(accounts.entry((card.name(), decision.currency)).or_insert_with(|| Account::opened(card)))
}
