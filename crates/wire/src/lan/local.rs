//! The requests of the Local API that differ from the cloud's (contract 1.8): a create names this one terminal, may
//! say how the tip is asked for, and may bring the lines of the sale for the display. Answers are the cloud's.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use vinr_domain::payment::{CaptureMethod, ResponseMode};
use vinr_domain::{IntentId, MAX_AMOUNT_MINOR, MAX_TIP_SUGGESTIONS, TipBasis, TipPrompt};

use crate::rest::body::FieldError;
use crate::rest::payment::{CreatePayment, NewPayment};

/// How many lines of a sale the display takes.
pub const MAX_LINE_ITEMS: usize = 100;
const MAX_ITEM_NAME_CHARS: usize = 64;
const MAX_ITEM_QUANTITY: u32 = 9_999;
/// How long a simulated customer may take, in seconds (contract 2.8).
const MAX_DELAY_S: u32 = 120;

/// `POST /v1/pay` and `POST /v1/terminal/payments` of a terminal.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CreateLocalPayment {
    /// Must be the terminal that is asked.
    pub terminal_id: Option<String>,
    /// What to collect, in the smallest unit of the currency.
    pub amount: i64,
    /// Three-letter ISO 4217 code.
    pub currency: String,
    /// The caller's own name for the order.
    pub reference: Option<String>,
    /// Free text.
    pub description: Option<String>,
    /// When the money moves.
    pub capture_method: Option<CaptureWord>,
    /// `sync` (default) answers with the outcome, `async` while pending.
    pub response_mode: Option<ResponseWord>,
    /// The caller's own key-value pairs.
    pub metadata: Option<BTreeMap<String, String>>,
    /// A UUID that names this payment on every path.
    pub client_token: Option<String>,
    /// How this customer is asked for a tip; as the terminal is configured when left out.
    pub tip_config: Option<TipConfig>,
    /// What is being sold, for the display. Never changes what is charged.
    pub line_items: Option<Vec<LineItem>>,
}

/// When the money moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CaptureWord {
    /// At once.
    Automatic,
    /// With a capture.
    Manual,
}

/// When the caller is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResponseWord {
    /// While pending.
    Async,
    /// With the outcome.
    Sync,
}

/// How one customer is asked for a tip: the words of the `tip` section of a terminal's configuration. Without
/// suggestions and without `allowCustom`, nobody is asked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TipConfig {
    /// What the suggestions are of; percentages when left out.
    pub mode: Option<TipWord>,
    /// Up to four.
    pub suggestions: Option<Vec<i64>>,
    /// Whether the customer may enter an amount of their own.
    pub allow_custom: Option<bool>,
}

/// What tip suggestions are of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TipWord {
    /// Percentages of the amount.
    Percentage,
    /// Amounts in the smallest unit.
    Fixed,
}

/// One line of a sale.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LineItem {
    /// What it is.
    pub name: String,
    /// How many; one when left out.
    pub quantity: Option<u32>,
    /// What the line comes to, in the smallest unit; negative for a discount.
    pub amount: i64,
}

/// A create whose every part is within its limits.
#[derive(Clone, Debug, PartialEq)]
pub struct NewLocalPayment {
    /// What is asked as the cloud is asked.
    pub payment: NewPayment,
    /// Whether the caller wants to be answered while the payment is pending.
    pub answers_at_once: bool,
    /// How the tip is asked for; `None`: as the terminal is configured.
    pub tip: Option<TipPrompt>,
    /// For the display.
    pub items: Vec<LineItem>,
}

impl CreateLocalPayment {
    /// Checks every limit. `terminal` is the terminal that was asked; a payment for another one is refused, so that a
    /// wrong address in a till's settings cannot charge at the wrong counter.
    ///
    /// # Errors
    /// [`FieldError`] naming the first field that is out of bounds.
    pub fn validate(self, terminal: &str) -> Result<NewLocalPayment, FieldError> {
        let named =
            self.terminal_id.as_deref().ok_or_else(|| FieldError::missing("terminalId", "is required"))?;
        if named != terminal {
            return Err(FieldError::invalid(
                "terminalId",
                format!("must be {terminal}: this terminal was asked"),
            ));
        }
        let intent = match &self.client_token {
            Some(text) => Some(
                IntentId::parse(text).map_err(|_| FieldError::invalid("clientToken", "must be a UUID"))?,
            ),
            None => None,
        };
        let tip = self.tip_config.map(TipConfig::validate).transpose()?;
        let items = self.line_items.unwrap_or_default();
        check_items(&items)?;
        let payment = CreatePayment {
            terminal_id: self.terminal_id,
            terminal_group: None,
            amount: self.amount,
            currency: self.currency,
            reference: self.reference,
            description: self.description,
            capture_method: self.capture_method.map(|word| match word {
                CaptureWord::Automatic => CaptureMethod::Automatic,
                CaptureWord::Manual => CaptureMethod::Manual,
            }),
            response_mode: Some(ResponseMode::Sync),
            metadata: self.metadata,
            client_token: intent,
        };
        let answers_at_once = self.response_mode == Some(ResponseWord::Async);
        Ok(NewLocalPayment { payment: payment.validate()?, answers_at_once, tip, items })
    }
}

impl TipConfig {
    fn validate(self) -> Result<TipPrompt, FieldError> {
        let basis = match self.mode {
            Some(TipWord::Fixed) => TipBasis::Fixed,
            Some(TipWord::Percentage) | None => TipBasis::Percentage,
        };
        let suggestions = self.suggestions.unwrap_or_default();
        if suggestions.len() > MAX_TIP_SUGGESTIONS {
            let message = format!("must have at most {MAX_TIP_SUGGESTIONS} entries");
            return Err(FieldError::invalid("tipConfig[suggestions]", message));
        }
        let suggestion = |(index, suggestion): (usize, &i64)| {
            let value = u32::try_from(*suggestion).ok().filter(|value| basis.allows(*value));
            value.ok_or_else(|| {
                let message = match basis {
                    TipBasis::Percentage => "must be 1 to 100 percent".to_owned(),
                    TipBasis::Fixed => format!("must be 1 to {MAX_AMOUNT_MINOR} of the smallest unit"),
                };
                FieldError::invalid(format!("tipConfig[suggestions][{index}]"), message)
            })
        };
        let suggestions = suggestions.iter().enumerate().map(suggestion).collect::<Result<Vec<u32>, _>>()?;
        Ok(TipPrompt { basis, suggestions, allow_custom: self.allow_custom.unwrap_or(false) })
    }
}

fn check_items(items: &[LineItem]) -> Result<(), FieldError> {
    if items.len() > MAX_LINE_ITEMS {
        return Err(FieldError::invalid("lineItems", format!("must have at most {MAX_LINE_ITEMS} entries")));
    }
    for (index, item) in items.iter().enumerate() {
        let at = |field| format!("lineItems[{index}][{field}]");
        if !(1..=MAX_ITEM_NAME_CHARS).contains(&item.name.chars().count()) {
            return Err(FieldError::invalid(
                at("name"),
                format!("must have 1 to {MAX_ITEM_NAME_CHARS} characters"),
            ));
        }
        if item.name.chars().any(char::is_control) {
            return Err(FieldError::invalid(at("name"), "must not contain control characters"));
        }
        if !(1..=MAX_ITEM_QUANTITY).contains(&item.quantity.unwrap_or(1)) {
            return Err(FieldError::invalid(at("quantity"), format!("must be 1 to {MAX_ITEM_QUANTITY}")));
        }
        if !(-MAX_AMOUNT_MINOR..=MAX_AMOUNT_MINOR).contains(&item.amount) {
            let message = format!("must be -{MAX_AMOUNT_MINOR} to {MAX_AMOUNT_MINOR}");
            return Err(FieldError::invalid(at("amount"), message));
        }
    }
    Ok(())
}

/// `?simulateCard=` and `?simulateDelay=` of a create (contract 2.8).
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SimulationQuery {
    /// The test card's number or name, or `none`.
    pub simulate_card: Option<String>,
    /// In whole seconds.
    pub simulate_delay: Option<i64>,
}

impl SimulationQuery {
    /// The parameter that asks for a simulation; `None` when none does.
    #[must_use]
    pub fn asks(&self) -> Option<&'static str> {
        match (&self.simulate_card, self.simulate_delay) {
            (None, None) => None,
            (Some(_), _) => Some("simulateCard"),
            (None, Some(_)) => Some("simulateDelay"),
        }
    }

    /// How long the simulated customer takes, in milliseconds.
    ///
    /// # Errors
    /// [`FieldError`] when it is out of bounds.
    pub fn delay_ms(&self) -> Result<Option<u32>, FieldError> {
        let Some(seconds) = self.simulate_delay else { return Ok(None) };
        let seconds = u32::try_from(seconds).ok().filter(|seconds| *seconds <= MAX_DELAY_S);
        let message = format!("must be 0 to {MAX_DELAY_S} whole seconds");
        seconds
            .map(|seconds| Some(seconds * 1000))
            .ok_or_else(|| FieldError::invalid("simulateDelay", message))
    }
}

/// `GET /v1/status` of a terminal: who it is, what it serves, whether it can take a payment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StatusView {
    /// `terminal_status`.
    pub object: &'static str,
    /// The terminal.
    pub id: String,
    /// Its model.
    pub model: String,
    /// `ready`, `busy`, `locked` or `out_of_service`.
    pub status: &'static str,
    /// Whether its link to the cloud is up.
    pub online: bool,
    /// `local`, `cashless`.
    pub api_modes: Vec<&'static str>,
    /// Version of what is served here.
    pub protocol_version: u32,
    /// Of its software.
    pub software_version: String,
    /// Whether payments move real money.
    pub livemode: bool,
    /// How many payments that it approved by itself wait for the cloud.
    pub offline_pending: u32,
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::rest::body::decode;

    fn read(body: &Value) -> Result<NewLocalPayment, FieldError> {
        let read = decode::<CreateLocalPayment>(Some("application/json"), body.to_string().as_bytes());
        match read {
            Ok(create) => create.validate("term_1"),
            Err(crate::rest::body::BodyError::Field(field)) => Err(field),
            Err(error) => panic!("{error}"),
        }
    }

    fn with(fields: &Value) -> Value {
        let mut body = json!({"terminalId": "term_1", "amount": 2500, "currency": "USD"});
        body.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        body
    }

    #[test]
    fn the_page_s_own_request_is_read() {
        let new = read(&with(&json!({"reference": "order_8821", "captureMethod": "automatic"}))).unwrap();
        assert_eq!(new.payment.asked.amount_minor, 2500);
        assert_eq!(new.payment.capture_method, CaptureMethod::Automatic);
        assert_eq!(new.payment.response_mode, ResponseMode::Sync);
        assert!(!new.answers_at_once && new.tip.is_none() && new.items.is_empty());
        assert!(read(&with(&json!({"responseMode": "async"}))).unwrap().answers_at_once);
    }

    #[test]
    fn a_form_says_the_same_as_json() {
        let form = "terminalId=term_1&amount=4200&currency=EUR&metadata[k]=v&tipConfig[mode]=fixed\
                    &tipConfig[suggestions][]=100&lineItems[0][name]=Tea&lineItems[0][amount]=4200";
        let create: CreateLocalPayment =
            decode(Some("application/x-www-form-urlencoded"), form.as_bytes()).unwrap();
        let new = create.validate("term_1").unwrap();
        let tip = new.tip.unwrap();
        assert_eq!((tip.basis, tip.suggestions.as_slice()), (TipBasis::Fixed, &[100][..]));
        assert_eq!(new.items[0].name, "Tea");
    }

    #[test]
    fn every_mistake_names_its_field() {
        for (fields, param) in [
            (json!({"terminalId": "term_2"}), "terminalId"),
            (json!({"terminalId": null}), "terminalId"),
            (json!({"terminalGroup": ["term_1"]}), "terminalGroup"),
            (json!({"amuont": 1}), "amuont"),
            (json!({"amount": 0}), "amount"),
            (json!({"currency": "XXX"}), "currency"),
            (json!({"captureMethod": "later"}), "captureMethod"),
            (json!({"responseMode": "soon"}), "responseMode"),
            (json!({"clientToken": "7"}), "clientToken"),
            (json!({"reference": "a\nb"}), "reference"),
            (json!({"tipConfig": {"mode": "percent"}}), "tipConfig[mode]"),
            (json!({"tipConfig": {"sugestions": []}}), "tipConfig[sugestions]"),
            (json!({"tipConfig": {"suggestions": [1, 2, 3, 4, 5]}}), "tipConfig[suggestions]"),
            (json!({"tipConfig": {"suggestions": [10, 101]}}), "tipConfig[suggestions][1]"),
            (json!({"lineItems": [{"name": "", "amount": 1}]}), "lineItems[0][name]"),
            (json!({"lineItems": [{"name": "x", "quantity": 0, "amount": 1}]}), "lineItems[0][quantity]"),
            (json!({"lineItems": [{"name": "x", "amount": 100_000_000}]}), "lineItems[0][amount]"),
        ] {
            let refused = read(&with(&fields)).unwrap_err();
            assert_eq!(refused.param.as_deref(), Some(param), "{fields}: {refused}");
        }
    }

    #[test]
    fn a_simulated_customer_takes_two_minutes_at_most() {
        let of = |seconds| SimulationQuery { simulate_card: None, simulate_delay: Some(seconds) };
        assert_eq!(of(120).delay_ms(), Ok(Some(120_000)));
        assert_eq!(of(121).delay_ms().unwrap_err().param.as_deref(), Some("simulateDelay"));
        assert_eq!(of(-1).delay_ms().unwrap_err().param.as_deref(), Some("simulateDelay"));
        assert_eq!(of(1).asks(), Some("simulateDelay"));
        assert_eq!(SimulationQuery::default().asks(), None);
    }
}
