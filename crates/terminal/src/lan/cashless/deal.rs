//! Sale, pre-authorisation, and the cancel of either at its prompt. The reference is the identity: one that was approved
//! is never charged again (contract 1.9).

use std::collections::BTreeMap;
use std::sync::Arc;

use vinr_domain::device::State;
use vinr_domain::payment::{CaptureMethod, Channel, EndCause};
use vinr_domain::{DeclineCode, Money};
use vinr_sandbox::deck;
use vinr_wire::journal::IntentRecord;
use vinr_wire::lan::cashless::{
    Cancel, Cancelled, CashlessCode, CashlessError, Declined, Outcomeless, Preauth, Rfc3339,
    Sale as SaleRequest, Transaction,
};
use vinr_wire::lan::local::SimulationQuery;
use vinr_wire::link::Simulation;
use vinr_wire::rest::body::decode_query;
use vinr_wire::rest::payment::check_reference;

use super::super::counter::Counter;
use super::super::local::simulated;
use super::super::reply::Reply;
use super::super::request::Ask;
use super::super::view;
use super::look::receipt_data;
use super::original::{self, is_cashless, may_be_charged};
use super::{Answered, error, forgotten, office, refused_field};
use crate::till::{CancelRefusal, Earlier, Lookup, Sale, Taken, TillOrder, TillRefusal, TillTip};

/// What an ECR asks a card for.
pub(super) struct Deal {
    pub(super) asked: Money,
    pub(super) reference: Arc<str>,
    pub(super) capture_method: CaptureMethod,
    pub(super) tip: TillTip,
    prints: Option<bool>,
    simulation: Option<Simulation>,
}

pub(super) async fn sale(counter: Arc<Counter>, ask: &Ask, body: SaleRequest) -> Answered {
    let asked = body.asked().map_err(|wrong| refused_field(&wrong))?;
    let simulation = simulation(&counter, ask)?;
    let deal = Deal {
        asked,
        reference: body.reference.into(),
        capture_method: CaptureMethod::Automatic,
        tip: body.tip_amount.map_or(TillTip::AsConfigured, TillTip::Fixed),
        prints: body.print_receipt,
        simulation,
    };
    strike(&counter, deal).await
}

pub(super) async fn preauth(counter: Arc<Counter>, ask: &Ask, body: Preauth) -> Answered {
    let asked = body.asked().map_err(|wrong| refused_field(&wrong))?;
    let simulation = simulation(&counter, ask)?;
    let deal = Deal {
        asked,
        reference: body.reference.into(),
        capture_method: CaptureMethod::Manual,
        // A tip belongs to the completion.
        tip: TillTip::Fixed(0),
        prints: body.print_receipt,
        simulation,
    };
    strike(&counter, deal).await
}

/// What a simulated customer does; test terminals only.
fn simulation(counter: &Counter, ask: &Ask) -> Result<Option<Simulation>, Box<CashlessError>> {
    let query: SimulationQuery = decode_query(ask.query()).map_err(|wrong| refused_field(&wrong))?;
    let Some(parameter) = query.asks() else { return Ok(None) };
    if counter.livemode() {
        let message = "This parameter works on test terminals only.";
        let error = CashlessError::new(CashlessCode::InvalidRequest, message);
        return Err(Box::new(error.param(parameter)));
    }
    simulated(&query).map(Some).map_err(|wrong| refused_field(&wrong))
}

/// Takes the order, or finds the one that the reference names already, and waits for its outcome.
async fn strike(counter: &Arc<Counter>, deal: Deal) -> Answered {
    let reference = Arc::clone(&deal.reference);
    let (sale, duplicate) = {
        let _turn = counter.door.orders.lock().await;
        match earlier(counter, &deal).await? {
            Some(sale) => (sale, true),
            None => match counter.till.collect(order_of(counter, &deal)).await {
                Ok(taken @ (Taken::Started(_) | Taken::Joined(_))) => (taken.sale().clone(), false),
                Err(TillRefusal::Earlier(object)) => return forgotten::again(&deal, &object),
                Err(refusal) => return Err(refused(&refusal)),
            },
        }
    };
    match counter.till.outcome(sale.record.intent).await {
        Some(sale) => outcome(counter, &sale, duplicate).await,
        None => Ok(outcomeless(&sale, Some(&reference))),
    }
}

/// The transaction of this reference that a card is or may be charged for. The same amounts: it is that one.
async fn earlier(counter: &Counter, deal: &Deal) -> Result<Option<Sale>, Box<CashlessError>> {
    let sales = original::of_reference(counter, &deal.reference).await;
    let known = sales.into_iter().find(|sale| is_cashless(sale) && (sale.is_open() || may_be_charged(sale)));
    let Some(sale) = known else { return Ok(None) };
    if same(&sale.record, deal) {
        return Ok(Some(sale));
    }
    Err(other_amounts())
}

/// The reference is taken.
pub(super) fn other_amounts() -> Box<CashlessError> {
    error(
        CashlessCode::DuplicateReference,
        "The reference belongs to a transaction with other amounts. Ask for its status; use another reference.",
    )
}

fn same(record: &IntentRecord, deal: &Deal) -> bool {
    let Some(command) = &record.command else { return false };
    let tip = record.request.as_ref().map(|request| request.tip.map_or(0, |tip| tip.amount_minor));
    let same_tip = match (&deal.tip, tip) {
        (TillTip::Fixed(asked), Some(chosen)) => *asked == chosen,
        (TillTip::Fixed(_) | TillTip::AsConfigured | TillTip::Ask(_), _) => true,
    };
    command.amount == deal.asked && command.capture_method == deal.capture_method && same_tip
}

fn order_of(counter: &Counter, deal: &Deal) -> TillOrder {
    let (intent, payment) = counter.names.payment(None, counter.now());
    let mode = ("connectionMode".to_owned(), "local".to_owned());
    TillOrder {
        intent,
        payment,
        channel: Channel::Cashless,
        amount: deal.asked,
        capture_method: deal.capture_method,
        reference: Some(Arc::clone(&deal.reference)),
        description: None,
        metadata: Arc::new(BTreeMap::from([mode])),
        tip: deal.tip.clone(),
        prints: deal.prints,
        items: Vec::new(),
        simulation: deal.simulation.clone(),
        earlier: Earlier::ByReference,
    }
}

fn refused(refusal: &TillRefusal) -> Box<CashlessError> {
    match refusal {
        TillRefusal::Busy { .. } => {
            error(CashlessCode::TerminalBusy, "Another transaction is currently active on this terminal.")
        }
        TillRefusal::Locked => {
            error(CashlessCode::TerminalLocked, "The terminal is locked against new transactions.")
        }
        TillRefusal::ReferenceTaken(_) | TillRefusal::TokenReused(_) | TillRefusal::Earlier(_) => error(
            CashlessCode::DuplicateReference,
            "The reference belongs to a payment that is not finished.",
        ),
        TillRefusal::OutOfService => {
            error(CashlessCode::CommunicationError, "The terminal is out of service. Nothing was charged.")
        }
        TillRefusal::Suspended => office::suspended(),
        TillRefusal::JournalFull => error(
            CashlessCode::CommunicationError,
            "The terminal has no room before it has reached the cloud. Nothing was charged.",
        ),
        TillRefusal::Restarting | TillRefusal::Stopped => error(
            CashlessCode::CommunicationError,
            "The terminal is starting again. Nothing was charged; send the request again in a moment.",
        ),
    }
}

/// What the ECR is told of a transaction whose outcome is known, or is known not to be known.
async fn outcome(counter: &Counter, sale: &Sale, duplicate: bool) -> Answered {
    let Some(command) = &sale.record.command else { return Err(original::unknown()) };
    let reference = command.reference.as_deref();
    match &sale.record.state {
        State::Approved { .. } | State::ApprovedAlone { .. } => {
            let mut said = transaction(counter, sale, "approved");
            said.receipt_data = receipt_data(counter, Lookup::Intent(sale.record.intent), false).await;
            said.duplicate = duplicate;
            Ok(Reply::json(200, &said))
        }
        State::Declined { code: DeclineCode::CommunicationError, .. } => Err(error(
            CashlessCode::CommunicationError,
            "The outcome could not be learned, and whatever was held has been released. Nothing was charged.",
        )),
        State::Declined { code: DeclineCode::AccountSuspended, .. } => Err(office::suspended()),
        State::Declined { code, .. } => {
            let at = Some(sale.record.written_at);
            let reference = reference.map(str::to_owned);
            let declined = Declined::new(reference, command.payment_id.to_string(), *code, at);
            Ok(Reply::json(402, &declined))
        }
        State::Ended { cause: EndCause::NoConnection } => Err(error(
            CashlessCode::CommunicationError,
            "The terminal cannot reach the issuer, and may not approve this by itself. Nothing was charged.",
        )),
        State::Ended { cause: EndCause::OfflineLimit } => {
            let code = DeclineCode::OfflineLimitExceeded;
            let at = Some(sale.record.written_at);
            let reference = reference.map(str::to_owned);
            let declined = Declined::new(reference, command.payment_id.to_string(), code, at);
            Ok(Reply::json(402, &declined))
        }
        State::Ended { .. } | State::Voided { .. } => {
            Ok(Reply::json(200, &transaction(counter, sale, "cancelled")))
        }
        State::Unknown { .. } | State::Waiting { .. } | State::AuthSent { .. } => {
            Ok(outcomeless(sale, reference))
        }
    }
}

/// 503 with the names by which the ECR can ask again.
fn outcomeless(sale: &Sale, reference: Option<&str>) -> Reply {
    let transaction = sale.record.command.as_ref().map(|command| command.payment_id.to_string());
    let said = Outcomeless::new(reference.map(str::to_owned), transaction.unwrap_or_default());
    Reply::json(said.status(), &said)
}

/// A transaction as the page writes it.
pub(super) fn transaction(counter: &Counter, sale: &Sale, status: &'static str) -> Transaction {
    let record = &sale.record;
    let read = view::reading(record);
    let command = record.command.as_ref();
    let asked = command.map(|command| command.amount);
    let is_hold = command.is_some_and(|command| command.capture_method == CaptureMethod::Manual);
    let tip = record.request.as_ref().and_then(|request| request.tip).map_or(0, |tip| tip.amount_minor);
    let approved = read.authorized_minor;
    let amount = asked.map_or(0, |asked| asked.amount_minor);
    let at = record.written_at;
    let open = sale.is_open();
    let said = Transaction {
        status,
        reference: command.and_then(|command| command.reference.as_deref()).map(str::to_owned),
        transaction_id: command.map(|command| command.payment_id.to_string()).unwrap_or_default(),
        amount,
        tip_amount: (!is_hold).then_some(tip),
        total_amount: (!is_hold).then_some(approved.unwrap_or(amount + tip)),
        captured_amount: record.origin.as_ref().and_then(|origin| origin.captured_minor).filter(|_| is_hold),
        currency: asked.map(|asked| asked.currency.to_string()).unwrap_or_default(),
        auth_code: record.auth_code.as_deref().map(str::to_owned),
        entry_method: None,
        card_scheme: None,
        masked_pan: None,
        cardholder_name: None,
        offline: read.offline,
        receipt_data: None,
        expires_at: (is_hold && approved.is_some()).then(|| Rfc3339(at.plus_ms(view::HOLD_MS))),
        started_at: command.filter(|_| open).map(|command| Rfc3339(view::created_at(record, command))),
        completed_at: (!open).then_some(Rfc3339(at)),
        duplicate: false,
    };
    match record.request.as_ref().map(|request| request.card) {
        Some(card) => {
            let name = deck::cardholder(card.brand, card.last4).filter(|_| !counter.livemode());
            let said = Transaction { cardholder_name: name.map(str::to_owned), ..said };
            said.with_card(card.brand, card.last4.as_str(), card.entry_mode)
        }
        None => said,
    }
}

/// `/cancel`: only while the prompt is on the screen.
pub(super) async fn cancel(counter: &Counter, body: Cancel) -> Answered {
    let what = match body.reference {
        None => Lookup::Active,
        Some(reference) => {
            check_reference(&reference).map_err(|wrong| refused_field(&wrong))?;
            Lookup::Reference(reference.into())
        }
    };
    match counter.till.cancel(what).await {
        Ok(sale) => {
            let command = sale.record.command.as_ref();
            let said = Cancelled {
                status: "cancelled",
                reference: command.and_then(|command| command.reference.as_deref()).map(str::to_owned),
                transaction_id: command.map(|command| command.payment_id.to_string()).unwrap_or_default(),
                cancelled_at: Rfc3339(sale.record.written_at),
            };
            Ok(Reply::json(200, &said))
        }
        Err(CancelRefusal::NotFound) => Err(error(
            CashlessCode::TransactionNotFound,
            "There is no such transaction, or none is active on this terminal.",
        )),
        Err(CancelRefusal::TooLate(_)) => Err(error(
            CashlessCode::CancelNotAllowed,
            "A card has been presented. Wait for the result, and refund it if need be.",
        )),
        Err(CancelRefusal::Stopped) => Err(refused(&TillRefusal::Stopped)),
    }
}
