//! One request at a time to the cloud's API, for a device that has no identity yet. Plain HTTP goes to this machine
//! only: the secret of a pairing is in every request. Follows no redirect and keeps no connection.

use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::client::conn::http1;
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HOST, RETRY_AFTER};
use hyper::{Method, Request, Uri};
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

/// How long making a connection may take.
const CONNECT: Duration = Duration::from_secs(10);
/// How long an answer may take; the cloud holds a question for 25 s.
const ANSWER: Duration = Duration::from_secs(40);
/// No answer is longer.
const MAX_BODY_BYTES: usize = 64 * 1024;

/// What the cloud answered.
pub(super) struct Answer {
    pub(super) status: u16,
    /// When it wants to be asked again, in seconds.
    pub(super) retry_after_s: Option<u64>,
    pub(super) body: Bytes,
}

/// Where the API is, and what its certificate must come from.
pub(super) struct Api {
    authority: String,
    host: String,
    port: u16,
    tls: Option<(Arc<ClientConfig>, ServerName<'static>)>,
}

fn invalid(text: impl Into<String>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, text.into())
}

impl Api {
    /// `url` is `https://host[:port]`, or `http://` on this machine.
    pub(super) fn new(url: &str, roots_pem: Option<&str>) -> io::Result<Self> {
        let uri: Uri = url.parse().map_err(|error| invalid(format!("{url}: {error}")))?;
        let authority = uri.authority().ok_or_else(|| invalid(format!("{url} names no host")))?;
        if !matches!(uri.path(), "" | "/") || uri.query().is_some() {
            return Err(invalid(format!("{url} must end after the host and port")));
        }
        let host = authority.host().trim_start_matches('[').trim_end_matches(']').to_owned();
        let (tls, usual_port) = match uri.scheme_str() {
            Some("https") => {
                let config = vinr_pki::api_client_config(roots_pem).map_err(io::Error::other)?;
                let name = ServerName::try_from(host.clone()).map_err(io::Error::other)?;
                (Some((config, name)), 443)
            }
            Some("http") if is_this_machine(&host) => (None, 80),
            Some("http") => return Err(invalid("plain HTTP is for this machine only: use https")),
            _ => return Err(invalid(format!("{url} begins with neither https:// nor http://"))),
        };
        let port = authority.port_u16().unwrap_or(usual_port);
        Ok(Self { authority: authority.to_string(), host, port, tls })
    }

    pub(super) async fn get(&self, path: &str, secret: &str) -> io::Result<Answer> {
        self.send(Method::GET, path, Some(secret), Bytes::new()).await
    }

    pub(super) async fn post(&self, path: &str, secret: Option<&str>, json: Vec<u8>) -> io::Result<Answer> {
        self.send(Method::POST, path, secret, json.into()).await
    }

    async fn send(
        &self,
        method: Method,
        path: &str,
        secret: Option<&str>,
        body: Bytes,
    ) -> io::Result<Answer> {
        let mut request = Request::builder().method(method).uri(path).header(HOST, &self.authority);
        if let Some(secret) = secret {
            request = request.header(AUTHORIZATION, format!("Bearer {secret}"));
        }
        if !body.is_empty() {
            request = request.header(CONTENT_TYPE, "application/json");
        }
        let request = request.body(Full::new(body)).map_err(io::Error::other)?;
        let late = |_elapsed| io::Error::new(io::ErrorKind::TimedOut, "the cloud does not answer");
        let address = (self.host.as_str(), self.port);
        let stream = timeout(CONNECT, TcpStream::connect(address)).await.map_err(late)??;
        match &self.tls {
            None => timeout(ANSWER, exchange(stream, request)).await.map_err(late)?,
            Some((config, name)) => {
                let connecting = TlsConnector::from(Arc::clone(config)).connect(name.clone(), stream);
                let stream = timeout(CONNECT, connecting).await.map_err(late)??;
                timeout(ANSWER, exchange(stream, request)).await.map_err(late)?
            }
        }
    }
}

async fn exchange<S>(stream: S, request: Request<Full<Bytes>>) -> io::Result<Answer>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(io::Error::other)?;
    let answered = async {
        let response = sender.send_request(request).await.map_err(io::Error::other)?;
        let status = response.status().as_u16();
        let retry_after = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok());
        let retry_after_s = retry_after.and_then(|text| text.parse().ok());
        let body = Limited::new(response.into_body(), MAX_BODY_BYTES).collect().await;
        Ok(Answer { status, retry_after_s, body: body.map_err(io::Error::other)?.to_bytes() })
    };
    tokio::pin!(connection, answered);
    tokio::select! {
        biased;
        answer = &mut answered => answer,
        // It may end with the last byte of the answer, before that is read.
        ended = &mut connection => {
            ended.map_err(io::Error::other)?;
            answered.await
        }
    }
}

fn is_this_machine(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_taken_apart_and_plain_http_stays_on_this_machine() {
        let api = Api::new("http://127.0.0.1:8420", None).unwrap();
        assert_eq!((api.host.as_str(), api.port, api.tls.is_none()), ("127.0.0.1", 8420, true));
        assert_eq!(Api::new("http://[::1]:8420/", None).unwrap().host, "::1");
        for url in [
            "http://10.0.0.1:8420",
            "http://vinr.example",
            "ftp://localhost",
            "localhost:8420",
            "http://localhost/v1",
            "https://",
        ] {
            assert!(Api::new(url, None).is_err(), "{url}");
        }
    }
}
