//! Transactions that the journal has forgotten, as the Cashless API writes them: made of what the cloud says.

use serde_json::Value;
use vinr_domain::payment::{CaptureMethod, Status};
use vinr_domain::{Brand, CardFacts, EntryMode, Last4};
use vinr_wire::lan::cashless::{Outcomeless, Rfc3339, Transaction};

use super::super::reply::Reply;
use super::deal::{Deal, other_amounts};
use super::{Answered, office};
use crate::till::TillTip;

/// The answer to an order whose reference has charged a card before (contract 1.9).
pub(super) fn again(deal: &Deal, object: &Value) -> Answered {
    let Some(said) = transaction(object, "approved") else {
        return Ok(outcomeless(deal, object));
    };
    let is_hold = object["captureMethod"].as_str() == Some(CaptureMethod::Manual.as_str());
    let same_tip = match deal.tip {
        TillTip::Fixed(minor) => is_hold || said.tip_amount.unwrap_or(0) == minor,
        TillTip::AsConfigured | TillTip::Ask(_) => true,
    };
    let same = said.amount == deal.asked.amount_minor
        && said.currency == deal.asked.currency.code()
        && is_hold == (deal.capture_method == CaptureMethod::Manual)
        && same_tip;
    if !same {
        return Err(other_amounts());
    }
    match status_of(object) {
        Some(Status::Completed | Status::Authorized) => {
            Ok(Reply::json(200, &Transaction { duplicate: true, ..said }))
        }
        _ => Ok(outcomeless(deal, object)),
    }
}

fn outcomeless(deal: &Deal, object: &Value) -> Reply {
    let id = object["id"].as_str().unwrap_or_default().to_owned();
    let said = Outcomeless::new(Some(deal.reference.to_string()), id);
    Reply::json(said.status(), &said)
}

/// Where the cloud's object stands.
pub(super) fn status_of(object: &Value) -> Option<Status> {
    Status::parse(object["status"].as_str()?)
}

/// The cloud's object as a transaction; `None` when it is not one.
pub(super) fn transaction(object: &Value, status: &'static str) -> Option<Transaction> {
    let text = |key: &str| object[key].as_str().map(str::to_owned);
    let is_hold = object["captureMethod"].as_str() == Some(CaptureMethod::Manual.as_str());
    let total = object["amount"].as_i64()?;
    let tip = object["tipAmount"].as_i64().unwrap_or(0);
    let time = |keys: &[&str]| office::time_in(object, keys).map(Rfc3339);
    let said = Transaction {
        status,
        reference: text("reference"),
        transaction_id: text("id")?,
        amount: total - tip,
        tip_amount: (!is_hold).then_some(tip),
        total_amount: (!is_hold)
            .then(|| object["amountCaptured"].as_i64().filter(|taken| *taken > 0).unwrap_or(total)),
        captured_amount: object["amountCaptured"].as_i64().filter(|minor| is_hold && *minor > 0),
        currency: text("currency")?,
        auth_code: text("authCode"),
        entry_method: None,
        card_scheme: None,
        masked_pan: None,
        cardholder_name: None,
        offline: false,
        receipt_data: None,
        expires_at: time(&["expiresAt"]),
        started_at: None,
        completed_at: time(&["completedAt", "failedAt", "cancelledAt", "createdAt"]),
        duplicate: false,
    };
    Some(match card(object) {
        Some(card) => said.with_card(card.brand, card.last4.as_str(), card.entry_mode),
        None => said,
    })
}

/// The card of the cloud's object.
pub(super) fn card(object: &Value) -> Option<CardFacts> {
    Some(CardFacts {
        brand: Brand::parse(object["brand"].as_str()?)?,
        last4: Last4::parse(object["last4"].as_str()?)?,
        entry_mode: EntryMode::parse(object["entryMethod"].as_str()?)?,
    })
}
