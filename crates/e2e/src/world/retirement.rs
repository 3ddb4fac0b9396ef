//! A terminal that is taken out of service in the middle of a payment (I16): whoever asks for that is on a bad day
//! too. Afterwards nobody lets the terminal in, it charges nobody, and what it was doing comes to an end.

use std::sync::Arc;
use std::time::Duration;

use rand::RngExt as _;
use tokio::time::sleep;
use vinr_server::once::IdempotencyKey;
use vinr_server::refusal::Refusal;

use super::bank::Bank;
use super::happening::Happening;
use super::streams::stream;
use super::till::Till;

/// The order of the sale that is under way, and of the one that comes too late.
const UNDER_WAY: u64 = 3_000;
const TOO_LATE: u64 = 3_001;
/// How long a link may outlive the answer.
const IS_CUT_WITHIN: Duration = Duration::from_secs(2);
/// Longer than the slowest commits before and after a request that was heard in time.
const IS_PASSED_ON_WITHIN: Duration = Duration::from_secs(10);
/// How often it is asked for.
const TRIES: u32 = 40;

/// Whether the world has a terminal that is taken out of service: one in three has.
pub(super) fn happens(seed: u64) -> bool {
    stream(seed, "retirement", 0).random_range(0..3_u32) == 0
}

/// Takes the till's only terminal out of service while somebody pays there.
pub(super) async fn retire(mut till: Till, bank: Arc<Bank>) {
    let before = till.rng.random_range(1_000..40_000);
    sleep(Duration::from_millis(before)).await;
    let delay_ms = till.rng.random_range(2_000..25_000);
    let sale = till.begin_at_leisure(UNDER_WAY, delay_ms).await;
    let in_the_middle = till.rng.random_range(100..6_000);
    sleep(Duration::from_millis(in_the_middle)).await;
    if !deactivated(&mut till).await {
        return;
    }
    till.log.happened(Happening::Deactivated);
    if let Some(id) = sale
        && !till.has_ended(id).await
    {
        till.log.happened(Happening::DeactivatedMidPayment);
    }
    sleep(IS_CUT_WITHIN).await;
    let name = till.stations[0].line.identity.to_string();
    let link = name.clone();
    let online = till
        .cloud
        .call(|platform| async move {
            platform.directory.find_by_link_id(&link).is_some_and(|terminal| terminal.is_online())
        })
        .await;
    if online == Some(true) {
        till.log.violated("I16", format_args!("{name} is out of service and still connected"));
    }
    sleep(IS_PASSED_ON_WITHIN).await;
    bank.expects_nothing_of(&name);
    till.is_refused_at(TOO_LATE).await;
}

async fn deactivated(till: &mut Till) -> bool {
    let name: Arc<str> = till.stations[0].line.identity.to_string().into();
    for _ in 0..TRIES {
        let key = IdempotencyKey {
            operation: "deactivate".into(),
            key: "deactivate".into(),
            fingerprint: [16; 32],
        };
        let id = Arc::clone(&name);
        let heard = till
            .ask_platform(move |platform, who| async move {
                let pairing = platform.applications.pairing.clone();
                pairing.deactivate(&who, &id, Some(key)).await
            })
            .await;
        match heard {
            Some(Ok(said)) => {
                till.log.say(&till.name, format_args!("{name} is out of service: {}", said.status));
                return true;
            }
            None | Some(Err(Refusal::Overloaded | Refusal::Unavailable { .. })) => {}
            Some(Err(refusal)) => {
                till.log.violated("I16", format_args!("{name} cannot be taken out of service: {refusal}"));
                return false;
            }
        }
        let pause = till.rng.random_range(100..3_000);
        sleep(Duration::from_millis(pause)).await;
    }
    false
}
