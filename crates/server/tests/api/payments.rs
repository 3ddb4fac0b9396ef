//! The endpoints with sensible requests: both bodies, both versions, filters and pages.

use axum::body::Body;
use axum::http::Request;
use serde_json::{Value, json};

use crate::shop::{Got, Shop, TEST, authorized, pending};

const PAYMENTS: &str = "/v1/terminal/payments";

async fn form(shop: &Shop, body: &'static str) -> Got {
    let request = Request::post(PAYMENTS)
        .header("x-api-key", TEST)
        .header("content-type", "application/x-www-form-urlencoded");
    shop.send(request.body(Body::from(body)).unwrap()).await
}

#[tokio::test]
async fn json_and_bearer_get_the_newer_writing() {
    let shop = Shop::open().await;
    let body = r#"{"terminalId":"term_nowhere","amount":2500,"currency":"USD","reference":"order_8821",
        "responseMode":"sync","metadata":{"till":"3"}}"#;
    let got = shop.post(TEST, PAYMENTS, body).await;
    assert_eq!(got.status, 200);
    assert_eq!(got.header("content-type"), Some("application/json"));
    let mut payment = got.json();
    let id = payment["id"].as_str().unwrap().to_owned();
    assert!(payment["clientToken"].take().as_str().unwrap().len() == 36);
    assert_eq!(
        payment,
        json!({
            "id": id, "object": "terminal_payment", "livemode": false, "terminalId": "term_nowhere",
            "amount": 2500, "currency": "USD", "status": "failed", "captureMethod": "automatic",
            "reference": "order_8821", "responseMode": "sync", "declineCode": "terminal_not_found",
            "metadata": {"till": "3"}, "createdAt": "2026-06-11T09:00:00Z", "failedAt": "2026-06-11T09:00:00Z",
            "sequence": 1, "clientToken": null,
        })
    );
    assert_eq!(shop.get(TEST, &format!("{PAYMENTS}/{id}")).await.json()["id"], id);
}

#[tokio::test]
async fn a_form_and_x_api_key_get_the_older_writing() {
    let shop = Shop::open().await;
    let got =
        form(&shop, "terminalId=term_nowhere&amount=4200&currency=eur&reference=order_1099&metadata[a]=b")
            .await;
    assert_eq!(got.status, 202);
    let mut payment = got.json();
    let id = payment["id"].take();
    assert!(id.as_str().unwrap().starts_with("tpay_"));
    let expected = json!({
        "object": "terminal_payment", "terminalId": "term_nowhere", "amount": 4200, "currency": "EUR",
        "status": "failed", "captureMethod": "automatic", "amountCaptured": 0, "amountCapturable": 0,
        "reference": "order_1099", "paymentMethod": null, "tip": null, "metadata": {"a": "b"},
        "createdAt": 1_781_168_400, "completedAt": 1_781_168_400, "declineCode": "terminal_not_found",
    });
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(&payment[name], value, "{name}");
    }
}

#[tokio::test]
async fn a_terminal_that_is_not_connected_is_offline_and_that_is_no_error() {
    let shop = Shop::open().await;
    let got = shop.post(TEST, PAYMENTS, r#"{"terminalId":"term_counter","amount":1,"currency":"EUR"}"#).await;
    assert_eq!(got.status, 202);
    assert_eq!(got.json()["declineCode"], "terminal_offline");
}

#[tokio::test]
async fn a_hold_is_captured_in_part_and_only_once() {
    let shop = Shop::open().await;
    let id = shop.put(authorized(1)).await;
    let path = format!("{PAYMENTS}/{id}/capture");
    let got = shop.post(TEST, &path, r#"{"amount":2000}"#).await;
    assert_eq!((got.status.as_u16(), &got.json()["amountCaptured"]), (200, &json!(2000)));
    assert_eq!(got.json()["status"], "completed");
    let again = shop.post(TEST, &path, "").await;
    assert_eq!((again.status.as_u16(), again.code().as_str()), (422, "already_captured"));
}

#[tokio::test]
async fn a_bare_post_captures_all_and_a_bare_cancel_voids() {
    let shop = Shop::open().await;
    for (number, step, status) in [(1, "capture", "completed"), (2, "cancel", "cancelled")] {
        let id = shop.put(authorized(number)).await;
        let request = Request::post(format!("{PAYMENTS}/{id}/{step}")).header("x-api-key", TEST);
        let got = shop.send(request.body(Body::empty()).unwrap()).await;
        assert_eq!((got.status.as_u16(), &got.json()["status"]), (200, &json!(status)), "{step}");
    }
}

#[tokio::test]
async fn lists_are_filtered_and_paged() {
    let shop = Shop::open().await;
    let mut ids = Vec::new();
    for number in 1..=5 {
        let mut payment = if number % 2 == 0 { authorized(number) } else { pending(number, false) };
        payment.reference = Some(format!("order_{number}").into());
        ids.insert(0, shop.put(payment).await.to_string());
    }
    let listed = |list: &Value| -> Vec<String> {
        assert_eq!(list["object"], "list");
        list["data"].as_array().unwrap().iter().map(|p| p["id"].as_str().unwrap().to_owned()).collect()
    };
    let get = async |query: String| shop.get(TEST, &format!("{PAYMENTS}?{query}")).await.json();

    let first = get("limit=2".to_owned()).await;
    assert_eq!((listed(&first), &first["has_more"]), (ids[..2].to_vec(), &json!(true)));
    let next = get(format!("limit=3&starting_after={}", ids[1])).await;
    assert_eq!((listed(&next), &next["has_more"]), (ids[2..].to_vec(), &json!(false)));
    let back = get(format!("limit=2&ending_before={}", ids[3])).await;
    assert_eq!(listed(&back), ids[1..3].to_vec());
    assert_eq!(listed(&get("reference=order_4".to_owned()).await), ids[1..2].to_vec());
    assert_eq!(listed(&get("status=authorized".to_owned()).await), [ids[1].clone(), ids[3].clone()]);
    assert_eq!(listed(&get("terminalId=term_other".to_owned()).await), Vec::<String>::new());
    assert_eq!(listed(&get("terminalId=term_counter&limit=1".to_owned()).await), ids[..1].to_vec());
    let from = 1_781_168_400 + 4;
    assert_eq!(listed(&get(format!("fromDate={from}")).await), ids[..2].to_vec());
    assert_eq!(listed(&get(format!("toDate={from}&limit=1")).await), ids[1..2].to_vec());
}
