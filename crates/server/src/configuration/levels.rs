//! What the levels of terminals say, read from the store. A reader lives for one portion of work and reads each account
//! and each location once, so nobody has to be told when one of them changes.

use std::collections::HashMap;
use std::sync::Arc;

use vinr_domain::{AccountId, Currency, LocationId, Model};
use vinr_wire::rest::config::{Cap, Device, Effective, Level, Levels, resolve};

use crate::store::{AccountRow, LocationRow, Scope, Store, StoreError, TerminalRow};

/// What an account says.
#[derive(Debug, Default)]
pub(super) struct AccountSays {
    pub(super) level: Level,
    pub(super) cap: Cap,
    pub(super) currency: Option<Currency>,
}

/// Everything that decides what holds for one terminal.
#[derive(Clone, Debug)]
pub(super) struct Standpoint {
    pub(super) account: Arc<AccountSays>,
    pub(super) account_level: Arc<Level>,
    pub(super) location: Arc<Level>,
    pub(super) terminal: Arc<Level>,
    pub(super) model: Option<Model>,
}

impl Standpoint {
    pub(super) fn levels(&self) -> Levels<'_> {
        Levels { account: &self.account_level, location: &self.location, terminal: &self.terminal }
    }

    /// What holds.
    pub(super) fn effective(&self) -> Effective {
        let device = Device { model: self.model, currency: self.account.currency };
        resolve(&self.levels(), self.account.cap, device)
    }
}

/// Reads what levels say, each once.
pub(super) struct Reader<'a> {
    store: &'a dyn Store,
    accounts: HashMap<AccountId, (Arc<AccountSays>, Arc<Level>)>,
    locations: HashMap<(Scope, LocationId), Arc<Level>>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(store: &'a dyn Store) -> Self {
        Self { store, accounts: HashMap::new(), locations: HashMap::new() }
    }

    /// Everything that decides for this terminal.
    pub(super) async fn standpoint(&mut self, row: &TerminalRow) -> Result<Standpoint, StoreError> {
        let (account, account_level) = self.account(&row.scope.account).await?;
        let location = match &row.location {
            Some(location) => self.location(&row.scope, location).await?,
            None => Arc::default(),
        };
        let terminal = Arc::new(Level::from_json(&row.terminal_config));
        Ok(Standpoint { account, account_level, location, terminal, model: Model::parse(&row.model) })
    }

    /// What decides for a terminal of the account of which nothing else is known.
    pub(super) async fn of_account(&mut self, account: &AccountId) -> Result<Standpoint, StoreError> {
        let (account, account_level) = self.account(account).await?;
        let (location, terminal) = (Arc::default(), Arc::default());
        Ok(Standpoint { account, account_level, location, terminal, model: None })
    }

    async fn account(&mut self, id: &AccountId) -> Result<(Arc<AccountSays>, Arc<Level>), StoreError> {
        if let Some(known) = self.accounts.get(id) {
            return Ok(known.clone());
        }
        let row = self.store.get::<AccountRow>(&Scope::of_account(id.clone()), id.as_str()).await?;
        let says = row.map(|kept| says(&kept.value)).unwrap_or_default();
        let level = Arc::new(says.level.clone());
        let known = (Arc::new(says), level);
        self.accounts.insert(id.clone(), known.clone());
        Ok(known)
    }

    async fn location(&mut self, scope: &Scope, id: &LocationId) -> Result<Arc<Level>, StoreError> {
        let key = (scope.clone(), id.clone());
        if let Some(known) = self.locations.get(&key) {
            return Ok(Arc::clone(known));
        }
        let row = self.store.get::<LocationRow>(scope, id.as_str()).await?;
        let level = row.map(|kept| Level::from_json(&kept.value.terminal_config)).unwrap_or_default();
        let level = Arc::new(level);
        self.locations.insert(key, Arc::clone(&level));
        Ok(level)
    }
}

fn says(row: &AccountRow) -> AccountSays {
    let cap =
        Cap { max_amount_minor: row.offline_cap_max_amount_minor, max_queue: row.offline_cap_max_queue };
    AccountSays { level: Level::from_json(&row.terminal_config), cap, currency: Currency::parse("USD").ok() }
}
