//! Who may speak to a terminal in the merchant's network: asked for over the API, told to the terminal over its link, and
//! what the terminal answers shown again.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use serde_json::{Value, json};
use vinr_domain::{AccountId, TerminalId, Timestamp};
use vinr_pki::{
    ClientAnchors, ClientFault, Credential, DenySet, DeviceIdentity, DeviceKey, judge_client,
    listener_identity,
};
use vinr_server::access::hash_key;
use vinr_server::gateway::TerminalKey;
use vinr_server::lan::{SANDBOX_CASHLESS_KEY, SeedError};
use vinr_server::store::{Scope, TerminalRow};
use vinr_wire::link::{LanAccess, LanAccessApplied, LanCertificateRequest, ToCloud, ToTerminal};
use vinr_wire::rest::lan::LanModes;

use super::device::{Device, Link, Paired};
use super::installation::{Got, Installation, KEY, OTHER};

const DAY_MS: i64 = 86_400_000;

fn scope(livemode: bool) -> Scope {
    Scope { account: AccountId::parse("acct_shop").unwrap(), livemode }
}

/// A terminal that is connected.
pub async fn pair(at: &Installation) -> (Paired, Link) {
    let device = Device::offer(at, "SN-1").await;
    let code = device.code.clone();
    let (activated, paired) = tokio::join!(at.activate(KEY, &code), async {
        let paired = device.fetch(at).await;
        let link = paired.connect(at).await.unwrap();
        (paired, link)
    });
    assert_eq!(activated.status, 200, "{}", activated.json);
    paired
}

pub async fn told(link: &mut Link) -> LanAccess {
    link.hears(|message| match message {
        ToTerminal::LanAccess(access) => Some(*access),
        _ => None,
    })
    .await
}

pub fn applies(link: &mut Link, version: u64, error: Option<&str>) {
    let error = error.map(ToOwned::to_owned);
    link.say(ToCloud::LanAccessApplied(LanAccessApplied { version, error }));
}

/// Drives the link until the API shows what is looked for.
pub async fn shows(at: &Installation, link: &mut Link, path: &str, wanted: impl Fn(&Value) -> bool) -> Value {
    let asking = async {
        loop {
            let got = at.send("GET", Some(KEY), path, None).await;
            assert_eq!(got.status, 200, "{}", got.json);
            if wanted(&got.json) {
                return got.json;
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        biased;
        shown = asking => shown,
        () = link.hears(|_| None::<()>) => unreachable!("nothing is looked for"),
    }
}

pub async fn put(at: &Installation, terminal: &str, body: Value) -> Got {
    at.send("PUT", Some(KEY), &format!("/v1/terminals/{terminal}/lan"), Some(body)).await
}

pub async fn post(at: &Installation, path: &str, body: Value) -> Got {
    at.send("POST", Some(KEY), path, Some(body)).await
}

fn leaf(pem: &str) -> CertificateDer<'static> {
    CertificateDer::from_pem_slice(pem.as_bytes()).unwrap()
}

fn judge(at: &Installation, access: &LanAccess, terminal: &str, pem: &str) -> Option<ClientFault> {
    let revoked = DenySet::new();
    revoked.replace(&access.revoked_serials).unwrap();
    let anchors = ClientAnchors::from_pem(&access.client_authorities_pem);
    let identity = DeviceIdentity::parse(terminal).unwrap();
    judge_client(Some(&leaf(pem)), &anchors, &identity, &revoked, at.platform.office.now()).err()
}

#[tokio::test]
async fn a_terminal_is_told_what_it_serves_until_it_has_said_that_it_does() {
    let at = Installation::open().await;
    let (paired, mut link) = pair(&at).await;
    let path = format!("/v1/terminals/{}/lan", paired.terminal);
    let nothing = at.send("GET", Some(KEY), &path, None).await;
    assert_eq!((nothing.text("status"), &nothing.json["version"]), ("in_sync", &json!(0)));
    assert_eq!(nothing.json["appliedVersion"], Value::Null);

    let asked = put(&at, &paired.terminal, json!({"localApi": {"enabled": true}})).await;
    assert_eq!((asked.status, asked.text("status")), (200, "pending"), "{}", asked.json);
    assert_eq!(asked.json["localApi"], json!({"enabled": true, "openWire": false}));
    let access = told(&mut link).await;
    assert_eq!((access.version, json!(access.version)), (1, asked.json["version"].clone()));
    assert!(access.local_api && !access.open_wire && !access.cashless && !access.livemode);
    assert_eq!((access.shop.merchant_name.as_str(), access.cashless_key_hash), ("acct_shop", None));
    assert_eq!(access.settlement_currency.to_string(), "USD");
    applies(&mut link, 1, None);
    let shown = shows(&at, &mut link, &path, |shown| shown["status"] == "in_sync").await;
    assert_eq!((&shown["version"], &shown["appliedVersion"]), (&json!(1), &json!(1)));

    // Asked for again, it is what it was; whoever comes back, also to another server, is told again.
    assert_eq!(put(&at, &paired.terminal, json!({"localApi": {"enabled": true}})).await.json["version"], 1);
    drop(link);
    let mut link = paired.connect(&at).await.unwrap();
    assert_eq!(told(&mut link).await, access);
    drop(link);
    let at = at.restart().await;
    let mut link = paired.connect(&at).await.unwrap();
    assert_eq!(told(&mut link).await, access);
    // It has seen more than this cloud knows of.
    applies(&mut link, 7, None);
    assert_eq!(told(&mut link).await.version, 8);
}

#[tokio::test]
async fn a_terminal_that_cannot_do_it_needs_attention_until_it_can() {
    let at = Installation::open().await;
    let (paired, mut link) = pair(&at).await;
    let (path, terminal) =
        (format!("/v1/terminals/{}/lan", paired.terminal), format!("/v1/terminals/{}", paired.terminal));
    put(&at, &paired.terminal, json!({"cashless": {"enabled": true}})).await;
    let version = told(&mut link).await.version;
    applies(&mut link, version, Some("port 8443 is taken"));
    let shown = shows(&at, &mut link, &path, |shown| shown["status"] == "failed").await;
    assert_eq!(shown["error"], "port 8443 is taken");
    let refused = json!(["configuration_refused"]);
    shows(&at, &mut link, &terminal, |shown| shown["attention"] == refused).await;

    put(&at, &paired.terminal, json!({})).await;
    let version = told(&mut link).await.version;
    applies(&mut link, version, None);
    let shown = shows(&at, &mut link, &path, |shown| shown["status"] == "in_sync").await;
    assert_eq!((&shown["error"], &shown["cashless"]["enabled"]), (&Value::Null, &json!(false)));
    shows(&at, &mut link, &terminal, |shown| shown["attention"] == json!([])).await;
}

#[tokio::test]
async fn what_receipts_say_of_the_shop_follows_its_changes() {
    let at = Installation::open().await;
    let (paired, mut link) = pair(&at).await;
    put(&at, &paired.terminal, json!({"localApi": {"enabled": true}})).await;
    assert_eq!(told(&mut link).await.shop.time_zone, "UTC");
    let address = json!({"line1": "Main Street 1", "city": "Springfield"});
    let made = post(&at, "/v1/locations", json!({"displayName": "Shop", "address": address})).await;
    let location = made.text("id").to_owned();
    let assign = json!({"locationId": location, "displayName": "Counter 3"});
    assert_eq!(post(&at, &format!("/v1/terminals/{}", paired.terminal), assign).await.status, 200);
    let shop = told(&mut link).await.shop;
    assert_eq!(
        (shop.address_lines, shop.display_name),
        (vec!["Main Street 1".into(), "Springfield".into()], "Counter 3".into())
    );
    post(&at, &format!("/v1/locations/{location}"), json!({"timeZone": "Europe/Berlin"})).await;
    assert_eq!(told(&mut link).await.shop.time_zone, "Europe/Berlin");
    post(&at, "/v1/account", json!({"displayName": "Acme Coffee", "defaultCurrency": "EUR"})).await;
    let access = told(&mut link).await;
    assert_eq!((access.shop.merchant_name.as_str(), access.version), ("Acme Coffee", 4));
    assert_eq!(access.settlement_currency.to_string(), "EUR");
}

#[tokio::test]
async fn a_till_is_certified_once_told_once_and_revoked_at_once() {
    let at = Installation::open().await;
    let (paired, mut link) = pair(&at).await;
    put(&at, &paired.terminal, json!({"localApi": {"enabled": true}})).await;
    let access = told(&mut link).await;
    let path = format!("/v1/terminals/{}/client-certificates", paired.terminal);
    let create = || at.send_once("POST", Some(KEY), &path, Some(json!({"name": "Till 3"})), Some("once"));
    let made = create().await;
    assert_eq!((made.status, made.text("status"), made.text("name")), (200, "active", "Till 3"));
    let bundle = STANDARD.decode(made.text("pkcs12")).unwrap();
    let policy = p12_keystore::Pkcs12ImportPolicy::Strict;
    let store = p12_keystore::KeyStore::from_pkcs12(&bundle, made.text("passphrase"), policy).unwrap();
    assert_eq!(
        store.private_key_chain().unwrap().1.certs()[0].as_der(),
        leaf(made.text("certificate")).as_ref()
    );
    Credential::from_pem(made.text("certificate"), made.text("privateKey")).unwrap();
    assert_eq!(judge(&at, &access, &paired.terminal, made.text("certificate")), None);

    let again = create().await;
    assert!(again.replayed && again.json["id"] == made.json["id"]);
    let one = at.send("GET", Some(KEY), &format!("{path}/{}", made.text("id")), None).await;
    for silent in [&again, &one] {
        for secret in ["privateKey", "pkcs12", "passphrase"] {
            assert_eq!(silent.json.get(secret), None);
        }
    }
    assert_eq!(at.send("GET", Some(OTHER), &path, None).await.status, 404);

    let revoke = format!("{path}/{}/revoke", made.text("id"));
    let revoked = post(&at, &revoke, json!({})).await;
    assert_eq!((revoked.status, revoked.text("status")), (200, "revoked"));
    let access = told(&mut link).await;
    assert_eq!(access.revoked_serials, [made.text("serialNumber")]);
    assert_eq!(judge(&at, &access, &paired.terminal, made.text("certificate")), Some(ClientFault::Revoked));
    assert_eq!(post(&at, &revoke, json!({})).await.json, revoked.json, "again");

    // When it would have ended by itself, the terminal need not know it any more.
    at.advance_ms(31 * DAY_MS);
    put(&at, &paired.terminal, json!({"localApi": {"enabled": true, "openWire": true}})).await;
    let access = told(&mut link).await;
    assert!(access.open_wire && access.revoked_serials.is_empty());
}

#[tokio::test]
async fn a_till_may_keep_its_key_and_is_shown_when_its_time_comes() {
    let at = Installation::open().await;
    let (paired, _link) = pair(&at).await;
    let path = format!("/v1/terminals/{}/client-certificates", paired.terminal);
    let key = DeviceKey::generate().unwrap();
    let csr = STANDARD.encode(key.csr().unwrap());
    let made = post(&at, &path, json!({ "csr": csr })).await;
    assert_eq!((made.status, made.json.get("privateKey")), (200, None), "{}", made.json);
    Credential::from_pem(made.text("certificate"), &key.to_pem()).unwrap();
    let bad = post(&at, &path, json!({ "csr": STANDARD.encode("no request") })).await;
    assert_eq!((bad.status, &bad.json["error"]["param"]), (400, &json!("csr")));
    for (days, status) in [(19, "active"), (2, "expiring"), (10, "expired")] {
        at.advance_ms(days * DAY_MS);
        let list = at.send("GET", Some(KEY), &path, None).await;
        assert_eq!(list.json["data"][0]["status"], status);
    }
    let elsewhere = format!("{path}/{}", made.text("id")).replace(&paired.terminal, "term_next_to_it");
    let key = TerminalKey { scope: scope(false), id: TerminalId::parse("term_next_to_it").unwrap() };
    let beside = TerminalRow::new(key.id, key.scope, "simulator", "2", Timestamp(1));
    at.platform.put_terminal(beside).await.unwrap();
    assert_eq!(at.send("GET", Some(KEY), &elsewhere, None).await.status, 404);
    let other = post(&at, &path, json!({})).await;
    assert_eq!(other.json["name"], Value::Null);
    let page = at.send("GET", Some(KEY), &format!("{path}?limit=1"), None).await;
    assert_eq!((&page.json["data"][0]["id"], &page.json["has_more"]), (&other.json["id"], &json!(true)));
    let next = format!("{path}?starting_after={}", other.text("id"));
    assert_eq!(at.send("GET", Some(KEY), &next, None).await.json["data"][0]["id"], made.json["id"]);
}

#[tokio::test]
async fn a_shared_key_is_told_once_and_ends_with_the_next() {
    let at = Installation::open().await;
    let (paired, mut link) = pair(&at).await;
    put(&at, &paired.terminal, json!({"cashless": {"enabled": true}})).await;
    assert_eq!(told(&mut link).await.cashless_key_hash, None);
    let path = format!("/v1/terminals/{}/cashless-key", paired.terminal);
    let generate = |once| at.send_once("POST", Some(KEY), &path, Some(json!({})), Some(once));
    let first = generate("a").await;
    let secret = first.text("secret");
    assert!(secret.starts_with("ck_test_") && secret.len() == "ck_test_".len() + 43, "{secret}");
    assert_eq!(told(&mut link).await.cashless_key_hash, Some(hash_key(secret)));
    let again = generate("a").await;
    assert!(again.replayed && again.json.get("secret").is_none());

    let second = generate("b").await;
    assert_ne!(second.text("secret"), secret);
    assert_eq!(told(&mut link).await.cashless_key_hash, Some(hash_key(second.text("secret"))));
    let shown = at.send("GET", Some(KEY), &path, None).await;
    assert_eq!((shown.json.get("secret"), &shown.json["hint"]), (None, &second.json["hint"]));
    let lan = at.send("GET", Some(KEY), &format!("/v1/terminals/{}/lan", paired.terminal), None).await;
    assert_eq!(lan.json["cashless"]["keyHint"], second.json["hint"]);

    let gone = at.send("DELETE", Some(KEY), &path, None).await;
    assert_eq!((gone.status, &gone.json["hint"]), (200, &Value::Null), "{}", gone.json);
    assert_eq!(told(&mut link).await.cashless_key_hash, None);

    // Nothing of this is in the log but that it happened.
    let log = at.send("GET", Some(KEY), "/v1/audit-log?limit=100", None).await.json;
    let actions: Vec<&str> =
        log["data"].as_array().unwrap().iter().map(|line| line["action"].as_str().unwrap()).collect();
    let expected =
        ["cashless_key.deleted", "cashless_key.generated", "cashless_key.generated", "terminal.lan_changed"];
    assert_eq!(actions[..4], expected);
    for text in [secret, second.text("secret")] {
        assert!(!log.to_string().contains(text));
    }
}

#[tokio::test]
async fn a_terminals_listener_is_certified_over_its_link() {
    let at = Installation::open().await;
    let (paired, mut link) = pair(&at).await;
    let key = DeviceKey::generate().unwrap();
    let addresses = vec!["192.168.1.51".parse().unwrap(), "8.8.8.8".parse().unwrap()];
    let csr_der = key.csr().unwrap().into();
    link.say(ToCloud::LanCertificateRequest(LanCertificateRequest { csr_der, addresses }));
    let chain = link
        .hears(|message| match message {
            ToTerminal::LanCertificateIssued { chain_pem } => Some(chain_pem),
            _ => None,
        })
        .await;
    Credential::from_pem(&chain, &key.to_pem()).unwrap();
    assert_eq!(listener_identity(&leaf(&chain)).unwrap().to_string(), paired.terminal);
    let path = format!("/v1/terminals/{}/lan", paired.terminal);
    let shown = at.send("GET", Some(KEY), &path, None).await.json;
    assert_eq!(shown["listener"]["addresses"], json!(["192.168.1.51", "8.8.8.8"]));
    assert_eq!((&shown["version"], &shown["status"]), (&json!(0), &json!("in_sync")));
}

#[tokio::test]
async fn nothing_is_changed_about_a_terminal_that_is_out_of_service() {
    let at = Installation::open().await;
    let (paired, _link) = pair(&at).await;
    let of = format!("/v1/terminals/{}", paired.terminal);
    let made = post(&at, &format!("{of}/client-certificates"), json!({})).await;
    assert_eq!(at.deactivate(KEY, &paired.terminal).await.status, 200);
    assert_eq!(put(&at, &paired.terminal, json!({})).await.status, 404);
    for path in ["client-certificates", "cashless-key"] {
        assert_eq!(post(&at, &format!("{of}/{path}"), json!({})).await.status, 404, "{path}");
    }
    // A till that is lost can still be ended.
    let revoke = format!("{of}/client-certificates/{}/revoke", made.text("id"));
    assert_eq!(post(&at, &revoke, json!({})).await.text("status"), "revoked");
    let refused =
        at.send("PUT", Some(KEY), &format!("{of}/lan"), Some(json!({"localApi": {"openWire": true}}))).await;
    assert_eq!(refused.status, 400, "{}", refused.json);
}

#[tokio::test]
async fn what_tills_trust_is_there_for_everybody() {
    let at = Installation::open().await;
    let roots = at.platform.applications.identities.authority().unwrap().roots_pem().to_owned();
    assert_eq!(at.fetch("/v1/ca-bundle").await, roots);
}

#[tokio::test]
async fn a_sandbox_is_furnished_with_what_the_documentation_names_and_nothing_live_is() {
    let at = Installation::open().await;
    let key =
        |livemode| TerminalKey { scope: scope(livemode), id: TerminalId::parse("term_seeded").unwrap() };
    let row = |key: TerminalKey| TerminalRow::new(key.id, key.scope, "simulator", "1", Timestamp(1));
    at.platform.put_terminal(row(key(false))).await.unwrap();
    at.platform.put_terminal(row(key(true))).await.unwrap();
    let modes = LanModes { local_api: true, open_wire: false, cashless: true };
    let lan = &at.platform.applications.lan;
    for _ in 0..2 {
        lan.seed(&key(false), modes).await.unwrap();
    }
    assert!(matches!(lan.seed(&key(true), modes).await, Err(SeedError::Live)));
    assert!(matches!(lan.seed_client(&key(true), "Till").await, Err(SeedError::Live)));
    let till = lan.seed_client(&key(false), "Till").await.unwrap();
    let policy = p12_keystore::Pkcs12ImportPolicy::Strict;
    p12_keystore::KeyStore::from_pkcs12(&till.pkcs12, &till.passphrase, policy).unwrap();
    let shown = at.send("GET", Some(KEY), "/v1/terminals/term_seeded/lan", None).await.json;
    assert_eq!((&shown["localApi"]["enabled"], &shown["cashless"]["enabled"]), (&json!(true), &json!(true)));
    let hint = shown["cashless"]["keyHint"].as_str().unwrap();
    assert!(hint.ends_with(&SANDBOX_CASHLESS_KEY[SANDBOX_CASHLESS_KEY.len() - 4..]), "{hint}");
    let list = at.send("GET", Some(KEY), "/v1/terminals/term_seeded/client-certificates", None).await.json;
    assert_eq!(list["data"][0]["serialNumber"], till.credential.facts().unwrap().serial);
}
