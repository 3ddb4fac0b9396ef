//! The chains: whose turn it is, what the newest line is, and whether every line is what was written.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{Mutex as Turns, OwnedMutexGuard};

use super::entry::{Act, AuditEntry, By};
use crate::clock::Clock;
use crate::once::{IdempotencyKey, Once, Said, first_answer};
use crate::refusal::Refusal;
use crate::store::{Change, CommitError, Kept, Kind, RecordCursor, RecordPage, Scope, Store, StoreError};

/// How often a line is written anew when another one took its place. Only a commit whose request was given up can be
/// in the way, and there is at most one of those per turn.
const ATTEMPTS: u32 = 4;

/// How many lines are read at once.
const PORTION: u32 = 100;

/// The audit logs of all accounts.
#[derive(Clone)]
pub struct Audit {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    chains: Arc<Mutex<HashMap<Scope, Arc<Turns<()>>>>>,
}

/// The right to append to one chain, until it is dropped.
pub struct Turn {
    scope: Scope,
    head: Option<AuditEntry>,
    clock: Arc<dyn Clock>,
    _turn: OwnedMutexGuard<()>,
}

/// What a walk along a chain found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// How many lines are in order.
    pub entries: u64,
    /// The hash of the last of them.
    pub last_hash: Option<Arc<str>>,
    /// The first line that is not: its place, from 1.
    pub broken_at: Option<u64>,
}

impl Audit {
    /// Logs in this store.
    #[must_use]
    pub fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>) -> Self {
        Self { store, clock, chains: Arc::default() }
    }

    /// Waits for the chain's turn and finds its newest line.
    ///
    /// # Errors
    /// When the store cannot answer.
    pub async fn turn(&self, scope: &Scope) -> Result<Turn, StoreError> {
        let chain = {
            let mut chains = self.chains.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(chains.entry(scope.clone()).or_default())
        };
        let turn = chain.lock_owned().await;
        let head = self.newest(scope).await?;
        Ok(Turn { scope: scope.clone(), head, clock: Arc::clone(&self.clock), _turn: turn })
    }

    /// Commits the changes, the line about them and the answer to the request in one transaction. A request that was
    /// answered before is answered as before, and nothing changes.
    ///
    /// # Errors
    /// As [`Once::commit`].
    pub async fn conclude(
        &self,
        once: &Once,
        (scope, by): (&Scope, impl Into<By>),
        act: Act,
        key: Option<&IdempotencyKey>,
        changes: Vec<Change>,
        said: Said,
    ) -> Result<Said, Refusal> {
        match self.try_conclude(once, (scope, by), act, key, changes, &said).await {
            Ok(()) => Ok(said),
            Err(CommitError::IdempotencyKeyTaken(row)) => match key {
                Some(key) => first_answer(&row, key),
                None => Err(Refusal::IdempotencyKeyReused),
            },
            Err(error) => Err(error.into()),
        }
    }

    /// As [`Self::conclude`], for those who act upon what the store says.
    ///
    /// # Errors
    /// What the store says.
    pub async fn try_conclude(
        &self,
        once: &Once,
        (scope, by): (&Scope, impl Into<By>),
        act: Act,
        key: Option<&IdempotencyKey>,
        changes: Vec<Change>,
        said: &Said,
    ) -> Result<(), CommitError> {
        let by = by.into();
        let mut attempt = 1;
        loop {
            let mut turn = self.turn(scope).await?;
            if let Some(key) = key
                && let Some(row) = self.store.find_idempotency_key(scope, &key.operation, &key.key).await?
            {
                // Its first request had the turn before.
                return Err(CommitError::IdempotencyKeyTaken(Box::new(row)));
            }
            let mut all = changes.clone();
            all.push(turn.entry(by.clone(), act.clone()));
            match once.try_commit(scope, key, all, said, self.clock.wall()).await {
                Err(CommitError::RecordTaken { kind: Kind::AuditEntry, .. }) if attempt < ATTEMPTS => {
                    attempt += 1;
                }
                outcome => return outcome,
            }
        }
    }

    /// A page of a log, newest first, and whether there is more; `object`: of the lines about this object.
    ///
    /// # Errors
    /// When the store cannot answer.
    pub async fn list(
        &self,
        scope: &Scope,
        having: Option<(&'static str, &str)>,
        page: &RecordPage,
    ) -> Result<(Vec<AuditEntry>, bool), StoreError> {
        let (entries, has_more) = self.store.list::<AuditEntry>(scope, having, page).await?;
        Ok((entries.into_iter().map(|kept| kept.value).collect(), has_more))
    }

    /// Walks along the whole chain from its first line, and stops at the first that is not what was written there.
    ///
    /// # Errors
    /// When the store cannot answer.
    pub async fn verify(&self, scope: &Scope) -> Result<Verified, StoreError> {
        let mut previous: Option<AuditEntry> = None;
        let Some(mut portion) = self.first(scope).await? else {
            return Ok(Verified::of(None, None));
        };
        loop {
            for kept in portion.into_iter().rev() {
                let entry = kept.value;
                if !entry.follows(previous.as_ref()) {
                    let place = previous.as_ref().map_or(1, |previous| previous.number + 1);
                    return Ok(Verified::of(previous, Some(place)));
                }
                previous = Some(entry);
            }
            let Some(last) = &previous else { return Ok(Verified::of(None, None)) };
            let page = RecordPage { limit: PORTION, cursor: RecordCursor::Before(last.name().into()) };
            portion = self.store.list::<AuditEntry>(scope, None, &page).await?.0;
            if portion.is_empty() {
                return Ok(Verified::of(previous, None));
            }
        }
    }

    /// The first line alone; `None` when there is no line at all. Without line 1 whatever there is is broken at 1.
    async fn first(&self, scope: &Scope) -> Result<Option<Vec<Kept<AuditEntry>>>, StoreError> {
        let name = format!("aud_{:020}", 1);
        if let Some(first) = self.store.get::<AuditEntry>(scope, &name).await? {
            return Ok(Some(vec![first]));
        }
        let page = RecordPage { limit: 1, cursor: RecordCursor::Start };
        let (newest, _) = self.store.list::<AuditEntry>(scope, None, &page).await?;
        Ok((!newest.is_empty()).then_some(newest))
    }

    async fn newest(&self, scope: &Scope) -> Result<Option<AuditEntry>, StoreError> {
        let page = RecordPage { limit: 1, cursor: RecordCursor::Start };
        let (newest, _) = self.store.list::<AuditEntry>(scope, None, &page).await?;
        Ok(newest.into_iter().next().map(|kept| kept.value))
    }
}

impl Verified {
    fn of(last: Option<AuditEntry>, broken_at: Option<u64>) -> Self {
        let entries = last.as_ref().map_or(0, |last| last.number);
        Self { entries, last_hash: last.map(|last| last.hash), broken_at }
    }
}

impl Turn {
    /// The next line, to be committed while this turn lives. Several lines may go into one transaction.
    #[must_use]
    pub fn entry(&mut self, by: impl Into<By>, act: Act) -> Change {
        let now = self.clock.wall();
        let entry = AuditEntry::following(self.head.as_ref(), &self.scope, by.into(), act, now);
        let change = Change::insert(&entry);
        self.head = Some(entry);
        change
    }
}

#[cfg(test)]
mod tests {
    use vinr_domain::{AccountId, Timestamp};

    use super::*;
    use crate::store::{MemoryStore, Transaction};

    struct Still;

    impl Clock for Still {
        fn wall(&self) -> Timestamp {
            Timestamp(1)
        }

        fn monotonic_ms(&self) -> i64 {
            1
        }
    }

    fn scope(account: &str) -> Scope {
        Scope { account: AccountId::parse(account).unwrap(), livemode: false }
    }

    fn said() -> Said {
        Said::new(200, &"done")
    }

    async fn write(audit: &Audit, once: &Once, account: &str, object: &str) {
        let act = Act::new("location.updated", object);
        let by = By::system("test");
        audit.conclude(once, (&scope(account), by), act, None, vec![], said()).await.unwrap();
    }

    fn fresh() -> (Arc<dyn Store>, Audit, Once) {
        let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
        let audit = Audit::new(Arc::clone(&store), Arc::new(Still));
        (Arc::clone(&store), audit, Once::new(store))
    }

    #[tokio::test]
    async fn changes_made_at_once_make_one_chain_and_accounts_have_their_own() {
        let (_, audit, once) = fresh();
        let mut writers = tokio::task::JoinSet::new();
        for number in 0..150 {
            let (audit, once) = (audit.clone(), once.clone());
            let account = if number % 3 == 0 { "acct_a" } else { "acct_b" };
            writers.spawn(async move { write(&audit, &once, account, "loc_1").await });
        }
        while let Some(written) = writers.join_next().await {
            written.unwrap();
        }
        for (account, entries) in [("acct_a", 50), ("acct_b", 100), ("acct_c", 0)] {
            let verified = audit.verify(&scope(account)).await.unwrap();
            assert_eq!((verified.entries, verified.broken_at), (entries, None));
            assert_eq!(verified.last_hash.is_some(), entries > 0);
        }
    }

    #[tokio::test]
    async fn the_first_broken_line_is_named_whether_changed_or_missing() {
        let (store, audit, once) = fresh();
        for _ in 0..230 {
            write(&audit, &once, "acct_a", "loc_1").await;
        }
        let name = |number: u64| format!("aud_{number:020}");
        let kept = store.get::<AuditEntry>(&scope("acct_a"), &name(173)).await.unwrap().unwrap();
        let forged = AuditEntry { action: "location.created".into(), ..kept.value.clone() };
        let commit = |change| store.commit(Transaction { changes: vec![change] });
        commit(Change::put(&forged)).await.unwrap();
        let verified = audit.verify(&scope("acct_a")).await.unwrap();
        assert_eq!((verified.entries, verified.broken_at), (172, Some(173)));
        // A forger who hashes the line anew breaks the next one.
        let forged = AuditEntry { hash: forged.hashed(), ..forged };
        commit(Change::put(&forged)).await.unwrap();
        assert_eq!(audit.verify(&scope("acct_a")).await.unwrap().broken_at, Some(174));
        commit(Change::put(&kept.value)).await.unwrap();
        assert_eq!(audit.verify(&scope("acct_a")).await.unwrap().broken_at, None);
        commit(Change::delete::<AuditEntry>(&scope("acct_a"), &name(40))).await.unwrap();
        assert_eq!(audit.verify(&scope("acct_a")).await.unwrap().broken_at, Some(40));
        commit(Change::delete::<AuditEntry>(&scope("acct_a"), &name(1))).await.unwrap();
        assert_eq!(audit.verify(&scope("acct_a")).await.unwrap().broken_at, Some(1));
    }

    #[tokio::test]
    async fn a_repeated_request_is_answered_as_before_and_leaves_one_line() {
        let (_, audit, once) = fresh();
        let key = IdempotencyKey { operation: "POST /v1/x".into(), key: "k".into(), fingerprint: [1; 32] };
        for replayed in [false, true] {
            let who = (&scope("acct_a"), By::system("test"));
            let act = Act::new("location.updated", "loc_1");
            let said = audit.conclude(&once, who, act, Some(&key), vec![], said()).await.unwrap();
            assert_eq!(said.replayed, replayed);
        }
        assert_eq!(audit.verify(&scope("acct_a")).await.unwrap().entries, 1);
    }
}
