//! Finding payments by what people know of them, and what the books say of one beyond what clients see. Changes nothing.

use std::sync::Arc;

use vinr_domain::payment::{Channel, OfflineFacts, Payment, StateKind};
use vinr_domain::{Last4, LocationId, PaymentId, TerminalId, Timestamp};
use vinr_wire::rest::payment::Cursor as Start;
use vinr_wire::rest::view::PaymentView;

use super::service::Payments;
use crate::access::Principal;
use crate::gateway::TerminalKey;
use crate::refusal::Refusal;
use crate::store::{Cursor, Page, Scope};

pub use crate::store::{BrandSum, Lot, Passed, PaymentFilter, Stage, Tender};

/// What people know.
#[derive(Clone, Debug, Default)]
pub struct Search {
    /// A reference, or the last four digits of a card.
    pub text: Option<Arc<str>>,
    /// What else must hold.
    pub filter: PaymentFilter,
}

/// A payment as the books have it.
#[derive(Clone, Debug)]
pub struct Entry {
    /// As clients see it.
    pub view: PaymentView,
    /// Where it stands exactly.
    pub state: StateKind,
    /// Where its terminal stood.
    pub location: Option<LocationId>,
    /// Where it was asked for.
    pub channel: Channel,
    /// What was asked, without a tip, in minor units.
    pub asked_minor: i64,
    /// What the issuer approved, in minor units, and when.
    pub approved: Option<(i64, Timestamp)>,
    /// That its terminal approved it alone.
    pub offline: Option<OfflineFacts>,
    /// The number of the terminal's request to the acquirer.
    pub stan: Option<u32>,
}

impl From<&Payment> for Entry {
    fn from(payment: &Payment) -> Self {
        Self {
            view: PaymentView::from(payment),
            state: payment.state.kind(),
            location: payment.location.clone(),
            channel: payment.channel,
            asked_minor: payment.asked.amount_minor,
            approved: payment.state.approval().map(|approval| (approval.authorized_minor, approval.at)),
            offline: payment.offline,
            stan: payment.state.request().map(|request| request.stan),
        }
    }
}

impl Search {
    /// One filter for each thing that the text can be.
    fn filters(&self) -> Vec<PaymentFilter> {
        let Some(text) = &self.text else { return vec![self.filter.clone()] };
        let mut filters = vec![PaymentFilter { reference: Some(Arc::clone(text)), ..self.filter.clone() }];
        if let Some(last4) = Last4::parse(text) {
            filters.push(PaymentFilter { last4: Some(last4), ..self.filter.clone() });
        }
        filters
    }
}

impl Payments {
    /// One payment.
    ///
    /// # Errors
    /// [`Refusal::NoSuchPayment`], or that the store cannot answer.
    pub async fn entry(&self, who: &Principal, id: PaymentId) -> Result<Entry, Refusal> {
        let found = self.books.store.get_payment(&who.scope, id).await?;
        let payment = found.ok_or(Refusal::NoSuchPayment)?;
        Ok(Entry { view: self.read(&payment), ..Entry::from(&*payment) })
    }

    /// What its terminal said of the payment on its way, the first first: what is written, and what is not written yet.
    ///
    /// # Errors
    /// That the store cannot answer.
    pub async fn passed(&self, who: &Principal, view: &PaymentView) -> Result<Vec<Passed>, Refusal> {
        let mut passed = self.books.store.list_moments(&who.scope, view.id).await?;
        if let Some(id) = view.terminal.as_deref().and_then(|id| TerminalId::parse(id).ok())
            && let Some(terminal) = self.directory.find(&TerminalKey { scope: who.scope.clone(), id })
        {
            passed.extend(terminal.trail.of(view.id));
        }
        passed.sort_by_key(|passed| passed.at);
        Ok(passed)
    }

    /// A page of payments, newest first, `limit` at most, and whether there is more in the direction of travel.
    ///
    /// # Errors
    /// That the store cannot answer.
    pub async fn search(
        &self,
        who: &Principal,
        wanted: &Search,
        from: Start,
        limit: u32,
    ) -> Result<(Vec<Entry>, bool), Refusal> {
        let cursor = match from {
            Start::Newest => Cursor::Start,
            Start::After(id) => Cursor::After(id),
            Start::Before(id) => Cursor::Before(id),
        };
        let page = Page { limit, cursor };
        let (payments, more) = self.found(&who.scope, wanted, &page).await?;
        let entries =
            payments.iter().map(|payment| Entry { view: self.read(payment), ..Entry::from(&**payment) });
        Ok((entries.collect(), more))
    }

    async fn found(
        &self,
        scope: &Scope,
        wanted: &Search,
        page: &Page,
    ) -> Result<(Vec<Arc<Payment>>, bool), Refusal> {
        let mut payments = Vec::new();
        let mut more = false;
        for filter in wanted.filters() {
            let listed = self.books.store.list_payments(scope, &filter, page).await?;
            payments.extend(listed.payments);
            more |= listed.has_more;
        }
        payments.sort_by_key(|payment| !payment.id.0);
        payments.dedup_by_key(|payment| payment.id);
        let limit = page.limit as usize;
        more |= payments.len() > limit;
        match page.cursor {
            // Those nearest to where the page begins.
            Cursor::Before(_) => payments.drain(..payments.len().saturating_sub(limit)).for_each(drop),
            Cursor::Start | Cursor::After(_) => payments.truncate(limit),
        }
        Ok((payments, more))
    }

    /// How many payments are found, counted up to `most`. One that is found by its reference and by its card counts twice.
    ///
    /// # Errors
    /// That the store cannot answer.
    pub async fn count(&self, who: &Principal, wanted: &Search, most: u32) -> Result<u32, Refusal> {
        let mut count = 0_u32;
        for filter in wanted.filters() {
            count = count.saturating_add(self.books.store.count_payments(&who.scope, &filter, most).await?);
        }
        Ok(count.min(most))
    }
}
