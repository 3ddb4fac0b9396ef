//! How a form says what JSON says: there is no `null` in a form, and an object inside is written with brackets
//! (contract 1.2). Describes; what is read is read elsewhere.

use serde_json::Value;
use utoipa::openapi::content::Content;
use utoipa::openapi::encoding::Encoding;
use utoipa::openapi::path::ParameterStyle;
use utoipa::openapi::{OpenApi, RefOr, Schema};

const FORM: &str = "application/x-www-form-urlencoded";

/// Gives every form body a schema of its own, made from the one it shares with JSON.
pub(super) fn describe(document: &mut OpenApi) {
    let schemas =
        document.components.as_ref().map(|components| components.schemas.clone()).unwrap_or_default();
    for operation in document.paths.paths.values_mut().filter_map(|item| item.post.as_mut()) {
        let Some(RefOr::T(body)) = &mut operation.request_body else { continue };
        let Some(RefOr::T(form)) = body.content.get_mut(FORM) else { continue };
        let Some(RefOr::Ref(shared)) = &form.schema else { continue };
        let name = shared.ref_location.rsplit('/').next().unwrap_or("");
        if let Some(RefOr::T(shared)) = schemas.get(name) {
            of_form(form, shared);
        }
    }
}

fn of_form(form: &mut Content, shared: &Schema) {
    let Ok(mut schema) = serde_json::to_value(shared) else { return };
    let mut nested = Vec::new();
    if let Some(Value::Array(shapes)) = schema.get_mut("oneOf") {
        shapes.iter_mut().for_each(|shape| of_shape(shape, &mut nested));
    }
    of_shape(&mut schema, &mut nested);
    if let Ok(schema) = serde_json::from_value::<Schema>(schema) {
        form.schema = Some(RefOr::T(schema));
    }
    for name in nested {
        let brackets = Encoding::builder().style(Some(ParameterStyle::DeepObject)).explode(Some(true));
        form.encoding.insert(name, brackets.build());
    }
}

/// The fields of a form: nothing is `null`, and the name of a list ends in brackets. Adds to `nested` what is an object.
fn of_shape(shape: &mut Value, nested: &mut Vec<String>) {
    let Some(Value::Object(properties)) = shape.get_mut("properties") else { return };
    properties.retain(|_, property| property["type"] != "null");
    let mut lists = Vec::new();
    for (name, property) in properties.iter_mut() {
        without_null(property);
        if property["type"] == "object" && !nested.contains(name) {
            nested.push(name.clone());
        }
        if property["type"] == "array" {
            lists.push(name.clone());
        }
    }
    for name in &lists {
        if let Some(property) = properties.remove(name) {
            properties.insert(format!("{name}[]"), property);
        }
    }
    for required in shape.get_mut("required").and_then(Value::as_array_mut).into_iter().flatten() {
        if let Some(name) = required.as_str().filter(|name| lists.iter().any(|list| list == name)) {
            *required = Value::String(format!("{name}[]"));
        }
    }
}

/// Takes `null` out of a property's types, values and alternatives.
pub(super) fn without_null(property: &mut Value) {
    if let Some(Value::Array(types)) = property.get_mut("type") {
        types.retain(|kind| kind != "null");
        if let [only] = types.as_slice() {
            property["type"] = only.clone();
        }
    }
    if let Some(Value::Array(values)) = property.get_mut("enum") {
        values.retain(|value| !value.is_null());
    }
    if let Some(Value::Array(alternatives)) = property.get_mut("oneOf") {
        alternatives.retain(|alternative| alternative["type"] != "null");
        if let [only] = alternatives.as_slice() {
            *property = only.clone();
        }
    }
}
