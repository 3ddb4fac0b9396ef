//! What happened to a payment, as a line of moments with their times: what its terminal said on the way, its events, its refunds,
//! and who was told. Every moment is one that was written when it happened; none is made up between two others.

use jiff::tz::TimeZone;
use vinr_domain::payment::StateKind;
use vinr_domain::refund::Status as RefundStatus;
use vinr_domain::{EventId, Timestamp};
use vinr_wire::rest::view::{PaymentView, RefundView};

use super::super::super::Dashboard;
use super::super::super::page::Trouble;
use super::super::super::visit::Visit;
use super::super::super::words::Words;
use crate::access::{Grant, Principal};
use crate::events::Happening;
use crate::payments::{Entry, Stage};
use crate::webhooks::Told;

/// One moment, as the page shows it.
#[derive(Clone, Debug)]
pub(in crate::dashboard) struct Moment {
    pub(in crate::dashboard) what: String,
    /// What kind of moment it is, for tests and styles: `accepted`, `notified`.
    pub(in crate::dashboard) kind: &'static str,
    /// `16:49:30.123`.
    pub(in crate::dashboard) when: String,
    /// The day and the time zone, as machines read it.
    pub(in crate::dashboard) exact: String,
    /// `+ 240 ms`, since the moment before.
    pub(in crate::dashboard) after: String,
    /// Where more is to be read.
    pub(in crate::dashboard) link: Option<String>,
}

/// A moment before it is written.
struct Raw {
    at: Timestamp,
    kind: &'static str,
    what: String,
    link: Option<String>,
}

/// The moments of a payment, the first one first.
pub(in crate::dashboard) async fn moments(
    dashboard: &Dashboard,
    visit: &Visit,
    who: &Principal,
    entry: &Entry,
    refunds: &[RefundView],
    zone: &TimeZone,
) -> Result<Vec<Moment>, Trouble> {
    let (services, words) = (&dashboard.services, &visit.words);
    let passed = services.payments.passed(who, &entry.view).await?;
    let mut happened = services.events.about(&who.scope, &entry.view.id.to_string()).await?;
    let mut raw: Vec<Raw> = passed
        .iter()
        .map(|passed| Raw {
            at: passed.at,
            kind: passed.stage.as_str(),
            what: stage(passed.stage, words),
            link: None,
        })
        .collect();
    if !happened.iter().any(|event| event.kind == "terminal_payment.created") {
        // The events are kept for thirty days; that it was accepted is kept with the payment.
        let accepted = words.say("Accepted");
        raw.push(Raw { at: Timestamp(entry.view.created_ms), kind: "accepted", what: accepted, link: None });
    }
    if let Some(offline) = &entry.offline {
        let what = words.say("Approved by the terminal alone");
        raw.push(Raw { at: offline.approved_at, kind: "offline", what, link: None });
    }
    let mut before: Option<&PaymentView> = None;
    for event in &happened {
        if let Some((kind, what)) = told(event, before, words) {
            raw.push(Raw { at: event.at, kind, what, link: event_link(visit, event.id) });
        }
        before = event.payment.as_ref();
    }
    raw.extend(refunds.iter().flat_map(|refund| of_refund(refund, words)));
    if visit.can(Grant::WebhooksRead) {
        for refund in refunds {
            happened.extend(services.events.about(&who.scope, &refund.id.to_string()).await?);
        }
        let ids: Vec<EventId> = happened.iter().map(|event| event.id).collect();
        let told = services.webhooks.told(&who.scope, &ids).await?;
        raw.extend(told.iter().filter_map(|told| notified(told, &happened, words)));
    }
    if raw.len() == 1 && entry.state == StateKind::Failed {
        let at = entry.view.ended_ms.map_or(Timestamp(entry.view.created_ms), Timestamp);
        raw.push(Raw { at, kind: "failed", what: words.say("Failed"), link: None });
    }
    raw.sort_by_key(|raw| (raw.at, rank(raw.kind)));
    Ok(written(&raw, zone, words))
}

/// The order of what happened in the same millisecond.
fn rank(kind: &str) -> usize {
    const ORDER: [&str; 9] = [
        "offline",
        "accepted",
        "assigned",
        "dispatched",
        "acknowledged",
        "choosing_tip",
        "awaiting_card",
        "card_presented",
        "pin_entry",
    ];
    ORDER.iter().position(|known| *known == kind).unwrap_or(if kind == "notified" { 11 } else { 10 })
}

fn written(raw: &[Raw], zone: &TimeZone, words: &Words) -> Vec<Moment> {
    let mut before: Option<Timestamp> = None;
    let moment = |raw: &Raw| {
        let after = before.map(|before| later((raw.at.0 - before.0).max(0), words)).unwrap_or_default();
        before = Some(raw.at);
        let instant = jiff::Timestamp::from_millisecond(raw.at.0).unwrap_or_default();
        let local = instant.to_zoned(zone.clone());
        Moment {
            what: raw.what.clone(),
            kind: raw.kind,
            when: local.strftime("%H:%M:%S.%3f").to_string(),
            exact: local.strftime("%Y-%m-%dT%H:%M:%S.%3f%:z").to_string(),
            after,
            link: raw.link.clone(),
        }
    };
    raw.iter().map(moment).collect()
}

/// `+ 240 ms`, `+ 2.4 s`, `+ 3 min`, `+ 2 h`, `+ 4 d`.
fn later(ms: i64, words: &Words) -> String {
    let tenths = |ms: i64, of: i64| words.figure(ms * 10 / of, 1);
    match ms {
        0..1_000 => format!("+ {ms} ms"),
        1_000..60_000 => format!("+ {} s", tenths(ms, 1_000)),
        60_000..3_600_000 => format!("+ {} min", tenths(ms, 60_000)),
        3_600_000..86_400_000 => format!("+ {} h", tenths(ms, 3_600_000)),
        _ => format!("+ {} d", tenths(ms, 86_400_000)),
    }
}

fn stage(stage: Stage, words: &Words) -> String {
    match stage {
        Stage::Dispatched => words.say("Sent to the terminal"),
        Stage::Acknowledged => words.say("Acknowledged by the terminal"),
        Stage::ChoosingTip => words.say("The customer chooses a tip"),
        Stage::AwaitingCard => words.say("Waiting for a card"),
        Stage::CardPresented => words.say("Card presented"),
        Stage::PinEntry => words.say("PIN being entered"),
    }
}

fn told(event: &Happening, before: Option<&PaymentView>, words: &Words) -> Option<(&'static str, String)> {
    let view = event.payment.as_ref()?;
    let money = |minor| words.amount(minor, view.currency);
    let captured_later = before.is_some_and(|before| before.capturable_minor > 0);
    let refunded = before.is_some_and(|before| before.refunded_minor != view.refunded_minor);
    let waited = before.is_some_and(|before| before.terminal.is_none());
    Some(match event.kind {
        "terminal_payment.created" if view.terminal.is_none() => {
            ("accepted", words.say("Accepted; waiting for a free terminal"))
        }
        "terminal_payment.created" => ("accepted", words.say("Accepted")),
        "terminal_payment.authorized" => {
            let parts = [("amount", &*money(view.capturable_minor))];
            ("authorized", words.tell("Authorized: {amount} are held", &parts))
        }
        "terminal_payment.completed" if captured_later => {
            ("captured", words.tell("Captured: {amount}", &[("amount", &money(view.captured_minor))]))
        }
        "terminal_payment.completed" => {
            let parts = [("amount", &*money(view.captured_minor))];
            ("captured", words.tell("Authorized and captured: {amount}", &parts))
        }
        "terminal_payment.failed" if view.card.is_some() => ("failed", words.say("Declined")),
        "terminal_payment.failed" => ("failed", words.say("Failed")),
        "terminal_payment.cancelled" if view.card.is_some() => ("cancelled", words.say("Hold voided")),
        "terminal_payment.cancelled" => ("cancelled", words.say("Cancelled")),
        "terminal_payment.expired" => ("expired", words.say("The hold ended uncaptured")),
        // Each refund has moments of its own.
        _ if refunded => return None,
        _ if view.outcome_unknown => {
            ("uncertain", words.say("The issuer is silent; the outcome is being found out"))
        }
        _ if view.status.as_str() == "processing" => {
            ("authorizing", words.say("Authorizing: the issuer is asked"))
        }
        _ if waited && view.terminal.is_some() => ("assigned", words.say("A terminal took it")),
        _ => ("changed", words.say("Changed")),
    })
}

fn of_refund(refund: &RefundView, words: &Words) -> Vec<Raw> {
    let amount = words.amount(refund.amount_minor, refund.currency);
    let link = Some(format!("#{}", refund.id));
    let parts = [("amount", amount.as_str())];
    let mut moments = vec![Raw {
        at: Timestamp(refund.created_ms),
        kind: "refund",
        what: words.tell("Refund of {amount} asked for", &parts),
        link: link.clone(),
    }];
    let ended = match refund.status {
        RefundStatus::Pending => None,
        RefundStatus::Succeeded => Some(words.tell("Refund of {amount} succeeded", &parts)),
        RefundStatus::Failed => Some(words.tell("Refund of {amount} failed", &parts)),
    };
    if let (Some(what), Some(at)) = (ended, refund.updated_ms) {
        moments.push(Raw { at: Timestamp(at), kind: "refunded", what, link });
    }
    moments
}

fn notified(told: &Told, events: &[Happening], words: &Words) -> Option<Raw> {
    let kind = events.iter().find(|event| event.id == told.event)?.kind;
    let host = told.url.split_once("://").map_or(told.url.as_str(), |(_, rest)| rest);
    let host = host.split(['/', '?']).next().unwrap_or(host);
    let answer = match (told.http_status, &told.error) {
        (Some(status), _) => status.to_string(),
        (None, Some(error)) => error.clone(),
        (None, None) => words.say(told.status),
    };
    let parts = [("endpoint", host), ("event", kind), ("answer", &answer)];
    Some(Raw {
        at: told.at?,
        kind: if told.status == "delivered" { "notified" } else { "unnotified" },
        what: words.tell("Notified {endpoint} of {event}: {answer}", &parts),
        link: Some(format!("/dashboard/webhooks/{}", told.endpoint)),
    })
}

fn event_link(visit: &Visit, id: EventId) -> Option<String> {
    visit.can(Grant::EventsRead).then(|| format!("/dashboard/events/{id}"))
}
