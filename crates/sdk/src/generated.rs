//! What is made from the API document by `cargo xtask gen rust-sdk`.

#[allow(clippy::needless_pass_by_value, reason = "parameters are made for one call and given away")]
pub(crate) mod calls;
pub(crate) mod models;
pub(crate) mod params;
