//! Terminals on demand, for tests: registered here, run by whoever runs the sandbox. Test mode only.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use aws_lc_rs::digest;
use tokio::sync::oneshot;
use tokio::time::{Instant, sleep};
use vinr_domain::terminal::Event;
use vinr_domain::{TerminalId, encode_base32};
use vinr_wire::rest::error::ErrorCode;
use vinr_wire::rest::terminal::{Deleted, NewTestTerminal};

use super::locations::{Assignable, Locations};
use super::register::Register;
use super::terminals::Terminals;
use crate::access::Principal;
use crate::audit::Act;
use crate::gateway::{Directory, Terminal};
use crate::office::Office;
use crate::once::{IdempotencyKey, Said};
use crate::refusal::Refusal;
use crate::store::{Change, CommitError, Scope, TerminalRow, Transaction};

/// How many terminals on demand an account may have at once.
const MOST: usize = 100;
/// How long a terminal may take from being made to being connected.
const ONLINE: Duration = Duration::from_secs(10);

/// Why a terminal is not run. For the log.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BenchFault(pub String);

/// What the bench answers, when it does.
pub type BenchAnswer<'a> = Pin<Box<dyn Future<Output = Result<(), BenchFault>> + Send + 'a>>;

/// Runs simulated terminals for as long as they are registered, also after a restart of whoever runs the sandbox.
pub trait TestBench: Send + Sync + 'static {
    /// Runs a terminal that has just been registered; asked again for one that runs, does nothing.
    fn open(&self, terminal: TerminalRow) -> BenchAnswer<'_>;

    /// Ends a terminal and forgets it; it has said goodbye when this resolves.
    fn close(&self, terminal: TerminalRow) -> BenchAnswer<'_>;
}

/// The terminals on demand of all accounts.
#[derive(Clone)]
pub struct TestTerminals {
    office: Office,
    directory: Arc<Directory>,
    register: Register,
    locations: Locations,
    terminals: Terminals,
    bench: Arc<OnceLock<Arc<dyn TestBench>>>,
}

impl TestTerminals {
    /// Terminals on demand, once there is a bench.
    #[must_use]
    pub fn new(
        office: Office,
        directory: Arc<Directory>,
        register: Register,
        locations: Locations,
        terminals: Terminals,
    ) -> Self {
        Self { office, directory, register, locations, terminals, bench: Arc::default() }
    }

    /// Says who runs them. The first word counts.
    pub fn set_bench(&self, bench: Arc<dyn TestBench>) {
        let _ = self.bench.set(bench);
    }

    /// Whether the terminal was made on demand, and is run by whoever runs the sandbox.
    #[must_use]
    pub fn runs(&self, scope: &Scope, id: &str) -> bool {
        self.terminals.find(scope, id).is_ok_and(|terminal| terminal.read(|row| row.on_bench))
    }

    /// What is registered and has to be run after a start.
    #[must_use]
    pub fn to_run(&self) -> Vec<TerminalRow> {
        let rows = self.directory.all().into_iter().map(|terminal| terminal.row());
        rows.filter(|row| row.on_bench && !row.deactivated).collect()
    }

    /// Makes a terminal and waits until it is connected.
    ///
    /// # Errors
    /// [`Refusal::TestModeOnly`]; that nobody runs terminals here, or that the account has too many of them; what the
    /// store says.
    pub async fn create(
        &self,
        who: &Principal,
        new: NewTestTerminal,
        key: Option<IdempotencyKey>,
    ) -> Result<Said, Refusal> {
        let bench = self.bench_for(who)?;
        if let Some(said) = self.office.once.replay(&who.scope, key.as_ref()).await? {
            return Ok(said);
        }
        let assignable = match new.location.clone() {
            Some(id) => Some(self.locations.assignable(&who.scope, id).await?),
            None => None,
        };
        let id = self.name(&who.scope, key.as_ref())?;
        let row = TerminalRow {
            display_name: new.display_name,
            location: new.location,
            on_bench: true,
            ..TerminalRow::new(
                id.clone(),
                who.scope.clone(),
                new.model.as_str(),
                &format!("SIM-{}", id.as_str().trim_start_matches("term_")),
                self.office.now(),
            )
        };
        let (reply, answer) = oneshot::channel();
        let (this, who) = (self.clone(), who.clone());
        self.office.tasks.spawn(async move {
            let _ = reply.send(this.make(&who, bench, row, assignable, key).await);
        });
        answer.await.map_err(|_ended| Refusal::Unavailable { money_may_have_moved: false })?
    }

    /// Ends a terminal that was made on demand, and forgets it.
    ///
    /// # Errors
    /// [`Refusal::TestModeOnly`], [`Refusal::NoSuchTerminal`]; that it was not made on demand, or that a payment
    /// occupies it; what the store says.
    pub async fn delete(&self, who: &Principal, id: &str) -> Result<Deleted, Refusal> {
        let bench = self.bench_for(who)?;
        let terminal = self.terminals.find(&who.scope, id)?;
        if !terminal.read(|row| row.on_bench) {
            return Err(Refusal::stated(
                ErrorCode::TerminalInUse,
                "This terminal was not made on demand; it can be deactivated, not deleted.",
            ));
        }
        if terminal.is_busy() {
            return Err(Refusal::stated(
                ErrorCode::TerminalInUse,
                "A payment is under way on this terminal. Cancel it, or wait for it to end.",
            ));
        }
        let (reply, answer) = oneshot::channel();
        let (this, who) = (self.clone(), who.clone());
        self.office.tasks.spawn(async move {
            let _ = reply.send(this.unmake(&who, &bench, &terminal).await);
        });
        answer.await.map_err(|_ended| Refusal::Unavailable { money_may_have_moved: false })?
    }

    fn bench_for(&self, who: &Principal) -> Result<Arc<dyn TestBench>, Refusal> {
        if who.scope.livemode {
            return Err(Refusal::TestModeOnly);
        }
        self.bench.get().cloned().ok_or_else(|| {
            Refusal::stated(
                ErrorCode::TestTerminalsUnavailable,
                "This server runs no test terminals. Use `vinr dev`, or pair a `vinr terminal`.",
            )
        })
    }

    /// With a key, the same request gives the same name: one that was cut off in the middle goes on where it was.
    fn name(&self, scope: &Scope, key: Option<&IdempotencyKey>) -> Result<TerminalId, Refusal> {
        let number = match key {
            None => self.office.name(),
            Some(key) => {
                let mut context = digest::Context::new(&digest::SHA256);
                for part in [scope.account.as_str(), &key.operation, &key.key] {
                    context.update(part.as_bytes());
                    context.update(b"\n");
                }
                context.update(&key.fingerprint);
                let hash = context.finish();
                hash.as_ref().iter().take(16).fold(0, |number, byte| (number << 8) | u128::from(*byte))
            }
        };
        TerminalId::parse(&format!("term_{}", encode_base32(number)))
            .map_err(|_never| Refusal::Unavailable { money_may_have_moved: false })
    }

    async fn make(
        &self,
        who: &Principal,
        bench: Arc<dyn TestBench>,
        row: TerminalRow,
        assignable: Option<Assignable>,
        key: Option<IdempotencyKey>,
    ) -> Result<Said, Refusal> {
        let of_scope = self.directory.older(&row.scope, None, MOST, |one| one.read(|row| row.on_bench));
        if of_scope.len() >= MOST {
            return Err(Refusal::stated(
                ErrorCode::TestTerminalLimit,
                "The account has 100 test terminals. Delete those that are not needed any more.",
            ));
        }
        match self.office.store.commit(Transaction { changes: vec![Change::insert(&row)] }).await {
            // Made by an earlier request with this key that got no further.
            Ok(()) | Err(CommitError::RecordTaken { .. }) => {}
            Err(error) => return Err(error.into()),
        }
        drop(assignable);
        let key_of_terminal = crate::gateway::TerminalKey { scope: row.scope.clone(), id: row.id.clone() };
        let terminal = match self.directory.find(&key_of_terminal) {
            Some(known) => known,
            None => self.directory.put(row),
        };
        if let Err(fault) = bench.open(terminal.row()).await {
            tracing::error!(terminal = %terminal.key.id, %fault, "a test terminal cannot be run");
            return Err(Refusal::Unavailable { money_may_have_moved: false });
        }
        let begun = Instant::now();
        while !terminal.is_online() && begun.elapsed() < ONLINE {
            sleep(Duration::from_millis(5)).await;
        }
        let held = self.register.hold(&terminal).await;
        let made = held.view();
        let act = Act::new("test_terminal.created", terminal.key.id.as_str()).after(&made);
        held.conclude(who, Some(act), key, Vec::new(), Said::new(200, &made)).await
    }

    async fn unmake(
        &self,
        who: &Principal,
        bench: &Arc<dyn TestBench>,
        terminal: &Arc<Terminal>,
    ) -> Result<Deleted, Refusal> {
        if let Err(fault) = bench.close(terminal.row()).await {
            tracing::error!(terminal = %terminal.key.id, %fault, "a test terminal cannot be ended");
            return Err(Refusal::Unavailable { money_may_have_moved: false });
        }
        let mut held = self.register.hold(terminal).await;
        // Legal wherever a terminal stands.
        let _ = held.happened(Event::Deactivated);
        held.delete();
        let id = terminal.key.id.as_str();
        let deleted = Deleted::new(id, "terminal");
        let act = Act::new("test_terminal.deleted", id);
        held.conclude(who, Some(act), None, Vec::new(), Said::new(200, &deleted)).await?;
        self.directory.remove(terminal);
        Ok(deleted)
    }
}
