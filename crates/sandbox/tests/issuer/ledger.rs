//! What has been answered survives the process; what the file says can be checked from outside.

use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use vinr_domain::DeclineCode;
use vinr_sandbox::issuer::{InquiryReply, Issuer, IssuerSettings, Reply};
use vinr_sandbox::ledger::{Anomaly, LedgerError, summary};

use crate::till::{Sale, base_key, eur};

fn open(path: &Path) -> Issuer {
    Issuer::open(path, 1, base_key(), IssuerSettings::default()).unwrap()
}

fn fresh() -> (tempfile::TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("issuer.jsonl");
    (dir, path)
}

/// A bit of everything that a ledger can hold.
fn busy_day(issuer: &mut Issuer) -> Vec<Sale> {
    let cards = [
        "visa_approved",
        "card_declined",
        "issuer_silent",
        "issuer_late",
        "partial_approval",
        "visa_approved",
        "visa_approved",
    ];
    let sales: Vec<_> = cards.iter().enumerate().map(|(i, card)| Sale::of(card, i as u32)).collect();
    let held = Sale::hold("amex_approved", 50);
    let captured = Sale::hold("amex_approved", 51);
    let undone = Sale::hold("amex_approved", 52);
    let never_arrived = Sale::of("visa_approved", 53);
    for sale in sales.iter().chain([&held, &captured, &undone]) {
        sale.ask(issuer);
    }
    captured.take(issuer, 3000);
    undone.take(issuer, 700);
    captured.take(issuer, 3);
    Sale { amount: eur(1), ..sales[0].clone() }.ask(issuer);
    for sale in [&sales[2], &sales[6], &undone, &never_arrived] {
        sale.reverse(issuer);
    }
    sales.into_iter().chain([held, captured, undone, never_arrived]).collect()
}

fn picture(issuer: &Issuer, sales: &[Sale]) -> Vec<(InquiryReply, (i64, i64))> {
    sales.iter().map(|sale| (sale.inquire(issuer), sale.account(issuer))).collect()
}

#[test]
fn a_restart_changes_no_answer_and_no_balance() {
    let (_dir, path) = fresh();
    let mut issuer = open(&path);
    let sales = busy_day(&mut issuer);
    let (before, charges) = (picture(&issuer, &sales), issuer.net_charges());
    let replies: Vec<_> = sales.iter().map(|sale| sale.ask(&mut issuer)).collect();
    let anomalies = issuer.anomalies().clone();
    assert_eq!(anomalies[&Anomaly::OtherContent], 1);
    assert_eq!(anomalies[&Anomaly::OtherCapture], 1);
    drop(issuer);

    let mut issuer = open(&path);
    assert_eq!(picture(&issuer, &sales), before);
    assert_eq!(issuer.net_charges(), charges);
    assert_eq!(issuer.anomalies(), &anomalies);
    let again: Vec<_> = sales.iter().map(|sale| sale.ask(&mut issuer)).collect();
    assert_eq!(again, replies);
    assert_eq!(issuer.net_charges(), charges);
}

#[test]
fn the_summary_of_a_ledger_in_use_says_what_the_issuer_says() {
    let (_dir, path) = fresh();
    let mut issuer = open(&path);
    let sales = busy_day(&mut issuer);
    let read = summary(&path).unwrap();
    assert_eq!(read.charges, issuer.net_charges());
    assert_eq!(&read.anomalies, issuer.anomalies());
    assert!(!read.torn);
    assert_eq!((read.charges_of(sales[0].intent), read.charges_of(sales[1].intent)), (1, 0));
    assert_eq!(read.charged_twice(), []);
    let twice = Sale { intent: sales[0].intent, ..Sale::of("visa_approved", 99) };
    twice.ask(&mut issuer);
    assert_eq!(summary(&path).unwrap().charged_twice(), [sales[0].intent]);
}

#[test]
fn an_answer_is_in_the_file_before_it_is_given_and_repeats_write_nothing() {
    let (_dir, path) = fresh();
    let mut issuer = open(&path);
    let lines = || summary(&path).unwrap().lines;
    assert_eq!(lines(), 1);
    let sale = Sale::hold("visa_approved", 1);
    for (act, expected) in [("ask", 2), ("take", 3), ("reverse", 4)] {
        for _ in 0..2 {
            match act {
                "ask" => drop(sale.ask(&mut issuer)),
                "take" => drop(sale.take(&mut issuer, 100)),
                _ => drop(sale.reverse(&mut issuer)),
            }
            assert_eq!(lines(), expected, "{act}");
        }
    }
}

#[test]
fn a_torn_last_line_is_dropped_and_its_request_decided_anew() {
    let (_dir, path) = fresh();
    let mut issuer = open(&path);
    let (first, second) = (Sale::of("visa_approved", 1), Sale::of("visa_approved", 2));
    let reply = first.ask(&mut issuer);
    let whole = std::fs::read(&path).unwrap();
    second.ask(&mut issuer);
    drop(issuer);
    let full = std::fs::read(&path).unwrap();
    for cut in whole.len() + 1..full.len() {
        std::fs::write(&path, &full[..cut]).unwrap();
        assert!(summary(&path).unwrap().torn);
        let mut issuer = open(&path);
        assert_eq!(std::fs::read(&path).unwrap(), whole);
        assert_eq!(second.inquire(&issuer), InquiryReply::NotFound);
        assert_eq!(first.ask(&mut issuer), reply);
        assert!(matches!(second.ask(&mut issuer), Reply::Approved { .. }));
        assert_eq!(first.account(&issuer), (0, 5000));
        drop(issuer);
        assert_eq!(open(&path).net_charges().len(), 2, "cut at {cut}");
    }
    std::fs::write(&path, &full[..5]).unwrap();
    assert_eq!(open(&path).net_charges().len(), 0, "a torn first line is an empty ledger");
}

#[test]
fn damage_in_the_middle_is_refused_and_left_alone() {
    let (_dir, path) = fresh();
    busy_day(&mut open(&path));
    let text = std::fs::read_to_string(&path).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let with = |changed: Vec<&str>| changed.join("\n") + "\n";
    let mut garbled = lines.clone();
    garbled[3] = &lines[3][..lines[3].len() / 2];
    let mut twice = lines.clone();
    twice.insert(3, lines[2]);
    let mut headless = lines.clone();
    headless.remove(0);
    let mut later = lines.clone();
    later[0] = r#"{"op":"ledger","version":2,"snapshot_bytes":0}"#;
    let mut nested = lines.clone();
    nested.push(lines[0]);
    for (content, at) in [
        (with(garbled), 4),
        (with(twice), 4),
        (with(headless), 1),
        (with(later), 1),
        (with(nested), lines.len() as u64 + 1),
        (text.replace("visa_approved", "visa_unheard_of"), 2),
    ] {
        std::fs::write(&path, &content).unwrap();
        for error in
            [Issuer::open(&path, 1, base_key(), IssuerSettings::default()).err(), summary(&path).err()]
        {
            let Some(LedgerError::Damaged { line, .. }) = error else { panic!("{error:?}") };
            assert_eq!(line, at);
        }
        assert_eq!(std::fs::read_to_string(&path).unwrap(), content);
    }
}

#[test]
fn compaction_keeps_every_fact_and_happens_once() {
    let (dir, path) = fresh();
    let mut issuer = open(&path);
    let sales = busy_day(&mut issuer);
    for _ in 0..50 {
        Sale { amount: eur(1), ..sales[0].clone() }.ask(&mut issuer);
    }
    let (before, charges) = (picture(&issuer, &sales), issuer.net_charges());
    let anomalies = issuer.anomalies().clone();
    let replies: Vec<_> = sales.iter().map(|sale| sale.ask(&mut issuer)).collect();
    drop(issuer);
    let long = std::fs::metadata(&path).unwrap().len();
    std::fs::write(dir.path().join("issuer.jsonl.compact"), "left by a crash").unwrap();

    let compact = IssuerSettings { compact_above_bytes: 1000, ..IssuerSettings::default() };
    for _ in 0..2 {
        let mut issuer = Issuer::open(&path, 1, base_key(), compact).unwrap();
        assert_eq!(picture(&issuer, &sales), before);
        assert_eq!(issuer.net_charges(), charges);
        assert_eq!(issuer.anomalies(), &anomalies);
        let again: Vec<_> = sales.iter().map(|sale| sale.ask(&mut issuer)).collect();
        assert_eq!(again, replies);
        assert!(Issuer::open(&path, 1, base_key(), compact).is_err(), "the new file is locked too");
    }
    let short = std::fs::read(&path).unwrap();
    assert!((short.len() as u64) < long, "{} < {long}", short.len());
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1, "nothing is left beside the ledger");
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o7777, 0o600);

    let inode = |path: &Path| std::os::unix::fs::MetadataExt::ino(&std::fs::metadata(path).unwrap());
    let first = inode(&path);
    let mut issuer = Issuer::open(&path, 1, base_key(), compact).unwrap();
    assert_eq!(inode(&path), first, "as long as it has not doubled it is not written again");
    Sale::of("visa_approved", 200).ask(&mut issuer);
    drop(issuer);
    assert_eq!(open(&path).net_charges().len(), charges.len() + 1);
}

#[test]
fn the_file_is_private_and_belongs_to_one_process() {
    let (_dir, path) = fresh();
    let issuer = open(&path);
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o7777, 0o600);
    let second = Issuer::open(&path, 1, base_key(), IssuerSettings::default());
    assert!(matches!(second, Err(LedgerError::Busy { .. })));
    drop(issuer);
    open(&path);
}

#[test]
fn no_card_number_reaches_the_file() {
    let (_dir, path) = fresh();
    let mut issuer = open(&path);
    for (stan, card) in vinr_sandbox::deck::documented().enumerate() {
        Sale::of(card.name(), stan as u32).ask(&mut issuer);
    }
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.contains(r#""card":{"name":"visa_approved","last4":"4242"}"#), "{text}");
    for card in vinr_sandbox::deck::documented() {
        card.present(None, None).unwrap().issuer_view(|view| {
            assert!(!text.contains(view.pan), "{card:?}");
            assert!(!text.contains(&view.pan[..12]), "{card:?}");
        });
    }
}

#[test]
fn a_line_reads_as_documented() {
    let (_dir, path) = fresh();
    let mut issuer = open(&path);
    Sale::hold("card_declined", 1).ask(&mut issuer);
    let text = std::fs::read_to_string(&path).unwrap();
    let lines: Vec<serde_json::Value> =
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines[0], serde_json::json!({"op": "ledger", "version": 1, "snapshot_bytes": 0}));
    let mut line = lines[1].clone();
    let print = line.as_object_mut().unwrap().remove("print").unwrap();
    assert_eq!(print.as_str().unwrap().len(), 32);
    assert_eq!(
        line,
        serde_json::json!({
            "op": "authorize", "at_ms": 1_780_000_000_000_i64,
            "terminal": "term_a", "generation": 1, "stan": 1,
            "intent": "00000000-0000-0000-0000-000000000001",
            "payment": "tpay_000000000000000000000000Z9",
            "card": {"name": "card_declined", "last4": "0002"},
            "currency": "EUR", "asked_minor": 2500, "capture": false,
            "outcome": {"declined": DeclineCode::CardDeclined.as_str()},
        })
    );
}

#[test]
fn a_file_that_is_no_ledger_is_refused() {
    let (_dir, path) = fresh();
    let mut file = OpenOptions::new().create(true).write(true).truncate(true).open(&path).unwrap();
    file.write_all(b"4242424242424242 was here\n").unwrap();
    let error = Issuer::open(&path, 1, base_key(), IssuerSettings::default()).unwrap_err();
    assert!(matches!(error, LedgerError::Damaged { line: 1, .. }));
    assert!(!error.to_string().contains("4242"), "the file's content is not repeated: {error}");
    assert!(matches!(summary(&path.join("none")), Err(LedgerError::Io { .. })));
}
