//! Over the network of the shop, and through the cloud when the terminal is not there: the same payment, once.
//! `cargo run -p vinr-sdk --example hybrid -- sk_test_… term_CT20_0042 client.p12 PASSPHRASE 192.168.10.51`

#![allow(clippy::print_stdout, reason = "an example shows what it does")]

use vinr_sdk::{Connectivity, CreatePayment, TerminalOptions, Vinr, VinrError};

#[tokio::main]
async fn main() -> Result<(), VinrError> {
    let given: Vec<String> = std::env::args().skip(1).collect();
    let [key, terminal, bundle, passphrase, host] = given.as_slice() else {
        println!("usage: hybrid KEY TERMINAL CLIENT.P12 PASSPHRASE HOST");
        return Ok(());
    };
    let options = TerminalOptions::new()
        .local_cert(bundle, passphrase.as_str())
        .static_hosts([host.as_str()])
        .on_local_failure(|layer, why| println!("through the cloud, for the {layer} failed: {why}"));
    let vinr = Vinr::builder(key).terminal(options).build()?;
    let payments = vinr.terminal().payments();
    let order =
        CreatePayment::on(terminal, 2500, "USD").reference("order_8822").connectivity(Connectivity::hybrid());
    let payment = match payments.create(order).await {
        Ok(payment) => payment,
        Err(error) if error.outcome_unknown => {
            // Both ways failed after something was sent: nothing new is created, this one is found out about.
            payments.resolve(error.client_token.clone().unwrap_or_default()).await?
        }
        Err(error) => return Err(error),
    };
    println!("{} by way of {:?}", payment.status, payment.metadata.get("connectionMode"));
    Ok(())
}
