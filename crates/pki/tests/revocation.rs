//! Who may open a device link, shown by handshakes in memory at a time the tests choose. Sockets, and what happens
//! on a link once it is open, are not tested here.
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use std::sync::Arc;
use std::time::Duration;

use rcgen::{
    CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose, SanType,
};
use rustls::client::Resumption;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, ServerName, UnixTime};
use rustls::server::ServerSessionMemoryCache;
use rustls::time_provider::TimeProvider;
use rustls::{
    AlertDescription, ClientConfig, ClientConnection, Error, HandshakeKind, PeerIncompatible, RootCertStore,
    ServerConfig, ServerConnection,
};
use tempfile::TempDir;
use time::OffsetDateTime;
use vinr_domain::{ClientCertificateId, Timestamp};
use vinr_pki::{
    Authority, ClientName, Credential, DenySet, DeviceBundle, DeviceIdentity, DeviceKey, DeviceRefusal,
    IdentityError, ServerIdentity, ServerNames, device_client_config, gateway_config_with,
    gateway_server_config, leaf_facts, peer_identity, refusal,
};

const NOW: Timestamp = Timestamp(1_790_000_000_000);
const DAY_MS: i64 = 86_400_000;

#[derive(Debug)]
struct FixedTime(Timestamp);

impl TimeProvider for FixedTime {
    fn current_time(&self) -> Option<UnixTime> {
        Some(UnixTime::since_unix_epoch(Duration::from_millis(self.0.0 as u64)))
    }
}

/// One installation: its authority and a gateway.
struct Site {
    dir: TempDir,
    authority: Authority,
    deny: Arc<DenySet>,
    gateway: Arc<ServerConfig>,
}

impl Site {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let authority = Authority::open_or_create(&dir.path().join("pki"), NOW).unwrap();
        let server = authority.issue_server(&ServerNames::default(), NOW).unwrap();
        let deny = Arc::new(DenySet::new());
        let gateway = gateway_server_config(&authority, &server, deny.clone()).unwrap();
        Self { dir, authority, deny, gateway: at(&gateway, NOW) }
    }

    fn device(&self, link_id: &str) -> DeviceBundle {
        let key = DeviceKey::generate().unwrap();
        let identity = DeviceIdentity::parse(link_id).unwrap();
        let issued = self.authority.issue_device(&key.csr().unwrap(), &identity, NOW).unwrap();
        DeviceBundle::new(key, issued.chain_pem(), self.authority.roots_pem()).unwrap()
    }

    /// A leaf that the devices authority would never issue by itself, signed with its key nevertheless.
    fn forge(&self, change: impl FnOnce(&mut CertificateParams)) -> Arc<ClientConfig> {
        let home = self.dir.path().join("pki/devices");
        let authority_key =
            KeyPair::from_pem(&std::fs::read_to_string(home.join("key.pem")).unwrap()).unwrap();
        let pem = std::fs::read_to_string(home.join("cert.pem")).unwrap();
        let issuer = Issuer::from_ca_cert_pem(&pem, authority_key).unwrap();
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::default();
        params.not_before = OffsetDateTime::from_unix_timestamp(NOW.unix_seconds()).unwrap();
        params.is_ca = IsCa::ExplicitNoCa;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        change(&mut params);
        let leaf = params.signed_by(&key, &issuer).unwrap();
        let key = PrivatePkcs8KeyDer::from(key.serialize_der()).into();
        self.client(vec![leaf.der().clone()], key)
    }

    /// A peer that is not our own terminal software: any chain, and resumption wherever the server allows it.
    fn client(&self, chain: Vec<CertificateDer<'static>>, key: PrivateKeyDer<'static>) -> Arc<ClientConfig> {
        let mut roots = RootCertStore::empty();
        roots.add(self.authority.root().clone()).unwrap();
        let mut config =
            ClientConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
                .with_safe_default_protocol_versions()
                .unwrap()
                .with_root_certificates(roots)
                .with_client_auth_cert(chain, key)
                .unwrap();
        config.resumption = Resumption::in_memory_sessions(8);
        config.time_provider = Arc::new(FixedTime(NOW));
        Arc::new(config)
    }

    fn client_with(&self, credential: &Credential) -> Arc<ClientConfig> {
        let chain = CertificateDer::pem_slice_iter(credential.chain_pem().as_bytes());
        let key = PrivateKeyDer::from_pem_slice(credential.key_pem().as_bytes()).unwrap();
        self.client(chain.collect::<Result<_, _>>().unwrap(), key)
    }

    fn refused(&self, client: &Arc<ClientConfig>) -> DeviceRefusal {
        let failed = handshake(&self.gateway, client).unwrap_err();
        refusal(&failed.server).unwrap_or_else(|| panic!("not about a certificate: {:?}", failed.server))
    }
}

fn at(config: &ServerConfig, time: Timestamp) -> Arc<ServerConfig> {
    let mut config = config.clone();
    config.time_provider = Arc::new(FixedTime(time));
    Arc::new(config)
}

fn device_config(bundle: &DeviceBundle) -> Arc<ClientConfig> {
    let mut config = ClientConfig::clone(&device_client_config(bundle).unwrap());
    config.time_provider = Arc::new(FixedTime(NOW));
    Arc::new(config)
}

#[derive(Debug)]
struct Failed {
    server: Error,
    client: Option<Error>,
}

fn handshake(
    server: &Arc<ServerConfig>,
    client: &Arc<ClientConfig>,
) -> Result<(ServerConnection, ClientConnection), Box<Failed>> {
    handshake_as(server, client, "localhost")
}

/// Carries bytes until both sides are done and silent, session tickets included.
fn handshake_as(
    server: &Arc<ServerConfig>,
    client: &Arc<ClientConfig>,
    name: &'static str,
) -> Result<(ServerConnection, ClientConnection), Box<Failed>> {
    let mut server = ServerConnection::new(server.clone()).unwrap();
    let mut client = ClientConnection::new(client.clone(), ServerName::try_from(name).unwrap()).unwrap();
    let (mut server_failed, mut client_failed) = (None, None);
    while client.wants_write() || server.wants_write() {
        let mut wire = Vec::new();
        while client.wants_write() {
            client.write_tls(&mut wire).unwrap();
        }
        deliver(&wire, |bytes| server.read_tls(bytes).unwrap());
        if let Err(error) = server.process_new_packets() {
            server_failed.get_or_insert(error);
        }
        let mut wire = Vec::new();
        while server.wants_write() {
            server.write_tls(&mut wire).unwrap();
        }
        deliver(&wire, |bytes| client.read_tls(bytes).unwrap());
        if let Err(error) = client.process_new_packets() {
            client_failed.get_or_insert(error);
        }
    }
    match server_failed {
        Some(error) => Err(Box::new(Failed { server: error, client: client_failed })),
        None => {
            assert!(!server.is_handshaking() && !client.is_handshaking(), "{client_failed:?}");
            Ok((server, client))
        }
    }
}

fn deliver(mut wire: &[u8], mut read: impl FnMut(&mut &[u8]) -> usize) {
    while !wire.is_empty() {
        read(&mut wire);
    }
}

#[test]
fn a_device_is_let_in_and_known_by_its_link_id() {
    let site = Site::new();
    for link_id in ["term_1", "acct_9.term_test_simulator"] {
        let bundle = site.device(link_id);
        let (server, client) = handshake(&site.gateway, &device_config(&bundle)).unwrap();
        let leaf = &server.peer_certificates().unwrap()[0];
        assert_eq!(peer_identity(leaf).unwrap().to_string(), link_id);
        assert_eq!(&leaf_facts(leaf).unwrap(), bundle.facts());
        assert_eq!(client.protocol_version(), Some(rustls::ProtocolVersion::TLSv1_3));
        assert_eq!(client.negotiated_key_exchange_group().unwrap().name(), rustls::NamedGroup::X25519);
    }
}

#[test]
fn a_revoked_device_is_refused_in_a_new_handshake_and_told_so() {
    let site = Site::new();
    let (revoked, other) = (site.device("term_1"), site.device("term_2"));
    let (client, other) = (device_config(&revoked), device_config(&other));
    for entry in [&revoked.facts().serial, &revoked.facts().fingerprint] {
        site.deny.replace([""; 0]).unwrap();
        handshake(&site.gateway, &client).unwrap();
        site.deny.deny(entry).unwrap();
        let failed = handshake(&site.gateway, &client).unwrap_err();
        assert_eq!(refusal(&failed.server), Some(DeviceRefusal::Revoked));
        assert_eq!(failed.client, Some(Error::AlertReceived(AlertDescription::CertificateRevoked)));
        handshake(&site.gateway, &other).unwrap();
    }
}

#[test]
fn an_open_connection_can_be_asked_about_after_its_device_is_revoked() {
    let site = Site::new();
    let bundle = site.device("term_1");
    let (server, _client) = handshake(&site.gateway, &device_config(&bundle)).unwrap();
    let facts = leaf_facts(&server.peer_certificates().unwrap()[0]).unwrap();
    assert!(!site.deny.denies(&facts));
    site.deny.deny(&bundle.facts().serial).unwrap();
    assert!(site.deny.denies(&facts));
}

/// The two halves differ only in what [`gateway_server_config`] switches off: the second shows that the client
/// would resume, and would by that walk around its revocation.
#[test]
fn a_client_that_held_a_session_cannot_resume_it() {
    let site = Site::new();
    let bundle = site.device("term_1");
    let resuming = || {
        let mut config = ClientConfig::clone(&device_config(&bundle));
        config.resumption = Resumption::in_memory_sessions(8);
        Arc::new(config)
    };

    let client_config = resuming();
    for _ in 0..2 {
        let (server, client) = handshake(&site.gateway, &client_config).unwrap();
        assert_eq!(server.handshake_kind(), Some(HandshakeKind::Full));
        assert_eq!(client.tls13_tickets_received(), 0);
    }

    let mut lax = ServerConfig::clone(&site.gateway);
    lax.session_storage = ServerSessionMemoryCache::new(8);
    lax.send_tls13_tickets = 1;
    let (lax, client_config) = (Arc::new(lax), resuming());
    handshake(&lax, &client_config).unwrap();
    site.deny.deny(&bundle.facts().serial).unwrap();
    let (server, _client) = handshake(&lax, &client_config).unwrap();
    assert_eq!(server.handshake_kind(), Some(HandshakeKind::Resumed));
}

#[test]
fn certificates_of_another_installation_are_refused() {
    let (site, elsewhere) = (Site::new(), Site::new());
    let stranger = elsewhere.device("term_1");
    // It trusts our root, so that only the gateway can object.
    let key_dir = elsewhere.dir.path().join("device");
    stranger.save(&key_dir).unwrap();
    std::fs::write(key_dir.join("ca.pem"), site.authority.roots_pem()).unwrap();
    let client = device_config(&DeviceBundle::load(&key_dir).unwrap());
    assert_eq!(site.refused(&client), DeviceRefusal::UnknownAuthority);
}

#[test]
fn clients_servers_and_signers_of_this_installation_do_not_pass_as_devices() {
    let site = Site::new();
    let till = ClientName {
        terminal: DeviceIdentity::parse("term_1").unwrap(),
        certificate: ClientCertificateId(1),
    };
    let till = site.authority.issue_client(&till, NOW).unwrap();
    assert_eq!(site.refused(&site.client_with(&till)), DeviceRefusal::WrongAuthority);
    let server = site.authority.issue_server(&ServerNames::default(), NOW).unwrap();
    assert_eq!(site.refused(&site.client_with(&server)), DeviceRefusal::WrongAuthority);
    let signer = site.authority.issue_software_signer(NOW).unwrap();
    assert_eq!(site.refused(&site.client_with(&signer)), DeviceRefusal::WrongAuthority);
}

#[test]
fn a_gateway_replaces_its_certificate_while_it_runs() {
    let site = Site::new();
    let issue = || site.authority.issue_server(&ServerNames::default(), NOW).unwrap();
    let (first, second) = (issue(), issue());
    let presented = ServerIdentity::new(&first).unwrap();
    let gateway = at(&gateway_config_with(&site.authority, &presented, site.deny.clone()).unwrap(), NOW);
    let client = device_config(&site.device("term_1"));
    for (credential, replace) in [(&first, false), (&second, true)] {
        if replace {
            presented.replace(credential).unwrap();
        }
        let (_server, client) = handshake(&gateway, &client).unwrap();
        let seen = leaf_facts(&client.peer_certificates().unwrap()[0]).unwrap();
        assert_eq!(seen, credential.facts().unwrap());
        assert_eq!(presented.facts().unwrap(), seen);
    }
}

#[test]
fn a_client_without_certificate_is_refused() {
    let site = Site::new();
    let mut roots = RootCertStore::empty();
    roots.add(site.authority.root().clone()).unwrap();
    let mut client =
        ClientConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
    client.time_provider = Arc::new(FixedTime(NOW));
    assert_eq!(site.refused(&Arc::new(client)), DeviceRefusal::NoCertificate);
}

#[test]
fn a_device_is_let_in_for_ninety_days_and_no_longer() {
    let site = Site::new();
    let bundle = site.device("term_1");
    let client = device_config(&bundle);
    let life_ms = bundle.facts().not_after.ms_since(bundle.facts().not_before);
    assert!((89 * DAY_MS..=90 * DAY_MS).contains(&life_ms), "{life_ms}");

    let last = bundle.facts().not_after;
    handshake(&at(&site.gateway, last), &client).unwrap();
    let failed = handshake(&at(&site.gateway, last.plus_ms(1000)), &client).unwrap_err();
    assert_eq!(refusal(&failed.server), Some(DeviceRefusal::Expired));
    let failed = handshake(&at(&site.gateway, NOW.plus_ms(-DAY_MS)), &client).unwrap_err();
    assert_eq!(refusal(&failed.server), Some(DeviceRefusal::NotYetValid));
}

#[test]
fn a_certificate_without_exactly_one_terminal_name_is_refused() {
    let site = Site::new();
    let uri = |text: &str| SanType::URI(text.try_into().unwrap());

    let named = site.forge(|params| params.subject_alt_names = vec![uri("vinr:terminal/term_1")]);
    handshake(&site.gateway, &named).unwrap();

    let common_name = site.forge(|params| {
        params.distinguished_name.push(DnType::CommonName, "vinr:terminal/term_1");
    });
    assert_eq!(site.refused(&common_name), DeviceRefusal::Identity(IdentityError::Missing));

    let names = vec![uri("vinr:terminal/term_1"), uri("vinr:terminal/term_2")];
    let two = site.forge(|params| params.subject_alt_names = names);
    assert_eq!(site.refused(&two), DeviceRefusal::Identity(IdentityError::Ambiguous));

    let till = site.forge(|params| params.subject_alt_names = vec![uri("vinr:client/term_1")]);
    assert_eq!(site.refused(&till), DeviceRefusal::Identity(IdentityError::NotATerminal));

    let bad = site.forge(|params| params.subject_alt_names = vec![uri("vinr:terminal/term_test_simulator")]);
    assert!(matches!(site.refused(&bad), DeviceRefusal::Identity(IdentityError::LinkId(_))));
}

#[test]
fn the_devices_authority_can_vouch_for_no_host_and_no_server() {
    let site = Site::new();
    let host = site.forge(|params| {
        params.subject_alt_names = vec![SanType::DnsName("localhost".try_into().unwrap())];
    });
    assert!(matches!(site.refused(&host), DeviceRefusal::Invalid(_)));
    let server = site.forge(|params| {
        params.subject_alt_names = vec![SanType::URI("vinr:terminal/term_1".try_into().unwrap())];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    });
    assert!(matches!(site.refused(&server), DeviceRefusal::Invalid(_)));
}

#[test]
fn tls_1_2_is_refused_by_the_gateway_and_by_the_device() {
    let site = Site::new();
    let bundle = site.device("term_1");
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());

    let mut roots = RootCertStore::empty();
    roots.add(site.authority.root().clone()).unwrap();
    let mut old_client = ClientConfig::builder_with_provider(provider.clone())
        .with_protocol_versions(&[&rustls::version::TLS12])
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    old_client.time_provider = Arc::new(FixedTime(NOW));
    let failed = handshake(&site.gateway, &Arc::new(old_client)).unwrap_err();
    assert_eq!(refusal(&failed.server), None);
    assert_eq!(failed.server, Error::PeerIncompatible(PeerIncompatible::Tls12NotOfferedOrEnabled));

    let credential = site.authority.issue_server(&ServerNames::default(), NOW).unwrap();
    let chain = CertificateDer::pem_slice_iter(credential.chain_pem().as_bytes());
    let old_server = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS12])
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            chain.collect::<Result<_, _>>().unwrap(),
            PrivateKeyDer::from_pem_slice(credential.key_pem().as_bytes()).unwrap(),
        )
        .unwrap();
    assert!(handshake(&Arc::new(old_server), &device_config(&bundle)).is_err());
}

#[test]
fn a_device_checks_the_gateway_by_root_and_by_name() {
    let (site, elsewhere) = (Site::new(), Site::new());
    let client = device_config(&site.device("term_1"));
    for name in ["localhost", "127.0.0.1", "::1"] {
        handshake_as(&site.gateway, &client, name).unwrap();
    }
    let told = |failed: Box<Failed>| refusal(&failed.client.unwrap()).unwrap();
    let renamed = handshake_as(&site.gateway, &client, "gateway.example").unwrap_err();
    assert!(matches!(told(renamed), DeviceRefusal::Invalid(_)));
    let impostor = handshake(&elsewhere.gateway, &client).unwrap_err();
    assert_eq!(told(impostor), DeviceRefusal::UnknownAuthority);
}
