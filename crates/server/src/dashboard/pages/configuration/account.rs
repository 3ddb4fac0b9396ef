//! Hardware → Configuration: what the account says to all its terminals, test and live alike, and how far they are.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use serde_json::Value;

use super::super::super::Dashboard;
use super::super::super::form::Form;
use super::super::super::page::{Shell, Trouble, onward, render, render_again};
use super::super::super::typed::Typed;
use super::super::super::visit::Visit;
use super::{Fleet, Group, Input, Known, groups, read, taken};
use crate::access::{Grant, Principal};
use crate::configuration::Write;

const PAGE: &str = "/dashboard/configuration";

pub(in crate::dashboard) fn routes() -> Router<Arc<Dashboard>> {
    Router::new().route(PAGE, get(show).post(save))
}

#[derive(Template)]
#[template(path = "dashboard/configuration/account.html")]
struct AccountConfigurationPage {
    shell: Shell,
    fleet: Fleet,
    groups: Vec<Group>,
    can_change: bool,
    is_wrong: bool,
}

async fn show(State(dashboard): State<Arc<Dashboard>>, visit: Visit) -> Result<Response, Trouble> {
    Ok(render(&page(&dashboard, &visit, None).await?))
}

async fn known(dashboard: &Dashboard, visit: &Visit, who: &Principal) -> Result<Known, Trouble> {
    let own = dashboard.services.applications.configurations.account_level(&who.scope).await?;
    Known::new(dashboard, visit, who, own, Vec::new(), Value::Null)
}

async fn page(
    dashboard: &Dashboard,
    visit: &Visit,
    typed: Option<Typed>,
) -> Result<AccountConfigurationPage, Trouble> {
    let who = visit.may(Grant::AccountRead)?;
    let known = known(dashboard, visit, who).await?;
    let states = dashboard.services.applications.configurations.account_states(&who.scope).await?;
    let typed = typed.unwrap_or_else(|| Typed::new(known.as_typed()));
    Ok(AccountConfigurationPage {
        shell: visit.shell(dashboard, "Configuration of all terminals"),
        fleet: Fleet::of(dashboard, visit, states),
        groups: groups(&known, &typed),
        can_change: visit.can(Grant::AccountWrite),
        is_wrong: typed.is_wrong(),
    })
}

async fn save(
    State(dashboard): State<Arc<Dashboard>>,
    visit: Visit,
    form: Form,
) -> Result<Response, Trouble> {
    let who = visit.may(Grant::AccountWrite)?;
    let known = known(&dashboard, &visit, who).await?;
    let wrong = match read(&known, form.fields) {
        Ok((patch, fields)) => {
            let write = Write { patch, dry_run: false, key: form.once };
            let done = dashboard.services.applications.configurations.put_account(who, write).await;
            match taken(done.map_err(Trouble::from), fields)? {
                Ok(_) => return Ok(onward(PAGE)),
                Err(typed) => typed,
            }
        }
        Err(typed) => typed,
    };
    Ok(render_again(&page(&dashboard, &visit, Some(wrong)).await?))
}
