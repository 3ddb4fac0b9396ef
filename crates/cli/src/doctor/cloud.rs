//! The cloud's API, examined from this machine.

use std::path::PathBuf;

use clap::Args;
use rustls::RootCertStore;
use vinr_domain::Timestamp;

use super::asking::{Asks, Line, Place, place};
use super::finding::{Layer, Report};
use super::tls::{Expected, shake_hands};
use super::{judge_clock, network};
use crate::client::read_key;
use crate::failure::Failure;

const FIREWALL: &str =
    "Is the server running? Is this the port that it says it listens on? A firewall may refuse it.";

/// Which cloud, and who asks.
#[derive(Clone, Debug, Args)]
pub struct CloudArgs {
    /// Where the API is.
    #[arg(default_value = "http://127.0.0.1:8420", value_name = "URL")]
    url: String,

    /// A file that holds an API key to try; `-` reads it from standard input.
    #[arg(long, value_name = "FILE")]
    key_file: Option<PathBuf>,
}

/// Examines it; the text says what was examined.
pub async fn examine(
    report: &mut Report,
    args: &CloudArgs,
    roots: &RootCertStore,
    now: Timestamp,
) -> Result<String, Failure> {
    let wrong = || Failure::new(format_args!("`{}` is not a URL such as https://vinr.example.com", args.url));
    let Place { host, port, secure, authority } = place(&args.url).ok_or_else(wrong)?;
    let key = args.key_file.as_deref().map(read_key).transpose()?;
    let target = format!("{} ({host}, port {port})", args.url);
    let Some(stream) = network::reach(report, &host, port, FIREWALL).await else { return Ok(target) };
    let line = if secure {
        let expected = Expected { host: &host, terminal: None, is_terminal: false };
        match shake_hands(report, stream, &expected, roots, None, now).await {
            Some(stream) => Line::over(stream, &authority).await,
            None => return Ok(target),
        }
    } else {
        let loopback =
            host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback());
        if loopback {
            report.unseen(Layer::Tls, "plain HTTP, which never leaves this machine");
        } else {
            report.odd(
                Layer::Tls,
                "plain HTTP: keys and payments can be read on the way",
                "Use https:// anywhere but on one machine.",
            );
        }
        Line::over(stream, &authority).await
    };
    let mut line = match line {
        Ok(line) => line,
        Err(why) => {
            report.broken(Layer::Mode, why, "What listens there does not speak HTTP: check the port.");
            return Ok(target);
        }
    };
    health(report, &mut line, now).await;
    match key {
        Some(key) => authenticate(report, &mut line, key.trim()).await,
        None => report.unseen(Layer::Key, "no key was given to try: --key-file FILE"),
    }
    version(report, &mut line).await;
    Ok(target)
}

async fn health(report: &mut Report, line: &mut Line, now: Timestamp) {
    match line.ask(Asks::Get, "/readyz", None, None).await {
        Ok(answer) if answer.status == 200 => {
            judge_clock(report, answer.date.as_deref(), now);
            report.fine(Layer::Mode, "the server is ready");
        }
        Ok(answer) if answer.status == 503 => {
            judge_clock(report, answer.date.as_deref(), now);
            report.broken(
                Layer::Mode,
                "the server runs and is not ready: its database does not answer",
                "Look at the server's log and at its disk.",
            );
        }
        Ok(answer) => report.broken(
            Layer::Mode,
            format!("/readyz answered {}: this is not the VINR API", answer.status),
            "Check address and port; a proxy in between may answer in its place.",
        ),
        Err(why) => report.broken(Layer::Mode, why, "Look at the server's log."),
    }
}

async fn authenticate(report: &mut Report, line: &mut Line, key: &str) {
    let bearer = format!("Bearer {key}");
    match line.ask(Asks::Get, "/v1/terminals?limit=1", Some(("authorization", &bearer)), None).await {
        Ok(answer) if answer.status == 401 => report.broken(
            Layer::Key,
            format!("the key is not accepted: {}", answer.message()),
            "Was it revoked, rolled, or is it of another installation? Create a new one: vinr keys create.",
        ),
        Ok(answer) if answer.status == 403 => report.odd(
            Layer::Key,
            "the key is known and may not list terminals",
            "Nothing, if it is not meant to: a restricted key does only what its scopes name.",
        ),
        Ok(answer) if answer.status == 200 => {
            let mode = if key.contains("_live_") { "live: real money" } else { "test" };
            report.fine(Layer::Key, format!("accepted ({mode})"));
        }
        Ok(answer) => report.broken(
            Layer::Key,
            format!("the API answered {} {}", answer.status, answer.code()),
            "Look at the server's log.",
        ),
        Err(why) => report.broken(Layer::Key, why, "Look at the server's log."),
    }
}

async fn version(report: &mut Report, line: &mut Line) {
    let Ok(answer) = line.ask(Asks::Get, "/v1/openapi.json", None, None).await else {
        report.unseen(Layer::Version, "the server does not say its version");
        return;
    };
    let (theirs, ours) = (answer.body["info"]["version"].as_str(), env!("CARGO_PKG_VERSION"));
    match theirs {
        Some(theirs) if theirs == ours => report.fine(Layer::Version, theirs),
        Some(theirs) => report.odd(
            Layer::Version,
            format!("the server is {theirs}, this program {ours}"),
            "They understand each other; what is newer in one may be missing in the other.",
        ),
        None => report.unseen(Layer::Version, "the server does not say its version"),
    }
}
