//! The endpoints of the receivers: whoever owns one makes it, holds it back for a while and rolls its secret, on as bad
//! a day as everybody else's. In the end every receiver must have been told all that happened since (I17).

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rand::RngExt as _;
use serde::Deserialize;
use tokio::time::{sleep, timeout};
use vinr_server::access::Principal;
use vinr_server::once::{IdempotencyKey, Said};
use vinr_server::refusal::Refusal;
use vinr_server::store::{MemoryStore, Posted, Store as _};
use vinr_server::webhooks::{Dialer, SealKey, WebhookSettings, Webhooks};
use vinr_wire::rest::version::ApiVersion;
use vinr_wire::rest::webhook::{EndpointChanges, EndpointCreation, Policy, SigningSecret, Topics};

use super::happening::Happening;
use super::log::Log;
use super::receivers::{Receiver, Receivers};
use super::till::Till;

/// How often a wish is repeated.
const TRIES: u32 = 200;
/// How many events are read at once.
const PORTION: u32 = 500;
/// How long an old secret signs beside a new one.
const OVERLAP_MS: i64 = 7 * 24 * 3_600_000;

/// Since which place in the order of the events a receiver must have been told everything.
#[derive(Clone, Default)]
pub(super) struct Subscriptions(Arc<Mutex<BTreeMap<String, u64>>>);

/// What is read of an answer.
#[derive(Deserialize)]
struct Answer {
    id: String,
    secret: Option<String>,
}

/// How the server of a world tells the receivers. Nobody gives up on a delivery before the storm is over.
pub(super) fn settings(receivers: &Receivers, at_once: usize) -> WebhookSettings {
    WebhookSettings {
        policy: Policy { plain_http: true, private_addresses: true },
        retries_ms: [1_000, 2_000, 5_000].into_iter().chain([15_000; 1_000]).collect(),
        at_once,
        key: Some(SealKey::from_bytes([17; 32])),
        dialer: Some(Dialer::new(Arc::new(receivers.clone()))),
        ..WebhookSettings::default()
    }
}

/// Makes the receiver's endpoint, and does with it what owners do. In the end it is enabled.
pub(super) async fn own(mut till: Till, receiver: Arc<Receiver>, subscriptions: Subscriptions) {
    let pause = till.rng.random_range(0..20_000);
    sleep(Duration::from_millis(pause)).await;
    let Some(id) = make(&mut till, &receiver, &subscriptions).await else { return };
    for number in 0..till.rng.random_range(0..4_u32) {
        let pause = till.rng.random_range(1_000..40_000);
        sleep(Duration::from_millis(pause)).await;
        if till.rng.random_bool(0.3) {
            roll(&mut till, &receiver, &id, number).await;
            continue;
        }
        set(&mut till, &id, number, false).await;
        till.log.happened(Happening::HeldBack);
        let pause = till.rng.random_range(1_000..40_000);
        sleep(Duration::from_millis(pause)).await;
        set(&mut till, &id, number, true).await;
    }
}

async fn make(till: &mut Till, receiver: &Receiver, subscriptions: &Subscriptions) -> Option<String> {
    let url = receiver.url();
    let said = insist(till, "make", 0, |webhooks, who, key| {
        let new = EndpointCreation {
            url: url.clone(),
            topics: Topics::all(),
            description: None,
            version: ApiVersion::V2026_06_11,
            metadata: BTreeMap::new(),
        };
        async move { webhooks.create(&who, new, Some(key)).await }
    });
    let answer = said.await?;
    if let Some(secret) = answer.secret.as_deref().and_then(SigningSecret::parse) {
        receiver.learn(secret);
    }
    let since = *till.cloud.store.tail().borrow();
    till.log.say(&till.name, format_args!("{} is told of all behind {since}", receiver.name));
    subscriptions.0.lock().unwrap_or_else(PoisonError::into_inner).insert(receiver.name.clone(), since);
    Some(answer.id)
}

async fn roll(till: &mut Till, receiver: &Receiver, id: &str, number: u32) {
    let said = insist(till, "roll", number, |webhooks, who, key| {
        let id = id.to_owned();
        async move { webhooks.roll(&who, &id, OVERLAP_MS, Some(key)).await }
    });
    let answer = said.await;
    if let Some(secret) = answer.and_then(|answer| answer.secret).as_deref().and_then(SigningSecret::parse) {
        receiver.learn(secret);
    }
}

async fn set(till: &mut Till, id: &str, number: u32, enabled: bool) {
    let what = if enabled { "enable" } else { "disable" };
    insist(till, what, number, |webhooks, who, key| {
        let id = id.to_owned();
        let wanted = EndpointChanges { enabled: Some(enabled), ..EndpointChanges::default() };
        async move { webhooks.update(&who, &id, wanted, Some(key)).await }
    })
    .await;
}

/// Asks until there is an answer. Some hang up first, and their wish is one all the same.
async fn insist<F>(
    till: &mut Till,
    what: &str,
    number: u32,
    ask: impl Fn(Webhooks, Arc<Principal>, IdempotencyKey) -> F,
) -> Option<Answer>
where
    F: Future<Output = Result<Said, Refusal>>,
{
    let name = till.name.clone();
    for _ in 0..TRIES {
        let key = IdempotencyKey {
            operation: what.into(),
            key: format!("{name} {what} {number}").into(),
            fingerprint: [17; 32],
        };
        let patience = till.rng.random_range(5..3_000);
        let asked = till.ask_platform(|platform, who| ask(platform.applications.webhooks.clone(), who, key));
        match timeout(Duration::from_millis(patience), asked).await.ok().flatten() {
            Some(Ok(said)) => {
                till.log.say(&name, format_args!("{what} {number}: {}", said.status));
                return serde_json::from_slice(&said.body).ok();
            }
            None | Some(Err(Refusal::Overloaded | Refusal::Unavailable { .. })) => {}
            Some(Err(refusal)) => {
                till.log.violated("I17", format_args!("{name} cannot {what} an endpoint: {refusal}"));
                return None;
            }
        }
        let pause = till.rng.random_range(100..3_000);
        sleep(Duration::from_millis(pause)).await;
    }
    till.log.violated("I17", format_args!("{name} cannot {what} an endpoint at all"));
    None
}

/// Every event behind a place.
async fn behind(store: &MemoryStore, mut place: u64) -> Vec<Posted> {
    let mut all = Vec::new();
    loop {
        let found = store.events_after_across_accounts(place, PORTION).await.unwrap_or_default();
        let Some(last) = found.last() else { return all };
        place = last.ordinal;
        all.extend(found);
    }
}

impl Subscriptions {
    fn of(&self, receiver: &Receiver) -> Option<u64> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&receiver.name).copied()
    }

    /// Whether every receiver has been told everything.
    pub(super) async fn are_at_rest(&self, receivers: &Receivers, store: &MemoryStore) -> bool {
        for receiver in receivers.all() {
            let Some(since) = self.of(receiver) else { continue };
            if behind(store, since).await.iter().any(|posted| !receiver.has(&posted.event.id.to_string())) {
                return false;
            }
        }
        true
    }

    /// Says what a receiver has never been told.
    pub(super) async fn verify(&self, receivers: &Receivers, store: &MemoryStore, log: &Log) {
        for receiver in receivers.all() {
            // Whoever could not make an endpoint has said so.
            let Some(since) = self.of(receiver) else { continue };
            log.say(&receiver.name, format_args!("has taken {} events", receiver.count()));
            for Posted { ordinal, event } in behind(store, since).await {
                if !receiver.has(&event.id.to_string()) {
                    let (id, object, sequence) = (event.id, &event.object_id, event.sequence);
                    let what = format_args!("{id} ({object} {sequence}, place {ordinal})");
                    log.violated("I17", format_args!("{} was never told {what}", receiver.name));
                }
            }
        }
    }
}
