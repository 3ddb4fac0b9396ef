//! An answer that was lost: the payment has a name before it is sent, so it is found again, and never made twice.
//! `cargo run -p vinr-sdk --example recovery -- sk_test_vinr_dev term_test_simulator`

#![allow(clippy::print_stdout, reason = "an example shows what it does")]

use std::time::Duration;

use vinr_sdk::{CreatePayment, TerminalPayment, Vinr, VinrError};

/// Written down with the order before it is called: the name survives a crash of this program too.
async fn charge(vinr: &Vinr, terminal: &str, token: &str) -> Result<TerminalPayment, VinrError> {
    let payments = vinr.terminal().payments();
    let order = CreatePayment::on(terminal, 2500, "USD").reference("order_7").client_token(token);
    match payments.create_sync(order.clone()).timeout(Duration::from_secs(60)).await {
        // It may run, it may be over, it may never have arrived: under its name it is joined, answered or made once.
        Err(error) if error.outcome_unknown => payments.create_sync(order).await,
        other => other,
    }
}

#[tokio::main]
async fn main() -> Result<(), VinrError> {
    let mut args = std::env::args().skip(1);
    let key = args.next().unwrap_or_else(|| "sk_test_vinr_dev".to_owned());
    let terminal = args.next().unwrap_or_else(|| "term_test_simulator".to_owned());
    let payment = charge(&Vinr::new(key)?, &terminal, "0197a000-0000-7000-8000-0000000000e7").await?;
    println!("{} {}", payment.id, payment.status);
    Ok(())
}
