//! Terminals and locations of a server in this process, with scripted terminals on real link sessions, under virtual
//! time: presence, what is told about it, and the API over both.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on must stop")]

mod device;
mod house;
mod presence;
mod terminals;
