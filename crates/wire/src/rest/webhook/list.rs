//! The queries of the lists of endpoints, deliveries and events (contract 2.3, 2.6).

use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use vinr_domain::{EventId, Timestamp};

use super::topic::EVENT_TYPES;
use crate::rest::body::FieldError;
use crate::rest::payment::{MAX_UNIX_SECONDS, check_chars};

/// Which stretch of a list: at most one of the cursors.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// 1 to 100.
    pub limit: u32,
    /// With those older than this one.
    pub after: Option<String>,
    /// With those newer than this one.
    pub before: Option<String>,
}

impl Stretch {
    fn of(limit: Option<i64>, after: Option<String>, before: Option<String>) -> Result<Self, FieldError> {
        let limit = u32::try_from(limit.unwrap_or(10)).ok().filter(|limit| (1..=100).contains(limit));
        let limit = limit.ok_or_else(|| FieldError::invalid("limit", "must be 1 to 100"))?;
        if after.is_some() && before.is_some() {
            return Err(FieldError::invalid("ending_before", "cannot be combined with starting_after"));
        }
        for (param, id) in [("starting_after", &after), ("ending_before", &before)] {
            id.as_deref().map(|id| check_chars(param, id, 1, 64)).transpose()?;
        }
        Ok(Self { limit, after, before })
    }
}

/// The query of `GET /v1/webhook-endpoints`.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListEndpoints {
    /// How many to return; 10 when left out.
    #[param(minimum = 1, maximum = 100, nullable = false)]
    limit: Option<i64>,
    /// The last id of the page before: the page continues with older ones.
    #[param(min_length = 1, max_length = 64, nullable = false)]
    starting_after: Option<String>,
    /// The first id of the page after: the page continues with newer ones.
    #[param(min_length = 1, max_length = 64, nullable = false)]
    ending_before: Option<String>,
}

impl ListEndpoints {
    /// Checks the limits.
    ///
    /// # Errors
    /// [`FieldError`] naming the parameter.
    pub fn validate(self) -> Result<Stretch, FieldError> {
        Stretch::of(self.limit, self.starting_after, self.ending_before)
    }
}

/// The query of `GET /v1/webhook-endpoints/{id}/deliveries`.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListDeliveries {
    /// Only with this status.
    #[param(pattern = "^(pending|delivered|failed)$", nullable = false)]
    pub status: Option<String>,
    /// How many to return; 10 when left out.
    #[param(minimum = 1, maximum = 100, nullable = false)]
    limit: Option<i64>,
    /// The last id of the page before: the page continues with older events.
    #[param(pattern = "^del_[0-7][0-9A-HJKMNP-TV-Z]{25}$", nullable = false)]
    starting_after: Option<String>,
    /// The first id of the page after: the page continues with newer events.
    #[param(pattern = "^del_[0-7][0-9A-HJKMNP-TV-Z]{25}$", nullable = false)]
    ending_before: Option<String>,
}

impl ListDeliveries {
    /// Checks the limits.
    ///
    /// # Errors
    /// [`FieldError`] naming the parameter.
    pub fn validate(self) -> Result<Stretch, FieldError> {
        Stretch::of(self.limit, self.starting_after, self.ending_before)
    }
}

/// Bounds of a time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CreatedRange)]
pub struct Created {
    /// At this Unix second or later.
    #[schema(minimum = 0, maximum = 253_402_300_799_i64, nullable = false)]
    gte: Option<i64>,
    /// At this Unix second or earlier.
    #[schema(minimum = 0, maximum = 253_402_300_799_i64, nullable = false)]
    lte: Option<i64>,
}

/// The query of `GET /v1/events`.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListEvents {
    /// Only of this type, or of a category (`terminal.*`).
    #[serde(rename = "type")]
    #[param(rename = "type", max_length = 64, nullable = false)]
    kind: Option<String>,
    /// Only about this object.
    #[param(min_length = 1, max_length = 64, nullable = false)]
    object: Option<String>,
    /// When they happened, `created[gte]` and `created[lte]`.
    #[param(style = DeepObject, explode, inline, nullable = false)]
    created: Option<Created>,
    /// How many to return; 10 when left out.
    #[param(minimum = 1, maximum = 100, nullable = false)]
    limit: Option<i64>,
    /// The last id of the page before: the page continues with older events.
    #[param(pattern = "^evt_[0-7][0-9A-HJKMNP-TV-Z]{25}$", nullable = false)]
    starting_after: Option<String>,
    /// The first id of the page after: the page continues with newer events.
    #[param(pattern = "^evt_[0-7][0-9A-HJKMNP-TV-Z]{25}$", nullable = false)]
    ending_before: Option<String>,
}

/// A request for events whose every part is within its limits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventQuery {
    /// A type, or a category with its point (`terminal.`).
    pub kind: Option<String>,
    /// About this object.
    pub object: Option<String>,
    /// At this moment or later.
    pub from: Option<Timestamp>,
    /// At this moment or earlier.
    pub to: Option<Timestamp>,
    /// 1 to 100.
    pub limit: u32,
    /// With those older than this one.
    pub after: Option<EventId>,
    /// With those newer than this one.
    pub before: Option<EventId>,
}

impl ListEvents {
    /// Checks the limits.
    ///
    /// # Errors
    /// [`FieldError`] naming the parameter.
    pub fn validate(self) -> Result<EventQuery, FieldError> {
        let stretch = Stretch::of(self.limit, self.starting_after, self.ending_before)?;
        let id = |param: &str, text: Option<String>| {
            let wrong = |_| FieldError::invalid(param, "must be the id of an event");
            text.map(|text| EventId::parse(&text).map_err(wrong)).transpose()
        };
        let created = self.created.unwrap_or_default();
        for (param, at) in [("created[gte]", created.gte), ("created[lte]", created.lte)] {
            if at.is_some_and(|at| !(0..=MAX_UNIX_SECONDS).contains(&at)) {
                return Err(FieldError::invalid(param, "must be a time in Unix seconds"));
            }
        }
        self.object.as_deref().map(|object| check_chars("object", object, 1, 64)).transpose()?;
        Ok(EventQuery {
            kind: self.kind.as_deref().map(kind_of).transpose()?,
            object: self.object,
            from: created.gte.map(|s| Timestamp(s * 1000)),
            to: created.lte.map(|s| Timestamp(s * 1000 + 999)),
            limit: stretch.limit,
            after: id("starting_after", stretch.after)?,
            before: id("ending_before", stretch.before)?,
        })
    }
}

/// A type, or what all types of a category begin with.
fn kind_of(text: &str) -> Result<String, FieldError> {
    let prefix = text.strip_suffix('*').filter(|prefix| prefix.ends_with('.'));
    let known = EVENT_TYPES.iter().any(|kind| match prefix {
        Some(prefix) => kind.starts_with(prefix),
        None => *kind == text,
    });
    if !known {
        let message = format!("must be a category like `terminal.*`, or one of: {}", EVENT_TYPES.join(", "));
        return Err(FieldError::invalid("type", message));
    }
    Ok(prefix.unwrap_or(text).to_owned())
}
