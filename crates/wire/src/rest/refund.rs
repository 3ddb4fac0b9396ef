//! The requests of the refund endpoints (contract 2.6, 2.7) and the documented shape of the refund: what may be sent,
//! and how it becomes domain values. Looks nothing up.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use vinr_domain::refund::{FailureReason, Reason, Status};
use vinr_domain::{PaymentId, RefundId};

use super::body::FieldError;
use super::payment::{check_amount, check_limit, check_metadata};
use super::schema::{constant, currency_schema, metadata_schema, time_or_null_schema, time_schema};
use super::spelling::{spelled, spelled_option, words, words_or_null};

/// `POST /v1/refunds`.
#[derive(Clone, Debug, PartialEq, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CreateRefund {
    /// The terminal payment to give back of.
    #[serde(with = "spelled")]
    #[schema(value_type = String, pattern = "^tpay_[0-7][0-9A-HJKMNP-TV-Z]{25}$", example = "tpay_01JXF3V0M07PVT9X3W7YB2K4QD")]
    pub payment: PaymentId,
    /// How much, in the smallest unit of the payment's currency; all that is left when left out.
    #[schema(minimum = 1, maximum = 99_999_999)]
    pub amount: Option<i64>,
    /// Why.
    #[serde(default, with = "spelled_option")]
    #[schema(schema_with = words_or_null::<Reason>, required = false)]
    pub reason: Option<Reason>,
    /// Your own key-value pairs; never interpreted.
    #[schema(schema_with = metadata_schema, required = false)]
    pub metadata: Option<BTreeMap<String, String>>,
}

/// A request for a refund whose every part is within its limits.
#[derive(Clone, Debug, PartialEq)]
pub struct NewRefund {
    /// What is given back of.
    pub payment: PaymentId,
    /// How much, in minor units; `None` for all that is left.
    pub amount_minor: Option<i64>,
    /// Why.
    pub reason: Option<Reason>,
    /// The caller's own pairs.
    pub metadata: Arc<BTreeMap<String, String>>,
}

impl CreateRefund {
    /// Checks every limit and turns the request into domain values.
    ///
    /// # Errors
    /// [`FieldError`] naming the first field that is out of bounds.
    pub fn validate(self) -> Result<NewRefund, FieldError> {
        self.amount.map_or(Ok(()), check_amount)?;
        let metadata = self.metadata.unwrap_or_default();
        check_metadata(&metadata)?;
        Ok(NewRefund {
            payment: self.payment,
            amount_minor: self.amount,
            reason: self.reason,
            metadata: Arc::new(metadata),
        })
    }
}

/// `POST /v1/refunds/{id}`.
#[derive(Clone, Debug, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateRefund {
    /// Pairs to set: an empty text removes a key, keys that are not named stay. `null` removes all.
    #[schema(schema_with = metadata_schema)]
    #[serde(deserialize_with = "Option::deserialize")]
    pub metadata: Option<BTreeMap<String, String>>,
}

impl UpdateRefund {
    /// The pairs as they are after the change of `before`.
    ///
    /// # Errors
    /// [`FieldError`] when they are over their limits.
    pub fn applied_to(
        &self,
        before: &BTreeMap<String, String>,
    ) -> Result<BTreeMap<String, String>, FieldError> {
        let Some(changes) = &self.metadata else { return Ok(BTreeMap::new()) };
        check_metadata(changes)?;
        let mut after = before.clone();
        for (key, value) in changes {
            if value.is_empty() {
                after.remove(key);
            } else {
                after.insert(key.clone(), value.clone());
            }
        }
        check_metadata(&after)?;
        Ok(after)
    }
}

/// The query of `GET /v1/refunds`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListRefunds {
    /// Only of this payment.
    #[serde(default, with = "spelled_option")]
    #[param(value_type = Option<String>, required = false, nullable = false, pattern = "^tpay_[0-7][0-9A-HJKMNP-TV-Z]{25}$")]
    pub payment: Option<PaymentId>,
    /// How many to return; 10 when left out.
    #[param(minimum = 1, maximum = 100, nullable = false)]
    pub limit: Option<i64>,
    /// The last id of the page before: the page continues with older refunds.
    #[serde(default, with = "spelled_option")]
    #[param(value_type = Option<String>, required = false, nullable = false, pattern = "^re_[0-7][0-9A-HJKMNP-TV-Z]{25}$")]
    pub starting_after: Option<RefundId>,
    /// The first id of the page after: the page continues with newer refunds.
    #[serde(default, with = "spelled_option")]
    #[param(value_type = Option<String>, required = false, nullable = false, pattern = "^re_[0-7][0-9A-HJKMNP-TV-Z]{25}$")]
    pub ending_before: Option<RefundId>,
}

impl ListRefunds {
    /// How many at most, 1 to 100.
    ///
    /// # Errors
    /// [`FieldError`] naming the first parameter that is not acceptable.
    pub fn checked_limit(&self) -> Result<u8, FieldError> {
        check_limit(self.limit, self.starting_after.is_some() && self.ending_before.is_some())
    }
}

/// A refund. Version `2026-06-11` writes times as RFC 3339 strings and leaves unset fields out; `2025-05-31` writes
/// times as Unix seconds and unset fields as `null`.
#[derive(ToSchema)]
#[schema(as = Refund, rename_all = "camelCase")]
#[expect(dead_code, reason = "a description for the OpenAPI document; the view writes the JSON")]
pub struct RefundObject {
    #[schema(example = "re_01JXF3V0M07PVT9X3W7YB2K4QD")]
    id: String,
    #[schema(schema_with = refund_word)]
    object: String,
    /// Live or test data.
    livemode: bool,
    /// The terminal payment that is given back of.
    payment: String,
    /// The terminal that took it.
    terminal_id: String,
    /// How much, in the smallest unit.
    #[schema(minimum = 1)]
    amount: i64,
    /// Three-letter ISO 4217 code.
    #[schema(schema_with = currency_schema)]
    currency: String,
    /// Where the refund stands.
    #[schema(schema_with = words::<Status>)]
    status: String,
    /// Why the money is given back.
    #[schema(schema_with = words_or_null::<Reason>, required = false)]
    reason: Option<String>,
    /// Why it failed.
    #[schema(schema_with = words_or_null::<FailureReason>, required = false)]
    failure_reason: Option<String>,
    /// Your own key-value pairs.
    #[schema(schema_with = metadata_schema, required = false)]
    metadata: Option<String>,
    #[schema(schema_with = time_schema)]
    created_at: String,
    #[schema(schema_with = time_or_null_schema, required = false)]
    updated_at: Option<String>,
    /// Counts the changes of this refund, from 1 without a gap.
    #[schema(minimum = 1)]
    sequence: i64,
}

/// A page of refunds, newest first (contract 2.3).
#[derive(ToSchema)]
#[schema(as = RefundList)]
#[expect(dead_code, reason = "a description for the OpenAPI document; the view writes the JSON")]
pub struct RefundListObject {
    #[schema(schema_with = super::schema::list_word_schema)]
    object: String,
    data: Vec<RefundObject>,
    /// Whether another page follows in the same direction.
    has_more: bool,
}

fn refund_word() -> utoipa::openapi::schema::Schema {
    constant("refund")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metadata_is_merged_key_by_key() {
        let pairs = |pairs: &[(&str, &str)]| -> BTreeMap<String, String> {
            pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect()
        };
        let before = pairs(&[("a", "1"), ("b", "2")]);
        let update = UpdateRefund { metadata: Some(pairs(&[("b", ""), ("c", "3")])) };
        assert_eq!(update.applied_to(&before), Ok(pairs(&[("a", "1"), ("c", "3")])));
        assert_eq!(UpdateRefund { metadata: None }.applied_to(&before), Ok(BTreeMap::new()));
        let full: BTreeMap<_, _> = (0..50).map(|n| (n.to_string(), "x".to_owned())).collect();
        assert!(UpdateRefund { metadata: Some(pairs(&[("c", "3")])) }.applied_to(&full).is_err());
    }
}
