//! The device's place in the merchant's network: its addresses and its hardware address. Opens no socket.

use std::net::IpAddr;

use vinr_wire::link::HelloFacts;

/// The most addresses that are told.
const MOST: usize = 16;

/// Says where the device is. Asked whenever a link comes up and every few minutes; must return at once.
pub trait Network: Send {
    /// Its addresses, those of the merchant's network first.
    fn addresses(&self) -> Vec<IpAddr>;

    /// The hardware address of the interface in use; `None` when the device does not tell.
    fn mac(&self) -> Option<String> {
        None
    }
}

/// A device that only this machine can reach: for simulators.
#[derive(Clone, Copy, Debug, Default)]
pub struct Loopback;

impl Network for Loopback {
    fn addresses(&self) -> Vec<IpAddr> {
        vec![std::net::Ipv4Addr::LOCALHOST.into(), std::net::Ipv6Addr::LOCALHOST.into()]
    }
}

/// No network: for simulated worlds, in which nobody speaks to a terminal but the cloud.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoNetwork;

impl Network for NoNetwork {
    fn addresses(&self) -> Vec<IpAddr> {
        Vec::new()
    }
}

/// The interfaces of the machine that are up.
#[derive(Clone, Copy, Debug, Default)]
pub struct Interfaces;

impl Interfaces {
    fn found() -> Vec<if_addrs::Interface> {
        let mut found = if_addrs::get_if_addrs().unwrap_or_else(|error| {
            tracing::warn!(%error, "the network interfaces cannot be listed");
            Vec::new()
        });
        // Loopback last; otherwise in an order that does not change by itself.
        found.sort_by_key(|interface| (interface.is_loopback(), interface.ip()));
        found
    }
}

impl Network for Interfaces {
    fn addresses(&self) -> Vec<IpAddr> {
        let found = Self::found().into_iter().map(|interface| interface.ip());
        let mut addresses: Vec<IpAddr> = found.filter(vinr_pki::is_local).collect();
        addresses.truncate(MOST);
        addresses
    }

    fn mac(&self) -> Option<String> {
        let in_use = Self::found().into_iter().find(|interface| !interface.is_loopback())?;
        let mac = std::fs::read_to_string(format!("/sys/class/net/{}/address", in_use.name)).ok()?;
        Some(mac.trim().to_owned()).filter(|mac| !mac.is_empty() && mac != "00:00:00:00:00:00")
    }
}

/// Writes into a greeting where the device is.
pub(crate) fn place(network: &dyn Network, hello: &mut HelloFacts) {
    hello.local_addresses = network.addresses().iter().map(ToString::to_string).collect();
    hello.mac = network.mac();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_machine_has_an_address_and_tells_no_public_one() {
        let addresses = Interfaces.addresses();
        assert!(!addresses.is_empty() && addresses.len() <= MOST);
        assert!(addresses.iter().all(vinr_pki::is_local), "{addresses:?}");
    }
}
