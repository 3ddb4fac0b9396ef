//! The layers below TLS: the name, the way there, the port. Says what the system said, in the words of whoever has to
//! do something about it.

use std::io::ErrorKind;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use tokio::net::{TcpStream, UdpSocket, lookup_host};
use tokio::time::timeout;

use super::finding::{Layer, Report};

/// How long a connection may take to be made.
const PATIENCE: Duration = Duration::from_secs(5);

/// Finds the host and opens a connection; `None` when that cannot be done, and the report says why.
pub async fn reach(report: &mut Report, host: &str, port: u16, firewall: &str) -> Option<TcpStream> {
    let addresses = resolve(report, host, port).await?;
    let mut last = None;
    for address in addresses {
        match timeout(PATIENCE, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => {
                report.fine(Layer::Route, way_to(address).await);
                report.fine(Layer::Port, format!("{address} accepts connections"));
                return Some(stream);
            }
            Ok(Err(error)) => last = Some((address, error.kind(), error.to_string())),
            Err(_) => last = Some((address, ErrorKind::TimedOut, String::new())),
        }
    }
    let (address, kind, text) = last?;
    match kind {
        ErrorKind::ConnectionRefused => {
            report.fine(Layer::Route, way_to(address).await);
            report.broken(
                Layer::Port,
                format!("{} is there, and nothing listens on port {port}", address.ip()),
                firewall,
            );
        }
        ErrorKind::TimedOut => report.broken(
            Layer::Route,
            format!("{address} did not answer within {} s", PATIENCE.as_secs()),
            "Is it switched on and on this network? A firewall or another VLAN drops packets without a word: allow \
             this port, or add a route.",
        ),
        ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable => report.broken(
            Layer::Route,
            format!("this machine has no way to {}", address.ip()),
            "Is this machine on the network? Check its address, its gateway and its VLAN.",
        ),
        _ => report.broken(
            Layer::Route,
            format!("{address} cannot be reached: {text}"),
            "Check this machine's network.",
        ),
    }
    None
}

async fn resolve(report: &mut Report, host: &str, port: u16) -> Option<Vec<SocketAddr>> {
    let bare = host.trim_matches(['[', ']']);
    if let Ok(address) = bare.parse::<IpAddr>() {
        report.fine(Layer::Name, format!("{address} is an address: nothing to look up"));
        return Some(vec![SocketAddr::new(address, port)]);
    }
    let cure = if host.ends_with(".local") {
        "Names under .local are found by multicast, which routers do not pass on and many networks block. Use the \
         terminal's address, and give it a fixed one in the router (a DHCP reservation)."
    } else {
        "Is it spelled correctly? Check this machine's DNS server."
    };
    match timeout(PATIENCE, lookup_host((bare, port))).await {
        Ok(Ok(found)) => {
            let found: Vec<SocketAddr> = found.collect();
            if found.is_empty() {
                report.broken(Layer::Name, format!("{host} has no address"), cure);
                return None;
            }
            let texts: Vec<String> = found.iter().map(|address| address.ip().to_string()).collect();
            report.fine(Layer::Name, format!("{host} is {}", texts.join(", ")));
            Some(found)
        }
        Ok(Err(error)) => {
            report.broken(Layer::Name, format!("{host} cannot be found: {error}"), cure);
            None
        }
        Err(_) => {
            report.broken(Layer::Name, format!("the name server did not answer for {host}"), cure);
            None
        }
    }
}

/// Which of this machine's addresses the way begins at. A datagram socket is connected, nothing is sent.
async fn way_to(address: SocketAddr) -> String {
    let unspecified: IpAddr = match address {
        SocketAddr::V4(_) => std::net::Ipv4Addr::UNSPECIFIED.into(),
        SocketAddr::V6(_) => std::net::Ipv6Addr::UNSPECIFIED.into(),
    };
    let from = async {
        let socket = UdpSocket::bind((unspecified, 0)).await?;
        socket.connect(address).await?;
        socket.local_addr()
    };
    match from.await {
        Ok(from) => format!("{} from {}", address.ip(), from.ip()),
        Err(_) => address.ip().to_string(),
    }
}
