//! Reads the API document: schemas, operations, and what the SDKs call them. Writes nothing.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::workspace::{Outcome, TaskError};

/// The version under which payments have a type of their own.
pub(super) const EARLIER: &str = "2025-05-31";

/// A property of an object, or a parameter of a query.
#[derive(Debug, Clone)]
pub(super) struct Field {
    pub wire: String,
    pub schema: Value,
    pub required: bool,
}

/// A call of the SDK.
#[derive(Debug)]
pub(super) struct Operation {
    pub name: String,
    pub id: String,
    pub method: String,
    /// With `{0}`, `{1}` for what stands in `places`.
    pub path: String,
    pub places: Vec<String>,
    pub version: String,
    pub kind: String,
    pub money: bool,
    pub text: Option<String>,
    pub stream: bool,
    pub about: String,
    pub query: Vec<Field>,
    /// The schema of the body, when something can be said in it.
    pub body: Option<Value>,
    pub has_body: bool,
    pub answer: Option<Value>,
}

impl Operation {
    /// `terminal.payments` of `terminal.payments.create`.
    pub(super) fn owner(&self) -> &str {
        self.name.rsplit_once('.').map_or("", |(owner, _)| owner)
    }

    /// `create` of `terminal.payments.create`.
    pub(super) fn method_name(&self) -> &str {
        self.name.rsplit_once('.').map_or(&self.name, |(_, name)| name)
    }

    /// Whether the call is written by hand: payments have an identity to keep, a stream goes on.
    pub(super) fn by_hand(&self) -> bool {
        self.stream || self.owner() == "terminal.payments" || self.owner() == "terminalPayments"
    }

    /// Whether it can be tried out without changing anything.
    pub(super) fn dry_run(&self) -> bool {
        self.query.iter().any(|one| one.wire == "dryRun")
    }

    /// What its query's type is called.
    pub(super) fn query_type(&self) -> String {
        super::names::pascal(&self.id)
    }

    /// Whether the query is a parameter of the call by itself.
    pub(super) fn takes_query(&self) -> bool {
        !self.has_body && !self.query.is_empty()
    }
}

/// The API document with the calls that the SDKs have.
pub(super) struct Document {
    pub schemas: Map<String, Value>,
    pub operations: Vec<Operation>,
}

impl Document {
    pub(super) fn new(raw: &Value, listed: &Value) -> Outcome<Self> {
        let schemas = raw["components"]["schemas"].as_object().cloned().unwrap_or_default();
        let mut by_id = BTreeMap::new();
        for (path, item) in raw["paths"].as_object().into_iter().flatten() {
            for (method, one) in item.as_object().into_iter().flatten() {
                by_id.insert(one["operationId"].as_str().unwrap_or_default(), (path, method, one));
            }
        }
        let mut operations = Vec::new();
        for one in listed["operations"].as_array().into_iter().flatten() {
            let id = one["operationId"].as_str().unwrap_or_default();
            let Some((path, method, raw)) = by_id.get(id) else {
                return Err(TaskError(format!("the API document has no operation `{id}`")));
            };
            operations.push(operation(&schemas, one, path, method, raw));
        }
        Ok(Self { schemas, operations })
    }

    /// The schema behind a reference.
    pub(super) fn resolved<'a>(&'a self, schema: &'a Value) -> &'a Value {
        name_of(schema).and_then(|name| self.schemas.get(name)).unwrap_or(schema)
    }

    /// The properties of an object with those of its parts. Of one that is either of several, those of all; required is
    /// what all of them require.
    pub(super) fn fields(&self, schema: &Value) -> Vec<Field> {
        let schema = self.resolved(schema);
        let either = schema["oneOf"].as_array().cloned().unwrap_or_else(|| vec![schema.clone()]);
        let shapes: Vec<_> = either.iter().map(|one| self.properties(one)).collect();
        let mut merged: BTreeMap<String, Field> = BTreeMap::new();
        for field in shapes.iter().flatten().filter(|field| field.schema["type"] != "null") {
            merged.insert(field.wire.clone(), field.clone());
        }
        let everywhere = |wire: &str| {
            shapes.iter().all(|shape| shape.iter().any(|field| field.wire == wire && field.required))
        };
        merged.into_values().map(|field| Field { required: everywhere(&field.wire), ..field }).collect()
    }

    fn properties(&self, schema: &Value) -> Vec<Field> {
        let schema = self.resolved(schema);
        let required: Vec<&str> =
            schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let mut found: Vec<Field> = schema["properties"]
            .as_object()
            .into_iter()
            .flatten()
            .map(|(wire, one)| Field {
                wire: wire.clone(),
                schema: one.clone(),
                required: required.contains(&wire.as_str()),
            })
            .collect();
        for part in schema["allOf"].as_array().into_iter().flatten() {
            found.extend(self.properties(part));
        }
        found
    }

    /// What a list lists, when the answer is one.
    pub(super) fn item_of(&self, answer: &Value) -> Option<Value> {
        let name = name_of(answer)?;
        if !name.ends_with("List") && name != "TerminalConfigProgress" {
            return None;
        }
        Some(self.resolved(answer)["properties"]["data"]["items"].clone())
    }
}

/// The name that a reference refers to.
pub(super) fn name_of(schema: &Value) -> Option<&str> {
    schema["$ref"].as_str().and_then(|text| text.rsplit('/').next())
}

/// Whether `null` is one of its values.
pub(super) fn nullable(schema: &Value) -> bool {
    let kind = &schema["type"];
    kind == "null"
        || kind.as_array().is_some_and(|kinds| kinds.iter().any(|one| one == "null"))
        || schema["oneOf"].as_array().is_some_and(|parts| parts.iter().any(nullable))
}

/// The schema of the values that are not null.
pub(super) fn without_null(schema: &Value) -> Value {
    let mut plain = schema.clone();
    if let Some(parts) = schema["oneOf"].as_array() {
        let parts: Vec<Value> = parts.iter().filter(|one| one["type"] != "null").cloned().collect();
        if let [only] = parts.as_slice() {
            return without_null(only);
        }
        plain["oneOf"] = Value::Array(parts);
    }
    let parts = schema["allOf"].as_array().filter(|_| schema["properties"].is_null());
    if let Some([only]) = parts.map(Vec::as_slice) {
        return without_null(only);
    }
    if let Some(kinds) = schema["type"].as_array() {
        let kind = kinds.iter().find(|one| *one != "null");
        plain["type"] = kind.cloned().unwrap_or_default();
    }
    plain
}

fn operation(
    schemas: &Map<String, Value>,
    listed: &Value,
    path: &str,
    method: &str,
    raw: &Value,
) -> Operation {
    let word = |name: &str| listed[name].as_str().unwrap_or_default().to_owned();
    let parameters = raw["parameters"].as_array().cloned().unwrap_or_default();
    let named = |place: &str| -> Vec<&Value> { parameters.iter().filter(|one| one["in"] == place).collect() };
    let places: Vec<String> =
        named("path").iter().map(|one| one["name"].as_str().unwrap_or_default().to_owned()).collect();
    let mut template = path.to_owned();
    for (at, name) in places.iter().enumerate() {
        template = template.replace(&format!("{{{name}}}"), &format!("{{{at}}}"));
    }
    let query = named("query")
        .iter()
        .map(|one| {
            let mut schema = one["schema"].clone();
            if schema["description"].is_null() {
                schema["description"] = one["description"].clone();
            }
            let wire = one["name"].as_str().unwrap_or_default().trim_end_matches("[]").to_owned();
            Field { wire, schema, required: one["required"] == true }
        })
        .collect();
    let body = raw["requestBody"]["content"]["application/json"]["schema"].clone();
    let says = |body: &Value| {
        let target = name_of(body).and_then(|name| schemas.get(name)).unwrap_or(body);
        target["properties"].is_object() || target["oneOf"].is_array()
    };
    let answered =
        raw["responses"].as_object().into_iter().flatten().find(|(status, _)| status.starts_with('2'));
    let content = answered.map(|(_, answer)| answer["content"].clone()).unwrap_or_default();
    let media = content.as_object().and_then(|all| all.keys().next().cloned());
    Operation {
        name: word("name"),
        id: word("operationId"),
        method: method.to_ascii_uppercase(),
        path: template,
        places,
        version: word("version"),
        kind: word("kind"),
        money: listed["money"] == true,
        text: media.filter(|_| listed["text"] == true),
        stream: listed["stream"] == true,
        about: raw["summary"].as_str().unwrap_or_default().to_owned(),
        query,
        has_body: !body.is_null(),
        body: Some(body).filter(says),
        answer: Some(content["application/json"]["schema"].clone()).filter(|one| !one.is_null()),
    }
}
