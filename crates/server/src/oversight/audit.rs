//! Lines of an audit log by who did what to which object.

use std::sync::Arc;

use vinr_domain::AccountId;

use super::Oversight;
use crate::access::{Operator, Principal};
use crate::audit::AuditEntry;
use crate::refusal::Refusal;
use crate::store::{RecordCursor, RecordPage, Scope};

const NO_SUCH: Refusal = Refusal::NoSuch("account");

/// How many lines are read at once.
const PORTION: u32 = 100;
/// How many lines one page looks at, at most: behind them the reader goes on by asking for older ones.
const LOOKED_AT: u32 = 2_000;

/// Which lines are wanted. Every condition given must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditQuery {
    /// With this in the kind, the name or the hint of who did it.
    pub actor: Option<Arc<str>>,
    /// With this in what was done.
    pub action: Option<Arc<str>>,
    /// Done to this object.
    pub object: Option<Arc<str>>,
    /// Older than this line.
    pub after: Option<Arc<str>>,
    /// At most so many.
    pub limit: usize,
}

/// What was found.
#[derive(Clone, Debug)]
pub struct AuditFound {
    /// Newest first.
    pub lines: Vec<AuditEntry>,
    /// Behind which line to look on; `None` at the end of the log.
    pub next: Option<String>,
}

impl AuditQuery {
    fn wants(&self, line: &AuditEntry) -> bool {
        let has = |text: &str, wanted: &str| text.to_lowercase().contains(&wanted.to_lowercase());
        let by = |wanted: &Arc<str>| {
            has(&line.by.kind, wanted)
                || has(&line.by.id, wanted)
                || line.by.hint.as_deref().is_some_and(|hint| has(hint, wanted))
        };
        self.actor.as_ref().is_none_or(by)
            && self.action.as_ref().is_none_or(|wanted| has(&line.action, wanted))
            && self.object.as_ref().is_none_or(|wanted| line.object_id == *wanted)
    }
}

impl Oversight {
    /// Of the log of the caller's own account and mode, the newest lines that are wanted. May find fewer than there are and
    /// still have a `next`: a page looks at so many lines and no more.
    ///
    /// # Errors
    /// When the store cannot answer.
    pub async fn own_log(&self, who: &Principal, query: &AuditQuery) -> Result<AuditFound, Refusal> {
        self.find(&who.scope, query).await
    }

    /// The same for whoever runs the server: of the log of an account in one mode, or of the platform's own.
    ///
    /// # Errors
    /// That there is no such account, or when the store cannot answer.
    pub async fn operated_log(
        &self,
        _who: &Operator,
        of: (Option<&str>, bool),
        query: &AuditQuery,
    ) -> Result<AuditFound, Refusal> {
        let (account, livemode) = of;
        let scope = match account {
            None => Scope::platform(),
            Some(account) => {
                let account = AccountId::parse(account).map_err(|_| NO_SUCH)?;
                self.office.book.account(&account).ok_or(NO_SUCH)?;
                Scope { account, livemode }
            }
        };
        self.find(&scope, query).await
    }

    async fn find(&self, scope: &Scope, query: &AuditQuery) -> Result<AuditFound, Refusal> {
        let having = query.object.as_deref().map(|object| ("object", object));
        let (mut lines, mut looked) = (Vec::new(), 0);
        let mut after = query.after.clone();
        loop {
            let cursor = after.map_or(RecordCursor::Start, RecordCursor::After);
            let page = RecordPage { limit: PORTION, cursor };
            let (portion, more) = self.office.audit.list(scope, having, &page).await?;
            let last = portion.last().map(AuditEntry::name);
            for line in portion {
                if !query.wants(&line) {
                    continue;
                }
                if lines.len() == query.limit {
                    let next = lines.last().map(AuditEntry::name);
                    return Ok(AuditFound { lines, next });
                }
                lines.push(line);
            }
            looked += PORTION;
            match last.filter(|_| more) {
                Some(last) if looked < LOOKED_AT => after = Some(last.into()),
                next => return Ok(AuditFound { lines, next }),
            }
        }
    }
}
