//! Remote actions on terminals: asked for over the API, delivered when the terminal is there, followed until they have
//! ended. Every step is `vinr_domain::action::step` and one transaction with its event. What an action does is the
//! terminal's business.

mod follow;
mod row;
mod service;

pub use row::{ActionRow, Update};
pub use service::{Actions, NewAction};
