//! Who works for an account, as what: invited by an owner, changed and removed by an owner. An account keeps one owner.

use std::sync::Arc;

use vinr_domain::{AccountId, Timestamp};
use vinr_wire::rest::body::FieldError;
use vinr_wire::rest::error::ErrorCode;

use super::password::check_password;
use super::role::Role;
use super::rows::{EntryLinkRow, Membership, PersonRow, Purpose};
use super::sessions::named;
use super::sign_in::{NotSignedIn, Origin};
use super::ways::Way;
use super::{Entered, People, SignedIn};
use crate::access::draw_token;
use crate::audit::{Act, By};
use crate::refusal::Refusal;
use crate::store::{Change, Kept, RecordCursor, RecordPage, Scope, Stored, Transaction};

/// For how long an invitation can be followed, in milliseconds: a week.
const INVITATION_MS: i64 = 7 * 24 * 3_600_000;
/// How many people work for one account.
const MAX_MEMBERS: u32 = 100;

/// Somebody who works for an account.
#[derive(Clone, Debug)]
pub struct Member {
    /// Their id.
    pub id: Arc<str>,
    /// What they are called.
    pub name: Arc<str>,
    /// How they are reached.
    pub email: Arc<str>,
    /// As what.
    pub role: Role,
}

/// Somebody who has been invited.
#[derive(Clone, Debug)]
pub struct Waiting {
    /// Names the invitation; opens nothing.
    pub id: Arc<str>,
    /// Whom.
    pub email: Arc<str>,
    /// As what.
    pub role: Role,
    /// Until when they can come.
    pub ends_at: Timestamp,
}

impl People {
    /// Who works for the account, and who has been invited.
    ///
    /// # Errors
    /// When the store cannot answer.
    pub async fn members(&self, account: &AccountId) -> Result<(Vec<Member>, Vec<Waiting>), Refusal> {
        let (people, links) = self.of_account(account).await?;
        let member = |kept: Kept<PersonRow>| {
            let role = kept.value.role_in(account)?;
            let PersonRow { id, name, email, .. } = kept.value;
            Some(Member { id, name, email, role })
        };
        let now = self.office.now();
        let waiting = |kept: Kept<EntryLinkRow>| match kept.value.purpose {
            Purpose::Invitation { email, membership, .. } if kept.value.ends_at > now => {
                let role = membership.role;
                Some(Waiting { id: kept.value.id, email, role, ends_at: kept.value.ends_at })
            }
            _ => None,
        };
        Ok((people.into_iter().filter_map(member).collect(), links.into_iter().filter_map(waiting).collect()))
    }

    async fn of_account(
        &self,
        account: &AccountId,
    ) -> Result<(Vec<Kept<PersonRow>>, Vec<Kept<EntryLinkRow>>), Refusal> {
        let page = RecordPage { limit: MAX_MEMBERS, cursor: RecordCursor::Start };
        let having = Some(("account", account.as_str()));
        let store = &self.office.store;
        let (people, _) = store.list::<PersonRow>(&Scope::platform(), having, &page).await?;
        let (links, _) = store.list::<EntryLinkRow>(&Scope::platform(), having, &page).await?;
        Ok((people, links))
    }

    /// Invites somebody to work for the account, and gives the token of the link that they follow. Whoever has the link
    /// can come: it is given to them alone.
    ///
    /// # Errors
    /// [`Refusal::Field`] for what is no address; that somebody is here already, or that there are too many.
    pub async fn invite(
        &self,
        who: &SignedIn,
        account: &AccountId,
        email: &str,
        role: Role,
    ) -> Result<String, Refusal> {
        governs(who, account)?;
        let email = email.trim().to_lowercase();
        let plausible = email.len() <= 254
            && email.split_once('@').is_some_and(|(name, host)| !name.is_empty() && !host.is_empty())
            && !email.chars().any(|c| c.is_whitespace() || c.is_control());
        if !plausible {
            return Err(FieldError::invalid("email", "must be an email address").into());
        }
        let (people, links) = self.of_account(account).await?;
        if people.iter().any(|kept| *kept.value.email == *email) {
            let message = "This person works for the account already. Change their role instead.";
            return Err(Refusal::stated(ErrorCode::LimitExceeded, message).param("email"));
        }
        if people.len() + links.len() >= MAX_MEMBERS as usize {
            let message = format!("At most {MAX_MEMBERS} people work for an account.");
            return Err(Refusal::stated(ErrorCode::LimitExceeded, message));
        }
        let token = draw_token().map_err(|_| Refusal::Unavailable { money_may_have_moved: false })?;
        let now = self.office.now();
        let membership = Membership { account: account.clone(), role };
        let invited_by = Arc::clone(&who.person.value.id);
        let link = EntryLinkRow {
            id: named(&token).into(),
            purpose: Purpose::Invitation { email: email.into(), membership, invited_by },
            created_at: now,
            ends_at: now.plus_ms(INVITATION_MS),
        };
        let after = serde_json::json!({ "role": role });
        self.told(
            who,
            account,
            Act::new("person.invited", short(&link.id)).after(&after),
            Change::insert(&link),
        )
        .await?;
        Ok(token)
    }

    /// Takes an invitation back.
    ///
    /// # Errors
    /// That there is none of that name.
    pub async fn withdraw(&self, who: &SignedIn, account: &AccountId, id: &str) -> Result<(), Refusal> {
        governs(who, account)?;
        let (_, links) = self.of_account(account).await?;
        let link = links.iter().find(|kept| &*kept.value.id == id).ok_or(Refusal::NoSuch("invitation"))?;
        let change = Change::delete::<EntryLinkRow>(&Scope::platform(), &link.value.id);
        self.told(who, account, Act::new("person.invitation_withdrawn", short(&link.value.id)), change).await
    }

    /// Whom an invitation is for, and whether they have to choose a name and a password.
    ///
    /// # Errors
    /// [`NotSignedIn::LinkOver`].
    pub async fn invited(&self, token: &str) -> Result<(Arc<str>, bool), NotSignedIn> {
        let (link, _) = self.invitation(token).await?;
        let Purpose::Invitation { email, .. } = link.value.purpose else { return Err(NotSignedIn::LinkOver) };
        let known = self.by_email(&email).await?;
        Ok((email, known.is_none()))
    }

    async fn invitation(&self, token: &str) -> Result<(Kept<EntryLinkRow>, Membership), NotSignedIn> {
        let found = self.office.store.get::<EntryLinkRow>(&Scope::platform(), &named(token)).await;
        let link = found.map_err(Refusal::from)?.ok_or(NotSignedIn::LinkOver)?;
        match &link.value.purpose {
            Purpose::Invitation { membership, .. } if link.value.ends_at > self.office.now() => {
                let membership = membership.clone();
                Ok((link, membership))
            }
            _ => Err(NotSignedIn::LinkOver),
        }
    }

    /// Comes as invited: somebody new with a name and a password, somebody who is here with their password, and with the code
    /// of their app if they have one.
    ///
    /// # Errors
    /// [`NotSignedIn`]; a password that is not good enough.
    pub async fn accept(
        &self,
        token: &str,
        (name, password): (&str, String),
        from: Origin,
    ) -> Result<Entered, NotSignedIn> {
        let (link, membership) = self.invitation(token).await?;
        let Purpose::Invitation { email, .. } = &link.value.purpose else {
            return Err(NotSignedIn::LinkOver);
        };
        match self.by_email(email).await? {
            Some(_) => {
                let known = self.check_password(email, password, &from).await?;
                let known = self.join(&link, known, &membership).await?;
                self.admit_known(known, from, Way::Password).await
            }
            None => {
                let value = self.newcomer(email, name, password, membership.clone()).await?;
                let changes = vec![used_up(&link), Change::insert(&value)];
                self.joined(&value, &membership, changes).await?;
                let person = Kept { revision: 1, value };
                Ok(Entered::In(self.open_session(person, from, Way::Invitation).await?))
            }
        }
    }

    /// Comes as invited in a session that is open, which then works for the account that they were invited to.
    ///
    /// # Errors
    /// [`NotSignedIn::LinkOver`], also when somebody else was invited.
    pub async fn accept_here(&self, token: &str, who: &SignedIn) -> Result<(), NotSignedIn> {
        let (link, membership) = self.invitation(token).await?;
        let Purpose::Invitation { email, .. } = &link.value.purpose else {
            return Err(NotSignedIn::LinkOver);
        };
        if *email != who.person.value.email {
            return Err(NotSignedIn::LinkOver);
        }
        self.join(&link, who.person.clone(), &membership).await?;
        let account = membership.account;
        self.change_session(&who.session, |row| row.account = Some(account)).await?;
        Ok(())
    }

    /// Gives somebody who is here the account that they are invited to.
    async fn join(
        &self,
        link: &Kept<EntryLinkRow>,
        known: Kept<PersonRow>,
        membership: &Membership,
    ) -> Result<Kept<PersonRow>, NotSignedIn> {
        let mut next = known.value.clone();
        next.memberships.retain(|known| known.account != membership.account);
        next.memberships.insert(0, membership.clone());
        let changes = vec![used_up(link), Change::update(&next, known.revision)];
        self.joined(&next, membership, changes).await?;
        Ok(Kept { revision: known.revision + 1, value: next })
    }

    async fn joined(
        &self,
        person: &PersonRow,
        membership: &Membership,
        mut changes: Vec<Change>,
    ) -> Result<(), NotSignedIn> {
        let mut turn = self.office.audit.turn(&live(&membership.account)).await.map_err(Refusal::from)?;
        let act =
            Act::new("person.joined", person.id()).after(&serde_json::json!({ "role": membership.role }));
        changes.push(turn.entry(By::person(&person.id), act));
        self.office.store.commit(Transaction { changes }).await.map_err(|_| NotSignedIn::LinkOver)
    }

    async fn newcomer(
        &self,
        email: &Arc<str>,
        name: &str,
        password: String,
        membership: Membership,
    ) -> Result<PersonRow, NotSignedIn> {
        let name = name.trim();
        if name.is_empty() || name.chars().count() > 100 {
            return Err(Refusal::from(FieldError::invalid("name", "must have 1 to 100 characters")).into());
        }
        check_password(&password, &[email, name])
            .map_err(|refused| Refusal::from(FieldError::invalid("password", refused.to_string())))?;
        let hash = self.hasher.hash(password).await;
        let hash = hash.ok_or(Refusal::Unavailable { money_may_have_moved: false })?;
        let new = PersonRow::new(self.person_name(), (email, name), membership, self.office.now());
        Ok(PersonRow { password: Some(hash), ..new })
    }

    /// Changes what somebody may do for the account; with no role they work for it no longer.
    ///
    /// # Errors
    /// That they do not work for it, or that nobody would own it any more.
    pub async fn set_role(
        &self,
        who: &SignedIn,
        account: &AccountId,
        person: &str,
        role: Option<Role>,
    ) -> Result<(), Refusal> {
        governs(who, account)?;
        let (people, _) = self.of_account(account).await?;
        let kept = people.iter().find(|kept| &*kept.value.id == person).ok_or(Refusal::NoSuch("person"))?;
        let owners = people.iter().filter(|kept| kept.value.role_in(account) == Some(Role::Owner)).count();
        let was = kept.value.role_in(account);
        if was == Some(Role::Owner) && role != Some(Role::Owner) && owners == 1 {
            let message = "Somebody has to own the account. Make somebody else an owner first.";
            return Err(Refusal::stated(ErrorCode::LimitExceeded, message).param("role"));
        }
        let mut next = kept.value.clone();
        match role {
            Some(role) => {
                for membership in next.memberships.iter_mut().filter(|known| known.account == *account) {
                    membership.role = role;
                }
            }
            None => next.memberships.retain(|known| known.account != *account),
        }
        let act = Act::new("person.role_changed", Arc::clone(&kept.value.id))
            .before(&serde_json::json!({ "role": was }))
            .after(&serde_json::json!({ "role": role }));
        self.told(who, account, act, Change::update(&next, kept.revision)).await
    }

    /// Changes what a person says about themselves.
    ///
    /// # Errors
    /// [`Refusal::Field`] for a name that is none.
    pub async fn describe(&self, who: &SignedIn, name: &str, locale: Option<&str>) -> Result<(), Refusal> {
        let name = name.trim();
        if name.is_empty() || name.chars().count() > 100 {
            return Err(FieldError::invalid("name", "must have 1 to 100 characters").into());
        }
        let next = PersonRow { name: name.into(), locale: locale.map(Arc::from), ..who.person.value.clone() };
        let changes = vec![Change::update(&next, who.person.revision)];
        Ok(self.office.store.commit(Transaction { changes }).await?)
    }

    pub(super) async fn told(
        &self,
        who: &SignedIn,
        account: &AccountId,
        act: Act,
        change: Change,
    ) -> Result<(), Refusal> {
        let mut turn = self.office.audit.turn(&live(account)).await?;
        let entry = turn.entry(By::person(&who.person.value.id), act);
        Ok(self.office.store.commit(Transaction { changes: vec![change, entry] }).await?)
    }
}

/// Who works for an account is no matter of test or live data; it is told in the log of the live ones.
pub(super) fn live(account: &AccountId) -> Scope {
    Scope::of_account(account.clone())
}

pub(super) fn governs(who: &SignedIn, account: &AccountId) -> Result<(), Refusal> {
    let role = who.person.value.role_in(account);
    if role.is_some_and(Role::governs) {
        return Ok(());
    }
    Err(Refusal::stated(ErrorCode::PermissionDenied, "Only an owner of the account says who works for it."))
}

/// The link, followed. Its revision says who was first.
fn used_up(link: &Kept<EntryLinkRow>) -> Change {
    Change::update(&EntryLinkRow { ends_at: link.value.created_at, ..link.value.clone() }, link.revision)
}

/// Enough of a hash to know it again.
fn short(hash: &str) -> String {
    format!("inv_{}", hash.get(..16).unwrap_or(hash))
}
