//! The transaction that a later request is about, by the ECR's name for it: from the journal, or from the cloud when the
//! journal has forgotten it.

use serde_json::{Value, json};
use vinr_domain::device::State;
use vinr_domain::payment::{CaptureMethod, Channel, Status};
use vinr_domain::{CardFacts, Currency, IntentId, Timestamp};
use vinr_wire::lan::cashless::{CashlessCode, CashlessError};
use vinr_wire::link::Operation;

use super::super::counter::Counter;
use super::super::view;
use super::error;
use super::forgotten;
use super::office;
use crate::till::{Lookup, Sale};

/// What is known of it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Original {
    /// In the journal; `None` when only the cloud knows it.
    pub(super) intent: Option<IntentId>,
    /// The payment's id.
    pub(super) payment: String,
    pub(super) currency: Option<Currency>,
    pub(super) status: Status,
    pub(super) is_hold: bool,
    /// What was approved, in minor units.
    pub(super) authorized_minor: i64,
    /// What has been taken, in minor units.
    pub(super) captured_minor: Option<i64>,
    /// The ECR's name for its completion.
    pub(super) completed_as: Option<String>,
    pub(super) auth_code: Option<String>,
    /// The card that was charged.
    pub(super) card: Option<CardFacts>,
    /// When it ended, or was changed last.
    pub(super) at: Timestamp,
    /// Approved by the terminal alone: the cloud does not have it yet.
    pub(super) offline: bool,
}

impl Original {
    fn of(sale: &Sale) -> Option<Self> {
        let record = &sale.record;
        let command = record.command.as_ref()?;
        let read = view::reading(record);
        let origin = record.origin.as_ref();
        let authorized_minor = read.authorized_minor.unwrap_or(0);
        let is_hold = command.capture_method == CaptureMethod::Manual;
        let taken = (!is_hold && read.status == Status::Completed).then_some(authorized_minor);
        Some(Self {
            intent: Some(record.intent),
            payment: command.payment_id.to_string(),
            currency: Some(command.amount.currency),
            status: read.status,
            is_hold,
            authorized_minor,
            captured_minor: origin.and_then(|origin| origin.captured_minor).or(taken),
            completed_as: origin.and_then(|origin| origin.completed_as.as_deref()).map(str::to_owned),
            auth_code: record.auth_code.as_deref().map(str::to_owned),
            card: record.request.as_ref().map(|request| request.card),
            at: record.written_at,
            offline: read.offline,
        })
    }

    /// The cloud's object.
    fn of_object(object: &Value) -> Option<Self> {
        let number = |key: &str| object.get(key).and_then(Value::as_i64);
        let text = |key: &str| object.get(key).and_then(Value::as_str);
        let status = Status::parse(text("status")?)?;
        let captured = number("amountCaptured").filter(|_| status == Status::Completed);
        Some(Self {
            intent: None,
            payment: text("id")?.to_owned(),
            currency: text("currency").and_then(|code| Currency::parse(code).ok()),
            status,
            is_hold: text("captureMethod") == Some(CaptureMethod::Manual.as_str()),
            authorized_minor: number("amountCapturable").or(captured).or(number("amount"))?,
            captured_minor: captured,
            completed_as: None,
            auth_code: text("authCode").map(str::to_owned),
            card: forgotten::card(object),
            at: office::time_in(object, &["completedAt", "cancelledAt", "failedAt", "createdAt"])
                .unwrap_or_default(),
            offline: false,
        })
    }
}

/// What an ECR calls a transaction here, newest first.
pub(super) async fn of_reference(counter: &Counter, reference: &str) -> Vec<Sale> {
    let mut sales = counter.till.list().await;
    sales.retain(|sale| names(sale, reference));
    sales.sort_by_key(|sale| {
        std::cmp::Reverse(sale.record.command.as_ref().map(|command| command.payment_id))
    });
    sales
}

fn names(sale: &Sale, reference: &str) -> bool {
    sale.record.command.as_ref().is_some_and(|command| command.reference.as_deref() == Some(reference))
}

/// Whether it came from an ECR.
pub(super) fn is_cashless(sale: &Sale) -> bool {
    sale.record.origin.as_ref().is_some_and(|origin| origin.channel == Channel::Cashless)
}

/// Whether a card was charged, or may have been.
pub(super) fn may_be_charged(sale: &Sale) -> bool {
    match sale.record.state {
        State::Waiting { .. } | State::Declined { .. } | State::Voided { .. } | State::Ended { .. } => false,
        State::AuthSent { .. } | State::Unknown { .. } | State::ApprovedAlone { .. } => true,
        State::Approved { .. } => view::reading(&sale.record).status != Status::Cancelled,
    }
}

/// The newest transaction of this name that may have charged a card; a completion may be named instead of its hold.
pub(super) async fn find(
    counter: &Counter,
    reference: &str,
    of: impl Fn(&Original) -> bool,
) -> Result<Original, Box<CashlessError>> {
    let mut charged: Vec<Sale> = counter.till.list().await;
    charged.retain(|sale| {
        let completed_as = sale.record.origin.as_ref().and_then(|origin| origin.completed_as.as_deref());
        names(sale, reference) || completed_as == Some(reference)
    });
    charged.sort_by_key(|sale| {
        // What charged a card goes before what did not; then the newest.
        (may_be_charged(sale), sale.record.command.as_ref().map(|command| command.payment_id))
    });
    if let Some(original) = charged.iter().rev().filter_map(Original::of).find(|original| of(original)) {
        return Ok(original);
    }
    let asked = counter.till.ask_office(Operation::Find, None, json!({ "reference": reference })).await;
    let reply = asked.map_err(office::fault)?;
    let found = (reply.status == 200).then(|| Original::of_object(&reply.body)).flatten();
    found.filter(of).ok_or_else(unknown)
}

pub(super) fn unknown() -> Box<CashlessError> {
    error(CashlessCode::TransactionNotFound, "No transaction of this terminal has this reference.")
}

/// The newest payment of this reference here, whatever became of it.
pub(super) async fn newest(counter: &Counter, reference: &str) -> Option<Sale> {
    counter.till.find(Lookup::Reference(reference.into())).await.filter(|sale| sale.record.command.is_some())
}
