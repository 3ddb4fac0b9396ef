//! What the list of endpoints promises, and what every fault tells its caller.

use std::collections::BTreeSet;

use axum::http::{HeaderValue, Method};
use serde_json::Value;
use vinr_domain::payment::{EventKind, Illegal, StateKind};
use vinr_domain::{PaymentId, RequestId};
use vinr_wire::rest::body::{BodyError, FieldError};

use super::error::Fault;
use super::routes::{Need, RouteTable, need_of, operations};
use super::{document, openapi};
use crate::access::{AccessDenied, Grant};
use crate::refusal::Refusal;

#[test]
fn the_document_is_openapi_3_1_and_every_reference_in_it_leads_somewhere() {
    let document: Value = serde_json::from_slice(&document::to_json(&openapi())).unwrap();
    assert_eq!(document["openapi"], "3.1.0");
    let mut references = BTreeSet::new();
    collect_references(&document, &mut references);
    assert!(references.len() > 5, "{references:?}");
    for reference in references {
        let pointer = reference.strip_prefix('#').unwrap();
        assert!(document.pointer(pointer).is_some(), "{reference}");
    }
}

fn collect_references(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            for (name, inner) in fields {
                match inner {
                    Value::String(reference) if name == "$ref" => drop(found.insert(reference.clone())),
                    _ => collect_references(inner, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect_references(item, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[test]
fn every_operation_under_v1_needs_a_key_with_a_scope_except_the_document() {
    let document = openapi();
    let mut names = BTreeSet::new();
    for (template, item) in &document.paths.paths {
        for (method, operation) in operations(item) {
            let need = need_of(operation);
            // Devices without an identity have a secret of their pairing, or nothing yet.
            let device = template.starts_with("/v1/device/");
            // What whoever trusts the installation has to read first.
            let public = matches!(template.as_str(), "/v1/openapi.json" | "/v1/ca-bundle");
            let guarded = template.starts_with("/v1/") && !public && !device;
            assert_eq!(need.is_some(), guarded, "{method} {template}");
            assert!(device || operation.security.is_some() == guarded, "{method} {template}");
            assert_eq!(
                need == Some(Need::Operator),
                template.starts_with("/v1/operator/"),
                "{method} {template}"
            );
            if let Some(Need::Grant(grant)) = need {
                let changes = grant.as_str().ends_with(":write");
                assert_eq!(changes, method != Method::GET, "{method} {template}");
            }
            assert!(names.insert(operation.operation_id.clone().unwrap()), "{method} {template}");
            assert!(operation.summary.is_some(), "{method} {template}");
        }
    }
    assert!(names.len() >= 24, "the list of endpoints is not whole");
}

#[test]
fn only_bodies_that_must_say_something_are_required() {
    let document: Value = serde_json::from_slice(&document::to_json(&openapi())).unwrap();
    let required = |path: &str| document["paths"][path]["post"]["requestBody"]["required"].clone();
    assert_eq!(required("/v1/terminal/payments"), true);
    assert_eq!(required("/v1/terminal/payments/{id}/capture"), false);
    assert_eq!(required("/v1/terminal/payments/{id}/cancel"), false);
    assert_eq!(required("/v1/test/terminals/{id}/present-card"), false);
}

#[test]
fn the_route_table_knows_methods_and_head() {
    let table = RouteTable::of(&openapi());
    let path = table.path("/v1/terminal/payments").unwrap();
    assert_eq!(path.allow, "GET, POST, HEAD");
    assert_eq!(path.endpoint(&Method::HEAD).unwrap().needs, Some(Need::Grant(Grant::PaymentsRead)));
    assert_eq!(path.endpoint(&Method::POST).unwrap().needs, Some(Need::Grant(Grant::PaymentsWrite)));
    assert!(path.endpoint(&Method::DELETE).is_none());
    assert!(table.path("/v1/terminal").is_none());
}

/// Every fault with what its caller learns: status, type, code, parameter, whether to retry, whether money may have
/// moved, and the header that goes with it.
#[test]
fn every_fault_has_its_answer() {
    let lines: Vec<String> = faults().iter().map(told).collect();
    insta::assert_snapshot!(lines.join("\n"), @r##"
    401 authentication_error api_key_missing param=- payment=- never safe www-authenticate: Bearer realm="vinr"
    401 authentication_error api_key_invalid param=- payment=- never safe www-authenticate: Bearer realm="vinr", error="invalid_token"
    401 authentication_error api_key_invalid param=- payment=- never safe www-authenticate: Bearer realm="vinr", error="invalid_token"
    401 authentication_error api_key_invalid param=- payment=- never safe www-authenticate: Bearer realm="vinr", error="invalid_token"
    401 authentication_error api_key_missing param=- payment=- never safe www-authenticate: Bearer realm="vinr"
    401 authentication_error api_key_invalid param=- payment=- never safe www-authenticate: Bearer realm="vinr", error="invalid_token"
    401 authentication_error api_keys_differ param=- payment=- never safe www-authenticate: Bearer realm="vinr", error="invalid_token"
    403 permission_error permission_denied param=- payment=- never safe
    403 permission_error account_suspended param=- payment=- never safe
    400 invalid_request_error unsupported_version param=Vinr-Version payment=- never safe
    404 invalid_request_error not_found param=- payment=- never safe
    405 invalid_request_error method_not_allowed param=- payment=- never safe allow: GET
    429 rate_limit_error rate_limited param=- payment=- later safe retry-after: 3
    413 invalid_request_error body_too_large param=- payment=- never safe
    400 invalid_request_error request_timeout param=- payment=- later safe
    400 invalid_request_error malformed_request param=- payment=- never safe
    415 invalid_request_error unsupported_media_type param=- payment=- never safe
    400 invalid_request_error parameter_invalid param=amount payment=- never safe
    404 invalid_request_error not_found param=id payment=- never safe
    400 invalid_request_error test_mode_only param=simulateCard payment=- never safe
    500 api_error internal_error param=- payment=- ask_first money?
    500 api_error internal_error param=- payment=- ask_first safe
    500 api_error internal_error param=- payment=- ask_first safe
    404 invalid_request_error not_found param=id payment=- never safe
    404 invalid_request_error not_found param=id payment=- never safe
    409 conflict_error duplicate_reference param=reference payment=tpay_00000000000000000000000001 ask_first safe
    409 conflict_error client_token_reused param=clientToken payment=tpay_00000000000000000000000001 never safe
    409 conflict_error idempotency_key_reused param=Idempotency-Key payment=- never safe
    400 invalid_request_error test_mode_only param=- payment=- never safe
    422 invalid_request_error no_card_expected param=- payment=- never safe
    422 invalid_request_error no_card_expected param=- payment=- never safe
    503 api_error unavailable param=- payment=- later safe retry-after: 1
    503 api_error unavailable param=- payment=- later safe retry-after: 1
    503 api_error unavailable param=- payment=- ask_first money?
    422 invalid_request_error cancel_not_allowed param=- payment=- never safe
    422 invalid_request_error capture_not_allowed param=- payment=- never safe
    422 invalid_request_error already_captured param=- payment=- never safe
    422 invalid_request_error authorization_expired param=- payment=- never safe
    422 invalid_request_error amount_too_large param=amount payment=- never safe
    400 invalid_request_error parameter_invalid param=amount payment=- never safe
    500 api_error internal_error param=- payment=- ask_first safe
    500 api_error internal_error param=- payment=- ask_first safe
    500 api_error internal_error param=- payment=- ask_first safe
    500 api_error internal_error param=- payment=- ask_first safe
    500 api_error internal_error param=- payment=- ask_first safe
    "##);
}

fn faults() -> Vec<Fault> {
    let illegal = |illegal| Fault::Refused(Refusal::Illegal(illegal));
    vec![
        Fault::Denied(AccessDenied::Missing),
        Fault::Denied(AccessDenied::Malformed),
        Fault::Denied(AccessDenied::Unknown),
        Fault::Denied(AccessDenied::Revoked),
        Fault::NotAnOperator(AccessDenied::Missing),
        Fault::NotAnOperator(AccessDenied::Malformed),
        Fault::KeysDiffer,
        Fault::Forbidden(Grant::PaymentsWrite),
        Fault::Suspended,
        Fault::UnsupportedVersion,
        Fault::NoSuchPath,
        Fault::MethodNotAllowed(HeaderValue::from_static("GET")),
        Fault::RateLimited { retry_after_s: 3 },
        Fault::BodyTooLarge,
        Fault::BodyTimeout,
        Fault::BodyBroken,
        Fault::Body(BodyError::UnsupportedMediaType),
        Fault::Field(FieldError::invalid("amount", "is wrong")),
        Fault::NoSuchPayment,
        Fault::TestOnlyParameter("simulateCard"),
        Fault::Panicked { money_may_have_moved: true },
        Fault::Panicked { money_may_have_moved: false },
        Fault::Unguarded,
        Fault::Refused(Refusal::NoSuchPayment),
        Fault::Refused(Refusal::NoSuchTerminal),
        Fault::Refused(Refusal::DuplicateReference(PaymentId(1))),
        Fault::Refused(Refusal::ClientTokenReused(PaymentId(1))),
        Fault::Refused(Refusal::IdempotencyKeyReused),
        Fault::Refused(Refusal::TestModeOnly),
        Fault::Refused(Refusal::TerminalOffline),
        Fault::Refused(Refusal::NothingToPresentTo),
        Fault::Refused(Refusal::Overloaded),
        Fault::Refused(Refusal::Unavailable { money_may_have_moved: false }),
        Fault::Refused(Refusal::Unavailable { money_may_have_moved: true }),
        illegal(Illegal::CancelNotAllowed),
        illegal(Illegal::CaptureNotAllowed),
        illegal(Illegal::AlreadyCaptured),
        illegal(Illegal::AuthorizationExpired),
        illegal(Illegal::AmountTooLarge { most_minor: 3000 }),
        illegal(Illegal::AmountTooSmall),
        illegal(Illegal::Superseded),
        illegal(Illegal::AmountMismatch),
        illegal(Illegal::ApprovedTooMuch),
        illegal(Illegal::TooEarly),
        illegal(Illegal::Meaningless { state: StateKind::Pending, event: EventKind::Approved }),
    ]
}

fn told(fault: &Fault) -> String {
    let response = fault.answer(RequestId(0));
    let status = response.status().as_u16();
    let special = ["www-authenticate", "allow", "retry-after"];
    let headers: String = special
        .iter()
        .filter_map(|name| {
            Some(format!(" {name}: {}", response.headers().get(*name)?.to_str().unwrap_or("not text")))
        })
        .collect();
    let body: Value = serde_json::from_slice(&body_of(response)).unwrap();
    let error = &body["error"];
    let text = |name: &str| error[name].as_str().unwrap_or("-").to_owned();
    assert_eq!(error["request_id"], RequestId(0).to_string());
    assert!(text("message").len() > 10);
    let money = if error["money_may_have_moved"] == true { "money?" } else { "safe" };
    format!(
        "{status} {} {} param={} payment={} {} {money}{headers}",
        text("type"),
        text("code"),
        text("param"),
        text("payment"),
        text("retry")
    )
}

fn body_of(response: axum::response::Response) -> Vec<u8> {
    use futures_util::FutureExt;
    use http_body_util::BodyExt;
    let collected = response.into_body().collect().now_or_never();
    collected.expect("the body is in memory").unwrap().to_bytes().to_vec()
}
