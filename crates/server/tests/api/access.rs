//! Who is let in, what they may do, and that nobody sees what belongs to somebody else (contract 1.1).

use axum::body::Body;
use axum::http::Request;
use serde_json::json;

use crate::shop::{LIVE, OTHER, READER, REVOKED, Shop, TEST, authorized, bearer, pending};

const PAYMENTS: &str = "/v1/terminal/payments";

#[tokio::test]
async fn a_key_opens_in_either_header_and_the_header_picks_the_version() {
    let shop = Shop::open().await;
    for (headers, version) in [
        (&[("authorization", "Bearer sk_test_a")][..], "2026-06-11"),
        (&[("x-api-key", "sk_test_a")], "2025-05-31"),
        (&[("x-api-key", "sk_test_a"), ("authorization", "Bearer sk_test_a")], "2026-06-11"),
        (&[("x-api-key", "sk_test_a"), ("vinr-version", "2026-06-11")], "2026-06-11"),
        (&[("authorization", "Bearer sk_test_a"), ("vinr-version", "2025-05-31")], "2025-05-31"),
    ] {
        let request = headers.iter().fold(Request::get(PAYMENTS), |request, (n, v)| request.header(*n, *v));
        let got = shop.send(request.body(Body::empty()).unwrap()).await;
        assert_eq!(got.status, 200, "{headers:?}");
        assert_eq!(got.header("vinr-version"), Some(version), "{headers:?}");
    }
}

#[tokio::test]
async fn whoever_has_no_valid_key_is_told_why() {
    let shop = Shop::open().await;
    for (headers, code) in [
        (&[][..], "api_key_missing"),
        (&[("authorization", "Basic c2tfdGVzdF9hOg==")], "api_key_invalid"),
        (&[("authorization", "Bearer nonsense")], "api_key_invalid"),
        (&[("authorization", "Bearer sk_test_unknown")], "api_key_invalid"),
        (&[("x-api-key", REVOKED)], "api_key_invalid"),
        (&[("x-api-key", "")], "api_key_missing"),
        (&[("x-api-key", TEST), ("authorization", "Bearer sk_live_a")], "api_keys_differ"),
    ] {
        let request = headers.iter().fold(Request::get(PAYMENTS), |request, (n, v)| request.header(*n, *v));
        let got = shop.send(request.body(Body::empty()).unwrap()).await;
        assert_eq!((got.status.as_u16(), got.code().as_str()), (401, code), "{headers:?}");
        assert!(got.header("www-authenticate").unwrap().starts_with("Bearer"));
        assert_eq!(got.header("vinr-version"), None);
    }
}

#[tokio::test]
async fn a_restricted_key_does_what_its_scopes_say() {
    let shop = Shop::open().await;
    let id = shop.put(authorized(1)).await;
    assert_eq!(shop.get(READER, PAYMENTS).await.status, 200);
    assert_eq!(shop.get(READER, &format!("{PAYMENTS}/{id}")).await.status, 200);
    for path in [
        PAYMENTS.to_owned(),
        format!("{PAYMENTS}/{id}/capture"),
        format!("{PAYMENTS}/{id}/cancel"),
        "/v1/test/terminals/term_counter/present-card".to_owned(),
    ] {
        let got = shop.post(READER, &path, "{}").await;
        assert_eq!((got.status.as_u16(), got.code().as_str()), (403, "permission_denied"), "{path}");
        assert!(got.error()["message"].as_str().unwrap().contains(":write"), "{path}");
    }
    assert_eq!(shop.get(TEST, &format!("{PAYMENTS}/{id}")).await.json()["status"], "authorized");
}

#[tokio::test]
async fn nothing_crosses_between_accounts_or_modes() {
    let shop = Shop::open().await;
    let test = shop.put(authorized(1)).await;
    let live = shop.put(pending(2, true)).await;
    for (key, id) in [(LIVE, test), (OTHER, test), (TEST, live), (OTHER, live)] {
        let path = format!("{PAYMENTS}/{id}");
        let not_there = [
            shop.get(key, &path).await,
            shop.post(key, &format!("{path}/capture"), "{}").await,
            shop.post(key, &format!("{path}/cancel"), "{}").await,
        ];
        for got in not_there {
            let error = got.error();
            assert_eq!(got.status, 404, "{key} {id}");
            assert_eq!((&error["code"], &error["param"]), (&json!("not_found"), &json!("id")), "{key} {id}");
        }
    }
    for (key, seen) in [(TEST, vec![test]), (LIVE, vec![live]), (OTHER, vec![])] {
        let list = shop.get(key, PAYMENTS).await.json();
        let ids: Vec<String> = seen.iter().map(ToString::to_string).collect();
        let listed: Vec<&str> =
            list["data"].as_array().unwrap().iter().map(|p| p["id"].as_str().unwrap()).collect();
        assert_eq!(listed, ids, "{key}");
    }
    assert_eq!(shop.get(TEST, &format!("{PAYMENTS}/{test}")).await.json()["status"], "authorized");
}

#[tokio::test]
async fn path_and_method_come_before_the_key() {
    let shop = Shop::open().await;
    for path in
        ["/nothing", "/v1", "/v1/terminal", "/v1/terminal/payments/", "/v1/terminal/payments/a/refund"]
    {
        let got = shop.send(Request::get(path).body(Body::empty()).unwrap()).await;
        assert_eq!((got.status.as_u16(), got.code().as_str()), (404, "not_found"), "{path}");
    }
    for (method, path, allow) in [
        ("DELETE", PAYMENTS, "GET, POST, HEAD"),
        ("OPTIONS", "/v1/terminal/payments/x", "GET, HEAD"),
        ("GET", "/v1/terminal/payments/x/capture", "POST"),
        ("PURGE", "/healthz", "GET, HEAD"),
    ] {
        let got = shop.send(Request::builder().method(method).uri(path).body(Body::empty()).unwrap()).await;
        assert_eq!(
            (got.status.as_u16(), got.code().as_str()),
            (405, "method_not_allowed"),
            "{method} {path}"
        );
        assert_eq!(got.header("allow"), Some(allow), "{method} {path}");
    }
    let head = shop.send(bearer("HEAD", TEST, PAYMENTS).body(Body::empty()).unwrap()).await;
    assert_eq!((head.status.as_u16(), head.body.len()), (200, 0));
}

#[tokio::test]
async fn the_id_of_a_request_is_never_taken_from_the_caller() {
    let shop = Shop::open().await;
    let request = bearer("GET", TEST, PAYMENTS).header("x-request-id", "req_mine");
    let got = shop.send(request.body(Body::empty()).unwrap()).await;
    assert_ne!(got.header("x-request-id"), Some("req_mine"));
    assert_ne!(got.header("x-request-id"), shop.get(TEST, PAYMENTS).await.header("x-request-id"));
}
