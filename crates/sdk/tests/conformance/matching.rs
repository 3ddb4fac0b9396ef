//! Compares what came with what a vector or a scenario wants (sdks/conformance/README.md, Matching).

use regex::Regex;
use serde_json::Value;

/// Why `got` does not match `want`; nothing when it does. `whole` also refuses fields that nobody wants.
pub fn mismatch(got: Option<&Value>, want: &Value, path: &str, whole: bool) -> Option<String> {
    if let Value::Object(fields) = want {
        if fields.keys().any(|name| name.starts_with('$')) {
            let missed = fields.iter().find(|(name, wanted)| !matcher(name, got, wanted))?;
            return Some(format!("{path} is {}, not {} {}", show(got), missed.0, missed.1));
        }
        let Some(Value::Object(there)) = got else {
            return Some(format!("{path} is {}, not {want}", show(got)));
        };
        if let Some((more, value)) = there.iter().find(|(name, _)| whole && !fields.contains_key(*name)) {
            return Some(format!("{path}.{more} is {value}, and nobody wants it"));
        }
        return fields
            .iter()
            .find_map(|(name, inner)| mismatch(there.get(name), inner, &format!("{path}.{name}"), whole));
    }
    if let Value::Array(items) = want {
        let there = got.and_then(Value::as_array).filter(|there| there.len() == items.len());
        let Some(there) = there else {
            return Some(format!("{path} is {}, not {want}", show(got)));
        };
        return items
            .iter()
            .enumerate()
            .find_map(|(at, inner)| mismatch(there.get(at), inner, &format!("{path}[{at}]"), whole));
    }
    // Rust has one word for what is `null` and for what was left out.
    let none = want.is_null() && got.is_none();
    (!none && got != Some(want)).then(|| format!("{path} is {}, not {want}", show(got)))
}

fn show(got: Option<&Value>) -> String {
    got.map_or_else(|| "not there".to_owned(), |value| value.to_string().chars().take(300).collect())
}

fn matcher(name: &str, got: Option<&Value>, want: &Value) -> bool {
    let Some(got) = got else { return name == "$absent" };
    match name {
        "$type" => match want.as_str().unwrap() {
            "string" => got.is_string(),
            "number" => got.is_number(),
            "boolean" => got.is_boolean(),
            "object" => got.is_object(),
            "array" => got.is_array(),
            other => panic!("there is no type {other}"),
        },
        "$matches" => {
            got.as_str().is_some_and(|text| Regex::new(want.as_str().unwrap()).unwrap().is_match(text))
        }
        "$gte" => got.as_f64().is_some_and(|number| number >= want.as_f64().unwrap()),
        "$oneOf" => want.as_array().unwrap().contains(got),
        "$length" => got.as_array().is_some_and(|items| items.len() as u64 == want.as_u64().unwrap()),
        "$contains" => {
            let fits = |one: &Value| mismatch(Some(one), want, "", false).is_none();
            got.as_array().is_some_and(|items| items.iter().any(fits))
        }
        "$absent" => false,
        other => panic!("there is no matcher {other}"),
    }
}
