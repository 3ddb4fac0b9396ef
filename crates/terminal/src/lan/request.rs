//! A request taken apart: who sent it, what it asks, its body within its bounds. Judges nobody.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use hyper::header;
use hyper::http::request::Parts;
use hyper::{HeaderMap, Method, Uri};
use vinr_domain::RequestId;
use vinr_wire::rest::body::MAX_BODY_BYTES;

/// How long a body may take to arrive.
const BODY_TIMEOUT: Duration = Duration::from_secs(30);
/// How much of a body that is too large is read and thrown away, so that the client is there to read the answer.
const DISCARDED_BYTES: usize = 1024 * 1024;

/// What is known of a connection.
#[derive(Clone, Debug)]
pub(super) struct Caller {
    /// Where it comes from.
    pub(super) peer: IpAddr,
    /// Where it arrived.
    pub(super) local: SocketAddr,
    /// Whether it is encrypted.
    pub(super) tls: bool,
    /// The client's certificate, DER, whose key it has shown to hold.
    pub(super) certificate: Option<Arc<[u8]>>,
}

/// A request whose body has not been read.
pub(super) struct Ask {
    pub(super) id: RequestId,
    pub(super) caller: Caller,
    parts: Parts,
    body: Incoming,
}

/// Why there is no body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BodyFault {
    TooLarge,
    TimedOut,
    Broken,
}

impl Ask {
    pub(super) fn new(id: RequestId, caller: Caller, request: hyper::Request<Incoming>) -> Self {
        let (parts, body) = request.into_parts();
        Self { id, caller, parts, body }
    }

    pub(super) fn method(&self) -> &Method {
        &self.parts.method
    }

    pub(super) fn uri(&self) -> &Uri {
        &self.parts.uri
    }

    pub(super) fn path(&self) -> &str {
        self.parts.uri.path()
    }

    pub(super) fn query(&self) -> &str {
        self.parts.uri.query().unwrap_or("")
    }

    pub(super) fn headers(&self) -> &HeaderMap {
        &self.parts.headers
    }

    /// A header's text; empty when it is not text.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.parts.headers.get(name).map(|value| value.to_str().unwrap_or(""))
    }

    pub(super) fn content_type(&self) -> Option<&str> {
        self.header(header::CONTENT_TYPE.as_str())
    }

    /// Reads the body, up to its limit, in its time.
    pub(super) async fn body(&mut self) -> Result<Bytes, BodyFault> {
        let announced = self.header(header::CONTENT_LENGTH.as_str()).and_then(|text| text.parse().ok());
        if announced.is_some_and(|bytes: u64| bytes > DISCARDED_BYTES as u64) {
            return Err(BodyFault::TooLarge);
        }
        match tokio::time::timeout(BODY_TIMEOUT, collect(&mut self.body)).await {
            Ok(read) => read,
            Err(_) => Err(BodyFault::TimedOut),
        }
    }
}

async fn collect(body: &mut Incoming) -> Result<Bytes, BodyFault> {
    let mut read = BytesMut::new();
    let mut total = 0_usize;
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(|_| BodyFault::Broken)?.into_data() else { continue };
        total += data.len();
        if total > DISCARDED_BYTES {
            return Err(BodyFault::TooLarge);
        }
        if total <= MAX_BODY_BYTES {
            read.extend_from_slice(&data);
        }
    }
    if total > MAX_BODY_BYTES { Err(BodyFault::TooLarge) } else { Ok(read.freeze()) }
}
