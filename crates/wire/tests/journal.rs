//! The journal's bytes: read back, read for ever, and damage told from an interrupted write.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on must stop")]

use std::collections::BTreeMap;
use std::sync::Arc;

use proptest::prelude::*;
use vinr_domain::device::State;
use vinr_domain::payment::{
    AuthorizationRequest, CaptureMethod, Channel, EndCause, OfflineApproval, Tip, TipMode,
};
use vinr_domain::{
    Brand, CardFacts, Currency, DeclineCode, EntryMode, IntentId, Last4, Money, PaymentId, Timestamp,
};
use vinr_wire::journal::{
    CHAIN_START, ChainHash, Command, Damage, FIRST_INDEX, IntentRecord, KeptOffline, LanOrigin, Opened,
    Record, Tail, encode, scan,
};

#[path = "golden/hex.rs"]
mod hex;

const GOLDEN: &str = "journal/v1/journal.hex";

fn opened() -> Record {
    Record::Opened(Opened { generation: 3, last_stan: 16, terminal: "term_1".into() })
}

fn intent(number: u128, state: State) -> Record {
    let request = AuthorizationRequest {
        stan: 17,
        generation: 3,
        attempt_epoch: 2,
        card: CardFacts {
            brand: Brand::Visa,
            last4: Last4::parse("0042").unwrap(),
            entry_mode: EntryMode::Chip,
        },
        amount_minor: 4_620,
        tip: Some(Tip { amount_minor: 420, mode: TipMode::Custom }),
    };
    let command = Command {
        payment_id: PaymentId(number + 1),
        amount: Money { amount_minor: 4_200, currency: Currency::parse("EUR").unwrap() },
        capture_method: CaptureMethod::Manual,
        reference: Some("order 7".into()),
    };
    Record::Intent(Box::new(IntentRecord {
        intent: IntentId(number),
        attempt_epoch: 2,
        command: Some(command),
        request: Some(request),
        auth_code: matches!(state, State::Approved { .. }).then(|| "A1B2C3".into()),
        state,
        reported: true,
        written_at: Timestamp(1_800_000_000_000),
        receipt_channel: None,
        origin: None,
        offline: None,
    }))
}

fn tombstone(number: u128, cause: EndCause) -> Record {
    Record::Intent(Box::new(IntentRecord {
        intent: IntentId(number),
        attempt_epoch: 1,
        command: None,
        request: None,
        state: State::Ended { cause },
        auth_code: None,
        reported: false,
        written_at: Timestamp(0),
        receipt_channel: None,
        origin: None,
        offline: None,
    }))
}

/// One record of every kind and state.
fn records() -> Vec<Record> {
    let waiting = State::Waiting { attempt_epoch: 2, deadline: Timestamp(1_800_000_090_000) };
    vec![
        opened(),
        intent(1, waiting),
        intent(2, State::AuthSent { stan: 17 }),
        intent(3, State::Unknown { stan: 17 }),
        intent(4, State::Approved { stan: 17, authorized_minor: 4_620 }),
        intent(5, State::Declined { stan: 17, code: DeclineCode::LostOrStolen }),
        tombstone(6, EndCause::Cancelled),
        tombstone(7, EndCause::PromptTimedOut),
        tombstone(8, EndCause::CustomerCancelled),
        tombstone(9, EndCause::LeaseOver),
        Record::Erased(IntentId(4)),
    ]
}

/// Records of payments that began at the terminal.
fn lan_records() -> Vec<Record> {
    let began_here = |number, state, offline: Option<KeptOffline>| {
        let Record::Intent(mut record) = intent(number, state) else { unreachable!("an intent") };
        record.attempt_epoch = 0;
        record.origin = Some(LanOrigin {
            channel: Channel::Cashless,
            description: Some("two coffees".into()),
            metadata: Arc::new(BTreeMap::from([("connectionMode".into(), "local".into())])),
            created_at: Timestamp(1_800_000_000_000),
            captured_minor: Some(4_000),
            prints: Some(false),
            completed_as: Some("order 7 final".into()),
        });
        record.offline = offline;
        Record::Intent(record)
    };
    let kept = |number, kept_card: &'static [u8]| KeptOffline {
        approval: OfflineApproval {
            approved_at: Timestamp(1_800_000_004_000),
            number,
            previous: [7; 32],
            hash: [8; 32],
        },
        kept_card: kept_card.into(),
    };
    let alone = State::ApprovedAlone { stan: 17, authorized_minor: 4_620 };
    vec![
        opened(),
        began_here(1, State::Approved { stan: 17, authorized_minor: 4_620 }, None),
        began_here(2, alone, Some(kept(1, &[1, 2, 3]))),
        began_here(3, State::Voided { stan: 17 }, Some(kept(2, &[]))),
    ]
}

#[test]
fn journals_of_payments_that_began_at_the_terminal_are_read_for_ever() {
    let (bytes, _, _) = written(&lan_records());
    assert_eq!(hex::differing(&[("journal/v1/lan.hex".to_owned(), bytes.clone())]), "");
    let found = scan(&bytes);
    assert_eq!((found.tail, found.records), (Tail::Clean, lan_records()));
}

/// The journal as bytes, and where each record begins.
fn written(records: &[Record]) -> (Vec<u8>, Vec<usize>, ChainHash) {
    let (mut bytes, mut starts, mut hash) = (vec![], vec![], CHAIN_START);
    for (index, record) in (FIRST_INDEX..).zip(records) {
        starts.push(bytes.len());
        let (frame, next) = encode(record, index, &hash);
        bytes.extend(frame);
        hash = next;
    }
    (bytes, starts, hash)
}

/// A whole frame with any payload, as only a faulty or hostile writer would make it.
fn framed(payload: &[u8]) -> Vec<u8> {
    let crc = crc32fast::hash(payload).to_le_bytes();
    [&(payload.len() as u32).to_le_bytes()[..], &crc, payload].concat()
}

#[test]
fn a_journal_of_version_1_is_read_and_written_for_ever() {
    let (bytes, _, _) = written(&records());
    assert_eq!(hex::differing(&[(GOLDEN.to_owned(), bytes)]), "");
    let read = scan(&hex::read(GOLDEN).unwrap());
    assert_eq!((read.records, read.tail), (records(), Tail::Clean));
}

#[test]
fn a_scan_says_how_to_carry_on() {
    assert_eq!(scan(&[]).next_index, FIRST_INDEX);
    let (mut bytes, _, hash) = written(&records());
    let read = scan(&bytes);
    assert_eq!((read.valid_len, read.last_hash), (bytes.len(), hash));
    bytes.extend(encode(&Record::Erased(IntentId(9)), read.next_index, &read.last_hash).0);
    let read = scan(&bytes);
    assert_eq!((read.records.len(), read.tail), (records().len() + 1, Tail::Clean));
}

#[test]
fn an_append_cut_short_anywhere_is_torn() {
    let (bytes, starts, _) = written(&records()[..3]);
    let at = starts[2];
    for length in at + 1..bytes.len() {
        let read = scan(&bytes[..length]);
        assert_eq!(read.tail, Tail::Torn { at, reason: Damage::Short }, "{length}");
        assert_eq!((read.valid_len, read.records.len()), (at, 2));
    }
    let mut zeros = bytes[..at].to_vec();
    zeros.extend([0; 4096]);
    assert_eq!(scan(&zeros).tail, Tail::Torn { at, reason: Damage::Length(0) });
    let mut pages = bytes.clone();
    pages[at + 20..].fill(0);
    assert_eq!(scan(&pages).tail, Tail::Torn { at, reason: Damage::Checksum });
}

#[test]
fn damage_before_whole_records_is_not_a_torn_tail() {
    let (bytes, starts, _) = written(&records());
    for (place, reason) in [(0, Damage::Length(0xff00_0000)), (4, Damage::Checksum), (30, Damage::Checksum)] {
        let at = starts[4];
        let mut bytes = bytes.clone();
        if place == 0 {
            bytes[at..at + 4].copy_from_slice(&0xff00_0000_u32.to_le_bytes());
        } else {
            bytes[at + place] ^= 0x40;
        }
        let read = scan(&bytes);
        assert_eq!(read.tail, Tail::Broken { at, reason }, "{place}");
        assert_eq!(read.records, records()[..4]);
    }
}

#[test]
fn a_record_removed_repeated_or_put_back_breaks_the_chain() {
    let (bytes, starts, _) = written(&records());
    let broken = |bytes: &[u8], at| assert_eq!(scan(bytes).tail, Tail::Broken { at, reason: Damage::Chain });
    broken(&[&bytes[..starts[3]], &bytes[starts[4]..]].concat(), starts[3]);
    broken(&[&bytes[..starts[4]], &bytes[starts[3]..]].concat(), starts[4]);
    let (older, _, _) = written(&[opened(), tombstone(1, EndCause::Cancelled)]);
    broken(&[&bytes[..starts[1]], &older[starts[1]..], &bytes[starts[2]..]].concat(), older.len());
    broken(&bytes[starts[1]..], 0);
}

#[test]
fn an_index_that_jumps_is_noticed_although_the_chain_holds() {
    let (first, hash) = encode(&opened(), 1, &CHAIN_START);
    let (third, _) = encode(&Record::Erased(IntentId(1)), 3, &hash);
    let reason = Damage::Index { expected: 2, found: 3 };
    assert_eq!(scan(&[&first[..], &third].concat()).tail, Tail::Broken { at: first.len(), reason });
}

#[test]
fn a_whole_frame_that_is_no_record_is_broken() {
    assert_eq!(scan(&framed(&[0; 40])).tail, Tail::Broken { at: 0, reason: Damage::Malformed });
    let (erased, _) = encode(&Record::Erased(IntentId(1)), 1, &CHAIN_START);
    assert_eq!(scan(&erased).tail, Tail::Broken { at: 0, reason: Damage::Unopened });
    let mut misspelt = opened_then(&intent(1, State::Declined { stan: 1, code: DeclineCode::LostOrStolen }));
    let at = misspelt.windows(4).position(|window| window == b"lost").unwrap();
    misspelt[at] = b'L';
    assert!(matches!(scan(&misspelt).tail, Tail::Torn { .. }), "a changed byte is found by the checksum");
}

fn opened_then(record: &Record) -> Vec<u8> {
    written(&[opened(), record.clone()]).0
}

/// A record of any kind, with text of any length.
fn any_record() -> impl Strategy<Value = Record> {
    let kinds = proptest::sample::select(records())
        .prop_filter("opens a file", |record| !matches!(record, Record::Opened(_)));
    (kinds, ".{0,40}", any::<u128>(), any::<i64>()).prop_map(|(mut record, text, number, moment)| {
        match &mut record {
            Record::Opened(opened) => opened.terminal = text,
            Record::Erased(intent) => *intent = IntentId(number),
            Record::Intent(intent) => {
                intent.intent = IntentId(number);
                intent.written_at = Timestamp(moment);
                if let Some(command) = &mut intent.command {
                    command.reference = Some(text.as_str().into()).filter(|_| !text.is_empty());
                }
            }
        }
        record
    })
}

proptest! {
    #[test]
    fn what_was_written_is_read(records in prop::collection::vec(any_record(), 0..20)) {
        let records = [vec![opened()], records].concat();
        let read = scan(&written(&records).0);
        prop_assert_eq!((read.records, read.tail), (records, Tail::Clean));
    }

    /// Power loss in the last append: everything before it is read, and it is either whole or torn.
    #[test]
    fn power_loss_costs_at_most_the_last_append(
        records in prop::collection::vec(any_record(), 1..12),
        kept in any::<prop::sample::Index>(),
        garbage in prop::collection::vec(any::<u8>(), 0..64),
    ) {
        let records = [vec![opened()], records].concat();
        let (mut bytes, starts, _) = written(&records);
        let last = *starts.last().unwrap();
        let kept = last + kept.index(bytes.len() - last);
        bytes.truncate(kept);
        bytes.extend(&garbage);
        let read = scan(&bytes);
        prop_assert_eq!(&read.records, &records[..records.len() - 1]);
        prop_assert_eq!(read.valid_len, last);
        let broken = matches!(read.tail, Tail::Broken { .. });
        prop_assert!(!broken, "{:?}", read.tail);
        prop_assert_eq!(read.tail == Tail::Clean, kept == last && garbage.is_empty());
    }

    /// One changed byte is never silent: the records up to it are read, none after it.
    #[test]
    fn a_changed_byte_is_never_read_over(
        records in prop::collection::vec(any_record(), 1..12),
        at in any::<prop::sample::Index>(),
        flip in 1_u8..,
    ) {
        let records = [vec![opened()], records].concat();
        let (mut bytes, starts, _) = written(&records);
        let at = at.index(bytes.len());
        bytes[at] ^= flip;
        let hit = starts.partition_point(|start| *start <= at) - 1;
        let read = scan(&bytes);
        prop_assert_eq!(&read.records, &records[..hit]);
        let last = hit == records.len() - 1;
        let told = if last { matches!(read.tail, Tail::Torn { .. }) } else { matches!(read.tail, Tail::Broken { .. }) };
        prop_assert!(told, "{:?}", read.tail);
    }

    #[test]
    fn no_bytes_make_a_scan_panic(bytes in prop::collection::vec(any::<u8>(), 0..300), payload in any::<bool>()) {
        let bytes = if payload { framed(&bytes) } else { bytes };
        let read = scan(&bytes);
        prop_assert!(read.valid_len <= bytes.len());
    }
}
