//! A kiosk that sells without the internet: the terminal is on its own network, and here it is simulated.
//! `cargo run -p vinr-sdk --example kiosk` (with `vinr` built, or named in `VINR_SIMULATOR`)

#![allow(clippy::print_stdout, reason = "an example shows what it does")]

use vinr_sdk::{CreateLocalPayment, TerminalOptions, Vinr, VinrError};

#[tokio::main]
async fn main() -> Result<(), VinrError> {
    let options = TerminalOptions::new().simulate_offline();
    let vinr = Vinr::builder("sk_test_kiosk").terminal(options).build()?;
    let readers = vinr.terminal().readers().discover().await?;
    for reader in &readers {
        let order = CreateLocalPayment::new(&reader.id, 1000, "USD").reference("ticket_1");
        let payment = vinr.terminal().payments().create_local(order).await?;
        let waits = payment.offline == Some(true);
        println!("{} {}{}", reader.id, payment.status, if waits { ", forwarded later" } else { "" });
    }
    vinr.close().await;
    Ok(())
}
