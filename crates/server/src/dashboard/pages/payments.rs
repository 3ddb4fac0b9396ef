//! Payments: the list with its filters, and one payment with what can still be done with it.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::{Path, Request, State};
use axum::response::Response;
use axum::routing::{get, post};
use jiff::tz::TimeZone;
use vinr_domain::payment::Status;
use vinr_domain::refund::Reason;
use vinr_domain::{PaymentId, Timestamp};
use vinr_wire::rest::payment::ListPayments;
use vinr_wire::rest::refund::{CreateRefund, NewRefund};
use vinr_wire::rest::version::ApiVersion;
use vinr_wire::rest::view::PaymentView;

use super::super::Dashboard;
use super::super::form::{Fields, Form};
use super::super::page::{Shell, Trouble, onward, render};
use super::super::visit::Visit;
use super::story::{Moment, explained, moments};
use crate::access::Grant;
use crate::refusal::Refusal;

pub(in crate::dashboard) fn routes() -> Router<Arc<Dashboard>> {
    Router::new()
        .route("/dashboard/payments", get(list))
        .route("/dashboard/payments/{id}", get(show))
        .route("/dashboard/payments/{id}/refund", post(refund))
        .route("/dashboard/payments/{id}/capture", post(capture))
        .route("/dashboard/payments/{id}/cancel", post(cancel))
}

/// A payment in a list.
pub(super) struct Line {
    pub(super) id: String,
    pub(super) amount: String,
    pub(super) status: &'static str,
    pub(super) unknown: bool,
    pub(super) card: String,
    pub(super) reference: String,
    pub(super) terminal: String,
    pub(super) when: String,
}

/// The payment as lists show it.
pub(super) fn line(view: &PaymentView, visit: &Visit, now: Timestamp) -> Line {
    let card = view.card.as_ref();
    Line {
        id: view.id.to_string(),
        amount: visit.words.amount(view.amount_minor, view.currency),
        status: view.status.as_str(),
        unknown: view.outcome_unknown,
        card: card
            .map(|card| format!("{} ···· {}", card.brand.as_str(), card.last4.as_str()))
            .unwrap_or_default(),
        reference: view.reference.clone().unwrap_or_default(),
        terminal: view.terminal.clone().unwrap_or_default(),
        when: visit.words.ago(Timestamp(view.created_ms), now),
    }
}

#[derive(Template)]
#[template(path = "dashboard/payments.html")]
struct PaymentsPage {
    shell: Shell,
    lines: Vec<Line>,
    statuses: Vec<(&'static str, bool)>,
    reference: String,
    next: Option<String>,
}

async fn list(
    State(dashboard): State<Arc<Dashboard>>,
    visit: Visit,
    request: Request,
) -> Result<Response, Trouble> {
    let who = visit.may(Grant::PaymentsRead)?;
    let asked = Fields::of_query(request.uri().query().unwrap_or(""));
    if let Some(id) = asked.get("q").and_then(|text| PaymentId::parse(text).ok()) {
        return Ok(onward(&format!("/dashboard/payments/{id}")));
    }
    let status = asked.get("status").and_then(|word| Status::ALL.into_iter().find(|s| s.as_str() == word));
    let query = ListPayments {
        status,
        reference: asked.get("q").map(str::to_owned),
        limit: Some(50),
        starting_after: asked.get("after").and_then(|id| PaymentId::parse(id).ok()),
        ..ListPayments::default()
    };
    let (views, more) = dashboard.services.payments.list(who, query.validate()?).await?;
    let now = dashboard.services.clock.wall();
    Ok(render(&PaymentsPage {
        shell: visit.shell(&dashboard, "Payments"),
        next: views.last().filter(|_| more).map(|view| view.id.to_string()),
        lines: views.iter().map(|view| line(view, &visit, now)).collect(),
        statuses: Status::ALL.into_iter().map(|s| (s.as_str(), Some(s) == status)).collect(),
        reference: asked.text("q"),
    }))
}

#[derive(Template)]
#[template(path = "dashboard/payment.html")]
struct PaymentPage {
    shell: Shell,
    line: Line,
    facts: Vec<(&'static str, String)>,
    explained: Vec<String>,
    moments: Vec<Moment>,
    refundable: Option<String>,
    capturable: Option<String>,
    can_cancel: bool,
}

async fn show(
    State(dashboard): State<Arc<Dashboard>>,
    visit: Visit,
    Path(id): Path<String>,
) -> Result<Response, Trouble> {
    let who = visit.may(Grant::PaymentsRead)?;
    let view = dashboard.services.payments.retrieve(who, named(&id)?).await?;
    let writes = visit.can(Grant::PaymentsWrite);
    let left = view.captured_minor - view.refunded_minor;
    let refundable = visit.can(Grant::RefundsWrite) && view.status == Status::Completed && left > 0;
    let line = line(&view, &visit, dashboard.services.clock.wall());
    let moments = match visit.can(Grant::EventsRead) {
        true => moments(&dashboard, &visit, who, view.id).await?,
        false => Vec::new(),
    };
    Ok(render(&PaymentPage {
        explained: explained(&view, &visit),
        moments,
        shell: visit.shell(&dashboard, &line.amount),
        facts: facts(&view, &visit),
        refundable: refundable.then(|| visit.words.figure(left, view.currency.exponent())),
        capturable: (writes && view.status == Status::Authorized)
            .then(|| visit.words.figure(view.capturable_minor, view.currency.exponent())),
        can_cancel: writes && matches!(view.status, Status::Pending | Status::Authorized),
        line,
    }))
}

fn facts(view: &PaymentView, visit: &Visit) -> Vec<(&'static str, String)> {
    let words = &visit.words;
    let moment = |ms: i64| words.moment(Timestamp(ms), &TimeZone::UTC);
    let money = |minor: i64| words.amount(minor, view.currency);
    let mut facts = vec![("Payment", view.id.to_string()), ("Created", moment(view.created_ms))];
    let given = |name, text: Option<String>| text.map(|text| (name, text));
    facts.extend(given("Ended", view.ended_ms.map(moment)));
    facts.extend(given("Reference", view.reference.clone()));
    facts.extend(given("Description", view.description.clone()));
    facts.extend(given("Terminal", view.terminal.clone()));
    facts.extend(given("Authorization code", view.auth_code.clone()));
    facts.extend(given("Declined because", view.decline_code.map(|code| code.as_str().replace('_', " "))));
    facts.extend(given("Tip", view.tip.map(|tip| money(tip.amount_minor))));
    facts.push(("Captured", money(view.captured_minor)));
    facts.push(("Refunded", money(view.refunded_minor)));
    facts
}

/// Gives money back.
async fn refund(
    State(dashboard): State<Arc<Dashboard>>,
    visit: Visit,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response, Trouble> {
    let who = visit.surely(&dashboard, Grant::RefundsWrite)?;
    let view = dashboard.services.payments.retrieve(who, named(&id)?).await?;
    let amount = match form.fields.get("amount") {
        None => None,
        Some(typed) => {
            let minor = visit.words.typed_amount(typed, view.currency);
            Some(minor.ok_or_else(|| Trouble::Field("amount", "is not an amount".to_owned()))?)
        }
    };
    let new = CreateRefund {
        payment: view.id,
        amount,
        reason: form.fields.get("reason").and_then(Reason::parse),
        metadata: None,
    };
    let new: NewRefund = new.validate()?;
    let refunds = &dashboard.services.applications.refunds;
    refunds.create(who, new, ApiVersion::V2026_06_11, form.once).await?;
    Ok(onward(&format!("/dashboard/payments/{}", view.id)))
}

/// Takes what is held.
async fn capture(
    State(dashboard): State<Arc<Dashboard>>,
    visit: Visit,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response, Trouble> {
    let who = visit.may(Grant::PaymentsWrite)?;
    let view = dashboard.services.payments.retrieve(who, named(&id)?).await?;
    let typed = form.fields.get("amount").map(|typed| visit.words.typed_amount(typed, view.currency));
    let amount = match typed {
        Some(None) => return Err(Trouble::Field("amount", "is not an amount".to_owned())),
        Some(Some(minor)) => Some(minor),
        None => None,
    };
    dashboard.services.payments.capture(who, view.id, amount, form.once).await?;
    Ok(onward(&format!("/dashboard/payments/{}", view.id)))
}

/// Cancels what waits, voids what is held.
async fn cancel(
    State(dashboard): State<Arc<Dashboard>>,
    visit: Visit,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response, Trouble> {
    let who = visit.may(Grant::PaymentsWrite)?;
    let id = named(&id)?;
    dashboard.services.payments.cancel(who, id, form.once).await?;
    Ok(onward(&format!("/dashboard/payments/{id}")))
}

fn named(id: &str) -> Result<PaymentId, Trouble> {
    PaymentId::parse(id).map_err(|_| Trouble::Refused(Refusal::NoSuchPayment))
}
