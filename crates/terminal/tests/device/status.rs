//! How the device is: told after every greeting and whenever it changes, and no more often.

use std::sync::atomic::Ordering;

use crate::world::{Bench, pass};
use vinr_domain::{Attention, DeclineCode};
use vinr_wire::link::{CollectAnswer, DeviceStatus, Takes, ToCloud, ToTerminal};

fn last(bench: &Bench) -> DeviceStatus {
    bench.cloud.asides().status.last().cloned().expect("a status was said")
}

#[tokio::test(start_paused = true)]
async fn a_change_is_told_once() {
    let bench = Bench::new().await;
    pass(60_000).await;
    let healthy = DeviceStatus { software_version: "1.4.0".into(), ..DeviceStatus::default() };
    assert_eq!(bench.cloud.asides().status, [healthy]);
    assert!(bench.terminal().set_battery(Some(87)).await);
    pass(1_000).await;
    assert_eq!(last(&bench).battery_percent, Some(87));
    assert!(bench.terminal().set_battery(Some(15)).await);
    pass(1_000).await;
    assert_eq!(last(&bench).needs_attention, [Attention::BatteryLow].into());
    assert_eq!(bench.cloud.asides().status.len(), 3);
    bench.terminal().set_battery(None).await;
    bench.printer.set_paper(false);
    // Looked at whenever anything happens, at the latest when the journal is tidied.
    pass(700_000).await;
    assert_eq!(last(&bench).needs_attention, [Attention::PaperOut].into());
    bench.printer.set_paper(true);
    pass(700_000).await;
    assert!(last(&bench).needs_attention.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_new_link_is_told_again() {
    let mut bench = Bench::new().await;
    bench.printer.set_paper(false);
    bench.cloud.cut();
    bench.cloud.connected().await;
    pass(1_000).await;
    assert_eq!(last(&bench).needs_attention, [Attention::PaperOut].into());
    // The heartbeat and the next greeting know the battery.
    bench.terminal().set_battery(Some(50)).await;
    pass(1_000).await;
    bench.cloud.cut();
    bench.cloud.connected().await;
    assert_eq!(bench.cloud.asides().hello.battery_percent, Some(50));
}

#[tokio::test(start_paused = true)]
async fn a_clock_that_is_wrong_is_told() {
    let bench = Bench::new().await;
    bench.clock.set_ahead(-301_000);
    pass(21_000).await;
    assert_eq!(last(&bench).needs_attention, [Attention::ClockUnsynced].into());
    bench.clock.set_ahead(60_000);
    pass(21_000).await;
    assert!(last(&bench).needs_attention.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_broken_reader_takes_no_payment() {
    let mut bench = Bench::new().await;
    bench.breaker().store(true, Ordering::Relaxed);
    let collect = bench.collect(1);
    bench.cloud.send(ToTerminal::Collect(collect));
    let ToCloud::CollectAnswer(CollectAnswer { answer, .. }) = bench.cloud.recv().await else {
        panic!("not an answer");
    };
    assert_eq!(answer, Takes::Refused(DeclineCode::TerminalLocked));
    pass(100).await;
    assert_eq!(last(&bench).needs_attention, [Attention::ReaderFault].into());
}
