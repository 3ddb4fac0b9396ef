//! The chain of one terminal's approvals without the cloud, in one life of its journal: what has been seen of it, and what
//! the next one says about it. Knows of no store beyond its own form.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use vinr_domain::payment::OfflineApproval;
use vinr_domain::{IntentId, TerminalId, Timestamp};

use crate::store::{Kind, Scope, Stored, spelling};

/// How many of the newest approvals are remembered by number and hash: one that is sent again is told from one that
/// reuses a number.
const REMEMBERED: usize = 32;
/// How many findings wait to be told; what is beyond is in the log.
const MOST_FINDINGS: usize = 64;

/// Something that should not be.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "finding", rename_all = "snake_case", rename_all_fields = "camelCase")]
pub enum Finding {
    /// Numbers were skipped: approvals were lost on the terminal.
    Gap {
        /// The next number.
        expected: u32,
        /// The number that came.
        number: u32,
    },
    /// A number came again for something else: the terminal's journal was rolled back.
    Repeat {
        /// The number.
        number: u32,
    },
    /// An approval does not name the one before it.
    WrongPrevious {
        /// Its number.
        number: u32,
    },
    /// An approval is not what its hash was made of. Nobody is asked for its money.
    Altered {
        /// Its number.
        number: u32,
    },
    /// The terminal says that nothing waits, and more approvals were given than ever came.
    Missing {
        /// The highest number that came.
        came: u32,
        /// The highest number that was given.
        given: u32,
    },
    /// An approval came later than the configuration allows. Nobody is asked for its money.
    TooOld {
        /// Which payment.
        #[serde(with = "spelling::text")]
        intent: IntentId,
        /// How much it was approved for, in minor units.
        amount_minor: i64,
    },
    /// An approval was given for a payment that had ended, or was made elsewhere. Nobody is asked for its money.
    Voided {
        /// Which payment.
        #[serde(with = "spelling::text")]
        intent: IntentId,
        /// How much it was approved for, in minor units.
        amount_minor: i64,
    },
}

impl Finding {
    /// Whether records are missing or cannot be true; otherwise a single approval came to nothing.
    #[must_use]
    pub fn is_about_records(&self) -> bool {
        match self {
            Self::Gap { .. }
            | Self::Repeat { .. }
            | Self::WrongPrevious { .. }
            | Self::Altered { .. }
            | Self::Missing { .. } => true,
            Self::TooOld { .. } | Self::Voided { .. } => false,
        }
    }
}

/// An approval that has been seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Seen {
    #[serde(rename = "n")]
    number: u32,
    #[serde(rename = "h")]
    hash: Arc<str>,
}

/// What has been seen of a chain.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ChainRow {
    /// Whose.
    pub scope: Scope,
    /// The terminal.
    #[serde(with = "spelling::text")]
    pub terminal: TerminalId,
    /// Life of its journal.
    pub generation: u32,
    /// When its first approval came.
    #[serde(with = "spelling::moment")]
    pub created_at: Timestamp,
    /// The highest number that came.
    pub last_number: u32,
    /// Hash of that one.
    last_hash: Arc<str>,
    newest: Vec<Seen>,
    /// What is to be told.
    #[serde(default)]
    pub findings: Vec<Finding>,
    /// The highest number of which it was told that it is missing.
    #[serde(default)]
    pub missing_told: u32,
}

impl Stored for ChainRow {
    const KIND: Kind = Kind::OfflineChain;

    fn scope(&self) -> &Scope {
        &self.scope
    }

    fn id(&self) -> Arc<str> {
        Self::name(&self.terminal, self.generation)
    }

    fn created_at(&self) -> Timestamp {
        self.created_at
    }

    fn due_at(&self) -> Option<Timestamp> {
        (!self.findings.is_empty()).then_some(self.created_at)
    }
}

impl ChainRow {
    /// The chain's name.
    #[must_use]
    pub fn name(terminal: &TerminalId, generation: u32) -> Arc<str> {
        format!("{terminal}/{generation}").into()
    }

    /// A chain of which nothing has been seen.
    #[must_use]
    pub fn new(scope: Scope, terminal: TerminalId, generation: u32, created_at: Timestamp) -> Self {
        Self {
            scope,
            terminal,
            generation,
            created_at,
            last_number: 0,
            last_hash: hex(&vinr_wire::link::chain::FIRST),
            newest: Vec::new(),
            findings: Vec::new(),
            missing_told: 0,
        }
    }

    /// Takes note of an approval and of what it shows. `false` when it has been seen before.
    pub fn take(&mut self, approval: &OfflineApproval, genuine: bool) -> bool {
        let (number, hash) = (approval.number, hex(&approval.hash));
        if self.newest.iter().any(|seen| seen.number == number && seen.hash == hash) {
            return false;
        }
        if !genuine {
            self.find(Finding::Altered { number });
        }
        let expected = self.last_number.saturating_add(1);
        if number < expected {
            self.find(Finding::Repeat { number });
        } else if number > expected {
            self.find(Finding::Gap { expected, number });
        } else if hex(&approval.previous) != self.last_hash {
            self.find(Finding::WrongPrevious { number });
        }
        if number >= expected {
            self.last_number = number;
            self.last_hash = Arc::clone(&hash);
        }
        self.newest.push(Seen { number, hash });
        let surplus = self.newest.len().saturating_sub(REMEMBERED);
        self.newest.drain(..surplus);
        true
    }

    /// Nothing waits on the terminal any more, and this is the highest number that it ever gave. `true` when something
    /// is missing that nobody was told of.
    pub fn nothing_waits(&mut self, given: u32) -> bool {
        let came = self.last_number;
        if given <= came || given <= self.missing_told {
            return false;
        }
        self.missing_told = given;
        self.find(Finding::Missing { came, given });
        true
    }

    /// Something is to be told.
    pub fn find(&mut self, finding: Finding) {
        tracing::error!(terminal = %self.terminal, generation = self.generation, ?finding, "an offline approval is out of order");
        if self.findings.len() < MOST_FINDINGS {
            self.findings.push(finding);
        }
    }
}

fn hex(hash: &[u8; 32]) -> Arc<str> {
    hash.iter().map(|byte| format!("{byte:02x}")).collect::<String>().into()
}

#[cfg(test)]
mod tests {
    use vinr_domain::AccountId;

    use super::*;

    fn chain() -> ChainRow {
        let scope = Scope { account: AccountId::parse("acct_1").unwrap(), livemode: false };
        ChainRow::new(scope, TerminalId::parse("term_1").unwrap(), 1, Timestamp(0))
    }

    fn approval(number: u32, previous: u8, hash: u8) -> OfflineApproval {
        OfflineApproval { approved_at: Timestamp(0), number, previous: [previous; 32], hash: [hash; 32] }
    }

    #[test]
    fn a_chain_that_is_whole_finds_nothing_and_knows_what_is_sent_again() {
        let mut chain = chain();
        for (number, previous) in [(1, 0), (2, 1), (3, 2)] {
            assert!(chain.take(&approval(number, previous, number as u8), true));
        }
        assert!(!chain.take(&approval(1, 0, 1), true) && !chain.take(&approval(3, 2, 3), true));
        assert!(!chain.nothing_waits(3));
        assert_eq!((chain.findings.as_slice(), chain.due_at()), (&[][..], None));
    }

    #[test]
    fn what_is_skipped_repeated_torn_altered_or_missing_is_found() {
        let found = |approvals: &[(OfflineApproval, bool)]| {
            let mut chain = chain();
            for (approval, genuine) in approvals {
                chain.take(approval, *genuine);
            }
            chain.findings
        };
        let first = (approval(1, 0, 1), true);
        assert_eq!(found(&[(approval(2, 1, 2), true)]), [Finding::Gap { expected: 1, number: 2 }]);
        assert_eq!(found(&[first, (approval(1, 0, 9), true)]), [Finding::Repeat { number: 1 }]);
        assert_eq!(found(&[first, (approval(2, 9, 2), true)]), [Finding::WrongPrevious { number: 2 }]);
        assert_eq!(found(&[(approval(1, 0, 1), false)]), [Finding::Altered { number: 1 }]);
        let mut chain = chain();
        chain.take(&approval(1, 0, 1), true);
        assert!(chain.nothing_waits(3) && !chain.nothing_waits(3));
        assert_eq!(chain.findings, [Finding::Missing { came: 1, given: 3 }]);
        assert!(chain.due_at().is_some());
    }

    #[test]
    fn a_repeated_number_does_not_set_the_chain_back() {
        let mut chain = chain();
        for number in 1..=40 {
            chain.take(&approval(number, number as u8 - 1, number as u8), true);
        }
        chain.take(&approval(5, 4, 99), true);
        assert_eq!((chain.last_number, chain.newest.len()), (40, REMEMBERED));
        assert!(chain.take(&approval(41, 40, 41), true));
        assert_eq!(chain.findings, [Finding::Repeat { number: 5 }]);
    }
}
