//! Bytes that nobody should send: refused by name, never a panic.

use proptest::prelude::*;
use vinr_domain::{Attention, DeclineCode, Timestamp};
use vinr_wire::link::{
    Authorize, CloudSession, ConfigApplied, Configure, DecodeError, HelloFacts, HostVerdict, Limits,
    Operation, Order, TerminalSession, ToCloud, ToTerminal,
};

use crate::lan_messages::{began_here, offline};
use crate::messages::{to_cloud, to_terminal};

/// A message with one piece of its bytes replaced; lengths stay, so that everything around it still parses.
fn with(bytes: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    assert_eq!(from.len(), to.len());
    let at = bytes.windows(from.len()).position(|window| window == from).expect("the piece is there");
    [&bytes[..at], to, &bytes[at + from.len()..]].concat()
}

fn down(name: &str) -> Vec<u8> {
    to_terminal().into_iter().find(|(found, _)| *found == name).unwrap().1.encode()
}

fn up(name: &str) -> Vec<u8> {
    to_cloud().into_iter().find(|(found, _)| *found == name).unwrap().1.encode()
}

#[test]
fn a_wrong_field_is_named() {
    let refused = |bytes: &[u8]| match ToCloud::decode(bytes) {
        Err(DecodeError::Invalid { field } | DecodeError::Missing { field }) => field,
        other => panic!("{other:?}"),
    };
    assert_eq!(refused(&with(&up("authorize"), b"mastercard", b"monstercar")), "authorize.brand");
    assert_eq!(refused(&with(&up("authorize"), b"0044", b"004x")), "authorize.last4");
    assert_eq!(refused(&with(&up("authorize"), b"contactless", b"contactloss")), "authorize.entry_mode");
    assert_eq!(refused(&with(&up("authorize"), b"preset", b"prefix")), "authorize.tip.mode");
    assert_eq!(refused(&with(&up("ended_lease_over"), &[0x18, 4], &[0x18, 9])), "ended.cause");
    assert_eq!(
        refused(&with(&up("collect_answer_refused"), b"terminal_busy", b"terminal_bust")),
        "collect_answer.refused.decline_code"
    );
    // Empty messages: the first field that is needed is the one that is missed.
    assert_eq!(refused(&[0xda, 0x02, 0]), "cancel_too_late.intent");
    assert_eq!(refused(&[0xc2, 0x02, 0]), "collect_answer.intent");
    assert_eq!(refused(&[]), "frame.body");

    let refused = |bytes: &[u8]| match ToTerminal::decode(bytes) {
        Err(DecodeError::Invalid { field } | DecodeError::Missing { field }) => field,
        other => panic!("{other:?}"),
    };
    assert_eq!(refused(&with(&down("collect"), b"EUR", b"EUX")), "collect.currency");
    assert_eq!(refused(&with(&down("collect"), b"tpay_", b"tpai_")), "collect.payment_id");
    assert_eq!(refused(&with(&down("collect"), &[0x30, 2], &[0x30, 0])), "collect.capture_method");
    assert_eq!(refused(&with(&down("collect"), &[0xe8, 0x20], &[0x80, 0x00])), "collect.amount_minor");
    assert_eq!(refused(&with(&down("present_card"), b"chip", b"chop")), "present_card.entry_mode");
}

#[test]
fn a_wrong_field_of_the_fleet_is_named() {
    let up_refused = |bytes: &[u8]| match ToCloud::decode(bytes) {
        Err(DecodeError::Invalid { field } | DecodeError::Missing { field }) => field,
        other => panic!("{other:?}"),
    };
    assert_eq!(up_refused(&with(&up("action_completed"), b"tact_", b"tacd_")), "action_report.action_id");
    assert_eq!(up_refused(&with(&up("action_completed"), &[0x10, 2], &[0x10, 9])), "action_report.state");
    assert_eq!(up_refused(&with(&up("progress_pin_entry"), &[0x10, 4], &[0x10, 0])), "progress.stage");
    let long = ToCloud::CertificateRequest { csr_der: vec![0x30; 4_097].into() };
    assert_eq!(up_refused(&long.encode()), "certificate_request.csr_der");
    let none = ToCloud::CertificateRequest { csr_der: vec![].into() };
    assert_eq!(up_refused(&none.encode()), "certificate_request.csr_der");

    let refused = |bytes: &[u8]| match ToTerminal::decode(bytes) {
        Err(DecodeError::Invalid { field } | DecodeError::Missing { field }) => field,
        other => panic!("{other:?}"),
    };
    assert_eq!(refused(&with(&down("perform_lock"), b"tact_", b"tacd_")), "perform.action_id");
    assert_eq!(refused(&with(&down("perform_lock"), &[0x10, 3], &[0x10, 2])), "perform.update");
    assert_eq!(refused(&with(&down("configure"), &[0x08, 7], &[0x08, 0])), "configure.version");
    let long = ToTerminal::Configure(Configure { version: 1, config: vec![b' '; 16_385].into() });
    assert_eq!(refused(&long.encode()), "configure.config");
    assert_eq!(
        refused(&ToTerminal::CertificateIssued { chain_pem: String::new() }.encode()),
        "certificate_issued.chain_pem"
    );
    assert_eq!(
        refused(&with(&down("collect_tip_percentage"), &[0x08, 1, 0x12], &[0x08, 0, 0x12])),
        "collect.tip.basis"
    );
    assert_eq!(
        refused(&with(&down("collect_tip_percentage"), &[10, 15], &[10, 101])),
        "collect.tip.suggestions"
    );
}

#[test]
fn a_wrong_field_of_a_payment_that_began_at_the_terminal_is_named() {
    let refused = |bytes: &[u8]| match ToCloud::decode(bytes) {
        Err(DecodeError::Invalid { field } | DecodeError::Missing { field }) => field,
        other => panic!("{other:?}"),
    };
    assert_eq!(refused(&with(&up("authorize_began_here"), b"tpay_", b"tpai_")), "origin.payment_id");
    assert_eq!(refused(&with(&up("authorize_began_here"), b"EUR", b"EUX")), "origin.currency");
    assert_eq!(
        refused(&with(&up("authorize_offline"), &[0x10, 2, 0x1a, 32], &[0x10, 0, 0x1a, 32])),
        "offline_approval.number"
    );
    assert_eq!(refused(&with(&up("ended_began_here"), b"EUR", b"EUX")), "origin.currency");
    let mut commanded = began_here();
    commanded.request.attempt_epoch = 1;
    assert_eq!(refused(&ToCloud::Authorize(commanded).encode()), "authorize.attempt_epoch");
    let orphan = Authorize { origin: None, offline: Some(offline()), ..began_here() };
    assert_eq!(refused(&ToCloud::Authorize(orphan).encode()), "authorize.origin");
    assert_eq!(
        refused(&with(
            &up("lan_certificate_request"),
            b"192.168.1.51",
            b"192.168.1.51".map(|_| b'9').as_slice()
        )),
        "lan_certificate_request.addresses"
    );

    let refused = |bytes: &[u8]| match ToTerminal::decode(bytes) {
        Err(DecodeError::Invalid { field } | DecodeError::Missing { field }) => field,
        other => panic!("{other:?}"),
    };
    assert_eq!(refused(&with(&down("lan_access"), b"0a1b", b"0A1B")), "lan_access.revoked_serials");
    assert_eq!(refused(&with(&down("lan_access"), b"EUR", b"EUX")), "lan_access.settlement_currency");
    assert_eq!(
        refused(&with(&down("office_answer"), &[0x10, 0xa6, 0x03], &[0x10, 0x86, 0x00])),
        "office_answer.status"
    );
}

#[test]
fn an_operation_not_known_yet_can_be_answered() {
    let newer = with(&up("office_find"), b"payment.find", b"payment.seek");
    let Ok(ToCloud::OfficeRequest(request)) = ToCloud::decode(&newer) else { panic!("not read") };
    assert_eq!(request.operation, Operation::Unsupported);
}

#[test]
fn an_order_not_known_yet_can_be_answered() {
    let newer = with(&down("perform_lock"), &[0x10, 3], &[0x10, 0x63]);
    let Ok(ToTerminal::Perform(perform)) = ToTerminal::decode(&newer) else { panic!("not read") };
    assert_eq!(perform.order, Order::Unsupported);
}

#[test]
fn a_reason_for_attention_not_known_yet_is_left_out() {
    let newer = with(&up("device_status"), b"paper_out", b"paper_wet");
    let Ok(ToCloud::DeviceStatus(status)) = ToCloud::decode(&newer) else { panic!("not read") };
    assert_eq!(status.needs_attention, [Attention::BatteryLow].into());
}

#[test]
fn a_long_reason_is_cut_at_the_end_of_a_character() {
    let error = Some("é".repeat(400));
    let said = ToCloud::ConfigApplied(ConfigApplied { version: 1, error });
    let Ok(ToCloud::ConfigApplied(read)) = ToCloud::decode(&said.encode()) else { panic!("not read") };
    assert_eq!(read.error, Some("é".repeat(250)));
}

#[test]
fn a_decline_for_a_reason_not_known_yet_is_a_decline() {
    let newer = with(&down("authorize_result_declined"), b"insufficient_funds", b"unsufficient_funds");
    let Ok(ToTerminal::AuthorizeResult { verdict, .. }) = ToTerminal::decode(&newer) else {
        panic!("not read");
    };
    assert_eq!(verdict, HostVerdict::Declined(DeclineCode::CardDeclined));
}

#[test]
fn a_message_that_travels_the_other_way_is_refused() {
    for (_, message) in to_terminal() {
        assert!(matches!(ToCloud::decode(&message.encode()), Err(DecodeError::Misdirected { .. })));
    }
    for (_, message) in to_cloud() {
        assert!(matches!(ToTerminal::decode(&message.encode()), Err(DecodeError::Misdirected { .. })));
    }
}

/// Arbitrary bytes, and real messages with some bytes changed: those get past the first check.
fn bytes() -> impl Strategy<Value = Vec<u8>> {
    let real: Vec<Vec<u8>> = to_terminal()
        .into_iter()
        .map(|(_, message)| message.encode())
        .chain(to_cloud().into_iter().map(|(_, message)| message.encode()))
        .collect();
    let changed = (
        proptest::sample::select(real),
        prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
    );
    prop_oneof![
        prop::collection::vec(any::<u8>(), 0..200),
        changed.prop_map(|(mut bytes, changes)| {
            for (at, byte) in changes {
                let at = at.index(bytes.len());
                bytes[at] = byte;
            }
            bytes
        }),
    ]
}

proptest! {
    #[test]
    fn no_bytes_make_a_decoder_panic_and_what_it_reads_it_can_write(bytes in bytes()) {
        if let Ok(message) = ToTerminal::decode(&bytes) {
            prop_assert_eq!(ToTerminal::decode(&message.encode()), Ok(message));
        }
        if let Ok(message) = ToCloud::decode(&bytes) {
            prop_assert_eq!(ToCloud::decode(&message.encode()), Ok(message));
        }
    }

    #[test]
    fn no_frames_make_a_session_panic(frames in prop::collection::vec(bytes(), 1..8), open in any::<bool>()) {
        let mut terminal = TerminalSession::terminal(7, HelloFacts::default(), Limits::default());
        let mut cloud = CloudSession::cloud(11, Limits::default());
        terminal.connected(0);
        cloud.connected(0);
        if open {
            cloud.receive(&terminal.poll_frame(0, Timestamp(0)).unwrap(), 0).unwrap();
            cloud.accept(1, Timestamp(0), 20_000, "term_1");
            terminal.receive(&cloud.poll_frame(0, Timestamp(0)).unwrap(), 0).unwrap();
        }
        for (seq, frame) in (1_u8..).zip(&frames) {
            let numbered = [&[0x08, seq][..], frame].concat();
            let _ = terminal.receive(&numbered, 1);
            let _ = cloud.receive(&numbered, 1);
            while terminal.poll_event().is_some() {}
            while cloud.poll_event().is_some() {}
            while terminal.poll_frame(1, Timestamp(0)).is_some() {}
            while cloud.poll_frame(1, Timestamp(0)).is_some() {}
        }
    }
}
