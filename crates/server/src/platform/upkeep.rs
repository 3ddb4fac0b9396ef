//! What the server does by itself from time to time.

use std::sync::Arc;
use std::time::Duration;

use super::Ports;
use crate::settings::Settings;
use crate::store::Retention;

const DAY_MS: i64 = 24 * 3_600_000;

/// Deletes what is older than the retention allows, an hour apart, in portions.
pub(super) async fn purge(settings: Arc<Settings>, ports: Ports) {
    let ms = |days: Option<u32>| days.map(|days| i64::from(days) * DAY_MS);
    let retention = Retention {
        payments_ms: ms(settings.retention.payments_days),
        events_ms: ms(settings.retention.events_days),
        idempotency_ms: ms(settings.retention.idempotency_days),
    };
    loop {
        match ports.store.purge_across_accounts(ports.clock.wall(), &retention, 1_000).await {
            Ok(0) => tokio::time::sleep(Duration::from_secs(3_600)).await,
            Ok(_) => tokio::time::sleep(Duration::from_millis(200)).await,
            Err(error) => {
                tracing::error!(%error, "retention could not be applied; it is tried again");
                tokio::time::sleep(Duration::from_secs(60)).await;
            }
        }
    }
}
