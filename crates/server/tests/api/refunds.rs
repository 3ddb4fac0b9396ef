//! Refunds through the API: reserved before the acquirer hears of them, never over what was taken, ended by its word.

use std::sync::Arc;

use serde_json::json;
use vinr_domain::payment::{Payment, State};

use crate::shop::*;

/// A completed payment of account a over 25.00 EUR.
pub fn completed(number: u32) -> Payment {
    let held = authorized(number);
    let State::Authorized { request, approval, .. } = held.state.clone() else { panic!("not held") };
    let state = State::Completed { request, approval, captured_minor: 2500, at: held.created_at };
    Payment { state, due_at: None, ..held }
}

/// Lets what has begun go on until the refund has this status.
pub async fn settled(shop: &Shop, id: &str, status: &str) -> serde_json::Value {
    for _ in 0..2_000 {
        let got = shop.get(TEST, &format!("/v1/refunds/{id}")).await.json();
        if got["status"] == status {
            return got;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("{id} never became {status}");
}

async fn refunded(shop: &Shop, payment: &str) -> i64 {
    let got = shop.get(TEST, &format!("/v1/terminal/payments/{payment}")).await.json();
    got["amountRefunded"].as_i64().unwrap_or(0)
}

#[tokio::test(start_paused = true)]
async fn a_refund_is_answered_pending_and_ends_with_the_acquirer_s_word() {
    let shop = Shop::open().await;
    let payment = shop.put(completed(1)).await.to_string();
    let body = json!({"payment": payment, "amount": 1000, "reason": "duplicate", "metadata": {"k": "v"}});
    let got = shop.post(TEST, "/v1/refunds", &body.to_string()).await;
    assert_eq!(got.status, 202, "{}", got.text());
    let refund = got.json();
    assert_eq!((&refund["object"], &refund["status"]), (&json!("refund"), &json!("pending")));
    assert_eq!((&refund["payment"], &refund["amount"]), (&json!(payment), &json!(1000)));
    assert_eq!((&refund["sequence"], &refund["reason"]), (&json!(1), &json!("duplicate")));
    assert!(refund.get("updatedAt").is_none() && refund.get("failureReason").is_none());
    assert_eq!(refunded(&shop, &payment).await, 1000, "reserved at once");
    let id = refund["id"].as_str().unwrap();
    let done = settled(&shop, id, "succeeded").await;
    assert_eq!(done["sequence"], 2);
    let request = bearer("GET", TEST, &format!("/v1/refunds/{id}")).header("vinr-version", "2025-05-31");
    let old = shop.send(request.body(axum::body::Body::empty()).unwrap()).await.json();
    assert!(old["createdAt"].is_i64() && old["failureReason"].is_null(), "{old}");

    let named = shop.post(TEST, &format!("/v1/refunds/{id}"), r#"{"metadata":{"k":"","n":"1"}}"#).await;
    assert_eq!((named.status.as_u16(), &named.json()["metadata"]), (200, &json!({"n": "1"})));
    let listed = shop.get(TEST, &format!("/v1/refunds?payment={payment}")).await.json();
    assert_eq!(listed["data"], json!([named.json()]));
    assert_eq!(shop.get(OTHER, &format!("/v1/refunds/{id}")).await.status, 404);
    assert_eq!(shop.get(LIVE, &format!("/v1/refunds/{id}")).await.status, 404);
    assert_eq!(shop.get(READER, &format!("/v1/refunds/{id}")).await.status, 403);
}

#[tokio::test(start_paused = true)]
async fn a_refund_that_fails_gives_its_reservation_back_and_silence_does_not() {
    let shop = Shop::open().await;
    let payment = shop.put(completed(1)).await.to_string();
    let ask = async |amount: i64| {
        let body = json!({"payment": payment, "amount": amount}).to_string();
        shop.post(TEST, "/v1/refunds", &body).await.json()["id"].as_str().unwrap().to_owned()
    };
    let declined = ask(Bank::DECLINED_MINOR).await;
    let failed = settled(&shop, &declined, "failed").await;
    assert_eq!(failed["failureReason"], "declined");
    assert_eq!(refunded(&shop, &payment).await, 0);
    let silent = ask(Bank::SILENT_MINOR).await;
    settled(&shop, &silent, "succeeded").await;
    assert_eq!(refunded(&shop, &payment).await, Bank::SILENT_MINOR);
    assert_eq!(shop.bank.given_minor(), Bank::SILENT_MINOR, "asked twice, given once");
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_refunded_is_refused_with_the_reason() {
    let shop = Shop::open().await;
    let taken = shop.put(completed(1)).await.to_string();
    let held = shop.put(authorized(2)).await.to_string();
    for (body, status, code, param) in [
        (json!({"payment": taken, "amount": 2501}), 422, "amount_too_large", "amount"),
        (json!({"payment": taken, "amount": 0}), 400, "parameter_invalid", "amount"),
        (json!({"payment": held}), 422, "refund_not_allowed", "payment"),
        (json!({"payment": "tpay_00000000000000000000000000"}), 404, "not_found", "payment"),
        (json!({"payment": "tpay_1"}), 400, "parameter_invalid", "payment"),
        (json!({"amount": 1}), 400, "parameter_missing", "payment"),
        (json!({"payment": taken, "reason": "because"}), 400, "parameter_invalid", "reason"),
        (json!({"payment": taken, "amuont": 1}), 400, "parameter_unknown", "amuont"),
    ] {
        let got = shop.post(TEST, "/v1/refunds", &body.to_string()).await;
        let error = got.error();
        assert_eq!((got.status.as_u16(), &error["code"]), (status, &json!(code)), "{body}: {error}");
        assert_eq!(error["param"], param, "{body}");
    }
    let all = shop.post(TEST, "/v1/refunds", &json!({"payment": taken}).to_string()).await;
    assert_eq!(all.json()["amount"], 2500);
    let more = shop.post(TEST, "/v1/refunds", &json!({"payment": taken}).to_string()).await;
    assert_eq!(more.code(), "amount_too_large");
    assert_eq!(shop.post(OTHER, "/v1/refunds", &json!({"payment": taken}).to_string()).await.status, 404);
}

#[tokio::test(start_paused = true)]
async fn the_same_key_is_the_same_refund() {
    let shop = Shop::open().await;
    let payment = shop.put(completed(1)).await.to_string();
    let body = json!({"payment": payment, "amount": 100}).to_string();
    let asked = (0..20).map(|_| shop.post_once(TEST, "/v1/refunds", &body, "once"));
    let answers = futures_util::future::join_all(asked).await;
    assert!(answers.iter().all(|got| got.status == 202 && got.body == answers[0].body));
    assert_eq!(answers.iter().filter(|got| got.header("idempotent-replayed").is_none()).count(), 1);
    assert_eq!(refunded(&shop, &payment).await, 100);
    let other = json!({"payment": payment, "amount": 101}).to_string();
    assert_eq!(shop.post_once(TEST, "/v1/refunds", &other, "once").await.code(), "idempotency_key_reused");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_hundreds_of_refunds_at_once_every_one_is_judged_and_none_is_over() {
    let shop = Arc::new(Shop::open().await);
    let payment = shop.put(completed(1)).await.to_string();
    let tasks: Vec<_> = (0..400)
        .map(|n| {
            let (shop, body) = (Arc::clone(&shop), json!({"payment": payment, "amount": 10 + n % 3 * 10}));
            tokio::spawn(async move { shop.post(TEST, "/v1/refunds", &body.to_string()).await })
        })
        .collect();
    let (mut taken, mut refused) = (0, 0);
    for task in tasks {
        let got = task.await.unwrap();
        match got.status.as_u16() {
            202 => taken += got.json()["amount"].as_i64().unwrap(),
            422 => {
                assert_eq!(got.code(), "amount_too_large");
                refused += 1;
            }
            status => panic!("{status}: {}", got.text()),
        }
    }
    assert!(taken <= 2500 && refused > 0);
    assert_eq!(refunded(&shop, &payment).await, taken);
    // What is left is less than what the last one asked for.
    assert!(2500 - taken < 30, "{taken}");
}
