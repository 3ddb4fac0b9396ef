//! What is kept of a terminal in the merchant's network beside its configuration: the shared key, which tills were
//! certified for it, and how far it has come. No key is kept, only its hash.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use vinr_domain::{ClientCertificateId, TerminalId, Timestamp};

use crate::store::{Kind, RecordKey, Scope, Stored, spelling};

/// Under which name a terminal's client certificates are found.
pub(super) const TERMINAL: &str = "terminal";

/// How long a client certificate is shown after its end.
const SHOWN_AFTER_END_MS: i64 = 90 * 86_400_000;

/// The shared key of a terminal's Cashless API; written by requests.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LanRow {
    /// The terminal.
    #[serde(with = "spelling::text")]
    pub terminal: TerminalId,
    /// Whose, and in which world.
    pub scope: Scope,
    /// When something was first said about it.
    #[serde(with = "spelling::moment")]
    pub created_at: Timestamp,
    /// The key that opens it; `None`: nobody gets in.
    #[serde(default)]
    pub cashless_key: Option<CashlessKey>,
    /// The key that was ended last, while there is no other.
    #[serde(default)]
    pub ended_key: Option<EndedKey>,
}

/// What is kept of a shared key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CashlessKey {
    /// SHA-256 of the key.
    pub hash: [u8; 32],
    /// First and last characters.
    pub hint: Arc<str>,
    /// When it was made.
    #[serde(with = "spelling::moment")]
    pub created_at: Timestamp,
}

/// What is kept of a shared key that opens nothing any more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndedKey {
    /// First and last characters.
    pub hint: Arc<str>,
    /// Since when.
    #[serde(with = "spelling::moment")]
    pub ended_at: Timestamp,
    /// Why.
    #[serde(default)]
    pub reason: EndReason,
}

/// Why what let somebody in does so no longer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndReason {
    /// Somebody asked for it.
    #[default]
    Requested,
    /// The terminal was taken out of service.
    TerminalDeactivated,
}

impl EndReason {
    /// As the API writes it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Requested => "requested",
            Self::TerminalDeactivated => "terminal_deactivated",
        }
    }
}

impl LanRow {
    /// The row without a key.
    pub(super) fn without_key(self, now: Timestamp, reason: EndReason) -> Self {
        let ended = self.cashless_key.map(|key| EndedKey { hint: key.hint, ended_at: now, reason });
        Self { cashless_key: None, ended_key: ended.or(self.ended_key), ..self }
    }

    /// A terminal without a key.
    #[must_use]
    pub fn new(terminal: TerminalId, scope: Scope, created_at: Timestamp) -> Self {
        Self { terminal, scope, created_at, cashless_key: None, ended_key: None }
    }
}

impl Stored for LanRow {
    const KIND: Kind = Kind::Lan;

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

/// How far a terminal has come; written by the courier alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LanAccessRow {
    /// The terminal.
    #[serde(with = "spelling::text")]
    pub terminal: TerminalId,
    /// Whose, and in which world.
    pub scope: Scope,
    /// Since when it has been told something.
    #[serde(with = "spelling::moment")]
    pub created_at: Timestamp,
    /// Rises whenever what it is told changes; 0 before the first time.
    #[serde(default)]
    pub version: u64,
    /// SHA-256 of what it is told, hexadecimal.
    #[serde(default)]
    pub digest: Arc<str>,
    /// The newest version that it has confirmed, 0 before the first.
    #[serde(default)]
    pub applied_version: u64,
    /// When it was confirmed.
    #[serde(default, with = "spelling::moment_option")]
    pub applied_at: Option<Timestamp>,
    /// Why it could not apply `version`.
    #[serde(default)]
    pub error: Option<Arc<str>>,
    /// What its listener was last certified as.
    #[serde(default)]
    pub listener: Option<ListenerCertificate>,
}

/// A certificate of a terminal's listener.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListenerCertificate {
    /// Serial number, lower-case hexadecimal.
    pub serial: Arc<str>,
    /// Its last moment.
    #[serde(with = "spelling::moment")]
    pub not_after: Timestamp,
    /// The addresses that the terminal said it has.
    pub addresses: Vec<Arc<str>>,
}

impl LanAccessRow {
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
            listener: None,
        }
    }

    /// Something else is to be told, or the terminal knows a higher version than the cloud has given.
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

impl Stored for LanAccessRow {
    const KIND: Kind = Kind::LanAccess;

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

/// A certificate with which a till may speak to one terminal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientCertificateRow {
    /// Its name, which is in it too.
    #[serde(with = "spelling::text")]
    pub id: ClientCertificateId,
    /// Whose.
    pub scope: Scope,
    /// Which terminal may be spoken to.
    #[serde(with = "spelling::text")]
    pub terminal: TerminalId,
    /// For people.
    #[serde(default)]
    pub name: Option<Arc<str>>,
    /// Serial number, lower-case hexadecimal.
    pub serial: Arc<str>,
    /// SHA-256 of the DER, lower-case hexadecimal.
    pub fingerprint: Arc<str>,
    /// The certificate and its issuer, PEM.
    pub chain_pem: Arc<str>,
    /// When it was made.
    #[serde(with = "spelling::moment")]
    pub created_at: Timestamp,
    /// From when on it is near its end.
    #[serde(with = "spelling::moment")]
    pub renew_at: Timestamp,
    /// Its last moment.
    #[serde(with = "spelling::moment")]
    pub not_after: Timestamp,
    /// From when on it opens nothing.
    #[serde(default, with = "spelling::moment_option")]
    pub revoked_at: Option<Timestamp>,
    /// Why; says nothing while it is not revoked.
    #[serde(default)]
    pub revoked_because: EndReason,
}

impl Stored for ClientCertificateRow {
    const KIND: Kind = Kind::ClientCertificate;

    fn scope(&self) -> &Scope {
        &self.scope
    }

    fn id(&self) -> Arc<str> {
        self.id.to_string().into()
    }

    fn created_at(&self) -> Timestamp {
        self.created_at
    }

    /// When it can be forgotten.
    fn due_at(&self) -> Option<Timestamp> {
        Some(self.not_after.plus_ms(SHOWN_AFTER_END_MS))
    }

    fn keys(&self) -> Vec<RecordKey> {
        vec![RecordKey::index(TERMINAL, self.terminal.as_str())]
    }
}
