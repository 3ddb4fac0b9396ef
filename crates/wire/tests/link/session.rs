//! Two sessions over a wire that does what the test says.

use vinr_domain::payment::EndCause;
use vinr_domain::{IntentId, Timestamp};
use vinr_wire::link::{
    CloudSession, Event, HelloFacts, Limits, ProtocolError, QueueError, RejectCode, Suspended,
    TerminalSession, ToCloud, ToTerminal,
};

const EPOCH: i64 = 1_800_000_000_000;
const HEARTBEAT_MS: u32 = 20_000;

fn facts() -> HelloFacts {
    HelloFacts {
        software_version: "1.4.0".into(),
        model: "bench".into(),
        serial_number: "B-1".into(),
        battery_percent: Some(80),
        has_printer: true,
        ..HelloFacts::default()
    }
}

fn terminal() -> TerminalSession {
    TerminalSession::terminal(7, facts(), Limits::default())
}

fn down(n: u32) -> ToTerminal {
    ToTerminal::Cancel { intent: IntentId(9), attempt_epoch: n }
}

fn up(n: u32) -> ToCloud {
    ToCloud::Ended { intent: IntentId(9), attempt_epoch: n, cause: EndCause::Cancelled, origin: None }
}

/// Carries everything that both sides have to write, and answers hellos, until both are silent.
fn settle(terminal: &mut TerminalSession, cloud: &mut CloudSession, now_ms: i64) -> Heard {
    let mut heard = Heard::default();
    loop {
        let mut quiet = true;
        while let Some(frame) = terminal.poll_frame(now_ms, Timestamp(0)) {
            cloud.receive(&frame, now_ms).unwrap();
            quiet = false;
        }
        while let Some(event) = cloud.poll_event() {
            if matches!(event, Event::Hello(_)) {
                cloud.accept(3, Timestamp(EPOCH + now_ms), HEARTBEAT_MS, "term_1");
            }
            heard.cloud.push(event);
        }
        while let Some(frame) = cloud.poll_frame(now_ms, Timestamp(EPOCH + now_ms)) {
            terminal.receive(&frame, now_ms).unwrap();
            quiet = false;
        }
        heard.terminal.extend(std::iter::from_fn(|| terminal.poll_event()));
        if quiet {
            return heard;
        }
    }
}

#[derive(Default)]
struct Heard {
    terminal: Vec<Event<ToTerminal>>,
    cloud: Vec<Event<ToCloud>>,
}

impl Heard {
    fn at_terminal(&self) -> Vec<u32> {
        let number = |event: &Event<ToTerminal>| match event {
            Event::Message(ToTerminal::Cancel { attempt_epoch, .. }) => Some(*attempt_epoch),
            _ => None,
        };
        self.terminal.iter().filter_map(number).collect()
    }

    fn at_cloud(&self) -> Vec<u32> {
        let number = |event: &Event<ToCloud>| match event {
            Event::Message(ToCloud::Ended { attempt_epoch, .. }) => Some(*attempt_epoch),
            _ => None,
        };
        self.cloud.iter().filter_map(number).collect()
    }

    fn resumed(&self) -> Option<bool> {
        self.terminal.iter().find_map(|event| match event {
            Event::Established { resumed, .. } => Some(*resumed),
            _ => None,
        })
    }
}

fn linked(now_ms: i64) -> (TerminalSession, CloudSession) {
    let (mut terminal, mut cloud) = (terminal(), CloudSession::cloud(11, Limits::default()));
    connect(&mut terminal, &mut cloud, now_ms);
    settle(&mut terminal, &mut cloud, now_ms);
    (terminal, cloud)
}

fn connect(terminal: &mut TerminalSession, cloud: &mut CloudSession, now_ms: i64) {
    terminal.connected(now_ms);
    cloud.connected(now_ms);
}

#[test]
fn a_greeting_tells_each_side_of_the_other_and_the_time() {
    let (mut terminal, mut cloud) = (terminal(), CloudSession::cloud(11, Limits::default()));
    connect(&mut terminal, &mut cloud, 50);
    let heard = settle(&mut terminal, &mut cloud, 60);
    assert_eq!(heard.cloud, [Event::Hello(facts())]);
    let sample = Event::ClockSample { sent_ms: 60, received_ms: 60, server_time: Timestamp(EPOCH + 60) };
    let established = Event::Established {
        session_epoch: 3,
        heartbeat_ms: HEARTBEAT_MS,
        terminal_id: "term_1".into(),
        resumed: false,
    };
    assert_eq!(heard.terminal, [established, sample.clone(), sample]);
    assert!(terminal.is_open() && cloud.is_open());
    assert_eq!(cloud.battery_percent(), Some(80));
}

#[test]
fn what_was_queued_before_the_link_arrives_in_order_once_it_is_up() {
    let (mut terminal, mut cloud) = (terminal(), CloudSession::cloud(11, Limits::default()));
    for n in 1..=3 {
        terminal.queue(up(n)).unwrap();
        cloud.queue(down(n)).unwrap();
    }
    connect(&mut terminal, &mut cloud, 0);
    let heard = settle(&mut terminal, &mut cloud, 0);
    assert_eq!((heard.at_terminal(), heard.at_cloud()), (vec![1, 2, 3], vec![1, 2, 3]));
    assert_eq!((terminal.unacknowledged(), cloud.unacknowledged()), (0, 0));
}

#[test]
fn a_lost_frame_is_sent_again_after_a_pause_and_a_second_copy_is_dropped() {
    let (mut terminal, mut cloud) = linked(0);
    cloud.queue(down(1)).unwrap();
    assert!(cloud.poll_frame(100, Timestamp(0)).is_some(), "lost on the way");
    assert_eq!(cloud.next_wakeup(), Some(2_100));
    cloud.wake(2_099);
    assert_eq!(cloud.poll_frame(2_099, Timestamp(0)), None);
    cloud.wake(2_100);
    let copy = cloud.poll_frame(2_100, Timestamp(0)).unwrap();
    assert_eq!(cloud.next_wakeup(), Some(6_100), "the second pause is twice the first");
    terminal.receive(&copy, 2_110).unwrap();
    terminal.receive(&copy, 2_111).unwrap();
    let heard = settle(&mut terminal, &mut cloud, 2_120);
    assert_eq!(heard.at_terminal(), [1]);
    assert_eq!(cloud.unacknowledged(), 0);
}

#[test]
fn what_follows_an_acknowledgement_leaves_at_once() {
    let (mut terminal, mut cloud) = linked(0);
    for n in 1..=3 {
        cloud.queue(down(n)).unwrap();
        assert_eq!(settle(&mut terminal, &mut cloud, 1).at_terminal(), [n]);
    }
    assert_eq!(cloud.next_wakeup(), Some(60_001), "nothing is left to be sent again");
}

#[test]
fn nothing_is_delivered_past_a_gap() {
    let (mut terminal, mut cloud) = linked(0);
    cloud.queue(down(1)).unwrap();
    cloud.queue(down(2)).unwrap();
    let first = cloud.poll_frame(1, Timestamp(0)).unwrap();
    let second = cloud.poll_frame(1, Timestamp(0)).unwrap();
    terminal.receive(&second, 2).unwrap();
    assert_eq!(terminal.poll_event(), None);
    terminal.receive(&first, 3).unwrap();
    assert_eq!(terminal.poll_event(), Some(Event::Message(down(1))));
    assert_eq!(terminal.poll_event(), None, "the second comes again in its turn");
    cloud.wake(2_001);
    let heard = settle(&mut terminal, &mut cloud, 2_001);
    assert_eq!(heard.at_terminal(), [2]);
}

#[test]
fn a_new_connection_carries_on_where_the_old_one_broke() {
    let (mut terminal, mut cloud) = linked(0);
    terminal.queue(up(1)).unwrap();
    cloud.queue(down(1)).unwrap();
    let arrived = terminal.poll_frame(1, Timestamp(0)).unwrap();
    cloud.receive(&arrived, 1).unwrap();
    assert_eq!(cloud.poll_event(), Some(Event::Message(up(1))));
    let _lost_with_its_acknowledgement = cloud.poll_frame(1, Timestamp(0)).unwrap();
    let mut cloud = CloudSession::cloud_resumed(cloud.suspend(), Limits::default());
    connect(&mut terminal, &mut cloud, 5_000);
    let heard = settle(&mut terminal, &mut cloud, 5_000);
    assert_eq!((heard.at_terminal(), heard.at_cloud()), (vec![1], vec![]));
    assert_eq!(heard.resumed(), Some(true));
    assert_eq!((terminal.unacknowledged(), cloud.unacknowledged()), (0, 0));
}

#[test]
fn a_cloud_that_forgot_hears_only_what_it_had_not_acknowledged() {
    let (mut terminal, mut cloud) = linked(0);
    terminal.queue(up(1)).unwrap();
    settle(&mut terminal, &mut cloud, 1);
    terminal.queue(up(2)).unwrap();
    let mut cloud = CloudSession::cloud(12, Limits::default());
    cloud.queue(down(5)).unwrap();
    connect(&mut terminal, &mut cloud, 2);
    let heard = settle(&mut terminal, &mut cloud, 2);
    assert_eq!((heard.at_terminal(), heard.at_cloud()), (vec![5], vec![2]));
    assert_eq!(heard.resumed(), Some(false));
}

#[test]
fn a_terminal_that_restarted_hears_again_what_it_may_have_lost() {
    let (_, mut cloud) = linked(0);
    cloud.queue(down(1)).unwrap();
    let _heard_by_the_life_before = cloud.poll_frame(1, Timestamp(0)).unwrap();
    let mut reborn = TerminalSession::terminal(8, facts(), Limits::default());
    let mut cloud = CloudSession::cloud_resumed(cloud.suspend(), Limits::default());
    connect(&mut reborn, &mut cloud, 2);
    let heard = settle(&mut reborn, &mut cloud, 2);
    assert_eq!(heard.at_terminal(), [1]);
}

#[test]
fn heartbeats_keep_the_link_and_bring_the_time() {
    let (mut terminal, mut cloud) = linked(0);
    assert_eq!(terminal.next_wakeup(), Some(20_000));
    terminal.set_battery(Some(41));
    terminal.wake(20_000);
    let heard = settle(&mut terminal, &mut cloud, 20_005);
    let sample =
        Event::ClockSample { sent_ms: 20_005, received_ms: 20_005, server_time: Timestamp(EPOCH + 20_005) };
    assert_eq!(heard.terminal, [sample]);
    assert_eq!(cloud.battery_percent(), Some(41));
    assert_eq!(cloud.next_wakeup(), Some(80_005));
}

#[test]
fn silence_ends_a_link_on_each_side_in_its_own_time() {
    let (mut terminal, mut cloud) = linked(0);
    terminal.wake(49_999);
    assert_eq!(terminal.poll_event(), None);
    terminal.wake(50_000);
    assert_eq!(terminal.poll_event(), Some(Event::Dead));
    cloud.wake(59_999);
    assert_eq!(cloud.poll_event(), None);
    cloud.wake(60_000);
    assert_eq!(cloud.poll_event(), Some(Event::Dead));
    assert_eq!((terminal.next_wakeup(), cloud.next_wakeup()), (None, None));
}

#[test]
fn a_greeting_that_does_not_come_is_not_awaited_for_ever() {
    let mut cloud = CloudSession::cloud(11, Limits::default());
    cloud.connected(0);
    assert_eq!(cloud.next_wakeup(), Some(10_000));
    cloud.wake(10_000);
    assert_eq!(cloud.poll_event(), Some(Event::Dead));
}

#[test]
fn a_refusal_is_the_last_frame_and_keeps_what_was_queued() {
    let (mut terminal, mut cloud) = (terminal(), CloudSession::cloud(11, Limits::default()));
    terminal.queue(up(1)).unwrap();
    connect(&mut terminal, &mut cloud, 0);
    cloud.receive(&terminal.poll_frame(0, Timestamp(0)).unwrap(), 0).unwrap();
    cloud.reject(RejectCode::TryLater, "full");
    let refusal = cloud.poll_frame(0, Timestamp(0)).unwrap();
    assert_eq!(cloud.poll_frame(0, Timestamp(0)), None);
    terminal.receive(&refusal, 0).unwrap();
    let rejected = Event::Rejected { code: RejectCode::TryLater, message: "full".into() };
    assert_eq!(terminal.poll_event(), Some(rejected));
    assert_eq!((terminal.poll_frame(0, Timestamp(0)), terminal.unacknowledged()), (None, 1));
}

#[test]
fn a_terminal_of_another_protocol_version_is_told_so() {
    // hello { protocol_version: 2, stream: 7, next_seq: 1 }
    let hello = [0x52, 13, 0x08, 2, 0x11, 7, 0, 0, 0, 0, 0, 0, 0, 0x18, 1];
    let mut cloud = CloudSession::cloud(11, Limits::default());
    cloud.connected(0);
    cloud.receive(&hello, 0).unwrap();
    assert!(matches!(cloud.poll_event(), Some(Event::Rejected { code: RejectCode::UnsupportedVersion, .. })));
    let mut terminal = terminal();
    terminal.connected(0);
    terminal.receive(&cloud.poll_frame(0, Timestamp(0)).unwrap(), 0).unwrap();
    assert!(matches!(
        terminal.poll_event(),
        Some(Event::Rejected { code: RejectCode::UnsupportedVersion, .. })
    ));
}

#[test]
fn too_much_unacknowledged_is_refused_and_not_lost() {
    let mut cloud = CloudSession::cloud(11, Limits { unacknowledged: 2, ..Limits::default() });
    cloud.queue(down(1)).unwrap();
    cloud.queue(down(2)).unwrap();
    assert_eq!(cloud.queue(down(3)), Err(QueueError::Full));
    assert_eq!(cloud.unacknowledged(), 2);
    let mut terminal = terminal();
    let reason = Some("x".repeat(64 * 1024));
    let long = vinr_wire::link::CardPresented { request: 1, accepted: false, intent: None, reason };
    assert_eq!(terminal.queue(ToCloud::CardPresented(long)), Err(QueueError::TooLong));
}

#[test]
fn a_peer_that_breaks_the_protocol_is_told_apart() {
    let fault = |frame: &[u8]| linked(0).1.receive(frame, 1).unwrap_err();
    let message = up(1).encode();
    assert_eq!(fault(&message), ProtocolError::Unnumbered { message: "ended" });
    assert_eq!(fault(&[0x10, 1]), ProtocolError::NeverSaid { acknowledged: 1, said: 0 });
    let misdirected = [&[0x08, 1][..], &down(1).encode()].concat();
    assert!(fault(&misdirected).to_string().contains("cancel is not for this side"));
    assert!(fault(&[0xff]).to_string().starts_with("malformed frame"));
    assert!(fault(&vec![0; 64 * 1024 + 1]).to_string().contains("longer than a frame"));
    let hello = terminal_hello();
    assert_eq!(fault(&hello), ProtocolError::OutOfTurn { message: "hello" });
    let mut early = CloudSession::cloud(11, Limits::default());
    assert_eq!(early.receive(&hello, 0), Err(ProtocolError::NotConnected));
    early.connected(0);
    assert_eq!(early.receive(&message, 0), Err(ProtocolError::OutOfTurn { message: "ended" }));
    // pong { echoed_monotonic_ms: 5000 }: nothing was asked then.
    assert_eq!(linked(0).0.receive(&[0x72, 3, 0x08, 0x88, 0x27], 1), Err(ProtocolError::ForeignPong));
}

#[test]
fn a_numbered_frame_of_an_unknown_kind_is_counted_and_dropped() {
    let (mut terminal, mut cloud) = linked(0);
    // seq 1, and field 99 with an empty message.
    terminal.receive(&[0x08, 1, 0x9a, 0x06, 0], 1).unwrap();
    assert_eq!(terminal.poll_event(), None);
    let acknowledgement = terminal.poll_frame(1, Timestamp(0)).unwrap();
    assert_eq!(acknowledgement.as_ref(), [0x10, 1]);
    assert!(cloud.receive(&acknowledgement, 1).is_err(), "this cloud never said it");
}

#[test]
fn an_idle_session_is_small() {
    assert!(size_of::<Suspended>() <= 48, "{}", size_of::<Suspended>());
    assert!(size_of::<CloudSession>() <= 272, "{}", size_of::<CloudSession>());
}

fn terminal_hello() -> Vec<u8> {
    let mut terminal = terminal();
    terminal.connected(0);
    terminal.poll_frame(0, Timestamp(0)).unwrap().to_vec()
}
