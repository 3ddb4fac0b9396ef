//! What one level says, and what a request changes of it. Values have been checked before they come here.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::key::Key;

/// What one level (account, location or terminal) says; every key may be absent.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Level(BTreeMap<Key, Value>);

/// What a request changes of a level: a value, or `None` for a key that is to be absent.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Patch(pub(super) BTreeMap<Key, Option<Value>>);

impl Level {
    /// Reads what [`Self::to_json`] wrote. What is no key is left out.
    #[must_use]
    pub fn from_json(json: &Value) -> Self {
        let of = |key: &Key| json.get(key.section())?.get(key.word()).filter(|value| !value.is_null());
        Self(Key::ALL.iter().filter_map(|key| Some((*key, of(key)?.clone()))).collect())
    }

    /// As records keep it and the API shows it: an object in sections, without what is absent.
    #[must_use]
    pub fn to_json(&self) -> Value {
        nested(self.0.iter().map(|(key, value)| (*key, value.clone())))
    }

    /// What it says for the key.
    #[must_use]
    pub fn get(&self, key: Key) -> Option<&Value> {
        self.0.get(&key)
    }

    /// Whether it says nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Patch {
    /// The level with the patch on it: other keys stay as they are.
    #[must_use]
    pub fn on(&self, level: &Level) -> Level {
        let mut patched = level.clone();
        for (key, value) in &self.0 {
            match value {
                Some(value) => patched.0.insert(*key, value.clone()),
                None => patched.0.remove(key),
            };
        }
        patched
    }

    /// A level that says this and nothing else.
    #[must_use]
    pub fn alone(&self) -> Level {
        self.on(&Level::default())
    }
}

/// Keys with their values as an object in sections.
pub(super) fn nested(values: impl Iterator<Item = (Key, Value)>) -> Value {
    let mut sections = Map::new();
    for (key, value) in values {
        let section = sections.entry(key.section()).or_insert_with(|| Value::Object(Map::new()));
        if let Value::Object(section) = section {
            section.insert(key.word().to_owned(), value);
        }
    }
    Value::Object(sections)
}
