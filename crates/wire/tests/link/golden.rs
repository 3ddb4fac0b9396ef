//! The bytes of version 1 of the link, for ever: terminals in the field speak them.

use vinr_domain::Timestamp;
use vinr_wire::link::{
    CloudSession, Event, HelloFacts, Limits, RejectCode, TerminalSession, ToCloud, ToTerminal,
};

use crate::hex::differing;
use crate::messages::{to_cloud, to_terminal};

fn path(name: &str) -> String {
    format!("link/v1/{name}.hex")
}

#[test]
fn every_message_has_the_bytes_of_version_1() {
    let down = to_terminal().into_iter().map(|(name, message)| (path(name), message.encode()));
    let up = to_cloud().into_iter().map(|(name, message)| (path(name), message.encode()));
    assert_eq!(differing(&down.chain(up).collect::<Vec<_>>()), "");
}

#[test]
fn every_message_reads_back() {
    for (name, message) in to_terminal() {
        assert_eq!(ToTerminal::decode(&message.encode()), Ok(message), "{name}");
    }
    for (name, message) in to_cloud() {
        assert_eq!(ToCloud::decode(&message.encode()), Ok(message), "{name}");
    }
}

#[test]
fn every_frame_of_a_connection_has_the_bytes_of_version_1() {
    let facts = HelloFacts {
        software_version: "1.4.0".into(),
        model: "bench".into(),
        serial_number: "B-1".into(),
        battery_percent: Some(0),
        has_printer: true,
        ..HelloFacts::default()
    };
    let mut terminal = TerminalSession::terminal(0x0102_0304_0506_0708, facts, Limits::default());
    let mut cloud = CloudSession::cloud(0xa1a2_a3a4_a5a6_a7a8, Limits::default());
    terminal.connected(1_000);
    cloud.connected(1_000);
    let mut frames = Vec::new();
    let mut record = |name: &str, frame: &[u8]| frames.push((path(name), frame.to_vec()));

    let hello = terminal.poll_frame(1_000, Timestamp(0)).unwrap();
    record("hello", &hello);
    cloud.receive(&hello, 1_010).unwrap();
    cloud.accept(4, Timestamp(1_800_000_000_000), 20_000, "term_1");
    let welcome = cloud.poll_frame(1_010, Timestamp(0)).unwrap();
    record("welcome", &welcome);
    terminal.receive(&welcome, 1_020).unwrap();
    let ping = terminal.poll_frame(1_020, Timestamp(0)).unwrap();
    record("ping", &ping);
    cloud.receive(&ping, 1_030).unwrap();
    let pong = cloud.poll_frame(1_030, Timestamp(1_800_000_000_020)).unwrap();
    record("pong", &pong);
    terminal.receive(&pong, 1_040).unwrap();
    terminal.wake(21_020);
    let ping = terminal.poll_frame(21_020, Timestamp(0)).unwrap();
    record("ping_with_rtt", &ping);
    cloud.receive(&ping, 21_030).unwrap();
    assert_eq!(cloud.rtt_ms(), Some(20));
    let _pong = cloud.poll_frame(21_030, Timestamp(1_800_000_020_020)).unwrap();
    let (_, message) = to_cloud().swap_remove(0);
    terminal.queue(message).unwrap();
    let numbered = terminal.poll_frame(21_050, Timestamp(0)).unwrap();
    record("numbered", &numbered);
    cloud.receive(&numbered, 21_060).unwrap();
    record("acknowledgement", &cloud.poll_frame(21_060, Timestamp(0)).unwrap());
    cloud.reject(RejectCode::Superseded, "a newer link has taken over");
    record("reject", &cloud.poll_frame(21_070, Timestamp(0)).unwrap());
    assert_eq!(differing(&frames), "");
}

#[test]
fn a_greeting_says_how_the_device_is() {
    let facts = HelloFacts {
        software_version: "1.4.0".into(),
        model: "bench".into(),
        serial_number: "B-1".into(),
        battery_percent: None,
        has_printer: false,
        config_version: 7,
        mac: Some("02:00:5e:10:00:01".into()),
        local_addresses: vec!["192.0.2.7".into(), "2001:db8::7".into()],
        locked: true,
        offline_pending: 3,
    };
    let mut terminal =
        TerminalSession::terminal(0x0102_0304_0506_0708, HelloFacts::default(), Limits::default());
    // What it says is what it was told last.
    terminal.set_facts(facts.clone());
    let mut cloud = CloudSession::cloud(0xa1a2_a3a4_a5a6_a7a8, Limits::default());
    terminal.connected(1_000);
    cloud.connected(1_000);
    let hello = terminal.poll_frame(1_000, Timestamp(0)).unwrap();
    assert_eq!(differing(&[(path("hello_of_a_device"), hello.to_vec())]), "");
    cloud.receive(&hello, 1_010).unwrap();
    assert_eq!(cloud.poll_event(), Some(Event::Hello(facts)));
    assert_eq!(cloud.rtt_ms(), None);
}

#[test]
fn a_sealed_card_prints_as_its_length() {
    let (_, authorize) = to_cloud().swap_remove(2);
    let printed = format!("{authorize:?}");
    assert!(printed.contains("<sealed, 4 bytes>") && !printed.contains("254"), "{printed}");
}
