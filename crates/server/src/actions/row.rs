//! What is kept of a remote action, and how the API shows it.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use vinr_domain::action::{Action, Failure, State};
use vinr_domain::{ActionId, TerminalId, Timestamp};
use vinr_wire::rest::action::ActionView;

use crate::store::spelling;
use crate::store::{Kind, RecordKey, Scope, Stored};

crate::spelled_by_parse!(ActionId);

/// A remote action.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ActionRow {
    /// Its name.
    #[serde(with = "spelling::text")]
    pub id: ActionId,
    /// Whose, and in which world.
    pub scope: Scope,
    /// On which terminal.
    #[serde(with = "spelling::text")]
    pub terminal: TerminalId,
    /// What is to be done.
    #[serde(with = "word")]
    pub action: Action,
    /// How it stands.
    #[serde(with = "standing")]
    pub state: State,
    /// When it was asked for.
    #[serde(with = "spelling::moment")]
    pub created_at: Timestamp,
    /// Until when it may be begun.
    #[serde(with = "spelling::moment")]
    pub expires_at: Timestamp,
    /// When it ended.
    #[serde(default, with = "spelling::moment_option")]
    pub completed_at: Option<Timestamp>,
    /// Counts its events, from 1.
    pub sequence: u64,
    /// What an update installs, once that is decided.
    #[serde(default)]
    pub update: Option<Update>,
}

/// What an update installs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Update {
    /// The release.
    pub release: Arc<str>,
    /// Its version.
    pub version: Arc<str>,
}

impl ActionRow {
    /// As the API and events show it.
    #[must_use]
    pub fn view(&self) -> ActionView {
        let (failure_reason, up_to_date) = match &self.state {
            State::Failed(failure) => (Some(failure.as_str().into()), None),
            State::Completed { nothing_to_do } => (None, Some(*nothing_to_do)),
            State::Queued | State::Sent | State::Processing => (None, None),
        };
        ActionView {
            id: self.id.to_string(),
            object: "terminal_action",
            livemode: self.scope.livemode,
            terminal_id: self.terminal.as_str().into(),
            action: self.action.as_str(),
            status: self.state.status().as_str(),
            created_at: self.created_at.unix_seconds(),
            expires_at: self.expires_at.unix_seconds(),
            completed_at: self.completed_at.map(Timestamp::unix_seconds),
            failure_reason,
            software_version: self.update.as_ref().map(|update| update.version.as_ref().into()),
            already_up_to_date: up_to_date.filter(|_| self.action == Action::Update),
            sequence: self.sequence,
        }
    }
}

impl Stored for ActionRow {
    const KIND: Kind = Kind::Action;

    fn scope(&self) -> &Scope {
        &self.scope
    }

    fn id(&self) -> Arc<str> {
        self.id.to_string().into()
    }

    fn created_at(&self) -> Timestamp {
        self.created_at
    }

    fn due_at(&self) -> Option<Timestamp> {
        self.state.lapses_at(self.expires_at)
    }

    fn keys(&self) -> Vec<RecordKey> {
        vec![RecordKey::index("terminal", self.terminal.as_str())]
    }
}

/// An action as its word.
mod word {
    use serde::de::{Deserialize, Deserializer, Error};
    use serde::ser::Serializer;
    use vinr_domain::action::Action;

    pub(super) fn serialize<S: Serializer>(value: &Action, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(value.as_str())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Action, D::Error> {
        let text = String::deserialize(from)?;
        Action::parse(&text).ok_or_else(|| D::Error::custom("no such action"))
    }
}

/// A state as it is written.
mod standing {
    use serde::de::{Deserialize, Deserializer};
    use serde::ser::{Serialize, Serializer};
    use vinr_domain::action::State;

    use super::Failure;

    #[derive(serde::Serialize, serde::Deserialize)]
    #[serde(tag = "at", rename_all = "snake_case")]
    enum Written {
        Queued,
        Sent,
        Processing,
        Completed { nothing_to_do: bool },
        Cancelled,
        Expired,
        NoReport,
        Refused { reason: String },
    }

    pub(super) fn serialize<S: Serializer>(value: &State, to: S) -> Result<S::Ok, S::Error> {
        let written = match value {
            State::Queued => Written::Queued,
            State::Sent => Written::Sent,
            State::Processing => Written::Processing,
            State::Completed { nothing_to_do } => Written::Completed { nothing_to_do: *nothing_to_do },
            State::Failed(Failure::Cancelled) => Written::Cancelled,
            State::Failed(Failure::Expired) => Written::Expired,
            State::Failed(Failure::NoReport) => Written::NoReport,
            State::Failed(Failure::Terminal(reason)) => Written::Refused { reason: reason.clone() },
        };
        written.serialize(to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<State, D::Error> {
        Ok(match Written::deserialize(from)? {
            Written::Queued => State::Queued,
            Written::Sent => State::Sent,
            Written::Processing => State::Processing,
            Written::Completed { nothing_to_do } => State::Completed { nothing_to_do },
            Written::Cancelled => State::Failed(Failure::Cancelled),
            Written::Expired => State::Failed(Failure::Expired),
            Written::NoReport => State::Failed(Failure::NoReport),
            Written::Refused { reason } => State::Failed(Failure::Terminal(reason)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_reads_back() {
        for state in [
            State::Queued,
            State::Sent,
            State::Processing,
            State::Completed { nothing_to_do: true },
            State::Completed { nothing_to_do: false },
            State::Failed(Failure::Cancelled),
            State::Failed(Failure::Expired),
            State::Failed(Failure::NoReport),
            State::Failed(Failure::Terminal("no room".to_owned())),
        ] {
            let mut json = Vec::new();
            standing::serialize(&state, &mut serde_json::Serializer::new(&mut json)).unwrap();
            let read = standing::deserialize(&mut serde_json::Deserializer::from_slice(&json)).unwrap();
            assert_eq!(read, state);
        }
    }
}
