//! API keys: made, shown once, rolled with an overlap, revoked at once. The text of a key leaves this file once, in the
//! answer to the request that made it; what is kept is its hash.

use std::sync::Arc;

use vinr_domain::Timestamp;
use vinr_wire::rest::api_key::{ApiKeyView, NewKey};
use vinr_wire::rest::body::FieldError;
use vinr_wire::rest::error::ErrorCode;
use vinr_wire::rest::terminal::Cursor;

use super::{Accounts, page};
use crate::access::{Grant, Grants, KeyId, Principal, draw_key, hash_key, hint_of};
use crate::audit::{Act, By};
use crate::once::{IdempotencyKey, Said};
use crate::refusal::Refusal;
use crate::store::{Change, Kept, KeyRow, Scope};

/// How many keys an account can have in force, in one mode.
const MAX_KEYS: usize = 100;

impl Accounts {
    /// A page of the caller's keys, newest first, and whether there is more.
    ///
    /// # Errors
    /// When the store cannot answer.
    pub async fn list_keys(
        &self,
        who: &Principal,
        limit: u8,
        cursor: Cursor<Arc<str>>,
    ) -> Result<(Vec<ApiKeyView>, bool), Refusal> {
        let page = page(limit, cursor);
        let (rows, has_more) = self.office.store.list::<KeyRow>(&who.scope, None, &page).await?;
        Ok((rows.iter().map(|kept| self.key_view(&kept.value)).collect(), has_more))
    }

    /// One of the caller's keys.
    ///
    /// # Errors
    /// That there is no such key, or that the store cannot answer.
    pub async fn key(&self, who: &Principal, id: &str) -> Result<ApiKeyView, Refusal> {
        Ok(self.key_view(&self.find_key(&who.scope, id).await?.value))
    }

    /// Makes a key of the caller's account and mode that may do no more than the caller's own.
    ///
    /// # Errors
    /// [`Refusal::Field`] for a scope that does not exist, `permission_denied` for one that the caller does not have,
    /// `limit_exceeded` when there are too many keys.
    pub async fn create_key(
        &self,
        who: &Principal,
        new: NewKey,
        key: Option<IdempotencyKey>,
    ) -> Result<Said, Refusal> {
        let grants = grants_of(&new.scopes)?;
        if !who.grants.cover(grants) {
            return Err(beyond("scopes"));
        }
        let scope = who.scope.clone();
        self.issue_key((scope.clone(), scope), By::from(who), new, key).await
    }

    /// Makes a key of the scope, on behalf of somebody who answers requests under `asked`.
    pub(super) async fn issue_key(
        &self,
        (asked, scope): (Scope, Scope),
        by: By,
        new: NewKey,
        key: Option<IdempotencyKey>,
    ) -> Result<Said, Refusal> {
        let this = self.clone();
        self.detached(async move {
            if let Some(said) = this.office.once.replay(&asked, key.as_ref()).await? {
                return Ok(said);
            }
            if this.keys.count(&scope, this.office.now()) >= MAX_KEYS {
                let message = format!("An account has at most {MAX_KEYS} keys in force. Revoke one first.");
                return Err(Refusal::stated(ErrorCode::LimitExceeded, message));
            }
            let (text, row) = this.draw(&scope, new)?;
            let act = Act::new("api_key.created", this.key_view(&row).id).after(&this.key_view(&row));
            let changes = vec![Change::insert(&row)];
            this.conclude_key((asked, scope), (by, act), key, changes, (&row, text)).await
        })
        .await
    }

    /// Makes a key that takes the place of another one, which goes on working for `overlap_s` seconds.
    ///
    /// # Errors
    /// That there is no such key, that it has ended, or that it may do more than the caller.
    pub async fn roll_key(
        &self,
        who: &Principal,
        id: &str,
        overlap_s: u32,
        key: Option<IdempotencyKey>,
    ) -> Result<Said, Refusal> {
        let (this, who, id) = (self.clone(), who.clone(), id.to_owned());
        self.detached(async move {
            if let Some(said) = this.office.once.replay(&who.scope, key.as_ref()).await? {
                return Ok(said);
            }
            let old = this.find_key(&who.scope, &id).await?;
            check_covered(&who, &old.value)?;
            if old.value.revoked_at.is_some() {
                let message = "The key has been revoked, or rolled before. Create a new one.";
                return Err(Refusal::stated(ErrorCode::ApiKeyEnded, message).param("id"));
            }
            let new = NewKey { name: old.value.name.clone(), scopes: old.value.grants.clone() };
            let (text, row) = this.draw(&who.scope, new)?;
            let ended = KeyRow {
                revoked_at: Some(this.office.now().plus_ms(i64::from(overlap_s) * 1000)),
                replaced_by: Some(this.key_view(&row).id),
                ..old.value.clone()
            };
            let (before, after) = (this.key_view(&old.value), this.key_view(&ended));
            let act = Act::new("api_key.rolled", Arc::clone(&after.id)).before(&before).after(&after);
            let changes = vec![Change::insert(&row), Change::update(&ended, old.revision)];
            let scopes = (who.scope.clone(), who.scope.clone());
            let by = (By::from(&who), act);
            let said = this.conclude_key(scopes, by, key, changes, (&row, text)).await?;
            if !said.replayed {
                this.keys.insert(ended);
            }
            Ok(said)
        })
        .await
    }

    /// Ends a key now; one that has ended stays as it is.
    ///
    /// # Errors
    /// That there is no such key, or that it may do more than the caller.
    pub async fn revoke_key(
        &self,
        who: &Principal,
        id: &str,
        key: Option<IdempotencyKey>,
    ) -> Result<Said, Refusal> {
        let (this, who, id) = (self.clone(), who.clone(), id.to_owned());
        self.detached(async move {
            if let Some(said) = this.office.once.replay(&who.scope, key.as_ref()).await? {
                return Ok(said);
            }
            let kept = this.find_key(&who.scope, &id).await?;
            check_covered(&who, &kept.value)?;
            let now = this.office.now();
            let before = this.key_view(&kept.value);
            if kept.value.revoked_at.is_some_and(|at| at <= now) {
                let said = Said::new(200, &before);
                return this.office.conclude(&who.scope, key.as_ref(), vec![], said).await;
            }
            let ended = KeyRow { revoked_at: Some(now), ..kept.value };
            let after = this.key_view(&ended);
            let act = Act::new("api_key.revoked", Arc::clone(&after.id)).before(&before).after(&after);
            let changes = vec![Change::update(&ended, kept.revision)];
            let (by, said) = ((&who.scope, &who), Said::new(200, &after));
            let said = this.office.conclude_audited(by, act, key.as_ref(), changes, said).await?;
            this.keys.insert(ended);
            Ok(said)
        })
        .await
    }

    /// Commits a new key. What is remembered for a repeated request is the answer without the key's text: what is shown
    /// once is not kept.
    async fn conclude_key(
        &self,
        (asked, scope): (Scope, Scope),
        (by, act): (By, Act),
        key: Option<IdempotencyKey>,
        mut changes: Vec<Change>,
        (row, text): (&KeyRow, Arc<str>),
    ) -> Result<Said, Refusal> {
        let view = self.key_view(row);
        let kept = Said::new(200, &view);
        let said = if asked == scope {
            self.office.conclude_audited((&scope, by), act, key.as_ref(), changes, kept).await?
        } else {
            // Both whoever has the key and whoever gave it read of it.
            let mut turn = self.office.audit.turn(&scope).await?;
            changes.push(turn.entry(by.clone(), act.clone()));
            self.office.conclude_audited((&asked, by), act, key.as_ref(), changes, kept).await?
        };
        if said.replayed {
            return Ok(said);
        }
        self.keys.insert(row.clone());
        Ok(Said::new(200, &ApiKeyView { secret: Some(text), ..view }))
    }

    fn draw(&self, scope: &Scope, new: NewKey) -> Result<(Arc<str>, KeyRow), Refusal> {
        let text = draw_key(scope.livemode, !new.scopes.is_empty())
            .map_err(|_| Refusal::Unavailable { money_may_have_moved: false })?;
        let row = KeyRow {
            grants: new.scopes,
            name: new.name,
            ..KeyRow::new(hash_key(&text), scope.clone(), hint_of(&text), self.office.now())
        };
        Ok((text.into(), row))
    }

    async fn find_key(&self, scope: &Scope, id: &str) -> Result<Kept<KeyRow>, Refusal> {
        self.office.store.get::<KeyRow>(scope, id).await?.ok_or(Refusal::NoSuch("API key"))
    }

    fn key_view(&self, row: &KeyRow) -> ApiKeyView {
        let (id, now) = (KeyId::of(&row.hash), self.office.now());
        let (expires_at, revoked_at) = match row.revoked_at {
            Some(at) if at <= now => (None, Some(at)),
            later => (later, None),
        };
        let seconds = |at: Option<Timestamp>| at.map(Timestamp::unix_seconds);
        ApiKeyView {
            id: id.to_string().into(),
            object: "api_key",
            livemode: row.scope.livemode,
            kind: if row.grants.is_empty() { "secret" } else { "restricted" },
            name: row.name.clone(),
            scopes: row.grants.clone(),
            hint: Arc::clone(&row.hint),
            status: match (expires_at, revoked_at) {
                (_, Some(_)) => "revoked",
                (Some(_), None) => "expiring",
                (None, None) => "active",
            },
            created_at: row.created_at.unix_seconds(),
            last_used_at: seconds(self.keys.used_at(id)),
            expires_at: seconds(expires_at),
            revoked_at: seconds(revoked_at),
            replaced_by: row.replaced_by.clone(),
            secret: None,
        }
    }
}

/// What a key with these scopes may do.
pub(super) fn grants_of(scopes: &[Arc<str>]) -> Result<Grants, Refusal> {
    if scopes.is_empty() {
        return Ok(Grants::ALL);
    }
    let parsed: Option<Grants> = scopes.iter().map(|scope| Grant::parse(scope)).collect();
    parsed.ok_or_else(|| {
        let known: Vec<&str> = Grant::ALL.iter().map(|grant| grant.as_str()).collect();
        FieldError::invalid("scopes", format!("must be some of: {}", known.join(", "))).into()
    })
}

/// Whoever may do less than a key may neither take its place nor end it.
fn check_covered(who: &Principal, row: &KeyRow) -> Result<(), Refusal> {
    let grants = if row.grants.is_empty() {
        Grants::ALL
    } else {
        row.grants.iter().filter_map(|grant| Grant::parse(grant)).collect()
    };
    if who.grants.cover(grants) { Ok(()) } else { Err(beyond("id")) }
}

fn beyond(param: &'static str) -> Refusal {
    let message = "A restricted key manages only keys that may do no more than itself. Use a secret key.";
    Refusal::stated(ErrorCode::PermissionDenied, message).param(param)
}
