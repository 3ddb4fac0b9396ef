//! A plain HTTP client to one place, over the same connections that webhooks take: for the tools that listen to events
//! and forward them. Follows no redirect and keeps no cookie.

use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, Request};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use vinr_wire::rest::webhook::{Policy, Target, TargetError};

use super::connector::{Connector, Trust};

/// How much of an answer is read as a whole.
const MAX_BYTES: usize = 4 * 1024 * 1024;

/// A client to one place.
#[derive(Clone)]
pub struct Line {
    client: Client<Connector, Full<Bytes>>,
    target: Arc<Target>,
}

/// What came back; the body comes in pieces.
pub struct Heard {
    /// HTTP status.
    pub status: u16,
    body: Incoming,
}

/// Why nothing came back.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{0}")]
pub struct Unheard(String);

impl Line {
    /// To the URL, wherever it is. `extra_roots`: authorities that are trusted beside those of the machine, DER.
    ///
    /// # Errors
    /// [`TargetError`] when that is not a URL.
    pub fn to(url: &str, extra_roots: &[Vec<u8>]) -> Result<Self, TargetError> {
        let policy = Policy { plain_http: true, private_addresses: true };
        let target = Arc::new(Target::parse(url, policy)?);
        let trust = Trust::with(extra_roots);
        let connector = Connector { target: Arc::clone(&target), policy, trust, dialer: None };
        Ok(Self { client: Client::builder(TokioExecutor::new()).build(connector), target })
    }

    /// Sends a request. `path` is appended to the URL's.
    ///
    /// # Errors
    /// [`Unheard`], in words for people.
    pub async fn send(
        &self,
        method: &'static str,
        path: &str,
        headers: &[(&'static str, String)],
        body: Vec<u8>,
    ) -> Result<Heard, Unheard> {
        let base = if path.is_empty() { &*self.target.path } else { self.target.path.trim_end_matches('/') };
        let url = format!("http://{}{base}{path}", self.target.authority());
        let mut request =
            Request::builder().method(Method::from_bytes(method.as_bytes()).unwrap_or(Method::GET)).uri(url);
        for (name, value) in headers {
            let value =
                HeaderValue::try_from(value).map_err(|_| Unheard(format!("{name} cannot be sent")))?;
            request = request.header(HeaderName::from_static(name), value);
        }
        let request = request.body(Full::new(body.into())).map_err(|error| Unheard(error.to_string()))?;
        let response = self.client.request(request).await.map_err(|error| {
            let mut innermost: &dyn std::error::Error = &error;
            while let Some(source) = innermost.source() {
                innermost = source;
            }
            Unheard(innermost.to_string())
        })?;
        Ok(Heard { status: response.status().as_u16(), body: response.into_body() })
    }
}

impl Heard {
    /// The next piece of the body; `None` at its end, however it ends.
    pub async fn next(&mut self) -> Option<Bytes> {
        loop {
            match self.body.frame().await?.ok()?.into_data() {
                Ok(data) => return Some(data),
                Err(_) => continue,
            }
        }
    }

    /// The whole body, up to 4 MiB.
    pub async fn all(mut self) -> Vec<u8> {
        let mut body = Vec::new();
        while let Some(piece) = self.next().await {
            body.extend_from_slice(&piece);
            if body.len() > MAX_BYTES {
                break;
            }
        }
        body
    }
}
