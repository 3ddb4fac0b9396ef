//! Finding a payment by other names than its own.

use vinr_domain::IntentId;
use vinr_domain::payment::Status;
use vinr_wire::rest::view::PaymentView;

use super::service::Payments;
use crate::access::Principal;
use crate::refusal::Refusal;
use crate::store::{Cursor, Page, PaymentFilter};

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
}
