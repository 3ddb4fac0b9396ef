//! Offline: what the terminal may approve without the cloud and who says so, what waits on it, and what became of what it
//! approved. The limits are set where the terminal is configured.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::get;
use vinr_domain::payment::Status;
use vinr_domain::{Currency, DeclineCode, Model, OFFLINE_DEFAULTS_CURRENCY, PaymentId, Timestamp};
use vinr_wire::rest::audit::ListAuditEntries;
use vinr_wire::rest::payment::ListPayments;
use vinr_wire::rest::view::PaymentView;

use super::super::super::Dashboard;
use super::super::super::page::{Shell, Trouble, render};
use super::super::super::visit::{Visit, utc};
use super::super::super::words::Words;
use super::super::payments::{Line, line};
use super::Device;
use super::actions::{Deed, deeds};
use crate::access::{Grant, Principal};

/// The last part of the panel's path.
const PANEL: &str = "offline";
/// Among how many of the newest payments of the terminal those are looked for that it approved alone.
const LOOKED_AT: usize = 500;
/// How many of each kind are shown.
const SHOWN: usize = 50;

pub(super) fn routes() -> Router<Arc<Dashboard>> {
    Router::new().route("/dashboard/terminals/{id}/offline", get(show))
}

/// One limit.
struct Limit {
    name: String,
    value: String,
    /// Who says so.
    source: String,
    /// Why somebody else who says otherwise is not followed.
    note: String,
}

/// Something wrong with what the terminal approved, as the audit log has it.
struct Finding {
    what: String,
    when: String,
}

/// What waits on the terminal.
struct Waiting {
    count: u32,
    amount: String,
    oldest: Option<String>,
    oldest_at: Option<String>,
}

#[derive(Template)]
#[template(path = "dashboard/terminal/offline.html")]
struct OfflinePanel {
    shell: Shell,
    device: Device,
    can_offline: bool,
    limits: Vec<Limit>,
    waiting: Option<Waiting>,
    flush: Option<Deed>,
    /// In the hands of the cloud, not decided yet.
    deciding: Vec<Line>,
    declined: Vec<Line>,
    taken: Vec<Line>,
    findings: Vec<Finding>,
    words_looked: String,
    can_change: bool,
    sees_payments: bool,
}

fn source_of(words: &Words, source: &str) -> String {
    match source {
        "terminal" => words.say("This terminal"),
        "location" => words.say("Its location"),
        "account" => words.say("The account"),
        "model_default" => words.say("The model"),
        "account_cap" => words.say("The operator of the platform"),
        other => other.to_owned(),
    }
}

/// The limits that hold, in the currency that the terminal settles in.
fn limits(visit: &Visit, config: &serde_json::Value, currency: Currency) -> Vec<Limit> {
    let words = &visit.words;
    let said = &config["config"]["offlineMode"];
    let limit = |name: String, key: &str, written: &dyn Fn(&serde_json::Value) -> String| Limit {
        name,
        value: if said[key]["value"].is_null() { words.say("not set") } else { written(&said[key]["value"]) },
        source: source_of(words, said[key]["source"].as_str().unwrap_or_default()),
        note: said[key]["note"].as_str().unwrap_or_default().to_owned(),
    };
    let money = |value: &serde_json::Value| words.amount(value.as_i64().unwrap_or(0), currency);
    let count = |value: &serde_json::Value| words.whole(value.as_u64().unwrap_or(0));
    let on = |value: &serde_json::Value| {
        if value.as_bool() == Some(true) { words.say("on") } else { words.say("off") }
    };
    let hours = |value: &serde_json::Value| span(words, value.as_i64().unwrap_or(0));
    vec![
        limit(words.say("Payments without a connection"), "enabled", &on),
        limit(words.say("One payment at most"), "maxAmount", &money),
        limit(words.say("All that wait together at most"), "maxTotal", &money),
        limit(words.say("Payments that may wait"), "maxQueue", &count),
        limit(words.say("Charged only if forwarded within"), "maxAgeSeconds", &hours),
    ]
}

/// So many hours and minutes.
fn span(words: &Words, seconds: i64) -> String {
    let (hours, minutes) = (seconds / 3_600, seconds % 3_600 / 60);
    let (hours, minutes) = (hours.to_string(), minutes.to_string());
    match (hours.as_str(), minutes.as_str()) {
        ("0", _) => words.tell("{minutes} min", &[("minutes", &minutes)]),
        (_, "0") => words.tell("{hours} h", &[("hours", &hours)]),
        _ => words.tell("{hours} h {minutes} min", &[("hours", &hours), ("minutes", &minutes)]),
    }
}

/// The newest payments of the terminal that it approved alone, and how many payments were looked at.
async fn approved_alone(
    dashboard: &Dashboard,
    who: &Principal,
    id: &str,
) -> Result<(Vec<PaymentView>, usize), Trouble> {
    let (mut found, mut looked_at) = (Vec::new(), 0);
    let mut after: Option<PaymentId> = None;
    loop {
        let query = ListPayments {
            terminal_id: Some(id.to_owned()),
            limit: Some(100),
            starting_after: after,
            ..ListPayments::default()
        };
        let (views, more) = dashboard.services.payments.list(who, query.validate()?).await?;
        looked_at += views.len();
        after = views.last().map(|view| view.id).filter(|_| more && looked_at < LOOKED_AT);
        found.extend(views.into_iter().filter(|view| view.offline));
        if after.is_none() {
            return Ok((found, looked_at));
        }
    }
}

/// What was wrong with its approvals.
async fn findings(dashboard: &Dashboard, visit: &Visit, id: &str) -> Result<Vec<Finding>, Trouble> {
    let Ok(who) = visit.may(Grant::AccountRead) else { return Ok(Vec::new()) };
    let query =
        ListAuditEntries { object_id: Some(id.to_owned()), limit: Some(100), ..ListAuditEntries::default() };
    let accounts = &dashboard.services.applications.accounts;
    let (entries, _) = accounts.audit_log(&who.scope, query.validate()?).await?;
    let words = &visit.words;
    let finding = |entry: &serde_json::Value| {
        let what = match entry["action"].as_str()? {
            "offline_chain.broken" => {
                words.say("Its records do not fit together: something that it approved may be missing.")
            }
            "offline_approval.voided" => words
                .say("A payment that it approved was not charged: it came too late, or had ended elsewhere."),
            _ => return None,
        };
        let at = Timestamp(entry["createdAtMs"].as_i64().unwrap_or(0));
        Some(Finding { what, when: utc(visit, at) })
    };
    Ok(entries.iter().filter_map(finding).collect())
}

fn waiting(device: &Device, visit: &Visit, now: Timestamp) -> Option<Waiting> {
    let waiting = device.view.offline.as_ref()?;
    let words = &visit.words;
    let currency = waiting.currency.as_deref().and_then(|code| Currency::parse(code).ok());
    let oldest = waiting.oldest_at.map(|seconds| Timestamp(seconds.saturating_mul(1_000)));
    Some(Waiting {
        count: waiting.pending,
        amount: currency.map_or_else(|| waiting.amount.to_string(), |c| words.amount(waiting.amount, c)),
        oldest: oldest.map(|at| words.ago(at, now)),
        oldest_at: oldest.map(|at| utc(visit, at)),
    })
}

async fn show(
    State(dashboard): State<Arc<Dashboard>>,
    visit: Visit,
    Path(id): Path<String>,
) -> Result<Response, Trouble> {
    let who = visit.may(Grant::TerminalsRead)?;
    let device = Device::find(&dashboard, &visit, &id, PANEL)?;
    let now = dashboard.services.clock.wall();
    let configurations = &dashboard.services.applications.configurations;
    let config = configurations.effective(&who.scope, &id).await?;
    let config = serde_json::to_value(&config).unwrap_or_default();
    let own = dashboard.services.book.figures(&who.scope).default_currency;
    let currency = Currency::parse(own.as_deref().unwrap_or(OFFLINE_DEFAULTS_CURRENCY)).ok();
    let sees_payments = visit.can(Grant::PaymentsRead);
    let (alone, looked_at) =
        if sees_payments { approved_alone(&dashboard, who, &id).await? } else { (Vec::new(), 0) };
    let lines = |wanted: &dyn Fn(&PaymentView) -> bool| -> Vec<Line> {
        let views = alone.iter().filter(|view| wanted(view)).take(SHOWN);
        views.map(|view| line(view, &visit, now)).collect()
    };
    let refused = |view: &PaymentView| view.decline_code == Some(DeclineCode::OfflineAuthDeclined);
    let open = |view: &PaymentView| matches!(view.status, Status::Pending | Status::Processing);
    let model = Model::parse(&device.view.model);
    Ok(render(&OfflinePanel {
        shell: device.shell(&dashboard, &visit),
        can_offline: model.is_none_or(|model| model.capabilities().offline.is_some()),
        limits: currency.map(|currency| limits(&visit, &config, currency)).unwrap_or_default(),
        waiting: waiting(&device, &visit, now),
        flush: deeds(&dashboard, &visit, &id, Some(vinr_domain::action::Action::Flush))
            .await?
            .into_iter()
            .next(),
        deciding: lines(&open),
        declined: lines(&refused),
        taken: lines(&|view| !open(view) && !refused(view)),
        findings: findings(&dashboard, &visit, &id).await?,
        words_looked: visit.words.tell(
            "Among the newest {count} payments of this terminal.",
            &[("count", &looked_at.to_string())],
        ),
        can_change: visit.can(Grant::TerminalsWrite) && device.view.status != "deactivated",
        sees_payments,
        device,
    }))
}
