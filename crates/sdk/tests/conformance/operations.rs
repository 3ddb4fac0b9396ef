//! Every operation of the API document has a call, every call makes the request that `operations.json` says, and its answer
//! is read without losing a field.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};
use vinr_sdk::Vinr;

use crate::calling::{Arguments, camel};
use crate::files;
use crate::generated::dispatch::made;
use crate::scripted::ScriptedServer;

/// An instance of a schema with every field that it can have.
fn sample(document: &Value, schema: &Value, legacy: bool) -> Value {
    if let Some(name) = schema["$ref"].as_str().and_then(|text| text.rsplit('/').next()) {
        return sample(document, &document["components"]["schemas"][name], legacy);
    }
    if let Some(words) = schema["enum"].as_array() {
        return words[0].clone();
    }
    if let Some(either) = schema["oneOf"].as_array() {
        let whole = either.iter().find(|one| legacy && one["type"] == "integer");
        let first = whole.or_else(|| either.iter().find(|one| one["type"] != "null"));
        return sample(document, first.unwrap(), legacy);
    }
    let kind = match &schema["type"] {
        Value::Array(kinds) => kinds.iter().find(|one| **one != "null").cloned().unwrap(),
        other => other.clone(),
    };
    let mut fields = Map::new();
    for part in schema["allOf"].as_array().into_iter().flatten() {
        fields.extend(sample(document, part, legacy).as_object().unwrap().clone());
    }
    for (name, one) in schema["properties"].as_object().into_iter().flatten() {
        fields.insert(name.clone(), sample(document, one, legacy));
    }
    match kind.as_str() {
        Some("string") => json!("text"),
        Some("integer") => json!(7),
        Some("number") => json!(7.5),
        Some("boolean") => json!(true),
        Some("array") => json!([sample(document, &schema["items"], legacy)]),
        Some("object") if fields.is_empty() && schema["additionalProperties"].is_object() => {
            json!({ "a_name": sample(document, &schema["additionalProperties"], legacy) })
        }
        None if fields.is_empty() => json!("anything"),
        _ => Value::Object(fields),
    }
}

/// What an operation answers, whole.
fn answered(document: &Value, operation: &Value) -> (u16, Value) {
    let method = operation["method"].as_str().unwrap().to_lowercase();
    let described = &document["paths"][operation["path"].as_str().unwrap()][&method];
    assert_eq!(described["operationId"], operation["operationId"], "{}", operation["name"]);
    let responses = described["responses"].as_object().unwrap();
    let (status, answer) = responses.iter().find(|(status, _)| status.starts_with('2')).unwrap();
    let schema = &answer["content"]["application/json"]["schema"];
    let legacy = operation["version"] == "2025-05-31";
    (status.parse().unwrap(), sample(document, schema, legacy))
}

/// The least that an operation takes.
fn arguments(document: &Value, operation: &Value, ids: usize) -> Value {
    let method = operation["method"].as_str().unwrap().to_lowercase();
    let described = &document["paths"][operation["path"].as_str().unwrap()][&method];
    let schema = &described["requestBody"]["content"]["application/json"]["schema"];
    let mut args: Vec<Value> = ["id/1", "id/2"].iter().take(ids).map(|id| json!(id)).collect();
    if operation["name"].as_str().unwrap().ends_with("retrieveByReference") {
        return json!(["order"]);
    }
    let mut body = if schema.is_null() { json!({}) } else { sample(document, schema, false) };
    if operation["operationId"] == "createTerminalPayment" {
        body.as_object_mut().unwrap().remove("terminalGroup");
        body["responseMode"] = json!("async");
    }
    // The shared files write the names of every body as Node does.
    args.push(camel(body));
    Value::from(args)
}

async fn called(document: &Value, operation: &Value) {
    let name = operation["name"].as_str().unwrap();
    let path = operation["path"].as_str().unwrap();
    let ids = path.matches('{').count();
    let (status, body) =
        if operation["text"] == true { (200, Value::Null) } else { answered(document, operation) };
    let respond = if operation["text"] == true {
        json!({ "status": status, "text": "text" })
    } else {
        json!({ "status": status, "body": body })
    };
    let server = ScriptedServer::new(&json!([{ "respond": respond }]));
    let port = server.listen(0).await;
    let vinr = Vinr::builder("sk_test_conformance")
        .base_url(format!("http://127.0.0.1:{port}/base/"))
        .build()
        .unwrap();
    let given = Arguments::new(&arguments(document, operation, ids), &json!({ "idempotencyKey": "a key" }));
    let outcome = made(&vinr, name, given).unwrap_or_else(|| panic!("there is no {name}")).await;
    assert!(outcome.error.is_none(), "{name}: {:?}", outcome.error);
    let came = server.came();
    assert_eq!(came.len(), 1, "{name}");
    let mut wanted = format!("/base{path}");
    for id in ["id%2F1", "id%2F2"].iter().take(ids) {
        let (open, close) = (wanted.find('{').unwrap(), wanted.find('}').unwrap());
        wanted.replace_range(open..=close, id);
    }
    assert_eq!(
        (came[0].path.as_str(), came[0].method.as_str()),
        (wanted.as_str(), operation["method"].as_str().unwrap())
    );
    let header = |wanted: &str| came[0].headers.get(wanted).map(String::as_str);
    assert_eq!(header("vinr-version"), operation["version"].as_str(), "{name}");
    assert_eq!(header("authorization"), Some("Bearer sk_test_conformance"), "{name}");
    let keyed = operation["kind"] == "write" || operation["kind"] == "charge";
    assert_eq!(header("idempotency-key"), keyed.then_some("a key"), "{name}");
    assert_eq!(!came[0].text.is_empty(), keyed, "{name}");
    let mut whole = camel(body);
    if name.ends_with("retrieveByReference") {
        whole = whole["data"][0].clone();
    }
    if operation["text"] == true {
        whole = json!("text");
    }
    assert_eq!(outcome.result, whole, "{name} lost something");
    server.close();
}

#[tokio::test]
async fn every_call_makes_its_request_and_reads_its_answer_whole() {
    let document = files::json("docs/openapi.json");
    let listed = files::json("sdks/conformance/operations.json");
    let calls = listed["operations"].as_array().unwrap();
    for operation in calls.iter().filter(|one| one["stream"] != true) {
        called(&document, operation).await;
    }
    assert!(calls.len() >= 91, "{}", calls.len());
}

#[test]
fn the_api_document_has_no_operation_that_is_neither_a_call_nor_named_as_none() {
    let document = files::json("docs/openapi.json");
    let listed = files::json("sdks/conformance/operations.json");
    let name = |one: &Value| one.as_str().unwrap().to_owned();
    let known: BTreeSet<String> = listed["operations"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| name(&one["operationId"]))
        .chain(listed["outside"].as_array().unwrap().iter().map(name))
        .collect();
    let all: BTreeSet<String> = document["paths"]
        .as_object()
        .unwrap()
        .values()
        .flat_map(|path| path.as_object().unwrap().values())
        .map(|one| name(&one["operationId"]))
        .collect();
    assert_eq!(all, known);
}
