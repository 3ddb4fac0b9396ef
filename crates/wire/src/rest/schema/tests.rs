//! The schemas say what the code does: renderings conform, requests state their limits.

use serde_json::{Value, json};
use utoipa::{IntoParams, PartialSchema, ToSchema};
use vinr_domain::payment::{CaptureMethod, ResponseMode, Status, Tip, TipMode};
use vinr_domain::{Brand, CardFacts, Currency, DeclineCode, EntryMode, IntentId, Last4, PaymentId};

use super::{Card, PaymentMethod, TerminalPayment, TerminalPaymentList};
use crate::rest::error::ErrorBody;
use crate::rest::payment::{CancelPayment, CapturePayment, CreatePayment, ListPayments};
use crate::rest::version::ApiVersion;
use crate::rest::view::{PaymentView, render_list};

fn schema<T: PartialSchema>() -> Value {
    serde_json::to_value(T::schema()).unwrap()
}

/// The named schemas that `$ref` can point to.
fn resolve(reference: &str) -> Value {
    match reference.rsplit('/').next().unwrap() {
        "TerminalPayment" => schema::<TerminalPayment>(),
        "PaymentMethod" => schema::<PaymentMethod>(),
        "Card" => schema::<Card>(),
        "Tip" => schema::<super::Tip>(),
        other => panic!("unknown schema {other}"),
    }
}

/// Whether `value` conforms, for the keywords that the response schemas use; fields without a schema do not.
fn conforms(value: &Value, schema: &Value) -> bool {
    let list = |keyword: &str| schema.get(keyword).and_then(Value::as_array).cloned();
    if let Some(reference) = schema.get("$ref") {
        return conforms(value, &resolve(reference.as_str().unwrap()));
    }
    if let Some(choices) = list("oneOf") {
        return choices.iter().filter(|choice| conforms(value, choice)).count() == 1;
    }
    let name = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(n) if n.is_i64() => "integer",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    let types = list("type").unwrap_or_else(|| schema.get("type").cloned().into_iter().collect());
    let typed = types.iter().any(|t| t == name);
    let listed = list("enum").is_none_or(|words| words.contains(value));
    let inside = match value {
        Value::Object(fields) => {
            let present =
                list("required").into_iter().flatten().all(|f| fields.contains_key(f.as_str().unwrap()));
            let of =
                |field: &str| schema["properties"].get(field).or_else(|| schema.get("additionalProperties"));
            present && fields.iter().all(|(field, value)| of(field).is_some_and(|s| conforms(value, s)))
        }
        Value::Array(items) => items.iter().all(|item| conforms(item, &schema["items"])),
        _ => true,
    };
    typed && listed && inside
}

fn views() -> Vec<PaymentView> {
    let bare = PaymentView {
        id: PaymentId(1),
        client_token: IntentId(2),
        livemode: false,
        terminal: Some("term_1".to_owned()),
        group: Vec::new(),
        queue_position: None,
        amount_minor: 2500,
        currency: Currency::parse("EUR").unwrap(),
        status: Status::Pending,
        capture_method: CaptureMethod::Manual,
        response_mode: ResponseMode::Async,
        captured_minor: 0,
        capturable_minor: 0,
        refunded_minor: 0,
        reference: None,
        description: None,
        metadata: Default::default(),
        card: None,
        tip: None,
        auth_code: None,
        decline_code: None,
        outcome_unknown: false,
        offline: false,
        created_ms: 1_748_649_600_000,
        ended_ms: None,
        expires_ms: None,
        sequence: 1,
    };
    let full = |status| PaymentView {
        group: vec!["term_1".to_owned()],
        status,
        captured_minor: 1,
        capturable_minor: 2,
        refunded_minor: 3,
        reference: Some("r".to_owned()),
        description: Some("d".to_owned()),
        metadata: [("k".to_owned(), "v".to_owned())].into(),
        card: Some(
            CardFacts {
                brand: Brand::Other,
                last4: Last4::parse("0005").unwrap(),
                entry_mode: EntryMode::ManualKey,
            }
            .into(),
        ),
        tip: Some(Tip { amount_minor: 5, mode: TipMode::Custom }.into()),
        auth_code: Some("A12345".to_owned()),
        decline_code: Some(DeclineCode::OfflineAuthDeclined),
        outcome_unknown: true,
        offline: true,
        ended_ms: Some(1_748_649_601_000),
        expires_ms: Some(1_748_649_602_000),
        ..bare.clone()
    };
    let waiting = PaymentView {
        terminal: None,
        group: vec!["term_1".to_owned(), "term_2".to_owned()],
        queue_position: Some(1),
        ..bare.clone()
    };
    Status::ALL.into_iter().map(full).chain([bare.clone(), waiting]).collect()
}

#[test]
fn both_renderings_conform_to_one_schema() {
    for version in ApiVersion::ALL {
        let mut out = Vec::new();
        let views = views();
        render_list(&views, true, version, &mut out);
        let list: Value = serde_json::from_slice(&out).unwrap();
        for payment in list["data"].as_array().unwrap() {
            assert!(conforms(payment, &schema::<TerminalPayment>()), "{payment:#}");
        }
        assert!(conforms(&list, &schema::<TerminalPaymentList>()));
        let mut broken = list["data"][0].clone();
        for (field, value) in [("createdAt", json!(null)), ("status", json!("done")), ("extra", json!(1))] {
            broken[field] = value;
            assert!(!conforms(&broken, &schema::<TerminalPayment>()), "{field}");
            broken = list["data"][0].clone();
        }
        broken.as_object_mut().unwrap().remove("id");
        assert!(!conforms(&broken, &schema::<TerminalPayment>()), "id");
    }
}

#[test]
fn every_documented_field_is_rendered() {
    let schema = schema::<TerminalPayment>();
    let mut documented: Vec<&str> =
        schema["properties"].as_object().unwrap().keys().map(String::as_str).collect();
    documented.sort_unstable();
    let mut out = Vec::new();
    views()[0].render(ApiVersion::V2025_05_31, &mut out);
    let rendered: Value = serde_json::from_slice(&out).unwrap();
    let mut rendered: Vec<&str> = rendered.as_object().unwrap().keys().map(String::as_str).collect();
    rendered.sort_unstable();
    assert_eq!(documented, rendered);
}

#[test]
fn request_schemas_refuse_unknown_fields_and_state_their_limits() {
    for closed in [schema::<CreatePayment>(), schema::<CapturePayment>(), schema::<CancelPayment>()] {
        assert_eq!(closed["additionalProperties"], false, "{closed:#}");
    }
    let create = schema::<CreatePayment>();
    assert_eq!(create["required"], json!(["amount", "currency"]));
    let fields = &create["properties"];
    assert_eq!(fields["amount"]["minimum"], 1);
    assert_eq!(fields["amount"]["maximum"], vinr_domain::MAX_AMOUNT_MINOR);
    assert_eq!(fields["reference"]["maxLength"], 255);
    assert_eq!(fields["reference"]["type"], json!(["string", "null"]));
    assert_eq!(fields["description"]["maxLength"], 500);
    assert_eq!(fields["terminalId"]["maxLength"], 64);
    let group = &fields["terminalGroup"];
    assert_eq!((&group["minItems"], &group["maxItems"]), (&json!(1), &json!(16)));
    assert_eq!((&group["uniqueItems"], &group["items"]["maxLength"]), (&json!(true), &json!(64)));
    assert_eq!(fields["metadata"]["maxProperties"], 50);
    assert_eq!(fields["metadata"]["propertyNames"]["maxLength"], 40);
    assert_eq!(fields["metadata"]["additionalProperties"]["maxLength"], 500);
    assert_eq!(fields["captureMethod"]["enum"], json!(["automatic", "manual", null]));
    assert_eq!(fields["clientToken"]["format"], "uuid");
}

#[test]
fn query_parameters_are_documented_as_they_are_read() {
    let described =
        |params: Vec<utoipa::openapi::path::Parameter>| -> Value { serde_json::to_value(params).unwrap() };
    let list = described(ListPayments::into_params(|| None));
    let names: Vec<&str> = list.as_array().unwrap().iter().map(|p| p["name"].as_str().unwrap()).collect();
    assert_eq!(
        names,
        [
            "terminalId",
            "locationId",
            "status",
            "fromDate",
            "toDate",
            "limit",
            "starting_after",
            "ending_before",
            "reference"
        ]
    );
    for parameter in list.as_array().unwrap() {
        assert_eq!(parameter["in"], "query");
        assert_eq!(parameter["required"], false, "{parameter:#}");
        assert!(parameter["schema"]["type"].is_string(), "a query cannot say null: {parameter:#}");
    }
}

#[test]
fn errors_are_documented_as_they_are_written() {
    let mut named = Vec::new();
    ErrorBody::schemas(&mut named);
    let names: Vec<&str> = named.iter().map(|(name, _)| name.as_str()).collect();
    assert!(names.contains(&"Error") && names.contains(&"ErrorType"), "{names:?}");
    let error = named.iter().find(|(name, _)| name == "Error").map(|(_, s)| serde_json::to_value(s).unwrap());
    let properties = error.unwrap()["properties"].clone();
    for field in ["type", "code", "message", "param", "decline_code", "doc_url", "request_id", "retry"] {
        assert!(properties.get(field).is_some(), "{field}");
    }
    assert_eq!(properties["param"]["type"], "string");
}
