//! Orders that the journal has forgotten: the cloud is asked while the prompt is shown, and no card is read before it has
//! answered or has had its time (contract 1.9).

use serde_json::{Value, json};
use vinr_terminal::screen::Screen;
use vinr_wire::link::Operation;

use crate::ecr::{Ecr, refused, sale};
use crate::shop::{Shop, TERMINAL};
use crate::wire::Line;

/// The page's own sale as the cloud keeps it.
fn stored(reference: &str) -> Value {
    json!({
        "id": "tpay_01JZ0000000000000000000001", "object": "terminal_payment", "status": "completed",
        "captureMethod": "automatic", "amount": 2800, "amountCaptured": 2800, "tipAmount": 300, "currency": "USD",
        "reference": reference, "authCode": "A99", "brand": "visa", "last4": "4242", "entryMethod": "contactless",
        "createdAt": "2026-06-11T09:01:00Z", "completedAt": "2026-06-11T09:01:09Z"
    })
}

fn knows(shop: &Shop, object: Value) {
    shop.office(move |operation, _, body| {
        let named = body["reference"] == object["reference"] || body.get("intent").is_some();
        match operation {
            Operation::Find if named => (200, object.clone(), false),
            _ => (404, json!({"error": {"code": "not_found"}}), false),
        }
    });
}

#[tokio::test]
async fn a_reference_that_only_the_cloud_knows_is_answered_as_it_was_and_charges_nobody() {
    let shop = Shop::open().await;
    knows(&shop, stored("old"));
    let mut ecr = Ecr::of(&shop).await;
    let again = ecr.sale("old").await;
    assert_eq!(again.status, 200, "{:?}", again.bytes);
    let said = again.json();
    for (key, value) in [
        ("status", json!("approved")),
        ("duplicate", json!(true)),
        ("transactionId", json!("tpay_01JZ0000000000000000000001")),
        ("amount", json!(2500)),
        ("tipAmount", json!(300)),
        ("totalAmount", json!(2800)),
        ("authCode", json!("A99")),
        ("maskedPan", json!("************4242")),
        ("completedAt", json!("2026-06-11T09:01:09Z")),
    ] {
        assert_eq!(said[key], value, "{key} in {said}");
    }
    let mut other = sale("old");
    other["amount"] = json!(2600);
    refused(&ecr.post("sale", &other).await, 409, "duplicate_reference");
    refused(&ecr.preauth("old").await, 409, "duplicate_reference");
    assert_eq!(shop.authorized(), 0, "no card was charged");
    shop.shows(|screen| matches!(screen, Screen::Idle { .. })).await;
    assert!(shop.terminal.till().list().await.is_empty(), "nothing is kept of it");
    let asked = shop.inquiries();
    assert_eq!(asked, vec![json!({"reference": "old", "charged_here": true}); 3]);
    // What nobody knows is charged, and is not asked about again while the journal has it.
    assert_eq!(ecr.sale("new").await.json()["status"], "approved");
    assert_eq!(ecr.sale("new").await.json()["duplicate"], true);
    assert_eq!((shop.authorized(), shop.inquiries().len()), (1, 4));
}

#[tokio::test]
async fn a_hold_is_known_again_and_one_whose_outcome_is_open_is_not_made_up() {
    let shop = Shop::open().await;
    let mut hold = stored("stay");
    for (key, value) in
        [("captureMethod", json!("manual")), ("status", json!("authorized")), ("amount", json!(10_000))]
    {
        hold[key] = value;
    }
    hold.as_object_mut().unwrap().remove("tipAmount");
    hold["expiresAt"] = json!("2026-06-18T09:01:09Z");
    knows(&shop, hold.clone());
    let mut ecr = Ecr::of(&shop).await;
    let again = ecr.preauth("stay").await.json();
    assert_eq!((&again["duplicate"], &again["expiresAt"]), (&json!(true), &json!("2026-06-18T09:01:09Z")));
    refused(&ecr.sale("stay").await, 409, "duplicate_reference");
    hold["status"] = json!("processing");
    knows(&shop, hold);
    refused(&ecr.preauth("stay").await, 503, "communication_error");
    assert_eq!(shop.authorized(), 0);
}

#[tokio::test]
async fn a_card_waits_for_the_answer_and_a_silent_cloud_does_not_stop_the_shop() {
    let shop = Shop::open().await;
    shop.falls_silent();
    let mut ecr = Ecr::of(&shop).await;
    let asked = tokio::spawn(async move { ecr.sale("slow").await });
    shop.shows(|screen| matches!(screen, Screen::Prompt { .. })).await;
    assert_eq!(shop.inquiries().len(), 1, "the prompt does not wait for the question");
    let serving = shop.terminal.till().standing().borrow().serving.clone();
    assert_eq!(
        serving.and_then(|serving| serving.reference).as_deref(),
        Some("slow"),
        "and the terminal is busy"
    );
    // The customer holds the card to the reader at once. It is read when the time is up, not before.
    let presented = shop.terminal.present_card(None, None);
    let (presented, answer) = tokio::join!(presented, asked);
    assert!(presented.is_ok(), "{presented:?}");
    assert_eq!(answer.unwrap().json()["status"], "approved");
    assert_eq!(shop.authorized(), 1);
}

#[tokio::test]
async fn cancelling_while_the_cloud_is_asked_cancels() {
    let shop = Shop::open().await;
    shop.falls_silent();
    let mut ecr = Ecr::of(&shop).await;
    let asked = tokio::spawn(async move { ecr.sale("slow").await });
    shop.shows(|screen| matches!(screen, Screen::Prompt { .. })).await;
    assert!(shop.terminal.press_cancel().await);
    let said = asked.await.unwrap().json();
    assert_eq!(said["status"], "cancelled", "{said}");
    assert_eq!(shop.authorized(), 0);
}

#[tokio::test]
async fn without_a_link_nobody_is_asked() {
    let shop = Shop::open().await;
    shop.unplug().await;
    let mut ecr = Ecr::of(&shop).await;
    // Offline approval is off here: the card is read, and nobody can be asked.
    refused(&ecr.sale("alone").await, 503, "communication_error");
    assert!(shop.inquiries().is_empty());
}

#[tokio::test]
async fn a_till_s_old_token_is_its_payment() {
    let shop = Shop::open().await;
    let mut object = stored("order_1");
    object["amount"] = json!(2500);
    object["amountCaptured"] = json!(2500);
    object.as_object_mut().unwrap().remove("tipAmount");
    knows(&shop, object);
    let mut till = Line::till(&shop).await;
    let token = "01975bcd-e123-7abc-8def-13579bdf1357";
    let body = json!({
        "terminalId": TERMINAL, "amount": 2500, "currency": "USD", "reference": "order_1", "clientToken": token
    });
    let said = till.post("/v1/pay", &body).await;
    assert_eq!((said.status, &said.json()["id"]), (200, &json!("tpay_01JZ0000000000000000000001")));
    let mut other = body.clone();
    other["amount"] = json!(2600);
    let said = till.post("/v1/pay", &other).await;
    assert_eq!((said.status, said.code().as_str()), (409, "client_token_reused"));
    assert_eq!((shop.authorized(), shop.inquiries()), (0, vec![json!({"intent": token}); 2]));
    // A token that says that it is new is not asked about.
    let fresh = json!({"terminalId": TERMINAL, "amount": 2500, "currency": "USD"});
    assert_eq!(till.post("/v1/pay", &fresh).await.json()["status"], "completed");
    assert_eq!(shop.inquiries().len(), 2);
}
