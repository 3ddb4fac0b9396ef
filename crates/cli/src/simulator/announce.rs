//! What `vinr simulator` says when it is ready: one line for the SDKs, or what to type next for people.

use std::io::Write;
use std::path::Path;

use serde_json::json;
use vinr_server::lan::SANDBOX_CASHLESS_KEY;

use super::TERMINAL;
use crate::embedded::Shop;

/// Where things are.
pub struct Facts<'a> {
    /// The terminal, as tills reach it.
    pub shop: &'a Shop,
    /// The certificate authorities that its certificate comes from.
    pub ca_bundle: &'a Path,
    /// The address of the Cloud API behind it.
    pub api: &'a str,
    /// Where a person can be cashier and customer.
    pub page: &'a str,
    /// The key that opens that.
    pub secret_key: &'a str,
    /// Whether the terminal's internet is away.
    pub offline: bool,
}

/// Says it.
///
/// # Errors
/// When nobody listens.
pub fn ready(facts: &Facts<'_>, as_json: bool) -> std::io::Result<()> {
    let said = if as_json { line(facts) } else { words(facts) };
    let mut out = std::io::stdout().lock();
    writeln!(out, "{said}")?;
    out.flush()
}

fn line(facts: &Facts<'_>) -> String {
    let Shop { at, cashless, till } = facts.shop;
    json!({
        "terminal": TERMINAL,
        "model": "simulator",
        "ip": at.ip().to_string(),
        "port": at.port(),
        "local": format!("https://{at}"),
        "cashless": cashless.then(|| format!("https://{at}/cashless/v1")),
        "caBundle": facts.ca_bundle,
        "clientP12": till.p12,
        "clientP12Passphrase": till.passphrase,
        "clientCert": till.cert,
        "clientKey": till.key,
        "page": facts.page,
        "api": facts.api,
        "secretKey": facts.secret_key,
        "offline": facts.offline,
        "version": env!("CARGO_PKG_VERSION"),
    })
    .to_string()
}

fn words(facts: &Facts<'_>) -> String {
    let Shop { at, cashless, till } = facts.shop;
    let Facts { api, page, secret_key, .. } = facts;
    let curl = format!(
        "curl --cacert {} \\\n    --cert {} \\\n    --key {}",
        facts.ca_bundle.display(),
        till.cert.display(),
        till.key.display(),
    );
    let cashless = if *cashless {
        format!("\n  Cashless API  https://{at}/cashless/v1    with the key {SANDBOX_CASHLESS_KEY}")
    } else {
        String::new()
    };
    let internet = if facts.offline {
        format!(
            "\nThe terminal has no internet: it approves by itself, and keeps what it approved. Bring it back with:\n\n  \
             {curl} \\\n    https://{at}/v1/test/internet -H \"Content-Type: application/json\" -d '{{\"connected\": true}}'\n"
        )
    } else {
        String::new()
    };
    format!(
        "The simulator is ready.

  Terminal      {TERMINAL}  (taps an approved card by itself)
  Local API     https://{at}{cashless}
  Its page      {page}    be the customer yourself
  Cloud API     {api}    with the key {secret_key}
  Certificate   {}    opened by {}

Collect a payment at the terminal, as a till does:

  {curl} \\
    https://{at}/v1/pay -H \"Content-Type: application/json\" \\
    -d '{{\"terminalId\": \"{TERMINAL}\", \"amount\": 2500, \"currency\": \"USD\"}}'
{internet}
Ctrl-C ends it.",
        till.p12.display(),
        till.passphrase,
    )
}
