//! The exchange vectors.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use vinr_sdk::{Pause, Vinr};

use crate::calling::{Arguments, Outcome, is_class, told};
use crate::files;
use crate::generated::dispatch::made;
use crate::matching::mismatch;
use crate::scripted::{Came, ScriptedServer, free_port};

const KEY: &str = "sk_test_conformance";

/// What a client is made with in a vector, at this port.
fn client(vector: &Value, port: u16, pause: Pause) -> Vinr {
    let mut builder = Vinr::builder(KEY).base_url(format!("http://127.0.0.1:{port}")).pause(pause);
    if let Some(retries) = vector["client"]["maxRetries"].as_u64() {
        builder = builder.max_retries(retries.try_into().unwrap());
    }
    if let Some(limit) = vector["client"]["timeoutMs"].as_u64() {
        builder = builder.timeout(Duration::from_millis(limit));
    }
    builder.build().unwrap()
}

/// Runs one; what is wrong.
async fn run(vector: &Value) -> Option<String> {
    let server = ScriptedServer::new(&vector["server"]);
    let refused = usize::try_from(vector["refused"].as_u64().unwrap_or(0)).unwrap();
    let port = if refused > 0 { free_port().await } else { server.listen(0).await };
    let pauses: Arc<Mutex<Vec<Duration>>> = Arc::default();
    let script = vector["server"].as_array().unwrap().len();
    let (kept, opening) = (Arc::clone(&pauses), server.clone());
    let pause = Pause::new(move |time| {
        let count = {
            let mut kept = kept.lock().unwrap();
            kept.push(time);
            kept.len()
        };
        let opening = opening.clone();
        Box::pin(async move {
            if count == refused && script > 0 {
                opening.listen(port).await;
            }
        })
    });
    let vinr = client(vector, port, pause);
    let mut arguments = Arguments::new(&vector["args"], &vector["options"]);
    if vector["items"].is_array() {
        let take = vector["take"].as_u64().map_or(usize::MAX, |most| most.try_into().unwrap());
        arguments = arguments.reading(take);
    }
    let call = vector["call"].as_str().unwrap();
    let outcome = made(&vinr, call, arguments).unwrap_or_else(|| panic!("there is no {call}")).await;
    let wrong = outcome_is(&outcome, vector)
        .or_else(|| came_is(&server.came(), vector))
        .or_else(|| pauses_are(&pauses.lock().unwrap(), &vector["pauses"]));
    server.close();
    wrong
}

fn outcome_is(outcome: &Outcome, vector: &Value) -> Option<String> {
    let wanted = &vector["error"];
    match (&outcome.error, wanted.is_object()) {
        (Some(error), true) => {
            let class = wanted["class"].as_str().unwrap();
            if !is_class(error, class) {
                return Some(format!("it failed with {error:?}, and not {class}"));
            }
            let mut fields = wanted.clone();
            fields.as_object_mut().unwrap().remove("class");
            if let Some(wrong) = mismatch(Some(&told(error)), &fields, "error", false) {
                return Some(wrong);
            }
        }
        (Some(error), false) => return Some(format!("it failed with {error:?}")),
        (None, true) => return Some("it did not fail".to_owned()),
        (None, false) => {}
    }
    if !vector["result"].is_null() {
        return mismatch(Some(&outcome.result), &vector["result"], "result", false);
    }
    let items = Value::from(outcome.items.clone());
    let wanted = vector["items"].is_array().then_some(&vector["items"]);
    wanted.and_then(|wanted| mismatch(Some(&items), wanted, "items", false))
}

fn came_is(came: &[Came], vector: &Value) -> Option<String> {
    let script = vector["server"].as_array().unwrap();
    if came.len() != script.len() {
        let shown: Vec<_> = came.iter().map(Came::shown).collect();
        return Some(format!("{} requests, not {}: {shown:?}", came.len(), script.len()));
    }
    if let Some(wrong) = came.iter().zip(script).find_map(|(got, entry)| request_is(got, &entry["request"])) {
        return Some(wrong);
    }
    let posts: Vec<&Came> = came.iter().filter(|one| one.method == "POST").collect();
    for name in vector["sameHeaders"].as_array().into_iter().flatten() {
        let name = name.as_str().unwrap();
        if posts.iter().any(|one| one.headers.get(name) != posts[0].headers.get(name)) {
            return Some(format!("{name} differs"));
        }
    }
    let same = vector["sameBody"] != true || posts.iter().all(|one| one.text == posts[0].text);
    (!same).then(|| "bodies differ".to_owned())
}

fn request_is(got: &Came, want: &Value) -> Option<String> {
    let mut line = want.as_object().cloned().unwrap_or_default();
    line.retain(|name, _| name == "method" || name == "path");
    if let Some(wrong) = mismatch(Some(&got.shown()), &Value::Object(line), "request", false) {
        return Some(wrong);
    }
    let headers = json!(got.headers);
    if want["headers"].is_object()
        && let Some(wrong) = mismatch(Some(&headers), &want["headers"], "headers", false)
    {
        return Some(wrong);
    }
    for name in want["absentHeaders"].as_array().into_iter().flatten() {
        if got.headers.contains_key(name.as_str().unwrap()) {
            return Some(format!("{name} was sent"));
        }
    }
    let query = Value::Object(got.query.clone());
    if want["query"].is_object()
        && let Some(wrong) = mismatch(Some(&query), &want["query"], "query", true)
    {
        return Some(wrong);
    }
    want.get("body")?;
    let body: Value = serde_json::from_str(&got.text).unwrap_or_default();
    mismatch(Some(&body), &want["body"], "body", true)
}

fn pauses_are(got: &[Duration], want: &Value) -> Option<String> {
    let ranges = want.as_array().cloned().unwrap_or_default();
    let inside = |(time, range): (&Duration, &Value)| {
        let ms = time.as_secs_f64() * 1000.0;
        ms >= range[0].as_f64().unwrap() && ms <= range[1].as_f64().unwrap() + 0.001
    };
    let fits = got.len() == ranges.len() && got.iter().zip(&ranges).all(inside);
    (!fits).then(|| format!("paused for {got:?}, not {want}"))
}

/// Runs a file of vectors; so many ran.
async fn all(file: &str) -> usize {
    let vectors = files::json(&format!("sdks/conformance/vectors/{file}.json"));
    let cases = vectors["cases"].as_array().unwrap();
    let mut wrong = Vec::new();
    for vector in cases {
        let limited = tokio::time::timeout(Duration::from_secs(20), run(vector)).await;
        if let Some(why) = limited.unwrap_or_else(|_| Some("it hangs".to_owned())) {
            wrong.push(format!("{}: {why}", vector["name"]));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
    cases.len()
}

#[tokio::test]
async fn answers_become_the_errors_that_they_are() {
    assert!(all("errors").await >= 25);
}

#[tokio::test]
async fn requests_look_as_they_should() {
    assert!(all("requests").await >= 24);
}

#[tokio::test]
async fn requests_carry_names_and_keep_them() {
    assert!(all("idempotency").await >= 7);
}

#[tokio::test]
async fn what_is_safe_is_sent_again_and_charges_are_looked_up() {
    assert!(all("retries").await >= 50);
}

#[tokio::test]
async fn lists_are_read_to_their_end() {
    assert!(all("pagination").await >= 14);
}
