//! Accounts as an application: what a merchant sets about its account, its API keys, and what the operator of the server
//! decides about accounts. Every change is in the audit log. Knows nothing of HTTP and nothing of payments.

mod book;
mod keys;
mod operating;
mod settings;
mod uses;

use std::sync::Arc;

use serde_json::Value;
use tokio::sync::oneshot;
use vinr_wire::rest::audit::{AuditFilter, AuditVerification};
use vinr_wire::rest::terminal::Cursor;

pub use book::{AccountBook, Figures};
pub use settings::SettingsRow;
pub use uses::KeyUseRow;

use crate::access::KeyRing;
use crate::audit::{AuditEntry, Verified};
use crate::office::Office;
use crate::refusal::Refusal;
use crate::store::{RecordCursor, RecordPage, Scope};

/// The accounts and their keys.
#[derive(Clone)]
pub struct Accounts {
    office: Office,
    keys: Arc<KeyRing>,
}

impl Accounts {
    /// Over these parts.
    #[must_use]
    pub fn new(office: Office, keys: Arc<KeyRing>) -> Self {
        Self { office, keys }
    }

    /// A page of the audit log of the scope, newest first, and whether there is more.
    ///
    /// # Errors
    /// When the store cannot answer.
    pub async fn audit_log(&self, scope: &Scope, filter: AuditFilter) -> Result<(Vec<Value>, bool), Refusal> {
        let having = filter.object_id.as_deref().map(|id| ("object", id));
        let page = page(filter.limit, filter.cursor);
        let (entries, has_more) = self.office.audit.list(scope, having, &page).await?;
        Ok((entries.iter().map(AuditEntry::shown).collect(), has_more))
    }

    /// Walks along the audit log of the scope.
    ///
    /// # Errors
    /// When the store cannot answer.
    pub async fn verify_audit_log(&self, scope: &Scope) -> Result<AuditVerification, Refusal> {
        let Verified { entries, last_hash, broken_at } = self.office.audit.verify(scope).await?;
        let intact = broken_at.is_none();
        Ok(AuditVerification { object: "audit_verification", intact, entries, last_hash, broken_at })
    }

    /// Does a change on a task of its own: what is in memory must follow what was written, also when the caller has
    /// hung up in between.
    async fn detached<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T, Refusal>> + Send + 'static,
    ) -> Result<T, Refusal> {
        let (reply, answer) = oneshot::channel();
        self.office.tasks.spawn(async move {
            // Nobody waits any more: what was done is done.
            let _ = reply.send(work.await);
        });
        answer.await.unwrap_or(Err(Refusal::Unavailable { money_may_have_moved: false }))
    }
}

fn page(limit: u8, cursor: Cursor<Arc<str>>) -> RecordPage {
    let cursor = match cursor {
        Cursor::Newest => RecordCursor::Start,
        Cursor::After(id) => RecordCursor::After(id),
        Cursor::Before(id) => RecordCursor::Before(id),
    };
    RecordPage { limit: limit.into(), cursor }
}
