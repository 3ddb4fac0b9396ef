//! Who changed what: the platform's log and every account's for whoever runs the server; the account's own for its owner,
//! whose page is `pages/audit_log.rs`.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Request, State};
use axum::response::Response;
use jiff::tz::TimeZone;

use super::Operating;
use crate::audit::AuditEntry;
use crate::dashboard::Dashboard;
use crate::dashboard::form::Fields;
use crate::dashboard::page::{Shell, Trouble, render};
use crate::dashboard::visit::{Visit, percent};
use crate::oversight::{AuditFound, AuditQuery};

/// How many lines are on a page.
const SHOWN: usize = 50;

/// A line of a log.
pub(in crate::dashboard::pages) struct Line {
    pub(in crate::dashboard::pages) when: String,
    pub(in crate::dashboard::pages) kind: String,
    pub(in crate::dashboard::pages) who: String,
    pub(in crate::dashboard::pages) action: String,
    pub(in crate::dashboard::pages) object: String,
    pub(in crate::dashboard::pages) number: u64,
    /// What changed, as JSON: before and after.
    pub(in crate::dashboard::pages) change: Option<String>,
}

/// What was asked for, and what was found.
pub(in crate::dashboard::pages) struct Lines {
    pub(in crate::dashboard::pages) lines: Vec<Line>,
    pub(in crate::dashboard::pages) actor: String,
    pub(in crate::dashboard::pages) action: String,
    pub(in crate::dashboard::pages) object: String,
    /// The rest of the address of the next page.
    pub(in crate::dashboard::pages) next: Option<String>,
}

/// A page of a log. With `accounts`: of any account, by whoever runs the server.
#[derive(Template)]
#[template(path = "dashboard/operator/audit_log.html")]
pub(in crate::dashboard::pages) struct LogPage {
    pub(in crate::dashboard::pages) shell: Shell,
    pub(in crate::dashboard::pages) log: Lines,
    pub(in crate::dashboard::pages) path: &'static str,
    pub(in crate::dashboard::pages) of: Option<Of>,
}

/// Whose log whoever runs the server looks at.
pub(in crate::dashboard::pages) struct Of {
    pub(in crate::dashboard::pages) account: String,
    pub(in crate::dashboard::pages) livemode: bool,
}

/// What the query of an address asks for.
pub(in crate::dashboard::pages) fn query_of(asked: &Fields) -> AuditQuery {
    let given = |name: &str| asked.get(name).map(Arc::<str>::from);
    AuditQuery {
        actor: given("actor"),
        action: given("action"),
        object: given("object"),
        after: given("after"),
        limit: SHOWN,
    }
}

/// What was found, as the page shows it.
pub(in crate::dashboard::pages) fn lines_of(found: AuditFound, visit: &Visit, asked: &Fields) -> Lines {
    let next = found.next.map(|next| {
        let mut address = format!("?after={}", percent(&next));
        for name in ["account", "mode", "actor", "action", "object"] {
            if let Some(value) = asked.get(name) {
                address.push_str(&format!("&{name}={}", percent(value)));
            }
        }
        address
    });
    Lines {
        lines: found.lines.iter().map(|entry| line(entry, visit)).collect(),
        actor: asked.text("actor"),
        action: asked.text("action"),
        object: asked.text("object"),
        next,
    }
}

fn line(entry: &AuditEntry, visit: &Visit) -> Line {
    let change = (entry.before.is_some() || entry.after.is_some()).then(|| {
        let both = serde_json::json!({ "before": entry.before, "after": entry.after });
        serde_json::to_string_pretty(&both).unwrap_or_default()
    });
    Line {
        when: visit.words.moment(entry.created_at, &TimeZone::UTC),
        kind: visit.words.say(&entry.by.kind.replace('_', " ")),
        who: entry.by.hint.as_deref().unwrap_or(&entry.by.id).to_owned(),
        action: entry.action.to_string(),
        object: entry.object_id.to_string(),
        number: entry.number,
        change,
    }
}

pub(super) async fn show(
    State(dashboard): State<Arc<Dashboard>>,
    at: Operating,
    request: Request,
) -> Result<Response, Trouble> {
    let asked = Fields::of_query(request.uri().query().unwrap_or(""));
    let livemode = asked.get("mode") != Some("test");
    let account = asked.get("account");
    let oversight = &dashboard.services.applications.oversight;
    let found = oversight.operated_log(&at.who, (account, livemode), &query_of(&asked)).await?;
    let log = lines_of(found, &at.visit, &asked);
    let of = Some(Of { account: asked.text("account"), livemode });
    let shell = at.visit.shell(&dashboard, "Audit log");
    Ok(render(&LogPage { shell, log, path: "/dashboard/operator/audit-log", of }))
}
