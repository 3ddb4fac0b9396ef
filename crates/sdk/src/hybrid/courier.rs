//! Carries out what hybrid mode decides: writes down, sends, asks, and says what happened. Decides nothing itself.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, timeout};

use super::decide::{Action, Event, Phase, Save, State, Step, Thrown, decide};
use super::delegations::Delegations;
use super::trip::{Heard, Trip};
use crate::client::Core;
use crate::error::{ErrorKind, VinrError};
use crate::exchange::{Call, Exchange, json, unpacked};
use crate::local::{CreateLocalPayment, local_route, look_up};
use crate::models::ResponseMode;
use crate::payments::{PaymentOf, charge_cloud, find_cloud};
use crate::request::CallOptions;
use crate::response::Response;
use crate::retry::Failure;
use crate::sending::{Failed, read};

const HEAD: Duration = Duration::from_secs(2);
const BODY: Duration = Duration::from_secs(150);
const REFUSAL: Duration = Duration::from_secs(5);
const QUESTION: Duration = Duration::from_secs(5);

/// Carries payments by the shop's network, and by the platform.
pub(super) struct Courier<'a> {
    core: &'a Core,
    delegations: Arc<dyn Delegations>,
}

impl<'a> Courier<'a> {
    pub(super) fn new(core: &'a Core, delegations: Arc<dyn Delegations>) -> Self {
        Self { core, delegations }
    }

    /// Brings the payment to its end; the answer, or the error that says what is not known.
    pub(super) async fn carry<P: PaymentOf>(&self, mut trip: Trip) -> Result<Response<P>, VinrError> {
        let record = trip.errand.resumed.then_some(trip.errand.record.state);
        let begun = if trip.errand.charge.is_some() { Event::Create(record) } else { Event::Resolve(record) };
        let mut heard: Heard<P> = Heard::of(begun);
        let mut state = State { phase: Phase::New, sent: false, absent: false, ended: false };
        loop {
            let Some(step) = decide(state, &heard.event) else {
                return Err(explained(&trip, unknown(heard.error), true));
            };
            if let Some(layer) = step.told {
                self.tell(&mut trip, layer, heard.error.as_ref());
            }
            if let Err(stopped) = self.write(&mut trip, &step).await {
                return Err(explained(&trip, stopped, state.sent || may_have_heard(&heard.event)));
            }
            match step.action {
                Action::Return => {
                    let answer = heard.answer.ok_or_else(|| explained(&trip, unknown(None), true))?;
                    return Ok(match step.mode {
                        Some(mode) => answer.map(|payment| payment.with_mode(mode)),
                        None => answer,
                    });
                }
                Action::Throw => return Err(thrown(&trip, step.thrown, heard.error)),
                Action::Ignore => return Err(explained(&trip, unknown(None), true)),
                action => {
                    state = step.next;
                    heard = self.act(&mut trip, action, state).await?;
                }
            }
        }
    }

    /// Writes down what comes next. An end that cannot be written down is an end all the same; anything else stops here.
    async fn write(&self, trip: &mut Trip, step: &Step) -> Result<(), VinrError> {
        let known = trip.errand.resumed || trip.errand.charge.is_some();
        let record = &mut trip.errand.record;
        let written = match step.save {
            None => return Ok(()),
            Some(Save::Erased) => self.delegations.erase(&record.intent).await,
            Some(Save::As(state)) if known => {
                *record = record.moved(state);
                self.delegations.save(record).await
            }
            Some(Save::As(_)) => return Ok(()),
        };
        if matches!(step.action, Action::Return | Action::Throw) { Ok(()) } else { written }
    }

    fn tell(&self, trip: &mut Trip, layer: &'static str, error: Option<&VinrError>) {
        let silent = "the terminal could not say what became of it".to_owned();
        let why = error.map_or(silent, |error| error.message.clone());
        if let Some(told) = &self.core.nearby().options().told {
            told(layer, &why);
        }
        tracing::warn!(target: "vinr", layer, why, "a payment goes through the cloud");
        trip.local_failure = Some((layer, why));
    }

    async fn act<P: PaymentOf>(
        &self,
        trip: &mut Trip,
        action: Action,
        state: State,
    ) -> Result<Heard<P>, VinrError> {
        if matches!(action, Action::AskLocal | Action::AskCloud)
            && let Some(event) = trip.rest(state.phase, &self.core.pause()).await
        {
            return Ok(Heard::of(event));
        }
        Ok(match action {
            Action::SendLocal => return self.send_local(trip).await,
            Action::WaitBody => wait_body(trip).await,
            Action::AskLocal => self.ask_local(trip).await,
            Action::SendCloud => self.send_cloud(trip).await,
            _ => self.ask_cloud(trip).await,
        })
    }

    async fn send_local<P: PaymentOf>(&self, trip: &mut Trip) -> Result<Heard<P>, VinrError> {
        let Some(asked) = trip.errand.charge.clone() else { return Ok(Heard::of(Event::BodyLost)) };
        let patience =
            asked.connectivity.and_then(|one| one.local_timeout_ms).map_or(HEAD, Duration::from_millis);
        let until = Instant::now() + patience;
        let left = || until.saturating_duration_since(Instant::now()).max(Duration::from_millis(1));
        let terminal = trip.errand.record.order.terminal_id.clone();
        let found = timeout(left(), self.core.nearby().find(self.core, &terminal, left())).await;
        let way = match found {
            Ok(Ok(way)) => way,
            // What the caller has to cure first is said; everything else is a terminal that is not there.
            Ok(Err(error))
                if ["simulator_not_available", "parameter_missing"].contains(&error.code.as_str()) =>
            {
                return Err(error);
            }
            Ok(Err(error)) => {
                let layer = error.layer.unwrap_or("certificate");
                return Ok(Heard::failed(Event::LocalFailed { layer, sent: false }, error));
            }
            Err(_) => return Ok(Heard::of(Event::LocalFailed { layer: "route", sent: false })),
        };
        let mut params = CreateLocalPayment::from(asked);
        params.client_token = Some(trip.errand.record.intent.clone());
        let mut call = local_route::<P>(&params).call(&trip.errand.options, json::<P>)?;
        call.client_token = params.client_token.clone();
        let limit = left();
        let opened = timeout(limit, way.peer.open(&call, call.accept)).await;
        let failed = match opened {
            Ok(Ok(answer)) if answer.status().is_success() => {
                trip.begun = Some(answer);
                return Ok(Heard::of(Event::Head));
            }
            Ok(Ok(answer)) => match timeout(REFUSAL, read(answer, json::<P>)).await {
                Ok(Err(failed)) => failed,
                Ok(Ok(_)) => return Ok(Heard::of(Event::BodyLost)),
                Err(_) => Failure::Silent { after: REFUSAL }.into(),
            },
            Ok(Err(failed)) => failed,
            Err(_) => Failure::Silent { after: limit }.into(),
        };
        Ok(self.local_failure(&way, &call, &terminal, failed))
    }

    /// What an attempt at the terminal that brought no payment means.
    fn local_failure<P>(&self, way: &Exchange, call: &Call, terminal: &str, failed: Failed) -> Heard<P> {
        let code = failed.refusal.as_ref().map(|error| error.code.clone()).unwrap_or_default();
        let (layer, sent) = match &failed.failure {
            Failure::Unsent { layer, .. } => (*layer, false),
            Failure::Lost { .. } => ("http", true),
            Failure::Silent { .. } => ("terminal", true),
            Failure::Answered(answer) if !answer.ours => ("http", true),
            Failure::Answered(answer) => {
                let ended = code.ends_with("_expired") || code.ends_with("_not_yet_valid");
                if code.starts_with("certificate_") {
                    (if ended { "clock" } else { "certificate" }, false)
                } else if [404, 429, 503].contains(&answer.status) && !answer.money_may_have_moved {
                    ("terminal", false)
                } else if answer.status >= 500 || answer.money_may_have_moved {
                    ("http", true)
                } else {
                    let error = way.error(call, failed, false, None);
                    return Heard::failed(Event::LocalRefused { code }, error);
                }
            }
        };
        // Its address may be another by now.
        if layer != "terminal" {
            self.core.nearby().forget(terminal);
        }
        let error = way.error(call, failed, sent, None);
        Heard::failed(Event::LocalFailed { layer, sent }, error)
    }

    async fn ask_local<P: PaymentOf>(&self, trip: &mut Trip) -> Heard<P> {
        let record = trip.errand.record.clone();
        let terminal = &record.order.terminal_id;
        if terminal.is_empty() {
            return Heard::of(Event::LocalAbsent);
        }
        let options = CallOptions { timeout: Some(QUESTION), max_retries: Some(0), ..CallOptions::default() };
        let asked = async {
            let way = self.core.nearby().find(self.core, terminal, crate::local::FIND).await?;
            look_up::<P>(&way, record.order.reference.as_deref(), &record.intent, options).await
        };
        match asked.await {
            Ok(found) => {
                trip.answered();
                let Some(found) = found else { return Heard::of(Event::LocalAbsent) };
                trip.payment = Some(found.payment);
                local_payment(found.answer)
            }
            Err(error) => {
                if error.kind().is_connection() {
                    self.core.nearby().forget(terminal);
                }
                let layer = error.layer.unwrap_or("certificate");
                Heard::failed(Event::LocalFailed { layer, sent: false }, error)
            }
        }
    }

    async fn send_cloud<P: PaymentOf>(&self, trip: &Trip) -> Heard<P> {
        let Some(mut params) = trip.errand.charge.clone() else { return Heard::of(Event::CloudAbsent) };
        params.client_token = Some(trip.errand.record.intent.clone());
        params.response_mode = Some(ResponseMode::Sync);
        match charge_cloud::<P>(self.core, params, trip.errand.options.clone()).await {
            Ok(answer) => {
                let status = answer.data.status().as_str().to_owned();
                Heard { event: Event::CloudPayment(status), answer: Some(answer), error: None }
            }
            Err(error) => cloud_failure(error),
        }
    }

    async fn ask_cloud<P: PaymentOf>(&self, trip: &mut Trip) -> Heard<P> {
        let record = &trip.errand.record;
        let since = trip.errand.resumed.then_some(record.created_at / 1000);
        let place = Some(record.order.terminal_id.as_str()).filter(|id| !id.is_empty());
        let asked =
            find_cloud::<P>(self.core, place, record.order.reference.as_deref(), &record.intent, since);
        match asked.await {
            Ok(Some(found)) => {
                trip.payment = Some(found.payment);
                payment(found.answer, Event::CloudPayment)
            }
            Ok(None) => Heard::of(Event::CloudAbsent),
            Err(error) => cloud_failure(error),
        }
    }
}

fn payment<P: PaymentOf>(answer: Response<crate::sending::Decoded>, event: fn(String) -> Event) -> Heard<P> {
    match unpacked::<P>(answer) {
        Ok(answer) => {
            let status = answer.data.status().as_str().to_owned();
            Heard { event: event(status), answer: Some(answer), error: None }
        }
        Err(error) => Heard::failed(Event::BodyLost, error),
    }
}

/// What a terminal says of a payment. One that it approved by itself is its word: nobody else is asked.
fn local_payment<P: PaymentOf>(answer: Response<crate::sending::Decoded>) -> Heard<P> {
    let mut heard = payment::<P>(answer, Event::LocalPayment);
    let offline = heard.answer.as_ref().is_some_and(|answer| answer.data.approved_offline());
    if offline && heard.event == Event::LocalPayment("processing".to_owned()) {
        heard.event = Event::LocalPayment("offline".to_owned());
    }
    heard
}

async fn wait_body<P: PaymentOf>(trip: &mut Trip) -> Heard<P> {
    let Some(answer) = trip.begun.take() else { return Heard::of(Event::BodyLost) };
    match timeout(BODY, read(answer, json::<P>)).await {
        Ok(Ok(answer)) => match local_payment::<P>(answer) {
            // A payment that does not say where it stands cannot be read.
            Heard { event: Event::LocalPayment(status), .. } if status.is_empty() => {
                Heard::of(Event::BodyLost)
            }
            heard => heard,
        },
        _ => Heard::of(Event::BodyLost),
    }
}

fn cloud_failure<P>(error: VinrError) -> Heard<P> {
    let refused = error.status_code.is_some_and(|status| (400..500).contains(&status) && status != 429);
    if refused && !error.outcome_unknown {
        return Heard::failed(Event::CloudRefused, error);
    }
    Heard::failed(Event::CloudFailed { sent: error.outcome_unknown }, error)
}

fn may_have_heard(event: &Event) -> bool {
    match event {
        Event::LocalFailed { sent, .. } | Event::CloudFailed { sent } | Event::Aborted { sent } => *sent,
        Event::Head
        | Event::BodyLost
        | Event::LocalPayment(_)
        | Event::LocalAbsent
        | Event::AskedLongEnough => true,
        _ => false,
    }
}

fn thrown(trip: &Trip, which: Option<Thrown>, given: Option<VinrError>) -> VinrError {
    match which {
        Some(Thrown::Given { outcome_unknown }) => match given {
            Some(error) => explained(trip, error, outcome_unknown),
            None => explained(trip, unknown(None), outcome_unknown),
        },
        Some(Thrown::PaymentNotFound) => {
            let message = "neither the terminal nor the platform has this payment: it was not charged";
            VinrError::new("invalid_request_error", ErrorKind::InvalidRequest, "payment_not_found", message)
                .about("client_token")
        }
        _ => explained(trip, unknown(given), true),
    }
}

fn unknown(cause: Option<VinrError>) -> VinrError {
    let message = "what became of the payment cannot be told yet: do not create another, resolve this one";
    VinrError::new("connection_error", ErrorKind::ApiConnection, "outcome_unknown", message)
        .with(|facts| facts.cause = cause.map(|error| error.message.clone()))
}

fn explained(trip: &Trip, error: VinrError, outcome_unknown: bool) -> VinrError {
    error.with(|facts| {
        facts.outcome_unknown = outcome_unknown;
        facts.money_may_have_moved = outcome_unknown;
        facts.local_failure = trip.local_failure.clone();
        if outcome_unknown {
            facts.client_token = Some(trip.errand.record.intent.clone());
            facts.payment = facts.payment.take().or_else(|| trip.payment.clone());
        }
    })
}
