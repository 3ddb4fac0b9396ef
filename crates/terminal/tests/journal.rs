//! The journal over restarts and power losses: what was synced is there, numbers are given once, damage is said.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use rand::SeedableRng as _;
use rand_chacha::ChaCha8Rng;
use vinr_domain::device::State;
use vinr_domain::payment::{AuthorizationRequest, CaptureMethod, EndCause};
use vinr_domain::{Brand, CardFacts, Currency, EntryMode, IntentId, Last4, Money, PaymentId, Timestamp};
use vinr_terminal::journal::{FileDisk, Journal, JournalError, Limits, MemoryDisk};
use vinr_wire::journal::{Command, IntentRecord};

const NOW: Timestamp = Timestamp(1_790_000_000_000);
const LIMITS: Limits = Limits { entries: 100, compact_above_bytes: 2_000 };

fn waiting(intent: u128) -> IntentRecord {
    let amount = Money { amount_minor: 100, currency: Currency::parse("EUR").unwrap() };
    IntentRecord {
        intent: IntentId(intent),
        attempt_epoch: 1,
        command: Some(Command {
            payment_id: PaymentId(intent),
            amount,
            capture_method: CaptureMethod::Automatic,
            reference: None,
        }),
        request: None,
        state: State::Waiting { attempt_epoch: 1, deadline: NOW },
        auth_code: None,
        reported: false,
        written_at: NOW,
        receipt_channel: None,
        origin: None,
        offline: None,
    }
}

fn asked(intent: u128, generation: u32, stan: u32) -> IntentRecord {
    let last4 = Last4::parse("4242").unwrap();
    let request = AuthorizationRequest {
        stan,
        generation,
        attempt_epoch: 1,
        card: CardFacts { brand: Brand::Visa, last4, entry_mode: EntryMode::Chip },
        amount_minor: 100,
        tip: None,
    };
    IntentRecord { request: Some(request), state: State::AuthSent { stan }, ..waiting(intent) }
}

fn ended(intent: u128) -> IntentRecord {
    IntentRecord { state: State::Ended { cause: EndCause::Cancelled }, command: None, ..waiting(intent) }
}

#[derive(Clone, Debug)]
enum Op {
    Wait(u8),
    Ask(u8),
    End(u8),
    Erase(u8),
    Sync,
    Compact,
    /// Power loss, before or during a sync.
    PowerLoss {
        seed: u64,
        writing: bool,
    },
}

fn ops() -> impl Strategy<Value = Vec<Op>> {
    let op = prop_oneof![
        3 => (0..12_u8).prop_map(Op::Wait),
        4 => (0..12_u8).prop_map(Op::Ask),
        2 => (0..12_u8).prop_map(Op::End),
        2 => (0..12_u8).prop_map(Op::Erase),
        4 => Just(Op::Sync),
        1 => Just(Op::Compact),
        3 => (any::<u64>(), any::<bool>()).prop_map(|(seed, writing)| Op::PowerLoss { seed, writing }),
    ];
    prop::collection::vec(op, 1..120)
}

type Entries = BTreeMap<IntentId, IntentRecord>;

fn entries(journal: &Journal<MemoryDisk>) -> Entries {
    journal.entries().map(|entry| (entry.intent, entry.clone())).collect()
}

/// What must hold of the journal, kept beside it.
#[derive(Default)]
struct Model {
    /// What every sync promised.
    durable: Entries,
    /// What each change since then led to, in order.
    since: Vec<Entries>,
    /// Numbers that may have left the terminal.
    given: BTreeSet<(u32, u32)>,
}

impl Model {
    fn promise(&mut self, journal: &Journal<MemoryDisk>) {
        self.durable = entries(journal);
        self.since.clear();
        let requests = self.durable.values().filter_map(|entry| entry.request.as_ref());
        self.given.extend(requests.map(|request| (request.generation, request.stan)));
    }

    fn may_be(&self, found: &Entries) -> bool {
        *found == self.durable || self.since.contains(found)
    }
}

fn change(journal: &mut Journal<MemoryDisk>, op: &Op, model: &Model) {
    match *op {
        Op::Wait(intent) => journal.apply(waiting(intent.into())).unwrap(),
        Op::Ask(intent) => {
            let (generation, stan) = (journal.generation(), journal.next_stan().unwrap());
            assert!(!model.given.contains(&(generation, stan)), "{stan} was given before");
            journal.apply(asked(intent.into(), generation, stan)).unwrap();
        }
        Op::End(intent) => journal.apply(ended(intent.into())).unwrap(),
        Op::Erase(intent) => journal.erase(IntentId(intent.into())).unwrap(),
        Op::Sync | Op::Compact | Op::PowerLoss { .. } => {}
    }
}

async fn run(ops: Vec<Op>) {
    let disk = MemoryDisk::new();
    let mut journal = Journal::open(disk.clone(), "term_a", NOW, LIMITS).await.unwrap();
    let mut model = Model::default();
    for op in ops {
        match op {
            Op::Sync => {
                journal.sync().await.unwrap();
                model.promise(&journal);
            }
            Op::Compact => {
                let before = entries(&journal);
                journal.compact_if_worth_it().await.unwrap();
                journal.sync().await.unwrap();
                assert_eq!(entries(&journal), before);
                model.promise(&journal);
            }
            Op::PowerLoss { seed, writing } => {
                if writing {
                    journal.write().unwrap();
                }
                disk.power_loss(&mut ChaCha8Rng::seed_from_u64(seed));
                journal = Journal::open(disk.clone(), "term_a", NOW, LIMITS).await.unwrap();
                let found = entries(&journal);
                assert!(model.may_be(&found), "{found:?} is neither what was synced nor a step after it");
                model.promise(&journal);
            }
            ref change_op => {
                change(&mut journal, change_op, &model);
                model.since.push(entries(&journal));
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn what_was_synced_is_never_lost_and_no_number_is_given_twice(ops in ops()) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(run(ops));
    }

    #[test]
    fn a_flipped_bit_is_never_taken_for_truth(at in any::<prop::sample::Index>(), bit in 0..8_u8) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let disk = MemoryDisk::new();
            let mut journal = Journal::open(disk.clone(), "term_a", NOW, LIMITS).await.unwrap();
            let mut states = vec![entries(&journal)];
            for intent in 0..5 {
                journal.apply(asked(intent, journal.generation(), journal.next_stan().unwrap())).unwrap();
                journal.sync().await.unwrap();
                states.push(entries(&journal));
            }
            let mut bytes = disk.bytes();
            let at = at.index(bytes.len());
            bytes[at] ^= 1 << bit;
            disk.set_bytes(bytes);
            match Journal::open(disk, "term_a", NOW, LIMITS).await {
                // Damage to the last record cannot be told from a write that power loss cut off.
                Ok(journal) => assert!(states[states.len() - 2] == entries(&journal), "at {at}"),
                Err(error) => assert!(matches!(error, JournalError::Damaged { .. }), "{error}"),
            }
        });
    }
}

#[tokio::test]
async fn a_journal_that_is_started_anew_is_another_generation() {
    let first = Journal::open(MemoryDisk::new(), "term_a", NOW, LIMITS).await.unwrap();
    let second = Journal::open(MemoryDisk::new(), "term_a", NOW.plus_ms(1_000), LIMITS).await.unwrap();
    assert_ne!(first.generation(), second.generation());
    assert_eq!((first.next_stan().unwrap(), second.next_stan().unwrap()), (1, 1));
}

#[tokio::test]
async fn another_terminal_s_journal_is_refused() {
    let disk = MemoryDisk::new();
    drop(Journal::open(disk.clone(), "term_a", NOW, LIMITS).await.unwrap());
    let error = Journal::open(disk, "term_b", NOW, LIMITS).await.unwrap_err();
    assert!(matches!(error, JournalError::OtherTerminal { .. }), "{error}");
}

#[tokio::test]
async fn a_full_journal_says_so_and_still_takes_what_it_must() {
    let limits = Limits { entries: 8, ..LIMITS };
    let mut journal = Journal::open(MemoryDisk::new(), "term_a", NOW, limits).await.unwrap();
    for intent in 0..8 {
        assert!(journal.has_room());
        journal.apply(waiting(intent)).unwrap();
    }
    assert!(!journal.has_room());
    assert!(matches!(journal.apply(waiting(8)), Err(JournalError::Full)));
    journal.apply(asked(7, journal.generation(), 1)).unwrap();
    journal.apply(ended(8)).unwrap();
    journal.apply(ended(9)).unwrap();
    assert!(matches!(journal.apply(ended(10)), Err(JournalError::Full)));
    assert_eq!(journal.entries().count(), 10);
    for intent in [7, 8, 9] {
        journal.erase(IntentId(intent)).unwrap();
    }
    assert!(journal.has_room());
}

#[tokio::test]
async fn nothing_is_written_after_a_disk_has_failed() {
    let disk = MemoryDisk::new();
    let mut journal = Journal::open(disk.clone(), "term_a", NOW, LIMITS).await.unwrap();
    journal.apply(waiting(1)).unwrap();
    disk.set_failing(true);
    assert!(matches!(journal.sync().await, Err(JournalError::Disk(_))));
    disk.set_failing(false);
    assert!(matches!(journal.sync().await, Err(JournalError::Disk(_))), "a second sync proves nothing");
    assert!(matches!(journal.apply(waiting(2)), Err(JournalError::Disk(_))));
}

#[tokio::test]
async fn compaction_keeps_what_counts_and_the_numbers() {
    let disk = MemoryDisk::new();
    let mut journal = Journal::open(disk.clone(), "term_a", NOW, LIMITS).await.unwrap();
    for intent in 0..50 {
        journal.apply(asked(intent, journal.generation(), journal.next_stan().unwrap())).unwrap();
        journal.erase(IntentId(intent)).unwrap();
    }
    journal.apply(ended(77)).unwrap();
    journal.sync().await.unwrap();
    let before = disk.bytes().len();
    journal.compact_if_worth_it().await.unwrap();
    assert!(disk.bytes().len() < before / 10, "{} of {before}", disk.bytes().len());
    journal.apply(ended(78)).unwrap();
    journal.sync().await.unwrap();
    let again = Journal::open(disk, "term_a", NOW.plus_ms(60_000), LIMITS).await.unwrap();
    assert_eq!(entries(&again), entries(&journal));
    assert_eq!((again.generation(), again.next_stan().unwrap()), (journal.generation(), 51));
}

#[tokio::test]
async fn a_file_is_private_has_one_owner_and_survives() {
    use std::os::unix::fs::PermissionsExt as _;
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("data").join("journal");
    let mut journal = Journal::open(FileDisk::open(&path).unwrap(), "term_a", NOW, LIMITS).await.unwrap();
    let second = FileDisk::open(&path).unwrap_err();
    assert!(second.to_string().contains("another process"), "{second}");
    for intent in 0..50 {
        journal.apply(waiting(intent)).unwrap();
        journal.erase(IntentId(intent)).unwrap();
    }
    journal.apply(ended(1)).unwrap();
    journal.sync().await.unwrap();
    journal.compact_if_worth_it().await.unwrap();
    assert!(std::fs::metadata(&path).unwrap().len() < 1_000);
    assert!(FileDisk::open(&path).is_err(), "the new file has its owner too");
    journal.apply(ended(2)).unwrap();
    journal.sync().await.unwrap();
    drop(journal);
    let mode = std::fs::metadata(&path).unwrap().permissions().mode() & 0o7777;
    assert_eq!(mode, 0o600);
    let journal = Journal::open(FileDisk::open(&path).unwrap(), "term_a", NOW, LIMITS).await.unwrap();
    assert_eq!(journal.entries().map(|entry| entry.intent.0).collect::<Vec<_>>(), [1, 2]);
}
