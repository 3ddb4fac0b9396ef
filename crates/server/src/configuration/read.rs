//! What is asked about configurations: what a level says, what holds for a terminal, how far terminals have come.

use std::sync::Arc;

use vinr_domain::{LocationId, Timestamp};
use vinr_wire::rest::config::{
    ConfigProgress, ConfigState, ConfigStatus, DEFAULT_MAX_AGE_SECONDS, Effective, EffectiveConfig, Key,
    Level, effective_config, progress,
};

use super::levels::Reader;
use super::service::Configurations;
use crate::gateway::Terminal;
use crate::office::Office;
use crate::refusal::Refusal;
use crate::store::{AccountRow, Kept, LocationRow, Scope, StoreError, TerminalRow};

/// For how long an approval that the terminal gave without the cloud may have waited, in milliseconds.
///
/// # Errors
/// When the store cannot answer.
pub async fn offline_max_age_ms(office: &Office, terminal: &TerminalRow) -> Result<i64, StoreError> {
    let effective = Reader::new(office).effective(terminal).await?;
    let said = effective.get(Key::OfflineMaxAge).and_then(|resolved| resolved.value.as_i64());
    Ok(said.unwrap_or_else(|| i64::from(DEFAULT_MAX_AGE_SECONDS)).saturating_mul(1_000))
}

impl Configurations {
    /// What holds for the terminal, who says so, and whether the terminal has it.
    ///
    /// # Errors
    /// [`Refusal::NoSuchTerminal`], or that the store cannot answer.
    pub async fn effective(&self, scope: &Scope, terminal: &str) -> Result<EffectiveConfig, Refusal> {
        let terminal = self.find(scope, terminal)?;
        let effective = Reader::new(&self.shared.office).effective(&terminal.row()).await?;
        let state = self.state(&terminal, &effective);
        Ok(effective_config(&effective, state))
    }

    /// What the location's level says.
    ///
    /// # Errors
    /// [`Refusal::NoSuch`], or that the store cannot answer.
    pub async fn location_level(&self, scope: &Scope, location: &str) -> Result<Level, Refusal> {
        let kept = self.location(scope, location).await?;
        Ok(Level::from_json(&kept.value.terminal_config))
    }

    /// What the account's level says.
    ///
    /// # Errors
    /// [`Refusal::NoSuch`], or that the store cannot answer.
    pub async fn account_level(&self, scope: &Scope) -> Result<Level, Refusal> {
        let kept = self.account(scope).await?;
        Ok(Level::from_json(&kept.value.terminal_config))
    }

    /// What the terminal's own level says.
    ///
    /// # Errors
    /// [`Refusal::NoSuchTerminal`].
    pub fn terminal_level(&self, scope: &Scope, terminal: &str) -> Result<Level, Refusal> {
        let terminal = self.find(scope, terminal)?;
        Ok(terminal.read(|row| Level::from_json(&row.terminal_config)))
    }

    /// How far every terminal of the scope has come.
    ///
    /// # Errors
    /// That the store cannot answer.
    pub async fn account_states(&self, scope: &Scope) -> Result<Vec<ConfigState>, Refusal> {
        let mut terminals = self.of(&scope.account);
        terminals.retain(|terminal| terminal.key.scope == *scope);
        self.states(terminals).await
    }

    /// How far every terminal of the location has come.
    ///
    /// # Errors
    /// [`Refusal::NoSuch`], or that the store cannot answer.
    pub async fn location_states(&self, scope: &Scope, location: &str) -> Result<Vec<ConfigState>, Refusal> {
        let id = self.location(scope, location).await?.value.id;
        self.states(self.at(scope, &id)).await
    }

    async fn states(&self, terminals: Vec<Arc<Terminal>>) -> Result<Vec<ConfigState>, Refusal> {
        let mut reader = Reader::new(&self.shared.office);
        let mut states = Vec::with_capacity(terminals.len());
        for terminal in terminals {
            let effective = reader.effective(&terminal.row()).await?;
            states.push(self.state(&terminal, &effective));
        }
        Ok(states)
    }

    /// How far the terminals of the location have come; a page of them behind `after`.
    ///
    /// # Errors
    /// [`Refusal::NoSuch`], or that the store cannot answer.
    pub async fn location_progress(
        &self,
        scope: &Scope,
        location: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<ConfigProgress, Refusal> {
        let id = self.location(scope, location).await?.value.id;
        let states = self.states(self.at(scope, &id)).await?;
        Ok(progress(id.as_str().into(), states, after, limit))
    }

    /// How far the terminal has come, when this holds for it. What the courier has not seen yet counts as a version of
    /// its own: nobody is told that a terminal has what it was never sent.
    fn state(&self, terminal: &Terminal, effective: &Effective) -> ConfigState {
        let id = terminal.key.id.as_str().into();
        let digest = super::courier::digest_of(effective.to_device_json().to_string().as_bytes());
        let Some(row) = self.slot(&terminal.key).map(|slot| slot.row) else {
            self.terminal_changed(&terminal.key);
            return ConfigState {
                terminal_id: id,
                version: 1,
                applied_version: None,
                applied_at: None,
                status: ConfigStatus::Pending,
                error: None,
            };
        };
        let unseen = row.digest != digest;
        if unseen {
            self.terminal_changed(&terminal.key);
        }
        let status = match &row.error {
            _ if unseen => ConfigStatus::Pending,
            Some(_) => ConfigStatus::Failed,
            None if row.applied_version == row.version => ConfigStatus::InSync,
            None => ConfigStatus::Pending,
        };
        ConfigState {
            terminal_id: id,
            version: row.version + u64::from(unseen),
            applied_version: Some(row.applied_version).filter(|version| *version > 0),
            applied_at: row.applied_at.map(Timestamp::unix_seconds),
            status,
            error: row.error.filter(|_| !unseen),
        }
    }

    pub(super) async fn location(&self, scope: &Scope, id: &str) -> Result<Kept<LocationRow>, Refusal> {
        let id = LocationId::parse(id).map_err(|_| Refusal::NoSuch("location"))?;
        let kept = self.shared.office.store.get::<LocationRow>(scope, id.as_str()).await?;
        kept.ok_or(Refusal::NoSuch("location"))
    }

    pub(super) async fn account(&self, scope: &Scope) -> Result<Kept<AccountRow>, Refusal> {
        let own = Scope::of_account(scope.account.clone());
        let kept = self.shared.office.store.get::<AccountRow>(&own, scope.account.as_str()).await?;
        kept.ok_or(Refusal::NoSuch("account"))
    }
}
