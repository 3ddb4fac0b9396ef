//! The shared vectors of hybrid mode, held against the function that decides.

use serde_json::{Map, Value, json};

use super::{Action, Event, Phase, Save, State, Step, Thrown, Written, decide};

const PHASES: [(&str, Phase); 8] = [
    ("new", Phase::New),
    ("local", Phase::Local),
    ("acknowledged", Phase::Acknowledged),
    ("asking", Phase::Asking),
    ("cloud", Phase::Cloud),
    ("looking_local", Phase::LookingLocal),
    ("looking_cloud", Phase::LookingCloud),
    ("done", Phase::Done),
];

fn state(told: &Value) -> State {
    let phase = PHASES.iter().find(|(name, _)| told["phase"] == *name).unwrap().1;
    State { phase, sent: told["sent"] == true, absent: told["absent"] == true, ended: told["final"] == true }
}

fn shown(state: State) -> Value {
    let mut fields = Map::new();
    fields.insert("phase".into(), json!(PHASES.iter().find(|(_, phase)| *phase == state.phase).unwrap().0));
    for (name, flag) in [("sent", state.sent), ("absent", state.absent), ("final", state.ended)] {
        if flag {
            fields.insert(name.into(), json!(true));
        }
    }
    Value::Object(fields)
}

fn event(told: &Value) -> Event {
    let text = |name: &str| told[name].as_str().unwrap_or_default().to_owned();
    let record = serde_json::from_value::<Option<Written>>(told["record"].clone()).unwrap();
    let sent = told["sent"] == true;
    match told["type"].as_str().unwrap() {
        "create" => Event::Create(record),
        "resolve" => Event::Resolve(record),
        "head" => Event::Head,
        "body_lost" => Event::BodyLost,
        "local_absent" => Event::LocalAbsent,
        "cloud_absent" => Event::CloudAbsent,
        "asked_long_enough" => Event::AskedLongEnough,
        "local_payment" => Event::LocalPayment(text("status")),
        "cloud_payment" => Event::CloudPayment(text("status")),
        "late_local_answer" => Event::LateLocalAnswer,
        "local_failed" => Event::LocalFailed { layer: text("layer").leak(), sent },
        "local_refused" => Event::LocalRefused { code: text("code") },
        "cloud_refused" => Event::CloudRefused,
        "cloud_failed" => Event::CloudFailed { sent },
        "aborted" => Event::Aborted { sent },
        other => panic!("there is no event {other}"),
    }
}

fn told(step: Step) -> Value {
    let mut fields = Map::new();
    let mut put = |name: &str, value: Option<Value>| value.map(|value| fields.insert(name.into(), value));
    put("next", Some(shown(step.next)));
    let action = match step.action {
        Action::SendLocal => "send_local",
        Action::WaitBody => "wait_body",
        Action::AskLocal => "ask_local",
        Action::SendCloud => "send_cloud",
        Action::AskCloud => "ask_cloud",
        Action::Return => "return",
        Action::Throw => "throw",
        Action::Ignore => "ignore",
    };
    put("action", Some(json!(action)));
    put(
        "save",
        step.save.map(|save| match save {
            Save::As(written) => json!(written),
            Save::Erased => json!("erased"),
        }),
    );
    put("told", step.told.map(Value::from));
    put("connectionMode", step.mode.map(Value::from));
    put(
        "throw",
        step.thrown.map(|thrown| match thrown {
            Thrown::Given { outcome_unknown } => {
                json!({ "error": "given", "outcomeUnknown": outcome_unknown })
            }
            Thrown::OutcomeUnknown => json!({ "error": "outcome_unknown", "outcomeUnknown": true }),
            Thrown::PaymentNotFound => json!({ "error": "payment_not_found", "outcomeUnknown": false }),
        }),
    );
    Value::Object(fields)
}

#[test]
fn every_case_of_the_shared_vectors_is_decided_as_it_is_written() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../sdks/conformance/vectors/hybrid.json");
    let vectors: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let cases = vectors["cases"].as_array().unwrap();
    let mut wrong = Vec::new();
    for case in cases {
        let mut want = case.as_object().unwrap().clone();
        want.retain(|name, _| !["name", "state", "event"].contains(&name.as_str()));
        let got = decide(state(&case["state"]), &event(&case["event"])).map(told);
        if got != Some(Value::Object(want.clone())) {
            wrong.push(format!("{}: {got:?}, not {want:?}", case["name"]));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
    assert!(cases.len() >= 82, "{}", cases.len());
}
