//! What happened in a world, in order: a hash of everything, the last lines for people, counts, and the invariants that
//! were violated.

use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::time::Instant;

use super::card_number;
use super::happening::Happening;
use super::streams::StableHash;

/// How many lines are kept when nobody asked for all of them.
const KEPT_LINES: usize = 240;

/// A promise of the platform that was broken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Which promise.
    pub invariant: &'static str,
    /// How it was broken.
    pub what: String,
}

#[derive(Debug)]
struct Lines {
    start: Instant,
    hash: StableHash,
    count: u64,
    kept: VecDeque<String>,
    keep_all: bool,
    counts: BTreeMap<Happening, u64>,
    violations: Vec<Violation>,
}

/// The log of one world.
#[derive(Clone, Debug)]
pub(super) struct Log {
    lines: Arc<Mutex<Lines>>,
}

/// What a log holds in the end.
pub(super) struct Told {
    pub(super) hash: u64,
    pub(super) count: u64,
    pub(super) lines: Vec<String>,
    pub(super) counts: BTreeMap<Happening, u64>,
    pub(super) violations: Vec<Violation>,
}

impl Log {
    pub(super) fn new(keep_all: bool) -> Self {
        let lines = Lines {
            start: Instant::now(),
            hash: StableHash::new(),
            count: 0,
            kept: VecDeque::new(),
            keep_all,
            counts: BTreeMap::new(),
            violations: Vec::new(),
        };
        Self { lines: Arc::new(Mutex::new(lines)) }
    }

    fn lines(&self) -> MutexGuard<'_, Lines> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One line: who, and what.
    pub(super) fn say(&self, who: &str, what: fmt::Arguments<'_>) {
        let mut lines = self.lines();
        let ms = lines.start.elapsed().as_millis();
        let line = format!("{:>7}.{:03}  {who:<10} {what}", ms / 1000, ms % 1000);
        if card_number::stands_in(line.as_bytes()) {
            let what = format!("a card number is in the log, in a line of {who}");
            lines.violations.push(Violation { invariant: "I11", what });
        }
        lines.hash.update(line.as_bytes());
        lines.count += 1;
        if !lines.keep_all && lines.kept.len() == KEPT_LINES {
            lines.kept.pop_front();
        }
        lines.kept.push_back(line);
    }

    pub(super) fn happened(&self, happening: Happening) {
        *self.lines().counts.entry(happening).or_default() += 1;
    }

    pub(super) fn violated(&self, invariant: &'static str, what: fmt::Arguments<'_>) {
        self.say("VIOLATED", format_args!("{invariant}: {what}"));
        self.lines().violations.push(Violation { invariant, what: what.to_string() });
    }

    pub(super) fn told(&self) -> Told {
        let lines = self.lines();
        Told {
            hash: lines.hash.0,
            count: lines.count,
            lines: lines.kept.iter().cloned().collect(),
            counts: lines.counts.clone(),
            violations: lines.violations.clone(),
        }
    }
}
