//! The catalogue of the terminals' software: which versions there are for which model, and which terminal may have
//! which. Signs manifests with the platform's authority for software; images are elsewhere.

mod row;
mod service;

pub use row::ReleaseRow;
pub use service::{Chosen, Releases};
