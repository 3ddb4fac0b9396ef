//! Renewal with real certificates and real files: the new one is used from the next connection on, the old one stays
//! whenever anything is wrong.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::sync::Arc;

use vinr_domain::{TerminalId, Timestamp};
use vinr_pki::{Authority, DeviceBundle, DeviceIdentity, DeviceKey};
use vinr_terminal::{FileIdentity, Identity as _};

const NOW: Timestamp = Timestamp(1_790_000_000_000);
const DAY_MS: i64 = 86_400_000;

fn named(terminal: &str) -> DeviceIdentity {
    DeviceIdentity::of_terminal(TerminalId::parse(terminal).unwrap()).unwrap()
}

#[test]
fn a_renewed_certificate_is_stored_and_used() {
    let temp = tempfile::tempdir().unwrap();
    let dir = temp.path().join("identity");
    let authority = Authority::open_or_create(&temp.path().join("pki"), NOW).unwrap();
    let key = DeviceKey::generate().unwrap();
    let issued = authority.issue_device(&key.csr().unwrap(), &named("term_1"), NOW).unwrap();
    let bundle = DeviceBundle::new(key, issued.chain_pem(), authority.roots_pem()).unwrap();
    bundle.save(&dir).unwrap();
    let (mut identity, tls) = FileIdentity::new(&dir, bundle).unwrap();
    let before = Arc::clone(&tls.borrow());

    // A little early, so that whole days count.
    let due = identity.renew_at().unwrap();
    assert!((59..=60).contains(&(due.ms_since(NOW) / DAY_MS)), "{due:?}");
    assert!(!identity.ends_soon(due) && identity.ends_soon(NOW.plus_ms(89 * DAY_MS)));
    assert_eq!(identity.roots_pem(), authority.roots_pem());

    // Nothing was asked for.
    assert!(identity.install(issued.chain_pem()).is_err());
    let csr = identity.request().unwrap();
    assert_eq!(
        public_key_of(&csr),
        public_key_of(&identity.request().unwrap()),
        "the same key until it is answered"
    );
    let later = NOW.plus_ms(61 * DAY_MS);
    let other = authority.issue_device(&csr, &named("term_2"), later).unwrap();
    let sooner = authority.issue_device(&csr, &named("term_1"), NOW.plus_ms(-DAY_MS)).unwrap();
    for wrong in [issued.chain_pem(), other.chain_pem(), sooner.chain_pem(), "", "-----BEGIN"] {
        assert!(identity.install(wrong).is_err(), "{wrong}");
    }
    assert!(Arc::ptr_eq(&before, &tls.borrow()), "another configuration without another certificate");
    assert_eq!(DeviceBundle::load(&dir).unwrap().facts(), issued.facts());

    let renewed = authority.issue_device(&csr, &named("term_1"), later).unwrap();
    identity.install(renewed.chain_pem()).unwrap();
    assert!(!Arc::ptr_eq(&before, &tls.borrow()), "the next connection uses it");
    assert_eq!(DeviceBundle::load(&dir).unwrap().facts(), renewed.facts());
    assert!(identity.renew_at().unwrap() > due);
    assert!(identity.install(renewed.chain_pem()).is_err(), "once");
}

/// The part of a request that does not change with its signature.
fn public_key_of(csr: &[u8]) -> &[u8] {
    // An uncompressed point on P-256 (SEC 1): 04 and 64 bytes, after its bit string's header.
    let at = csr.windows(4).position(|bytes| bytes == [0x03, 0x42, 0x00, 0x04]).unwrap();
    &csr[at..at + 68]
}
