//! One payment: what is known of it, what happened, what it means in words, and what can still be done with it.

mod acts;
mod explain;
mod timeline;

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::get;
use jiff::tz::TimeZone;
use vinr_domain::payment::{Channel, StateKind, Status};
use vinr_domain::{PaymentId, Timestamp};
use vinr_wire::rest::refund::ListRefunds;
use vinr_wire::rest::version::ApiVersion;
use vinr_wire::rest::view::RefundView;

pub(super) use self::acts::reason;
use self::explain::explained;
pub(super) use self::explain::refund_way;
use self::timeline::{Moment, moments};
use super::super::Dashboard;
use super::super::page::{Shell, Trouble, render};
use super::super::places::{Places, stamp};
use super::super::visit::Visit;
use super::payments::{Line, entry_line};
use crate::access::{Grant, Principal};
use crate::payments::Entry;
use crate::refusal::Refusal;

pub(in crate::dashboard) fn routes() -> Router<Arc<Dashboard>> {
    Router::new()
        .route("/dashboard/payments/{id}", get(show))
        .route("/dashboard/payments/{id}/refund", get(acts::refund_page).post(acts::refund))
        .route("/dashboard/payments/{id}/capture", get(acts::capture_page).post(acts::capture))
        .route("/dashboard/payments/{id}/cancel", get(acts::cancel_page).post(acts::cancel))
}

/// A refund, as the page of its payment shows it.
struct Given {
    id: String,
    amount: String,
    status: &'static str,
    reason: String,
    when: String,
    way: String,
}

/// What can be done with a payment, by whoever looks at it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Possible {
    refund: bool,
    capture: bool,
    void: bool,
    cancel: bool,
}

#[derive(Template)]
#[template(path = "dashboard/payment.html")]
struct PaymentPage {
    shell: Shell,
    line: Line,
    explained: Vec<String>,
    money: Vec<(String, String)>,
    facts: Vec<(String, String)>,
    metadata: Vec<(String, String)>,
    moments: Vec<Moment>,
    day: String,
    refunds: Vec<Given>,
    possible: Possible,
    /// Where its receipt is shown and printed.
    receipt: Option<String>,
    json: String,
}

async fn show(
    State(dashboard): State<Arc<Dashboard>>,
    visit: Visit,
    Path(id): Path<String>,
) -> Result<Response, Trouble> {
    let who = visit.may(Grant::PaymentsRead)?;
    let entry = dashboard.services.payments.entry(who, named(&id)?).await?;
    let places = Places::of(&dashboard, who).await?;
    let zone = places.zone(entry.location.as_ref().map(|id| id.as_str()));
    let refunds = refunds_of(&dashboard, &visit, who, entry.view.id).await?;
    let metadata = entry.view.metadata.iter().map(|(key, value)| (key.clone(), value.clone()));
    let line = entry_line(&entry, &visit, &places);
    Ok(render(&PaymentPage {
        shell: visit.shell(&dashboard, &line.amount),
        explained: explained(&entry, zone, &visit.words),
        money: money(&entry, &visit),
        facts: facts(&entry, &visit, &places),
        metadata: metadata.collect(),
        moments: moments(&dashboard, &visit, who, &entry, &refunds, zone).await?,
        day: day(&entry, &visit, zone),
        refunds: refunds.iter().map(|refund| given(refund, &visit, zone)).collect(),
        possible: possible(&entry, &visit),
        receipt: receipt(&entry, &visit),
        json: json(&entry),
        line,
    }))
}

fn possible(entry: &Entry, visit: &Visit) -> Possible {
    let view = &entry.view;
    let writes = visit.can(Grant::PaymentsWrite);
    let held = writes && view.status == Status::Authorized;
    Possible {
        refund: visit.can(Grant::RefundsWrite)
            && view.status == Status::Completed
            && view.captured_minor > view.refunded_minor,
        capture: held,
        void: held,
        cancel: writes && matches!(entry.state, StateKind::Queued | StateKind::Pending),
    }
}

fn receipt(entry: &Entry, visit: &Visit) -> Option<String> {
    let (view, terminal) = (&entry.view, entry.view.terminal.as_ref()?);
    let there = view.card.is_some() && view.status.is_final() && visit.can(Grant::TerminalsRead);
    there.then(|| format!("/dashboard/terminals/{terminal}/receipts/{}", view.id))
}

async fn refunds_of(
    dashboard: &Dashboard,
    visit: &Visit,
    who: &Principal,
    id: PaymentId,
) -> Result<Vec<RefundView>, Trouble> {
    if !visit.can(Grant::RefundsRead) {
        return Ok(Vec::new());
    }
    let query = ListRefunds { payment: Some(id), limit: Some(100), ..ListRefunds::default() };
    Ok(dashboard.services.applications.refunds.list(who, &query).await?.refunds)
}

fn given(refund: &RefundView, visit: &Visit, zone: &TimeZone) -> Given {
    Given {
        id: refund.id.to_string(),
        amount: visit.words.amount(refund.amount_minor, refund.currency),
        status: refund.status.as_str(),
        reason: refund.reason.map(|reason| visit.words.say(acts::reason(reason))).unwrap_or_default(),
        when: stamp(&visit.words, Timestamp(refund.created_ms), zone),
        way: refund_way(refund, &visit.words),
    }
}

/// The amounts of a payment, each with its name.
fn money(entry: &Entry, visit: &Visit) -> Vec<(String, String)> {
    let (view, words) = (&entry.view, &visit.words);
    let amount = |minor: i64| words.amount(minor, view.currency);
    let mut rows = vec![(words.say("Asked for"), amount(entry.asked_minor))];
    if let Some(tip) = view.tip {
        rows.push((words.say("Tip"), amount(tip.amount_minor)));
    }
    if let Some((approved, _)) = entry.approved {
        rows.push((words.say("Approved"), amount(approved)));
    }
    rows.push((words.say("Captured"), amount(view.captured_minor)));
    if view.capturable_minor > 0 {
        rows.push((words.say("Held, to be captured"), amount(view.capturable_minor)));
    }
    rows.push((words.say("Given back"), amount(view.refunded_minor)));
    rows
}

fn facts(entry: &Entry, visit: &Visit, places: &Places) -> Vec<(String, String)> {
    let (view, words) = (&entry.view, &visit.words);
    let location = entry.location.as_ref().map(|id| id.as_str());
    let zone = places.zone(location);
    let moment = |ms: i64| stamp(words, Timestamp(ms), zone);
    // Names of products: the same in every language.
    let channel = match entry.channel {
        Channel::Cloud => "Cloud API",
        Channel::Local => "Local API",
        Channel::Cashless => "Cashless API",
    };
    let mut facts = vec![(words.say("Payment"), view.id.to_string())];
    let mut add = |name: String, value: Option<String>| facts.extend(value.map(|value| (name, value)));
    add(words.say("Reference"), view.reference.clone());
    add(words.say("Description"), view.description.clone());
    add(words.say("Card"), view.card.as_ref().map(|_| super::payments::card(view)));
    add(words.say("Card read"), view.card.as_ref().map(|card| words.say(card.entry_mode.as_str())));
    add(words.say("Authorization code"), view.auth_code.clone());
    add(words.say("Declined because"), view.decline_code.map(|code| code.as_str().to_owned()));
    add(words.say("Location"), location.map(|id| places.name(id).unwrap_or(id).to_owned()));
    add(words.say("Asked for through"), Some(channel.to_owned()));
    add(words.say("Capture"), Some(words.say(view.capture_method.as_str())));
    add(words.say("Created"), Some(moment(view.created_ms)));
    add(words.say("Ended"), view.ended_ms.map(moment));
    add(words.say("Hold ends"), view.expires_ms.filter(|_| view.ended_ms.is_none()).map(moment));
    add(
        words.say("Approved without a connection"),
        entry.offline.map(|offline| moment(offline.approved_at.0)),
    );
    add(words.say("Number of the request (STAN)"), entry.stan.map(|stan| stan.to_string()));
    add(words.say("Client token"), Some(view.client_token.to_string()));
    facts
}

/// The day of the timeline, with its time zone.
fn day(entry: &Entry, visit: &Visit, zone: &TimeZone) -> String {
    let text = stamp(&visit.words, Timestamp(entry.view.created_ms), zone);
    let name = zone.iana_name().unwrap_or("UTC");
    match text.rsplit_once(", ") {
        Some((day, _)) => format!("{day}, {name}"),
        None => name.to_owned(),
    }
}

/// As the API gives it.
fn json(entry: &Entry) -> String {
    let mut written = Vec::with_capacity(1024);
    entry.view.render(ApiVersion::V2026_06_11, &mut written);
    let value: serde_json::Value = serde_json::from_slice(&written).unwrap_or_default();
    serde_json::to_string_pretty(&value).unwrap_or_default()
}

fn named(id: &str) -> Result<PaymentId, Trouble> {
    PaymentId::parse(id).map_err(|_| Trouble::Refused(Refusal::NoSuchPayment))
}
