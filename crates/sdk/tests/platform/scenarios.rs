//! The shared scenarios, against the real platform.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;
use tokio::time::{Instant, sleep};
use vinr_sdk::Vinr;

use crate::calling::{Arguments, Outcome, is_class, told};
use crate::files;
use crate::generated::dispatch::made;
use crate::matching::mismatch;
use crate::program::Running;

/// What earlier steps saved.
type Memory = BTreeMap<String, Value>;

fn looked_up(memory: &Memory, path: &str) -> Value {
    if let Some(found) = memory.get(path) {
        return found.clone();
    }
    let mut parts = path.split('.');
    let first = memory.get(parts.next().unwrap()).cloned().unwrap_or_default();
    let found = parts.fold(first, |value, part| match part.parse::<usize>() {
        Ok(at) if value.is_array() => value[at].clone(),
        _ => value[part].clone(),
    });
    assert!(!found.is_null(), "nothing is remembered as {path}");
    found
}

/// The same value with every `${…}` in it read from what is remembered.
fn filled(value: &Value, memory: &Memory) -> Value {
    match value {
        Value::String(text) => {
            let whole = text.strip_prefix("${").and_then(|rest| rest.strip_suffix('}'));
            if let Some(path) = whole.filter(|path| !path.contains("${")) {
                return looked_up(memory, path);
            }
            let mut written = text.clone();
            while let Some(at) = written.find("${") {
                let end = at + written[at..].find('}').unwrap();
                let found = looked_up(memory, &written[at + 2..end]);
                written.replace_range(at..=end, found.as_str().unwrap_or(&found.to_string()));
            }
            Value::String(written)
        }
        Value::Array(items) => items.iter().map(|one| filled(one, memory)).collect(),
        Value::Object(fields) => {
            fields.iter().map(|(name, inner)| (name.clone(), filled(inner, memory))).collect()
        }
        other => other.clone(),
    }
}

async fn call(vinr: &Vinr, step: &Value) -> Outcome {
    let name = step["call"].as_str().unwrap();
    let mut arguments = Arguments::new(&step["args"], &step["options"]);
    let take = step["take"].as_u64();
    if let Some(most) = take {
        arguments = arguments.reading(most.try_into().unwrap());
    }
    let mut outcome = made(vinr, name, arguments).unwrap_or_else(|| panic!("there is no {name}")).await;
    if take.is_some() {
        outcome.result = Value::from(outcome.items.clone());
    }
    outcome
}

async fn until(vinr: &Vinr, step: &Value) -> Result<Value, String> {
    let deadline = Instant::now() + Duration::from_millis(step["withinMs"].as_u64().unwrap_or(10_000));
    loop {
        let outcome = call(vinr, step).await;
        if let Some(error) = outcome.error {
            return Err(format!("{error:?}"));
        }
        let Some(missed) = mismatch(Some(&outcome.result), &step["until"], "it", false) else {
            return Ok(outcome.result);
        };
        if Instant::now() > deadline {
            return Err(format!("not in time: {missed}"));
        }
        // The world outside cannot be advanced, only asked.
        sleep(Duration::from_millis(100)).await;
    }
}

async fn play(vinr: &Vinr, given: &Value, memory: &mut Memory) -> Result<(), String> {
    if let Some(paths) = given["same"].as_array() {
        let [one, other] = [0, 1].map(|at| looked_up(memory, paths[at].as_str().unwrap()));
        return if one == other { Ok(()) } else { Err(format!("{one} is not {other}")) };
    }
    let step = filled(given, memory);
    if step["error"].is_object() {
        let Some(error) = call(vinr, &step).await.error else { return Err("it did not fail".to_owned()) };
        let mut fields = step["error"].clone();
        let class = fields.as_object_mut().unwrap().remove("class").unwrap();
        if !is_class(&error, class.as_str().unwrap()) {
            return Err(format!("{error:?} is no {class}"));
        }
        return mismatch(Some(&told(&error)), &fields, "error", false).map_or(Ok(()), Err);
    }
    let got = if step["until"].is_object() {
        until(vinr, &step).await?
    } else {
        let outcome = call(vinr, &step).await;
        if let Some(error) = outcome.error {
            return Err(format!("{error:?}"));
        }
        outcome.result
    };
    if let Some(name) = step["save"].as_str() {
        memory.insert(name.to_owned(), got.clone());
    }
    if !step["count"].is_null() {
        let count = Value::from(got.as_array().unwrap().len());
        if let Some(wrong) = mismatch(Some(&count), &step["count"], "how many", false) {
            return Err(wrong);
        }
    }
    let wanted = (!step["expect"].is_null()).then_some(&step["expect"]);
    wanted.and_then(|wanted| mismatch(Some(&got), wanted, "it", false)).map_or(Ok(()), Err)
}

async fn scenario(dev: &Running, scenario: &Value, nth: usize) -> Result<(), String> {
    let key = scenario["client"]["secretKey"].as_str().unwrap_or(dev.text("secretKey"));
    let vinr = Vinr::builder(key).base_url(dev.text("api")).build().unwrap();
    let uuid = format!("0197a000-0000-7000-8000-{nth:012x}");
    let mut memory = Memory::from([
        ("terminal".to_owned(), dev.ready["terminalId"].clone()),
        ("unique".to_owned(), Value::from(format!("r_{uuid}"))),
        ("unique.uuid".to_owned(), Value::from(uuid)),
    ]);
    for step in scenario["steps"].as_array().unwrap() {
        play(&vinr, step, &mut memory).await.map_err(|why| format!("{step}: {why}"))?;
    }
    Ok(())
}

#[tokio::test]
async fn scenarios_play_as_they_are_written() {
    let dev = Running::dev().await;
    let file = files::json("sdks/conformance/scenarios.json");
    let scenarios = file["scenarios"].as_array().unwrap();
    let mut wrong = Vec::new();
    for (nth, one) in scenarios.iter().enumerate() {
        if let Err(why) = scenario(&dev, one, nth).await {
            wrong.push(format!("{}: {why}", one["name"]));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), scenarios.len(), wrong.join("\n"));
    assert!(scenarios.len() >= 38, "{}", scenarios.len());
}
