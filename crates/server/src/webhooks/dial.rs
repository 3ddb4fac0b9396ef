//! The port behind which endpoints are reached. The network stands there unless somebody puts something else in its
//! place; what is said over the connection is HTTP either way.

use std::fmt;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;

use tokio::io::{AsyncRead, AsyncWrite};
use vinr_wire::rest::webhook::Target;

/// A connection to an endpoint, ready for HTTP/1.1.
pub trait Stream: AsyncRead + AsyncWrite + Send + Unpin + 'static {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin + 'static> Stream for T {}

/// A connection that is being made.
pub type Dialled = Pin<Box<dyn Future<Output = io::Result<Box<dyn Stream>>> + Send>>;

/// Makes connections to endpoints.
pub trait Dial: Send + Sync + 'static {
    /// Connects to whoever has the target's name. Whether the target asks for encryption is no concern of the dialer's:
    /// the connection carries plain HTTP.
    fn dial(&self, target: &Target) -> Dialled;
}

/// Stands in the place of the network.
#[derive(Clone)]
pub struct Dialer(Arc<dyn Dial>);

impl Dialer {
    /// Connections are made by this one.
    #[must_use]
    pub fn new(dial: Arc<dyn Dial>) -> Self {
        Self(dial)
    }

    pub(super) fn dial(&self, target: &Target) -> Dialled {
        self.0.dial(target)
    }
}

impl fmt::Debug for Dialer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<dialer>")
    }
}

impl PartialEq for Dialer {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}
