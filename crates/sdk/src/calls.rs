//! Every call that is a request and its answer, in groups as the documentation has them. A client hands the groups out:
//! `vinr.terminals().retrieve(id)`.

#[allow(clippy::wildcard_imports, reason = "the list is the generated file")]
pub use crate::generated::calls::*;
