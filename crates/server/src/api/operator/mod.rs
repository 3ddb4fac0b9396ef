//! `/v1/operator`: for whoever runs this server. Takes operator keys and no others.

pub(super) mod accounts;
pub(super) mod audit_log;
