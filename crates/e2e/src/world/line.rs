//! The way between one terminal and the cloud: makes connections, breaks them, and can be interrupted for a while.

use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rand::RngExt as _;
use rand_chacha::ChaCha8Rng;
use tokio::time::{Instant, sleep};
use vinr_pki::DeviceIdentity;
use vinr_terminal::link::Connector;

use super::cloud::Cloud;
use super::happening::Happening;
use super::log::Log;
use super::pipe::{Direction, PipeEnd};
use super::streams::stream;
use super::weather::Weather;

/// The line of one terminal.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) name: String,
    pub(super) identity: DeviceIdentity,
    pub(super) weather: Weather,
    pub(super) log: Log,
    seed: u64,
    index: u64,
    connections: AtomicU64,
    interrupted_until: Mutex<Option<Instant>>,
    /// Both directions of the newest connection: to the cloud, to the terminal.
    newest: Mutex<Option<(Arc<Direction>, Arc<Direction>)>>,
}

/// Who notices that a connection is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Noticed {
    Both,
    Cloud,
    Terminal,
    Nobody,
}

impl Line {
    pub(super) fn new(
        identity: DeviceIdentity,
        name: String,
        index: u64,
        seed: u64,
        weather: Weather,
        log: Log,
    ) -> Self {
        Self {
            name,
            identity,
            weather,
            log,
            seed,
            index,
            connections: AtomicU64::new(0),
            interrupted_until: Mutex::default(),
            newest: Mutex::default(),
        }
    }

    pub(super) fn is_partitioned(&self) -> bool {
        let until = *self.interrupted_until.lock().unwrap_or_else(PoisonError::into_inner);
        !self.weather.is_over() && until.is_some_and(|until| Instant::now() < until)
    }

    /// Nothing passes for a while, and nobody is told.
    pub(super) fn partition(&self, duration: Duration) {
        let until = Instant::now() + duration;
        *self.interrupted_until.lock().unwrap_or_else(PoisonError::into_inner) = Some(until);
    }

    /// Breaks the newest connection; `false` when there is none.
    pub(super) fn cut(&self, noticed: Noticed) -> bool {
        let newest = self.newest.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some((to_cloud, to_terminal)) = newest else { return false };
        to_cloud.sever(matches!(noticed, Noticed::Both | Noticed::Cloud));
        to_terminal.sever(matches!(noticed, Noticed::Both | Noticed::Terminal));
        true
    }

    /// A connection: the terminal's end, the cloud's end.
    fn connect(self: &Arc<Self>) -> (PipeEnd, PipeEnd) {
        let number = self.connections.fetch_add(1, Ordering::Relaxed);
        let (to_cloud, to_terminal) = (Arc::new(Direction::default()), Arc::new(Direction::default()));
        let pair = (Arc::clone(&to_cloud), Arc::clone(&to_terminal));
        *self.newest.lock().unwrap_or_else(PoisonError::into_inner) = Some(pair);
        let rng = |side: &str| stream(self.seed, side, (self.index << 32) | number);
        let terminal =
            PipeEnd::new(Arc::clone(&to_cloud), Arc::clone(&to_terminal), Arc::clone(self), rng("pipe up"));
        let cloud = PipeEnd::new(to_terminal, to_cloud, Arc::clone(self), rng("pipe down"));
        (terminal, cloud)
    }
}

/// How a terminal of the world reaches its cloud.
pub(super) struct LineConnector {
    pub(super) line: Arc<Line>,
    pub(super) cloud: Arc<Cloud>,
    pub(super) rng: ChaCha8Rng,
}

impl Connector for LineConnector {
    type Io = PipeEnd;

    async fn connect(&mut self) -> io::Result<PipeEnd> {
        let latency = self.rng.random_range(2..80);
        let patient = self.rng.random_bool(0.5);
        sleep(Duration::from_millis(latency)).await;
        if self.line.is_partitioned() {
            if patient {
                std::future::pending::<()>().await;
            }
            return Err(io::ErrorKind::TimedOut.into());
        }
        let (terminal, cloud) = self.line.connect();
        if self.cloud.attach(self.line.identity.clone(), cloud) {
            Ok(terminal)
        } else {
            self.line.log.happened(Happening::ConnectionRefused);
            Err(io::ErrorKind::ConnectionRefused.into())
        }
    }
}
