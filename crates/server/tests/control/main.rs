//! Configuration, remote actions and releases from outside: the real router over the real services, scripted terminals on
//! real link sessions, restarts, under virtual time.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on must stop")]

mod actions;
mod configuration;
mod device;
mod office;
mod people;
mod proof;
mod releases;
