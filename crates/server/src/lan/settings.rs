//! What a terminal is to serve in the merchant's network: asked for, shown, and how far the terminal has come.

use std::sync::Arc;

use vinr_domain::Timestamp;
use vinr_wire::rest::lan::{CashlessView, LanModes, LanView, ListenerView, LocalApiView};

use super::row::{LanRow, ListenerCertificate};
use super::service::Lan;
use crate::access::Principal;
use crate::audit::Act;
use crate::gateway::{Terminal, TerminalKey};
use crate::once::{IdempotencyKey, Said};
use crate::refusal::Refusal;
use crate::store::{Change, Kept, Scope};

impl Lan {
    /// What the terminal serves, and whether it does so yet.
    ///
    /// # Errors
    /// [`Refusal::NoSuchTerminal`], or that the store cannot answer.
    pub async fn settings(&self, scope: &Scope, terminal: &str) -> Result<LanView, Refusal> {
        let terminal = self.find(scope, terminal)?;
        let asked = self.asked(&terminal.key).await?;
        Ok(self.view(&terminal, &asked, false))
    }

    /// Changes what the terminal serves. It is told at once when it is connected, when it next is otherwise.
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
        let terminal = self.find_in_service(&who.scope, terminal)?;
        let (this, who) = (self.clone(), who.clone());
        self.detached(async move {
            let _turn = this.shared.turn.lock().await;
            let office = &this.shared.office;
            if let Some(said) = office.once.replay(&who.scope, key.as_ref()).await? {
                return Ok(said);
            }
            let asked = this.asked(&terminal.key).await?;
            let LanModes { local_api, open_wire, cashless } = modes;
            let next = LanRow { local_api, open_wire, cashless, ..asked.value.clone() };
            let changes: Vec<Change> =
                (next != asked.value).then(|| write(&next, &asked)).into_iter().collect();
            let news = !changes.is_empty();
            let before = this.view(&terminal, &asked, false);
            let after = this.view(&terminal, &Kept { revision: asked.revision, value: next }, news);
            let said = Said::new(200, &after);
            let by = (&who.scope, &who);
            let said = if news {
                let act = Act::new("terminal.lan_changed", terminal.key.id.as_str());
                let act = act.before(&before).after(&after);
                office.conclude_audited(by, act, key.as_ref(), changes, said).await?
            } else {
                office.conclude(&who.scope, key.as_ref(), changes, said).await?
            };
            this.changed(&terminal.key);
            Ok(said)
        })
        .await
    }

    /// `news`: something has just been asked for that the courier has not seen.
    fn view(&self, terminal: &Terminal, asked: &Kept<LanRow>, news: bool) -> LanView {
        let slot = self.slot(&terminal.key);
        let told = slot.as_ref().map(|slot| &slot.row);
        let unseen = news || (asked.revision > 0 && self.is_noted(&terminal.key));
        let version = told.map_or(0, |row| row.version);
        let error = told.and_then(|row| row.error.clone()).filter(|_| !unseen);
        let applied = told.map(|row| row.applied_version).filter(|applied| *applied > 0);
        let never_told = asked.revision == 0 && version == 0;
        LanView {
            object: "terminal_lan",
            terminal_id: terminal.key.id.as_str().into(),
            livemode: terminal.key.scope.livemode,
            local_api: LocalApiView { enabled: asked.value.local_api, open_wire: asked.value.open_wire },
            cashless: CashlessView {
                enabled: asked.value.cashless,
                key_hint: asked.value.cashless_key.as_ref().map(|key| Arc::clone(&key.hint)),
            },
            version: version + u64::from(news),
            applied_version: applied,
            applied_at: told.and_then(|row| row.applied_at).map(Timestamp::unix_seconds),
            status: match &error {
                Some(_) => "failed",
                None if never_told && !unseen => "in_sync",
                None if !unseen && version > 0 && applied == Some(version) => "in_sync",
                None => "pending",
            },
            error,
            listener: told.and_then(|row| row.listener.as_ref()).map(listener),
        }
    }

    fn is_noted(&self, key: &TerminalKey) -> bool {
        let notes = self.shared.notes.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        notes.contains_key(key) || self.slot(key).is_none_or(|slot| slot.message.is_none())
    }
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
