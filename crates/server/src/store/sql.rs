//! Every statement on rows, in the SQL that SQLite and PostgreSQL share. Parameters are numbered in the order of
//! their first appearance, because SQLite takes `$n` for a name. Nothing here executes anything.

macro_rules! payment_columns {
    () => {
        "account, livemode, id, intent, terminal, location, amount_minor, currency, capture_method, \
         response_mode, reference, description, metadata, created_at_ms, \
         deadline_ms, attempt_epoch, sequence, revision, due_at_ms, advice, advice_amount_minor, \
         advice_attempts, status, state, state_at_ms, decline_code, captured_minor, \
         request_stan, request_generation, request_epoch, request_amount_minor, card_brand, card_last4, \
         card_entry_mode, tip_minor, tip_mode, authorized_minor, auth_code, approved_at_ms"
    };
}

macro_rules! select_payments {
    ($rest:literal) => {
        concat!("SELECT ", payment_columns!(), " FROM payments ", $rest)
    };
}

pub(super) const INSERT_PAYMENT: &str = concat!(
    "INSERT INTO payments (",
    payment_columns!(),
    ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, \
     $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32, $33, $34, $35, $36, $37, $38, $39)"
);

pub(super) const UPDATE_PAYMENT: &str = "UPDATE payments SET deadline_ms = $1, attempt_epoch = $2, \
    sequence = $3, revision = $4, due_at_ms = $5, advice = $6, advice_amount_minor = $7, advice_attempts = $8, \
    status = $9, state = $10, state_at_ms = $11, decline_code = $12, captured_minor = $13, request_stan = $14, \
    request_generation = $15, request_epoch = $16, request_amount_minor = $17, card_brand = $18, \
    card_last4 = $19, card_entry_mode = $20, tip_minor = $21, tip_mode = $22, authorized_minor = $23, \
    auth_code = $24, approved_at_ms = $25 WHERE account = $26 AND livemode = $27 AND id = $28";

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

macro_rules! list_payments {
    ($terminal:literal, $reference:literal, $order:literal) => {
        concat!(
            "SELECT ",
            payment_columns!(),
            " FROM payments WHERE account = $1 AND livemode = $2 AND id BETWEEN $3 AND $4 AND ",
            $terminal,
            " AND ",
            $reference,
            " AND ($7 IS NULL OR location = $7) AND ($8 IS NULL OR status = $8) \
             AND ($9 IS NULL OR created_at_ms >= $9) AND ($10 IS NULL OR created_at_ms <= $10) ",
            $order,
        )
    };
}

/// The statement of a page: by the narrowest of its conditions, in its direction of travel.
pub(super) fn list_payments(by_terminal: bool, by_reference: bool, upward: bool) -> &'static str {
    match (by_terminal, by_reference, upward) {
        (false, false, false) => list_payments!(
            "($5 IS NULL OR terminal = $5)",
            "($6 IS NULL OR reference = $6)",
            "ORDER BY id DESC LIMIT $11"
        ),
        (false, false, true) => list_payments!(
            "($5 IS NULL OR terminal = $5)",
            "($6 IS NULL OR reference = $6)",
            "ORDER BY id LIMIT $11"
        ),
        (true, false, false) => {
            list_payments!("terminal = $5", "($6 IS NULL OR reference = $6)", "ORDER BY id DESC LIMIT $11")
        }
        (true, false, true) => {
            list_payments!("terminal = $5", "($6 IS NULL OR reference = $6)", "ORDER BY id LIMIT $11")
        }
        (_, true, false) => {
            list_payments!("($5 IS NULL OR terminal = $5)", "reference = $6", "ORDER BY id DESC LIMIT $11")
        }
        (_, true, true) => {
            list_payments!("($5 IS NULL OR terminal = $5)", "reference = $6", "ORDER BY id LIMIT $11")
        }
    }
}

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

pub(super) const PUT_TERMINAL: &str = "INSERT INTO terminals \
    (account, livemode, id, location, model, serial_number, created_at_ms, last_seen_at_ms, software_version, \
    session_epoch, deactivated) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) \
    ON CONFLICT (account, livemode, id) DO UPDATE SET location = excluded.location, model = excluded.model, \
    serial_number = excluded.serial_number, created_at_ms = excluded.created_at_ms, \
    last_seen_at_ms = excluded.last_seen_at_ms, software_version = excluded.software_version, \
    session_epoch = excluded.session_epoch, deactivated = excluded.deactivated";

pub(super) const GET_TERMINAL: &str = "SELECT account, livemode, id, location, model, serial_number, \
    created_at_ms, last_seen_at_ms, software_version, session_epoch, deactivated FROM terminals \
    WHERE account = $1 AND livemode = $2 AND id = $3";

pub(super) const TERMINALS_ACROSS_ACCOUNTS: &str = "SELECT account, livemode, id, location, model, \
    serial_number, created_at_ms, last_seen_at_ms, software_version, session_epoch, deactivated FROM terminals \
    ORDER BY account, livemode, id";

pub(super) const PUT_ACCOUNT: &str = "INSERT INTO accounts \
    (id, display_name, over_capture_percent, created_at_ms) VALUES ($1, $2, $3, $4) \
    ON CONFLICT (id) DO UPDATE SET display_name = excluded.display_name, \
    over_capture_percent = excluded.over_capture_percent, created_at_ms = excluded.created_at_ms";

pub(super) const GET_ACCOUNT: &str =
    "SELECT id, display_name, over_capture_percent, created_at_ms FROM accounts WHERE id = $1";

pub(super) const PUT_KEY: &str = "INSERT INTO api_keys \
    (hash, account, livemode, grants, hint, created_at_ms, revoked_at_ms) VALUES ($1, $2, $3, $4, $5, $6, $7) \
    ON CONFLICT (hash) DO UPDATE SET account = excluded.account, livemode = excluded.livemode, \
    grants = excluded.grants, hint = excluded.hint, created_at_ms = excluded.created_at_ms, \
    revoked_at_ms = excluded.revoked_at_ms";

pub(super) const KEYS_ACROSS_ACCOUNTS: &str = "SELECT hash, account, livemode, grants, hint, created_at_ms, \
    revoked_at_ms FROM api_keys ORDER BY hash";

pub(super) const PUT_LOCATION: &str = "INSERT INTO locations \
    (account, livemode, id, display_name, created_at_ms) VALUES ($1, $2, $3, $4, $5) \
    ON CONFLICT (account, livemode, id) DO UPDATE SET display_name = excluded.display_name, \
    created_at_ms = excluded.created_at_ms";

pub(super) const GET_LOCATION: &str = "SELECT account, livemode, id, display_name, created_at_ms \
    FROM locations WHERE account = $1 AND livemode = $2 AND id = $3";

/// The first scope behind the given one that has payments.
pub(super) const NEXT_SCOPE: &str = "SELECT account, livemode FROM payments \
    WHERE (account, livemode) > ($1, $2) ORDER BY account, livemode LIMIT 1";

pub(super) const SETTLED_PAYMENTS: &str = "SELECT id FROM payments \
    WHERE account = $1 AND livemode = $2 AND id < $3 AND due_at_ms IS NULL \
    AND status IN ('completed', 'failed', 'cancelled', 'expired') ORDER BY id LIMIT $4";

pub(super) const DELETE_PAYMENT: &str = "DELETE FROM payments \
    WHERE account = $1 AND livemode = $2 AND id = $3 AND due_at_ms IS NULL \
    AND status IN ('completed', 'failed', 'cancelled', 'expired') RETURNING status";

pub(super) const OLD_EVENTS: &str = "SELECT ordinal FROM \
    (SELECT ordinal, created_at_ms FROM events ORDER BY ordinal LIMIT $1) AS oldest WHERE created_at_ms < $2";

pub(super) const DELETE_EVENT: &str = "DELETE FROM events WHERE ordinal = $1";

pub(super) const OLD_IDEMPOTENCY_KEYS: &str = "SELECT ordinal FROM \
    (SELECT ordinal, created_at_ms FROM idempotency_keys ORDER BY ordinal LIMIT $1) AS oldest \
    WHERE created_at_ms < $2";

pub(super) const DELETE_IDEMPOTENCY_KEY: &str = "DELETE FROM idempotency_keys WHERE ordinal = $1";

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [&str; 31] = [
        INSERT_PAYMENT,
        UPDATE_PAYMENT,
        REVISION_OF_PAYMENT,
        ID_BY_INTENT,
        ID_WITHOUT_TOKEN,
        UNFINISHED_WITH_REFERENCE,
        GET_PAYMENT,
        UNFINISHED_ON_TERMINAL,
        UNFINISHED_ACROSS_ACCOUNTS,
        DUE_ACROSS_ACCOUNTS,
        COUNT_PAYMENTS,
        CHANGE_COUNT,
        INSERT_EVENT,
        FIND_EVENT,
        INSERT_IDEMPOTENCY_KEY,
        ANSWER_IDEMPOTENCY_KEY,
        FIND_IDEMPOTENCY_KEY,
        PUT_TERMINAL,
        GET_TERMINAL,
        TERMINALS_ACROSS_ACCOUNTS,
        PUT_ACCOUNT,
        GET_ACCOUNT,
        PUT_KEY,
        KEYS_ACROSS_ACCOUNTS,
        PUT_LOCATION,
        GET_LOCATION,
        NEXT_SCOPE,
        SETTLED_PAYMENTS,
        DELETE_PAYMENT,
        OLD_EVENTS,
        OLD_IDEMPOTENCY_KEYS,
    ];

    fn lists() -> impl Iterator<Item = &'static str> {
        (0..8).map(|n| list_payments(n & 1 != 0, n & 2 != 0, n & 4 != 0))
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
        let plan = |text: &str| {
            let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {text}")).unwrap();
            let rows = statement.raw_query().mapped(|row| row.get::<_, String>("detail"));
            rows.map(Result::unwrap).collect::<Vec<_>>().join("; ")
        };
        let indexed = [
            (GET_PAYMENT, "PRIMARY KEY"),
            (ID_BY_INTENT, "payments_intent"),
            (UNFINISHED_WITH_REFERENCE, "payments_unfinished_reference"),
            (UNFINISHED_ON_TERMINAL, "payments_unfinished"),
            (DUE_ACROSS_ACCOUNTS, "payments_due"),
            (FIND_EVENT, "events_object"),
            (FIND_IDEMPOTENCY_KEY, "idempotency_keys_key"),
            (NEXT_SCOPE, "INDEX"),
            (SETTLED_PAYMENTS, "PRIMARY KEY"),
            (list_payments(false, false, false), "PRIMARY KEY"),
            (list_payments(false, false, true), "PRIMARY KEY"),
            (list_payments(true, false, false), "payments_terminal"),
            (list_payments(true, false, true), "payments_terminal"),
            (list_payments(false, true, false), "payments_reference"),
            (list_payments(true, true, true), "payments_reference"),
        ];
        for (text, index) in indexed {
            let plan = plan(text);
            assert!(plan.contains(index) && plan.contains("SEARCH"), "{text}: {plan}");
            assert!(!plan.contains("TEMP B-TREE"), "{text}: {plan}");
        }
    }
}
