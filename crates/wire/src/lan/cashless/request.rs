//! The requests of the Cashless API. Amounts are in minor units and without a tip; references are the ECR's.

use serde::Deserialize;
use vinr_domain::{Currency, MAX_AMOUNT_MINOR, Money};

use crate::rest::body::FieldError;
use crate::rest::payment::{check_amount, check_reference};

/// A body that says nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Nothing {}

/// `/status`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StatusRequest {
    /// The transaction to report; the terminal when left out.
    pub reference: Option<String>,
}

/// `/sale`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Sale {
    /// Without the tip.
    pub amount: i64,
    /// Three-letter ISO 4217 code.
    pub currency: String,
    /// The ECR's name for the sale.
    pub reference: String,
    /// Known to the ECR; when left out, the customer is asked as the terminal is configured.
    pub tip_amount: Option<i64>,
    /// Whether the terminal prints.
    pub print_receipt: Option<bool>,
}

impl Sale {
    /// Checks the limits; returns what is asked without the tip.
    ///
    /// # Errors
    /// [`FieldError`] naming the field.
    pub fn asked(&self) -> Result<Money, FieldError> {
        let asked = money("amount", self.amount, &self.currency)?;
        check_reference(&self.reference)?;
        let tip = self.tip_amount.unwrap_or(0);
        if !(0..=MAX_AMOUNT_MINOR).contains(&tip) || self.amount + tip > MAX_AMOUNT_MINOR {
            let message = format!("must be 0 or more, and with the amount at most {MAX_AMOUNT_MINOR}");
            return Err(FieldError::invalid("tipAmount", message));
        }
        Ok(asked)
    }
}

/// `/preauth`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Preauth {
    /// What to hold.
    pub amount: i64,
    /// Three-letter ISO 4217 code.
    pub currency: String,
    /// The ECR's name for the hold.
    pub reference: String,
    /// Whether the terminal prints.
    pub print_receipt: Option<bool>,
}

impl Preauth {
    /// Checks the limits; returns what is to be held.
    ///
    /// # Errors
    /// [`FieldError`] naming the field.
    pub fn asked(&self) -> Result<Money, FieldError> {
        check_reference(&self.reference)?;
        money("amount", self.amount, &self.currency)
    }
}

/// `/preauth/complete`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PreauthComplete {
    /// Which hold.
    pub original_reference: String,
    /// How much of it to take.
    pub capture_amount: i64,
    /// Three-letter ISO 4217 code; must be the hold's.
    pub currency: String,
    /// The ECR's name for the completion.
    pub reference: String,
}

impl PreauthComplete {
    /// Checks the limits; returns what is to be taken.
    ///
    /// # Errors
    /// [`FieldError`] naming the field.
    pub fn asked(&self) -> Result<Money, FieldError> {
        check_reference(&self.reference)?;
        check_original(&self.original_reference)?;
        money("captureAmount", self.capture_amount, &self.currency)
    }
}

/// `/preauth/cancel`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PreauthCancel {
    /// Which hold.
    pub original_reference: String,
    /// The ECR's name for the cancellation.
    pub reference: Option<String>,
}

impl PreauthCancel {
    /// Checks the limits.
    ///
    /// # Errors
    /// [`FieldError`] naming the field.
    pub fn check(&self) -> Result<(), FieldError> {
        check_original(&self.original_reference)?;
        self.reference.as_deref().map_or(Ok(()), check_reference)
    }
}

/// `/cancel`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cancel {
    /// Which transaction; whatever is active when left out.
    pub reference: Option<String>,
}

/// `/refund`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Refund {
    /// Which sale, or completed hold.
    pub original_reference: String,
    /// How much to give back.
    pub amount: i64,
    /// Three-letter ISO 4217 code; must be the sale's.
    pub currency: String,
    /// The ECR's name for the refund.
    pub reference: String,
    /// Whether the terminal prints.
    pub print_receipt: Option<bool>,
}

impl Refund {
    /// Checks the limits; returns what is to be given back.
    ///
    /// # Errors
    /// [`FieldError`] naming the field.
    pub fn asked(&self) -> Result<Money, FieldError> {
        check_reference(&self.reference)?;
        check_original(&self.original_reference)?;
        money("amount", self.amount, &self.currency)
    }
}

/// `/batch/close`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BatchClose {
    /// The ECR's name for the settlement.
    pub reference: String,
}

impl BatchClose {
    /// Checks the limits.
    ///
    /// # Errors
    /// [`FieldError`] naming the field.
    pub fn check(&self) -> Result<(), FieldError> {
        check_reference(&self.reference)
    }
}

/// `/receipt/last`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReceiptLast {
    /// Whether both copies also come as PNG.
    pub image: Option<bool>,
}

/// `/receipt/reprint`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reprint {
    /// Which copies; the customer's when left out.
    #[serde(rename = "type")]
    pub copies: Option<CopyWord>,
}

/// Which copies of a receipt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CopyWord {
    /// The one that stays.
    Merchant,
    /// The one that goes.
    Customer,
    /// Both.
    Both,
}

fn money(param: &str, amount: i64, currency: &str) -> Result<Money, FieldError> {
    check_amount(amount).map_err(|field| FieldError { param: Some(param.to_owned()), ..field })?;
    let currency = Currency::parse(currency)
        .map_err(|_| FieldError::invalid("currency", "must be an active ISO 4217 code, such as EUR"))?;
    Ok(Money { amount_minor: amount, currency })
}

fn check_original(reference: &str) -> Result<(), FieldError> {
    check_reference(reference)
        .map_err(|field| FieldError { param: Some("originalReference".to_owned()), ..field })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::rest::body::{BodyError, decode};

    fn read<T: serde::de::DeserializeOwned>(body: &Value) -> Result<T, FieldError> {
        decode(Some("application/json"), body.to_string().as_bytes()).map_err(|error| match error {
            BodyError::Field(field) => field,
            BodyError::UnsupportedMediaType => panic!("{error}"),
        })
    }

    #[test]
    fn the_page_s_requests_are_read() {
        let sale: Sale = read(&json!({
            "amount": 2500, "currency": "USD", "reference": "POS-ORDER-0821", "tipAmount": 300, "printReceipt": true
        }))
        .unwrap();
        assert_eq!(sale.asked().unwrap().amount_minor, 2500);
        let complete: PreauthComplete = read(&json!({
            "originalReference": "HOTEL-STAY-1193", "captureAmount": 8750, "currency": "USD",
            "reference": "HOTEL-STAY-1193-FINAL"
        }))
        .unwrap();
        assert_eq!(complete.asked().unwrap().amount_minor, 8750);
        let refund: Refund = read(&json!({
            "originalReference": "POS-ORDER-0821", "amount": 2500, "currency": "USD",
            "reference": "POS-REFUND-0821", "printReceipt": false
        }))
        .unwrap();
        assert_eq!(refund.asked().unwrap().amount_minor, 2500);
        assert_eq!(read::<Reprint>(&json!({"type": "both"})).unwrap().copies, Some(CopyWord::Both));
        assert_eq!(read::<Cancel>(&json!({})).unwrap(), Cancel::default());
    }

    #[test]
    fn every_mistake_names_its_field() {
        let sale = |fields: &Value| {
            let mut body = json!({"amount": 1, "currency": "USD", "reference": "r"});
            body.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
            read::<Sale>(&body).and_then(|sale| sale.asked().map(|_| ()))
        };
        for (fields, param) in [
            (json!({"amount": 0}), "amount"),
            (json!({"amount": "1"}), "amount"),
            (json!({"currency": "usdollar"}), "currency"),
            (json!({"reference": ""}), "reference"),
            (json!({"tipAmount": -1}), "tipAmount"),
            (json!({"amount": 99_999_999, "tipAmount": 1}), "tipAmount"),
            (json!({"tipAmount": i64::MAX}), "tipAmount"),
            (json!({"tip": 1}), "tip"),
        ] {
            let refused = sale(&fields).unwrap_err();
            assert_eq!(refused.param.as_deref(), Some(param), "{fields}");
        }
        let complete = PreauthComplete {
            original_reference: "a\u{7}".to_owned(),
            capture_amount: 1,
            currency: "USD".to_owned(),
            reference: "b".to_owned(),
        };
        assert_eq!(complete.asked().unwrap_err().param.as_deref(), Some("originalReference"));
        let complete = PreauthComplete { original_reference: "a".to_owned(), capture_amount: 0, ..complete };
        assert_eq!(complete.asked().unwrap_err().param.as_deref(), Some("captureAmount"));
        assert_eq!(read::<Reprint>(&json!({"type": "all"})).unwrap_err().param.as_deref(), Some("type"));
    }
}
