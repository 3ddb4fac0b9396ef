//! How many payments can be made durable per second, beside rows that are inserted one by one and made durable in
//! groups. Every payment is dispatched: its terminal is connected, shows the prompt, and nobody has a card.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::cloud::{Cloud, scratch};
use super::fleet::{Conduct, Fleet, Outside, Release, identity, outside, pipe};
use super::http_floor::HttpFloor;
use super::http_load::{Compose, Load, Outcome, Template, run as load};
use super::report::{Goal, Report, Row, progress};
use super::{Failure, Plan};

/// Enough for every group of the floor to be full.
const MANY: usize = 256;
/// What latencies are quoted at.
const SOME: usize = 64;
/// How many terminals say hello at a time while the fleet connects: fewer than the store's queue is long.
const HELLOS: usize = 2_000;

pub(super) fn run(plan: &Plan) -> Result<Report, Failure> {
    let terminals = if plan.quick { 12_000 } else { 30_000 };
    let dir = scratch(&plan.dir)?;
    let floor = HttpFloor::start(dir.path())?;
    let stand = Stand::new(dir.path(), terminals)?;
    let mut rate = Row::new(format!("creates, {MANY} connections"), "1/s", Goal::RatioAtLeast(0.35));
    let mut some = Row::new(format!("creates, {SOME} connections"), "1/s", Goal::None);
    let mut p50 = Row::new(format!("latency p50, {SOME} connections"), "ms", Goal::None);
    let mut p99 = Row::new(format!("latency p99, {SOME} connections"), "ms", Goal::None);
    for round in 1..=plan.rounds {
        progress(&format!("creates: round {round} of {}", plan.rounds));
        rate.floor.push(inserts(&floor, MANY, plan.measure)?.per_second());
        rate.ours.push(stand.creates(MANY, plan.measure)?.per_second());
        let bare = inserts(&floor, SOME, plan.measure)?;
        let ours = stand.creates(SOME, plan.measure)?;
        some.floor.push(bare.per_second());
        some.ours.push(ours.per_second());
        for (row, quantile) in [(&mut p50, 0.5), (&mut p99, 0.99)] {
            row.floor.push(bare.latency_ms(quantile));
            row.ours.push(ours.latency_ms(quantile));
        }
    }
    let notes = vec![
        format!("payment, event and idempotency key are durable and the command is on its way to one of {terminals} terminals"),
        "terminals are linked in memory; the floor keeps one row (WAL, synchronous=FULL, groups of up to 256) and one index".to_owned(),
        "clients and terminals are threads of the same process".to_owned(),
    ];
    Ok(Report { name: "creates", rows: vec![rate, some, p50, p99], notes })
}

/// `#` is the terminal, `@` the order.
pub(super) fn request() -> Template {
    Template::new(
        "POST",
        "/v1/terminal/payments",
        "Idempotency-Key: key_@@@@@@@@\r\n",
        r##"{"terminalId":"term_bench_########","amount":4200,"currency":"EUR","reference":"order_@@@@@@@@"}"##,
    )
}

/// Rows into the floor.
pub(super) fn inserts(floor: &HttpFloor, connections: usize, duration: Duration) -> Result<Outcome, Failure> {
    let template = Template::new(
        "POST",
        "/payments",
        "",
        r##"{"terminal":"term_bench_########","amount":4200,"currency":"EUR","reference":"order_@@@@@@@@"}"##,
    );
    let order = Arc::new(AtomicU64::new(0));
    let push = Load { address: floor.address, connections, duration, expected: ("HTTP/1.1 202", "created") };
    load(push, |_| {
        let (template, order) = (template.clone(), Arc::clone(&order));
        Box::new(move |out| {
            let number = order.fetch_add(1, Ordering::Relaxed);
            template.fill(number % 5_000, number, out);
            true
        })
    })
}

/// The platform with its terminals connected and idle.
struct Stand {
    cloud: Cloud,
    terminals: u64,
    orders: Arc<AtomicU64>,
    release: Release,
    _outside: Outside,
}

impl Stand {
    fn new(dir: &std::path::Path, terminals: usize) -> Result<Self, Failure> {
        progress(&format!("creates: connecting {terminals} terminals"));
        let cloud = Cloud::start(dir, terminals)?;
        let outside = outside()?;
        let (fleet, release) = Fleet::new(Conduct::Waits);
        cloud.block_on(attach(&cloud, &outside, &fleet, terminals))?;
        let terminals = terminals as u64;
        Ok(Self { cloud, terminals, orders: Arc::default(), release, _outside: outside })
    }

    /// Creates payments until the time is over or every terminal has one; then every customer presses cancel.
    fn creates(&self, connections: usize, duration: Duration) -> Result<Outcome, Failure> {
        let template = request();
        let next = Arc::new(AtomicU64::new(0));
        let terminals = self.terminals;
        let compose = |_| -> Compose {
            let (template, next) = (template.clone(), Arc::clone(&next));
            let orders = Arc::clone(&self.orders);
            Box::new(move |out| {
                let terminal = next.fetch_add(1, Ordering::Relaxed);
                template.fill(terminal, orders.fetch_add(1, Ordering::Relaxed), out);
                terminal < terminals
            })
        };
        let expected = ("HTTP/1.1 202", r#""status":"pending""#);
        let outcome = load(Load { address: self.cloud.api, connections, duration, expected }, compose)?;
        // Again and again, because some commands are still on their way to their terminals.
        self.cloud.block_on(self.cloud.until_idle(|| self.release.all()))?;
        Ok(outcome)
    }
}

/// Links the terminals to the platform in this process.
async fn attach(cloud: &Cloud, outside: &Outside, fleet: &Fleet, terminals: usize) -> Result<(), Failure> {
    for number in 0..terminals {
        let (near, mut far) = pipe();
        cloud.platform.attach(identity(number), near);
        let fleet_of_one = fleet.clone();
        outside.handle.spawn(async move {
            // A terminal that falls out shows as a payment that is not pending, which fails the run.
            let _ = fleet_of_one.run(number, &mut far).await;
        });
        let mut patience = 0;
        while number + 1 - fleet.welcomed() > if number + 1 == terminals { 0 } else { HELLOS } {
            tokio::time::sleep(Duration::from_millis(1)).await;
            patience += 1;
            if patience > 60_000 {
                return Err(Failure::new("the terminals do not connect"));
            }
        }
    }
    Ok(())
}
