//! Where a terminal of this process is served in the merchant's network, and what is said of it.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use clap::{Args, ValueEnum};
use vinr_terminal::lan::{Announce, LanSettings, LanState};

/// Where tills and cash registers reach the terminal.
#[derive(Clone, Debug, Args)]
pub struct LanArgs {
    /// Where the terminal listens for tills and cash registers (HTTPS) while the cloud has turned that on. Loopback unless
    /// given; 0.0.0.0:8443 listens on every interface.
    #[arg(long = "listen", default_value = "127.0.0.1:8443", value_name = "ADDRESS:PORT")]
    pub address: SocketAddr,

    /// Where it serves the Local API without TLS, should the cloud turn that on.
    #[arg(long, default_value = "127.0.0.1:8080", value_name = "ADDRESS:PORT")]
    pub open_wire: SocketAddr,

    /// A further name under which tills may call it. Repeatable.
    #[arg(long = "host", value_name = "NAME")]
    pub hosts: Vec<String>,

    /// Where it announces itself (multicast DNS).
    #[arg(long, value_enum, default_value_t = Announcing::Served)]
    pub announce: Announcing,
}

/// Where a terminal announces itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Announcing {
    /// On the interfaces that it listens on, loopback excepted.
    Served,
    /// On loopback too.
    Loopback,
    /// Nowhere.
    Off,
}

impl LanArgs {
    /// As the terminal takes it.
    pub fn settings(&self) -> LanSettings {
        LanSettings {
            address: self.address,
            open_wire: self.open_wire,
            hosts: self.hosts.clone(),
            announce: match self.announce {
                Announcing::Served => Announce::WhereServed,
                Announcing::Loopback => Announce::LoopbackToo,
                Announcing::Off => Announce::Off,
            },
        }
    }
}

/// On loopback, on this port; 0 takes any free one. Announced to nobody.
pub fn on_loopback(port: u16) -> LanSettings {
    let loopback = |port| SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port);
    LanSettings {
        address: loopback(port),
        open_wire: loopback(0),
        hosts: Vec::new(),
        announce: Announce::Off,
    }
}

/// What is to be said when it changes.
pub fn in_words(state: &LanState) -> Option<String> {
    if let Some(problem) = &state.problem {
        return Some(format!("its listener is not open: {problem}"));
    }
    let https = state.https.map(|at| format!("serves tills at https://{at}"));
    let open = state.open_wire.map(|at| {
        format!("serves tills WITHOUT TLS at http://{at}: whoever hears a certificate there can charge cards with it")
    });
    let said: Vec<String> = https.into_iter().chain(open).collect();
    (!said.is_empty()).then(|| said.join("; "))
}
