//! Developers → Webhooks: endpoints, what was delivered to them, and sending again.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::{get, post};
use vinr_domain::Timestamp;
use vinr_wire::rest::webhook::{CreateEndpoint, Stretch, UpdateEndpoint};

use super::super::Dashboard;
use super::super::form::Form;
use super::super::page::{Shell, Trouble, onward, render};
use super::super::visit::Visit;
use super::secret_in;
use crate::access::Grant;
use crate::webhooks::{DeliveryFilter, DeliveryView, EndpointView};

const PAGE: &str = "/dashboard/webhooks";
/// For how long the old secret of an endpoint signs beside the new one, in milliseconds: a day.
const OVERLAP_MS: i64 = 24 * 3_600_000;

pub(in crate::dashboard) fn routes() -> Router<Arc<Dashboard>> {
    Router::new()
        .route(PAGE, get(list).post(create))
        .route("/dashboard/webhooks/{id}", get(show).post(update))
        .route("/dashboard/webhooks/{id}/roll", post(roll))
        .route("/dashboard/webhooks/{id}/test", post(test))
        .route("/dashboard/webhooks/{id}/delete", post(delete))
        .route("/dashboard/webhooks/{id}/deliveries/{delivery}", post(resend))
}

#[derive(Template)]
#[template(path = "dashboard/webhooks.html")]
struct WebhooksPage {
    shell: Shell,
    endpoints: Vec<EndpointView>,
    can_change: bool,
    secret: Option<String>,
}

async fn list(State(dashboard): State<Arc<Dashboard>>, visit: Visit) -> Result<Response, Trouble> {
    all(&dashboard, &visit, None).await
}

async fn all(dashboard: &Dashboard, visit: &Visit, secret: Option<String>) -> Result<Response, Trouble> {
    let who = visit.may(Grant::WebhooksRead)?;
    let stretch = Stretch { limit: 100, after: None, before: None };
    let (endpoints, _) = dashboard.services.webhooks.list(&who.scope, &stretch).await?;
    let shell = visit.shell(dashboard, "Webhooks");
    Ok(render(&WebhooksPage { shell, endpoints, can_change: visit.can(Grant::WebhooksWrite), secret }))
}

async fn create(
    State(dashboard): State<Arc<Dashboard>>,
    visit: Visit,
    form: Form,
) -> Result<Response, Trouble> {
    let who = visit.may(Grant::WebhooksWrite)?;
    let new = CreateEndpoint {
        url: form.fields.text("url"),
        enabled_events: topics(&form),
        description: form.fields.get("description").map(str::to_owned),
        api_version: None,
        metadata: None,
    };
    let webhooks = &dashboard.services.webhooks;
    let said = webhooks.create(who, new.validate(webhooks.policy())?, form.once).await?;
    all(&dashboard, &visit, secret_in(&said)).await
}

/// The topics as somebody writes them: with spaces or commas between.
fn topics(form: &Form) -> Vec<String> {
    let text = form.fields.get("events").unwrap_or("*");
    text.split([' ', ',', '\n', '\r']).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

struct Sent {
    view: DeliveryView,
    when: String,
}

#[derive(Template)]
#[template(path = "dashboard/webhook.html")]
struct WebhookPage {
    shell: Shell,
    endpoint: EndpointView,
    deliveries: Vec<Sent>,
    can_change: bool,
    secret: Option<String>,
}

async fn show(
    State(dashboard): State<Arc<Dashboard>>,
    visit: Visit,
    Path(id): Path<String>,
) -> Result<Response, Trouble> {
    one(&dashboard, &visit, &id, None).await
}

async fn one(
    dashboard: &Dashboard,
    visit: &Visit,
    id: &str,
    secret: Option<String>,
) -> Result<Response, Trouble> {
    let who = visit.may(Grant::WebhooksRead)?;
    let webhooks = &dashboard.services.webhooks;
    let endpoint = webhooks.retrieve(&who.scope, id).await?;
    let filter = DeliveryFilter::parse(None, &Stretch { limit: 50, after: None, before: None })?;
    let (views, _) = webhooks.deliveries(&who.scope, id, &filter).await?;
    let now = dashboard.services.clock.wall();
    let sent = |view: DeliveryView| Sent {
        when: visit.words.ago(Timestamp(view.created.saturating_mul(1_000)), now),
        view,
    };
    Ok(render(&WebhookPage {
        shell: visit.shell(dashboard, "Webhook endpoint"),
        endpoint,
        deliveries: views.into_iter().map(sent).collect(),
        can_change: visit.can(Grant::WebhooksWrite),
        secret,
    }))
}

async fn update(
    State(dashboard): State<Arc<Dashboard>>,
    visit: Visit,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response, Trouble> {
    let who = visit.may(Grant::WebhooksWrite)?;
    let wanted = UpdateEndpoint {
        url: form.fields.get("url").map(str::to_owned),
        enabled_events: form.fields.get("events").map(|_| topics(&form)),
        status: form.fields.get("status").map(str::to_owned),
        description: None,
        api_version: None,
        metadata: None,
    };
    let webhooks = &dashboard.services.webhooks;
    webhooks.update(who, &id, wanted.validate(webhooks.policy())?, form.once).await?;
    Ok(onward(&format!("{PAGE}/{id}")))
}

async fn roll(
    State(dashboard): State<Arc<Dashboard>>,
    visit: Visit,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response, Trouble> {
    let who = visit.surely(&dashboard, Grant::WebhooksWrite)?;
    let said = dashboard.services.webhooks.roll(who, &id, OVERLAP_MS, form.once).await?;
    one(&dashboard, &visit, &id, secret_in(&said)).await
}

async fn test(
    State(dashboard): State<Arc<Dashboard>>,
    visit: Visit,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response, Trouble> {
    let who = visit.may(Grant::WebhooksWrite)?;
    dashboard.services.webhooks.test(&who.scope, &id, form.once).await?;
    Ok(onward(&format!("{PAGE}/{id}")))
}

async fn delete(
    State(dashboard): State<Arc<Dashboard>>,
    visit: Visit,
    Path(id): Path<String>,
    _: Form,
) -> Result<Response, Trouble> {
    let who = visit.surely(&dashboard, Grant::WebhooksWrite)?;
    dashboard.services.webhooks.delete(who, &id).await?;
    Ok(onward(PAGE))
}

async fn resend(
    State(dashboard): State<Arc<Dashboard>>,
    visit: Visit,
    Path((id, delivery)): Path<(String, String)>,
    form: Form,
) -> Result<Response, Trouble> {
    let who = visit.may(Grant::WebhooksWrite)?;
    dashboard.services.webhooks.resend(&who.scope, &id, &delivery, form.once).await?;
    Ok(onward(&format!("{PAGE}/{id}")))
}
