-- What has been given back of a payment or is on its way back, never more than was taken; and the batch that a payment
-- is settled in: set once, by closing, and written by nothing else, so that no other change of the payment can lose it.

ALTER TABLE payments ADD COLUMN refunded_minor BIGINT NOT NULL DEFAULT 0
    CHECK (refunded_minor >= 0 AND refunded_minor <= COALESCE(captured_minor, 0));

ALTER TABLE payments ADD COLUMN batch BLOB;

-- What the next batches will hold, with all that their sums need. Only what is in no batch yet is in it.
CREATE INDEX payments_unbatched
    ON payments (account, livemode, terminal, currency, advice, state_at_ms, captured_minor)
    WHERE status = 'completed' AND batch IS NULL;

-- SQLite only: as in the first step.
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('payments', 'payments_unbatched', '200000 100000 50000 200 200 200 1 1');
ANALYZE sqlite_schema;
