//! Every statement on rows, in the SQL that SQLite and PostgreSQL share. Parameters are numbered in the order of
//! their first appearance, because SQLite takes `$n` for a name. Nothing here executes anything.

macro_rules! payment_columns {
    () => {
        "account, livemode, id, intent, terminal, terminal_group, location, amount_minor, currency, capture_method, \
         response_mode, reference, description, metadata, created_at_ms, \
         channel, deadline_ms, attempt_epoch, sequence, revision, due_at_ms, advice, advice_amount_minor, \
         advice_attempts, status, state, state_at_ms, decline_code, captured_minor, \
         request_stan, request_generation, request_epoch, request_amount_minor, card_brand, card_last4, \
         card_entry_mode, tip_minor, tip_mode, authorized_minor, auth_code, approved_at_ms, refunded_minor, \
         offline_approved_at_ms, offline_number"
    };
}

pub(super) use payment_columns;

macro_rules! select_payments {
    ($rest:literal) => {
        concat!("SELECT ", payment_columns!(), " FROM payments ", $rest)
    };
}

pub(super) const INSERT_PAYMENT: &str = concat!(
    "INSERT INTO payments (",
    payment_columns!(),
    ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, \
     $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32, $33, $34, $35, $36, $37, $38, $39, $40, $41, $42, $43, \
     $44)"
);

pub(super) const UPDATE_PAYMENT: &str = "UPDATE payments SET deadline_ms = $1, attempt_epoch = $2, \
    sequence = $3, revision = $4, due_at_ms = $5, advice = $6, advice_amount_minor = $7, advice_attempts = $8, \
    status = $9, state = $10, state_at_ms = $11, decline_code = $12, captured_minor = $13, request_stan = $14, \
    request_generation = $15, request_epoch = $16, request_amount_minor = $17, card_brand = $18, \
    card_last4 = $19, card_entry_mode = $20, tip_minor = $21, tip_mode = $22, authorized_minor = $23, \
    auth_code = $24, approved_at_ms = $25, refunded_minor = $26, offline_approved_at_ms = $27, \
    offline_number = $28 WHERE account = $29 AND livemode = $30 AND id = $31";

/// A payment of a group gets its terminal or gives it back.
pub(super) const PLACE_PAYMENT: &str = "UPDATE payments SET terminal = $1, location = $2 \
    WHERE account = $3 AND livemode = $4 AND id = $5";

/// What a payment's terminal said, behind what it said before.
pub(super) const NOTE_MOMENTS: &str = "UPDATE payments SET moments = COALESCE(moments || ',', '') || $1 \
    WHERE account = $2 AND livemode = $3 AND id = $4";

pub(super) const MOMENTS_OF_PAYMENT: &str =
    "SELECT moments FROM payments WHERE account = $1 AND livemode = $2 AND id = $3";

pub(super) const REVISION_OF_PAYMENT: &str =
    "SELECT revision, status FROM payments WHERE account = $1 AND livemode = $2 AND id = $3";

pub(super) const ID_BY_INTENT: &str =
    "SELECT id FROM payments WHERE account = $1 AND livemode = $2 AND intent = $3";

/// The payment of that id, if its client gave no token: then its intent is its id.
pub(super) const ID_WITHOUT_TOKEN: &str =
    "SELECT id FROM payments WHERE account = $1 AND livemode = $2 AND id = $3 AND intent IS NULL";

pub(super) const UNFINISHED_WITH_REFERENCE: &str = "SELECT id FROM payments \
    WHERE account = $1 AND livemode = $2 AND reference = $3 AND status IN ('pending', 'processing')";

pub(super) const GET_PAYMENT: &str = select_payments!("WHERE account = $1 AND livemode = $2 AND id = $3");

/// The unfinished payments of an account are few, those that a terminal ever had are not: the `|| ''` keeps the
/// index of the latter out.
pub(super) const UNFINISHED_ON_TERMINAL: &str = select_payments!(
    "WHERE account = $1 AND livemode = $2 AND terminal || '' = $3 AND status IN ('pending', 'processing') \
     ORDER BY id"
);

pub(super) const UNFINISHED_ACROSS_ACCOUNTS: &str =
    select_payments!("WHERE status IN ('pending', 'processing') ORDER BY id, account, livemode");

pub(super) const DUE_ACROSS_ACCOUNTS: &str = select_payments!(
    "WHERE due_at_ms IS NOT NULL AND due_at_ms <= $1 ORDER BY due_at_ms, account, livemode, id LIMIT $2"
);

pub(super) const PAYMENTS_BEHIND: &str =
    select_payments!("WHERE (account, livemode, id) > ($1, $2, $3) ORDER BY account, livemode, id LIMIT $4");

pub(super) const COUNT_PAYMENTS: &str = "SELECT status, payments FROM payment_counts";

pub(super) const CHANGE_COUNT: &str = "UPDATE payment_counts SET payments = payments + $1 WHERE status = $2";

pub(super) const INSERT_EVENT: &str = "INSERT INTO events \
    (id, account, livemode, object_id, sequence, kind, created_at_ms, data) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";

pub(super) const FIND_EVENT: &str = "SELECT id, kind, created_at_ms, data FROM events \
    WHERE account = $1 AND livemode = $2 AND object_id = $3 AND sequence = $4";

pub(super) const INSERT_IDEMPOTENCY_KEY: &str = "INSERT INTO idempotency_keys \
    (account, livemode, operation, idempotency_key, fingerprint, created_at_ms, http_status, payment_id, \
    payment_sequence, body) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";

pub(super) const ANSWER_IDEMPOTENCY_KEY: &str = "UPDATE idempotency_keys \
    SET http_status = $1, payment_id = $2, payment_sequence = $3, body = $4 \
    WHERE account = $5 AND livemode = $6 AND operation = $7 AND idempotency_key = $8";

pub(super) const FIND_IDEMPOTENCY_KEY: &str = "SELECT fingerprint, created_at_ms, http_status, payment_id, \
    payment_sequence, body FROM idempotency_keys \
    WHERE account = $1 AND livemode = $2 AND operation = $3 AND idempotency_key = $4";

/// Parameters: account, livemode, the bounds of the id, those of the kind, the object, the times, the limit.
macro_rules! list_events {
    ($object:literal, $order:literal) => {
        concat!(
            "SELECT id, object_id, sequence, kind, created_at_ms, data FROM events \
             WHERE account = $1 AND livemode = $2 AND id BETWEEN $3 AND $4 AND kind >= $5 AND kind < $6 AND ",
            $object,
            " AND ($8 IS NULL OR created_at_ms >= $8) AND ($9 IS NULL OR created_at_ms <= $9) ",
            $order
        )
    };
}

/// The statement of a page of events, in its direction of travel.
pub(super) fn list_events(by_object: bool, upward: bool) -> &'static str {
    match (by_object, upward) {
        (false, false) => list_events!("($7 IS NULL OR object_id = $7)", "ORDER BY id DESC LIMIT $10"),
        (false, true) => list_events!("($7 IS NULL OR object_id = $7)", "ORDER BY id LIMIT $10"),
        // An object has few events: sorting them is cheaper than walking everybody's.
        (true, false) => list_events!("object_id = $7", "ORDER BY id DESC LIMIT $10"),
        (true, true) => list_events!("object_id = $7", "ORDER BY id LIMIT $10"),
    }
}

pub(super) const GET_EVENT: &str = "SELECT ordinal, object_id, sequence, kind, created_at_ms, data FROM events \
    WHERE account = $1 AND livemode = $2 AND id = $3";

pub(super) const EVENTS_AFTER: &str = "SELECT ordinal, account, livemode, id, object_id, sequence, kind, \
    created_at_ms, data FROM events WHERE ordinal > $1 ORDER BY ordinal LIMIT $2";

pub(super) const NEWEST_EVENT: &str = "SELECT COALESCE(MAX(ordinal), 0) FROM events";

macro_rules! select_records {
    ($from:literal) => {
        concat!(
            "SELECT r.kind, r.account, r.livemode, r.id, r.revision, r.created_at_ms, r.due_at_ms, r.keys, r.body ",
            $from
        )
    };
}

pub(super) const INSERT_RECORD: &str = "INSERT INTO records \
    (kind, account, livemode, id, revision, created_at_ms, due_at_ms, keys, body) \
    VALUES ($1, $2, $3, $4, 1, $5, $6, $7, $8) RETURNING ordinal";

pub(super) const UPDATE_RECORD: &str = "UPDATE records SET revision = revision + 1, created_at_ms = $1, \
    due_at_ms = $2, keys = $3, body = $4 WHERE ordinal = $5";

pub(super) const DELETE_RECORD: &str = "DELETE FROM records WHERE ordinal = $1";

/// What the writer must know of a record before it changes it.
pub(super) const HEAD_OF_RECORD: &str = "SELECT ordinal, revision, keys FROM records \
    WHERE kind = $1 AND account = $2 AND livemode = $3 AND id = $4";

pub(super) const HOLDER_OF_NAME: &str = "SELECT n.ordinal, r.id FROM record_names AS n \
    JOIN records AS r ON r.ordinal = n.ordinal WHERE n.kind = $1 AND n.name = $2 AND n.value = $3";

pub(super) const INSERT_RECORD_KEY: &str = "INSERT INTO record_keys \
    (kind, name, value, account, livemode, ordinal) VALUES ($1, $2, $3, $4, $5, $6)";

pub(super) const DELETE_RECORD_KEY: &str = "DELETE FROM record_keys WHERE kind = $1 AND name = $2 \
    AND value = $3 AND account = $4 AND livemode = $5 AND ordinal = $6";

pub(super) const INSERT_RECORD_NAME: &str =
    "INSERT INTO record_names (kind, name, value, ordinal) VALUES ($1, $2, $3, $4)";

pub(super) const DELETE_RECORD_NAME: &str =
    "DELETE FROM record_names WHERE kind = $1 AND name = $2 AND value = $3 AND ordinal = $4";

pub(super) const GET_RECORD: &str = select_records!(
    "FROM records AS r WHERE r.kind = $1 AND r.account = $2 AND r.livemode = $3 AND r.id = $4"
);

pub(super) const FIND_RECORD: &str = select_records!(
    "FROM record_names AS n JOIN records AS r ON r.ordinal = n.ordinal \
     WHERE n.kind = $1 AND n.name = $2 AND n.value = $3"
);

pub(super) const RECORDS_ACROSS_ACCOUNTS: &str =
    select_records!("FROM records AS r WHERE r.kind = $1 ORDER BY r.ordinal");

pub(super) const RECORDS_BEHIND: &str = select_records!(
    "FROM records AS r WHERE r.kind = $1 AND (r.account, r.livemode, r.id) > ($2, $3, $4) \
     ORDER BY r.account, r.livemode, r.id LIMIT $5"
);

pub(super) const DUE_RECORDS_ACROSS_ACCOUNTS: &str = select_records!(
    "FROM records AS r WHERE r.kind = $1 AND r.due_at_ms IS NOT NULL AND r.due_at_ms <= $2 \
     ORDER BY r.due_at_ms, r.ordinal LIMIT $3"
);

/// Parameters: kind, account, livemode, the place the page begins behind; name and value of the key; the limit.
pub(super) fn list_records(having: bool, upward: bool) -> &'static str {
    match (having, upward) {
        (false, false) => select_records!(
            "FROM records AS r WHERE r.kind = $1 AND r.account = $2 AND r.livemode = $3 AND r.ordinal < $4 \
             ORDER BY r.ordinal DESC LIMIT $5"
        ),
        (false, true) => select_records!(
            "FROM records AS r WHERE r.kind = $1 AND r.account = $2 AND r.livemode = $3 AND r.ordinal > $4 \
             ORDER BY r.ordinal LIMIT $5"
        ),
        (true, false) => select_records!(
            "FROM record_keys AS k JOIN records AS r ON r.ordinal = k.ordinal WHERE k.kind = $1 \
             AND k.account = $2 AND k.livemode = $3 AND k.ordinal < $4 AND k.name = $5 AND k.value = $6 \
             ORDER BY k.ordinal DESC LIMIT $7"
        ),
        (true, true) => select_records!(
            "FROM record_keys AS k JOIN records AS r ON r.ordinal = k.ordinal WHERE k.kind = $1 \
             AND k.account = $2 AND k.livemode = $3 AND k.ordinal > $4 AND k.name = $5 AND k.value = $6 \
             ORDER BY k.ordinal LIMIT $7"
        ),
    }
}

macro_rules! select_deliveries {
    ($rest:literal) => {
        concat!(
            "SELECT endpoint, ordinal, account, livemode, event, kind, object_id, status, attempts, created_at_ms, \
             last_attempt_at_ms, next_attempt_at_ms, http_status, duration_ms, error, response FROM deliveries ",
            $rest
        )
    };
}

pub(super) const PUT_DELIVERY: &str = "INSERT INTO deliveries \
    (endpoint, ordinal, account, livemode, event, kind, object_id, status, attempts, created_at_ms, \
    last_attempt_at_ms, next_attempt_at_ms, http_status, duration_ms, error, response) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16) \
    ON CONFLICT (endpoint, ordinal) DO UPDATE SET status = excluded.status, attempts = excluded.attempts, \
    last_attempt_at_ms = excluded.last_attempt_at_ms, next_attempt_at_ms = excluded.next_attempt_at_ms, \
    http_status = excluded.http_status, duration_ms = excluded.duration_ms, error = excluded.error, \
    response = excluded.response";

pub(super) const MOVE_CURSOR: &str = "INSERT INTO delivery_cursors (endpoint, ordinal) VALUES ($1, $2) \
    ON CONFLICT (endpoint) DO UPDATE SET ordinal = excluded.ordinal";

pub(super) const FORGET_CURSOR: &str = "DELETE FROM delivery_cursors WHERE endpoint = $1";

pub(super) const FORGET_DELIVERIES: &str = "DELETE FROM deliveries WHERE endpoint = $1";

pub(super) const CURSORS: &str = "SELECT endpoint, ordinal FROM delivery_cursors ORDER BY endpoint";

pub(super) const GET_DELIVERY: &str =
    select_deliveries!("WHERE endpoint = $1 AND ordinal = $2 AND account = $3 AND livemode = $4");

pub(super) const PENDING_DELIVERIES: &str = select_deliveries!(
    "WHERE endpoint = $1 AND ordinal > $2 AND status = 'pending' ORDER BY ordinal LIMIT $3"
);

/// The statement of a page of deliveries, in its direction of travel.
pub(super) fn list_deliveries(upward: bool) -> &'static str {
    if upward {
        select_deliveries!(
            "WHERE endpoint = $1 AND ordinal > $2 AND ordinal < $3 AND account = $4 AND livemode = $5 \
             AND ($6 IS NULL OR status = $6) ORDER BY ordinal LIMIT $7"
        )
    } else {
        select_deliveries!(
            "WHERE endpoint = $1 AND ordinal > $2 AND ordinal < $3 AND account = $4 AND livemode = $5 \
             AND ($6 IS NULL OR status = $6) ORDER BY ordinal DESC LIMIT $7"
        )
    }
}

pub(super) const OLD_DELIVERIES: &str = "SELECT endpoint, ordinal FROM \
    (SELECT endpoint, ordinal, created_at_ms, status FROM deliveries WHERE endpoint = $1 ORDER BY ordinal LIMIT $2) \
    AS oldest WHERE created_at_ms < $3 AND status <> 'pending'";

pub(super) const DELETE_DELIVERY: &str = "DELETE FROM deliveries WHERE endpoint = $1 AND ordinal = $2";

/// The first scope behind the given one that has payments.
pub(super) const NEXT_SCOPE: &str = "SELECT account, livemode FROM payments \
    WHERE (account, livemode) > ($1, $2) ORDER BY account, livemode LIMIT 1";

pub(super) const SETTLED_PAYMENTS: &str = "SELECT id FROM payments \
    WHERE account = $1 AND livemode = $2 AND id < $3 AND due_at_ms IS NULL \
    AND status IN ('completed', 'failed', 'cancelled', 'expired') AND (status <> 'completed' OR batch IS NOT NULL) \
    ORDER BY id LIMIT $4";

pub(super) const DELETE_PAYMENT: &str = "DELETE FROM payments \
    WHERE account = $1 AND livemode = $2 AND id = $3 AND due_at_ms IS NULL \
    AND status IN ('completed', 'failed', 'cancelled', 'expired') AND (status <> 'completed' OR batch IS NOT NULL) \
    RETURNING status";

pub(super) const CAN_JOIN_BATCH: &str = "SELECT 1 FROM payments WHERE account = $1 AND livemode = $2 AND id = $3 \
    AND status = 'completed' AND batch IS NULL AND advice IS NULL";

pub(super) const JOIN_BATCH: &str =
    "UPDATE payments SET batch = $1 WHERE account = $2 AND livemode = $3 AND id = $4";

pub(super) const LIST_UNBATCHED: &str = "SELECT id, captured_minor FROM payments \
    WHERE account = $1 AND livemode = $2 AND terminal = $3 AND currency = $4 AND advice IS NULL \
    AND state_at_ms <= $5 AND status = 'completed' AND batch IS NULL \
    ORDER BY state_at_ms, captured_minor, id LIMIT $6";

pub(super) const SUM_UNBATCHED: &str = "SELECT SUM(CASE WHEN advice IS NULL THEN 1 ELSE 0 END), \
    SUM(CASE WHEN advice IS NULL THEN captured_minor ELSE 0 END), \
    SUM(CASE WHEN advice IS NULL THEN 0 ELSE 1 END) FROM payments \
    WHERE account = $1 AND livemode = $2 AND terminal = $3 AND currency = $4 \
    AND status = 'completed' AND batch IS NULL HAVING COUNT(*) > 0";

pub(super) const UNBATCHED_TENDERS_ACROSS_ACCOUNTS: &str = "SELECT account, livemode, terminal, currency, \
    MIN(state_at_ms) FROM payments WHERE status = 'completed' AND batch IS NULL AND advice IS NULL \
    GROUP BY account, livemode, terminal, currency";

/// The newest event stays, however old: its ordinal is what keeps the next one from being given again.
pub(super) const OLD_EVENTS: &str = "SELECT ordinal FROM \
    (SELECT ordinal, created_at_ms FROM events ORDER BY ordinal LIMIT $1) AS oldest WHERE created_at_ms < $2 \
    AND ordinal < (SELECT MAX(ordinal) FROM events)";

pub(super) const DELETE_EVENT: &str = "DELETE FROM events WHERE ordinal = $1";

pub(super) const OLD_IDEMPOTENCY_KEYS: &str = "SELECT ordinal FROM \
    (SELECT ordinal, created_at_ms FROM idempotency_keys ORDER BY ordinal LIMIT $1) AS oldest \
    WHERE created_at_ms < $2";

pub(super) const DELETE_IDEMPOTENCY_KEY: &str = "DELETE FROM idempotency_keys WHERE ordinal = $1";

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [&str; 51] = [
        CAN_JOIN_BATCH,
        JOIN_BATCH,
        LIST_UNBATCHED,
        SUM_UNBATCHED,
        UNBATCHED_TENDERS_ACROSS_ACCOUNTS,
        INSERT_PAYMENT,
        UPDATE_PAYMENT,
        PLACE_PAYMENT,
        NOTE_MOMENTS,
        MOMENTS_OF_PAYMENT,
        REVISION_OF_PAYMENT,
        ID_BY_INTENT,
        ID_WITHOUT_TOKEN,
        UNFINISHED_WITH_REFERENCE,
        GET_PAYMENT,
        UNFINISHED_ON_TERMINAL,
        UNFINISHED_ACROSS_ACCOUNTS,
        DUE_ACROSS_ACCOUNTS,
        COUNT_PAYMENTS,
        PAYMENTS_BEHIND,
        RECORDS_BEHIND,
        CHANGE_COUNT,
        INSERT_EVENT,
        FIND_EVENT,
        INSERT_IDEMPOTENCY_KEY,
        ANSWER_IDEMPOTENCY_KEY,
        FIND_IDEMPOTENCY_KEY,
        GET_EVENT,
        EVENTS_AFTER,
        INSERT_RECORD,
        UPDATE_RECORD,
        DELETE_RECORD,
        HEAD_OF_RECORD,
        HOLDER_OF_NAME,
        INSERT_RECORD_KEY,
        DELETE_RECORD_KEY,
        INSERT_RECORD_NAME,
        DELETE_RECORD_NAME,
        GET_RECORD,
        FIND_RECORD,
        RECORDS_ACROSS_ACCOUNTS,
        DUE_RECORDS_ACROSS_ACCOUNTS,
        PUT_DELIVERY,
        GET_DELIVERY,
        PENDING_DELIVERIES,
        OLD_DELIVERIES,
        NEXT_SCOPE,
        SETTLED_PAYMENTS,
        DELETE_PAYMENT,
        OLD_EVENTS,
        OLD_IDEMPOTENCY_KEYS,
    ];

    fn lists() -> impl Iterator<Item = &'static str> {
        let events = (0..4).map(|n| list_events(n & 1 != 0, n & 2 != 0));
        let records = (0..4).map(|n| list_records(n & 1 != 0, n & 2 != 0));
        events.chain(records).chain([list_deliveries(false), list_deliveries(true)])
    }

    #[test]
    fn parameters_first_appear_in_the_order_of_their_numbers() {
        for text in ALL.into_iter().chain(lists()) {
            let mut highest = 0;
            for piece in text.split('$').skip(1) {
                let digits: String = piece.chars().take_while(char::is_ascii_digit).collect();
                let number: u32 = digits.parse().unwrap();
                assert!(number <= highest + 1, "${number} is too early in {text}");
                highest = highest.max(number);
            }
        }
    }

    #[test]
    fn pages_are_found_by_an_index_and_never_sorted() {
        let connection = rusqlite::Connection::open_in_memory().unwrap();
        connection.execute_batch(include_str!("migrations/0001_payments.sql")).unwrap();
        connection.execute_batch(include_str!("migrations/0002_records.sql")).unwrap();
        connection.execute_batch(include_str!("migrations/0003_deliveries.sql")).unwrap();
        connection.execute_batch(include_str!("migrations/0004_refunds.sql")).unwrap();
        connection.execute_batch(include_str!("migrations/0005_origins.sql")).unwrap();
        connection.execute_batch(include_str!("migrations/0006_doors.sql")).unwrap();
        connection.execute_batch(include_str!("migrations/0007_search.sql")).unwrap();
        let plan = |text: &str| {
            let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {text}")).unwrap();
            let rows = statement.raw_query().mapped(|row| row.get::<_, String>("detail"));
            rows.map(Result::unwrap).collect::<Vec<_>>().join("; ")
        };
        let indexed = [
            (GET_PAYMENT, "PRIMARY KEY"),
            (ID_BY_INTENT, "payments_intent"),
            (LIST_UNBATCHED, "payments_unbatched"),
            (SUM_UNBATCHED, "payments_unbatched"),
            (UNFINISHED_WITH_REFERENCE, "payments_unfinished_reference"),
            (UNFINISHED_ON_TERMINAL, "payments_unfinished"),
            (DUE_ACROSS_ACCOUNTS, "payments_due"),
            (FIND_EVENT, "events_object"),
            (FIND_IDEMPOTENCY_KEY, "idempotency_keys_key"),
            (GET_EVENT, "events_id"),
            (EVENTS_AFTER, "PRIMARY KEY"),
            (list_events(false, false), "events_id"),
            (list_events(false, true), "events_id"),
            (HEAD_OF_RECORD, "records_id"),
            (GET_RECORD, "records_id"),
            (FIND_RECORD, "PRIMARY KEY"),
            (DUE_RECORDS_ACROSS_ACCOUNTS, "records_due"),
            (list_records(false, false), "records_order"),
            (list_records(false, true), "records_order"),
            (list_records(true, false), "PRIMARY KEY"),
            (list_records(true, true), "PRIMARY KEY"),
            (GET_DELIVERY, "PRIMARY KEY"),
            (list_deliveries(false), "PRIMARY KEY"),
            (list_deliveries(true), "PRIMARY KEY"),
            (NEXT_SCOPE, "INDEX"),
            (PAYMENTS_BEHIND, "PRIMARY KEY"),
            (RECORDS_BEHIND, "records_id"),
            (SETTLED_PAYMENTS, "PRIMARY KEY"),
        ];
        for (text, index) in indexed {
            let plan = plan(text);
            assert!(plan.contains(index) && plan.contains("SEARCH"), "{text}: {plan}");
            assert!(!plan.contains("TEMP B-TREE"), "{text}: {plan}");
        }
    }
}
