//! What a terminal is to serve in the merchant's network: asked for, shown, and how far the terminal has come.

use std::sync::{Arc, PoisonError};

use vinr_domain::Timestamp;
use vinr_wire::link::LanAccess;
use vinr_wire::rest::config::{Level, Patch};
use vinr_wire::rest::lan::{CashlessView, LanModes, LanView, ListenerView, LocalApiView};

use super::row::{LanRow, ListenerCertificate};
use super::service::Lan;
use crate::access::Principal;
use crate::audit::Act;
use crate::configuration::Reader;
use crate::gateway::{Terminal, TerminalKey};
use crate::once::{IdempotencyKey, Said};
use crate::refusal::Refusal;
use crate::store::{Change, Kept, Scope, StoreError, TerminalRow};

impl Lan {
    /// What the terminal serves, and whether it does so yet.
    ///
    /// # Errors
    /// [`Refusal::NoSuchTerminal`], or that the store cannot answer.
    pub async fn settings(&self, scope: &Scope, terminal: &str) -> Result<LanView, Refusal> {
        let terminal = self.find(scope, terminal)?;
        let asked = self.asked(&terminal.key).await?;
        let modes = self.modes(&terminal.row()).await?;
        Ok(self.view(&terminal, modes, &asked, false))
    }

    /// Changes what the terminal's own configuration says of its doors. It is told at once when it is connected, when it
    /// next is otherwise.
    ///
    /// # Errors
    /// [`Refusal::NoSuchTerminal`], and what every change can meet.
    pub async fn put_settings(
        &self,
        who: &Principal,
        terminal: &str,
        modes: LanModes,
        key: Option<IdempotencyKey>,
    ) -> Result<Said, Refusal> {
        self.find_in_service(&who.scope, terminal)?;
        let (this, who, terminal) = (self.clone(), who.clone(), terminal.to_owned());
        self.detached(async move {
            let _turn = this.shared.turn.lock().await;
            let terminal = this.find_in_service(&who.scope, &terminal)?;
            let office = &this.shared.office;
            if let Some(said) = office.once.replay(&who.scope, key.as_ref()).await? {
                return Ok(said);
            }
            let asked = this.asked(&terminal.key).await?;
            let mut held = this.shared.fleet.register.hold(&terminal).await;
            let known = this.modes(held.row()).await?;
            let (old, news) = (Level::from_json(&held.row().terminal_config), known != modes);
            let level = Patch::from(modes).on(&old);
            let before = this.view(&terminal, known, &asked, false);
            let after = this.view(&terminal, modes, &asked, news);
            let said = Said::new(200, &after);
            if level == old {
                return office.conclude(&who.scope, key.as_ref(), Vec::new(), said).await;
            }
            held.edit().terminal_config = level.to_json();
            let act = Act::new("terminal.lan_changed", terminal.key.id.as_str());
            let act = act.before(&before).after(&after);
            let said = held.conclude(&who, Some(act), key, Vec::new(), said).await?;
            this.shared.configurations.terminal_changed(&terminal.key);
            if news {
                this.changed(&terminal.key);
            }
            Ok(said)
        })
        .await
    }

    /// What the configuration says that the terminal is to serve.
    async fn modes(&self, row: &TerminalRow) -> Result<LanModes, StoreError> {
        if row.deactivated {
            return Ok(LanModes::default());
        }
        Ok(Reader::new(&self.shared.office).effective(row).await?.lan_modes())
    }

    /// `news`: something has just been asked for that the courier has not seen.
    fn view(&self, terminal: &Terminal, modes: LanModes, asked: &Kept<LanRow>, news: bool) -> LanView {
        let slot = self.slot(&terminal.key);
        let told = slot.as_ref().map(|slot| &slot.row);
        let version = told.map_or(0, |row| row.version);
        let concerned = asked.revision > 0 || modes.any() || version > 0;
        let message = slot.as_ref().and_then(|slot| slot.message.as_deref());
        // Also between a change of the location's configuration and the courier's look at its terminals.
        let other = message.is_none_or(|message| !says(message, modes));
        let unseen = news || (concerned && (other || self.is_noted(&terminal.key)));
        let error = told.and_then(|row| row.error.clone()).filter(|_| !unseen);
        let applied = told.map(|row| row.applied_version).filter(|applied| *applied > 0);
        LanView {
            object: "terminal_lan",
            terminal_id: terminal.key.id.as_str().into(),
            livemode: terminal.key.scope.livemode,
            local_api: LocalApiView { enabled: modes.local_api, open_wire: modes.open_wire },
            cashless: CashlessView {
                enabled: modes.cashless,
                key_hint: asked.value.cashless_key.as_ref().map(|key| Arc::clone(&key.hint)),
            },
            version: version + u64::from(news),
            applied_version: applied,
            applied_at: told.and_then(|row| row.applied_at).map(Timestamp::unix_seconds),
            status: match &error {
                Some(_) => "failed",
                None if !concerned => "in_sync",
                None if !unseen && version > 0 && applied == Some(version) => "in_sync",
                None => "pending",
            },
            error,
            listener: told.and_then(|row| row.listener.as_ref()).map(listener),
        }
    }

    /// Whether the courier has something to do for the terminal, or is at it.
    fn is_noted(&self, key: &TerminalKey) -> bool {
        let notes = self.shared.notes.lock().unwrap_or_else(PoisonError::into_inner);
        let taken = self.shared.taken.lock().unwrap_or_else(PoisonError::into_inner);
        notes.contains_key(key) || taken.contains(key)
    }
}

/// Whether the terminal is told of these doors.
fn says(message: &LanAccess, modes: LanModes) -> bool {
    let LanModes { local_api, open_wire, cashless } = modes;
    (message.local_api, message.open_wire, message.cashless) == (local_api, open_wire, cashless)
}

/// The change that makes this what was asked for.
pub(super) fn write(next: &LanRow, from: &Kept<LanRow>) -> Change {
    match from.revision {
        0 => Change::insert(next),
        revision => Change::update(next, revision),
    }
}

fn listener(kept: &ListenerCertificate) -> ListenerView {
    ListenerView {
        serial_number: Arc::clone(&kept.serial),
        expires_at: kept.not_after.unix_seconds(),
        addresses: kept.addresses.clone(),
    }
}
