//! Who waits for which terminals, and whom a free terminal is offered to. Plain data: takes the time and the state of
//! terminals as arguments, knows neither store nor tasks.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;
use vinr_domain::PaymentId;
use vinr_domain::payment::Payment;
use vinr_wire::link::Simulation;

use crate::gateway::{Offer, TerminalKey};
use crate::payments::scope_of;
use crate::store::Scope;

/// How long a terminal is left alone after it has not taken a payment although it looked free: it is locked, or has a
/// payment that the cloud does not know of.
const RESTS: Duration = Duration::from_secs(5);

/// A payment that waits.
struct Entry {
    payment: Arc<Payment>,
    terminals: Vec<TerminalKey>,
    simulation: Option<Simulation>,
    /// A terminal is being asked to take it.
    offered: bool,
    /// Nobody can take it now, though it stands here: its wait is over, or it cannot be read. Until the next look.
    put_off: bool,
}

impl Entry {
    fn can_be_offered(&self) -> bool {
        !self.offered && !self.put_off
    }
}

/// An offer that is to be made.
#[derive(Debug)]
pub(super) struct Proposal {
    pub(super) terminal: TerminalKey,
    pub(super) payment: Arc<Payment>,
    pub(super) simulation: Option<Simulation>,
}

/// Everybody who waits.
#[derive(Default)]
pub(super) struct Waiting {
    entries: BTreeMap<PaymentId, Entry>,
    by_terminal: BTreeMap<TerminalKey, BTreeSet<PaymentId>>,
    /// Terminals that are being asked, or that a new payment is on its way to.
    reserved: BTreeSet<TerminalKey>,
    /// Terminals that are left alone until then.
    resting: BTreeMap<TerminalKey, Instant>,
    /// Terminals that may be free, the one that was free first in front.
    vacant: VecDeque<TerminalKey>,
    /// How many wait in each scope, and how many are about to.
    counts: BTreeMap<Scope, usize>,
    #[cfg(feature = "sabotage")]
    offers_twice: bool,
}

impl Waiting {
    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    #[cfg(feature = "sabotage")]
    pub(super) fn offer_twice(&mut self, offers_twice: bool) {
        self.offers_twice = offers_twice;
    }

    /// Takes a place for one more, if there is one.
    pub(super) fn take_slot(&mut self, scope: &Scope, most: usize) -> bool {
        let count = self.counts.entry(scope.clone()).or_default();
        if *count >= most {
            return false;
        }
        *count += 1;
        true
    }

    pub(super) fn free_slot(&mut self, scope: &Scope) {
        if let Some(count) = self.counts.get_mut(scope) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                self.counts.remove(scope);
            }
        }
    }

    /// Waits from now on, in the place that its name gives it. One that waits already is replaced.
    pub(super) fn enter(
        &mut self,
        payment: Arc<Payment>,
        terminals: Vec<TerminalKey>,
        simulation: Option<Simulation>,
    ) {
        self.leave(payment.id);
        *self.counts.entry(scope_of(&payment)).or_default() += 1;
        for terminal in &terminals {
            self.by_terminal.entry(terminal.clone()).or_default().insert(payment.id);
            self.vacant_again(terminal);
        }
        self.entries
            .insert(payment.id, Entry { payment, terminals, simulation, offered: false, put_off: false });
    }

    /// Waits no longer. Whoever waits behind it at its terminals is looked at again.
    pub(super) fn leave(&mut self, id: PaymentId) {
        let Some(entry) = self.entries.remove(&id) else { return };
        self.free_slot(&scope_of(&entry.payment));
        for terminal in &entry.terminals {
            if let Some(ids) = self.by_terminal.get_mut(terminal) {
                ids.remove(&id);
                if ids.is_empty() {
                    self.by_terminal.remove(terminal);
                }
            }
            self.vacant_again(terminal);
        }
    }

    /// How many are served before it, of those who wait for one of its terminals, and itself.
    pub(super) fn position(&self, id: PaymentId) -> Option<usize> {
        let entry = self.entries.get(&id)?;
        let before: BTreeSet<PaymentId> = entry
            .terminals
            .iter()
            .filter_map(|terminal| self.by_terminal.get(terminal))
            .flat_map(|ids| ids.range(..id).copied())
            .collect();
        Some(before.len() + 1)
    }

    /// The terminal may be free; `true` when somebody waits for it.
    pub(super) fn vacant_again(&mut self, terminal: &TerminalKey) -> bool {
        if !self.by_terminal.contains_key(terminal) {
            return false;
        }
        if !self.vacant.contains(terminal) {
            self.vacant.push_back(terminal.clone());
        }
        true
    }

    /// Every terminal that somebody waits for may be free.
    pub(super) fn look_everywhere(&mut self) {
        self.entries.values_mut().for_each(|entry| entry.put_off = false);
        self.vacant = self.by_terminal.keys().cloned().collect();
    }

    /// Leaves the terminal alone for a while.
    pub(super) fn rest(&mut self, terminal: &TerminalKey, now: Instant) {
        self.resting.insert(terminal.clone(), now + RESTS);
    }

    /// The next offer: the oldest who waits for a terminal that is free. To be settled.
    pub(super) fn propose(
        &mut self,
        now: Instant,
        is_idle: impl Fn(&TerminalKey) -> bool,
    ) -> Option<Proposal> {
        self.resting.retain(|_, until| *until > now);
        while let Some(terminal) = self.vacant.pop_front() {
            let untouched = !self.reserved.contains(&terminal) && !self.resting.contains_key(&terminal);
            if !untouched || !is_idle(&terminal) {
                continue;
            }
            let ids = self.by_terminal.get(&terminal).into_iter().flatten().copied();
            let oldest = ids.into_iter().find(|id| self.entries.get(id).is_some_and(Entry::can_be_offered));
            let Some(entry) = oldest.and_then(|id| self.entries.get_mut(&id)) else { continue };
            entry.offered = true;
            self.reserved.insert(terminal.clone());
            let (payment, simulation) = (Arc::clone(&entry.payment), entry.simulation.clone());
            return Some(Proposal { terminal, payment, simulation });
        }
        None
    }

    /// What became of an offer; `true` when the payment has to be read again. An entry that has been replaced since,
    /// because the terminal has taken the payment and given it back, is left as it is.
    pub(super) fn settle(
        &mut self,
        terminal: &TerminalKey,
        payment: &Payment,
        outcome: Offer,
        now: Instant,
    ) -> bool {
        self.release(terminal);
        let same = |entry: &&mut Entry| entry.payment.revision == payment.revision;
        let Some(entry) = self.entries.get_mut(&payment.id).filter(same) else { return false };
        match outcome {
            #[cfg(feature = "sabotage")]
            Offer::Taken if self.offers_twice => {
                entry.offered = false;
                false
            }
            Offer::Taken => {
                self.leave(payment.id);
                false
            }
            Offer::Moved => true,
            Offer::NotFree | Offer::Failed => {
                entry.offered = false;
                let others = entry.terminals.clone();
                if outcome == Offer::Failed {
                    self.rest(terminal, now);
                }
                // It says itself when it is free; the others may have been while this one was asked.
                for other in others.iter().filter(|other| *other != terminal) {
                    self.vacant_again(other);
                }
                false
            }
        }
    }

    /// Keeps a terminal for a new payment: the first of these that is free and that nobody waits for.
    pub(super) fn reserve<'t>(
        &mut self,
        terminals: impl IntoIterator<Item = &'t TerminalKey>,
        now: Instant,
        is_idle: impl Fn(&TerminalKey) -> bool,
    ) -> Option<TerminalKey> {
        let rests = |key: &TerminalKey| self.resting.get(key).is_some_and(|until| *until > now);
        let found = terminals.into_iter().find(|key| {
            !self.by_terminal.contains_key(*key)
                && !self.reserved.contains(*key)
                && !rests(key)
                && is_idle(key)
        })?;
        self.reserved.insert(found.clone());
        Some(found.clone())
    }

    /// No longer kept, or no longer asked.
    pub(super) fn release(&mut self, terminal: &TerminalKey) {
        self.reserved.remove(terminal);
        self.vacant_again(terminal);
    }

    /// Those whose wait should be over.
    pub(super) fn overdue(&self, now: vinr_domain::Timestamp) -> Vec<Arc<Payment>> {
        let over = self.entries.values().filter(|entry| entry.payment.deadline <= now);
        over.map(|entry| Arc::clone(&entry.payment)).collect()
    }

    /// It cannot be read now: it is offered again later, and read again when that fails.
    pub(super) fn put_off(&mut self, id: PaymentId) {
        if let Some(entry) = self.entries.get_mut(&id) {
            (entry.offered, entry.put_off) = (false, true);
        }
    }

    /// What the store says of a payment that is here: it waits still, in this revision, or no longer.
    pub(super) fn reread(&mut self, id: PaymentId, stored: Option<Arc<Payment>>) {
        match stored.filter(|stored| stored.is_queued()) {
            None => self.leave(id),
            Some(stored) => {
                let Some(entry) = self.entries.get_mut(&id) else { return };
                if entry.payment.revision < stored.revision {
                    (entry.payment, entry.offered) = (stored, false);
                } else if entry.payment.revision == stored.revision {
                    // Not moved, and not to be assigned: whoever ends waits has to end it first.
                    (entry.offered, entry.put_off) = (false, true);
                }
                let terminals = entry.terminals.clone();
                for terminal in &terminals {
                    self.vacant_again(terminal);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
