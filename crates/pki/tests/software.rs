//! Software manifests from outside: what is signed is believed, and nothing else is.
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use proptest::prelude::*;
use vinr_domain::{ClientCertificateId, SoftwareVersion, Timestamp};
use vinr_pki::software::{Manifest, SignedManifest, SoftwareRefusal, Target, Verdict, sign, verify};
use vinr_pki::{Authority, ClientName, Credential, DeviceIdentity, ServerNames};

const NOW: Timestamp = Timestamp(1_790_000_000_000);
const DAY_MS: i64 = 86_400_000;

fn manifest() -> Manifest {
    Manifest {
        version: SoftwareVersion::parse("3.15.0").unwrap(),
        model: "nexgo_n92".into(),
        sha256: "0123456789abcdef".repeat(4),
        size_bytes: 48_000_000,
        url: Some("https://software.example/n92/3.15.0.img".into()),
        min_version: Some(SoftwareVersion::parse("3.0").unwrap()),
        not_after: NOW.plus_ms(30 * DAY_MS),
    }
}

struct Installation {
    _dir: tempfile::TempDir,
    authority: Authority,
    signer: Credential,
}

impl Installation {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let authority = Authority::open_or_create(&dir.path().join("pki"), NOW).unwrap();
        let signer = authority.issue_software_signer(NOW).unwrap();
        Self { _dir: dir, authority, signer }
    }

    fn signed(&self) -> SignedManifest {
        sign(&manifest(), &self.signer).unwrap()
    }

    fn verify(&self, signed: &SignedManifest) -> Result<Manifest, SoftwareRefusal> {
        verify(signed, self.authority.roots_pem(), NOW)
    }
}

#[test]
fn what_the_installation_signed_is_read_back() {
    let here = Installation::new();
    assert_eq!(here.verify(&here.signed()), Ok(manifest()));
    let plain = Manifest { url: None, min_version: None, ..manifest() };
    assert_eq!(here.verify(&sign(&plain, &here.signer).unwrap()), Ok(plain));
}

#[test]
fn other_signers_are_refused() {
    let (here, elsewhere) = (Installation::new(), Installation::new());
    let signer = |refused: Result<Manifest, SoftwareRefusal>| match refused {
        Err(SoftwareRefusal::Signer(why)) => why,
        other => panic!("{other:?}"),
    };
    let foreign = signer(here.verify(&elsewhere.signed()));
    assert_eq!(foreign, "its certificate comes from another installation");
    // Of this installation, but for something else.
    let till = ClientName {
        terminal: DeviceIdentity::parse("term_1").unwrap(),
        certificate: ClientCertificateId(1),
    };
    let till = here.authority.issue_client(&till, NOW).unwrap();
    let server = here.authority.issue_server(&ServerNames::default(), NOW).unwrap();
    for credential in [till, server] {
        signer(here.verify(&sign(&manifest(), &credential).unwrap()));
    }
    // A signer of this installation whose issuers belong to another.
    let mut mixed = here.signed();
    mixed.chain_pem = elsewhere.signed().chain_pem;
    signer(here.verify(&mixed));
    for chain_pem in [String::new(), "x".repeat(20_000), "-----BEGIN CERTIFICATE-----\n".into()] {
        signer(here.verify(&SignedManifest { chain_pem, ..here.signed() }));
    }
    signer(verify(&here.signed(), "", NOW));
    signer(verify(&here.signed(), here.authority.roots_pem(), NOW.plus_ms(366 * DAY_MS)));
}

#[test]
fn a_manifest_that_was_changed_is_refused() {
    let here = Installation::new();
    let mut signed = here.signed();
    let at = signed.manifest.windows(6).position(|bytes| bytes == b"3.15.0").unwrap();
    signed.manifest[at] = b'4';
    assert_eq!(here.verify(&signed), Err(SoftwareRefusal::Signature));
    let signed = SignedManifest { signature: vec![], ..here.signed() };
    assert_eq!(here.verify(&signed), Err(SoftwareRefusal::Signature));
}

#[test]
fn a_device_installs_only_what_is_meant_for_it() {
    let device = Target { running: "3.14.2", model: "nexgo_n92" };
    let admits = |device| manifest().admits(device, NOW);
    assert_eq!(admits(device), Ok(Verdict::Install));
    assert_eq!(admits(Target { running: "3.15", ..device }), Ok(Verdict::UpToDate));
    assert!(matches!(admits(Target { running: "3.15.1", ..device }), Err(SoftwareRefusal::Downgrade { .. })));
    assert!(matches!(admits(Target { running: "2.9", ..device }), Err(SoftwareRefusal::TooOld { .. })));
    assert_eq!(admits(Target { running: "dev", ..device }), Err(SoftwareRefusal::UnknownVersion));
    let other = admits(Target { model: "nexgo_ct20", ..device }).unwrap_err();
    assert_eq!(other.to_string(), "the software is for nexgo_n92, this device is nexgo_ct20");
    assert_eq!(manifest().admits(device, NOW.plus_ms(30 * DAY_MS)), Err(SoftwareRefusal::Expired));
}

#[test]
fn what_does_not_say_what_it_must_is_neither_signed_nor_read() {
    let here = Installation::new();
    for wrong in [
        Manifest { sha256: "0123".into(), ..manifest() },
        Manifest { model: String::new(), ..manifest() },
        Manifest { url: Some("x".repeat(9_000)), ..manifest() },
    ] {
        assert!(sign(&wrong, &here.signer).is_err(), "{wrong:?}");
    }
    let text = String::from_utf8(here.signed().manifest).unwrap();
    for (from, to) in [
        ("\"version\":\"3.15.0\"", "\"version\":\"3.15-rc\""),
        ("\"size\"", "\"bytes\""),
        ("\"size\"", "\"onlyOnTuesdays\":true,\"size\""),
        ("0123456789abcdef", "0123456789ABCDEF"),
    ] {
        let changed = text.replacen(from, to, 1);
        assert!(
            matches!(Manifest::parse(changed.as_bytes()), Err(SoftwareRefusal::Malformed(_))),
            "{changed}"
        );
    }
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..300), chain in ".{0,200}") {
        let _ = Manifest::parse(&bytes);
        let signed = SignedManifest { manifest: bytes.clone(), signature: bytes, chain_pem: chain.clone() };
        let _ = verify(&signed, &chain, NOW);
    }
}
