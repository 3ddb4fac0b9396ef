//! How a pairing ends: the device keeps its identity, or it is withdrawn. What was issued is then in force alone, or
//! not at all.

use std::sync::{Arc, PoisonError};

use vinr_domain::PairingId;
use vinr_domain::pairing::{Effect, Event, Illegal, StateKind, step};
use vinr_domain::terminal as presence;
use vinr_wire::link::HelloFacts;
use vinr_wire::rest::error::ErrorCode;
use vinr_wire::rest::pairing::PairingView;

use super::record::{Claim, DeviceRow, PairingRow};
use super::{Pairing, Secret};
use crate::audit::{Act, By};
use crate::fleet::Held;
use crate::gateway::{Hearer, Terminal};
use crate::identities::{CertificateRow, Revocation};
use crate::refusal::Refusal;
use crate::store::{Change, Kept, Scope, StoreError, Transaction};

impl Pairing {
    /// The device has stored its identity, and will come with it.
    ///
    /// # Errors
    /// [`Refusal::NoSuch`] without the secret; that there is nothing to confirm.
    pub async fn confirm(&self, id: PairingId, secret: &Secret) -> Result<PairingView, Refusal> {
        self.end(id, secret, Event::Confirmed).await
    }

    /// The device gives up; what had been issued to it is withdrawn.
    ///
    /// # Errors
    /// As [`Self::confirm`].
    pub async fn withdraw(&self, id: PairingId, secret: &Secret) -> Result<PairingView, Refusal> {
        self.end(id, secret, Event::Withdrawn).await
    }

    async fn end(&self, id: PairingId, secret: &Secret, event: Event) -> Result<PairingView, Refusal> {
        let _turn = self.turn.lock().await;
        let kept = self.open_with(id, secret).await?;
        let kind = self.end_with(kept, event).await?;
        Ok(PairingView::new(id, kind, 0))
    }

    /// Takes a step that ends the pairing. The caller holds the turn.
    pub(super) async fn end_with(&self, kept: Kept<PairingRow>, event: Event) -> Result<StateKind, Refusal> {
        let (row, now) = (kept.value, self.office.now());
        let taken =
            step(row.state, event, now, &self.settings().terms).map_err(|illegal| refused(&illegal))?;
        if taken.state == row.state {
            return Ok(taken.state.kind());
        }
        let next = PairingRow { state: taken.state, ended_at: Some(now), ..row };
        let change = Change::update(&next, kept.revision);
        match (taken.effect, &next.claim) {
            (Some(Effect::RevokeOlder), Some(claim)) => self.keep(&next, claim, change).await?,
            (Some(Effect::Withdraw), Some(claim)) => self.withdrawn(&next, claim, change).await?,
            (Some(Effect::Issue | Effect::HandOver | Effect::RevokeOlder | Effect::Withdraw) | None, _) => {
                self.office.store.commit(Transaction { changes: vec![change] }).await?;
            }
        }
        self.forget(&next);
        tracing::info!(pairing = %next.id, state = taken.state.kind().as_str(), "a pairing has ended");
        Ok(taken.state.kind())
    }

    /// The new certificate is the only one from here on.
    async fn keep(&self, row: &PairingRow, claim: &Claim, change: Change) -> Result<(), Refusal> {
        let key = claim.key();
        let _turn = self.identities.turn().await;
        let revocation = self.identities.revocation(&key, Some(&claim.serial)).await?;
        let changes = std::iter::once(change).chain(revocation.changes.iter().cloned()).collect();
        self.office.store.commit(Transaction { changes }).await?;
        self.identities.deny(&revocation);
        tracing::info!(pairing = %row.id, terminal = %key.id, older = revocation.serials.len(), "paired");
        if let Some(terminal) = self.directory.find(&key) {
            self.cut_if_denied(&terminal);
        }
        Ok(())
    }

    /// What was issued is in force no longer; the terminal is where it was before.
    async fn withdrawn(&self, row: &PairingRow, claim: &Claim, change: Change) -> Result<(), Refusal> {
        let key = claim.key();
        let _turn = self.identities.turn().await;
        let mut changes = vec![change];
        let mut revocation = Revocation::default();
        if let Some(kept) = self.office.store.get::<CertificateRow>(&key.scope, &claim.serial).await? {
            let revoked = CertificateRow { revoked_at: Some(self.office.now()), ..kept.value };
            changes.push(Change::update(&revoked, kept.revision));
            revocation.serials.push(Arc::clone(&claim.serial));
        }
        let terminal = self.directory.find(&key);
        if let Some(terminal) = terminal.as_ref().filter(|_| !claim.in_service_before) {
            changes.extend(self.out_of_service(row).await?);
            let mut tills = self.lan.withdrawal(&key).await?;
            changes.append(&mut tills.changes);
            // The terminal's turn before the audit log's, as everywhere.
            let mut held = self.fleet.register.hold(terminal).await;
            let mut audit = self.office.audit.turn(&key.scope).await?;
            let act = Act::new("terminal.activation_withdrawn", key.id.as_str());
            changes.push(audit.entry(By::system("pairing"), act));
            take_out(&mut held);
            held.record(changes).await?;
            tills.done();
        } else {
            self.office.store.commit(Transaction { changes }).await?;
        }
        self.identities.deny(&revocation);
        if let Some(terminal) = terminal {
            self.cut_if_denied(&terminal);
        }
        Ok(())
    }

    /// The device is free for others.
    async fn out_of_service(&self, row: &PairingRow) -> Result<Option<Change>, StoreError> {
        let name = DeviceRow::name(&row.model, &row.serial_number);
        let kept = self.office.store.get::<DeviceRow>(&Scope::platform(), &name).await?;
        Ok(kept.map(|kept| Change::update(&DeviceRow { active: false, ..kept.value }, kept.revision)))
    }

    fn cut_if_denied(&self, terminal: &Terminal) {
        if terminal.certificate().is_some_and(|leaf| self.identities.denied().denies(&leaf)) {
            terminal.cut();
        }
    }

    /// Nobody waits for this pairing any more.
    pub(super) fn forget(&self, row: &PairingRow) {
        self.open.lock().unwrap_or_else(PoisonError::into_inner).remove(&row.id);
        if let Some(claim) = &row.claim {
            let mut unconfirmed = self.unconfirmed.lock().unwrap_or_else(PoisonError::into_inner);
            if unconfirmed.get(&claim.key()) == Some(&row.id) {
                unconfirmed.remove(&claim.key());
            }
        }
        // Nobody listening is nothing to worry about.
        let _ = self.moved.send(row.id);
    }

    async fn confirmed_by_greeting(self, terminal: Arc<Terminal>, id: PairingId) {
        let _turn = self.turn.lock().await;
        let kept = self.office.store.get::<PairingRow>(&Scope::platform(), &id.to_string()).await;
        let confirmed = match kept {
            Ok(Some(kept)) if uses(&terminal, &kept.value) => self.end_with(kept, Event::Confirmed).await,
            Ok(_) => return,
            Err(error) => Err(error.into()),
        };
        if let Err(error) = confirmed {
            // The device says so by itself, or greets again.
            tracing::warn!(pairing = %id, %error, "a pairing cannot be confirmed");
        }
    }
}

/// Whether the terminal came with what this pairing issued.
fn uses(terminal: &Terminal, row: &PairingRow) -> bool {
    let issued = row.claim.as_ref().map(|claim| claim.serial.as_ref());
    terminal.certificate().is_some_and(|leaf| Some(leaf.serial.as_str()) == issued)
}

/// Takes a terminal out of service; one that is out already stays so.
pub(super) fn take_out(held: &mut Held) {
    // Legal wherever a terminal stands.
    let _ = held.happened(presence::Event::Deactivated);
}

fn refused(illegal: &Illegal) -> Refusal {
    match illegal {
        Illegal::Used => Refusal::stated(
            ErrorCode::ActivationCodeUsed,
            "This activation code has been used. A device that has to be paired again shows a new one.",
        )
        .param("activationCode"),
        Illegal::Expired | Illegal::TooEarly | Illegal::Meaningless { .. } => Refusal::stated(
            ErrorCode::ConcurrentChange,
            "The pairing is not where this is possible. Look at it again.",
        ),
    }
}

/// Hears a terminal greet for the first time with what was issued to it: nobody can do that who has not kept it.
pub struct Greetings(Pairing);

impl Greetings {
    /// For these pairings.
    #[must_use]
    pub fn new(pairing: Pairing) -> Self {
        Self(pairing)
    }
}

impl Hearer for Greetings {
    fn greeted(&self, terminal: &Arc<Terminal>, _: &HelloFacts) {
        let unconfirmed = self.0.unconfirmed.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(id) = unconfirmed.get(&terminal.key).copied() else { return };
        drop(unconfirmed);
        self.0.office.tasks.spawn(self.0.clone().confirmed_by_greeting(Arc::clone(terminal), id));
    }
}
