//! The shared vectors (sdks/conformance), run against this SDK: what is sent, what is sent again, what becomes of answers;
//! and that every operation of the API document is a call whose answer loses no field.

#![allow(clippy::unwrap_used, reason = "what is not there fails the test")]

mod calling;
mod files;
mod generated {
    //! Made by `cargo xtask gen rust-sdk`.
    pub mod dispatch;
}
mod matching;
mod operations;
mod scripted;
mod secrets;
mod streams;
mod vectors;
mod webhooks;
