//! Completing and cancelling a pre-authorisation: the cloud's to do, once for each reference.

use std::sync::Arc;

use serde_json::json;
use vinr_domain::payment::Status;
use vinr_domain::{Money, Timestamp};
use vinr_wire::lan::cashless::{
    Cancelled, CashlessCode, CashlessError, Completion, PreauthCancel, PreauthComplete, Rfc3339,
};
use vinr_wire::link::Operation;

use super::super::counter::Counter;
use super::super::reply::Reply;
use super::original::{self, Original};
use super::{Answered, error, office, refused_field, to_the_end};
use crate::till::{CancelRefusal, Lookup};

pub(super) async fn complete(counter: Arc<Counter>, body: PreauthComplete) -> Answered {
    let asked = body.asked().map_err(|wrong| refused_field(&wrong))?;
    let hold = original::find(&counter, &body.original_reference, |original| original.is_hold).await?;
    if let Some(said) = completed_before(&hold, &body, asked)? {
        return Ok(Reply::json(200, &said));
    }
    to_the_end(async move { capture(&counter, &hold, &body, asked).await }).await
}

/// What can be said without the cloud: the same completion again, or why there cannot be one.
fn completed_before(
    hold: &Original,
    body: &PreauthComplete,
    asked: Money,
) -> Result<Option<Completion>, Box<CashlessError>> {
    if hold.currency.is_some_and(|currency| currency != asked.currency) {
        return Err(error(CashlessCode::CurrencyMismatch, "The currency is not the pre-authorisation's."));
    }
    if hold.status == Status::Completed && hold.completed_as.as_deref() == Some(&*body.reference) {
        if hold.captured_minor == Some(asked.amount_minor) {
            return Ok(Some(completion(hold, body, asked, Some(hold.at), true)));
        }
        return Err(error(
            CashlessCode::DuplicateReference,
            "The reference belongs to a completion with another amount.",
        ));
    }
    if asked.amount_minor > hold.authorized_minor {
        return Err(error(
            CashlessCode::AmountExceedsOriginal,
            "The amount is more than the pre-authorisation holds.",
        ));
    }
    match hold.status {
        // The cloud decides, and knows a repeated request by its reference.
        Status::Authorized | Status::Completed => Ok(None),
        Status::Processing | Status::Pending => Err(error(
            CashlessCode::CommunicationError,
            "The pre-authorisation is not confirmed yet. Send the same request again later.",
        )),
        Status::Failed => Err(original::unknown()),
        Status::Cancelled | Status::Expired => Err(error(
            CashlessCode::PreauthExpired,
            "The pre-authorisation was cancelled or has expired; the held funds have been released.",
        )),
    }
}

fn completion(
    hold: &Original,
    body: &PreauthComplete,
    taken: Money,
    at: Option<Timestamp>,
    duplicate: bool,
) -> Completion {
    Completion {
        status: "approved",
        reference: body.reference.clone(),
        transaction_id: hold.payment.clone(),
        capture_amount: taken.amount_minor,
        currency: taken.currency.to_string(),
        auth_code: hold.auth_code.clone(),
        completed_at: at.map(Rfc3339),
        duplicate,
    }
}

async fn capture(counter: &Counter, hold: &Original, body: &PreauthComplete, asked: Money) -> Answered {
    let key = format!("cashless/complete/{}", body.reference);
    let request = json!({ "payment": hold.payment, "amount": asked.amount_minor });
    let reply = counter.till.ask_office(Operation::Capture, Some(key.into()), request).await;
    let reply = reply.map_err(office::fault)?;
    match reply.status {
        200 => {
            if let Some(intent) = hold.intent {
                let completed_as = Some(body.reference.as_str().into());
                // Should the terminal stop before this is kept, the cloud still knows it by the reference.
                let _ = counter.till.note_captured(intent, asked.amount_minor, completed_as).await;
            }
            let at = office::time_in(&reply.body, &["completedAt"]).or_else(|| Some(counter.now()));
            Ok(Reply::json(200, &completion(hold, body, asked, at, reply.replayed)))
        }
        202 => Err(office::fault(crate::till::OfficeFault::NoAnswer)),
        _ => Err(office::refusal(&reply)),
    }
}

pub(super) async fn cancel(counter: Arc<Counter>, body: PreauthCancel) -> Answered {
    body.check().map_err(|wrong| refused_field(&wrong))?;
    let hold = original::find(&counter, &body.original_reference, |original| original.is_hold).await?;
    match hold.status {
        Status::Cancelled | Status::Expired => Ok(cancelled(&hold, body.original_reference, hold.at)),
        Status::Completed => Err(error(
            CashlessCode::CancelNotAllowed,
            "The pre-authorisation has been completed. Refund it instead.",
        )),
        Status::Failed => Err(original::unknown()),
        Status::Pending => at_the_prompt(&counter, body.original_reference).await,
        Status::Processing => Err(error(
            CashlessCode::CommunicationError,
            "The pre-authorisation is not confirmed yet. Send the same request again later.",
        )),
        Status::Authorized => {
            to_the_end(async move { void(&counter, &hold, body.original_reference).await }).await
        }
    }
}

fn cancelled(hold: &Original, reference: String, at: Timestamp) -> Reply {
    let said = Cancelled {
        status: "cancelled",
        reference: Some(reference),
        transaction_id: hold.payment.clone(),
        cancelled_at: Rfc3339(at),
    };
    Reply::json(200, &said)
}

/// Nobody has presented a card yet.
async fn at_the_prompt(counter: &Counter, reference: String) -> Answered {
    match counter.till.cancel(Lookup::Reference(reference.as_str().into())).await {
        Ok(sale) => {
            let command = sale.record.command.as_ref();
            let said = Cancelled {
                status: "cancelled",
                reference: Some(reference),
                transaction_id: command.map(|command| command.payment_id.to_string()).unwrap_or_default(),
                cancelled_at: Rfc3339(sale.record.written_at),
            };
            Ok(Reply::json(200, &said))
        }
        Err(CancelRefusal::NotFound) => Err(original::unknown()),
        Err(CancelRefusal::TooLate(_) | CancelRefusal::Stopped) => Err(error(
            CashlessCode::CancelNotAllowed,
            "A card has been presented. Wait for the result, and cancel the pre-authorisation then.",
        )),
    }
}

async fn void(counter: &Counter, hold: &Original, reference: String) -> Answered {
    let key = format!("cashless/void/{}", hold.payment);
    let request = json!({ "payment": hold.payment });
    let reply = counter.till.ask_office(Operation::Void, Some(key.into()), request).await;
    let reply = reply.map_err(office::fault)?;
    match reply.status {
        200 => {
            if let Some(intent) = hold.intent {
                // Nothing was taken of it, and nothing will be.
                let _ = counter.till.note_captured(intent, 0, None).await;
            }
            let at = office::time_in(&reply.body, &["cancelledAt"]).unwrap_or_else(|| counter.now());
            Ok(cancelled(hold, reference, at))
        }
        202 => Err(office::fault(crate::till::OfficeFault::NoAnswer)),
        _ => Err(office::refusal(&reply)),
    }
}
