//! What happened to a payment, as a line of moments and in words. Made from its events, so it says what webhooks said.

use jiff::tz::TimeZone;
use vinr_domain::payment::Status;
use vinr_domain::{PaymentId, Timestamp};
use vinr_wire::rest::version::ApiVersion;
use vinr_wire::rest::view::PaymentView;
use vinr_wire::rest::webhook::EventQuery;

use super::super::Dashboard;
use super::super::page::Trouble;
use super::super::visit::Visit;
use crate::access::Principal;

/// One moment.
pub(super) struct Moment {
    pub(super) what: String,
    pub(super) when: String,
    pub(super) after: String,
    pub(super) event: String,
}

/// The moments of a payment and of its refunds, the first one first.
pub(super) async fn moments(
    dashboard: &Dashboard,
    visit: &Visit,
    who: &Principal,
    id: PaymentId,
) -> Result<Vec<Moment>, Trouble> {
    let query = EventQuery {
        kind: None,
        object: Some(id.to_string()),
        from: None,
        to: None,
        limit: 100,
        after: None,
        before: None,
    };
    let written = dashboard.services.events.list(&who.scope, query, ApiVersion::V2026_06_11).await?;
    let page: serde_json::Value = serde_json::from_slice(&written).unwrap_or_default();
    let mut events: Vec<&serde_json::Value> = page["data"].as_array().into_iter().flatten().collect();
    events.reverse();
    let mut before: Option<i64> = None;
    let mut moments = Vec::with_capacity(events.len());
    for event in events {
        let at = event["created"].as_i64().unwrap_or(0);
        let object = &event["data"]["object"];
        let status = object["status"].as_str().unwrap_or_default();
        moments.push(Moment {
            what: told(event["type"].as_str().unwrap_or_default(), status, object["outcomeUnknown"] == true),
            when: visit.words.moment(Timestamp(at.saturating_mul(1_000)), &TimeZone::UTC),
            after: before.map(|before| format!("{} s later", (at - before).max(0))).unwrap_or_default(),
            event: event["id"].as_str().unwrap_or_default().to_owned(),
        });
        before = Some(at);
    }
    Ok(moments)
}

fn told(kind: &str, status: &str, unknown: bool) -> String {
    let words = match (kind, status) {
        _ if unknown => "The issuer was silent; the outcome is being found out",
        ("terminal_payment.created", _) => "Accepted",
        ("terminal_payment.authorized", _) => "Held",
        ("terminal_payment.completed", _) => "Completed",
        ("terminal_payment.failed", _) => "Failed",
        ("terminal_payment.cancelled", _) => "Cancelled",
        ("terminal_payment.expired", _) => "The hold ended",
        ("terminal_payment.updated", "processing") => "A card was presented; the issuer is asked",
        ("terminal_payment.updated", "pending") => "A terminal took it",
        ("terminal_payment.updated", "completed") => "Given back, wholly or in part",
        _ => return kind.replace(['_', '.'], " "),
    };
    words.to_owned()
}

/// The payment in words: where it came from, what became of the money, and what can be done.
pub(super) fn explained(view: &PaymentView, visit: &Visit) -> Vec<String> {
    let amount = visit.words.amount(view.amount_minor, view.currency);
    let origin = match view.metadata.get("connectionMode").map(String::as_str) {
        Some("local") => "over the shop's own network",
        _ => "through the cloud",
    };
    let terminal = view.terminal.as_deref().unwrap_or("a terminal of its group");
    let mut words = vec![format!("{amount} was asked for {origin}, on {terminal}.")];
    if let Some(card) = &view.card {
        words.push(format!(
            "A {} card that ends in {} was read ({}).",
            card.brand.as_str(),
            card.last4.as_str(),
            card.entry_mode.as_str()
        ));
    }
    if view.offline {
        words.push("The terminal had no connection and approved it alone, within its limits.".to_owned());
    }
    words.push(outcome(view, visit));
    if view.refunded_minor > 0 {
        let back = visit.words.amount(view.refunded_minor, view.currency);
        words.push(format!("{back} of it was given back, or is on its way back."));
    }
    words
}

fn outcome(view: &PaymentView, visit: &Visit) -> String {
    let money = |minor| visit.words.amount(minor, view.currency);
    if view.outcome_unknown {
        return "The issuer has not answered, so nobody knows yet whether the money moved. The platform asks, and reverses \
                it if need be: do not charge again."
            .to_owned();
    }
    match view.status {
        Status::Pending => match view.queue_position {
            Some(place) => format!("It waits for a free terminal, at place {}.", place + 1),
            None => "The terminal waits for the customer. It can be cancelled.".to_owned(),
        },
        Status::Processing => {
            "The issuer is being asked. It cannot be cancelled now; refund it if it completes.".to_owned()
        }
        Status::Authorized => {
            format!("{} are held on the card. Capture them, or void the hold.", money(view.capturable_minor))
        }
        Status::Completed => format!("The money was taken: {}.", money(view.captured_minor)),
        Status::Failed => match view.decline_code {
            Some(code) => format!("It failed: {}. No money moved.", code.as_str().replace('_', " ")),
            None => "It failed. No money moved.".to_owned(),
        },
        Status::Cancelled => "It was called off. No money moved.".to_owned(),
        Status::Expired => "The hold ended before it was captured. No money moved.".to_owned(),
    }
}
