//! Connections to endpoints: a name is looked up once, every address it stands for is checked, and the checked address
//! is the one that is connected to. No proxy, no redirect, nothing in between.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};
use std::time::Duration;

use hyper_util::client::legacy::connect::{Connected, Connection};
use hyper_util::rt::TokioIo;
use rustls::pki_types::{CertificateDer, IpAddr as PkiAddress, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use vinr_wire::rest::webhook::{Host, Policy, Target};

use super::dial::{Dialer, Stream};

/// How long a connection may take to be made, name, TCP and TLS together.
const CONNECT: Duration = Duration::from_secs(4);

/// Trusts the authorities that the machine trusts, and those of the operator.
fn trust(extra_roots: &[Vec<u8>]) -> Arc<ClientConfig> {
    let mut roots = RootCertStore::empty();
    let native = rustls_native_certs::load_native_certs();
    for error in &native.errors {
        tracing::warn!(%error, "some authorities that the machine trusts could not be read");
    }
    roots.add_parsable_certificates(native.certs);
    let extra = extra_roots.iter().map(|der| CertificateDer::from(der.clone()));
    let (_, refused) = roots.add_parsable_certificates(extra);
    if refused > 0 {
        tracing::warn!(refused, "certificates of authorities for webhooks could not be read");
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("the provider knows the protocol versions that are safe")
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Arc::new(config)
}

/// Whom encrypted connections trust. Reading what the machine trusts takes long, and is done when it is asked for first.
#[derive(Clone)]
pub(super) struct Trust {
    extra_roots: Arc<[Vec<u8>]>,
    config: Arc<OnceLock<Arc<ClientConfig>>>,
}

impl Trust {
    /// The authorities that the machine trusts, and these.
    pub(super) fn with(extra_roots: &[Vec<u8>]) -> Self {
        Self { extra_roots: extra_roots.into(), config: Arc::default() }
    }

    fn config(&self) -> Arc<ClientConfig> {
        Arc::clone(self.config.get_or_init(|| trust(&self.extra_roots)))
    }
}

/// Connects to one endpoint, whatever it is asked for.
#[derive(Clone)]
pub(super) struct Connector {
    pub(super) target: Arc<Target>,
    pub(super) policy: Policy,
    pub(super) trust: Trust,
    /// In the place of the network.
    pub(super) dialer: Option<Dialer>,
}

impl Connector {
    async fn connect(self) -> io::Result<TokioIo<Pipe>> {
        let timed_out = |_| io::Error::new(io::ErrorKind::TimedOut, "no connection in time");
        tokio::time::timeout(CONNECT, self.connect_slowly()).await.map_err(timed_out)?.map(TokioIo::new)
    }

    async fn connect_slowly(&self) -> io::Result<Pipe> {
        if let Some(dialer) = &self.dialer {
            return Ok(Pipe::Dialled(dialer.dial(&self.target).await?));
        }
        let stream = TcpStream::connect(self.resolve().await?).await?;
        stream.set_nodelay(true)?;
        if !self.target.tls {
            return Ok(Pipe::Plain(stream));
        }
        let name = match &self.target.host {
            Host::Name(name) => ServerName::try_from(name.clone()).map_err(io::Error::other)?,
            Host::Address(address) => ServerName::IpAddress(PkiAddress::from(*address)),
        };
        let stream = TlsConnector::from(self.trust.config()).connect(name, stream).await?;
        Ok(Pipe::Tls(Box::new(stream)))
    }

    async fn resolve(&self) -> io::Result<SocketAddr> {
        let addresses: Vec<SocketAddr> = match &self.target.host {
            Host::Address(address) => vec![SocketAddr::new(*address, self.target.port)],
            Host::Name(name) => tokio::net::lookup_host((name.as_str(), self.target.port)).await?.collect(),
        };
        let refused = || io::Error::new(io::ErrorKind::PermissionDenied, "the address is not public");
        self.policy.choose(&addresses).ok_or_else(refused)
    }
}

impl tower::Service<http::Uri> for Connector {
    type Response = TokioIo<Pipe>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<TokioIo<Pipe>>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: http::Uri) -> Self::Future {
        Box::pin(self.clone().connect())
    }
}

/// A connection, encrypted or not, or somebody's in the place of the network.
pub(super) enum Pipe {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
    Dialled(Box<dyn Stream>),
}

impl Connection for Pipe {
    fn connected(&self) -> Connected {
        Connected::new()
    }
}

impl AsyncRead for Pipe {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_read(cx, buf),
            Self::Tls(stream) => Pin::new(stream).poll_read(cx, buf),
            Self::Dialled(stream) => Pin::new(stream).poll_read(cx, buf),
        }
    }
}

impl AsyncWrite for Pipe {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_write(cx, bytes),
            Self::Tls(stream) => Pin::new(stream).poll_write(cx, bytes),
            Self::Dialled(stream) => Pin::new(stream).poll_write(cx, bytes),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_flush(cx),
            Self::Tls(stream) => Pin::new(stream).poll_flush(cx),
            Self::Dialled(stream) => Pin::new(stream).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_shutdown(cx),
            Self::Tls(stream) => Pin::new(stream).poll_shutdown(cx),
            Self::Dialled(stream) => Pin::new(stream).poll_shutdown(cx),
        }
    }
}
