//! The checked-in tables are what the machines do.

#[path = "../examples/transitions/action.rs"]
mod action;
#[path = "../examples/transitions/batch.rs"]
mod batch;
#[path = "../examples/transitions/device.rs"]
mod device;
#[path = "../examples/transitions/device_action.rs"]
mod device_action;
#[path = "../examples/transitions/pairing.rs"]
mod pairing;
#[path = "../examples/transitions/payment.rs"]
mod payment;
#[path = "../examples/transitions/refund.rs"]
mod refund;
#[path = "../examples/transitions/table.rs"]
mod table;
#[path = "../examples/transitions/terminal.rs"]
mod terminal;

fn checked_in(machine: &str) -> String {
    let path = format!("{}/transitions/{machine}.md", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(&path).unwrap_or_default()
}

#[test]
fn the_table_of_payments_is_up_to_date() {
    assert!(checked_in("payment") == payment::table(), "transitions/payment.md has drifted: cargo xtask gen");
}

#[test]
fn the_table_of_intents_on_a_terminal_is_up_to_date() {
    assert!(checked_in("device") == device::table(), "transitions/device.md has drifted: cargo xtask gen");
}

#[test]
fn the_table_of_terminals_is_up_to_date() {
    assert!(
        checked_in("terminal") == terminal::table(),
        "transitions/terminal.md has drifted: cargo xtask gen"
    );
}

#[test]
fn the_table_of_remote_actions_is_up_to_date() {
    assert!(checked_in("action") == action::table(), "transitions/action.md has drifted: cargo xtask gen");
}

#[test]
fn the_table_of_pairings_is_up_to_date() {
    assert!(checked_in("pairing") == pairing::table(), "transitions/pairing.md has drifted: cargo xtask gen");
}

#[test]
fn the_table_of_refunds_is_up_to_date() {
    assert!(checked_in("refund") == refund::table(), "transitions/refund.md has drifted: cargo xtask gen");
}

#[test]
fn the_table_of_batches_is_up_to_date() {
    assert!(checked_in("batch") == batch::table(), "transitions/batch.md has drifted: cargo xtask gen");
}

#[test]
fn the_table_of_actions_on_a_terminal_is_up_to_date() {
    assert!(
        checked_in("device_action") == device_action::table(),
        "transitions/device_action.md has drifted: cargo xtask gen"
    );
}
