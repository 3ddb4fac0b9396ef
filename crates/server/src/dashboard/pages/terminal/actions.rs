//! Actions: what the terminal can be told to do beside payments, and what became of what it was told.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::{get, post};
use jiff::tz::TimeZone;
use vinr_domain::Timestamp;
use vinr_domain::action::Action;
use vinr_wire::rest::action::{ActionView, CreateAction};
use vinr_wire::rest::terminal::Cursor;

use super::super::super::Dashboard;
use super::super::super::form::Form;
use super::super::super::page::{Shell, Trouble, onward, render};
use super::super::super::visit::Visit;
use super::super::super::words::Words;
use super::{Device, path};
use crate::access::Grant;
use crate::actions::NewAction;

/// The last part of the panel's path.
const PANEL: &str = "actions";
/// How many past actions are shown.
const SHOWN: u8 = 50;

pub(super) fn routes() -> Router<Arc<Dashboard>> {
    Router::new()
        .route("/dashboard/terminals/{id}/actions", get(show).post(send))
        .route("/dashboard/terminals/{id}/actions/{action}/cancel", post(take_back))
}

/// Something that the terminal can be told to do.
struct Offer {
    word: &'static str,
    name: String,
    /// What it does.
    says: String,
    /// What it costs the shop; nothing for what nobody notices.
    warns: Option<String>,
}

/// An action that was asked for.
pub(super) struct Deed {
    pub(super) name: String,
    pub(super) view: ActionView,
    pub(super) asked: String,
    pub(super) ended: Option<String>,
    /// What became of it, beside its status.
    pub(super) told: String,
    /// Whether it can be taken back.
    pub(super) waits: bool,
}

#[derive(Template)]
#[template(path = "dashboard/terminal/actions.html")]
struct ActionsPanel {
    shell: Shell,
    device: Device,
    offers: Vec<Offer>,
    deeds: Vec<Deed>,
    can_change: bool,
}

fn name_of(words: &Words, action: &str) -> String {
    match Action::parse(action) {
        Some(Action::Reboot) => words.say("Restart"),
        Some(Action::Update) => words.say("Update the software"),
        Some(Action::Lock) => words.say("Lock"),
        Some(Action::Unlock) => words.say("Unlock"),
        Some(Action::Flush) => words.say("Forward offline payments"),
        None => action.to_owned(),
    }
}

fn offer(words: &Words, action: Action) -> Offer {
    let (says, warns) = match action {
        Action::Reboot => (
            words.say("The device starts over. It waits until no payment is on its screen."),
            Some(words.say("Nobody can pay on it until it is back, which takes up to a minute.")),
        ),
        Action::Update => (
            words.say("The device looks for newer software and installs it."),
            Some(words.say("If there is newer software it starts over, and nobody can pay on it meanwhile.")),
        ),
        Action::Lock => (
            words
                .say("The device takes no new payments until it is unlocked. One that is under way goes on."),
            Some(words.say("Nobody can pay on it until somebody unlocks it here.")),
        ),
        Action::Unlock => (words.say("The device takes payments again."), None),
        Action::Flush => {
            (words.say("The device hands over every payment that it approved without a connection."), None)
        }
    };
    Offer { word: action.as_str(), name: name_of(words, action.as_str()), says, warns }
}

/// The action as the panel tells it.
fn deed(view: ActionView, visit: &Visit, now: Timestamp) -> Deed {
    let words = &visit.words;
    let at = |seconds: i64| Timestamp(seconds.saturating_mul(1_000));
    let told = match (view.failure_reason.as_deref(), view.already_up_to_date, &view.software_version) {
        (Some("cancelled"), ..) => words.say("Taken back before it was sent."),
        (Some("expired"), ..) => words.say("The terminal did not come in time."),
        (Some("no_report"), ..) => words.say("It was begun, and the terminal never said how it ended."),
        (Some(reason), ..) => words.tell("The terminal says: {reason}", &[("reason", reason)]),
        (None, Some(true), _) => words.say("There was nothing newer."),
        (None, _, Some(version)) => words.tell("Version {version}", &[("version", version)]),
        (None, _, None) if view.status == "queued" => {
            let until = words.moment(at(view.expires_at), &TimeZone::UTC);
            words.tell("Sent when the terminal is connected, until {until} UTC", &[("until", &until)])
        }
        (None, _, None) => String::new(),
    };
    Deed {
        name: name_of(words, view.action),
        asked: words.ago(at(view.created_at), now),
        ended: view.completed_at.map(|ended| words.ago(at(ended), now)),
        waits: view.status == "queued",
        told,
        view,
    }
}

/// The newest actions of the terminal, those that `wanted` says, newest first.
pub(super) async fn deeds(
    dashboard: &Dashboard,
    visit: &Visit,
    id: &str,
    wanted: Option<Action>,
) -> Result<Vec<Deed>, Trouble> {
    let who = visit.may(Grant::TerminalsRead)?;
    let actions = &dashboard.services.applications.actions;
    let (views, _) = actions.list(&who.scope, id, SHOWN, Cursor::Newest).await?;
    let now = dashboard.services.clock.wall();
    let views = views.into_iter().filter(|view| wanted.is_none_or(|wanted| wanted.as_str() == view.action));
    Ok(views.map(|view| deed(view, visit, now)).collect())
}

async fn show(
    State(dashboard): State<Arc<Dashboard>>,
    visit: Visit,
    Path(id): Path<String>,
) -> Result<Response, Trouble> {
    let device = Device::find(&dashboard, &visit, &id, PANEL)?;
    let can_change = visit.can(Grant::TerminalsWrite) && device.view.status != "deactivated";
    // Of the two about its lock only the one that changes anything.
    let senseless = if device.view.locked { Action::Lock } else { Action::Unlock };
    let offered = Action::ALL.into_iter().filter(|action| *action != senseless);
    Ok(render(&ActionsPanel {
        shell: device.shell(&dashboard, &visit),
        offers: offered.map(|action| offer(&visit.words, action)).collect(),
        deeds: deeds(&dashboard, &visit, &id, None).await?,
        device,
        can_change,
    }))
}

/// Tells the terminal to do something.
async fn send(
    State(dashboard): State<Arc<Dashboard>>,
    visit: Visit,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response, Trouble> {
    let who = visit.may(Grant::TerminalsWrite)?;
    let asked = CreateAction { action: form.fields.text("action"), expires_in: None };
    let (action, expires_in_s) = asked.validate()?;
    let actions = &dashboard.services.applications.actions;
    actions.create(who, &id, NewAction { action, expires_in_s }, form.once).await?;
    let back = if form.fields.get("from") == Some("offline") { "offline" } else { PANEL };
    Ok(onward(&path(&id, back)))
}

/// Takes an action back that was not sent.
async fn take_back(
    State(dashboard): State<Arc<Dashboard>>,
    visit: Visit,
    Path((id, action)): Path<(String, String)>,
    form: Form,
) -> Result<Response, Trouble> {
    let who = visit.may(Grant::TerminalsWrite)?;
    dashboard.services.applications.actions.cancel(who, &action, Some(&id), form.once).await?;
    Ok(onward(&path(&id, PANEL)))
}
