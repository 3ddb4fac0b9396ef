//! Remote actions: one file per operation.

pub(super) mod cancel;
pub(super) mod create;
pub(super) mod list;
pub(super) mod retrieve;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use super::error::Fault;
use crate::refusal::Refusal;

/// The action that the path names, as it was written, and the terminal when it names one.
pub(in crate::api) struct ActionPath {
    terminal: Option<String>,
    action: String,
}

impl<S: Sync> FromRequestParts<S> for ActionPath {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Fault> {
        let mut segments = parts.uri.path().split('/').skip(2);
        let (collection, first) = (segments.next(), segments.next());
        let named = match (collection, first, segments.next(), segments.next()) {
            (Some("terminal-actions"), Some(action), _, _) => Some((None, action)),
            (Some("terminals"), Some(terminal), Some("actions"), Some(action)) => {
                Some((Some(terminal), action))
            }
            _ => None,
        };
        let (terminal, action) = named.ok_or(Fault::Refused(Refusal::NoSuch("terminal action")))?;
        Ok(Self { terminal: terminal.map(str::to_owned), action: action.to_owned() })
    }
}
