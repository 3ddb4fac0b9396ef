//! What the API answers: objects, and the words that their fields choose from. A field or a word that this version does
//! not know is read all the same.

pub use crate::events::{Event, EventData};
#[allow(clippy::wildcard_imports, reason = "the list is the generated file")]
pub use crate::generated::models::*;
