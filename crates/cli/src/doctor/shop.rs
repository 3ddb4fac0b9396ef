//! A terminal on this network, examined from this machine: its Local API with a client certificate, its Cashless API
//! with the shared key.

use std::path::PathBuf;

use clap::Args;
use rustls::RootCertStore;
use serde_json::json;
use vinr_domain::Timestamp;
use vinr_pki::Credential;

use super::asking::{Answer, Asks, Line};
use super::finding::{Layer, Report};
use super::tls::{Expected, Identity, shake_hands};
use super::{host_and_port, identity_of, judge_clock, network};
use crate::client::read_key;
use crate::failure::Failure;

/// Where terminals listen in the merchant's network.
const PORT: u16 = 8443;
/// The version of the Local API that this program speaks.
const PROTOCOL: u64 = 1;
/// The header of the Cashless API's key (ECR integration, Base URL and authentication).
const CASHLESS_KEY: &str = "x-vinr-cashless-key";

const FIREWALL: &str = "Is Local mode or the Cashless API enabled on the terminal? Both listen on 8443 and only while they \
                        are enabled. A firewall on the terminal's side may refuse it too.";

/// Which terminal, and with what.
#[derive(Clone, Debug, Args)]
pub struct TerminalArgs {
    /// Where the terminal is: HOST or HOST:PORT.
    #[arg(value_name = "HOST[:PORT]")]
    target: String,

    /// Which terminal it should be, `term_…`.
    #[arg(long, value_name = "TERMINAL_ID")]
    id: Option<String>,

    /// The client certificate for the Local API, as it was downloaded (PKCS#12).
    #[arg(long, value_name = "FILE", requires = "passphrase_file", conflicts_with_all = ["cert", "cert_key"])]
    p12: Option<PathBuf>,

    /// A file that holds its passphrase; `-` reads it from standard input.
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,

    /// The client certificate for the Local API (PEM).
    #[arg(long, value_name = "FILE", requires = "cert_key")]
    cert: Option<PathBuf>,

    /// Its private key (PEM).
    #[arg(long, value_name = "FILE", requires = "cert")]
    cert_key: Option<PathBuf>,

    /// A file that holds the shared key of the Cashless API; `-` reads it from standard input.
    #[arg(long, value_name = "FILE")]
    cashless_key_file: Option<PathBuf>,
}

/// Examines it; the text says what was examined.
pub async fn examine(
    report: &mut Report,
    args: &TerminalArgs,
    roots: &RootCertStore,
    now: Timestamp,
) -> Result<String, Failure> {
    let (host, port) = host_and_port(&args.target, PORT)?;
    let identity = identity(args)?;
    let has_certificate = identity.is_some();
    let key = args.cashless_key_file.as_deref().map(read_key).transpose()?;
    let target = match &args.id {
        Some(id) => format!("{id} at {host}, port {port}"),
        None => format!("{host}, port {port}"),
    };
    let Some(stream) = network::reach(report, &host, port, FIREWALL).await else { return Ok(target) };
    let expected = Expected { host: &host, terminal: args.id.as_deref(), is_terminal: true };
    let Some(stream) = shake_hands(report, stream, &expected, roots, identity, now).await else {
        return Ok(target);
    };
    let authority = if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") };
    let mut line = match Line::over(stream, &authority).await {
        Ok(line) => line,
        Err(why) => {
            report.broken(Layer::Mode, why, "What listens there does not speak HTTP: check the port.");
            return Ok(target);
        }
    };
    // The Cashless API first: the Local API ends the connection after a certificate that it refuses.
    match &key {
        Some(key) => cashless(report, &mut line, key, now).await,
        None if !has_certificate => {
            report.unseen(
                Layer::Key,
                "nothing was given to try: --p12 FILE for the Local API, --cashless-key-file FILE for the Cashless API",
            );
        }
        None => {}
    }
    if has_certificate {
        local(report, &mut line, key.is_none(), now).await;
    }
    Ok(target)
}

fn identity(args: &TerminalArgs) -> Result<Option<Identity>, Failure> {
    if let (Some(cert), Some(key)) = (&args.cert, &args.cert_key) {
        let chain = std::fs::read(cert).map_err(Failure::at(cert))?;
        let key = std::fs::read(key).map_err(Failure::at(key))?;
        return identity_of(&chain, &key).map(Some);
    }
    let (Some(p12), Some(passphrase)) = (&args.p12, &args.passphrase_file) else { return Ok(None) };
    let bytes = std::fs::read(p12).map_err(Failure::at(p12))?;
    let passphrase = read_key(passphrase)?;
    let opened = Credential::from_pkcs12(&bytes, passphrase.trim()).map_err(|error| {
        Failure::new(format_args!("{}: {error}", p12.display()))
            .cure("The passphrase was shown once, when the certificate was generated; a new certificate has a new one.")
    })?;
    identity_of(opened.chain_pem().as_bytes(), opened.key_pem().as_bytes()).map(Some)
}

async fn cashless(report: &mut Report, line: &mut Line, key: &str, now: Timestamp) {
    let asked =
        line.ask(Asks::Post, "/cashless/v1/status", Some((CASHLESS_KEY, key)), Some(&json!({}))).await;
    let answer = match asked {
        Ok(answer) => answer,
        Err(why) => return report.broken(Layer::Mode, why, "Ask again; look at the terminal's screen."),
    };
    judge_clock(report, answer.date.as_deref(), now);
    match answer.status {
        200 => {
            report.fine(Layer::Key, "the Cashless API accepts the shared key");
            let state = answer.body["status"].as_str().unwrap_or("unknown");
            report.fine(Layer::Mode, format!("the Cashless API is {state}"));
            version(report, &answer);
        }
        401 => report.broken(
            Layer::Key,
            "the Cashless API does not accept the shared key",
            "A key that was regenerated is dead at once: generate one (POST /v1/terminals/{id}/cashless-key) and put \
             it into the ECR.",
        ),
        429 => report.broken(
            Layer::Key,
            "the Cashless API answers this address no more for a while: too many wrong keys came from it",
            "Stop what sends the wrong key, wait, and try again.",
        ),
        status => report.broken(
            Layer::Mode,
            format!("the Cashless API answered {status} {}: {}", answer.code(), answer.message()),
            "Enable the Cashless API for this terminal (PUT /v1/terminals/{id}/lan); it starts again by itself.",
        ),
    }
}

async fn local(report: &mut Report, line: &mut Line, alone: bool, now: Timestamp) {
    // What the terminal tells everybody first; then something that needs the certificate.
    let status = match line.ask(Asks::Get, "/v1/status", None, None).await {
        Ok(answer) => answer,
        Err(why) => return report.broken(Layer::Mode, why, "Ask again; look at the terminal's screen."),
    };
    if alone {
        judge_clock(report, status.date.as_deref(), now);
    }
    let modes = status.body["apiModes"].as_array();
    if modes.is_some_and(|modes| !modes.iter().any(|mode| mode == "local")) {
        return report.broken(
            Layer::Mode,
            "the Local API is not enabled on this terminal",
            "Enable Local mode (PUT /v1/terminals/{id}/lan); the terminal starts again by itself.",
        );
    }
    let answer = match line.ask(Asks::Get, "/v1/terminal/payments?limit=1", None, None).await {
        Ok(answer) => answer,
        Err(why) => return report.broken(Layer::Mode, why, "Ask again; look at the terminal's screen."),
    };
    if answer.status == 200 {
        report.fine(Layer::Revocation, "the client certificate is not revoked");
        report.fine(Layer::Key, "the Local API accepts the client certificate");
        let state = status.body["status"].as_str().unwrap_or("enabled");
        report.fine(Layer::Mode, format!("the Local API is {state}"));
        if alone {
            version(report, &status);
        }
        return;
    }
    let message = answer.message().to_owned();
    match answer.code() {
        "certificate_revoked" => report.broken(
            Layer::Revocation,
            "the client certificate was revoked",
            "Generate a new one for this terminal and use it.",
        ),
        "certificate_expired" => report.broken(
            Layer::Expiry,
            "the client certificate has expired",
            "Generate a new one for this terminal. If it should be in force, the terminal's clock is wrong.",
        ),
        "certificate_not_yet_valid" => report.broken(
            Layer::Clock,
            "the client certificate is not in force yet, by the terminal's clock",
            "The terminal's clock is behind: let it reach the cloud.",
        ),
        "certificate_unknown_authority" => report.broken(
            Layer::Chain,
            "the client certificate is not of an authority that the terminal trusts",
            "It is of another installation, or test where live is needed: generate one for this terminal.",
        ),
        "certificate_wrong_terminal" => report.broken(
            Layer::San,
            format!("the client certificate is for another terminal ({message})"),
            "Each terminal has client certificates of its own: use the one that was generated for this one.",
        ),
        "certificate_required" => report.broken(
            Layer::Key,
            "the Local API wants a client certificate",
            "Give it: --p12 FILE --passphrase-file FILE, or --cert FILE --cert-key FILE.",
        ),
        code => report.broken(
            Layer::Mode,
            format!("the Local API answered {} {code}: {message}", answer.status),
            "Enable Local mode for this terminal (PUT /v1/terminals/{id}/lan); it starts again by itself.",
        ),
    }
}

fn version(report: &mut Report, answer: &Answer) {
    let software = answer.body["softwareVersion"].as_str().unwrap_or("of unknown version");
    match answer.body["protocolVersion"].as_u64() {
        Some(theirs) if theirs > PROTOCOL => report.odd(
            Layer::Version,
            format!("the terminal (software {software}) speaks protocol {theirs}, this program {PROTOCOL}"),
            "Bring this program, and the SDK of the till, up to date.",
        ),
        _ => report.fine(Layer::Version, format!("software {software}")),
    }
}
