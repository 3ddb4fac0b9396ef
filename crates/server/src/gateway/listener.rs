//! Accepts terminals: TCP, mutual TLS, WebSocket, then the link. Every handshake runs on its own task and against a
//! deadline, so a peer that stalls delays nobody.

use std::sync::Arc;
use std::time::Duration;

use rustls::ServerConfig;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use vinr_pki::{DenySet, DeviceIdentity, LeafFacts, leaf_facts, peer_identity};

use super::link::Gateway;
use super::websocket::WebSocketPipe;

/// How long a peer may take from TCP to WebSocket.
const HANDSHAKE: Duration = Duration::from_secs(10);

/// How many handshakes may be under way: what bounds memory when ten thousand terminals come back at once.
const HANDSHAKES: usize = 512;

/// Accepts terminals until the task ends.
pub async fn serve(gateway: Gateway, listener: TcpListener, tls: Arc<ServerConfig>) {
    let acceptor = TlsAcceptor::from(tls);
    let handshakes = Arc::new(Semaphore::new(HANDSHAKES));
    loop {
        let Ok(permit) = Arc::clone(&handshakes).acquire_owned().await else { return };
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            Err(error) => {
                // Out of descriptors, most likely: the connection stays in the backlog until one is free.
                tracing::warn!(%error, "a terminal cannot be accepted");
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            }
        };
        let _ = stream.set_nodelay(true);
        let (gateway, acceptor, denied) = (gateway.clone(), acceptor.clone(), Arc::clone(&gateway.denied));
        let tasks = gateway.tasks.clone();
        tasks.spawn(async move {
            // Boxed, so that an idle link does not keep the room that its handshake needed.
            let opened = timeout(HANDSHAKE, Box::pin(open(stream, acceptor, denied))).await;
            drop(permit);
            match opened {
                Ok(Some((identity, leaf, pipe))) => {
                    Box::pin(gateway.serve_link(&identity, Some(leaf), pipe)).await;
                }
                Ok(None) => {}
                Err(_elapsed) => tracing::info!("a terminal's handshake took too long"),
            }
        });
    }
}

async fn open(
    stream: TcpStream,
    acceptor: TlsAcceptor,
    denied: Arc<DenySet>,
) -> Option<(DeviceIdentity, LeafFacts, WebSocketPipe<TlsStream<TcpStream>>)> {
    let stream = match acceptor.accept(stream).await {
        Ok(stream) => stream,
        Err(error) => {
            tracing::info!(%error, "a terminal's TLS handshake failed");
            return None;
        }
    };
    let (identity, leaf) = identity_of(&stream, &denied)?;
    match WebSocketPipe::accept(stream).await {
        Ok(pipe) => Some((identity, leaf, pipe)),
        Err(error) => {
            tracing::info!(terminal = %identity, %error, "a terminal's WebSocket handshake failed");
            None
        }
    }
}

fn identity_of(stream: &TlsStream<TcpStream>, denied: &DenySet) -> Option<(DeviceIdentity, LeafFacts)> {
    let leaf = stream.get_ref().1.peer_certificates()?.first()?;
    let refused = |error: &dyn std::fmt::Display| tracing::warn!(%error, "a device certificate is refused");
    let facts = leaf_facts(leaf).inspect_err(|error| refused(error)).ok()?;
    if denied.denies(&facts) {
        refused(&"revoked");
        return None;
    }
    let identity = peer_identity(leaf).inspect_err(|error| refused(error)).ok()?;
    Some((identity, facts))
}
