//! What is registered: accounts, keys, terminals, locations. Each is kept as a record.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use vinr_domain::terminal::Reasons;
use vinr_domain::{AccountId, LocationId, TerminalId, Timestamp};
use vinr_wire::link::OfflineStanding;
use vinr_wire::rest::location::Address;

use super::port::Scope;
use super::record::{Kind, Stored};
use super::spelling;
use crate::access::KeyId;

/// A registered terminal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TerminalRow {
    /// Its name on the API; unique within the scope.
    #[serde(with = "spelling::text")]
    pub id: TerminalId,
    /// Whose, and in which world.
    pub scope: Scope,
    /// For people.
    #[serde(default)]
    pub display_name: Option<Arc<str>>,
    /// Where it stands.
    #[serde(default, with = "spelling::text_option")]
    pub location: Option<LocationId>,
    /// Hardware model, `nexgo_n92`, `simulator`.
    pub model: Arc<str>,
    /// The maker's number.
    pub serial_number: Arc<str>,
    /// When it was first registered.
    #[serde(with = "spelling::moment")]
    pub created_at: Timestamp,
    /// When it was last known to be connected.
    #[serde(default, with = "spelling::moment_option")]
    pub last_seen_at: Option<Timestamp>,
    /// Last reported.
    pub software_version: Arc<str>,
    /// How many links it has been granted; the next one gets this plus one.
    pub session_epoch: u64,
    /// Taken out of service.
    pub deactivated: bool,
    /// What is configured for this terminal alone; an object, or null.
    #[serde(default)]
    pub terminal_config: serde_json::Value,
    /// Counts its events, from 1 without a gap; 0 before the first.
    #[serde(default)]
    pub sequence: u64,
    /// Whether it was connected when this was written.
    #[serde(default)]
    pub connected: bool,
    /// What it says is wrong with it.
    #[serde(default, with = "spelling::reasons")]
    pub reported: Reasons,
    /// What the cloud finds is wrong with it.
    #[serde(default, with = "spelling::reasons")]
    pub found: Reasons,
    /// Whether it refuses new payments, as it last said.
    #[serde(default)]
    pub locked: bool,
    /// Whether it is to be locked: the cloud refuses new payments whether or not the terminal knows.
    #[serde(default)]
    pub lock_asked: bool,
    /// Charge of its battery, as it last said; `None` when it has none.
    #[serde(default)]
    pub battery_percent: Option<u8>,
    /// Hardware address of its network interface, as it last said; `None` when it does not tell.
    #[serde(default)]
    pub mac: Option<Arc<str>>,
    /// Its addresses in the merchant's network, as it last said.
    #[serde(default)]
    pub local_addresses: Vec<Arc<str>>,
    /// What waits on it to be forwarded, as it last said; `None` when it never had anything.
    #[serde(default)]
    pub offline: Option<OfflineRow>,
    /// When something was last wrong with what it approved without the cloud.
    #[serde(default, with = "spelling::moment_option")]
    pub offline_wrong_at: Option<Timestamp>,
    /// Whether it was made on demand, for tests, and is run by whoever runs the sandbox.
    #[serde(default)]
    pub on_bench: bool,
}

/// What waits on a terminal to be forwarded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfflineRow {
    /// How many payments.
    pub pending: u32,
    /// Together, in minor units.
    pub amount_minor: i64,
    /// Of what.
    #[serde(default)]
    pub currency: Option<Arc<str>>,
    /// Since when the oldest waits.
    #[serde(default, with = "spelling::moment_option")]
    pub oldest_at: Option<Timestamp>,
    /// Life of the journal.
    pub generation: u32,
    /// The highest number that an approval without the cloud was ever given in it.
    pub last_number: u32,
}

impl From<&OfflineStanding> for OfflineRow {
    fn from(said: &OfflineStanding) -> Self {
        Self {
            pending: said.pending,
            amount_minor: said.amount_minor,
            currency: said.currency.map(|currency| currency.code().into()),
            oldest_at: said.oldest_at,
            generation: said.generation,
            last_number: said.last_number,
        }
    }
}

impl TerminalRow {
    /// A terminal of which nothing else is known yet.
    #[must_use]
    pub fn new(
        id: TerminalId,
        scope: Scope,
        model: &str,
        serial_number: &str,
        created_at: Timestamp,
    ) -> Self {
        Self {
            id,
            scope,
            display_name: None,
            location: None,
            model: model.into(),
            serial_number: serial_number.into(),
            created_at,
            last_seen_at: None,
            software_version: "".into(),
            session_epoch: 0,
            deactivated: false,
            terminal_config: serde_json::Value::Null,
            sequence: 0,
            connected: false,
            reported: Reasons::NONE,
            found: Reasons::NONE,
            locked: false,
            lock_asked: false,
            battery_percent: None,
            mac: None,
            local_addresses: Vec::new(),
            offline: None,
            offline_wrong_at: None,
            on_bench: false,
        }
    }
}

impl Stored for TerminalRow {
    const KIND: Kind = Kind::Terminal;

    fn scope(&self) -> &Scope {
        &self.scope
    }

    fn id(&self) -> Arc<str> {
        self.id.as_str().into()
    }

    fn created_at(&self) -> Timestamp {
        self.created_at
    }
}

/// A merchant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AccountRow {
    /// Its name, in the scope that is the account's own: records of an account as a whole are kept under its live half.
    pub scope: Scope,
    /// For people.
    pub display_name: Arc<str>,
    /// The most that a terminal may take offline in one payment, whatever is configured, in minor units of the
    /// terminal's currency; set by an operator.
    #[serde(default)]
    pub offline_cap_max_amount_minor: Option<i64>,
    /// The most payments that a terminal may keep while it is offline, whatever is configured; set by an operator.
    #[serde(default)]
    pub offline_cap_max_queue: Option<u32>,
    /// The most that a terminal may keep in all while it is offline, whatever is configured, in minor units of its
    /// currency; set by an operator.
    #[serde(default)]
    pub offline_cap_max_total_minor: Option<i64>,
    /// Whether an operator has stopped it: it may look, and change nothing.
    #[serde(default)]
    pub suspended: bool,
    /// When it was opened.
    #[serde(with = "spelling::moment")]
    pub created_at: Timestamp,
    /// What is configured for all its terminals; an object, or null.
    #[serde(default)]
    pub terminal_config: serde_json::Value,
}

impl AccountRow {
    /// An account with the usual settings.
    #[must_use]
    pub fn new(id: AccountId, display_name: &str, created_at: Timestamp) -> Self {
        Self {
            scope: Scope::of_account(id),
            display_name: display_name.into(),
            offline_cap_max_amount_minor: None,
            offline_cap_max_queue: None,
            offline_cap_max_total_minor: None,
            suspended: false,
            created_at,
            terminal_config: serde_json::Value::Null,
        }
    }

    /// Its name.
    #[must_use]
    pub fn account(&self) -> &AccountId {
        &self.scope.account
    }
}

impl Stored for AccountRow {
    const KIND: Kind = Kind::Account;

    fn scope(&self) -> &Scope {
        &self.scope
    }

    fn id(&self) -> Arc<str> {
        self.scope.account.as_str().into()
    }

    fn created_at(&self) -> Timestamp {
        self.created_at
    }
}

/// An API key. The key itself is never stored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct KeyRow {
    /// SHA-256 of the key.
    pub hash: [u8; 32],
    /// What it opens.
    pub scope: Scope,
    /// Empty for a secret key; otherwise the scopes of a restricted key, `payments:read`.
    pub grants: Vec<Arc<str>>,
    /// The prefix and last four characters, for people.
    pub hint: Arc<str>,
    /// For people.
    #[serde(default)]
    pub name: Option<Arc<str>>,
    /// The name of the key that took its place.
    #[serde(default)]
    pub replaced_by: Option<Arc<str>>,
    /// When it was made.
    #[serde(with = "spelling::moment")]
    pub created_at: Timestamp,
    /// From when on it opens nothing.
    #[serde(default, with = "spelling::moment_option")]
    pub revoked_at: Option<Timestamp>,
}

impl KeyRow {
    /// A secret key that is valid from now on.
    #[must_use]
    pub fn new(hash: [u8; 32], scope: Scope, hint: Arc<str>, created_at: Timestamp) -> Self {
        Self {
            hash,
            scope,
            grants: Vec::new(),
            hint,
            name: None,
            replaced_by: None,
            created_at,
            revoked_at: None,
        }
    }
}

impl Stored for KeyRow {
    const KIND: Kind = Kind::ApiKey;

    fn scope(&self) -> &Scope {
        &self.scope
    }

    fn id(&self) -> Arc<str> {
        KeyId::of(&self.hash).to_string().into()
    }

    fn created_at(&self) -> Timestamp {
        self.created_at
    }
}

/// A location.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LocationRow {
    /// Its name.
    #[serde(with = "spelling::text")]
    pub id: LocationId,
    /// Whose, and in which world.
    pub scope: Scope,
    /// For people.
    pub display_name: Arc<str>,
    /// When it was made.
    #[serde(with = "spelling::moment")]
    pub created_at: Timestamp,
    /// What is configured for the terminals that stand there; an object, or null.
    #[serde(default)]
    pub terminal_config: serde_json::Value,
    /// Where it is.
    #[serde(default)]
    pub address: Option<Address>,
    /// Its time zone, a name of the IANA database; `None`: the account's.
    #[serde(default)]
    pub time_zone: Option<Arc<str>>,
    /// When its day ends, `HH:MM` in its time zone; `None`: the default.
    #[serde(default)]
    pub end_of_day: Option<Arc<str>>,
    /// The merchant's own pairs.
    #[serde(default)]
    pub metadata: BTreeMap<String, String>,
}

impl LocationRow {
    /// A location of which nothing else is known.
    #[must_use]
    pub fn new(id: LocationId, scope: Scope, display_name: &str, created_at: Timestamp) -> Self {
        Self {
            id,
            scope,
            display_name: display_name.into(),
            created_at,
            terminal_config: serde_json::Value::Null,
            address: None,
            time_zone: None,
            end_of_day: None,
            metadata: BTreeMap::new(),
        }
    }
}

impl Stored for LocationRow {
    const KIND: Kind = Kind::Location;

    fn scope(&self) -> &Scope {
        &self.scope
    }

    fn id(&self) -> Arc<str> {
        self.id.as_str().into()
    }

    fn created_at(&self) -> Timestamp {
        self.created_at
    }
}
