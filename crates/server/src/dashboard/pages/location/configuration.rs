//! Locations → one → Configuration: the same for all its terminals at once, and how far each of them is.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::get;
use serde_json::Value;

use super::super::super::Dashboard;
use super::super::super::form::Form;
use super::super::super::page::{Shell, Trouble, onward, render, render_again};
use super::super::super::typed::Typed;
use super::super::super::visit::Visit;
use super::super::configuration::{Fleet, Group, Input, Known, groups, read, taken};
use super::Around;
use crate::access::{Grant, Principal};
use crate::configuration::Write;

pub(super) fn routes() -> Router<Arc<Dashboard>> {
    Router::new().route("/dashboard/locations/{id}/configuration", get(show).post(save))
}

#[derive(Template)]
#[template(path = "dashboard/location/configuration.html")]
struct LocationConfigurationPage {
    shell: Shell,
    around: Around,
    fleet: Fleet,
    groups: Vec<Group>,
    can_change: bool,
    is_wrong: bool,
}

async fn show(
    State(dashboard): State<Arc<Dashboard>>,
    visit: Visit,
    Path(id): Path<String>,
) -> Result<Response, Trouble> {
    Ok(render(&page(&dashboard, &visit, &id, None).await?))
}

async fn known(
    dashboard: &Dashboard,
    visit: &Visit,
    (who, id): (&Principal, &str),
) -> Result<Known, Trouble> {
    let configurations = &dashboard.services.applications.configurations;
    let own = configurations.location_level(&who.scope, id).await?;
    let wider = vec![("account", configurations.account_level(&who.scope).await?)];
    Known::new(dashboard, visit, who, own, wider, Value::Null)
}

async fn page(
    dashboard: &Dashboard,
    visit: &Visit,
    id: &str,
    typed: Option<Typed>,
) -> Result<LocationConfigurationPage, Trouble> {
    let who = visit.may(Grant::LocationsRead)?;
    let around = Around::find(dashboard, visit, id, "configuration").await?;
    let known = known(dashboard, visit, (who, id)).await?;
    let states = dashboard.services.applications.configurations.location_states(&who.scope, id).await?;
    let typed = typed.unwrap_or_else(|| Typed::new(known.as_typed()));
    Ok(LocationConfigurationPage {
        shell: visit.shell(dashboard, &around.view.display_name),
        fleet: Fleet::of(dashboard, visit, states),
        groups: groups(&known, &typed),
        can_change: visit.can(Grant::LocationsWrite),
        is_wrong: typed.is_wrong(),
        around,
    })
}

async fn save(
    State(dashboard): State<Arc<Dashboard>>,
    visit: Visit,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response, Trouble> {
    let who = visit.may(Grant::LocationsWrite)?;
    let known = known(&dashboard, &visit, (who, &id)).await?;
    let wrong = match read(&known, form.fields) {
        Ok((patch, fields)) => {
            let write = Write { patch, dry_run: false, key: form.once };
            let done = dashboard.services.applications.configurations.put_location(who, &id, write).await;
            match taken(done.map_err(Trouble::from), fields)? {
                Ok(_) => return Ok(onward(&visit.path)),
                Err(typed) => typed,
            }
        }
        Err(typed) => typed,
    };
    Ok(render_again(&page(&dashboard, &visit, &id, Some(wrong)).await?))
}
