//! Sums: what may be captured. No state, no time.

/// The most that may be captured of an authorization, in minor units (contract 1.7, 3.7). Rounded down.
#[must_use]
pub fn capture_ceiling_minor(authorized_minor: i64, over_capture_percent: u16) -> i64 {
    authorized_minor + authorized_minor.saturating_mul(i64::from(over_capture_percent)) / 100
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ceiling_is_rounded_down() {
        assert_eq!(capture_ceiling_minor(2500, 20), 3000);
        assert_eq!(capture_ceiling_minor(4, 20), 4);
        assert_eq!(capture_ceiling_minor(5, 20), 6);
        assert_eq!(capture_ceiling_minor(2500, 0), 2500);
    }
}
