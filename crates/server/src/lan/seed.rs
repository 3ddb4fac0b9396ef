//! What a sandbox is furnished with: a terminal that serves its network from the first start, the shared key that the
//! documentation names, and a till. Test terminals only; a real terminal is never given a key that others know.

use vinr_pki::Credential;
use vinr_wire::rest::config::{Level, Patch};
use vinr_wire::rest::lan::{LanModes, NewClientCertificate};

use super::row::{CashlessKey, LanRow};
use super::service::Lan;
use super::settings::write;
use crate::access::{hash_key, hint_of};
use crate::gateway::TerminalKey;
use crate::refusal::Refusal;
use crate::store::{Change, CommitError, Transaction};

/// The shared key of the sandbox's Cashless simulator (contract 2.8). The documentation tells it to everybody.
pub const SANDBOX_CASHLESS_KEY: &str = "ck_test_simulator";

/// A sandbox cannot be furnished.
#[derive(Debug, thiserror::Error)]
pub enum SeedError {
    /// Live data is never seeded.
    #[error("only test terminals can be furnished")]
    Live,
    /// What was asked for cannot be done.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// It could not be written.
    #[error(transparent)]
    Commit(#[from] CommitError),
}

/// A till that a sandbox is furnished with: secret, but only as far as the sandbox reaches.
#[derive(Debug)]
pub struct SeededClient {
    /// Key and chain.
    pub credential: Credential,
    /// The same as a PKCS #12 file.
    pub pkcs12: Vec<u8>,
    /// Its passphrase.
    pub passphrase: String,
}

impl Lan {
    /// Makes a registered test terminal serve this; with the Cashless API, under [`SANDBOX_CASHLESS_KEY`]. Doing it
    /// again changes nothing.
    ///
    /// # Errors
    /// [`SeedError`]
    pub async fn seed(&self, key: &TerminalKey, modes: LanModes) -> Result<(), SeedError> {
        if key.scope.livemode {
            return Err(SeedError::Live);
        }
        let _turn = self.shared.turn.lock().await;
        let terminal = self.find_in_service(&key.scope, key.id.as_str())?;
        let asked = self.asked(key).await.map_err(Refusal::from)?;
        let hash = hash_key(SANDBOX_CASHLESS_KEY);
        let known = asked.value.cashless_key.clone().filter(|kept| kept.hash == hash);
        let drawn = || CashlessKey {
            hash,
            hint: hint_of(SANDBOX_CASHLESS_KEY),
            created_at: self.shared.office.now(),
        };
        let cashless_key = modes.cashless.then(|| known.unwrap_or_else(drawn));
        let next = LanRow { cashless_key, ended_key: None, ..asked.value.clone() };
        let mut held = self.shared.fleet.register.hold(&terminal).await;
        let old = Level::from_json(&held.row().terminal_config);
        let level = Patch::from(modes).on(&old);
        if next != asked.value || level != old {
            held.edit().terminal_config = level.to_json();
            let key = (next != asked.value).then(|| write(&next, &asked));
            held.record(key.into_iter().collect()).await?;
        }
        drop(held);
        self.shared.configurations.terminal_changed(key);
        self.changed(key);
        Ok(())
    }

    /// Certifies a till for a registered test terminal, for 30 days. Every call makes another one.
    ///
    /// # Errors
    /// [`SeedError`]
    pub async fn seed_client(&self, key: &TerminalKey, name: &str) -> Result<SeededClient, SeedError> {
        if key.scope.livemode {
            return Err(SeedError::Live);
        }
        let _turn = self.shared.turn.lock().await;
        let terminal = self.find_in_service(&key.scope, key.id.as_str())?;
        let new = NewClientCertificate { name: Some(name.into()), csr_der: None };
        let made = self.make(&terminal, new)?;
        let own = made.own.ok_or(Refusal::Unavailable { money_may_have_moved: false })?;
        let changes = vec![Change::insert(&made.row)];
        self.shared.office.store.commit(Transaction { changes }).await?;
        Ok(SeededClient { credential: own.credential, pkcs12: own.pkcs12, passphrase: own.passphrase })
    }
}
