//! `vinr keys` and `vinr accounts`: what the API knows about keys and accounts, for people at a terminal. Decides nothing.

mod keys;
mod operated;
mod table;

pub use keys::{KeysArgs, run as run_keys};
pub use operated::{AccountsArgs, run as run_accounts};
