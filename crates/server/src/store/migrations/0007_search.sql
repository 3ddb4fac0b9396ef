-- Finding payments by what people know of them: where, in which status, the end of the card's number, about how much. And
-- what a payment's terminal said on its way, which is written with the change that follows it.

CREATE INDEX payments_location ON payments (account, livemode, location, id) WHERE location IS NOT NULL;

-- Only of payments that the terminal and the acquirer are done with: each is entered once, not with every step. The others
-- are few and have an index of their own.
CREATE INDEX payments_status ON payments (account, livemode, status, id)
    WHERE status NOT IN ('pending', 'processing');

CREATE INDEX payments_last4 ON payments (account, livemode, card_last4, id)
    WHERE card_last4 IS NOT NULL AND status NOT IN ('pending', 'processing');

-- What was to be collected, tip included.
CREATE INDEX payments_amount
    ON payments (account, livemode, currency, (COALESCE(request_amount_minor, amount_minor)), id)
    WHERE status NOT IN ('pending', 'processing');

CREATE INDEX payments_batch ON payments (account, livemode, batch, id) WHERE batch IS NOT NULL;

-- Words and times, `dispatched 1795000000000`, divided by commas; NULL for none.
ALTER TABLE payments ADD COLUMN moments TEXT;

-- SQLite only: as in the first step. Whoever asks by the amount has found before that few are of it, and the planner is told so.
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('payments', 'payments_location', '10000000 500000 250000 10000 1'),
    ('payments', 'payments_status', '10000000 500000 250000 50000 1'),
    ('payments', 'payments_last4', '10000000 500000 250000 100 1'),
    ('payments', 'payments_amount', '10000000 500000 250000 100 2 1'),
    ('payments', 'payments_batch', '10000000 500000 250000 1000 1');
ANALYZE sqlite_schema;
