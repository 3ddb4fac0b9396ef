//! `/v1/operator/releases`: the catalogue of the terminals' software, for whoever runs the server.

use std::sync::Arc;

use axum::extract::State;
use axum::http::Uri;
use vinr_wire::rest::release::{CreateRelease, ReleaseList, ReleaseView, UpdateRelease};

use super::Api;
use super::document::{Changing, ChangingHeaders, ChangingOne, OneObject, Reading, ReadingHeaders};
use super::error::Fault;
use super::front::Operator;
use super::reply::Reply;
use super::request::{NoQuery, Submission};

/// Register a release
///
/// Signs its manifest with the platform's authority for software. Terminals of the model install it when they are told to
/// `update`, as far as it is rolled out and they do not run a newer one.
#[utoipa::path(
    post,
    path = "/v1/operator/releases",
    operation_id = "createRelease",
    tag = "Operator",
    params(ChangingHeaders),
    request_body(content((CreateRelease = "application/json", example = json!({
        "model": "nexgo_n92", "version": "3.15.0", "size": 48_234_496,
        "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", "rolloutPercent": 10
    })))),
    responses((status = 200, description = "The release.", body = ReleaseView), Changing),
    security(("bearer" = []), ("apiKey" = [])),
    extensions(("x-vinr-scope" = json!("operator"))),
)]
pub(in crate::api) async fn create(
    State(api): State<Arc<Api>>,
    operator: Operator,
    request: Submission<NoQuery, CreateRelease>,
) -> Result<Reply, Fault> {
    let NoQuery {} = request.query;
    let new = request.body.validate()?;
    let releases = &api.services.applications.releases;
    Ok(Reply::said(releases.create(&operator.who, new, request.key).await?))
}

/// List all releases
///
/// Newest first.
#[utoipa::path(
    get,
    path = "/v1/operator/releases",
    operation_id = "listReleases",
    tag = "Operator",
    params(ReadingHeaders),
    responses((status = 200, description = "All releases.", body = ReleaseList), Reading),
    security(("bearer" = []), ("apiKey" = [])),
    extensions(("x-vinr-scope" = json!("operator"))),
)]
pub(in crate::api) async fn list(State(api): State<Arc<Api>>, _operator: Operator) -> Result<Reply, Fault> {
    Ok(Reply::json(&ReleaseList::new(api.services.applications.releases.list())))
}

/// Retrieve a release
///
/// By its id.
#[utoipa::path(
    get,
    path = "/v1/operator/releases/{id}",
    operation_id = "retrieveRelease",
    tag = "Operator",
    params(("id" = String, Path, description = "The release's id."), ReadingHeaders),
    responses((status = 200, description = "The release.", body = ReleaseView), OneObject),
    security(("bearer" = []), ("apiKey" = [])),
    extensions(("x-vinr-scope" = json!("operator"))),
)]
pub(in crate::api) async fn retrieve(
    State(api): State<Arc<Api>>,
    _operator: Operator,
    uri: Uri,
) -> Result<Reply, Fault> {
    Ok(Reply::json(&api.services.applications.releases.retrieve(id_in(&uri))?))
}

/// Roll a release out further, or halt it
///
/// Terminals that have installed it keep it.
#[utoipa::path(
    post,
    path = "/v1/operator/releases/{id}",
    operation_id = "updateRelease",
    tag = "Operator",
    params(("id" = String, Path, description = "The release's id."), ChangingHeaders),
    request_body(content((UpdateRelease = "application/json", example = json!({"rolloutPercent": 50})))),
    responses((status = 200, description = "The release as it is now.", body = ReleaseView), ChangingOne),
    security(("bearer" = []), ("apiKey" = [])),
    extensions(("x-vinr-scope" = json!("operator"))),
)]
pub(in crate::api) async fn update(
    State(api): State<Arc<Api>>,
    operator: Operator,
    uri: Uri,
    request: Submission<NoQuery, UpdateRelease>,
) -> Result<Reply, Fault> {
    let NoQuery {} = request.query;
    let changes = request.body.validate()?;
    let releases = &api.services.applications.releases;
    Ok(Reply::said(releases.update(&operator.who, id_in(&uri), changes, request.key).await?))
}

fn id_in(uri: &Uri) -> &str {
    uri.path().split('/').nth(4).unwrap_or("")
}
