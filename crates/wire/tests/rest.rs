//! The requests from outside: what a caller may send, which field is named when it may not, and that nothing a
//! caller sends can crash the decoder or mean different things in JSON and in a form.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::{Map, Value, json};
use vinr_domain::payment::{CaptureMethod, ResponseMode, Status};
use vinr_domain::{PaymentId, Timestamp};
use vinr_wire::rest::body::{BodyError, FieldError, FieldErrorKind, decode, decode_query};
use vinr_wire::rest::payment::{
    CancelPayment, CapturePayment, CreatePayment, Cursor, ListPayments, NewPayment, Place,
};

const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";

fn create(content_type: &str, body: &[u8]) -> Result<NewPayment, BodyError> {
    Ok(decode::<CreatePayment>(Some(content_type), body)?.validate()?)
}

fn create_with(field: &str, value: Value) -> Result<NewPayment, BodyError> {
    let mut body = json!({"terminalId": "term_1", "amount": 4200, "currency": "EUR"});
    body[field] = value;
    create(JSON, body.to_string().as_bytes())
}

fn param<T: std::fmt::Debug>(result: Result<T, FieldError>) -> (Option<String>, FieldErrorKind) {
    let error = result.expect_err("should be refused");
    (error.param, error.kind)
}

#[test]
fn the_pages_requests_are_read() {
    let form = create(FORM, b"terminalId=trm_7Hq3&amount=4200&currency=EUR&reference=order_1099").unwrap();
    assert_eq!(form.place, Place::Terminal("trm_7Hq3".into()));
    assert_eq!(form.asked.to_string(), "42.00 EUR");
    assert_eq!(form.reference.as_deref(), Some("order_1099"));
    assert_eq!((form.capture_method, form.response_mode), (CaptureMethod::Automatic, ResponseMode::Async));
    let body = br#"{"terminalId":"term_01HZ5QXYZ","amount":2500,"currency":"usd","reference":"order_8821",
        "responseMode":"sync","captureMethod":"manual","description":"Table 12","metadata":{"k":"v"},
        "clientToken":"01900000-0000-7000-8000-000000000001"}"#;
    let json = create(JSON, body).unwrap();
    assert_eq!((json.capture_method, json.response_mode), (CaptureMethod::Manual, ResponseMode::Sync));
    assert_eq!(json.asked.currency.code(), "USD");
    assert_eq!(json.metadata["k"], "v");
    assert_eq!(json.intent.unwrap().to_string(), "01900000-0000-7000-8000-000000000001");
    assert_eq!(decode::<CapturePayment>(None, b"").unwrap().validate(), Ok(None));
    assert_eq!(
        decode::<CapturePayment>(Some(JSON), br#"{"amount":2875}"#).unwrap().validate(),
        Ok(Some(2875))
    );
    assert_eq!(decode::<CancelPayment>(None, b""), Ok(CancelPayment {}));
}

#[test]
fn a_create_out_of_bounds_names_the_field() {
    let long = |n: usize| Value::String("é".repeat(n));
    let pairs =
        |n: usize| Value::Object((0..n).map(|i| (format!("k{i}"), json!("v"))).collect::<Map<_, _>>());
    let key = |n: usize| json!({ "k".repeat(n): "v" });
    for (field, good) in [
        ("amount", json!(1)),
        ("amount", json!(99_999_999)),
        ("terminalId", long(64)),
        ("reference", long(255)),
        ("description", long(500)),
        ("description", json!("two\nlines")),
        ("metadata", pairs(50)),
        ("metadata", key(40)),
        ("metadata", json!({"k": "é".repeat(500)})),
        ("metadata", Value::Null),
        ("captureMethod", Value::Null),
        ("clientToken", Value::Null),
    ] {
        create_with(field, good.clone()).unwrap_or_else(|e| panic!("{field}: {good}: {e}"));
    }
    let k41 = format!("metadata[{}]", "k".repeat(41));
    for (field, bad, named) in [
        ("amount", json!(0), "amount"),
        ("amount", json!(-1), "amount"),
        ("amount", json!(100_000_000), "amount"),
        ("amount", json!("4200"), "amount"),
        ("amount", json!(42.5), "amount"),
        ("amount", Value::Null, "amount"),
        ("amuont", json!(1), "amuont"),
        ("currency", json!("EURO"), "currency"),
        ("currency", json!("XXX"), "currency"),
        ("terminalId", json!(""), "terminalId"),
        ("terminalId", long(65), "terminalId"),
        ("reference", json!(""), "reference"),
        ("reference", json!("a\u{7f}"), "reference"),
        ("reference", long(256), "reference"),
        ("description", long(501), "description"),
        ("captureMethod", json!("later"), "captureMethod"),
        ("responseMode", json!("SYNC"), "responseMode"),
        ("clientToken", json!("not-a-uuid"), "clientToken"),
        ("metadata", pairs(51), "metadata"),
        ("metadata", key(41), k41.as_str()),
        ("metadata", json!({"": "v"}), "metadata[]"),
        ("metadata", json!({"k": "é".repeat(501)}), "metadata[k]"),
        ("metadata", json!({"k": 1}), "metadata[k]"),
    ] {
        match create_with(field, bad.clone()) {
            Err(BodyError::Field(error)) => assert_eq!(error.param.as_deref(), Some(named), "{error}"),
            other => panic!("{field}: {bad}: {other:?}"),
        }
    }
}

#[test]
fn a_missing_field_is_named() {
    for (body, missing) in [
        (&b""[..], "amount"),
        (b"amount=1&currency=EUR", "terminalId"),
        (b"terminalId=t&currency=EUR", "amount"),
        (b"terminalId=t&amount=1", "currency"),
    ] {
        let Err(BodyError::Field(error)) = create(FORM, body) else { panic!("{missing}") };
        assert_eq!((error.param.as_deref(), error.kind), (Some(missing), FieldErrorKind::Missing));
    }
}

#[test]
fn a_group_is_read_in_its_order_and_checked() {
    let group = Place::Group(["term_2".into(), "term_1".into()].into());
    let form = b"terminalGroup[]=term_2&terminalGroup[]=term_1&amount=1&currency=EUR";
    assert_eq!(create(FORM, form).unwrap().place, group);
    let indexed = b"terminalGroup[0]=term_2&terminalGroup[1]=term_1&amount=1&currency=EUR";
    assert_eq!(create(FORM, indexed).unwrap().place, group);
    let with = |terminals: Value| {
        let body = json!({"terminalGroup": terminals, "amount": 1, "currency": "EUR"});
        create(JSON, body.to_string().as_bytes())
    };
    assert_eq!(with(json!(["term_2", "term_1"])).unwrap().place, group);
    let names = |n: usize| (0..n).map(|i| format!("term_{i}")).collect::<Vec<_>>();
    assert!(with(json!(names(16))).is_ok());
    for (bad, named) in [
        (json!([]), "terminalGroup"),
        (json!(names(17)), "terminalGroup"),
        (json!("term_1"), "terminalGroup"),
        (json!(["term_1", ""]), "terminalGroup[1]"),
        (json!(["term_1", 2]), "terminalGroup[1]"),
        (json!(["term_1", "term_2", "term_1"]), "terminalGroup[2]"),
        (Value::Null, "terminalId"),
    ] {
        let Err(BodyError::Field(error)) = with(bad.clone()) else { panic!("{bad}") };
        assert_eq!(error.param.as_deref(), Some(named), "{error}");
    }
    match create_with("terminalGroup", json!(["term_1"])) {
        Err(BodyError::Field(error)) => assert_eq!(error.param.as_deref(), Some("terminalGroup"), "{error}"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_capture_out_of_bounds_names_the_amount() {
    use FieldErrorKind::Invalid;
    for amount in [0, -5, 100_000_000] {
        let capture = CapturePayment { amount: Some(amount) };
        assert_eq!(param(capture.validate()), (Some("amount".to_owned()), Invalid));
    }
}

#[test]
fn list_filters_are_read_and_checked() {
    let list = |query: &str| decode_query::<ListPayments>(query).and_then(ListPayments::validate);
    let all = list("").unwrap();
    assert_eq!((all.limit, all.cursor), (10, Cursor::Newest));
    let id = PaymentId(5);
    let filter = list(&format!(
        "terminalId=trm_7Hq3&locationId=loc_1&status=completed&fromDate=5&toDate=5&limit=100&starting_after={id}\
         &reference=order%201"
    ))
    .unwrap();
    assert_eq!(filter.status, Some(Status::Completed));
    assert_eq!((filter.created_from, filter.created_to), (Some(Timestamp(5000)), Some(Timestamp(5999))));
    assert_eq!((filter.limit, filter.cursor), (100, Cursor::After(id)));
    assert_eq!(filter.reference.as_deref(), Some("order 1"));
    assert_eq!(list(&format!("ending_before={id}")).unwrap().cursor, Cursor::Before(id));
    let both = format!("starting_after={id}&ending_before={id}");
    for (query, named) in [
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("limit=ten", "limit"),
        ("status=done", "status"),
        ("fromDate=2026-06-11", "fromDate"),
        ("fromDate=-1", "fromDate"),
        ("toDate=253402300800", "toDate"),
        ("fromDate=6&toDate=5", "fromDate"),
        ("starting_after=tpay_1", "starting_after"),
        ("ending_before=term_1", "ending_before"),
        ("startingAfter=tpay_1", "startingAfter"),
        ("terminalId=", "terminalId"),
        ("reference=", "reference"),
        (&both, "ending_before"),
    ] {
        assert_eq!(param(list(query)).0.as_deref(), Some(named), "{query}");
    }
}

/// Escapes everything that is not a letter or digit, brackets included, as careful clients do.
fn escaped(text: &str) -> String {
    text.bytes()
        .map(|b| if b.is_ascii_alphanumeric() { char::from(b).to_string() } else { format!("%{b:02X}") })
        .collect()
}

prop_compose! {
    fn a_create()(
        terminal in ".{0,70}",
        amount in prop_oneof![1..100_000_000_i64, any::<i64>()],
        currency in "EUR|usd|JPY|[A-Z]{3}",
        reference in proptest::option::of(".{0,20}"),
        mode in proptest::option::of("sync|async|other"),
        metadata in proptest::collection::btree_map("[^\\[\\]]{1,45}", ".{0,20}", 0..5),
    ) -> (Map<String, Value>, BTreeMap<String, String>) {
        let mut fields = Map::new();
        fields.insert("terminalId".to_owned(), terminal.into());
        fields.insert("amount".to_owned(), amount.into());
        fields.insert("currency".to_owned(), currency.into());
        for (name, value) in [("reference", reference), ("responseMode", mode)] {
            value.map(|value| fields.insert(name.to_owned(), value.into()));
        }
        (fields, metadata)
    }
}

proptest! {
    #[test]
    fn json_and_form_of_one_request_mean_the_same((fields, metadata) in a_create()) {
        let plain = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let pairs = fields.iter().map(|(name, value)| format!("{name}={}", escaped(&plain(value))));
        let nested = metadata
            .iter()
            .map(|(key, value)| format!("{}={}", escaped(&format!("metadata[{key}]")), escaped(value)));
        let form = pairs.chain(nested).collect::<Vec<_>>().join("&");
        let mut json = fields.clone();
        if !metadata.is_empty() {
            json.insert("metadata".to_owned(), json!(metadata));
        }
        let from_json = create(JSON, Value::Object(json).to_string().as_bytes());
        prop_assert_eq!(create(FORM, form.as_bytes()), from_json);
    }

    #[test]
    fn no_bytes_crash_the_decoder(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        for content_type in [JSON, FORM] {
            if let Ok(payment) = create(content_type, &bytes) {
                prop_assert!((1..=99_999_999).contains(&payment.asked.amount_minor));
            }
        }
    }

    /// Text made of the pieces that the parsers look at gets further than arbitrary bytes do.
    #[test]
    fn no_syntax_crashes_the_decoder(
        pieces in proptest::collection::vec(
            "amount|metadata|terminalId|\\[|\\]|\\[\\]|=|&|%|%5B|%FF|\\+|\"|:|,|\\{|\\}|1|-|\\.|e|null|\\\\u|\\\\",
            0..40,
        ),
    ) {
        let text = pieces.concat();
        for content_type in [JSON, FORM] {
            if let Err(BodyError::Field(error)) = create(content_type, text.as_bytes()) {
                prop_assert!(!error.message.is_empty());
            }
        }
        let _ = decode_query::<ListPayments>(&text).and_then(ListPayments::validate);
    }
}
