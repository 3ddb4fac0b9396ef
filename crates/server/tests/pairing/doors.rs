//! The one switch of a terminal's doors: account, location and terminal say, the narrowest wins, the terminal is told. And
//! that what let a till in ends with the terminal's service.

use serde_json::{Value, json};
use vinr_server::access::{OperatorKeyRow, hash_key};

use super::installation::{Got, Installation, KEY};
use super::network::{applies, pair, post, put, shows, told};

/// Whoever runs the server.
const BOSS: &str = "ok_boss";
const OPEN: &str = r#"{"localApi": {"enabled": true}, "cashlessApi": {"enabled": true}}"#;

async fn replace(at: &Installation, path: &str, body: Value) -> Got {
    let got = at.send("PUT", Some(KEY), path, Some(body)).await;
    assert_eq!(got.status, 200, "{}", got.json);
    got
}

async fn doors(at: &Installation, terminal: &str) -> (Value, Value) {
    let got = at.send("GET", Some(KEY), &format!("/v1/terminals/{terminal}/effective-config"), None).await;
    let config = &got.json["config"];
    (config["localApi"]["enabled"].clone(), config["cashlessApi"]["enabled"].clone())
}

#[tokio::test]
async fn a_location_opens_and_closes_the_doors_of_its_terminals_and_each_may_say_otherwise() {
    let at = Installation::open().await;
    let (paired, mut link) = pair(&at).await;
    let of = format!("/v1/terminals/{}", paired.terminal);
    let location = post(&at, "/v1/locations", json!({"displayName": "Shop"})).await.text("id").to_owned();
    assert_eq!(post(&at, &of, json!({ "locationId": location })).await.status, 200);
    let template = format!("/v1/locations/{location}/terminal-config");

    replace(&at, &template, serde_json::from_str(OPEN).unwrap()).await;
    let lan = at.send("GET", Some(KEY), &format!("{of}/lan"), None).await;
    assert_eq!((lan.text("status"), &lan.json["localApi"]["enabled"]), ("pending", &json!(true)));
    let access = told(&mut link).await;
    assert!(access.local_api && access.cashless && !access.open_wire);
    applies(&mut link, access.version, None);
    shows(&at, &mut link, &format!("{of}/lan"), |lan| lan["status"] == "in_sync").await;
    let by_location = json!({"value": true, "source": "location"});
    assert_eq!(doors(&at, &paired.terminal).await, (by_location.clone(), by_location.clone()));

    // The terminal's own word, by either path, is one word.
    let own = put(&at, &paired.terminal, json!({"cashless": {"enabled": true}})).await;
    assert_eq!(own.json["localApi"], json!({"enabled": false, "openWire": false}));
    let access = told(&mut link).await;
    assert!(!access.local_api && access.cashless);
    let said = |value: bool| json!({"value": value, "source": "terminal"});
    assert_eq!(doors(&at, &paired.terminal).await, (said(false), said(true)));
    post(&at, &format!("{of}/configure"), json!({"cashlessApi": {"enabled": false}})).await;
    assert!(!told(&mut link).await.cashless);
    assert_eq!(doors(&at, &paired.terminal).await, (said(false), said(false)));

    // Without it, the location's holds again; without that, nothing is open. Also for a server that has restarted.
    post(&at, &format!("{of}/configure"), json!({"localApi": null, "cashlessApi": null})).await;
    let access = told(&mut link).await;
    assert!(access.local_api && access.cashless);
    drop(link);
    let at = at.restart().await;
    let mut link = paired.connect(&at).await.unwrap();
    assert_eq!(told(&mut link).await, access);
    replace(&at, &template, json!({})).await;
    let access = told(&mut link).await;
    assert!(!access.local_api && !access.cashless);
    replace(&at, "/v1/account/terminal-config", json!({"localApi": {"enabled": true, "plainHttp": true}}))
        .await;
    let access = told(&mut link).await;
    assert!(access.local_api && access.open_wire && !access.cashless);
}

#[tokio::test]
async fn a_door_that_was_opened_while_the_server_ended_is_open_after_its_start() {
    let at = Installation::open().await;
    let (paired, link) = pair(&at).await;
    drop(link);
    replace(&at, "/v1/account/terminal-config", serde_json::from_str(OPEN).unwrap()).await;
    let at = at.restart().await;
    let mut link = paired.connect(&at).await.unwrap();
    assert!(told(&mut link).await.local_api);
}

#[tokio::test]
async fn what_a_terminal_has_is_known_however_its_word_was_lost() {
    let at = Installation::open().await;
    let (paired, mut link) = pair(&at).await;
    let lan = format!("/v1/terminals/{}/lan", paired.terminal);
    put(&at, &paired.terminal, json!({"localApi": {"enabled": true}})).await;
    let access = told(&mut link).await;
    // It holds there, and the terminal starts again before it has said so.
    drop(link);
    let mut link = paired.connect(&at).await.unwrap();
    assert_eq!(told(&mut link).await, access, "asked again");
    drop(link);
    // So does the server.
    let at = at.restart().await;
    assert_eq!(at.send("GET", Some(KEY), &lan, None).await.text("status"), "pending");
    let mut link = paired.connect(&at).await.unwrap();
    assert_eq!(told(&mut link).await, access, "asked again");
    applies(&mut link, access.version, None);
    let shown = shows(&at, &mut link, &lan, |shown| shown["status"] == "in_sync").await;
    assert_eq!(shown["appliedVersion"], json!(access.version));
    drop(link);
    let at = at.restart().await;
    let kept = at.send("GET", Some(KEY), &lan, None).await.json;
    assert_eq!(kept["appliedVersion"], json!(access.version), "what was heard is kept");
}

#[tokio::test]
async fn a_suspended_account_is_told_to_its_terminals_and_the_cap_on_all_that_waits() {
    let at = Installation::open().await;
    let (paired, mut link) = pair(&at).await;
    put(&at, &paired.terminal, json!({"localApi": {"enabled": true}})).await;
    let access = told(&mut link).await;
    assert!(!access.suspended && access.offline_total_cap_minor.is_none());
    let boss = OperatorKeyRow::new(BOSS, "Boss", at.platform.office.now());
    at.platform.put_operator_key(boss).await.unwrap();
    let operate = |body| at.send("POST", Some(BOSS), "/v1/operator/accounts/acct_shop", Some(body));
    operate(json!({"suspended": true, "offlineCap": {"maxAmount": 900, "maxTotal": 4000}})).await;
    let access = told(&mut link).await;
    assert!(access.suspended);
    assert_eq!((access.offline_cap_minor, access.offline_total_cap_minor), (Some(900), Some(4000)));
    assert_eq!(operate(json!({"suspended": false})).await.status, 200);
    assert!(!told(&mut link).await.suspended);
}

#[tokio::test]
async fn a_terminal_that_goes_out_of_service_lets_nobody_in_and_says_why() {
    let at = Installation::open().await;
    let (paired, mut link) = pair(&at).await;
    let of = format!("/v1/terminals/{}", paired.terminal);
    put(&at, &paired.terminal, json!({"localApi": {"enabled": true}, "cashless": {"enabled": true}})).await;
    told(&mut link).await;
    let certificates = format!("{of}/client-certificates");
    let before = post(&at, &certificates, json!({"name": "Till 1"})).await;
    let revoke = format!("{certificates}/{}/revoke", before.text("id"));
    assert_eq!(post(&at, &revoke, json!({})).await.text("revokedReason"), "requested");
    let till = post(&at, &certificates, json!({"name": "Till 2"})).await;
    assert_eq!((&till.json["revokedAt"], &till.json["revokedReason"]), (&Value::Null, &Value::Null));
    let key = post(&at, &format!("{of}/cashless-key"), json!({})).await;
    assert!(hash_key(key.text("secret")).len() == 32 && key.json["revoked"] == Value::Null);

    assert_eq!(at.deactivate(KEY, &paired.terminal).await.status, 200);
    let listed = at.send("GET", Some(KEY), &certificates, None).await.json;
    let shown: Vec<_> = listed["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| {
            (
                row["name"].as_str().unwrap(),
                row["status"].as_str().unwrap(),
                row["revokedReason"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(shown, [("Till 2", "revoked", "terminal_deactivated"), ("Till 1", "revoked", "requested")]);
    let ended = at.send("GET", Some(KEY), &format!("{of}/cashless-key"), None).await.json;
    assert_eq!((&ended["hint"], &ended["revoked"]["hint"]), (&Value::Null, &key.json["hint"]));
    assert_eq!(ended["revoked"]["reason"], "terminal_deactivated");
    let lan = at.send("GET", Some(KEY), &format!("{of}/lan"), None).await.json;
    assert_eq!((&lan["localApi"]["enabled"], &lan["cashless"]["enabled"]), (&json!(false), &json!(false)));
}
