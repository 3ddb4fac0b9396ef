//! What the API says of configurations: what holds for a terminal and since when, how far a location has come, what a
//! change would do. Times are Unix seconds in every version.

use std::sync::Arc;

use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;
use utoipa::openapi::schema::{ObjectBuilder, Schema, SchemaType, Type};

use super::diff::Change;
use super::effective::{Effective, Resolved};
use super::level::nested;
use super::sources::source_schema;

/// Whether a terminal has what holds for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ConfigStatus {
    /// The terminal has applied the newest version.
    InSync,
    /// It has not said so yet; it is told when it is connected, until it does.
    Pending,
    /// It could not apply the newest version; `error` says why.
    Failed,
}

/// How far one terminal has come.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = TerminalConfigState)]
pub struct ConfigState {
    /// The terminal.
    #[schema(value_type = String)]
    pub terminal_id: Arc<str>,
    /// Rises whenever what holds for the terminal changes.
    #[schema(minimum = 1)]
    pub version: u64,
    /// The newest version that the terminal has confirmed; `null` before the first.
    #[schema(required, minimum = 1)]
    pub applied_version: Option<u64>,
    /// When it was confirmed, in Unix seconds.
    #[schema(required)]
    pub applied_at: Option<i64>,
    /// Whether the terminal has what holds.
    #[schema(schema_with = status_schema)]
    pub status: ConfigStatus,
    /// Why it could not apply the newest version.
    #[schema(value_type = Option<String>, required)]
    pub error: Option<Arc<str>>,
}

/// What holds for a terminal, key by key, and whether the terminal has it.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = TerminalEffectiveConfig)]
pub struct EffectiveConfig {
    /// `terminal_effective_config`
    #[schema(schema_with = effective_word)]
    pub object: &'static str,
    /// The terminal.
    #[schema(value_type = String)]
    pub terminal_id: Arc<str>,
    /// Rises whenever what holds for the terminal changes.
    #[schema(minimum = 1)]
    pub version: u64,
    /// The newest version that the terminal has confirmed; `null` before the first.
    #[schema(required, minimum = 1)]
    pub applied_version: Option<u64>,
    /// When it was confirmed, in Unix seconds.
    #[schema(required)]
    pub applied_at: Option<i64>,
    /// Whether the terminal has what holds.
    #[schema(schema_with = status_schema)]
    pub status: ConfigStatus,
    /// Why it could not apply the newest version.
    #[schema(value_type = Option<String>, required)]
    pub error: Option<Arc<str>>,
    /// Sections of keys; each key has `value`, `source`, and a `note` when a level that says otherwise is not followed.
    #[schema(schema_with = config_schema)]
    pub config: Value,
}

/// What holds for the terminal, and how far it has come.
#[must_use]
pub fn effective_config(effective: &Effective, state: ConfigState) -> EffectiveConfig {
    let ConfigState { terminal_id, version, applied_version, applied_at, status, error } = state;
    let config = nested(effective.0.iter().map(|(key, resolved)| (*key, shown(resolved))));
    EffectiveConfig {
        object: "terminal_effective_config",
        terminal_id,
        version,
        applied_version,
        applied_at,
        status,
        error,
        config,
    }
}

fn shown(resolved: &Resolved) -> Value {
    let Resolved { value, source, note } = resolved;
    match note {
        Some(note) => json!({ "value": value, "source": source, "note": note }),
        None => json!({ "value": value, "source": source }),
    }
}

/// How far the terminals of a location have come.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = TerminalConfigProgress)]
pub struct ConfigProgress {
    /// `terminal_config_progress`
    #[schema(schema_with = progress_word)]
    object: &'static str,
    /// The location.
    #[schema(value_type = String)]
    location_id: Arc<str>,
    /// How many terminals have what holds for them.
    applied: usize,
    /// How many have not said so yet.
    pending: usize,
    /// How many could not apply it.
    failed: usize,
    /// One page of them, by their ids.
    data: Vec<ConfigState>,
    /// Whether another page follows.
    #[serde(rename = "has_more")]
    has_more: bool,
}

/// How far the terminals of a location have come; `data` begins behind `after` and has at most `limit` of them.
#[must_use]
pub fn progress(
    location: Arc<str>,
    mut states: Vec<ConfigState>,
    after: Option<&str>,
    limit: usize,
) -> ConfigProgress {
    let count = |status| states.iter().filter(|state| state.status == status).count();
    let (applied, pending) = (count(ConfigStatus::InSync), count(ConfigStatus::Pending));
    let failed = states.len() - applied - pending;
    states.sort_by(|one, other| one.terminal_id.cmp(&other.terminal_id));
    states.retain(|state| after.is_none_or(|after| *state.terminal_id > *after));
    let has_more = states.len() > limit;
    states.truncate(limit);
    let object = "terminal_config_progress";
    ConfigProgress { object, location_id: location, applied, pending, failed, data: states, has_more }
}

/// What a change would do to one terminal.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TerminalDryRun {
    /// The terminal.
    #[schema(value_type = String)]
    pub terminal_id: Arc<str>,
    /// What would change for it.
    pub changes: Vec<Change>,
}

/// What a change would do. Nothing was changed.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = TerminalConfigDryRun)]
pub struct ConfigDryRun {
    /// `terminal_config_dry_run`
    #[schema(schema_with = dry_run_word)]
    object: &'static str,
    /// For how many terminals something would change.
    changed: usize,
    /// For how many nothing would.
    unchanged: usize,
    /// The first hundred terminals for which something would change, by their ids.
    data: Vec<TerminalDryRun>,
    /// Whether there are more than those.
    has_more: bool,
}

/// How many terminals a dry run names.
const NAMED: usize = 100;

/// What a change would do to these terminals.
#[must_use]
pub fn dry_run(terminals: Vec<TerminalDryRun>) -> ConfigDryRun {
    let all = terminals.len();
    let mut data: Vec<_> = terminals.into_iter().filter(|one| !one.changes.is_empty()).collect();
    let changed = data.len();
    data.sort_by(|one, other| one.terminal_id.cmp(&other.terminal_id));
    data.truncate(NAMED);
    let object = "terminal_config_dry_run";
    ConfigDryRun { object, changed, unchanged: all - changed, data, has_more: changed > NAMED }
}

fn constant(word: &str) -> Schema {
    ObjectBuilder::new().schema_type(Type::String).enum_values(Some([word])).build().into()
}

fn effective_word() -> Schema {
    constant("terminal_effective_config")
}

fn progress_word() -> Schema {
    constant("terminal_config_progress")
}

fn dry_run_word() -> Schema {
    constant("terminal_config_dry_run")
}

fn status_schema() -> Schema {
    let all = [ConfigStatus::InSync, ConfigStatus::Pending, ConfigStatus::Failed];
    words("Whether the terminal has what holds.", all.iter().map(|status| json!(status)))
}

/// One of a few words.
pub(super) fn words(about: &str, all: impl Iterator<Item = Value>) -> Schema {
    let schema = ObjectBuilder::new().schema_type(Type::String).description(Some(about));
    schema.enum_values(Some(all.collect::<Vec<_>>())).build().into()
}

/// Any JSON; what each key takes is said where it is written.
fn any() -> Schema {
    ObjectBuilder::new().schema_type(SchemaType::AnyValue).build().into()
}

fn config_schema() -> Schema {
    let text = || ObjectBuilder::new().schema_type(Type::String);
    let key = ObjectBuilder::new()
        .property("value", any())
        .property("source", source_schema())
        .property("note", text())
        .required("value")
        .required("source");
    let section = ObjectBuilder::new().additional_properties(Some(Schema::from(key)));
    ObjectBuilder::new().additional_properties(Some(Schema::from(section))).build().into()
}
