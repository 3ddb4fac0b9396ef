//! Who may speak to the Local API: judged for every request, told in words, cut off when revoked.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http_body_util::BodyExt as _;
use serde_json::json;
use vinr_pki::{Authority, Credential};

use crate::shop::{Shop, TERMINAL, client_name, now};
use crate::wire::Line;

const PAYMENTS: &str = "/v1/terminal/payments";
const DAY_MS: i64 = 24 * 3_600_000;

async fn refusal(shop: &Shop, credential: Option<&Credential>) -> String {
    let mut line = Line::tls(shop, credential).await;
    let answer = line.get(PAYMENTS).await;
    assert_eq!(answer.status, 403);
    assert_eq!(answer.json()["error"]["type"], "permission_error");
    assert!(line.is_cut().await, "who may not be here does not stay");
    answer.code()
}

#[tokio::test]
async fn every_certificate_that_does_not_count_is_told_why() {
    let mut shop = Shop::open().await;
    let good = shop.till_certificate();
    assert_eq!(Line::tls(&shop, Some(&good)).await.get(PAYMENTS).await.status, 200);
    assert_eq!(refusal(&shop, None).await, "certificate_required");
    let other = shop.certificate_for("term_t2", now());
    assert_eq!(refusal(&shop, Some(&other)).await, "certificate_wrong_terminal");
    let old = shop.certificate_for(TERMINAL, now().plus_ms(-31 * DAY_MS));
    assert_eq!(refusal(&shop, Some(&old)).await, "certificate_expired");
    let early = shop.certificate_for(TERMINAL, now().plus_ms(DAY_MS));
    assert_eq!(refusal(&shop, Some(&early)).await, "certificate_not_yet_valid");
    let dir = tempfile::tempdir().unwrap();
    let stranger = Authority::open_or_create(dir.path(), now()).unwrap();
    let foreign = stranger.issue_client(&client_name(TERMINAL), now()).unwrap();
    assert_eq!(refusal(&shop, Some(&foreign)).await, "certificate_unknown_authority");
    let serial = good.facts().unwrap().serial;
    shop.change(|access| access.revoked_serials.push(serial)).await;
    assert_eq!(refusal(&shop, Some(&good)).await, "certificate_revoked");
}

#[tokio::test]
async fn a_revoked_till_is_cut_in_the_middle_of_what_it_does() {
    let mut shop = Shop::open().await;
    let credential = shop.till_certificate();
    let mut line = Line::tls(&shop, Some(&credential)).await;
    let stream = line.begin("GET", "/v1/events", "").await;
    assert_eq!(stream.status(), 200);
    let serial = credential.facts().unwrap().serial;
    shop.change(|access| access.revoked_serials.push(serial)).await;
    // Breaks off: no orderly end, and no more of the body.
    let mut body = stream.into_body();
    let broken = tokio::time::timeout(std::time::Duration::from_secs(2), async {
        while let Some(frame) = body.frame().await {
            if frame.is_err() {
                return true;
            }
        }
        false
    });
    assert!(broken.await.expect("cut within 2 s"));
}

#[tokio::test]
async fn the_status_needs_no_certificate_and_tells_no_secret() {
    let shop = Shop::open().await;
    let mut anyone = Line::tls(&shop, None).await;
    let status = anyone.get("/v1/status").await;
    assert_eq!(
        status.json(),
        json!({
            "object": "terminal_status", "id": TERMINAL, "model": "simulator", "status": "ready", "online": true,
            "apiModes": ["local", "cashless"], "protocolVersion": 1, "softwareVersion": "3.14.2",
            "livemode": false, "offlinePending": 0
        })
    );
}

#[tokio::test]
async fn the_open_wire_is_off_unless_the_cloud_turns_it_on_and_judges_the_same() {
    let mut shop = Shop::open().await;
    assert_eq!(shop.lan.state().borrow().open_wire, None);
    shop.change(|access| access.open_wire = true).await;
    let address = shop.state(|state| state.open_wire.is_some()).await.open_wire.unwrap();
    let credential = shop.till_certificate();
    let der = URL_SAFE_NO_PAD.encode(leaf_der(&credential));
    let mut bare = Line::open(address).await;
    assert_eq!(bare.get(PAYMENTS).await.code(), "certificate_required");
    let mut till = Line::open(address).await.with("x-device-certificate", &der);
    let form = format!("terminalId={TERMINAL}&amount=4200&currency=EUR&reference=order_1099");
    let mut till_form = Line::open(address)
        .await
        .with("x-device-certificate", &der)
        .with("content-type", "application/x-www-form-urlencoded");
    let paid = till_form.post_text(PAYMENTS, &form).await;
    // As the reference page shows it: the older words.
    assert_eq!((paid.status, paid.header("vinr-version")), (200, Some("2025-05-31")));
    assert!(paid.json()["createdAt"].is_i64());
    assert_eq!(till.post("/cashless/v1/status", &json!({})).await.status, 400);
    let mut garbled = Line::open(address).await.with("x-device-certificate", "!!");
    assert_eq!(garbled.get(PAYMENTS).await.code(), "certificate_unknown_authority");
    let serial = credential.facts().unwrap().serial;
    shop.change(|access| access.revoked_serials.push(serial)).await;
    let mut revoked = Line::open(address).await.with("x-device-certificate", &der);
    assert_eq!(revoked.get(PAYMENTS).await.code(), "certificate_revoked");
    shop.change(|access| access.open_wire = false).await;
    shop.state(|state| state.open_wire.is_none()).await;
    assert!(tokio::net::TcpStream::connect(address).await.is_err());
}

fn leaf_der(credential: &Credential) -> Vec<u8> {
    use rustls::pki_types::CertificateDer;
    use rustls::pki_types::pem::PemObject as _;
    CertificateDer::from_pem_slice(credential.chain_pem().as_bytes()).unwrap().to_vec()
}

#[tokio::test]
async fn what_is_not_served_is_not_there() {
    let mut shop = Shop::with(|_| {}, |access| access.local_api = false).await;
    let mut till = Line::till(&shop).await;
    assert_eq!(till.get(PAYMENTS).await.status, 404);
    let address = shop.https();
    shop.change(|access| access.cashless = false).await;
    shop.state(|state| state.https.is_none()).await;
    assert!(tokio::net::TcpStream::connect(address).await.is_err());
    shop.change(|access| access.local_api = true).await;
    shop.state(|state| state.https.is_some()).await;
    assert_eq!(Line::till(&shop).await.get(PAYMENTS).await.status, 200);
}
