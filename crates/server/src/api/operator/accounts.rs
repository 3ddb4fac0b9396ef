//! `/v1/operator/accounts`: all merchants of this server.

use std::sync::Arc;

use axum::extract::State;
use axum::http::Uri;
use vinr_wire::rest::account::{
    CreateAccount, ListAccounts, OperatedAccountList, OperatedAccountView, UpdateOperatedAccount,
};
use vinr_wire::rest::api_key::{ApiKeyView, CreateAccountKey};

use super::super::Api;
use super::super::document::{Changing, ChangingHeaders, ChangingOne, OneObject, Reading, ReadingHeaders};
use super::super::error::Fault;
use super::super::front::Operator;
use super::super::reply::Reply;
use super::super::request::{NoQuery, Query, Submission, segment};

/// List accounts
#[utoipa::path(
    get,
    path = "/v1/operator/accounts",
    operation_id = "operatorListAccounts",
    tag = "Operator",
    params(ListAccounts, ReadingHeaders),
    responses((status = 200, description = "A page of accounts, newest first.", body = OperatedAccountList), Reading),
    security(("operator" = [])),
    extensions(("x-vinr-scope" = json!("operator"))),
)]
pub(in crate::api) async fn list(
    State(api): State<Arc<Api>>,
    _operator: Operator,
    Query(query): Query<ListAccounts>,
) -> Result<Reply, Fault> {
    let (limit, cursor) = query.validate()?;
    let (accounts, has_more) = api.services.applications.accounts.list_accounts(limit, &cursor).await?;
    Ok(Reply::json(&OperatedAccountList::new(accounts, has_more)))
}

/// Open an account
///
/// It has no keys yet; create its first with `POST /v1/operator/accounts/{id}/api-keys`.
#[utoipa::path(
    post,
    path = "/v1/operator/accounts",
    operation_id = "operatorCreateAccount",
    tag = "Operator",
    params(ChangingHeaders),
    request_body(content(
        (CreateAccount = "application/json", example = json!({"displayName": "Acme Coffee"})),
        (CreateAccount = "application/x-www-form-urlencoded"),
    )),
    responses((status = 200, description = "The account.", body = OperatedAccountView), Changing),
    security(("operator" = [])),
    extensions(("x-vinr-scope" = json!("operator"))),
)]
pub(in crate::api) async fn create(
    State(api): State<Arc<Api>>,
    operator: Operator,
    request: Submission<NoQuery, CreateAccount>,
) -> Result<Reply, Fault> {
    let name = request.body.validate()?;
    Ok(Reply::said(api.services.applications.accounts.open_account(&operator.who, name, request.key).await?))
}

/// Retrieve an account
#[utoipa::path(
    get,
    path = "/v1/operator/accounts/{id}",
    operation_id = "operatorRetrieveAccount",
    tag = "Operator",
    params(("id" = String, Path, description = "The account's id."), ReadingHeaders),
    responses((status = 200, description = "The account.", body = OperatedAccountView), OneObject),
    security(("operator" = [])),
    extensions(("x-vinr-scope" = json!("operator"))),
)]
pub(in crate::api) async fn retrieve(
    State(api): State<Arc<Api>>,
    _operator: Operator,
    uri: Uri,
    Query(NoQuery {}): Query<NoQuery>,
) -> Result<Reply, Fault> {
    Ok(Reply::json(&api.services.applications.accounts.operated_account(segment(&uri, 4))?))
}

/// Update an account
///
/// Caps what its terminals take offline, stops it, or lets it go on. A suspended account's keys may look, and change
/// nothing.
#[utoipa::path(
    post,
    path = "/v1/operator/accounts/{id}",
    operation_id = "operatorUpdateAccount",
    tag = "Operator",
    params(("id" = String, Path, description = "The account's id."), ChangingHeaders),
    request_body(content(
        (UpdateOperatedAccount = "application/json", example = json!({
            "offlineCap": {"maxAmount": 5000, "maxQueue": 50, "maxTotal": 100_000}, "suspended": false
        })),
        (UpdateOperatedAccount = "application/x-www-form-urlencoded"),
    )),
    responses((status = 200, description = "The account.", body = OperatedAccountView), ChangingOne),
    security(("operator" = [])),
    extensions(("x-vinr-scope" = json!("operator"))),
)]
pub(in crate::api) async fn update(
    State(api): State<Arc<Api>>,
    operator: Operator,
    uri: Uri,
    request: Submission<NoQuery, UpdateOperatedAccount>,
) -> Result<Reply, Fault> {
    let changes = request.body.validate()?;
    let id = segment(&uri, 4);
    let said =
        api.services.applications.accounts.operate_account(&operator.who, id, changes, request.key).await?;
    Ok(Reply::said(said))
}

/// Create an API key for an account
///
/// Its first, or one for a merchant that has lost all others. `secret` is in this answer only.
#[utoipa::path(
    post,
    path = "/v1/operator/accounts/{id}/api-keys",
    operation_id = "operatorCreateApiKey",
    tag = "Operator",
    params(("id" = String, Path, description = "The account's id."), ChangingHeaders),
    request_body(content(
        (CreateAccountKey = "application/json", example = json!({"livemode": false, "type": "secret"})),
        (CreateAccountKey = "application/x-www-form-urlencoded"),
    )),
    responses((status = 200, description = "The key, with its text.", body = ApiKeyView), ChangingOne),
    security(("operator" = [])),
    extensions(("x-vinr-scope" = json!("operator"))),
)]
pub(in crate::api) async fn create_key(
    State(api): State<Arc<Api>>,
    operator: Operator,
    uri: Uri,
    request: Submission<NoQuery, CreateAccountKey>,
) -> Result<Reply, Fault> {
    let new = request.body.validate()?;
    let id = segment(&uri, 4);
    Ok(Reply::said(api.services.applications.accounts.give_key(&operator.who, id, new, request.key).await?))
}
