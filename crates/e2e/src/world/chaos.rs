//! Blows from outside, at random moments while the tills work: connections break, machines die, clocks are set.

use std::sync::Arc;
use std::time::Duration;

use rand::RngExt as _;
use tokio::time::sleep;

use super::cloud::Cloud;
use super::happening::Happening;
use super::line::Noticed;
use super::log::Log;
use super::station::{Order, Station};
use super::streams::stream;
use super::weather::Weather;

/// Strikes until the weather clears up.
pub(super) async fn strike(
    seed: u64,
    weather: Weather,
    cloud: Arc<Cloud>,
    stations: Vec<Arc<Station>>,
    log: Log,
) {
    let mut rng = stream(seed, "chaos", 0);
    loop {
        sleep(Duration::from_millis(rng.random_range(100..weather.blow_every_ms * 2))).await;
        if weather.is_over() {
            return;
        }
        let station = &stations[rng.random_range(0..stations.len() as u32) as usize];
        let (choice, jump_ms) = (rng.random_range(0..100_u32), rng.random_range(-600_000..600_000_i64));
        let noticed = [Noticed::Cloud, Noticed::Terminal, Noticed::Nobody];
        let noticed = noticed[rng.random_range(0..3_u32) as usize];
        let long = rng.random_bool(0.3);
        let partition_ms = rng.random_range(if long { 20_000..120_000 } else { 500..20_000 });
        match choice {
            0..20 if station.line.cut(Noticed::Both) => {
                log.happened(Happening::LinkCut);
                log.say("chaos", format_args!("cuts the link of {}", station.name()));
            }
            20..35 if station.line.cut(noticed) => {
                log.happened(Happening::LinkHalfOpen);
                log.say("chaos", format_args!("breaks the link of {}, noticed {noticed:?}", station.name()));
            }
            35..50 => {
                log.happened(Happening::Partitioned);
                log.say("chaos", format_args!("cuts {} off for {partition_ms} ms", station.name()));
                station.line.partition(Duration::from_millis(partition_ms));
            }
            50..60 => cloud.crash(),
            60..66 => cloud.restart(),
            66..80 => station.order(Order::PullPlug),
            80..86 => station.order(Order::Restart),
            86..93 if !weather.steady_clock => {
                log.happened(Happening::ServerClockSet);
                log.say("chaos", format_args!("sets the server's clock by {jump_ms} ms"));
                cloud.clock.set_by(jump_ms);
            }
            93..100 => {
                log.happened(Happening::TerminalClockSet);
                log.say("chaos", format_args!("sets the clock of {} by {jump_ms} ms", station.name()));
                station.clock.set_by(jump_ms);
            }
            _ => {}
        }
    }
}
