//! Remote actions on the API: what may be asked for, and the object. Written alike in every version: times are Unix
//! seconds, and a field that is not set is `null` (contract 1.3).

use serde::{Deserialize, Serialize};
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::{IntoParams, ToSchema};
use vinr_domain::ActionId;
use vinr_domain::action::{Action, Status};

use super::body::FieldError;
use super::terminal::{Cursor, constant, list_schema, page_cursor, page_limit};

/// How long an action may wait for its terminal unless the caller says otherwise, in seconds (24 h).
pub const DEFAULT_EXPIRES_IN_S: u32 = 86_400;
/// How long it may wait at most, in seconds (30 days).
pub const MAX_EXPIRES_IN_S: u32 = 2_592_000;

/// A remote action on a terminal. A field that is not set is `null`.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = TerminalAction)]
pub struct ActionView {
    /// Its name.
    #[schema(example = "tact_8Wq1")]
    pub id: String,
    /// `terminal_action`
    #[schema(schema_with = object_schema)]
    pub object: &'static str,
    /// Live or test data.
    pub livemode: bool,
    /// The terminal.
    #[schema(example = "term_3Nx8")]
    pub terminal_id: String,
    /// What is done.
    #[schema(schema_with = action_schema)]
    pub action: &'static str,
    /// Where it stands; `completed` and `failed` are final.
    #[schema(schema_with = status_schema)]
    pub status: &'static str,
    /// When it was asked for, in Unix seconds.
    pub created_at: i64,
    /// Until when it may be begun, in Unix seconds.
    pub expires_at: i64,
    /// When it ended, in Unix seconds.
    #[schema(required)]
    pub completed_at: Option<i64>,
    /// Why it failed: `cancelled`, `expired`, `no_report`, or what the terminal says.
    #[schema(required)]
    pub failure_reason: Option<String>,
    /// The version that an update installs, once it is decided.
    #[schema(required)]
    pub software_version: Option<String>,
    /// Whether an update found nothing newer; `null` until it has ended, and for other actions.
    #[schema(required)]
    pub already_up_to_date: Option<bool>,
    /// Counts its events, from 1 without a gap.
    #[schema(minimum = 1)]
    pub sequence: u64,
}

/// The `data` of an event of an action.
#[derive(Clone, Debug, Serialize)]
pub struct ActionEvent<'a> {
    /// The action as it was then.
    pub object: &'a ActionView,
}

/// A page of actions, newest first (contract 2.3).
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TerminalActionList)]
pub struct ActionList {
    #[schema(schema_with = list_schema)]
    object: &'static str,
    data: Vec<ActionView>,
    /// Whether another page follows in the same direction.
    has_more: bool,
}

impl ActionList {
    /// A page.
    #[must_use]
    pub fn new(data: Vec<ActionView>, has_more: bool) -> Self {
        Self { object: "list", data, has_more }
    }
}

/// `POST /v1/terminals/{id}/actions`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CreateAction {
    /// What to do.
    #[schema(schema_with = action_schema)]
    pub action: String,
    /// For how many seconds it may wait for the terminal; a day when left out.
    #[schema(minimum = 1, maximum = 2_592_000)]
    pub expires_in: Option<i64>,
}

impl CreateAction {
    /// The action, and how many seconds it may wait.
    ///
    /// # Errors
    /// [`FieldError`] naming the field.
    pub fn validate(self) -> Result<(Action, u32), FieldError> {
        let words = Action::ALL.map(Action::as_str).join(", ");
        let action = Action::parse(&self.action)
            .ok_or_else(|| FieldError::invalid("action", format!("must be one of: {words}")))?;
        let seconds = self.expires_in.unwrap_or(DEFAULT_EXPIRES_IN_S.into());
        let fits = u32::try_from(seconds).ok().filter(|seconds| (1..=MAX_EXPIRES_IN_S).contains(seconds));
        let seconds = fits.ok_or_else(|| {
            FieldError::invalid("expiresIn", format!("must be 1 to {MAX_EXPIRES_IN_S} seconds"))
        })?;
        Ok((action, seconds))
    }
}

/// The query of `GET /v1/terminals/{id}/actions`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListActions {
    /// How many to return; 10 when left out.
    #[param(minimum = 1, maximum = 100, nullable = false)]
    pub limit: Option<i64>,
    /// The last id of the page before: the page continues with older ones.
    #[param(nullable = false, pattern = "^tact_[0-7][0-9A-HJKMNP-TV-Z]{25}$")]
    pub starting_after: Option<String>,
    /// The first id of the page after: the page continues with newer ones.
    #[param(nullable = false, pattern = "^tact_[0-7][0-9A-HJKMNP-TV-Z]{25}$")]
    pub ending_before: Option<String>,
}

impl ListActions {
    /// How many, and from where.
    ///
    /// # Errors
    /// [`FieldError`] naming the first parameter that is not acceptable.
    pub fn validate(self) -> Result<(u8, Cursor<ActionId>), FieldError> {
        let cursor = page_cursor(self.starting_after, self.ending_before, |text| {
            ActionId::parse(text).map_err(|_| "is not the id of a terminal action")
        })?;
        Ok((page_limit(self.limit)?, cursor))
    }
}

fn object_schema() -> Schema {
    constant("terminal_action")
}

fn action_schema() -> Schema {
    let about = "`reboot` starts the terminal over, `update` installs newer software if there is any, `lock` refuses new \
                 payments from now on, `unlock` takes them again, `flush` forwards what was approved without a connection.";
    words(Action::ALL.map(Action::as_str)).description(Some(about)).build().into()
}

fn status_schema() -> Schema {
    words(Status::ALL.map(Status::as_str)).build().into()
}

fn words<const N: usize>(words: [&'static str; N]) -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String).enum_values(Some(words))
}
