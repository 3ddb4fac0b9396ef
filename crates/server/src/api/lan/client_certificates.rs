//! `/v1/terminals/{id}/client-certificates`: the tills that may speak to one terminal. A private key is in the first
//! answer to the request that made it, and nowhere else.

use std::sync::Arc;

use axum::extract::State;
use axum::http::Uri;
use vinr_wire::rest::lan::{
    ClientCertificateList, ClientCertificateView, CreateClientCertificate, ListClientCertificates,
};

use super::super::Api;
use super::super::document::{ChangingHeaders, ChangingOne, OneObject, ReadingHeaders};
use super::super::error::Fault;
use super::super::front::Caller;
use super::super::reply::Reply;
use super::super::request::{NoBody, NoQuery, Query, Submission, TerminalPath, segment};

/// List client certificates
///
/// Of one terminal, newest first; those that have ended are shown for 90 days more. `status` is `expiring` in the last
/// third of a certificate's life: make the next one then, and change the till over.
#[utoipa::path(
    get,
    path = "/v1/terminals/{id}/client-certificates",
    operation_id = "listClientCertificates",
    tag = "Local network",
    params(("id" = String, Path, description = "The terminal's id."), ListClientCertificates, ReadingHeaders),
    responses((status = 200, description = "A page of certificates.", body = ClientCertificateList), OneObject),
    security(("bearer" = []), ("apiKey" = [])),
    extensions(("x-vinr-scope" = json!("terminals:read"))),
)]
pub(in crate::api) async fn list(
    State(api): State<Arc<Api>>,
    caller: Caller,
    TerminalPath(id): TerminalPath,
    Query(query): Query<ListClientCertificates>,
) -> Result<Reply, Fault> {
    let (limit, cursor) = query.validate()?;
    let lan = &api.services.applications.lan;
    let (page, more) = lan.list_client_certificates(&caller.who.scope, &id, limit, cursor).await?;
    Ok(Reply::json(&ClientCertificateList::new(page, more)))
}

/// Create a client certificate
///
/// Lets one till speak to the Local API of this terminal, for 30 days. Without `csr` the platform makes the key:
/// `pkcs12`, `passphrase` and `privateKey` are in this answer only, not even the same request with the same
/// `Idempotency-Key` is told them again. With `csr` the till keeps its key to itself.
#[utoipa::path(
    post,
    path = "/v1/terminals/{id}/client-certificates",
    operation_id = "createClientCertificate",
    tag = "Local network",
    params(("id" = String, Path, description = "The terminal's id."), ChangingHeaders),
    request_body(content(
        (CreateClientCertificate = "application/json", example = json!({"name": "Till 3"})),
        (CreateClientCertificate = "application/x-www-form-urlencoded"),
    )),
    responses((status = 200, description = "The certificate, with its key.", body = ClientCertificateView), ChangingOne),
    security(("bearer" = []), ("apiKey" = [])),
    extensions(("x-vinr-scope" = json!("terminals:write"))),
)]
pub(in crate::api) async fn create(
    State(api): State<Arc<Api>>,
    caller: Caller,
    TerminalPath(id): TerminalPath,
    request: Submission<NoQuery, CreateClientCertificate>,
) -> Result<Reply, Fault> {
    let new = request.body.validate()?;
    let lan = &api.services.applications.lan;
    Ok(Reply::said(lan.create_client_certificate(&caller.who, &id, new, request.key).await?))
}

/// Retrieve a client certificate
#[utoipa::path(
    get,
    path = "/v1/terminals/{id}/client-certificates/{certificate}",
    operation_id = "retrieveClientCertificate",
    tag = "Local network",
    params(
        ("id" = String, Path, description = "The terminal's id."),
        ("certificate" = String, Path, description = "The certificate's id."),
        ReadingHeaders,
    ),
    responses((status = 200, description = "The certificate, without a key.", body = ClientCertificateView), OneObject),
    security(("bearer" = []), ("apiKey" = [])),
    extensions(("x-vinr-scope" = json!("terminals:read"))),
)]
pub(in crate::api) async fn retrieve(
    State(api): State<Arc<Api>>,
    caller: Caller,
    TerminalPath(id): TerminalPath,
    uri: Uri,
    Query(NoQuery {}): Query<NoQuery>,
) -> Result<Reply, Fault> {
    let lan = &api.services.applications.lan;
    Ok(Reply::json(&lan.client_certificate(&caller.who.scope, &id, segment(&uri, 5)).await?))
}

/// Revoke a client certificate
///
/// For ever. The terminal is told at once when it is connected, and refuses the till from then on, also on a connection
/// that is open; one that is away refuses it when it is back.
#[utoipa::path(
    post,
    path = "/v1/terminals/{id}/client-certificates/{certificate}/revoke",
    operation_id = "revokeClientCertificate",
    tag = "Local network",
    params(
        ("id" = String, Path, description = "The terminal's id."),
        ("certificate" = String, Path, description = "The certificate's id."),
        ChangingHeaders,
    ),
    request_body(content(
        (NoBody = "application/json", example = json!({})),
        (NoBody = "application/x-www-form-urlencoded"),
    )),
    responses((status = 200, description = "The certificate, `revoked`.", body = ClientCertificateView), ChangingOne),
    security(("bearer" = []), ("apiKey" = [])),
    extensions(("x-vinr-scope" = json!("terminals:write"))),
)]
pub(in crate::api) async fn revoke(
    State(api): State<Arc<Api>>,
    caller: Caller,
    TerminalPath(id): TerminalPath,
    uri: Uri,
    request: Submission<NoQuery, NoBody>,
) -> Result<Reply, Fault> {
    let NoBody {} = request.body;
    let lan = &api.services.applications.lan;
    Ok(Reply::said(lan.revoke_client_certificate(&caller.who, &id, segment(&uri, 5), request.key).await?))
}
