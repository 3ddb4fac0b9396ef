//! What is kept of a certificate that was issued to a terminal: enough to revoke it. The certificate itself is the
//! terminal's.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use vinr_domain::{TerminalId, Timestamp};
use vinr_pki::LeafFacts;

use crate::gateway::TerminalKey;
use crate::store::{Kind, RecordKey, Scope, Stored, spelling};

/// Under which name a terminal's certificates are found.
pub(super) const TERMINAL: &str = "terminal";

/// A certificate that was issued to a terminal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CertificateRow {
    /// Serial number, lower-case hexadecimal.
    pub serial: Arc<str>,
    /// SHA-256 of the DER, lower-case hexadecimal.
    pub fingerprint: Arc<str>,
    /// Whose terminal.
    pub scope: Scope,
    /// Which terminal.
    #[serde(with = "spelling::text")]
    pub terminal: TerminalId,
    /// When it was issued.
    #[serde(with = "spelling::moment")]
    pub issued_at: Timestamp,
    /// Its last moment.
    #[serde(with = "spelling::moment")]
    pub not_after: Timestamp,
    /// From when on it opens nothing.
    #[serde(default, with = "spelling::moment_option")]
    pub revoked_at: Option<Timestamp>,
}

impl CertificateRow {
    /// What is kept of this one.
    #[must_use]
    pub fn new(facts: &LeafFacts, key: &TerminalKey, issued_at: Timestamp) -> Self {
        Self {
            serial: facts.serial.as_str().into(),
            fingerprint: facts.fingerprint.as_str().into(),
            scope: key.scope.clone(),
            terminal: key.id.clone(),
            issued_at,
            not_after: facts.not_after,
            revoked_at: None,
        }
    }
}

impl Stored for CertificateRow {
    const KIND: Kind = Kind::Certificate;

    fn scope(&self) -> &Scope {
        &self.scope
    }

    fn id(&self) -> Arc<str> {
        Arc::clone(&self.serial)
    }

    fn created_at(&self) -> Timestamp {
        self.issued_at
    }

    /// When it can be forgotten: past its end it opens nothing by itself.
    fn due_at(&self) -> Option<Timestamp> {
        Some(self.not_after)
    }

    fn keys(&self) -> Vec<RecordKey> {
        vec![RecordKey::index(TERMINAL, self.terminal.as_str())]
    }
}
