//! `POST /v1/pay` and `POST /v1/terminal/payments`: the head of the answer leaves as soon as the order is on the disk,
//! the body when the outcome is known. A till that hangs up changes nothing.

use std::sync::Arc;

use bytes::Bytes;
use vinr_domain::DeclineCode;
use vinr_domain::payment::{Channel, ResponseMode};
use vinr_sandbox::deck;
use vinr_wire::lan::local::{CreateLocalPayment, NewLocalPayment, SimulationQuery};
use vinr_wire::link::Simulation;
use vinr_wire::rest::body::FieldError;
use vinr_wire::rest::error::{ErrorBody, ErrorCode};
use vinr_wire::rest::version::ApiVersion;

use super::super::counter::Counter;
use super::super::names::intent_of_key;
use super::super::reply::Reply;
use super::super::request::Ask;
use super::super::view;
use super::{Answered, body_of, error, field, key_of, query_of};
use crate::till::{LineItem, Taken, TillOrder, TillRefusal, TillTip};

/// Stands for nobody who presents a card.
const NOBODY: &str = "none";

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
    }
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
        TillRefusal::TokenReused(payment) if by_key => {
            let message = "The idempotency key was used before, for a payment that asks for something else.";
            let body = ErrorBody::new(ErrorCode::IdempotencyKeyReused, message, ask.id);
            Err(Box::new(body.param("Idempotency-Key").payment(*payment)))
        }
        TillRefusal::TokenReused(payment) => {
            let message = format!("The client token names {payment}, which asks for something else.");
            let body = ErrorBody::new(ErrorCode::ClientTokenReused, message, ask.id);
            Err(Box::new(body.param("clientToken").payment(*payment)))
        }
        TillRefusal::ReferenceTaken(payment) => {
            let message = format!(
                "The reference belongs to {payment}, which is not finished. Retrieve it before you charge again."
            );
            let body = ErrorBody::new(ErrorCode::DuplicateReference, message, ask.id);
            Err(Box::new(body.param("reference").payment(*payment)))
        }
    }
}
