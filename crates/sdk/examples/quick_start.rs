//! The first payment. `VINR_SECRET_KEY` and `VINR_BASE_URL` as `vinr dev` says them.
//! `cargo run -p vinr-sdk --example quick_start -- sk_test_vinr_dev term_test_simulator`

#![allow(clippy::print_stdout, reason = "an example shows what it does")]

use vinr_sdk::{CreatePayment, PaymentStatus, Vinr, VinrError};

#[tokio::main]
async fn main() -> Result<(), VinrError> {
    let mut args = std::env::args().skip(1);
    let key = args.next().unwrap_or_else(|| "sk_test_vinr_dev".to_owned());
    let terminal = args.next().unwrap_or_else(|| "term_test_simulator".to_owned());
    let vinr = Vinr::new(key)?;
    let order = CreatePayment::on(terminal, 2500, "USD").reference("order_1");
    let payment = vinr.terminal().payments().create_sync(order).await?;
    match payment.status {
        PaymentStatus::Completed => {
            println!("paid with {} {}", payment.brand.unwrap_or_default(), payment.last4.unwrap_or_default());
        }
        status => println!("{status}: {:?}", payment.decline_code),
    }
    Ok(())
}
