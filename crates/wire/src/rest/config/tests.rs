//! Bad input key by key, levels upon each other, and what no level can do.

use proptest::prelude::*;
use serde_json::{Value, json};
use vinr_domain::{Currency, Model};

use super::*;
use crate::rest::body::{FieldError, decode};

fn json_patch(body: &Value) -> Result<Patch, FieldError> {
    read("application/json", &body.to_string())
}

fn read(content_type: &str, body: &str) -> Result<Patch, FieldError> {
    match decode::<TerminalConfig>(Some(content_type), body.as_bytes()) {
        Ok(config) => config.validate(),
        Err(crate::rest::body::BodyError::Field(field)) => Err(field),
        Err(other) => panic!("{other}"),
    }
}

fn level(body: &Value) -> Level {
    json_patch(body).unwrap().alone()
}

fn device(model: Model) -> Device {
    Device { model: Some(model), currency: Currency::parse("USD").ok() }
}

fn resolved(account: &Value, location: &Value, terminal: &Value, cap: Cap, device: Device) -> Effective {
    let (account, location, terminal) = (level(account), level(location), level(terminal));
    resolve(&Levels { account: &account, location: &location, terminal: &terminal }, cap, device)
}

fn says(effective: &Effective, key: Key) -> (Value, Source) {
    let resolved = effective.get(key).unwrap();
    (resolved.value.clone(), resolved.source)
}

#[test]
fn the_documented_body_is_read_from_json_and_from_a_form() {
    let body = json!({
        "tip": {"mode": "percentage", "suggestions": [10, 15, 20]},
        "receipt": {"channels": ["print", "sms"], "requireConsent": true},
        "display": {"idleMessage": "Welcome to Acme Coffee"},
        "offlineMode": {"enabled": true, "maxAmount": 5000, "maxQueue": 50},
    });
    assert_eq!(level(&body).to_json(), body);
    let form = "tip[mode]=percentage&tip[suggestions][]=10&tip[suggestions][]=15&tip[suggestions][]=20\
        &receipt[channels][]=print&receipt[channels][]=sms&receipt[requireConsent]=true\
        &display[idleMessage]=Welcome+to+Acme+Coffee\
        &offlineMode[enabled]=true&offlineMode[maxAmount]=5000&offlineMode[maxQueue]=50";
    let from_form = read("application/x-www-form-urlencoded", form).unwrap().alone();
    assert_eq!(from_form.to_json(), body);
    assert_eq!(Level::from_json(&body), from_form);
}

#[test]
fn every_bad_value_is_refused_by_its_path() {
    let long = "x".repeat(61);
    for (body, param) in [
        (json!({"tips": {}}), "tips"),
        (json!({"tip": {"mod": "fixed"}}), "tip[mod]"),
        (json!({"tip": []}), "tip"),
        (json!({"tip": {"mode": "percent"}}), "tip[mode]"),
        (json!({"tip": {"suggestions": [1, 2, 3, 4, 5]}}), "tip[suggestions]"),
        (json!({"tip": {"suggestions": [10, 0]}}), "tip[suggestions][1]"),
        (json!({"tip": {"suggestions": [10, "20"]}}), "tip[suggestions][1]"),
        (json!({"tip": {"suggestions": 10}}), "tip[suggestions]"),
        (json!({"tip": {"allowCustom": "yes"}}), "tip[allowCustom]"),
        (json!({"receipt": {"channels": ["fax"]}}), "receipt[channels][0]"),
        (json!({"receipt": {"channels": ["sms", "sms"]}}), "receipt[channels][1]"),
        (json!({"receipt": {"requireConsent": 1}}), "receipt[requireConsent]"),
        (json!({"display": {"idleMessage": long}}), "display[idleMessage]"),
        (json!({"display": {"idleMessage": "a\nb"}}), "display[idleMessage]"),
        (json!({"offlineMode": {"enabled": "true"}}), "offlineMode[enabled]"),
        (json!({"offlineMode": {"maxAmount": 0}}), "offlineMode[maxAmount]"),
        (json!({"offlineMode": {"maxAmount": 100_000_000}}), "offlineMode[maxAmount]"),
        (json!({"offlineMode": {"maxAmount": 1.5}}), "offlineMode[maxAmount]"),
        (json!({"offlineMode": {"maxQueue": 10_001}}), "offlineMode[maxQueue]"),
        (json!({"offlineMode": {"maxTotal": -1}}), "offlineMode[maxTotal]"),
        (json!({"offlineMode": {"maxAgeSeconds": 86_401}}), "offlineMode[maxAgeSeconds]"),
        (json!({"localApi": {"plainHttp": 0}}), "localApi[plainHttp]"),
        (json!({"cashlessApi": {"on": true}}), "cashlessApi[on]"),
    ] {
        let error = json_patch(&body).unwrap_err();
        assert_eq!(error.param.as_deref(), Some(param), "{body}");
    }
}

#[test]
fn null_takes_a_key_or_a_section_away_and_what_is_left_out_stays() {
    let old =
        level(&json!({"tip": {"mode": "fixed", "suggestions": [100]}, "display": {"idleMessage": "Hi"}}));
    let patch = json_patch(&json!({"tip": {"suggestions": null, "allowCustom": true}})).unwrap();
    let expected = json!({"tip": {"mode": "fixed", "allowCustom": true}, "display": {"idleMessage": "Hi"}});
    assert_eq!(patch.on(&old).to_json(), expected);
    let patch = json_patch(&json!({"tip": null})).unwrap();
    assert_eq!(patch.on(&old).to_json(), json!({"display": {"idleMessage": "Hi"}}));
    assert!(patch.alone().is_empty());
}

#[test]
fn the_narrowest_level_decides_key_by_key() {
    let effective = resolved(
        &json!({"display": {"idleMessage": "Acme"}, "tip": {"mode": "percentage", "suggestions": [10]}}),
        &json!({"receipt": {"channels": ["sms"]}, "tip": {"suggestions": [5, 10]}}),
        &json!({"receipt": {"requireConsent": true}}),
        Cap::default(),
        device(Model::NexgoN92),
    );
    assert_eq!(says(&effective, Key::DisplayIdleMessage), (json!("Acme"), Source::Account));
    assert_eq!(says(&effective, Key::TipSuggestions), (json!([5, 10]), Source::Location));
    assert_eq!(says(&effective, Key::TipMode), (json!("percentage"), Source::Account));
    assert_eq!(says(&effective, Key::ReceiptChannels), (json!(["sms"]), Source::Location));
    assert_eq!(says(&effective, Key::ReceiptRequireConsent), (json!(true), Source::Terminal));
    assert_eq!(says(&effective, Key::OfflineEnabled), (json!(false), Source::ModelDefault));
    assert_eq!(says(&effective, Key::OfflineMaxAmount), (json!(10_000), Source::ModelDefault));
    assert_eq!(says(&effective, Key::OfflineMaxQueue), (json!(5), Source::ModelDefault));
    assert_eq!(says(&effective, Key::OfflineMaxTotal), (json!(50_000), Source::ModelDefault));
    assert_eq!(says(&effective, Key::OfflineMaxAge), (json!(14_400), Source::ModelDefault));
    assert_eq!(effective.to_device_json()["offlineMode"]["maxQueue"], json!(5));
}

#[test]
fn percentages_never_become_amounts() {
    let account = json!({"tip": {"mode": "percentage", "suggestions": [10, 15]}});
    let effective = resolved(
        &account,
        &json!({}),
        &json!({"tip": {"mode": "fixed"}}),
        Cap::default(),
        device(Model::NexgoN92),
    );
    assert_eq!(says(&effective, Key::TipSuggestions), (json!([]), Source::Account));
    assert!(effective.get(Key::TipSuggestions).unwrap().note.is_some());
    let (none, location) = (Level::default(), level(&json!({"tip": {"suggestions": [5, 500]}})));
    let levels = Levels { account: &none, location: &location, terminal: &none };
    let refused = check_level(&levels, Source::Location).unwrap_err();
    assert_eq!(refused.param.as_deref(), Some("tip[suggestions][1]"));
    let fixed = level(&json!({"tip": {"mode": "fixed"}}));
    assert_eq!(check_level(&Levels { account: &fixed, ..levels }, Source::Location), Ok(()));
}

#[test]
fn a_model_that_cannot_take_payments_offline_never_does() {
    let on = json!({"offlineMode": {"enabled": true, "maxAmount": 100, "maxQueue": 1}});
    let cm30 = device(Model::CiontekCm30);
    let effective = resolved(&on, &on, &json!({}), Cap::default(), cm30);
    assert_eq!(says(&effective, Key::OfflineEnabled), (json!(false), Source::ModelDefault));
    assert!(effective.get(Key::OfflineEnabled).unwrap().note.is_some());
    assert_eq!(says(&effective, Key::OfflineMaxAmount), (Value::Null, Source::ModelDefault));
    assert!(effective.to_device_json()["offlineMode"].get("maxAmount").is_none());
    let (none, terminal) = (Level::default(), level(&on));
    let levels = Levels { account: &none, location: &none, terminal: &terminal };
    assert_eq!(check_terminal(&levels, cm30.model), Err(Refused::OfflineNotSupported));
    assert_eq!(check_terminal(&levels, None), Err(Refused::OfflineNotSupported));
    assert_eq!(check_terminal(&levels, Some(Model::NexgoCt20)), Ok(()));
}

#[test]
fn paper_needs_a_printer() {
    let paper = json!({"receipt": {"channels": ["print", "email"]}});
    let bare = device(Model::NexgoN86pro);
    let effective = resolved(&json!({}), &paper, &json!({}), Cap::default(), bare);
    assert_eq!(says(&effective, Key::ReceiptChannels), (json!(["email"]), Source::Location));
    assert_eq!(
        says(&resolved(&json!({}), &json!({}), &json!({}), Cap::default(), bare), Key::ReceiptChannels),
        (json!([]), Source::ModelDefault)
    );
    let (none, terminal) = (Level::default(), level(&paper));
    let levels = Levels { account: &none, location: &none, terminal: &terminal };
    let Err(Refused::Field(field)) = check_terminal(&levels, bare.model) else { panic!("taken") };
    assert_eq!(field.param.as_deref(), Some("receipt[channels]"));
}

#[test]
fn the_cap_bounds_what_was_configured_and_what_was_not() {
    let cap = Cap { max_amount_minor: Some(2_000), max_queue: Some(3), max_total_minor: None };
    let on = json!({"offlineMode": {"enabled": true, "maxAmount": 5_000, "maxQueue": 2, "maxTotal": 9_000}});
    let effective = resolved(&json!({}), &on, &json!({}), cap, device(Model::NexgoN92));
    assert_eq!(says(&effective, Key::OfflineMaxAmount), (json!(2_000), Source::AccountCap));
    assert_eq!(says(&effective, Key::OfflineMaxQueue), (json!(2), Source::Location));
    assert_eq!(says(&effective, Key::OfflineMaxTotal), (json!(6_000), Source::AccountCap));
    let effective = resolved(&json!({}), &json!({}), &json!({}), cap, device(Model::NexgoN92));
    assert_eq!(says(&effective, Key::OfflineMaxQueue), (json!(3), Source::AccountCap));
    let total = |most, max_total_minor| {
        let cap = Cap { max_amount_minor: most, max_queue: None, max_total_minor };
        says(&resolved(&json!({}), &on, &json!({}), cap, device(Model::NexgoN92)), Key::OfflineMaxTotal)
    };
    assert_eq!(total(None, Some(8_999)), (json!(8_999), Source::AccountCap), "less than the location allows");
    assert_eq!(total(Some(2_000), Some(9_000)), (json!(9_000), Source::Location));
}

#[test]
fn default_limits_are_dollars_and_no_other_currency_borrows_them() {
    let euro = Device { currency: Currency::parse("EUR").ok(), ..device(Model::NexgoN92) };
    let on = json!({"offlineMode": {"enabled": true}});
    let effective = resolved(&json!({}), &on, &json!({}), Cap::default(), euro);
    assert_eq!(says(&effective, Key::OfflineEnabled), (json!(false), Source::ModelDefault));
    assert_eq!(says(&effective, Key::OfflineMaxAmount), (Value::Null, Source::ModelDefault));
    let on = json!({"offlineMode": {"enabled": true, "maxAmount": 100, "maxQueue": 1}});
    let effective = resolved(&json!({}), &on, &json!({}), Cap::default(), euro);
    assert_eq!(says(&effective, Key::OfflineEnabled), (json!(true), Source::Location));
}

#[test]
fn a_difference_names_the_key_and_both_sides() {
    let before = resolved(&json!({}), &json!({}), &json!({}), Cap::default(), device(Model::NexgoN92));
    let hello = json!({"display": {"idleMessage": "Hi"}});
    let after = resolved(&json!({}), &hello, &json!({}), Cap::default(), device(Model::NexgoN92));
    let written = serde_json::to_value(changes(&before, &after)).unwrap();
    assert_eq!(
        written,
        json!([{
            "key": "display[idleMessage]",
            "from": {"value": "", "source": "model_default"},
            "to": {"value": "Hi", "source": "location"},
        }])
    );
    assert_eq!(changes(&after, &after), []);
}

#[test]
fn progress_counts_all_and_shows_a_page() {
    let state = |id: &str, status| ConfigState {
        terminal_id: id.into(),
        version: 2,
        applied_version: Some(1),
        applied_at: Some(7),
        status,
        error: None,
    };
    let states = vec![
        state("term_c", ConfigStatus::Failed),
        state("term_a", ConfigStatus::InSync),
        state("term_b", ConfigStatus::Pending),
    ];
    let page = serde_json::to_value(progress("loc_1".into(), states, Some("term_a"), 1)).unwrap();
    assert_eq!((&page["applied"], &page["pending"], &page["failed"]), (&json!(1), &json!(1), &json!(1)));
    assert_eq!((&page["data"][0]["terminalId"], &page["has_more"]), (&json!("term_b"), &json!(true)));
    assert_eq!(page["data"].as_array().unwrap().len(), 1);
}

fn some_level() -> impl Strategy<Value = Value> {
    let key = |name: &'static str, value: BoxedStrategy<Value>| {
        prop::option::of(value).prop_map(move |value| (name, value))
    };
    let amount =
        || prop::sample::select(vec![1_i64, 99, 101, 5_000, 99_999_999]).prop_map(Value::from).boxed();
    let flag = || any::<bool>().prop_map(Value::from).boxed();
    let list = prop::collection::vec(amount(), 0..4).prop_map(Value::from).boxed();
    let mode = prop::sample::select(vec!["fixed", "percentage"]).prop_map(Value::from).boxed();
    let sections = (
        (key("mode", mode), key("suggestions", list), key("allowCustom", flag())),
        (key("enabled", flag()), key("maxAmount", amount()), key("maxTotal", amount())),
    );
    sections.prop_map(|(tip, offline)| {
        let section = |keys: [(&str, Option<Value>); 3]| -> Value {
            keys.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
        };
        json!({"tip": section([tip.0, tip.1, tip.2]), "offlineMode": section([offline.0, offline.1, offline.2])})
    })
}

proptest! {
    #[test]
    fn whatever_the_levels_say_what_holds_is_within_every_bound(
        account in some_level(), location in some_level(), terminal in some_level(),
        most in prop::option::of(1_i64..10_000), model in prop::sample::select(Model::ALL.to_vec()),
    ) {
        let cap = Cap { max_amount_minor: most, max_queue: Some(7), max_total_minor: most.map(|most| most + 1) };
        let effective = resolved(&account, &location, &terminal, cap, device(model));
        for key in Key::ALL {
            prop_assert!(effective.get(*key).is_some());
        }
        let value = |key| effective.get(key).unwrap().value.clone();
        if value(Key::OfflineEnabled) == json!(true) {
            prop_assert!(model != Model::CiontekCm30);
            let amount = value(Key::OfflineMaxAmount).as_i64().unwrap();
            prop_assert!(most.is_none_or(|most| amount <= most));
            prop_assert!(value(Key::OfflineMaxQueue).as_i64().unwrap() <= 7);
            let total = value(Key::OfflineMaxTotal).as_i64().unwrap();
            prop_assert!(most.is_none_or(|most| total <= most + 1));
        }
        if value(Key::TipMode) == json!("percentage") {
            let list = value(Key::TipSuggestions);
            prop_assert!(list.as_array().unwrap().iter().all(|one| one.as_i64().unwrap() <= 100));
        }
        let again = Level::from_json(&level(&location).to_json());
        prop_assert_eq!(again, level(&location));
    }
}
