//! `GET /v1/batches`.

use std::sync::Arc;

use axum::extract::State;
use vinr_wire::rest::batch::{BatchListView, ListBatches};

use super::super::Api;
use super::super::document::{Reading, ReadingHeaders};
use super::super::error::Fault;
use super::super::front::Caller;
use super::super::reply::Reply;
use super::super::request::Query;

/// List batches
///
/// Newest first; every filter given must hold. An open batch shows what it would hold if it were closed now.
#[utoipa::path(
    get,
    path = "/v1/batches",
    operation_id = "listBatches",
    tag = "Batches",
    params(ListBatches, ReadingHeaders),
    responses((status = 200, description = "A page of batches.", body = BatchListView), Reading),
    security(("bearer" = []), ("apiKey" = [])),
    extensions(("x-vinr-scope" = json!("batches:read"))),
)]
pub(in crate::api) async fn list(
    State(api): State<Arc<Api>>,
    caller: Caller,
    Query(query): Query<ListBatches>,
) -> Result<Reply, Fault> {
    let listed = api.services.applications.batches.list(&caller.who, &query).await?;
    Ok(Reply::page(&listed.batches, listed.has_more))
}
