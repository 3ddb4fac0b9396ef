//! What a call through the SDK costs beside the same request sent with the HTTP client that it stands on, in turn.
//! `cargo run --release -p vinr-sdk --example overhead -- http://127.0.0.1:8420 sk_test_vinr_dev 2000`

#![allow(clippy::print_stdout, reason = "the figures are what it is asked for")]

use std::error::Error;
use std::time::Duration;

use tokio::time::Instant;
use vinr_sdk::{CreatePayment, Vinr};

/// How many calls of one kind are made before the other kind has its turn.
const TURN: usize = 50;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let base = args.next().unwrap_or_else(|| "http://127.0.0.1:8420".to_owned());
    let key = args.next().unwrap_or_else(|| "sk_test_vinr_dev".to_owned());
    let calls: usize = args.next().map_or(Ok(2_000), |text| text.parse())?;

    let vinr = Vinr::builder(&key).base_url(&base).build()?;
    let order = CreatePayment::on("term_test_simulator", 2500, "USD");
    let payment = vinr.terminal().payments().create_sync(order).await?;
    let bare = reqwest::Client::new();
    let url = format!("{base}/v1/terminal/payments/{}", payment.id);

    let (mut ours, mut floor) = (Vec::with_capacity(calls), Vec::with_capacity(calls));
    while ours.len() < calls {
        for _ in 0..TURN {
            let begun = Instant::now();
            let answer = bare.get(&url).bearer_auth(&key).send().await?.error_for_status()?;
            let _: serde_json::Value = serde_json::from_slice(&answer.bytes().await?)?;
            floor.push(begun.elapsed());
        }
        for _ in 0..TURN {
            let begun = Instant::now();
            vinr.terminal().payments().retrieve(&payment.id).await?;
            ours.push(begun.elapsed());
        }
    }
    let (floor, ours) = (median(floor), median(ours));
    let ratio = ours.as_secs_f64() / floor.as_secs_f64();
    println!(
        "retrieve: {} µs bare, {} µs with the SDK, {ratio:.2} times",
        floor.as_micros(),
        ours.as_micros()
    );
    Ok(())
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times.get(times.len() / 2).copied().unwrap_or_default()
}
