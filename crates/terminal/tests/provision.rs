//! A provisioned data directory: what is saved is loaded, what is missing or open to others is said.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use vinr_domain::{TerminalId, Timestamp};
use vinr_pki::{Authority, DeviceBundle, DeviceIdentity, DeviceKey};
use vinr_terminal::provision::{ProvisionError, TerminalFacts, is_provisioned, load, save};
use vinr_wire::card::ReaderKey;

fn bundle(terminal: &str, pki: &Path) -> DeviceBundle {
    let now = Timestamp(1_790_000_000_000);
    let authority = Authority::open_or_create(pki, now).unwrap();
    let identity = DeviceIdentity::of_terminal(TerminalId::parse(terminal).unwrap()).unwrap();
    let key = DeviceKey::generate().unwrap();
    let issued = authority.issue_device(&key.csr().unwrap(), &identity, now).unwrap();
    DeviceBundle::new(key, issued.chain_pem(), authority.roots_pem()).unwrap()
}

fn facts(terminal: &str) -> TerminalFacts {
    TerminalFacts {
        link_id: terminal.to_owned(),
        cloud: "127.0.0.1:8444".to_owned(),
        server_name: "localhost".to_owned(),
        model: "simulator".to_owned(),
        serial_number: "S1".to_owned(),
    }
}

#[test]
fn what_is_saved_is_loaded_and_private() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("terminal");
    assert!(matches!(load(&data), Err(ProvisionError::NotProvisioned { .. })));
    assert!(!is_provisioned(&data));
    let key = ReaderKey::from_bytes([3; 32]);
    save(&data, &facts("term_t1"), &bundle("term_t1", directory.path()), &key).unwrap();
    assert!(is_provisioned(&data));
    let loaded = load(&data).unwrap();
    assert_eq!(loaded.facts, facts("term_t1"));
    assert_eq!(loaded.reader_key.to_bytes(), key.to_bytes());
    assert_eq!(loaded.journal, data.join("journal"));
    assert_eq!(loaded.bundle.identity().to_string(), "term_t1");
    assert_eq!(loaded.mark, data.join("offline.json"));
    let storage = std::fs::read(data.join("storage.key")).unwrap();
    load(&data).unwrap();
    assert_eq!(std::fs::read(data.join("storage.key")).unwrap(), storage, "made once");
    for file in ["terminal.json", "reader.key", "storage.key"] {
        let mode = std::fs::metadata(data.join(file)).unwrap().permissions().mode() & 0o7777;
        assert_eq!(mode, 0o600, "{file}");
    }
    assert!(!format!("{loaded:?}").contains("[3, 3"), "the key is not printed");
}

#[test]
fn what_is_wrong_is_said_with_the_file_and_the_cure() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("terminal");
    let device = bundle("term_t1", directory.path());
    let key = ReaderKey::from_bytes([3; 32]);
    let other = save(&data, &facts("term_t2"), &device, &key).unwrap_err().to_string();
    assert!(other.contains("term_t1") && other.contains("term_t2"), "{other}");
    save(&data, &facts("term_t1"), &device, &key).unwrap();
    let secret = data.join("reader.key");
    std::fs::set_permissions(&secret, std::fs::Permissions::from_mode(0o644)).unwrap();
    let open = load(&data).unwrap_err().to_string();
    assert!(open.contains("reader.key") && open.contains("chmod 600"), "{open}");
    std::fs::set_permissions(&secret, std::fs::Permissions::from_mode(0o600)).unwrap();
    std::fs::write(&secret, "not a key").unwrap();
    let malformed = load(&data).unwrap_err().to_string();
    assert!(malformed.contains("64 hexadecimal digits") && !malformed.contains("not a key"), "{malformed}");
    std::fs::write(data.join("terminal.json"), r#"{"linkId":"term_t1","clod":"x"}"#).unwrap();
    let misspelt = load(&data).unwrap_err().to_string();
    assert!(misspelt.contains("terminal.json") && misspelt.contains("clod"), "{misspelt}");
}
