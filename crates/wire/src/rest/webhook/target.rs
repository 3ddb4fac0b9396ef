//! Where events are posted to: an absolute URL of a strict form, so that what is checked and what is connected to
//! cannot be read in two ways. Looks up no name.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use super::address::is_public;

/// The longest URL, in bytes.
const MAX_BYTES: usize = 2048;

/// What the operator allows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Policy {
    /// `http://` beside `https://`.
    pub plain_http: bool,
    /// Addresses that are not public: private, loopback and so on.
    pub private_addresses: bool,
}

impl Policy {
    /// Whether a connection to the address may be made.
    #[must_use]
    pub fn allows(self, address: IpAddr) -> bool {
        self.private_addresses || is_public(address)
    }

    /// The first of the addresses that a name stands for, if all of them are allowed: a name that also stands for a
    /// forbidden one is somebody's trick.
    #[must_use]
    pub fn choose(self, addresses: &[SocketAddr]) -> Option<SocketAddr> {
        let all = addresses.iter().all(|address| self.allows(address.ip()));
        addresses.first().copied().filter(|_| all)
    }
}

/// Who is connected to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Host {
    /// A name to be looked up, in lower case.
    Name(String),
    /// An address.
    Address(IpAddr),
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => f.write_str(name),
            Self::Address(IpAddr::V4(address)) => address.fmt(f),
            Self::Address(IpAddr::V6(address)) => write!(f, "[{address}]"),
        }
    }
}

/// A URL taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// Whether the connection is encrypted.
    pub tls: bool,
    /// Who.
    pub host: Host,
    /// On which port.
    pub port: u16,
    /// Path and query, beginning with `/`.
    pub path: String,
}

/// Why nothing can be posted there; continues the sentence "`url` …".
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TargetError {
    /// Not a URL of the form that is taken.
    #[error("must be an absolute URL like https://shop.example/webhooks: plain ASCII, no user, no fragment")]
    Malformed,
    /// Longer than is kept.
    #[error("must have at most 2048 characters")]
    TooLong,
    /// Not encrypted.
    #[error("must begin with https://")]
    NotEncrypted,
    /// Not on the internet.
    #[error("must not be on a private, local or reserved address")]
    NotPublic,
}

impl Target {
    /// Reads a URL and holds it against the policy. A name is only checked once it is looked up.
    ///
    /// # Errors
    /// [`TargetError`].
    pub fn parse(url: &str, policy: Policy) -> Result<Self, TargetError> {
        if url.len() > MAX_BYTES {
            return Err(TargetError::TooLong);
        }
        let (tls, rest) = match split_scheme(url) {
            Some(("https", rest)) => (true, rest),
            Some(("http", rest)) if policy.plain_http => (false, rest),
            Some(("http", _)) => return Err(TargetError::NotEncrypted),
            Some(_) | None => return Err(TargetError::Malformed),
        };
        let (authority, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
        let (host, port) =
            authority_of(authority, if tls { 443 } else { 80 }).ok_or(TargetError::Malformed)?;
        let clean = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'#' | b'\\' | b'"' | b'<' | b'>');
        if !path.bytes().all(clean) {
            return Err(TargetError::Malformed);
        }
        let path = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
        match &host {
            Host::Address(address) if !policy.allows(*address) => return Err(TargetError::NotPublic),
            // RFC 6761: these never leave the machine or the site.
            Host::Name(name) if !policy.private_addresses && is_local_name(name) => {
                return Err(TargetError::NotPublic);
            }
            Host::Address(_) | Host::Name(_) => {}
        }
        Ok(Self { tls, host, port, path })
    }

    /// The value of `Host`: the port only when it is not the scheme's own.
    #[must_use]
    pub fn authority(&self) -> String {
        match (self.tls, self.port) {
            (true, 443) | (false, 80) => self.host.to_string(),
            _ => format!("{}:{}", self.host, self.port),
        }
    }
}

fn split_scheme(url: &str) -> Option<(&'static str, &str)> {
    let (scheme, rest) = url.split_once("://")?;
    let known = ["https", "http"].into_iter().find(|known| scheme.eq_ignore_ascii_case(known))?;
    Some((known, rest))
}

fn is_local_name(name: &str) -> bool {
    let ends = |zone: &str| name == zone || name.strip_suffix(zone).is_some_and(|rest| rest.ends_with('.'));
    ["localhost", "local", "internal", "home.arpa"].into_iter().any(ends)
}

fn authority_of(authority: &str, default_port: u16) -> Option<(Host, u16)> {
    if let Some(rest) = authority.strip_prefix('[') {
        let (address, rest) = rest.split_once(']')?;
        let address: Ipv6Addr = address.parse().ok()?;
        return Some((Host::Address(address.into()), port_of(rest, default_port)?));
    }
    let (host, port) = authority.split_at(authority.find(':').unwrap_or(authority.len()));
    let port = port_of(port, default_port)?;
    Some((host_of(host)?, port))
}

/// `:8443`, or nothing.
fn port_of(text: &str, default_port: u16) -> Option<u16> {
    if text.is_empty() {
        return Some(default_port);
    }
    let digits = text.strip_prefix(':')?;
    let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    digits.parse().ok().filter(|port| plain && *port != 0)
}

/// A name of letters, digits and hyphens, or four numbers. What resolvers read as an address in other spellings
/// (`127.1`, `0x7f000001`, `2130706433`) is neither.
fn host_of(text: &str) -> Option<Host> {
    let name = text.strip_suffix('.').unwrap_or(text).to_ascii_lowercase();
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    };
    if name.len() > 253 || !name.split('.').all(label) {
        return None;
    }
    let last = name.rsplit('.').next().unwrap_or("");
    let numeric = last.bytes().all(|byte| byte.is_ascii_digit())
        || last.strip_prefix("0x").is_some_and(|hex| hex.bytes().all(|byte| byte.is_ascii_hexdigit()));
    if numeric {
        let address: Ipv4Addr = name.parse().ok()?;
        return Some(Host::Address(address.into()));
    }
    Some(Host::Name(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    const STRICT: Policy = Policy { plain_http: false, private_addresses: false };
    const OPEN: Policy = Policy { plain_http: true, private_addresses: true };

    #[test]
    fn a_url_is_taken_apart() {
        let target = Target::parse("https://Shop.Example.:8443/hooks?a=b", STRICT).unwrap();
        assert_eq!(target.host, Host::Name("shop.example".into()));
        assert_eq!((target.port, &*target.path, target.tls), (8443, "/hooks?a=b", true));
        assert_eq!(target.authority(), "shop.example:8443");
        let bare = Target::parse("HTTPS://shop.example?x", STRICT).unwrap();
        assert_eq!((bare.authority().as_str(), &*bare.path), ("shop.example", "/?x"));
        let six = Target::parse("http://[::1]:9/", OPEN).unwrap();
        assert_eq!(six.authority(), "[::1]:9");
    }

    #[test]
    fn what_can_be_read_in_two_ways_is_refused() {
        for url in [
            "",
            "shop.example",
            "ftp://shop.example/",
            "https://",
            "https:///x",
            "https://user@shop.example/",
            "https://a:b@shop.example/",
            "https://shop.example/#x",
            "https://shop.example/a b",
            "https://shöp.example/",
            "https://shop.example:0/",
            "https://shop.example:+80/",
            "https://shop.example:65536/",
            "https://sh%6fp/",
            "https://127.1/",
            "https://2130706433/",
            "https://0x7f000001/",
            "https://0177.0.0.1/",
            "https://1.2.3.4.5/",
            "https://[::1",
            "https://[::1%25eth0]/",
            "https://a..b/",
            "https://-a.b/",
            "https://shop.example\\@evil/",
            "https://shop.example:80:80/",
        ] {
            assert_eq!(Target::parse(url, OPEN), Err(TargetError::Malformed), "{url}");
        }
        assert_eq!(
            Target::parse(&format!("https://a.b/{}", "x".repeat(2048)), OPEN),
            Err(TargetError::TooLong)
        );
    }

    #[test]
    fn the_policy_decides_about_schemes_and_addresses() {
        assert_eq!(Target::parse("http://shop.example/", STRICT), Err(TargetError::NotEncrypted));
        for url in [
            "https://127.0.0.1/",
            "https://[::1]/",
            "https://10.0.0.1:8443/x",
            "https://169.254.169.254/latest",
            "https://[::ffff:127.0.0.1]/",
            "https://localhost/",
            "https://a.localhost/",
            "https://printer.local/",
            "https://metadata.google.internal/",
            "https://0.0.0.0/",
        ] {
            assert_eq!(Target::parse(url, STRICT), Err(TargetError::NotPublic), "{url}");
            assert!(Target::parse(url, OPEN).is_ok(), "{url}");
        }
    }

    #[test]
    fn a_name_that_also_stands_for_a_forbidden_address_is_refused() {
        let addresses =
            |texts: &[&str]| -> Vec<SocketAddr> { texts.iter().map(|t| t.parse().unwrap()).collect() };
        let public = addresses(&["8.8.8.8:443", "[2606:4700::1]:443"]);
        assert_eq!(STRICT.choose(&public), Some(public[0]));
        let mixed = addresses(&["8.8.8.8:443", "127.0.0.1:443"]);
        assert_eq!(STRICT.choose(&mixed), None);
        assert_eq!(OPEN.choose(&mixed), Some(mixed[0]));
        assert_eq!(OPEN.choose(&[]), None);
    }
}
