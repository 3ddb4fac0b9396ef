//! The Cashless API, line by line: what the ECR page and contract 1.9 say.

use serde_json::{Value, json};
use vinr_domain::DeclineCode;
use vinr_terminal::screen::Screen;
use vinr_wire::link::Operation;

use crate::ecr::{Ecr, NOBODY, refused, sale};
use crate::shop::{KEY, Shop, TERMINAL, Verdict, key_hash};
use crate::wire::{Line, read};

#[tokio::test]
async fn a_sale_with_a_tip_and_its_receipts() {
    let shop = Shop::open().await;
    let mut ecr = Ecr::of(&shop).await;
    let answer = ecr.sale("POS-ORDER-0821").await;
    assert_eq!(answer.status, 200);
    let sold = answer.json();
    for (key, value) in [
        ("status", json!("approved")),
        ("reference", json!("POS-ORDER-0821")),
        ("amount", json!(2500)),
        ("tipAmount", json!(300)),
        ("totalAmount", json!(2800)),
        ("currency", json!("USD")),
        ("authCode", json!("A12345")),
        ("entryMethod", json!("contactless")),
        ("cardScheme", json!("visa")),
        ("maskedPan", json!("************4242")),
        ("cardholderName", json!("TEST CARDHOLDER")),
    ] {
        assert_eq!(sold[key], value, "{key} in {sold}");
    }
    assert!(sold["transactionId"].as_str().unwrap().starts_with("tpay_"));
    assert!(sold["completedAt"].as_str().unwrap().ends_with('Z') && sold.get("duplicate").is_none());
    let receipt = sold["receiptData"]["customerReceipt"].as_str().unwrap();
    assert!(
        receipt.starts_with("VINR PAYMENTS\n")
            && receipt.contains("Amount: $25.00\nTip: $3.00\nTotal: $28.00")
    );
    assert!(receipt.ends_with("CUSTOMER COPY\n") && !receipt.contains("42424"));
    // Printed as well, and the same.
    let printed = shop.printer.printed();
    assert_eq!(printed.len(), 2);
    assert_eq!(printed[1], receipt);
    assert!(shop.printer.pictures().iter().all(|picture| picture.starts_with(b"\x89PNG")));
    let last = ecr.post("receipt/last", &json!({})).await.json();
    assert_eq!((&last["status"], &last["reference"]), (&json!("approved"), &json!("POS-ORDER-0821")));
    assert_eq!(last["transactionId"], sold["transactionId"]);
    assert_eq!(last["receiptData"]["customerReceipt"], receipt);
    assert_eq!(last["receiptData"]["signatureRequired"], false);
    let drawn = ecr.post("receipt/last", &json!({"image": true})).await.json();
    assert!(drawn["receiptData"]["merchantImage"].as_str().unwrap().starts_with("iVBORw0KGgo"));
}

#[tokio::test]
async fn a_sale_that_says_so_prints_nothing() {
    let shop = Shop::open().await;
    let mut ecr = Ecr::of(&shop).await;
    let body = json!({"amount": 100, "currency": "JPY", "reference": "a", "printReceipt": false});
    let sold = ecr.post("sale", &body).await.json();
    assert_eq!((&sold["tipAmount"], &sold["totalAmount"]), (&json!(0), &json!(100)));
    assert!(sold["receiptData"]["merchantReceipt"].as_str().unwrap().contains("Amount: ¥100\n"));
    assert_eq!(shop.printer.printed().len(), 0);
    for (copies, sheets) in [(json!({}), 1), (json!({"type": "merchant"}), 2), (json!({"type": "both"}), 4)] {
        let printed = ecr.post("receipt/reprint", &copies).await;
        let said = copies["type"].as_str().unwrap_or("customer");
        assert_eq!(printed.json(), json!({"status": "printed", "type": said}));
        assert_eq!(shop.printer.printed().len(), sheets);
    }
    shop.printer.set_paper(false);
    refused(&ecr.post("receipt/reprint", &json!({})).await, 422, "printer_unavailable");
}

#[tokio::test]
async fn a_model_without_a_printer_gives_the_data_only() {
    let without = |facts: &mut vinr_wire::link::HelloFacts| {
        (facts.model, facts.has_printer) = ("nexgo_n86pro".to_owned(), false);
    };
    let shop = Shop::with(without, |_| {}).await;
    let mut ecr = Ecr::of(&shop).await;
    refused(&ecr.post("receipt/last", &json!({})).await, 404, "transaction_not_found");
    let sold = ecr.sale("a").await.json();
    let receipt = sold["receiptData"]["merchantReceipt"].as_str().unwrap();
    assert!(receipt.lines().all(|line| line.chars().count() <= 32));
    refused(&ecr.post("receipt/reprint", &json!({"type": "customer"})).await, 422, "printer_unavailable");
}

#[tokio::test]
async fn a_decline_is_402_in_both_shapes_and_the_reference_is_free_again() {
    let shop = Shop::open().await;
    let mut ecr = Ecr::of(&shop).await;
    shop.verdict(Verdict::Decline(DeclineCode::InsufficientFunds));
    let answer = ecr.sale("POS-1").await;
    let declined = answer.json();
    assert_eq!(answer.status, 402);
    assert_eq!(
        (&declined["status"], &declined["declineCode"], &declined["error"]["code"]),
        (&json!("declined"), &json!("insufficient_funds"), &json!("card_declined"))
    );
    assert!(declined["declineMessage"].is_string() && declined["completedAt"].is_string());
    let report = ecr.post("status", &json!({"reference": "POS-1"})).await;
    assert_eq!((report.status, &report.json()["status"]), (200, &json!("declined")));
    assert!(report.json().get("error").is_none());
    shop.verdict(Verdict::Approve);
    let sold = ecr.sale("POS-1").await;
    assert_eq!((sold.status, &sold.json()["status"]), (200, &json!("approved")));
    assert_eq!(shop.authorized(), 2);
}

#[tokio::test]
async fn an_approved_reference_is_never_charged_again() {
    let shop = Shop::open().await;
    let mut ecr = Ecr::of(&shop).await;
    let mut first = ecr.sale("POS-1").await.json();
    let again = ecr.sale("POS-1").await;
    first["duplicate"] = json!(true);
    assert_eq!((again.status, again.json()), (200, first));
    let mut other = sale("POS-1");
    other["amount"] = json!(2501);
    refused(&ecr.post("sale", &other).await, 409, "duplicate_reference");
    let mut other = sale("POS-1");
    other["tipAmount"] = json!(0);
    refused(&ecr.post("sale", &other).await, 409, "duplicate_reference");
    let hold = json!({"amount": 2500, "currency": "USD", "reference": "POS-1"});
    refused(&ecr.post("preauth", &hold).await, 409, "duplicate_reference");
    assert_eq!(shop.authorized(), 1);
}

#[tokio::test]
async fn the_same_sale_twice_at_once_is_one_sale() {
    let shop = Shop::open().await;
    let (mut one, mut two) = (Ecr::of(&shop).await, Ecr::of(&shop).await);
    let (first, second) = tokio::join!(one.sale("POS-1"), two.sale("POS-1"));
    assert_eq!((first.status, second.status), (200, 200));
    let (first, second) = (first.json(), second.json());
    assert_eq!(first["transactionId"], second["transactionId"]);
    let duplicates = [&first, &second].iter().filter(|said| said["duplicate"] == json!(true)).count();
    assert_eq!((duplicates, shop.authorized()), (1, 1));
}

#[tokio::test]
async fn status_ready_busy_and_of_a_reference() {
    let shop = Shop::open().await;
    let mut ecr = Ecr::of(&shop).await;
    let ready = ecr.post("status", &json!({})).await.json();
    let expected = json!({
        "status": "ready", "terminalId": TERMINAL, "model": "simulator", "softwareVersion": "3.14.2"
    });
    assert_eq!(ready, expected);
    let mut till = Line::ecr(&shop).await;
    let (path, body) = (format!("/cashless/v1/sale{NOBODY}"), sale("POS-1").to_string());
    let held = till.begin("POST", &path, &body);
    let waits = async {
        shop.shows(|screen| matches!(screen, Screen::Prompt { .. })).await;
        let busy = ecr.post("status", &json!({})).await.json();
        assert_eq!(
            (&busy["status"], &busy["activeTransaction"]["reference"]),
            (&json!("busy"), &json!("POS-1"))
        );
        assert!(busy["activeTransaction"]["startedAt"].is_string());
        refused(&ecr.sale("POS-2").await, 409, "terminal_busy");
        let active = ecr.post("status", &json!({"reference": "POS-1"})).await.json();
        assert_eq!(active["status"], "active");
        let cancelled = ecr.post("cancel", &json!({"reference": "POS-1"})).await;
        assert_eq!(cancelled.status, 200);
        let cancelled = cancelled.json();
        assert_eq!((&cancelled["status"], &cancelled["reference"]), (&json!("cancelled"), &json!("POS-1")));
        assert!(cancelled["cancelledAt"].is_string());
    };
    let (held, ()) = tokio::join!(held, waits);
    let ended = read(held).await;
    assert_eq!((ended.status, &ended.json()["status"]), (200, &json!("cancelled")));
    let last = ecr.post("status", &json!({})).await.json();
    assert_eq!(
        (&last["status"], &last["lastTransaction"]["reference"], &last["lastTransaction"]["status"]),
        (&json!("ready"), &json!("POS-1"), &json!("cancelled"))
    );
    refused(&ecr.post("status", &json!({"reference": "nothing"})).await, 404, "transaction_not_found");
    refused(&ecr.post("cancel", &json!({})).await, 404, "transaction_not_found");
    ecr.sale("POS-1").await;
    refused(&ecr.post("cancel", &json!({"reference": "POS-1"})).await, 422, "cancel_not_allowed");
}

#[tokio::test]
async fn an_outcome_that_nobody_knows_is_503_and_never_charged_again() {
    let shop = Shop::open().await;
    shop.verdict(Verdict::Unknown);
    let mut ecr = Ecr::of(&shop).await;
    let answer = ecr.sale("POS-1").await;
    refused(&answer, 503, "communication_error");
    assert_eq!(answer.json()["status"], "unknown");
    refused(&ecr.sale("POS-1").await, 503, "communication_error");
    assert_eq!(ecr.post("status", &json!({"reference": "POS-1"})).await.json()["status"], "unknown");
    assert_eq!(shop.authorized(), 1);
}

/// A cloud that captures, voids, refunds and closes, and remembers keys as the real one does.
fn head_office(shop: &Shop) {
    let mut said: std::collections::BTreeMap<String, (u16, Value)> = std::collections::BTreeMap::new();
    let mut refunded = 0;
    shop.office(move |operation, key, body| {
        let key = key.map(str::to_owned);
        if let Some((status, first)) = key.as_ref().and_then(|key| said.get(key)) {
            return (*status, first.clone(), true);
        }
        let at = "2026-06-15T11:45:00Z";
        let (status, answer) = match operation {
            Operation::Capture => (
                200,
                json!({"id": body["payment"], "status": "completed", "amountCaptured": body["amount"], "completedAt": at}),
            ),
            Operation::Void => (200, json!({"id": body["payment"], "status": "cancelled", "cancelledAt": at})),
            Operation::Refund if refunded + body["amount"].as_i64().unwrap() > 2800 => {
                (422, json!({"error": {"code": "amount_too_large"}}))
            }
            Operation::Refund => {
                refunded += body["amount"].as_i64().unwrap();
                (200, json!({"id": format!("re_{refunded}"), "status": "succeeded", "createdAt": at}))
            }
            Operation::CloseBatch => (
                200,
                json!({
                    "id": "batch_1", "status": "closed", "currency": "USD", "salesCount": 46, "refundsCount": 1,
                    "netTotal": 128_450, "pendingCount": 2, "closedAt": 1_781_222_340, "batches": [{
                        "id": "batch_2", "status": "closed", "currency": "EUR", "salesCount": 1, "refundsCount": 0,
                        "netTotal": 100, "pendingCount": 0, "closedAt": 1_781_222_340
                    }]
                }),
            ),
            Operation::Find | Operation::Unsupported => (404, json!({"error": {"code": "not_found"}})),
        };
        if let Some(key) = key.filter(|_| status < 400) {
            said.insert(key, (status, answer.clone()));
        }
        (status, answer, false)
    });
}

#[tokio::test]
async fn a_hold_is_completed_once_for_at_most_what_it_holds() {
    let shop = Shop::open().await;
    head_office(&shop);
    let mut ecr = Ecr::of(&shop).await;
    let held = ecr.preauth("HOTEL-1").await.json();
    assert_eq!((&held["status"], &held["amount"]), (&json!("approved"), &json!(10_000)));
    assert!(held["expiresAt"].is_string() && held.get("tipAmount").is_none());
    let complete = |amount: i64, currency: &str, reference: &str| {
        json!({
            "originalReference": "HOTEL-1", "captureAmount": amount, "currency": currency, "reference": reference
        })
    };
    refused(&ecr.post("preauth/complete", &complete(8750, "EUR", "F")).await, 422, "currency_mismatch");
    refused(
        &ecr.post("preauth/complete", &complete(10_001, "USD", "F")).await,
        422,
        "amount_exceeds_original",
    );
    let answer = ecr.post("preauth/complete", &complete(8750, "USD", "HOTEL-1-FINAL")).await;
    let mut done = answer.json();
    assert_eq!(answer.status, 200);
    let expected = json!({
        "status": "approved", "reference": "HOTEL-1-FINAL", "transactionId": held["transactionId"],
        "captureAmount": 8750, "currency": "USD", "authCode": "A12345", "completedAt": "2026-06-15T11:45:00Z"
    });
    assert_eq!(done, expected);
    let again = ecr.post("preauth/complete", &complete(8750, "USD", "HOTEL-1-FINAL")).await.json();
    done["duplicate"] = json!(true);
    done["completedAt"] = again["completedAt"].clone();
    assert_eq!(again, done);
    let twice = ecr.post("preauth/complete", &complete(8000, "USD", "HOTEL-1-FINAL")).await;
    refused(&twice, 409, "duplicate_reference");
    shop.office(|_, _, _| (422, json!({"error": {"code": "already_captured"}}), false));
    let other = ecr.post("preauth/complete", &complete(100, "USD", "OTHER")).await;
    refused(&other, 422, "preauth_already_completed");
    let unknown =
        json!({"originalReference": "NONE", "captureAmount": 1, "currency": "USD", "reference": "x"});
    refused(&ecr.post("preauth/complete", &unknown).await, 404, "transaction_not_found");
    let cancel = ecr.post("preauth/cancel", &json!({"originalReference": "HOTEL-1"})).await;
    refused(&cancel, 422, "cancel_not_allowed");
}

#[tokio::test]
async fn a_hold_is_cancelled_and_its_reference_is_free_again() {
    let shop = Shop::open().await;
    head_office(&shop);
    let mut ecr = Ecr::of(&shop).await;
    let held = ecr.preauth("HOTEL-1").await.json();
    let answer = ecr.post("preauth/cancel", &json!({"originalReference": "HOTEL-1"})).await;
    let cancelled = answer.json();
    assert_eq!((answer.status, &cancelled["status"]), (200, &json!("cancelled")));
    assert_eq!(
        (&cancelled["reference"], &cancelled["transactionId"]),
        (&json!("HOTEL-1"), &held["transactionId"])
    );
    assert_eq!(ecr.post("preauth/cancel", &json!({"originalReference": "HOTEL-1"})).await.status, 200);
    let complete =
        json!({"originalReference": "HOTEL-1", "captureAmount": 1, "currency": "USD", "reference": "F"});
    refused(&ecr.post("preauth/complete", &complete).await, 422, "preauth_expired");
    let anew = ecr.preauth("HOTEL-1").await.json();
    assert!(anew["status"] == "approved" && anew["transactionId"] != held["transactionId"]);
}

#[tokio::test]
async fn refunds_are_partial_and_each_is_made_once() {
    let shop = Shop::open().await;
    head_office(&shop);
    let mut ecr = Ecr::of(&shop).await;
    let sold = ecr.sale("POS-1").await.json();
    let refund = |amount: i64, currency: &str, reference: &str| {
        json!({
            "originalReference": "POS-1", "amount": amount, "currency": currency, "reference": reference,
            "printReceipt": false
        })
    };
    let answer = ecr.post("refund", &refund(2500, "USD", "R-1")).await;
    let mut back = answer.json();
    assert_eq!(answer.status, 200);
    for (key, value) in [
        ("status", json!("approved")),
        ("reference", json!("R-1")),
        ("transactionId", json!("re_2500")),
        ("amount", json!(2500)),
        ("currency", json!("USD")),
        ("originalTransactionId", sold["transactionId"].clone()),
        ("completedAt", json!("2026-06-15T11:45:00Z")),
    ] {
        assert_eq!(back[key], value, "{key} in {back}");
    }
    let receipt = back["receiptData"]["customerReceipt"].as_str().unwrap();
    assert!(receipt.contains("REFUND\nAmount: $25.00\n"), "{receipt}");
    let mut again = ecr.post("refund", &refund(2500, "USD", "R-1")).await.json();
    back["duplicate"] = json!(true);
    // Written at the moment it is asked for.
    again["receiptData"] = back["receiptData"].clone();
    assert_eq!(again, back);
    refused(&ecr.post("refund", &refund(301, "USD", "R-2")).await, 422, "amount_exceeds_original");
    refused(&ecr.post("refund", &refund(2801, "USD", "R-2")).await, 422, "amount_exceeds_original");
    refused(&ecr.post("refund", &refund(1, "EUR", "R-2")).await, 422, "currency_mismatch");
    assert_eq!(ecr.post("refund", &refund(300, "USD", "R-2")).await.json()["transactionId"], "re_2800");
    let unknown = json!({"originalReference": "NONE", "amount": 1, "currency": "USD", "reference": "x"});
    refused(&ecr.post("refund", &unknown).await, 404, "transaction_not_found");
}

#[tokio::test]
async fn a_batch_is_closed_by_the_cloud_and_told_in_the_pages_words() {
    let shop = Shop::open().await;
    head_office(&shop);
    let mut ecr = Ecr::of(&shop).await;
    let answer = ecr.post("batch/close", &json!({"reference": "EOD-BATCH-20260611"})).await;
    let expected = json!({
        "status": "closed", "batchId": "batch_1", "reference": "EOD-BATCH-20260611", "transactionCount": 47,
        "totalAmount": 128_450, "currency": "USD", "pendingCount": 2, "closedAt": "2026-06-11T23:59:00Z",
        "batches": [{
            "status": "closed", "batchId": "batch_2", "transactionCount": 1, "totalAmount": 100, "currency": "EUR",
            "pendingCount": 0, "closedAt": "2026-06-11T23:59:00Z"
        }]
    });
    assert_eq!((answer.status, answer.json()), (200, expected));
    shop.unplug().await;
    refused(&ecr.post("batch/close", &json!({"reference": "NEXT"})).await, 503, "communication_error");
}

#[tokio::test]
async fn every_mistake_is_named() {
    let mut shop = Shop::open().await;
    let mut ecr = Ecr::of(&shop).await;
    for (path, body, param) in [
        ("sale", json!({"amount": 1, "currency": "USD", "reference": "r", "amuont": 1}), "amuont"),
        ("sale", json!({"currency": "USD", "reference": "r"}), "amount"),
        ("sale", json!({"amount": 1, "currency": "USD"}), "reference"),
        (
            "preauth/complete",
            json!({"originalReference": "a", "currency": "USD", "reference": "r"}),
            "captureAmount",
        ),
        ("refund", json!({"amount": 1, "currency": "USD", "reference": "r"}), "originalReference"),
        ("batch/close", json!({}), "reference"),
        ("receipt/reprint", json!({"type": "all"}), "type"),
        ("status", json!({"x": 1}), "x"),
    ] {
        let answer = ecr.post(path, &body).await;
        refused(&answer, 400, "invalid_request");
        assert_eq!(answer.json()["error"]["param"], param, "{path} {body}");
    }
    refused(&ecr.post("sales", &json!({})).await, 404, "not_found");
    assert_eq!(ecr.0.method("GET", "/cashless/v1/status").await.status, 405);
    let mut form = Line::ecr(&shop).await.with("content-type", "application/x-www-form-urlencoded");
    refused(&form.post_text("/cashless/v1/sale", "amount=1").await, 415, "unsupported_media_type");
    let large = format!("{{\"reference\":\"{}\"}}", "x".repeat(256 * 1024));
    refused(&ecr.0.post_text("/cashless/v1/sale", &large).await, 413, "body_too_large");
    shop.change(|access| access.livemode = true).await;
    let live = ecr.post(&format!("sale{NOBODY}"), &sale("x")).await;
    refused(&live, 400, "invalid_request");
    assert_eq!(shop.authorized(), 0);
}

#[tokio::test]
async fn the_key_opens_and_an_old_one_is_dead_at_once() {
    let mut shop = Shop::open().await;
    let mut nobody = Line::tls(&shop, None).await;
    refused(&nobody.post("/cashless/v1/status", &json!({})).await, 401, "invalid_key");
    let mut ecr = Ecr::of(&shop).await;
    assert_eq!(ecr.post("status", &json!({})).await.status, 200);
    shop.change(|access| access.cashless_key_hash = Some(key_hash("ck_test_new"))).await;
    refused(&ecr.post("status", &json!({})).await, 401, "invalid_key");
    let mut renewed = Ecr(Line::ecr(&shop).await.with("x-vinr-cashless-key", "ck_test_new"));
    assert_eq!(renewed.post("status", &json!({})).await.status, 200);
    let mut guesser = Line::ecr(&shop).await.with("x-vinr-cashless-key", KEY);
    let mut locked = None;
    for _ in 0..12 {
        let answer = guesser.post("/cashless/v1/status", &json!({})).await;
        if answer.status == 429 {
            locked = Some(answer);
            break;
        }
    }
    let locked = locked.expect("guessing is locked out");
    refused(&locked, 429, "too_many_attempts");
    assert!(locked.header("retry-after").unwrap().parse::<u64>().unwrap() >= 1);
    refused(&renewed.post("status", &json!({})).await, 429, "too_many_attempts");
}

#[tokio::test]
async fn an_ecr_that_hangs_up_finds_its_sale_again() {
    let shop = Shop::open().await;
    let mut line = Line::ecr(&shop).await;
    {
        let (path, body) = (format!("/cashless/v1/sale{NOBODY}"), sale("POS-1").to_string());
        let asking = line.begin("POST", &path, &body);
        tokio::select! {
            biased;
            _ = asking => panic!("nobody has presented a card"),
            () = shop.shows(|screen| matches!(screen, Screen::Prompt { .. })) => {}
        }
    }
    drop(line);
    shop.terminal.present_card(None, None).await.unwrap();
    let mut back = Ecr::of(&shop).await;
    let again = back.sale("POS-1").await.json();
    assert_eq!((&again["status"], &again["duplicate"]), (&json!("approved"), &json!(true)));
    assert_eq!(shop.authorized(), 1);
}
