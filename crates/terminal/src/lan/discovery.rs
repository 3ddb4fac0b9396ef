//! Announces the terminal in the merchant's network: DNS-SD (RFC 6763) over multicast DNS (RFC 6762). A hint, never an
//! identity: who a terminal is, its certificate says. Several terminals of one host have names of their own.

use std::net::{IpAddr, SocketAddr};

use mdns_sd::{IfKind, ServiceDaemon, ServiceInfo};
use vinr_wire::lan::{DEFAULT_PORT, LAN_PROTOCOL_VERSION, SERVICE_TYPE};

use super::counter::own_host;
use super::settings::Announce;
use crate::till::DeviceFacts;

/// The terminal is announced as long as this lives.
pub(super) struct Announced {
    daemon: ServiceDaemon,
    full_name: String,
}

/// Where something is announced.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Where {
    Nowhere,
    /// On every interface but loopback, with whatever addresses those have.
    Everywhere,
    Loopback,
    On(Vec<IpAddr>),
}

fn place(announce: &Announce, served: SocketAddr) -> Where {
    let at = served.ip();
    match announce {
        Announce::Off => Where::Nowhere,
        Announce::On(addresses) if addresses.is_empty() => Where::Nowhere,
        Announce::On(addresses) => Where::On(addresses.clone()),
        Announce::WhereServed if at.is_loopback() => Where::Nowhere,
        Announce::LoopbackToo if at.is_loopback() => Where::Loopback,
        Announce::WhereServed | Announce::LoopbackToo if at.is_unspecified() => Where::Everywhere,
        Announce::WhereServed | Announce::LoopbackToo => Where::On(vec![at]),
    }
}

/// Announces a terminal that is served at `served`; `None` when it is to be announced nowhere, or cannot be. A terminal
/// that is not announced is reached by its address all the same.
pub(super) fn announce(
    who: &DeviceFacts,
    modes: &[&str],
    served: SocketAddr,
    announce: &Announce,
) -> Option<Announced> {
    let place = place(announce, served);
    if place == Where::Nowhere {
        tracing::info!(terminal = who.terminal, %served, "lan: not announced");
        return None;
    }
    match register(who, modes, served, &place) {
        Ok(announced) => {
            tracing::info!(
                terminal = who.terminal,
                name = announced.full_name,
                interfaces = ?place,
                port = served.port(),
                "lan: announced"
            );
            Some(announced)
        }
        Err(error) => {
            tracing::warn!(%error, interfaces = ?place, "lan: the terminal cannot be announced");
            None
        }
    }
}

fn register(
    who: &DeviceFacts,
    modes: &[&str],
    served: SocketAddr,
    place: &Where,
) -> Result<Announced, mdns_sd::Error> {
    let port = served.port();
    let instance =
        if port == DEFAULT_PORT { who.terminal.clone() } else { format!("{}-{port}", who.terminal) };
    let host = format!("{}.", own_host(who));
    let (modes, protocol) = (modes.join(","), LAN_PROTOCOL_VERSION.to_string());
    let facts =
        [("id", who.terminal.as_str()), ("model", &who.model), ("modes", &modes), ("protocol", &protocol)];
    let addresses: Vec<IpAddr> = match place {
        Where::Nowhere | Where::Everywhere => Vec::new(),
        Where::Loopback => vec![served.ip()],
        Where::On(addresses) => addresses.clone(),
    };
    let service = ServiceInfo::new(SERVICE_TYPE, &instance, &host, addresses.as_slice(), port, &facts[..])?;
    let daemon = ServiceDaemon::new()?;
    let service = match place {
        Where::Everywhere => {
            daemon.disable_interface(vec![IfKind::LoopbackV4, IfKind::LoopbackV6])?;
            service.enable_addr_auto()
        }
        Where::Loopback => {
            daemon.disable_interface(IfKind::All)?;
            daemon.enable_interface(IfKind::LoopbackV4)?;
            service
        }
        Where::Nowhere | Where::On(_) => {
            daemon.disable_interface(IfKind::All)?;
            for address in &addresses {
                daemon.enable_interface(IfKind::Addr(*address))?;
            }
            service
        }
    };
    let full_name = service.get_fullname().to_owned();
    daemon.register(service)?;
    Ok(Announced { daemon, full_name })
}

impl Drop for Announced {
    /// Says goodbye, as far as there is time for it.
    fn drop(&mut self) {
        let _ = self.daemon.unregister(&self.full_name);
        let _ = self.daemon.shutdown();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loopback_is_announced_only_where_that_was_asked_for() {
        let loopback: SocketAddr = "127.0.0.1:8443".parse().unwrap();
        let everywhere: SocketAddr = "0.0.0.0:8443".parse().unwrap();
        let one: SocketAddr = "192.168.1.51:8443".parse().unwrap();
        assert_eq!(place(&Announce::WhereServed, loopback), Where::Nowhere);
        assert_eq!(place(&Announce::LoopbackToo, loopback), Where::Loopback);
        assert_eq!(place(&Announce::WhereServed, everywhere), Where::Everywhere);
        assert_eq!(place(&Announce::WhereServed, one), Where::On(vec![one.ip()]));
        assert_eq!(place(&Announce::On(vec![one.ip()]), everywhere), Where::On(vec![one.ip()]));
        assert_eq!(place(&Announce::Off, everywhere), Where::Nowhere);
        assert_eq!(place(&Announce::On(Vec::new()), everywhere), Where::Nowhere);
    }
}
