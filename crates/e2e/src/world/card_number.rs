//! Finds card numbers where none may be. Knows none itself: it asks the deck whether a run of digits is one.

use vinr_sandbox::deck;

/// The lengths that card numbers of the deck have.
const LENGTHS: [usize; 2] = [15, 16];

/// Whether a card number of the deck stands in these bytes, as text.
pub(super) fn stands_in(bytes: &[u8]) -> bool {
    let runs = bytes.split(|byte| !byte.is_ascii_digit()).filter(|run| run.len() >= LENGTHS[0]);
    runs.flat_map(|run| LENGTHS.into_iter().flat_map(move |length| run.windows(length)))
        .filter_map(|digits| std::str::from_utf8(digits).ok())
        .any(|digits| deck::find(digits).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_found_among_other_digits_and_a_name_is_not_one() {
        assert!(stands_in(b"amount 1 pan 4242424242424242;"));
        assert!(stands_in(b"914242424242424242007"));
        assert!(!stands_in(b"visa_approved 4242 1780000000000000 4242424242424243"));
    }
}
