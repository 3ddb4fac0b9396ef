//! The statements that find payments by what people know of them, and which of them is the narrowest for a filter. In the
//! SQL that SQLite and PostgreSQL share; executes nothing.

use super::batching::Lot;
use super::port::PaymentFilter;
use super::rules;
use super::sql::payment_columns;

/// Up to how many entries of an index are looked at to learn how narrow it is.
pub(super) const PROBED: u32 = 2_000;

/// By which condition payments are found; the others are checked with each that is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum By {
    /// The order of the names alone.
    Id,
    Terminal,
    Reference,
    Location,
    /// A status that is neither `pending` nor `processing`.
    Status,
    /// The end of the card's number; without those in `pending` and `processing`.
    Last4,
    /// The amount; without those in `pending` and `processing`. The few that are found are sorted.
    Amount,
    Batch,
    /// In no batch yet. The few that are found are sorted.
    Unbatched,
    /// In `pending` or `processing`, of which there are few.
    Unfinished,
}

impl By {
    #[cfg(test)]
    const ALL: [Self; 10] = [
        Self::Id,
        Self::Terminal,
        Self::Reference,
        Self::Location,
        Self::Status,
        Self::Last4,
        Self::Amount,
        Self::Batch,
        Self::Unbatched,
        Self::Unfinished,
    ];

    /// Whether its index knows nothing of payments in `pending` and `processing`.
    pub(super) fn skips_unfinished(self) -> bool {
        matches!(self, Self::Last4 | Self::Amount)
    }
}

/// By what the payments of the filter can be found. One: that is it. Several: the narrowest of them is to be asked for with
/// [`probe`]; one that yields [`PROBED`] entries is not narrow.
pub(super) fn ways(filter: &PaymentFilter) -> Vec<By> {
    match &filter.lot {
        Some(Lot::Batch(_)) => return vec![By::Batch],
        Some(Lot::Open(_)) => return vec![By::Unbatched],
        None => {}
    }
    if filter.reference.is_some() {
        return vec![By::Reference];
    }
    if filter.status.is_some_and(rules::is_unfinished) {
        return vec![By::Unfinished];
    }
    let amount = filter.currency.is_some() && (filter.least_minor.is_some() || filter.most_minor.is_some());
    let found = [
        (filter.last4.is_some(), By::Last4),
        (filter.terminal.is_some(), By::Terminal),
        (filter.location.is_some(), By::Location),
        (filter.status.is_some(), By::Status),
        (amount, By::Amount),
    ];
    let mut ways: Vec<By> = found.into_iter().filter(|(given, _)| *given).map(|(_, by)| by).collect();
    // Alone, an amount can be of very many: then the newest of all payments are looked through.
    if ways.is_empty() || ways == [By::Amount] {
        ways.push(By::Id);
    }
    ways
}

/// Parameters: account, livemode, the bounds of the id; terminal, reference, location, status, the times, last4, currency,
/// the amounts, batch; the limit.
macro_rules! from_payments {
    ($id:literal, $narrow:literal) => {
        concat!(
            " FROM payments WHERE account = $1 AND livemode = $2 AND ",
            $id,
            " BETWEEN $3 AND $4 \
             AND ($5 IS NULL OR terminal = $5) AND ($6 IS NULL OR reference = $6) \
             AND ($7 IS NULL OR location = $7) AND ($8 IS NULL OR status = $8) \
             AND ($9 IS NULL OR created_at_ms >= $9) AND ($10 IS NULL OR created_at_ms <= $10) \
             AND ($11 IS NULL OR card_last4 = $11) AND ($12 IS NULL OR currency = $12) \
             AND COALESCE(request_amount_minor, amount_minor) >= $13 \
             AND COALESCE(request_amount_minor, amount_minor) <= $14 \
             AND ($15 IS NULL OR batch = $15)",
            $narrow
        )
    };
}

macro_rules! list_payments {
    ($id:literal, $narrow:literal, $order:literal) => {
        concat!(
            "SELECT ",
            payment_columns!(),
            from_payments!($id, $narrow),
            " ORDER BY ",
            $id,
            $order,
            " LIMIT $16"
        )
    };
}

macro_rules! statement {
    ($what:ident, $narrow:literal) => {
        statement!($what, $narrow, "id")
    };
    ($what:ident, $narrow:literal, $id:literal) => {
        match $what {
            What::Downward => list_payments!($id, $narrow, " DESC"),
            What::Upward => list_payments!($id, $narrow, ""),
            What::Count => {
                concat!(
                    "SELECT COUNT(*) FROM (SELECT 1",
                    from_payments!($id, $narrow),
                    " LIMIT $16) AS found"
                )
            }
        }
    };
}

/// What is wanted of the payments that are found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What {
    /// From the newest on.
    Downward,
    /// From the oldest on.
    Upward,
    /// How many they are.
    Count,
}

/// The statement of a page in its direction of travel, or of the number of all.
pub(super) fn list_payments(by: By, what: What) -> &'static str {
    match by {
        By::Id => statement!(what, ""),
        By::Terminal => statement!(what, " AND terminal = $5"),
        By::Reference => statement!(what, " AND reference = $6"),
        By::Location => statement!(what, " AND location = $7"),
        By::Status => statement!(what, " AND status = $8 AND status NOT IN ('pending', 'processing')"),
        By::Last4 => statement!(what, " AND card_last4 = $11 AND status NOT IN ('pending', 'processing')"),
        By::Amount => statement!(what, " AND currency = $12 AND status NOT IN ('pending', 'processing')"),
        By::Batch => statement!(what, " AND batch = $15"),
        // The `COALESCE` keeps the terminal's own index out, which has all that the terminal ever took.
        By::Unbatched => {
            statement!(
                what,
                " AND terminal = $5 AND currency = $12 AND status = 'completed' AND batch IS NULL \
                 AND advice IS NULL",
                "COALESCE(id, id)"
            )
        }
        By::Unfinished => statement!(what, " AND status IN ('pending', 'processing')"),
    }
}

/// Counts at most a number of entries of the way's index: account, livemode, then what it is found by, the bounds of the id,
/// the number. The amount takes currency and both bounds instead, and no bounds of the id.
pub(super) fn probe(by: By) -> Option<&'static str> {
    macro_rules! count {
        ($narrow:literal) => {
            concat!(
                "SELECT COUNT(*) FROM (SELECT 1 FROM payments WHERE account = $1 AND livemode = $2 AND ",
                $narrow,
                ") AS some"
            )
        };
    }
    Some(match by {
        By::Terminal => count!("terminal = $3 AND id BETWEEN $4 AND $5 LIMIT $6"),
        By::Location => count!("location = $3 AND id BETWEEN $4 AND $5 LIMIT $6"),
        By::Status => {
            count!(
                "status = $3 AND status NOT IN ('pending', 'processing') AND id BETWEEN $4 AND $5 LIMIT $6"
            )
        }
        By::Last4 => count!(
            "card_last4 = $3 AND status NOT IN ('pending', 'processing') AND id BETWEEN $4 AND $5 LIMIT $6"
        ),
        By::Amount => count!(
            "currency = $3 AND COALESCE(request_amount_minor, amount_minor) BETWEEN $4 AND $5 \
             AND status NOT IN ('pending', 'processing') LIMIT $6"
        ),
        By::Id | By::Reference | By::Batch | By::Unbatched | By::Unfinished => return None,
    })
}

macro_rules! sum_brands {
    ($lot:literal) => {
        concat!(
            "SELECT card_brand, COUNT(*), SUM(captured_minor) FROM payments WHERE account = $1 AND livemode = $2 AND ",
            $lot,
            " AND status = 'completed' GROUP BY card_brand ORDER BY card_brand"
        )
    };
}

/// Parameters: account, livemode, batch.
pub(super) const SUM_BRANDS_OF_BATCH: &str = sum_brands!("batch = $3");

/// Parameters: account, livemode, terminal, currency.
pub(super) const SUM_BRANDS_OF_OPEN: &str =
    sum_brands!("terminal = $3 AND currency = $4 AND batch IS NULL AND advice IS NULL");

#[cfg(test)]
mod tests {
    use vinr_domain::payment::Status;

    use super::*;

    const WHAT: [What; 3] = [What::Downward, What::Upward, What::Count];

    fn connection() -> rusqlite::Connection {
        let connection = rusqlite::Connection::open_in_memory().unwrap();
        for step in [
            include_str!("migrations/0001_payments.sql"),
            include_str!("migrations/0002_records.sql"),
            include_str!("migrations/0003_deliveries.sql"),
            include_str!("migrations/0004_refunds.sql"),
            include_str!("migrations/0005_origins.sql"),
            include_str!("migrations/0006_doors.sql"),
            include_str!("migrations/0007_search.sql"),
        ] {
            connection.execute_batch(step).unwrap();
        }
        connection
    }

    fn plan(connection: &rusqlite::Connection, text: &str) -> String {
        let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {text}")).unwrap();
        let rows = statement.raw_query().mapped(|row| row.get::<_, String>("detail"));
        rows.map(Result::unwrap).collect::<Vec<_>>().join("; ")
    }

    fn index(by: By) -> &'static str {
        match by {
            By::Id => "PRIMARY KEY",
            By::Terminal => "payments_terminal",
            By::Reference => "payments_reference",
            By::Location => "payments_location",
            By::Status => "payments_status",
            By::Last4 => "payments_last4",
            By::Amount => "payments_amount",
            By::Batch => "payments_batch",
            By::Unbatched => "payments_unbatched",
            By::Unfinished => "payments_unfinished",
        }
    }

    #[test]
    fn every_way_uses_its_index_and_sorts_only_what_is_little() {
        let connection = connection();
        for by in By::ALL {
            for what in [What::Downward, What::Upward] {
                let text = list_payments(by, what);
                let plan = plan(&connection, text);
                assert!(plan.contains(index(by)) && plan.contains("SEARCH"), "{by:?}: {plan}");
                let sorts = matches!(by, By::Amount | By::Unbatched);
                assert_eq!(plan.contains("TEMP B-TREE"), sorts, "{by:?}: {plan}");
            }
            if let Some(text) = probe(by) {
                let plan = plan(&connection, text);
                // Those whose index leaves some statuses out read the rows too: SQLite looks at the status once more.
                assert!(plan.contains("COVERING") || by.skips_unfinished(), "{by:?}: {plan}");
                assert!(plan.contains(index(by)), "{by:?}: {plan}");
            }
        }
        assert!(plan(&connection, SUM_BRANDS_OF_BATCH).contains("payments_batch"));
        assert!(plan(&connection, SUM_BRANDS_OF_OPEN).contains("payments_unbatched"));
    }

    #[test]
    fn parameters_first_appear_in_the_order_of_their_numbers() {
        let lists = By::ALL.into_iter().flat_map(|by| WHAT.map(|what| list_payments(by, what)));
        let probes = By::ALL.into_iter().filter_map(probe);
        for text in lists.chain(probes).chain([SUM_BRANDS_OF_BATCH, SUM_BRANDS_OF_OPEN]) {
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
    fn the_rarest_condition_finds_and_an_amount_alone_may_be_of_many() {
        let any = PaymentFilter::default;
        assert_eq!(ways(&any()), [By::Id]);
        let pending = PaymentFilter { status: Some(Status::Pending), terminal: Some("t".into()), ..any() };
        assert_eq!(ways(&pending), [By::Unfinished]);
        let euros = vinr_domain::Currency::parse("EUR").ok();
        let amount = PaymentFilter { currency: euros, least_minor: Some(1), ..any() };
        assert_eq!(ways(&amount), [By::Amount, By::Id]);
        let failed = PaymentFilter { status: Some(Status::Failed), terminal: Some("t".into()), ..amount };
        assert_eq!(ways(&failed), [By::Terminal, By::Status, By::Amount]);
        let named = PaymentFilter { reference: Some("r".into()), ..failed };
        assert_eq!(ways(&named), [By::Reference]);
    }
}
