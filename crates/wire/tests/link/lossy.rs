//! Two sessions over a wire that loses, repeats, reorders and breaks, with ends that restart: whatever is still owned
//! arrives once and in order for every life of a sender and a receiver.

use bytes::Bytes;
use proptest::prelude::*;
use vinr_domain::payment::EndCause;
use vinr_domain::{IntentId, Timestamp};
use vinr_wire::link::{CloudSession, Event, HelloFacts, Limits, TerminalSession, ToCloud, ToTerminal};

/// What happens next in a run.
#[derive(Clone, Debug)]
enum Deed {
    TerminalSays,
    CloudSays,
    /// Both sides write what they have.
    Write,
    /// The frame at this place of a wire arrives.
    Deliver {
        up: bool,
        at: prop::sample::Index,
    },
    Lose {
        up: bool,
        at: prop::sample::Index,
    },
    Repeat {
        up: bool,
        at: prop::sample::Index,
    },
    Break,
    /// A new life: what it had not been told has arrived, is gone with it.
    TerminalRestarts,
    CloudRestarts,
    Wait(i64),
}

fn deed() -> impl Strategy<Value = Deed> {
    let at = || (any::<bool>(), any::<prop::sample::Index>());
    prop_oneof![
        3 => Just(Deed::TerminalSays),
        3 => Just(Deed::CloudSays),
        6 => Just(Deed::Write),
        8 => at().prop_map(|(up, at)| Deed::Deliver { up, at }),
        2 => at().prop_map(|(up, at)| Deed::Lose { up, at }),
        2 => at().prop_map(|(up, at)| Deed::Repeat { up, at }),
        1 => Just(Deed::Break),
        1 => Just(Deed::TerminalRestarts),
        1 => Just(Deed::CloudRestarts),
        2 => (0_i64..30_000).prop_map(Deed::Wait),
    ]
}

/// What one life of a receiver heard, as (life of the sender, number).
type Heard = Vec<(u32, u128)>;

struct Run {
    terminal: TerminalSession,
    cloud: CloudSession,
    up: Vec<Bytes>,
    down: Vec<Bytes>,
    now_ms: i64,
    epoch: u64,
    terminal_life: u32,
    cloud_life: u32,
    said: u128,
    /// One per life.
    terminal_heard: Vec<Heard>,
    cloud_heard: Vec<Heard>,
    /// What each sender's life has said, and what was unacknowledged when it ended does not count.
    terminal_said: Vec<u128>,
    cloud_said: Vec<u128>,
}

fn new_terminal(life: u32) -> TerminalSession {
    TerminalSession::terminal(1000 + u64::from(life), HelloFacts::default(), Limits::default())
}

fn new_cloud(life: u32) -> CloudSession {
    CloudSession::cloud(2000 + u64::from(life), Limits::default())
}

impl Run {
    fn new() -> Self {
        let mut run = Self {
            terminal: new_terminal(0),
            cloud: new_cloud(0),
            up: vec![],
            down: vec![],
            now_ms: 0,
            epoch: 0,
            terminal_life: 0,
            cloud_life: 0,
            said: 0,
            terminal_heard: vec![vec![]],
            cloud_heard: vec![vec![]],
            terminal_said: vec![],
            cloud_said: vec![],
        };
        run.reconnect();
        run
    }

    fn reconnect(&mut self) {
        self.up.clear();
        self.down.clear();
        self.terminal.disconnected();
        let cloud = std::mem::replace(&mut self.cloud, new_cloud(u32::MAX));
        self.cloud = CloudSession::cloud_resumed(cloud.suspend(), Limits::default());
        self.terminal.connected(self.now_ms);
        self.cloud.connected(self.now_ms);
    }

    fn write(&mut self) {
        let time = Timestamp(self.now_ms);
        self.up.extend(std::iter::from_fn(|| self.terminal.poll_frame(self.now_ms, time)));
        self.down.extend(std::iter::from_fn(|| self.cloud.poll_frame(self.now_ms, time)));
    }

    /// A frame arrives. A wire that reorders makes honest peers look at fault; then the connection ends.
    fn arrive(&mut self, up: bool, frame: &Bytes) {
        let received = if up {
            self.cloud.receive(frame, self.now_ms)
        } else {
            self.terminal.receive(frame, self.now_ms)
        };
        self.listen();
        if received.is_err() {
            self.reconnect();
        }
    }

    fn listen(&mut self) {
        let mut dead = false;
        while let Some(event) = self.cloud.poll_event() {
            match event {
                Event::Hello(_) => {
                    self.epoch += 1;
                    self.cloud.accept(self.epoch, Timestamp(self.now_ms), 20_000, "term_1");
                }
                Event::Message(ToCloud::Ended { intent, attempt_epoch, .. }) => {
                    self.cloud_heard.last_mut().unwrap().push((attempt_epoch, intent.0));
                }
                Event::Dead => dead = true,
                other => panic!("{other:?}"),
            }
        }
        while let Some(event) = self.terminal.poll_event() {
            match event {
                Event::Message(ToTerminal::Cancel { intent, attempt_epoch }) => {
                    self.terminal_heard.last_mut().unwrap().push((attempt_epoch, intent.0));
                }
                Event::Established { .. } | Event::ClockSample { .. } => {}
                Event::Dead => dead = true,
                other => panic!("{other:?}"),
            }
        }
        if dead {
            self.reconnect();
        }
    }

    fn wait(&mut self, ms: i64) {
        self.now_ms += ms;
        self.terminal.wake(self.now_ms);
        self.cloud.wake(self.now_ms);
        self.listen();
    }

    fn terminal_says(&mut self) {
        self.said += 1;
        let (intent, attempt_epoch) = (IntentId(self.said), self.terminal_life);
        let cause = EndCause::Cancelled;
        self.terminal.queue(ToCloud::Ended { intent, attempt_epoch, cause, origin: None }).unwrap();
        self.terminal_said.push(self.said);
    }

    fn cloud_says(&mut self) {
        self.said += 1;
        let (intent, attempt_epoch) = (IntentId(self.said), self.cloud_life);
        self.cloud.queue(ToTerminal::Cancel { intent, attempt_epoch }).unwrap();
        self.cloud_said.push(self.said);
    }

    fn do_it(&mut self, deed: &Deed) {
        match deed {
            Deed::TerminalSays => self.terminal_says(),
            Deed::CloudSays => self.cloud_says(),
            Deed::Write => self.write(),
            Deed::Deliver { up, at } => {
                if let Some(frame) = pick(self.wire(*up), at) {
                    self.arrive(*up, &frame);
                }
            }
            Deed::Lose { up, at } => drop(pick(self.wire(*up), at)),
            Deed::Repeat { up, at } => {
                let wire = self.wire(*up);
                if !wire.is_empty() {
                    let again = wire[at.index(wire.len())].clone();
                    wire.push(again);
                }
            }
            Deed::Break => self.reconnect(),
            Deed::TerminalRestarts => {
                self.terminal_life += 1;
                self.terminal = new_terminal(self.terminal_life);
                self.terminal_heard.push(vec![]);
                self.terminal_said.clear();
                self.reconnect();
            }
            Deed::CloudRestarts => {
                self.cloud_life += 1;
                self.cloud = new_cloud(self.cloud_life);
                self.cloud_heard.push(vec![]);
                self.cloud_said.clear();
                self.reconnect();
            }
            Deed::Wait(ms) => self.wait(*ms),
        }
    }

    fn wire(&mut self, up: bool) -> &mut Vec<Bytes> {
        if up { &mut self.up } else { &mut self.down }
    }

    /// The wire is kind from now on: everything arrives, in order.
    fn settle(&mut self) {
        for _ in 0..200 {
            self.write();
            // Bounded, because peers that keep breaking the protocol would greet each other for ever.
            for _ in 0..100 {
                for up in [true, false] {
                    for frame in std::mem::take(self.wire(up)) {
                        self.arrive(up, &frame);
                    }
                }
                self.write();
            }
            if self.terminal.unacknowledged() == 0
                && self.cloud.unacknowledged() == 0
                && self.terminal.is_open()
            {
                return;
            }
            self.wait(1_000);
        }
        panic!("a kind wire does not settle");
    }
}

fn pick(wire: &mut Vec<Bytes>, at: &prop::sample::Index) -> Option<Bytes> {
    (!wire.is_empty()).then(|| wire.remove(at.index(wire.len())))
}

/// Within one life of the receiver: from each life of the sender a rising run of numbers, none twice.
fn in_order(heard: &Heard) -> bool {
    heard.is_sorted_by(|one, other| one < other)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]
    #[test]
    fn everything_still_owned_arrives_once_and_in_order(deeds in prop::collection::vec(deed(), 0..120)) {
        let mut run = Run::new();
        for deed in &deeds {
            run.do_it(deed);
            prop_assert!(run.cloud_heard.iter().all(in_order), "{:?}", run.cloud_heard);
            prop_assert!(run.terminal_heard.iter().all(in_order), "{:?}", run.terminal_heard);
        }
        run.settle();
        // The living senders: nothing they said is missing from all lives of the receiver.
        let by = |heard: &[Heard], life| -> Vec<u128> {
            let mut all: Vec<_> = heard.iter().flatten().filter(|(of, _)| *of == life).map(|(_, n)| *n).collect();
            all.sort_unstable();
            all.dedup();
            all
        };
        prop_assert_eq!(by(&run.cloud_heard, run.terminal_life), run.terminal_said);
        prop_assert_eq!(by(&run.terminal_heard, run.cloud_life), run.cloud_said);
        prop_assert!(run.cloud_heard.iter().chain(&run.terminal_heard).all(in_order));
    }
}
