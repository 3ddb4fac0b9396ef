//! Addresses of terminals, as callers and the network write them.

use std::fmt;
use std::net::Ipv6Addr;

use crate::error::VinrError;

const PORT: u16 = 8443;

/// Where a terminal may be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    pub host: String,
    pub port: u16,
}

impl Place {
    /// Reads `host`, `host:port` or `[v6]:port`.
    pub(crate) fn parse(address: &str) -> Result<Self, VinrError> {
        let wrong = || {
            let message = "static hosts are addresses, each with or without a port";
            VinrError::configuration("parameter_invalid", message).about("static_hosts")
        };
        let (host, port) = match address.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            Some((host, rest)) => {
                host.parse::<Ipv6Addr>().map_err(|_| wrong())?;
                (host, rest.strip_prefix(':').or(rest.is_empty().then_some("")))
            }
            None => {
                let (host, port) = address.split_once(':').map_or((address, ""), |(host, port)| (host, port));
                (host, Some(port))
            }
        };
        let letters = |one: char| one.is_ascii_alphanumeric() || "-_.:".contains(one);
        if host.is_empty() || !host.chars().all(letters) {
            return Err(wrong());
        }
        let port = match port.ok_or_else(wrong)? {
            "" if !address.ends_with(':') => PORT,
            text => text.parse().map_err(|_| wrong())?,
        };
        Ok(Self { host: host.to_owned(), port })
    }

    /// The start of a URL of this place.
    pub(crate) fn url(&self) -> String {
        format!("https://{self}")
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { host, port } = self;
        if host.contains(':') { write!(f, "[{host}]:{port}") } else { write!(f, "{host}:{port}") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_have_a_port_or_the_usual_one() {
        for (text, url) in [
            ("10.0.0.1", "https://10.0.0.1:8443"),
            ("10.0.0.1:9", "https://10.0.0.1:9"),
            ("[::1]", "https://[::1]:8443"),
            ("[fe80::1]:9", "https://[fe80::1]:9"),
            ("till.local:9", "https://till.local:9"),
        ] {
            assert_eq!(Place::parse(text).unwrap().url(), url);
        }
        for text in ["", ":9", "a:", "a:b", "a/b", "[::1", "[x]", "[::1]9", "a:99999", "u@h", "::1"] {
            assert!(Place::parse(text).is_err(), "{text}");
        }
    }
}
