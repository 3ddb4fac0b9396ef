//! Asks the local network for terminals: DNS-SD over multicast DNS. What answers is a hint and no proof: the certificate
//! says who is there.

use std::time::Duration;

use mdns_sd::{IfKind, ServiceDaemon, ServiceEvent};
use tokio::time::{Instant, timeout_at};

use super::addresses::Place;

const SERVICE: &str = "_vinr-terminal._tcp.local.";
/// More are not terminals of one shop.
const MOST: usize = 1_000;

/// What somebody on the network announces.
#[derive(Debug, Clone)]
pub(super) struct Hint {
    pub id: String,
    pub model: String,
    pub place: Place,
}

/// Everybody who announces a terminal before the time is over; with `wanted` until that one is there.
pub(super) async fn browse(limit: Duration, wanted: Option<&str>) -> Vec<Hint> {
    let Ok(daemon) = ServiceDaemon::new() else { return Vec::new() };
    // A terminal that is developed on this machine announces itself there.
    let _ = daemon.enable_interface(vec![IfKind::LoopbackV4]);
    let mut found: Vec<Hint> = Vec::new();
    if let Ok(events) = daemon.browse(SERVICE) {
        let until = Instant::now() + limit;
        while let Ok(Ok(event)) = timeout_at(until, events.recv_async()).await {
            let ServiceEvent::ServiceResolved(service) = event else { continue };
            let Some(id) = service.get_property_val_str("id").map(str::to_owned) else { continue };
            let model = service.get_property_val_str("model").unwrap_or_default().to_owned();
            for ip in service.get_addresses_v4() {
                let place = Place { host: ip.to_string(), port: service.get_port() };
                if found.len() < MOST && !found.iter().any(|one| one.id == id && one.place == place) {
                    found.push(Hint { id: id.clone(), model: model.clone(), place });
                }
            }
            if found.iter().any(|one| Some(one.id.as_str()) == wanted) {
                break;
            }
        }
    }
    let _ = daemon.shutdown();
    found
}
