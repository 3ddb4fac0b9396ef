//! The composition root: builds the server from its ports and settings, adopts what an earlier process left
//! unfinished, and ends it. A test calls it as the binary does.

use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use vinr_domain::TerminalId;
use vinr_domain::payment::{Payment, StateKind};
use vinr_pki::{DenySet, DeviceIdentity};
use vinr_wire::link::FrameIo;

use crate::access::{KeyRing, OperatorKeyRow, OperatorRing};
use crate::acquirer::Acquirer;
use crate::api::{Readiness, Services, Welcome};
use crate::audit::Audit;
use crate::clock::Clock;
use crate::gateway::{Directory, Gateway, GatewaySettings, Hearers, Lanes, TerminalKey, serve_links};
use crate::naming::Names;
use crate::office::Office;
use crate::once::Once;
use crate::payments::{Books, Payments, Recovery, Watchers, scope_of};
use crate::settings::Settings;
use crate::store::{
    AccountRow, Change, CommitError, KeyRow, LocationRow, Retention, Store, StoreError, TerminalRow,
    Transaction,
};
use crate::tasks::{Tasks, TasksOwner};

const DAY_MS: i64 = 24 * 3_600_000;

/// What the server stands on.
#[derive(Clone)]
pub struct Ports {
    /// Where everything is kept.
    pub store: Arc<dyn Store>,
    /// Who moves the money.
    pub acquirer: Arc<dyn Acquirer>,
    /// Where time comes from.
    pub clock: Arc<dyn Clock>,
    /// Where randomness comes from. Never the same twice, except to repeat a simulated world.
    pub seed: u64,
}

/// A running server. Ends when dropped.
pub struct Platform {
    /// The payments.
    pub payments: Payments,
    /// The API keys.
    pub keys: Arc<KeyRing>,
    /// The operators' keys.
    pub operators: Arc<OperatorRing>,
    /// The terminals.
    pub directory: Arc<Directory>,
    /// The names it gives.
    pub names: Arc<Names>,
    /// What its services stand on.
    pub office: Office,
    /// Its settings.
    pub settings: Arc<Settings>,
    /// Its ports.
    pub ports: Ports,
    gateway: Gateway,
    tasks: Tasks,
    owner: TasksOwner,
}

impl Platform {
    /// Starts a server and adopts every unfinished payment.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn start(settings: Settings, ports: Ports) -> Result<Self, StoreError> {
        let settings = Arc::new(settings);
        let (owner, tasks) = Tasks::new();
        let names = Arc::new(Names::new(ports.seed));
        let directory = Arc::new(Directory::default());
        for kept in ports.store.all_across_accounts::<TerminalRow>().await? {
            directory.put(kept.value);
        }
        let keys = Arc::new(KeyRing::default());
        keys.load(
            ports.store.all_across_accounts::<KeyRow>().await?.into_iter().map(|kept| kept.value).collect(),
        );
        let operators = Arc::new(OperatorRing::default());
        let rows = ports.store.all_across_accounts::<OperatorKeyRow>().await?;
        operators.load(rows.into_iter().map(|kept| kept.value).collect());
        let office = Office {
            store: Arc::clone(&ports.store),
            clock: Arc::clone(&ports.clock),
            names: Arc::clone(&names),
            tasks: tasks.clone(),
            settings: Arc::clone(&settings),
            once: Once::new(Arc::clone(&ports.store)),
            audit: Audit::new(Arc::clone(&ports.store), Arc::clone(&ports.clock)),
        };
        let books = Books {
            store: Arc::clone(&ports.store),
            clock: Arc::clone(&ports.clock),
            names: Arc::clone(&names),
            watchers: Watchers::default(),
            terms: settings.terms,
        };
        let acquirer = Arc::clone(&ports.acquirer);
        let recovery =
            Recovery::new(books.clone(), acquirer, Arc::clone(&directory), tasks.clone(), &settings);
        let acquirer = Arc::clone(&ports.acquirer);
        let lanes = Lanes::new(books.clone(), acquirer, recovery.clone(), tasks.clone(), &settings);
        let hearers: Hearers = Arc::new([]);
        let gateway_settings = GatewaySettings { heartbeat_ms: settings.heartbeat_ms };
        let gateway = Gateway::new(
            books.clone(),
            Arc::clone(&directory),
            lanes.clone(),
            tasks.clone(),
            gateway_settings,
            hearers,
        );
        let payments = Payments::new(
            books,
            lanes.clone(),
            Arc::clone(&directory),
            recovery.clone(),
            tasks.clone(),
            Arc::clone(&settings),
        );
        let platform = Self {
            payments,
            keys,
            operators,
            directory,
            names,
            office,
            settings,
            ports,
            gateway,
            tasks,
            owner,
        };
        platform.adopt(&lanes, &recovery).await?;
        platform.tasks.spawn(recovery.run());
        platform.tasks.spawn(purge(Arc::clone(&platform.settings), platform.ports.clone()));
        Ok(platform)
    }

    async fn adopt(&self, lanes: &Lanes, recovery: &Recovery) -> Result<(), StoreError> {
        let unfinished = self.ports.store.list_unfinished_across_accounts().await?;
        if !unfinished.is_empty() {
            tracing::info!(payments = unfinished.len(), "adopting unfinished payments");
        }
        for payment in unfinished {
            match payment.state.kind() {
                StateKind::Pending | StateKind::Cancelling => self.adopt_waiting(lanes, payment),
                StateKind::Authorizing => recovery.adopt(&payment).await,
                // Not when they are due: that is a moment of the clock that an earlier process had.
                StateKind::Uncertain | StateKind::Reversing => recovery.begin(payment),
                StateKind::Authorized
                | StateKind::Completed
                | StateKind::Failed
                | StateKind::Cancelled
                | StateKind::Expired => {}
            }
        }
        Ok(())
    }

    fn adopt_waiting(&self, lanes: &Lanes, payment: Arc<Payment>) {
        let Ok(id) = TerminalId::parse(&payment.terminal) else { return };
        let key = TerminalKey { scope: scope_of(&payment), id };
        if let Some(terminal) = self.directory.find(&key)
            && lanes.adopt(&terminal, payment).is_err()
        {
            tracing::warn!(terminal = %key.id, "too many unfinished payments; recovery ends them");
        }
    }

    /// Registers an account, or changes it.
    ///
    /// # Errors
    /// When the store cannot take it.
    pub async fn put_account(&self, row: AccountRow) -> Result<(), CommitError> {
        self.ports.store.commit(Transaction { changes: vec![Change::put(&row)] }).await
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

    /// Registers a terminal, or changes it.
    ///
    /// # Errors
    /// When the store cannot take it.
    pub async fn put_terminal(&self, row: TerminalRow) -> Result<(), CommitError> {
        let changes = vec![Change::put(&row)];
        self.ports.store.commit(Transaction { changes }).await?;
        self.directory.put(row);
        Ok(())
    }

    /// Serves terminals on the listener until the platform ends.
    pub fn serve_links(&self, listener: TcpListener, tls: Arc<rustls::ServerConfig>, denied: Arc<DenySet>) {
        self.tasks.spawn(serve_links(self.gateway.clone(), listener, tls, denied));
    }

    /// Serves one link of an authenticated terminal over any pipe, until it ends or the platform does.
    pub fn attach<F: FrameIo + 'static>(&self, identity: DeviceIdentity, pipe: F) {
        let gateway = self.gateway.clone();
        self.tasks.spawn(async move { gateway.serve_link(&identity, pipe).await });
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

    /// What the API serves: everything that this server has, without figures and without a word on the start page.
    #[must_use]
    pub fn services(&self) -> Services {
        Services {
            payments: self.payments.clone(),
            keys: Arc::clone(&self.keys),
            operators: Arc::clone(&self.operators),
            clock: Arc::clone(&self.ports.clock),
            names: Arc::clone(&self.names),
            rate_limits: self.settings.rate_limits,
            readiness: self.readiness(),
            metrics: None,
            welcome: Welcome::default(),
        }
    }

    /// Whether requests can be taken: the store answers.
    #[must_use]
    pub fn readiness(&self) -> Readiness {
        let store = Arc::clone(&self.ports.store);
        let clock = Arc::clone(&self.ports.clock);
        Arc::new(move || {
            let (store, now) = (Arc::clone(&store), clock.wall());
            Box::pin(async move {
                let answered = store.list_due_across_accounts(now, 1).await;
                answered.map(|_| ()).map_err(|_error| "the store does not answer")
            })
        })
    }

    /// The tasks that end with the platform.
    #[must_use]
    pub fn tasks(&self) -> &Tasks {
        &self.tasks
    }

    /// Ends every task. What was durable stays; the next start adopts it.
    pub fn end(&self) {
        self.owner.end();
    }
}

/// Deletes what is older than the retention allows, an hour apart, in portions.
async fn purge(settings: Arc<Settings>, ports: Ports) {
    let ms = |days: Option<u32>| days.map(|days| i64::from(days) * DAY_MS);
    let retention = Retention {
        payments_ms: ms(settings.retention.payments_days),
        events_ms: ms(settings.retention.events_days),
        idempotency_ms: ms(settings.retention.idempotency_days),
    };
    loop {
        match ports.store.purge_across_accounts(ports.clock.wall(), &retention, 1_000).await {
            Ok(0) => tokio::time::sleep(Duration::from_secs(3_600)).await,
            Ok(_) => tokio::time::sleep(Duration::from_millis(200)).await,
            Err(error) => {
                tracing::error!(%error, "retention could not be applied; it is tried again");
                tokio::time::sleep(Duration::from_secs(60)).await;
            }
        }
    }
}
