-- Where a payment was asked for, and that its terminal approved it alone.

-- NULL: the Cloud API.
ALTER TABLE payments ADD COLUMN channel TEXT;

-- Set once, when the terminal's own approval reaches the cloud.
ALTER TABLE payments ADD COLUMN offline_approved_at_ms BIGINT;
ALTER TABLE payments ADD COLUMN offline_number BIGINT;

-- One unfinished payment for each reference, among those that the Cloud API was asked for. A payment that began at its
-- terminal is a fact: a card was presented, and it is taken whoever else bears the reference. It has a place of its own
-- in the index, so that the index still finds every bearer.
DROP INDEX payments_unfinished_reference;
CREATE UNIQUE INDEX payments_unfinished_reference
    ON payments (account, livemode, reference, (CASE WHEN channel IS NULL THEN X'' ELSE id END))
    WHERE reference IS NOT NULL AND status IN ('pending', 'processing');

-- SQLite only: as in the first step. Dropping an index takes its figures with it.
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('payments', 'payments_unfinished_reference', '1000 100 50 1 1');
ANALYZE sqlite_schema;
