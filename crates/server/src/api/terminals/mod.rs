//! `/v1/terminals`: one file per operation.

pub(super) mod list;
pub(super) mod retrieve;
pub(super) mod update;
