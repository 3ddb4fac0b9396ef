//! One line of the audit log, and the hash that ties it to the line before. Knows of no store.

use std::sync::Arc;

use aws_lc_rs::digest;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use vinr_domain::Timestamp;

use crate::access::{Asker, Operator, Principal};
use crate::store::{Kind, RecordKey, Scope, Stored, spelling};

/// What the first line of a chain has where others have the hash of the line before.
const BEGINNING: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// Members of objects whose values never reach the log, whatever they are.
const SECRET_MEMBERS: [&str; 6] = ["secret", "secrets", "password", "privateKey", "hash", "activationCode"];

/// Who did something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct By {
    /// `api_key`, `operator`, `person`, `terminal` or `system`.
    #[serde(rename = "type")]
    pub kind: Arc<str>,
    /// Which one: the id of the key or terminal, or the part of the system.
    pub id: Arc<str>,
    /// The key as people are shown it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<Arc<str>>,
    /// With which request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<Arc<str>>,
}

impl By {
    /// The server by itself; `part` says which part of it, `settlement`.
    #[must_use]
    pub fn system(part: &str) -> Self {
        Self { kind: "system".into(), id: part.into(), hint: None, request: None }
    }

    /// A terminal, or whoever stands at it.
    #[must_use]
    pub fn terminal(id: &str) -> Self {
        Self { kind: "terminal".into(), id: id.into(), hint: None, request: None }
    }
}

impl By {
    /// Somebody who has signed in.
    #[must_use]
    pub fn person(id: &str) -> Self {
        Self { kind: "person".into(), id: id.into(), hint: None, request: None }
    }
}

impl From<&Principal> for By {
    fn from(who: &Principal) -> Self {
        let request = who.request.map(|request| request.to_string().into());
        match who.holder {
            Asker::Terminal => Self { request, ..Self::terminal(&who.hint) },
            Asker::Person => Self { request, ..Self::person(&who.hint) },
            Asker::Key => Self {
                kind: "api_key".into(),
                id: who.key.to_string().into(),
                hint: Some(Arc::clone(&who.hint)),
                request,
            },
        }
    }
}

impl From<&Operator> for By {
    fn from(who: &Operator) -> Self {
        if let Some(person) = &who.person {
            let request = who.request.map(|request| request.to_string().into());
            return Self { request, ..Self::person(person) };
        }
        Self {
            kind: "operator".into(),
            id: who.key.to_string().into(),
            hint: Some(Arc::clone(&who.hint)),
            request: who.request.map(|request| request.to_string().into()),
        }
    }
}

/// What was done, to what.
#[derive(Clone, Debug, PartialEq)]
pub struct Act {
    pub(super) action: &'static str,
    pub(super) object_id: Arc<str>,
    pub(super) before: Option<Value>,
    pub(super) after: Option<Value>,
}

impl Act {
    /// `location.updated` on `loc_…`.
    #[must_use]
    pub fn new(action: &'static str, object_id: impl Into<Arc<str>>) -> Self {
        Self { action, object_id: object_id.into(), before: None, after: None }
    }

    /// What the object was. The object as the API shows it; a secret in it is left out of the log.
    #[must_use]
    pub fn before(mut self, value: &impl Serialize) -> Self {
        self.before = Some(told(value));
        self
    }

    /// What the object is now; as [`Self::before`].
    #[must_use]
    pub fn after(mut self, value: &impl Serialize) -> Self {
        self.after = Some(told(value));
        self
    }
}

/// One line of an audit log.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AuditEntry {
    /// In whose log.
    pub scope: Scope,
    /// Its place, from 1 without a gap.
    pub number: u64,
    /// When.
    #[serde(with = "spelling::moment")]
    pub created_at: Timestamp,
    /// Who did it.
    pub by: By,
    /// What was done, `location.updated`.
    pub action: Arc<str>,
    /// To what.
    pub object_id: Arc<str>,
    /// What the object was.
    #[serde(default)]
    pub before: Option<Value>,
    /// What it was made.
    #[serde(default)]
    pub after: Option<Value>,
    /// The hash of the line before.
    pub previous_hash: Arc<str>,
    /// The hash of this line: see [`Self::hashed`].
    pub hash: Arc<str>,
}

impl AuditEntry {
    /// The line behind `head`.
    pub(super) fn following(
        head: Option<&Self>,
        scope: &Scope,
        by: By,
        act: Act,
        created_at: Timestamp,
    ) -> Self {
        let mut entry = Self {
            scope: scope.clone(),
            number: head.map_or(1, |head| head.number + 1),
            created_at,
            by,
            action: act.action.into(),
            object_id: act.object_id,
            before: act.before,
            after: act.after,
            previous_hash: head.map_or_else(|| BEGINNING.into(), |head| Arc::clone(&head.hash)),
            hash: "".into(),
        };
        entry.hash = entry.hashed();
        entry
    }

    /// Its name, `aud_…`; tells its place, so no two lines of a log can have the same one.
    #[must_use]
    pub fn name(&self) -> String {
        format!("aud_{:020}", self.number)
    }

    /// What the line's hash must be: SHA-256 in hexadecimal digits over the line as the API shows it without `hash`,
    /// as JSON with sorted members and no space.
    #[must_use]
    pub fn hashed(&self) -> Arc<str> {
        let mut line = self.shown();
        if let Value::Object(members) = &mut line {
            members.remove("hash");
        }
        let hash = digest::digest(&digest::SHA256, sorted(line).to_string().as_bytes());
        let digits: String = hash.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
        digits.into()
    }

    /// The line as the API shows it.
    #[must_use]
    pub fn shown(&self) -> Value {
        let mut line = serde_json::json!({
            "id": self.name(),
            "object": "audit_entry",
            "livemode": self.scope.livemode,
            "account": self.scope.account.as_str(),
            "number": self.number,
            "createdAtMs": self.created_at.0,
            "by": self.by,
            "action": self.action,
            "objectId": self.object_id,
            "previousHash": self.previous_hash,
            "hash": self.hash,
        });
        if let Value::Object(members) = &mut line {
            members.extend(self.before.iter().map(|value| ("before".to_owned(), value.clone())));
            members.extend(self.after.iter().map(|value| ("after".to_owned(), value.clone())));
        }
        line
    }

    /// Whether the line is what was written, and comes behind `previous`.
    #[must_use]
    pub fn follows(&self, previous: Option<&Self>) -> bool {
        let (number, hash) = match previous {
            Some(previous) => (previous.number + 1, &*previous.hash),
            None => (1, BEGINNING),
        };
        self.number == number && *self.previous_hash == *hash && self.hash == self.hashed()
    }
}

impl Stored for AuditEntry {
    const KIND: Kind = Kind::AuditEntry;

    fn scope(&self) -> &Scope {
        &self.scope
    }

    fn id(&self) -> Arc<str> {
        self.name().into()
    }

    fn created_at(&self) -> Timestamp {
        self.created_at
    }

    fn keys(&self) -> Vec<RecordKey> {
        vec![
            RecordKey::index("object", Arc::clone(&self.object_id)),
            RecordKey::index("action", Arc::clone(&self.action)),
        ]
    }
}

/// The value as the log tells it: sorted, without secrets, without numbers that another machine could write otherwise.
fn told(value: &impl Serialize) -> Value {
    let value =
        serde_json::to_value(value).expect("a struct of strings, numbers and lists always serializes");
    without_secrets(sorted(value))
}

fn sorted(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            let mut members: Vec<(String, Value)> =
                members.into_iter().map(|(name, value)| (name, sorted(value))).collect();
            members.sort_by(|(one, _), (other, _)| one.cmp(other));
            Value::Object(members.into_iter().collect())
        }
        Value::Array(values) => Value::Array(values.into_iter().map(sorted).collect()),
        Value::Number(number) if number.is_f64() => Value::String(number.to_string()),
        Value::Number(_) | Value::String(_) | Value::Bool(_) | Value::Null => value,
    }
}

fn without_secrets(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            let kept = members.into_iter().filter(|(name, _)| !SECRET_MEMBERS.contains(&name.as_str()));
            Value::Object(kept.map(|(name, value)| (name, without_secrets(value))).collect())
        }
        Value::Array(values) => Value::Array(values.into_iter().map(without_secrets).collect()),
        Value::Number(_) | Value::String(_) | Value::Bool(_) | Value::Null => value,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use vinr_domain::AccountId;

    use super::*;

    fn entry(head: Option<&AuditEntry>, after: &Value) -> AuditEntry {
        let scope = Scope { account: AccountId::parse("acct_a").unwrap(), livemode: false };
        let act = Act::new("location.updated", "loc_1").before(&json!({})).after(after);
        AuditEntry::following(head, &scope, By::system("test"), act, Timestamp(7))
    }

    #[test]
    fn every_line_follows_the_one_before_and_no_other() {
        let first = entry(None, &json!({"a": 1}));
        let second = entry(Some(&first), &json!({"a": 2}));
        let third = entry(Some(&second), &json!({"a": 3}));
        assert!(first.follows(None) && second.follows(Some(&first)) && third.follows(Some(&second)));
        assert!(!second.follows(None) && !third.follows(Some(&first)) && !first.follows(Some(&second)));
    }

    #[test]
    fn a_changed_line_is_found_whatever_was_changed() {
        let first = entry(None, &json!({"a": 1}));
        let changed = [
            AuditEntry { after: Some(json!({"a": 2})), ..first.clone() },
            AuditEntry { before: None, ..first.clone() },
            AuditEntry { action: "location.created".into(), ..first.clone() },
            AuditEntry { object_id: "loc_2".into(), ..first.clone() },
            AuditEntry { created_at: Timestamp(8), ..first.clone() },
            AuditEntry { by: By::system("other"), ..first.clone() },
            AuditEntry { by: By { request: Some("req_1".into()), ..first.by.clone() }, ..first.clone() },
            AuditEntry { scope: Scope { livemode: true, ..first.scope.clone() }, ..first.clone() },
        ];
        for changed in changed {
            assert!(!changed.follows(None), "{changed:?}");
        }
        let kept: AuditEntry = serde_json::from_slice(&serde_json::to_vec(&first).unwrap()).unwrap();
        assert!(kept.follows(None), "what is read back is what was written");
    }

    #[test]
    fn secrets_are_left_out_and_members_are_sorted() {
        let told =
            entry(None, &json!({"z": {"secret": "s", "b": 1.5, "a": [{"password": "p"}]}, "hash": [1]}));
        assert_eq!(told.after.unwrap().to_string(), r#"{"z":{"a":[{}],"b":"1.5"}}"#);
    }
}
