//! Hardware → Add terminal, Hardware → Add test terminal: a device becomes a terminal of the account by the code that it
//! shows, or a simulated one is made. Decides nothing about either.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::{Extension, Path, State};
use axum::response::Response;
use axum::routing::{get, post};
use serde_json::json;
use vinr_domain::Model;
use vinr_wire::rest::body::decode;
use vinr_wire::rest::pairing::ActivateTerminal;
use vinr_wire::rest::terminal::CreateTestTerminal;

use super::super::Dashboard;
use super::super::form::{Fields, Form};
use super::super::page::{Shell, Trouble, onward, render, render_again};
use super::super::screen::screen_of;
use super::super::visit::{Visit, utc};
use super::terminals::{Choice, Row, all_locations, choices, row};
use crate::access::Grant;
use crate::listener::Peer;

const ADD: &str = "/dashboard/hardware/add-terminal";
const ADD_TEST: &str = "/dashboard/hardware/add-test-terminal";

pub(in crate::dashboard) fn routes() -> Router<Arc<Dashboard>> {
    Router::new()
        .route(ADD, get(add).post(activate))
        .route(ADD_TEST, get(add_test).post(make))
        .route("/dashboard/hardware/added/{id}", get(added))
        .route("/dashboard/hardware/added/{id}/cancel", post(cancel))
}

/// What stands in the form, and what was wrong with it.
struct Typed {
    code: String,
    name: String,
    places: Vec<Choice>,
    wrong: Option<String>,
}

async fn typed(
    dashboard: &Dashboard,
    visit: &Visit,
    fields: &Fields,
    wrong: Option<String>,
) -> Result<Typed, Trouble> {
    let places = match visit.may(Grant::LocationsRead) {
        Err(_) => Vec::new(),
        Ok(who) => all_locations(dashboard, who).await?,
    };
    Ok(Typed {
        code: fields.text("activationCode"),
        name: fields.text("displayName"),
        places: choices(&places, fields.get("location")),
        wrong,
    })
}

#[derive(Template)]
#[template(path = "dashboard/add_terminal.html")]
struct AddPage {
    shell: Shell,
    typed: Typed,
    /// How long a code is shown, in words.
    code_ends: String,
    /// How a simulated device is started that offers itself here.
    command: Option<String>,
}

async fn add_page(
    dashboard: &Dashboard,
    visit: &Visit,
    fields: &Fields,
    wrong: Option<String>,
) -> Result<AddPage, Trouble> {
    visit.may(Grant::TerminalsWrite)?;
    let base = dashboard.services.welcome.base_url.as_deref();
    let minutes = (dashboard.services.applications.pairing.code_ms() / 60_000).max(1).to_string();
    Ok(AddPage {
        shell: visit.shell(dashboard, "Add terminal"),
        typed: typed(dashboard, visit, fields, wrong).await?,
        code_ends: visit.words.tell(
            "The code is good for {minutes} minutes; then the device shows a new one by itself.",
            &[("minutes", &minutes)],
        ),
        command: base.map(|at| format!("vinr terminal --data ./my-terminal --pair {at}")),
    })
}

async fn add(State(dashboard): State<Arc<Dashboard>>, visit: Visit) -> Result<Response, Trouble> {
    Ok(render(&add_page(&dashboard, &visit, &Fields::default(), None).await?))
}

/// Makes the device that shows the code a terminal of the account.
async fn activate(
    State(dashboard): State<Arc<Dashboard>>,
    visit: Visit,
    peer: Option<Extension<Peer>>,
    form: Form,
) -> Result<Response, Trouble> {
    visit.may(Grant::TerminalsWrite)?;
    let fields = form.fields;
    // Without a listener in front there is no address, and all share one.
    let source = peer.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |Extension(peer)| peer.0);
    let claimed = claim(&dashboard, &visit, source, &fields, form.once).await;
    match claimed {
        Ok(id) => Ok(onward(&format!("/dashboard/hardware/added/{id}"))),
        Err(trouble) => {
            let wrong = trouble.message(&visit.words);
            Ok(render_again(&add_page(&dashboard, &visit, &fields, Some(wrong)).await?))
        }
    }
}

async fn claim(
    dashboard: &Dashboard,
    visit: &Visit,
    source: IpAddr,
    fields: &Fields,
    once: Option<crate::once::IdempotencyKey>,
) -> Result<String, Trouble> {
    let who = visit.may(Grant::TerminalsWrite)?;
    let said = json!({
        "activationCode": fields.text("activationCode"),
        "displayName": fields.get("displayName"),
        "locationId": fields.get("location"),
    });
    let said: ActivateTerminal = decode(Some("application/json"), said.to_string().as_bytes())
        .map_err(|_| Trouble::Field("activationCode", "is needed".to_owned()))?;
    let pairing = &dashboard.services.applications.pairing;
    let view = pairing.activate_and_go(who, source, said.validate()?, once).await?;
    Ok(view.id.to_string())
}

/// How far an added terminal has come.
enum Standing {
    /// It is there.
    Connected,
    /// Its device has still to come, until then.
    Awaited { until: String, can_cancel: bool },
    /// It has its identity and is not connected now.
    Away,
    /// It did not come in time, or was taken out of service.
    Out,
}

#[derive(Template)]
#[template(path = "dashboard/added_terminal.html")]
struct AddedPage {
    shell: Shell,
    row: Row,
    standing: Standing,
    screen: Option<String>,
}

async fn added(
    State(dashboard): State<Arc<Dashboard>>,
    visit: Visit,
    Path(id): Path<String>,
) -> Result<Response, Trouble> {
    let who = visit.may(Grant::TerminalsWrite)?;
    let applications = &dashboard.services.applications;
    let view = applications.fleet.terminals.retrieve(who, &id)?;
    let awaited = applications.pairing.awaited(&who.scope, &id).await?;
    let standing = match (view.status, awaited) {
        ("deactivated", _) => Standing::Out,
        ("offline", Some(awaited)) => {
            Standing::Awaited { until: utc(&visit, awaited.until), can_cancel: !awaited.in_service_before }
        }
        ("offline", None) => Standing::Away,
        _ => Standing::Connected,
    };
    Ok(render(&AddedPage {
        shell: visit.shell(&dashboard, "Add terminal"),
        row: row(&view, &visit, dashboard.services.clock.wall()),
        standing,
        screen: screen_of(&dashboard, &visit, &id),
    }))
}

/// Gives up a device that has not come for its identity.
async fn cancel(
    State(dashboard): State<Arc<Dashboard>>,
    visit: Visit,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response, Trouble> {
    let who = visit.surely(&dashboard, Grant::TerminalsWrite)?;
    let pairing = &dashboard.services.applications.pairing;
    // One that has come meanwhile stays: it is taken out of service on its own page.
    let awaited = pairing.awaited(&who.scope, &id).await?;
    if awaited.is_some_and(|awaited| !awaited.in_service_before) {
        pairing.deactivate(who, &id, form.once).await?;
    }
    Ok(onward(&format!("/dashboard/hardware/added/{id}")))
}

/// A model to choose, with what it can do.
struct Kind {
    word: &'static str,
    name: &'static str,
    printer: bool,
    battery: bool,
    offline: bool,
    columns: u8,
    chosen: bool,
}

#[derive(Template)]
#[template(path = "dashboard/add_test_terminal.html")]
struct AddTestPage {
    shell: Shell,
    typed: Typed,
    kinds: Vec<Kind>,
}

async fn add_test_page(
    dashboard: &Dashboard,
    visit: &Visit,
    fields: &Fields,
    wrong: Option<String>,
) -> Result<AddTestPage, Trouble> {
    visit.may(Grant::TerminalsWrite)?;
    let chosen = fields.get("model").and_then(Model::parse).unwrap_or(Model::Simulator);
    let kind = |model: Model| {
        let can = model.capabilities();
        Kind {
            word: model.as_str(),
            name: can.display_name,
            printer: can.printer,
            battery: can.battery,
            offline: can.offline.is_some(),
            columns: can.columns,
            chosen: model == chosen,
        }
    };
    Ok(AddTestPage {
        shell: visit.shell(dashboard, "Add test terminal"),
        typed: typed(dashboard, visit, fields, wrong).await?,
        kinds: Model::ALL.map(kind).into(),
    })
}

async fn add_test(State(dashboard): State<Arc<Dashboard>>, visit: Visit) -> Result<Response, Trouble> {
    Ok(render(&add_test_page(&dashboard, &visit, &Fields::default(), None).await?))
}

/// Makes a simulated terminal.
async fn make(
    State(dashboard): State<Arc<Dashboard>>,
    visit: Visit,
    form: Form,
) -> Result<Response, Trouble> {
    let who = visit.may(Grant::TerminalsWrite)?;
    let fields = form.fields;
    let said = json!({
        "model": fields.get("model"),
        "displayName": fields.get("displayName"),
        "locationId": fields.get("location"),
    });
    let new = decode::<CreateTestTerminal>(Some("application/json"), said.to_string().as_bytes())
        .map_err(|_| Trouble::Field("model", "is none that there is".to_owned()));
    let made = async {
        let new = new?.validate()?;
        let terminals = &dashboard.services.applications.fleet.test_terminals;
        Ok::<_, Trouble>(terminals.create(who, new, form.once).await?)
    };
    match made.await {
        Ok(said) => {
            let view: serde_json::Value = serde_json::from_slice(&said.body).unwrap_or_default();
            let id = view["id"].as_str().unwrap_or_default();
            Ok(onward(&format!("/dashboard/hardware/added/{id}")))
        }
        Err(trouble) => {
            let wrong = trouble.message(&visit.words);
            Ok(render_again(&add_test_page(&dashboard, &visit, &fields, Some(wrong)).await?))
        }
    }
}
