//! TLS as a physician makes it: every certificate is let in so that it can be looked at, and nothing is said on the
//! connection before the chain and the name have been judged. Judges by the same library that a till would use.

use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::{
    AlertDescription, CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore,
    SignatureScheme,
};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use vinr_domain::Timestamp;
use vinr_pki::{PeerFacts, peer_facts};

use super::finding::{Layer, Report};

/// How long a handshake may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// From when on the end of a certificate is near, in milliseconds.
const SOON_MS: i64 = 7 * 24 * 3_600_000;

/// What this side shows of itself.
pub struct Identity {
    /// Leaf first.
    pub chain: Vec<CertificateDer<'static>>,
    /// Its key.
    pub key: PrivateKeyDer<'static>,
}

/// Who is expected at the other end.
pub struct Expected<'a> {
    /// What was connected to.
    pub host: &'a str,
    /// The end of the URI in a terminal's certificate; `None` when any will do, or it is no terminal.
    pub terminal: Option<&'a str>,
    /// Whether a terminal is expected at all.
    pub is_terminal: bool,
}

/// Shakes hands and judges what was presented; `None` when there is no connection to go on with.
pub async fn shake_hands(
    report: &mut Report,
    stream: TcpStream,
    expected: &Expected<'_>,
    roots: &RootCertStore,
    identity: Option<Identity>,
    now: Timestamp,
) -> Option<TlsStream<TcpStream>> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let seen = Arc::new(Seen { chain: Mutex::default(), provider: Arc::clone(&provider) });
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .ok()?
        .dangerous()
        .with_custom_certificate_verifier(Arc::clone(&seen) as Arc<dyn ServerCertVerifier>);
    let mut config = match identity {
        None => builder.with_no_client_auth(),
        Some(identity) => match builder.with_client_auth_cert(identity.chain, identity.key) {
            Ok(config) => config,
            Err(error) => {
                report.broken(
                    Layer::Key,
                    format!("the client certificate and its key do not fit: {error}"),
                    "Give the certificate and the key that were issued together.",
                );
                return None;
            }
        },
    };
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    let name = ServerName::try_from(expected.host.trim_matches(['[', ']']).to_owned()).ok()?;
    let shaken = timeout(PATIENCE, TlsConnector::from(Arc::new(config)).connect(name, stream)).await;
    let stream = match shaken {
        Ok(Ok(stream)) => stream,
        Ok(Err(error)) => {
            refused(report, &error);
            return None;
        }
        Err(_) => {
            report.broken(
                Layer::Tls,
                format!("no TLS handshake within {} s", PATIENCE.as_secs()),
                "Is this the right port? Something listens there that does not speak TLS, or is overloaded.",
            );
            return None;
        }
    };
    let version = stream
        .get_ref()
        .1
        .protocol_version()
        .map_or("unknown", |version| version.as_str().unwrap_or("unknown"));
    report.fine(Layer::Tls, version.replace('_', "."));
    let chain = seen.chain.lock().unwrap_or_else(PoisonError::into_inner).clone();
    judge(report, &chain, expected, roots, now).then_some(stream)
}

/// The handshake failed: by an alert of the other side, or because it is no TLS.
fn refused(report: &mut Report, error: &std::io::Error) {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<Error>());
    match inner {
        Some(Error::AlertReceived(AlertDescription::ProtocolVersion)) => report.broken(
            Layer::Tls,
            "the other side speaks no version of TLS that this one does",
            "VINR terminals speak TLS 1.3: bring the other side up to date.",
        ),
        Some(Error::AlertReceived(AlertDescription::CertificateRevoked)) => report.broken(
            Layer::Revocation,
            "the other side says that this side's certificate was revoked",
            "Generate a new client certificate for the terminal and use it.",
        ),
        Some(Error::AlertReceived(AlertDescription::CertificateExpired)) => report.broken(
            Layer::Expiry,
            "the other side says that this side's certificate has expired",
            "Generate a new client certificate; check the clocks of both sides.",
        ),
        Some(Error::AlertReceived(
            AlertDescription::CertificateRequired
            | AlertDescription::BadCertificate
            | AlertDescription::UnknownCA
            | AlertDescription::AccessDenied,
        )) => report.broken(
            Layer::Key,
            format!("the other side does not accept this side's certificate ({error})"),
            "Use the client certificate that was generated for this terminal: --p12 FILE, or --cert and --cert-key.",
        ),
        Some(Error::InvalidMessage(_)) => report.broken(
            Layer::Tls,
            "what answers does not speak TLS",
            "Is this the right port? The Local API and the Cashless API listen on 8443 with TLS.",
        ),
        _ => report.broken(
            Layer::Tls,
            format!("the handshake failed: {error}"),
            "Something between the two, or another service on this port, ends the connection.",
        ),
    }
}

/// Judges chain, time and name. Whether to go on.
fn judge(
    report: &mut Report,
    chain: &[CertificateDer<'static>],
    expected: &Expected<'_>,
    roots: &RootCertStore,
    now: Timestamp,
) -> bool {
    let Some((leaf, issuers)) = chain.split_first() else {
        report.broken(Layer::Chain, "no certificate was presented", "This is not a VINR server or terminal.");
        return false;
    };
    let facts = match peer_facts(leaf) {
        Ok(facts) => facts,
        Err(error) => {
            report.broken(Layer::Chain, error.to_string(), "This is not a VINR server or terminal.");
            return false;
        }
    };
    let trusted = judge_chain(report, leaf, issuers, &facts, expected, roots, now);
    let named = judge_name(report, &facts, expected);
    let in_force = judge_time(report, &facts, now);
    trusted && named && in_force
}

fn judge_chain(
    report: &mut Report,
    leaf: &CertificateDer<'static>,
    issuers: &[CertificateDer<'static>],
    facts: &PeerFacts,
    expected: &Expected<'_>,
    roots: &RootCertStore,
    now: Timestamp,
) -> bool {
    if roots.is_empty() {
        report.broken(
            Layer::Chain,
            "there is no authority to trust",
            "Download the CA bundle (GET /v1/ca-bundle; `vinr dev` says where it is) and give it with --ca FILE.",
        );
        return false;
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots.clone()), provider).build();
    let host = ServerName::try_from(expected.host.trim_matches(['[', ']']).to_owned());
    let (Ok(verifier), Ok(host)) = (verifier, host) else { return false };
    let at = UnixTime::since_unix_epoch(Duration::from_millis(now.0.max(0).unsigned_abs()));
    match verifier.verify_server_cert(leaf, issuers, &host, &[], at) {
        Err(Error::InvalidCertificate(CertificateError::UnknownIssuer | CertificateError::BadSignature)) => {
            report.broken(
                Layer::Chain,
                format!("it comes from “{}”, which is not among the authorities that are trusted here", facts.issuer),
                "Download the CA bundle again: the one given is of another installation, or older than its root. If \
                 it is right, something between the two answers in the other's place.",
            );
            false
        }
        // Names and times have layers of their own.
        Err(Error::InvalidCertificate(
            CertificateError::NotValidForName
            | CertificateError::NotValidForNameContext { .. }
            | CertificateError::Expired
            | CertificateError::ExpiredContext { .. }
            | CertificateError::NotValidYet
            | CertificateError::NotValidYetContext { .. },
        ))
        | Ok(_) => {
            report.fine(Layer::Chain, format!("issued by {}", facts.issuer));
            true
        }
        Err(error) => {
            report.broken(
                Layer::Chain,
                format!("the certificate is not acceptable: {error}"),
                "It was not made for a server. Use what the platform issued.",
            );
            false
        }
    }
}

fn judge_name(report: &mut Report, facts: &PeerFacts, expected: &Expected<'_>) -> bool {
    let terminal = facts.uris.iter().find_map(|uri| uri.strip_prefix("vinr:terminal/"));
    if expected.is_terminal {
        let Some(found) = terminal else {
            report.broken(
                Layer::San,
                "the certificate names no terminal",
                "What answers here is not a VINR terminal's Local API: check address and port.",
            );
            return false;
        };
        let id = found.rsplit('.').next().unwrap_or(found);
        if expected.terminal.is_some_and(|wanted| wanted != found && wanted != id) {
            let wanted = expected.terminal.unwrap_or_default();
            report.broken(
                Layer::San,
                format!("this is {id}, not {wanted}"),
                "The address belongs to another terminal now: give each a fixed address (a DHCP reservation).",
            );
            return false;
        }
    }
    if is_named(facts, expected.host) {
        let who = terminal.unwrap_or(expected.host);
        report.fine(Layer::San, format!("it is the certificate of {who}"));
        return true;
    }
    let names: Vec<String> =
        facts.names.iter().cloned().chain(facts.addresses.iter().map(IpAddr::to_string)).collect();
    let cause = format!("the certificate does not name {}, only {}", expected.host, names.join(", "));
    if expected.is_terminal {
        // A client that pins the authority and checks the terminal's own name needs no more.
        report.odd(
            Layer::San,
            cause,
            "The VINR SDKs go by the terminal's name and accept this; other clients do not. The terminal asks for a \
             new certificate when its address changes: let it reach the cloud.",
        );
        return true;
    }
    report.broken(Layer::San, cause, "Use a name that the certificate has, or have it issued for this one.");
    false
}

fn is_named(facts: &PeerFacts, host: &str) -> bool {
    let bare = host.trim_matches(['[', ']']);
    match bare.parse::<IpAddr>() {
        Ok(address) => facts.addresses.contains(&address),
        Err(_) => facts.names.iter().any(|name| match name.strip_prefix("*.") {
            Some(domain) => bare.split_once('.').is_some_and(|(_, rest)| rest.eq_ignore_ascii_case(domain)),
            None => name.eq_ignore_ascii_case(bare),
        }),
    }
}

fn judge_time(report: &mut Report, facts: &PeerFacts, now: Timestamp) -> bool {
    let day = |at: Timestamp| {
        jiff::Timestamp::from_millisecond(at.0).map_or_else(|_| at.0.to_string(), |at| at.to_string())
    };
    if now < facts.valid_from {
        report.broken(
            Layer::Clock,
            format!("the certificate begins at {}, and it is {} here", day(facts.valid_from), day(now)),
            "One of the clocks is wrong: set this machine's clock, then the other's.",
        );
        return false;
    }
    if now > facts.valid_until {
        report.broken(
            Layer::Expiry,
            format!("the certificate ended at {}", day(facts.valid_until)),
            "It is renewed by itself while the terminal reaches the cloud: connect it, or set its clock.",
        );
        return false;
    }
    let until = day(facts.valid_until);
    if facts.valid_until.ms_since(now) < SOON_MS {
        report.odd(
            Layer::Expiry,
            format!("the certificate ends at {until}"),
            "It should have been renewed by now: look whether the other side reaches the cloud.",
        );
    } else {
        report.fine(Layer::Expiry, format!("in force until {until}"));
    }
    true
}

/// Lets everything in and keeps it.
#[derive(Debug)]
struct Seen {
    chain: Mutex<Vec<CertificateDer<'static>>>,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Seen {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let chain = std::iter::once(end_entity).chain(intermediates).map(|one| one.clone().into_owned());
        *self.chain.lock().unwrap_or_else(PoisonError::into_inner) = chain.collect();
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls12_signature(message, cert, dss, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, cert, dss, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
