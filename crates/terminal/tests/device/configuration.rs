//! Configuration: applied when no payment is on the screen, durable before it is acknowledged, never an older one.

use crate::world::{Bench, nobody, pass};
use vinr_domain::IntentId;
use vinr_terminal::CrashPoint;
use vinr_terminal::screen::Screen;
use vinr_wire::link::{ConfigApplied, Configure, ToCloud, ToTerminal};

const ONE: IntentId = IntentId(1);

pub fn configure(version: u64, json: &str) -> ToTerminal {
    ToTerminal::Configure(Configure { version, config: json.as_bytes().to_vec().into() })
}

fn welcome(version: u64, text: &str) -> ToTerminal {
    configure(version, &format!(r#"{{"display":{{"idleMessage":"{text}"}}}}"#))
}

fn applied(version: u64) -> ToCloud {
    ToCloud::ConfigApplied(ConfigApplied { version, error: None })
}

fn idle(text: &str) -> impl Fn(&Screen) -> bool {
    move |screen| matches!(screen, Screen::Idle { message } if message == text)
}

#[tokio::test(start_paused = true)]
async fn an_idle_terminal_applies_at_once_and_remembers() {
    let mut bench = Bench::new().await;
    assert_eq!(bench.cloud.asides().hello.config_version, 0);
    bench.cloud.send(welcome(7, "Welcome to Acme Coffee"));
    assert_eq!(bench.cloud.recv().await, applied(7));
    bench.shows(idle("Welcome to Acme Coffee")).await;
    bench.lose_power().await;
    bench.start().await;
    assert_eq!(bench.cloud.asides().hello.config_version, 7);
    bench.shows(idle("Welcome to Acme Coffee")).await;
    // Known, and older: answered with what is in force.
    for version in [7, 3] {
        bench.cloud.send(welcome(version, "Older"));
        assert_eq!(bench.cloud.recv().await, applied(7));
    }
    assert!(idle("Welcome to Acme Coffee")(&bench.screen()));
}

#[tokio::test(start_paused = true)]
async fn a_payment_on_the_screen_is_not_disturbed() {
    let mut bench = Bench::new().await;
    let mut collect = bench.collect(1);
    collect.simulation = nobody();
    bench.prompts(&collect).await;
    bench.cloud.send(welcome(1, "First"));
    bench.cloud.send(welcome(2, "Second"));
    bench.cloud.silence(10_000).await;
    assert!(matches!(bench.screen(), Screen::Prompt { .. }));
    assert!(bench.terminal().press_cancel().await);
    assert!(matches!(bench.cloud.recv().await, ToCloud::Ended { intent: ONE, .. }));
    // Only the newest counts.
    assert_eq!(bench.cloud.recv().await, applied(2));
    bench.shows(idle("Second")).await;
    bench.cloud.silence(10_000).await;
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_applied_is_refused_by_its_key_and_the_rest_stays() {
    let mut bench = Bench::new().await;
    bench.cloud.send(welcome(1, "Hello"));
    assert_eq!(bench.cloud.recv().await, applied(1));
    let wrong = configure(2, r#"{"display":{"idleMessage":"New"},"tip":{"mode":"odd"}}"#);
    for _ in 0..2 {
        bench.cloud.send(wrong.clone());
        let ToCloud::ConfigApplied(said) = bench.cloud.recv().await else { panic!("not an answer") };
        assert_eq!(said.version, 2);
        assert_eq!(said.error.unwrap(), "`tip[mode]` is neither `percentage` nor `fixed`");
        // Also after a restart: from memory.
        bench.lose_power().await;
        bench.start().await;
        assert_eq!(bench.cloud.asides().hello.config_version, 1);
        bench.shows(idle("Hello")).await;
    }
    bench.cloud.send(welcome(3, "Third"));
    assert_eq!(bench.cloud.recv().await, applied(3));
}

#[tokio::test(start_paused = true)]
async fn offline_settings_are_kept_and_shown() {
    let mut bench = Bench::new().await;
    let json =
        r#"{"offlineMode":{"enabled":true,"maxAmount":5000,"maxQueue":50},"localApi":{"enabled":true}}"#;
    bench.cloud.send(configure(1, json));
    assert_eq!(bench.cloud.recv().await, applied(1));
    let in_force = bench.terminal().configuration().borrow().clone();
    assert!(in_force.offline.enabled);
    assert_eq!((in_force.offline.max_amount_minor, in_force.offline.max_queue), (Some(5_000), Some(50)));
}

#[tokio::test(start_paused = true)]
async fn a_configuration_is_acknowledged_only_once_it_survives_a_power_loss() {
    for (point, survives) in [(CrashPoint::MemoryNotWritten, false), (CrashPoint::MemoryWritten, true)] {
        let mut bench = Bench::new().await;
        bench.trap.set(point);
        bench.cloud.send(welcome(1, "Hello"));
        bench.crashed(point).await;
        assert_eq!(bench.cloud.gather(100).await, []);
        bench.start().await;
        assert_eq!(bench.cloud.asides().hello.config_version, u64::from(survives), "{point:?}");
        bench.cloud.send(welcome(1, "Hello"));
        assert_eq!(bench.cloud.recv().await, applied(1));
        pass(100).await;
        bench.shows(idle("Hello")).await;
    }
}
