//! What goes wrong between acquirer and issuer, drawn from a seed and counted. Decides only that a fault happens;
//! whoever carries the message makes it happen.

use std::collections::BTreeMap;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Which message is on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Message {
    /// A request for authorization.
    Authorize,
    /// An inquiry.
    Inquire,
    /// A capture.
    Capture,
    /// A reversal.
    Reverse,
}

impl Message {
    /// Every kind of message.
    pub const ALL: [Self; 4] = [Self::Authorize, Self::Inquire, Self::Capture, Self::Reverse];
}

/// What becomes of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It arrives, and so does its answer.
    Delivered,
    /// It never arrives; nobody answers.
    Silent,
    /// It arrives, and its answer comes so much later.
    Late {
        /// In milliseconds.
        after_ms: u32,
    },
    /// It arrives and is acted upon; the answer is lost.
    AnswerLost,
    /// It arrives twice; the second answer counts.
    Duplicated,
}

/// The names of the faults, for counting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "each is documented at the Fate variant of the same name")]
pub enum Fault {
    Silent,
    Late,
    AnswerLost,
    Duplicated,
}

impl Fault {
    /// Every fault.
    pub const ALL: [Self; 4] = [Self::Silent, Self::Late, Self::AnswerLost, Self::Duplicated];
}

/// How likely each fault is, per message, in thousandths. Together at most 1000; what is left is delivered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rates {
    /// Of [`Fate::Silent`].
    pub silent_permille: u16,
    /// Of [`Fate::Late`].
    pub late_permille: u16,
    /// Of [`Fate::AnswerLost`].
    pub answer_lost_permille: u16,
    /// Of [`Fate::Duplicated`].
    pub duplicated_permille: u16,
    /// The longest that a late answer takes, in milliseconds.
    pub latest_ms: u32,
}

/// The rates add up to more than certainty.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the rates of all faults add up to {sum_permille} in a thousand")]
pub struct TooLikely {
    /// What they add up to.
    pub sum_permille: u32,
}

/// The faults of one world, in one place. The same seed and the same messages give the same faults.
#[derive(Debug)]
pub struct Faults {
    rng: ChaCha8Rng,
    rates: Rates,
    happened: BTreeMap<(Message, Fault), u64>,
    messages: u64,
}

impl Faults {
    /// A plan of faults from a seed.
    ///
    /// # Errors
    /// [`TooLikely`] when the rates add up to more than 1000.
    pub fn new(seed: u64, rates: Rates) -> Result<Self, TooLikely> {
        let each = [
            rates.silent_permille,
            rates.late_permille,
            rates.answer_lost_permille,
            rates.duplicated_permille,
        ];
        let sum_permille = each.into_iter().map(u32::from).sum();
        if sum_permille > 1000 {
            return Err(TooLikely { sum_permille });
        }
        Ok(Self { rng: ChaCha8Rng::seed_from_u64(seed), rates, happened: BTreeMap::new(), messages: 0 })
    }

    /// Decides what becomes of the next message.
    pub fn draw(&mut self, message: Message) -> Fate {
        self.messages += 1;
        // Two draws for every message, so that one fate does not shift all that come after it.
        let mut ticket = self.rng.random_range(0..1000_u16);
        let after_ms = self.rng.random_range(0..=self.rates.latest_ms);
        let fates = [
            (self.rates.silent_permille, Fault::Silent, Fate::Silent),
            (self.rates.late_permille, Fault::Late, Fate::Late { after_ms }),
            (self.rates.answer_lost_permille, Fault::AnswerLost, Fate::AnswerLost),
            (self.rates.duplicated_permille, Fault::Duplicated, Fate::Duplicated),
        ];
        for (permille, fault, fate) in fates {
            if ticket < permille {
                *self.happened.entry((message, fault)).or_default() += 1;
                return fate;
            }
            ticket -= permille;
        }
        Fate::Delivered
    }

    /// Ends all faults: from here on every message is delivered, so that a world can come to rest.
    pub fn cease(&mut self) {
        self.rates = Rates { latest_ms: self.rates.latest_ms, ..Rates::default() };
    }

    /// How often a fault has happened to a kind of message.
    #[must_use]
    pub fn count(&self, message: Message, fault: Fault) -> u64 {
        self.happened.get(&(message, fault)).copied().unwrap_or(0)
    }

    /// The faults that have never happened: a test under them has tested nothing.
    #[must_use]
    pub fn never_happened(&self) -> Vec<(Message, Fault)> {
        let all = Message::ALL.into_iter().flat_map(|message| Fault::ALL.map(|fault| (message, fault)));
        all.filter(|pair| !self.happened.contains_key(pair)).collect()
    }

    /// How many messages there were, faulty or not.
    #[must_use]
    pub fn messages(&self) -> u64 {
        self.messages
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATES: Rates = Rates {
        silent_permille: 100,
        late_permille: 50,
        answer_lost_permille: 150,
        duplicated_permille: 200,
        latest_ms: 9_000,
    };

    #[test]
    fn every_fault_happens_about_as_often_as_its_rate_says() {
        let mut faults = Faults::new(1, RATES).unwrap();
        assert_eq!(faults.never_happened().len(), 16);
        for _ in 0..10_000 {
            for message in Message::ALL {
                if let Fate::Late { after_ms } = faults.draw(message) {
                    assert!(after_ms <= 9_000);
                }
            }
        }
        assert_eq!(faults.never_happened(), []);
        assert_eq!(faults.messages(), 40_000);
        for message in Message::ALL {
            for (fault, expected) in Fault::ALL.into_iter().zip([1000, 500, 1500, 2000_u64]) {
                let count = faults.count(message, fault);
                assert!(count.abs_diff(expected) < expected / 5, "{message:?} {fault:?}: {count}");
            }
        }
    }

    #[test]
    fn the_same_seed_gives_the_same_faults() {
        let fates = |seed| {
            let mut faults = Faults::new(seed, RATES).unwrap();
            (0..200).map(|_| faults.draw(Message::Authorize)).collect::<Vec<_>>()
        };
        assert_eq!(fates(5), fates(5));
        assert_ne!(fates(5), fates(6));
    }

    #[test]
    fn without_rates_and_after_the_end_everything_is_delivered() {
        let mut none = Faults::new(1, Rates::default()).unwrap();
        assert!((0..500).all(|_| none.draw(Message::Capture) == Fate::Delivered));
        let mut faults = Faults::new(1, Rates { silent_permille: 1000, ..Rates::default() }).unwrap();
        assert!((0..500).all(|_| faults.draw(Message::Reverse) == Fate::Silent));
        faults.cease();
        assert!((0..500).all(|_| faults.draw(Message::Reverse) == Fate::Delivered));
        assert_eq!(faults.count(Message::Reverse, Fault::Silent), 500);
    }

    #[test]
    fn more_than_certain_is_refused() {
        let rates = Rates { silent_permille: 600, duplicated_permille: 401, ..Rates::default() };
        assert_eq!(Faults::new(1, rates).unwrap_err(), TooLikely { sum_permille: 1001 });
    }
}
