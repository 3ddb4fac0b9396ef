//! Ways in for people who have no password yet: a link that signs in once. `vinr dev` prints one; an operator makes one
//! for the first owner of an account.

use std::sync::Arc;

use vinr_domain::AccountId;
use vinr_wire::rest::body::FieldError;
use vinr_wire::rest::error::ErrorCode;

use super::password::check_password;
use super::role::Role;
use super::rows::{EntryLinkRow, Membership, PersonRow, Purpose};
use super::sessions::named;
use super::sign_in::{NotSignedIn, Origin};
use super::{People, SignedIn};
use crate::access::draw_token;
use crate::audit::{Act, By};
use crate::refusal::Refusal;
use crate::store::{Change, Kept, Scope, Transaction};

/// For how long a link that signs in can be followed, in milliseconds: an hour.
const SIGN_IN_MS: i64 = 3_600_000;

impl People {
    /// The person with this address; made, as an owner of the account, when there is none yet.
    ///
    /// # Errors
    /// When the store cannot take it.
    pub async fn provide_owner(
        &self,
        (email, name): (&str, &str),
        account: &AccountId,
        operates: bool,
    ) -> Result<Arc<str>, Refusal> {
        if let Some(found) = self.by_email(email).await? {
            return Ok(Arc::clone(&found.value.id));
        }
        let membership = Membership { account: account.clone(), role: Role::Owner };
        let new = PersonRow::new(self.person_name(), (email, name), membership, self.office.now());
        let person = PersonRow { operates, ..new };
        let mut turn = self.office.audit.turn(&Scope::platform()).await?;
        let act = Act::new("person.created", Arc::clone(&person.id));
        let changes = vec![Change::insert(&person), turn.entry(By::system("dashboard"), act)];
        self.office.store.commit(Transaction { changes }).await?;
        Ok(person.id)
    }

    /// Gives somebody who is signed in another password, and ends all their other sessions.
    ///
    /// # Errors
    /// [`Refusal::Field`] when the password is not good enough; what the store says.
    pub async fn set_password(&self, who: &SignedIn, password: String) -> Result<(), Refusal> {
        let person = &who.person.value;
        check_password(&password, &[&person.email, &person.name])
            .map_err(|refused| FieldError::invalid("password", refused.to_string()))?;
        let hash = self.hasher.hash(password).await;
        let hash = hash.ok_or(Refusal::Unavailable { money_may_have_moved: false })?;
        let next = PersonRow { password: Some(hash), failed: 0, locked_until: None, ..person.clone() };
        let ended = self.other_sessions(who).await?;
        self.ways_changed(who, &next, "person.password_changed", ended).await
    }

    /// Removes somebody's password; they come in with a passkey from now on.
    ///
    /// # Errors
    /// That there is none, or that nothing else would let them in.
    pub async fn remove_password(&self, who: &SignedIn) -> Result<(), Refusal> {
        let person = &who.person.value;
        if person.password.is_none() {
            return Err(Refusal::NoSuch("password"));
        }
        if person.passkeys.is_empty() {
            let message = "The password is your last way in. Add a passkey first.";
            return Err(Refusal::stated(ErrorCode::LimitExceeded, message));
        }
        let next = PersonRow { password: None, ..person.clone() };
        let ended = self.other_sessions(who).await?;
        self.ways_changed(who, &next, "person.password_removed", ended).await
    }

    /// A token that signs the person in once, within the hour. Whoever has it is that person: it is shown to them alone.
    ///
    /// # Errors
    /// When the machine has no randomness to give, or the store cannot take it.
    pub async fn entry_token(&self, person: &str) -> Result<String, Refusal> {
        let token = draw_token().map_err(|_| Refusal::Unavailable { money_may_have_moved: false })?;
        let now = self.office.now();
        let link = EntryLinkRow {
            id: named(&token).into(),
            purpose: Purpose::SignIn { person: person.into() },
            created_at: now,
            ends_at: now.plus_ms(SIGN_IN_MS),
        };
        self.office.store.commit(Transaction { changes: vec![Change::insert(&link)] }).await?;
        Ok(token)
    }

    /// Signs in with such a token, and gives the token for the browser.
    ///
    /// # Errors
    /// [`NotSignedIn::LinkOver`].
    pub async fn enter(&self, token: &str, from: Origin) -> Result<String, NotSignedIn> {
        let platform = Scope::platform();
        let store = &self.office.store;
        let link = store.get::<EntryLinkRow>(&platform, &named(token)).await.map_err(Refusal::from)?;
        let link = link.ok_or(NotSignedIn::LinkOver)?;
        let Purpose::SignIn { person } = &link.value.purpose else { return Err(NotSignedIn::LinkOver) };
        let found = store.get::<PersonRow>(&platform, person).await.map_err(Refusal::from)?;
        let person = found.filter(|kept| !kept.value.disabled && link.value.ends_at > self.office.now());
        let person: Kept<PersonRow> = person.ok_or(NotSignedIn::LinkOver)?;
        // The revision says who was first: of two who follow it at once one comes in.
        let used = EntryLinkRow { ends_at: link.value.created_at, ..link.value.clone() };
        let changes = vec![Change::update(&used, link.revision)];
        store.commit(Transaction { changes }).await.map_err(|_| NotSignedIn::LinkOver)?;
        self.open_session(person, from, super::ways::Way::Link).await
    }
}
