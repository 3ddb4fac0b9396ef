//! Signing in with a password, and with a code where an authenticator app is set up. Wrong ones make everybody wait: whoever
//! is guessed at, and whoever guesses. The answer never tells whether somebody is here.

use std::net::IpAddr;
use std::sync::{Arc, PoisonError};

use vinr_domain::Timestamp;

use super::rows::{EntryLinkRow, PersonRow, Purpose, SessionRow};
use super::sessions::named;
use super::ways::Way;
use super::{Attempts, People};
use crate::access::draw_token;
use crate::audit::{Act, By};
use crate::refusal::Refusal;
use crate::store::{Change, CommitError, Kept, Scope, Transaction};

/// How many wrong passwords a person or an address has without a wait.
const FREE: u32 = 5;
/// The first wait after that; doubled with every further one.
const FIRST_WAIT_MS: i64 = 30_000;
/// The longest.
const LONGEST_WAIT_MS: i64 = 15 * 60_000;
/// For how long a code can follow a password.
const STEP_MS: i64 = 5 * 60_000;
/// How often a code is looked at again when something else was written at the same moment.
const ATTEMPTS: u32 = 4;
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
    /// Not the password of who is signed in.
    #[error("This is not your password.")]
    WrongPassword,
    /// Not a code of theirs, or one that has been used.
    #[error("This is not the code of now, or it has been used. Wait for the next one.")]
    WrongCode,
    /// Not the answer of a passkey that is known here, or one that came too late.
    #[error("This passkey is not known here, or it took too long. Try again.")]
    WrongPasskey,
    /// The code came too long after the password.
    #[error("That took too long. Begin again with your password.")]
    StepOver,
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

/// How far somebody came. Both hold a token for their browser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entered {
    /// They are signed in.
    In(String),
    /// Their password was right; a code is needed within five minutes.
    Code(String),
}

impl People {
    /// Signs somebody in with their password.
    ///
    /// # Errors
    /// [`NotSignedIn`].
    pub async fn sign_in(&self, email: &str, password: String, from: Origin) -> Result<Entered, NotSignedIn> {
        let person = self.check_password(email, password, &from).await?;
        self.admit_known(person, from, Way::Password).await
    }

    /// Who has this address and password.
    pub(super) async fn check_password(
        &self,
        email: &str,
        password: String,
        from: &Origin,
    ) -> Result<Kept<PersonRow>, NotSignedIn> {
        let now = self.office.now();
        self.admit(&place(from), now)?;
        let found = self.by_email(email).await?;
        if let Some(until) = found.as_ref().and_then(|kept| kept.value.locked_until)
            && until > now
        {
            return Err(wait(now, until));
        }
        let hash = found.as_ref().and_then(|kept| kept.value.password.clone());
        let right = self.hasher.matches(password, hash).await;
        match found.filter(|kept| right && !kept.value.disabled) {
            Some(person) => Ok(person),
            None => {
                self.remember(&place(from), now);
                if let Some(person) = self.by_email(email).await? {
                    self.count_failure(person, now).await?;
                }
                Err(NotSignedIn::Wrong)
            }
        }
    }

    /// Lets in whose password was right, or asks them for a code.
    pub(super) async fn admit_known(
        &self,
        person: Kept<PersonRow>,
        from: Origin,
        way: Way,
    ) -> Result<Entered, NotSignedIn> {
        if person.value.app.is_none() {
            return Ok(Entered::In(self.open_session(person, from, way).await?));
        }
        let token = draw_token().map_err(super::app::no_randomness)?;
        let now = self.office.now();
        let step = EntryLinkRow {
            id: named(&token).into(),
            purpose: Purpose::SecondStep { person: Arc::clone(&person.value.id) },
            created_at: now,
            ends_at: now.plus_ms(STEP_MS),
        };
        let changes = vec![Change::insert(&step)];
        self.office.store.commit(Transaction { changes }).await.map_err(Refusal::from)?;
        Ok(Entered::Code(token))
    }

    /// Signs in whose password was right with a code of their app, or a recovery code, and gives the token for the browser.
    ///
    /// # Errors
    /// [`NotSignedIn`].
    pub async fn finish(&self, token: &str, code: &str, from: Origin) -> Result<String, NotSignedIn> {
        let now = self.office.now();
        self.admit(&place(&from), now)?;
        let step = self.office.store.get::<EntryLinkRow>(&Scope::platform(), &named(token)).await;
        let step = step.map_err(Refusal::from)?.filter(|kept| kept.value.ends_at > now);
        let step = step.ok_or(NotSignedIn::StepOver)?;
        let Purpose::SecondStep { person } = &step.value.purpose else { return Err(NotSignedIn::StepOver) };
        for _ in 0..ATTEMPTS {
            let known = self.person(person).await?.filter(|kept| !kept.value.disabled);
            let known = known.ok_or(NotSignedIn::StepOver)?;
            if let Some(until) = known.value.locked_until.filter(|until| *until > now) {
                return Err(wait(now, until));
            }
            let Some((next, way)) = self.spend(&known.value, code, now) else {
                self.remember(&place(&from), now);
                self.count_failure(known, now).await?;
                return Err(NotSignedIn::WrongCode);
            };
            let more = vec![Change::delete::<EntryLinkRow>(&Scope::platform(), &step.value.id)];
            match self.try_open((next, known.revision), from.clone(), way, more).await? {
                Ok(token) => return Ok(token),
                // Somebody else spent a code, or counted, at the same moment: the code is looked at again.
                Err(CommitError::RecordStale { .. }) => {}
                Err(error) => return Err(Refusal::from(error).into()),
            }
        }
        Err(Refusal::Overloaded.into())
    }

    /// The person with this address.
    pub(super) async fn by_email(&self, email: &str) -> Result<Option<Kept<PersonRow>>, Refusal> {
        let email = email.trim().to_lowercase();
        Ok(self.office.store.find_across_accounts::<PersonRow>("email", &email).await?)
    }

    /// The person of this id.
    pub(super) async fn person(&self, id: &str) -> Result<Option<Kept<PersonRow>>, Refusal> {
        Ok(self.office.store.get::<PersonRow>(&Scope::platform(), id).await?)
    }

    /// Opens a session for somebody who has shown who they are.
    pub(super) async fn open_session(
        &self,
        person: Kept<PersonRow>,
        from: Origin,
        way: Way,
    ) -> Result<String, NotSignedIn> {
        let mut person = person;
        for _ in 0..ATTEMPTS {
            let known = (person.value.clone(), person.revision);
            match self.try_open(known, from.clone(), way, Vec::new()).await? {
                Ok(token) => return Ok(token),
                // Signed in elsewhere, or counted, at the same moment.
                Err(CommitError::RecordStale { .. }) => {
                    let again = self.person(&person.value.id).await?.filter(|kept| !kept.value.disabled);
                    person = again.ok_or(NotSignedIn::Wrong)?;
                }
                Err(error) => return Err(Refusal::from(error).into()),
            }
        }
        Err(Refusal::Overloaded.into())
    }

    /// As [`Self::open_session`], of a person as they are to be from now on, with what else changes.
    pub(super) async fn try_open(
        &self,
        (person, revision): (PersonRow, u64),
        from: Origin,
        way: Way,
        more: Vec<Change>,
    ) -> Result<Result<String, CommitError>, Refusal> {
        let now = self.office.now();
        let token = draw_token().map_err(super::app::no_randomness)?;
        let address = place(&from);
        let session = SessionRow {
            id: named(&token).into(),
            person: Arc::clone(&person.id),
            form_token: draw_token().map_err(super::app::no_randomness)?.into(),
            account: person.memberships.first().map(|membership| membership.account.clone()),
            livemode: false,
            created_at: now,
            seen_at: now,
            proved_at: now,
            address: from.address,
            browser: from.browser,
            way,
            strong: way.is_strong(),
            app_draft: None,
        };
        let known = PersonRow { failed: 0, locked_until: None, ..person };
        let mut changes = vec![Change::insert(&session), Change::update(&known, revision)];
        changes.extend(more);
        let mut turn = self.office.audit.turn(&Scope::platform()).await?;
        let mut tell = |action| {
            let act = Act::new(action, Arc::clone(&known.id));
            changes.push(turn.entry(By::person(&known.id), act.after(&serde_json::json!({ "way": way }))));
        };
        if way == Way::Recovery {
            tell("person.recovery_code_used");
        }
        tell("person.signed_in");
        let committed = self.office.store.commit(Transaction { changes }).await;
        if committed.is_ok() {
            self.strangers.lock().unwrap_or_else(PoisonError::into_inner).remove(&address);
        }
        Ok(committed.map(|()| token))
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

    pub(super) async fn count_failure(&self, person: Kept<PersonRow>, now: Timestamp) -> Result<(), Refusal> {
        let failed = person.value.failed.saturating_add(1);
        let locked_until = locked_until(failed, now);
        let next = PersonRow { failed, locked_until, ..person.value.clone() };
        let mut changes = vec![Change::update(&next, person.revision)];
        let mut turn = self.office.audit.turn(&Scope::platform()).await?;
        let act = Act::new("person.sign_in_failed", Arc::clone(&person.value.id));
        changes.push(turn.entry(By::system("dashboard"), act));
        match self.office.store.commit(Transaction { changes }).await {
            // Somebody else counted at the same moment: one guess more or less.
            Ok(()) | Err(CommitError::RecordStale { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

/// How the address of who asks is remembered.
pub(super) fn place(from: &Origin) -> Arc<str> {
    from.address.map_or_else(|| "?".into(), |address| address.to_string().into())
}

fn locked_until(failed: u32, last_at: Timestamp) -> Option<Timestamp> {
    let beyond = failed.checked_sub(FREE)?;
    let wait_ms = FIRST_WAIT_MS.checked_shl(beyond).filter(|ms| *ms > 0).unwrap_or(LONGEST_WAIT_MS);
    Some(last_at.plus_ms(wait_ms.min(LONGEST_WAIT_MS)))
}

pub(super) fn wait(now: Timestamp, until: Timestamp) -> NotSignedIn {
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
