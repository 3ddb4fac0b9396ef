-- What became of the events that endpoints are told of. Rows of one endpoint lie together, in the order of the events.
CREATE TABLE deliveries (
    endpoint           TEXT    NOT NULL,
    ordinal            BIGINT  NOT NULL,
    account            TEXT    NOT NULL,
    livemode           BOOLEAN NOT NULL,
    event              BLOB    NOT NULL,
    kind               TEXT    NOT NULL,
    object_id          TEXT    NOT NULL,
    status             TEXT    NOT NULL,
    attempts           BIGINT  NOT NULL,
    created_at_ms      BIGINT  NOT NULL,
    last_attempt_at_ms BIGINT,
    next_attempt_at_ms BIGINT,
    http_status        BIGINT,
    duration_ms        BIGINT,
    error              TEXT,
    response           TEXT,
    PRIMARY KEY (endpoint, ordinal)
) WITHOUT ROWID;

CREATE INDEX deliveries_pending ON deliveries (endpoint, ordinal) WHERE status = 'pending';

-- The place of the newest event that is delivered, or has a row, with all before it.
CREATE TABLE delivery_cursors (
    endpoint TEXT   NOT NULL PRIMARY KEY,
    ordinal  BIGINT NOT NULL
) WITHOUT ROWID;
