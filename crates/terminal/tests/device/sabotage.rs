//! Each planted bug does what it says, seen from the cloud. That a simulated world finds them is that world's test.

use vinr_domain::IntentId;
use vinr_domain::payment::EndCause;
use vinr_terminal::{CrashPoint, Sabotage};
use vinr_wire::link::{ToCloud, ToTerminal};

use crate::world::Bench;

const ONE: IntentId = IntentId(1);

async fn with(bug: Sabotage) -> Bench {
    let mut bench = Bench::off().await;
    bench.config.sabotage = Some(bug);
    bench.start().await;
    bench
}

#[tokio::test(start_paused = true)]
async fn without_the_sync_a_power_loss_gives_the_number_again() {
    let mut found = false;
    for seed in 0..20 {
        let mut bench = Bench::off().await;
        bench.config.sabotage = Some(Sabotage::SkipJournalSync);
        bench.reseed(seed);
        bench.start().await;
        let collect = bench.collect(1);
        bench.trap.set(CrashPoint::RequestSent);
        bench.prompts(&collect).await;
        let (stan, _) = bench.request(ONE).await;
        bench.crashed(CrashPoint::RequestSent).await;
        bench.start().await;
        bench.cloud.send(ToTerminal::Collect(bench.collect(2)));
        for said in bench.cloud.gather(5_000).await {
            found |= matches!(said, ToCloud::Authorize(again) if again.request.stan == stan);
        }
    }
    assert!(found);
}

#[tokio::test(start_paused = true)]
async fn a_restarted_intent_asks_twice() {
    let mut bench = with(Sabotage::RestartKnownIntent).await;
    let collect = bench.collect(1);
    bench.prompts(&collect).await;
    let (stan, _) = bench.request(ONE).await;
    bench.approve(ONE, stan);
    bench.cloud.recv().await;
    bench.prompts(&collect).await;
    assert_ne!(bench.request(ONE).await.0, stan);
}

#[tokio::test(start_paused = true)]
async fn without_the_tombstone_a_late_command_runs() {
    let mut bench = with(Sabotage::IgnoreTombstone).await;
    bench.cloud.send(ToTerminal::Cancel { intent: ONE, attempt_epoch: 1 });
    let ended = ToCloud::Ended { intent: ONE, attempt_epoch: 1, cause: EndCause::Cancelled, origin: None };
    assert_eq!(bench.cloud.recv().await, ended);
    let collect = bench.collect(1);
    bench.prompts(&collect).await;
    bench.request(ONE).await;
}
