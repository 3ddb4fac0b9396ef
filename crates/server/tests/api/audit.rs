//! The audit log names every change of webhook endpoints, refunds and batches, and whose key it was; what they say of
//! secrets is not in it.

use serde_json::{Value, json};

use crate::refunds::{completed, settled};
use crate::shop::*;

/// What the log says was done to objects of these kinds, oldest first.
async fn acts(shop: &Shop, kinds: &[&str]) -> Vec<Value> {
    let log = shop.get(TEST, "/v1/audit-log?limit=100").await.json();
    let mut acts: Vec<Value> = log["data"].as_array().unwrap().clone();
    acts.retain(|act| kinds.iter().any(|kind| act["action"].as_str().unwrap().starts_with(kind)));
    acts.reverse();
    assert_eq!(shop.get(TEST, "/v1/audit-log/verify").await.json()["intact"], true);
    acts
}

fn actions(acts: &[Value]) -> Vec<&str> {
    acts.iter().map(|act| act["action"].as_str().unwrap()).collect()
}

#[tokio::test(start_paused = true)]
async fn every_change_of_a_webhook_endpoint_is_in_the_log_and_no_secret() {
    let shop = Shop::open().await;
    let body = json!({"url": "https://shop.example/", "enabled_events": ["batch.closed"]}).to_string();
    let made = shop.post_once(TEST, "/v1/webhook-endpoints", &body, "make").await.json();
    shop.post_once(TEST, "/v1/webhook-endpoints", &body, "make").await;
    let path = format!("/v1/webhook-endpoints/{}", made["id"].as_str().unwrap());
    assert_eq!(shop.post(TEST, &path, r#"{"status":"disabled"}"#).await.status, 200);
    let rolled = shop.post(TEST, &format!("{path}/roll-secret"), "{}").await.json();
    assert_eq!(shop.post(TEST, &path, r#"{"status":"paused"}"#).await.status, 400);
    let request = bearer("DELETE", TEST, &path).body(axum::body::Body::empty()).unwrap();
    assert_eq!(shop.send(request).await.status, 200);

    let acts = acts(&shop, &["webhook_endpoint."]).await;
    let done =
        ["created", "updated", "secret_rolled", "deleted"].map(|what| format!("webhook_endpoint.{what}"));
    assert_eq!(actions(&acts), done);
    assert!(
        acts.iter().all(|act| act["objectId"] == made["id"] && act["by"]["type"] == "api_key"),
        "{acts:?}"
    );
    assert_eq!(
        (&acts[1]["before"]["status"], &acts[1]["after"]["status"]),
        (&json!("enabled"), &json!("disabled"))
    );
    let all = json!(acts).to_string();
    for secret in [&made["secret"], &rolled["secret"]] {
        let secret = secret.as_str().unwrap();
        assert!(secret.starts_with("whsec_") && !all.contains(secret), "a secret is in the log");
    }
}

#[tokio::test(start_paused = true)]
async fn metadata_of_refunds_and_the_closing_of_batches_are_in_the_log() {
    let shop = Shop::open().await;
    let payment = shop.put(completed(1)).await.to_string();
    let made =
        shop.post(TEST, "/v1/refunds", &json!({"payment": payment, "amount": 5}).to_string()).await.json();
    let id = made["id"].as_str().unwrap();
    settled(&shop, id, "succeeded").await;
    let path = format!("/v1/refunds/{id}");
    for _ in 0..2 {
        let said = shop.post_once(TEST, &path, r#"{"metadata":{"till":"7"}}"#, "name-1").await;
        assert_eq!((said.status.as_u16(), &said.json()["metadata"]), (200, &json!({"till": "7"})));
    }
    let acts = acts(&shop, &["refund.", "batch."]).await;
    assert_eq!(actions(&acts), ["refund.created", "refund.updated"]);
    assert_eq!((&acts[1]["objectId"], &acts[1]["by"]["type"]), (&json!(id), &json!("api_key")));
    assert_eq!(
        (&acts[1]["before"], &acts[1]["after"]["metadata"]),
        (&json!({"metadata": {}}), &json!({"till": "7"}))
    );

    let close = json!({"terminalId": TERMINAL, "reference": "evening"}).to_string();
    let closed = shop.post(TEST, "/v1/batches/close", &close).await.json();
    assert_eq!(shop.post(TEST, "/v1/batches/close", &close).await.json()["id"], closed["id"]);
    let acts = self::acts(&shop, &["batch."]).await;
    assert_eq!(actions(&acts), ["batch.closed"], "once, however often it is asked for");
    assert_eq!((&acts[0]["objectId"], &acts[0]["by"]["type"]), (&closed["id"], &json!("api_key")));
    assert_eq!(acts[0]["after"]["reference"], "evening");
}

#[tokio::test(start_paused = true)]
async fn a_batch_that_closes_by_itself_is_closed_by_the_settlement() {
    let shop = Shop::open().await;
    let payment = shop.put(completed(1)).await.to_string();
    let made =
        shop.post(TEST, "/v1/refunds", &json!({"payment": payment, "amount": 5}).to_string()).await.json();
    settled(&shop, made["id"].as_str().unwrap(), "succeeded").await;
    shop.clock.advance_ms(48 * 3_600_000);
    for _ in 0..2_000 {
        let acts = acts(&shop, &["batch."]).await;
        if let Some(act) = acts.first() {
            assert_eq!((&act["action"], &act["by"]["type"]), (&json!("batch.closed"), &json!("system")));
            assert_eq!(act["by"]["id"], "settlement");
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("the batch never closed");
}
