//! Receipts of refunds: printed where that is wanted, and the newest until something comes after.

use serde_json::{Value, json};
use vinr_wire::link::Operation;

use crate::ecr::Ecr;
use crate::shop::Shop;

const OLD: &str = "2026-06-15T11:45:00Z";

/// A cloud that gives back, and knows a sale of the day before yesterday.
fn gives_back(shop: &Shop) {
    let mut known: Vec<String> = Vec::new();
    shop.office(move |operation, key, body| match operation {
        Operation::Refund => {
            let key = key.unwrap().to_owned();
            let replayed = known.contains(&key);
            known.push(key);
            let id = format!("re_{}", body["reference"].as_str().unwrap());
            (200, json!({"id": id, "status": "succeeded", "createdAt": OLD}), replayed)
        }
        Operation::Find if body["reference"] == "POS-0" => {
            let sale = json!({
                "id": "tpay_01JZ0000000000000000000001", "status": "completed", "captureMethod": "automatic",
                "amount": 900, "amountCaptured": 900, "currency": "USD", "reference": "POS-0", "brand": "mastercard",
                "last4": "4444", "entryMethod": "chip", "completedAt": OLD
            });
            (200, sale, false)
        }
        _ => (404, json!({"error": {"code": "not_found"}}), false),
    });
}

fn refund(of: &str, reference: &str, prints: Option<bool>) -> Value {
    let mut body = json!({"originalReference": of, "amount": 500, "currency": "USD", "reference": reference});
    if let Some(prints) = prints {
        body["printReceipt"] = json!(prints);
    }
    body
}

#[tokio::test]
async fn a_refund_prints_both_copies_and_is_the_newest_transaction() {
    let shop = Shop::open().await;
    gives_back(&shop);
    let mut ecr = Ecr::of(&shop).await;
    let sold = ecr.sale("POS-1").await.json();
    let before = shop.printer.printed().len();
    let back = ecr.post("refund", &refund("POS-1", "R-1", Some(true))).await.json();
    let printed = shop.printer.printed().split_off(before);
    let texts = [&back["receiptData"]["merchantReceipt"], &back["receiptData"]["customerReceipt"]];
    assert_eq!(
        printed,
        texts.map(|text| text.as_str().unwrap().to_owned()),
        "what is printed is what is told"
    );
    for line in ["REFUND\nAmount: $5.00\n", "************4242\n", "Reference: R-1\n", "re_R-1\n"] {
        assert!(printed[1].contains(line), "{line} in {}", printed[1]);
    }
    assert!(
        printed[1].contains(sold["transactionId"].as_str().unwrap())
            && printed[1].ends_with("CUSTOMER COPY\n")
    );
    assert!(shop.printer.pictures().iter().all(|picture| picture.starts_with(b"\x89PNG")));
    let last = ecr.post("receipt/last", &json!({"image": true})).await.json();
    assert_eq!(
        (&last["transactionId"], &last["reference"], &last["status"]),
        (&json!("re_R-1"), &json!("R-1"), &json!("approved"))
    );
    assert_eq!(last["receiptData"]["customerReceipt"], printed[1]);
    assert!(last["receiptData"]["customerImage"].as_str().unwrap().starts_with("iVBORw0KGgo"));
    assert_eq!(ecr.post("receipt/reprint", &json!({"type": "both"})).await.status, 200);
    assert_eq!(shop.printer.printed().split_off(before + 2), printed, "the same again");
    // Said again it is no news: nothing is printed twice.
    assert_eq!(ecr.post("refund", &refund("POS-1", "R-1", Some(true))).await.json()["duplicate"], true);
    assert_eq!(shop.printer.printed().len(), before + 4);
    // The next sale is the newest then.
    let sold = ecr.sale("POS-2").await.json();
    let last = ecr.post("receipt/last", &json!({})).await.json();
    assert_eq!((&last["transactionId"], &last["reference"]), (&sold["transactionId"], &json!("POS-2")));
    assert_eq!(ecr.post("receipt/reprint", &json!({})).await.status, 200);
    assert!(shop.printer.printed().last().unwrap().contains("SALE\n"));
}

#[tokio::test]
async fn nothing_is_printed_unless_asked_for_and_an_old_sale_has_a_receipt_too() {
    let shop = Shop::open().await;
    gives_back(&shop);
    let mut ecr = Ecr::of(&shop).await;
    for (reference, prints) in [("R-1", Some(false)), ("R-2", None)] {
        let back = ecr.post("refund", &refund("POS-0", reference, prints)).await.json();
        let receipt = back["receiptData"]["customerReceipt"].as_str().unwrap().to_owned();
        assert!(receipt.contains("Card: MASTERCARD\n************4444\nEntry: chip\n"), "{receipt}");
        assert_eq!(shop.printer.printed().len(), 0);
    }
    assert_eq!(ecr.post("receipt/last", &json!({})).await.json()["reference"], "R-2");
    // Without paper the money is given back all the same.
    shop.printer.set_paper(false);
    assert_eq!(ecr.post("refund", &refund("POS-0", "R-3", Some(true))).await.status, 200);
    assert_eq!(ecr.post("receipt/reprint", &json!({})).await.code(), "printer_unavailable");
    shop.printer.set_paper(true);
    assert_eq!(ecr.post("receipt/reprint", &json!({})).await.status, 200);
    assert!(shop.printer.printed()[0].contains("re_R-3"));
}
