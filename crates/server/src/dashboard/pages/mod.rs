//! The pages, one file each.

pub(super) mod keys;
pub(super) mod overview;
pub(super) mod payments;
pub(super) mod people;
pub(super) mod profile;
pub(super) mod sign_in;
pub(super) mod terminals;
