//! The merchant's network of a terminal under test: addresses that a test moves, and a listener's key that a test certifies.

use std::net::IpAddr;
use std::sync::{Arc, Mutex};

use vinr_domain::Timestamp;
use vinr_terminal::{LanIdentity, LanKey, Network};

/// The device's addresses; none until a test says so.
#[derive(Clone, Debug, Default)]
pub struct TestNetwork {
    pub addresses: Arc<Mutex<Vec<IpAddr>>>,
}

impl Network for TestNetwork {
    fn addresses(&self) -> Vec<IpAddr> {
        self.addresses.lock().unwrap().clone()
    }

    fn mac(&self) -> Option<String> {
        Some("02:00:00:00:00:01".to_owned())
    }
}

#[derive(Debug, Default)]
struct Held {
    /// Whether the device has a listener.
    listens: bool,
    asked_for: Vec<IpAddr>,
    addresses: Vec<IpAddr>,
    certified: Option<(Arc<LanIdentity>, Timestamp)>,
}

/// A listener's key that survives the terminal, as a file does. Its certificates are good until the moment that their
/// text names.
#[derive(Clone, Debug, Default)]
pub struct TestLanKey {
    held: Arc<Mutex<Held>>,
}

impl TestLanKey {
    /// From now on the device has a listener.
    pub fn listen(&self) {
        self.held.lock().unwrap().listens = true;
    }

    pub fn boxed(&self) -> Box<dyn LanKey> {
        Box::new(InUse { key: self.clone(), addresses: self.held.lock().unwrap().addresses.clone() })
    }
}

struct InUse {
    key: TestLanKey,
    addresses: Vec<IpAddr>,
}

impl LanKey for InUse {
    fn identity(&self) -> Option<Arc<LanIdentity>> {
        self.key.held.lock().unwrap().certified.as_ref().map(|(identity, _)| Arc::clone(identity))
    }

    fn renew_at(&self) -> Option<Timestamp> {
        self.key.held.lock().unwrap().certified.as_ref().map(|(_, renew_at)| *renew_at)
    }

    fn addresses(&self) -> &[IpAddr] {
        &self.addresses
    }

    fn request(&mut self, addresses: &[IpAddr]) -> Result<Option<Vec<u8>>, String> {
        let mut held = self.key.held.lock().unwrap();
        held.asked_for = addresses.to_vec();
        Ok(held.listens.then(|| b"please".to_vec()))
    }

    fn install(&mut self, chain_pem: &str) -> Result<(), String> {
        let renew_at = chain_pem.parse().map(Timestamp).map_err(|_| "not a certificate".to_owned())?;
        let mut held = self.key.held.lock().unwrap();
        let identity = LanIdentity::new(chain_pem.to_owned(), "key".to_owned());
        held.certified = Some((Arc::new(identity), renew_at));
        held.addresses = held.asked_for.clone();
        self.addresses = held.addresses.clone();
        Ok(())
    }
}
