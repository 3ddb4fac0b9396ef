//! The composition root: builds the server from its ports and settings, adopts what an earlier process left
//! unfinished, and ends it. A test calls it as the binary does.

mod applications;
mod cashiers;
mod registers;
mod upkeep;

use std::sync::Arc;

use tokio::net::TcpListener;
use vinr_pki::{Authority, DeviceIdentity, LeafFacts};
use vinr_wire::link::FrameIo;

pub use self::applications::Applications;
use self::cashiers::Cashiers;
use self::registers::Registers;
use crate::access::{KeyRing, OperatorRing};
use crate::accounts::AccountBook;
use crate::acquirer::Acquirer;
use crate::api::{Readiness, Services, Welcome};
use crate::audit::Audit;
use crate::clock::Clock;
use crate::fleet::Register;
use crate::gateway::{Directory, Gateway, GatewaySettings, serve_links};
use crate::naming::Names;
use crate::office::Office;
use crate::once::Once;
use crate::payments::Payments;
use crate::settings::Settings;
use crate::store::{Store, StoreError};
use crate::tasks::{Tasks, TasksOwner};

/// What the server stands on.
#[derive(Clone)]
pub struct Ports {
    /// Where everything is kept.
    pub store: Arc<dyn Store>,
    /// Who moves the money.
    pub acquirer: Arc<dyn Acquirer>,
    /// Who certifies terminals; without one none can be paired.
    pub authority: Option<Arc<Authority>>,
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
    /// The one way to change what is registered of them.
    pub register: Register,
    /// The names it gives.
    pub names: Arc<Names>,
    /// What its services stand on.
    pub office: Office,
    /// Its settings.
    pub settings: Arc<Settings>,
    /// Its ports.
    pub ports: Ports,
    /// The services beside payments.
    pub applications: Box<Applications>,
    gateway: Gateway,
    owner: TasksOwner,
}

impl Platform {
    /// Starts a server and adopts every unfinished payment.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn start(settings: Settings, ports: Ports) -> Result<Self, StoreError> {
        // Boxed, because whoever starts a server keeps room for all of this in a future of its own.
        Box::pin(Self::compose(settings, ports)).await
    }

    async fn compose(settings: Settings, ports: Ports) -> Result<Self, StoreError> {
        let (owner, tasks) = Tasks::new();
        let office = office(settings, &ports, tasks);
        office.book.load(&*ports.store).await?;
        let registers = Registers::load(&office).await?;
        let cashiers = Cashiers::new(&office, &ports, &registers);
        let applications = Applications::start(&office, &ports, &registers, &cashiers).await?;
        let gateway = Gateway::new(
            cashiers.books.clone(),
            Arc::clone(&registers.directory),
            registers.terminals.clone(),
            cashiers.lanes.clone(),
            GatewaySettings { heartbeat_ms: office.settings.heartbeat_ms },
            applications.hearers(),
            Arc::clone(applications.identities.denied()),
        );
        cashiers.adopt(&*ports.store, &registers.directory).await?;
        office.tasks.spawn(cashiers.queue.clone().run(cashiers.hands(&office)));
        office.tasks.spawn(cashiers.recovery.run());
        office.tasks.spawn(upkeep::purge(Arc::clone(&office.settings), ports.clone()));
        Ok(Self {
            payments: cashiers.payments,
            keys: registers.keys,
            operators: registers.operators,
            directory: registers.directory,
            register: registers.terminals,
            names: Arc::clone(&office.names),
            settings: Arc::clone(&office.settings),
            // A platform is handed on by value; this is most of it.
            applications: Box::new(applications),
            office,
            ports,
            gateway,
            owner,
        })
    }

    /// Serves terminals on the listener until the platform ends. `tls` comes from the platform's identities, so that
    /// handshakes and frames are held against the same deny set.
    pub fn serve_links(&self, listener: TcpListener, tls: Arc<rustls::ServerConfig>) {
        self.office.tasks.spawn(serve_links(self.gateway.clone(), listener, tls));
    }

    /// Serves one link of an authenticated terminal over any pipe, until it ends or the platform does.
    pub fn attach<F: FrameIo + 'static>(&self, identity: DeviceIdentity, pipe: F) {
        let gateway = self.gateway.clone();
        self.office.tasks.spawn(async move { gateway.serve_link(&identity, None, pipe).await });
    }

    /// The same for a terminal that was let in with this certificate.
    pub fn attach_certified<F: FrameIo + 'static>(&self, identity: DeviceIdentity, leaf: LeafFacts, pipe: F) {
        let gateway = self.gateway.clone();
        self.office.tasks.spawn(async move { gateway.serve_link(&identity, Some(leaf), pipe).await });
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
            book: Arc::clone(&self.office.book),
            webhooks: self.applications.webhooks.clone(),
            events: self.applications.events.clone(),
            rate_limits: self.settings.rate_limits,
            readiness: self.readiness(),
            applications: (*self.applications).clone(),
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
        &self.office.tasks
    }

    /// Ends every task. What was durable stays; the next start adopts it.
    pub fn end(&self) {
        self.owner.end();
    }
}

fn office(settings: Settings, ports: &Ports, tasks: Tasks) -> Office {
    Office {
        store: Arc::clone(&ports.store),
        clock: Arc::clone(&ports.clock),
        names: Arc::new(Names::new(ports.seed)),
        tasks,
        settings: Arc::new(settings),
        once: Once::new(Arc::clone(&ports.store)),
        audit: Audit::new(Arc::clone(&ports.store), Arc::clone(&ports.clock)),
        book: Arc::new(AccountBook::default()),
    }
}
