//! The API as a command asks it: one request, one answer, over HTTP or TLS. Knows no operation, follows no redirect, and
//! prints no key.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Bytes;
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HOST, HeaderValue};
use hyper::{Method, Request, Uri};
use hyper_util::rt::TokioIo;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use serde_json::Value;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use crate::failure::Failure;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// The largest answer that is read.
const MAX_ANSWER_BYTES: usize = 16 * 1024 * 1024;

/// Where the API is, and who asks.
#[derive(Clone, Debug, Args)]
pub struct ApiArgs {
    /// Where the API is.
    #[arg(long, global = true, default_value = "http://127.0.0.1:8420", value_name = "URL")]
    pub api: String,

    /// The key to ask with. Others on this machine can see it here: prefer --key-file. That of `vinr dev` unless given.
    #[arg(long, global = true, value_name = "KEY", conflicts_with = "key_file")]
    pub key: Option<String>,

    /// A file that holds the key to ask with; `-` reads it from standard input.
    #[arg(long, global = true, value_name = "FILE")]
    pub key_file: Option<PathBuf>,

    /// Certificates (PEM) of authorities to trust beside those of this machine.
    #[arg(long, global = true, value_name = "FILE")]
    pub ca: Option<PathBuf>,

    /// Print the API's answer as JSON.
    #[arg(long, global = true)]
    pub json: bool,
}

/// The API of one server, asked with one key.
pub struct Client {
    base: Uri,
    key: HeaderValue,
    ca: Option<PathBuf>,
}

impl Client {
    /// The API that was asked for; `usual_key` is the key of whoever gave none.
    pub fn new(args: &ApiArgs, usual_key: &str) -> Result<Self, Failure> {
        let wrong = || Failure::new("--api must be a URL such as https://vinr.example.com");
        let base: Uri = args.api.trim_end_matches('/').parse().map_err(|_| wrong())?;
        if base.host().is_none() || !matches!(base.scheme_str(), Some("http" | "https")) {
            return Err(wrong());
        }
        let key = match (&args.key, &args.key_file) {
            (Some(key), _) => key.clone(),
            (None, Some(path)) => read_key(path)?,
            (None, None) => usual_key.to_owned(),
        };
        let key = HeaderValue::from_str(&format!("Bearer {}", key.trim()));
        let mut key = key.map_err(|_| Failure::new("what was given as a key is none"))?;
        key.set_sensitive(true);
        Ok(Self { base, key, ca: args.ca.clone() })
    }

    /// What `GET` answers.
    pub async fn get(&self, path: &str) -> Result<Value, Failure> {
        self.ask(Method::GET, path, None).await
    }

    /// What `POST` of this JSON answers.
    pub async fn post(&self, path: &str, body: &Value) -> Result<Value, Failure> {
        self.ask(Method::POST, path, Some(body)).await
    }

    async fn ask(&self, method: Method, path: &str, body: Option<&Value>) -> Result<Value, Failure> {
        let answered = tokio::time::timeout(PATIENCE, self.exchange(method, path, body)).await;
        let (status, answer) =
            answered.map_err(|_| Failure::new(format_args!("{} did not answer in time", self.base)))??;
        if (200..300).contains(&status) {
            return Ok(answer);
        }
        let message = answer["error"]["message"].as_str().unwrap_or("no reason was given");
        let code = answer["error"]["code"].as_str().unwrap_or("unknown");
        let request = answer["error"]["request_id"].as_str().unwrap_or("unknown");
        Err(Failure::new(message).cure(format_args!("({status} {code}, request {request})")))
    }

    async fn exchange(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<(u16, Value), Failure> {
        let host = self.base.host().unwrap_or_default().trim_matches(['[', ']']).to_owned();
        let secure = self.base.scheme_str() == Some("https");
        let port = self.base.port_u16().unwrap_or(if secure { 443 } else { 80 });
        let unreachable = |error| Failure::new(format_args!("{} cannot be reached: {error}", self.base));
        let socket = TcpStream::connect((host.as_str(), port)).await.map_err(unreachable)?;
        let authority = self.base.authority().map_or("", |authority| authority.as_str());
        let mut request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.base.path().trim_end_matches('/')))
            .header(HOST, authority)
            .header(AUTHORIZATION, self.key.clone());
        if body.is_some() {
            request = request.header(CONTENT_TYPE, "application/json");
        }
        let body = Full::new(Bytes::from(body.map(Value::to_string).unwrap_or_default()));
        let request = request.body(body).map_err(Failure::new)?;
        if !secure {
            return send(socket, request).await;
        }
        let name = ServerName::try_from(host).map_err(Failure::new)?;
        let connector = TlsConnector::from(Arc::new(self.trust()?));
        send(connector.connect(name, socket).await.map_err(unreachable)?, request).await
    }

    /// The authorities of this machine, and those that were named.
    fn trust(&self) -> Result<ClientConfig, Failure> {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        if let Some(path) = &self.ca {
            let read = CertificateDer::pem_file_iter(path).and_then(Iterator::collect::<Result<Vec<_>, _>>);
            let certs = read.map_err(|error| Failure::new(format_args!("{}: {error}", path.display())))?;
            roots.add_parsable_certificates(certs);
        }
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
        Ok(config.map_err(Failure::new)?.with_root_certificates(roots).with_no_client_auth())
    }
}

async fn send<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(
    stream: S,
    request: Request<Full<Bytes>>,
) -> Result<(u16, Value), Failure> {
    let broken = |error: hyper::Error| Failure::new(format_args!("the connection broke: {error}"));
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.map_err(broken)?;
    let connection = tokio::spawn(connection);
    let response = sender.send_request(request).await.map_err(broken)?;
    let status = response.status().as_u16();
    let body = Limited::new(response.into_body(), MAX_ANSWER_BYTES).collect().await;
    let body = body.map_err(|error| Failure::new(format_args!("the answer broke off: {error}")))?.to_bytes();
    connection.abort();
    let answer = serde_json::from_slice(&body).map_err(|_| {
        Failure::new(format_args!("the answer ({status}) is not JSON: is this the VINR API?"))
    })?;
    Ok((status, answer))
}

fn read_key(path: &Path) -> Result<String, Failure> {
    if path == Path::new("-") {
        let mut key = String::new();
        std::io::stdin().take(1024).read_to_string(&mut key).map_err(Failure::at(path))?;
        return Ok(key);
    }
    std::fs::read_to_string(path).map_err(Failure::at(path))
}
