//! Developers → Certificates: what tills trust terminals by, how to use it, and which tills have a certificate of their own.
//! Holds no key.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use vinr_domain::Timestamp;
use vinr_pki::LeafFacts;
use vinr_wire::rest::lan::ClientCertificateView;

use super::super::Dashboard;
use super::super::form::Fields;
use super::super::page::{Shell, Trouble, render};
use super::super::visit::{Visit, utc};
use crate::access::{Grant, Principal};

/// How a till uses the bundle.
const SAMPLES: [(&str, &str); 3] = [
    (
        "curl",
        "curl --cacert vinr-ca.pem --cert-type P12 --cert client.p12:$PASSPHRASE \\\n  https://192.168.10.51:8443/v1/status",
    ),
    ("Node.js", include_str!("../../../assets/dashboard/till.mjs.txt")),
    ("Python", include_str!("../../../assets/dashboard/till.py.txt")),
];

const PAGE: &str = "/dashboard/certificates";
/// How many client certificates are on a page.
const SHOWN: u8 = 50;

pub(in crate::dashboard) fn routes() -> Router<Arc<Dashboard>> {
    Router::new().route(PAGE, get(show)).route("/dashboard/certificates/vinr-ca.pem", get(bundle))
}

/// The authority that terminals are trusted by.
struct Root {
    facts: LeafFacts,
    fingerprint: String,
    from: String,
    until: String,
}

/// A till's certificate.
struct Till {
    view: ClientCertificateView,
    terminal: String,
    until: String,
}

#[derive(Template)]
#[template(path = "dashboard/certificates.html")]
struct CertificatesPage {
    shell: Shell,
    root: Option<Root>,
    tills: Vec<Till>,
    older: Option<String>,
    samples: [(&'static str, &'static str); 3],
    can_change: bool,
}

/// As people compare fingerprints: `3F:0A:…`.
fn paired(hex: &str) -> String {
    let upper = hex.to_ascii_uppercase();
    let pairs: Vec<&str> = (0..upper.len() / 2).filter_map(|at| upper.get(at * 2..at * 2 + 2)).collect();
    pairs.join(":")
}

fn till(view: ClientCertificateView, dashboard: &Dashboard, visit: &Visit, who: &Principal) -> Till {
    let known = dashboard.services.applications.fleet.terminals.retrieve(who, &view.terminal_id);
    let name = known.ok().and_then(|terminal| terminal.display_name);
    Till {
        terminal: name.map_or_else(|| view.terminal_id.to_string(), |name| name.to_string()),
        until: utc(visit, Timestamp(view.expires_at.saturating_mul(1_000))),
        view,
    }
}

async fn show(
    State(dashboard): State<Arc<Dashboard>>,
    visit: Visit,
    request: Request,
) -> Result<Response, Trouble> {
    let who = visit.may(Grant::TerminalsRead)?;
    let asked = Fields::of_query(request.uri().query().unwrap_or(""));
    let applications = &dashboard.services.applications;
    let (views, more) =
        applications.lan.list_all_client_certificates(&who.scope, SHOWN, asked.get("after")).await?;
    let root = applications.identities.root().ok().map(|facts| Root {
        fingerprint: paired(&facts.fingerprint),
        from: utc(&visit, facts.not_before),
        until: utc(&visit, facts.not_after),
        facts,
    });
    Ok(render(&CertificatesPage {
        shell: visit.shell(&dashboard, "Certificates"),
        older: views.last().filter(|_| more).map(|last| format!("{PAGE}?after={}", last.id)),
        tills: views.into_iter().map(|view| till(view, &dashboard, &visit, who)).collect(),
        root,
        samples: SAMPLES,
        can_change: visit.can(Grant::TerminalsWrite),
    }))
}

/// The bundle as a file.
async fn bundle(State(dashboard): State<Arc<Dashboard>>, visit: Visit) -> Result<Response, Trouble> {
    visit.may(Grant::TerminalsRead)?;
    let authority = dashboard.services.applications.identities.authority()?;
    let mut response = authority.roots_pem().to_owned().into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/x-pem-file"));
    let name = HeaderValue::from_static("attachment; filename=\"vinr-ca.pem\"");
    headers.insert(header::CONTENT_DISPOSITION, name);
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_is_written_in_pairs() {
        assert_eq!(paired("3f0a99"), "3F:0A:99");
        assert_eq!(paired(""), "");
    }
}
