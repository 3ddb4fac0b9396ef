//! What an identity opens, from when on, and until when: restarts, replacement, withdrawal, revocation, renewal.

use std::sync::Arc;

use rustls::client::Resumption;
use vinr_pki::DeviceKey;
use vinr_wire::link::ToTerminal;

use super::device::{Device, Link, Paired};
use super::installation::{Got, Installation, KEY, OTHER};

const HOUR_MS: i64 = 3_600_000;

/// Offers, activates and connects.
async fn pair(at: &Installation, key: &str, serial: &str) -> (Got, Paired, Link) {
    let device = Device::offer(at, serial).await;
    let code = device.code.clone();
    let (activated, (paired, link)) = tokio::join!(at.activate(key, &code), async {
        let paired = device.fetch(at).await;
        let link = paired.connect(at).await.unwrap();
        (paired, link)
    });
    assert_eq!((activated.status, activated.text("status")), (200, "online"), "{}", activated.json);
    assert_eq!(activated.text("id"), paired.terminal);
    (activated, paired, link)
}

#[tokio::test]
async fn a_deactivated_terminal_is_cut_at_once_and_does_not_come_back_also_not_by_resuming() {
    let at = Installation::open().await;
    let (activated, mut paired, link) = pair(&at, KEY, "SN-1").await;
    let mut resuming = rustls::ClientConfig::clone(&paired.tls);
    resuming.resumption = Resumption::in_memory_sessions(8);
    paired.tls = Arc::new(resuming);
    drop(link);
    let link = paired.connect(&at).await.unwrap();
    let (got, said) = tokio::join!(at.deactivate(KEY, activated.text("id")), link.until_cut());
    assert_eq!((got.status, got.text("status")), (200, "deactivated"), "{}", got.json);
    assert_eq!(said, "this terminal was taken out of service");
    let refused = paired.connect(&at).await.err().unwrap();
    assert!(refused.contains("CertificateRevoked"), "{refused}");
    assert_eq!(at.deactivate(KEY, activated.text("id")).await.text("status"), "deactivated", "again");

    // The deny set is in the store.
    let at = at.restart().await;
    let refused = paired.connect(&at).await.err().unwrap();
    assert!(refused.contains("CertificateRevoked"), "{refused}");
}

#[tokio::test]
async fn a_restart_of_the_server_between_any_two_steps_changes_nothing() {
    let at = Installation::open().await;
    let device = Device::offer(&at, "SN-1").await;
    let at = at.restart().await;
    // Nobody is there to come online; the answer says so.
    let claimed = at.activate(KEY, &device.code).await;
    assert_eq!((claimed.status, claimed.text("status")), (200, "offline"));
    let at = at.restart().await;
    let first = device.look(&at).await;
    let at = at.restart().await;
    assert_eq!(
        device.look(&at).await.json["identity"]["certificateChain"],
        first.json["identity"]["certificateChain"]
    );
    let paired = device.fetch(&at).await;
    let at = at.restart().await;
    let _link = paired.connect(&at).await.unwrap();
    let path = format!("/v1/terminals/{}", claimed.text("id"));
    assert_eq!(at.send("GET", Some(KEY), &path, None).await.text("status"), "online");
}

#[tokio::test]
async fn a_repeated_activation_is_answered_with_the_same_terminal() {
    let at = Installation::open().await;
    let device = Device::offer(&at, "SN-1").await;
    let body = serde_json::json!({ "activationCode": device.code, "displayName": "Counter 3" });
    let activate =
        || at.send_once("POST", Some(KEY), "/v1/terminals/activate", Some(body.clone()), Some("once"));
    let (first, link) = tokio::join!(activate(), async {
        let paired = device.fetch(&at).await;
        paired.connect(&at).await.unwrap()
    });
    let again = activate().await;
    assert_eq!((first.status, again.status, first.replayed, again.replayed), (200, 200, false, true));
    assert_eq!(first.json["id"], again.json["id"]);
    assert_eq!(first.text("displayName"), "Counter 3");
    drop(link);
}

#[tokio::test]
async fn a_device_is_one_accounts_at_a_time_and_the_same_terminal_when_it_returns() {
    let at = Installation::open().await;
    let (first, old, _link) = pair(&at, KEY, "SN-1").await;

    let elsewhere = Device::offer(&at, "SN-1").await;
    let refused = at.activate(OTHER, &elsewhere.code).await;
    assert_eq!((refused.status, refused.code()), (409, "device_active_elsewhere"));

    // The same account: the same terminal, with a new identity in the place of the old one.
    let (again, new, _new_link) = pair(&at, KEY, "SN-1").await;
    assert_eq!((again.text("id"), &again.json["createdAt"]), (first.text("id"), &first.json["createdAt"]));
    let refused = old.connect(&at).await.err().unwrap();
    assert!(refused.contains("CertificateRevoked"), "{refused}");
    new.connect(&at).await.unwrap();

    assert_eq!(at.deactivate(KEY, first.text("id")).await.status, 200);
    let (theirs, ..) = pair(&at, OTHER, "SN-1").await;
    assert_ne!(theirs.text("id"), first.text("id"));
}

#[tokio::test]
async fn what_nobody_fetched_in_time_is_withdrawn() {
    let at = Installation::open().await;
    let device = Device::offer(&at, "SN-1").await;
    let claimed = at.activate(KEY, &device.code).await;
    assert_eq!(claimed.text("status"), "offline");
    at.advance_ms(HOUR_MS);
    assert_eq!(device.look(&at).await.text("status"), "expired");
    // Whoever sweeps does it every few seconds; asking shows when it is done.
    let path = format!("/v1/terminals/{}", claimed.text("id"));
    let mut status = String::new();
    for _ in 0..400 {
        status = at.send("GET", Some(KEY), &path, None).await.text("status").to_owned();
        if status == "deactivated" {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    assert_eq!(status, "deactivated");
    pair(&at, OTHER, "SN-1").await;
}

#[tokio::test]
async fn a_live_link_renews_its_certificate_and_both_are_revoked_together() {
    let at = Installation::open().await;
    let (activated, paired, mut link) = pair(&at, KEY, "SN-1").await;
    let key = DeviceKey::generate().unwrap();
    let ToTerminal::CertificateIssued { chain_pem } = link.renew(key.csr().unwrap()).await else {
        panic!("no certificate")
    };
    let renewed = paired.with(key, &chain_pem, &at);
    assert_ne!(renewed.facts.serial, paired.facts.serial);
    let refused = link.renew(vec![1, 2, 3]).await;
    assert!(matches!(refused, ToTerminal::CertificateRefused { .. }), "{refused:?}");
    drop(link);
    paired.connect(&at).await.unwrap();
    let link = renewed.connect(&at).await.unwrap();
    let (got, _said) = tokio::join!(at.deactivate(KEY, activated.text("id")), link.until_cut());
    assert_eq!(got.status, 200);
    for one in [&paired, &renewed] {
        assert!(one.connect(&at).await.err().unwrap().contains("CertificateRevoked"));
    }
}

#[tokio::test]
async fn a_confirmed_pairing_hands_nothing_out_again() {
    let at = Installation::open().await;
    let device = Device::offer(&at, "SN-1").await;
    let (id, secret) = (device.id.clone(), device.secret.clone());
    at.activate(KEY, &device.code).await;
    let paired = device.fetch(&at).await;
    assert_eq!(paired.pairing, (id.clone(), secret.clone()));
    let path = format!("/v1/device/pairings/{id}");
    let confirmed = at.send("POST", Some(&secret), &format!("{path}/confirm"), None).await;
    assert_eq!(confirmed.text("status"), "confirmed");
    let looked = at.send("GET", Some(&secret), &path, None).await;
    assert_eq!(looked.text("status"), "confirmed");
    assert!(looked.json.get("identity").is_none());
    assert_eq!(at.send("POST", Some(&secret), &format!("{path}/withdraw"), None).await.status, 409);
}
