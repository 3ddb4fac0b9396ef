//! `/v1/operator/audit-log`: what operators did, or what was changed in one account.

use std::sync::Arc;

use axum::extract::State;
use vinr_wire::rest::audit::{
    AuditEntryList, AuditVerification, ListOperatorAuditEntries, VerifyOperatorAuditLog,
};

use super::super::Api;
use super::super::document::{OneObject, ReadingHeaders};
use super::super::error::Fault;
use super::super::front::Operator;
use super::super::reply::Reply;
use super::super::request::Query;

/// List an audit log
///
/// The platform's own, where everything that operators did is; or with `account` the log of a merchant.
#[utoipa::path(
    get,
    path = "/v1/operator/audit-log",
    operation_id = "operatorListAuditLog",
    tag = "Operator",
    params(ListOperatorAuditEntries, ReadingHeaders),
    responses((status = 200, description = "A page of the log, newest first.", body = AuditEntryList), OneObject),
    security(("operator" = [])),
    extensions(("x-vinr-scope" = json!("operator"))),
)]
pub(in crate::api) async fn list(
    State(api): State<Arc<Api>>,
    _operator: Operator,
    Query(query): Query<ListOperatorAuditEntries>,
) -> Result<Reply, Fault> {
    let (account, livemode, filter) = query.validate()?;
    let accounts = &api.services.applications.accounts;
    let scope = accounts.audited_scope(account.as_deref(), livemode)?;
    let (lines, has_more) = accounts.audit_log(&scope, filter).await?;
    Ok(Reply::page(&lines, has_more))
}

/// Verify an audit log
#[utoipa::path(
    get,
    path = "/v1/operator/audit-log/verify",
    operation_id = "operatorVerifyAuditLog",
    tag = "Operator",
    params(VerifyOperatorAuditLog, ReadingHeaders),
    responses((status = 200, description = "What the walk found.", body = AuditVerification), OneObject),
    security(("operator" = [])),
    extensions(("x-vinr-scope" = json!("operator"))),
)]
pub(in crate::api) async fn verify(
    State(api): State<Arc<Api>>,
    _operator: Operator,
    Query(query): Query<VerifyOperatorAuditLog>,
) -> Result<Reply, Fault> {
    let accounts = &api.services.applications.accounts;
    let scope = accounts.audited_scope(query.account.as_deref(), query.livemode.unwrap_or(true))?;
    Ok(Reply::json(&accounts.verify_audit_log(&scope).await?))
}
