//! Owns what a terminal is called in the merchant's network: the certificate of its listener there, and who a till finds
//! at the other end. Addresses that the whole Internet can reach are refused, and so is every name but the terminal's
//! own.

use std::net::{IpAddr, Ipv6Addr};

use rcgen::{CidrSubnet, GeneralSubtree, NameConstraints, SanType};
use vinr_domain::Timestamp;
use x509_parser::prelude::GeneralName;

use crate::authority::{Authority, Role};
use crate::certificate::IssuedCertificate;
use crate::identity::{DeviceIdentity, IdentityError, SCHEME, parse_certificate};
use crate::issue::{IssueError, LISTENER_LIFE};

/// The most addresses in one certificate.
const MAX_ADDRESSES: usize = 16;

impl Authority {
    /// Certifies the key in a terminal's signing request (DER, RFC 2986) for its listener in the merchant's network, for
    /// 90 days. The certificate names the terminal, `vinr:terminal/<link id>`; those of the addresses that are private,
    /// link-local or loopback; its mDNS name [`listener_host`]; and `localhost` beside a loopback address.
    ///
    /// The authority for it is one of its own: what it issues can be taken neither for the cloud nor for a host
    /// elsewhere, so that a terminal in the wrong hands is no more than a terminal.
    ///
    /// # Errors
    /// [`IssueError`]: the terminal's fault when the request is malformed, not signed with its own key, or for a key
    /// other than ECDSA P-256. [`IssueError::NoListenerAuthority`] until the root's key has been there for one start.
    pub fn issue_listener(
        &self,
        csr_der: &[u8],
        terminal: &DeviceIdentity,
        addresses: &[IpAddr],
        now: Timestamp,
    ) -> Result<IssuedCertificate, IssueError> {
        let mut names = vec![
            SanType::URI(terminal.uri().try_into()?),
            SanType::DnsName(listener_host(terminal).try_into()?),
        ];
        let mut local: Vec<IpAddr> = addresses.iter().map(IpAddr::to_canonical).collect();
        local.retain(is_local);
        local.sort_unstable();
        local.dedup();
        local.truncate(MAX_ADDRESSES);
        if local.iter().any(IpAddr::is_loopback) {
            names.push(SanType::DnsName("localhost".try_into()?));
        }
        names.extend(local.into_iter().map(SanType::IpAddress));
        self.certify(Role::Listeners, csr_der, names, LISTENER_LIFE, now)
    }
}

/// Under which host name a terminal is found in the merchant's network (mDNS, RFC 6762): its id in small letters, with
/// hyphens, which is a hint and no identity.
#[must_use]
pub fn listener_host(terminal: &DeviceIdentity) -> String {
    let label: String = terminal.terminal().as_str().to_ascii_lowercase().replace('_', "-");
    format!("{}.local", label.trim_end_matches('-'))
}

/// Whether the address means something only where it is used: private (RFC 1918), unique local (RFC 4193), link-local
/// or loopback.
#[must_use]
pub fn is_local(address: &IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => v4.is_private() || v4.is_loopback() || v4.is_link_local(),
        IpAddr::V6(v6) => v6.is_loopback() || v6.is_unicast_link_local() || v6.is_unique_local(),
    }
}

/// What the authority for listeners may name at all, whoever holds its key.
pub(crate) fn constraints() -> NameConstraints {
    let v4 = [
        ([10, 0, 0, 0], 8),
        ([172, 16, 0, 0], 12),
        ([192, 168, 0, 0], 16),
        ([127, 0, 0, 0], 8),
        ([169, 254, 0, 0], 16),
    ];
    let v6 = [("::1", 128), ("fe80::", 10), ("fc00::", 7)];
    let v4 = v4.map(|(start, bits)| CidrSubnet::from_v4_prefix(start, bits));
    let v6 = v6.map(|(start, bits): (&str, u8)| {
        let start: Ipv6Addr = start.parse().expect("an address that is written here");
        CidrSubnet::from_v6_prefix(start.octets(), bits)
    });
    let hosts = ["local", "localhost"].map(|host| GeneralSubtree::DnsName(host.to_owned()));
    let subnets = v4.into_iter().chain(v6).map(GeneralSubtree::IpAddress);
    NameConstraints {
        permitted_subtrees: hosts.into_iter().chain(subnets).collect(),
        excluded_subtrees: vec![],
    }
}

/// The terminal that a listener's certificate names, beside its addresses. Call it on certificates whose chain has been
/// verified.
///
/// # Errors
/// [`IdentityError`] unless exactly one of its names is a URI, and that one a terminal's.
pub fn listener_identity(der: &[u8]) -> Result<DeviceIdentity, IdentityError> {
    let certificate = parse_certificate(der)?;
    let names = certificate.subject_alternative_name().map_err(|_| IdentityError::Ambiguous)?;
    let names = names.ok_or(IdentityError::Missing)?;
    let mut uris = names.value.general_names.iter().filter_map(|name| match name {
        GeneralName::URI(uri) => Some(*uri),
        _ => None,
    });
    let uri = uris.next().ok_or(IdentityError::Missing)?;
    if uris.next().is_some() {
        return Err(IdentityError::Ambiguous);
    }
    let link_id = uri.strip_prefix(SCHEME).ok_or(IdentityError::NotATerminal)?;
    Ok(DeviceIdentity::parse(link_id)?)
}
