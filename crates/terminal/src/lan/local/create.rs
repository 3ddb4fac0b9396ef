//! `POST /v1/pay` and `POST /v1/terminal/payments`: the head of the answer leaves as soon as the order is on the disk,
//! the body when the outcome is known. A till that hangs up changes nothing.

use std::sync::Arc;

use bytes::Bytes;
use serde_json::Value;
use vinr_domain::payment::{Channel, ResponseMode};
use vinr_domain::{DeclineCode, IntentId, PaymentId, Timestamp};
use vinr_sandbox::deck;
use vinr_wire::lan::local::{CreateLocalPayment, NewLocalPayment, SimulationQuery};
use vinr_wire::link::Simulation;
use vinr_wire::rest::body::FieldError;
use vinr_wire::rest::error::{ErrorBody, ErrorCode};
use vinr_wire::rest::version::ApiVersion;

use super::super::counter::Counter;
use super::super::names::{self, intent_of_key};
use super::super::reply::Reply;
use super::super::request::Ask;
use super::super::view;
use super::{Answered, body_of, error, field, key_of, query_of};
use crate::till::{Earlier, LineItem, Taken, TillOrder, TillRefusal, TillTip};

/// Stands for nobody who presents a card.
const NOBODY: &str = "none";
/// What is younger the journal has not forgotten: it keeps an hour more.
const YOUNG_MS: i64 = 24 * 3_600_000;

pub(super) async fn create(counter: Arc<Counter>, mut ask: Ask, version: ApiVersion) -> Answered {
    let key = key_of(&ask)?;
    let query: SimulationQuery = query_of(&ask)?;
    let body: CreateLocalPayment = body_of(&mut ask).await?;
    let new = body.validate(&counter.who().terminal).map_err(|wrong| field(&ask, &wrong))?;
    let simulation = simulation(&counter, &ask, &query)?;
    let at_once = new.answers_at_once;
    let named = new.payment.intent;
    let order = order_of(&counter, new, key.as_deref(), simulation);
    let taken = match counter.till.collect(order.clone()).await {
        Ok(taken) => taken,
        Err(refusal) => return refused(&counter, &ask, &order, &refusal, (named.is_none(), version)),
    };
    let replayed = named.is_none() && key.is_some() && matches!(taken, Taken::Joined(_));
    let sale = taken.sale().clone();
    if at_once && sale.is_open() {
        let shown = view::of_sale(&counter, &sale).map(|mut shown| {
            shown.response_mode = ResponseMode::Async;
            view::render(&shown, version)
        });
        return Ok(Reply::written(202, shown.unwrap_or_default()).replayed(replayed));
    }
    let id = ask.id;
    let outcome = async move {
        match counter.till.outcome(sale.record.intent).await {
            Some(sale) => Bytes::from(view::render_sale(&counter, &sale, version)),
            // The terminal stops while somebody waits. The head has left, so the payment itself says what is known.
            None => {
                tracing::warn!(request = %id, "the terminal stopped before the outcome was known");
                let mut shown = view::of_sale(&counter, &sale);
                if let Some(shown) = &mut shown {
                    shown.outcome_unknown = true;
                }
                shown.map(|shown| view::render(&shown, version)).unwrap_or_default().into()
            }
        }
    };
    Ok(Reply::later(outcome).replayed(replayed))
}

fn order_of(
    counter: &Counter,
    new: NewLocalPayment,
    key: Option<&str>,
    simulation: Option<Simulation>,
) -> TillOrder {
    let NewLocalPayment { payment: new, tip, items, .. } = new;
    let named = new.intent.or_else(|| key.map(|key| intent_of_key(&counter.who().link_id, key)));
    let (intent, payment) = counter.names.payment(named, counter.now());
    let mut metadata = (*new.metadata).clone();
    metadata.insert("connectionMode".to_owned(), "local".to_owned());
    TillOrder {
        intent,
        payment,
        channel: Channel::Local,
        amount: new.asked,
        capture_method: new.capture_method,
        reference: new.reference,
        description: new.description,
        metadata: Arc::new(metadata),
        tip: tip.map_or(TillTip::AsConfigured, TillTip::Ask),
        prints: None,
        items: items
            .into_iter()
            .map(|item| LineItem {
                name: item.name,
                quantity: item.quantity.unwrap_or(1),
                amount_minor: item.amount,
            })
            .collect(),
        simulation,
        earlier: earlier(intent, counter.now()),
    }
}

/// Whether the journal may have forgotten what has this identity. Identities that tell their age mostly say that it
/// cannot; one that stands for an `Idempotency-Key` tells none.
fn earlier(intent: IntentId, now: Timestamp) -> Earlier {
    let young = names::is_v7(intent.0) && {
        let age_ms = now.ms_since(names::made_at(intent.0));
        (-YOUNG_MS..YOUNG_MS).contains(&age_ms)
    };
    if young { Earlier::Never } else { Earlier::ByIntent }
}

/// The journal has forgotten the payment, and the cloud has not: the same order is answered as it was.
fn carried_out_before(
    ask: &Ask,
    order: &TillOrder,
    object: &Value,
    (by_key, version): (bool, ApiVersion),
) -> Answered {
    let tip = object["tipAmount"].as_i64().unwrap_or(0);
    let same = object["amount"].as_i64() == Some(order.amount.amount_minor.saturating_add(tip))
        && object["currency"].as_str() == Some(order.amount.currency.code())
        && object["captureMethod"].as_str() == Some(order.capture_method.as_str())
        && object["reference"].as_str() == order.reference.as_deref();
    let payment = object["id"].as_str().and_then(|id| PaymentId::parse(id).ok());
    match payment {
        Some(payment) if !same => Err(token_reused(ask, payment, by_key)),
        _ => Ok(Reply::json(200, &view::in_version(object, version)).replayed(by_key)),
    }
}

fn token_reused(ask: &Ask, payment: PaymentId, by_key: bool) -> Box<ErrorBody> {
    if by_key {
        let message = "The idempotency key was used before, for a payment that asks for something else.";
        let body = ErrorBody::new(ErrorCode::IdempotencyKeyReused, message, ask.id);
        return Box::new(body.param("Idempotency-Key").payment(payment));
    }
    let message = format!("The client token names {payment}, which asks for something else.");
    let body = ErrorBody::new(ErrorCode::ClientTokenReused, message, ask.id);
    Box::new(body.param("clientToken").payment(payment))
}

/// What the simulated customer does; refused where real money moves.
fn simulation(
    counter: &Counter,
    ask: &Ask,
    query: &SimulationQuery,
) -> Result<Option<Simulation>, Box<ErrorBody>> {
    let Some(parameter) = query.asks() else { return Ok(None) };
    if counter.livemode() {
        let message = "This parameter works on test terminals only.";
        return Err(Box::new(ErrorBody::new(ErrorCode::TestModeOnly, message, ask.id).param(parameter)));
    }
    simulated(query).map(Some).map_err(|wrong| field(ask, &wrong))
}

/// The simulated customer of the query.
pub(in crate::lan) fn simulated(query: &SimulationQuery) -> Result<Simulation, FieldError> {
    let card = match query.simulate_card.as_deref() {
        None => None,
        Some(NOBODY) => Some(NOBODY.to_owned()),
        Some(text) => {
            let card = deck::find(text).ok_or_else(|| {
                let names: Vec<&str> = deck::documented().map(deck::TestCard::name).collect();
                let message = format!("must be the number or the name of a test card: {}", names.join(", "));
                FieldError::invalid("simulateCard", message)
            })?;
            Some(card.name().to_owned())
        }
    };
    Ok(Simulation { card, delay_ms: query.delay_ms()? })
}

/// The answer to an order that was not taken. What only the terminal's state stands in the way of is a failed payment
/// (contract 1.6); what is wrong with the request is an error.
fn refused(
    counter: &Counter,
    ask: &Ask,
    order: &TillOrder,
    refusal: &TillRefusal,
    (by_key, version): (bool, ApiVersion),
) -> Answered {
    let failed = |code: DeclineCode| {
        let shown = view::turned_away(counter, order, code);
        let reply = Reply::written(200, view::render(&shown, version));
        counter.turn_away(shown);
        Ok(reply)
    };
    match refusal {
        TillRefusal::Earlier(object) => carried_out_before(ask, order, object, (by_key, version)),
        TillRefusal::Busy { .. } => failed(DeclineCode::TerminalBusy),
        TillRefusal::Locked => failed(DeclineCode::TerminalLocked),
        TillRefusal::OutOfService => failed(DeclineCode::TerminalNotFound),
        TillRefusal::Suspended => Err(error(
            ask,
            ErrorCode::AccountSuspended,
            "The operator of the server has suspended the account. Nothing was charged; reading still works.",
        )),
        TillRefusal::JournalFull => Err(error(
            ask,
            ErrorCode::Unavailable,
            "The terminal has no room for more payments before it has reached the cloud. Nothing was charged.",
        )),
        TillRefusal::Restarting | TillRefusal::Stopped => Err(error(
            ask,
            ErrorCode::Unavailable,
            "The terminal is starting again. Nothing was charged; send the request again in a moment.",
        )),
        TillRefusal::TokenReused(payment) => Err(token_reused(ask, *payment, by_key)),
        TillRefusal::ReferenceTaken(payment) => {
            let message = format!(
                "The reference belongs to {payment}, which is not finished. Retrieve it before you charge again."
            );
            let body = ErrorBody::new(ErrorCode::DuplicateReference, message, ask.id);
            Err(Box::new(body.param("reference").payment(*payment)))
        }
    }
}
