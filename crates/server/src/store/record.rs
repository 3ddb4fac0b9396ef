//! Records: everything that is kept and is not written at the rate of payments. One shape for all of them, so that a
//! new kind needs neither a table nor an engine to know of it. What a record says is its owner's business.

use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;
use vinr_domain::Timestamp;

use super::port::{Change, Scope, Store, StoreError};

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident $word:literal;)*) => {
        /// What a record is about.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Kind {
            $($(#[$doc])* $name,)*
        }

        impl Kind {
            /// Every kind.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// As the store writes it. Never changed once released.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $word),* }
            }
        }
    };
}

kinds! {
    /// A merchant.
    Account "account";
    /// What a merchant has set about its account, in one mode.
    AccountSettings "account_settings";
    /// When an API key was last used.
    KeyUse "key_use";
    /// An API key of a merchant.
    ApiKey "api_key";
    /// A key of an operator.
    OperatorKey "operator_key";
    /// An entry of the audit log.
    AuditEntry "audit_entry";
    /// A terminal.
    Terminal "terminal";
    /// A location.
    Location "location";
    /// A device that waits to be claimed, or was.
    Pairing "pairing";
    /// A device, and whose terminal it is.
    Device "device";
    /// A certificate that was issued to a terminal.
    Certificate "certificate";
    /// Which version of its configuration a terminal has.
    Configuration "configuration";
    /// What a terminal is to serve in the merchant's network.
    Lan "lan";
    /// Which version of that a terminal has.
    LanAccess "lan_access";
    /// A certificate of a till that may speak to one terminal in the merchant's network.
    ClientCertificate "client_certificate";
    /// A remote action on a terminal.
    Action "action";
    /// A version of the terminals' software.
    Release "release";
    /// A refund.
    Refund "refund";
    /// A batch.
    Batch "batch";
    /// A webhook endpoint.
    WebhookEndpoint "webhook_endpoint";
    /// The chain of the approvals that a terminal gave without the cloud, in one life of its journal.
    OfflineChain "offline_chain";
    /// A payment that waits for one of several terminals.
    GroupTicket "group_ticket";
    /// What happened to the payments of an account on one day, in sums.
    DayFigures "day_figures";
    /// How far the payments have been counted into such sums.
    CountingPlace "counting_place";
    /// Somebody who signs in to the dashboard.
    Person "person";
    /// That somebody is signed in.
    Session "session";
    /// A link that signs somebody in once, or lets a new person in.
    EntryLink "entry_link";
    /// A page of the log of what programs asked of the API.
    RequestPage "request_page";
    /// How the people of an account must sign in.
    SignInRules "sign_in_rules";
}

impl Kind {
    /// Reads what [`Self::as_str`] wrote.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.as_str() == text)
    }
}

/// By what else a record is found than by its id.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RecordKey {
    /// Which property, `terminal`.
    pub name: &'static str,
    /// Its value.
    pub value: Arc<str>,
    /// Whether no other record of the kind may have it, in any account.
    pub unique: bool,
}

impl RecordKey {
    /// For lists of the records that share the value.
    #[must_use]
    pub fn index(name: &'static str, value: impl Into<Arc<str>>) -> Self {
        Self { name, value: value.into(), unique: false }
    }

    /// For finding the one record that has the value. No other record of the kind can be given it.
    #[must_use]
    pub fn unique(name: &'static str, value: impl Into<Arc<str>>) -> Self {
        Self { name, value: value.into(), unique: true }
    }
}

/// A record as the engines see it.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// What it is about.
    pub kind: Kind,
    /// Whose.
    pub scope: Scope,
    /// Its name; unique for the kind in the scope.
    pub id: Arc<str>,
    /// Counts its writes, from 1. What a caller puts here is not read.
    pub revision: u64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When somebody has to look at it.
    pub due_at: Option<Timestamp>,
    /// By what else it is found.
    pub keys: Vec<RecordKey>,
    /// What it says, JSON.
    pub body: Arc<[u8]>,
}

/// Something that is kept as a record.
pub trait Stored: Serialize + DeserializeOwned + Clone + Send + Sync + 'static {
    /// What it is about.
    const KIND: Kind;

    /// Whose it is.
    fn scope(&self) -> &Scope;

    /// Its name; unique for the kind in the scope.
    fn id(&self) -> Arc<str>;

    /// When it was made.
    fn created_at(&self) -> Timestamp;

    /// When [`due_across_accounts`](trait.Store.html#method.due_across_accounts) has to show it.
    fn due_at(&self) -> Option<Timestamp> {
        None
    }

    /// By what else it is found.
    fn keys(&self) -> Vec<RecordKey> {
        Vec::new()
    }
}

/// A value with the revision that fences its next change.
#[derive(Clone, Debug, PartialEq)]
pub struct Kept<T> {
    /// Counts its writes, from 1.
    pub revision: u64,
    /// The value.
    pub value: T,
}

/// Which stretch of a list of records, newest first (contract 2.3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordPage {
    /// 1 to 100.
    pub limit: u32,
    /// From where.
    pub cursor: RecordCursor,
}

/// Where a page of records begins. A cursor that names no record of the kind and scope shows nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RecordCursor {
    /// At the newest.
    Start,
    /// With those older than this one.
    After(Arc<str>),
    /// With those newer than this one: the `limit` of them that are nearest to it, still newest first.
    Before(Arc<str>),
}

/// A stretch of a list of records.
#[derive(Clone, Debug, PartialEq)]
pub struct RecordsListed {
    /// Newest first.
    pub records: Vec<Record>,
    /// Whether there is more in the direction of travel.
    pub has_more: bool,
}

fn record<T: Stored>(value: &T) -> Record {
    Record {
        kind: T::KIND,
        scope: value.scope().clone(),
        id: value.id(),
        revision: 0,
        created_at: value.created_at(),
        due_at: value.due_at(),
        keys: value.keys(),
        body: serde_json::to_vec(value)
            .expect("a record of strings, numbers and lists always serializes")
            .into(),
    }
}

fn kept<T: Stored>(record: &Record) -> Result<Kept<T>, StoreError> {
    match serde_json::from_slice(&record.body) {
        Ok(value) => Ok(Kept { revision: record.revision, value }),
        Err(error) => {
            let text = format!("the {} {} cannot be read: {error}", record.kind.as_str(), record.id);
            Err(StoreError::Engine(text.into()))
        }
    }
}

impl Change {
    /// A record that does not exist yet; else [`super::CommitError::RecordTaken`].
    #[must_use]
    pub fn insert<T: Stored>(value: &T) -> Self {
        Self::InsertRecord(record(value))
    }

    /// A record that is still at the revision; else [`super::CommitError::RecordStale`].
    #[must_use]
    pub fn update<T: Stored>(value: &T, from_revision: u64) -> Self {
        Self::UpdateRecord { record: record(value), from_revision }
    }

    /// A new or changed record, whatever was there.
    #[must_use]
    pub fn put<T: Stored>(value: &T) -> Self {
        Self::PutRecord(record(value))
    }

    /// No such record any more.
    #[must_use]
    pub fn delete<T: Stored>(scope: &Scope, id: &str) -> Self {
        Self::DeleteRecord { kind: T::KIND, scope: scope.clone(), id: id.into() }
    }
}

impl dyn Store {
    /// One value.
    ///
    /// # Errors
    /// When the store cannot answer.
    pub async fn get<T: Stored>(&self, scope: &Scope, id: &str) -> Result<Option<Kept<T>>, StoreError> {
        self.get_record(scope, T::KIND, id).await?.as_ref().map(kept).transpose()
    }

    /// A page of values, newest first, and whether there is more. With `having`: those that have this key.
    ///
    /// # Errors
    /// When the store cannot answer.
    pub async fn list<T: Stored>(
        &self,
        scope: &Scope,
        having: Option<(&'static str, &str)>,
        page: &RecordPage,
    ) -> Result<(Vec<Kept<T>>, bool), StoreError> {
        let listed = self.list_records(scope, T::KIND, having, page).await?;
        let values = listed.records.iter().map(kept).collect::<Result<_, _>>()?;
        Ok((values, listed.has_more))
    }

    /// The value with this unique key, whoever's it is.
    ///
    /// # Errors
    /// When the store cannot answer.
    pub async fn find_across_accounts<T: Stored>(
        &self,
        name: &'static str,
        value: &str,
    ) -> Result<Option<Kept<T>>, StoreError> {
        self.find_record_across_accounts(T::KIND, name, value).await?.as_ref().map(kept).transpose()
    }

    /// Every value of the kind, the oldest first.
    ///
    /// # Errors
    /// When the store cannot answer.
    pub async fn all_across_accounts<T: Stored>(&self) -> Result<Vec<Kept<T>>, StoreError> {
        self.list_records_across_accounts(T::KIND).await?.iter().map(kept).collect()
    }

    /// The values whose `due_at` is at or before `now`, the longest overdue first, at most `limit`.
    ///
    /// # Errors
    /// When the store cannot answer.
    pub async fn due_across_accounts<T: Stored>(
        &self,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<Kept<T>>, StoreError> {
        self.list_due_records_across_accounts(T::KIND, now, limit).await?.iter().map(kept).collect()
    }
}
