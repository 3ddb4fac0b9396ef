//! `/v1/locations`: one file per operation.

pub(super) mod create;
pub(super) mod delete;
pub(super) mod list;
pub(super) mod retrieve;
pub(super) mod update;
