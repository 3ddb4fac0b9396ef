//! Cancel and capture. A prompt is cancelled here; what a card has been presented for is the cloud's to void or to
//! capture, under the key that the till gave. Runs to its end even when the till hangs up.

use std::sync::Arc;

use serde_json::json;
use vinr_domain::PaymentId;
use vinr_domain::payment::Status;
use vinr_wire::link::Operation;
use vinr_wire::rest::error::{ErrorBody, ErrorCode};
use vinr_wire::rest::payment::{CancelPayment, CapturePayment};
use vinr_wire::rest::version::ApiVersion;

use super::super::counter::Counter;
use super::super::reply::Reply;
use super::super::request::Ask;
use super::super::view;
use super::read::{office_error, passed_on};
use super::{Answered, body_of, error, field, key_of};
use crate::till::{CancelRefusal, Lookup, Sale};

const PAST_CANCELLING: &str = "A payment can be cancelled while it is pending, and voided while it is authorized. \
                               This one is past that; refund it if it completes.";

pub(super) async fn cancel(
    counter: Arc<Counter>,
    mut ask: Ask,
    id: PaymentId,
    version: ApiVersion,
) -> Answered {
    let key = done_once(&ask)?;
    let CancelPayment {} = body_of(&mut ask).await?;
    let known = counter.till.find(Lookup::Payment(id)).await;
    if known.is_some_and(|sale| view::reading(&sale.record).status.is_final()) {
        return Err(error(&ask, ErrorCode::CancelNotAllowed, PAST_CANCELLING));
    }
    match counter.till.cancel(Lookup::Payment(id)).await {
        Ok(sale) => Ok(Reply::written(200, view::render_sale(&counter, &sale, version))),
        Err(CancelRefusal::TooLate(sale)) if is_held(&sale) => void(counter, ask, id, key, version).await,
        Err(CancelRefusal::TooLate(_)) => Err(error(&ask, ErrorCode::CancelNotAllowed, PAST_CANCELLING)),
        Err(CancelRefusal::NotFound) if counter.turned_away(id).is_some() => {
            Err(error(&ask, ErrorCode::CancelNotAllowed, PAST_CANCELLING))
        }
        Err(CancelRefusal::NotFound) => void(counter, ask, id, key, version).await,
        Err(CancelRefusal::Stopped) => Err(stopped(&ask)),
    }
}

/// The till's key, or one of this request alone: what changes something in the cloud is done once, however often the link
/// says it.
fn done_once(ask: &Ask) -> Result<Option<Arc<str>>, Box<ErrorBody>> {
    Ok(Some(key_of(ask)?.unwrap_or_else(|| ask.id.to_string().into())))
}

fn is_held(sale: &Sale) -> bool {
    view::reading(&sale.record).status == Status::Authorized
}

fn stopped(ask: &Ask) -> Box<ErrorBody> {
    error(ask, ErrorCode::Unavailable, "The terminal is stopping. Send the request again in a moment.")
}

/// Whatever the till does meanwhile, what was asked is asked to its end.
async fn to_the_end<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> Option<T> {
    tokio::spawn(work).await.ok()
}

async fn void(
    counter: Arc<Counter>,
    ask: Ask,
    id: PaymentId,
    key: Option<Arc<str>>,
    version: ApiVersion,
) -> Answered {
    let till = counter.till.clone();
    let asked = to_the_end(async move {
        let known = till.find(Lookup::Payment(id)).await;
        let reply = till.ask_office(Operation::Void, key, json!({ "payment": id.to_string() })).await?;
        if let (200, Some(sale)) = (reply.status, known) {
            // Nothing was taken of it, and nothing will be.
            let _ = till.note_captured(sale.record.intent, 0, None).await;
        }
        Ok(reply)
    })
    .await;
    match asked {
        Some(Ok(reply)) => passed_on(&ask, reply, version),
        Some(Err(fault)) => Err(office_error(&ask, fault)),
        None => Err(stopped(&ask)),
    }
}

pub(super) async fn capture(
    counter: Arc<Counter>,
    mut ask: Ask,
    id: PaymentId,
    version: ApiVersion,
) -> Answered {
    let key = done_once(&ask)?;
    let body: CapturePayment = body_of(&mut ask).await?;
    let amount = body.validate().map_err(|wrong| field(&ask, &wrong))?;
    let known = counter.till.find(Lookup::Payment(id)).await;
    let intent = known.as_ref().map(|sale| sale.record.intent);
    let mut body = json!({ "payment": id.to_string() });
    if let Some(amount) = amount {
        body["amount"] = json!(amount);
    }
    let till = counter.till.clone();
    let asked = to_the_end(async move {
        let reply = till.ask_office(Operation::Capture, key, body).await?;
        let captured = reply.body.get("amountCaptured").and_then(serde_json::Value::as_i64);
        if let (200, Some(intent), Some(captured)) = (reply.status, intent, captured) {
            // A terminal that stops now learns it again from whoever asks it next: the cloud is the one that knows.
            let _ = till.note_captured(intent, captured, None).await;
        }
        Ok(reply)
    })
    .await;
    match asked {
        Some(Ok(reply)) => passed_on(&ask, reply, version),
        Some(Err(fault)) => Err(office_error(&ask, fault)),
        None => Err(stopped(&ask)),
    }
}
