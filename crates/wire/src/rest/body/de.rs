//! Tree to request: a serde deserializer that knows where it stands, so that whatever serde's derived code refuses
//! comes out as a [`FieldError`] with the field's name. Messages never contain the value.

use std::borrow::Cow;
use std::fmt;

use serde::de::value::CowStrDeserializer;
use serde::de::{
    self, DeserializeOwned, DeserializeSeed, Deserializer, Expected, MapAccess, SeqAccess, Unexpected,
    Visitor,
};
use serde::forward_to_deserialize_any;

use super::tree::{Node, Path, clip};
use super::{FieldError, FieldErrorKind, Format};

/// Turns a parsed tree into the request it should be.
pub(super) fn from_tree<T: DeserializeOwned>(node: Node<'_>, format: Format) -> Result<T, FieldError> {
    T::deserialize(NodeDe { node, path: Path::Root, format }).map_err(|refusal| refusal.0)
}

/// An error on its way up. While `1` is false its `param` is relative to the value being read: serde's derived code,
/// which raises it, does not know the path; the first deserializer that sees it does.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Refusal(FieldError, bool);

impl Refusal {
    fn new(param: Option<&str>, kind: FieldErrorKind, message: String) -> Self {
        Self(FieldError { param: param.map(|p| clip(p).into_owned()), message, kind }, false)
    }

    fn at(path: &Path<'_>, kind: FieldErrorKind, message: impl Into<String>) -> Self {
        Self(FieldError::at(path, kind, message), true)
    }

    fn located(mut self, path: &Path<'_>) -> Self {
        if !self.1 {
            self.0.param = match &self.0.param {
                Some(field) => Path::Key(path, field).param(),
                None => path.param(),
            };
            self.1 = true;
        }
        self
    }
}

impl de::Error for Refusal {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::new(None, FieldErrorKind::Invalid, message.to_string())
    }

    fn invalid_type(_: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::new(None, FieldErrorKind::WrongType, format!("must be {expected}"))
    }

    fn invalid_value(value: Unexpected<'_>, expected: &dyn Expected) -> Self {
        let message = match value {
            Unexpected::Signed(_) | Unexpected::Unsigned(_) => "is out of range".to_owned(),
            _ => format!("must be {expected}"),
        };
        Self::new(None, FieldErrorKind::Invalid, message)
    }

    fn unknown_variant(_: &str, expected: &'static [&'static str]) -> Self {
        let message = format!("must be one of: {}", expected.join(", "));
        Self::new(None, FieldErrorKind::Invalid, message)
    }

    fn unknown_field(field: &str, expected: &'static [&'static str]) -> Self {
        let message = match expected {
            [] => "is not a known field; none is expected here".to_owned(),
            _ => format!("is not a known field; known are: {}", expected.join(", ")),
        };
        Self::new(Some(field), FieldErrorKind::Unknown, message)
    }

    fn missing_field(field: &'static str) -> Self {
        Self::new(Some(field), FieldErrorKind::Missing, "is required".to_owned())
    }
}

/// One value of the tree and the way to it.
struct NodeDe<'de, 'p> {
    node: Node<'de>,
    path: Path<'p>,
    format: Format,
}

impl<'de> NodeDe<'de, '_> {
    fn wrong_type(&self, expected: &str) -> Refusal {
        let subject = if matches!(self.path, Path::Root) { "the body " } else { "" };
        Refusal::at(&self.path, FieldErrorKind::WrongType, format!("{subject}must be {expected}"))
    }

    fn is_form_text(&self) -> bool {
        self.format == Format::Form && matches!(self.node, Node::Text(_))
    }

    /// In forms an integer is read from text, in the one way in which JSON would write it.
    fn visit_integer<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        let visited = match &self.node {
            Node::Int(value) => visitor.visit_i64(*value),
            Node::Uint(value) => visitor.visit_u64(*value),
            Node::Text(text) if self.is_form_text() => {
                let digits = text.strip_prefix('-').unwrap_or(text);
                let whole = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
                if !whole || (digits.len() > 1 && digits.starts_with('0')) {
                    return Err(self.wrong_type("an integer"));
                }
                match text.parse::<i64>() {
                    Ok(value) => visitor.visit_i64(value),
                    Err(_) => {
                        return Err(Refusal::at(&self.path, FieldErrorKind::Invalid, "is out of range"));
                    }
                }
            }
            _ => return Err(self.wrong_type("an integer")),
        };
        visited.map_err(|e: Refusal| e.located(&self.path))
    }
}

macro_rules! integers {
    ($($method:ident)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
            self.visit_integer(visitor)
        }
    )*};
}

impl<'de> Deserializer<'de> for NodeDe<'de, '_> {
    type Error = Refusal;

    integers! {
        deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        match self.node {
            Node::Null => visitor.visit_unit(),
            Node::Bool(value) => visitor.visit_bool(value),
            Node::Int(value) => visitor.visit_i64(value),
            Node::Uint(value) => visitor.visit_u64(value),
            Node::Float(value) => visitor.visit_f64(value),
            Node::Text(Cow::Borrowed(text)) => visitor.visit_borrowed_str(text),
            Node::Text(Cow::Owned(text)) => visitor.visit_string(text),
            Node::List(_) => return self.deserialize_seq(visitor),
            Node::Map(_) => return self.deserialize_map(visitor),
        }
        .map_err(|e: Refusal| e.located(&self.path))
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        match &self.node {
            Node::Bool(value) => visitor.visit_bool(*value).map_err(|e: Refusal| e.located(&self.path)),
            Node::Text(text) if self.is_form_text() && text == "true" => visitor.visit_bool(true),
            Node::Text(text) if self.is_form_text() && text == "false" => visitor.visit_bool(false),
            _ => Err(self.wrong_type("true or false")),
        }
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        match self.node {
            Node::Text(_) => self.deserialize_any(visitor),
            _ => Err(self.wrong_type("a string")),
        }
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        self.deserialize_str(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        match self.node {
            Node::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Refusal> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        let nodes = match self.node {
            Node::List(nodes) => nodes,
            Node::Map(entries) if self.format == Format::Form => indexed(entries, &self.path)?,
            _ => return Err(self.wrong_type("a list")),
        };
        let list = ListDe { nodes: nodes.into_iter(), next: 0, parent: &self.path, format: self.format };
        visitor.visit_seq(list).map_err(|e: Refusal| e.located(&self.path))
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        let Node::Map(entries) = self.node else {
            return Err(self.wrong_type("an object"));
        };
        let map =
            MapDe { entries: entries.into_iter(), value: None, parent: &self.path, format: self.format };
        visitor.visit_map(map).map_err(|e: Refusal| e.located(&self.path))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Refusal> {
        self.deserialize_map(visitor)
    }

    /// Requests only know enumerations of plain words.
    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Refusal> {
        match self.node {
            Node::Text(word) => visitor
                .visit_enum(CowStrDeserializer::<Refusal>::new(word))
                .map_err(|e: Refusal| e.located(&self.path)),
            _ => Err(self.wrong_type("a string")),
        }
    }

    forward_to_deserialize_any! {
        i128 u128 f32 f64 char bytes byte_buf unit unit_struct tuple tuple_struct identifier ignored_any
    }
}

/// `a[0]=…&a[1]=…` as a list; the order of the pairs does not matter, the positions must have no gap.
fn indexed<'de>(
    entries: Vec<(Cow<'de, str>, Node<'de>)>,
    path: &Path<'_>,
) -> Result<Vec<Node<'de>>, Refusal> {
    let mut slots: Vec<Option<Node<'de>>> = entries.iter().map(|_| None).collect();
    for (key, node) in entries {
        let index = key.parse::<usize>().ok().filter(|index| index.to_string() == key);
        // Keys are unique and as many as there are slots: when each finds its slot, none stays empty.
        let Some(slot) = index.and_then(|index| slots.get_mut(index)) else {
            let message = "is not a position in the list; positions are 0, 1, 2, … without a gap";
            return Err(Refusal::at(&Path::Key(path, &key), FieldErrorKind::Invalid, message));
        };
        *slot = Some(node);
    }
    Ok(slots.into_iter().flatten().collect())
}

struct ListDe<'de, 'p> {
    nodes: std::vec::IntoIter<Node<'de>>,
    next: usize,
    parent: &'p Path<'p>,
    format: Format,
}

impl<'de> SeqAccess<'de> for ListDe<'de, '_> {
    type Error = Refusal;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Refusal> {
        let Some(node) = self.nodes.next() else {
            return Ok(None);
        };
        let path = Path::Index(self.parent, self.next);
        self.next += 1;
        seed.deserialize(NodeDe { node, path, format: self.format })
            .map(Some)
            .map_err(|e: Refusal| e.located(&path))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.nodes.len())
    }
}

struct MapDe<'de, 'p> {
    entries: std::vec::IntoIter<(Cow<'de, str>, Node<'de>)>,
    value: Option<(Cow<'de, str>, Node<'de>)>,
    parent: &'p Path<'p>,
    format: Format,
}

impl<'de> MapAccess<'de> for MapDe<'de, '_> {
    type Error = Refusal;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Refusal> {
        self.value = self.entries.next();
        let Some((key, _)) = &self.value else {
            return Ok(None);
        };
        let key = match key {
            Cow::Borrowed(key) => CowStrDeserializer::new(Cow::Borrowed(*key)),
            Cow::Owned(key) => CowStrDeserializer::new(Cow::Owned(key.clone())),
        };
        seed.deserialize(key).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Refusal> {
        let Some((key, node)) = self.value.take() else {
            return Err(de::Error::custom("a value was asked for before its key"));
        };
        let path = Path::Key(self.parent, &key);
        seed.deserialize(NodeDe { node, path, format: self.format }).map_err(|e: Refusal| e.located(&path))
    }
}
