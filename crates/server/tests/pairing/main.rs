//! Pairing from outside: the real router, the real gateway on TLS sockets, devices that make their own keys. Two
//! accounts, one store that outlives the server.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on must stop")]

mod codes;
mod device;
mod doors;
mod identity;
mod installation;
mod network;
