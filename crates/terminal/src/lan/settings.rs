//! Where the terminal listens in the merchant's network, and where it announces itself. Reads nothing by itself.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use vinr_wire::lan::DEFAULT_PORT;

/// Where the terminal listens, and under which names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LanSettings {
    /// Where HTTPS is served while the cloud has turned one of the APIs on; loopback unless configured. Port 0 takes a
    /// free one, which [`super::LanState`] tells.
    pub address: SocketAddr,
    /// Where the Local API is served without TLS while the cloud has turned that on.
    pub open_wire: SocketAddr,
    /// Names that a request's `Host` may have besides the terminal's address, its own name and `localhost`.
    pub hosts: Vec<String>,
    /// Where it is announced.
    pub announce: Announce,
}

impl Default for LanSettings {
    fn default() -> Self {
        let loopback = IpAddr::V4(Ipv4Addr::LOCALHOST);
        Self {
            address: SocketAddr::new(loopback, DEFAULT_PORT),
            open_wire: SocketAddr::new(loopback, 8080),
            hosts: Vec::new(),
            announce: Announce::WhereServed,
        }
    }
}

/// On which interfaces the terminal announces itself (DNS-SD over multicast DNS).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Announce {
    /// On those that it listens on; nowhere when that is loopback only.
    WhereServed,
    /// On loopback too: several processes of one machine find each other.
    LoopbackToo,
    /// On the interfaces with these addresses.
    On(Vec<IpAddr>),
    /// Nowhere.
    Off,
}
