//! The configuration of terminals: one file per level, and what is asked about them.

pub(super) mod account;
pub(super) mod effective;
pub(super) mod location;
pub(super) mod progress;
pub(super) mod terminal;

use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use vinr_wire::rest::config::{ConfigDryRun, TerminalConfig};
use vinr_wire::rest::location::LocationView;
use vinr_wire::rest::terminal::TerminalView;

use super::error::Fault;
use super::request::Submission;
use crate::configuration::Write;

/// The query of a change.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in crate::api) struct WriteQuery {
    /// `true`: change nothing, and answer what would change for each terminal.
    #[param(nullable = false)]
    dry_run: Option<bool>,
}

/// What a change of a terminal is answered.
#[derive(ToSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "a description for the OpenAPI document; the service writes the JSON")]
pub(in crate::api) enum TerminalOrDryRun {
    /// The terminal.
    Terminal(Box<TerminalView>),
    /// What would change.
    DryRun(ConfigDryRun),
}

/// What a change of a location is answered.
#[derive(ToSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "a description for the OpenAPI document; the service writes the JSON")]
pub(in crate::api) enum LocationOrDryRun {
    /// The location, with `terminalConfig`.
    Location(Box<LocationView>),
    /// What would change.
    DryRun(ConfigDryRun),
}

/// What a change of the account's level is answered.
#[derive(ToSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "a description for the OpenAPI document; the service writes the JSON")]
pub(in crate::api) enum LevelOrDryRun {
    /// The level.
    Level(TerminalConfig),
    /// What would change.
    DryRun(ConfigDryRun),
}

fn write(request: Submission<WriteQuery, TerminalConfig>) -> Result<Write, Fault> {
    let dry_run = request.query.dry_run.unwrap_or(false);
    Ok(Write { patch: request.body.validate()?, dry_run, key: request.key })
}
