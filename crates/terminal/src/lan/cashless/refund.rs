//! Refunds: partial, as many as the original allows, each once for its reference. The card is not presented again; the
//! cloud and the issuer decide.

use std::sync::Arc;

use serde_json::{Value, json};
use vinr_domain::{DeclineCode, Money};
use vinr_wire::lan::cashless::{
    CashlessCode, CashlessError, Declined, ReceiptData, Refund, Refunded, Rfc3339,
};
use vinr_wire::link::Operation;

use super::super::counter::Counter;
use super::super::reply::Reply;
use super::original::{self, Original};
use super::{Answered, error, office, refused_field, to_the_end};
use crate::printer::{Copy, Paper};
use crate::till::{OfficeReply, RefundFacts};

/// How often a reference whose refund failed may be used again.
const TRIES: u32 = 8;
/// How long a refund whose answer was lost is asked for again.
const NEWS_MS: i64 = 10 * 60_000;

pub(super) async fn refund(counter: Arc<Counter>, body: Refund) -> Answered {
    let asked = body.asked().map_err(|wrong| refused_field(&wrong))?;
    let original = original::find(&counter, &body.original_reference, original_of_refund).await?;
    if original.currency.is_some_and(|currency| currency != asked.currency) {
        return Err(error(CashlessCode::CurrencyMismatch, "The currency is not the original's."));
    }
    if original.offline {
        return Err(error(
            CashlessCode::CommunicationError,
            "The original was approved without a connection and is not confirmed yet. Send the request again later.",
        ));
    }
    if original.captured_minor.is_some_and(|captured| asked.amount_minor > captured) {
        return Err(exceeds());
    }
    to_the_end(async move { give_back(&counter, &original, &body, asked).await }).await
}

/// Money has been, or may have been, taken by it.
fn original_of_refund(original: &Original) -> bool {
    use vinr_domain::payment::Status;
    matches!(original.status, Status::Completed | Status::Authorized | Status::Processing)
}

fn exceeds() -> Box<CashlessError> {
    error(CashlessCode::AmountExceedsOriginal, "The amount is more than what was taken.")
}

async fn give_back(counter: &Counter, original: &Original, body: &Refund, asked: Money) -> Answered {
    // A reference whose refund failed may be used again, under a name of its own.
    for attempt in 1..=TRIES {
        let reply = ask(counter, original, body, asked, attempt).await?;
        let status = reply.body.get("status").and_then(Value::as_str).unwrap_or("");
        match (reply.status, status) {
            (200 | 202, "failed") if reply.replayed && attempt < TRIES => {}
            (200 | 202, "failed") => {
                let id = text(&reply.body, "id");
                let at = office::time_in(&reply.body, &["updatedAt", "createdAt"]);
                let declined = Declined::new(Some(body.reference.clone()), id, DeclineCode::CardDeclined, at);
                return Ok(Reply::json(402, &declined));
            }
            (200 | 202, _) => return Ok(given_back(counter, original, body, asked, &reply).await),
            _ => return Err(office::refusal(&reply)),
        }
    }
    Err(error(CashlessCode::DuplicateReference, "The reference has failed too often. Use another one."))
}

async fn ask(
    counter: &Counter,
    original: &Original,
    body: &Refund,
    asked: Money,
    attempt: u32,
) -> Result<OfficeReply, Box<CashlessError>> {
    let key = match attempt {
        1 => format!("cashless/refund/{}", body.reference),
        _ => format!("cashless/refund/{}/{attempt}", body.reference),
    };
    let request = json!({
        "payment": original.payment, "amount": asked.amount_minor, "currency": asked.currency.code(),
        "reference": body.reference,
    });
    counter.till.ask_office(Operation::Refund, Some(key.into()), request).await.map_err(office::fault)
}

async fn given_back(
    counter: &Counter,
    original: &Original,
    body: &Refund,
    asked: Money,
    reply: &OfficeReply,
) -> Reply {
    let pending = reply.body.get("status").and_then(Value::as_str) == Some("pending");
    let at = office::time_in(&reply.body, &["updatedAt", "createdAt"]);
    let facts = facts_of(counter, original, body, asked, &text(&reply.body, "id"));
    let receipt = receipt(counter, &facts);
    // An answer that was lost on its way comes again as a repetition; an old refund that is repeated is no news.
    let is_news = !reply.replayed || at.is_some_and(|at| counter.now().ms_since(at) < NEWS_MS);
    if !pending && is_news {
        // Should the terminal stop before this is kept, the money has been given back all the same.
        let _ = counter.till.refunded(facts, body.print_receipt == Some(true)).await;
    }
    let said = Refunded {
        status: if pending { "pending" } else { "approved" },
        reference: body.reference.clone(),
        transaction_id: text(&reply.body, "id"),
        amount: asked.amount_minor,
        currency: asked.currency.to_string(),
        original_transaction_id: original.payment.clone(),
        receipt_data: Some(receipt),
        completed_at: at.filter(|_| !pending).map(Rfc3339),
        duplicate: reply.replayed,
    };
    Reply::json(if pending { 202 } else { 200 }, &said)
}

fn facts_of(
    counter: &Counter,
    original: &Original,
    body: &Refund,
    amount: Money,
    refund: &str,
) -> RefundFacts {
    let access = counter.guard.access();
    RefundFacts {
        refund: refund.to_owned(),
        reference: body.reference.clone(),
        original: original.payment.clone(),
        amount,
        card: original.card,
        at: counter.now(),
        shop: access.shop.clone(),
        livemode: access.livemode,
    }
}

/// Both copies of a refund's receipt.
fn receipt(counter: &Counter, facts: &RefundFacts) -> ReceiptData {
    let who = counter.who();
    let paper = Paper { terminal: &who.terminal, columns: who.columns };
    ReceiptData {
        merchant_receipt: paper.refund_text(facts, Copy::Merchant),
        customer_receipt: paper.refund_text(facts, Copy::Customer),
        signature_required: None,
        merchant_image: None,
        customer_image: None,
    }
}

fn text(object: &Value, key: &str) -> String {
    object.get(key).and_then(Value::as_str).unwrap_or_default().to_owned()
}
