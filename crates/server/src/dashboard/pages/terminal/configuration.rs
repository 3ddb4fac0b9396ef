//! Configuration: every setting of the terminal, what holds and who says so, and whether the device has it.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::get;
use vinr_wire::rest::config::{ConfigState, EffectiveConfig};

use super::super::super::Dashboard;
use super::super::super::form::Form;
use super::super::super::page::{Shell, Trouble, onward, render, render_again};
use super::super::super::typed::Typed;
use super::super::super::visit::Visit;
use super::super::configuration::{Group, Input, Known, Standing, groups, read, standing, taken};
use super::Device;
use crate::access::{Grant, Principal};
use crate::configuration::Write;

pub(super) fn routes() -> Router<Arc<Dashboard>> {
    Router::new().route("/dashboard/terminals/{id}/configuration", get(show).post(save))
}

#[derive(Template)]
#[template(path = "dashboard/terminal/configuration.html")]
struct ConfigurationPanel {
    shell: Shell,
    device: Device,
    standing: Standing,
    groups: Vec<Group>,
    can_change: bool,
    is_wrong: bool,
}

async fn show(
    State(dashboard): State<Arc<Dashboard>>,
    visit: Visit,
    Path(id): Path<String>,
) -> Result<Response, Trouble> {
    Ok(render(&panel(&dashboard, &visit, &id, None).await?))
}

/// What is known of the terminal's settings, and how far the device is.
async fn known(
    dashboard: &Dashboard,
    visit: &Visit,
    (who, id): (&Principal, &str),
) -> Result<(Known, ConfigState), Trouble> {
    let configurations = &dashboard.services.applications.configurations;
    let view = dashboard.services.applications.fleet.terminals.retrieve(who, id)?;
    let mut wider = Vec::new();
    if let Some(location) = &view.location_id {
        wider.push(("location", configurations.location_level(&who.scope, location).await?));
    }
    wider.push(("account", configurations.account_level(&who.scope).await?));
    let own = configurations.terminal_level(&who.scope, id)?;
    let effective = configurations.effective(&who.scope, id).await?;
    let EffectiveConfig { terminal_id, version, applied_version, applied_at, status, error, config, .. } =
        effective;
    let state = ConfigState { terminal_id, version, applied_version, applied_at, status, error };
    Ok((Known::new(dashboard, visit, who, own, wider, config)?, state))
}

async fn panel(
    dashboard: &Dashboard,
    visit: &Visit,
    id: &str,
    typed: Option<Typed>,
) -> Result<ConfigurationPanel, Trouble> {
    let device = Device::find(dashboard, visit, id, "configuration")?;
    let who = visit.may(Grant::TerminalsRead)?;
    let (known, state) = known(dashboard, visit, (who, id)).await?;
    let typed = typed.unwrap_or_else(|| Typed::new(known.as_typed()));
    Ok(ConfigurationPanel {
        shell: device.shell(dashboard, visit),
        standing: standing(dashboard, visit, &state)?,
        groups: groups(&known, &typed),
        can_change: visit.can(Grant::TerminalsWrite) && device.is_in_service(),
        is_wrong: typed.is_wrong(),
        device,
    })
}

async fn save(
    State(dashboard): State<Arc<Dashboard>>,
    visit: Visit,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response, Trouble> {
    let who = visit.may(Grant::TerminalsWrite)?;
    let (known, _) = known(&dashboard, &visit, (who, &id)).await?;
    let wrong = match read(&known, form.fields) {
        Ok((patch, fields)) => {
            let write = Write { patch, dry_run: false, key: form.once };
            let done = dashboard.services.applications.configurations.configure(who, &id, write).await;
            match taken(done.map_err(Trouble::from), fields)? {
                Ok(_) => return Ok(onward(&visit.path)),
                Err(typed) => typed,
            }
        }
        Err(typed) => typed,
    };
    Ok(render_again(&panel(&dashboard, &visit, &id, Some(wrong)).await?))
}
