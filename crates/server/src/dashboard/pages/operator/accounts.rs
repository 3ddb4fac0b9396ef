//! Platform → Accounts: all merchants; opening one, stopping one, letting it go on.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, Request, State};
use axum::response::Response;
use vinr_domain::AccountId;
use vinr_wire::rest::account::{CreateAccount, OperatedAccountView, OperatedChanges, UpdateOperatedAccount};
use vinr_wire::rest::terminal::Cursor;

use super::Operating;
use crate::dashboard::Dashboard;
use crate::dashboard::form::{Fields, Form};
use crate::dashboard::page::{Shell, Trouble, onward, render};

const PAGE: &str = "/dashboard/operator/accounts";
/// How many are on a page.
const SHOWN: u8 = 50;

struct Row {
    view: OperatedAccountView,
    opened: String,
}

#[derive(Template)]
#[template(path = "dashboard/operator/accounts.html")]
struct AccountsPage {
    shell: Shell,
    rows: Vec<Row>,
    next: Option<String>,
    /// What was typed into the form that did not do, and why it did not.
    typed: String,
    wrong: Option<String>,
}

pub(super) async fn list(
    State(dashboard): State<Arc<Dashboard>>,
    at: Operating,
    request: Request,
) -> Result<Response, Trouble> {
    let asked = Fields::of_query(request.uri().query().unwrap_or(""));
    let after = asked.get("after").and_then(|id| AccountId::parse(id).ok());
    page(&dashboard, &at, after, (String::new(), None)).await
}

async fn page(
    dashboard: &Dashboard,
    at: &Operating,
    after: Option<AccountId>,
    (typed, wrong): (String, Option<String>),
) -> Result<Response, Trouble> {
    let cursor = after.map_or(Cursor::Newest, Cursor::After);
    let (views, more) = dashboard.services.applications.accounts.list_accounts(SHOWN, &cursor).await?;
    let now = dashboard.services.clock.wall();
    let row = |view: OperatedAccountView| {
        let opened = vinr_domain::Timestamp(view.created_at * 1_000);
        Row { opened: at.visit.words.ago(opened, now), view }
    };
    Ok(render(&AccountsPage {
        shell: at.visit.shell(dashboard, "Accounts"),
        next: views.last().filter(|_| more).map(|view| view.id.to_string()),
        rows: views.into_iter().map(row).collect(),
        typed,
        wrong,
    }))
}

/// Opens an account. It has no keys and no people yet.
pub(super) async fn open(
    State(dashboard): State<Arc<Dashboard>>,
    at: Operating,
    form: Form,
) -> Result<Response, Trouble> {
    let typed = form.fields.text("displayName");
    let body = serde_json::json!({ "displayName": typed }).to_string();
    let new = vinr_wire::rest::body::decode::<CreateAccount>(Some("application/json"), body.as_bytes());
    let Ok(name) = new.map_err(|_| ()).and_then(|new| new.validate().map_err(|_| ())) else {
        let wrong = at.visit.words.say("A name has 1 to 100 characters.");
        return page(&dashboard, &at, None, (typed, Some(wrong))).await;
    };
    let who = at.surely(&dashboard)?;
    dashboard.services.applications.accounts.open_account(who, name, form.once).await?;
    Ok(onward(PAGE))
}

/// One account: the same row, for whoever followed a link of the audit log.
pub(super) async fn show(
    State(dashboard): State<Arc<Dashboard>>,
    at: Operating,
    Path(id): Path<String>,
) -> Result<Response, Trouble> {
    let view = dashboard.services.applications.accounts.operated_account(&id)?;
    let opened = vinr_domain::Timestamp(view.created_at * 1_000);
    let opened = at.visit.words.ago(opened, dashboard.services.clock.wall());
    Ok(render(&AccountsPage {
        shell: at.visit.shell(&dashboard, "Accounts"),
        rows: vec![Row { view, opened }],
        next: None,
        typed: String::new(),
        wrong: None,
    }))
}

/// Stops the account, or lets it go on.
pub(super) async fn change(
    State(dashboard): State<Arc<Dashboard>>,
    at: Operating,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response, Trouble> {
    let who = at.surely(&dashboard)?;
    let suspended = match form.fields.get("suspended") {
        Some("yes") => true,
        Some("no") => false,
        _ => return Err(Trouble::Field("suspended", at.visit.words.say("is needed"))),
    };
    let body = serde_json::json!({ "suspended": suspended }).to_string();
    let changes: UpdateOperatedAccount =
        vinr_wire::rest::body::decode(Some("application/json"), body.as_bytes())
            .map_err(|_| Trouble::Field("suspended", at.visit.words.say("is needed")))?;
    let changes: OperatedChanges = changes.validate()?;
    dashboard.services.applications.accounts.operate_account(who, &id, changes, form.once).await?;
    Ok(onward(PAGE))
}
