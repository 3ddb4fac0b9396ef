//! The device link, from outside: bytes in, bytes out.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on must stop")]

#[path = "link/clock.rs"]
mod clock;
#[path = "link/golden.rs"]
mod golden;
#[path = "golden/hex.rs"]
mod hex;
#[path = "link/hostile.rs"]
mod hostile;
#[path = "link/lan_messages.rs"]
mod lan_messages;
#[path = "link/lossy.rs"]
mod lossy;
#[path = "link/messages.rs"]
mod messages;
#[path = "link/session.rs"]
mod session;
