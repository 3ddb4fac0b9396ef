//! What the simulated terminal is told before a till meets it: the currency that it settles in, what it may approve alone, and
//! that it has no internet. Said as every integrator says it, over the API behind it.

use std::time::Duration;

use serde_json::json;
use vinr_domain::{Currency, MAX_AMOUNT_MINOR, OFFLINE_DEFAULTS_CURRENCY};
use vinr_wire::rest::config::{MAX_AGE_SECONDS, MAX_QUEUE, MAX_TOTAL_MINOR};

use crate::client::{ApiArgs, Client};
use crate::embedded::Running;
use crate::embedded::terminals::Started;
use crate::failure::Failure;

/// How long the terminal may take to do as it is told.
const PATIENCE: Duration = Duration::from_secs(20);

/// What the terminal is to be.
pub struct Wish {
    /// What it settles in; only in that does it approve alone.
    pub currency: Currency,
    /// Without internet.
    pub offline: bool,
}

/// Tells it, and answers when all of it holds.
pub async fn tell(wish: &Wish, running: &Running, secret_key: &str) -> Result<(), Failure> {
    let asked =
        ApiArgs { api: running.api.clone(), key: Some(secret_key.to_owned()), key_file: None, ca: None };
    let client = Client::new(&asked, secret_key)?;
    let account = client.get("/v1/account").await?;
    let settles_in = account["defaultCurrency"].as_str().unwrap_or(OFFLINE_DEFAULTS_CURRENCY);
    if wish.currency.code() != settles_in {
        client.post("/v1/account", &json!({ "defaultCurrency": wish.currency.code() })).await?;
    }
    for started in &running.terminals {
        if wish.offline {
            let path = format!("/v1/terminals/{}/configure", started.key.id);
            client.post(&path, &json!({ "offlineMode": limits() })).await?;
        }
        let late = |_| Failure::new(format_args!("{} does not do as it is told", started.key.id));
        tokio::time::timeout(PATIENCE, obeyed(wish, started)).await.map_err(late)??;
    }
    Ok(())
}

/// As much as can be configured: what is tried here is a till.
fn limits() -> serde_json::Value {
    json!({
        "enabled": true,
        "maxAmount": MAX_AMOUNT_MINOR,
        "maxQueue": MAX_QUEUE,
        "maxTotal": MAX_TOTAL_MINOR,
        "maxAgeSeconds": MAX_AGE_SECONDS,
    })
}

async fn obeyed(wish: &Wish, started: &Started) -> Result<(), Failure> {
    let stopped = |_| Failure::new("the terminal has stopped");
    let till = started.terminal.till().ok_or_else(|| Failure::new("the terminal has stopped"))?;
    till.access().wait_for(|now| now.settlement_currency == wish.currency).await.map_err(stopped)?;
    if wish.offline {
        till.configuration().wait_for(|now| now.offline.enabled).await.map_err(stopped)?;
        started.terminal.set_internet(false).await;
        till.standing().wait_for(|now| !now.online).await.map_err(stopped)?;
    }
    Ok(())
}
