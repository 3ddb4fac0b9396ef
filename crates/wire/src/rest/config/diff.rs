//! What a change of configuration would change for a terminal.

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::effective::Effective;
use super::key::Key;
use super::sources::{Source, source_schema};

/// What changes for one key.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = TerminalConfigChange)]
pub struct Change {
    /// The key, in bracket notation.
    #[schema(example = "offlineMode[maxAmount]")]
    pub key: String,
    /// What holds now.
    pub from: Side,
    /// What would hold.
    pub to: Side,
}

/// A value and who says it.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = TerminalConfigValue)]
pub struct Side {
    /// The value; `null` where a limit has none.
    pub value: Value,
    /// Who says so.
    #[schema(schema_with = source_schema)]
    pub source: Source,
}

/// The keys whose value or origin differs, in the order of the documentation.
#[must_use]
pub fn changes(from: &Effective, to: &Effective) -> Vec<Change> {
    let side = |effective: &Effective, key: Key| {
        let resolved = effective.get(key)?;
        Some(Side { value: resolved.value.clone(), source: resolved.source })
    };
    let change = |key: &Key| {
        let (from, to) = (side(from, *key)?, side(to, *key)?);
        (from != to).then(|| Change { key: key.to_string(), from, to })
    };
    Key::ALL.iter().filter_map(change).collect()
}
