//! Pairing (architecture 6): a device offers itself, an account claims it by its code, the device fetches its identity
//! and keeps it. Decides nothing about a step (`vinr_domain::pairing` does); makes each durable before anybody is told.

mod activation;
mod confirmation;
mod deactivation;
mod guard;
mod offers;
mod record;
mod sweep;

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::broadcast;
use vinr_domain::pairing::{State, Terms};
use vinr_domain::{AccountId, PairingId, Timestamp};

pub use confirmation::Greetings;
pub use offers::Secret;
pub use record::{Claim, DeviceRow, PairingRow};

use self::guard::Attempts;
use crate::acquirer::Acquirer;
use crate::fleet::Fleet;
use crate::gateway::{Directory, TerminalKey};
use crate::identities::Identities;
use crate::lan::Lan;
use crate::office::Office;
use crate::refusal::Refusal;
use crate::store::{Scope, StoreError};

/// How many claims a waiting device may miss before it looks for itself.
const TOLD: usize = 256;

/// The figures of pairing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PairingSettings {
    /// How long its parts may take.
    pub terms: Terms,
    /// Where devices are told to connect, `host:port`.
    pub gateway_address: String,
    /// The name that the gateway's certificate has.
    pub gateway_name: String,
    /// How long an activation waits for the terminal to be online, in milliseconds (10 s).
    pub online_hold_ms: u64,
    /// How long a device's question is held while nothing happens, in milliseconds (25 s).
    pub look_hold_ms: u64,
    /// How many devices may wait to be claimed (10,000): what bounds the store against those who only offer.
    pub most_open: usize,
    /// How many offers may come from one address (60 in 10 minutes).
    pub offers: Tries,
    /// How many wrong codes an account may enter, and how many may come from one address (10 in 10 minutes).
    pub wrong_codes: Tries,
}

/// How often something may be tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tries {
    /// So many times.
    pub most: usize,
    /// Within so many milliseconds.
    pub within_ms: i64,
}

impl Default for PairingSettings {
    fn default() -> Self {
        Self {
            terms: Terms::default(),
            gateway_address: "localhost:8421".to_owned(),
            gateway_name: "localhost".to_owned(),
            online_hold_ms: 10_000,
            look_hold_ms: 25_000,
            most_open: 10_000,
            offers: Tries { most: 60, within_ms: 600_000 },
            wrong_codes: Tries { most: 10, within_ms: 600_000 },
        }
    }
}

/// A terminal whose device has still to come for its identity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Awaited {
    /// Until when it can.
    pub until: Timestamp,
    /// Whether the terminal was in service before, and stays so if it does not come.
    pub in_service_before: bool,
}

/// The pairings of all devices.
#[derive(Clone)]
pub struct Pairing {
    office: Office,
    fleet: Fleet,
    directory: Arc<Directory>,
    identities: Identities,
    lan: Lan,
    acquirer: Arc<dyn Acquirer>,
    /// Claims, confirmations and withdrawals take turns: each reads several records before it writes.
    turn: Arc<tokio::sync::Mutex<()>>,
    /// Which pairings have moved, for the devices that wait.
    moved: broadcast::Sender<PairingId>,
    /// Devices that wait to be claimed, and until when.
    open: Arc<Mutex<BTreeMap<PairingId, Timestamp>>>,
    /// Terminals whose pairing is not confirmed yet, so that their first greeting can confirm it.
    unconfirmed: Arc<Mutex<BTreeMap<TerminalKey, PairingId>>>,
    offers: Arc<Attempts<IpAddr>>,
    wrong_by_account: Arc<Attempts<AccountId>>,
    wrong_by_source: Arc<Attempts<IpAddr>>,
}

impl Pairing {
    /// Takes up the pairings that are under way.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn load(
        office: &Office,
        fleet: &Fleet,
        directory: &Arc<Directory>,
        (identities, lan): (&Identities, &Lan),
        acquirer: &Arc<dyn Acquirer>,
    ) -> Result<Self, StoreError> {
        let (mut open, mut unconfirmed) = (BTreeMap::new(), BTreeMap::new());
        for kept in office.store.all_across_accounts::<PairingRow>().await? {
            let row = kept.value;
            match (row.state, &row.claim) {
                (State::Offered { expires_at }, _) => {
                    open.insert(row.id, expires_at);
                }
                (State::Claimed { .. } | State::Issued { .. }, Some(claim)) => {
                    unconfirmed.insert(claim.key(), row.id);
                }
                _ => {}
            }
        }
        let settings = &office.settings.pairing;
        let pairing = Self {
            fleet: fleet.clone(),
            directory: Arc::clone(directory),
            identities: identities.clone(),
            lan: lan.clone(),
            acquirer: Arc::clone(acquirer),
            turn: Arc::default(),
            moved: broadcast::channel(TOLD).0,
            open: Arc::new(Mutex::new(open)),
            unconfirmed: Arc::new(Mutex::new(unconfirmed)),
            offers: Arc::new(Attempts::new(settings.offers)),
            wrong_by_account: Arc::new(Attempts::new(settings.wrong_codes)),
            wrong_by_source: Arc::new(Attempts::new(settings.wrong_codes)),
            office: office.clone(),
        };
        office.tasks.spawn(pairing.clone().sweep());
        Ok(pairing)
    }

    /// How long a device shows one activation code, in milliseconds.
    #[must_use]
    pub fn code_ms(&self) -> i64 {
        self.settings().terms.offer_ms
    }

    /// Until when the device of this terminal can still come for its identity; `None` when nobody waits for it.
    ///
    /// # Errors
    /// [`Refusal::NoSuchTerminal`], or that the store cannot answer.
    pub async fn awaited(&self, scope: &Scope, terminal: &str) -> Result<Option<Awaited>, Refusal> {
        let key = self.fleet.terminals.find(scope, terminal)?.key.clone();
        let id = self.unconfirmed.lock().unwrap_or_else(PoisonError::into_inner).get(&key).copied();
        let Some(id) = id else { return Ok(None) };
        let kept = self.office.store.get::<PairingRow>(&Scope::platform(), &id.to_string()).await?;
        Ok(kept.and_then(|kept| {
            let in_service_before = kept.value.claim.as_ref().is_some_and(|claim| claim.in_service_before);
            let until = kept.value.state.expires_at()?;
            Some(Awaited { until, in_service_before })
        }))
    }

    fn settings(&self) -> &PairingSettings {
        &self.office.settings.pairing
    }
}
