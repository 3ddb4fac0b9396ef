//! One request on a connection that has been examined already, and the answer. Knows no operation.

use std::time::Duration;

use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Bytes;
use hyper::client::conn::http1::SendRequest;
use hyper::header::{CONTENT_TYPE, DATE, HOST, HeaderValue};
use hyper::{Method, Request, Uri};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::timeout;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(15);
/// The largest answer that is read.
const MAX_ANSWER_BYTES: usize = 4 * 1024 * 1024;

/// What a request does.
#[derive(Clone, Copy, Debug)]
pub enum Asks {
    /// Looks.
    Get,
    /// Says something.
    Post,
}

impl Asks {
    fn word(self) -> Method {
        match self {
            Self::Get => Method::GET,
            Self::Post => Method::POST,
        }
    }
}

/// Where a URL leads.
pub struct Place {
    /// Name or address.
    pub host: String,
    /// The port that it names, or the scheme's own.
    pub port: u16,
    /// Whether it is encrypted.
    pub secure: bool,
    /// What is asked for in `Host`.
    pub authority: String,
}

/// Reads `http://…` or `https://…`; `None` when it is neither.
pub fn place(url: &str) -> Option<Place> {
    let url: Uri = url.trim_end_matches('/').parse().ok()?;
    let host = url.host()?.trim_matches(['[', ']']).to_owned();
    let secure = match url.scheme_str()? {
        "https" => true,
        "http" => false,
        _ => return None,
    };
    let port = url.port_u16().unwrap_or(if secure { 443 } else { 80 });
    Some(Place { host, port, secure, authority: url.authority()?.to_string() })
}

/// What was answered.
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The `Date` header.
    pub date: Option<String>,
    /// The JSON; null when it is none.
    pub body: Value,
}

impl Answer {
    /// The code of an error.
    pub fn code(&self) -> &str {
        self.body["error"]["code"].as_str().unwrap_or_default()
    }

    /// The words of an error.
    pub fn message(&self) -> &str {
        self.body["error"]["message"].as_str().unwrap_or("no reason was given")
    }
}

/// A connection that requests can be sent on, one after another.
pub struct Line {
    sender: SendRequest<Full<Bytes>>,
    authority: String,
}

impl Line {
    /// Speaks HTTP/1.1 on the stream.
    ///
    /// # Errors
    /// In words, what the other side did instead.
    pub async fn over<S>(stream: S, authority: &str) -> Result<Self, String>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let shaken = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await;
        let (sender, connection) = shaken.map_err(|error| error.to_string())?;
        tokio::spawn(connection);
        Ok(Self { sender, authority: authority.to_owned() })
    }

    /// Sends one request. `secret` is a header that is never printed.
    ///
    /// # Errors
    /// In words, what happened instead of an answer.
    pub async fn ask(
        &mut self,
        method: Asks,
        path: &str,
        secret: Option<(&'static str, &str)>,
        body: Option<&Value>,
    ) -> Result<Answer, String> {
        let mut request = Request::builder().method(method.word()).uri(path).header(HOST, &self.authority);
        if let Some((name, value)) = secret {
            let value = HeaderValue::from_str(value.trim());
            let mut value = value.map_err(|_| "what was given as a key is none".to_owned())?;
            value.set_sensitive(true);
            request = request.header(name, value);
        }
        if body.is_some() {
            request = request.header(CONTENT_TYPE, "application/json");
        }
        let body = Full::new(Bytes::from(body.map(Value::to_string).unwrap_or_default()));
        let request = request.body(body).map_err(|error| error.to_string())?;
        let answered = async {
            self.sender.ready().await.map_err(|error| error.to_string())?;
            let response = self.sender.send_request(request).await.map_err(|error| error.to_string())?;
            let status = response.status().as_u16();
            let date = response.headers().get(DATE).and_then(|date| date.to_str().ok()).map(str::to_owned);
            let body = Limited::new(response.into_body(), MAX_ANSWER_BYTES).collect().await;
            let body = body.map_err(|error| error.to_string())?.to_bytes();
            Ok(Answer { status, date, body: serde_json::from_slice(&body).unwrap_or(Value::Null) })
        };
        timeout(PATIENCE, answered).await.map_err(|_| format!("no answer within {} s", PATIENCE.as_secs()))?
    }
}
