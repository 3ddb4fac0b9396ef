//! Announcements for real: multicast DNS over the loopback interface, looked for as a till does.

use std::collections::BTreeMap;
use std::time::Duration;

use mdns_sd::{IfKind, Receiver, ServiceDaemon, ServiceEvent};
use tokio::time::timeout;
use vinr_terminal::lan::Announce;

use crate::shop::{Shop, TERMINAL};

const SERVICE: &str = "_vinr-terminal._tcp.local.";
const PATIENCE: Duration = Duration::from_secs(30);

/// Who looks for terminals on this machine.
struct Browser {
    daemon: ServiceDaemon,
    events: Receiver<ServiceEvent>,
    /// Port and texts by instance.
    found: BTreeMap<String, (u16, BTreeMap<String, String>)>,
}

impl Browser {
    fn new() -> Self {
        let daemon = ServiceDaemon::new().unwrap();
        daemon.disable_interface(IfKind::All).unwrap();
        daemon.enable_interface(IfKind::LoopbackV4).unwrap();
        let events = daemon.browse(SERVICE).unwrap();
        Self { daemon, events, found: BTreeMap::new() }
    }

    /// Follows what is announced until `seen` is content.
    async fn until(&mut self, what: &str, seen: impl Fn(&Self) -> bool) {
        let watching = async {
            while !seen(self) {
                match self.events.recv_async().await.unwrap() {
                    ServiceEvent::ServiceResolved(service) => {
                        let texts = service.txt_properties.iter();
                        let texts =
                            texts.map(|text| (text.key().to_owned(), text.val_str().to_owned())).collect();
                        self.found.insert(service.fullname.clone(), (service.port, texts));
                    }
                    ServiceEvent::ServiceRemoved(_, name) => {
                        self.found.remove(&name);
                    }
                    _ => {}
                }
            }
        };
        timeout(PATIENCE, watching).await.unwrap_or_else(|_| panic!("{what}"));
    }

    fn ports(&self) -> Vec<u16> {
        self.found.values().map(|(port, _)| *port).collect()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.daemon.shutdown();
    }
}

async fn announced() -> Shop {
    Shop::announced(|_| {}, |_| {}, Announce::LoopbackToo).await
}

#[tokio::test]
async fn terminals_of_one_host_are_found_with_what_they_are_and_withdrawn_with_their_doors() {
    let (mut first, second) = (announced().await, announced().await);
    let (one, two) = (first.https().port(), second.https().port());
    let mut browser = Browser::new();
    browser.until("both are found", |seen| [one, two].iter().all(|port| seen.ports().contains(port))).await;
    for port in [one, two] {
        let (name, (_, texts)) = browser.found.iter().find(|(_, (at, _))| *at == port).unwrap();
        assert!(name.starts_with(&format!("{TERMINAL}-{port}.")), "{name}");
        let expected =
            [("id", TERMINAL), ("model", "simulator"), ("modes", "local,cashless"), ("protocol", "1")];
        for (key, value) in expected {
            assert_eq!(texts.get(key).map(String::as_str), Some(value), "{key} of {texts:?}");
        }
    }
    // Another door, another text.
    first.change(|access| access.cashless = false).await;
    let modes = |seen: &Browser, port: u16| {
        let found = seen.found.values().find(|(at, _)| *at == port);
        found.and_then(|(_, texts)| texts.get("modes").cloned())
    };
    browser.until("the modes change", |seen| modes(seen, one).as_deref() == Some("local")).await;
    // No door, no announcement; the neighbour stays.
    first.change(|access| access.local_api = false).await;
    browser.until("it is withdrawn", |seen| !seen.ports().contains(&one)).await;
    assert!(browser.ports().contains(&two));
    let Shop { lan, .. } = second;
    lan.shutdown().await;
    browser.until("so is one that ends", |seen| !seen.ports().contains(&two)).await;
}
