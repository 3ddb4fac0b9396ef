//! How the terminal reaches the cloud: the port, and WebSocket over mutual TLS for real devices (architecture 6).
//! Decides neither when to connect nor what to say.

use std::future::Future;
use std::io;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::{SinkExt as _, StreamExt as _};
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::http::header::{HeaderValue, SEC_WEBSOCKET_PROTOCOL};
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Error, Message};
use vinr_wire::link::{DEFAULT_PATH, FrameIo, MAX_FRAME_BYTES, subprotocol};

/// Messages of this link are a few hundred bytes; the default of 128 KiB each way would be most of the memory of a
/// small device, and of a machine that runs thousands of simulated ones.
const BUFFER_BYTES: usize = 4096;

/// Makes connections to the cloud.
pub trait Connector: Send {
    /// What a connection is.
    type Io: FrameIo;

    /// Makes one connection. Dropping the future gives up.
    ///
    /// # Errors
    /// Whatever kept it from being made; the caller tries again after a pause.
    fn connect(&mut self) -> impl Future<Output = io::Result<Self::Io>> + Send;

    /// Says goodbye on a connection that is still good. Best effort: a connection that is dropped ends as well.
    fn close(&mut self, io: Self::Io) -> impl Future<Output = ()> + Send {
        drop(io);
        std::future::ready(())
    }
}

/// Where the cloud is, and who the device is.
#[derive(Clone)]
pub struct WssConnector {
    address: String,
    host: String,
    server_name: ServerName<'static>,
    /// Follows the renewals of the device's certificate.
    tls: watch::Receiver<Arc<ClientConfig>>,
}

impl WssConnector {
    /// Prepares connections to `address` (`host:port`), whose certificate must be for `server_name`.
    ///
    /// # Errors
    /// [`io::ErrorKind::InvalidInput`] when `server_name` is neither a DNS name nor an IP address.
    pub fn new(address: &str, server_name: &str, tls: Arc<ClientConfig>) -> io::Result<Self> {
        Self::following(address, server_name, watch::channel(tls).1)
    }

    /// The same with a TLS configuration that is replaced when the device's certificate is renewed: every connection
    /// uses the one of the moment.
    ///
    /// # Errors
    /// [`io::ErrorKind::InvalidInput`] when `server_name` is neither a DNS name nor an IP address.
    pub fn following(
        address: &str,
        server_name: &str,
        tls: watch::Receiver<Arc<ClientConfig>>,
    ) -> io::Result<Self> {
        let name = ServerName::try_from(server_name.to_owned()).map_err(|error| {
            io::Error::new(io::ErrorKind::InvalidInput, format!("{server_name}: {error}"))
        })?;
        Ok(Self { address: address.to_owned(), host: server_name.to_owned(), server_name: name, tls })
    }
}

impl Connector for WssConnector {
    type Io = WssFrames;

    async fn connect(&mut self) -> io::Result<WssFrames> {
        let tcp = TcpStream::connect(&self.address).await?;
        // A frame is a whole thought; waiting for more to fill a segment only makes the customer wait.
        tcp.set_nodelay(true)?;
        let config = Arc::clone(&self.tls.borrow());
        let tls = TlsConnector::from(config).connect(self.server_name.clone(), tcp).await?;
        let host = if self.host.contains(':') { format!("[{}]", self.host) } else { self.host.clone() };
        let mut request = format!("wss://{host}{DEFAULT_PATH}").into_client_request().map_err(io_error)?;
        request.headers_mut().insert(SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(subprotocol()));
        let config = WebSocketConfig::default()
            .read_buffer_size(BUFFER_BYTES)
            .write_buffer_size(0)
            .max_write_buffer_size(2 * MAX_FRAME_BYTES)
            .max_message_size(Some(MAX_FRAME_BYTES))
            .max_frame_size(Some(MAX_FRAME_BYTES));
        let handshake = tokio_tungstenite::client_async_with_config(request, tls, Some(config));
        let (stream, _response) = Box::pin(handshake).await.map_err(io_error)?;
        Ok(WssFrames { stream })
    }

    async fn close(&mut self, mut io: WssFrames) {
        // The close frame is a courtesy; the cloud notices a lost connection by itself.
        let _ = io.stream.close(None).await;
    }
}

/// A WebSocket that carries one frame per binary message.
#[derive(Debug)]
pub struct WssFrames {
    stream: WebSocketStream<TlsStream<TcpStream>>,
}

impl FrameIo for WssFrames {
    async fn send(&mut self, frame: Bytes) -> io::Result<()> {
        self.stream.send(Message::Binary(frame)).await.map_err(io_error)
    }

    async fn recv(&mut self) -> io::Result<Option<Bytes>> {
        // `next` keeps a half-read message inside the stream, so that dropping this future loses nothing.
        loop {
            match self.stream.next().await {
                None | Some(Ok(Message::Close(_))) => return Ok(None),
                Some(Ok(Message::Binary(frame))) => return Ok(Some(frame)),
                // The library answers pings by itself.
                Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => {}
                Some(Ok(Message::Text(_))) => {
                    return Err(io::Error::new(io::ErrorKind::InvalidData, "the cloud sent text"));
                }
                Some(Err(Error::ConnectionClosed)) => return Ok(None),
                Some(Err(error)) => return Err(io_error(error)),
            }
        }
    }
}

fn io_error(error: Error) -> io::Error {
    match error {
        Error::Io(error) => error,
        other => io::Error::other(other),
    }
}
