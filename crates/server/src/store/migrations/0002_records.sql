-- Everything that is not written at the rate of payments: one shape, whatever it is about.

CREATE TABLE records (
    -- The order of insertion; lists show the highest first.
    ordinal       INTEGER NOT NULL PRIMARY KEY,
    kind          TEXT    NOT NULL,
    account       TEXT    NOT NULL,
    livemode      BOOLEAN NOT NULL,
    id            TEXT    NOT NULL,
    revision      BIGINT  NOT NULL,
    created_at_ms BIGINT  NOT NULL,
    due_at_ms     BIGINT,
    -- The keys below, as a JSON array of [name, value, unique]; NULL for none.
    keys          TEXT,
    body          BLOB    NOT NULL
);

CREATE UNIQUE INDEX records_id ON records (kind, account, livemode, id);

CREATE INDEX records_order ON records (kind, account, livemode, ordinal);

CREATE INDEX records_due ON records (kind, due_at_ms, ordinal) WHERE due_at_ms IS NOT NULL;

-- By what else a record is found: lists of those that share a value.
CREATE TABLE record_keys (
    kind     TEXT    NOT NULL,
    name     TEXT    NOT NULL,
    value    TEXT    NOT NULL,
    account  TEXT    NOT NULL,
    livemode BOOLEAN NOT NULL,
    ordinal  BIGINT  NOT NULL,
    PRIMARY KEY (kind, name, value, account, livemode, ordinal)
) WITHOUT ROWID;

-- And values that only one record of the kind may have.
CREATE TABLE record_names (
    kind    TEXT   NOT NULL,
    name    TEXT   NOT NULL,
    value   TEXT   NOT NULL,
    ordinal BIGINT NOT NULL,
    PRIMARY KEY (kind, name, value)
) WITHOUT ROWID;
