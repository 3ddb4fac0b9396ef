//! What only looks: the status of the terminal or of one transaction, and receipts.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use vinr_domain::device::State;
use vinr_domain::payment::Status as PaymentStatus;
use vinr_wire::lan::cashless::{
    ActiveTransaction, CashlessCode, CopyWord, Declined, LastReceipt, LastTransaction, ReceiptData,
    ReceiptLast, Reprint, Reprinted, Rfc3339, Status, StatusRequest,
};
use vinr_wire::link::Operation;
use vinr_wire::rest::payment::check_reference;

use super::super::counter::Counter;
use super::super::local::readiness;
use super::super::reply::Reply;
use super::super::view;
use super::deal::transaction;
use super::original;
use super::{Answered, error, forgotten, refused_field};
use crate::printer::{About, Copy, Paper, image};
use crate::till::{Copies, Lookup, ReceiptOutcome, ReprintRefusal, Sale};

pub(super) async fn status(counter: &Arc<Counter>, body: StatusRequest) -> Answered {
    if let Some(reference) = body.reference {
        check_reference(&reference).map_err(|wrong| refused_field(&wrong))?;
        return of_transaction(counter, &reference).await;
    }
    let standing = counter.till.standing().borrow().clone();
    let last = counter.till.find(Lookup::Last).await;
    let who = counter.who();
    let active = standing.serving.as_ref().map(|serving| ActiveTransaction {
        reference: serving.reference.as_deref().map(str::to_owned),
        transaction_id: serving.payment.to_string(),
        started_at: Rfc3339(serving.since),
    });
    Ok(Reply::json(
        200,
        &Status {
            status: readiness(&standing),
            terminal_id: who.terminal.clone(),
            model: who.model.clone(),
            software_version: standing.software_version.clone(),
            active_transaction: active,
            last_transaction: last.as_ref().and_then(last_transaction),
        },
    ))
}

fn last_transaction(sale: &Sale) -> Option<LastTransaction> {
    let command = sale.record.command.as_ref()?;
    Some(LastTransaction {
        reference: command.reference.as_deref().map(str::to_owned),
        transaction_id: command.payment_id.to_string(),
        status: word(sale),
        completed_at: (!sale.is_open()).then_some(Rfc3339(sale.record.written_at)),
    })
}

/// A transaction's status in the words of the page; `active` and `unknown` are ours.
fn word(sale: &Sale) -> &'static str {
    match &sale.record.state {
        State::Waiting { .. } | State::AuthSent { .. } => "active",
        State::Unknown { .. } => "unknown",
        State::Approved { .. } if view::reading(&sale.record).status == PaymentStatus::Cancelled => {
            "cancelled"
        }
        State::Approved { .. } | State::ApprovedAlone { .. } => "approved",
        State::Declined { .. } => "declined",
        State::Ended { cause } if cause.decline_code().is_some() => "declined",
        State::Voided { .. } | State::Ended { .. } => "cancelled",
    }
}

async fn of_transaction(counter: &Counter, reference: &str) -> Answered {
    let Some(sale) = original::newest(counter, reference).await else {
        return from_cloud(counter, reference).await;
    };
    let status = word(&sale);
    if let (Some(code), Some(command)) = (view::reading(&sale.record).decline, &sale.record.command) {
        let reference = command.reference.as_deref().map(str::to_owned);
        let id = command.payment_id.to_string();
        let declined = Declined::new(reference, id, code, Some(sale.record.written_at));
        return Ok(Reply::json(200, &declined.without_error()));
    }
    let mut said = transaction(counter, &sale, status);
    if status == "approved" {
        said.receipt_data = receipt_data(counter, Lookup::Intent(sale.record.intent), false).await;
    }
    Ok(Reply::json(200, &said))
}

/// A transaction that the journal has forgotten, with what the cloud says of it.
async fn from_cloud(counter: &Counter, reference: &str) -> Answered {
    let asked = counter.till.ask_office(Operation::Find, None, json!({ "reference": reference })).await;
    // What the journal does not have is older than a day. Without a link, nobody here knows more.
    let Ok(reply) = asked else { return Err(original::unknown()) };
    if reply.status != 200 {
        return Err(original::unknown());
    }
    let status = match forgotten::status_of(&reply.body) {
        Some(PaymentStatus::Completed | PaymentStatus::Authorized) => "approved",
        Some(PaymentStatus::Failed) => "declined",
        Some(PaymentStatus::Cancelled | PaymentStatus::Expired) => "cancelled",
        Some(PaymentStatus::Processing) => "unknown",
        Some(PaymentStatus::Pending) | None => "active",
    };
    let said = forgotten::transaction(&reply.body, status).ok_or_else(original::unknown)?;
    let mut said = serde_json::to_value(&said).unwrap_or_default();
    if let Some(code) = reply.body["declineCode"].as_str() {
        said["declineCode"] = json!(code);
    }
    Ok(Reply::json(200, &said))
}

/// Both copies of a receipt; `None` while there is nothing to say.
pub(super) async fn receipt_data(counter: &Counter, what: Lookup, images: bool) -> Option<ReceiptData> {
    let facts = counter.till.receipt(what).await?;
    Some(written(counter, &About::Payment(Box::new(facts)), images))
}

fn written(counter: &Counter, about: &About, images: bool) -> ReceiptData {
    let who = counter.who();
    let paper = Paper { terminal: &who.terminal, columns: who.columns };
    let (merchant, customer) = (paper.of(about, Copy::Merchant), paper.of(about, Copy::Customer));
    let drawn = |text: &str| images.then(|| STANDARD.encode(image::png(text, who.columns)));
    ReceiptData {
        merchant_image: drawn(&merchant),
        customer_image: drawn(&customer),
        merchant_receipt: merchant,
        customer_receipt: customer,
        signature_required: None,
    }
}

pub(super) async fn receipt_last(counter: &Arc<Counter>, body: ReceiptLast) -> Answered {
    let nothing = || error(CashlessCode::TransactionNotFound, "There has been no transaction yet.");
    let about = counter.till.newest_receipt().await.ok_or_else(nothing)?;
    let (transaction_id, reference, status, at) = match &about {
        About::Refund(facts) => (facts.refund.clone(), Some(facts.reference.clone()), "approved", facts.at),
        About::Payment(facts) => {
            let command = facts.record.command.as_ref().ok_or_else(nothing)?;
            let reference = command.reference.as_deref().map(str::to_owned);
            (command.payment_id.to_string(), reference, outcome_word(facts.outcome), facts.at)
        }
    };
    let mut receipt_data = written(counter, &about, body.image.unwrap_or(false));
    // Nobody signs: cards are verified by PIN, device, or not at all.
    receipt_data.signature_required = Some(false);
    Ok(Reply::json(
        200,
        &LastReceipt { transaction_id, reference, status, receipt_data, completed_at: Some(Rfc3339(at)) },
    ))
}

fn outcome_word(outcome: ReceiptOutcome) -> &'static str {
    match outcome {
        ReceiptOutcome::Approved | ReceiptOutcome::ApprovedOffline => "approved",
        ReceiptOutcome::Declined(_) => "declined",
        ReceiptOutcome::Cancelled => "cancelled",
    }
}

pub(super) async fn reprint(counter: &Arc<Counter>, body: Reprint) -> Answered {
    let copies = body.copies.unwrap_or(CopyWord::Customer);
    let asked = match copies {
        CopyWord::Merchant => Copies::Merchant,
        CopyWord::Customer => Copies::Customer,
        CopyWord::Both => Copies::Both,
    };
    counter.till.reprint(asked).await.map_err(|refusal| match refusal {
        ReprintRefusal::NoPrinter => error(
            CashlessCode::PrinterUnavailable,
            "This model has no built-in printer. Take the data of receipt/last and print it at the ECR.",
        ),
        ReprintRefusal::PaperOut => {
            error(CashlessCode::PrinterUnavailable, "The terminal's printer is out of paper.")
        }
        ReprintRefusal::NothingToPrint => {
            error(CashlessCode::TransactionNotFound, "There is no receipt to print yet.")
        }
        ReprintRefusal::Stopped => {
            error(CashlessCode::CommunicationError, "The terminal is starting again. Nothing was printed.")
        }
    })?;
    Ok(Reply::json(200, &Reprinted { status: "printed", copies }))
}
