//! A terminal's listener in the merchant's network and the tills that speak to it, shown by handshakes in memory at a
//! time the tests choose. Sockets and answers are not tested here.
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use rcgen::{CertificateParams, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, SanType};
use rustls::client::Resumption;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ServerSessionMemoryCache;
use rustls::time_provider::TimeProvider;
use rustls::{
    CertificateError, ClientConfig, ClientConnection, Error, HandshakeKind, OtherError, ServerConfig,
    ServerConnection,
};
use tempfile::TempDir;
use time::OffsetDateTime;
use vinr_domain::{ClientCertificateId, Timestamp};
use vinr_pki::{
    Authority, ClientAnchors, ClientFault, ClientName, Credential, DenySet, DeviceBundle, DeviceIdentity,
    DeviceKey, IssueError, ListenerRefusal, ServerIdentity, ServerNames, api_client_config,
    device_client_config, gateway_config_with, is_local, judge_client, lan_server_config, listener_host,
    listener_identity, till_client_config,
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

fn terminal(link_id: &str) -> DeviceIdentity {
    DeviceIdentity::parse(link_id).unwrap()
}

fn addresses(texts: &[&str]) -> Vec<IpAddr> {
    texts.iter().map(|text| text.parse().unwrap()).collect()
}

/// One installation.
struct Site {
    dir: TempDir,
    authority: Authority,
}

impl Site {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let authority = Authority::open_or_create(&dir.path().join("pki"), NOW).unwrap();
        Self { dir, authority }
    }

    fn credential(&self, link_id: &str, addresses: &[IpAddr]) -> Credential {
        let key = DeviceKey::generate().unwrap();
        let csr = key.csr().unwrap();
        let issued = self.authority.issue_listener(&csr, &terminal(link_id), addresses, NOW).unwrap();
        Credential::from_pem(issued.chain_pem(), &key.to_pem()).unwrap()
    }

    /// The listener of a terminal on this machine.
    fn listener(&self, link_id: &str) -> Arc<ServerConfig> {
        listening(&self.credential(link_id, &addresses(&["127.0.0.1", "192.168.1.51"])))
    }

    fn till(&self, link_id: &str, at: Timestamp) -> Credential {
        let name = ClientName { terminal: terminal(link_id), certificate: ClientCertificateId(1) };
        self.authority.issue_client(&name, at).unwrap()
    }

    /// A till that looks for this terminal.
    fn till_config(&self, link_id: &str, credential: Option<&Credential>) -> Arc<ClientConfig> {
        let config = till_client_config(self.authority.roots_pem(), &terminal(link_id), credential).unwrap();
        at(&config)
    }
}

fn listening(credential: &Credential) -> Arc<ServerConfig> {
    let config = lan_server_config(&ServerIdentity::new(credential).unwrap()).unwrap();
    let mut config = ServerConfig::clone(&config);
    config.time_provider = Arc::new(FixedTime(NOW));
    Arc::new(config)
}

fn at(config: &ClientConfig) -> Arc<ClientConfig> {
    let mut config = config.clone();
    config.time_provider = Arc::new(FixedTime(NOW));
    Arc::new(config)
}

/// Carries bytes until both sides are done and silent. The error is whichever side objected first.
fn handshake(
    server: &Arc<ServerConfig>,
    client: &Arc<ClientConfig>,
) -> Result<(ServerConnection, ClientConnection), Error> {
    let name = ServerName::try_from("127.0.0.1").unwrap();
    let mut server = ServerConnection::new(server.clone()).unwrap();
    let mut client = ClientConnection::new(client.clone(), name).unwrap();
    while client.wants_write() || server.wants_write() {
        let mut wire = Vec::new();
        while client.wants_write() {
            client.write_tls(&mut wire).unwrap();
        }
        let mut rest = wire.as_slice();
        while !rest.is_empty() {
            server.read_tls(&mut rest).unwrap();
        }
        server.process_new_packets()?;
        let mut wire = Vec::new();
        while server.wants_write() {
            server.write_tls(&mut wire).unwrap();
        }
        let mut rest = wire.as_slice();
        while !rest.is_empty() {
            client.read_tls(&mut rest).unwrap();
        }
        client.process_new_packets()?;
    }
    assert!(!server.is_handshaking() && !client.is_handshaking());
    Ok((server, client))
}

fn leaf(credential: &Credential) -> CertificateDer<'static> {
    credential.leaf().unwrap().clone()
}

#[test]
fn a_till_finds_its_terminal_under_any_address_and_is_known_there() {
    let site = Site::new();
    let till = site.till("term_1", NOW);
    // No address of this machine is in this one.
    let elsewhere = listening(&site.credential("term_1", &addresses(&["10.9.8.7"])));
    for listener in [site.listener("term_1"), elsewhere] {
        let (server, client) = handshake(&listener, &site.till_config("term_1", Some(&till))).unwrap();
        assert_eq!(server.peer_certificates().unwrap()[0], leaf(&till));
        assert_eq!(client.protocol_version(), Some(rustls::ProtocolVersion::TLSv1_3));
        assert_eq!(listener_identity(&client.peer_certificates().unwrap()[0]), Ok(terminal("term_1")));
    }
}

#[test]
fn whatever_a_till_presents_is_let_in_and_judged_afterwards() {
    let (site, elsewhere) = (Site::new(), Site::new());
    let listener = site.listener("term_1");
    let anchors = ClientAnchors::from_pem(site.authority.clients_pem());
    let judge = |presented: Option<&Credential>| {
        let (server, _client) = handshake(&listener, &site.till_config("term_1", presented)).unwrap();
        let certificate = server.peer_certificates().map(|chain| chain[0].as_ref());
        judge_client(certificate, &anchors, &terminal("term_1"), &DenySet::new(), NOW).map(|_known| ())
    };
    assert_eq!(judge(Some(&site.till("term_1", NOW))), Ok(()));
    assert_eq!(judge(None), Err(ClientFault::Required));
    assert_eq!(judge(Some(&site.till("term_2", NOW))), Err(ClientFault::WrongTerminal));
    assert_eq!(judge(Some(&elsewhere.till("term_1", NOW))), Err(ClientFault::UnknownAuthority));
    assert_eq!(judge(Some(&site.till("term_1", NOW.plus_ms(2 * DAY_MS)))), Err(ClientFault::NotYetValid));
}

#[test]
fn a_certificate_without_its_key_is_worth_nothing() {
    let site = Site::new();
    let (stolen, own) = (site.till("term_1", NOW), site.till("term_2", NOW));
    let chain = CertificateDer::pem_slice_iter(stolen.chain_pem().as_bytes()).collect::<Result<Vec<_>, _>>();
    let key = rustls::pki_types::PrivateKeyDer::from_pem_slice(own.key_pem().as_bytes()).unwrap();
    let signing = rustls::crypto::aws_lc_rs::sign::any_ecdsa_type(&key).unwrap();
    let mut config = ClientConfig::clone(&site.till_config("term_1", None));
    let pair = rustls::sign::CertifiedKey::new(chain.unwrap(), signing);
    config.client_auth_cert_resolver = Arc::new(rustls::sign::SingleCertAndKey::from(pair));
    let refused = handshake(&site.listener("term_1"), &Arc::new(config)).unwrap_err();
    assert_eq!(refused, Error::InvalidCertificate(CertificateError::BadSignature));
}

/// The two halves differ only in what [`lan_server_config`] switches off: the second shows that this till would resume,
/// and would by that keep what it proved once.
#[test]
fn no_session_is_resumed() {
    let site = Site::new();
    let listener = site.listener("term_1");
    let till = site.till("term_1", NOW);
    let resuming = || {
        let mut config = ClientConfig::clone(&site.till_config("term_1", Some(&till)));
        config.resumption = Resumption::in_memory_sessions(8);
        Arc::new(config)
    };
    let client_config = resuming();
    for _ in 0..3 {
        let (server, client) = handshake(&listener, &client_config).unwrap();
        assert_eq!(server.handshake_kind(), Some(HandshakeKind::Full));
        assert_eq!(client.tls13_tickets_received(), 0);
    }
    let mut lax = ServerConfig::clone(&listener);
    lax.session_storage = ServerSessionMemoryCache::new(8);
    lax.send_tls13_tickets = 1;
    let (lax, client_config) = (Arc::new(lax), resuming());
    handshake(&lax, &client_config).unwrap();
    let (server, _client) = handshake(&lax, &client_config).unwrap();
    assert_eq!(server.handshake_kind(), Some(HandshakeKind::Resumed));
}

#[test]
fn a_till_speaks_to_no_other_terminal_and_to_nobody_else() {
    let (site, elsewhere) = (Site::new(), Site::new());
    let till = site.till_config("term_1", None);
    let told = |listener: &Arc<ServerConfig>| match handshake(listener, &till).unwrap_err() {
        Error::InvalidCertificate(reason) => reason,
        other => panic!("{other:?}"),
    };
    let refusal = |reason: CertificateError| match reason {
        CertificateError::Other(OtherError(inner)) => inner.downcast_ref::<ListenerRefusal>().cloned(),
        _ => None,
    };
    let other = refusal(told(&site.listener("term_2")));
    assert_eq!(other, Some(ListenerRefusal::OtherTerminal(terminal("term_2"))));
    let cloud = site.authority.issue_server(&ServerNames::default(), NOW).unwrap();
    assert!(matches!(refusal(told(&listening(&cloud))), Some(ListenerRefusal::Identity(_))));
    assert_eq!(told(&elsewhere.listener("term_1")), CertificateError::UnknownIssuer);
    // What a device proves itself with in the cloud does not make it a server.
    let key = DeviceKey::generate().unwrap();
    let device = site.authority.issue_device(&key.csr().unwrap(), &terminal("term_1"), NOW).unwrap();
    let device = Credential::from_pem(device.chain_pem(), &key.to_pem()).unwrap();
    assert_eq!(told(&listening(&device)), CertificateError::InvalidPurpose);
}

#[test]
fn a_listener_does_not_pass_for_the_cloud_under_the_clouds_own_address() {
    let site = Site::new();
    let key = DeviceKey::generate().unwrap();
    let issued = site.authority.issue_device(&key.csr().unwrap(), &terminal("term_2"), NOW).unwrap();
    let bundle = DeviceBundle::new(key, issued.chain_pem(), site.authority.roots_pem()).unwrap();
    let device = at(&device_client_config(&bundle).unwrap());
    let caller = at(&api_client_config(Some(site.authority.roots_pem())).unwrap());
    let cloud = site.authority.issue_server(&ServerNames::default(), NOW).unwrap();
    let gateway = |credential: &Credential| {
        let identity = ServerIdentity::new(credential).unwrap();
        let config = gateway_config_with(&site.authority, &identity, Arc::new(DenySet::new())).unwrap();
        let mut config = ServerConfig::clone(&config);
        config.time_provider = Arc::new(FixedTime(NOW));
        Arc::new(config)
    };
    handshake(&gateway(&cloud), &device).unwrap();
    handshake(&listening(&cloud), &caller).unwrap();
    let impostor = site.credential("term_1", &addresses(&["127.0.0.1"]));
    let purpose = Error::InvalidCertificate(CertificateError::InvalidPurpose);
    assert_eq!(handshake(&gateway(&impostor), &device).unwrap_err(), purpose);
    assert_eq!(handshake(&listening(&impostor), &caller).unwrap_err(), purpose);
}

fn names_in(credential: &Credential) -> Vec<String> {
    use x509_parser::prelude::{FromDer, GeneralName, X509Certificate};
    let der = leaf(credential);
    let (_, certificate) = X509Certificate::from_der(&der).unwrap();
    let names = certificate.subject_alternative_name().unwrap().unwrap();
    let text = |name: &GeneralName<'_>| match name {
        GeneralName::URI(text) | GeneralName::DNSName(text) => (*text).to_owned(),
        GeneralName::IPAddress(bytes) => match <[u8; 4]>::try_from(*bytes) {
            Ok(v4) => IpAddr::from(v4).to_string(),
            Err(_) => IpAddr::from(<[u8; 16]>::try_from(*bytes).unwrap()).to_string(),
        },
        other => panic!("{other:?}"),
    };
    names.value.general_names.iter().map(text).collect()
}

#[test]
fn a_listener_is_named_for_what_a_shop_has_and_for_nothing_else() {
    let site = Site::new();
    let asked =
        ["8.8.8.8", "10.0.0.7", "2001:4860::1", "fe80::1", "::ffff:192.168.1.5", "100.64.0.1", "10.0.0.7"];
    let credential = site.credential("term_CT20_0042", &addresses(&asked));
    assert_eq!(
        names_in(&credential),
        ["vinr:terminal/term_CT20_0042", "term-ct20-0042.local", "10.0.0.7", "192.168.1.5", "fe80::1"]
    );
    let here = site.credential("acct_7.term_test_simulator", &addresses(&["::1"]));
    assert_eq!(
        names_in(&here),
        ["vinr:terminal/acct_7.term_test_simulator", "term-test-simulator.local", "localhost", "::1"]
    );
    assert_eq!(listener_host(&terminal("term_a_")), "term-a.local");
    let many: Vec<IpAddr> = (0..40).map(|last| IpAddr::from([10, 0, 0, last])).collect();
    assert_eq!(names_in(&site.credential("term_1", &many)).len(), 2 + 16);
    let facts = credential.facts().unwrap();
    assert!((89 * DAY_MS..=90 * DAY_MS).contains(&facts.not_after.ms_since(facts.not_before)));
    assert!(!addresses(&["0.0.0.0", "255.255.255.255", "::", "172.32.0.1"]).iter().any(is_local));
}

#[test]
fn whoever_has_the_listeners_key_still_cannot_name_a_host_elsewhere() {
    let site = Site::new();
    let home = site.dir.path().join("pki/listeners");
    let key = KeyPair::from_pem(&std::fs::read_to_string(home.join("key.pem")).unwrap()).unwrap();
    let pem = std::fs::read_to_string(home.join("cert.pem")).unwrap();
    let issuer = Issuer::from_ca_cert_pem(&pem, key).unwrap();
    let uri = SanType::URI("vinr:terminal/term_1".try_into().unwrap());
    let forge = |name: SanType| {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::default();
        params.not_before = OffsetDateTime::from_unix_timestamp(NOW.unix_seconds()).unwrap();
        params.is_ca = IsCa::ExplicitNoCa;
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.subject_alt_names = vec![uri.clone(), name];
        let forged = params.signed_by(&key, &issuer).unwrap();
        Credential::from_pem(&format!("{}{pem}", forged.pem()), &key.serialize_pem()).unwrap()
    };
    let till = site.till_config("term_1", None);
    handshake(&listening(&forge(SanType::IpAddress([10, 1, 2, 3].into()))), &till).unwrap();
    for name in [
        SanType::IpAddress([8, 8, 8, 8].into()),
        SanType::IpAddress("2001:4860::1".parse().unwrap()),
        SanType::DnsName("api.example.com".try_into().unwrap()),
    ] {
        let refused = handshake(&listening(&forge(name)), &till).unwrap_err();
        assert_eq!(refused, Error::InvalidCertificate(CertificateError::NotValidForName));
    }
}

#[test]
fn tls_1_2_is_refused_by_the_listener_and_by_the_till() {
    let site = Site::new();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let old = [&rustls::version::TLS12];
    let mut roots = rustls::RootCertStore::empty();
    roots.add(site.authority.root().clone()).unwrap();
    let old_till =
        ClientConfig::builder_with_provider(provider.clone()).with_protocol_versions(&old).unwrap();
    let old_till = old_till.with_root_certificates(roots).with_no_client_auth();
    assert!(handshake(&site.listener("term_1"), &at(&old_till)).is_err());
    let credential = site.credential("term_1", &addresses(&["127.0.0.1"]));
    let chain = CertificateDer::pem_slice_iter(credential.chain_pem().as_bytes());
    let key = rustls::pki_types::PrivateKeyDer::from_pem_slice(credential.key_pem().as_bytes()).unwrap();
    let old_listener = ServerConfig::builder_with_provider(provider).with_protocol_versions(&old).unwrap();
    let old_listener =
        old_listener.with_no_client_auth().with_single_cert(chain.map(Result::unwrap).collect(), key);
    assert!(handshake(&Arc::new(old_listener.unwrap()), &site.till_config("term_1", None)).is_err());
}

#[test]
fn an_installation_whose_root_was_away_certifies_listeners_after_one_start_with_it() {
    let site = Site::new();
    let home = site.dir.path().join("pki");
    std::fs::remove_dir_all(home.join("listeners")).unwrap();
    std::fs::rename(home.join("root"), site.dir.path().join("safe")).unwrap();
    let csr = DeviceKey::generate().unwrap().csr().unwrap();
    let without = Authority::open_or_create(&home, NOW).unwrap();
    let refused = without.issue_listener(&csr, &terminal("term_1"), &[], NOW).unwrap_err();
    assert_eq!(refused, IssueError::NoListenerAuthority);
    std::fs::rename(site.dir.path().join("safe"), home.join("root")).unwrap();
    Authority::open_or_create(&home, NOW).unwrap();
    std::fs::remove_dir_all(home.join("root")).unwrap();
    let with = Authority::open_or_create(&home, NOW).unwrap();
    with.issue_listener(&csr, &terminal("term_1"), &[], NOW).unwrap();
}

/// Registers bring verifiers of their own: what the authority may name must not be read differently there.
#[test]
fn openssl_accepts_a_listener_under_its_address_and_under_no_other() {
    let site = Site::new();
    let credential = site.credential("term_1", &addresses(&["192.168.1.51", "fe80::1"]));
    let file = |name: &str, text: &str| {
        let path = site.dir.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let (root, chain) =
        (file("root.pem", site.authority.roots_pem()), file("chain.pem", credential.chain_pem()));
    let verify = |address: &str| {
        let time = (NOW.0 / 1000).to_string();
        let arguments =
            ["verify", "-x509_strict", "-purpose", "sslserver", "-attime", &time, "-verify_ip", address];
        let mut run = std::process::Command::new("openssl");
        match run.args(arguments).args(["-CAfile", &root, "-untrusted", &chain, &chain]).output() {
            Ok(output) => {
                Some((output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned()))
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
            Err(error) => panic!("{error}"),
        }
    };
    for address in ["192.168.1.51", "fe80::1"] {
        let Some((accepted, said)) = verify(address) else { return };
        assert!(accepted, "{said}");
    }
    assert!(!verify("192.168.1.52").unwrap().0);
}
