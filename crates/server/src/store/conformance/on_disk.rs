//! What only an engine with files can get wrong: durability, modes, locks, a full disk, a full queue.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use futures_util::FutureExt;
use rusqlite::Connection;

use super::fixtures::*;
use crate::store::{
    Change, CommitError, OpenError, Options, SqliteStore, Store, StoreError, TerminalRow, Transaction,
};

fn open(path: &Path) -> Result<SqliteStore, OpenError> {
    SqliteStore::open(path, START, Options::default())
}

#[tokio::test]
async fn what_was_committed_is_there_after_reopening() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("data/vinr.db");
    let row = full_payment(1);
    let store = open(&path).unwrap();
    given(&store, [insert(&row), Change::AppendEvent(event(1, 1)), Change::put(&terminal(1))]).await;
    store.close();
    assert_eq!(commit(&store, [insert(&payment(2))]).await, Err(StoreError::Closed.into()));
    assert_eq!(store.get_payment(&scope(), payment_id(2)).await, Err(StoreError::Closed));
    let again = open(&path).unwrap();
    assert_eq!(known(&again, &row).await, Some(row.clone()));
    let kept = (&again as &dyn Store).get::<TerminalRow>(&scope(), "term_1").await.unwrap().unwrap();
    assert_eq!((kept.revision, kept.value), (1, terminal(1)));
    drop(again);
    let left: Vec<_> =
        std::fs::read_dir(path.parent().unwrap()).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert!(!left.iter().any(|name| name.to_string_lossy().contains("wal")), "{left:?}");
    assert_eq!(known(&open(&path).unwrap(), &row).await, Some(row));
}

#[tokio::test]
async fn every_commit_that_was_queued_before_closing_is_answered() {
    let (_directory, store) = super::sqlite(Options::default());
    let mut queued = vec![];
    for n in 0..300 {
        let mut pending = store.commit(Transaction { changes: vec![insert(&payment(n))] });
        assert_eq!((&mut pending).now_or_never(), None);
        queued.push(pending);
    }
    store.close();
    for pending in queued {
        assert_eq!(pending.await, Ok(()));
    }
}

#[tokio::test]
async fn every_file_is_for_its_owner_alone() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("data/vinr.db");
    let store = open(&path).unwrap();
    given(&store, [insert(&payment(1))]).await;
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let mut names = vec![];
    for entry in std::fs::read_dir(path.parent().unwrap()).unwrap() {
        let entry = entry.unwrap();
        assert_eq!(mode(&entry.path()), 0o600, "{entry:?}");
        names.push(entry.file_name().into_string().unwrap());
    }
    names.sort();
    assert_eq!(names, ["vinr.db", "vinr.db-shm", "vinr.db-wal", "vinr.db.lock"]);
    assert_eq!(mode(path.parent().unwrap()), 0o700);
}

#[tokio::test]
async fn a_second_opener_is_refused_until_the_first_has_closed() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("vinr.db");
    let first = open(&path).unwrap();
    let refused = open(&path).unwrap_err().to_string();
    assert!(refused.contains("another vinr process is using this data directory"), "{refused}");
    assert!(refused.contains(&*path.to_string_lossy()), "{refused}");
    first.close();
    open(&path).unwrap();
}

#[tokio::test]
async fn a_database_that_another_program_has_migrated_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("vinr.db");
    drop(open(&path).unwrap());
    let change = |sql| Connection::open(&path).unwrap().execute_batch(sql).unwrap();
    change("UPDATE schema_migrations SET checksum = 'x'");
    assert!(matches!(open(&path).unwrap_err(), OpenError::Changed { version: 1, .. }));
    change("INSERT INTO schema_migrations VALUES (99, 'later', 'y', 0)");
    assert!(matches!(open(&path).unwrap_err(), OpenError::Newer { found: 99, .. }));
    change("DROP TABLE schema_migrations");
    assert!(matches!(open(&path).unwrap_err(), OpenError::Foreign { .. }));
}

#[tokio::test]
async fn a_row_that_cannot_be_read_names_its_column() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("vinr.db");
    let store =
        SqliteStore::open(&path, START, Options { cached_payments: 0, ..Options::default() }).unwrap();
    given(&store, [insert(&payment(1))]).await;
    let other = Connection::open(&path).unwrap();
    for (column, value) in [
        ("currency", "'XXX'"),
        ("state", "'completed'"),
        ("revision", "-1"),
        ("metadata", "'{'"),
        ("advice", "'?'"),
    ] {
        other.execute_batch("SAVEPOINT before").unwrap();
        let kept: rusqlite::types::Value =
            other.query_row(&format!("SELECT {column} FROM payments"), [], |row| row.get(0)).unwrap();
        other.execute_batch(&format!("UPDATE payments SET {column} = {value}; RELEASE before")).unwrap();
        let error = store.get_payment(&scope(), payment_id(1)).await.unwrap_err().to_string();
        assert!(error.contains(&format!("column {column} ")), "{error}");
        other.execute(&format!("UPDATE payments SET {column} = $1"), [kept]).unwrap();
    }
    assert_eq!(known(&store, &payment(1)).await, Some(payment(1)));
}

#[tokio::test]
async fn a_full_queue_refuses_at_once_and_loses_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("vinr.db");
    let store = open(&path).unwrap();
    // Somebody else's lock keeps the writer from committing; what it has taken and what is queued waits.
    let other = Connection::open(&path).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let mut accepted = vec![];
    let mut refused = false;
    for n in 0..10_000 {
        let mut pending = store.commit(Transaction { changes: vec![insert(&payment(n))] });
        match (&mut pending).now_or_never() {
            None => accepted.push(pending),
            Some(outcome) => {
                assert_eq!(outcome, Err(StoreError::Overloaded.into()));
                refused = true;
                break;
            }
        }
    }
    assert!(refused);
    assert!(accepted.len() >= 8_192, "{}", accepted.len());
    other.execute_batch("ROLLBACK").unwrap();
    let count = accepted.len() as u64;
    for pending in accepted {
        assert_eq!(pending.await, Ok(()));
    }
    assert_eq!(store.count_payments_across_accounts().await.unwrap()[0].1, count);
}

#[tokio::test]
async fn a_dropped_future_does_not_undo_its_commit() {
    let (_directory, store) = super::sqlite(Options::default());
    let first = store.commit(Transaction { changes: vec![insert(&payment(1))] }).now_or_never();
    assert_eq!(first, None);
    // The queue keeps its order, so once this is answered the first has been committed.
    given(&*store, [insert(&payment(2))]).await;
    assert_eq!(known(&*store, &payment(1)).await, Some(payment(1)));
}

/// Says, in the working directory of the victim, that it is one, and which.
const MARK: &str = "store-to-kill-in";

/// The victim of the test below; where there is no mark there is nothing to do.
#[test]
fn a_process_that_commits_until_it_is_killed() {
    let Ok(round) = std::fs::read_to_string(MARK) else { return };
    let store = Arc::new(open(Path::new("vinr.db")).unwrap());
    let next = Arc::new(AtomicU64::new(round.parse::<u64>().unwrap() * 100_000));
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
    println!();
    for _ in 0..16 {
        let (store, next) = (store.clone(), next.clone());
        runtime.spawn(async move {
            for _ in 0..5_000 {
                let n = next.fetch_add(1, Ordering::Relaxed);
                let changes = [insert(&payment(n)), Change::AppendEvent(event(n, 1))];
                given(&*store, changes).await;
                let mut out = std::io::stdout().lock();
                writeln!(out, "acknowledged {n}.").unwrap();
                out.flush().unwrap();
            }
        });
    }
    runtime.block_on(std::future::pending::<()>());
}

#[tokio::test]
async fn whatever_was_acknowledged_survives_kill_9() {
    let directory = tempfile::tempdir().unwrap();
    let mut acknowledged: Vec<u64> = vec![];
    for round in 0..20_usize {
        std::fs::write(directory.path().join(MARK), round.to_string()).unwrap();
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args([
                "--exact",
                "--nocapture",
                "store::conformance::on_disk::a_process_that_commits_until_it_is_killed",
            ])
            .current_dir(directory.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let enough = acknowledged.len() + 1 + round * 97 % 313;
        let told = |line: std::io::Result<String>| -> Option<u64> {
            line.ok()?.strip_prefix("acknowledged ")?.strip_suffix('.')?.parse().ok()
        };
        while acknowledged.len() < enough {
            acknowledged.extend(told(lines.next().expect("the child says what it has committed")));
        }
        child.kill().unwrap();
        child.wait().unwrap();
        // What it said before it died counts too; a line that was cut off does not.
        acknowledged.extend(lines.filter_map(told));
    }
    assert!(acknowledged.len() > 1_000);
    let store = open(&directory.path().join("vinr.db")).unwrap();
    for n in acknowledged {
        assert_eq!(known(&store, &payment(n)).await, Some(payment(n)), "{n} is lost");
        let event = store.find_event(&scope(), &payment_id(n).to_string(), 1).await.unwrap();
        assert!(event.is_some(), "the event of {n} is lost");
    }
    let (kept, counted) =
        (payments_in(&directory.path().join("vinr.db")), store.count_payments_across_accounts());
    assert_eq!(counted.await.unwrap().iter().map(|(_, n)| n).sum::<u64>(), kept);
}

fn payments_in(path: &Path) -> u64 {
    let connection = Connection::open(path).unwrap();
    connection.query_row("SELECT COUNT(*) FROM payments", [], |row| row.get::<_, i64>(0)).unwrap() as u64
}

#[tokio::test]
async fn a_full_disk_refuses_the_commit_and_nothing_more() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("vinr.db");
    let store = SqliteStore::open_limited(&path, 64).unwrap();
    let mut committed = 0;
    let error = loop {
        match commit(&store, [insert(&full_payment(committed))]).await {
            Ok(()) => committed += 1,
            Err(error) => break error,
        }
    };
    let CommitError::Failed(StoreError::Engine(message)) = error else { panic!("{error:?}") };
    assert!(message.contains("full"), "{message}");
    assert!(committed > 10);
    let last = full_payment(committed - 1);
    assert_eq!(known(&store, &last).await, Some(last.clone()));
    given(&store, [update(&settled(&last))]).await;
    assert_eq!(known(&store, &last).await, Some(settled(&last)));
}
