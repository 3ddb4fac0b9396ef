//! Repeated requests (contract 2.2).

use serde_json::json;

use crate::shop::{LIVE, Shop, TEST, authorized, pending};

const PAYMENTS: &str = "/v1/terminal/payments";
const GOOD: &str = r#"{"terminalId":"term_counter","amount":4200,"currency":"EUR"}"#;

#[tokio::test]
async fn the_same_request_gets_the_same_answer_and_makes_one_payment() {
    let shop = Shop::open().await;
    let first = shop.post_once(TEST, PAYMENTS, GOOD, "key 1").await;
    assert_eq!(first.header("idempotent-replayed"), None);
    shop.clock.advance_ms(60_000);
    let second = shop.post_once(TEST, PAYMENTS, GOOD, "key 1").await;
    assert_eq!(second.header("idempotent-replayed"), Some("true"));
    assert_eq!((second.status, second.text()), (first.status, first.text()));
    assert_eq!(shop.stored().await, 1);
    let other = shop.post_once(TEST, PAYMENTS, GOOD, "key 2").await;
    assert_ne!(other.json()["id"], first.json()["id"]);
    assert_eq!(shop.stored().await, 2);
}

#[tokio::test]
async fn another_request_under_the_same_key_is_refused() {
    let shop = Shop::open().await;
    shop.post_once(TEST, PAYMENTS, GOOD, "key").await;
    let other = r#"{"terminalId":"term_counter","amount":4201,"currency":"EUR"}"#;
    for (path, body) in [(PAYMENTS.to_owned(), other), (format!("{PAYMENTS}?simulateDelay=1"), GOOD)] {
        let got = shop.post_once(TEST, &path, body, "key").await;
        assert_eq!(got.status, 409, "{path}");
        let error = got.error();
        assert_eq!(error["code"], "idempotency_key_reused", "{path}");
        assert_eq!((&error["type"], &error["param"]), (&json!("conflict_error"), &json!("Idempotency-Key")));
    }
    assert_eq!(shop.stored().await, 1);
}

#[tokio::test]
async fn a_key_belongs_to_one_path_and_one_mode() {
    let shop = Shop::open().await;
    let first = shop.post_once(TEST, PAYMENTS, GOOD, "key").await;
    let live = shop.post_once(LIVE, PAYMENTS, GOOD, "key").await;
    assert_eq!(live.header("idempotent-replayed"), None);
    assert_ne!(live.json()["id"], first.json()["id"]);
    let (one, two) = (shop.put(authorized(1)).await, shop.put(authorized(2)).await);
    for id in [one, two] {
        let got = shop.post_once(TEST, &format!("{PAYMENTS}/{id}/capture"), "{}", "key").await;
        assert_eq!((got.status.as_u16(), &got.json()["id"]), (200, &json!(id.to_string())));
        assert_eq!(got.header("idempotent-replayed"), None);
    }
    let again = shop.post_once(TEST, &format!("{PAYMENTS}/{one}/capture"), "{}", "key").await;
    assert_eq!((again.status.as_u16(), again.header("idempotent-replayed")), (200, Some("true")));
}

#[tokio::test]
async fn a_reference_in_use_names_the_payment_that_uses_it() {
    let shop = Shop::open().await;
    let mut waiting = pending(1, false);
    waiting.reference = Some("order_7".into());
    let id = shop.put(waiting).await.to_string();
    let body = r#"{"terminalId":"term_counter","amount":4200,"currency":"EUR","reference":"order_7"}"#;
    let got = shop.post(TEST, PAYMENTS, body).await;
    assert_eq!(got.status, 409);
    let error = got.error();
    assert_eq!((&error["code"], &error["payment"]), (&json!("duplicate_reference"), &json!(id)));
    assert_eq!((&error["param"], &error["retry"]), (&json!("reference"), &json!("ask_first")));
    assert!(error["message"].as_str().unwrap().contains(&id));
    assert_eq!(shop.stored().await, 1);
}

#[tokio::test]
async fn a_client_token_names_one_payment() {
    let shop = Shop::open().await;
    let with = |amount: u32| {
        format!(
            r#"{{"terminalId":"term_counter","amount":{amount},"currency":"EUR",
            "clientToken":"0190a000-0000-7000-8000-000000000001"}}"#
        )
    };
    let first = shop.post(TEST, PAYMENTS, &with(100)).await;
    let again = shop.post(TEST, PAYMENTS, &with(100)).await;
    assert_eq!((again.status, &again.json()["id"]), (first.status, &first.json()["id"]));
    let other = shop.post(TEST, PAYMENTS, &with(101)).await;
    assert_eq!(other.status, 409);
    let error = other.error();
    assert_eq!((&error["code"], &error["payment"]), (&json!("client_token_reused"), &first.json()["id"]));
    assert_eq!(shop.stored().await, 1);
}
