-- Payments, what is told of them, what was answered about them, and who takes part.
--
-- Times are milliseconds since the Unix epoch. Ids of 128 bits are 16 bytes, big endian, so that they sort by time.
-- Every key begins with the account and the mode: the two worlds and the tenants never meet in one range.

CREATE TABLE payments (
    account              TEXT    NOT NULL,
    livemode             BOOLEAN NOT NULL,
    id                   BLOB    NOT NULL,
    -- The client token, where the client gave one; otherwise the intent is the id.
    intent               BLOB,
    -- NULL while the payment waits for one of its group.
    terminal             TEXT,
    -- A JSON array of names; NULL when one terminal was asked for.
    terminal_group       TEXT,
    location             TEXT,
    amount_minor         BIGINT  NOT NULL,
    currency             TEXT    NOT NULL,
    capture_method       TEXT    NOT NULL,
    response_mode        TEXT    NOT NULL,
    reference            TEXT,
    description          TEXT,
    -- A JSON object of strings; NULL for an empty one.
    metadata             TEXT,
    created_at_ms        BIGINT  NOT NULL,
    -- From here on the columns that change.
    deadline_ms          BIGINT  NOT NULL,
    attempt_epoch        BIGINT  NOT NULL,
    sequence             BIGINT  NOT NULL,
    revision             BIGINT  NOT NULL,
    due_at_ms            BIGINT,
    advice               TEXT,
    advice_amount_minor  BIGINT,
    advice_attempts      BIGINT,
    -- As the outside sees it, and the finer state behind it.
    status               TEXT    NOT NULL,
    state                TEXT    NOT NULL,
    state_at_ms          BIGINT,
    decline_code         TEXT,
    captured_minor       BIGINT,
    -- What the acquirer was asked.
    request_stan         BIGINT,
    request_generation   BIGINT,
    request_epoch        BIGINT,
    request_amount_minor BIGINT,
    card_brand           TEXT,
    card_last4           TEXT,
    card_entry_mode      TEXT,
    tip_minor            BIGINT,
    tip_mode             TEXT,
    -- What the issuer said.
    authorized_minor     BIGINT,
    auth_code            TEXT,
    approved_at_ms       BIGINT,
    PRIMARY KEY (account, livemode, id)
) WITHOUT ROWID;

CREATE UNIQUE INDEX payments_intent ON payments (account, livemode, intent) WHERE intent IS NOT NULL;

CREATE UNIQUE INDEX payments_unfinished_reference ON payments (account, livemode, reference)
    WHERE reference IS NOT NULL AND status IN ('pending', 'processing');

CREATE INDEX payments_reference ON payments (account, livemode, reference, id) WHERE reference IS NOT NULL;

CREATE INDEX payments_terminal ON payments (account, livemode, terminal, id);

CREATE INDEX payments_unfinished ON payments (account, livemode, id)
    WHERE status IN ('pending', 'processing');

CREATE INDEX payments_due ON payments (due_at_ms, account, livemode, id) WHERE due_at_ms IS NOT NULL;

-- Kept by the writer, once per group of transactions, so that nobody counts rows.
CREATE TABLE payment_counts (
    status   TEXT   NOT NULL PRIMARY KEY,
    payments BIGINT NOT NULL
) WITHOUT ROWID;

INSERT INTO payment_counts (status, payments) VALUES
    ('pending', 0), ('processing', 0), ('authorized', 0), ('completed', 0), ('failed', 0), ('cancelled', 0),
    ('expired', 0);

-- Rows that are kept for a time have an ordinal, the order of their recording: purging reads only the oldest.
CREATE TABLE events (
    ordinal       INTEGER NOT NULL PRIMARY KEY,
    id            BLOB    NOT NULL,
    account       TEXT    NOT NULL,
    livemode      BOOLEAN NOT NULL,
    object_id     TEXT    NOT NULL,
    sequence      BIGINT  NOT NULL,
    kind          TEXT    NOT NULL,
    created_at_ms BIGINT  NOT NULL,
    data          BLOB    NOT NULL
);

CREATE UNIQUE INDEX events_object ON events (account, livemode, object_id, sequence);

CREATE UNIQUE INDEX events_id ON events (account, livemode, id);

CREATE TABLE idempotency_keys (
    ordinal          INTEGER NOT NULL PRIMARY KEY,
    account          TEXT    NOT NULL,
    livemode         BOOLEAN NOT NULL,
    operation        TEXT    NOT NULL,
    idempotency_key  TEXT    NOT NULL,
    fingerprint      BLOB    NOT NULL,
    created_at_ms    BIGINT  NOT NULL,
    http_status      BIGINT  NOT NULL,
    -- Either the payment, with the sequence it had (NULL: when its outcome became known), or the bytes.
    payment_id       BLOB,
    payment_sequence BIGINT,
    body             BLOB
);

CREATE UNIQUE INDEX idempotency_keys_key
    ON idempotency_keys (account, livemode, operation, idempotency_key);

-- SQLite only: what a grown database looks like, for its planner. Without figures it walks all payments of an
-- account, which is right for ten of them.
ANALYZE;
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('payments', 'payments', '10000000 500000 250000 1'),
    ('payments', 'payments_intent', '1000000 50000 25000 1'),
    ('payments', 'payments_unfinished_reference', '1000 100 50 1'),
    ('payments', 'payments_reference', '5000000 250000 125000 2 1'),
    ('payments', 'payments_terminal', '10000000 500000 250000 1000 1'),
    ('payments', 'payments_unfinished', '1000 100 50 1'),
    ('payments', 'payments_due', '2000 1 1 1 1'),
    ('events', 'events_object', '20000000 1000000 500000 3 1'),
    ('events', 'events_id', '20000000 1000000 500000 1');
ANALYZE sqlite_schema;
