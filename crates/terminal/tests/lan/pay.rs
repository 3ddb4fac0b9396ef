//! The Local API: a payment from its order to its outcome, one identity, and what the cloud does on a till's behalf.

use serde_json::{Value, json};
use vinr_domain::DeclineCode;
use vinr_terminal::screen::Screen;
use vinr_wire::link::Operation;

use crate::shop::{Shop, TERMINAL, Verdict};
use crate::wire::{Line, read};

const TOKEN: &str = "01975bcd-e123-7abc-8def-13579bdf1357";

fn order() -> Value {
    json!({
        "terminalId": TERMINAL, "amount": 2500, "currency": "USD", "reference": "order_8821",
        "captureMethod": "automatic"
    })
}

fn with(fields: &Value) -> Value {
    let mut order = order();
    order.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    order
}

/// Nobody presents a card by themselves.
const NOBODY: &str = "/v1/pay?simulateCard=none";

#[tokio::test]
async fn a_till_pays_and_is_answered_with_the_outcome() {
    let shop = Shop::open().await;
    let mut till = Line::till(&shop).await;
    let answer = till.post("/v1/pay", &order()).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("vinr-version"), Some("2026-06-11"));
    assert!(answer.header("x-request-id").unwrap().starts_with("req_"));
    let paid = answer.json();
    for (key, value) in [
        ("object", json!("terminal_payment")),
        ("terminalId", json!(TERMINAL)),
        ("amount", json!(2500)),
        ("amountCaptured", json!(2500)),
        ("currency", json!("USD")),
        ("reference", json!("order_8821")),
        ("status", json!("completed")),
        ("captureMethod", json!("automatic")),
        ("responseMode", json!("sync")),
        ("entryMethod", json!("contactless")),
        ("last4", json!("4242")),
        ("brand", json!("visa")),
        ("authCode", json!("A12345")),
        ("livemode", json!(false)),
        ("metadata", json!({"connectionMode": "local"})),
    ] {
        assert_eq!(paid[key], value, "{key} in {paid}");
    }
    assert!(paid.get("declineCode").is_none() && paid["completedAt"].is_string());
    // The same, by id and by reference, and in the older words.
    let id = paid["id"].as_str().unwrap();
    assert_eq!(till.get(&format!("/v1/terminal/payments/{id}")).await.json(), paid);
    let found = till.get("/v1/terminal/payments?reference=order_8821").await.json();
    assert_eq!(
        (&found["object"], &found["data"][0], &found["has_more"]),
        (&json!("list"), &paid, &json!(false))
    );
    let mut older = Line::till(&shop).await.with("vinr-version", "2025-05-31");
    let older = older.get(&format!("/v1/terminal/payments/{id}")).await.json();
    assert!(older["completedAt"].is_i64() && older["declineCode"].is_null());
    assert_eq!(older["tip"], json!({"amount": 0, "mode": "none"}));
}

#[tokio::test]
async fn a_form_is_as_good_as_json_on_the_reference_page_s_path() {
    let shop = Shop::open().await;
    let mut till = Line::till(&shop).await.with("content-type", "application/x-www-form-urlencoded");
    let form = format!("terminalId={TERMINAL}&amount=4200&currency=EUR&reference=order_1099");
    let answer = till.post_text("/v1/terminal/payments", &form).await;
    assert_eq!((answer.status, &answer.json()["status"]), (200, &json!("completed")));
}

#[tokio::test]
async fn the_head_comes_with_the_prompt_and_the_body_with_the_outcome() {
    let shop = Shop::open().await;
    let mut till = Line::till(&shop).await;
    let response = till.begin("POST", NOBODY, &order().to_string()).await;
    assert_eq!(response.status(), 200);
    // The head has left: the order is on the disk and the customer is being asked.
    assert!(matches!(*shop.terminal.screen().borrow(), Screen::Prompt { .. }));
    let mut other = Line::till(&shop).await;
    let listed = other.get("/v1/terminal/payments?status=pending").await.json();
    assert_eq!(listed["data"][0]["reference"], "order_8821");
    shop.terminal.present_card(None, None).await.unwrap();
    assert_eq!(read(response).await.json()["status"], "completed");
}

#[tokio::test]
async fn a_decline_is_a_payment_and_no_error() {
    let shop = Shop::open().await;
    shop.verdict(Verdict::Decline(DeclineCode::InsufficientFunds));
    let mut till = Line::till(&shop).await;
    let answer = till.post("/v1/pay", &order()).await;
    let failed = answer.json();
    assert_eq!(
        (answer.status, &failed["status"], &failed["declineCode"]),
        (200, &json!("failed"), &json!("insufficient_funds"))
    );
    assert!(failed["failedAt"].is_string());
}

#[tokio::test]
async fn what_nobody_knows_is_said_so() {
    let shop = Shop::open().await;
    shop.verdict(Verdict::Unknown);
    let mut till = Line::till(&shop).await;
    let answer = till.post("/v1/pay", &order()).await.json();
    assert_eq!((&answer["status"], &answer["outcomeUnknown"]), (&json!("processing"), &json!(true)));
    assert!(answer.get("declineCode").is_none());
}

#[tokio::test]
async fn a_token_is_one_payment_however_often_it_is_sent() {
    let shop = Shop::open().await;
    let mut till = Line::till(&shop).await;
    let named = with(&json!({"clientToken": TOKEN}));
    let first = till.post("/v1/pay", &named).await;
    let again = till.post("/v1/terminal/payments", &named).await;
    assert_eq!(first.json(), again.json());
    assert_eq!(first.json()["clientToken"], TOKEN);
    assert_eq!(shop.authorized(), 1);
    let other = till.post("/v1/pay", &with(&json!({"clientToken": TOKEN, "amount": 2501}))).await;
    assert_eq!((other.status, other.code().as_str()), (409, "client_token_reused"));
    assert_eq!(other.json()["error"]["payment"], first.json()["id"]);
}

#[tokio::test]
async fn an_idempotency_key_is_one_payment_too() {
    let shop = Shop::open().await;
    let mut till = Line::till(&shop).await.with("idempotency-key", "order-8821-1");
    let first = till.post("/v1/pay", &order()).await;
    assert_eq!(first.header("idempotent-replayed"), None);
    let again = till.post("/v1/pay", &order()).await;
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    assert_eq!(first.json(), again.json());
    assert_eq!(shop.authorized(), 1);
    let other = till.post("/v1/pay", &with(&json!({"amount": 1}))).await;
    assert_eq!((other.status, other.code().as_str()), (409, "idempotency_key_reused"));
}

#[tokio::test]
async fn a_till_that_hangs_up_changes_nothing() {
    let shop = Shop::open().await;
    let mut till = Line::till(&shop).await;
    let named = with(&json!({"clientToken": TOKEN}));
    let response = till.begin("POST", NOBODY, &named.to_string()).await;
    drop((response, till));
    assert!(matches!(*shop.terminal.screen().borrow(), Screen::Prompt { .. }));
    shop.terminal.present_card(None, None).await.unwrap();
    // Whoever comes back joins what was begun.
    let mut back = Line::till(&shop).await;
    assert_eq!(back.post("/v1/pay", &named).await.json()["status"], "completed");
    assert_eq!(shop.authorized(), 1);
}

#[tokio::test]
async fn a_busy_terminal_makes_a_failed_payment_that_can_be_looked_up() {
    let shop = Shop::open().await;
    let mut first = Line::till(&shop).await;
    let held = first.begin("POST", NOBODY, &order().to_string()).await;
    let mut second = Line::till(&shop).await;
    let answer = second.post("/v1/pay", &with(&json!({"reference": "order_8822"}))).await;
    let failed = answer.json();
    assert_eq!(
        (answer.status, &failed["status"], &failed["declineCode"]),
        (200, &json!("failed"), &json!("terminal_busy"))
    );
    let id = failed["id"].as_str().unwrap();
    assert_eq!(second.get(&format!("/v1/terminal/payments/{id}")).await.json(), failed);
    let taken = second.post("/v1/pay", &order()).await;
    assert_eq!((taken.status, taken.code().as_str()), (409, "duplicate_reference"));
    drop(held);
}

#[tokio::test]
async fn async_is_answered_while_pending_and_cancelled_at_the_prompt() {
    let shop = Shop::open().await;
    let mut till = Line::till(&shop).await;
    let asked = with(&json!({"responseMode": "async", "lineItems": [{"name": "Tea", "amount": 2500}]}));
    let answer = till.post(NOBODY, &asked).await;
    let pending = answer.json();
    assert_eq!(
        (answer.status, &pending["status"], &pending["responseMode"]),
        (202, &json!("pending"), &json!("async"))
    );
    shop.shows(|screen| matches!(screen, Screen::Prompt { items, .. } if items[0].name == "Tea")).await;
    let path = format!("/v1/terminal/payments/{}/cancel", pending["id"].as_str().unwrap());
    let cancelled = till.post_text(&path, "").await;
    assert_eq!((cancelled.status, &cancelled.json()["status"]), (200, &json!("cancelled")));
    let again = till.post_text(&path, "").await;
    assert_eq!((again.status, again.code().as_str()), (422, "cancel_not_allowed"), "final is final");
    let paid = till.post("/v1/pay", &order()).await.json();
    let path = format!("/v1/terminal/payments/{}/cancel", paid["id"].as_str().unwrap());
    let refused = till.post_text(&path, "").await;
    assert_eq!((refused.status, refused.code().as_str()), (422, "cancel_not_allowed"));
}

#[tokio::test]
async fn the_tip_is_asked_for_as_the_till_says() {
    let shop = Shop::open().await;
    let mut till = Line::till(&shop).await;
    let asked =
        with(&json!({"tipConfig": {"mode": "fixed", "suggestions": [100, 200], "allowCustom": true}}));
    let response = till.begin("POST", NOBODY, &asked.to_string()).await;
    shop.shows(
        |screen| matches!(screen, Screen::Tip { offers, allow_custom: true, .. } if offers.len() == 2),
    )
    .await;
    assert!(shop.terminal.choose_tip(vinr_domain::TipChoice::Suggestion(1)).await);
    shop.terminal.present_card(None, None).await.unwrap();
    let paid = read(response).await.json();
    assert_eq!((&paid["amount"], &paid["tip"]), (&json!(2700), &json!({"amount": 200, "mode": "preset"})));
}

#[tokio::test]
async fn a_hold_is_captured_and_voided_by_the_cloud() {
    let shop = Shop::open().await;
    let mut till = Line::till(&shop).await;
    let held = till.post("/v1/pay", &with(&json!({"captureMethod": "manual"}))).await.json();
    assert_eq!((&held["status"], &held["amountCapturable"]), (&json!("authorized"), &json!(2500)));
    let id = held["id"].as_str().unwrap().to_owned();
    let echoed = id.clone();
    shop.office(move |operation, _, _| match operation {
        Operation::Capture => {
            (200, json!({"id": echoed, "status": "completed", "amountCaptured": 2000}), false)
        }
        _ => (404, json!({"error": {"code": "not_found"}}), false),
    });
    let mut keyed = Line::till(&shop).await.with("idempotency-key", "k1");
    let captured = keyed.post(&format!("/v1/terminal/payments/{id}/capture"), &json!({"amount": 2000})).await;
    assert_eq!((captured.status, &captured.json()["amountCaptured"]), (200, &json!(2000)));
    assert_eq!(
        shop.asked(),
        [(Operation::Capture, Some("k1".to_owned()), json!({"payment": id, "amount": 2000}))]
    );
    // The journal has taken note.
    let known = till.get(&format!("/v1/terminal/payments/{id}")).await.json();
    assert_eq!((&known["status"], &known["amountCaptured"]), (&json!("completed"), &json!(2000)));
    // A second hold is voided.
    let held =
        till.post("/v1/pay", &with(&json!({"captureMethod": "manual", "reference": "b"}))).await.json();
    shop.office(|_, _, body| (200, json!({"id": body["payment"], "status": "cancelled"}), false));
    let id = held["id"].as_str().unwrap();
    let voided = till.post_text(&format!("/v1/terminal/payments/{id}/cancel"), "").await;
    assert_eq!((voided.status, &voided.json()["status"]), (200, &json!("cancelled")));
    assert_eq!(till.get(&format!("/v1/terminal/payments/{id}")).await.json()["status"], "cancelled");
}

#[tokio::test]
async fn what_the_journal_does_not_have_is_asked_of_the_cloud() {
    let shop = Shop::open().await;
    let mut till = Line::till(&shop).await;
    let id = "tpay_01JXF3V0M07PVT9X3W7YB2K4QD";
    shop.office(move |_, _, body| {
        assert!(body == json!({"payment": id}) || body == json!({"reference": "old"}), "{body}");
        (200, json!({"id": id, "status": "completed", "createdAt": "2026-06-11T09:00:00Z"}), false)
    });
    assert_eq!(till.get(&format!("/v1/terminal/payments/{id}")).await.json()["id"], id);
    let listed = till.get("/v1/terminal/payments?reference=old").await.json();
    assert_eq!(listed["data"][0]["id"], id);
    shop.unplug().await;
    let gone = till.get(&format!("/v1/terminal/payments/{id}")).await;
    assert_eq!((gone.status, gone.code().as_str()), (404, "not_found"));
    let refused = till.post_text(&format!("/v1/terminal/payments/{id}/capture"), "").await;
    assert_eq!((refused.status, refused.code().as_str()), (503, "unavailable"));
    assert_eq!(refused.json()["error"]["money_may_have_moved"], false);
}

#[tokio::test]
async fn lists_are_paged_newest_first() {
    let shop = Shop::open().await;
    let mut till = Line::till(&shop).await;
    let mut ids = Vec::new();
    for number in 0..3 {
        let paid = till.post("/v1/pay", &with(&json!({"reference": format!("r{number}")}))).await.json();
        ids.insert(0, paid["id"].as_str().unwrap().to_owned());
    }
    let of = |page: &Value| -> Vec<String> {
        page["data"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap().to_owned()).collect()
    };
    let page = till.get("/v1/terminal/payments?limit=2").await.json();
    assert_eq!((of(&page), &page["has_more"]), (ids[..2].to_vec(), &json!(true)));
    let rest = till.get(&format!("/v1/terminal/payments?limit=2&starting_after={}", ids[1])).await.json();
    assert_eq!((of(&rest), &rest["has_more"]), (ids[2..].to_vec(), &json!(false)));
    let newer = till.get(&format!("/v1/terminal/payments?limit=1&ending_before={}", ids[2])).await.json();
    assert_eq!((of(&newer), &newer["has_more"]), (ids[1..2].to_vec(), &json!(true)));
}

#[tokio::test]
async fn every_mistake_is_named_and_charges_nothing() {
    let mut shop = Shop::open().await;
    let mut till = Line::till(&shop).await;
    for (path, body, status, code, param) in [
        ("/v1/pay", with(&json!({"amuont": 1})), 400, "parameter_unknown", "amuont"),
        ("/v1/pay", with(&json!({"terminalId": "term_2"})), 400, "parameter_invalid", "terminalId"),
        ("/v1/pay", with(&json!({"amount": 0})), 400, "parameter_invalid", "amount"),
        ("/v1/pay?simulateCard=nothing", order(), 400, "parameter_invalid", "simulateCard"),
        ("/v1/pay?simulateDelay=121", order(), 400, "parameter_invalid", "simulateDelay"),
        ("/v1/pay?x=1", order(), 400, "parameter_unknown", "x"),
    ] {
        let answer = till.post(path, &body).await;
        assert_eq!((answer.status, answer.code().as_str()), (status, code), "{path} {body}");
        assert_eq!(answer.json()["error"]["param"], param);
    }
    assert_eq!(till.get("/v1/pay").await.status, 405);
    assert_eq!(till.get("/v1/nothing").await.status, 404);
    assert_eq!(till.get("/v1/terminal/payments/7").await.status, 404);
    let mut text = Line::till(&shop).await.with("content-type", "text/plain");
    assert_eq!(text.post("/v1/pay", &order()).await.code(), "unsupported_media_type");
    let large = format!("{{\"reference\":\"{}\"}}", "x".repeat(256 * 1024));
    assert_eq!(till.post_text("/v1/pay", &large).await.status, 413);
    let mut strange = Line::till(&shop).await.with("vinr-version", "2026-06-12");
    assert_eq!(strange.get("/v1/terminal/payments").await.code(), "unsupported_version");
    assert_eq!(shop.authorized(), 0);
    shop.change(|access| access.livemode = true).await;
    let live = till.post("/v1/pay?simulateCard=none", &order()).await;
    assert_eq!((live.status, live.code().as_str()), (400, "test_mode_only"));
}

#[tokio::test]
async fn tills_of_a_suspended_account_are_told_so_before_a_card_is_asked_for() {
    let mut shop = Shop::open().await;
    let mut till = Line::till(&shop).await;
    let paid = till.post("/v1/pay", &order()).await.json();
    shop.change(|access| access.suspended = true).await;
    let refused = till.post("/v1/pay", &with(&json!({"reference": "order_2"}))).await;
    assert_eq!((refused.status, refused.json()["error"]["code"].clone()), (403, json!("account_suspended")));
    // Whoever is refused is let go; reading still works.
    let mut till = Line::till(&shop).await;
    let shown = till.get(&format!("/v1/terminal/payments/{}", paid["id"].as_str().unwrap())).await;
    assert_eq!(shown.json()["status"], "completed");
    let ecr = crate::ecr::Ecr::of(&shop).await.sale("order_3").await;
    assert_eq!((ecr.status, ecr.json()["error"]["code"].clone()), (403, json!("account_suspended")));
    assert_eq!(shop.authorized(), 1);
    shop.change(|access| access.suspended = false).await;
    // The cloud may know before the terminal does.
    shop.verdict(Verdict::Decline(DeclineCode::AccountSuspended));
    let late = till.post("/v1/pay", &with(&json!({"reference": "order_4"}))).await.json();
    assert_eq!((&late["status"], &late["declineCode"]), (&json!("failed"), &json!("account_suspended")));
    let ecr = crate::ecr::Ecr::of(&shop).await.sale("order_5").await;
    assert_eq!((ecr.status, ecr.json()["error"]["code"].clone()), (403, json!("account_suspended")));
}
