//! Follows the events as they become durable and puts each into the mailboxes of the endpoints that want it. Reads every
//! event once, however many endpoints there are, and waits for none of them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use arc_swap::ArcSwap;
use tokio::sync::watch;
use tokio::time::Instant;

use super::courier::{Courier, Depot, wants};
use super::endpoint::{EndpointRow, EndpointStatus};
use super::mailbox::Mailbox;
use crate::store::{DeliveryRow, Scope, StoreError, Stored};

/// How many events are read at once.
const PORTION: u32 = 512;
/// How long until the store is asked again when it did not answer.
const STORE_PAUSE: Duration = Duration::from_secs(1);
/// How often endpoints that want nothing are told how far they are.
const QUIET: Duration = Duration::from_secs(30);

type Boxes = HashMap<Scope, Vec<Arc<Mailbox>>>;

/// Every endpoint that is enabled.
pub(super) struct Outbox {
    depot: Depot,
    boxes: ArcSwap<Boxes>,
    /// Changes are made one at a time.
    changing: Mutex<()>,
}

impl Outbox {
    /// Without any endpoint.
    pub(super) fn new(depot: Depot) -> Arc<Self> {
        Arc::new(Self { depot, boxes: ArcSwap::default(), changing: Mutex::new(()) })
    }

    /// Begins to send to an endpoint, behind the place.
    pub(super) fn enlist(&self, endpoint: EndpointRow, cursor: u64) {
        let scope = endpoint.scope().clone();
        let mailbox = Arc::new(Mailbox::new(endpoint));
        self.change(|boxes| boxes.entry(scope).or_default().push(Arc::clone(&mailbox)));
        // Whatever has been routed before this moment is read from the store.
        mailbox.open(*self.depot.office.store.tail().borrow());
        let depot = self.depot.clone();
        self.depot.office.tasks.spawn(async move {
            loop {
                match Courier::prepare(depot.clone(), Arc::clone(&mailbox), cursor).await {
                    Ok(courier) => return courier.run().await,
                    Err(StoreError::Closed) => return,
                    Err(error) => {
                        tracing::error!(%error, "deliveries could not be read; they are read again");
                    }
                }
                tokio::time::sleep(STORE_PAUSE).await;
            }
        });
    }

    /// The endpoint is now like this. Says whether it was there.
    pub(super) fn update(&self, endpoint: &EndpointRow) -> bool {
        let Some(mailbox) = self.find(endpoint.scope(), endpoint.name()) else { return false };
        if endpoint.status == EndpointStatus::Enabled {
            mailbox.change(endpoint.clone());
        } else {
            self.dismiss(endpoint.scope(), endpoint.name());
        }
        true
    }

    /// Sends nothing more to an endpoint.
    pub(super) fn dismiss(&self, scope: &Scope, name: &str) {
        if let Some(mailbox) = self.find(scope, name) {
            mailbox.stop();
        }
        self.change(|boxes| {
            if let Some(of_scope) = boxes.get_mut(scope) {
                of_scope.retain(|mailbox| mailbox.endpoint.load().name() != name);
            }
        });
    }

    /// A delivery is wanted again; `false` when the endpoint takes nothing.
    pub(super) fn again(&self, row: DeliveryRow) -> bool {
        self.find(&row.scope, &row.endpoint).is_some_and(|mailbox| mailbox.again(row))
    }

    fn find(&self, scope: &Scope, name: &str) -> Option<Arc<Mailbox>> {
        let boxes = self.boxes.load();
        let found = boxes.get(scope)?.iter().find(|mailbox| mailbox.endpoint.load().name() == name);
        found.filter(|mailbox| !mailbox.stopped()).map(Arc::clone)
    }

    fn change(&self, change: impl FnOnce(&mut Boxes)) {
        let _turn = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        let mut boxes = Boxes::clone(&self.boxes.load());
        change(&mut boxes);
        boxes.retain(|_, of_scope| {
            of_scope.retain(|mailbox| !mailbox.stopped());
            !of_scope.is_empty()
        });
        self.boxes.store(Arc::new(boxes));
    }

    /// Follows the events until the platform ends, from the place at which the tail is when this is called: what happens
    /// before the task has its first turn is neither in the past of an endpoint enlisted now nor lost.
    pub(super) fn follow(self: Arc<Self>) {
        let mut tail = self.depot.office.store.tail();
        let at = *tail.borrow_and_update();
        let tasks = self.depot.office.tasks.clone();
        tasks.spawn(self.run(tail, at));
    }

    async fn run(self: Arc<Self>, mut tail: watch::Receiver<u64>, mut at: u64) {
        let store = Arc::clone(&self.depot.office.store);
        let mut quiet_at = Instant::now() + QUIET;
        loop {
            match store.events_after_across_accounts(at, PORTION).await {
                Ok(events) => {
                    let boxes = self.boxes.load_full();
                    for posted in &events {
                        at = posted.ordinal;
                        for mailbox in boxes.get(&posted.event.scope).into_iter().flatten() {
                            if wants(&mailbox.endpoint.load(), posted) {
                                mailbox.put(posted);
                            }
                        }
                    }
                    if events.len() as u32 == PORTION {
                        continue;
                    }
                }
                Err(StoreError::Closed) => return,
                Err(error) => {
                    tracing::error!(%error, "events could not be read; they are read again");
                    tokio::time::sleep(STORE_PAUSE).await;
                }
            }
            if Instant::now() >= quiet_at {
                quiet_at = Instant::now() + QUIET;
                self.boxes.load().values().flatten().for_each(|mailbox| mailbox.see(at));
            }
            tokio::select! {
                biased;
                changed = tail.changed() => if changed.is_err() { return },
                () = tokio::time::sleep_until(quiet_at) => {}
            }
        }
    }
}
