//! The levels of a terminal and which of them says what holds.

use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;
use utoipa::openapi::schema::Schema;

use super::key::Key;
use super::level::Level;
use super::view::words;

/// Who says what holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// The configuration of the terminal itself.
    Terminal,
    /// The configuration of its location.
    Location,
    /// The configuration of the account.
    Account,
    /// What the model does unless it is configured otherwise, or the most it can do.
    ModelDefault,
    /// The limit that the operator has set for the account.
    AccountCap,
}

/// Who says what holds, for the API's document.
pub(super) fn source_schema() -> Schema {
    let all = [Source::Account, Source::Location, Source::Terminal, Source::ModelDefault, Source::AccountCap];
    words("Who says so.", all.iter().map(|source| json!(source)))
}

/// What the levels of one terminal say.
#[derive(Clone, Copy, Debug)]
pub struct Levels<'a> {
    /// For all terminals of the account.
    pub account: &'a Level,
    /// For those at its location.
    pub location: &'a Level,
    /// For it alone.
    pub terminal: &'a Level,
}

impl<'a> Levels<'a> {
    /// The narrowest level that says something for the key.
    pub(super) fn find(&self, key: Key) -> Option<(&'a Value, Source)> {
        self.narrowest_first().into_iter().find_map(|(level, source)| Some((level.get(key)?, source)))
    }

    pub(super) fn narrowest_first(&self) -> [(&'a Level, Source); 3] {
        [
            (self.terminal, Source::Terminal),
            (self.location, Source::Location),
            (self.account, Source::Account),
        ]
    }

    /// What holds for the key as far as the level and those that are wider say it.
    pub(super) fn seen_from(&self, level: Source, key: Key) -> Option<&'a Value> {
        let wider = self.narrowest_first().into_iter().skip_while(|(_, source)| *source != level);
        wider.into_iter().find_map(|(level, _)| level.get(key))
    }
}
