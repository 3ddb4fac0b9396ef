//! `/v1/account`: the account of the key that asks, and its settings.

use std::sync::Arc;

use axum::extract::State;
use vinr_wire::rest::account::{AccountView, UpdateAccount};

use super::Api;
use super::document::{Changing, ChangingHeaders, Reading, ReadingHeaders};
use super::error::Fault;
use super::front::Caller;
use super::reply::Reply;
use super::request::{NoQuery, Query, Submission};

/// Retrieve the account
///
/// The account that the key belongs to, with its settings for the key's mode: test and live settings are apart.
#[utoipa::path(
    get,
    path = "/v1/account",
    operation_id = "retrieveAccount",
    tag = "Account",
    params(ReadingHeaders),
    responses((status = 200, description = "The account.", body = AccountView), Reading),
    security(("bearer" = []), ("apiKey" = [])),
    extensions(("x-vinr-scope" = json!("account:read"))),
)]
pub(in crate::api) async fn retrieve(
    State(api): State<Arc<Api>>,
    caller: Caller,
    Query(NoQuery {}): Query<NoQuery>,
) -> Result<Reply, Fault> {
    Ok(Reply::json(&api.services.applications.accounts.account(&caller.who).await?))
}

/// Update the account's settings
///
/// Only what is included is changed, and only for the key's mode: a test key never changes what holds for live data.
#[utoipa::path(
    post,
    path = "/v1/account",
    operation_id = "updateAccount",
    tag = "Account",
    params(ChangingHeaders),
    request_body(content(
        (UpdateAccount = "application/json", example = json!({"overCapturePercent": 25, "timeZone": "Europe/Berlin"})),
        (UpdateAccount = "application/x-www-form-urlencoded"),
    )),
    responses((status = 200, description = "The account with its new settings.", body = AccountView), Changing),
    security(("bearer" = []), ("apiKey" = [])),
    extensions(("x-vinr-scope" = json!("account:write"))),
)]
pub(in crate::api) async fn update(
    State(api): State<Arc<Api>>,
    caller: Caller,
    request: Submission<NoQuery, UpdateAccount>,
) -> Result<Reply, Fault> {
    let changes = request.body.validate()?;
    let said = api.services.applications.accounts.update_account(&caller.who, changes, request.key).await?;
    Ok(Reply::said(said))
}
