//! Presence tells the truth: at once in answers, in order and without repetition in events.

use vinr_domain::Attention;
use vinr_server::clock::Clock;
use vinr_wire::link::RejectCode;

use super::device::{Device, facts};
use super::house::{House, START, pass, settle};

const ID: &str = "term_3Nx8";

#[tokio::test(start_paused = true)]
async fn a_terminal_is_online_while_it_is_heard_from_and_offline_a_minute_later() {
    let house = House::open().await;
    house.register(ID).await;
    let before = house.terminal(ID).await;
    assert_eq!(
        (&before["status"], &before["lastSeen"], &before["softwareVersion"]),
        (&"offline".into(), &().into(), &().into())
    );
    let mut device = Device::connect(&house, ID).await;
    device.live(90_000).await;
    let shown = house.terminal(ID).await;
    assert_eq!(shown["status"], "online");
    assert_eq!(shown["batteryLevel"], 87);
    assert_eq!(shown["softwareVersion"], "3.14.2");
    assert!(shown["lastSeen"].as_i64().unwrap() >= START.unix_seconds() + 60, "{shown}");
    assert!(shown["roundTripMs"].is_number(), "{shown}");
    // It falls silent, and its connection stays.
    pass(45).await;
    assert_eq!(house.terminal(ID).await["status"], "online");
    pass(25).await;
    let gone = house.terminal(ID).await;
    assert_eq!((&gone["status"], &gone["roundTripMs"]), (&"offline".into(), &().into()));
    let told = house.told(ID).await;
    assert_eq!(
        told.iter().map(|(kind, _)| *kind).collect::<Vec<_>>(),
        ["terminal.online", "terminal.offline"]
    );
    let (_, data) = &told[1];
    assert_eq!(data["id"], ID);
    assert_eq!(data["lastSeen"], data["object"]["lastSeen"]);
    let silent_for = house.terminal(ID).await["lastSeen"].as_i64().unwrap() - START.unix_seconds();
    assert!((70..=91).contains(&silent_for), "the last sign of life, not when it was given up: {silent_for}");
}

#[tokio::test(start_paused = true)]
async fn a_clean_close_is_told_at_once_and_flapping_loses_nothing() {
    let house = House::open().await;
    house.register(ID).await;
    for _ in 0..5 {
        let device = Device::connect(&house, ID).await;
        assert_eq!(house.terminal(ID).await["status"], "online");
        drop(device);
        settle().await;
        assert_eq!(house.terminal(ID).await["status"], "offline");
    }
    let kinds = house.kinds(ID).await;
    assert_eq!(kinds.len(), 10);
    assert!(kinds.chunks(2).all(|pair| pair == ["terminal.online", "terminal.offline"]), "{kinds:?}");
    // Back before anybody wrote that it was gone.
    for _ in 0..5 {
        drop(Device::connect(&house, ID).await);
    }
    settle().await;
    let kinds = house.kinds(ID).await;
    assert!(kinds.chunks(2).all(|pair| pair == ["terminal.online", "terminal.offline"]), "{kinds:?}");
}

#[tokio::test(start_paused = true)]
async fn a_newer_link_of_the_same_terminal_is_no_news() {
    let house = House::open().await;
    house.register(ID).await;
    let _older = Device::connect(&house, ID).await;
    let mut newer = Device::connect(&house, ID).await;
    newer.live(5_000).await;
    assert_eq!(house.terminal(ID).await["status"], "online");
    assert_eq!(house.kinds(ID).await, ["terminal.online"]);
}

#[tokio::test(start_paused = true)]
async fn a_restart_is_not_told_when_the_terminal_is_back_within_a_minute() {
    let house = House::open().await;
    house.register(ID).await;
    house.register("term_lost").await;
    let (mut device, mut lost) =
        (Device::connect(&house, ID).await, Device::connect(&house, "term_lost").await);
    tokio::join!(device.live(1_000), lost.live(1_000));
    let house = Box::pin(house.restart()).await;
    assert_eq!(house.terminal(ID).await["status"], "offline", "it is not there until it greets again");
    pass(30).await;
    let mut device = Device::connect(&house, ID).await;
    device.live(60_000).await;
    assert_eq!(house.terminal(ID).await["status"], "online");
    assert_eq!(house.kinds(ID).await, ["terminal.online"]);
    assert_eq!(house.kinds("term_lost").await, ["terminal.online", "terminal.offline"]);
}

#[tokio::test(start_paused = true)]
async fn what_is_wrong_is_shown_and_told_until_it_is_cured() {
    let house = House::open().await;
    house.register(ID).await;
    let mut device = Device::connect(&house, ID).await;
    device.report(&[Attention::PaperOut], false, Some(50)).await;
    let shown = house.terminal(ID).await;
    assert_eq!((&shown["status"], &shown["attention"][0]), (&"needs_attention".into(), &"paper_out".into()));
    assert_eq!(shown["batteryLevel"], 50);
    // The same again is nothing new, and neither is the battery.
    device.report(&[Attention::PaperOut], false, Some(49)).await;
    device.report(&[Attention::PaperOut, Attention::BatteryLow], false, Some(9)).await;
    device.report(&[], true, Some(60)).await;
    let shown = house.terminal(ID).await;
    assert_eq!((&shown["status"], &shown["locked"]), (&"online".into(), &true.into()));
    assert_eq!(
        house.kinds(ID).await,
        [
            "terminal.online",
            "terminal.needs_attention",
            "terminal.needs_attention",
            "terminal.updated",
            "terminal.updated"
        ]
    );
    // What it said is not forgotten when it goes.
    drop(device);
    settle().await;
    assert_eq!(house.terminal(ID).await["locked"], true);
}

#[tokio::test(start_paused = true)]
async fn new_software_is_told_when_the_terminal_is_back() {
    let house = House::open().await;
    house.register(ID).await;
    drop(Device::connect(&house, ID).await);
    settle().await;
    let mut updated = facts();
    "3.15.0".clone_into(&mut updated.software_version);
    let _device = Device::try_connect(&house, ID, updated).await.ok().unwrap();
    let told = house.told(ID).await;
    let kinds: Vec<_> = told.iter().map(|(kind, _)| *kind).collect();
    assert_eq!(kinds, ["terminal.online", "terminal.offline", "terminal.online", "terminal.updated"]);
    assert_eq!(told[3].1["object"]["softwareVersion"], "3.15.0");
}

#[tokio::test(start_paused = true)]
async fn a_terminal_that_has_been_away_for_a_day_needs_attention_once() {
    let house = House::open().await;
    house.register(ID).await;
    house.register("term_never").await;
    drop(Device::connect(&house, ID).await);
    pass(25 * 3_600).await;
    let shown = house.terminal(ID).await;
    assert_eq!((&shown["status"], &shown["attention"][0]), (&"offline".into(), &"offline_for_long".into()));
    pass(25 * 3_600).await;
    let _device = Device::connect(&house, ID).await;
    assert_eq!(house.terminal(ID).await["attention"], serde_json::json!([]));
    let kinds = ["terminal.online", "terminal.offline", "terminal.needs_attention", "terminal.online"];
    assert_eq!(house.kinds(ID).await, kinds);
    assert!(house.kinds("term_never").await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn the_last_sign_of_life_is_durable_within_five_minutes() {
    let house = House::open().await;
    house.register(ID).await;
    let mut device = Device::connect(&house, ID).await;
    device.live(1_200_000).await;
    let now = house.clock.wall().unix_seconds();
    let house = Box::pin(house.restart()).await;
    let seen = house.terminal(ID).await["lastSeen"].as_i64().unwrap();
    assert!(now - seen <= 300, "{} seconds are lost", now - seen);
    assert_eq!(house.kinds(ID).await, ["terminal.online"]);
}

#[tokio::test(start_paused = true)]
async fn a_deactivated_terminal_is_refused() {
    let house = House::open().await;
    house.register(ID).await;
    let terminal = house.platform.directory.all().into_iter().next().unwrap();
    let mut held = house.platform.register.hold(&terminal).await;
    held.happened(vinr_domain::terminal::Event::Deactivated).unwrap();
    held.record(Vec::new()).await.unwrap();
    drop(held);
    let refused = Device::try_connect(&house, ID, facts()).await.err();
    assert_eq!(refused, Some(RejectCode::UnknownTerminal));
    assert_eq!(house.terminal(ID).await["status"], "deactivated");
}

#[tokio::test(start_paused = true)]
async fn a_certificate_that_should_long_have_been_renewed_needs_attention() {
    const DAY_MS: i64 = 24 * 3_600_000;
    let house = House::open().await;
    house.register(ID).await;
    let mut old = Device::certified(&house, ID, START.plus_ms(14 * DAY_MS)).await;
    old.live(20_000).await;
    let shown = house.terminal(ID).await;
    assert_eq!(
        (&shown["status"], &shown["attention"][0]),
        (&"needs_attention".into(), &"certificate_expiring".into())
    );
    let mut renewed = Device::certified(&house, ID, START.plus_ms(90 * DAY_MS)).await;
    renewed.live(20_000).await;
    let shown = house.terminal(ID).await;
    assert_eq!((&shown["status"], &shown["attention"]), (&"online".into(), &serde_json::json!([])));
    let kinds = ["terminal.online", "terminal.needs_attention", "terminal.updated"];
    assert_eq!(house.kinds(ID).await, kinds);
}
