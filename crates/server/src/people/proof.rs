//! Showing again who one is, in a session that is open: for what cannot be undone. Wrong passwords and codes count here as
//! they do at the door.

use std::sync::Arc;

use super::rows::PersonRow;
use super::sign_in::{NotSignedIn, wait};
use super::ways::Way;
use super::{People, SignedIn};
use crate::audit::{Act, By};
use crate::refusal::Refusal;
use crate::store::{Change, CommitError, Scope, Transaction};

/// How often a proof is read again when something else was written at the same moment.
const ATTEMPTS: u32 = 4;

/// What somebody shows.
#[derive(Clone, Default)]
pub struct Evidence {
    /// Their password.
    pub password: String,
    /// The code of their authenticator app, or a recovery code; only asked of those who have an app.
    pub code: String,
}

impl People {
    /// Proves again who somebody is, in a session that is open.
    ///
    /// # Errors
    /// [`NotSignedIn`].
    pub async fn prove(&self, who: &SignedIn, shown: Evidence) -> Result<(), NotSignedIn> {
        let now = self.office.now();
        let person = self.person(&who.person.value.id).await?.ok_or(NotSignedIn::Wrong)?;
        if let Some(until) = person.value.locked_until.filter(|until| *until > now) {
            return Err(wait(now, until));
        }
        if !self.hasher.matches(shown.password, person.value.password.clone()).await {
            self.count_failure(person, now).await?;
            return Err(NotSignedIn::WrongPassword);
        }
        for _ in 0..ATTEMPTS {
            let person = self.person(&who.person.value.id).await?.ok_or(NotSignedIn::Wrong)?;
            let spent = match person.value.app {
                Some(_) => self.spend(&person.value, &shown.code, now),
                None => Some((person.value.clone(), Way::Password)),
            };
            let Some((next, way)) = spent else {
                self.count_failure(person, now).await?;
                return Err(NotSignedIn::WrongCode);
            };
            let next = PersonRow { failed: 0, locked_until: None, ..next };
            match self.note_proof(who, (&next, person.revision), way).await {
                // Somebody else spent a code, or counted, at the same moment: what is shown is looked at again.
                Err(CommitError::RecordStale { .. }) => {}
                done => return Ok(done.map_err(Refusal::from)?),
            }
        }
        Err(Refusal::Overloaded.into())
    }

    pub(super) async fn note_proof(
        &self,
        who: &SignedIn,
        (next, revision): (&PersonRow, u64),
        way: Way,
    ) -> Result<(), CommitError> {
        let found = self.office.store.get(&Scope::platform(), &who.session.value.id).await?;
        let mut session: crate::store::Kept<super::SessionRow> = found.unwrap_or_else(|| who.session.clone());
        session.value.proved_at = self.office.now();
        session.value.strong |= way.is_strong();
        let mut changes =
            vec![Change::update(next, revision), Change::update(&session.value, session.revision)];
        let mut turn = self.office.audit.turn(&Scope::platform()).await?;
        if way == Way::Recovery {
            let act = Act::new("person.recovery_code_used", Arc::clone(&next.id));
            changes.push(turn.entry(By::person(&next.id), act));
        }
        self.office.store.commit(Transaction { changes }).await
    }
}
