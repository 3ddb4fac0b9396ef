//! Reads what a peer's certificate says, for people who look for a fault. Judges nothing and checks no signature.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use vinr_domain::Timestamp;
use x509_parser::prelude::GeneralName;

use crate::identity::{IdentityError, leaf_facts, parse_certificate};

/// What a certificate says of its holder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeerFacts {
    /// Its subject, as people read it. No identity.
    pub subject: String,
    /// Who says so.
    pub issuer: String,
    /// First moment of validity.
    pub valid_from: Timestamp,
    /// Last moment of validity.
    pub valid_until: Timestamp,
    /// URIs in the subject alternative name.
    pub uris: Vec<String>,
    /// DNS names in it.
    pub names: Vec<String>,
    /// Addresses in it.
    pub addresses: Vec<IpAddr>,
}

/// Reads one certificate.
///
/// # Errors
/// [`IdentityError::Malformed`] when it is not one certificate in DER.
pub fn peer_facts(der: &[u8]) -> Result<PeerFacts, IdentityError> {
    let certificate = parse_certificate(der)?;
    let leaf = leaf_facts(der)?;
    let mut facts = PeerFacts {
        subject: certificate.subject().to_string(),
        issuer: certificate.issuer().to_string(),
        valid_from: leaf.not_before,
        valid_until: leaf.not_after,
        uris: Vec::new(),
        names: Vec::new(),
        addresses: Vec::new(),
    };
    let names = certificate.subject_alternative_name().map_err(|_| IdentityError::Ambiguous)?;
    for name in names.map(|extension| extension.value.general_names.iter()).into_iter().flatten() {
        match name {
            GeneralName::URI(uri) => facts.uris.push((*uri).to_owned()),
            GeneralName::DNSName(name) => facts.names.push((*name).to_owned()),
            GeneralName::IPAddress(bytes) => facts.addresses.extend(address(bytes)),
            _ => {}
        }
    }
    Ok(facts)
}

fn address(bytes: &[u8]) -> Option<IpAddr> {
    if let Ok(four) = <[u8; 4]>::try_from(bytes) {
        return Some(Ipv4Addr::from(four).into());
    }
    <[u8; 16]>::try_from(bytes).ok().map(|sixteen| Ipv6Addr::from(sixteen).into())
}
