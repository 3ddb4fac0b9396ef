//! Sessions: found by the hash of their token, seen to the minute, ended by their person or by time.

use std::sync::Arc;

use vinr_domain::Timestamp;

use super::People;
use super::role::Role;
use super::rows::{PersonRow, SessionRow};
use crate::access::{Asker, Grants, KeyId, Principal, hash_key};
use crate::audit::{Act, By};
use crate::refusal::Refusal;
use crate::store::{Change, CommitError, Kept, RecordCursor, RecordPage, Scope, Transaction};

/// How long a session lasts without its person, in milliseconds: 12 hours.
const IDLE_MS: i64 = 12 * 3_600_000;
/// How long a session lasts at all: 7 days.
const LIFE_MS: i64 = 7 * 24 * 3_600_000;
/// How exactly it is known when somebody was here.
const SEEN_MS: i64 = 60_000;
/// For how long a proof of who somebody is counts for what needs one: 10 minutes.
const PROOF_MS: i64 = 10 * 60_000;

pub(super) fn ends_at(session: &SessionRow) -> Timestamp {
    session.seen_at.plus_ms(IDLE_MS).min(session.created_at.plus_ms(LIFE_MS))
}

/// Somebody who is signed in.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// Who.
    pub person: Kept<PersonRow>,
    /// In which session.
    pub session: Kept<SessionRow>,
    /// As what, for the account that they work today; `None` when they work for none.
    pub role: Option<Role>,
}

impl SignedIn {
    /// As the application's services know them; `None` when they work for no account now.
    #[must_use]
    pub fn principal(&self) -> Option<Principal> {
        let account = self.session.value.account.clone()?;
        let grants = self.role.map_or(Grants::NONE, Role::grants);
        Some(Principal {
            scope: Scope { account, livemode: self.session.value.livemode },
            grants,
            holder: Asker::Person,
            key: KeyId::of(&hash_key(&self.person.value.id)),
            hint: Arc::clone(&self.person.value.id),
            request: None,
        })
    }

    /// Whether they have proved lately enough who they are to do what cannot be undone.
    #[must_use]
    pub fn proved_lately(&self, now: Timestamp) -> bool {
        now < self.session.value.proved_at.plus_ms(PROOF_MS)
    }
}

impl People {
    /// Who sends this token; `None` when nobody is signed in with it.
    ///
    /// # Errors
    /// When the store cannot answer.
    pub async fn session(&self, token: &str) -> Result<Option<SignedIn>, Refusal> {
        self.session_named(&named(token)).await
    }

    /// The same session as it is now; `None` when it has ended.
    ///
    /// # Errors
    /// When the store cannot answer.
    pub async fn again(&self, who: &SignedIn) -> Result<Option<SignedIn>, Refusal> {
        self.session_named(&who.session.value.id).await
    }

    async fn session_named(&self, name: &str) -> Result<Option<SignedIn>, Refusal> {
        let now = self.office.now();
        let found = self.office.store.get::<SessionRow>(&Scope::platform(), name).await?;
        let Some(mut session) = found.filter(|kept| ends_at(&kept.value) > now) else { return Ok(None) };
        let person = self.person(&session.value.person).await?;
        let Some(person) = person.filter(|kept| !kept.value.disabled) else { return Ok(None) };
        if session.value.seen_at.plus_ms(SEEN_MS) <= now {
            session = self.change_session(&session, |row| row.seen_at = now).await?;
        }
        let role = session.value.account.as_ref().and_then(|account| person.value.role_in(account));
        Ok(Some(SignedIn { person, session, role }))
    }

    /// Changes a session. When somebody else changed it first, theirs stays.
    pub(super) async fn change_session(
        &self,
        session: &Kept<SessionRow>,
        change: impl FnOnce(&mut SessionRow),
    ) -> Result<Kept<SessionRow>, Refusal> {
        let mut next = session.value.clone();
        change(&mut next);
        let changes = vec![Change::update(&next, session.revision)];
        match self.office.store.commit(Transaction { changes }).await {
            Ok(()) => Ok(Kept { revision: session.revision + 1, value: next }),
            Err(CommitError::RecordStale { .. }) => {
                let found =
                    self.office.store.get::<SessionRow>(&Scope::platform(), &session.value.id).await?;
                Ok(found.unwrap_or_else(|| session.clone()))
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Shows live data from now on, or test data.
    ///
    /// # Errors
    /// When the store cannot take it.
    pub async fn switch_mode(&self, who: &SignedIn, livemode: bool) -> Result<(), Refusal> {
        self.change_session(&who.session, |row| row.livemode = livemode).await.map(drop)
    }

    /// Works for another of their accounts from now on.
    ///
    /// # Errors
    /// That they do not work for it.
    pub async fn switch_account(&self, who: &SignedIn, account: &str) -> Result<(), Refusal> {
        let mut memberships = who.person.value.memberships.iter();
        let found = memberships.find(|membership| membership.account.as_str() == account);
        let account = found.ok_or(Refusal::NoSuch("account"))?.account.clone();
        self.change_session(&who.session, |row| row.account = Some(account)).await.map(drop)
    }

    /// Where they are signed in, the newest first.
    ///
    /// # Errors
    /// When the store cannot answer.
    pub async fn sessions_of(&self, person: &str) -> Result<Vec<SessionRow>, Refusal> {
        let page = RecordPage { limit: 100, cursor: RecordCursor::Start };
        let having = Some(("person", person));
        let (rows, _) = self.office.store.list::<SessionRow>(&Scope::platform(), having, &page).await?;
        let now = self.office.now();
        Ok(rows.into_iter().map(|kept| kept.value).filter(|row| ends_at(row) > now).collect())
    }

    /// What ends every session of a person but this one.
    pub(super) async fn other_sessions(&self, who: &SignedIn) -> Result<Vec<Change>, Refusal> {
        let all = self.sessions_of(&who.person.value.id).await?;
        let others = all.iter().filter(|row| row.id != who.session.value.id);
        Ok(others.map(|row| Change::delete::<SessionRow>(&Scope::platform(), &row.id)).collect())
    }

    /// Ends every session of a person but this one.
    ///
    /// # Errors
    /// When the store cannot take it.
    pub async fn end_others(&self, who: &SignedIn) -> Result<(), Refusal> {
        let mut changes = self.other_sessions(who).await?;
        if changes.is_empty() {
            return Ok(());
        }
        let mut turn = self.office.audit.turn(&Scope::platform()).await?;
        let person = &who.person.value.id;
        changes.push(turn.entry(By::person(person), Act::new("person.sessions_ended", Arc::clone(person))));
        Ok(self.office.store.commit(Transaction { changes }).await?)
    }

    /// Ends one of a person's sessions; one that has ended stays ended.
    ///
    /// # Errors
    /// That it is not theirs.
    pub async fn end_session(&self, person: &str, id: &str) -> Result<(), Refusal> {
        let found = self.office.store.get::<SessionRow>(&Scope::platform(), id).await?;
        let mine = found.filter(|kept| &*kept.value.person == person).ok_or(Refusal::NoSuch("session"))?;
        let changes = vec![Change::delete::<SessionRow>(&Scope::platform(), &mine.value.id)];
        Ok(self.office.store.commit(Transaction { changes }).await?)
    }

    /// Forgets sessions and links whose time is over, for as long as the platform runs.
    pub async fn tidy(self) {
        const PAUSE: std::time::Duration = std::time::Duration::from_secs(600);
        loop {
            let now = self.office.now();
            let platform = Scope::platform();
            let sessions = self.office.store.due_across_accounts::<SessionRow>(now, 500).await;
            let links = self.office.store.due_across_accounts::<super::EntryLinkRow>(now, 500).await;
            let sessions = sessions.unwrap_or_default();
            let links = links.unwrap_or_default();
            let ended = sessions.iter().map(|kept| Change::delete::<SessionRow>(&platform, &kept.value.id));
            let over =
                links.iter().map(|kept| Change::delete::<super::EntryLinkRow>(&platform, &kept.value.id));
            let changes: Vec<Change> = ended.chain(over).collect();
            if !changes.is_empty()
                && let Err(error) = self.office.store.commit(Transaction { changes }).await
            {
                tracing::warn!(%error, "sessions that have ended could not be forgotten; tried again later");
            }
            tokio::time::sleep(PAUSE).await;
        }
    }
}

/// What is kept of a token.
pub(super) fn named(token: &str) -> String {
    hash_key(token).iter().map(|byte| format!("{byte:02x}")).collect()
}
