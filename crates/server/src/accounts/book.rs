//! What is asked about an account with every request, in memory: whether it is suspended, and its settings. Follows the
//! store and never leads it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;
use vinr_domain::AccountId;

use super::settings::SettingsRow;
use crate::store::{AccountRow, Scope, Store, StoreError};

/// What holds for an account in one mode, settings that were never set included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Figures {
    /// How far a capture may exceed its authorization, in percent; `None`: as far as the server's settings say.
    pub over_capture_percent: Option<u16>,
    /// The code of an ISO 4217 currency.
    pub default_currency: Option<Arc<str>>,
    /// A name of the IANA database.
    pub time_zone: Arc<str>,
    /// Seconds from each failed delivery of a webhook to the next attempt; `None`: as the server's settings say.
    pub webhook_retries_s: Option<Vec<u32>>,
    /// After how many days of nothing but failures a webhook endpoint is disabled; `None`: as the server's settings
    /// say.
    pub webhook_disable_after_days: Option<u32>,
}

#[derive(Clone, Default)]
struct Pages {
    accounts: BTreeMap<AccountId, Arc<AccountRow>>,
    settings: BTreeMap<Scope, Arc<SettingsRow>>,
}

/// Every account, by name. Looking one up takes no lock.
#[derive(Default)]
pub struct AccountBook {
    pages: ArcSwap<Pages>,
    /// Changes are made one at a time, or one would overwrite the other.
    changing: Mutex<()>,
}

impl std::fmt::Debug for AccountBook {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AccountBook").field("accounts", &self.pages.load().accounts.len()).finish()
    }
}

impl AccountBook {
    /// Reads everything.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn load(&self, store: &dyn Store) -> Result<(), StoreError> {
        let accounts = store.all_across_accounts::<AccountRow>().await?.into_iter().map(|kept| kept.value);
        let settings = store.all_across_accounts::<SettingsRow>().await?.into_iter().map(|kept| kept.value);
        let pages = Pages {
            accounts: accounts.map(|row| (row.account().clone(), Arc::new(row))).collect(),
            settings: settings.map(|row| (row.scope.clone(), Arc::new(row))).collect(),
        };
        self.change(|all| *all = pages);
        Ok(())
    }

    /// Follows a change of an account.
    pub fn put_account(&self, row: AccountRow) {
        self.change(|pages| {
            pages.accounts.insert(row.account().clone(), Arc::new(row));
        });
    }

    /// Follows a change of an account's settings.
    pub fn put_settings(&self, row: SettingsRow) {
        self.change(|pages| {
            pages.settings.insert(row.scope.clone(), Arc::new(row));
        });
    }

    /// The account, as it was when it was last put here.
    #[must_use]
    pub fn account(&self, account: &AccountId) -> Option<Arc<AccountRow>> {
        self.pages.load().accounts.get(account).cloned()
    }

    /// How many accounts there are, and how many of them the operator has stopped.
    #[must_use]
    pub fn count(&self) -> (usize, usize) {
        let pages = self.pages.load();
        (pages.accounts.len(), pages.accounts.values().filter(|row| row.suspended).count())
    }

    /// What the merchant calls itself in this mode, or the operator the account.
    #[must_use]
    pub fn display_name(&self, scope: &Scope) -> Option<Arc<str>> {
        let pages = self.pages.load();
        let own = pages.settings.get(scope).and_then(|row| row.display_name.clone());
        own.or_else(|| pages.accounts.get(&scope.account).map(|row| Arc::clone(&row.display_name)))
    }

    /// Whether the operator has stopped the account.
    #[must_use]
    pub fn suspended(&self, account: &AccountId) -> bool {
        self.pages.load().accounts.get(account).is_some_and(|row| row.suspended)
    }

    /// How far a capture of this account may exceed its authorization, in percent, if it has said so.
    #[must_use]
    pub fn over_capture_percent(&self, scope: &Scope) -> Option<u16> {
        self.pages.load().settings.get(scope)?.over_capture_percent
    }

    /// What holds for the account in this mode.
    #[must_use]
    pub fn figures(&self, scope: &Scope) -> Figures {
        match self.pages.load().settings.get(scope) {
            Some(row) => row.figures(),
            None => SettingsRow::new(scope.clone(), vinr_domain::Timestamp(0)).figures(),
        }
    }

    fn change(&self, change: impl FnOnce(&mut Pages)) {
        let _turn = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        let mut pages = Pages::clone(&self.pages.load());
        change(&mut pages);
        self.pages.store(Arc::new(pages));
    }
}
