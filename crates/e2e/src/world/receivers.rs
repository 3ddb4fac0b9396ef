//! Merchants' servers on a bad day, at the other end of real HTTP connections: they answer, fail, hang, reset, drip, are
//! down for a while, and write down every event that they took. Ask nothing of the platform; whether they were told
//! everything is judged in `endpoints`.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rand::RngExt as _;
use rand_chacha::ChaCha8Rng;
use serde::Deserialize;
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream, duplex};
use tokio::time::{Instant, sleep};
use vinr_server::webhooks::{Dial, Dialled, Stream};
use vinr_wire::rest::webhook::{Host, Refused, SIGNATURE_HEADER, SigningSecret, Target, verify};

use super::clock::WorldClock;
use super::happening::Happening;
use super::log::Log;
use super::streams::stream;
use super::weather::Weather;

/// How many bytes may be on their way in one direction.
const PIPE_BYTES: usize = 64 * 1024;
/// The longest head of a request that is read.
const HEAD_BYTES: usize = 8 * 1024;
/// Longer than anybody waits for an answer.
const HANGS: Duration = Duration::from_secs(90);
/// A whole answer of 38 bytes takes longer than anybody waits.
const DRIPS: Duration = Duration::from_millis(250);
const TAKEN: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
const BROKEN: &[u8] = b"HTTP/1.1 500 Sorry\r\ncontent-length: 5\r\n\r\nsorry";

/// What a receiver does with a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Manner {
    Take,
    Fail,
    Hang,
    /// Ends the connection in the middle of the answer, before or after the event is taken.
    Reset {
        taken: bool,
    },
    /// Takes the event, and answers so slowly that nobody waits for it.
    Drip,
    /// Takes it, and closes the connection behind the answer without saying so.
    Leave,
}

/// One merchant's server.
pub(super) struct Receiver {
    pub(super) name: String,
    host: String,
    /// Likelihood of each kind of trouble per request, in thousandths.
    trouble: u32,
    inside: Mutex<Inside>,
    clock: Arc<WorldClock>,
    weather: Weather,
    log: Log,
}

struct Inside {
    rng: ChaCha8Rng,
    down_until: Instant,
    secrets: Vec<SigningSecret>,
    /// Ids of all events taken.
    taken: BTreeSet<String>,
    /// The last sequence taken of each object.
    last: BTreeMap<String, u64>,
}

/// Every receiver of a world.
#[derive(Clone)]
pub(super) struct Receivers(Vec<Arc<Receiver>>);

/// What is read of an event.
#[derive(Deserialize)]
struct Told {
    id: String,
    sequence: u64,
    data: Value,
}

impl Receivers {
    /// Half of all worlds have up to three.
    pub(super) fn draw(seed: u64, clock: &Arc<WorldClock>, weather: &Weather, log: &Log) -> Self {
        let mut rng = stream(seed, "receivers", 0);
        let count = rng.random_range(0..6_u64).saturating_sub(2);
        let receiver = |index: u64| {
            let inside = Inside {
                rng: stream(seed, "receiver", index),
                down_until: Instant::now(),
                secrets: Vec::new(),
                taken: BTreeSet::new(),
                last: BTreeMap::new(),
            };
            Arc::new(Receiver {
                name: format!("shop {}", index + 1),
                host: format!("shop{}.test", index + 1),
                trouble: [0, 30, 80][rng.random_range(0..3_usize)],
                inside: Mutex::new(inside),
                clock: Arc::clone(clock),
                weather: weather.clone(),
                log: log.clone(),
            })
        };
        Self((0..count).map(receiver).collect())
    }

    pub(super) fn all(&self) -> &[Arc<Receiver>] {
        &self.0
    }
}

impl Dial for Receivers {
    fn dial(&self, target: &Target) -> Dialled {
        let found = self.0.iter().find(|one| target.host == Host::Name(one.host.clone())).cloned();
        Box::pin(async move {
            let receiver = found.ok_or(io::ErrorKind::NotFound)?;
            receiver.accept().await
        })
    }
}

impl Receiver {
    fn inside(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Where events are posted to.
    pub(super) fn url(&self) -> String {
        format!("http://{}/webhooks", self.host)
    }

    /// Learns what messages are signed with from now on, beside what it knows.
    pub(super) fn learn(&self, secret: SigningSecret) {
        self.inside().secrets.push(secret);
    }

    pub(super) fn has(&self, event: &str) -> bool {
        self.inside().taken.contains(event)
    }

    pub(super) fn count(&self) -> usize {
        self.inside().taken.len()
    }

    async fn accept(self: Arc<Self>) -> io::Result<Box<dyn Stream>> {
        let (pause_ms, goes_down_s) = {
            let mut inside = self.inside();
            let trouble = inside.rng.random_range(0..1_000_u32) < self.trouble;
            (inside.rng.random_range(1..80), trouble.then(|| inside.rng.random_range(1..60)))
        };
        sleep(Duration::from_millis(pause_ms)).await;
        if self.weather.is_over() {
            return Ok(self.serve_one());
        }
        if let Some(seconds) = goes_down_s {
            self.log.say(&self.name, format_args!("is down for {seconds} s"));
            self.inside().down_until = Instant::now() + Duration::from_secs(seconds);
        }
        if Instant::now() < self.inside().down_until {
            self.log.happened(Happening::ReceiverDown);
            return Err(io::ErrorKind::ConnectionRefused.into());
        }
        Ok(self.serve_one())
    }

    fn serve_one(self: &Arc<Self>) -> Box<dyn Stream> {
        let (near, far) = duplex(PIPE_BYTES);
        let receiver = Arc::clone(self);
        // Whoever is served by a merchant's machine is not there to see how it ends.
        tokio::spawn(async move {
            let _ = receiver.serve(far).await;
        });
        Box::new(near)
    }

    async fn serve(&self, mut pipe: DuplexStream) -> io::Result<()> {
        while let Some((head, body)) = read_request(&mut pipe).await? {
            let (manner, pause_ms) = self.manner();
            sleep(Duration::from_millis(pause_ms)).await;
            if manner != Manner::Take {
                self.log.say(&self.name, format_args!("{manner:?}"));
            }
            if !matches!(manner, Manner::Fail | Manner::Hang | Manner::Reset { taken: false }) {
                self.take(&head, &body);
            }
            match manner {
                Manner::Take => pipe.write_all(TAKEN).await?,
                Manner::Fail => {
                    self.log.happened(Happening::ReceiverFailed);
                    pipe.write_all(BROKEN).await?;
                }
                Manner::Hang => {
                    self.log.happened(Happening::ReceiverHung);
                    sleep(HANGS).await;
                    return Ok(());
                }
                Manner::Reset { .. } => {
                    self.log.happened(Happening::ReceiverReset);
                    return pipe.write_all(&TAKEN[..12]).await;
                }
                Manner::Drip => {
                    self.log.happened(Happening::ReceiverDripped);
                    for byte in TAKEN {
                        sleep(DRIPS).await;
                        pipe.write_all(&[*byte]).await?;
                    }
                }
                Manner::Leave => return pipe.write_all(TAKEN).await,
            }
        }
        Ok(())
    }

    fn manner(&self) -> (Manner, u64) {
        let mut inside = self.inside();
        let (ticket, pause_ms) = (inside.rng.random_range(0..1_000_u32), inside.rng.random_range(0..40));
        if self.weather.is_over() || self.trouble == 0 {
            return (Manner::Take, pause_ms);
        }
        let manner = match ticket / self.trouble {
            0 => Manner::Fail,
            1 => Manner::Hang,
            2 => Manner::Reset { taken: ticket % 2 == 0 },
            3 => Manner::Drip,
            4 => Manner::Leave,
            _ => Manner::Take,
        };
        (manner, pause_ms)
    }

    /// The event is this merchant's from now on: it must fit to those that came before.
    fn take(&self, head: &str, body: &[u8]) {
        let Ok(told) = serde_json::from_slice::<Told>(body) else {
            return self
                .log
                .violated("I17", format_args!("{} is sent something else than an event", self.name));
        };
        let object = told.data.get("object").filter(|object| object.is_object()).unwrap_or(&told.data);
        let object = object["id"].as_str().unwrap_or_default().to_owned();
        let (id, sequence) = (&told.id, told.sequence);
        self.log.say(&self.name, format_args!("takes {id}: {object} {sequence}"));
        self.is_signed(head, body, id);
        let mut inside = self.inside();
        if !inside.taken.insert(told.id.clone()) {
            drop(inside);
            return self.log.happened(Happening::ToldTwice);
        }
        let last = inside.last.insert(object.clone(), sequence).unwrap_or(0);
        drop(inside);
        if sequence <= last {
            let what = format_args!("{} is told {sequence} of {object} after {last}", self.name);
            self.log.violated("I17", what);
        }
    }

    fn is_signed(&self, head: &str, body: &[u8], id: &str) {
        use vinr_server::clock::Clock as _;
        let header = head.lines().filter_map(|line| line.split_once(':'));
        let mut header = header.filter(|(name, _)| name.eq_ignore_ascii_case(SIGNATURE_HEADER));
        let header = header.next().map_or("", |(_, value)| value.trim());
        let now_s = self.clock.wall().0.div_euclid(1_000);
        let inside = self.inside();
        // The clock may have been set meanwhile; how old a message may be is for other tests.
        let fits =
            |secret| !matches!(verify(secret, header, body, now_s), Err(why) if why != Refused::NotFresh);
        if !inside.secrets.is_empty() && !inside.secrets.iter().any(fits) {
            self.log.violated("I17", format_args!("{id} is not signed for {}", self.name));
        }
    }
}

/// Head and body of the next request; `None` when there is none.
async fn read_request(pipe: &mut DuplexStream) -> io::Result<Option<(String, Vec<u8>)>> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match pipe.read_u8().await {
            Ok(byte) if head.len() < HEAD_BYTES => head.push(byte),
            Ok(_) => return Err(io::ErrorKind::InvalidData.into()),
            Err(_) => return Ok(None),
        }
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let lines = head.lines().filter_map(|line| line.split_once(':'));
    let mut length = lines.filter(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    let length = length.next().and_then(|(_, value)| value.trim().parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    pipe.read_exact(&mut body).await?;
    Ok(Some((head, body)))
}
