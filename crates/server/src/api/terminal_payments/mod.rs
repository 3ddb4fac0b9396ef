//! `/v1/terminal/payments`: one file per operation. Each takes its request apart, asks the application, and writes what
//! it is told.

pub(super) mod cancel;
pub(super) mod capture;
pub(super) mod create;
pub(super) mod list;
pub(super) mod retrieve;
mod simulation;

use vinr_domain::PaymentId;

/// The collection's path.
const PATH: &str = "/v1/terminal/payments";

/// The payment that a path below the collection names, if it names one.
pub(super) fn id_in(path: &str) -> Option<PaymentId> {
    let below = path.strip_prefix(PATH)?.strip_prefix('/')?;
    let id = below.split_once('/').map_or(below, |(id, _)| id);
    PaymentId::parse(id).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_id_is_read_from_every_path_that_has_one() {
        let id = PaymentId(7);
        assert_eq!(id_in(&format!("/v1/terminal/payments/{id}")), Some(id));
        assert_eq!(id_in(&format!("/v1/terminal/payments/{id}/capture")), Some(id));
        for path in ["/v1/terminal/payments", "/v1/terminal/payments/", "/v1/terminal/paymentsx/y", "/"] {
            assert_eq!(id_in(path), None, "{path}");
        }
    }
}
