//! Takes terminals out of service. Durable first, then nobody gets in with what the terminal had, then the link is
//! cut; a payment that is on it is ended by its lane.

use std::sync::Arc;

use tokio::sync::oneshot;
use vinr_domain::pairing::{Event, State, step};
use vinr_wire::rest::error::ErrorCode;

use super::Pairing;
use super::confirmation::take_out;
use super::record::{DeviceRow, LINK, PairingRow, link_of};
use crate::access::Principal;
use crate::audit::Act;
use crate::gateway::{Terminal, TerminalKey};
use crate::once::{IdempotencyKey, Said, remembered};
use crate::refusal::Refusal;
use crate::store::{Change, RecordCursor, RecordPage, Scope};

/// The simulator that every account has one of and cannot get another of (contract 1.4).
const SIMULATOR: &str = "term_test_simulator";

impl Pairing {
    /// Takes a terminal out of service. One that is out already stays so.
    ///
    /// # Errors
    /// [`Refusal::NoSuchTerminal`]; that it is the reserved simulator; what the store says.
    pub async fn deactivate(
        &self,
        who: &Principal,
        id: &str,
        key: Option<IdempotencyKey>,
    ) -> Result<Said, Refusal> {
        if let Some(said) = self.office.once.replay(&who.scope, key.as_ref()).await? {
            return Ok(said);
        }
        let terminal = self.fleet.terminals.find(&who.scope, id)?;
        if terminal.key.id.as_str() == SIMULATOR {
            let words =
                "The reserved simulator cannot be taken out of service, because it cannot be paired again.";
            return Err(Refusal::stated(ErrorCode::DeactivationNotAllowed, words));
        }
        let (reply, answer) = oneshot::channel();
        let (this, who) = (self.clone(), who.clone());
        self.office.tasks.spawn(async move {
            let _ = reply.send(this.take_out_of_service(&who, &terminal, key).await);
        });
        answer.await.map_err(|_ended| Refusal::Unavailable { money_may_have_moved: false })?
    }

    async fn take_out_of_service(
        &self,
        who: &Principal,
        terminal: &Arc<Terminal>,
        key: Option<IdempotencyKey>,
    ) -> Result<Said, Refusal> {
        let _turn = self.turn.lock().await;
        if let Some(said) = self.office.once.replay(&who.scope, key.as_ref()).await? {
            return Ok(said);
        }
        let _issuing = self.identities.turn().await;
        let revocation = self.identities.revocation(&terminal.key, None).await?;
        let given_up = self.pairings_under_way(&terminal.key).await?;
        let mut more = revocation.changes.clone();
        more.extend(given_up.iter().map(|(_, change)| change.clone()));
        let mut tills = self.lan.withdrawal(&terminal.key).await?;
        more.append(&mut tills.changes);
        let mut held = self.fleet.register.hold(terminal).await;
        more.extend(self.free_device(terminal).await?);
        let before = held.view();
        take_out(&mut held);
        let view = held.view();
        let said = Said::new(200, &view);
        let mut audit = self.office.audit.turn(&who.scope).await?;
        let act = Act::new("terminal.deactivated", terminal.key.id.as_str()).before(&before).after(&view);
        more.push(audit.entry(who, act));
        more.extend(key.iter().map(|key| remembered(&who.scope, key, &said, self.office.now())));
        held.record(more).await?;
        self.identities.deny(&revocation);
        tills.done();
        self.cut(terminal);
        given_up.iter().for_each(|(row, _)| self.forget(row));
        tracing::info!(terminal = %terminal.key.id, certificates = revocation.serials.len(), "deactivated");
        Ok(said)
    }

    /// Ends the terminal's link: what it says after this is not heard.
    fn cut(&self, terminal: &Terminal) {
        #[cfg(feature = "sabotage")]
        if self.office.settings.sabotage == Some(crate::settings::Sabotage::DeactivationWithoutCut) {
            return;
        }
        terminal.cut();
    }

    /// Pairings of the terminal that are not confirmed: the device must not fetch what opens nothing.
    async fn pairings_under_way(&self, key: &TerminalKey) -> Result<Vec<(PairingRow, Change)>, Refusal> {
        let (now, platform) = (self.office.now(), Scope::platform());
        let mut given_up = Vec::new();
        let mut cursor = RecordCursor::Start;
        loop {
            let page = RecordPage { limit: 100, cursor };
            let having = Some((LINK, &*link_of(key)));
            let (kept, more) = self.office.store.list::<PairingRow>(&platform, having, &page).await?;
            let last = kept.last().map(|kept| Arc::<str>::from(kept.value.id.to_string()));
            for kept in kept {
                let row = kept.value;
                let taken = step(row.state, Event::Withdrawn, now, &self.settings().terms);
                if let Ok(taken) = taken
                    && row.state != State::Abandoned
                    && taken.state != row.state
                {
                    let next = PairingRow { state: taken.state, ended_at: Some(now), ..row };
                    let change = Change::update(&next, kept.revision);
                    given_up.push((next, change));
                }
            }
            match last.filter(|_| more) {
                Some(last) => cursor = RecordCursor::After(last),
                None => return Ok(given_up),
            }
        }
    }

    /// Other accounts may pair the device from here on.
    async fn free_device(&self, terminal: &Terminal) -> Result<Option<Change>, Refusal> {
        let name = terminal.read(|row| DeviceRow::name(&row.model, &row.serial_number));
        let kept = self.office.store.get::<DeviceRow>(&Scope::platform(), &name).await?;
        let is_its = |row: &DeviceRow| row.owner == terminal.key.scope && row.terminal == terminal.key.id;
        let freed = kept.filter(|kept| is_its(&kept.value));
        Ok(freed.map(|kept| Change::update(&DeviceRow { active: false, ..kept.value }, kept.revision)))
    }
}
