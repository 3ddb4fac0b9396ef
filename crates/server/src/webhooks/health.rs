//! How an account's endpoints are doing: what of the last day they have taken, and what they have not. Changes nothing.

use vinr_domain::Timestamp;

use super::endpoint::EndpointRow;
use super::service::Webhooks;
use crate::refusal::Refusal;
use crate::store::{DeliveryCursor, DeliveryPage, DeliveryStatus, RecordCursor, RecordPage, Scope};

/// The time that is looked back, in milliseconds.
const DAY_MS: i64 = 24 * 3_600_000;
/// How many endpoints are looked at, and how many deliveries of each: whoever has more sees the newest.
const ENDPOINTS: u32 = 20;
const DELIVERIES: usize = 300;

/// How one endpoint is doing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndpointHealth {
    /// Its name.
    pub id: String,
    /// Where events are posted to.
    pub url: String,
    /// Whether events are sent.
    pub enabled: bool,
    /// Whether nothing but failures come back.
    pub failing: bool,
    /// Deliveries of the last day that it has taken.
    pub delivered: u64,
    /// Deliveries of the last day that it has not taken: they wait, or are not tried again.
    pub undelivered: u64,
    /// Since when the oldest waits to be delivered.
    pub waiting_since: Option<Timestamp>,
    /// Whether there are more deliveries in the last day than were looked at.
    pub more: bool,
}

impl Webhooks {
    /// How the endpoints of the scope are doing, the newest endpoint first.
    ///
    /// # Errors
    /// When the store cannot answer.
    pub async fn health(&self, scope: &Scope) -> Result<Vec<EndpointHealth>, Refusal> {
        let store = &self.depot.office.store;
        let page = RecordPage { limit: ENDPOINTS, cursor: RecordCursor::Start };
        let (endpoints, _) = store.list::<EndpointRow>(scope, None, &page).await?;
        let mut all = Vec::with_capacity(endpoints.len());
        for kept in endpoints {
            all.push(self.health_of(scope, &kept.value).await?);
        }
        Ok(all)
    }

    async fn health_of(&self, scope: &Scope, endpoint: &EndpointRow) -> Result<EndpointHealth, Refusal> {
        let store = &self.depot.office.store;
        let since = self.depot.office.now().plus_ms(-DAY_MS);
        let view = endpoint.view();
        let mut health = EndpointHealth {
            id: view.id,
            url: view.url,
            enabled: view.status == "enabled",
            failing: view.failing_since.is_some() || view.disabled_reason.is_some(),
            delivered: 0,
            undelivered: 0,
            waiting_since: None,
            more: false,
        };
        let pending = store.list_pending_deliveries_across_accounts(endpoint.name(), 0, 1).await?;
        health.waiting_since = pending.first().map(|row| row.created_at);
        let (mut looked, mut cursor) = (0, DeliveryCursor::Start);
        loop {
            let page = DeliveryPage { status: None, limit: 100, cursor };
            let (rows, has_more) = store.list_deliveries(scope, endpoint.name(), &page).await?;
            let recent = rows.iter().take_while(|row| row.created_at >= since);
            let before = looked;
            for row in recent {
                looked += 1;
                match row.status {
                    DeliveryStatus::Delivered => health.delivered += 1,
                    DeliveryStatus::Pending | DeliveryStatus::Failed => health.undelivered += 1,
                }
            }
            let whole = looked - before == rows.len();
            match rows.last() {
                Some(last) if whole && has_more && looked < DELIVERIES => {
                    cursor = DeliveryCursor::After(last.ordinal);
                }
                last => {
                    health.more = last.is_some() && whole && has_more;
                    return Ok(health);
                }
            }
        }
    }
}
