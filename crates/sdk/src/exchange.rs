//! Carries out one call: attempts, pauses, lookups, and the error in the end. What is sent again is decided in `retry.rs`.

use std::time::Duration;

use futures_util::future::BoxFuture;
use serde::de::DeserializeOwned;

use crate::client::Pause;
use crate::error::{ErrorKind, PaymentSnapshot, VinrError};
use crate::identity::jitter;
use crate::request::CallOptions;
use crate::response::Response;
use crate::retry::{Failure, Kind, Verdict, decide, in_doubt, pause};
use crate::sending::{Decode, Decoded, Failed, Peer, read, refused};
use crate::settings;
use crate::version::ApiVersion;

/// A call, ready to be sent.
pub(crate) struct Call {
    pub kind: Kind,
    /// Whether it moves money when it is carried out.
    pub money: bool,
    pub method: &'static str,
    pub path: String,
    /// Encoded, without its question mark.
    pub query: String,
    pub body: Option<Vec<u8>>,
    pub version: ApiVersion,
    pub accept: &'static str,
    /// What is waited for when neither the call nor the client says it.
    pub patience: Option<Duration>,
    pub idempotency_key: Option<String>,
    pub client_token: Option<String>,
    pub decode: Decode,
    /// Finds out what became of a charge whose answer was lost.
    pub look_up: Option<LookUp>,
}

/// What a lookup of a charge found.
pub(crate) struct Found {
    pub answer: Response<Decoded>,
    pub payment: PaymentSnapshot,
    /// Whether it is what the call waits for.
    pub settled: bool,
}

/// Looks a charge up by its identity; nothing when nobody knows it.
pub(crate) type LookUp =
    Box<dyn Fn(CallOptions) -> BoxFuture<'static, Result<Option<Found>, VinrError>> + Send + Sync>;

/// Carries out calls at one peer.
pub(crate) struct Exchange {
    pub(crate) peer: Peer,
    pub(crate) pause: Pause,
}

impl Exchange {
    pub(crate) fn new(peer: Peer, pause: Pause) -> Self {
        Self { peer, pause }
    }

    /// Carries out the call.
    pub(crate) async fn perform(
        &self,
        call: &Call,
        options: &CallOptions,
    ) -> Result<Response<Decoded>, VinrError> {
        let limit = settings::timeout(options.timeout.or(call.patience).unwrap_or(self.peer.timeout))?;
        let again = settings::retries(options.max_retries.unwrap_or(self.peer.max_retries))?;
        let mut doubt = false;
        let mut retry = 1;
        loop {
            let failed = match self.peer.attempt(call, limit).await {
                Ok(answer) => return Ok(answer),
                Err(failed) => failed,
            };
            tracing::debug!(target: "vinr", method = call.method, path = call.path, failure = ?failed.failure, "attempt failed");
            doubt = in_doubt(call.kind, &failed.failure).unwrap_or(doubt);
            let mut verdict = decide(call.kind, &failed.failure);
            let mut found = None;
            if verdict == Verdict::LookUp {
                found = looked_up(call, options).await;
                if let Some(settled) = found.take_if(|one| one.settled) {
                    return Ok(settled.answer);
                }
                let silent = matches!(failed.failure, Failure::Silent { .. });
                verdict = if silent { Verdict::GiveUp } else { Verdict::Again };
            }
            if verdict == Verdict::GiveUp || retry > again {
                return Err(self.error(call, failed, doubt, found));
            }
            self.pause.rest(pause(retry, &failed.failure, jitter())).await;
            retry += 1;
        }
    }

    /// Carries out a call whose answer is of this type.
    pub(crate) async fn typed<T: 'static>(
        &self,
        call: &Call,
        options: &CallOptions,
    ) -> Result<Response<T>, VinrError> {
        unpacked(self.perform(call, options).await?)
    }

    /// Sends the call and hands the answer over as it comes, for streams.
    pub(crate) async fn open(&self, call: &Call, limit: Duration) -> Result<reqwest::Response, VinrError> {
        let opened = tokio::time::timeout(limit, self.peer.open(call, call.accept)).await;
        let failed = match opened {
            Ok(Ok(answer)) if answer.status().is_success() => return Ok(answer),
            Ok(Ok(answer)) => match read(answer, call.decode).await {
                Ok(answer) => refused(&answer.map(drop), &[]),
                Err(failed) => failed,
            },
            Ok(Err(failed)) => failed,
            Err(_) => Failure::Silent { after: limit }.into(),
        };
        Err(self.error(call, failed, false, None))
    }

    /// The error that a call ends with.
    pub(crate) fn error(&self, call: &Call, failed: Failed, doubt: bool, found: Option<Found>) -> VinrError {
        let Failed { failure, refusal } = failed;
        let told = matches!(&failure, Failure::Answered(answer) if answer.money_may_have_moved);
        let advice = if doubt && call.kind == Kind::Charge {
            "; the payment may have been made: retrieve it before creating another"
        } else {
            ""
        };
        let what = format!("{} {}", call.method, call.path);
        let local = self.peer.local;
        let kind = if local { ErrorKind::LocalConnection } else { ErrorKind::ApiConnection };
        let error = match (failure, refusal) {
            (Failure::Answered(answer), Some(refusal)) => {
                let layer = if refusal.code.starts_with("certificate_") {
                    "certificate"
                } else if answer.status < 500 || answer.ours {
                    "terminal"
                } else {
                    "http"
                };
                refusal.with(|facts| facts.layer = local.then_some(layer))
            }
            (Failure::Answered(answer), None) => {
                let message = format!("the answer {} cannot be read", answer.status);
                VinrError::new("api_error", ErrorKind::Api, "unreadable_answer", message)
            }
            (Failure::Silent { after }, _) => {
                let message = format!("no answer to {what} within {} ms{advice}", after.as_millis());
                VinrError::new("timeout_error", ErrorKind::ApiTimeout, "timeout", message)
                    .with(|facts| facts.layer = local.then_some("http"))
            }
            (Failure::Unsent { code, layer, cause, .. }, _) => {
                let message = format!("could not connect for {what} ({cause})");
                VinrError::new("connection_error", kind, code, message).with(|facts| {
                    facts.layer = local.then_some(layer);
                    facts.cause = Some(cause);
                })
            }
            (Failure::Lost { cause }, _) => {
                let message = format!("the connection was lost during {what} ({cause}){advice}");
                VinrError::new("connection_error", kind, "connection_lost", message).with(|facts| {
                    facts.layer = local.then_some("http");
                    facts.cause = Some(cause);
                })
            }
        };
        error.with(|facts| {
            facts.outcome_unknown = doubt || told;
            facts.money_may_have_moved = (doubt && call.money) || told;
            if doubt {
                facts.client_token.clone_from(&call.client_token);
                facts.idempotency_key.clone_from(&call.idempotency_key);
                facts.payment = found.map(|one| one.payment);
            }
        })
    }
}

async fn looked_up(call: &Call, options: &CallOptions) -> Option<Found> {
    let look_up = call.look_up.as_ref()?;
    let options = CallOptions { max_retries: options.max_retries, ..CallOptions::default() };
    // What is returned is the charge's own failure: it says that the outcome is not known.
    look_up(options).await.ok().flatten()
}

/// Reads a JSON object.
pub(crate) fn json<T: DeserializeOwned + Send + 'static>(bytes: &[u8]) -> Option<Decoded> {
    let object = bytes.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'{');
    let read = if object { serde_json::from_slice::<T>(bytes).ok() } else { None };
    read.map(|value| Box::new(value) as Decoded)
}

/// Reads text.
pub(crate) fn text(bytes: &[u8]) -> Option<Decoded> {
    String::from_utf8(bytes.to_vec()).ok().map(|text| Box::new(text) as Decoded)
}

/// An answer in its type.
pub(crate) fn unpacked<T: 'static>(answer: Response<Decoded>) -> Result<Response<T>, VinrError> {
    let Response { data, status, headers, request_id, replayed } = answer;
    match data.downcast::<T>() {
        Ok(data) => Ok(Response { data: *data, status, headers, request_id, replayed }),
        Err(_) => {
            let message = "an answer was read as something else than was asked for";
            Err(VinrError::new("api_error", ErrorKind::Api, "unreadable_answer", message))
        }
    }
}
