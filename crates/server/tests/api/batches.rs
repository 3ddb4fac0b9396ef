//! Batches through the API: each transaction in one of them, once, whoever closes and when.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use vinr_domain::Money;
use vinr_domain::payment::Payment;

use crate::refunds::{completed, settled};
use crate::shop::*;

async fn close(shop: &Shop, reference: Option<&str>) -> Got {
    let mut body = json!({"terminalId": TERMINAL});
    if let Some(reference) = reference {
        body["reference"] = json!(reference);
    }
    shop.post(TEST, "/v1/batches/close", &body.to_string()).await
}

fn sums(batch: &Value) -> (i64, i64, i64, i64) {
    let figure = |name: &str| batch[name].as_i64().unwrap();
    assert_eq!(figure("netTotal"), figure("salesTotal") - figure("refundsTotal"));
    (figure("salesCount"), figure("salesTotal"), figure("refundsCount"), figure("refundsTotal"))
}

async fn every_batch(shop: &Shop) -> Vec<Value> {
    let (mut all, mut path) = (vec![], "/v1/batches?limit=7".to_owned());
    loop {
        let page = shop.get(TEST, &path).await.json();
        let data = page["data"].as_array().unwrap().clone();
        let last = data.last().map(|batch| batch["id"].as_str().unwrap().to_owned());
        all.extend(data);
        match last.filter(|_| page["has_more"] == true) {
            Some(last) => path = format!("/v1/batches?limit=7&starting_after={last}"),
            None => return all,
        }
    }
}

#[tokio::test(start_paused = true)]
async fn closing_counts_what_is_final_and_the_same_reference_is_the_same_batch() {
    let shop = Shop::open().await;
    for n in 1..=3 {
        shop.put(completed(n)).await;
    }
    shop.put(authorized(4)).await;
    let payment = completed(5);
    let id = shop.put(payment).await.to_string();
    let refund = json!({"payment": id, "amount": 700}).to_string();
    let refund = shop.post(TEST, "/v1/refunds", &refund).await.json();
    settled(&shop, refund["id"].as_str().unwrap(), "succeeded").await;
    shop.clock.advance_ms(60_000);
    let first = close(&shop, Some("day 1")).await;
    assert_eq!(first.status, 200, "{}", first.text());
    let batch = first.json();
    assert_eq!(sums(&batch), (4, 10_000, 1, 700), "{batch}");
    assert_eq!((&batch["status"], &batch["reference"]), (&json!("closed"), &json!("day 1")));
    assert_eq!((&batch["currency"], &batch["pendingCount"]), (&json!("EUR"), &json!(0)));
    assert_eq!(batch["batches"], json!([]));
    for _ in 0..3 {
        assert_eq!(close(&shop, Some("day 1")).await.json()["id"], batch["id"]);
    }
    let empty = close(&shop, None).await.json();
    assert_eq!((sums(&empty), empty["batches"].clone()), ((0, 0, 0, 0), json!([])));
    assert_ne!(empty["id"], batch["id"]);
    let shown = shop.get(TEST, &format!("/v1/batches/{}", batch["id"].as_str().unwrap())).await.json();
    assert_eq!(sums(&shown), sums(&batch));
    assert_eq!(shop.get(OTHER, &format!("/v1/batches/{}", batch["id"].as_str().unwrap())).await.status, 404);
    let unknown = shop.post(TEST, "/v1/batches/close", r#"{"terminalId":"term_nobody"}"#).await;
    assert_eq!((unknown.status.as_u16(), unknown.code()), (404, "not_found".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn every_currency_has_a_batch_of_its_own_and_filters_find_them() {
    let shop = Shop::open().await;
    let dollars = Money { currency: vinr_domain::Currency::parse("USD").unwrap(), amount_minor: 2500 };
    let id = shop.put(Payment { asked: dollars, ..completed(1) }).await;
    shop.put(completed(2)).await;
    // A refund of it makes the platform notice the payment that was put past it.
    let refund = json!({"payment": id.to_string(), "amount": 1}).to_string();
    let refund = shop.post(TEST, "/v1/refunds", &refund).await.json();
    settled(&shop, refund["id"].as_str().unwrap(), "succeeded").await;
    let open = async || shop.get(TEST, "/v1/batches?status=open&currency=USD").await.json();
    while open().await["data"].as_array().unwrap().is_empty() {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(sums(&open().await["data"][0]), (1, 2500, 1, 1), "an open batch shows what it would hold");
    let body = close(&shop, None).await.json();
    let mut both = vec![body.clone()];
    both.extend(body["batches"].as_array().unwrap().iter().cloned());
    let currencies: BTreeSet<_> = both.iter().map(|one| one["currency"].as_str().unwrap()).collect();
    assert!(currencies.contains("USD"), "{body}");
    let page = shop.get(TEST, &format!("/v1/batches?terminalId={TERMINAL}&currency=USD&status=closed")).await;
    assert_eq!(page.json()["data"].as_array().unwrap().len(), 1);
    assert_eq!(shop.get(TEST, "/v1/batches?status=ajar").await.code(), "parameter_invalid");
}

#[tokio::test(start_paused = true)]
async fn the_day_ends_by_itself_and_once() {
    let shop = Shop::open().await;
    let id = shop.put(completed(1)).await.to_string();
    let refund = json!({"payment": id, "amount": 100}).to_string();
    let refund = shop.post(TEST, "/v1/refunds", &refund).await.json();
    settled(&shop, refund["id"].as_str().unwrap(), "succeeded").await;
    tokio::time::sleep(Duration::from_secs(5)).await;
    let open = shop.get(TEST, "/v1/batches").await.json();
    assert_eq!(open["data"][0]["status"], "open", "{open}");
    // 09:00 UTC; the day ends at 23:59.
    shop.clock.advance_ms(15 * 3_600_000);
    tokio::time::sleep(Duration::from_secs(30)).await;
    let all = every_batch(&shop).await;
    assert_eq!(all.len(), 1, "{all:?}");
    assert_eq!((&all[0]["status"], sums(&all[0])), (&json!("closed"), (1, 2500, 1, 100)));
    assert!(all[0]["settledAt"].is_i64(), "{}", all[0]);
    assert_eq!(shop.bank.settled().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_batches_closed_at_once_each_transaction_is_in_one() {
    let shop = Arc::new(Shop::open().await);
    let takers: Vec<_> = (1..=300_u32)
        .map(|n| {
            let shop = Arc::clone(&shop);
            tokio::spawn(async move {
                shop.put(completed(n)).await;
                shop.clock.advance_ms(1_000);
            })
        })
        .collect();
    let closers: Vec<_> = (0..40)
        .map(|n| {
            let shop = Arc::clone(&shop);
            tokio::spawn(async move {
                let reference = format!("close {}", n % 25);
                let got = close(&shop, (n % 3 != 0).then_some(reference.as_str())).await;
                assert_eq!(got.status, 200, "{}", got.text());
            })
        })
        .collect();
    for task in takers.into_iter().chain(closers) {
        task.await.unwrap();
    }
    shop.clock.advance_ms(1_000_000);
    assert_eq!(close(&shop, None).await.status, 200);
    assert_eq!(sums(&close(&shop, None).await.json()), (0, 0, 0, 0), "nothing is left");
    let all = every_batch(&shop).await;
    let counted: i64 = all.iter().map(|batch| sums(batch).0).sum();
    let total: i64 = all.iter().map(|batch| sums(batch).1).sum();
    assert_eq!((counted, total), (300, 300 * 2500));
    let mut references: Vec<_> = all.iter().filter_map(|batch| batch["reference"].as_str()).collect();
    let named = references.len();
    references.sort_unstable();
    references.dedup();
    assert_eq!(references.len(), named, "a reference closes once");
}
