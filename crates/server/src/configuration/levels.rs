//! What the levels of terminals say, read from the store. A reader lives for one portion of work and reads each account
//! and each location once, so nobody has to be told when one of them changes.

use std::collections::HashMap;
use std::sync::Arc;

use vinr_domain::{AccountId, Currency, LocationId, Model, OFFLINE_DEFAULTS_CURRENCY};
use vinr_wire::rest::config::{Cap, Device, Effective, Level, Levels, resolve};

use crate::office::Office;
use crate::store::{AccountRow, LocationRow, Scope, StoreError, TerminalRow};

/// What bounds the terminals of an account in one mode: known without asking the store.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Bounds {
    pub(super) cap: Cap,
    pub(super) currency: Option<Currency>,
}

impl Bounds {
    /// Of the account in this mode. One that has not said what it settles in settles in the models' currency.
    pub(super) fn of(office: &Office, scope: &Scope) -> Self {
        let cap = office.book.account(&scope.account).map(|row| Cap {
            max_amount_minor: row.offline_cap_max_amount_minor,
            max_queue: row.offline_cap_max_queue,
            max_total_minor: row.offline_cap_max_total_minor,
        });
        let own = office.book.figures(scope).default_currency;
        let currency = Currency::parse(own.as_deref().unwrap_or(OFFLINE_DEFAULTS_CURRENCY)).ok();
        Self { cap: cap.unwrap_or_default(), currency }
    }
}

/// Everything that decides what holds for one terminal.
#[derive(Clone, Debug)]
pub(super) struct Standpoint {
    pub(super) bounds: Bounds,
    pub(super) account: Arc<Level>,
    pub(super) location: Arc<Level>,
    pub(super) terminal: Arc<Level>,
    pub(super) model: Option<Model>,
}

impl Standpoint {
    pub(super) fn levels(&self) -> Levels<'_> {
        Levels { account: &self.account, location: &self.location, terminal: &self.terminal }
    }

    /// What holds.
    pub(super) fn effective(&self) -> Effective {
        let device = Device { model: self.model, currency: self.bounds.currency };
        resolve(&self.levels(), self.bounds.cap, device)
    }
}

/// Reads what levels say, each once.
pub(crate) struct Reader<'a> {
    office: &'a Office,
    accounts: HashMap<AccountId, Arc<Level>>,
    locations: HashMap<(Scope, LocationId), Arc<Level>>,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(office: &'a Office) -> Self {
        Self { office, accounts: HashMap::new(), locations: HashMap::new() }
    }

    /// What holds for this terminal.
    pub(crate) async fn effective(&mut self, row: &TerminalRow) -> Result<Effective, StoreError> {
        Ok(self.standpoint(row).await?.effective())
    }

    /// Everything that decides for this terminal.
    pub(super) async fn standpoint(&mut self, row: &TerminalRow) -> Result<Standpoint, StoreError> {
        let (bounds, account) =
            (Bounds::of(self.office, &row.scope), self.account(&row.scope.account).await?);
        let location = match &row.location {
            Some(location) => self.location(&row.scope, location).await?,
            None => Arc::default(),
        };
        let terminal = Arc::new(Level::from_json(&row.terminal_config));
        Ok(Standpoint { bounds, account, location, terminal, model: Model::parse(&row.model) })
    }

    /// What decides for a terminal of the account of which nothing else is known.
    pub(super) async fn of_account(&mut self, scope: &Scope) -> Result<Standpoint, StoreError> {
        let (bounds, account) = (Bounds::of(self.office, scope), self.account(&scope.account).await?);
        Ok(Standpoint { bounds, account, location: Arc::default(), terminal: Arc::default(), model: None })
    }

    async fn account(&mut self, id: &AccountId) -> Result<Arc<Level>, StoreError> {
        if let Some(known) = self.accounts.get(id) {
            return Ok(Arc::clone(known));
        }
        let own = Scope::of_account(id.clone());
        let row = self.office.store.get::<AccountRow>(&own, id.as_str()).await?;
        let level = row.map(|kept| Level::from_json(&kept.value.terminal_config)).unwrap_or_default();
        let level = Arc::new(level);
        self.accounts.insert(id.clone(), Arc::clone(&level));
        Ok(level)
    }

    async fn location(&mut self, scope: &Scope, id: &LocationId) -> Result<Arc<Level>, StoreError> {
        let key = (scope.clone(), id.clone());
        if let Some(known) = self.locations.get(&key) {
            return Ok(Arc::clone(known));
        }
        let row = self.office.store.get::<LocationRow>(scope, id.as_str()).await?;
        let level = row.map(|kept| Level::from_json(&kept.value.terminal_config)).unwrap_or_default();
        let level = Arc::new(level);
        self.locations.insert(key, Arc::clone(&level));
        Ok(level)
    }
}
