//! Brings a database to the schema that this program knows, and refuses one that it does not. Never goes back.

use std::path::Path;

use aws_lc_rs::digest;
use rusqlite::{Connection, TransactionBehavior};
use vinr_domain::Timestamp;

use super::OpenError;

/// One step of the schema.
pub(super) struct Migration {
    /// Numbered from 1, without gaps.
    pub(super) version: i64,
    /// For people.
    pub(super) name: &'static str,
    /// The statements.
    pub(super) sql: &'static str,
}

/// Every step, in order. A step that has been released is never edited; the next one corrects it.
pub(super) const MIGRATIONS: &[Migration] = &[
    Migration { version: 1, name: "payments", sql: include_str!("../migrations/0001_payments.sql") },
    Migration { version: 2, name: "records", sql: include_str!("../migrations/0002_records.sql") },
    Migration { version: 3, name: "deliveries", sql: include_str!("../migrations/0003_deliveries.sql") },
    Migration { version: 4, name: "refunds", sql: include_str!("../migrations/0004_refunds.sql") },
    Migration { version: 5, name: "origins", sql: include_str!("../migrations/0005_origins.sql") },
    Migration { version: 6, name: "doors", sql: include_str!("../migrations/0006_doors.sql") },
    Migration { version: 7, name: "search", sql: include_str!("../migrations/0007_search.sql") },
];

const RECORD: &str = "CREATE TABLE IF NOT EXISTS schema_migrations (\
    version BIGINT NOT NULL PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL, \
    applied_at_ms BIGINT NOT NULL)";

/// Applies what is missing, all of it or nothing.
pub(super) fn migrate(
    connection: &mut Connection,
    path: &Path,
    now: Timestamp,
    migrations: &[Migration],
) -> Result<(), OpenError> {
    let failed = |error: rusqlite::Error| OpenError::engine(path, &error);
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
    let ours: bool = transaction
        .query_row(
            "SELECT COUNT(*) = 0 OR SUM(name = 'schema_migrations') > 0 FROM sqlite_schema",
            [],
            |row| row.get(0),
        )
        .map_err(failed)?;
    if !ours {
        return Err(OpenError::Foreign { path: path.into() });
    }
    transaction.execute(RECORD, []).map_err(failed)?;
    let applied = applied(&transaction).map_err(failed)?;
    check(&applied, path, migrations)?;
    for migration in &migrations[applied.len()..] {
        transaction.execute_batch(migration.sql).map_err(failed)?;
        let row = (migration.version, migration.name, checksum(migration.sql), now.0);
        transaction.execute("INSERT INTO schema_migrations VALUES ($1, $2, $3, $4)", row).map_err(failed)?;
    }
    transaction.commit().map_err(failed)
}

fn applied(connection: &Connection) -> rusqlite::Result<Vec<(i64, String)>> {
    let mut statement =
        connection.prepare("SELECT version, checksum FROM schema_migrations ORDER BY version")?;
    statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
}

fn check(applied: &[(i64, String)], path: &Path, migrations: &[Migration]) -> Result<(), OpenError> {
    if applied.len() > migrations.len() {
        let found = applied.last().map_or(0, |(version, _)| *version);
        return Err(OpenError::Newer { path: path.into(), found, known: migrations.len() });
    }
    let differs = |((version, sum), ours): &(&(i64, String), &Migration)| {
        *version != ours.version || *sum != checksum(ours.sql)
    };
    match applied.iter().zip(migrations).find(differs) {
        None => Ok(()),
        Some((_, ours)) => {
            Err(OpenError::Changed { path: path.into(), version: ours.version, name: ours.name })
        }
    }
}

/// SHA-256 in hexadecimal.
fn checksum(sql: &str) -> String {
    use std::fmt::Write;
    digest::digest(&digest::SHA256, sql.as_bytes()).as_ref().iter().fold(String::new(), |mut text, byte| {
        // Writing to a String does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: Migration = Migration { version: 1, name: "one", sql: "CREATE TABLE a (x BIGINT)" };
    const TWO: Migration = Migration { version: 2, name: "two", sql: "CREATE TABLE b (x BIGINT)" };

    fn run(connection: &mut Connection, migrations: &[Migration]) -> Result<(), String> {
        migrate(connection, Path::new("/data/vinr.db"), Timestamp(7), migrations).map_err(|e| e.to_string())
    }

    #[test]
    fn missing_steps_are_applied_once_and_recorded() {
        let mut connection = Connection::open_in_memory().unwrap();
        run(&mut connection, &[ONE]).unwrap();
        run(&mut connection, &[ONE, TWO]).unwrap();
        run(&mut connection, &[ONE, TWO]).unwrap();
        let recorded: String = connection
            .query_row(
                "SELECT group_concat(version || name || applied_at_ms) FROM schema_migrations",
                [],
                |r| r.get(0),
            )
            .unwrap();
        assert_eq!(recorded, "1one7,2two7");
        connection.execute("INSERT INTO b VALUES (1)", []).unwrap();
    }

    #[test]
    fn an_edited_step_is_refused_with_its_name_and_the_cure() {
        let mut connection = Connection::open_in_memory().unwrap();
        run(&mut connection, &[ONE]).unwrap();
        let edited = Migration { sql: "CREATE TABLE a (y BIGINT)", ..ONE };
        let error = run(&mut connection, &[edited]).unwrap_err();
        assert!(error.contains("/data/vinr.db") && error.contains("1 (one)"), "{error}");
        assert!(error.contains("start the vinr that"), "{error}");
    }

    #[test]
    fn a_database_of_a_newer_version_is_refused() {
        let mut connection = Connection::open_in_memory().unwrap();
        run(&mut connection, &[ONE, TWO]).unwrap();
        let error = run(&mut connection, &[ONE]).unwrap_err();
        assert!(error.contains("/data/vinr.db") && error.contains("schema 2"), "{error}");
        assert!(error.contains("up to 1"), "{error}");
    }

    #[test]
    fn somebody_else_s_database_is_left_alone() {
        let mut connection = Connection::open_in_memory().unwrap();
        connection.execute_batch("CREATE TABLE recipes (x TEXT)").unwrap();
        assert!(run(&mut connection, &[ONE]).unwrap_err().contains("not a vinr database"));
    }

    #[test]
    fn a_step_that_fails_leaves_nothing_behind() {
        let mut connection = Connection::open_in_memory().unwrap();
        let broken =
            Migration { version: 2, name: "two", sql: "CREATE TABLE b (x BIGINT); CREATE TABLE a (x)" };
        assert!(run(&mut connection, &[ONE, broken]).is_err());
        let tables: i64 =
            connection.query_row("SELECT COUNT(*) FROM sqlite_schema", [], |r| r.get(0)).unwrap();
        assert_eq!(tables, 0);
    }

    #[test]
    fn doors_that_were_asked_for_are_what_the_terminal_s_own_level_says() {
        let mut connection = Connection::open_in_memory().unwrap();
        run(&mut connection, &MIGRATIONS[..5]).unwrap();
        let put = |kind: &str, id: &str, livemode: bool, body: &str| {
            let insert = "INSERT INTO records (kind, account, livemode, id, revision, created_at_ms, body) \
                          VALUES ($1, 'a', $2, $3, 1, 1, $4)";
            connection.execute(insert, (kind, livemode, id, body.as_bytes())).unwrap();
        };
        put("terminal", "served", false, r#"{"terminal_config":null,"locked":true}"#);
        put(
            "lan",
            "served",
            false,
            r#"{"local_api":true,"open_wire":false,"cashless":true,"cashless_key":null}"#,
        );
        put("terminal", "served", true, r#"{"terminal_config":null}"#);
        put(
            "terminal",
            "closed",
            false,
            r#"{"terminal_config":{"localApi":{"enabled":true},"tip":{"mode":"fixed"}}}"#,
        );
        put("lan", "closed", false, r#"{"local_api":false,"open_wire":false,"cashless":false}"#);
        put("terminal", "unasked", false, r#"{"terminal_config":{"localApi":{"enabled":true}}}"#);
        run(&mut connection, MIGRATIONS).unwrap();
        let body = |kind: &str, id: &str, livemode: bool| -> (i64, serde_json::Value) {
            let select = "SELECT revision, body FROM records WHERE kind = $1 AND id = $2 AND livemode = $3";
            let read = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get::<_, Vec<u8>>(1)?));
            let (revision, body) = connection.query_row(select, (kind, id, livemode), read).unwrap();
            (revision, serde_json::from_slice(&body).unwrap())
        };
        let doors = |local: bool, cashless: bool| {
            serde_json::json!({
                "localApi": {"enabled": local, "plainHttp": false}, "cashlessApi": {"enabled": cashless}
            })
        };
        let (revision, served) = body("terminal", "served", false);
        assert_eq!((revision, &served["terminal_config"]), (2, &doors(true, true)));
        assert_eq!(served["locked"], true);
        assert_eq!(body("terminal", "served", true), (1, serde_json::json!({"terminal_config": null})));
        let mut closed = doors(false, false);
        closed["tip"] = serde_json::json!({"mode": "fixed"});
        assert_eq!(body("terminal", "closed", false).1["terminal_config"], closed);
        assert_eq!(body("terminal", "unasked", false).0, 1);
        assert_eq!(body("lan", "served", false), (2, serde_json::json!({"cashless_key": null})));
    }
}
