//! Queries as the API takes them: nested objects and lists in brackets. Knows no names.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;
use serde_json::Value;

const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The pairs of a query, in the order in which they are sent.
pub(crate) type Pairs = Vec<(String, String)>;

/// What parameters ask for; what is not set is left out.
pub(crate) fn pairs(parameters: &impl Serialize) -> Pairs {
    let mut found = Vec::new();
    if let Ok(Value::Object(fields)) = serde_json::to_value(parameters) {
        for (name, value) in &fields {
            put(name, value, &mut found);
        }
    }
    found
}

fn put(name: &str, value: &Value, found: &mut Pairs) {
    match value {
        Value::Null => {}
        Value::Array(items) => items.iter().for_each(|one| put(&format!("{name}[]"), one, found)),
        Value::Object(fields) => {
            fields.iter().for_each(|(inner, one)| put(&format!("{name}[{inner}]"), one, found));
        }
        Value::String(text) => found.push((name.to_owned(), text.clone())),
        other => found.push((name.to_owned(), other.to_string())),
    }
}

/// The query as it stands behind the question mark; empty when there is none.
pub(crate) fn encoded(pairs: &[(String, String)]) -> String {
    let escaped = |text: &str| utf8_percent_encode(text, UNRESERVED).to_string();
    let each: Vec<String> =
        pairs.iter().map(|(name, value)| format!("{}={}", escaped(name), escaped(value))).collect();
    each.join("&")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nested_parameters_stand_in_brackets() {
        let asked = serde_json::json!({ "created": { "gte": 1 }, "kinds": ["a b", "c&d"], "none": null });
        let found = encoded(&pairs(&asked));
        assert_eq!(found, "created%5Bgte%5D=1&kinds%5B%5D=a%20b&kinds%5B%5D=c%26d");
    }
}
