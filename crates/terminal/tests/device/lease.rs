//! The lease: a command that has expired, or whose time nobody knows, does not run (contract 3.3).

use crate::world::Bench;
use vinr_domain::IntentId;
use vinr_domain::payment::EndCause;
use vinr_terminal::screen::Screen;
use vinr_wire::link::{Simulation, ToCloud, ToTerminal};

const ONE: IntentId = IntentId(1);
const LEASE_OVER: ToCloud =
    ToCloud::Ended { intent: ONE, attempt_epoch: 1, cause: EndCause::LeaseOver, origin: None };

#[tokio::test(start_paused = true)]
async fn an_expired_command_leaves_a_tombstone_and_no_prompt() {
    let mut bench = Bench::new().await;
    let mut collect = bench.collect(1);
    // Not over yet, but within the error of the terminal's idea of server time.
    collect.deadline = bench.cloud.now().plus_ms(1);
    bench.cloud.send(ToTerminal::Collect(collect.clone()));
    assert_eq!(bench.cloud.recv().await, LEASE_OVER);
    assert!(matches!(bench.screen(), Screen::Idle { .. }));
    collect.deadline = bench.cloud.now().plus_ms(90_000);
    bench.cloud.send(ToTerminal::Collect(collect));
    assert_eq!(bench.cloud.recv().await, LEASE_OVER, "what has ended here is not started by a longer lease");
}

#[tokio::test(start_paused = true)]
async fn a_prompt_ends_before_its_lease_by_the_error_of_the_clock() {
    let mut bench = Bench::new().await;
    let mut collect = bench.collect(1);
    collect.deadline = bench.cloud.now().plus_ms(10_000);
    collect.simulation = Some(Simulation { card: None, delay_ms: Some(10_000) });
    bench.prompts(&collect).await;
    assert_eq!(bench.cloud.recv().await, LEASE_OVER);
    let early_ms = collect.deadline.ms_since(bench.cloud.now());
    assert!((1..=20).contains(&early_ms), "{early_ms} ms before the end");
}

#[tokio::test(start_paused = true)]
async fn without_server_time_no_command_of_the_cloud_is_carried_out() {
    let mut bench = Bench::new().await;
    let mut collect = bench.collect(1);
    collect.simulation = Some(Simulation { card: None, delay_ms: Some(400_000) });
    collect.deadline = bench.cloud.now().plus_ms(3_600_000);
    bench.config.settings.prompt_timeout_ms = 3_600_000;
    bench.shutdown().await;
    bench.start().await;
    bench.prompts(&collect).await;
    let begun = bench.cloud.now();
    // Nothing is heard of the cloud any more, and it lets nobody in.
    bench.cloud.door(false);
    bench.cloud.cut();
    bench.shows(|screen| matches!(screen, Screen::Cancelled { cause: EndCause::LeaseOver })).await;
    let after_ms = bench.cloud.now().ms_since(begun);
    assert!((299_000..=301_000).contains(&after_ms), "{after_ms} ms after the last word");
    bench.cloud.door(true);
    assert_eq!(bench.cloud.recv().await, LEASE_OVER);
}

#[tokio::test(start_paused = true)]
async fn a_prompt_that_power_loss_interrupted_ends_with_its_lease() {
    let mut bench = Bench::new().await;
    let mut one = bench.collect(1);
    one.simulation = crate::world::nobody();
    bench.prompts(&one).await;
    // The next sync takes the entry along.
    bench.cloud.send(ToTerminal::Cancel { intent: IntentId(2), attempt_epoch: 1 });
    bench.cloud.recv().await;
    bench.lose_power().await;
    bench.start().await;
    let said = bench.cloud.gather(20 * 60_000).await;
    assert!(said.contains(&LEASE_OVER), "{said:?}");
}
