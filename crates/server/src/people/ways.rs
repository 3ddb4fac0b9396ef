//! By what a person comes in, as it is kept: an authenticator app, recovery codes, passkeys. Knows how none of them works.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use vinr_domain::Timestamp;

use super::rows::PersonRow;
use crate::store::spelling;

/// How a session began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// With a password alone.
    #[default]
    Password,
    /// With a password and a code of the authenticator app.
    App,
    /// With a password and a recovery code.
    Recovery,
    /// With a passkey.
    Passkey,
    /// With a link that works once.
    Link,
    /// With an invitation.
    Invitation,
}

impl Way {
    /// Whether two things were shown: what one knows, and what one has.
    #[must_use]
    pub fn is_strong(self) -> bool {
        matches!(self, Self::App | Self::Recovery | Self::Passkey)
    }
}

/// An authenticator app that has shown that it works.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AppRow {
    /// Its secret, sealed for its person.
    pub sealed: Arc<str>,
    /// Since when it counts.
    #[serde(with = "spelling::moment")]
    pub since: Timestamp,
    /// The newest step of time whose code was used; no code of it or of an earlier one is taken again.
    pub used_step: u64,
}

/// A passkey.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PasskeyRow {
    /// The name that its maker gave it, in hexadecimal digits.
    pub id: Arc<str>,
    /// What its person calls it.
    pub name: Arc<str>,
    /// The host that it is for; no other's pages can ask for it.
    pub host: Arc<str>,
    /// Its public key and what never changes of it, in hexadecimal digits.
    pub key: Arc<str>,
    /// What changes with its use (its count of signatures), in hexadecimal digits.
    pub state: Arc<str>,
    /// Since when it is known.
    #[serde(with = "spelling::moment")]
    pub since: Timestamp,
    /// When it was last used.
    #[serde(default, with = "spelling::moment_option")]
    pub used_at: Option<Timestamp>,
}

impl PersonRow {
    /// Whether they have anything beside a password.
    #[must_use]
    pub fn has_second_factor(&self) -> bool {
        self.app.is_some() || !self.passkeys.is_empty()
    }

    /// Whether they have anything with which to come in or to show who they are.
    #[must_use]
    pub fn has_way_in(&self) -> bool {
        self.password.is_some() || !self.passkeys.is_empty()
    }
}

/// Bytes as hexadecimal digits.
pub(super) fn hex(bytes: &[u8]) -> Arc<str> {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>().into()
}

/// Reads what [`hex`] wrote.
pub(super) fn unhex(digits: &str) -> Option<Vec<u8>> {
    let pairs = digits.as_bytes().chunks(2);
    pairs.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect()
}
