//! Finding a payment by other names than its own.

use std::sync::Arc;

use vinr_domain::IntentId;
use vinr_domain::payment::{Channel, Payment, Status};
use vinr_wire::rest::view::PaymentView;

use super::advance::Books;
use super::service::Payments;
use crate::access::Principal;
use crate::refusal::Refusal;
use crate::store::{Cursor, Page, PaymentFilter, Scope, StoreError};

/// Of how many attempts under one reference it is known that one has charged a card.
const ATTEMPTS: u32 = 100;

impl Payments {
    /// The payment of that intent.
    ///
    /// # Errors
    /// [`Refusal::NoSuchPayment`], or that the store cannot answer.
    pub async fn find_by_intent(&self, who: &Principal, intent: IntentId) -> Result<PaymentView, Refusal> {
        let found = self.books.store.find_payment_by_intent(&who.scope, intent).await?;
        found.map(|payment| self.read(&payment)).ok_or(Refusal::NoSuchPayment)
    }

    /// The newest payment with that reference; with a status: of those that are in it.
    ///
    /// # Errors
    /// [`Refusal::NoSuchPayment`], or that the store cannot answer.
    pub async fn find_newest(
        &self,
        who: &Principal,
        reference: &str,
        status: Option<Status>,
    ) -> Result<PaymentView, Refusal> {
        let filter = PaymentFilter { reference: Some(reference.into()), status, ..PaymentFilter::default() };
        let page = Page { limit: 1, cursor: Cursor::Start };
        let found = self.books.store.list_payments(&who.scope, &filter, &page).await?;
        found.payments.first().map(|payment| self.read(payment)).ok_or(Refusal::NoSuchPayment)
    }

    /// The newest transaction with that reference that an ECR asked this terminal for and that has charged a card, or may
    /// have (contract 1.9). Of a reference that was declined over and over, the newest hundred attempts count.
    ///
    /// # Errors
    /// [`Refusal::NoSuchPayment`], or that the store cannot answer.
    pub async fn find_charged_at(
        &self,
        who: &Principal,
        reference: &str,
        terminal: &str,
    ) -> Result<PaymentView, Refusal> {
        let charged = self.books.charged_at(&who.scope, reference, terminal).await?;
        charged.map(|payment| self.read(&payment)).ok_or(Refusal::NoSuchPayment)
    }
}

impl Books {
    /// What [`Payments::find_charged_at`] finds.
    ///
    /// # Errors
    /// That the store cannot answer.
    pub async fn charged_at(
        &self,
        scope: &Scope,
        reference: &str,
        terminal: &str,
    ) -> Result<Option<Arc<Payment>>, StoreError> {
        let (reference, terminal) = (Some(reference.into()), Some(terminal.into()));
        let filter = PaymentFilter { reference, terminal, ..PaymentFilter::default() };
        let page = Page { limit: ATTEMPTS, cursor: Cursor::Start };
        let found = self.store.list_payments(scope, &filter, &page).await?;
        let charged = |payment: &&Arc<Payment>| {
            payment.channel == Channel::Cashless
                && matches!(payment.status(), Status::Processing | Status::Authorized | Status::Completed)
        };
        Ok(found.payments.iter().find(charged).cloned())
    }
}
