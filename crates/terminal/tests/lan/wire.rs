//! A till's side of the wire: HTTP/1.1 over TLS or in the open, one connection at a time.

use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1::{self, SendRequest};
use hyper::{HeaderMap, Request, Response};
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use serde_json::Value;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use vinr_pki::{Credential, DeviceIdentity, till_client_config};

use crate::shop::{KEY, Shop, TERMINAL};

const PATIENCE: Duration = Duration::from_secs(20);

/// One connection to the terminal.
pub struct Line {
    sender: SendRequest<Full<Bytes>>,
    host: String,
    headers: Vec<(&'static str, String)>,
}

/// An answer that has been read.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub bytes: Bytes,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or_else(|_| panic!("not JSON: {:?}", self.bytes))
    }

    /// The code of an error, in either API's shape.
    pub fn code(&self) -> String {
        self.json()["error"]["code"]
            .as_str()
            .unwrap_or_else(|| panic!("no error: {:?}", self.bytes))
            .to_owned()
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }
}

impl Line {
    /// A till with a certificate of its own.
    pub async fn till(shop: &Shop) -> Self {
        Self::tls(shop, Some(&shop.till_certificate())).await
    }

    /// An ECR with the shared key.
    pub async fn ecr(shop: &Shop) -> Self {
        Self::tls(shop, None).await.with("x-vinr-cashless-key", KEY)
    }

    /// Whoever this is.
    pub async fn tls(shop: &Shop, credential: Option<&Credential>) -> Self {
        let terminal = DeviceIdentity::parse(TERMINAL).unwrap();
        let config = till_client_config(shop.authority.roots_pem(), &terminal, credential).unwrap();
        let address = shop.https();
        let tcp = TcpStream::connect(address).await.unwrap();
        let name = ServerName::IpAddress(address.ip().into());
        let tls = TlsConnector::from(config).connect(name, tcp).await.expect("the handshake succeeds");
        Self::over(tls, address).await
    }

    /// A connection of an ECR, and the certificate that the terminal showed for it.
    pub async fn ecr_and_leaf(shop: &Shop) -> (Self, Vec<u8>) {
        let terminal = DeviceIdentity::parse(TERMINAL).unwrap();
        let config = till_client_config(shop.authority.roots_pem(), &terminal, None).unwrap();
        let address = shop.https();
        let tcp = TcpStream::connect(address).await.unwrap();
        let name = ServerName::DnsName("cashless.example".try_into().unwrap());
        let tls = TlsConnector::from(config).connect(name, tcp).await.expect("the handshake succeeds");
        let leaf = tls.get_ref().1.peer_certificates().unwrap()[0].to_vec();
        (Self::over(tls, address).await.with("x-vinr-cashless-key", KEY), leaf)
    }

    /// Without TLS.
    pub async fn open(address: SocketAddr) -> Self {
        Self::over(TcpStream::connect(address).await.unwrap(), address).await
    }

    async fn over(io: impl AsyncRead + AsyncWrite + Send + Unpin + 'static, address: SocketAddr) -> Self {
        let (sender, connection) = http1::handshake(TokioIo::new(io)).await.unwrap();
        tokio::spawn(connection);
        Self { sender, host: address.to_string(), headers: Vec::new() }
    }

    /// Sends a header with every request.
    pub fn with(mut self, name: &'static str, value: &str) -> Self {
        self.headers.retain(|(known, _)| *known != name);
        self.headers.push((name, value.to_owned()));
        self
    }

    pub fn host(mut self, host: &str) -> Self {
        host.clone_into(&mut self.host);
        self
    }

    /// Sends a request; the head of the answer is there when this returns.
    pub async fn begin(&mut self, method: &str, path: &str, body: &str) -> Response<Incoming> {
        let mut request = Request::builder().method(method).uri(path).header("host", &self.host);
        let typed = self.headers.iter().any(|(name, _)| *name == "content-type");
        if method == "POST" && !typed {
            request = request.header("content-type", "application/json");
        }
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        let request = request.body(Full::new(Bytes::from(body.to_owned()))).unwrap();
        self.sender.ready().await.expect("the connection lives");
        timeout(PATIENCE, self.sender.send_request(request)).await.expect("an answer").expect("an answer")
    }

    async fn ask(&mut self, method: &str, path: &str, body: &str) -> Answer {
        let response = self.begin(method, path, body).await;
        read(response).await
    }

    pub async fn post(&mut self, path: &str, body: &Value) -> Answer {
        self.ask("POST", path, &body.to_string()).await
    }

    pub async fn post_text(&mut self, path: &str, body: &str) -> Answer {
        self.ask("POST", path, body).await
    }

    pub async fn get(&mut self, path: &str) -> Answer {
        self.ask("GET", path, "").await
    }

    pub async fn method(&mut self, method: &str, path: &str) -> Answer {
        self.ask(method, path, "").await
    }

    /// Whether the terminal has ended the connection, within its time.
    pub async fn is_cut(&mut self) -> bool {
        let gone = async {
            while !self.sender.is_closed() {
                tokio::task::yield_now().await;
            }
        };
        timeout(PATIENCE, gone).await.is_ok()
    }
}

/// Reads the rest of an answer.
pub async fn read(response: Response<Incoming>) -> Answer {
    let (head, body) = response.into_parts();
    let body =
        timeout(PATIENCE, body.collect()).await.expect("the body ends").expect("the body ends in order");
    Answer { status: head.status.as_u16(), headers: head.headers, bytes: body.to_bytes() }
}
