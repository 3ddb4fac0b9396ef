//! Terminals on the local network, as a till finds them.

use std::fmt;
use std::future::IntoFuture;
use std::time::Duration;

use futures_util::future::BoxFuture;

use crate::client::Core;
use crate::error::VinrError;
use crate::words::words;

words! {
    /// What a terminal on the local network is doing.
    ReaderStatus {
        /// Ready for a payment.
        Online = "online",
        /// Busy with a payment.
        Busy = "busy",
        /// Locked.
        Locked = "locked",
        /// Not able to take a payment.
        OutOfService = "out_of_service",
    }
}

/// A terminal on the local network.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Reader {
    /// The terminal.
    pub id: String,
    /// Its address.
    pub ip: String,
    /// Its port.
    pub port: u16,
    /// Its hardware model.
    pub model: String,
    /// What it is doing.
    pub status: ReaderStatus,
    /// Whether it has proven who it is. Without a certificate of the till's own nobody can.
    pub verified: bool,
}

/// `terminal.readers`
#[derive(Debug, Clone)]
pub struct Readers {
    pub(crate) core: Core,
}

impl Readers {
    /// The terminals that answer on the local network: at the addresses that were named, or whoever announces itself.
    pub fn discover(&self) -> Discover {
        Discover { core: self.core.clone(), hosts: None, timeout: Duration::from_secs(2) }
    }
}

/// A search that begins when it is awaited.
#[must_use = "a search begins when it is awaited"]
pub struct Discover {
    core: Core,
    hosts: Option<Vec<String>>,
    timeout: Duration,
}

impl Discover {
    /// Addresses to ask (`host` or `host:port`, 8443 unless given), instead of those of the client.
    pub fn static_hosts(mut self, hosts: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.hosts = Some(hosts.into_iter().map(Into::into).collect());
        self
    }

    /// How long to listen; two seconds unless given.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }
}

impl IntoFuture for Discover {
    type Output = Result<Vec<Reader>, VinrError>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move { self.core.nearby().discover(&self.core, self.hosts, self.timeout).await })
    }
}

impl fmt::Debug for Discover {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Discover").field("hosts", &self.hosts).finish_non_exhaustive()
    }
}
