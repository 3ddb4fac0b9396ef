//! The tree between text and request, and the way to a value inside it. Holds data; decides nothing.

use std::borrow::Cow;

/// A value as the caller wrote it. Forms only know text, lists and maps.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Node<'a> {
    Null,
    Bool(bool),
    Int(i64),
    /// Above `i64::MAX`; kept apart so that it is reported as out of range and not as a wrong type.
    Uint(u64),
    Float(f64),
    Text(Cow<'a, str>),
    List(Vec<Node<'a>>),
    /// Keys are unique: the parsers refuse doubled ones.
    Map(Vec<(Cow<'a, str>, Node<'a>)>),
}

/// Where a value stands. Lives on the stack while parsing and costs nothing until an error has to name it.
#[derive(Clone, Copy)]
pub(super) enum Path<'p> {
    Root,
    Key(&'p Path<'p>, &'p str),
    Index(&'p Path<'p>, usize),
}

impl Path<'_> {
    /// How many steps lead here.
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Root => 0,
            Self::Key(parent, _) | Self::Index(parent, _) => parent.len() + 1,
        }
    }

    /// Bracket notation; `None` for the root.
    pub(super) fn param(&self) -> Option<String> {
        match self {
            Self::Root => None,
            Self::Key(parent, key) => Some(join(parent.param(), &clip(key))),
            Self::Index(parent, index) => Some(join(parent.param(), &index.to_string())),
        }
    }
}

fn join(parent: Option<String>, step: &str) -> String {
    match parent {
        Some(parent) => format!("{parent}[{step}]"),
        None => step.to_owned(),
    }
}

/// The longest part of a caller's key that an error repeats, in characters.
const MAX_ECHO_CHARS: usize = 64;

/// A caller's key, short enough to be repeated in an error.
pub(in crate::rest) fn clip(key: &str) -> Cow<'_, str> {
    match key.char_indices().nth(MAX_ECHO_CHARS) {
        Some((end, _)) => Cow::Owned(format!("{}…", &key[..end])),
        None => Cow::Borrowed(key),
    }
}
