//! What an office request may say, and which payment it means. Knows the words; asks the services.

use std::collections::BTreeMap;
use std::sync::Arc;

use aws_lc_rs::digest::{Context, SHA256};
use serde::Deserialize;
use vinr_domain::payment::Status;
use vinr_domain::refund::Reason;
use vinr_domain::{IntentId, PaymentId};
use vinr_wire::link::OfficeRequest;
use vinr_wire::rest::body::FieldError;
use vinr_wire::rest::error::ErrorCode;
use vinr_wire::rest::refund::CreateRefund;
use vinr_wire::rest::view::PaymentView;

use crate::access::Principal;
use crate::gateway::Terminal;
use crate::once::IdempotencyKey;
use crate::payments::Payments;
use crate::refusal::Refusal;

/// The longest text of a field, in characters.
const MAX_CHARS: usize = 255;

/// The body of every operation; each reads its own part.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    payment: Option<String>,
    intent: Option<String>,
    /// The reference of the payment that is looked for; of a refund or of a closing of batches: the caller's own name
    /// for it.
    pub(super) reference: Option<String>,
    original_reference: Option<String>,
    pub(super) amount: Option<i64>,
    currency: Option<String>,
    reason: Option<String>,
    /// Only a transaction of the asking terminal's ECR whose card was, or may have been, charged.
    #[serde(default)]
    charged_here: bool,
}

impl Asked {
    /// Reads a body.
    pub(super) fn read(body: &[u8]) -> Result<Self, Refusal> {
        let asked: Self = serde_json::from_slice(body).map_err(|_| {
            Refusal::stated(ErrorCode::MalformedRequest, "The body is not what this operation takes.")
        })?;
        let texts = [
            ("payment", &asked.payment),
            ("intent", &asked.intent),
            ("reference", &asked.reference),
            ("original_reference", &asked.original_reference),
            ("currency", &asked.currency),
            ("reason", &asked.reason),
        ];
        for (name, text) in texts {
            let wrong = |text: &String| {
                text.is_empty() || text.chars().count() > MAX_CHARS || text.chars().any(char::is_control)
            };
            if text.as_ref().is_some_and(wrong) {
                return Err(FieldError::invalid(name, "must be 1 to 255 characters").into());
            }
        }
        Ok(asked)
    }

    /// The payment that `terminal` looks for.
    pub(super) async fn looked_for(
        &self,
        payments: &Payments,
        who: &Principal,
        terminal: &str,
    ) -> Result<PaymentView, Refusal> {
        match &self.reference {
            Some(reference) if self.charged_here => payments.find_charged_at(who, reference, terminal).await,
            _ => self.payment(payments, who).await,
        }
    }

    /// The payment that is named by itself, by its intent, or by its reference.
    pub(super) async fn payment(&self, payments: &Payments, who: &Principal) -> Result<PaymentView, Refusal> {
        if let Some(id) = &self.payment {
            let id = PaymentId::parse(id).map_err(|_| Refusal::NoSuchPayment)?;
            return payments.retrieve(who, id).await;
        }
        if let Some(intent) = &self.intent {
            let intent = IntentId::parse(intent).map_err(|_| Refusal::NoSuchPayment)?;
            return payments.find_by_intent(who, intent).await;
        }
        match &self.reference {
            Some(reference) => payments.find_newest(who, reference, None).await,
            None => Err(FieldError::missing("payment", "say which payment: payment or intent").into()),
        }
    }

    /// The payment that is captured or voided: a reference is not name enough.
    pub(super) async fn named(&self, payments: &Payments, who: &Principal) -> Result<PaymentView, Refusal> {
        if self.payment.is_none() && self.intent.is_none() {
            return Err(FieldError::missing("payment", "say which payment: payment or intent").into());
        }
        self.payment(payments, who).await
    }

    /// The payment that money is given back of, and how much. In `original_reference`: the newest that was completed.
    pub(super) async fn refund(&self, payments: &Payments, who: &Principal) -> Result<CreateRefund, Refusal> {
        let sale = match &self.original_reference {
            Some(reference) => payments.find_newest(who, reference, Some(Status::Completed)).await,
            None => self.named(payments, who).await,
        };
        let sale = sale.map_err(|refusal| match refusal {
            Refusal::NoSuchPayment => {
                let (code, message) = (
                    ErrorCode::TransactionNotFound,
                    "There is no such transaction in this account and mode.",
                );
                let param = if self.original_reference.is_some() { "original_reference" } else { "payment" };
                Refusal::stated(code, message).param(param)
            }
            other => other,
        })?;
        if self.currency.as_deref().is_some_and(|currency| currency != sale.currency.code()) {
            let message = "The transaction was made in another currency.";
            return Err(Refusal::stated(ErrorCode::CurrencyMismatch, message).param("currency"));
        }
        let reason = match self.reason.as_deref() {
            Some(word) => {
                Some(Reason::parse(word).ok_or_else(|| FieldError::invalid("reason", "is not a reason"))?)
            }
            None => None,
        };
        let own = self.reference.iter().map(|own| ("reference".to_owned(), own.clone()));
        let metadata: BTreeMap<_, _> = own.collect();
        Ok(CreateRefund { payment: sale.id, amount: self.amount, reason, metadata: Some(metadata) })
    }
}

/// The key under which the request is done once. No key of the API is like it, and no other terminal's.
pub(super) fn once(terminal: &Terminal, request: &OfficeRequest) -> Option<IdempotencyKey> {
    let key = request.key.as_ref()?;
    let operation = request.operation.as_str();
    let mut context = Context::new(&SHA256);
    context.update(operation.as_bytes());
    context.update(&[0]);
    context.update(&request.body);
    let mut fingerprint = [0; 32];
    fingerprint.copy_from_slice(context.finish().as_ref());
    let operation: Arc<str> = format!("LINK {} {operation}", terminal.key.id).into();
    Some(IdempotencyKey { operation, key: format!("{} {key}", terminal.key.id).into(), fingerprint })
}
