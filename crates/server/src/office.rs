//! What every application service stands on: the store, the time, the names, the tasks. Decides nothing.

use std::sync::Arc;

use vinr_domain::{EventId, Timestamp};

use crate::accounts::AccountBook;
use crate::audit::{Act, Audit, By};
use crate::clock::Clock;
use crate::naming::Names;
use crate::once::{IdempotencyKey, Once, Said};
use crate::refusal::Refusal;
use crate::settings::Settings;
use crate::store::{Change, EventRow, Scope, Store};
use crate::tasks::Tasks;

/// What every application service stands on.
#[derive(Clone)]
pub struct Office {
    /// Where everything is kept.
    pub store: Arc<dyn Store>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Names for what is made.
    pub names: Arc<Names>,
    /// Tasks that end with the platform.
    pub tasks: Tasks,
    /// The settings.
    pub settings: Arc<Settings>,
    /// First answers.
    pub once: Once,
    /// Who changed what. Every change that a person asks for is written there.
    pub audit: Audit,
    /// What is asked about accounts with every request.
    pub book: Arc<AccountBook>,
}

impl Office {
    /// The time now.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock.wall()
    }

    /// A new name, made now.
    #[must_use]
    pub fn name(&self) -> u128 {
        self.names.next(self.now())
    }

    /// The change that tells the outside what happened to an object. `data` is what events and webhooks show of it.
    #[must_use]
    pub fn event(
        &self,
        scope: &Scope,
        kind: &'static str,
        object_id: &str,
        sequence: u64,
        data: &impl serde::Serialize,
    ) -> Change {
        let data =
            serde_json::to_vec(data).expect("a struct of strings, numbers and lists always serializes");
        let now = self.now();
        Change::AppendEvent(EventRow {
            id: EventId(self.names.next(now)),
            scope: scope.clone(),
            kind,
            object_id: object_id.into(),
            sequence,
            created_at: now,
            data: data.into(),
        })
    }

    /// Commits the changes and the answer to the request in one transaction.
    ///
    /// # Errors
    /// As [`Once::commit`].
    pub async fn conclude(
        &self,
        scope: &Scope,
        key: Option<&IdempotencyKey>,
        changes: Vec<Change>,
        said: Said,
    ) -> Result<Said, Refusal> {
        self.once.commit(scope, key, changes, said, self.now()).await
    }

    /// As [`Self::conclude`], with the line of the audit log that says who did what.
    ///
    /// # Errors
    /// As [`Once::commit`].
    pub async fn conclude_audited(
        &self,
        (scope, by): (&Scope, impl Into<By>),
        act: Act,
        key: Option<&IdempotencyKey>,
        changes: Vec<Change>,
        said: Said,
    ) -> Result<Said, Refusal> {
        self.audit.conclude(&self.once, (scope, by), act, key, changes, said).await
    }
}
