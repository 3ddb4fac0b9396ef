//! Requests that make no sense: each is answered in the one shape of errors (contract 2.1), and changes nothing.

use axum::body::Body;
use serde_json::{Value, json};
use vinr_domain::PaymentId;

use crate::shop::{Got, LIVE, Shop, TEST, authorized, bearer, pending};

const PAYMENTS: &str = "/v1/terminal/payments";
const GOOD: &str = r#"{"terminalId":"term_counter","amount":4200,"currency":"EUR"}"#;

/// The error, whole, but for its message, which must be there.
fn told(got: &Got) -> Value {
    let mut error = got.error();
    let fields = error.as_object_mut().unwrap();
    assert!(fields.remove("message").unwrap().as_str().unwrap().len() > 5);
    assert_eq!(
        fields.remove("doc_url").unwrap(),
        format!("/docs/errors#{}", fields["code"].as_str().unwrap())
    );
    error
}

fn expected(kind: &str, code: &str, param: Option<&str>) -> Value {
    let mut error = json!({"type": kind, "code": code, "retry": "never", "money_may_have_moved": false});
    if let Some(param) = param {
        error["param"] = json!(param);
    }
    error
}

#[tokio::test]
async fn bodies_that_make_no_sense() {
    let shop = Shop::open().await;
    let form = "application/x-www-form-urlencoded";
    let json = "application/json";
    for (content_type, body, code, param) in [
        (json, "", "parameter_missing", Some("amount")),
        (json, "{", "malformed_request", None),
        (json, "[]", "parameter_invalid", None),
        (json, "\"x\"", "parameter_invalid", None),
        (json, "{\"terminalId\":\"\u{0}", "malformed_request", None),
        (json, r#"{"terminalId":"t","amuont":1,"currency":"EUR"}"#, "parameter_unknown", Some("amuont")),
        (json, r#"{"terminalId":"t","amount":1}"#, "parameter_missing", Some("currency")),
        (json, r#"{"terminalId":"t","amount":"1","currency":"EUR"}"#, "parameter_invalid", Some("amount")),
        (json, r#"{"terminalId":"t","amount":1.5,"currency":"EUR"}"#, "parameter_invalid", Some("amount")),
        (json, r#"{"terminalId":"t","amount":0,"currency":"EUR"}"#, "parameter_invalid", Some("amount")),
        (
            json,
            r#"{"terminalId":"t","amount":100000000,"currency":"EUR"}"#,
            "parameter_invalid",
            Some("amount"),
        ),
        (json, r#"{"terminalId":"t","amount":1,"currency":"EURO"}"#, "parameter_invalid", Some("currency")),
        (json, r#"{"terminalId":7,"amount":1,"currency":"EUR"}"#, "parameter_invalid", Some("terminalId")),
        (
            json,
            r#"{"terminalId":"t","amount":1,"currency":"EUR","responseMode":"now"}"#,
            "parameter_invalid",
            Some("responseMode"),
        ),
        (
            json,
            r#"{"terminalId":"t","amount":1,"currency":"EUR","metadata":{"k":1}}"#,
            "parameter_invalid",
            Some("metadata[k]"),
        ),
        (
            json,
            r#"{"terminalId":"t","amount":1,"currency":"EUR","clientToken":"7"}"#,
            "parameter_invalid",
            Some("clientToken"),
        ),
        (form, "terminalId=t&amount=1&currency=EUR&tpi=1", "parameter_unknown", Some("tpi")),
        (form, "terminalId=t&amount=one&currency=EUR", "parameter_invalid", Some("amount")),
        (form, "terminalId=t&amount=1&amount=2&currency=EUR", "parameter_invalid", Some("amount")),
        (form, "terminalId=%FF&amount=1&currency=EUR", "malformed_request", None),
    ] {
        let request = bearer("POST", TEST, PAYMENTS).header("content-type", content_type);
        let got = shop.send(request.body(Body::from(body)).unwrap()).await;
        assert_eq!(got.status, 400, "{body}");
        let told = told(&got);
        assert_eq!(told["code"], code, "{body}: {told}");
        assert_eq!(told["type"], "invalid_request_error", "{body}");
        assert_eq!(told["money_may_have_moved"], false, "{body}");
        if param.is_some() {
            assert_eq!(told, expected("invalid_request_error", code, param), "{body}");
        }
    }
    assert_eq!(shop.stored().await, 0);
}

#[tokio::test]
async fn bodies_of_the_wrong_kind_or_size() {
    let shop = Shop::open().await;
    for content_type in
        ["text/plain", "application/xml", "multipart/form-data", "application/json; charset=utf-16"]
    {
        let request = bearer("POST", TEST, PAYMENTS).header("content-type", content_type);
        let got = shop.send(request.body(Body::from(GOOD)).unwrap()).await;
        assert_eq!(got.status, 415, "{content_type}");
        assert_eq!(told(&got), expected("invalid_request_error", "unsupported_media_type", None));
    }
    let unnamed = shop.send(bearer("POST", TEST, PAYMENTS).body(Body::from(GOOD)).unwrap()).await;
    assert_eq!(unnamed.status, 415);

    let limit = vinr_wire::rest::body::MAX_BODY_BYTES;
    for (size, status) in [(limit, 400), (limit + 1, 413), (5 * 1024 * 1024, 413)] {
        let body = " ".repeat(size);
        // Once with a length, once in pieces without one.
        let pieces: Vec<Result<Vec<u8>, std::io::Error>> =
            body.as_bytes().chunks(60_000).map(|piece| Ok(piece.to_vec())).collect();
        let pieces = Body::from_stream(futures_util::stream::iter(pieces));
        for body in [Body::from(body.clone()), pieces] {
            let request = bearer("POST", TEST, PAYMENTS).header("content-type", "application/json");
            let got = shop.send(request.body(body).unwrap()).await;
            assert_eq!(got.status, status, "{size}");
            if status == 413 {
                assert_eq!(told(&got), expected("invalid_request_error", "body_too_large", None));
            }
        }
    }
    assert_eq!(shop.stored().await, 0);
}

#[tokio::test]
async fn a_body_in_pieces_is_put_together() {
    let shop = Shop::open().await;
    let pieces: Vec<Result<&[u8], std::io::Error>> = GOOD.as_bytes().chunks(7).map(Ok).collect();
    let request = bearer("POST", TEST, PAYMENTS).header("content-type", "application/json");
    let body = Body::from_stream(futures_util::stream::iter(pieces));
    let got = shop.send(request.body(body).unwrap()).await;
    assert_eq!((got.status.as_u16(), &got.json()["amount"]), (202, &json!(4200)));
}

#[tokio::test]
async fn urls_that_make_no_sense() {
    let shop = Shop::open().await;
    for (query, code, param) in [
        ("limit=0", "parameter_invalid", "limit"),
        ("limit=101", "parameter_invalid", "limit"),
        ("limit=ten", "parameter_invalid", "limit"),
        ("page=2", "parameter_unknown", "page"),
        ("status=done", "parameter_invalid", "status"),
        ("fromDate=yesterday", "parameter_invalid", "fromDate"),
        ("fromDate=9&toDate=8", "parameter_invalid", "fromDate"),
        ("starting_after=tpay_1", "parameter_invalid", "starting_after"),
        ("ending_before=evt_00000000000000000000000007", "parameter_invalid", "ending_before"),
        (
            "starting_after=tpay_00000000000000000000000007&ending_before=tpay_00000000000000000000000008",
            "parameter_invalid",
            "ending_before",
        ),
    ] {
        let got = shop.get(TEST, &format!("{PAYMENTS}?{query}")).await;
        assert_eq!(got.status, 400, "{query}");
        assert_eq!(told(&got), expected("invalid_request_error", code, Some(param)), "{query}");
    }
    let id = shop.put(authorized(1)).await;
    for (method, path) in [("GET", ""), ("POST", "/capture"), ("POST", "/cancel")] {
        let request = bearer(method, TEST, &format!("{PAYMENTS}/{id}{path}?force=1"));
        let got = shop.send(request.body(Body::empty()).unwrap()).await;
        assert_eq!(got.status, 400, "{path}");
        assert_eq!(
            told(&got),
            expected("invalid_request_error", "parameter_unknown", Some("force")),
            "{path}"
        );
    }
    for id in ["tpay_1", "x", "%FF", "tpay_8ZZZZZZZZZZZZZZZZZZZZZZZZZ", &PaymentId(7).to_string()] {
        let got = shop.get(TEST, &format!("{PAYMENTS}/{id}")).await;
        assert_eq!(got.status, 404, "{id}");
        assert_eq!(told(&got), expected("invalid_request_error", "not_found", Some("id")), "{id}");
    }
    assert_eq!(shop.get(TEST, &format!("{PAYMENTS}/{id}")).await.json()["status"], "authorized");
}

#[tokio::test]
async fn headers_that_make_no_sense() {
    let shop = Shop::open().await;
    let request = bearer("GET", TEST, PAYMENTS).header("vinr-version", "2024-01-01");
    let got = shop.send(request.body(Body::empty()).unwrap()).await;
    assert_eq!(got.status, 400);
    assert_eq!(told(&got), expected("invalid_request_error", "unsupported_version", Some("Vinr-Version")));
    for key in ["", "ü", "a\tb", &"k".repeat(256)] {
        let got = shop.post_once(TEST, PAYMENTS, GOOD, key).await;
        assert_eq!(got.status, 400, "{key}");
        assert_eq!(
            told(&got),
            expected("invalid_request_error", "parameter_invalid", Some("Idempotency-Key"))
        );
    }
    assert_eq!(shop.stored().await, 0);
}

#[tokio::test]
async fn simulation_is_for_test_keys_and_test_cards() {
    let shop = Shop::open().await;
    for (key, query, code, param) in [
        (LIVE, "simulateCard=visa_approved", "test_mode_only", "simulateCard"),
        (LIVE, "simulateDelay=1", "test_mode_only", "simulateDelay"),
        (TEST, "simulateCard=4111111111111111", "parameter_invalid", "simulateCard"),
        (TEST, "simulateCard=visa", "parameter_invalid", "simulateCard"),
        (TEST, "simulateDelay=121", "parameter_invalid", "simulateDelay"),
        (TEST, "simulateDelay=-1", "parameter_invalid", "simulateDelay"),
        (TEST, "simulatedelay=1", "parameter_unknown", "simulatedelay"),
    ] {
        let got = shop.post(key, &format!("{PAYMENTS}?{query}"), GOOD).await;
        assert_eq!(got.status, 400, "{query}");
        assert_eq!(told(&got), expected("invalid_request_error", code, Some(param)), "{query}");
        assert!(!got.text().contains("4111"), "what was sent is not repeated");
    }
    assert_eq!(shop.stored().await, 0);
    for query in [
        "simulateCard=none",
        "simulateCard=4242+4242-42424242&simulateDelay=120",
        "simulateCard=card_declined",
    ] {
        assert_eq!(shop.post(TEST, &format!("{PAYMENTS}?{query}"), GOOD).await.status, 202, "{query}");
    }
    let unknown = shop.post(TEST, &format!("{PAYMENTS}?simulateCard=visa"), GOOD).await;
    assert!(
        unknown.error()["message"].as_str().unwrap().contains("insufficient_funds"),
        "the names are listed"
    );
}

#[tokio::test]
async fn presenting_a_card_is_for_test_keys_and_known_terminals() {
    let shop = Shop::open().await;
    let path = "/v1/test/terminals/term_counter/present-card";
    let got = shop.post(LIVE, path, "{}").await;
    assert_eq!(got.status, 400);
    assert_eq!(told(&got), expected("invalid_request_error", "test_mode_only", None));
    for (body, param) in [
        (r#"{"card":"visa"}"#, "card"),
        (r#"{"card":"none"}"#, "card"),
        (r#"{"entryMode":"wave"}"#, "entryMode"),
    ] {
        let got = shop.post(TEST, path, body).await;
        assert_eq!(got.status, 400, "{body}");
        assert_eq!(told(&got), expected("invalid_request_error", "parameter_invalid", Some(param)), "{body}");
    }
    let got = shop.post(TEST, "/v1/test/terminals/term_other/present-card", "{}").await;
    assert_eq!(got.status, 404);
    assert_eq!(told(&got), expected("invalid_request_error", "not_found", Some("id")));
    let got = shop.post(TEST, path, r#"{"card":"visa_approved"}"#).await;
    assert_eq!(got.status, 422);
    assert_eq!(told(&got), expected("invalid_request_error", "no_card_expected", None));
}

#[tokio::test]
async fn steps_that_are_not_legal() {
    let shop = Shop::open().await;
    let held = shop.put(authorized(1)).await;
    let waiting = shop.put(pending(2, false)).await;
    let failed = shop.post(TEST, PAYMENTS, GOOD).await.json()["id"].as_str().unwrap().to_owned();
    for (id, step, body, code, param) in [
        (&held.to_string(), "capture", r#"{"amount":3001}"#, "amount_too_large", Some("amount")),
        (&waiting.to_string(), "capture", "{}", "capture_not_allowed", None),
        (&failed, "capture", "{}", "capture_not_allowed", None),
        (&failed, "cancel", "{}", "cancel_not_allowed", None),
    ] {
        let before = shop.get(TEST, &format!("{PAYMENTS}/{id}")).await.json();
        let got = shop.post(TEST, &format!("{PAYMENTS}/{id}/{step}"), body).await;
        assert_eq!(got.status, 422, "{step} {code}");
        assert_eq!(told(&got), expected("invalid_request_error", code, param), "{step}");
        assert_eq!(shop.get(TEST, &format!("{PAYMENTS}/{id}")).await.json(), before, "{step}");
    }
}
