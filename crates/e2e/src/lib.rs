//! Tests only: a whole VINR in one process, and small exhaustive models of its protocol. Ships with nothing.

pub mod bench;
pub mod decoders;
pub mod models;
pub mod world;
