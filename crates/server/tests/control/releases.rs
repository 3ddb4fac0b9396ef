//! The catalogue of software: registered by operators, chosen for terminals by version, model and percentage.

use std::sync::Arc;

use serde_json::{Value, json};
use vinr_pki::Authority;
use vinr_pki::software::{SignedManifest, verify};
use vinr_wire::link::{ActionProgress, Order};

use super::device::Device;
use super::office::{KEY, OPERATOR, Office, START};

const RELEASES: &str = "/v1/operator/releases";
const DIGEST: &str = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

fn release(model: &str, version: &str, percent: u8) -> String {
    json!({
        "model": model, "version": version, "sha256": DIGEST, "size": 1000, "rolloutPercent": percent,
        "url": "https://software.example/image",
    })
    .to_string()
}

async fn operate(office: &Office, method: &str, path: &str, body: &str) -> super::office::Got {
    office.send(method, OPERATOR, path, body, None).await
}

async fn update(office: &Office, device: &mut Device) -> (Value, Vec<Order>) {
    let asked = office.post("/v1/terminals/term_a/actions", "action=update").await.ok();
    device.live(300).await;
    let told = device.actions();
    for perform in &told {
        device.report(perform, ActionProgress::Completed).await;
    }
    let id = asked["id"].as_str().unwrap();
    let ended = office.get(&format!("/v1/terminal-actions/{id}")).await.ok();
    (ended, told.into_iter().map(|perform| perform.order).collect())
}

#[tokio::test(start_paused = true)]
async fn an_update_gets_the_newest_release_of_the_model_signed_by_the_platform() {
    let directory = tempfile::tempdir().unwrap();
    let authority = Arc::new(Authority::open_or_create(directory.path(), START).unwrap());
    let roots = authority.roots_pem().to_owned();
    let office = Office::with_authority(Some(authority)).await;
    office.register("term_a", "nexgo_n92").await;
    let mut device = Device::connect(&office, "term_a", 0).await;

    let (ended, told) = update(&office, &mut device).await;
    assert_eq!((&ended["status"], &ended["alreadyUpToDate"]), (&json!("completed"), &json!(true)));
    assert_eq!(told, [], "there is nothing newer");

    for (model, version, percent) in [
        ("nexgo_n92", "3.15.0", 100),
        ("nexgo_n92", "3.20.1", 100),
        ("nexgo_n92", "3.30.0", 0),
        ("nexgo_n92", "3.14.2", 100),
        ("nexgo_n86pro", "9.0.0", 100),
    ] {
        operate(&office, "POST", RELEASES, &release(model, version, percent)).await.ok();
    }
    let (ended, told) = update(&office, &mut device).await;
    assert_eq!((&ended["softwareVersion"], &ended["alreadyUpToDate"]), (&json!("3.20.1"), &json!(false)));
    let [Order::Update(sent)] = told.as_slice() else { panic!("{told:?}") };
    let signed = SignedManifest {
        manifest: sent.manifest.clone(),
        signature: sent.signature.clone(),
        chain_pem: sent.signer_chain_pem.clone(),
    };
    let manifest = verify(&signed, &roots, START).unwrap();
    assert_eq!((manifest.version.to_string().as_str(), manifest.model.as_str()), ("3.20.1", "nexgo_n92"));

    let office = office.restart().await;
    let mut device = Device::connect(&office, "term_a", 0).await;
    let all = operate(&office, "GET", RELEASES, "").await.ok();
    let newest = all["data"].as_array().unwrap().iter().find(|one| one["version"] == "3.20.1").unwrap();
    let path = format!("{RELEASES}/{}", newest["id"].as_str().unwrap());
    operate(&office, "POST", &path, r#"{"halted":true}"#).await.ok();
    assert_eq!(operate(&office, "GET", &path, "").await.ok()["halted"], json!(true));
    let (ended, _) = update(&office, &mut device).await;
    assert_eq!(ended["softwareVersion"], "3.15.0", "a halted release is passed over");
}

#[tokio::test(start_paused = true)]
async fn a_rollout_reaches_about_its_percentage_and_only_grows() {
    let directory = tempfile::tempdir().unwrap();
    let authority = Arc::new(Authority::open_or_create(directory.path(), START).unwrap());
    let office = Office::with_authority(Some(authority)).await;
    for number in 0..200 {
        office.register(&format!("term_{number}"), "nexgo_n92").await;
    }
    let releases = office.platform.services().applications.releases;
    let reached = || -> Vec<usize> {
        let rows = office.platform.directory.all().into_iter().map(|terminal| terminal.row());
        let chosen = rows.enumerate().filter(|(_, row)| releases.choose(row).is_some());
        chosen.map(|(at, _)| at).collect()
    };
    let body = release("nexgo_n92", "4.0.0", 30);
    let id = operate(&office, "POST", RELEASES, &body).await.ok()["id"].as_str().unwrap().to_owned();
    let some = reached();
    assert!((30..90).contains(&some.len()), "{}", some.len());
    operate(&office, "POST", &format!("{RELEASES}/{id}"), r#"{"rolloutPercent":60}"#).await.ok();
    let more = reached();
    assert!(more.len() > some.len() && some.iter().all(|one| more.contains(one)));
    operate(&office, "POST", &format!("{RELEASES}/{id}"), r#"{"rolloutPercent":100}"#).await.ok();
    assert_eq!(reached().len(), 200);
}

#[tokio::test(start_paused = true)]
async fn releases_are_for_operators_and_registered_once() {
    let directory = tempfile::tempdir().unwrap();
    let authority = Arc::new(Authority::open_or_create(directory.path(), START).unwrap());
    let office = Office::with_authority(Some(authority)).await;
    let body = release("nexgo_n92", "4.0.0", 100);
    assert_eq!(office.send("POST", KEY, RELEASES, &body, None).await.status, 401);
    operate(&office, "POST", RELEASES, &body).await.ok();
    let again = operate(&office, "POST", RELEASES, &body).await;
    assert_eq!(again.refused(), (409, "release_exists", Some("version")));
    for (field, value, param) in [
        ("version", json!("four"), "version"),
        ("sha256", json!("abc"), "sha256"),
        ("size", json!(0), "size"),
        ("url", json!("http://plain.example"), "url"),
        ("model", json!("toaster"), "model"),
        ("rolloutPercent", json!(101), "rolloutPercent"),
    ] {
        let mut body: Value = serde_json::from_str(&release("nexgo_n92", "5.0.0", 1)).unwrap();
        body[field] = value;
        let got = operate(&office, "POST", RELEASES, &body.to_string()).await;
        assert_eq!(got.refused(), (400, "parameter_invalid", Some(param)));
    }
    assert_eq!(operate(&office, "GET", &format!("{RELEASES}/rel_x"), "").await.status, 404);
    let bare = Office::open().await;
    let got = operate(&bare, "POST", RELEASES, &release("nexgo_n92", "5.0.0", 1)).await;
    assert_eq!(got.refused().0, 503, "a server without an authority signs nothing");
}
