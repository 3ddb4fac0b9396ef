//! What a terminal may conclude about the cloud's clock.

use proptest::prelude::*;
use vinr_domain::Timestamp;
use vinr_wire::link::ClockSync;

const EPOCH: i64 = 1_800_000_000_000;

fn learned(sent_ms: i64, received_ms: i64, server_ms: i64) -> ClockSync {
    let mut clock = ClockSync::new();
    clock.learn(sent_ms, received_ms, Timestamp(EPOCH + server_ms));
    clock
}

#[test]
fn without_an_answer_there_is_no_time_and_no_lease() {
    let clock = ClockSync::new();
    assert_eq!(clock.server_now(0), None);
    assert!(clock.lease_over(Timestamp(i64::MAX), 0));
}

#[test]
fn the_error_is_half_the_round_trip_and_grows_with_age() {
    let clock = learned(1_000, 1_100, 5_000);
    assert_eq!(clock.server_now(1_100), Some((Timestamp(EPOCH + 5_050), 53)));
    // 60 s at 200 millionths: 12 ms more.
    assert_eq!(clock.server_now(61_000), Some((Timestamp(EPOCH + 64_950), 64)));
}

#[test]
fn after_five_minutes_of_silence_nothing_is_known() {
    let clock = learned(0, 10, 0);
    assert!(clock.server_now(300_010).is_some());
    assert_eq!(clock.server_now(300_011), None);
    assert!(clock.lease_over(Timestamp(i64::MAX), 300_011));
}

#[test]
fn a_lease_is_over_as_soon_as_it_may_be() {
    let clock = learned(1_000, 1_100, 5_000);
    let (now, error_ms) = clock.server_now(1_100).unwrap();
    assert!(clock.lease_over(now.plus_ms(error_ms), 1_100));
    assert!(!clock.lease_over(now.plus_ms(error_ms + 1), 1_100));
}

#[test]
fn a_quick_answer_is_kept_when_a_slow_one_follows() {
    let mut clock = learned(0, 10, 0);
    let before = clock.server_now(2_000);
    clock.learn(1_000, 2_000, Timestamp(EPOCH + 1_700));
    assert_eq!(clock.server_now(2_000), before);
    clock.learn(3_000, 3_002, Timestamp(EPOCH + 2_996));
    assert_eq!(clock.server_now(3_002), Some((Timestamp(EPOCH + 2_997), 4)));
}

#[test]
fn a_cloud_whose_clock_was_set_is_believed() {
    let mut clock = learned(0, 10, 0);
    clock.learn(1_000, 1_400, Timestamp(EPOCH + 60_000));
    assert_eq!(clock.server_now(1_400).unwrap().0, Timestamp(EPOCH + 60_200));
}

#[test]
fn an_answer_before_its_question_is_dropped() {
    assert_eq!(learned(10, 9, 0).server_now(10), None);
}

proptest! {
    /// The figure that the safety of every lease rests on: however the answers were delayed and however the two
    /// clocks drift (within the bound), the cloud's true time is never outside the error.
    #[test]
    fn the_true_time_is_within_the_error(
        drift_ppm in -200_i64..=200,
        offset_us in 0_i64..10_000_000,
        answers in prop::collection::vec((1_i64..60_000_000, 0_i64..3_000_000, 0_i64..3_000_000), 1..12),
        after_us in 0_i64..200_000_000,
    ) {
        // True time in microseconds; the terminal's clock runs fast or slow, and both are read in milliseconds.
        let mono_ms = |true_us: i64| (true_us + true_us * drift_ppm / 1_000_000) / 1_000;
        let server_us = |true_us: i64| true_us + offset_us;
        let mut clock = ClockSync::new();
        let mut now_us = 0;
        for (pause_us, there_us, back_us) in answers {
            let sent_us = now_us + pause_us;
            let asked_us = sent_us + there_us;
            now_us = asked_us + back_us;
            clock.learn(mono_ms(sent_us), mono_ms(now_us), Timestamp(server_us(asked_us) / 1_000));
        }
        now_us += after_us;
        let (estimate, error_ms) = clock.server_now(mono_ms(now_us)).unwrap();
        let wrong_us = server_us(now_us) - estimate.0 * 1_000;
        prop_assert!(wrong_us.abs() <= error_ms * 1_000, "{wrong_us} µs wrong, {error_ms} ms admitted");
    }
}
