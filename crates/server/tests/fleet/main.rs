//! Terminals and locations of a server in this process, with scripted terminals on real link sessions, under virtual
//! time: presence, what is told about it, and the API over both.

mod device;
mod house;
mod presence;
