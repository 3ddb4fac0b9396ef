//! A person's authenticator app and recovery codes: set up, confirmed with a first code before it counts, used once per
//! code, removed. Whether its person has shown lately who they are is the caller's to ask first.

use std::sync::Arc;

use vinr_domain::Timestamp;
use vinr_wire::rest::body::FieldError;
use vinr_wire::rest::error::ErrorCode;

use super::codes::{AppSecret, digits, draw_recovery, kept_of};
use super::rows::PersonRow;
use super::ways::{AppRow, Way, hex, unhex};
use super::{People, SignedIn};
use crate::access::NoRandomness;
use crate::audit::{Act, By};
use crate::refusal::Refusal;
use crate::store::{Change, Scope, Transaction};

/// What somebody puts into their authenticator app.
#[derive(Clone, Debug)]
pub struct AppDraft {
    /// The secret, as a person types it.
    pub secret: String,
    /// The same as an address, for a QR code.
    pub address: String,
}

impl People {
    /// Begins to set up an authenticator app: makes its secret, which counts for nothing until it is confirmed. Every
    /// beginning makes another one.
    ///
    /// # Errors
    /// When the machine has no randomness to give, or the store cannot take it.
    pub async fn begin_app(&self, who: &SignedIn) -> Result<(), Refusal> {
        let secret = AppSecret::draw().map_err(no_randomness)?;
        let sealed = self.seal.seal_bytes(&sealed_for(&who.person.value.id), secret.as_bytes());
        self.change_session(&who.session, |row| row.app_draft = Some(hex(&sealed))).await.map(drop)
    }

    /// The app that is being set up in this session.
    #[must_use]
    pub fn app_draft(&self, who: &SignedIn) -> Option<AppDraft> {
        let secret = self.unsealed(&who.person.value.id, who.session.value.app_draft.as_deref()?)?;
        Some(AppDraft { secret: secret.spelled(), address: secret.address(&who.person.value.email) })
    }

    /// Takes the app for the person's own, because it shows the code of now, and gives ten recovery codes, which are shown
    /// this once.
    ///
    /// # Errors
    /// [`Refusal::Field`] for another code; that nothing is being set up.
    pub async fn confirm_app(&self, who: &SignedIn, code: &str) -> Result<Vec<String>, Refusal> {
        let now = self.office.now();
        let person = &who.person.value;
        let draft = who.session.value.app_draft.clone().ok_or(Refusal::NoSuch("app"))?;
        let secret = self.unsealed(&person.id, &draft).ok_or(Refusal::NoSuch("app"))?;
        let wrong = || FieldError::invalid("code", "is not the code that this app shows now");
        let used_step = digits(code).and_then(|code| secret.step_of(&code, now, 0)).ok_or_else(wrong)?;
        let (shown, kept) = draw_recovery(&person.id).map_err(no_randomness)?;
        let app = AppRow { sealed: draft, since: now, used_step };
        let next = PersonRow { app: Some(app), recovery: kept, ..person.clone() };
        let mut session = who.session.value.clone();
        session.app_draft = None;
        session.strong = true;
        let more = vec![Change::update(&session, who.session.revision)];
        self.ways_changed(who, &next, "person.app_added", more).await?;
        Ok(shown)
    }

    /// Removes the app and the recovery codes.
    ///
    /// # Errors
    /// That there is none.
    pub async fn remove_app(&self, who: &SignedIn) -> Result<(), Refusal> {
        let person = &who.person.value;
        if person.app.is_none() {
            return Err(Refusal::NoSuch("app"));
        }
        let next = PersonRow { app: None, recovery: Vec::new(), ..person.clone() };
        self.ways_changed(who, &next, "person.app_removed", Vec::new()).await
    }

    /// Ten other recovery codes, which are shown this once; those of before work no longer.
    ///
    /// # Errors
    /// That there is no app which they could stand in for.
    pub async fn renew_recovery(&self, who: &SignedIn) -> Result<Vec<String>, Refusal> {
        let person = &who.person.value;
        if person.app.is_none() {
            let message = "Recovery codes stand in for an authenticator app: set one up first.";
            return Err(Refusal::stated(ErrorCode::LimitExceeded, message));
        }
        let (shown, kept) = draw_recovery(&person.id).map_err(no_randomness)?;
        let next = PersonRow { recovery: kept, ..person.clone() };
        self.ways_changed(who, &next, "person.recovery_codes_made", Vec::new()).await?;
        Ok(shown)
    }

    /// The person after they have shown this code, and what the code was; `None` when it is no code of theirs, or one
    /// that has been used.
    pub(super) fn spend(&self, person: &PersonRow, typed: &str, now: Timestamp) -> Option<(PersonRow, Way)> {
        let app = person.app.as_ref()?;
        if let Some(code) = digits(typed) {
            let secret = self.unsealed(&person.id, &app.sealed)?;
            let used_step = secret.step_of(&code, now, app.used_step)?;
            let next = PersonRow { app: Some(AppRow { used_step, ..app.clone() }), ..person.clone() };
            return Some((next, Way::App));
        }
        let spent = kept_of(&person.id, typed);
        let mut next = person.clone();
        next.recovery.retain(|kept| *kept != spent);
        (next.recovery.len() < person.recovery.len()).then_some((next, Way::Recovery))
    }

    /// Commits a change of somebody's ways in, with its line in the log. Fenced by the revision that `who` was read with.
    pub(super) async fn ways_changed(
        &self,
        who: &SignedIn,
        next: &PersonRow,
        action: &'static str,
        more: Vec<Change>,
    ) -> Result<(), Refusal> {
        let mut changes = vec![Change::update(next, who.person.revision)];
        changes.extend(more);
        let mut turn = self.office.audit.turn(&Scope::platform()).await?;
        changes.push(turn.entry(By::person(&next.id), Act::new(action, Arc::clone(&next.id))));
        Ok(self.office.store.commit(Transaction { changes }).await?)
    }

    fn unsealed(&self, person: &str, sealed: &str) -> Option<AppSecret> {
        let bytes = self.seal.unseal_bytes(&sealed_for(person), &unhex(sealed)?);
        if bytes.is_none() {
            tracing::error!(person, "the secret of an authenticator app was sealed with another key");
        }
        bytes.map(AppSecret::from_bytes)
    }
}

fn sealed_for(person: &str) -> String {
    format!("app/{person}")
}

pub(super) fn no_randomness(_: NoRandomness) -> Refusal {
    Refusal::Unavailable { money_may_have_moved: false }
}
