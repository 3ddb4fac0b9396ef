//! What is kept of a terminal's configuration: which version holds, and which the terminal has. Not what it says: that
//! follows from the levels.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use vinr_domain::{TerminalId, Timestamp};

use crate::store::spelling;
use crate::store::{Kind, Scope, Stored};

/// How far one terminal has come.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ConfigurationRow {
    /// The terminal.
    #[serde(with = "spelling::text")]
    pub terminal: TerminalId,
    /// Whose, and in which world.
    pub scope: Scope,
    /// Since when it has been configured.
    #[serde(with = "spelling::moment")]
    pub created_at: Timestamp,
    /// Rises whenever what holds changes; from 1.
    pub version: u64,
    /// SHA-256 of what holds, as the terminal is told it; hexadecimal.
    pub digest: Arc<str>,
    /// The newest version that the terminal has confirmed, 0 before the first.
    #[serde(default)]
    pub applied_version: u64,
    /// When it was confirmed.
    #[serde(default, with = "spelling::moment_option")]
    pub applied_at: Option<Timestamp>,
    /// Why the terminal could not apply `version`.
    #[serde(default)]
    pub error: Option<Arc<str>>,
}

impl ConfigurationRow {
    /// A terminal that was never told anything.
    #[must_use]
    pub fn new(terminal: TerminalId, scope: Scope, created_at: Timestamp) -> Self {
        Self {
            terminal,
            scope,
            created_at,
            version: 0,
            digest: "".into(),
            applied_version: 0,
            applied_at: None,
            error: None,
        }
    }

    /// Something else holds from now on, or the terminal knows a higher version than the cloud has given.
    pub(super) fn rise(&mut self, digest: &Arc<str>, above: u64) {
        self.version = self.version.max(above) + 1;
        self.digest = Arc::clone(digest);
        self.error = None;
    }

    /// Whether the terminal has said of this version what became of it.
    pub(super) fn is_answered(&self) -> bool {
        self.applied_version == self.version || self.error.is_some()
    }
}

impl Stored for ConfigurationRow {
    const KIND: Kind = Kind::Configuration;

    fn scope(&self) -> &Scope {
        &self.scope
    }

    fn id(&self) -> Arc<str> {
        self.terminal.as_str().into()
    }

    fn created_at(&self) -> Timestamp {
        self.created_at
    }
}
