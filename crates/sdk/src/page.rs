//! One page of a list.

use serde::{Deserialize, Serialize};

/// What a list lists: it is named by a cursor.
pub trait Listed {
    /// The name by which the next page is asked for.
    fn cursor(&self) -> &str;
}

/// A list that says nothing beside its items.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct NoMore {}

/// One page. `more` is what some lists say beside their items.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Page<T, M = NoMore> {
    /// What kind of list it is.
    #[serde(default)]
    pub object: String,
    /// The items of this page, newest first.
    #[serde(default = "Vec::new")]
    pub data: Vec<T>,
    /// Whether another page follows in the same direction.
    #[serde(default)]
    pub has_more: bool,
    /// What this list says beside its items.
    #[serde(flatten)]
    pub more: M,
}
