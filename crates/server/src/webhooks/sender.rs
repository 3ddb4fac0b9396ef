//! One attempt: an event is written, signed and posted, and the answer is read as far as anybody will look at it.
//! Decides nothing about what follows.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, Request, header};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper_util::client::legacy::{Client, Error};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use tokio::time::{Instant, timeout_at};
use vinr_domain::Timestamp;
use vinr_wire::rest::webhook::{Envelope, SIGNATURE_HEADER, Signatures, SigningSecret, Target, render_event};

use super::WebhookSettings;
use super::connector::{Connector, Trust};
use super::endpoint::EndpointRow;
use super::window::Outcome;
use crate::store::EventRow;

/// How long a connection may be idle before it is closed.
const IDLE: Duration = Duration::from_secs(60);
/// How much of an answer is read, so that its connection can be used again.
const READ_BYTES: usize = 64 * 1024;
/// How much of it is kept.
const KEPT_CHARS: usize = 500;

/// Makes clients; what they share.
#[derive(Clone)]
pub(super) struct Post {
    trust: Trust,
    settings: Arc<WebhookSettings>,
}

impl Post {
    pub(super) fn new(settings: Arc<WebhookSettings>) -> Self {
        Self { trust: Trust::with(&settings.extra_roots), settings }
    }

    /// A client for one endpoint, with connections of its own.
    pub(super) fn client(&self, url: &str) -> Sender {
        let target = Target::parse(url, self.settings.policy).map(Arc::new);
        let client = target.as_ref().ok().map(|target| {
            let connector = Connector {
                target: Arc::clone(target),
                policy: self.settings.policy,
                trust: self.trust.clone(),
                dialer: self.settings.dialer.clone(),
            };
            let mut builder = Client::builder(TokioExecutor::new());
            builder
                .pool_idle_timeout(IDLE)
                .pool_max_idle_per_host(self.settings.at_once)
                .pool_timer(TokioTimer::new());
            builder.build(connector)
        });
        let address = target.as_ref().map_or_else(
            |_| String::new(),
            |target| {
                // The connector decides about encryption; to the client every endpoint is plain.
                format!("http://{}{}", target.authority(), target.path)
            },
        );
        let answer = Duration::from_millis(self.settings.answer_ms);
        Sender { client, address: address.into(), answer }
    }
}

/// Posts to one endpoint.
#[derive(Clone)]
pub(super) struct Sender {
    /// `None` when the policy does not allow the URL any more.
    client: Option<Client<Connector, Full<Bytes>>>,
    address: Arc<str>,
    answer: Duration,
}

/// What is posted.
pub(super) struct Message {
    id: String,
    body: Bytes,
    signatures: Signatures,
}

impl Message {
    /// Writes and signs an event for an endpoint.
    pub(super) fn of(
        event: &EventRow,
        endpoint: &EndpointRow,
        secrets: &[SigningSecret],
        now: Timestamp,
    ) -> Self {
        let mut body = Vec::with_capacity(1024);
        render_event(&envelope(event), endpoint.version(), &mut body);
        let id = event.id.to_string();
        let signatures = Signatures::sign(secrets, &id, now.0.div_euclid(1000), &body);
        Self { id, body: body.into(), signatures }
    }
}

/// The event as it is written everywhere.
pub(crate) fn envelope(event: &EventRow) -> Envelope<'_> {
    Envelope {
        id: event.id,
        kind: event.kind,
        livemode: event.scope.livemode,
        created_at: event.created_at,
        sequence: event.sequence,
        data: &event.data,
    }
}

impl Sender {
    /// Posts the message and reads the answer.
    pub(super) async fn post(&self, message: Message, at: Timestamp) -> Outcome {
        let started = Instant::now();
        let result = timeout_at(started + self.answer, self.converse(message, started + self.answer)).await;
        let duration_ms = u32::try_from(started.elapsed().as_millis()).unwrap_or(u32::MAX);
        let (http_status, error, response) = match result {
            Ok(Ok((status, response))) => (Some(status), complaint(status), response),
            Ok(Err(why)) => (None, Some(why), None),
            Err(_) => (None, Some(format!("no answer within {} ms", self.answer.as_millis())), None),
        };
        Outcome {
            delivered: error.is_none(),
            at,
            http_status,
            duration_ms,
            error: error.map(Arc::from),
            response: response.map(Arc::from),
        }
    }

    async fn converse(&self, message: Message, until: Instant) -> Result<(u16, Option<String>), String> {
        let client = self.client.as_ref().ok_or("the URL is not allowed any more")?;
        let request = self.request(message).map_err(|_| "the URL cannot be written as a request")?;
        let response = client.request(request).await.map_err(|error| words(&error))?;
        let status = response.status().as_u16();
        // The answer is known; a body that drips or does not end changes nothing about it.
        let kept = timeout_at(until, keep(response.into_body())).await.unwrap_or_default();
        Ok((status, (!kept.is_empty()).then_some(kept)))
    }

    fn request(&self, message: Message) -> Result<Request<Full<Bytes>>, http::Error> {
        Request::post(&*self.address)
            .header(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))
            .header(header::USER_AGENT, HeaderValue::from_static("VINR-Webhooks/1"))
            .header(SIGNATURE_HEADER, message.signatures.vinr)
            .header("webhook-id", message.id)
            .header("webhook-timestamp", message.signatures.timestamp)
            .header("webhook-signature", message.signatures.standard)
            .body(Full::new(message.body))
    }
}

fn complaint(status: u16) -> Option<String> {
    match status {
        200..=299 => None,
        300..=399 => Some(format!("answered {status}: redirects are not followed")),
        _ => Some(format!("answered {status}")),
    }
}

/// Reads the body to its end, if that is near, and returns how it begins.
async fn keep(mut body: Incoming) -> String {
    let (mut beginning, mut read) = (Vec::new(), 0);
    while let Some(Ok(frame)) = body.frame().await {
        let Ok(data) = frame.into_data() else { continue };
        read += data.len();
        let room = (KEPT_CHARS * 4_usize).saturating_sub(beginning.len());
        beginning.extend_from_slice(&data[..data.len().min(room)]);
        if read > READ_BYTES {
            break;
        }
    }
    String::from_utf8_lossy(&beginning).chars().take(KEPT_CHARS).collect()
}

/// What went wrong, from the outermost word to the innermost; nothing in it is secret.
fn words(error: &Error) -> String {
    let mut innermost: &dyn std::error::Error = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    let what = if error.is_connect() { "could not connect" } else { "the connection broke" };
    format!("{what}: {innermost}").chars().take(200).collect()
}
