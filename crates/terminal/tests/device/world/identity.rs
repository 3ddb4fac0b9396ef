//! A device's certificate as numbers: when it is to be renewed, and what was asked and taken.

use std::sync::{Arc, Mutex};

use vinr_domain::Timestamp;
use vinr_terminal::Identity;

/// A shared handle; it outlives the terminal.
#[derive(Clone, Debug, Default)]
pub struct TestIdentity {
    inner: Arc<Mutex<Inner>>,
    roots_pem: Arc<str>,
}

#[derive(Debug, Default)]
struct Inner {
    /// When the certificate is to be renewed; `None`: there is none.
    renew_at: Option<Timestamp>,
    ends_soon_at: Option<Timestamp>,
    taken: Vec<String>,
}

impl TestIdentity {
    /// A device that trusts these roots for its software.
    pub fn trusting(roots_pem: &str) -> Self {
        Self { roots_pem: roots_pem.into(), ..Self::default() }
    }

    pub fn renew_at(&self, renew_at: Timestamp, ends_soon_at: Timestamp) {
        let mut inner = self.inner.lock().unwrap();
        (inner.renew_at, inner.ends_soon_at) = (Some(renew_at), Some(ends_soon_at));
    }

    /// The chains that were taken.
    pub fn taken(&self) -> Vec<String> {
        self.inner.lock().unwrap().taken.clone()
    }
}

impl Identity for TestIdentity {
    fn renew_at(&self) -> Option<Timestamp> {
        self.inner.lock().unwrap().renew_at
    }

    fn ends_soon(&self, now: Timestamp) -> bool {
        self.inner.lock().unwrap().ends_soon_at.is_some_and(|at| now >= at)
    }

    fn roots_pem(&self) -> &str {
        &self.roots_pem
    }

    fn request(&mut self) -> Result<Vec<u8>, String> {
        Ok(b"csr".to_vec())
    }

    fn install(&mut self, chain_pem: &str) -> Result<(), String> {
        if !chain_pem.starts_with("good") {
            return Err("not for this key".to_owned());
        }
        let mut inner = self.inner.lock().unwrap();
        inner.taken.push(chain_pem.to_owned());
        (inner.renew_at, inner.ends_soon_at) = (None, None);
        Ok(())
    }
}
