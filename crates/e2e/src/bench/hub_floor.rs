//! The floor of everything about links: mutual TLS, one task per connection, and a byte that is sent back. No
//! WebSocket, no session, no registry.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{NoServerSessionStorage, WebPkiClientVerifier};
use rustls::version::TLS13;
use rustls::{RootCertStore, ServerConfig};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::runtime::Runtime;
use tokio::sync::mpsc;
use tokio_rustls::TlsAcceptor;
use vinr_domain::Timestamp;
use vinr_pki::{Authority, ServerNames};

use super::arrivals::machine_ns;
use super::{During, Failure, cloud, fleet};

/// What is read at once.
const READ: usize = 64;
/// How long a pushed message is; it begins with the moment.
pub(super) const PUSHED: usize = 64;

type Connections = Arc<Mutex<Vec<mpsc::Sender<u64>>>>;

/// The hub, running on threads of its own.
pub(super) struct HubFloor {
    pub(super) address: SocketAddr,
    open: Arc<AtomicUsize>,
    connections: Connections,
    runtime: Option<Runtime>,
}

impl HubFloor {
    /// Starts a hub that lets in what the authority certifies as a device.
    pub(super) fn start(authority: &Authority, now: Timestamp) -> Result<Self, Failure> {
        let tls = TlsAcceptor::from(config(authority, now)?);
        let runtime = cloud::runtime("hub")?;
        let guard = runtime.enter();
        let listener = cloud::listen()?;
        let address = listener.local_addr().during("listening on loopback")?;
        let open = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&open);
        let connections = Connections::default();
        let registry = Arc::clone(&connections);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let _ = stream.set_nodelay(true);
                tokio::spawn(serve(stream, tls.clone(), Arc::clone(&counter), Arc::clone(&registry)));
            }
        });
        drop(guard);
        Ok(Self { address, open, connections, runtime: Some(runtime) })
    }

    /// Writes the moment to one connection after the other; says whether it could.
    pub(super) fn pushing(&self) -> impl FnMut(u64) -> bool + use<> {
        let mut all = self.connections.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|connection| !connection.is_closed());
        let all = all.clone();
        move |turn| {
            let number = turn as usize * 7_919 % all.len().max(1);
            all.get(number).is_some_and(|connection| connection.try_send(machine_ns()).is_ok())
        }
    }

    /// How many connections are open.
    pub(super) fn online(&self) -> usize {
        self.open.load(Ordering::Relaxed)
    }
}

impl Drop for HubFloor {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_timeout(Duration::from_secs(1));
        }
    }
}

async fn serve(stream: TcpStream, tls: TlsAcceptor, open: Arc<AtomicUsize>, connections: Connections) {
    // Boxed, so that an idle connection does not keep the room that its handshake took.
    let Ok(mut stream) = Box::pin(tls.accept(stream)).await else { return };
    open.fetch_add(1, Ordering::Relaxed);
    let (sender, mut pushes) = mpsc::channel(16);
    connections.lock().unwrap_or_else(PoisonError::into_inner).push(sender);
    let mut bytes = [0; READ];
    loop {
        let written = tokio::select! {
            biased;
            Some(moment) = pushes.recv() => {
                let mut pushed = [0; PUSHED];
                pushed[..8].copy_from_slice(&u64::to_be_bytes(moment));
                stream.write_all(&pushed).await
            }
            read = stream.read(&mut bytes) => match read {
                Ok(read @ 1..) => stream.write_all(&bytes[..read]).await,
                Ok(0) | Err(_) => break,
            },
        };
        if written.is_err() {
            break;
        }
    }
    open.fetch_sub(1, Ordering::Relaxed);
}

/// The same cryptography as the gateway's, and as little else: no tickets, no resumption.
fn config(authority: &Authority, now: Timestamp) -> Result<Arc<ServerConfig>, Failure> {
    let mut provider = aws_lc_rs::default_provider();
    provider.kx_groups = vec![aws_lc_rs::kx_group::X25519, aws_lc_rs::kx_group::SECP256R1];
    let provider = Arc::new(provider);
    let mut anchors = RootCertStore::empty();
    let chain = fleet::issue(authority, 0, now)?.1;
    for certificate in certificates(&chain)?.into_iter().skip(1) {
        anchors.add(certificate).during("trusting the devices authority")?;
    }
    let verifier =
        WebPkiClientVerifier::builder_with_provider(Arc::new(anchors), Arc::clone(&provider)).build();
    let credential = authority.issue_server(&ServerNames::default(), now).during("issuing a certificate")?;
    let key = PrivateKeyDer::from_pem_slice(credential.key_pem().as_bytes()).during("reading a key")?;
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&TLS13])
        .during("configuring TLS")?
        .with_client_cert_verifier(verifier.during("configuring TLS")?)
        .with_single_cert(certificates(credential.chain_pem())?, key)
        .during("configuring TLS")?;
    config.session_storage = Arc::new(NoServerSessionStorage {});
    config.send_tls13_tickets = 0;
    Ok(Arc::new(config))
}

fn certificates(pem: &str) -> Result<Vec<CertificateDer<'static>>, Failure> {
    CertificateDer::pem_slice_iter(pem.as_bytes()).collect::<Result<_, _>>().during("reading certificates")
}
