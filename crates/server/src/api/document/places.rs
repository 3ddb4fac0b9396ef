//! How the document says that a payment is asked for on one terminal or in a group, and never both: two shapes of one
//! request. Describes; what is read is read elsewhere.

use serde_json::{Value, json};
use utoipa::openapi::{OpenApi, RefOr, Schema};

use super::forms::without_null;

const REQUEST: &str = "CreatePayment";
const TERMINAL: &str = "terminalId";
const GROUP: &str = "terminalGroup";

/// Puts the two shapes in the place of the one that knows both fields.
pub(super) fn describe(document: &mut OpenApi) {
    let Some(components) = document.components.as_mut() else { return };
    let Some(schema) = components.schemas.get_mut(REQUEST) else { return };
    let Ok(both) = serde_json::to_value(&*schema) else { return };
    let shapes =
        [shape(&both, "On one terminal", TERMINAL, GROUP), shape(&both, "In a group", GROUP, TERMINAL)];
    let either = json!({"description": both["description"], "oneOf": shapes});
    if let Ok(either) = serde_json::from_value::<Schema>(either) {
        *schema = RefOr::T(either);
    }
}

/// The request with `given`, in which `absent` can only be `null`.
fn shape(both: &Value, title: &str, given: &str, absent: &str) -> Value {
    let mut shape = both.clone();
    shape["title"] = json!(title);
    without_null(&mut shape["properties"][given]);
    shape["properties"][absent] = json!({"type": "null"});
    if let Some(Value::Array(required)) = shape.get_mut("required") {
        required.insert(0, json!(given));
    }
    shape
}
