//! `/batch/close`: the cloud closes, once for each reference; the terminal adds what the cloud cannot know yet.

use std::sync::Arc;

use serde_json::{Value, json};
use vinr_wire::lan::cashless::{BatchClose, BatchClosed, CashlessCode, Rfc3339};
use vinr_wire::link::Operation;

use super::super::counter::Counter;
use super::super::reply::Reply;
use super::{Answered, error, office, refused_field, to_the_end};

pub(super) async fn close(counter: Arc<Counter>, body: BatchClose) -> Answered {
    body.check().map_err(|wrong| refused_field(&wrong))?;
    to_the_end(async move { settle(&counter, body.reference).await }).await
}

async fn settle(counter: &Counter, reference: String) -> Answered {
    let waiting = counter.till.standing().borrow().offline.pending;
    let key = format!("cashless/batch/{reference}");
    let request = json!({ "reference": reference });
    let reply = counter.till.ask_office(Operation::CloseBatch, Some(key.into()), request).await;
    let reply = reply.map_err(office::fault)?;
    if !(200..300).contains(&reply.status) {
        return Err(office::refusal(&reply));
    }
    let Some(mut said) = closed(&reply.body, Some(reference)) else {
        tracing::error!("the cloud's answer to a batch close cannot be read");
        return Err(error(
            CashlessCode::InternalError,
            "The answer could not be read. The same reference names the same batch: send it again.",
        ));
    };
    said.pending_count = said.pending_count.saturating_add(waiting);
    let others = reply.body.get("batches").and_then(Value::as_array);
    said.batches = others.into_iter().flatten().filter_map(|batch| closed(batch, None)).collect();
    Ok(Reply::json(200, &said))
}

fn closed(batch: &Value, reference: Option<String>) -> Option<BatchClosed> {
    let number = |key: &str| batch.get(key).and_then(Value::as_i64);
    let count = |key: &str| number(key).and_then(|count| u32::try_from(count).ok()).unwrap_or(0);
    Some(BatchClosed {
        status: "closed",
        batch_id: batch.get("id")?.as_str()?.to_owned(),
        reference,
        transaction_count: count("salesCount").saturating_add(count("refundsCount")),
        total_amount: number("netTotal")?,
        currency: batch.get("currency")?.as_str()?.to_owned(),
        pending_count: count("pendingCount"),
        closed_at: office::time_in(batch, &["closedAt"]).map(Rfc3339),
        batches: Vec::new(),
    })
}
