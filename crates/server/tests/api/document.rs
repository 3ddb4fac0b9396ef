//! The OpenAPI document against the running router.

use axum::body::Body;
use axum::http::Request;
use serde_json::{Value, json};

use crate::shop::Shop;

#[tokio::test]
async fn every_documented_operation_is_served_and_answers_with_a_documented_status() {
    let shop = Shop::open().await;
    let got = shop.send(Request::get("/v1/openapi.json").body(Body::empty()).unwrap()).await;
    let document = got.json();
    assert_eq!(document["openapi"], "3.1.0");
    let served = serde_json::to_value(vinr_server::api::openapi()).unwrap();
    assert_eq!(document, served);
    let mut operations = 0;
    for (template, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            operations += 1;
            let path = template.replace("{id}", "x").replace("{file}", "page.css");
            let request = Request::builder().method(method.to_uppercase().as_str()).uri(&path);
            let got = shop.send(request.body(Body::empty()).unwrap()).await;
            let guarded = operation["security"].as_array().is_some_and(|ways| !ways.contains(&json!({})));
            // Open to devices that nobody knows yet, but not without a body.
            let expected = match template.as_str() {
                "/v1/device/pairings" => 400,
                // This server has no authority.
                "/v1/ca-bundle" => 503,
                _ if guarded => 401,
                _ => 200,
            };
            assert_eq!(got.status, expected, "{method} {path}");
            let status = got.status.as_str();
            assert!(operation["responses"].get(status).is_some(), "{method} {path} documents no {status}");
        }
    }
    assert!(operations >= 10);
}

#[tokio::test]
async fn operations_take_both_bodies_and_say_what_can_go_wrong() {
    let document = serde_json::to_value(vinr_server::api::openapi()).unwrap();
    for (template, item) in document["paths"].as_object().unwrap() {
        let Some(operation) = item.get("post") else { continue };
        // Devices without identity have neither a key nor anything to repeat.
        if template.starts_with("/v1/device/") {
            continue;
        }
        let content: Vec<&String> = operation["requestBody"]["content"].as_object().unwrap().keys().collect();
        // What can be unset by `null` is described as JSON only; the rest as both.
        let json_only = template.starts_with("/v1/operator/releases") || template.ends_with("/configure");
        if !json_only {
            assert_eq!(content, ["application/json", "application/x-www-form-urlencoded"], "{template}");
        }
        for status in ["400", "401", "403", "409", "413", "415", "429", "500", "503"] {
            let schema =
                operation.pointer(&format!("/responses/{status}/content/application~1json/schema/$ref"));
            assert_eq!(
                schema.and_then(Value::as_str),
                Some("#/components/schemas/ErrorBody"),
                "{template} {status}"
            );
        }
    }
}
