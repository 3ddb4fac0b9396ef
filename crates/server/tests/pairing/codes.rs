//! Codes and secrets: what is answered to whoever has the right one, an old one, somebody else's, or none.

use serde_json::json;
use vinr_pki::DeviceKey;

use super::device::{Device, offer_of};
use super::installation::{Installation, KEY, LIVE, OTHER};

const MINUTE_MS: i64 = 60_000;

#[tokio::test]
async fn unknown_malformed_expired_and_used_codes_are_told_apart() {
    let at = Installation::open().await;
    let device = Device::offer(&at, "SN-1").await;

    let unknown = at.activate(KEY, "ACT-0000-0000").await;
    assert_eq!((unknown.status, unknown.code()), (404, "activation_code_unknown"), "{}", unknown.json);
    let malformed = at.activate(KEY, "ACT-7X9K").await;
    assert_eq!((malformed.status, malformed.code()), (400, "parameter_invalid"));
    assert_eq!(malformed.json["error"]["param"], "activationCode");
    let elsewhere = json!({ "activationCode": device.code, "locationId": "loc_nowhere" });
    let elsewhere = at.send("POST", Some(KEY), "/v1/terminals/activate", Some(elsewhere)).await;
    assert_eq!((elsewhere.status, &elsewhere.json["error"]["param"]), (400, &json!("locationId")));

    at.advance_ms(16 * MINUTE_MS);
    let expired = at.activate(KEY, &device.code).await;
    assert_eq!((expired.status, expired.code()), (422, "activation_code_expired"));
    assert_eq!(device.look(&at).await.text("status"), "expired");

    let second = Device::offer(&at, "SN-1").await;
    let typed = second.code.to_lowercase().replace('-', " ");
    let (activated, paired) = tokio::join!(at.activate(KEY, &typed), async {
        let code = second.code.clone();
        let paired = second.fetch(&at).await;
        (paired.connect(&at).await.unwrap(), code)
    });
    assert_eq!((activated.status, activated.text("status")), (200, "online"), "{}", activated.json);
    let used = at.activate(OTHER, &paired.1).await;
    assert_eq!((used.status, used.code()), (409, "activation_code_used"));
}

#[tokio::test]
async fn of_two_accounts_that_enter_one_code_exactly_one_gets_the_device() {
    let at = Installation::open().await;
    for round in 0..8 {
        let device = Device::offer(&at, &format!("SN-{round}")).await;
        let code = device.code.clone();
        let device = async {
            let paired = device.fetch(&at).await;
            paired.connect(&at).await.unwrap()
        };
        let (one, two, _link) = tokio::join!(at.activate(KEY, &code), at.activate(OTHER, &code), device);
        let mut statuses = [one.status, two.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 409], "{} {}", one.json, two.json);
    }
}

#[tokio::test]
async fn guessing_ends_after_ten_and_the_owner_can_read_about_it() {
    let at = Installation::open().await;
    let device = Device::offer(&at, "SN-1").await;
    for guess in 0..10 {
        let code = format!("ACT-0000-000{guess}");
        assert_eq!(at.activate(KEY, &code).await.status, 404);
    }
    let locked = at.activate(KEY, &device.code).await;
    assert_eq!((locked.status, locked.code()), (429, "too_many_attempts"), "also the right one");
    assert!(locked.retry_after.is_some_and(|seconds| (1..=600).contains(&seconds)));

    let log = at.send("GET", Some(KEY), "/v1/audit-log?limit=100", None).await;
    let actions: Vec<&str> =
        log.json["data"].as_array().unwrap().iter().filter_map(|line| line["action"].as_str()).collect();
    assert_eq!(actions.iter().filter(|action| **action == "terminal.activation_refused").count(), 9);
    assert_eq!(actions.iter().filter(|action| **action == "terminal.activation_locked").count(), 1);
    assert!(!log.json.to_string().contains("0000-000"), "guesses are not kept");

    at.advance_ms(10 * MINUTE_MS + 1);
    assert_eq!(at.activate(KEY, "ACT-0000-0000").await.status, 404);
}

#[tokio::test]
async fn a_pairing_is_for_whoever_has_its_secret() {
    let at = Installation::open().await;
    let (device, other) = (Device::offer(&at, "SN-1").await, Device::offer(&at, "SN-2").await);
    let path = format!("/v1/device/pairings/{}", device.id);
    let none = at.send("GET", None, &path, None).await;
    assert_eq!((none.status, none.code()), (401, "pairing_secret_missing"));
    for secret in [other.secret.as_str(), KEY, "ps_00"] {
        assert_eq!(at.send("GET", Some(secret), &path, None).await.status, 404);
        assert_eq!(at.send("POST", Some(secret), &format!("{path}/confirm"), None).await.status, 404);
    }
    // Nothing to keep before somebody has entered the code.
    assert_eq!(device.say(&at, "confirm").await.status, 409);
    assert_eq!(device.say(&at, "withdraw").await.text("status"), "abandoned");
    assert_eq!(at.activate(KEY, &device.code).await.status, 422);
}

#[tokio::test]
async fn an_offer_must_prove_its_key_and_offers_are_limited() {
    let at = Installation::open().await;
    let key = DeviceKey::generate().unwrap();
    for (field, value) in [
        ("csr", "AAAA".to_owned()),
        ("model", "toaster".to_owned()),
        ("serialNumber", "a b".to_owned()),
        ("softwareVersion", String::new()),
    ] {
        let mut body = offer_of(&key, "SN-1");
        body[field] = json!(value);
        let got = at.send("POST", None, "/v1/device/pairings", Some(body)).await;
        assert_eq!((got.status, &got.json["error"]["param"]), (400, &json!(field)), "{}", got.json);
    }
    let mut limited = 0;
    for number in 0..70 {
        let body = offer_of(&key, &format!("SN-{number}"));
        let got = at.send("POST", None, "/v1/device/pairings", Some(body)).await;
        limited += usize::from(got.status == 429 && got.retry_after.is_some());
    }
    assert!(limited >= 10, "{limited}");
}

#[tokio::test]
async fn a_live_terminal_is_given_no_reader_key_and_test_keys_do_not_see_it() {
    let at = Installation::open().await;
    let device = Device::offer(&at, "SN-1").await;
    let code = device.code.clone();
    let (activated, looked) = tokio::join!(at.activate(LIVE, &code), async {
        let looked = device.look(&at).await;
        let paired = device.fetch(&at).await;
        let _link = paired.connect(&at).await.unwrap();
        looked
    });
    assert_eq!(activated.json["livemode"], true);
    assert!(looked.json["identity"].get("sandboxReaderKey").is_none(), "{}", looked.json);
    let path = format!("/v1/terminals/{}", activated.text("id"));
    assert_eq!(at.send("GET", Some(KEY), &path, None).await.status, 404);
    assert_eq!(at.deactivate(OTHER, activated.text("id")).await.status, 404);
    assert_eq!(at.deactivate(LIVE, activated.text("id")).await.status, 200);
}
