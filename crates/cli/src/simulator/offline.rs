//! Takes the internet away from the simulated terminal, after it has been told what it may approve alone.

use std::time::Duration;

use serde_json::json;
use vinr_wire::rest::config::{MAX_AGE_SECONDS, MAX_QUEUE, MAX_TOTAL_MINOR};

use crate::client::{ApiArgs, Client};
use crate::embedded::terminals::Started;
use crate::failure::Failure;

/// How long the terminal may take to do as it is told.
const PATIENCE: Duration = Duration::from_secs(20);

/// Goes offline, and answers when the terminals know it.
pub async fn go(api: &str, secret_key: &str, terminals: &[Started]) -> Result<(), Failure> {
    let asked = ApiArgs { api: api.to_owned(), key: Some(secret_key.to_owned()), key_file: None, ca: None };
    let client = Client::new(&asked, secret_key)?;
    for started in terminals {
        let path = format!("/v1/terminals/{}/configure", started.key.id);
        client.post(&path, &json!({ "offlineMode": limits() })).await?;
        let late = |_| Failure::new(format_args!("{} does not go offline", started.key.id));
        tokio::time::timeout(PATIENCE, cut_off(started)).await.map_err(late)??;
    }
    Ok(())
}

/// As much as can be configured: what is tried here is a till.
fn limits() -> serde_json::Value {
    json!({
        "enabled": true,
        "maxAmount": vinr_domain::MAX_AMOUNT_MINOR,
        "maxQueue": MAX_QUEUE,
        "maxTotal": MAX_TOTAL_MINOR,
        "maxAgeSeconds": MAX_AGE_SECONDS,
    })
}

async fn cut_off(started: &Started) -> Result<(), Failure> {
    let stopped = |_| Failure::new("the terminal has stopped");
    let handle = &started.terminal.handle;
    handle.configuration().wait_for(|now| now.offline.enabled).await.map_err(stopped)?;
    handle.set_internet(false);
    handle.till().standing().wait_for(|now| !now.online).await.map_err(stopped)?;
    Ok(())
}
