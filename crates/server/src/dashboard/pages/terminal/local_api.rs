//! Local API: the certificates of tills, made, told once and revoked, and what a developer needs to connect. A private key
//! is in the one page that follows its making; it is kept nowhere.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderValue, header};
use axum::response::Response;
use axum::routing::{get, post};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::tz::TimeZone;
use vinr_domain::Timestamp;
use vinr_wire::rest::lan::{ClientCertificateView, CreateClientCertificate};
use vinr_wire::rest::terminal::Cursor;

use super::super::super::Dashboard;
use super::super::super::form::Form;
use super::super::super::page::{Shell, Trouble, onward, render, render_again};
use super::super::super::typed::Typed;
use super::super::super::visit::Visit;
use super::{Address, Device, path};
use crate::access::Grant;

pub(super) fn routes() -> Router<Arc<Dashboard>> {
    Router::new()
        .route("/dashboard/terminals/{id}/local-api", get(show).post(generate))
        .route("/dashboard/terminals/{id}/local-api/download", post(download))
        .route("/dashboard/terminals/{id}/local-api/{certificate}/revoke", post(revoke))
}

/// A certificate in the list.
struct Till {
    id: String,
    name: String,
    status: &'static str,
    standing: String,
    serial: String,
    made: String,
    ends: String,
}

/// What is told of a certificate that was just made, this once.
#[derive(Default)]
struct Made {
    /// What files of it are named.
    file: String,
    /// In base64.
    pkcs12: String,
    passphrase: String,
    /// Certificate and issuer, then the key.
    pem: String,
}

#[derive(Template)]
#[template(path = "dashboard/terminal/local_api.html")]
struct LocalApiPanel {
    shell: Shell,
    device: Device,
    address: Address,
    enabled: bool,
    tills: Vec<Till>,
    made: Option<Made>,
    /// The form was sent again: what it made was told already.
    told_already: bool,
    typed: Typed,
    can_change: bool,
}

async fn show(
    State(dashboard): State<Arc<Dashboard>>,
    visit: Visit,
    Path(id): Path<String>,
) -> Result<Response, Trouble> {
    Ok(render(&panel(&dashboard, &visit, &id, Typed::default()).await?))
}

async fn panel(
    dashboard: &Dashboard,
    visit: &Visit,
    id: &str,
    typed: Typed,
) -> Result<LocalApiPanel, Trouble> {
    let who = visit.may(Grant::TerminalsRead)?;
    let device = Device::find(dashboard, visit, id, "local-api")?;
    let lan = &dashboard.services.applications.lan;
    let (views, _) = lan.list_client_certificates(&who.scope, id, 100, Cursor::Newest).await?;
    Ok(LocalApiPanel {
        shell: device.shell(dashboard, visit),
        address: Address::of(dashboard, visit, id)?,
        enabled: lan.settings(&who.scope, id).await?.local_api.enabled,
        tills: views.iter().map(|view| till(view, visit)).collect(),
        made: None,
        told_already: false,
        typed,
        can_change: visit.can(Grant::TerminalsWrite) && device.is_in_service(),
        device,
    })
}

fn till(view: &ClientCertificateView, visit: &Visit) -> Till {
    let moment = |s: i64| format!("{} UTC", visit.words.moment(Timestamp(s * 1_000), &TimeZone::UTC));
    Till {
        id: view.id.to_string(),
        name: view.name.as_deref().map_or_else(|| visit.words.say("without a name"), str::to_owned),
        status: view.status,
        standing: visit.words.say(view.status),
        serial: view.serial_number.to_string(),
        made: moment(view.created_at),
        ends: moment(view.revoked_at.unwrap_or(view.expires_at)),
    }
}

async fn generate(
    State(dashboard): State<Arc<Dashboard>>,
    visit: Visit,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response, Trouble> {
    let who = visit.surely(&dashboard, Grant::TerminalsWrite)?;
    let new = CreateClientCertificate { name: form.fields.get("name").map(str::to_owned), csr: None };
    let lan = &dashboard.services.applications.lan;
    let said = async { Ok(lan.create_client_certificate(who, &id, new.validate()?, form.once).await?) };
    match said.await {
        Ok(said) => {
            let made = made(&said.body, &id);
            let told_already = made.is_none();
            let shown = panel(&dashboard, &visit, &id, Typed::default()).await?;
            Ok(render(&LocalApiPanel { made, told_already, ..shown }))
        }
        Err(trouble) => {
            let typed = Typed::new(form.fields).blamed(trouble, &["name"])?;
            Ok(render_again(&panel(&dashboard, &visit, &id, typed).await?))
        }
    }
}

/// What the answer tells of the certificate; nothing when it was told before.
fn made(answer: &[u8], id: &str) -> Option<Made> {
    let answer: serde_json::Value = serde_json::from_slice(answer).ok()?;
    let text = |name: &str| answer.get(name).and_then(|value| value.as_str()).map(str::to_owned);
    Some(Made {
        file: format!("{id}-{}", text("serialNumber")?.chars().take(8).collect::<String>()),
        pkcs12: text("pkcs12")?,
        passphrase: text("passphrase")?,
        pem: format!("{}{}", text("certificate")?, text("privateKey")?),
    })
}

/// Hands back, as a file, what the page of a certificate that was just made holds. Keeps nothing, looks nothing up.
async fn download(visit: Visit, Path(id): Path<String>, form: Form) -> Result<Response, Trouble> {
    visit.may(Grant::TerminalsWrite)?;
    let (kind, ending, bytes) = match (form.fields.get("pkcs12"), form.fields.get("pem")) {
        (Some(text), _) => ("application/x-pkcs12", "p12", STANDARD.decode(text).unwrap_or_default()),
        (None, Some(text)) => {
            ("application/x-pem-file", "pem", format!("{}\n", text.replace('\r', "")).into_bytes())
        }
        (None, None) => return Err(Trouble::NoSuchPage),
    };
    let name = form.fields.get("file").unwrap_or(&id);
    let name: String =
        name.chars().filter(|c| c.is_ascii_alphanumeric() || "_-".contains(*c)).take(100).collect();
    let mut response = Response::new(Body::from(bytes));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    let disposition = format!("attachment; filename=\"{name}.{ending}\"");
    if let Ok(disposition) = HeaderValue::from_str(&disposition) {
        headers.insert(header::CONTENT_DISPOSITION, disposition);
    }
    Ok(response)
}

async fn revoke(
    State(dashboard): State<Arc<Dashboard>>,
    visit: Visit,
    Path((id, certificate)): Path<(String, String)>,
    form: Form,
) -> Result<Response, Trouble> {
    let who = visit.surely(&dashboard, Grant::TerminalsWrite)?;
    let lan = &dashboard.services.applications.lan;
    lan.revoke_client_certificate(who, &id, &certificate, form.once).await?;
    Ok(onward(&path(&id, "local-api")))
}
