//! How many events reach merchants' servers per second, and how soon after they are durable, beside signed posts by the
//! same client without a database. Events are written straight into the store; everything behind that is the platform's.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::{Buf, BytesMut};
use hdrhistogram::Histogram;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::runtime::Runtime;
use tokio::time::Instant;
use vinr_domain::{EventId, Timestamp};
use vinr_server::clock::SystemClock;
use vinr_server::store::{Change, EventRow, Store as _, Transaction};
use vinr_server::webhooks::Line;
use vinr_wire::rest::version::ApiVersion;
use vinr_wire::rest::webhook::{EndpointCreation, Envelope, Signatures, SigningSecret, Topics, render_event};

use super::arrivals::machine_ns;
use super::cloud::{Cloud, SECRET_KEY, listen, runtime, scope, scratch};
use super::report::{Goal, Report, Row, progress};
use super::{During, Failure, Plan};

/// How many requests the floor makes at the same time; a courier makes as many.
const ABREAST: usize = 64;
/// How many events share a transaction.
const PORTION: u64 = 250;
/// How many endpoints are many.
const MANY: usize = 100;
/// How long everything may take to arrive.
const PATIENCE: Duration = Duration::from_secs(120);

pub(super) fn run(plan: &Plan) -> Result<Report, Failure> {
    let backlog = if plan.quick { 10_000 } else { 40_000 };
    let singles = if plan.quick { 200 } else { 1_000 };
    let mut rate = Row::new("delivered, 1 endpoint", "1/s", Goal::RatioAtLeast(0.1));
    let mut spread = Row::new(format!("delivered, {MANY} endpoints"), "1/s", Goal::None);
    let mut p50 = Row::new("event to received p50, unloaded", "ms", Goal::None);
    let mut p99 = Row::new("event to received p99, unloaded", "ms", Goal::None);
    let mut beside = Row::new("p99 of 99 endpoints: without, with one that hangs", "ms", Goal::None);
    for round in 1..=plan.rounds {
        progress(&format!("webhooks: round {round} of {}", plan.rounds));
        let one = Stand::new(plan, 1, false)?;
        let floor = one.floor(backlog)?;
        rate.floor.push(floor);
        spread.floor.push(floor);
        rate.ours.push(one.drain(backlog)?);
        one.reception.forget();
        one.singles(singles)?;
        p50.ours.push(one.reception.latency_ms(0.5));
        p99.ours.push(one.reception.latency_ms(0.99));
        drop(one);
        let many = Stand::new(plan, MANY, false)?;
        spread.ours.push(many.drain((backlog / MANY as u64).max(PORTION))?);
        drop(many);
        for (hangs, side) in [(false, &mut beside.floor), (true, &mut beside.ours)] {
            let stand = Stand::new(plan, MANY - 1, hangs)?;
            stand.singles(singles / 2)?;
            side.push(stand.reception.latency_ms(0.99));
        }
    }
    let notes = vec![
        "an event counts when its endpoint has it; its delivery and the cursor are written durably"
            .to_owned(),
        format!(
            "the floor: {ABREAST} at a time over HTTP/1.1 keep-alive, rendered and signed by the same code, no database"
        ),
        format!(
            "endpoints and platform share the machine; with {MANY} endpoints every event goes to all of them"
        ),
    ];
    Ok(Report { name: "webhooks", rows: vec![rate, spread, p50, p99, beside], notes })
}

/// Merchants' servers: count, measure, answer.
#[derive(Default)]
struct Reception {
    received: AtomicU64,
    latencies_us: Mutex<Option<Histogram<u64>>>,
    over: AtomicBool,
}

impl Reception {
    fn note(&self, body: &[u8]) {
        self.received.fetch_add(1, Ordering::Relaxed);
        let Some(at) = body.windows(5).position(|part| part == b"\"at\":") else { return };
        let digits = body[at + 5..].iter().take_while(|byte| byte.is_ascii_digit());
        let made_ns = digits.fold(0_u64, |number, digit| number * 10 + u64::from(digit - b'0'));
        let took_us = machine_ns().saturating_sub(made_ns) / 1_000;
        let mut latencies = self.latencies_us.lock().unwrap_or_else(PoisonError::into_inner);
        let histogram = latencies.get_or_insert_with(|| {
            Histogram::new_with_bounds(1, 600_000_000, 3).expect("the bounds of a histogram are right")
        });
        histogram.saturating_record(took_us.max(1));
    }

    fn forget(&self) {
        *self.latencies_us.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    fn latency_ms(&self, quantile: f64) -> f64 {
        let latencies = self.latencies_us.lock().unwrap_or_else(PoisonError::into_inner);
        latencies.as_ref().map_or(f64::NAN, |all| all.value_at_quantile(quantile) as f64 / 1_000.0)
    }

    async fn serve(self: Arc<Self>, mut stream: TcpStream) -> std::io::Result<()> {
        stream.set_nodelay(true)?;
        let mut heard = BytesMut::with_capacity(16_384);
        while !self.over.load(Ordering::Relaxed) {
            let Some((head, length)) = request(&heard) else {
                if stream.read_buf(&mut heard).await? == 0 {
                    return Ok(());
                }
                continue;
            };
            if heard.starts_with(b"POST /hangs") {
                return std::future::pending().await;
            }
            self.note(&heard[head..head + length]);
            heard.advance(head + length);
            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await?;
        }
        Ok(())
    }
}

/// Where the body of a whole request begins, and how long it is.
fn request(heard: &[u8]) -> Option<(usize, usize)> {
    const LENGTH: &[u8] = b"\r\ncontent-length: ";
    let head = heard.windows(4).position(|part| part == b"\r\n\r\n")? + 4;
    let at = heard[..head].windows(LENGTH.len()).position(|part| part == LENGTH)? + LENGTH.len();
    let digits = heard[at..head].iter().take_while(|byte| byte.is_ascii_digit());
    let length = digits.fold(0, |number, digit| number * 10 + usize::from(digit - b'0'));
    (heard.len() >= head + length).then_some((head, length))
}

struct Stand {
    cloud: Cloud,
    reception: Arc<Reception>,
    url: String,
    endpoints: u64,
    made: AtomicU64,
    _merchants: Runtime,
    _dir: tempfile::TempDir,
}

impl Stand {
    fn new(plan: &Plan, endpoints: usize, hangs: bool) -> Result<Self, Failure> {
        let dir = scratch(&plan.dir)?;
        let cloud = Cloud::start(dir.path(), 0)?;
        let merchants = runtime("merchants")?;
        let reception = Arc::new(Reception::default());
        let (listener, address) = merchants.block_on(async {
            let listener = listen()?;
            let address = listener.local_addr().during("finding the merchants' port")?;
            Ok::<_, Failure>((listener, address))
        })?;
        let serving = Arc::clone(&reception);
        merchants.spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(Arc::clone(&serving).serve(stream));
            }
        });
        let url = format!("http://{address}/hooks");
        cloud.block_on(async {
            let who = cloud.platform.keys.authenticate(SECRET_KEY, SystemClock::shared().wall());
            let who = who.during("authenticating")?;
            for number in 0..endpoints + usize::from(hangs) {
                let url = if number == endpoints { format!("http://{address}/hangs") } else { url.clone() };
                let topics = Topics::all();
                let new = EndpointCreation {
                    url,
                    topics,
                    description: None,
                    version: ApiVersion::V2026_06_11,
                    metadata: Default::default(),
                };
                cloud
                    .platform
                    .applications
                    .webhooks
                    .create(&who, new, None)
                    .await
                    .during("making an endpoint")?;
            }
            Ok::<_, Failure>(())
        })?;
        let made = AtomicU64::new(0);
        let endpoints = endpoints as u64;
        Ok(Self { cloud, reception, url, endpoints, made, _merchants: merchants, _dir: dir })
    }

    /// Writes so many events durably, each about an object of its own.
    async fn write(&self, count: u64) -> Result<(), Failure> {
        let now = SystemClock::shared().wall();
        let changes = (0..count).map(|_| Change::AppendEvent(self.event(now))).collect();
        self.cloud.store.commit(Transaction { changes }).await.during("writing events")
    }

    fn event(&self, now: Timestamp) -> EventRow {
        let number = self.made.fetch_add(1, Ordering::Relaxed);
        let id = EventId(EventId::first_at(now.0).0 | u128::from(number));
        EventRow {
            id,
            scope: scope(),
            kind: "terminal.updated",
            object_id: format!("term_bench_{number:08}").into(),
            sequence: 1,
            created_at: now,
            data: document(number).into(),
        }
    }

    async fn until_received(&self, wanted: u64) -> Result<(), Failure> {
        let begun = Instant::now();
        while self.reception.received.load(Ordering::Relaxed) < wanted {
            if begun.elapsed() > PATIENCE {
                let got = self.reception.received.load(Ordering::Relaxed);
                return Err(Failure::new(format!("{got} of {wanted} events have arrived in two minutes")));
            }
            tokio::time::sleep(Duration::from_micros(200)).await;
        }
        Ok(())
    }

    /// Deliveries per second while a backlog of so many events is worked off.
    fn drain(&self, events: u64) -> Result<f64, Failure> {
        let before = self.reception.received.load(Ordering::Relaxed);
        let begun = Instant::now();
        self.cloud.block_on(async {
            for _ in 0..events / PORTION {
                self.write(PORTION).await?;
            }
            self.until_received(before + events / PORTION * PORTION * self.endpoints).await
        })?;
        Ok((events / PORTION * PORTION * self.endpoints) as f64 / begun.elapsed().as_secs_f64())
    }

    /// One event at a time.
    fn singles(&self, events: u64) -> Result<(), Failure> {
        self.cloud.block_on(async {
            for _ in 0..events {
                let before = self.reception.received.load(Ordering::Relaxed);
                self.write(1).await?;
                self.until_received(before + self.endpoints).await?;
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
            Ok(())
        })
    }

    /// The same posts without a database.
    fn floor(&self, count: u64) -> Result<f64, Failure> {
        let begun = Instant::now();
        self.cloud.block_on(async {
            let line = Line::to(&self.url, &[]).during("reading a URL")?;
            let secret = SigningSecret::from_bytes(vec![7; 32]);
            let next = Arc::new(AtomicU64::new(0));
            let mut posts = tokio::task::JoinSet::new();
            for _ in 0..ABREAST {
                let (line, secret, next) = (line.clone(), secret.clone(), Arc::clone(&next));
                posts.spawn(async move {
                    loop {
                        let number = next.fetch_add(1, Ordering::Relaxed);
                        if number >= count {
                            return Ok::<_, vinr_server::webhooks::Unheard>(());
                        }
                        post(&line, &secret, number).await?;
                    }
                });
            }
            while let Some(ended) = posts.join_next().await {
                ended.during("posting")?.during("posting")?;
            }
            Ok::<_, Failure>(())
        })?;
        Ok(count as f64 / begun.elapsed().as_secs_f64())
    }
}

async fn post(
    line: &Line,
    secret: &SigningSecret,
    number: u64,
) -> Result<(), vinr_server::webhooks::Unheard> {
    let data = document(number);
    let event = Envelope {
        id: EventId(u128::from(number)),
        kind: "terminal.updated",
        livemode: false,
        created_at: Timestamp(1),
        sequence: 1,
        data: &data,
    };
    let mut body = Vec::with_capacity(1024);
    render_event(&event, ApiVersion::V2026_06_11, &mut body);
    let id = event.id.to_string();
    let signed = Signatures::sign(std::slice::from_ref(secret), &id, 1, &body);
    let headers = [
        ("content-type", "application/json".to_owned()),
        ("vinr-signature", signed.vinr),
        ("webhook-id", id),
        ("webhook-timestamp", signed.timestamp),
        ("webhook-signature", signed.standard),
    ];
    line.send("POST", "", &headers, body).await?.all().await;
    Ok(())
}

/// A terminal's data, with the moment in it.
fn document(number: u64) -> Vec<u8> {
    format!(
        r#"{{"id":"term_bench_{number:08}","object":"terminal","locationId":"loc_7Yz4","lastSeen":1748649600,"status":"online","model":"nexgo_n92","serialNumber":"SN-{number:08}","softwareVersion":"3.14.2","batteryLevel":87,"at":{}}}"#,
        machine_ns()
    )
    .into_bytes()
}
