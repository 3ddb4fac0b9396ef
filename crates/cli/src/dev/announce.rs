//! What `vinr dev` says when it is ready: one line for scripts, or what to type next for people.

use std::path::PathBuf;

use serde_json::json;
use vinr_server::lan::SANDBOX_CASHLESS_KEY;

use crate::embedded::Shop;

/// Where things are.
#[derive(Debug)]
pub struct Facts {
    /// The API's address.
    pub api: String,
    /// The link that signs in to the dashboard, once.
    pub dashboard: String,
    /// Where a person can be cashier and customer.
    pub page: String,
    /// The key that opens it.
    pub secret_key: &'static str,
    /// The simulated terminal.
    pub terminal_id: &'static str,
    /// The certificate authorities of this installation.
    pub ca_bundle: PathBuf,
    /// Everything that is kept.
    pub data_dir: PathBuf,
    /// Terminals that wait to be run by hand.
    pub external: Vec<String>,
    /// The simulated terminal in its shop; `None` when nothing of it is served there.
    pub shop: Option<Shop>,
}

/// Says it.
#[expect(clippy::print_stdout, reason = "this is what the command was asked for")]
pub fn ready(facts: &Facts, as_json: bool) {
    if as_json {
        println!("{}", line(facts));
    } else {
        println!("{}", words(facts));
    }
}

fn line(facts: &Facts) -> serde_json::Value {
    let mut line = json!({
        "api": facts.api,
        "dashboard": facts.dashboard,
        "terminalPage": facts.page,
        "secretKey": facts.secret_key,
        "terminalId": facts.terminal_id,
        "caBundle": facts.ca_bundle,
    });
    if let (Some(shop), Some(fields)) = (&facts.shop, line.as_object_mut()) {
        let Shop { at, till, .. } = shop;
        fields.extend([
            ("local".to_owned(), json!(format!("https://{at}"))),
            ("cashless".to_owned(), json!(format!("https://{at}/cashless/v1"))),
            ("cashlessKey".to_owned(), json!(SANDBOX_CASHLESS_KEY)),
            ("clientP12".to_owned(), json!(till.p12)),
            ("clientP12Passphrase".to_owned(), json!(till.passphrase)),
            ("clientCert".to_owned(), json!(till.cert)),
            ("clientKey".to_owned(), json!(till.key)),
        ]);
    }
    line
}

fn words(facts: &Facts) -> String {
    let Facts { api, dashboard, page, secret_key, terminal_id, data_dir, .. } = facts;
    let mut words = format!(
        "VINR is ready.

  Dashboard   {dashboard}
              (signs you in, once; within the hour)
  API         {api}
  Start page  {api}/          reference: {api}/docs
  Secret key  {secret_key}
  Terminal    {terminal_id}  (connected; taps an approved card by itself)
  Its page    {page}          be the customer yourself
  Data        {}

Collect a payment, and wait for its outcome:

  curl {api}/v1/terminal/payments \\
    -H \"Authorization: Bearer {secret_key}\" \\
    -H \"Content-Type: application/json\" \\
    -d '{{\"terminalId\": \"{terminal_id}\", \"amount\": 4200, \"currency\": \"EUR\", \"responseMode\": \"sync\"}}'
",
        data_dir.display()
    );
    if let Some(Shop { at, till, .. }) = &facts.shop {
        words.push_str(&format!(
            "
In the shop, without the cloud in between:

  Local API     https://{at}    with {} and {}
  Cashless API  https://{at}/cashless/v1    with the key {SANDBOX_CASHLESS_KEY}

  curl --cacert {} --cert {} --key {} https://{at}/v1/pay \\
    -H \"Content-Type: application/json\" \\
    -d '{{\"terminalId\": \"{terminal_id}\", \"amount\": 2500, \"currency\": \"EUR\"}}'
",
            till.cert.display(),
            till.key.display(),
            facts.ca_bundle.display(),
            till.cert.display(),
            till.key.display(),
        ));
    }
    for terminal in &facts.external {
        let dir = data_dir.join("terminals").join(terminal);
        words.push_str(&format!("\nRun {terminal} with:  vinr terminal --data {}\n", dir.display()));
    }
    words.push_str("\nCtrl-C ends it; the next start goes on with the same data.");
    words
}
