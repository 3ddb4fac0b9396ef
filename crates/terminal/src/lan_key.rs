//! The key and the certificate that the terminal's listener presents in the merchant's network. The key is made here and
//! never leaves.

use std::fmt;

/// What the listener presents.
#[derive(Clone, PartialEq, Eq)]
pub struct LanIdentity {
    chain_pem: String,
    key_pem: String,
}

impl LanIdentity {
    /// A certificate with its issuers (PEM, leaf first) and its key (PKCS#8, PEM).
    #[must_use]
    pub fn new(chain_pem: String, key_pem: String) -> Self {
        Self { chain_pem, key_pem }
    }

    /// The certificate and its issuers, PEM, leaf first.
    #[must_use]
    pub fn chain_pem(&self) -> &str {
        &self.chain_pem
    }

    /// The private key, PKCS#8 in PEM: secret.
    #[must_use]
    pub fn key_pem(&self) -> &str {
        &self.key_pem
    }
}

impl fmt::Debug for LanIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LanIdentity").field("chain_bytes", &self.chain_pem.len()).finish_non_exhaustive()
    }
}
