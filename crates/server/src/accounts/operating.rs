//! What whoever runs the server does about accounts: opens them, stops them, caps what they take offline, and gives them
//! their first keys. Reads nothing that belongs to a merchant but its audit log.

use std::sync::Arc;

use vinr_domain::{AccountId, encode_base32};
use vinr_wire::rest::account::{OperatedAccountView, OperatedChanges};
use vinr_wire::rest::api_key::NewKey;
use vinr_wire::rest::terminal::Cursor;

use super::Accounts;
use super::keys::grants_of;
use super::settings::offline_cap;
use crate::access::Operator;
use crate::audit::{Act, By};
use crate::once::{IdempotencyKey, Said};
use crate::refusal::Refusal;
use crate::store::{AccountRow, Change, Scope};

const NO_SUCH: Refusal = Refusal::NoSuch("account");

impl Accounts {
    /// A page of all accounts, newest first, and whether there is more.
    ///
    /// # Errors
    /// When the store cannot answer.
    pub async fn list_accounts(
        &self,
        limit: u8,
        cursor: &Cursor<AccountId>,
    ) -> Result<(Vec<OperatedAccountView>, bool), Refusal> {
        let rows = self.office.store.all_across_accounts::<AccountRow>().await?;
        let place = |id: &AccountId| rows.iter().position(|kept| kept.value.account() == id);
        let limit = usize::from(limit);
        // Oldest first, as they were opened.
        let (range, more) = match cursor {
            Cursor::Newest => (rows.len().saturating_sub(limit)..rows.len(), rows.len() > limit),
            Cursor::After(id) => match place(id) {
                Some(end) => (end.saturating_sub(limit)..end, end > limit),
                None => (0..0, false),
            },
            Cursor::Before(id) => match place(id) {
                Some(at) => {
                    let end = (at + 1 + limit).min(rows.len());
                    (at + 1..end, end < rows.len())
                }
                None => (0..0, false),
            },
        };
        let page = rows.get(range).unwrap_or_default();
        Ok((page.iter().rev().map(|kept| view(&kept.value)).collect(), more))
    }

    /// One account.
    ///
    /// # Errors
    /// That there is no such account.
    pub fn operated_account(&self, id: &str) -> Result<OperatedAccountView, Refusal> {
        let id = AccountId::parse(id).map_err(|_| NO_SUCH)?;
        self.office.book.account(&id).map(|row| view(&row)).ok_or(NO_SUCH)
    }

    /// Opens an account.
    ///
    /// # Errors
    /// When the store cannot take it.
    pub async fn open_account(
        &self,
        who: &Operator,
        display_name: Arc<str>,
        key: Option<IdempotencyKey>,
    ) -> Result<Said, Refusal> {
        let (this, who) = (self.clone(), who.clone());
        self.detached(async move {
            let platform = Scope::platform();
            if let Some(said) = this.office.once.replay(&platform, key.as_ref()).await? {
                return Ok(said);
            }
            let id = AccountId::parse(&format!("acct_{}", encode_base32(this.office.name())));
            let id = id.map_err(|_| Refusal::Unavailable { money_may_have_moved: false })?;
            let row = AccountRow::new(id, &display_name, this.office.now());
            let after = view(&row);
            let act = Act::new("account.opened", Arc::clone(&after.id)).after(&after);
            let said = Said::new(200, &after);
            let by = (&platform, &who);
            let changes = vec![Change::insert(&row)];
            let said = this.office.conclude_audited(by, act, key.as_ref(), changes, said).await?;
            if !said.replayed {
                this.office.book.put_account(row);
            }
            Ok(said)
        })
        .await
    }

    /// Changes what only an operator can change about an account. The account reads of it in its own logs too.
    ///
    /// # Errors
    /// That there is no such account, or that somebody else changed it at the same moment.
    pub async fn operate_account(
        &self,
        who: &Operator,
        id: &str,
        changes: OperatedChanges,
        key: Option<IdempotencyKey>,
    ) -> Result<Said, Refusal> {
        let (this, who, id) = (self.clone(), who.clone(), id.to_owned());
        self.detached(async move {
            let platform = Scope::platform();
            if let Some(said) = this.office.once.replay(&platform, key.as_ref()).await? {
                return Ok(said);
            }
            let account = AccountId::parse(&id).map_err(|_| NO_SUCH)?;
            let scope = Scope::of_account(account);
            let kept = this.office.store.get::<AccountRow>(&scope, &id).await?.ok_or(NO_SUCH)?;
            let mut next = kept.value.clone();
            apply(&mut next, changes);
            let (before, after) = (view(&kept.value), view(&next));
            let act = Act::new("account.operated", Arc::clone(&after.id)).before(&before).after(&after);
            let mut live = this.office.audit.turn(&scope).await?;
            let mut test = this.office.audit.turn(&Scope { livemode: false, ..scope }).await?;
            let changes = vec![
                Change::update(&next, kept.revision),
                live.entry(&who, act.clone()),
                test.entry(&who, act.clone()),
            ];
            let said = Said::new(200, &after);
            let by = (&platform, &who);
            let said = this.office.conclude_audited(by, act, key.as_ref(), changes, said).await?;
            if !said.replayed {
                this.office.book.put_account(next);
            }
            Ok(said)
        })
        .await
    }

    /// Gives an account a key; with a new account, its first.
    ///
    /// # Errors
    /// That there is no such account, that a scope does not exist, or that there are too many keys.
    pub async fn give_key(
        &self,
        who: &Operator,
        id: &str,
        (livemode, new): (bool, NewKey),
        key: Option<IdempotencyKey>,
    ) -> Result<Said, Refusal> {
        grants_of(&new.scopes)?;
        let account = AccountId::parse(id).map_err(|_| NO_SUCH)?;
        self.office.book.account(&account).ok_or(NO_SUCH)?;
        let scope = Scope { account, livemode };
        self.issue_key((Scope::platform(), scope), By::from(who), new, key).await
    }

    /// The scope whose audit log an operator asks for: an account's, or the platform's own.
    ///
    /// # Errors
    /// That there is no such account.
    pub fn audited_scope(&self, account: Option<&str>, livemode: bool) -> Result<Scope, Refusal> {
        let Some(account) = account else { return Ok(Scope::platform()) };
        let account = AccountId::parse(account).map_err(|_| NO_SUCH)?;
        self.office.book.account(&account).ok_or(NO_SUCH)?;
        Ok(Scope { account, livemode })
    }
}

fn apply(row: &mut AccountRow, changes: OperatedChanges) {
    let OperatedChanges { display_name, max_amount_minor, max_queue, max_total_minor, suspended } = changes;
    row.display_name = display_name.unwrap_or_else(|| Arc::clone(&row.display_name));
    max_amount_minor.apply(&mut row.offline_cap_max_amount_minor);
    max_queue.apply(&mut row.offline_cap_max_queue);
    max_total_minor.apply(&mut row.offline_cap_max_total_minor);
    row.suspended = suspended.unwrap_or(row.suspended);
}

fn view(row: &AccountRow) -> OperatedAccountView {
    OperatedAccountView {
        id: row.account().as_str().into(),
        object: "operated_account",
        display_name: Arc::clone(&row.display_name),
        offline_cap: offline_cap(row),
        suspended: row.suspended,
        created_at: row.created_at.unix_seconds(),
    }
}
