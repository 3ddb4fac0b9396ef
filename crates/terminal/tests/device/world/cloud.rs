//! The scripted cloud: speaks the session by itself, and leaves what is said to the test.

use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, timeout};
use vinr_domain::Timestamp;
use vinr_wire::link::{
    CloudSession, DeviceStatus, Event, FrameIo as _, HelloFacts, Limits, OfflineStanding, Progress,
    RejectCode, ToCloud, ToTerminal,
};

use super::pipe::{Pipe, PipeConnector};

/// When virtual time begins, in server time.
pub const BEGIN: Timestamp = Timestamp(1_790_000_000_000);
const HEARTBEAT_MS: u32 = 20_000;

/// What the test tells the cloud's task.
enum Order {
    Say(ToTerminal),
    /// Cut the connection; the session is remembered.
    Cut,
    /// Cut the connection and forget the session, as after a restart.
    Forget,
    /// Accept no connections, or accept them again.
    Door(bool),
    /// Refuse the next hello.
    Refuse(RejectCode),
    /// Answer nothing (the network swallows what the cloud says), or answer again.
    Mute(bool),
}

/// The test's end of the cloud.
pub struct Cloud {
    door: mpsc::Sender<Pipe>,
    orders: mpsc::Sender<Order>,
    heard: mpsc::Receiver<ToCloud>,
    /// How many links there have been.
    pub links: watch::Receiver<u64>,
    begin: Instant,
    asides: Arc<Mutex<Asides>>,
}

/// What the terminal says beside what a test waits for.
#[derive(Debug, Default)]
pub struct Asides {
    /// The last greeting.
    pub hello: HelloFacts,
    /// Oldest first.
    pub status: Vec<DeviceStatus>,
    pub progress: Vec<Progress>,
    pub offline: Vec<OfflineStanding>,
}

impl Cloud {
    pub fn new() -> Self {
        let (door, knocks) = mpsc::channel(8);
        let (orders, ordered) = mpsc::channel(256);
        let (hears, heard) = mpsc::channel(256);
        let (links_seen, links) = watch::channel(0);
        let begin = Instant::now();
        let session = Some(CloudSession::cloud(1, Limits::default()));
        let asides = Arc::default();
        let keeper = Keeper {
            knocks,
            ordered,
            hears,
            links_seen,
            begin,
            session,
            streams: 1,
            open: true,
            refuse: None,
            asides: Arc::clone(&asides),
        };
        tokio::spawn(keeper.run());
        Self { door, orders, heard, links, begin, asides }
    }

    pub fn connector(&self) -> PipeConnector {
        PipeConnector { door: self.door.clone() }
    }

    /// What the terminal says beside what a test waits for.
    pub fn asides(&self) -> MutexGuard<'_, Asides> {
        self.asides.lock().unwrap()
    }

    /// Server time.
    pub fn now(&self) -> Timestamp {
        now(self.begin)
    }

    fn order(&self, order: Order) {
        self.orders.try_send(order).unwrap_or_else(|_| panic!("the cloud takes no more orders"));
    }

    pub fn send(&self, message: ToTerminal) {
        self.order(Order::Say(message));
    }

    pub fn cut(&self) {
        self.order(Order::Cut);
    }

    pub fn forget(&self) {
        self.order(Order::Forget);
    }

    pub fn door(&self, open: bool) {
        self.order(Order::Door(open));
    }

    pub fn refuse(&self, code: RejectCode) {
        self.order(Order::Refuse(code));
    }

    pub fn mute(&self, mute: bool) {
        self.order(Order::Mute(mute));
    }

    /// Waits for the next link from now on.
    pub async fn connected(&mut self) {
        let changed = timeout(Duration::from_secs(600), self.links.changed()).await;
        changed.expect("the terminal connects").expect("the cloud runs");
    }

    /// The next message.
    pub async fn recv(&mut self) -> ToCloud {
        let heard = timeout(Duration::from_secs(600), self.heard.recv()).await;
        heard.expect("the terminal says something").expect("the cloud runs")
    }

    /// Asserts that the terminal says nothing for a while.
    pub async fn silence(&mut self, ms: u64) {
        if let Ok(heard) = timeout(Duration::from_millis(ms), self.heard.recv()).await {
            panic!("unexpected: {heard:?}");
        }
    }

    /// What the terminal says within a while.
    pub async fn gather(&mut self, ms: u64) -> Vec<ToCloud> {
        let until = Instant::now() + Duration::from_millis(ms);
        let mut gathered = Vec::new();
        while let Ok(Some(heard)) = tokio::time::timeout_at(until, self.heard.recv()).await {
            gathered.push(heard);
        }
        gathered
    }
}

fn now(begin: Instant) -> Timestamp {
    BEGIN.plus_ms(i64::try_from(begin.elapsed().as_millis()).unwrap())
}

struct Keeper {
    knocks: mpsc::Receiver<Pipe>,
    ordered: mpsc::Receiver<Order>,
    hears: mpsc::Sender<ToCloud>,
    links_seen: watch::Sender<u64>,
    begin: Instant,
    session: Option<CloudSession>,
    streams: u64,
    open: bool,
    refuse: Option<RejectCode>,
    asides: Arc<Mutex<Asides>>,
}

impl Keeper {
    async fn run(mut self) {
        let mut link: Option<Pipe> = None;
        let mut muted = false;
        loop {
            self.speak(&mut link, muted).await;
            let wake = self.session().next_wakeup().map_or(3_600_000, |at| (at - self.mono()).max(1));
            tokio::select! {
                biased;
                order = self.ordered.recv() => match order {
                    None => return,
                    Some(Order::Mute(mute)) => muted = mute,
                    Some(order) => self.obey(order, &mut link),
                },
                Some(pipe) = self.knocks.recv() => {
                    if self.open {
                        let at = self.mono();
                        self.session().connected(at);
                        link = Some(pipe);
                    }
                }
                frame = read(&mut link) => match frame {
                    Some(frame) => {
                        let at = self.mono();
                        self.session().receive(&frame, at).expect("the terminal keeps to the protocol");
                    }
                    None => self.hang_up(&mut link),
                },
                () = tokio::time::sleep(Duration::from_millis(wake as u64)) => {
                    let at = self.mono();
                    self.session().wake(at);
                }
            }
        }
    }

    fn obey(&mut self, order: Order, link: &mut Option<Pipe>) {
        match order {
            Order::Say(message) => self.session().queue(message).expect("room"),
            Order::Cut => self.hang_up(link),
            Order::Forget => {
                self.hang_up(link);
                self.streams += 1;
                self.session = Some(CloudSession::cloud(self.streams, Limits::default()));
            }
            Order::Door(open) => self.open = open,
            Order::Refuse(code) => self.refuse = Some(code),
            Order::Mute(_) => {}
        }
    }

    /// Answers hellos, passes messages on, and writes what is due.
    async fn speak(&mut self, link: &mut Option<Pipe>, muted: bool) {
        while let Some(event) = self.session().poll_event() {
            match event {
                Event::Hello(facts) => match self.refuse.take() {
                    Some(code) => self.session().reject(code, "refused by the test"),
                    None => {
                        let time = now(self.begin);
                        let epoch = *self.links_seen.borrow() + 1;
                        self.session().accept(epoch, time, HEARTBEAT_MS, "term_t1");
                        self.asides.lock().unwrap().hello = facts;
                        self.links_seen.send_replace(epoch);
                    }
                },
                Event::Message(ToCloud::DeviceStatus(status)) => {
                    self.asides.lock().unwrap().status.push(status);
                }
                Event::Message(ToCloud::Progress(progress)) => {
                    self.asides.lock().unwrap().progress.push(progress);
                }
                Event::Message(ToCloud::OfflineStanding(standing)) => {
                    self.asides.lock().unwrap().offline.push(standing);
                }
                Event::Message(message) => self.hears.send(message).await.expect("the test listens"),
                Event::Dead => self.hang_up(link),
                Event::Established { .. } | Event::Rejected { .. } | Event::ClockSample { .. } => {}
            }
        }
        let time = now(self.begin);
        let at = self.mono();
        while let Some(frame) = self.session().poll_frame(at, time) {
            if let Some(pipe) = link
                && !muted
                && pipe.send(frame).await.is_err()
            {
                self.hang_up(link);
            }
        }
    }

    fn hang_up(&mut self, link: &mut Option<Pipe>) {
        *link = None;
        let suspended = self.session.take().expect("always there").suspend();
        self.session = Some(CloudSession::cloud_resumed(suspended, Limits::default()));
    }

    fn session(&mut self) -> &mut CloudSession {
        self.session.as_mut().expect("always there")
    }

    fn mono(&self) -> i64 {
        i64::try_from(self.begin.elapsed().as_millis()).unwrap()
    }
}

async fn read(link: &mut Option<Pipe>) -> Option<bytes::Bytes> {
    match link {
        Some(pipe) => pipe.recv().await.ok().flatten(),
        None => std::future::pending().await,
    }
}
