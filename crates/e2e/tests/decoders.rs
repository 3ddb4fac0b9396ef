//! Everything that reads bytes of strangers, for a moment; `cargo run --release -p vinr-e2e --bin decoders` for longer.

use std::time::Duration;

use vinr_e2e::decoders::all;

#[test]
fn examples_are_understood() {
    for decoder in all() {
        let understood = decoder.examples.iter().filter(|example| decoder.reads(example)).count();
        assert!(understood > 0, "{}: none of {} examples", decoder.name, decoder.examples.len());
    }
}

#[test]
fn spoiled_input_is_refused_or_read_and_never_a_panic() {
    for decoder in all() {
        let (read, understood) = decoder.exercise(1, 3_000, Duration::from_secs(2));
        assert!(read > 0 && understood < read, "{}: {understood} of {read} understood", decoder.name);
    }
}
