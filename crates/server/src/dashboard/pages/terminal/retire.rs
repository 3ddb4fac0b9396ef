//! Take out of service: what ends when a terminal goes, and its end. A terminal that was made for tests is removed
//! altogether.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::{get, post};
use vinr_wire::rest::terminal::Cursor;

use super::super::super::Dashboard;
use super::super::super::form::Form;
use super::super::super::page::{Shell, Trouble, onward, render};
use super::super::super::visit::Visit;
use super::super::super::words::Words;
use super::{Device, PAGE, path};
use crate::access::Grant;

/// The last part of the panel's path.
const PANEL: &str = "retire";
/// The simulator that every account has one of (contract 1.4).
const RESERVED: &str = "term_test_simulator";

pub(super) fn routes() -> Router<Arc<Dashboard>> {
    Router::new()
        .route("/dashboard/terminals/{id}/retire", get(show).post(deactivate))
        .route("/dashboard/terminals/{id}/remove", post(remove))
}

#[derive(Template)]
#[template(path = "dashboard/terminal/retire.html")]
struct RetirePanel {
    shell: Shell,
    device: Device,
    /// Whether it is the one that cannot go.
    reserved: bool,
    /// Whether it was made for tests, and can be removed.
    made_for_tests: bool,
    is_out: bool,
    /// Which tills lose their certificate.
    tills_end: String,
    /// Whether an ECR has a key.
    has_key: bool,
}

fn tills_end(words: &Words, count: usize) -> String {
    match count {
        0 => words.say("No till has a client certificate for it."),
        1 => words.say("The client certificate of one till."),
        count => words.tell("The client certificates of {count} tills.", &[("count", &count.to_string())]),
    }
}

async fn show(
    State(dashboard): State<Arc<Dashboard>>,
    visit: Visit,
    Path(id): Path<String>,
) -> Result<Response, Trouble> {
    let who = visit.may(Grant::TerminalsWrite)?;
    let device = Device::find(&dashboard, &visit, &id, PANEL)?;
    let applications = &dashboard.services.applications;
    let (certificates, _) =
        applications.lan.list_client_certificates(&who.scope, &id, 100, Cursor::Newest).await?;
    let in_force = certificates.iter().filter(|view| ["active", "expiring"].contains(&view.status));
    let key = applications.lan.cashless_key(&who.scope, &id).await?;
    Ok(render(&RetirePanel {
        shell: device.shell(&dashboard, &visit),
        reserved: device.view.id.as_ref() == RESERVED,
        made_for_tests: applications.fleet.test_terminals.runs(&who.scope, &id),
        is_out: device.view.status == "deactivated",
        tills_end: tills_end(&visit.words, in_force.count()),
        has_key: key.hint.is_some(),
        device,
    }))
}

/// Takes the terminal out of service.
async fn deactivate(
    State(dashboard): State<Arc<Dashboard>>,
    visit: Visit,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response, Trouble> {
    let who = visit.surely(&dashboard, Grant::TerminalsWrite)?;
    dashboard.services.applications.pairing.deactivate(who, &id, form.once).await?;
    Ok(onward(&path(&id, PANEL)))
}

/// Removes a terminal that was made for tests.
async fn remove(
    State(dashboard): State<Arc<Dashboard>>,
    visit: Visit,
    Path(id): Path<String>,
    _: Form,
) -> Result<Response, Trouble> {
    let who = visit.surely(&dashboard, Grant::TerminalsWrite)?;
    dashboard.services.applications.fleet.test_terminals.delete(who, &id).await?;
    Ok(onward(PAGE))
}
