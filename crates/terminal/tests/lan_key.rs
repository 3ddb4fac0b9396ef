//! The listener's key in its file: private, whole or not there, and never with a certificate of another key.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::net::IpAddr;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use vinr_domain::{TerminalId, Timestamp};
use vinr_pki::{Authority, DeviceIdentity, listener_identity};
use vinr_terminal::{FileLanKey, LanKey as _};

const NOW: Timestamp = Timestamp(1_790_000_000_000);

fn issue(authority: &Authority, csr: &[u8], addresses: &[IpAddr]) -> String {
    let terminal = DeviceIdentity::of_terminal(TerminalId::parse("term_t1").unwrap()).unwrap();
    authority.issue_listener(csr, &terminal, addresses, NOW).unwrap().chain_pem().to_owned()
}

fn addresses() -> Vec<IpAddr> {
    vec!["192.168.1.7".parse().unwrap()]
}

fn open(path: &Path) -> FileLanKey {
    FileLanKey::open(path).unwrap()
}

#[test]
fn a_certificate_is_kept_with_its_key_and_private() {
    let directory = tempfile::tempdir().unwrap();
    let authority = Authority::open_or_create(&directory.path().join("pki"), NOW).unwrap();
    let path = directory.path().join("listener.json");
    let mut key = open(&path);
    assert!(key.identity().is_none() && key.renew_at().is_none());
    let csr = key.request(&addresses()).unwrap().unwrap();
    let chain = issue(&authority, &csr, &addresses());
    key.install(&chain).unwrap();
    assert!(key.install(&chain).is_err(), "nothing was asked for");
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o7777, 0o600);
    let again = open(&path);
    assert_eq!((again.identity(), again.renew_at()), (key.identity(), key.renew_at()));
    assert_eq!(again.addresses(), addresses());
    let held = again.identity().unwrap();
    assert!(held.key_pem().contains("PRIVATE KEY") && !format!("{held:?}{again:?}").contains("PRIVATE"));
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
    assert!(FileLanKey::open(&path).is_err(), "others can read the key");
}

#[test]
fn a_certificate_for_another_key_changes_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let authority = Authority::open_or_create(&directory.path().join("pki"), NOW).unwrap();
    let path = directory.path().join("listener.json");
    let (mut key, mut other) = (open(&path), open(&directory.path().join("other.json")));
    let csr = key.request(&addresses()).unwrap().unwrap();
    let chain = issue(&authority, &csr, &addresses());
    key.install(&chain).unwrap();
    let foreign = other.request(&addresses()).unwrap().unwrap();
    key.request(&addresses()).unwrap();
    assert!(key.install(&issue(&authority, &foreign, &addresses())).is_err());
    assert!(key.install("nonsense").is_err());
    assert_eq!(key.identity().unwrap().chain_pem(), chain);
    std::fs::write(&path, "{}").unwrap();
    assert!(open(&path).identity().is_none(), "what cannot be used is asked for anew");
}

#[test]
fn what_the_cloud_certifies_names_the_terminal() {
    let directory = tempfile::tempdir().unwrap();
    let authority = Authority::open_or_create(&directory.path().join("pki"), NOW).unwrap();
    let mut key = open(&directory.path().join("listener.json"));
    let csr = key.request(&addresses()).unwrap().unwrap();
    let terminal = DeviceIdentity::of_terminal(TerminalId::parse("term_t1").unwrap()).unwrap();
    let issued = authority.issue_listener(&csr, &terminal, &addresses(), NOW).unwrap();
    key.install(issued.chain_pem()).unwrap();
    assert_eq!(listener_identity(issued.leaf()).unwrap(), terminal);
}
