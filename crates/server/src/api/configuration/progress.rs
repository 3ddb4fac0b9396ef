//! `GET /v1/locations/{id}/terminal-config/status`.

use std::sync::Arc;

use axum::extract::State;
use serde::Deserialize;
use utoipa::IntoParams;
use vinr_wire::rest::body::FieldError;
use vinr_wire::rest::config::ConfigProgress;

use super::super::Api;
use super::super::document::{OneObject, ReadingHeaders};
use super::super::error::Fault;
use super::super::front::Caller;
use super::super::reply::Reply;
use super::super::request::{LocationPath, Query};

/// Which page of terminals.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in crate::api) struct ProgressQuery {
    /// How many terminals to name; 10 when left out.
    #[param(minimum = 1, maximum = 100, nullable = false)]
    limit: Option<i64>,
    /// The last terminal of the page before.
    #[param(nullable = false, pattern = "^term_[0-9A-Za-z_-]{1,48}$")]
    starting_after: Option<String>,
}

/// Watch a location being configured
///
/// How many of its terminals have what holds for them, have not said so yet, or could not apply it; and a page of them,
/// by their ids.
#[utoipa::path(
    get,
    path = "/v1/locations/{id}/terminal-config/status",
    operation_id = "retrieveLocationTerminalConfigStatus",
    tag = "Configuration",
    params(("id" = String, Path, description = "The location's id."), ProgressQuery, ReadingHeaders),
    responses((status = 200, description = "How far they have come.", body = ConfigProgress), OneObject),
    security(("bearer" = []), ("apiKey" = [])),
    extensions(("x-vinr-scope" = json!("locations:read"))),
)]
pub(in crate::api) async fn progress(
    State(api): State<Arc<Api>>,
    caller: Caller,
    LocationPath(id): LocationPath,
    Query(query): Query<ProgressQuery>,
) -> Result<Reply, Fault> {
    let limit = usize::try_from(query.limit.unwrap_or(10)).ok().filter(|limit| (1..=100).contains(limit));
    let limit = limit.ok_or_else(|| FieldError::invalid("limit", "must be 1 to 100"))?;
    let after = query.starting_after.as_deref();
    if after.is_some_and(|after| vinr_domain::TerminalId::parse(after).is_err()) {
        return Err(FieldError::invalid("starting_after", "is not the id of a terminal").into());
    }
    let configurations = &api.services.applications.configurations;
    let scope = &caller.who.scope;
    Ok(Reply::json(&configurations.location_progress(scope, &id, after, limit).await?))
}
