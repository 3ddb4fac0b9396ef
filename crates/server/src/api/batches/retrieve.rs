//! `GET /v1/batches/{id}`.

use std::sync::Arc;

use axum::extract::State;
use vinr_wire::rest::batch::BatchView;

use super::super::Api;
use super::super::document::{OneObject, ReadingHeaders};
use super::super::error::Fault;
use super::super::front::Caller;
use super::super::reply::Reply;
use super::super::request::{NoQuery, Query};
use super::BatchPath;

/// Retrieve a batch
///
/// An open batch shows what it would hold if it were closed now.
#[utoipa::path(
    get,
    path = "/v1/batches/{id}",
    operation_id = "retrieveBatch",
    tag = "Batches",
    params(("id" = String, Path, description = "The batch's id."), ReadingHeaders),
    responses((status = 200, description = "The batch as it is now.", body = BatchView), OneObject),
    security(("bearer" = []), ("apiKey" = [])),
    extensions(("x-vinr-scope" = json!("batches:read"))),
)]
pub(in crate::api) async fn retrieve(
    State(api): State<Arc<Api>>,
    caller: Caller,
    BatchPath(id): BatchPath,
    Query(NoQuery {}): Query<NoQuery>,
) -> Result<Reply, Fault> {
    Ok(Reply::json(&api.services.applications.batches.retrieve(&caller.who, id).await?))
}
