//! `POST /v1/terminals/{id}/deactivate`.

use std::sync::Arc;

use axum::extract::State;
use axum::http::Uri;
use serde::Deserialize;
use utoipa::ToSchema;
use vinr_wire::rest::terminal::TerminalView;

use super::super::Api;
use super::super::document::{ChangingHeaders, ChangingOne};
use super::super::error::Fault;
use super::super::front::Caller;
use super::super::reply::Reply;
use super::super::request::{NoQuery, Submission};

/// Nothing has to be said.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct DeactivateTerminal {}

/// Take a terminal out of service
///
/// Its certificates are revoked at once and its link is cut. A payment that waits on it ends without a charge; one that
/// the acquirer was asked about is settled without the terminal. The device can be paired again, by any account.
#[utoipa::path(
    post,
    path = "/v1/terminals/{id}/deactivate",
    operation_id = "deactivateTerminal",
    tag = "Terminals",
    params(("id" = String, Path, description = "The terminal's id."), ChangingHeaders),
    request_body(content(
        (DeactivateTerminal = "application/json"),
        (DeactivateTerminal = "application/x-www-form-urlencoded"),
    )),
    responses((status = 200, description = "The terminal, `deactivated`.", body = TerminalView), ChangingOne),
    security(("bearer" = []), ("apiKey" = [])),
    extensions(("x-vinr-scope" = json!("terminals:write"))),
)]
pub(in crate::api) async fn deactivate(
    State(api): State<Arc<Api>>,
    caller: Caller,
    uri: Uri,
    request: Submission<NoQuery, DeactivateTerminal>,
) -> Result<Reply, Fault> {
    let DeactivateTerminal {} = request.body;
    let id = uri.path().split('/').nth(3).unwrap_or("");
    Ok(Reply::said(api.services.applications.pairing.deactivate(&caller.who, id, request.key).await?))
}
