//! Levels over HTTP, what holds and why, and how terminals get it.

use serde_json::json;

use super::device::Device;
use super::office::{KEY, OPERATOR, OTHER, Office, pass};

const CONFIGURE: &str = "/v1/terminals/term_a/configure";
const EFFECTIVE: &str = "/v1/terminals/term_a/effective-config";
const AT_LOCATION: &str = "/v1/locations/loc_main/terminal-config";
const OF_ACCOUNT: &str = "/v1/account/terminal-config";

async fn office() -> Office {
    let office = Office::open().await;
    office.register("term_a", "nexgo_n92").await;
    office
}

#[tokio::test(start_paused = true)]
async fn the_documented_body_answers_the_terminal_and_holds() {
    let office = office().await;
    let body = r#"{
      "tip": {"mode": "percentage", "suggestions": [10, 15, 20]},
      "receipt": {"channels": ["print", "sms"], "requireConsent": true},
      "display": {"idleMessage": "Welcome to Acme Coffee"},
      "offlineMode": {"enabled": true, "maxAmount": 5000, "maxQueue": 50}
    }"#;
    let terminal = office.post(CONFIGURE, body).await.ok();
    assert_eq!((&terminal["id"], &terminal["object"]), (&json!("term_a"), &json!("terminal")));
    let effective = office.get(EFFECTIVE).await.ok();
    assert_eq!(effective["object"], "terminal_effective_config");
    let value = |section: &str, key: &str| effective["config"][section][key].clone();
    assert_eq!(value("tip", "suggestions"), json!({"value": [10, 15, 20], "source": "terminal"}));
    assert_eq!(value("offlineMode", "maxQueue"), json!({"value": 50, "source": "terminal"}));
    assert_eq!(value("offlineMode", "maxAgeSeconds"), json!({"value": 14400, "source": "model_default"}));
    assert_eq!(effective["status"], "pending");
    assert_eq!((&effective["appliedVersion"], &effective["appliedAt"]), (&json!(null), &json!(null)));
}

#[tokio::test(start_paused = true)]
async fn a_connected_terminal_is_told_at_once_and_its_word_is_recorded() {
    let office = office().await;
    let mut device = Device::connect(&office, "term_a", 0).await;
    let first = device.configurations();
    assert_eq!(first.len(), 1, "it has none and is told what holds");
    assert_eq!((first[0].0, &first[0].1["display"]["idleMessage"]), (1, &json!("")));
    device.applied(1, None).await;
    let effective = office.get(EFFECTIVE).await.ok();
    assert_eq!((&effective["status"], &effective["version"]), (&json!("in_sync"), &json!(1)));
    assert!(effective["appliedAt"].is_i64());

    office.post(CONFIGURE, "display[idleMessage]=Hello").await.ok();
    device.live(200).await;
    let told = device.configurations();
    assert_eq!(told.len(), 1);
    assert_eq!((told[0].0, &told[0].1["display"]["idleMessage"]), (2, &json!("Hello")));
    let effective = office.get(EFFECTIVE).await.ok();
    assert_eq!((&effective["status"], &effective["appliedVersion"]), (&json!("pending"), &json!(1)));
    device.applied(2, None).await;
    assert_eq!(office.get(EFFECTIVE).await.ok()["status"], "in_sync");

    office.post(CONFIGURE, "display[idleMessage]=Hello").await.ok();
    device.live(20_000).await;
    assert_eq!(device.configurations(), [], "what does not change is not told");
}

#[tokio::test(start_paused = true)]
async fn a_terminal_that_does_not_answer_is_told_again_and_one_that_refuses_is_not() {
    let office = office().await;
    let mut device = Device::connect(&office, "term_a", 0).await;
    assert_eq!(device.configurations().len(), 1);
    device.live(40_000).await;
    let again = device.configurations();
    assert!(again.len() >= 2 && again.iter().all(|(version, _)| *version == 1), "{again:?}");
    device.applied(1, Some("tip[mode]: not known here")).await;
    let effective = office.get(EFFECTIVE).await.ok();
    assert_eq!(
        (&effective["status"], &effective["error"]),
        (&json!("failed"), &json!("tip[mode]: not known here"))
    );
    device.live(40_000).await;
    assert_eq!(device.configurations(), []);
    office.post(CONFIGURE, "tip[mode]=fixed").await.ok();
    device.live(200).await;
    assert_eq!(device.configurations().len(), 1, "something else may do");
    let effective = office.get(EFFECTIVE).await.ok();
    assert_eq!((&effective["status"], &effective["error"]), (&json!("pending"), &json!(null)));
}

#[tokio::test(start_paused = true)]
async fn both_sides_restart_and_nothing_is_lost_or_told_twice() {
    let office = office().await;
    let mut device = Device::connect(&office, "term_a", 0).await;
    device.applied(1, None).await;
    drop(device);
    let office = office.restart().await;
    let effective = office.get(EFFECTIVE).await.ok();
    assert_eq!((&effective["status"], &effective["version"]), (&json!("in_sync"), &json!(1)));
    let mut device = Device::connect(&office, "term_a", 1).await;
    assert_eq!(device.configurations(), [], "it has what holds");
    drop(device);
    office.post(CONFIGURE, "display[idleMessage]=Later").await.ok();
    let office = office.restart().await;
    let mut device = Device::connect(&office, "term_a", 1).await;
    assert_eq!(device.configurations()[0].0, 2, "told at the next contact");
    device.applied(2, None).await;
    drop(device);
    let mut lost = Device::connect(&office, "term_a", 0).await;
    assert_eq!(lost.configurations()[0].0, 2, "a terminal that lost what it had is told again");
    drop(lost);
    let mut ahead = Device::connect(&office, "term_a", 40).await;
    assert_eq!(ahead.configurations()[0].0, 41, "a terminal that knows more than the cloud is gone above");
}

#[tokio::test(start_paused = true)]
async fn a_location_is_replaced_whole_and_a_terminal_goes_before_it() {
    let office = office().await;
    office.register("term_b", "ciontek_cm30").await;
    let template = r#"{"tip":{"mode":"percentage","suggestions":[10]},"offlineMode":{"enabled":true,"maxAmount":5000,"maxQueue":50}}"#;
    let location = office.put(AT_LOCATION, template).await.ok();
    assert_eq!(location["id"], "loc_main");
    assert_eq!(location["terminalConfig"]["tip"]["suggestions"], json!([10]));
    assert_eq!(office.get(AT_LOCATION).await.ok(), location["terminalConfig"]);
    office.post(CONFIGURE, "tip[suggestions][]=12").await.ok();
    let effective = office.get(EFFECTIVE).await.ok();
    assert_eq!(effective["config"]["tip"]["suggestions"], json!({"value": [12], "source": "terminal"}));
    assert_eq!(effective["config"]["tip"]["mode"], json!({"value": "percentage", "source": "location"}));
    let cm30 = office.get("/v1/terminals/term_b/effective-config").await.ok();
    assert_eq!(cm30["config"]["offlineMode"]["enabled"]["value"], json!(false));
    assert!(cm30["config"]["offlineMode"]["enabled"]["note"].is_string());
    office.put(AT_LOCATION, r#"{"display":{"idleMessage":"New"}}"#).await.ok();
    let effective = office.get(EFFECTIVE).await.ok();
    assert_eq!(effective["config"]["tip"]["mode"]["source"], "model_default");
    assert_eq!(effective["config"]["display"]["idleMessage"]["source"], "location");
    office.put(OF_ACCOUNT, r#"{"receipt":{"requireConsent":true}}"#).await.ok();
    assert_eq!(office.get(OF_ACCOUNT).await.ok(), json!({"receipt": {"requireConsent": true}}));
    let effective = office.get(EFFECTIVE).await.ok();
    assert_eq!(effective["config"]["receipt"]["requireConsent"], json!({"value": true, "source": "account"}));
}

#[tokio::test(start_paused = true)]
async fn a_dry_run_shows_every_terminal_and_changes_nothing() {
    let office = office().await;
    office.register("term_b", "nexgo_n92").await;
    office.post("/v1/terminals/term_b/configure", "display[idleMessage]=Own").await.ok();
    let path = format!("{AT_LOCATION}?dryRun=true");
    let would = office.put(&path, r#"{"display":{"idleMessage":"All"}}"#).await.ok();
    assert_eq!((&would["changed"], &would["unchanged"]), (&json!(1), &json!(1)));
    assert_eq!(
        would["data"],
        json!([{"terminalId": "term_a", "changes": [{
            "key": "display[idleMessage]",
            "from": {"value": "", "source": "model_default"},
            "to": {"value": "All", "source": "location"},
        }]}])
    );
    assert_eq!(office.get(AT_LOCATION).await.ok(), json!({}));
    let would = office.post(&format!("{CONFIGURE}?dryRun=true"), "localApi[enabled]=true").await.ok();
    assert_eq!(would["data"][0]["changes"][0]["key"], "localApi[enabled]");
    assert_eq!(office.get(EFFECTIVE).await.ok()["config"]["localApi"]["enabled"]["value"], json!(false));
    let would = office.put(&format!("{OF_ACCOUNT}?dryRun=true"), r#"{"display":{"idleMessage":"Us"}}"#).await;
    assert_eq!(would.ok()["changed"], json!(1));
}

#[tokio::test(start_paused = true)]
async fn a_location_call_reaches_every_terminal_and_says_how_far_it_is() {
    let office = office().await;
    let mut devices = Vec::new();
    for number in 0..5 {
        let id = format!("term_{number}");
        office.register(&id, "nexgo_n92").await;
        let mut device = Device::connect(&office, &id, 0).await;
        device.applied(1, None).await;
        device.configurations();
        devices.push(device);
    }
    office.put(AT_LOCATION, r#"{"display":{"idleMessage":"All"}}"#).await.ok();
    for device in &mut devices {
        device.live(100).await;
        assert_eq!(device.configurations().len(), 1);
    }
    devices[0].applied(2, None).await;
    devices[1].applied(2, Some("no")).await;
    let status = office.get(&format!("{AT_LOCATION}/status?limit=2")).await.ok();
    assert_eq!(
        (&status["applied"], &status["pending"], &status["failed"]),
        (&json!(1), &json!(4), &json!(1)),
        "the one that was never there is pending too: {status}"
    );
    assert_eq!((&status["data"][0]["terminalId"], &status["has_more"]), (&json!("term_0"), &json!(true)));
    let next = office.get(&format!("{AT_LOCATION}/status?limit=100&starting_after=term_1")).await.ok();
    assert_eq!(next["data"].as_array().unwrap().len(), 4);
}

#[tokio::test(start_paused = true)]
async fn what_a_terminal_cannot_do_and_what_makes_no_sense_is_refused_by_its_path() {
    let office = office().await;
    office.register("term_b", "ciontek_cm30").await;
    let cm30 = "/v1/terminals/term_b/configure";
    let got = office.post(cm30, "offlineMode[enabled]=true").await;
    assert_eq!(got.refused(), (422, "offline_not_supported", Some("offlineMode[enabled]")));
    let got = office.post(cm30, r#"{"receipt":{"channels":["print"]}}"#).await;
    assert_eq!(got.refused(), (400, "parameter_invalid", Some("receipt[channels]")));
    for (body, code, param) in [
        (r#"{"tip":{"mod":"fixed"}}"#, "parameter_unknown", "tip[mod]"),
        (r#"{"tip":{"suggestions":[10,150]}}"#, "parameter_invalid", "tip[suggestions][1]"),
        (r#"{"offlineMode":{"maxAmount":"1"}}"#, "parameter_invalid", "offlineMode[maxAmount]"),
        ("offlineMode[maxAgeSeconds]=86401", "parameter_invalid", "offlineMode[maxAgeSeconds]"),
    ] {
        for (method, path) in [("POST", CONFIGURE), ("PUT", AT_LOCATION), ("PUT", OF_ACCOUNT)] {
            let got = office.send(method, KEY, path, body, None).await;
            assert_eq!(got.refused(), (400, code, Some(param)), "{method} {path} {body}");
        }
    }
    let got = office.post(&format!("{CONFIGURE}?dryrun=true"), "{}").await;
    assert_eq!(got.refused(), (400, "parameter_unknown", Some("dryrun")));
}

#[tokio::test(start_paused = true)]
async fn another_account_finds_nothing_and_a_request_can_be_repeated() {
    let office = office().await;
    for (method, path) in [
        ("POST", CONFIGURE),
        ("GET", EFFECTIVE),
        ("GET", AT_LOCATION),
        ("PUT", AT_LOCATION),
        ("GET", "/v1/locations/loc_main/terminal-config/status"),
    ] {
        let body = if method == "GET" { "" } else { "{}" };
        let got = office.send(method, OTHER, path, body, None).await;
        assert_eq!(got.refused().0, 404, "{method} {path}");
    }
    let once = |body: &'static str| office.send("POST", KEY, CONFIGURE, body, Some("k"));
    let first = once("display[idleMessage]=A").await;
    office.post(CONFIGURE, "display[idleMessage]=B").await.ok();
    let again = once("display[idleMessage]=A").await;
    assert!(again.replayed && again.json == first.json);
    assert_eq!(office.get(EFFECTIVE).await.ok()["config"]["display"]["idleMessage"]["value"], "B");
    assert_eq!(once("display[idleMessage]=C").await.refused().1, "idempotency_key_reused");
}

#[tokio::test(start_paused = true)]
async fn a_terminal_that_is_moved_is_told_what_holds_there() {
    let office = office().await;
    let created = office.post("/v1/locations", r#"{"displayName":"Second"}"#).await;
    let second = created.json["id"].as_str().unwrap().to_owned();
    let path = format!("/v1/locations/{second}/terminal-config");
    office.put(&path, r#"{"display":{"idleMessage":"There"}}"#).await.ok();
    let mut device = Device::connect(&office, "term_a", 0).await;
    device.applied(1, None).await;
    device.configurations();
    office.post("/v1/terminals/term_a", &format!(r#"{{"locationId":"{second}"}}"#)).await.ok();
    device.live(5_000).await;
    let told = device.configurations();
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].1["display"]["idleMessage"], "There");
    pass(1).await;
}

#[tokio::test(start_paused = true)]
async fn an_operators_cap_and_the_accounts_currency_reach_the_terminal() {
    let office = office().await;
    let mut device = Device::connect(&office, "term_a", 0).await;
    device.applied(1, None).await;
    device.configurations();
    let cap = r#"{"offlineCap":{"maxAmount":2000,"maxQueue":3,"maxTotal":5000}}"#;
    office.send("POST", OPERATOR, "/v1/operator/accounts/acct_shop", cap, None).await.ok();
    device.live(5_000).await;
    let told = device.configurations();
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].1["offlineMode"]["maxAmount"], json!(2000));
    let effective = office.get(EFFECTIVE).await.ok();
    assert_eq!(effective["config"]["offlineMode"]["maxQueue"], json!({"value": 3, "source": "account_cap"}));
    let total = json!({"value": 5000, "source": "account_cap"});
    assert_eq!(effective["config"]["offlineMode"]["maxTotal"], total);
    assert_eq!(told[0].1["offlineMode"]["maxTotal"], json!(5000), "and the terminal is told");
    office.post("/v1/account", r#"{"defaultCurrency":"EUR"}"#).await.ok();
    device.live(5_000).await;
    assert!(device.configurations()[0].1["offlineMode"].get("maxAmount").is_none(), "dollars are no euros");
}
