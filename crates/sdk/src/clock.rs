//! The wall clock, for what carries a time: names of payments, lookups, the freshness of webhooks.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Now, since the beginning of 1970; zero on a machine whose clock stands before that.
#[allow(clippy::disallowed_methods, reason = "this is the file that reads the clock")]
pub(crate) fn unix() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}

/// Now, in Unix seconds.
pub(crate) fn unix_seconds() -> i64 {
    i64::try_from(unix().as_secs()).unwrap_or(i64::MAX)
}
