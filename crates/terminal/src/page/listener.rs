//! The accept loop of the page: connections from this machine, within limits. Refuses every other address.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{sleep, timeout};

use super::front::Front;
use super::shelf::Shelf;

/// How long a browser may take for the head of a request; also how long an idle connection is kept.
const HEAD: Duration = Duration::from_secs(30);
/// Connections at the same time; the next ones wait in the system's queue.
const MAX_CONNECTIONS: usize = 128;
/// The longest request head, in bytes; hyper allows no less than 8 KiB.
const MAX_HEAD_BYTES: usize = 16 * 1024;
/// The pause after the system refused a connection, because it will refuse the next one too.
const AFTER_REFUSAL: Duration = Duration::from_millis(100);
/// How long answers may go on after the page was told to end.
const DRAIN: Duration = Duration::from_secs(1);

/// The terminal page.
#[derive(Clone, Copy, Debug)]
pub struct Page;

/// A page that is served. Dropping it ends the page; the terminals run on.
#[derive(Debug)]
pub struct PageHandle {
    address: SocketAddr,
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Page {
    /// Serves the terminals of a shelf. `seed` must be secret and must not be given twice.
    ///
    /// # Errors
    /// When the listener is not on loopback: the page asks nobody for a password.
    pub fn serve(listener: TcpListener, shelf: Shelf, seed: [u8; 32]) -> io::Result<PageHandle> {
        let address = listener.local_addr()?;
        if !address.ip().to_canonical().is_loopback() {
            return Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                "the terminal page is served on this machine's loopback only",
            ));
        }
        let (stop, stopping) = watch::channel(false);
        let front = Arc::new(Front::new(shelf, seed, stopping.clone()));
        let task = tokio::spawn(accept(listener, front, stopping));
        Ok(PageHandle { address, stop, task })
    }
}

impl PageHandle {
    /// Where it is.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}/", self.address)
    }

    /// Ends it.
    pub async fn shutdown(self) {
        self.stop.send_replace(true);
        let _ = self.task.await;
    }
}

/// Resolves when the page is told to end, also when its owner is gone.
pub(super) async fn told(stop: &mut watch::Receiver<bool>) {
    let _ = stop.wait_for(|stops| *stops).await.is_ok();
}

async fn accept(listener: TcpListener, front: Arc<Front>, mut stop: watch::Receiver<bool>) {
    let mut connections: JoinSet<()> = JoinSet::new();
    loop {
        tokio::select! {
            biased;
            () = told(&mut stop) => break,
            _ = connections.join_next(), if !connections.is_empty() => {}
            accepted = listener.accept(), if connections.len() < MAX_CONNECTIONS => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(converse(stream, Arc::clone(&front), stop.clone()));
                }
                Err(error) => {
                    tracing::debug!(%error, "a connection to the page could not be accepted");
                    sleep(AFTER_REFUSAL).await;
                }
            },
        }
    }
    drop(listener);
    let _ = timeout(DRAIN, async { while connections.join_next().await.is_some() {} }).await;
    connections.shutdown().await;
}

async fn converse(stream: TcpStream, front: Arc<Front>, mut stop: watch::Receiver<bool>) {
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request: Request<Incoming>| {
        let front = Arc::clone(&front);
        async move { Ok::<_, Infallible>(front.answer(request).await) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD)
        .max_buf_size(MAX_HEAD_BYTES)
        .keep_alive(true)
        .serve_connection(TokioIo::new(stream), service);
    tokio::pin!(connection);
    let ended = tokio::select! {
        biased;
        ended = &mut connection => ended,
        () = told(&mut stop) => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection to the page ended badly");
    }
}
