//! JSON text to tree. serde_json reads the text; this file adds what it leaves open: doubled keys are an error,
//! depth and number of values are limited, and every refusal names the field.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

use super::tree::{Node, Path};
use super::{FieldError, FieldErrorKind, MAX_DEPTH, MAX_VALUES};

/// Reads one JSON value that fills the whole text.
pub(super) fn parse(text: &[u8]) -> Result<Node<'_>, FieldError> {
    let text = std::str::from_utf8(text)
        .map_err(|e| FieldError::malformed(format!("the body is not UTF-8 at byte {}", e.valid_up_to())))?;
    let state = State { values: Cell::new(0), refusal: RefCell::new(None) };
    let mut reader = serde_json::Deserializer::from_str(text);
    let parsed = Seed { path: &Path::Root, state: &state }
        .deserialize(&mut reader)
        .and_then(|node| reader.end().map(|()| node));
    parsed.map_err(|e| {
        let syntax = || FieldError::malformed(format!("the body is not valid JSON: {e}"));
        state.refusal.take().unwrap_or_else(syntax)
    })
}

/// Shared by all seeds of one text. serde_json can only carry an error as text, so ours travels beside it.
struct State {
    values: Cell<usize>,
    refusal: RefCell<Option<FieldError>>,
}

#[derive(Clone, Copy)]
struct Seed<'p> {
    path: &'p Path<'p>,
    state: &'p State,
}

impl Seed<'_> {
    fn refuse<E: serde::de::Error>(self, kind: FieldErrorKind, message: String) -> E {
        self.state.refusal.replace(Some(FieldError::at(self.path, kind, message)));
        E::custom("refused")
    }

    fn enter<E: serde::de::Error>(self) -> Result<(), E> {
        if self.path.len() < MAX_DEPTH {
            return Ok(());
        }
        Err(self.refuse(FieldErrorKind::TooMuch, format!("is nested more than {MAX_DEPTH} levels deep")))
    }
}

impl<'de> DeserializeSeed<'de> for Seed<'_> {
    type Value = Node<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Node<'de>, D::Error> {
        let seen = self.state.values.get() + 1;
        self.state.values.set(seen);
        if seen > MAX_VALUES {
            let message = format!("is one value too many: a body holds at most {MAX_VALUES}");
            return Err(self.refuse(FieldErrorKind::TooMuch, message));
        }
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Seed<'_> {
    type Value = Node<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Node<'de>, E> {
        Ok(Node::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Node<'de>, E> {
        Ok(Node::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Node<'de>, E> {
        Ok(Node::Int(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Node<'de>, E> {
        Ok(i64::try_from(value).map_or(Node::Uint(value), Node::Int))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Node<'de>, E> {
        Ok(Node::Float(value))
    }

    fn visit_borrowed_str<E>(self, value: &'de str) -> Result<Node<'de>, E> {
        Ok(Node::Text(Cow::Borrowed(value)))
    }

    fn visit_str<E>(self, value: &str) -> Result<Node<'de>, E> {
        Ok(Node::Text(Cow::Owned(value.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Node<'de>, A::Error> {
        self.enter()?;
        let mut nodes = Vec::new();
        let item = |index| Path::Index(self.path, index);
        while let Some(node) = list.next_element_seed(Seed { path: &item(nodes.len()), state: self.state })? {
            nodes.push(node);
        }
        Ok(Node::List(nodes))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Node<'de>, A::Error> {
        self.enter()?;
        let mut entries: Vec<(Cow<'de, str>, Node<'de>)> = Vec::with_capacity(8);
        while let Some(key) = map.next_key_seed(KeySeed)? {
            let path = Path::Key(self.path, &key);
            let here = Seed { path: &path, state: self.state };
            if entries.iter().any(|(seen, _)| *seen == key) {
                return Err(here.refuse(FieldErrorKind::Duplicate, "was sent more than once".to_owned()));
            }
            let node = map.next_value_seed(here)?;
            entries.push((key, node));
        }
        Ok(Node::Map(entries))
    }
}

/// Reads a key without copying it where the text allows.
struct KeySeed;

impl<'de> DeserializeSeed<'de> for KeySeed {
    type Value = Cow<'de, str>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for KeySeed {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_borrowed_str<E>(self, key: &'de str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(key))
    }

    fn visit_str<E>(self, key: &str) -> Result<Self::Value, E> {
        Ok(Cow::Owned(key.to_owned()))
    }
}
