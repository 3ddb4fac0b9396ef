//! The log as it is kept: pages of lines, numbered, of which the oldest goes when a new one is begun.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use vinr_domain::Timestamp;

use super::line::Line;
use crate::store::{Kind, Scope, Stored, spelling};

/// How many lines a page has. A page is written whole whenever it grows, so it is small.
pub(super) const LINES: usize = 64;
/// How many pages an account has in each mode: ten thousand requests.
pub(super) const PAGES: u64 = 157;
/// How long a page is kept after its newest line, in milliseconds (30 days).
pub(super) const KEPT_MS: i64 = 30 * 24 * 3_600_000;

/// A page of the log of one account in one mode.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PageRow {
    /// Whose requests.
    pub scope: Scope,
    /// Counts the pages, from 1.
    pub number: u64,
    /// When its first line was asked.
    #[serde(with = "spelling::moment")]
    pub created_at: Timestamp,
    /// The lines, the oldest first.
    pub lines: Vec<Line>,
    /// How many more requests there were than could be written down.
    #[serde(default)]
    pub lost: u64,
}

impl PageRow {
    /// An empty page.
    #[must_use]
    pub fn new(scope: Scope, number: u64, created_at: Timestamp) -> Self {
        Self { scope, number, created_at, lines: Vec::new(), lost: 0 }
    }

    /// The name of the page of this number.
    pub(super) fn name(number: u64) -> Arc<str> {
        format!("{number:012}").into()
    }
}

impl Stored for PageRow {
    const KIND: Kind = Kind::RequestPage;

    fn scope(&self) -> &Scope {
        &self.scope
    }

    fn id(&self) -> Arc<str> {
        Self::name(self.number)
    }

    fn created_at(&self) -> Timestamp {
        self.created_at
    }

    fn due_at(&self) -> Option<Timestamp> {
        let newest = self.lines.last().map_or(self.created_at, |line| line.at);
        Some(newest.plus_ms(KEPT_MS))
    }
}
