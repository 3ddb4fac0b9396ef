//! `vinr doctor`: what is wrong between this machine and a terminal or the cloud, from the name up to the version, with
//! one line of cause and one of cure for the layer that fails. Changes nothing on either side, and takes no payment.

mod asking;
mod cloud;
mod finding;
mod network;
mod shop;
mod tls;

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use rustls::RootCertStore;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use vinr_domain::Timestamp;

use self::finding::Report;
use self::tls::Identity;
use crate::failure::Failure;

/// What `vinr doctor` can be told.
#[derive(Clone, Debug, Args)]
pub struct DoctorArgs {
    #[command(subcommand)]
    whom: Whom,

    /// Print the findings as JSON.
    #[arg(long, global = true)]
    json: bool,

    /// The certificate authorities (PEM) to trust: the CA bundle of the installation. Beside those of this machine for a
    /// cloud; instead of them for a terminal.
    #[arg(long, global = true, value_name = "FILE")]
    ca: Option<PathBuf>,
}

/// Whom to examine.
#[derive(Clone, Debug, Subcommand)]
enum Whom {
    /// A terminal on this network: its Local API, its Cashless API, or both.
    Terminal(shop::TerminalArgs),
    /// The cloud's API.
    Cloud(cloud::CloudArgs),
}

/// Examines and reports. A layer that fails is a failure of the command.
pub async fn run(args: DoctorArgs) -> Result<(), Failure> {
    let now = vinr_terminal::SystemClock::new();
    let now = vinr_terminal::Clock::wall(&now);
    let mut report = Report::default();
    let target = match &args.whom {
        Whom::Terminal(terminal) => {
            shop::examine(&mut report, terminal, &trusted(args.ca.as_deref(), false)?, now).await?
        }
        Whom::Cloud(cloud) => {
            cloud::examine(&mut report, cloud, &trusted(args.ca.as_deref(), true)?, now).await?
        }
    };
    let said = if args.json { report.json(&target).to_string() } else { report.words(&target) };
    crate::say(&said);
    match report.failing() {
        None => Ok(()),
        Some(layer) => Err(Failure::new(format_args!("{target}: the failing layer is {layer}"))),
    }
}

/// The authorities to trust.
fn trusted(ca: Option<&Path>, with_machine: bool) -> Result<RootCertStore, Failure> {
    let mut roots = RootCertStore::empty();
    if with_machine {
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    }
    if let Some(path) = ca {
        let read = CertificateDer::pem_file_iter(path).and_then(Iterator::collect::<Result<Vec<_>, _>>);
        let certificates = read.map_err(|error| {
            Failure::new(format_args!("{}: {error}", path.display())).cure("--ca takes certificates in PEM.")
        })?;
        if roots.add_parsable_certificates(certificates).0 == 0 {
            return Err(Failure::new(format_args!("{} holds no certificate", path.display())));
        }
    }
    Ok(roots)
}

/// A certificate and its key from PEM.
fn identity_of(chain: &[u8], key: &[u8]) -> Result<Identity, Failure> {
    let wrong = |error| Failure::new(format_args!("the client certificate or its key: {error}"));
    let read = CertificateDer::pem_slice_iter(chain).collect::<Result<Vec<_>, _>>();
    let key = PrivateKeyDer::from_pem_slice(key).map_err(wrong)?;
    Ok(Identity { chain: read.map_err(wrong)?, key })
}

/// HOST or HOST:PORT; a bare IPv6 address has no port.
fn host_and_port(target: &str, usual_port: u16) -> Result<(String, u16), Failure> {
    let wrong = || Failure::new(format_args!("`{target}` is not HOST or HOST:PORT"));
    if target.parse::<std::net::Ipv6Addr>().is_ok() {
        return Ok((target.to_owned(), usual_port));
    }
    let (host, port) = match target.rsplit_once(':') {
        Some((host, port)) => (host, port.parse().map_err(|_| wrong())?),
        None => (target, usual_port),
    };
    let host = host.trim_matches(['[', ']']);
    if host.is_empty() { Err(wrong()) } else { Ok((host.to_owned(), port)) }
}

/// How far the other side's clock may be off before it is said, in milliseconds.
const CLOCK_ODD_MS: i64 = 30_000;

/// Compares the other side's `Date` with this side's clock.
fn judge_clock(report: &mut Report, date: Option<&str>, now: Timestamp) {
    let Some(theirs) = date.and_then(|date| jiff::fmt::rfc2822::parse(date).ok()) else {
        report.unseen(finding::Layer::Clock, "the other side does not say what time it is");
        return;
    };
    let ahead_ms = theirs.timestamp().as_millisecond() - now.0;
    if ahead_ms.abs() > CLOCK_ODD_MS {
        let word = if ahead_ms > 0 { "ahead of" } else { "behind" };
        report.odd(
            finding::Layer::Clock,
            format!("the other side's clock is {} s {word} this machine's", ahead_ms.abs() / 1_000),
            "Certificates and offline payments are judged by the clock: let both sides follow a time server (NTP).",
        );
    } else {
        report.fine(finding::Layer::Clock, "both clocks agree");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_read() {
        assert_eq!(host_and_port("192.168.1.51", 8443).unwrap(), ("192.168.1.51".to_owned(), 8443));
        assert_eq!(host_and_port("till.local:9443", 8443).unwrap(), ("till.local".to_owned(), 9443));
        assert_eq!(host_and_port("fe80::1", 8443).unwrap(), ("fe80::1".to_owned(), 8443));
        assert_eq!(host_and_port("[::1]:1", 8443).unwrap(), ("::1".to_owned(), 1));
        assert!(host_and_port("x:y", 8443).is_err() && host_and_port(":1", 8443).is_err());
    }

    #[test]
    fn clocks_are_compared() {
        let mut report = Report::default();
        let now = Timestamp(1_800_000_000_000);
        judge_clock(&mut report, Some("Fri, 15 Jan 2027 08:00:05 GMT"), now);
        assert!(report.words("x").contains("both clocks agree"), "{}", report.words("x"));
        judge_clock(&mut report, Some("Fri, 15 Jan 2027 09:00:00 GMT"), now);
        assert!(report.words("x").contains("3600 s ahead of"), "{}", report.words("x"));
        assert!(report.works(), "a clock that is off is odd, not broken");
    }
}
