//! The merchant's network, one file per resource: what a terminal serves there, the shared key of its Cashless API, the
//! certificates of tills, and what tills trust.

pub(super) mod ca_bundle;
pub(super) mod cashless_key;
pub(super) mod client_certificates;
pub(super) mod settings;
