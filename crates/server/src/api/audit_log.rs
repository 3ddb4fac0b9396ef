//! `/v1/audit-log`: who changed what in the account and mode of the key that asks.

use std::sync::Arc;

use axum::extract::State;
use vinr_wire::rest::audit::{AuditEntryList, AuditVerification, ListAuditEntries};

use super::Api;
use super::document::{Reading, ReadingHeaders};
use super::error::Fault;
use super::front::Caller;
use super::reply::Reply;
use super::request::{NoQuery, Query};

/// List the audit log
///
/// Newest first. Every change that somebody asked for is in it, with the key that asked and the object before and
/// after. Each line carries the hash of the line before, so that none can be changed or taken out unnoticed.
#[utoipa::path(
    get,
    path = "/v1/audit-log",
    operation_id = "listAuditLog",
    tag = "Account",
    params(ListAuditEntries, ReadingHeaders),
    responses((status = 200, description = "A page of the log.", body = AuditEntryList), Reading),
    security(("bearer" = []), ("apiKey" = [])),
    extensions(("x-vinr-scope" = json!("account:read"))),
)]
pub(in crate::api) async fn list(
    State(api): State<Arc<Api>>,
    caller: Caller,
    Query(query): Query<ListAuditEntries>,
) -> Result<Reply, Fault> {
    let (lines, has_more) =
        api.services.applications.accounts.audit_log(&caller.who.scope, query.validate()?).await?;
    Ok(Reply::page(&lines, has_more))
}

/// Verify the audit log
///
/// Walks along the whole log and says the first line that is not what was written there. Keep `lastHash` elsewhere: it
/// tells whether the end of the log was cut off, which no walk can see.
#[utoipa::path(
    get,
    path = "/v1/audit-log/verify",
    operation_id = "verifyAuditLog",
    tag = "Account",
    params(ReadingHeaders),
    responses((status = 200, description = "What the walk found.", body = AuditVerification), Reading),
    security(("bearer" = []), ("apiKey" = [])),
    extensions(("x-vinr-scope" = json!("account:read"))),
)]
pub(in crate::api) async fn verify(
    State(api): State<Arc<Api>>,
    caller: Caller,
    Query(NoQuery {}): Query<NoQuery>,
) -> Result<Reply, Fault> {
    Ok(Reply::json(&api.services.applications.accounts.verify_audit_log(&caller.who.scope).await?))
}
