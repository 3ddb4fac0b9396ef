//! People: who works for the account, and the invitation that somebody new follows.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::{Path, Request, State};
use axum::http::HeaderMap;
use axum::response::Response;
use axum::routing::{get, post};
use jiff::tz::TimeZone;
use vinr_domain::AccountId;

use super::super::Dashboard;
use super::super::form::{Fields, Form, OpenForm, holds_token};
use super::super::page::{Shell, Trouble, onward, render};
use super::super::site::base_of;
use super::super::visit::{Visit, signed_in};
use super::super::words::Words;
use super::sign_in::{From, entering, told};
use crate::access::Grant;
use crate::people::{Member, NotSignedIn, Role, SignedIn};

const PAGE: &str = "/dashboard/people";

pub(in crate::dashboard) fn routes() -> Router<Arc<Dashboard>> {
    Router::new()
        .route(PAGE, get(show))
        .route("/dashboard/people/invite", post(invite))
        .route("/dashboard/people/second-factor", post(ask_second_factor))
        .route("/dashboard/people/{id}/role", post(change))
        .route("/dashboard/people/invitations/{id}", post(withdraw))
}

struct Invited {
    id: String,
    email: String,
    role: &'static str,
    until: String,
}

#[derive(Template)]
#[template(path = "dashboard/people.html")]
struct PeoplePage {
    shell: Shell,
    members: Vec<Member>,
    invited: Vec<Invited>,
    roles: [Role; 5],
    link: Option<String>,
    second_factor: bool,
}

async fn show(State(dashboard): State<Arc<Dashboard>>, visit: Visit) -> Result<Response, Trouble> {
    page(&dashboard, &visit, None).await
}

async fn page(dashboard: &Dashboard, visit: &Visit, link: Option<String>) -> Result<Response, Trouble> {
    let account = account(visit)?;
    let (members, waiting) = dashboard.people.members(&account).await?;
    let invited = waiting.into_iter().map(|one| Invited {
        id: one.id.to_string(),
        email: one.email.to_string(),
        role: one.role.as_str(),
        until: visit.words.moment(one.ends_at, &TimeZone::UTC),
    });
    Ok(render(&PeoplePage {
        shell: visit.shell(dashboard, "People"),
        members,
        invited: invited.collect(),
        roles: Role::ALL,
        link,
        second_factor: dashboard.people.asks_second_factor(&account).await?,
    }))
}

async fn invite(
    State(dashboard): State<Arc<Dashboard>>,
    visit: Visit,
    headers: HeaderMap,
    form: Form,
) -> Result<Response, Trouble> {
    visit.surely(&dashboard, Grant::AccountWrite)?;
    let role = role_in(&form.fields)?;
    let email = form.fields.text("email");
    let token = dashboard.people.invite(&visit.who, &account(&visit)?, &email, role).await?;
    let base = base_of(dashboard.services.welcome.base_url.as_deref().unwrap_or_default(), &headers);
    page(&dashboard, &visit, Some(format!("{base}/dashboard/invitation?token={token}"))).await
}

/// Decides whether a password alone is enough for the people of the account.
async fn ask_second_factor(
    State(dashboard): State<Arc<Dashboard>>,
    visit: Visit,
    form: Form,
) -> Result<Response, Trouble> {
    visit.surely(&dashboard, Grant::AccountWrite)?;
    let asked = form.fields.get("asked") == Some("yes");
    dashboard.people.ask_second_factor(&visit.who, &account(&visit)?, asked).await?;
    Ok(onward(PAGE))
}

async fn change(
    State(dashboard): State<Arc<Dashboard>>,
    visit: Visit,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response, Trouble> {
    visit.surely(&dashboard, Grant::AccountWrite)?;
    let removed = form.fields.get("role") == Some("none");
    let role = if removed { None } else { Some(role_in(&form.fields)?) };
    dashboard.people.set_role(&visit.who, &account(&visit)?, &id, role).await?;
    Ok(onward(PAGE))
}

async fn withdraw(
    State(dashboard): State<Arc<Dashboard>>,
    visit: Visit,
    Path(id): Path<String>,
    _: Form,
) -> Result<Response, Trouble> {
    visit.may(Grant::AccountWrite)?;
    dashboard.people.withdraw(&visit.who, &account(&visit)?, &id).await?;
    Ok(onward(PAGE))
}

fn account(visit: &Visit) -> Result<AccountId, Trouble> {
    Ok(visit.may(Grant::AccountWrite)?.scope.account.clone())
}

fn role_in(fields: &Fields) -> Result<Role, Trouble> {
    let role = fields.get("role").and_then(Role::parse);
    role.ok_or_else(|| Trouble::Field("role", "is none that there is".to_owned()))
}

#[derive(Template)]
#[template(path = "dashboard/invitation.html")]
struct InvitationPage {
    words: Words,
    token: String,
    email: String,
    name: String,
    new: bool,
    /// What the form must carry when the person is signed in in this browser, and only has to say yes.
    here: Option<String>,
    wrong: Option<String>,
}

/// `GET /dashboard/invitation?token=…`.
pub(in crate::dashboard) async fn invitation(
    State(dashboard): State<Arc<Dashboard>>,
    words: Words,
    request: Request,
) -> Result<Response, Trouble> {
    let token = Fields::of_query(request.uri().query().unwrap_or("")).text("token");
    let (email, new) = dashboard.people.invited(&token).await?;
    let here = here(&dashboard, request.headers(), &email).await?;
    let here = here.map(|who| who.session.value.form_token.to_string());
    let (email, name) = (email.to_string(), String::new());
    Ok(render(&InvitationPage { words, token, email, name, new, here, wrong: None }))
}

/// The person with this address, if they are signed in in this browser.
async fn here(dashboard: &Dashboard, headers: &HeaderMap, email: &str) -> Result<Option<SignedIn>, Trouble> {
    let who = signed_in(dashboard, headers).await?;
    Ok(who.filter(|who| *who.person.value.email == *email))
}

/// `POST /dashboard/invitation`.
pub(in crate::dashboard) async fn accept(
    State(dashboard): State<Arc<Dashboard>>,
    from: From,
    words: Words,
    headers: HeaderMap,
    OpenForm(fields): OpenForm,
) -> Result<Response, Trouble> {
    let (token, name) = (fields.text("token"), fields.text("name"));
    let (email, new) = dashboard.people.invited(&token).await?;
    if let Some(who) = here(&dashboard, &headers, &email).await?
        && holds_token(&fields, &who)
    {
        dashboard.people.accept_here(&token, &who).await?;
        return Ok(onward(super::super::ROOT));
    }
    match dashboard.people.accept(&token, (&name, fields.text("password")), from.into_origin()).await {
        Ok(entered) => Ok(entering(&dashboard, &entered, "")),
        Err(NotSignedIn::LinkOver) => Err(NotSignedIn::LinkOver.into()),
        Err(wrong) => {
            let wrong = Some(told(&wrong, &words));
            let email = email.to_string();
            Ok(render(&InvitationPage { words, token, email, name, new, here: None, wrong }))
        }
    }
}
