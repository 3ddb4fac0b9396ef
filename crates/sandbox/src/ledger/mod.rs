//! The issuer's own record of every decision: an append-only file of JSON lines, and what can be proved from it.
//! Holds no card number: a card stands in it as its name and last four digits.
//!
//! Every line is an object with `op`, ends in a line feed, and all lines of one decision are written by one
//! `write(2)` before the answer leaves. There is no fsync: the file survives the death of the process (kill -9), not
//! of the machine. A last line without its line feed was never answered for and is dropped; anything else that
//! cannot be read is damage and is refused. `at_ms` is in milliseconds since the Unix epoch, amounts are in minor
//! units; `terminal`, `generation`, `stan` name the request, `intent` and `payment` the payment.
//!
//! | `op` | beside those | says |
//! | --- | --- | --- |
//! | `ledger` | `version` (1), `snapshot_bytes` | first line of every file |
//! | `authorize` | `card{name,last4}` or null, `currency`, `asked_minor`, `capture`, `print`, `outcome` | decided: `outcome` is `{"approved":{"authorized_minor","auth_code"}}` or `{"declined":"<code>"}`; `capture` true: taken at once, false: held; `print` is a fingerprint of the request |
//! | `capture` | `amount_minor` | took this much of what was held, released the rest |
//! | `reverse` | | gave back what was held or taken; for an unknown request: it will be declined |
//! | `refund` | `refund`, `amount_minor`, `declined` | gave this much back of what was taken, unless `declined` |
//! | `settle` | `batch`, `currency`, `sales_count`, `sales_minor`, `refunds_count`, `refunds_minor` | agreed to the sums of a batch of `terminal` |
//! | `anomaly` | `what` | the acquirer did what it must not; moved no money |
//! | `standing` | as `authorize`, and `captured_minor` or null, `reversed` | a request with all that became of it, from a compaction |
//! | `anomalies` | `what`, `count` | how often, before a compaction |

mod file;
pub(crate) mod line;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use vinr_domain::{IntentId, PaymentId};

pub(crate) use file::Ledger;
pub use line::Anomaly;

use crate::issuer::{Book, Contradiction};
use line::Line;

/// Which payment a charge is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChargeName {
    /// Its one identity on every path.
    pub intent: IntentId,
    /// Its name on the API.
    pub payment: PaymentId,
}

/// What has been charged for one payment. All amounts in minor units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Charges {
    /// Approved, whether reversed later or not.
    pub authorized_minor: i64,
    /// Taken and not given back by a reversal.
    pub captured_minor: i64,
    /// Given back by refunds, of what had been taken.
    pub refunded_minor: i64,
    /// Given back by reversals: what had been taken, or held.
    pub reversed_minor: i64,
    /// How many approved authorizations have not been reversed. More than one is a double charge.
    pub count: u32,
}

/// What a ledger file proves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// What has been charged, per payment.
    pub charges: BTreeMap<ChargeName, Charges>,
    /// How often acquirers did what they must not.
    pub anomalies: BTreeMap<Anomaly, u64>,
    /// How many whole lines the file has.
    pub lines: u64,
    /// Whether a torn line follows them.
    pub torn: bool,
}

impl Summary {
    /// How often an intent is charged, under whichever payments.
    #[must_use]
    pub fn charges_of(&self, intent: IntentId) -> u32 {
        let of_intent = self.charges.iter().filter(|(name, _)| name.intent == intent);
        of_intent.map(|(_, charges)| charges.count).sum()
    }

    /// The intents that are charged more than once: there must be none (contract 3.1).
    #[must_use]
    pub fn charged_twice(&self) -> Vec<IntentId> {
        let mut counts: BTreeMap<IntentId, u32> = BTreeMap::new();
        for (name, charges) in &self.charges {
            *counts.entry(name.intent).or_default() += charges.count;
        }
        counts.into_iter().filter(|(_, count)| *count > 1).map(|(intent, _)| intent).collect()
    }
}

/// The ledger file cannot be used; the operator has to act.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// The file system refused.
    #[error("cannot {action} the issuer's ledger {}: {source}", path.display())]
    Io {
        /// What was attempted, as a verb.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// The reason the system gave.
        source: std::io::Error,
    },
    /// Another process writes it.
    #[error("the issuer's ledger {} is in use by another process", path.display())]
    Busy {
        /// The file.
        path: PathBuf,
    },
    /// A line in the middle cannot be read, or contradicts the lines before it.
    #[error("line {line} of the issuer's ledger {} is damaged: {reason}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// Which line, counted from 1.
        line: u64,
        /// What is wrong with it.
        reason: String,
    },
}

/// Reads what a ledger file proves; it may be in use. Changes nothing.
///
/// # Errors
/// [`LedgerError`] when it cannot be read or is damaged.
pub fn summary(path: &Path) -> Result<Summary, LedgerError> {
    let bytes = std::fs::read(path).map_err(file::io("read", path))?;
    let replayed = replay(&bytes, path)?;
    Ok(Summary {
        charges: replayed.book.charges(),
        anomalies: replayed.book.anomalies().clone(),
        lines: replayed.lines,
        torn: replayed.whole_len < bytes.len(),
    })
}

struct Replayed {
    book: Book,
    lines: u64,
    /// Bytes up to and including the last line feed.
    whole_len: usize,
    snapshot_bytes: u64,
}

fn replay(bytes: &[u8], path: &Path) -> Result<Replayed, LedgerError> {
    let whole_len = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    let mut replayed = Replayed { book: Book::default(), lines: 0, whole_len, snapshot_bytes: 0 };
    for text in bytes[..whole_len].split_inclusive(|byte| *byte == b'\n') {
        replayed.lines += 1;
        let damaged = |reason| LedgerError::Damaged { path: path.to_owned(), line: replayed.lines, reason };
        let line: Line = serde_json::from_slice(text).map_err(|error| damaged(place_of(&error)))?;
        match (replayed.lines, &line) {
            (1, Line::Ledger { snapshot_bytes, .. }) => replayed.snapshot_bytes = *snapshot_bytes,
            (1, _) => return Err(damaged("not a ledger".to_owned())),
            (_, Line::Ledger { .. }) => return Err(damaged("a ledger within a ledger".to_owned())),
            _ => {}
        }
        replayed.book.apply(line).map_err(|reason: Contradiction| damaged(reason.to_string()))?;
    }
    Ok(replayed)
}

/// Where a line stops being readable. The parser's own words may repeat the content, which may be anything.
fn place_of(error: &serde_json::Error) -> String {
    format!("not a line of a ledger from column {} on", error.column())
}
