//! The floor of what a terminal serves in its shop: axum behind the same TLS, and nothing but an echo of what was sent.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::routing::post;
use rustls::ServerConfig;
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use vinr_domain::Timestamp;
use vinr_pki::{Authority, ServerIdentity, ServerNames, lan_server_config};

use super::{During, Failure, cloud};

/// The echo, running on threads of its own.
pub(super) struct LanFloor {
    pub(super) address: SocketAddr,
    runtime: Option<Runtime>,
}

impl LanFloor {
    pub(super) fn start(authority: &Authority, now: Timestamp) -> Result<Self, Failure> {
        let credential = authority.issue_server(&ServerNames::default(), now).during("a certificate")?;
        let identity = ServerIdentity::new(&credential).during("a certificate")?;
        let tls = lan_server_config(&identity).during("configuring TLS")?;
        let runtime = cloud::runtime("echo")?;
        let guard = runtime.enter();
        let listener = cloud::listen()?;
        let address = listener.local_addr().during("listening on loopback")?;
        let router = Router::new().route("/echo", post(async |body: Bytes| body));
        let doors = Doors { listener, tls };
        tokio::spawn(async move { axum::serve(doors, router).await });
        drop(guard);
        Ok(Self { address, runtime: Some(runtime) })
    }
}

impl Drop for LanFloor {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_timeout(Duration::from_secs(1));
        }
    }
}

/// Lets in whoever proves a key, one after the other.
struct Doors {
    listener: TcpListener,
    tls: Arc<ServerConfig>,
}

impl axum::serve::Listener for Doors {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        loop {
            let Ok((stream, from)) = self.listener.accept().await else { continue };
            let _ = stream.set_nodelay(true);
            if let Ok(stream) = TlsAcceptor::from(Arc::clone(&self.tls)).accept(stream).await {
                return (stream, from);
            }
        }
    }

    fn local_addr(&self) -> io::Result<Self::Addr> {
        self.listener.local_addr()
    }
}
