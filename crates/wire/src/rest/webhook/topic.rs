//! The types of events, and which of them somebody wants to be told of: exactly one, a category (`terminal.*`), or all.

use serde::{Deserialize, Serialize};

use crate::rest::body::FieldError;

/// Every type of event (contract 2.5; those of `webhook_endpoint` are added).
pub const EVENT_TYPES: &[&str] = &[
    "terminal_payment.created",
    "terminal_payment.updated",
    "terminal_payment.authorized",
    "terminal_payment.completed",
    "terminal_payment.failed",
    "terminal_payment.cancelled",
    "terminal_payment.expired",
    "refund.created",
    "refund.updated",
    "terminal.online",
    "terminal.offline",
    "terminal.updated",
    "terminal.needs_attention",
    "terminal_action.updated",
    "batch.closed",
    "webhook_endpoint.disabled",
    "webhook_endpoint.test",
];

/// How far a payment at a terminal is: told in streams to whoever names it, never kept, and no webhook's.
pub const PROGRESS_TYPE: &str = "terminal_payment.progress";

/// How many filters one endpoint may have.
const MAX_TOPICS: usize = 50;

/// The type as it is written everywhere; `None` when there is none.
#[must_use]
pub fn known_type(text: &str) -> Option<&'static str> {
    EVENT_TYPES.iter().copied().find(|known| *known == text)
}

/// A category is written `terminal.*`; returns `terminal.` when there are types in it.
fn category(text: &str) -> Option<&str> {
    let prefix = text.strip_suffix('*')?;
    let fits = prefix.ends_with('.') && EVENT_TYPES.iter().any(|known| known.starts_with(prefix));
    fits.then_some(prefix)
}

/// Which types are wanted. In the order in which they were asked for, none twice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Topics(Vec<String>);

impl Topics {
    /// All types.
    #[must_use]
    pub fn all() -> Self {
        Self(vec!["*".to_owned()])
    }

    /// No type at all.
    #[must_use]
    pub fn none() -> Self {
        Self(Vec::new())
    }

    /// Reads what a caller wants; `param` names the list in errors.
    ///
    /// # Errors
    /// [`FieldError`] naming the first entry that is no type, no category and not `*`.
    pub fn parse(param: &str, wanted: Vec<String>) -> Result<Self, FieldError> {
        if wanted.is_empty() || wanted.len() > MAX_TOPICS {
            return Err(FieldError::invalid(param, format!("must have 1 to {MAX_TOPICS} entries")));
        }
        let mut topics: Vec<String> = Vec::with_capacity(wanted.len());
        for (index, text) in wanted.into_iter().enumerate() {
            if text != "*" && known_type(&text).is_none() && category(&text).is_none() {
                let message = format!(
                    "must be a type of event, a category like `terminal.*`, or `*`; the types are: {}",
                    EVENT_TYPES.join(", ")
                );
                return Err(FieldError::invalid(format!("{param}[{index}]"), message));
            }
            if !topics.contains(&text) {
                topics.push(text);
            }
        }
        Ok(Self(topics))
    }

    /// Whether the type is wanted.
    #[must_use]
    pub fn want(&self, kind: &str) -> bool {
        self.0.iter().any(|topic| match topic.strip_suffix('*') {
            Some(prefix) => kind.starts_with(prefix),
            None => topic == kind,
        })
    }

    /// As they were asked for.
    #[must_use]
    pub fn as_slice(&self) -> &[String] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn topics(wanted: &[&str]) -> Result<Topics, FieldError> {
        Topics::parse("enabled_events", wanted.iter().map(|text| (*text).to_owned()).collect())
    }

    #[test]
    fn exact_types_categories_and_all() {
        let some = topics(&["terminal.*", "batch.closed", "terminal.*"]).unwrap();
        assert_eq!(some.as_slice(), ["terminal.*", "batch.closed"]);
        assert!(some.want("terminal.online") && some.want("batch.closed"));
        assert!(!some.want("terminal_payment.created") && !some.want("terminal_action.updated"));
        assert!(EVENT_TYPES.iter().all(|kind| Topics::all().want(kind)));
    }

    #[test]
    fn what_does_not_exist_is_refused_by_its_place() {
        for text in
            ["terminal_payment.moon", "moon.*", "terminal*", "*.online", "", "terminal.o*", "terminal"]
        {
            let error = topics(&["*", text]).unwrap_err();
            assert_eq!(error.param.as_deref(), Some("enabled_events[1]"), "{text}");
        }
        assert_eq!(topics(&[]).unwrap_err().param.as_deref(), Some("enabled_events"));
    }
}
