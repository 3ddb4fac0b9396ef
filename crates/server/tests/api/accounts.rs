//! Keys, settings, what operators do, and the log of it all, over HTTP.

use axum::body::Body;
use serde_json::{Value, json};
use vinr_server::access::OperatorKeyRow;
use vinr_server::store::{KeyRow, Stored};

use super::shop::{LIVE, OTHER, READER, START, Shop, TEST, authorized, bearer, scope};

const OPERATOR: &str = "ok_boss";

async fn operated() -> Shop {
    let shop = Shop::open().await;
    shop.platform.put_operator_key(OperatorKeyRow::new(OPERATOR, "Boss", START)).await.unwrap();
    shop
}

async fn create_key(shop: &Shop, key: &str, json: &Value) -> Value {
    let got = shop.post(key, "/v1/api-keys", &json.to_string()).await;
    assert_eq!(got.status, 200, "{}", got.text());
    got.json()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

#[tokio::test]
async fn a_new_key_is_shown_once_opens_its_own_scope_and_is_kept_as_a_hash() {
    let shop = Shop::open().await;
    let asked = json!({"type": "secret", "name": "Till"}).to_string();
    let got = shop.post_once(TEST, "/v1/api-keys", &asked, "once").await.json();
    let secret = text(&got["secret"]);
    assert!(secret.starts_with("sk_test_") && secret.len() == 51, "{got}");
    assert_eq!(got["status"], "active");
    assert_eq!(shop.get(secret, "/v1/terminal/payments").await.status, 200);

    let again = shop.post_once(TEST, "/v1/api-keys", &asked, "once").await;
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    assert_eq!((&again.json()["id"], again.json().get("secret")), (&got["id"], None));

    let path = format!("/v1/api-keys/{}", text(&got["id"]));
    let seen = shop.get(TEST, &path).await.json();
    assert_eq!(seen["lastUsedAt"], START.unix_seconds());
    let kept = shop.platform.office.store.get::<KeyRow>(&scope("acct_a", false), text(&got["id"])).await;
    let kept = serde_json::to_string(&kept.unwrap().unwrap().value).unwrap();
    let log = shop.get(TEST, "/v1/audit-log").await.text();
    for told in [seen.to_string(), shop.get(TEST, "/v1/api-keys").await.text(), kept, log] {
        assert!(!told.contains(secret), "{told}");
    }
    for foreign in [OTHER, LIVE] {
        assert_eq!(shop.get(foreign, &path).await.status, 404);
        assert_eq!(shop.post(foreign, &format!("{path}/revoke"), "{}").await.status, 404);
    }
}

#[tokio::test]
async fn a_rolled_key_works_until_its_overlap_ends_and_a_revoked_one_not_at_all() {
    let shop = Shop::open().await;
    let old = create_key(&shop, TEST, &json!({"type": "restricted", "scopes": ["payments:read"]})).await;
    let path = format!("/v1/api-keys/{}", text(&old["id"]));
    let new = shop.post(TEST, &format!("{path}/roll"), r#"{"expiresIn": 60}"#).await.json();
    assert_eq!(new["scopes"], json!(["payments:read"]));
    let opens = async |key: &Value| shop.get(text(key), "/v1/terminal/payments").await.status == 200;
    assert!(opens(&old["secret"]).await && opens(&new["secret"]).await);
    let seen = shop.get(TEST, &path).await.json();
    assert_eq!((&seen["status"], &seen["replacedBy"]), (&json!("expiring"), &new["id"]));
    assert_eq!(seen["expiresAt"], START.unix_seconds() + 60);

    shop.clock.advance_ms(60_000);
    assert!(!opens(&old["secret"]).await && opens(&new["secret"]).await);
    assert_eq!(shop.get(TEST, &path).await.json()["status"], "revoked");
    let again = shop.post(TEST, &format!("{path}/roll"), "{}").await;
    assert_eq!((again.status.as_u16(), again.code().as_str()), (422, "api_key_ended"));

    let path = format!("/v1/api-keys/{}", text(&new["id"]));
    let gone = shop.post(TEST, &format!("{path}/revoke"), "{}").await;
    assert_eq!((gone.status.as_u16(), &gone.json()["status"]), (200, &json!("revoked")));
    assert_eq!(shop.get(text(&new["secret"]), "/v1/terminal/payments").await.status, 401);
    assert_eq!(shop.post(TEST, &format!("{path}/revoke"), "{}").await.json(), gone.json());
}

#[tokio::test]
async fn no_key_makes_takes_over_or_ends_one_that_may_do_more() {
    let shop = Shop::open().await;
    let scopes = json!(["keys:read", "keys:write", "payments:read"]);
    let manager = create_key(&shop, TEST, &json!({"type": "restricted", "scopes": scopes})).await;
    let manager = text(&manager["secret"]);
    let same = json!({"type": "restricted", "scopes": ["payments:read"]});
    let lesser = create_key(&shop, manager, &same).await;
    let lesser_path = format!("/v1/api-keys/{}", text(&lesser["id"]));
    assert_eq!(shop.post(manager, &format!("{lesser_path}/roll"), "{}").await.status, 200);

    for more in [json!({"type": "secret"}), json!({"type": "restricted", "scopes": ["payments:write"]})] {
        let got = shop.post(manager, "/v1/api-keys", &more.to_string()).await;
        assert_eq!((got.status.as_u16(), got.code().as_str()), (403, "permission_denied"), "{more}");
    }
    let all = shop.get(TEST, "/v1/api-keys").await.json();
    let data = all["data"].as_array().unwrap();
    let of_test = data.iter().find(|key| key["hint"] == "sk_test_…a").unwrap();
    for deed in ["roll", "revoke"] {
        let path = format!("/v1/api-keys/{}/{deed}", text(&of_test["id"]));
        assert_eq!(shop.post(manager, &path, "{}").await.status, 403, "{deed}");
    }
    assert_eq!(shop.post(READER, "/v1/api-keys", &same.to_string()).await.status, 403);
    let unknown = json!({"type": "restricted", "scopes": ["moon:write"]}).to_string();
    assert_eq!(shop.post(TEST, "/v1/api-keys", &unknown).await.error()["param"], "scopes");
}

#[tokio::test]
async fn settings_are_apart_by_mode_and_hold_for_the_next_capture() {
    let shop = Shop::open().await;
    let path = |id| format!("/v1/terminal/payments/{id}/capture");
    let first = shop.put(authorized(1)).await;
    let second = shop.put(authorized(2)).await;
    let too_much = shop.post(TEST, &path(first), r#"{"amount": 3001}"#).await;
    assert_eq!(too_much.code(), "amount_too_large", "20 percent unless said otherwise");

    let asked = json!({"overCapturePercent": 50, "timeZone": "Europe/Berlin", "defaultCurrency": "eur",
        "displayName": "Acme", "webhookPolicy": {"retryAfterSeconds": [1, 2], "disableAfterDays": 3}});
    let changed = shop.post(TEST, "/v1/account", &asked.to_string()).await.json();
    assert_eq!(changed["defaultCurrency"], "EUR");
    assert_eq!(changed, shop.get(TEST, "/v1/account").await.json());
    assert_eq!(changed["webhookPolicy"], json!({"retryAfterSeconds": [1, 2], "disableAfterDays": 3}));
    assert_eq!(changed["timeZone"], "Europe/Berlin");
    assert_eq!(shop.post(TEST, &path(first), r#"{"amount": 3750}"#).await.status, 200);

    let live = shop.get(LIVE, "/v1/account").await.json();
    assert_eq!((&live["overCapturePercent"], &live["timeZone"]), (&json!(20), &json!("UTC")));
    shop.post(TEST, "/v1/account", r#"{"overCapturePercent": 0, "defaultCurrency": null}"#).await;
    let more = shop.post(TEST, &path(second), r#"{"amount": 2501}"#).await;
    assert_eq!(more.code(), "amount_too_large");
    let now = shop.get(TEST, "/v1/account").await.json();
    assert_eq!((&now["defaultCurrency"], &now["displayName"]), (&Value::Null, &json!("Acme")));
}

#[tokio::test]
async fn an_operator_opens_stops_and_releases_accounts_and_gives_first_keys() {
    let shop = operated().await;
    let made = shop.post(OPERATOR, "/v1/operator/accounts", r#"{"displayName": "Nova"}"#).await.json();
    let path = format!("/v1/operator/accounts/{}", text(&made["id"]));
    let give = |live: bool| json!({"livemode": live, "type": "secret"}).to_string();
    let test = shop.post(OPERATOR, &format!("{path}/api-keys"), &give(false)).await.json();
    let live = shop.post(OPERATOR, &format!("{path}/api-keys"), &give(true)).await.json();
    assert!(text(&live["secret"]).starts_with("sk_live_"));
    let key = text(&test["secret"]);
    assert_eq!(shop.get(key, "/v1/account").await.json()["displayName"], "Nova");

    let stop = json!({"suspended": true, "offlineCap": {"maxAmount": 5000, "maxTotal": 9000}}).to_string();
    let stopped = shop.post(OPERATOR, &path, &stop).await.json();
    assert_eq!(stopped["offlineCap"], json!({"maxAmount": 5000, "maxQueue": null, "maxTotal": 9000}));
    let refused = shop.post(key, "/v1/account", r#"{"displayName": "x"}"#).await;
    assert_eq!((refused.status.as_u16(), refused.code().as_str()), (403, "account_suspended"));
    assert_eq!(shop.get(key, "/v1/account").await.json()["suspended"], true);
    shop.post(OPERATOR, &path, r#"{"suspended": false}"#).await;
    assert_eq!(shop.post(key, "/v1/account", r#"{"displayName": "x"}"#).await.status, 200);

    let listed = shop.get(OPERATOR, "/v1/operator/accounts?limit=1").await.json();
    assert_eq!((&listed["data"][0]["id"], &listed["has_more"]), (&made["id"], &json!(true)));
    let next = format!("/v1/operator/accounts?starting_after={}", text(&made["id"]));
    assert_eq!(shop.get(OPERATOR, &next).await.json()["data"].as_array().unwrap().len(), 2);
    assert_eq!(shop.get(OPERATOR, "/v1/operator/accounts/acct_none").await.status, 404);
    let log = shop.get(key, "/v1/audit-log").await.json();
    let actions: Vec<&str> = log["data"].as_array().unwrap().iter().map(|e| text(&e["action"])).collect();
    assert_eq!(actions, ["account.updated", "account.operated", "account.operated", "api_key.created"]);
    let own = shop.get(OPERATOR, "/v1/operator/audit-log").await.json();
    assert_eq!(own["data"].as_array().unwrap().len(), 5, "{own}");
}

#[tokio::test]
async fn operator_keys_and_merchants_keys_open_nothing_of_each_other() {
    let shop = operated().await;
    for path in ["/v1/account", "/v1/terminal/payments", "/v1/api-keys", "/v1/audit-log"] {
        assert_eq!(shop.get(OPERATOR, path).await.status, 401, "{path}");
    }
    for path in ["/v1/operator/accounts", "/v1/operator/audit-log", "/v1/operator/accounts/acct_a"] {
        for key in [TEST, LIVE, READER, "ok_other", "nothing"] {
            assert_eq!(shop.get(key, path).await.status, 401, "{path} {key}");
        }
        let bare = axum::http::Request::get(path).body(Body::empty()).unwrap();
        assert_eq!(shop.send(bare).await.code(), "api_key_missing");
        assert_eq!(shop.get(OPERATOR, path).await.status, 200, "{path}");
    }
    let limited = bearer("GET", OPERATOR, "/v1/operator/accounts").header("vinr-version", "1999-01-01");
    assert_eq!(shop.send(limited.body(Body::empty()).unwrap()).await.code(), "unsupported_version");
}

#[tokio::test]
async fn the_log_tells_who_did_what_and_can_be_verified_by_anybody() {
    let shop = Shop::open().await;
    let got = shop.post(TEST, "/v1/account", r#"{"displayName": "New name"}"#).await;
    create_key(&shop, TEST, &json!({"type": "secret"})).await;
    let log = shop.get(TEST, "/v1/audit-log").await.json();
    let first = &log["data"][1];
    assert_eq!(first["by"]["request"], got.header("x-request-id").unwrap());
    assert_eq!((&first["by"]["type"], &first["by"]["hint"]), (&json!("api_key"), &json!("sk_test_…a")));
    assert_eq!(
        (&first["before"]["displayName"], &first["after"]["displayName"]),
        (&json!("acct_a"), &json!("New name"))
    );
    assert_eq!(log["data"][0]["previousHash"], first["hash"]);

    let verified = shop.get(TEST, "/v1/audit-log/verify").await.json();
    assert_eq!((&verified["intact"], &verified["entries"]), (&json!(true), &json!(2)));
    assert_eq!(verified["lastHash"], log["data"][0]["hash"]);
    for foreign in [LIVE, OTHER] {
        assert_eq!(shop.get(foreign, "/v1/audit-log").await.json()["data"], json!([]));
    }
    let only =
        format!("/v1/audit-log?objectId=acct_a&limit=1&starting_after={}", text(&log["data"][0]["id"]));
    assert_eq!(shop.get(TEST, &only).await.json()["data"][0], *first);
}

#[tokio::test]
async fn when_a_key_was_used_is_known_after_a_restart() {
    let shop = Shop::open().await;
    let row = vinr_server::accounts::KeyUseRow {
        scope: scope("acct_a", false),
        key: KeyRow::new(vinr_server::access::hash_key(OTHER), scope("acct_b", false), "".into(), START).id(),
        at: START,
    };
    assert!(row.key.starts_with("key_"));
    let accounts = &shop.platform.applications.accounts;
    let changes = vec![vinr_server::store::Change::put(&row)];
    shop.platform.office.store.commit(vinr_server::store::Transaction { changes }).await.unwrap();
    accounts.recall_uses().await.unwrap();
    shop.clock.advance_ms(30_000);
    let listed = shop.get(OTHER, "/v1/api-keys").await.json();
    assert_eq!(listed["data"][0]["lastUsedAt"], START.unix_seconds(), "to the minute");
}
