//! `/v1/api-keys`: the keys of the account and mode of the key that asks. The text of a key is in the first answer to
//! the request that made it, and nowhere else.

use std::sync::Arc;

use axum::extract::State;
use axum::http::Uri;
use vinr_wire::rest::api_key::{ApiKeyList, ApiKeyView, CreateApiKey, ListApiKeys, RollApiKey};

use super::Api;
use super::document::{ChangingHeaders, ChangingOne, OneObject, Reading, ReadingHeaders};
use super::error::Fault;
use super::front::Caller;
use super::reply::Reply;
use super::request::{NoBody, NoQuery, Query, Submission, segment};

/// List API keys
///
/// Newest first, those that were revoked included. A key's own text is never shown again.
#[utoipa::path(
    get,
    path = "/v1/api-keys",
    operation_id = "listApiKeys",
    tag = "API keys",
    params(ListApiKeys, ReadingHeaders),
    responses((status = 200, description = "A page of keys.", body = ApiKeyList), Reading),
    security(("bearer" = []), ("apiKey" = [])),
    extensions(("x-vinr-scope" = json!("keys:read"))),
)]
pub(in crate::api) async fn list(
    State(api): State<Arc<Api>>,
    caller: Caller,
    Query(query): Query<ListApiKeys>,
) -> Result<Reply, Fault> {
    let (limit, cursor) = query.validate()?;
    let (keys, has_more) = api.services.applications.accounts.list_keys(&caller.who, limit, cursor).await?;
    Ok(Reply::json(&ApiKeyList::new(keys, has_more)))
}

/// Create an API key
///
/// For the account and mode of the key that asks. `secret` is in this answer only: not even the same request with the
/// same `Idempotency-Key` is told it again. If the answer was lost, roll the key. A restricted key can create only keys
/// that may do no more than itself.
#[utoipa::path(
    post,
    path = "/v1/api-keys",
    operation_id = "createApiKey",
    tag = "API keys",
    params(ChangingHeaders),
    request_body(content(
        (CreateApiKey = "application/json", example = json!({
            "type": "restricted", "name": "Till server", "scopes": ["payments:read", "payments:write"]
        })),
        (CreateApiKey = "application/x-www-form-urlencoded"),
    )),
    responses((status = 200, description = "The key, with its text.", body = ApiKeyView), ChangingOne),
    security(("bearer" = []), ("apiKey" = [])),
    extensions(("x-vinr-scope" = json!("keys:write"))),
)]
pub(in crate::api) async fn create(
    State(api): State<Arc<Api>>,
    caller: Caller,
    request: Submission<NoQuery, CreateApiKey>,
) -> Result<Reply, Fault> {
    let new = request.body.validate()?;
    Ok(Reply::said(api.services.applications.accounts.create_key(&caller.who, new, request.key).await?))
}

/// Retrieve an API key
#[utoipa::path(
    get,
    path = "/v1/api-keys/{id}",
    operation_id = "retrieveApiKey",
    tag = "API keys",
    params(("id" = String, Path, description = "The key's id."), ReadingHeaders),
    responses((status = 200, description = "The key, without its text.", body = ApiKeyView), OneObject),
    security(("bearer" = []), ("apiKey" = [])),
    extensions(("x-vinr-scope" = json!("keys:read"))),
)]
pub(in crate::api) async fn retrieve(
    State(api): State<Arc<Api>>,
    caller: Caller,
    uri: Uri,
    Query(NoQuery {}): Query<NoQuery>,
) -> Result<Reply, Fault> {
    Ok(Reply::json(&api.services.applications.accounts.key(&caller.who, segment(&uri, 3)).await?))
}

/// Roll an API key
///
/// Makes a key with the same name and scopes that takes this one's place. This one goes on working for `expiresIn`
/// seconds, so that your servers can change over one by one. `secret` is in this answer only.
#[utoipa::path(
    post,
    path = "/v1/api-keys/{id}/roll",
    operation_id = "rollApiKey",
    tag = "API keys",
    params(("id" = String, Path, description = "The key's id."), ChangingHeaders),
    request_body(content(
        (RollApiKey = "application/json", example = json!({"expiresIn": 3600})),
        (RollApiKey = "application/x-www-form-urlencoded"),
    )),
    responses((status = 200, description = "The new key, with its text.", body = ApiKeyView), ChangingOne),
    security(("bearer" = []), ("apiKey" = [])),
    extensions(("x-vinr-scope" = json!("keys:write"))),
)]
pub(in crate::api) async fn roll(
    State(api): State<Arc<Api>>,
    caller: Caller,
    uri: Uri,
    request: Submission<NoQuery, RollApiKey>,
) -> Result<Reply, Fault> {
    let overlap_s = request.body.validate()?;
    let id = segment(&uri, 3);
    Ok(Reply::said(
        api.services.applications.accounts.roll_key(&caller.who, id, overlap_s, request.key).await?,
    ))
}

/// Revoke an API key
///
/// At once and for ever: requests with it are refused from now on, and its event streams end. A key can revoke itself.
#[utoipa::path(
    post,
    path = "/v1/api-keys/{id}/revoke",
    operation_id = "revokeApiKey",
    tag = "API keys",
    params(("id" = String, Path, description = "The key's id."), ChangingHeaders),
    request_body(content(
        (NoBody = "application/json", example = json!({})),
        (NoBody = "application/x-www-form-urlencoded"),
    )),
    responses((status = 200, description = "The key, which opens nothing any more.", body = ApiKeyView), ChangingOne),
    security(("bearer" = []), ("apiKey" = [])),
    extensions(("x-vinr-scope" = json!("keys:write"))),
)]
pub(in crate::api) async fn revoke(
    State(api): State<Arc<Api>>,
    caller: Caller,
    uri: Uri,
    request: Submission<NoQuery, NoBody>,
) -> Result<Reply, Fault> {
    let id = segment(&uri, 3);
    Ok(Reply::said(api.services.applications.accounts.revoke_key(&caller.who, id, request.key).await?))
}
