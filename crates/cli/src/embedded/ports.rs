//! Takes the ports, first of all: a port that is taken is said before anything is made.

use std::net::Ipv4Addr;

use tokio::net::TcpListener;

use crate::failure::Failure;

/// Listens on loopback.
pub async fn bind(port: u16, what: &str, flag: &str) -> Result<TcpListener, Failure> {
    let address = (Ipv4Addr::LOCALHOST, port);
    TcpListener::bind(address).await.map_err(|error| match error.kind() {
        std::io::ErrorKind::AddrInUse => {
            Failure::new(format_args!("port {port} on 127.0.0.1, for {what}, is taken by another program"))
                .cure(format_args!(
                    "Stop that program, or choose another port: {flag} PORT (0 takes any free one)."
                ))
        }
        std::io::ErrorKind::PermissionDenied => {
            Failure::new(format_args!("port {port} on 127.0.0.1, for {what}, needs privileges"))
                .cure(format_args!("Choose a port above 1023: {flag} PORT."))
        }
        _ => Failure::new(format_args!("port {port} on 127.0.0.1, for {what}: {error}")),
    })
}

/// Listens on loopback for something that is found wherever it is: on its usual port unless that is taken.
pub async fn bind_somewhere(usual: u16, what: &str) -> Result<TcpListener, Failure> {
    match TcpListener::bind((Ipv4Addr::LOCALHOST, usual)).await {
        Ok(listener) => Ok(listener),
        Err(_) => bind(0, what, "").await,
    }
}
