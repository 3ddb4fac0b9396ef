//! Every byte format that crosses a process, and the parsing into domain values. Opens no socket and no file.

pub mod card;
mod generated;
pub mod journal;
pub mod lan;
pub mod link;
pub mod receipt;
pub mod rest;
