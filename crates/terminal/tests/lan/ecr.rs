//! What an ECR says and is told, in short: requests of the page's shapes.

use serde_json::{Value, json};

use crate::shop::Shop;
use crate::wire::{Answer, Line};

/// Nobody presents a card by themselves.
pub const NOBODY: &str = "?simulateCard=none";

/// An ECR on one connection.
pub struct Ecr(pub Line);

impl Ecr {
    pub async fn of(shop: &Shop) -> Self {
        Self(Line::ecr(shop).await)
    }

    pub async fn post(&mut self, path: &str, body: &Value) -> Answer {
        self.0.post(&format!("/cashless/v1/{path}"), body).await
    }

    pub async fn sale(&mut self, reference: &str) -> Answer {
        self.post("sale", &sale(reference)).await
    }

    pub async fn preauth(&mut self, reference: &str) -> Answer {
        let body = json!({"amount": 10_000, "currency": "USD", "reference": reference});
        self.post("preauth", &body).await
    }
}

/// The page's own sale under a reference.
pub fn sale(reference: &str) -> Value {
    json!({
        "amount": 2500, "currency": "USD", "reference": reference, "tipAmount": 300, "printReceipt": true
    })
}

/// Asserts an error's status and code.
pub fn refused(answer: &Answer, status: u16, code: &str) {
    assert_eq!((answer.status, answer.code().as_str()), (status, code), "{:?}", answer.bytes);
    assert!(answer.json()["error"]["message"].is_string());
}
