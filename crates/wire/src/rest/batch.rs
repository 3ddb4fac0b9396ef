//! The batch as clients see it (contract 1.11), and the requests of its endpoints. Times are Unix seconds in every
//! version, as for terminals.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use vinr_domain::batch::{Batch, Status, Totals};
use vinr_domain::{BatchId, Currency};

use super::body::FieldError;
use super::payment::{check_chars, check_limit, check_reference};
use super::schema::{constant, currency_schema};
use super::spelling::{spelled, spelled_option, words};

/// A batch: what a terminal took and gave back in one currency between two settlements. Times are Unix seconds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Batch)]
pub struct BatchView {
    #[schema(example = "batch_01JXF3V0M07PVT9X3W7YB2K4QD")]
    #[serde(with = "spelled")]
    #[schema(value_type = String)]
    /// Its name.
    pub id: BatchId,
    /// `batch`.
    #[schema(schema_with = batch_word)]
    pub object: String,
    /// Live or test data.
    pub livemode: bool,
    /// Whose transactions it holds.
    pub terminal_id: String,
    /// Where that terminal stood when the batch was opened.
    pub location_id: Option<String>,
    /// Three-letter ISO 4217 code.
    #[serde(with = "spelled")]
    #[schema(schema_with = currency_schema)]
    pub currency: Currency,
    /// `open` takes transactions, `closing` is being counted, `closed` is final.
    #[serde(with = "spelled")]
    #[schema(schema_with = words::<Status>)]
    pub status: Status,
    /// How many completed payments it holds.
    #[schema(minimum = 0)]
    pub sales_count: u32,
    /// What they took, in the smallest unit.
    #[schema(minimum = 0)]
    pub sales_total: i64,
    /// How many succeeded refunds it holds.
    #[schema(minimum = 0)]
    pub refunds_count: u32,
    /// What they gave back, in the smallest unit.
    #[schema(minimum = 0)]
    pub refunds_total: i64,
    /// Sales less refunds; negative when more was given back than taken.
    pub net_total: i64,
    /// Transactions that are left for the next batch because their outcome is not known.
    #[schema(minimum = 0)]
    pub pending_count: u32,
    /// When its first transaction ended.
    pub opened_at: i64,
    /// When its sums became final.
    pub closed_at: Option<i64>,
    /// When the acquirer agreed to them.
    pub settled_at: Option<i64>,
    /// Your own name for closing it.
    pub reference: Option<String>,
    /// Counts the changes of this batch.
    #[schema(minimum = 1)]
    pub sequence: u64,
}

impl From<&Batch> for BatchView {
    fn from(batch: &Batch) -> Self {
        let Totals { sales_count, sales_minor, refunds_count, refunds_minor } = batch.totals;
        Self {
            id: batch.id,
            object: "batch".to_owned(),
            livemode: batch.livemode,
            terminal_id: batch.terminal.to_string(),
            location_id: batch.location.as_ref().map(ToString::to_string),
            currency: batch.currency,
            status: batch.status(),
            sales_count,
            sales_total: sales_minor,
            refunds_count,
            refunds_total: refunds_minor,
            net_total: batch.totals.net_minor(),
            pending_count: batch.pending_count,
            opened_at: batch.opened_at.unix_seconds(),
            closed_at: batch.closed_at().map(|at| at.unix_seconds()),
            settled_at: batch.settled_at().map(|at| at.unix_seconds()),
            reference: batch.reference.as_deref().map(str::to_owned),
            sequence: batch.sequence,
        }
    }
}

/// What closing is answered: the batch in the terminal's settlement currency, and those in other currencies.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ClosedBatches)]
pub struct ClosedBatchesView {
    /// The batch in the settlement currency.
    #[serde(flatten)]
    pub batch: BatchView,
    /// Those in other currencies.
    pub batches: Vec<BatchView>,
}

/// A page of batches, newest first (contract 2.3).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = BatchList)]
pub struct BatchListView {
    /// `list`.
    #[schema(schema_with = super::schema::list_word_schema)]
    pub object: &'static str,
    /// The page.
    pub data: Vec<BatchView>,
    /// Whether another page follows in the same direction.
    pub has_more: bool,
}

/// `POST /v1/batches/close`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CloseBatch {
    /// The terminal whose batches to close.
    #[schema(min_length = 1, max_length = 64, example = "term_test_simulator")]
    pub terminal_id: String,
    /// Your own name for it: the same one again returns the same batches; no control characters.
    #[schema(
        min_length = 1,
        max_length = 255,
        pattern = r"^[^\u0000-\u001F\u007F-\u009F]+$",
        example = "EOD-2026-06-11"
    )]
    pub reference: Option<String>,
}

impl CloseBatch {
    /// Checks every limit.
    ///
    /// # Errors
    /// [`FieldError`] naming the first field that is out of bounds.
    pub fn validate(self) -> Result<Self, FieldError> {
        check_chars("terminalId", &self.terminal_id, 1, 64)?;
        self.reference.as_deref().map_or(Ok(()), check_reference)?;
        Ok(self)
    }
}

/// The query of `GET /v1/batches`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListBatches {
    /// Only of this terminal.
    #[param(min_length = 1, max_length = 64, nullable = false)]
    pub terminal_id: Option<String>,
    /// Only with this status.
    #[serde(default, with = "spelled_option")]
    #[param(schema_with = words::<Status>, required = false)]
    pub status: Option<Status>,
    /// Only in this currency.
    #[serde(default, with = "spelled_option")]
    #[param(schema_with = currency_schema, required = false)]
    pub currency: Option<Currency>,
    /// How many to return; 10 when left out.
    #[param(minimum = 1, maximum = 100, nullable = false)]
    pub limit: Option<i64>,
    /// The last id of the page before: the page continues with older batches.
    #[serde(default, rename = "starting_after", with = "spelled_option")]
    #[param(value_type = Option<String>, required = false, nullable = false, pattern = "^batch_[0-7][0-9A-HJKMNP-TV-Z]{25}$")]
    pub starting_after: Option<BatchId>,
    /// The first id of the page after: the page continues with newer batches.
    #[serde(default, rename = "ending_before", with = "spelled_option")]
    #[param(value_type = Option<String>, required = false, nullable = false, pattern = "^batch_[0-7][0-9A-HJKMNP-TV-Z]{25}$")]
    pub ending_before: Option<BatchId>,
}

impl ListBatches {
    /// Checks every parameter; says how many at most, 1 to 100.
    ///
    /// # Errors
    /// [`FieldError`] naming the first parameter that is not acceptable.
    pub fn checked_limit(&self) -> Result<u8, FieldError> {
        self.terminal_id.as_deref().map_or(Ok(()), |id| check_chars("terminalId", id, 1, 64))?;
        check_limit(self.limit, self.starting_after.is_some() && self.ending_before.is_some())
    }
}

fn batch_word() -> utoipa::openapi::schema::Schema {
    constant("batch")
}
