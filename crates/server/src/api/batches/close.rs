//! `POST /v1/batches/close`.

use std::sync::Arc;

use axum::extract::State;
use vinr_wire::rest::batch::{CloseBatch, ClosedBatchesView};

use super::super::Api;
use super::super::document::{ChangingHeaders, ChangingOne};
use super::super::error::Fault;
use super::super::front::Caller;
use super::super::reply::Reply;
use super::super::request::{NoQuery, Submission};

/// Close a terminal's batches
///
/// Counts and nets what is final, in every currency: the batch in the settlement currency is answered, the others follow
/// in `batches`. Transactions whose outcome is not known stay for the next batch (`pendingCount`). The same `reference`
/// closes the same batches. Batches also close by themselves at the end of the location's day; nothing is settled twice.
#[utoipa::path(
    post,
    path = "/v1/batches/close",
    operation_id = "closeBatches",
    tag = "Batches",
    params(ChangingHeaders),
    request_body(content(
        (CloseBatch = "application/json", example = json!({
            "terminalId": "term_test_simulator", "reference": "EOD-2026-06-11"
        })),
        (CloseBatch = "application/x-www-form-urlencoded"),
    )),
    responses((status = 200, description = "The closed batches.", body = ClosedBatchesView), ChangingOne),
    security(("bearer" = []), ("apiKey" = [])),
    extensions(("x-vinr-scope" = json!("batches:write"))),
)]
pub(in crate::api) async fn close(
    State(api): State<Arc<Api>>,
    caller: Caller,
    request: Submission<NoQuery, CloseBatch>,
) -> Result<Reply, Fault> {
    let close = request.body.validate()?;
    Ok(Reply::said(api.services.applications.batches.close(&caller.who, close, request.key).await?))
}
