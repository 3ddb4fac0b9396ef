//! Remote actions: asked for, delivered, followed, taken back; across restarts and time.

use serde_json::{Value, json};
use vinr_wire::link::{ActionProgress, Order};

use super::device::Device;
use super::office::{KEY, OTHER, Office, START, pass};

const ACTIONS: &str = "/v1/terminals/term_a/actions";

async fn office() -> Office {
    let office = Office::open().await;
    office.register("term_a", "nexgo_n92").await;
    office
}

async fn ask(office: &Office, body: &str) -> String {
    office.post(ACTIONS, body).await.ok()["id"].as_str().unwrap().to_owned()
}

async fn action(office: &Office, id: &str) -> Value {
    office.get(&format!("/v1/terminal-actions/{id}")).await.ok()
}

async fn pay(office: &Office) -> Value {
    let body = r#"{"terminalId":"term_a","amount":100,"currency":"EUR"}"#;
    office.post("/v1/terminal/payments", body).await.json["declineCode"].clone()
}

#[tokio::test(start_paused = true)]
async fn the_documented_call_answers_a_queued_action() {
    let office = office().await;
    let got = office.post(ACTIONS, "action=reboot").await.ok();
    let id = got["id"].as_str().unwrap().to_owned();
    assert!(id.starts_with("tact_"));
    assert_eq!(
        got,
        json!({
            "id": id, "object": "terminal_action", "livemode": false, "terminalId": "term_a", "action": "reboot",
            "status": "queued", "createdAt": START.unix_seconds(), "expiresAt": START.unix_seconds() + 86_400,
            "completedAt": null, "failureReason": null, "softwareVersion": null, "alreadyUpToDate": null,
            "sequence": 1,
        })
    );
    assert_eq!(action(&office, &id).await, got);
    assert_eq!(office.get(&format!("{ACTIONS}/{id}")).await.ok(), got);
    assert_eq!(office.get(ACTIONS).await.ok()["data"], json!([got]));
    assert_eq!(office.told(&id).await, [("terminal_action.updated", json!({ "object": got }))]);
}

#[tokio::test(start_paused = true)]
async fn an_action_is_delivered_followed_and_told_step_by_step() {
    let office = office().await;
    let mut device = Device::connect(&office, "term_a", 0).await;
    let id = ask(&office, "action=reboot").await;
    device.live(100).await;
    let told = device.actions();
    assert_eq!((told.len(), &told[0].order, told[0].action.to_string()), (1, &Order::Reboot, id.clone()));
    assert_eq!(action(&office, &id).await["status"], "queued");
    device.report(&told[0], ActionProgress::Processing).await;
    assert_eq!(action(&office, &id).await["status"], "processing");
    device.report(&told[0], ActionProgress::Completed).await;
    let done = action(&office, &id).await;
    assert_eq!((&done["status"], &done["sequence"]), (&json!("completed"), &json!(3)));
    assert!(done["completedAt"].is_i64());
    let statuses: Vec<_> =
        office.told(&id).await.into_iter().map(|(_, data)| data["object"]["status"].clone()).collect();
    assert_eq!(statuses, ["queued", "processing", "completed"]);
    device.report(&told[0], ActionProgress::Failed { reason: "late".to_owned() }).await;
    assert_eq!(action(&office, &id).await, done, "what has ended stays as it is");
}

#[tokio::test(start_paused = true)]
async fn an_action_waits_for_its_terminal_across_restarts_and_is_sent_until_it_has_ended() {
    let office = office().await;
    let id = ask(&office, "action=reboot").await;
    let office = office.restart().await;
    let mut device = Device::connect(&office, "term_a", 0).await;
    device.live(200).await;
    let told = device.actions();
    assert_eq!(told.len(), 1);
    device.report(&told[0], ActionProgress::Processing).await;
    drop(device);
    let office = office.restart().await;
    let mut device = Device::connect(&office, "term_a", 0).await;
    device.live(200).await;
    assert_eq!(device.actions(), told, "said again until it has ended");
    device.report(&told[0], ActionProgress::Failed { reason: "no power".to_owned() }).await;
    let failed = action(&office, &id).await;
    assert_eq!((&failed["status"], &failed["failureReason"]), (&json!("failed"), &json!("no power")));
    drop(device);
    let mut device = Device::connect(&office, "term_a", 0).await;
    device.live(200).await;
    assert_eq!(device.actions(), []);
}

#[tokio::test(start_paused = true)]
async fn an_action_expires_and_is_not_sent_after_that() {
    let office = office().await;
    let id = ask(&office, "action=reboot&expiresIn=60").await;
    pass(59).await;
    assert_eq!(action(&office, &id).await["status"], "queued");
    pass(3).await;
    let expired = action(&office, &id).await;
    assert_eq!((&expired["status"], &expired["failureReason"]), (&json!("failed"), &json!("expired")));
    let mut device = Device::connect(&office, "term_a", 0).await;
    device.live(200).await;
    assert_eq!(device.actions(), []);

    let id = ask(&office, "action=reboot&expiresIn=60").await;
    device.live(200).await;
    let told = device.actions();
    device.live(70_000).await;
    assert_eq!(action(&office, &id).await["status"], "queued", "its word may be on the way");
    device.report(&told[0], ActionProgress::Processing).await;
    assert_eq!(action(&office, &id).await["status"], "processing");
    device.live(3_700_000).await;
    assert_eq!(action(&office, &id).await["failureReason"], "no_report");
}

#[tokio::test(start_paused = true)]
async fn what_was_not_sent_can_be_taken_back_and_nothing_else() {
    let office = office().await;
    let id = ask(&office, "action=reboot").await;
    let cancel = format!("/v1/terminal-actions/{id}/cancel");
    let cancelled = office.send("POST", KEY, &cancel, "", Some("k")).await;
    assert_eq!(cancelled.json["failureReason"], "cancelled");
    let again = office.send("POST", KEY, &cancel, "", Some("k")).await;
    assert!(again.replayed && again.json == cancelled.json);
    assert_eq!(office.post(&cancel, "").await.refused().1, "action_not_cancellable");
    let mut device = Device::connect(&office, "term_a", 0).await;
    let id = ask(&office, "action=reboot").await;
    device.live(200).await;
    let got = office.post(&format!("{ACTIONS}/{id}/cancel"), "").await;
    assert_eq!(got.refused(), (422, "action_not_cancellable", None));
}

#[tokio::test(start_paused = true)]
async fn a_lock_holds_at_once_and_until_the_terminal_has_unlocked() {
    let office = office().await;
    assert_eq!(pay(&office).await, "terminal_offline");
    let lock = ask(&office, "action=lock").await;
    assert_eq!(pay(&office).await, "terminal_locked", "in the cloud, whether or not the terminal knows");
    assert_eq!(office.get("/v1/terminals/term_a").await.ok()["locked"], json!(true));
    let office = office.restart().await;
    assert_eq!(pay(&office).await, "terminal_locked", "also after a restart");
    let mut device = Device::connect(&office, "term_a", 0).await;
    device.live(200).await;
    let told = device.actions();
    assert_eq!(told[0].order, Order::Lock);
    device.report(&told[0], ActionProgress::Completed).await;
    assert_eq!(action(&office, &lock).await["status"], "completed");
    assert_eq!(pay(&office).await, "terminal_locked");
    ask(&office, "action=unlock").await;
    assert_eq!(pay(&office).await, "terminal_locked", "until the terminal says that it has unlocked");
    device.live(200).await;
    let told = device.actions();
    device.report(&told[0], ActionProgress::Completed).await;
    assert_eq!(office.get("/v1/terminals/term_a").await.ok()["locked"], json!(false));
    let kinds: Vec<_> = office.told("term_a").await.into_iter().map(|(kind, _)| kind).collect();
    assert_eq!(kinds.iter().filter(|kind| **kind == "terminal.updated").count(), 2, "{kinds:?}");
}

#[tokio::test(start_paused = true)]
async fn a_lock_that_is_taken_back_or_expires_holds_no_more() {
    let office = office().await;
    let lock = ask(&office, "action=lock").await;
    office.post(&format!("/v1/terminal-actions/{lock}/cancel"), "").await.ok();
    assert_eq!(pay(&office).await, "terminal_offline");
    ask(&office, "action=lock&expiresIn=10").await;
    assert_eq!(pay(&office).await, "terminal_locked");
    pass(12).await;
    assert_eq!(pay(&office).await, "terminal_offline");
    let first = ask(&office, "action=lock").await;
    ask(&office, "action=lock").await;
    office.post(&format!("/v1/terminal-actions/{first}/cancel"), "").await.ok();
    assert_eq!(pay(&office).await, "terminal_locked", "the other one holds");
}

#[tokio::test(start_paused = true)]
async fn bad_input_and_foreign_ids_are_refused_plainly() {
    let office = office().await;
    let id = ask(&office, "action=reboot").await;
    for (body, code, param) in [
        ("action=explode", "parameter_invalid", "action"),
        ("", "parameter_missing", "action"),
        ("action=reboot&expiresIn=0", "parameter_invalid", "expiresIn"),
        ("action=reboot&expiresIn=2592001", "parameter_invalid", "expiresIn"),
        ("action=reboot&when=now", "parameter_unknown", "when"),
    ] {
        assert_eq!(office.post(ACTIONS, body).await.refused(), (400, code, Some(param)), "{body}");
    }
    for path in [format!("/v1/terminal-actions/{id}"), format!("{ACTIONS}/{id}"), ACTIONS.to_owned()] {
        assert_eq!(office.send("GET", OTHER, &path, "", None).await.status, 404, "{path}");
    }
    let cancel = format!("/v1/terminal-actions/{id}/cancel");
    assert_eq!(office.send("POST", OTHER, &cancel, "", None).await.status, 404);
    assert_eq!(office.send("POST", OTHER, ACTIONS, "action=lock", None).await.status, 404);
    office.register("term_b", "nexgo_n92").await;
    assert_eq!(office.get(&format!("/v1/terminals/term_b/actions/{id}")).await.status, 404);
    assert_eq!(office.get("/v1/terminal-actions/tact_x").await.status, 404);
    for _ in 1..32 {
        ask(&office, "action=reboot").await;
    }
    assert_eq!(office.post(ACTIONS, "action=reboot").await.refused().1, "too_many_actions");
}

#[tokio::test(start_paused = true)]
async fn a_repeated_request_asks_once_and_lists_page() {
    let office = office().await;
    let once = |body: &'static str| office.send("POST", KEY, ACTIONS, body, Some("k"));
    let first = once("action=reboot").await;
    let again = once("action=reboot").await;
    assert!(again.replayed && again.json == first.json);
    assert_eq!(once("action=lock").await.refused().1, "idempotency_key_reused");
    pass(1).await;
    let second = ask(&office, "action=unlock").await;
    let page = office.get(&format!("{ACTIONS}?limit=1")).await.ok();
    assert_eq!((&page["data"][0]["id"], &page["has_more"]), (&json!(second), &json!(true)));
    let page = office.get(&format!("{ACTIONS}?starting_after={second}")).await.ok();
    assert_eq!((&page["data"][0]["id"], &page["has_more"]), (&first.json["id"], &json!(false)));
}
