//! Owns what a leaf certificate says: whose it is, what for, and for how long. Names come from the caller alone;
//! nothing a signing request asks for is taken over but its public key.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use aws_lc_rs::rand;
use rcgen::{
    CertificateParams, DistinguishedName, DnType, IsCa, KeyUsagePurpose, PKCS_ECDSA_P256_SHA256,
    PublicKeyData, SanType, SerialNumber, SubjectPublicKeyInfo,
};
use rustls::pki_types::CertificateDer;
use time::{Duration, OffsetDateTime};
use vinr_domain::Timestamp;
use x509_parser::certification_request::X509CertificationRequest;
use x509_parser::prelude::FromDer;

use crate::authority::{Authority, Role, date};
use crate::certificate::{Credential, IssuedCertificate};
use crate::client::ClientName;
use crate::device::{DeviceKey, KeyError};
use crate::identity::{DeviceIdentity, leaf_facts};

const DEVICE_LIFE: Duration = Duration::days(90);
const SERVER_LIFE: Duration = Duration::days(90);
pub(crate) const LISTENER_LIFE: Duration = Duration::days(90);
const CLIENT_LIFE: Duration = Duration::days(30);
/// Longer than the others, because the signature is checked when the update runs and not when it was signed.
const SIGNER_LIFE: Duration = Duration::days(365);
/// Leaves are valid from an hour before they were issued, for peers whose clock is behind; the hour counts
/// towards their life.
const BACKDATE: Duration = Duration::hours(1);
const SERIAL_BYTES: usize = 16;

/// A certificate was not issued.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IssueError {
    /// The device's signing request is not a PKCS #10 structure (RFC 2986).
    #[error("the signing request is not well-formed")]
    MalformedRequest,
    /// The device does not hold the key it asks a certificate for.
    #[error("the signing request is not signed with the key it names")]
    RequestSignature,
    /// The device's key is of a kind that is not certified.
    #[error("the signing request names a key that is not ECDSA P-256")]
    RequestKey,
    /// The operator asked for a host name that cannot be in a certificate.
    #[error("{0:?} is not a host name")]
    HostName(String),
    /// The operator asked for a server certificate without a name.
    #[error("a server certificate needs at least one host name or address")]
    NoName,
    /// The authority has expired since it was opened, or the time given is wrong.
    #[error("the issuing authority is not in force at {0:?}")]
    NotInForce(Timestamp),
    /// This installation has no authority for software yet.
    #[error("there is no software authority: put the root's key back for one start of the server")]
    NoSoftwareAuthority,
    /// This installation has no authority for listeners in merchants' networks yet.
    #[error("there is no listeners authority: put the root's key back for one start of the server")]
    NoListenerAuthority,
    /// The cryptographic library refused.
    #[error("the certificate cannot be made: {0}")]
    Library(String),
}

impl From<rcgen::Error> for IssueError {
    fn from(error: rcgen::Error) -> Self {
        Self::Library(error.to_string())
    }
}

impl From<KeyError> for IssueError {
    fn from(error: KeyError) -> Self {
        Self::Library(error.to_string())
    }
}

/// The names a server answers to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerNames {
    /// Host names.
    pub dns: Vec<String>,
    /// Addresses.
    pub ips: Vec<IpAddr>,
}

impl Default for ServerNames {
    /// This machine only: `localhost`, `127.0.0.1` and `::1`.
    fn default() -> Self {
        Self {
            dns: vec!["localhost".into()],
            ips: vec![Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()],
        }
    }
}

impl Authority {
    /// Certifies the key in a device's signing request (DER, RFC 2986) for a terminal, for 90 days.
    ///
    /// # Errors
    /// [`IssueError`]: the device's fault when the request is malformed, not signed with its own key, or for a key
    /// other than ECDSA P-256.
    pub fn issue_device(
        &self,
        csr_der: &[u8],
        identity: &DeviceIdentity,
        now: Timestamp,
    ) -> Result<IssuedCertificate, IssueError> {
        let name = SanType::URI(identity.uri().try_into()?);
        self.certify(Role::Devices, csr_der, vec![name], DEVICE_LIFE, now)
    }

    /// Makes a key and certifies it for a server with these names, for 90 days. A server that runs longer asks
    /// again and swaps its configuration.
    ///
    /// # Errors
    /// [`IssueError`]: the operator's fault when a name is not a host name or there is none.
    pub fn issue_server(&self, names: &ServerNames, now: Timestamp) -> Result<Credential, IssueError> {
        let mut sans = Vec::with_capacity(names.dns.len() + names.ips.len());
        for name in &names.dns {
            let valid = rustls::pki_types::DnsName::try_from(name.as_str()).is_ok();
            let text = name.as_str().try_into().ok().filter(|_| valid);
            sans.push(SanType::DnsName(text.ok_or_else(|| IssueError::HostName(name.clone()))?));
        }
        sans.extend(names.ips.iter().copied().map(SanType::IpAddress));
        if sans.is_empty() {
            return Err(IssueError::NoName);
        }
        self.keyed(Role::Servers, sans, SERVER_LIFE, now)
    }

    /// Makes a key and certifies it for a till that may speak to one terminal's Local API, for 30 days.
    ///
    /// # Errors
    /// [`IssueError`] when the authority has expired.
    pub fn issue_client(&self, name: &ClientName, now: Timestamp) -> Result<Credential, IssueError> {
        self.keyed(Role::Clients, vec![SanType::URI(name.uri().try_into()?)], CLIENT_LIFE, now)
    }

    /// The same for a key that the till made and keeps: its signing request in DER (RFC 2986).
    ///
    /// # Errors
    /// [`IssueError`]: the till's fault when the request is malformed, not signed with its own key, or for a key other
    /// than ECDSA P-256.
    pub fn certify_client(
        &self,
        csr_der: &[u8],
        name: &ClientName,
        now: Timestamp,
    ) -> Result<IssuedCertificate, IssueError> {
        self.certify(Role::Clients, csr_der, vec![SanType::URI(name.uri().try_into()?)], CLIENT_LIFE, now)
    }

    /// Makes a key and certifies it for signing software, for a year. Devices accept what it signed as long as its
    /// certificate is in force. Its name is `vinr:software`.
    ///
    /// # Errors
    /// [`IssueError::NoSoftwareAuthority`] until the root's key has been there for one start.
    pub fn issue_software_signer(&self, now: Timestamp) -> Result<Credential, IssueError> {
        self.keyed(Role::Software, vec![SanType::URI("vinr:software".try_into()?)], SIGNER_LIFE, now)
    }

    pub(crate) fn certify(
        &self,
        role: Role,
        csr_der: &[u8],
        names: Vec<SanType>,
        life: Duration,
        now: Timestamp,
    ) -> Result<IssuedCertificate, IssueError> {
        let (leaf, chain_pem) = self.leaf(role, names, &requested_key(csr_der)?, life, now)?;
        let facts = leaf_facts(&leaf).map_err(|error| IssueError::Library(error.to_string()))?;
        Ok(IssuedCertificate { leaf, chain_pem, facts })
    }

    fn keyed(
        &self,
        role: Role,
        names: Vec<SanType>,
        life: Duration,
        now: Timestamp,
    ) -> Result<Credential, IssueError> {
        let key = DeviceKey::generate()?.0;
        let (leaf, chain_pem) = self.leaf(role, names, &key, life, now)?;
        let authority = self.issuing(role).ok_or(absent(role))?;
        Ok(Credential::new(vec![leaf, authority.certificate.clone()], chain_pem, &key))
    }

    fn leaf(
        &self,
        role: Role,
        names: Vec<SanType>,
        key: &impl PublicKeyData,
        life: Duration,
        now: Timestamp,
    ) -> Result<(CertificateDer<'static>, String), IssueError> {
        let authority = self.issuing(role).ok_or(absent(role))?;
        let (from, until) = validity(now, life, authority.until)?;
        let mut params = CertificateParams::default();
        // A fixed subject without common name: nobody can mistake it for the identity.
        params.distinguished_name = DistinguishedName::new();
        params.distinguished_name.push(DnType::OrganizationName, "VINR");
        params.serial_number = Some(random_serial().ok_or(IssueError::Library("no randomness".into()))?);
        params.subject_alt_names = names;
        params.is_ca = IsCa::ExplicitNoCa;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![authority.role.purpose()];
        params.use_authority_key_identifier_extension = true;
        (params.not_before, params.not_after) = (from, until);
        let certificate = params.signed_by(key, &authority.issuer)?;
        let chain_pem = format!("{}{}", certificate.pem(), authority.pem);
        Ok((certificate.der().clone(), chain_pem))
    }
}

/// Which error says that the authority for this role is absent.
fn absent(role: Role) -> IssueError {
    match role {
        Role::Listeners => IssueError::NoListenerAuthority,
        Role::Devices | Role::Clients | Role::Servers | Role::Software => IssueError::NoSoftwareAuthority,
    }
}

/// Whether a signing request (DER, RFC 2986) is one that a device can be certified for.
///
/// # Errors
/// [`IssueError`]: the device's fault.
pub fn check_request(csr_der: &[u8]) -> Result<(), IssueError> {
    requested_key(csr_der).map(|_key| ())
}

/// The key a request asks for, if its sender has shown to hold it.
fn requested_key(csr_der: &[u8]) -> Result<SubjectPublicKeyInfo, IssueError> {
    let Ok(([], request)) = X509CertificationRequest::from_der(csr_der) else {
        return Err(IssueError::MalformedRequest);
    };
    let key = SubjectPublicKeyInfo::from_der(request.certification_request_info.subject_pki.raw)
        .map_err(|_| IssueError::RequestKey)?;
    if key.algorithm() != &PKCS_ECDSA_P256_SHA256 {
        return Err(IssueError::RequestKey);
    }
    request.verify_signature().map_err(|_| IssueError::RequestSignature)?;
    Ok(key)
}

/// A leaf never outlives its authority. Both ends of a validity count (RFC 5280 section 4.1.2.5), hence the second.
fn validity(
    now: Timestamp,
    life: Duration,
    authority_until: OffsetDateTime,
) -> Result<(OffsetDateTime, OffsetDateTime), IssueError> {
    let time = date(now).map_err(|_| IssueError::NotInForce(now))?;
    if time >= authority_until {
        return Err(IssueError::NotInForce(now));
    }
    let from = time - BACKDATE;
    Ok((from, (from + life - Duration::seconds(1)).min(authority_until)))
}

/// A new serial number of 126 random bits: never reused, so that revoking by serial revokes one certificate. The
/// top bits keep it positive and of one length. `None` when the system has no randomness to give.
pub(crate) fn random_serial() -> Option<SerialNumber> {
    let mut bytes = [0_u8; SERIAL_BYTES];
    rand::fill(&mut bytes).ok()?;
    bytes[0] = bytes[0] & 0x3F | 0x40;
    Some(SerialNumber::from_slice(&bytes))
}
