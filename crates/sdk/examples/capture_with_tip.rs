//! A restaurant: the meal is authorized, the tip comes later, both are captured.
//! `cargo run -p vinr-sdk --example capture_with_tip -- sk_test_vinr_dev term_test_simulator`

#![allow(clippy::print_stdout, reason = "an example shows what it does")]

use vinr_sdk::params::CapturePayment;
use vinr_sdk::{CreatePayment, PaymentStatus, Vinr, VinrError};

#[tokio::main]
async fn main() -> Result<(), VinrError> {
    let mut args = std::env::args().skip(1);
    let key = args.next().unwrap_or_else(|| "sk_test_vinr_dev".to_owned());
    let terminal = args.next().unwrap_or_else(|| "term_test_simulator".to_owned());
    let payments = Vinr::new(key)?.terminal().payments();
    let meal = CreatePayment::on(terminal, 2500, "USD").reference("table 12").capture_method("manual");
    let held = payments.create_sync(meal).await?;
    if held.status == PaymentStatus::Authorized {
        let paid = payments.capture(&held.id, CapturePayment::new().amount(2875)).await?;
        println!("{} {:?}", paid.status, paid.amount_captured);
    }
    Ok(())
}
