//! The webhook vectors: which posts are believed.

use std::time::Duration;

use serde_json::Value;
use vinr_sdk::{Vinr, VinrError};

use crate::calling::{is_class, shown, told};
use crate::files;
use crate::matching::mismatch;

fn opened(vinr: &Vinr, body: &str, case: &Value) -> Result<Value, VinrError> {
    let tolerance = Duration::from_secs(case["toleranceSeconds"].as_u64().unwrap_or(300));
    let (secret, now) = (case["secret"].as_str().unwrap(), case["now"].as_i64().unwrap());
    let event = match &case["signature"] {
        Value::String(header) => {
            vinr.webhooks().construct_event_at(body.as_bytes(), header, secret, tolerance, now)
        }
        headers => {
            let first = |value: &Value| value.as_str().or(value[0].as_str()).unwrap_or_default().to_owned();
            let pairs: Vec<(String, String)> = headers
                .as_object()
                .unwrap()
                .iter()
                .map(|(name, value)| (name.clone(), first(value)))
                .collect();
            let pairs = pairs.iter().map(|(name, value)| (name.as_str(), value.as_str()));
            vinr.webhooks().construct_event_from_headers_at(body.as_bytes(), pairs, secret, tolerance, now)
        }
    };
    event.map(|event| shown(&event))
}

#[test]
fn posts_are_believed_when_they_are_the_platforms_and_fresh() {
    let vectors = files::json("sdks/conformance/vectors/webhooks.json");
    let vinr = Vinr::builder("sk_test_conformance").base_url("http://127.0.0.1:1").build().unwrap();
    let cases = vectors["cases"].as_array().unwrap();
    let mut wrong = Vec::new();
    for case in cases {
        let body = vectors["bodies"][case["body"].as_str().unwrap()].as_str().unwrap();
        let why = match (opened(&vinr, body, case), case["error"].is_object()) {
            (Ok(event), false) => mismatch(Some(&event), &case["event"], "event", false),
            (Err(error), true) if is_class(&error, case["error"]["class"].as_str().unwrap()) => {
                let mut fields = case["error"].clone();
                fields.as_object_mut().unwrap().remove("class");
                mismatch(Some(&told(&error)), &fields, "error", false)
            }
            (other, _) => Some(format!("{other:?}")),
        };
        wrong.extend(why.map(|why| format!("{}: {why}", case["name"])));
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
    assert!(cases.len() >= 35);
}
