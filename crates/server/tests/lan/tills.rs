//! What tills ask the cloud through their terminals: the services of the API, as the terminal, once for each key, and
//! nothing of anybody else's.

use serde_json::json;
use vinr_domain::payment::{CaptureMethod, Channel, Status};
use vinr_domain::{DeclineCode, Timestamp};
use vinr_server::clock::Clock as _;
use vinr_wire::link::{HostVerdict, Operation};

use super::device::{Device, Sale};
use super::shop::{Said, Shop};

async fn held(shop: &Shop, device: &mut Device, intent: u128) -> String {
    let mut sale = Sale::new(shop, intent, u32::try_from(intent).unwrap());
    sale.origin.capture_method = CaptureMethod::Manual;
    device.authorize(&sale).await;
    sale.origin.payment.to_string()
}

#[tokio::test(start_paused = true)]
async fn a_hold_is_found_captured_once_and_voided_once() {
    let shop = Shop::open().await;
    let mut device = Device::connect(&shop, "term_a").await;
    let id = held(&shop, &mut device, 1).await;
    let found = device.ask(Operation::Find, None, &json!({"reference": "order 1"})).await;
    assert_eq!((found.0, &found.1["id"], &found.1["status"]), (200, &json!(id), &json!("authorized")));
    let intent = "00000000-0000-0000-0000-000000000001";
    assert_eq!(device.ask(Operation::Find, None, &json!({"intent": intent})).await.1["id"], id);
    let body = json!({"intent": intent, "amount": 1100});
    let first = device.ask(Operation::Capture, Some("k"), &body).await;
    assert_eq!(
        (first.0, &first.1["status"], &first.1["amountCaptured"]),
        (200, &json!("completed"), &json!(1100))
    );
    let again = device.ask(Operation::Capture, Some("k"), &body).await;
    assert_eq!((again.0, &again.1, again.2), (200, &first.1, true), "the same key is the same answer");
    let twice = device.ask(Operation::Capture, Some("other"), &body).await;
    assert_eq!((twice.0, &twice.1["error"]["code"]), (422, &json!("already_captured")));
    let reused = device.ask(Operation::Capture, Some("k"), &json!({"intent": intent, "amount": 900})).await;
    assert_eq!((reused.0, &reused.1["error"]["code"]), (409, &json!("idempotency_key_reused")));

    let id = held(&shop, &mut device, 2).await;
    let voided = device.ask(Operation::Void, Some("v"), &json!({"payment": id})).await;
    assert_eq!((voided.0, &voided.1["status"]), (200, &json!("cancelled")));
    assert_eq!(shop.status(2).await, Some(Status::Cancelled));
}

#[tokio::test(start_paused = true)]
async fn money_is_given_back_by_reference_once_and_never_beyond_what_was_taken() {
    let shop = Shop::open().await;
    let mut device = Device::connect(&shop, "term_a").await;
    device.authorize(&Sale::new(&shop, 1, 1)).await;
    let body =
        json!({"original_reference": "order 1", "amount": 500, "currency": "EUR", "reference": "back 1"});
    let first = device.ask(Operation::Refund, Some("r"), &body).await;
    assert_eq!(
        (first.0, &first.1["amount"], &first.1["metadata"]["reference"]),
        (200, &json!(500), &json!("back 1"))
    );
    assert_eq!(device.ask(Operation::Refund, Some("r"), &body).await.1, first.1);
    let rest = device.ask(Operation::Refund, Some("s"), &json!({"original_reference": "order 1"})).await;
    assert_eq!((rest.0, &rest.1["amount"]), (200, &json!(700)), "all that is left");
    assert_eq!((&first.1["status"], &rest.1["status"]), (&json!("succeeded"), &json!("succeeded")));
    let code = |answer: (u16, serde_json::Value, bool)| (answer.0, answer.1["error"]["code"].clone());
    let more = device
        .ask(Operation::Refund, Some("t"), &json!({"original_reference": "order 1", "amount": 1}))
        .await;
    assert_eq!(code(more), (422, json!("amount_too_large")));
    let none = device.ask(Operation::Refund, Some("u"), &json!({"original_reference": "nothing"})).await;
    assert_eq!(code(none), (404, json!("transaction_not_found")));
    let other = json!({"original_reference": "order 1", "currency": "USD"});
    assert_eq!(
        code(device.ask(Operation::Refund, Some("w"), &other).await),
        (422, json!("currency_mismatch"))
    );
    assert_eq!(shop.audited().await.get("refund.created"), Some(&2));
    let log = shop.get("/v1/audit-log").await;
    for entry in log["data"].as_array().unwrap() {
        assert_eq!(entry["by"], json!({"type": "terminal", "id": "term_a"}));
    }
}

#[tokio::test(start_paused = true)]
async fn a_terminal_closes_its_own_batch_under_its_own_reference() {
    let shop = Shop::open().await;
    let mut device = Device::connect(&shop, "term_a").await;
    device.authorize(&Sale::new(&shop, 1, 1)).await;
    device.live(2_000).await;
    let body = json!({"reference": "EOD"});
    let first = device.ask(Operation::CloseBatch, Some("b1"), &body).await;
    assert_eq!((first.0, &first.1["terminalId"]), (200, &json!("term_a")), "{}", first.1);
    let again = device.ask(Operation::CloseBatch, Some("b2"), &body).await;
    assert_eq!(again.1["id"], first.1["id"], "the same reference is the same batch");
}

#[tokio::test(start_paused = true)]
async fn nobody_elses_payment_is_found_and_what_changes_something_needs_a_key() {
    let shop = Shop::open().await;
    let mut device = Device::connect(&shop, "term_a").await;
    let mut neighbour = Device::connect(&shop, "term_c").await;
    let id = held(&shop, &mut device, 1).await;
    let by_id = json!({"payment": id});
    for (operation, body) in [
        (Operation::Find, &by_id),
        (Operation::Find, &json!({"reference": "order 1"})),
        (Operation::Capture, &by_id),
        (Operation::Void, &by_id),
        (Operation::Refund, &by_id),
    ] {
        assert_eq!(neighbour.ask(operation, Some("k"), body).await.0, 404, "{operation:?}");
    }
    assert_eq!(shop.status(1).await, Some(Status::Authorized));
    for body in [json!({"payment": 7}), json!({"pan": "4"}), json!({"reference": ""}), json!([])] {
        assert_eq!(device.ask(Operation::Find, None, &body).await.0, 400, "{body}");
    }
    assert_eq!(device.ask(Operation::Capture, None, &by_id).await.0, 400);
    assert_eq!(device.ask(Operation::Capture, Some("k"), &json!({"reference": "order 1"})).await.0, 400);
    assert_eq!(device.ask(Operation::Unsupported, Some("k"), &by_id).await.0, 404);
}

#[tokio::test(start_paused = true)]
async fn tills_of_a_suspended_account_look_and_change_nothing() {
    let shop = Shop::open().await;
    let mut device = Device::connect(&shop, "term_a").await;
    let id = held(&shop, &mut device, 1).await;
    device.authorize(&Sale::new(&shop, 2, 2)).await;
    let back = json!({"original_reference": "order 2", "amount": 500, "reference": "back 1"});
    let before = device.ask(Operation::Refund, Some("r"), &back).await;
    assert_eq!(before.0, 200);
    shop.suspend(true).await;
    let body = json!({ "payment": id });
    for (operation, body) in [
        (Operation::Capture, &body),
        (Operation::Void, &body),
        (Operation::Refund, &json!({"original_reference": "order 2"})),
        (Operation::CloseBatch, &json!({"reference": "EOD"})),
    ] {
        let refused = device.ask(operation, Some("k"), body).await;
        assert_eq!(
            (refused.0, &refused.1["error"]["code"]),
            (403, &json!("account_suspended")),
            "{operation:?}"
        );
    }
    assert_eq!(shop.status(1).await, Some(Status::Authorized));
    let again = device.ask(Operation::Refund, Some("r"), &back).await;
    assert_eq!((again.0, &again.1, again.2), (200, &before.1, true), "what was done before was done");
    assert_eq!(device.ask(Operation::Find, None, &body).await.1["status"], "authorized");
    shop.suspend(false).await;
    assert_eq!(device.ask(Operation::Capture, Some("k"), &body).await.0, 200);
}

/// An ECR's sale.
fn ecr(shop: &Shop, intent: u128, reference: &str) -> Sale {
    let mut sale = Sale::new(shop, intent, u32::try_from(intent).unwrap());
    sale.origin.channel = Channel::Cashless;
    sale.origin.reference = Some(reference.into());
    sale
}

#[tokio::test(start_paused = true)]
async fn a_terminal_learns_whether_its_ecr_s_reference_has_charged_a_card() {
    let shop = Shop::open().await;
    let mut device = Device::connect(&shop, "term_a").await;
    let asked = json!({"reference": "POS-1", "charged_here": true});
    assert_eq!(device.ask(Operation::Find, None, &asked).await.0, 404);
    // A till's payment of that name, and a declined one of the ECR, charge nobody.
    let mut till = ecr(&shop, 1, "POS-1");
    till.origin.channel = Channel::Local;
    device.authorize(&till).await;
    shop.bank.says(Some(Said::No(DeclineCode::CardDeclined)), None);
    device.authorize(&ecr(&shop, 2, "POS-1")).await;
    assert_eq!(device.ask(Operation::Find, None, &asked).await.0, 404);
    shop.bank.says(Some(Said::Yes), None);
    let sold = ecr(&shop, 3, "POS-1");
    device.authorize(&sold).await;
    let found = device.ask(Operation::Find, None, &asked).await;
    assert_eq!((found.0, &found.1["id"]), (200, &json!(sold.origin.payment.to_string())));
    // Another terminal's ECR has names of its own.
    let mut other = Device::connect(&shop, "term_b").await;
    assert_eq!(other.ask(Operation::Find, None, &asked).await.0, 404);
}

#[tokio::test(start_paused = true)]
async fn an_ecr_s_reference_is_never_charged_twice_even_by_a_terminal_that_did_not_ask() {
    let shop = Shop::open().await;
    let mut device = Device::connect(&shop, "term_a").await;
    device.authorize(&ecr(&shop, 1, "POS-1")).await;
    device.authorize(&ecr(&shop, 2, "POS-1")).await;
    let mut dearer = ecr(&shop, 3, "POS-1");
    dearer.origin.asked.amount_minor += 100;
    device.authorize(&dearer).await;
    let verdicts: Vec<_> = device.verdicts().into_iter().map(|(stan, verdict, _)| (stan, verdict)).collect();
    assert!(matches!(verdicts[0], (1, HostVerdict::Approved { .. })), "{verdicts:?}");
    assert!(matches!(verdicts[1..], [(2, HostVerdict::Refused), (3, HostVerdict::Refused)]), "{verdicts:?}");
    assert_eq!(shop.bank.asked.lock().unwrap().len(), 1, "one card was charged");
    // What was approved there alone: a repetition is not charged, another amount is another sale.
    let now = shop.clock.wall();
    let again = ecr(&shop, 4, "POS-1").alone(1, [0; 32], now);
    let other = dearer_alone(&shop, &again, now);
    device.stands(2, 2).await;
    device.authorize(&again).await;
    device.authorize(&other).await;
    let verdicts: Vec<_> = device.verdicts().into_iter().map(|(stan, verdict, _)| (stan, verdict)).collect();
    assert!(matches!(verdicts[0], (4, HostVerdict::Refused)), "{verdicts:?}");
    assert!(matches!(verdicts[1], (5, HostVerdict::Approved { .. })), "{verdicts:?}");
}

fn dearer_alone(shop: &Shop, after: &Sale, now: Timestamp) -> Sale {
    let mut sale = ecr(shop, 5, "POS-1");
    sale.origin.asked.amount_minor += 100;
    sale.alone(2, after.hash(), now)
}
