//! What is kept of pairings and devices. Codes and secrets are kept as hashes only.

use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use vinr_domain::pairing::State;
use vinr_domain::{PairingId, TerminalId, Timestamp};

use crate::gateway::TerminalKey;
use crate::store::{Kind, RecordKey, Scope, Stored, spelling};

crate::spelled_by_parse!(PairingId);

/// Under which name a pairing is found by the keyed hash of its code.
pub(super) const CODE: &str = "code";
/// Under which name the pairings of a terminal are found.
pub(super) const LINK: &str = "link";
/// How long a pairing that has ended is remembered, so that its code is "used" or "expired" and not "unknown".
const REMEMBERED_MS: i64 = 24 * 3_600_000;

/// A device that offers itself, and what became of it. Belongs to the platform; see [`Claim`] for whose it became.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PairingRow {
    /// Its name.
    #[serde(with = "spelling::text")]
    pub id: PairingId,
    /// Always the platform's.
    pub scope: Scope,
    /// Where it stands.
    #[serde(with = "state")]
    pub state: State,
    /// SHA-256 of the secret that opens it.
    pub secret_hash: [u8; 32],
    /// Keyed hash of the activation code, hexadecimal.
    pub code_hash: Arc<str>,
    /// The device's signing request, DER.
    pub csr_der: Vec<u8>,
    /// Hardware model.
    pub model: Arc<str>,
    /// The maker's number.
    pub serial_number: Arc<str>,
    /// Of the software that the device runs.
    pub software_version: Arc<str>,
    /// When the device offered itself.
    #[serde(with = "spelling::moment")]
    pub created_at: Timestamp,
    /// When it was confirmed, expired or given up.
    #[serde(default, with = "spelling::moment_option")]
    pub ended_at: Option<Timestamp>,
    /// Whose it became.
    #[serde(default)]
    pub claim: Option<Claim>,
}

/// Whose a device became, and as what.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Claim {
    /// Whose.
    pub scope: Scope,
    /// As which terminal.
    #[serde(with = "spelling::text")]
    pub terminal: TerminalId,
    /// The serial number of the certificate that was issued.
    pub serial: Arc<str>,
    /// The certificate and the authority that issued it, PEM.
    pub chain_pem: Arc<str>,
    /// Whether the terminal was in service before, so that it stays so when this comes to nothing.
    pub in_service_before: bool,
}

impl Claim {
    /// The terminal.
    #[must_use]
    pub fn key(&self) -> TerminalKey {
        TerminalKey { scope: self.scope.clone(), id: self.terminal.clone() }
    }
}

impl Stored for PairingRow {
    const KIND: Kind = Kind::Pairing;

    fn scope(&self) -> &Scope {
        &self.scope
    }

    fn id(&self) -> Arc<str> {
        self.id.to_string().into()
    }

    fn created_at(&self) -> Timestamp {
        self.created_at
    }

    /// When it lapses; once it has ended, when it is forgotten.
    fn due_at(&self) -> Option<Timestamp> {
        self.state.expires_at().or(self.ended_at.map(|ended| ended.plus_ms(REMEMBERED_MS)))
    }

    fn keys(&self) -> Vec<RecordKey> {
        let link = self.claim.as_ref().map(|claim| RecordKey::index(LINK, link_of(&claim.key())));
        std::iter::once(RecordKey::unique(CODE, Arc::clone(&self.code_hash))).chain(link).collect()
    }
}

/// A terminal's name among the platform's records.
pub(super) fn link_of(key: &TerminalKey) -> Arc<str> {
    let mode = if key.scope.livemode { "live" } else { "test" };
    format!("{}/{mode}/{}", key.scope.account, key.id).into()
}

/// A device as its maker knows it, and whose terminal it is or was. There is one for each device, so that two accounts
/// cannot have it at the same time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DeviceRow {
    /// Always the platform's.
    pub scope: Scope,
    /// Hardware model.
    pub model: Arc<str>,
    /// The maker's number.
    pub serial_number: Arc<str>,
    /// Whose terminal it is, or was last.
    pub owner: Scope,
    /// Which terminal.
    #[serde(with = "spelling::text")]
    pub terminal: TerminalId,
    /// Whether it is in service.
    pub active: bool,
    /// When it was first paired.
    #[serde(with = "spelling::moment")]
    pub created_at: Timestamp,
}

impl DeviceRow {
    /// The name of a device.
    #[must_use]
    pub fn name(model: &str, serial_number: &str) -> String {
        format!("{model}/{serial_number}")
    }
}

impl Stored for DeviceRow {
    const KIND: Kind = Kind::Device;

    fn scope(&self) -> &Scope {
        &self.scope
    }

    fn id(&self) -> Arc<str> {
        Self::name(&self.model, &self.serial_number).into()
    }

    fn created_at(&self) -> Timestamp {
        self.created_at
    }
}

/// States as JSON; the domain knows no serde.
mod state {
    use super::{Deserialize, Deserializer, Serialize, Serializer, State, Timestamp};

    #[derive(Serialize, Deserialize)]
    struct Written {
        kind: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        expires_at_ms: Option<i64>,
    }

    pub(super) fn serialize<S: Serializer>(state: &State, to: S) -> Result<S::Ok, S::Error> {
        let expires_at_ms = state.expires_at().map(|at| at.0);
        Written { kind: state.kind().as_str().to_owned(), expires_at_ms }.serialize(to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<State, D::Error> {
        let written = Written::deserialize(from)?;
        let expires_at = written.expires_at_ms.map(Timestamp);
        match (written.kind.as_str(), expires_at) {
            ("offered", Some(expires_at)) => Ok(State::Offered { expires_at }),
            ("claimed", Some(expires_at)) => Ok(State::Claimed { expires_at }),
            ("issued", Some(expires_at)) => Ok(State::Issued { expires_at }),
            ("confirmed", None) => Ok(State::Confirmed),
            ("expired", None) => Ok(State::Expired),
            ("abandoned", None) => Ok(State::Abandoned),
            _ => Err(serde::de::Error::custom("not a state of a pairing")),
        }
    }
}
