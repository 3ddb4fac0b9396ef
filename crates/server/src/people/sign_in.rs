//! Signing in with a password. Wrong ones make everybody wait: whoever is guessed at, and whoever guesses. The answer
//! never tells whether somebody is here.

use std::net::IpAddr;
use std::sync::{Arc, PoisonError};

use vinr_domain::Timestamp;

use super::rows::{PersonRow, SessionRow};
use super::sessions::named;
use super::{Attempts, People};
use crate::access::draw_token;
use crate::audit::{Act, By};
use crate::refusal::Refusal;
use crate::store::{Change, Kept, Scope, Transaction};

/// How many wrong passwords a person or an address has without a wait.
const FREE: u32 = 5;
/// The first wait after that; doubled with every further one.
const FIRST_WAIT_MS: i64 = 30_000;
/// The longest.
const LONGEST_WAIT_MS: i64 = 15 * 60_000;
/// How many addresses are remembered; the oldest are forgotten first.
const STRANGERS: usize = 10_000;

/// From where somebody asks.
#[derive(Clone, Debug)]
pub struct Origin {
    /// The address.
    pub address: Option<IpAddr>,
    /// What the browser says that it is.
    pub browser: Arc<str>,
}

/// Why somebody is not signed in.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum NotSignedIn {
    /// No such person, or not their password. One answer for both.
    #[error("This is not an email address and its password.")]
    Wrong,
    /// Too many wrong ones.
    #[error("Too many wrong attempts. Try again in {wait_s} seconds.")]
    Wait {
        /// For how long.
        wait_s: i64,
    },
    /// The link has been used, or its time is over.
    #[error("This link has been used, or its time is over. Ask for another one.")]
    LinkOver,
    /// The server could not do it.
    #[error(transparent)]
    Refused(#[from] Refusal),
}

impl People {
    /// Signs somebody in, and gives the token for their browser.
    ///
    /// # Errors
    /// [`NotSignedIn`].
    pub async fn sign_in(&self, email: &str, password: String, from: Origin) -> Result<String, NotSignedIn> {
        let now = self.office.now();
        let address: Arc<str> = from.address.map_or_else(|| "?".into(), |address| address.to_string().into());
        self.admit(&address, now)?;
        let found = self.by_email(email).await?;
        if let Some(until) = found.as_ref().and_then(|kept| kept.value.locked_until)
            && until > now
        {
            return Err(wait(now, until));
        }
        let hash = found.as_ref().and_then(|kept| kept.value.password.clone());
        let right = self.hasher.matches(password, hash).await;
        match found.filter(|kept| right && !kept.value.disabled) {
            Some(person) => {
                self.strangers.lock().unwrap_or_else(PoisonError::into_inner).remove(&address);
                self.open_session(person, from).await
            }
            None => {
                self.remember(&address, now);
                if let Some(person) = self.by_email(email).await? {
                    self.count_failure(person, now).await?;
                }
                Err(NotSignedIn::Wrong)
            }
        }
    }

    /// Proves again who somebody is, in a session that is open.
    ///
    /// # Errors
    /// [`NotSignedIn`].
    pub async fn prove(&self, who: &super::SignedIn, password: String) -> Result<(), NotSignedIn> {
        let now = self.office.now();
        let person = &who.person;
        if let Some(until) = person.value.locked_until.filter(|until| *until > now) {
            return Err(wait(now, until));
        }
        if !self.hasher.matches(password, person.value.password.clone()).await {
            self.count_failure(person.clone(), now).await?;
            return Err(NotSignedIn::Wrong);
        }
        self.change_session(&who.session, |row| row.proved_at = now).await?;
        Ok(())
    }

    /// The person with this address.
    pub(super) async fn by_email(&self, email: &str) -> Result<Option<Kept<PersonRow>>, Refusal> {
        let email = email.trim().to_lowercase();
        Ok(self.office.store.find_across_accounts::<PersonRow>("email", &email).await?)
    }

    /// Opens a session for somebody who has shown who they are.
    pub(super) async fn open_session(
        &self,
        person: Kept<PersonRow>,
        from: Origin,
    ) -> Result<String, NotSignedIn> {
        let no_randomness = |_| Refusal::Unavailable { money_may_have_moved: false };
        let now = self.office.now();
        let token = draw_token().map_err(no_randomness)?;
        let account = person.value.memberships.first().map(|membership| membership.account.clone());
        let session = SessionRow {
            id: named(&token).into(),
            person: Arc::clone(&person.value.id),
            form_token: draw_token().map_err(no_randomness)?.into(),
            account,
            livemode: false,
            created_at: now,
            seen_at: now,
            proved_at: now,
            address: from.address,
            browser: from.browser,
        };
        let mut changes = vec![Change::insert(&session)];
        if person.value.failed > 0 || person.value.locked_until.is_some() {
            let known = PersonRow { failed: 0, locked_until: None, ..person.value.clone() };
            changes.push(Change::update(&known, person.revision));
        }
        let platform = Scope::platform();
        let mut turn = self.office.audit.turn(&platform).await.map_err(Refusal::from)?;
        let act = Act::new("person.signed_in", Arc::clone(&person.value.id));
        changes.push(turn.entry(By::person(&person.value.id), act));
        self.office.store.commit(Transaction { changes }).await.map_err(Refusal::from)?;
        Ok(token)
    }

    fn admit(&self, address: &Arc<str>, now: Timestamp) -> Result<(), NotSignedIn> {
        let strangers = self.strangers.lock().unwrap_or_else(PoisonError::into_inner);
        match strangers.get(address).and_then(|attempts| locked_until(attempts.count, attempts.last_at)) {
            Some(until) if until > now => Err(wait(now, until)),
            Some(_) | None => Ok(()),
        }
    }

    fn remember(&self, address: &Arc<str>, now: Timestamp) {
        let mut strangers = self.strangers.lock().unwrap_or_else(PoisonError::into_inner);
        if strangers.len() >= STRANGERS && !strangers.contains_key(address) {
            let oldest = strangers
                .iter()
                .min_by_key(|(_, attempts)| attempts.last_at)
                .map(|(name, _)| Arc::clone(name));
            if let Some(oldest) = oldest {
                strangers.remove(&oldest);
            }
        }
        let attempts = strangers.entry(Arc::clone(address)).or_insert(Attempts { count: 0, last_at: now });
        *attempts = Attempts { count: attempts.count + 1, last_at: now };
    }

    async fn count_failure(&self, person: Kept<PersonRow>, now: Timestamp) -> Result<(), Refusal> {
        let failed = person.value.failed.saturating_add(1);
        let locked_until = locked_until(failed, now);
        let next = PersonRow { failed, locked_until, ..person.value.clone() };
        let mut changes = vec![Change::update(&next, person.revision)];
        let mut turn = self.office.audit.turn(&Scope::platform()).await?;
        let act = Act::new("person.sign_in_failed", Arc::clone(&person.value.id));
        changes.push(turn.entry(By::system("dashboard"), act));
        match self.office.store.commit(Transaction { changes }).await {
            // Somebody else counted at the same moment: one guess more or less.
            Ok(()) | Err(crate::store::CommitError::RecordStale { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

fn locked_until(failed: u32, last_at: Timestamp) -> Option<Timestamp> {
    let beyond = failed.checked_sub(FREE)?;
    let wait_ms = FIRST_WAIT_MS.checked_shl(beyond).filter(|ms| *ms > 0).unwrap_or(LONGEST_WAIT_MS);
    Some(last_at.plus_ms(wait_ms.min(LONGEST_WAIT_MS)))
}

fn wait(now: Timestamp, until: Timestamp) -> NotSignedIn {
    NotSignedIn::Wait { wait_s: (until.0 - now.0 + 999) / 1_000 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_a_quarter_of_an_hour() {
        let waits = |failed| locked_until(failed, Timestamp(0)).map(|until| until.0 / 1_000);
        assert_eq!(
            [4, 5, 6, 7, 10, 40, 4_000].map(waits),
            [None, Some(30), Some(60), Some(120), Some(900), Some(900), Some(900)]
        );
    }
}
