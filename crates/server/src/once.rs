//! Requests that may be sent again (contract 2.2): what they are remembered by, and the first answer for whoever asks
//! again. For everything but payments, whose answers are found in their events.

use std::sync::Arc;

use vinr_domain::Timestamp;

use crate::refusal::Refusal;
use crate::store::{Answer, Change, CommitError, IdempotencyRow, Scope, Store, Transaction};

/// An idempotency key with what it is for (contract 2.2).
#[derive(Clone, Debug, PartialEq)]
pub struct IdempotencyKey {
    /// Method and path.
    pub operation: Arc<str>,
    /// The key.
    pub key: Arc<str>,
    /// SHA-256 of query and body.
    pub fingerprint: [u8; 32],
}

impl IdempotencyKey {
    /// The change that remembers the answer under this key.
    #[must_use]
    pub fn claim(&self, scope: &Scope, said: &Said, now: Timestamp) -> Change {
        remembered(scope, self, said, now)
    }
}

/// What a request was answered.
#[derive(Clone, Debug, PartialEq)]
pub struct Said {
    /// HTTP status, 2xx.
    pub status: u16,
    /// JSON.
    pub body: Arc<[u8]>,
    /// Whether this answer had been given before.
    pub replayed: bool,
}

impl Said {
    /// A first answer.
    #[must_use]
    pub fn new(status: u16, value: &impl serde::Serialize) -> Self {
        let body =
            serde_json::to_vec(value).expect("a struct of strings, numbers and lists always serializes");
        Self { status, body: body.into(), replayed: false }
    }
}

/// Remembers answers in the store.
#[derive(Clone)]
pub struct Once {
    store: Arc<dyn Store>,
}

impl Once {
    /// Over this store.
    #[must_use]
    pub fn new(store: Arc<dyn Store>) -> Self {
        Self { store }
    }

    /// The first answer under the key, if there was a first request.
    ///
    /// # Errors
    /// [`Refusal::IdempotencyKeyReused`] when it was another request; that the store cannot answer.
    pub async fn replay(&self, scope: &Scope, key: Option<&IdempotencyKey>) -> Result<Option<Said>, Refusal> {
        let Some(key) = key else { return Ok(None) };
        match self.store.find_idempotency_key(scope, &key.operation, &key.key).await? {
            Some(row) => first_answer(&row, key).map(Some),
            None => Ok(None),
        }
    }

    /// Commits the changes and the answer in one transaction. When the key was used in the meantime, nothing is
    /// changed and its first answer is the answer.
    ///
    /// # Errors
    /// [`Refusal::IdempotencyKeyReused`], or what the commit says.
    pub async fn commit(
        &self,
        scope: &Scope,
        key: Option<&IdempotencyKey>,
        changes: Vec<Change>,
        said: Said,
        now: Timestamp,
    ) -> Result<Said, Refusal> {
        match self.try_commit(scope, key, changes, &said, now).await {
            Ok(()) => Ok(said),
            Err(CommitError::IdempotencyKeyTaken(row)) => match key {
                Some(key) => first_answer(&row, key),
                None => Err(Refusal::IdempotencyKeyReused),
            },
            Err(error) => Err(error.into()),
        }
    }

    /// As [`Self::commit`], for those who act upon what the store says.
    ///
    /// # Errors
    /// What the store says.
    pub async fn try_commit(
        &self,
        scope: &Scope,
        key: Option<&IdempotencyKey>,
        mut changes: Vec<Change>,
        said: &Said,
        now: Timestamp,
    ) -> Result<(), CommitError> {
        changes.extend(key.map(|key| remembered(scope, key, said, now)));
        if changes.is_empty() {
            return Ok(());
        }
        self.store.commit(Transaction { changes }).await
    }
}

/// The change that remembers the answer, for whoever commits by other means.
#[must_use]
pub fn remembered(scope: &Scope, key: &IdempotencyKey, said: &Said, now: Timestamp) -> Change {
    Change::ClaimIdempotencyKey(IdempotencyRow {
        scope: scope.clone(),
        operation: Arc::clone(&key.operation),
        key: Arc::clone(&key.key),
        fingerprint: key.fingerprint,
        created_at: now,
        answer: Answer::Verbatim { status: said.status, body: Arc::clone(&said.body) },
    })
}

/// The answer that the row stands for, if it was given to the same request.
///
/// # Errors
/// [`Refusal::IdempotencyKeyReused`].
pub fn first_answer(row: &IdempotencyRow, key: &IdempotencyKey) -> Result<Said, Refusal> {
    match &row.answer {
        Answer::Verbatim { status, body } if row.fingerprint == key.fingerprint => {
            Ok(Said { status: *status, body: Arc::clone(body), replayed: true })
        }
        Answer::Verbatim { .. } | Answer::Payment { .. } => Err(Refusal::IdempotencyKeyReused),
    }
}
