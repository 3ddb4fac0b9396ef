//! What a terminal serves in the merchant's network, as bytes: the requests of the Local API beside those of the
//! cloud, and every request and answer of the Cashless API. Opens no socket and decides nothing.

pub mod cashless;
pub mod local;

/// The version of what is served in the merchant's network; announced, so that a till knows before it asks.
pub const LAN_PROTOCOL_VERSION: u32 = 1;
/// Where a terminal listens unless it is told otherwise (the port of both pages).
pub const DEFAULT_PORT: u16 = 8443;
/// Under which DNS-SD type (RFC 6763) a terminal announces itself.
pub const SERVICE_TYPE: &str = "_vinr-terminal._tcp.local.";
