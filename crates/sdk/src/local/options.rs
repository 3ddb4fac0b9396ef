//! How a client reaches terminals on the local network: what a program says about it.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use crate::hybrid::Delegations;
use crate::secret::Secret;

/// A listener that is told of a terminal that could not be spoken to: the layer, and what the system said.
pub(crate) type Told = Arc<dyn Fn(&str, &str) + Send + Sync>;

/// How the client reaches terminals on the local network.
#[derive(Clone, Default)]
pub struct TerminalOptions {
    pub(crate) cert_path: Option<PathBuf>,
    pub(crate) cert_passphrase: Secret,
    pub(crate) ca_path: Option<PathBuf>,
    pub(crate) static_hosts: Option<Vec<String>>,
    pub(crate) simulator: bool,
    pub(crate) offline: bool,
    pub(crate) simulator_path: Option<PathBuf>,
    pub(crate) state_dir: Option<PathBuf>,
    pub(crate) delegations: Option<Arc<dyn Delegations>>,
    pub(crate) told: Option<Told>,
}

impl TerminalOptions {
    /// Says nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The `.p12` bundle of the till's certificate, and what opens it.
    #[must_use]
    pub fn local_cert(mut self, path: impl Into<PathBuf>, passphrase: impl Into<Secret>) -> Self {
        self.cert_path = Some(path.into());
        self.cert_passphrase = passphrase.into();
        self
    }

    /// The root that terminals are known by, PEM; fetched from the platform unless given.
    #[must_use]
    pub fn local_ca(mut self, path: impl Into<PathBuf>) -> Self {
        self.ca_path = Some(path.into());
        self
    }

    /// Addresses of terminals (`host` or `host:port`, 8443 unless given), for networks without multicast.
    #[must_use]
    pub fn static_hosts(mut self, hosts: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.static_hosts = Some(hosts.into_iter().map(Into::into).collect());
        self
    }

    /// Runs a simulated terminal on this machine. With a test key only.
    #[must_use]
    pub fn local_simulator(mut self) -> Self {
        self.simulator = true;
        self
    }

    /// Takes the simulated terminal's internet away: payments are approved offline and wait.
    #[must_use]
    pub fn simulate_offline(mut self) -> Self {
        self.simulator = true;
        self.offline = true;
        self
    }

    /// The program that simulates; looked for unless given.
    #[must_use]
    pub fn simulator_path(mut self, path: impl Into<PathBuf>) -> Self {
        self.simulator_path = Some(path.into());
        self
    }

    /// Where hybrid mode writes down which way a payment went; `$XDG_STATE_HOME/vinr` or `~/.local/state/vinr` unless given.
    #[must_use]
    pub fn state_dir(mut self, path: impl Into<PathBuf>) -> Self {
        self.state_dir = Some(path.into());
        self
    }

    /// Keeps what hybrid mode writes down somewhere else than in files.
    #[must_use]
    pub fn delegations(mut self, delegations: Arc<dyn Delegations>) -> Self {
        self.delegations = Some(delegations);
        self
    }

    /// Is told when hybrid mode went through the cloud because a terminal could not be spoken to: the layer, and why.
    #[must_use]
    pub fn on_local_failure(mut self, told: impl Fn(&str, &str) + Send + Sync + 'static) -> Self {
        self.told = Some(Arc::new(told));
        self
    }
}

impl fmt::Debug for TerminalOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TerminalOptions")
            .field("cert_path", &self.cert_path)
            .field("static_hosts", &self.static_hosts)
            .field("simulator", &self.simulator)
            .finish_non_exhaustive()
    }
}
