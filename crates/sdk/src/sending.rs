//! Sends one HTTP request and says how it went. Follows no redirects, retries nothing; names the layer at which a
//! connection ended.

use std::any::Any;
use std::error::Error;
use std::fmt::Write;
use std::io;
use std::time::Duration;

use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderName, HeaderValue, USER_AGENT};
use reqwest::{Method, Request};
use serde_json::Value;
use vinr_pki::ListenerRefusal;

use crate::error::{ErrorKind, VinrError};
use crate::exchange::Call;
use crate::response::Response;
use crate::retry::{Failure, Refusal};
use crate::settings::user_agent;

/// What an answer became.
pub(crate) type Decoded = Box<dyn Any + Send>;
/// Reads an answer; nothing when it cannot be read.
pub(crate) type Decode = fn(&[u8]) -> Option<Decoded>;

const VERSION: HeaderName = HeaderName::from_static("vinr-version");
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// Whom an exchange speaks to: the platform, or one terminal.
pub(crate) struct Peer {
    pub base_url: String,
    pub timeout: Duration,
    pub max_retries: u32,
    /// A terminal is shown none.
    pub authorization: Option<HeaderValue>,
    pub client: reqwest::Client,
    /// Whether it is a terminal on the local network.
    pub local: bool,
}

/// An attempt that failed, and what the answer says when there was one.
pub(crate) struct Failed {
    pub failure: Failure,
    pub refusal: Option<VinrError>,
}

impl From<Failure> for Failed {
    fn from(failure: Failure) -> Self {
        Self { failure, refusal: None }
    }
}

impl Peer {
    /// Sends the call once and reads the answer.
    pub(crate) async fn attempt(&self, call: &Call, limit: Duration) -> Result<Response<Decoded>, Failed> {
        let whole = async {
            let answer = self.open(call, call.accept).await?;
            read(answer, call.decode).await
        };
        tokio::time::timeout(limit, whole)
            .await
            .unwrap_or_else(|_| Err(Failure::Silent { after: limit }.into()))
    }

    /// Sends the call; resolves once the headers of the answer are there.
    pub(crate) async fn open(&self, call: &Call, accept: &str) -> Result<reqwest::Response, Failed> {
        let request = self.request(call, accept).ok_or_else(|| Failure::Unsent {
            hopeless: true,
            code: "not_connected",
            layer: "name",
            cause: "the address is none".to_owned(),
        })?;
        self.client.execute(request).await.map_err(|error| failure_of(&error).into())
    }

    fn request(&self, call: &Call, accept: &str) -> Option<Request> {
        let mark = if call.query.is_empty() { "" } else { "?" };
        let url = format!("{}{}{mark}{}", self.base_url, call.path, call.query).parse().ok()?;
        let method = Method::from_bytes(call.method.as_bytes()).ok()?;
        let mut request = Request::new(method, url);
        let headers = request.headers_mut();
        headers.insert(ACCEPT, HeaderValue::try_from(accept).ok()?);
        headers.insert(USER_AGENT, user_agent());
        headers.insert(VERSION, HeaderValue::from_static(call.version.as_str()));
        if let Some(authorization) = &self.authorization {
            headers.insert(AUTHORIZATION, authorization.clone());
        }
        if let Some(key) = &call.idempotency_key {
            headers.insert(IDEMPOTENCY_KEY, HeaderValue::try_from(key).ok()?);
        }
        if let Some(body) = &call.body {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
            *request.body_mut() = Some(body.clone().into());
        }
        Some(request)
    }
}

/// Reads an answer whose headers are there.
pub(crate) async fn read(answer: reqwest::Response, decode: Decode) -> Result<Response<Decoded>, Failed> {
    let (status, headers) = (answer.status(), answer.headers().clone());
    let bytes = answer.bytes().await.map_err(|error| Failure::Lost { cause: cause_of(&error) })?;
    let response = Response::of((), status.as_u16(), headers);
    let decoded = if status.is_success() { decode(&bytes) } else { None };
    match decoded {
        Some(data) => Ok(response.map(|()| data)),
        None => Err(refused(&response, &bytes)),
    }
}

/// The error that an answer is.
pub(crate) fn refused(response: &Response<()>, bytes: &[u8]) -> Failed {
    let status = response.status;
    let success = (200..300).contains(&status);
    let body: Value = serde_json::from_slice(bytes).unwrap_or_default();
    let told = &body["error"];
    let ours = !success && told["type"].is_string() && told["code"].is_string();
    let word = |name: &str| told[name].as_str().filter(|_| ours).map(str::to_owned);
    let header = response.headers.get("retry-after").and_then(|value| value.to_str().ok());
    let retry_after = header.and_then(|text| text.trim().parse().ok());
    let type_ = word("type").unwrap_or_else(|| ErrorKind::type_of_status(status).to_owned());
    let code = word("code")
        .unwrap_or_else(|| if success { "unreadable_answer".to_owned() } else { format!("http_{status}") });
    let message = word("message").unwrap_or_else(|| {
        format!(
            "the answer {status} is not one of the API's: is the base URL right, or something in between?"
        )
    });
    let refusal = VinrError::new(&type_, ErrorKind::of_type(&type_), code, message).with(|facts| {
        facts.decline_code = word("decline_code");
        facts.param = word("param");
        facts.payment_id = word("payment");
        facts.doc_url = word("doc_url");
        facts.request_id = word("request_id").or_else(|| response.request_id.clone());
        facts.status_code = Some(status);
        facts.retry_after = retry_after;
    });
    let money_may_have_moved = ours && told["money_may_have_moved"] == true;
    let answer = Refusal { status, ours, retry: word("retry"), money_may_have_moved, retry_after };
    Failed { failure: Failure::Answered(answer), refusal: Some(refusal) }
}

/// What a failure to get an answer says about the request.
fn failure_of(error: &reqwest::Error) -> Failure {
    let cause = cause_of(error);
    if !error.is_connect() {
        return Failure::Lost { cause };
    }
    let unsent = |hopeless, code, layer| Failure::Unsent { hopeless, code, layer, cause: cause.clone() };
    if let Some(tls) = tls_of(error) {
        return match tls {
            rustls::Error::InvalidCertificate(rustls::CertificateError::Other(other)) => {
                let named = other.0.downcast_ref::<ListenerRefusal>().is_some();
                let code = if named { "tls_wrong_terminal" } else { "tls_untrusted" };
                unsent(true, code, "certificate")
            }
            rustls::Error::InvalidCertificate(reason) => {
                let text = format!("{reason:?}");
                let clock = text.starts_with("Expired") || text.starts_with("NotValidYet");
                unsent(true, "tls_untrusted", if clock { "clock" } else { "certificate" })
            }
            _ => unsent(true, "tls_failed", "tls"),
        };
    }
    let kind = chain(error).find_map(|one| one.downcast_ref::<io::Error>()).map(io::Error::kind);
    let layer = match kind {
        Some(io::ErrorKind::ConnectionRefused) => "port",
        Some(io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset) => {
            "tls"
        }
        _ if chain(error).any(|one| one.to_string().starts_with("dns error")) => "name",
        _ => "route",
    };
    unsent(false, "not_connected", layer)
}

fn chain<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |one| {
        let one: &'a (dyn Error + 'static) = *one;
        // What an I/O error wraps stands behind `get_ref`, and not behind `source`.
        match one.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
            Some(inner) => Some(inner as &(dyn Error + 'static)),
            None => one.source(),
        }
    })
}

fn tls_of(error: &reqwest::Error) -> Option<&rustls::Error> {
    chain(error).find_map(|one| one.downcast_ref())
}

/// What the system said, without the URL that was asked.
fn cause_of(error: &reqwest::Error) -> String {
    let mut said = String::new();
    for one in chain(error).skip(1) {
        let text = one.to_string();
        if !said.ends_with(&text) {
            let _ = write!(said, "{}{text}", if said.is_empty() { "" } else { ": " });
        }
    }
    said
}
