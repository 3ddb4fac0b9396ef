//! What lies on disk: modes, what survives a crash or a restore, and what is refused. Also what an authority signs.
//! Handshakes are tested in `revocation`.
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use rcgen::{CertificateParams, KeyPair, PKCS_ECDSA_P384_SHA384};
use vinr_domain::{ClientCertificateId, Timestamp};
use vinr_pki::{
    Authority, AuthorityError, BundleError, ClientName, Credential, CredentialError, DeviceBundle,
    DeviceIdentity, DeviceKey, IssueError, ServerNames, StorageError, api_server_config, leaf_facts,
};

const NOW: Timestamp = Timestamp(1_790_000_000_000);
const DAY_MS: i64 = 86_400_000;

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

fn everything_under(dir: &Path) -> Vec<PathBuf> {
    let mut found = vec![dir.to_owned()];
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(everything_under(&path)) } else { found.push(path) }
    }
    found
}

fn assert_private(dir: &Path, files: usize) {
    let found = everything_under(dir);
    assert_eq!(found.iter().filter(|path| path.is_file()).count(), files, "{found:?}");
    for path in found {
        let expected = if path.is_dir() { 0o700 } else { 0o600 };
        assert_eq!(mode(&path), expected, "{}", path.display());
    }
}

fn identity() -> DeviceIdentity {
    DeviceIdentity::parse("term_1").unwrap()
}

fn provision(authority: &Authority) -> DeviceBundle {
    let key = DeviceKey::generate().unwrap();
    let issued = authority.issue_device(&key.csr().unwrap(), &identity(), NOW).unwrap();
    DeviceBundle::new(key, issued.chain_pem(), authority.roots_pem()).unwrap()
}

fn new_authority() -> (tempfile::TempDir, PathBuf, Authority) {
    let temp = tempfile::tempdir().unwrap();
    let dir = temp.path().join("data/pki");
    let authority = Authority::open_or_create(&dir, NOW).unwrap();
    (temp, dir, authority)
}

#[test]
fn the_first_start_writes_private_files_and_the_second_reads_them() {
    let (_temp, dir, first) = new_authority();
    // Five keys, five certificates, the root bundle, the lock.
    assert_private(&dir, 14);
    let contents = |dir: &Path| -> Vec<_> {
        let mut files: Vec<_> = everything_under(dir).into_iter().filter(|path| path.is_file()).collect();
        files.sort();
        files.into_iter().map(|path| fs::read(path).unwrap()).collect()
    };
    let before = contents(&dir);
    let second = Authority::open_or_create(&dir, NOW.plus_ms(DAY_MS)).unwrap();
    assert_eq!(first.roots_pem(), second.roots_pem());
    assert_eq!(before, contents(&dir));
}

#[test]
fn everything_but_new_authorities_works_with_the_root_moved_away() {
    let (temp, dir, _authority) = new_authority();
    let (root, safe) = (dir.join("root"), temp.path().join("safe"));
    fs::rename(&root, &safe).unwrap();
    let authority = Authority::open_or_create(&dir, NOW).unwrap();
    provision(&authority);
    assert!(!root.exists());

    fs::remove_dir_all(dir.join("servers")).unwrap();
    let error = Authority::open_or_create(&dir, NOW).unwrap_err();
    assert!(matches!(&error, AuthorityError::RootAway { missing, .. } if *missing == dir.join("servers")));
    assert!(error.to_string().contains(root.to_str().unwrap()), "{error}");

    fs::rename(&safe, &root).unwrap();
    Authority::open_or_create(&dir, NOW).unwrap();
    assert!(dir.join("servers/key.pem").exists());
}

#[test]
fn an_installation_from_before_software_was_signed_gets_its_authority_with_the_next_start() {
    let (temp, dir, _authority) = new_authority();
    fs::remove_dir_all(dir.join("software")).unwrap();
    let (root, safe) = (dir.join("root"), temp.path().join("safe"));
    fs::rename(&root, &safe).unwrap();
    let without = Authority::open_or_create(&dir, NOW).unwrap();
    assert_eq!(without.issue_software_signer(NOW).unwrap_err(), IssueError::NoSoftwareAuthority);
    provision(&without);

    fs::rename(&safe, &root).unwrap();
    let with = Authority::open_or_create(&dir, NOW).unwrap();
    let signer = with.issue_software_signer(NOW).unwrap();
    assert_eq!(signer.chain_pem().matches("BEGIN CERTIFICATE").count(), 2);
    assert!(signer.facts().unwrap().not_after.ms_since(NOW) > 363 * DAY_MS);
    assert_private(&dir, 14);
}

#[test]
fn a_short_secret_is_hashed_with_a_key_of_the_installation() {
    let (_a, dir, ours) = new_authority();
    let (_b, _, theirs) = new_authority();
    let hash = ours.keyed_hash("activation", "7X9K2M4P");
    assert_eq!(hash, Authority::open_or_create(&dir, NOW).unwrap().keyed_hash("activation", "7X9K2M4P"));
    assert_ne!(hash, theirs.keyed_hash("activation", "7X9K2M4P"));
    assert_ne!(hash, ours.keyed_hash("other", "7X9K2M4P"));
    assert_ne!(hash, ours.keyed_hash("activation", "7X9K2M4Q"));
}

#[test]
fn a_lost_root_is_not_replaced_behind_the_back_of_its_authorities() {
    let (_temp, dir, _authority) = new_authority();
    fs::remove_dir_all(dir.join("root")).unwrap();
    fs::remove_file(dir.join("ca.pem")).unwrap();
    let error = Authority::open_or_create(&dir, NOW).unwrap_err();
    assert!(matches!(error, AuthorityError::RootAway { .. }), "{error}");
    assert!(!dir.join("root").exists());
}

#[test]
fn a_start_that_was_cut_short_is_taken_up_again() {
    let (_temp, dir, authority) = new_authority();
    // As if the power had failed while `clients` was being written, and before `ca.pem` was.
    fs::remove_file(dir.join("ca.pem")).unwrap();
    fs::rename(dir.join("clients"), dir.join(".clients.new")).unwrap();
    fs::remove_file(dir.join(".clients.new/cert.pem")).unwrap();
    fs::remove_dir_all(dir.join("servers")).unwrap();
    let again = Authority::open_or_create(&dir, NOW).unwrap();
    assert_eq!(authority.roots_pem(), again.roots_pem());
    assert_private(&dir, 14);
}

#[test]
fn a_key_that_others_can_open_is_refused_with_path_and_cure() {
    for name in ["root", "devices", "clients", "servers", "software"] {
        let (_temp, dir, _authority) = new_authority();
        let key = dir.join(name).join("key.pem");
        for wrong in [0o640, 0o604, 0o620] {
            set_mode(&key, wrong);
            let error = Authority::open_or_create(&dir, NOW).unwrap_err();
            let exposed = matches!(
                &error,
                AuthorityError::Storage(StorageError::KeyExposed { path, mode }) if *path == key && *mode == wrong
            );
            assert!(exposed, "{error}");
            assert!(error.to_string().contains(&format!("chmod 600 {}", key.display())), "{error}");
        }
        set_mode(&key, 0o600);
        set_mode(&dir.join(name), 0o770);
        let error = Authority::open_or_create(&dir, NOW).unwrap_err();
        assert!(matches!(error, AuthorityError::Storage(StorageError::DirectoryExposed { .. })), "{error}");
        set_mode(&dir.join(name), 0o700);
        Authority::open_or_create(&dir, NOW).unwrap();
    }
}

#[test]
fn authorities_that_do_not_belong_together_are_refused() {
    let (_a, ours, _) = new_authority();
    let (_b, theirs, _) = new_authority();

    fs::copy(theirs.join("devices/key.pem"), ours.join("devices/key.pem")).unwrap();
    let error = Authority::open_or_create(&ours, NOW).unwrap_err();
    assert!(matches!(&error, AuthorityError::Mismatch { dir } if *dir == ours.join("devices")), "{error}");

    // Now a pair, but of another root.
    fs::copy(theirs.join("devices/cert.pem"), ours.join("devices/cert.pem")).unwrap();
    let error = Authority::open_or_create(&ours, NOW).unwrap_err();
    assert!(matches!(&error, AuthorityError::Foreign { .. }), "{error}");

    // Now a pair of this root, but for another role.
    for file in ["key.pem", "cert.pem"] {
        fs::copy(theirs.join("clients").join(file), theirs.join("devices").join(file)).unwrap();
    }
    let error = Authority::open_or_create(&theirs, NOW).unwrap_err();
    assert!(matches!(&error, AuthorityError::Foreign { .. }), "{error}");

    fs::write(theirs.join("clients/cert.pem"), "not a certificate").unwrap();
    fs::remove_dir_all(theirs.join("devices")).unwrap();
    let error = Authority::open_or_create(&theirs, NOW).unwrap_err();
    assert!(matches!(&error, AuthorityError::Unreadable { .. }), "{error}");
}

#[test]
fn an_expired_authority_is_refused_and_can_be_replaced() {
    let (_temp, dir, old) = new_authority();
    let late = NOW.plus_ms(5 * 365 * DAY_MS + DAY_MS);
    let error = Authority::open_or_create(&dir, late).unwrap_err();
    assert!(
        matches!(&error, AuthorityError::NotInForce { dir: at, .. } if *at == dir.join("devices")),
        "{error}"
    );
    let csr = DeviceKey::generate().unwrap().csr().unwrap();
    assert_eq!(old.issue_device(&csr, &identity(), late).unwrap_err(), IssueError::NotInForce(late));
    let early = Authority::open_or_create(&dir, NOW.plus_ms(-2 * DAY_MS)).unwrap_err();
    assert!(matches!(early, AuthorityError::NotInForce { .. }), "{early}");

    for name in ["devices", "clients", "servers", "listeners", "software"] {
        fs::remove_dir_all(dir.join(name)).unwrap();
    }
    let new = Authority::open_or_create(&dir, late).unwrap();
    assert_eq!(old.roots_pem(), new.roots_pem());
    new.issue_device(&csr, &identity(), late).unwrap();
}

fn till_name() -> ClientName {
    ClientName { terminal: identity(), certificate: ClientCertificateId(1) }
}

#[test]
fn leaves_live_as_long_as_promised_and_not_longer_than_their_authority() {
    let (_temp, _dir, authority) = new_authority();
    let csr = DeviceKey::generate().unwrap().csr().unwrap();
    let device = authority.issue_device(&csr, &identity(), NOW).unwrap();
    let till = authority.issue_client(&till_name(), NOW).unwrap().facts().unwrap();
    let server = authority.issue_server(&ServerNames::default(), NOW).unwrap().facts().unwrap();
    for (facts, days) in [(device.facts(), 90), (&server, 90), (&till, 30)] {
        let life_ms = facts.not_after.ms_since(facts.not_before);
        assert!(facts.not_before < NOW && life_ms <= days * DAY_MS && life_ms > (days - 1) * DAY_MS);
    }
    let near_the_end = NOW.plus_ms(5 * 365 * DAY_MS - DAY_MS);
    let short = authority.issue_device(&csr, &identity(), near_the_end).unwrap();
    assert!(short.facts().not_after <= NOW.plus_ms(5 * 365 * DAY_MS));

    // The same key twice: two certificates that can be revoked apart.
    let again = authority.issue_device(&csr, &identity(), NOW).unwrap();
    assert_ne!(again.facts().serial, device.facts().serial);
    assert_eq!(&leaf_facts(again.leaf()).unwrap(), again.facts());
}

#[test]
fn a_request_that_does_not_prove_its_key_is_refused() {
    let (_temp, _dir, authority) = new_authority();
    let issue = |csr: &[u8]| authority.issue_device(csr, &identity(), NOW).unwrap_err();
    let good = DeviceKey::generate().unwrap().csr().unwrap();

    assert_eq!(issue(b"hello"), IssueError::MalformedRequest);
    let mut longer = good.clone();
    longer.push(0);
    assert_eq!(issue(&longer), IssueError::MalformedRequest);

    // Another device's key, put where the request names its own; the signature stays.
    let point = |csr: &[u8]| csr.windows(4).position(|bytes| bytes == [0x03, 0x42, 0x00, 0x04]).unwrap() + 4;
    let other = DeviceKey::generate().unwrap().csr().unwrap();
    let (to, from) = (point(&good), point(&other));
    let mut stolen = good;
    stolen[to..to + 64].copy_from_slice(&other[from..from + 64]);
    assert_eq!(issue(&stolen), IssueError::RequestSignature);

    let large = KeyPair::generate_for(&PKCS_ECDSA_P384_SHA384).unwrap();
    let request = CertificateParams::default().serialize_request(&large).unwrap();
    assert_eq!(issue(request.der()), IssueError::RequestKey);
}

#[test]
fn what_a_request_asks_for_is_not_granted() {
    let (_temp, _dir, authority) = new_authority();
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(["localhost".to_owned()]).unwrap();
    params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let request = params.serialize_request(&key).unwrap();
    let issued = authority.issue_device(request.der(), &identity(), NOW).unwrap();
    assert_eq!(vinr_pki::peer_identity(issued.leaf()).unwrap(), identity());
    let (_, leaf) = x509_parser::parse_x509_certificate(issued.leaf()).unwrap();
    assert!(!leaf.is_ca());
    assert!(leaf.subject().iter_common_name().next().is_none());
}

#[test]
fn server_names_are_checked() {
    let (_temp, _dir, authority) = new_authority();
    let issue = |dns: &[&str]| {
        let names = ServerNames { dns: dns.iter().map(ToString::to_string).collect(), ips: Vec::new() };
        authority.issue_server(&names, NOW)
    };
    assert!(issue(&["pay.example", "terminals.pay.example"]).is_ok());
    assert_eq!(issue(&[]).unwrap_err(), IssueError::NoName);
    for bad in ["", "a b", "pay.example/", "münchen.example"] {
        assert_eq!(issue(&[bad]).unwrap_err(), IssueError::HostName(bad.into()));
    }
}

#[test]
fn a_device_bundle_is_private_and_reads_back() {
    let (temp, _dir, authority) = new_authority();
    let (bundle, dir) = (provision(&authority), temp.path().join("device"));
    assert!(matches!(DeviceBundle::load(&dir), Err(BundleError::NotProvisioned { .. })));
    bundle.save(&dir).unwrap();
    assert_private(&dir, 3);
    let loaded = DeviceBundle::load(&dir).unwrap();
    assert_eq!((loaded.identity(), loaded.facts()), (bundle.identity(), bundle.facts()));

    set_mode(&dir.join("key.pem"), 0o644);
    let error = DeviceBundle::load(&dir).unwrap_err();
    assert!(matches!(error, BundleError::Storage(StorageError::KeyExposed { .. })), "{error}");
}

#[test]
fn a_renewal_cut_short_leaves_the_old_or_the_new_device() {
    let (temp, _dir, authority) = new_authority();
    let (old, new) = (provision(&authority), provision(&authority));
    let (dir, renewed) = (temp.path().join("device"), temp.path().join("renewed"));
    old.save(&dir).unwrap();
    new.save(&renewed).unwrap();

    fs::copy(renewed.join("key.pem"), dir.join("key.next.pem")).unwrap();
    assert_eq!(DeviceBundle::load(&dir).unwrap().facts(), old.facts());

    fs::copy(renewed.join("cert.pem"), dir.join("cert.pem")).unwrap();
    assert_eq!(DeviceBundle::load(&dir).unwrap().facts(), new.facts());
    assert_eq!(DeviceBundle::load(&dir).unwrap().facts(), new.facts());
    assert!(!dir.join("key.next.pem").exists());

    old.save(&dir).unwrap();
    assert_eq!(DeviceBundle::load(&dir).unwrap().facts(), old.facts());
    assert_private(&dir, 3);
}

#[test]
fn a_certificate_for_another_key_is_no_bundle() {
    let (temp, _dir, authority) = new_authority();
    let dir = temp.path().join("device");
    provision(&authority).save(&dir).unwrap();
    let chain = fs::read_to_string(dir.join("cert.pem")).unwrap();
    let other = DeviceKey::generate().unwrap();
    assert!(matches!(DeviceBundle::new(other, &chain, authority.roots_pem()), Err(BundleError::Mismatch)));
}

#[test]
fn an_operators_own_certificate_serves_the_api_if_it_is_private_and_matches() {
    let (temp, _dir, authority) = new_authority();
    let (chain, key) = (temp.path().join("chain.pem"), temp.path().join("key.pem"));
    let own = authority.issue_server(&ServerNames::default(), NOW).unwrap();
    fs::write(&chain, own.chain_pem()).unwrap();
    fs::write(&key, own.key_pem()).unwrap();
    set_mode(&key, 0o640);
    let exposed = Credential::load(&chain, &key).unwrap_err();
    assert!(matches!(exposed, CredentialError::Storage(StorageError::KeyExposed { .. })), "{exposed}");
    set_mode(&key, 0o600);
    api_server_config(&Credential::load(&chain, &key).unwrap()).unwrap();

    let other = authority.issue_server(&ServerNames::default(), NOW).unwrap();
    fs::write(&key, other.key_pem()).unwrap();
    assert!(api_server_config(&Credential::load(&chain, &key).unwrap()).is_err());
    assert!(matches!(Credential::load(&key, &key), Err(CredentialError::NoCertificate { .. })));
}

#[test]
fn no_secret_is_printed() {
    let (_temp, _dir, authority) = new_authority();
    let server = authority.issue_server(&ServerNames::default(), NOW).unwrap();
    let bundle = provision(&authority);
    let printed = format!("{authority:?} {server:?} {bundle:?} {:?}", DeviceKey::generate().unwrap());
    let key_line = server.key_pem().lines().nth(1).unwrap();
    assert!(!printed.contains("PRIVATE") && !printed.contains(key_line) && printed.len() < 2000, "{printed}");
}
