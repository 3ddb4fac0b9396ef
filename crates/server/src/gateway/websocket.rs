//! Carries link frames over a WebSocket. Small buffers: ten thousand of these are idle at any time. Knows nothing of
//! what the frames say.

use std::io;

use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::server::{ErrorResponse, Request, Response};
use tokio_tungstenite::tungstenite::http::{HeaderValue, StatusCode, header};
use tokio_tungstenite::tungstenite::protocol::{Message, WebSocketConfig};
use tokio_tungstenite::tungstenite::{self};
use vinr_wire::link::{self, FrameIo, MAX_FRAME_BYTES};

/// What is read from the socket at once. Frames are a few hundred bytes; the default of 128 KiB would be the largest
/// part of an idle terminal's cost.
const READ_BUFFER: usize = 1024;

/// A WebSocket that carries one frame per binary message.
///
/// The socket is boxed: it is moved through several futures, and each of them would keep room for it.
pub(super) struct WebSocketPipe<S> {
    socket: Box<WebSocketStream<S>>,
}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> WebSocketPipe<S> {
    /// Answers the opening handshake of a terminal.
    ///
    /// # Errors
    /// When the peer does not speak this WebSocket subprotocol on this path.
    pub(super) async fn accept(stream: S) -> Result<Self, tungstenite::Error> {
        let config = WebSocketConfig::default()
            .read_buffer_size(READ_BUFFER)
            .write_buffer_size(0)
            .max_write_buffer_size(4 * MAX_FRAME_BYTES)
            .max_message_size(Some(MAX_FRAME_BYTES))
            .max_frame_size(Some(MAX_FRAME_BYTES));
        #[expect(clippy::result_large_err, reason = "the type is the library's")]
        let callback = |request: &Request, response: Response| check(request, response);
        let socket = tokio_tungstenite::accept_hdr_async_with_config(stream, callback, Some(config)).await?;
        Ok(Self { socket: Box::new(socket) })
    }
}

#[expect(clippy::result_large_err, reason = "the type is the library's")]
fn check(request: &Request, mut response: Response) -> Result<Response, ErrorResponse> {
    let refuse = |status: StatusCode, text: &str| {
        let mut refusal = ErrorResponse::new(Some(text.to_owned()));
        *refusal.status_mut() = status;
        Err(refusal)
    };
    if request.uri().path() != link::DEFAULT_PATH {
        return refuse(StatusCode::NOT_FOUND, "the device link is at /v1/link");
    }
    let offered = request.headers().get(header::SEC_WEBSOCKET_PROTOCOL).and_then(|v| v.to_str().ok());
    let speaks = offered.is_some_and(|all| all.split(',').any(|one| one.trim() == link::subprotocol()));
    if !speaks {
        return refuse(StatusCode::BAD_REQUEST, "the subprotocol vinr.link.v1 must be offered");
    }
    let protocol = HeaderValue::from_static(link::subprotocol());
    response.headers_mut().insert(header::SEC_WEBSOCKET_PROTOCOL, protocol);
    Ok(response)
}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> FrameIo for WebSocketPipe<S> {
    async fn send(&mut self, frame: Bytes) -> io::Result<()> {
        self.socket.send(Message::Binary(frame)).await.map_err(io::Error::other)
    }

    async fn recv(&mut self) -> io::Result<Option<Bytes>> {
        loop {
            match self.socket.next().await {
                Some(Ok(Message::Binary(frame))) => return Ok(Some(frame)),
                Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => {}
                Some(Ok(Message::Close(_))) | None => return Ok(None),
                Some(Ok(Message::Text(_))) => {
                    return Err(io::Error::new(io::ErrorKind::InvalidData, "frames are binary"));
                }
                Some(Err(tungstenite::Error::ConnectionClosed)) => return Ok(None),
                Some(Err(error)) => return Err(io::Error::other(error)),
            }
        }
    }
}
