//! A connection in memory that behaves like a bad network: frames are lost, doubled, overtaken and late, and the
//! connection breaks with or without both sides noticing. What was under way when it broke is gone: no frame of one
//! connection ever arrives in another.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use rand::RngExt as _;
use rand_chacha::ChaCha8Rng;
use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};
use vinr_wire::link::FrameIo;

use super::card_number;
use super::happening::Happening;
use super::line::Line;

/// One direction.
#[derive(Debug, Default)]
pub(super) struct Direction {
    state: Mutex<Underway>,
    news: Notify,
}

#[derive(Debug, Default)]
struct Underway {
    /// By when they arrive and in which order they were sent.
    frames: BTreeMap<(Instant, u64), Bytes>,
    sent: u64,
    /// When the last frame that keeps its place arrives.
    last: Option<Instant>,
    /// When the reader learns that there will be no more.
    closed_at: Option<Instant>,
    /// Nothing arrives any more.
    severed: bool,
}

enum Next {
    Frame(Bytes),
    At(Instant),
    Closed,
    Nothing,
}

impl Direction {
    fn state(&self) -> MutexGuard<'_, Underway> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn next(&self) -> Next {
        let now = Instant::now();
        let mut state = self.state();
        let frame_at = state.frames.first_key_value().map(|((at, _), _)| *at);
        match (frame_at, state.closed_at) {
            (Some(at), closed) if at <= now && closed.is_none_or(|closed| at <= closed) => {
                state.frames.pop_first().map_or(Next::Nothing, |(_, frame)| Next::Frame(frame))
            }
            (_, Some(closed)) if closed <= now => Next::Closed,
            (Some(at), Some(closed)) => Next::At(at.min(closed)),
            (Some(at), None) => Next::At(at),
            (None, Some(closed)) => Next::At(closed),
            (None, None) => Next::Nothing,
        }
    }

    /// Nothing arrives any more; the reader learns of it if `noticed`.
    pub(super) fn sever(&self, noticed: bool) {
        let mut state = self.state();
        state.severed = true;
        state.frames.clear();
        if noticed {
            state.closed_at = Some(Instant::now());
        }
        drop(state);
        self.news.notify_one();
    }

    /// The writer is done: the reader gets what is under way, and then the end.
    fn close(&self, after: Duration) {
        let mut state = self.state();
        if !state.severed && state.closed_at.is_none() {
            let end = Instant::now() + after;
            state.closed_at = Some(state.last.map_or(end, |last| last.max(end)));
        }
        drop(state);
        self.news.notify_one();
    }

    fn is_closed(&self) -> bool {
        self.state().closed_at.is_some_and(|at| at <= Instant::now())
    }
}

/// One end of a connection.
pub(super) struct PipeEnd {
    out: Arc<Direction>,
    inward: Arc<Direction>,
    line: Arc<Line>,
    rng: ChaCha8Rng,
}

impl PipeEnd {
    pub(super) fn new(out: Arc<Direction>, inward: Arc<Direction>, line: Arc<Line>, rng: ChaCha8Rng) -> Self {
        Self { out, inward, line, rng }
    }

    fn deliver(&mut self, frame: &Bytes) {
        let weather = &self.line.weather;
        let latency = Duration::from_millis(self.rng.random_range(1..40));
        let ticket = self.rng.random_range(0..1000_u32);
        let extra = Duration::from_millis(self.rng.random_range(50..4_000));
        let now = Instant::now();
        let mut state = self.out.state();
        let in_turn = state.last.map_or(now + latency, |last| last.max(now + latency));
        let mut bound = 0;
        let mut falls = |permille: u32| {
            let before = bound;
            bound += permille;
            !weather.is_over() && (before..bound).contains(&ticket)
        };
        let (arrivals, in_place, happening) = if falls(weather.frame_lost) {
            (vec![], None, Some(Happening::FrameLost))
        } else if falls(weather.frame_duplicated) {
            (vec![in_turn, now + latency + extra], Some(in_turn), Some(Happening::FrameDuplicated))
        } else if falls(weather.frame_reordered) {
            (vec![now + latency + extra], None, Some(Happening::FrameReordered))
        } else if falls(weather.frame_delayed) {
            (vec![in_turn + 5 * extra], Some(in_turn + 5 * extra), Some(Happening::FrameDelayed))
        } else {
            (vec![in_turn], Some(in_turn), None)
        };
        for at in arrivals {
            state.sent += 1;
            let number = state.sent;
            state.frames.insert((at, number), frame.clone());
        }
        state.last = in_place.or(state.last);
        drop(state);
        if let Some(happening) = happening {
            self.line.log.happened(happening);
        }
        self.out.news.notify_one();
    }
}

impl FrameIo for PipeEnd {
    async fn send(&mut self, frame: Bytes) -> io::Result<()> {
        if self.inward.is_closed() {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        if card_number::stands_in(&frame) {
            self.line.log.violated("I11", format_args!("a card number is in a frame of {}", self.line.name));
        }
        // Whoever has not noticed that nobody is there talks on.
        if !self.out.state().severed && !self.line.is_partitioned() {
            self.deliver(&frame);
        }
        Ok(())
    }

    async fn recv(&mut self) -> io::Result<Option<Bytes>> {
        loop {
            match self.inward.next() {
                Next::Frame(frame) => return Ok(Some(frame)),
                Next::Closed if self.inward.state().severed => {
                    return Err(io::ErrorKind::ConnectionReset.into());
                }
                Next::Closed => return Ok(None),
                Next::At(at) => {
                    tokio::select! {
                        biased;
                        () = sleep_until(at) => {}
                        () = self.inward.news.notified() => {}
                    }
                }
                Next::Nothing => self.inward.news.notified().await,
            }
        }
    }
}

impl Drop for PipeEnd {
    fn drop(&mut self) {
        if self.line.is_partitioned() {
            self.out.sever(false);
        } else {
            self.out.close(Duration::from_millis(self.rng.random_range(1..40)));
        }
    }
}
