//! What the server keeps in memory of what is registered, and how more is registered. Says nothing to the outside: whoever
//! tells of a change writes it in a transaction of its own.

use std::sync::Arc;

use vinr_domain::terminal::Event;

use super::Platform;
use crate::access::{KeyRing, OperatorKeyRow, OperatorRing};
use crate::fleet::Register;
use crate::gateway::{Directory, TerminalKey};
use crate::office::Office;
use crate::store::{
    AccountRow, Change, CommitError, KeyRow, LocationRow, StoreError, TerminalRow, Transaction,
};

/// What is looked up without asking the store.
pub(super) struct Registers {
    /// The terminals.
    pub(super) directory: Arc<Directory>,
    /// The one way to change what is registered of them.
    pub(super) terminals: Register,
    /// The API keys.
    pub(super) keys: Arc<KeyRing>,
    /// The operators' keys.
    pub(super) operators: Arc<OperatorRing>,
}

impl Registers {
    /// Reads everything that is registered.
    pub(super) async fn load(office: &Office) -> Result<Self, StoreError> {
        let store = &office.store;
        let directory = Arc::new(Directory::default());
        for kept in store.all_across_accounts::<TerminalRow>().await? {
            directory.put(kept.value);
        }
        let keys = Arc::new(KeyRing::default());
        let rows = store.all_across_accounts::<KeyRow>().await?;
        keys.load(rows.into_iter().map(|kept| kept.value).collect());
        let operators = Arc::new(OperatorRing::default());
        let rows = store.all_across_accounts::<OperatorKeyRow>().await?;
        operators.load(rows.into_iter().map(|kept| kept.value).collect());
        Ok(Self { directory, terminals: Register::new(office.clone()), keys, operators })
    }
}

impl Platform {
    /// Registers an account, or changes it.
    ///
    /// # Errors
    /// When the store cannot take it.
    pub async fn put_account(&self, row: AccountRow) -> Result<(), CommitError> {
        self.ports.store.commit(Transaction { changes: vec![Change::put(&row)] }).await?;
        self.office.book.put_account(row);
        Ok(())
    }

    /// Registers a location, or changes it.
    ///
    /// # Errors
    /// When the store cannot take it.
    pub async fn put_location(&self, row: LocationRow) -> Result<(), CommitError> {
        self.ports.store.commit(Transaction { changes: vec![Change::put(&row)] }).await
    }

    /// Registers an API key; it opens from now on.
    ///
    /// # Errors
    /// When the store cannot take it.
    pub async fn put_key(&self, row: KeyRow) -> Result<(), CommitError> {
        let changes = vec![Change::put(&row)];
        self.ports.store.commit(Transaction { changes }).await?;
        self.keys.insert(row);
        Ok(())
    }

    /// Registers a terminal, or changes what it is; its presence stays what it is.
    ///
    /// # Errors
    /// When the store cannot take it.
    pub async fn put_terminal(&self, row: TerminalRow) -> Result<(), CommitError> {
        let key = TerminalKey { scope: row.scope.clone(), id: row.id.clone() };
        let Some(known) = self.directory.find(&key) else {
            self.ports.store.commit(Transaction { changes: vec![Change::put(&row)] }).await?;
            self.directory.put(row);
            return Ok(());
        };
        let mut held = self.register.hold(&known).await;
        let kept = held.edit();
        kept.display_name = row.display_name;
        kept.location = row.location;
        kept.model = row.model;
        kept.serial_number = row.serial_number;
        kept.terminal_config = row.terminal_config;
        if row.deactivated {
            // Legal wherever a terminal stands.
            let _ = held.happened(Event::Deactivated);
        }
        held.record(Vec::new()).await
    }

    /// Registers an operator's key; it opens from now on.
    ///
    /// # Errors
    /// When the store cannot take it.
    pub async fn put_operator_key(&self, row: OperatorKeyRow) -> Result<(), CommitError> {
        let changes = vec![Change::put(&row)];
        self.ports.store.commit(Transaction { changes }).await?;
        self.operators.insert(row);
        Ok(())
    }
}
