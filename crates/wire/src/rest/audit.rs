//! The audit log on the API. Describes; what an entry says, and its hash, are the server's.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use utoipa::openapi::schema::Schema;
use utoipa::{IntoParams, ToSchema};

use super::body::FieldError;
use super::payment::check_chars;
use super::terminal::{Cursor, constant, page_cursor, page_limit};

/// Who did something.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AuditActor {
    /// `api_key`, `operator`, `person`, `terminal` or `system`.
    #[serde(rename = "type")]
    kind: String,
    /// Which one.
    id: String,
    /// The key as people are shown it.
    #[schema(required = false, nullable = false)]
    hint: Option<String>,
    /// With which request (`req_…`).
    #[schema(required = false, nullable = false)]
    request: Option<String>,
}

/// One line of the audit log. `hash` is SHA-256, in hexadecimal digits, over the line without `hash`, as JSON with
/// sorted members and no space.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = AuditEntry)]
pub struct AuditEntryView {
    /// Its name.
    #[schema(example = "aud_00000000000000000042")]
    id: String,
    /// `audit_entry`
    #[schema(schema_with = object_schema)]
    object: String,
    /// Whether it is about live data.
    livemode: bool,
    /// Whose log it is.
    account: String,
    /// Its place in the log, from 1 without a gap.
    #[schema(minimum = 1)]
    number: u64,
    /// When, in Unix milliseconds.
    created_at_ms: i64,
    /// Who did it.
    by: AuditActor,
    /// What was done.
    #[schema(example = "location.updated")]
    action: String,
    /// To what.
    object_id: String,
    /// What the object was; absent when it was not there.
    #[schema(value_type = Object, required = false)]
    before: Option<serde_json::Value>,
    /// What it was made; absent when it is gone.
    #[schema(value_type = Object, required = false)]
    after: Option<serde_json::Value>,
    /// The hash of the line before; 64 zeros for the first.
    previous_hash: String,
    /// The hash of this line.
    hash: String,
}

/// A page of the audit log, newest first (contract 2.3).
#[derive(Debug, Serialize, ToSchema)]
pub struct AuditEntryList {
    #[schema(schema_with = super::terminal::list_schema)]
    object: String,
    data: Vec<AuditEntryView>,
    /// Whether another page follows in the same direction.
    has_more: bool,
}

/// What a walk along an audit log found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AuditVerification {
    /// `audit_verification`
    #[schema(schema_with = verification_schema)]
    pub object: &'static str,
    /// Whether every line is what was written, and none is missing between the first and the last.
    pub intact: bool,
    /// How many lines are in order, counted from the first.
    #[schema(minimum = 0)]
    pub entries: u64,
    /// The hash of the last line that is in order; `null` when there is none. Keep it elsewhere: a log that was cut
    /// off behind it, or written anew, will not have it any more.
    #[schema(value_type = Option<String>, required)]
    pub last_hash: Option<Arc<str>>,
    /// The place of the first line that is not in order.
    #[schema(required, minimum = 1)]
    pub broken_at: Option<u64>,
}

/// The query of `GET /v1/audit-log`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListAuditEntries {
    /// Only what was done to this object.
    #[serde(rename = "objectId")]
    #[param(rename = "objectId", min_length = 1, max_length = 64, nullable = false)]
    pub object_id: Option<String>,
    /// How many to return; 10 when left out.
    #[param(minimum = 1, maximum = 100, nullable = false)]
    pub limit: Option<i64>,
    /// The last id of the page before: the page continues with older ones.
    #[param(nullable = false, pattern = "^aud_[0-9]{20}$")]
    pub starting_after: Option<String>,
    /// The first id of the page after: the page continues with newer ones.
    #[param(nullable = false, pattern = "^aud_[0-9]{20}$")]
    pub ending_before: Option<String>,
}

/// The query of `GET /v1/operator/audit-log`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListOperatorAuditEntries {
    /// The log of this account; the platform's own when left out.
    #[param(nullable = false, pattern = "^acct_[0-9A-Za-z_-]{1,48}$")]
    pub account: Option<String>,
    /// The account's live log, or with `false` its test log; live when left out. Says nothing without an account.
    #[param(nullable = false)]
    pub livemode: Option<bool>,
    /// Only what was done to this object.
    #[serde(rename = "objectId")]
    #[param(rename = "objectId", min_length = 1, max_length = 64, nullable = false)]
    pub object_id: Option<String>,
    /// How many to return; 10 when left out.
    #[param(minimum = 1, maximum = 100, nullable = false)]
    pub limit: Option<i64>,
    /// The last id of the page before: the page continues with older ones.
    #[param(nullable = false, pattern = "^aud_[0-9]{20}$")]
    pub starting_after: Option<String>,
    /// The first id of the page after: the page continues with newer ones.
    #[param(nullable = false, pattern = "^aud_[0-9]{20}$")]
    pub ending_before: Option<String>,
}

/// The query of `GET /v1/operator/audit-log/verify`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct VerifyOperatorAuditLog {
    /// The log of this account; the platform's own when left out.
    #[param(nullable = false, pattern = "^acct_[0-9A-Za-z_-]{1,48}$")]
    pub account: Option<String>,
    /// The account's live log, or with `false` its test log; live when left out. Says nothing without an account.
    #[param(nullable = false)]
    pub livemode: Option<bool>,
}

/// A list request whose every part is within its limits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditFilter {
    /// Only what was done to this object.
    pub object_id: Option<Arc<str>>,
    /// How many at most, 1 to 100.
    pub limit: u8,
    /// Where the page begins.
    pub cursor: Cursor<Arc<str>>,
}

impl ListAuditEntries {
    /// Checks the limits and the combination of cursors.
    ///
    /// # Errors
    /// [`FieldError`] naming the first parameter that is not acceptable.
    pub fn validate(self) -> Result<AuditFilter, FieldError> {
        if let Some(id) = &self.object_id {
            check_chars("objectId", id, 1, 64)?;
        }
        let parse = |text: &str| {
            let digits = text.strip_prefix("aud_").filter(|digits| digits.len() == 20);
            let fits = digits.is_some_and(|digits| digits.bytes().all(|b| b.is_ascii_digit()));
            fits.then(|| Arc::from(text)).ok_or("is not the id of an entry of the audit log")
        };
        Ok(AuditFilter {
            object_id: self.object_id.map(Arc::from),
            limit: page_limit(self.limit)?,
            cursor: page_cursor(self.starting_after, self.ending_before, parse)?,
        })
    }
}

impl ListOperatorAuditEntries {
    /// Checks the limits and the combination of cursors.
    ///
    /// # Errors
    /// [`FieldError`] naming the first parameter that is not acceptable.
    pub fn validate(self) -> Result<(Option<String>, bool, AuditFilter), FieldError> {
        let filter = ListAuditEntries {
            object_id: self.object_id,
            limit: self.limit,
            starting_after: self.starting_after,
            ending_before: self.ending_before,
        };
        Ok((self.account, self.livemode.unwrap_or(true), filter.validate()?))
    }
}

fn object_schema() -> Schema {
    constant("audit_entry")
}

fn verification_schema() -> Schema {
    constant("audit_verification")
}
