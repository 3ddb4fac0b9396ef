//! Each page's examples, field by field, from payments that took the domain's own steps; and what the pages leave out.

use std::sync::Arc;

use serde_json::{Value, json};
use vinr_domain::payment::{
    Approval, AuthorizationRequest, CaptureMethod, Event, OfflineFacts, Order, Payment, ResponseMode, Terms,
    Tip, TipMode, accept, enqueue, step,
};
use vinr_domain::{
    AccountId, Brand, CardFacts, Currency, DeclineCode, EntryMode, IntentId, Last4, Money, PaymentId,
    Timestamp,
};

use super::{PaymentView, render_list};
use crate::rest::version::ApiVersion::{self, V2025_05_31, V2026_06_11};

/// 2025-05-31T00:00:00Z and 2026-06-11T09:00:00Z: when the pages' payments were created.
const REFERENCE_PAGE: Timestamp = Timestamp(1_748_649_600_000);
const CLOUD_PAGE: Timestamp = Timestamp(1_781_168_400_000);

fn order() -> Order {
    Order {
        id: PaymentId(0x0190_0000_0000_7000_8000_0000_0000_0001),
        account: AccountId::parse("acct_1").unwrap(),
        livemode: false,
        intent: IntentId(0x0190_0000_0000_7000_8000_0000_0000_0002),
        terminal: Some("term_01HZ5QXYZ".into()),
        group: None,
        location: None,
        asked: Money { amount_minor: 2500, currency: Currency::parse("USD").unwrap() },
        capture_method: CaptureMethod::Automatic,
        response_mode: ResponseMode::Sync,
        reference: Some("order_8821".into()),
        description: None,
        metadata: Arc::default(),
    }
}

fn reference_page_order(capture_method: CaptureMethod) -> Order {
    Order {
        terminal: Some("trm_7Hq3".into()),
        asked: Money { amount_minor: 4200, currency: Currency::parse("EUR").unwrap() },
        capture_method,
        response_mode: ResponseMode::Async,
        reference: Some("order_1099".into()),
        ..order()
    }
}

fn created(order: Order, now: Timestamp) -> Payment {
    accept(order, now, &Terms::default()).0
}

fn presented(payment: &Payment, brand: Brand, last4: &str, entry_mode: EntryMode, tip: Option<Tip>) -> Event {
    Event::CardPresented(AuthorizationRequest {
        stan: 1,
        generation: 1,
        attempt_epoch: payment.attempt_epoch,
        card: CardFacts { brand, last4: Last4::parse(last4).unwrap(), entry_mode },
        amount_minor: payment.asked.amount_minor + tip.map_or(0, |tip| tip.amount_minor),
        tip,
    })
}

fn tapped(payment: &Payment) -> Event {
    presented(payment, Brand::Visa, "4242", EntryMode::Contactless, None)
}

fn approved(amount: i64, at: Timestamp) -> Event {
    Event::Approved(Approval { authorized_minor: amount, auth_code: "A12345".into(), at })
}

fn after(payment: &Payment, event: &Event, seconds: i64) -> Payment {
    let now = payment.created_at.plus_ms(seconds * 1000 + 400);
    step(payment, event, now, &Terms::default()).unwrap().0
}

fn rendered(payment: &Payment, version: ApiVersion) -> String {
    let view = PaymentView::from(payment);
    let stored = serde_json::to_string(&view).unwrap();
    let view: PaymentView = serde_json::from_str(&stored).unwrap();
    let mut out = Vec::new();
    view.render(version, &mut out);
    String::from_utf8(out).unwrap()
}

/// Every field of the page's example is there with its value; ids are ours. Fields listed in `absent` are not.
#[track_caller]
fn holds(payment: &Payment, version: ApiVersion, page: &Value, absent: &[&str]) {
    let ours: Value = serde_json::from_str(&rendered(payment, version)).unwrap();
    for (field, value) in page.as_object().unwrap() {
        assert_eq!(ours.get(field), Some(value), "{field} of {ours:#}");
    }
    for field in absent {
        assert_eq!(ours.get(field), None, "{field} of {ours:#}");
    }
}

#[test]
fn the_reference_page_s_created_payment() {
    let payment = created(reference_page_order(CaptureMethod::Automatic), REFERENCE_PAGE);
    let page = json!({
        "terminalId": "trm_7Hq3", "amount": 4200, "currency": "EUR", "status": "pending",
        "captureMethod": "automatic", "amountCaptured": 0, "amountCapturable": 0, "reference": "order_1099",
        "paymentMethod": null, "tip": null, "metadata": {}, "createdAt": 1_748_649_600, "completedAt": null,
    });
    holds(&payment, V2025_05_31, &page, &[]);
    insta::assert_snapshot!(rendered(&payment, V2025_05_31), @r#"{"id":"tpay_01J0000000E008000000000001","object":"terminal_payment","livemode":false,"terminalId":"trm_7Hq3","amount":4200,"currency":"EUR","status":"pending","captureMethod":"automatic","amountCaptured":0,"amountCapturable":0,"amountRefunded":0,"reference":"order_1099","description":null,"responseMode":"async","paymentMethod":null,"entryMethod":null,"last4":null,"brand":null,"authCode":null,"tip":null,"tipAmount":null,"declineCode":null,"outcomeUnknown":false,"metadata":{},"createdAt":1748649600,"completedAt":null,"failedAt":null,"cancelledAt":null,"expiresAt":null,"sequence":1,"clientToken":"01900000-0000-7000-8000-000000000002"}"#);
    insta::assert_snapshot!(rendered(&payment, V2026_06_11), @r#"{"id":"tpay_01J0000000E008000000000001","object":"terminal_payment","livemode":false,"terminalId":"trm_7Hq3","amount":4200,"currency":"EUR","status":"pending","captureMethod":"automatic","reference":"order_1099","responseMode":"async","createdAt":"2025-05-31T00:00:00Z","sequence":1,"clientToken":"01900000-0000-7000-8000-000000000002"}"#);
}

#[test]
fn the_reference_page_s_retrieved_payment() {
    let payment = created(reference_page_order(CaptureMethod::Automatic), REFERENCE_PAGE);
    let payment = after(&payment, &tapped(&payment), 40);
    let payment = after(&payment, &approved(4200, REFERENCE_PAGE.plus_ms(43_000)), 43);
    let page = json!({
        "terminalId": "trm_7Hq3", "amount": 4200, "currency": "EUR", "status": "completed",
        "captureMethod": "automatic", "amountCaptured": 4200, "amountCapturable": 0, "reference": "order_1099",
        "paymentMethod": {
            "type": "card", "card": {"brand": "visa", "last4": "4242"}, "entryMode": "contactless"
        },
        "tip": {"amount": 0, "mode": "none"}, "metadata": {}, "createdAt": 1_748_649_600,
        "completedAt": 1_748_649_643,
    });
    holds(&payment, V2025_05_31, &page, &[]);
    insta::assert_snapshot!(rendered(&payment, V2025_05_31), @r#"{"id":"tpay_01J0000000E008000000000001","object":"terminal_payment","livemode":false,"terminalId":"trm_7Hq3","amount":4200,"currency":"EUR","status":"completed","captureMethod":"automatic","amountCaptured":4200,"amountCapturable":0,"amountRefunded":0,"reference":"order_1099","description":null,"responseMode":"async","paymentMethod":{"type":"card","card":{"brand":"visa","last4":"4242"},"entryMode":"contactless"},"entryMethod":"contactless","last4":"4242","brand":"visa","authCode":"A12345","tip":{"amount":0,"mode":"none"},"tipAmount":0,"declineCode":null,"outcomeUnknown":false,"metadata":{},"createdAt":1748649600,"completedAt":1748649643,"failedAt":null,"cancelledAt":null,"expiresAt":null,"sequence":3,"clientToken":"01900000-0000-7000-8000-000000000002"}"#);
    insta::assert_snapshot!(rendered(&payment, V2026_06_11), @r#"{"id":"tpay_01J0000000E008000000000001","object":"terminal_payment","livemode":false,"terminalId":"trm_7Hq3","amount":4200,"currency":"EUR","status":"completed","captureMethod":"automatic","amountCaptured":4200,"reference":"order_1099","responseMode":"async","paymentMethod":{"type":"card","card":{"brand":"visa","last4":"4242"},"entryMode":"contactless"},"entryMethod":"contactless","last4":"4242","brand":"visa","authCode":"A12345","createdAt":"2025-05-31T00:00:00Z","completedAt":"2025-05-31T00:00:43Z","sequence":3,"clientToken":"01900000-0000-7000-8000-000000000002"}"#);
}

#[test]
fn the_reference_page_s_captured_payment() {
    let payment = created(reference_page_order(CaptureMethod::Manual), REFERENCE_PAGE);
    let payment = after(&payment, &presented(&payment, Brand::Mastercard, "5555", EntryMode::Chip, None), 40);
    let payment = after(&payment, &approved(4200, REFERENCE_PAGE.plus_ms(43_000)), 43);
    let held = json!({
        "status": "authorized", "amountCaptured": 0, "amountCapturable": 4200, "completedAt": null,
        "expiresAt": 1_748_649_643 + 7 * 86_400,
    });
    holds(&payment, V2025_05_31, &held, &[]);
    holds(
        &payment,
        V2026_06_11,
        &json!({"amountCapturable": 4200, "expiresAt": "2025-06-07T00:00:43Z"}),
        &["amountCaptured", "completedAt"],
    );
    let payment = after(&payment, &Event::CaptureRequested(None), 180);
    let page = json!({
        "terminalId": "trm_7Hq3", "amount": 4200, "currency": "EUR", "status": "completed",
        "captureMethod": "manual", "amountCaptured": 4200, "amountCapturable": 0, "reference": "order_1099",
        "paymentMethod": {"type": "card", "card": {"brand": "mastercard", "last4": "5555"}, "entryMode": "chip"},
        "tip": {"amount": 0, "mode": "none"}, "metadata": {}, "createdAt": 1_748_649_600,
        "completedAt": 1_748_649_780,
    });
    holds(&payment, V2025_05_31, &page, &[]);
    insta::assert_snapshot!(rendered(&payment, V2025_05_31), @r#"{"id":"tpay_01J0000000E008000000000001","object":"terminal_payment","livemode":false,"terminalId":"trm_7Hq3","amount":4200,"currency":"EUR","status":"completed","captureMethod":"manual","amountCaptured":4200,"amountCapturable":0,"amountRefunded":0,"reference":"order_1099","description":null,"responseMode":"async","paymentMethod":{"type":"card","card":{"brand":"mastercard","last4":"5555"},"entryMode":"chip"},"entryMethod":"chip","last4":"5555","brand":"mastercard","authCode":"A12345","tip":{"amount":0,"mode":"none"},"tipAmount":0,"declineCode":null,"outcomeUnknown":false,"metadata":{},"createdAt":1748649600,"completedAt":1748649780,"failedAt":null,"cancelledAt":null,"expiresAt":null,"sequence":4,"clientToken":"01900000-0000-7000-8000-000000000002"}"#);
    insta::assert_snapshot!(rendered(&payment, V2026_06_11), @r#"{"id":"tpay_01J0000000E008000000000001","object":"terminal_payment","livemode":false,"terminalId":"trm_7Hq3","amount":4200,"currency":"EUR","status":"completed","captureMethod":"manual","amountCaptured":4200,"reference":"order_1099","responseMode":"async","paymentMethod":{"type":"card","card":{"brand":"mastercard","last4":"5555"},"entryMode":"chip"},"entryMethod":"chip","last4":"5555","brand":"mastercard","authCode":"A12345","createdAt":"2025-05-31T00:00:00Z","completedAt":"2025-05-31T00:03:00Z","sequence":4,"clientToken":"01900000-0000-7000-8000-000000000002"}"#);
}

#[test]
fn the_reference_page_s_cancelled_payment() {
    let payment = created(reference_page_order(CaptureMethod::Automatic), REFERENCE_PAGE);
    let payment = after(&payment, &Event::CancelRequested, 11);
    let payment = after(&payment, &Event::TerminalEnded(vinr_domain::payment::EndCause::Cancelled), 12);
    let page = json!({
        "terminalId": "trm_7Hq3", "amount": 4200, "currency": "EUR", "status": "cancelled",
        "captureMethod": "automatic", "amountCaptured": 0, "amountCapturable": 0, "reference": "order_1099",
        "paymentMethod": null, "tip": null, "metadata": {}, "createdAt": 1_748_649_600,
        "completedAt": 1_748_649_612,
    });
    holds(&payment, V2025_05_31, &page, &[]);
    let ours = json!({"cancelledAt": "2025-05-31T00:00:12Z"});
    holds(&payment, V2026_06_11, &ours, &["completedAt", "failedAt"]);
    insta::assert_snapshot!(rendered(&payment, V2025_05_31), @r#"{"id":"tpay_01J0000000E008000000000001","object":"terminal_payment","livemode":false,"terminalId":"trm_7Hq3","amount":4200,"currency":"EUR","status":"cancelled","captureMethod":"automatic","amountCaptured":0,"amountCapturable":0,"amountRefunded":0,"reference":"order_1099","description":null,"responseMode":"async","paymentMethod":null,"entryMethod":null,"last4":null,"brand":null,"authCode":null,"tip":null,"tipAmount":null,"declineCode":null,"outcomeUnknown":false,"metadata":{},"createdAt":1748649600,"completedAt":1748649612,"failedAt":null,"cancelledAt":1748649612,"expiresAt":null,"sequence":2,"clientToken":"01900000-0000-7000-8000-000000000002"}"#);
    insta::assert_snapshot!(rendered(&payment, V2026_06_11), @r#"{"id":"tpay_01J0000000E008000000000001","object":"terminal_payment","livemode":false,"terminalId":"trm_7Hq3","amount":4200,"currency":"EUR","status":"cancelled","captureMethod":"automatic","reference":"order_1099","responseMode":"async","createdAt":"2025-05-31T00:00:00Z","cancelledAt":"2025-05-31T00:00:12Z","sequence":2,"clientToken":"01900000-0000-7000-8000-000000000002"}"#);
}

#[test]
fn the_cloud_page_s_approved_payment() {
    let payment = created(order(), CLOUD_PAGE);
    let payment = after(&payment, &tapped(&payment), 10);
    let payment = after(&payment, &approved(2500, CLOUD_PAGE.plus_ms(12_000)), 12);
    let page = json!({
        "terminalId": "term_01HZ5QXYZ", "amount": 2500, "amountCaptured": 2500, "currency": "USD",
        "reference": "order_8821", "status": "completed", "captureMethod": "automatic", "responseMode": "sync",
        "entryMethod": "contactless", "last4": "4242", "brand": "visa", "authCode": "A12345",
        "createdAt": "2026-06-11T09:00:00Z", "completedAt": "2026-06-11T09:00:12Z",
    });
    holds(&payment, V2026_06_11, &page, &["failedAt", "cancelledAt", "tip", "metadata", "declineCode"]);
    insta::assert_snapshot!(rendered(&payment, V2026_06_11), @r#"{"id":"tpay_01J0000000E008000000000001","object":"terminal_payment","livemode":false,"terminalId":"term_01HZ5QXYZ","amount":2500,"currency":"USD","status":"completed","captureMethod":"automatic","amountCaptured":2500,"reference":"order_8821","responseMode":"sync","paymentMethod":{"type":"card","card":{"brand":"visa","last4":"4242"},"entryMode":"contactless"},"entryMethod":"contactless","last4":"4242","brand":"visa","authCode":"A12345","createdAt":"2026-06-11T09:00:00Z","completedAt":"2026-06-11T09:00:12Z","sequence":3,"clientToken":"01900000-0000-7000-8000-000000000002"}"#);
    insta::assert_snapshot!(rendered(&payment, V2025_05_31), @r#"{"id":"tpay_01J0000000E008000000000001","object":"terminal_payment","livemode":false,"terminalId":"term_01HZ5QXYZ","amount":2500,"currency":"USD","status":"completed","captureMethod":"automatic","amountCaptured":2500,"amountCapturable":0,"amountRefunded":0,"reference":"order_8821","description":null,"responseMode":"sync","paymentMethod":{"type":"card","card":{"brand":"visa","last4":"4242"},"entryMode":"contactless"},"entryMethod":"contactless","last4":"4242","brand":"visa","authCode":"A12345","tip":{"amount":0,"mode":"none"},"tipAmount":0,"declineCode":null,"outcomeUnknown":false,"metadata":{},"createdAt":1781168400,"completedAt":1781168412,"failedAt":null,"cancelledAt":null,"expiresAt":null,"sequence":3,"clientToken":"01900000-0000-7000-8000-000000000002"}"#);
}

#[test]
fn the_cloud_page_s_declined_payment() {
    let payment = created(order(), CLOUD_PAGE.plus_ms(60_000));
    let payment = after(&payment, &tapped(&payment), 8);
    let payment = after(&payment, &Event::Declined(DeclineCode::CardDeclined), 9);
    let page = json!({
        "terminalId": "term_01HZ5QXYZ", "amount": 2500, "currency": "USD", "reference": "order_8821",
        "status": "failed", "responseMode": "sync", "declineCode": "card_declined",
        "createdAt": "2026-06-11T09:01:00Z", "failedAt": "2026-06-11T09:01:09Z",
    });
    holds(&payment, V2026_06_11, &page, &["completedAt", "cancelledAt", "amountCaptured", "authCode"]);
    insta::assert_snapshot!(rendered(&payment, V2026_06_11), @r#"{"id":"tpay_01J0000000E008000000000001","object":"terminal_payment","livemode":false,"terminalId":"term_01HZ5QXYZ","amount":2500,"currency":"USD","status":"failed","captureMethod":"automatic","reference":"order_8821","responseMode":"sync","paymentMethod":{"type":"card","card":{"brand":"visa","last4":"4242"},"entryMode":"contactless"},"entryMethod":"contactless","last4":"4242","brand":"visa","declineCode":"card_declined","createdAt":"2026-06-11T09:01:00Z","failedAt":"2026-06-11T09:01:09Z","sequence":3,"clientToken":"01900000-0000-7000-8000-000000000002"}"#);
    insta::assert_snapshot!(rendered(&payment, V2025_05_31), @r#"{"id":"tpay_01J0000000E008000000000001","object":"terminal_payment","livemode":false,"terminalId":"term_01HZ5QXYZ","amount":2500,"currency":"USD","status":"failed","captureMethod":"automatic","amountCaptured":0,"amountCapturable":0,"amountRefunded":0,"reference":"order_8821","description":null,"responseMode":"sync","paymentMethod":{"type":"card","card":{"brand":"visa","last4":"4242"},"entryMode":"contactless"},"entryMethod":"contactless","last4":"4242","brand":"visa","authCode":null,"tip":{"amount":0,"mode":"none"},"tipAmount":0,"declineCode":"card_declined","outcomeUnknown":false,"metadata":{},"createdAt":1781168460,"completedAt":1781168469,"failedAt":1781168469,"cancelledAt":null,"expiresAt":null,"sequence":3,"clientToken":"01900000-0000-7000-8000-000000000002"}"#);
}

#[test]
fn the_cloud_page_s_asynchronous_payment() {
    let payment = created(Order { response_mode: ResponseMode::Async, ..order() }, CLOUD_PAGE);
    let page = json!({
        "terminalId": "term_01HZ5QXYZ", "amount": 2500, "currency": "USD", "reference": "order_8821",
        "status": "pending", "responseMode": "async", "createdAt": "2026-06-11T09:00:00Z",
    });
    holds(&payment, V2026_06_11, &page, &["completedAt", "paymentMethod", "amountCaptured"]);
    insta::assert_snapshot!(rendered(&payment, V2026_06_11), @r#"{"id":"tpay_01J0000000E008000000000001","object":"terminal_payment","livemode":false,"terminalId":"term_01HZ5QXYZ","amount":2500,"currency":"USD","status":"pending","captureMethod":"automatic","reference":"order_8821","responseMode":"async","createdAt":"2026-06-11T09:00:00Z","sequence":1,"clientToken":"01900000-0000-7000-8000-000000000002"}"#);
    insta::assert_snapshot!(rendered(&payment, V2025_05_31), @r#"{"id":"tpay_01J0000000E008000000000001","object":"terminal_payment","livemode":false,"terminalId":"term_01HZ5QXYZ","amount":2500,"currency":"USD","status":"pending","captureMethod":"automatic","amountCaptured":0,"amountCapturable":0,"amountRefunded":0,"reference":"order_8821","description":null,"responseMode":"async","paymentMethod":null,"entryMethod":null,"last4":null,"brand":null,"authCode":null,"tip":null,"tipAmount":null,"declineCode":null,"outcomeUnknown":false,"metadata":{},"createdAt":1781168400,"completedAt":null,"failedAt":null,"cancelledAt":null,"expiresAt":null,"sequence":1,"clientToken":"01900000-0000-7000-8000-000000000002"}"#);
}

#[test]
fn a_payment_that_waits_shows_its_group_and_no_terminal() {
    let group: Arc<[Arc<str>]> = Arc::new(["term_1".into(), "term_2".into()]);
    let order = Order { terminal: None, group: Some(group), ..order() };
    let waiting = enqueue(order, CLOUD_PAGE, &Terms::default()).0;
    let fields = json!({
        "terminalGroup": ["term_1", "term_2"], "status": "pending", "expiresAt": "2026-06-11T09:01:30Z",
    });
    holds(&waiting, V2026_06_11, &fields, &["terminalId", "queuePosition"]);
    holds(&waiting, V2025_05_31, &json!({"terminalId": null, "queuePosition": null}), &[]);
    let mut read = Vec::new();
    PaymentView { queue_position: Some(3), ..PaymentView::from(&waiting) }.render(V2026_06_11, &mut read);
    let read: Value = serde_json::from_slice(&read).unwrap();
    assert_eq!(read["queuePosition"], 3);
    let assigned = Event::TerminalAssigned { terminal: "term_2".into(), location: None };
    let fields = json!({"terminalId": "term_2", "terminalGroup": ["term_1", "term_2"], "sequence": 2});
    holds(&after(&waiting, &assigned, 30), V2026_06_11, &fields, &["queuePosition", "expiresAt"]);
}

#[test]
fn a_tip_is_part_of_the_amount_in_both_versions() {
    let payment = created(order(), CLOUD_PAGE);
    let tip = Tip { amount_minor: 375, mode: TipMode::Preset };
    let payment = after(&payment, &presented(&payment, Brand::Amex, "0005", EntryMode::Swipe, Some(tip)), 10);
    let fields = json!({"amount": 2875, "tip": {"amount": 375, "mode": "preset"}, "tipAmount": 375});
    holds(&payment, V2025_05_31, &fields, &[]);
    holds(&payment, V2026_06_11, &fields, &["outcomeUnknown"]);
}

#[test]
fn silence_is_processing_with_an_unknown_outcome() {
    let payment = created(order(), CLOUD_PAGE);
    let payment = after(&payment, &tapped(&payment), 10);
    let payment = after(&payment, &Event::Silent, 30);
    let fields = json!({"status": "processing", "outcomeUnknown": true});
    holds(&payment, V2025_05_31, &fields, &[]);
    holds(&payment, V2026_06_11, &fields, &["declineCode", "failedAt"]);
}

#[test]
fn text_of_the_caller_is_escaped_and_metadata_shown() {
    let mut order = order();
    order.description = Some("a \"quoted\"\n\u{1}line".into());
    order.metadata = Arc::new([("k\"".to_owned(), "é\\".to_owned())].into());
    let payment = created(order, CLOUD_PAGE);
    let fields = json!({"description": "a \"quoted\"\n\u{1}line", "metadata": {"k\"": "é\\"}});
    holds(&payment, V2025_05_31, &fields, &[]);
    holds(&payment, V2026_06_11, &fields, &[]);
}

#[test]
fn a_list_is_an_envelope() {
    let view = PaymentView::from(&created(order(), CLOUD_PAGE));
    for (views, has_more) in [(vec![], false), (vec![&view], false), (vec![&view, &view], true)] {
        let mut out = Vec::new();
        render_list(views.iter().copied(), has_more, V2026_06_11, &mut out);
        let list: Value = serde_json::from_slice(&out).unwrap();
        assert_eq!(list["object"], "list");
        assert_eq!(list["has_more"], has_more);
        assert_eq!(list["data"].as_array().unwrap().len(), views.len());
    }
}

/// Rows written by any release must be readable by every later one: this text must never need to change.
#[test]
fn the_stored_form_stays_readable() {
    let payment = created(order(), CLOUD_PAGE);
    let payment = after(&payment, &tapped(&payment), 8);
    let payment = after(&payment, &Event::Declined(DeclineCode::CardDeclined), 9);
    insta::assert_snapshot!(serde_json::to_string(&PaymentView::from(&payment)).unwrap(), @r#"{"id":"tpay_01J0000000E008000000000001","intent":"01900000-0000-7000-8000-000000000002","live":false,"term":"term_01HZ5QXYZ","amt":2500,"cur":"USD","st":"failed","cm":"automatic","rm":"sync","ref":"order_8821","card":{"b":"visa","n":"4242","m":"contactless"},"decl":"card_declined","at":1781168400000,"end":1781168409400,"seq":3}"#);
}

/// Only what a terminal approved alone says anything of it, in every version; the stored form keeps it.
#[test]
fn what_a_terminal_approved_alone_is_told_and_nothing_else_is() {
    let payment = created(order(), CLOUD_PAGE);
    let offline = OfflineFacts { approved_at: CLOUD_PAGE, number: 1 };
    let alone = Payment { offline: Some(offline), ..payment.clone() };
    for version in [V2025_05_31, V2026_06_11] {
        assert!(rendered(&alone, version).contains(r#","offline":true,"#));
        assert!(!rendered(&payment, version).contains("offline"));
    }
}
