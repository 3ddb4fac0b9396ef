//! The accept loop: connections in, within limits, with or without TLS, and their end. Knows no path.
//!
//! A client that stalls costs one slot and never the loop. What begins as plain HTTP where TLS is expected is told so.

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;

use super::counter::Counter;
use super::front;
use super::request::Caller;

/// How long a client may take for the TLS handshake, its first byte included.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// How long a client may take for the head of a request; also how long an idle connection is kept.
const HEAD: Duration = Duration::from_secs(30);
/// The pause after the system refused a connection, because it will refuse the next one too (no more descriptors).
const AFTER_REFUSAL: Duration = Duration::from_millis(100);
/// How long requests may go on after the listener was told to end.
const DRAIN: Duration = Duration::from_secs(2);
/// Connections at the same time; the next ones wait in the system's queue.
const MAX_CONNECTIONS: usize = 256;
/// Connections of one address at the same time; more are dropped.
const MAX_PER_ADDRESS: usize = 64;
/// The longest request head, in bytes; hyper allows no less than 8 KiB.
const MAX_HEAD_BYTES: usize = 16 * 1024;
/// The most header lines.
const MAX_HEADERS: usize = 64;
/// The first byte of a TLS connection: a handshake record (RFC 8446 section 5.1).
const TLS_HANDSHAKE: u8 = 0x16;

/// Serves connections until told to stop.
pub(super) async fn serve(
    listener: TcpListener,
    tls: Option<Arc<rustls::ServerConfig>>,
    counter: Arc<Counter>,
    mut stop: watch::Receiver<bool>,
) {
    let acceptor = tls.map(TlsAcceptor::from);
    let mut connections: JoinSet<IpAddr> = JoinSet::new();
    let mut by_address: HashMap<IpAddr, usize> = HashMap::new();
    loop {
        tokio::select! {
            biased;
            () = told(&mut stop) => break,
            Some(ended) = connections.join_next(), if !connections.is_empty() => match ended {
                Ok(address) => leave(&mut by_address, address),
                // A connection that panicked does not say whose it was: count anew when nobody is left.
                Err(_) if connections.is_empty() => by_address.clear(),
                Err(_) => {}
            },
            accepted = listener.accept(), if connections.len() < MAX_CONNECTIONS => match accepted {
                Ok((stream, from)) => {
                    let peer = from.ip().to_canonical();
                    let open = by_address.entry(peer).or_default();
                    if *open >= MAX_PER_ADDRESS {
                        tracing::debug!(%peer, "an address has as many connections as it may have");
                        continue;
                    }
                    *open += 1;
                    let connection = Connection {
                        peer,
                        acceptor: acceptor.clone(),
                        counter: Arc::clone(&counter),
                        stop: stop.clone(),
                    };
                    connections.spawn(async move {
                        connection.run(stream).await;
                        peer
                    });
                }
                Err(error) if is_about_one_connection(&error) => {}
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    sleep(AFTER_REFUSAL).await;
                }
            },
        }
    }
    drop(listener);
    let _ = timeout(DRAIN, async { while connections.join_next().await.is_some() {} }).await;
    connections.shutdown().await;
}

fn leave(by_address: &mut HashMap<IpAddr, usize>, address: IpAddr) {
    if let Some(open) = by_address.get_mut(&address) {
        *open = open.saturating_sub(1);
        if *open == 0 {
            by_address.remove(&address);
        }
    }
}

/// Whether the connection went away by itself before it was accepted.
fn is_about_one_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionRefused | io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset
    )
}

/// Resolves when the listener is told to end, also when its owner is gone.
pub(super) async fn told(stop: &mut watch::Receiver<bool>) {
    let _ = stop.wait_for(|stops| *stops).await.is_ok();
}

struct Connection {
    peer: IpAddr,
    acceptor: Option<TlsAcceptor>,
    counter: Arc<Counter>,
    stop: watch::Receiver<bool>,
}

impl Connection {
    async fn run(self, stream: TcpStream) {
        // Answers are small and somebody waits for each.
        let _ = stream.set_nodelay(true);
        let Ok(local) = stream.local_addr() else { return };
        let Some(acceptor) = self.acceptor.clone() else {
            return self.serve(stream, local, false, None).await;
        };
        match timeout(HANDSHAKE, greet(stream, &acceptor)).await {
            Ok(Some(stream)) => {
                let certificate = stream.get_ref().1.peer_certificates().and_then(<[_]>::first);
                let certificate = certificate.map(|der| Arc::from(der.as_ref()));
                self.serve(stream, local, true, certificate).await;
            }
            Ok(None) => {}
            Err(_) => tracing::debug!(peer = %self.peer, "the TLS handshake took too long"),
        }
    }

    async fn serve(
        mut self,
        stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
        local: SocketAddr,
        tls: bool,
        certificate: Option<Arc<[u8]>>,
    ) {
        let local = SocketAddr::new(local.ip().to_canonical(), local.port());
        let caller = Caller { peer: self.peer, local, tls, certificate: certificate.clone() };
        let counter = Arc::clone(&self.counter);
        let service = service_fn(move |request: Request<Incoming>| {
            front::answer(Arc::clone(&counter), caller.clone(), request)
        });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEAD)
            .max_buf_size(MAX_HEAD_BYTES)
            .max_headers(MAX_HEADERS)
            .keep_alive(true)
            .serve_connection(TokioIo::new(stream), service);
        tokio::pin!(connection);
        let ended = tokio::select! {
            biased;
            ended = &mut connection => ended,
            () = told(&mut self.stop) => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
            // Whoever loses the right to be here loses the connection too; no payment changes by that.
            () = self.counter.guard.turned_away(certificate.as_deref()) => {
                tracing::info!(peer = %self.peer, "a connection is cut because its certificate counts no longer");
                return;
            }
        };
        if let Err(error) = ended {
            tracing::debug!(peer = %self.peer, %error, "a connection ended badly");
        }
    }
}

/// The TLS handshake; `None` when there is none to be had.
async fn greet(
    mut stream: TcpStream,
    acceptor: &TlsAcceptor,
) -> Option<tokio_rustls::server::TlsStream<TcpStream>> {
    let mut first = [0];
    match stream.peek(&mut first).await {
        Ok(1) if first[0] == TLS_HANDSHAKE => {}
        Ok(1) if first[0].is_ascii_uppercase() => {
            refuse_plain(&mut stream).await;
            return None;
        }
        Ok(_) | Err(_) => return None,
    }
    match acceptor.accept(stream).await {
        Ok(stream) => Some(stream),
        Err(error) => {
            tracing::debug!(%error, "the TLS handshake failed");
            None
        }
    }
}

/// Tells a client that speaks HTTP without TLS what to do, in the words of the API that it asks for.
async fn refuse_plain(stream: &mut TcpStream) {
    let mut head = Vec::with_capacity(1024);
    let mut piece = [0; 1024];
    while head.len() < MAX_HEAD_BYTES && !head.windows(4).any(|end| end == b"\r\n\r\n") {
        match stream.read(&mut piece).await {
            Ok(read @ 1..) => head.extend_from_slice(&piece[..read]),
            Ok(0) | Err(_) => break,
        }
    }
    let path = head.split(|byte| *byte == b' ').nth(1).unwrap_or_default();
    let body = front::plain_refused(path.starts_with(b"/cashless/"));
    let answer = format!(
        "HTTP/1.1 400 Bad Request\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\
         connection: close\r\n\r\n{body}",
        body.len()
    );
    let _ = stream.write_all(answer.as_bytes()).await;
    let _ = stream.shutdown().await;
}
