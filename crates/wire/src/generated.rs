//! The Rust form of the `.proto` files. Private: the modules that own a format turn it into domain words, and
//! nothing else sees it.

/// The device link's frames.
#[allow(missing_docs, clippy::all, reason = "made by prost from crates/wire/proto, where the words are")]
pub(crate) mod link {
    include!("generated/vinr.link.v1.rs");
}

/// The journal's records.
#[allow(missing_docs, clippy::all, reason = "made by prost from crates/wire/proto, where the words are")]
pub(crate) mod journal {
    include!("generated/vinr.journal.v1.rs");
}
