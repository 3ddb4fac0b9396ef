//! Which tills may speak to a terminal: certificates as the authority issues them and as a forger would like them,
//! judged at a time the tests choose. What a listener answers is not tested here.
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use rcgen::{
    CertificateParams, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    PKCS_ECDSA_P256_SHA256, SanType,
};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use tempfile::TempDir;
use time::OffsetDateTime;
use vinr_domain::{ClientCertificateId, Timestamp};
use vinr_pki::{
    Authority, ClientAnchors, ClientFault, ClientIdentity, ClientName, Credential, DenySet, DeviceIdentity,
    DeviceKey, IssueError, ServerNames, judge_client, leaf_facts,
};

const NOW: Timestamp = Timestamp(1_790_000_000_000);
const DAY_MS: i64 = 86_400_000;
const SECOND_MS: i64 = 1_000;

fn terminal(link_id: &str) -> DeviceIdentity {
    DeviceIdentity::parse(link_id).unwrap()
}

fn till(link_id: &str) -> ClientName {
    ClientName { terminal: terminal(link_id), certificate: ClientCertificateId(42) }
}

fn leaf(credential: &Credential) -> CertificateDer<'static> {
    CertificateDer::from_pem_slice(credential.chain_pem().as_bytes()).unwrap()
}

/// One installation and what its terminals know of tills.
struct Shop {
    dir: TempDir,
    authority: Authority,
    anchors: ClientAnchors,
    revoked: DenySet,
}

impl Shop {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let authority = Authority::open_or_create(&dir.path().join("pki"), NOW).unwrap();
        let anchors = ClientAnchors::from_pem(authority.clients_pem());
        Self { dir, authority, anchors, revoked: DenySet::new() }
    }

    fn issue(&self, link_id: &str) -> CertificateDer<'static> {
        leaf(&self.authority.issue_client(&till(link_id), NOW).unwrap())
    }

    fn judge(&self, certificate: &[u8], at: Timestamp) -> Result<ClientIdentity, ClientFault> {
        judge_client(Some(certificate), &self.anchors, &terminal("term_1"), &self.revoked, at)
    }

    /// A leaf that the clients authority would never issue by itself, signed with its key nevertheless.
    fn forge(&self, change: impl FnOnce(&mut CertificateParams)) -> CertificateDer<'static> {
        let home = self.dir.path().join("pki/clients");
        let key = KeyPair::from_pem(&std::fs::read_to_string(home.join("key.pem")).unwrap()).unwrap();
        let pem = std::fs::read_to_string(home.join("cert.pem")).unwrap();
        let issuer = Issuer::from_ca_cert_pem(&pem, key).unwrap();
        let mut params = CertificateParams::default();
        params.not_before = OffsetDateTime::from_unix_timestamp(NOW.unix_seconds()).unwrap();
        params.is_ca = IsCa::ExplicitNoCa;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        params.subject_alt_names = vec![uri(&till("term_1").uri())];
        change(&mut params);
        params.signed_by(&KeyPair::generate().unwrap(), &issuer).unwrap().der().clone()
    }
}

fn uri(text: &str) -> SanType {
    SanType::URI(text.try_into().unwrap())
}

#[test]
fn a_till_speaks_to_the_terminal_it_was_certified_for_and_to_no_other() {
    let shop = Shop::new();
    let (own, other) = (shop.issue("term_1"), shop.issue("term_2"));
    let identity = shop.judge(&own, NOW).unwrap();
    assert_eq!(identity.name, till("term_1"));
    assert_eq!(identity.facts, leaf_facts(&own).unwrap());
    assert_eq!(shop.judge(&other, NOW), Err(ClientFault::WrongTerminal));
    assert_eq!(shop.judge(&shop.issue("acct_7.term_test_simulator"), NOW), Err(ClientFault::WrongTerminal));
}

#[test]
fn a_till_without_a_certificate_is_told_so() {
    let shop = Shop::new();
    let nobody = judge_client(None, &shop.anchors, &terminal("term_1"), &shop.revoked, NOW);
    assert_eq!(nobody, Err(ClientFault::Required));
}

#[test]
fn a_till_may_speak_for_thirty_days_to_the_second() {
    let shop = Shop::new();
    let own = shop.issue("term_1");
    let facts = leaf_facts(&own).unwrap();
    assert!((29 * DAY_MS..=30 * DAY_MS).contains(&facts.not_after.ms_since(facts.not_before)));
    shop.judge(&own, facts.not_before).unwrap();
    shop.judge(&own, facts.not_after.plus_ms(999)).unwrap();
    let (early, late) = (facts.not_before.plus_ms(-1), facts.not_after.plus_ms(SECOND_MS));
    assert_eq!(shop.judge(&own, early), Err(ClientFault::NotYetValid));
    assert_eq!(shop.judge(&own, late), Err(ClientFault::Expired));
}

#[test]
fn a_revoked_certificate_counts_no_more_and_the_next_one_does() {
    let shop = Shop::new();
    let (lost, next) = (shop.issue("term_1"), shop.issue("term_1"));
    shop.revoked.replace([leaf_facts(&lost).unwrap().serial]).unwrap();
    assert_eq!(shop.judge(&lost, NOW), Err(ClientFault::Revoked));
    shop.judge(&next, NOW).unwrap();
}

#[test]
fn strangers_are_strangers_also_when_they_are_old() {
    let (shop, elsewhere) = (Shop::new(), Shop::new());
    let stranger = elsewhere.issue("term_1");
    for at in [NOW, NOW.plus_ms(-90 * DAY_MS), NOW.plus_ms(90 * DAY_MS)] {
        assert_eq!(shop.judge(&stranger, at), Err(ClientFault::UnknownAuthority));
    }
    for nonsense in [&b""[..], b"certificate", &stranger[..stranger.len() - 1]] {
        assert_eq!(shop.judge(nonsense, NOW), Err(ClientFault::UnknownAuthority));
    }
    let none = ClientAnchors::from_pem("nothing to read");
    assert!(none.is_empty() && !shop.anchors.is_empty());
    let refused = judge_client(Some(&shop.issue("term_1")), &none, &terminal("term_1"), &shop.revoked, NOW);
    assert_eq!(refused, Err(ClientFault::UnknownAuthority));
}

#[test]
fn while_authorities_change_tills_of_both_may_speak() {
    let (mut shop, next) = (Shop::new(), Shop::new());
    let both = format!("{}{}", shop.authority.clients_pem(), next.authority.clients_pem());
    shop.anchors = ClientAnchors::from_pem(&both);
    shop.judge(&shop.issue("term_1"), NOW).unwrap();
    shop.judge(&next.issue("term_1"), NOW).unwrap();
}

#[test]
fn devices_servers_and_signers_are_no_tills() {
    let shop = Shop::new();
    let csr = DeviceKey::generate().unwrap().csr().unwrap();
    let device = shop.authority.issue_device(&csr, &terminal("term_1"), NOW).unwrap();
    let server = shop.authority.issue_server(&ServerNames::default(), NOW).unwrap();
    let signer = shop.authority.issue_software_signer(NOW).unwrap();
    for other in [device.leaf().clone(), leaf(&server), leaf(&signer)] {
        assert_eq!(shop.judge(&other, NOW), Err(ClientFault::UnknownAuthority));
    }
}

#[test]
fn only_one_name_of_the_right_kind_is_a_name() {
    let shop = Shop::new();
    shop.judge(&shop.forge(|_| {}), NOW).unwrap();
    let own = till("term_1").uri();
    let wrong: [Vec<SanType>; 4] = [
        vec![],
        vec![uri(&own), uri(&till("term_2").uri())],
        vec![uri("vinr:client/term_1")],
        vec![uri("vinr:terminal/term_1")],
    ];
    for names in wrong {
        let forged = shop.forge(|params| params.subject_alt_names = names);
        assert_eq!(shop.judge(&forged, NOW), Err(ClientFault::WrongTerminal));
    }
    let purpose = shop.forge(|params| params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth]);
    assert_eq!(shop.judge(&purpose, NOW), Err(ClientFault::UnknownAuthority));
}

#[test]
fn a_till_may_bring_its_own_key_and_only_a_key_that_it_has() {
    let shop = Shop::new();
    let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap();
    let mut asks = CertificateParams::default();
    asks.subject_alt_names = vec![uri(&till("term_2").uri())];
    let csr = asks.serialize_request(&key).unwrap().der().to_vec();
    let issued = shop.authority.certify_client(&csr, &till("term_1"), NOW).unwrap();
    // What it asked to be called is not what it is called.
    assert_eq!(shop.judge(issued.leaf(), NOW).unwrap().name, till("term_1"));

    let mut tampered = csr.clone();
    *tampered.last_mut().unwrap() ^= 1;
    let refused = |csr: &[u8]| shop.authority.certify_client(csr, &till("term_1"), NOW).unwrap_err();
    assert_eq!(refused(&tampered), IssueError::RequestSignature);
    assert_eq!(refused(b"csr"), IssueError::MalformedRequest);
    let other = KeyPair::generate_for(&rcgen::PKCS_ED25519).unwrap();
    let csr = CertificateParams::default().serialize_request(&other).unwrap().der().to_vec();
    assert_eq!(refused(&csr), IssueError::RequestKey);
}
