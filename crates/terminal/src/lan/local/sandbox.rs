//! `POST /v1/test/internet`: what a tester does to a simulated terminal that nobody does to a real one. Test mode only.

use serde::Deserialize;
use serde_json::json;
use vinr_wire::rest::error::ErrorCode;

use super::super::counter::Counter;
use super::super::reply::Reply;
use super::super::request::Ask;
use super::{Answered, body_of, error};

/// Whether the terminal can reach anything beyond the merchant's network.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Internet {
    connected: bool,
}

impl Default for Internet {
    fn default() -> Self {
        Self { connected: true }
    }
}

pub(super) async fn set_internet(counter: &Counter, mut ask: Ask) -> Answered {
    let Internet { connected } = body_of(&mut ask).await?;
    if !counter.till.set_internet(connected) {
        return Err(error(&ask, ErrorCode::TestModeOnly, "Only a test terminal has this switch."));
    }
    Ok(Reply::json(200, &json!({ "object": "terminal_internet", "connected": connected })))
}
