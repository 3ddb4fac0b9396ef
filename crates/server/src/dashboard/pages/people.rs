//! People: who works for the account, and the invitation that somebody new follows.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::{Path, Request, State};
use axum::http::header;
use axum::response::Response;
use axum::routing::{get, post};
use jiff::tz::TimeZone;
use vinr_domain::AccountId;

use super::super::Dashboard;
use super::super::form::{Fields, Form, OpenForm};
use super::super::page::{Shell, Trouble, onward, render};
use super::super::visit::{Visit, begin};
use super::super::words::Words;
use super::sign_in::From;
use crate::access::Grant;
use crate::people::{Member, NotSignedIn, Role};

const PAGE: &str = "/dashboard/people";

pub(in crate::dashboard) fn routes() -> Router<Arc<Dashboard>> {
    Router::new()
        .route(PAGE, get(show))
        .route("/dashboard/people/invite", post(invite))
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
    let shell = visit.shell(dashboard, "People");
    Ok(render(&PeoplePage { shell, members, invited: invited.collect(), roles: Role::ALL, link }))
}

async fn invite(
    State(dashboard): State<Arc<Dashboard>>,
    visit: Visit,
    form: Form,
) -> Result<Response, Trouble> {
    visit.surely(&dashboard, Grant::AccountWrite)?;
    let role = role_in(&form.fields)?;
    let email = form.fields.text("email");
    let token = dashboard.people.invite(&visit.who, &account(&visit)?, &email, role).await?;
    let base = dashboard.services.welcome.base_url.as_deref().unwrap_or_default();
    page(&dashboard, &visit, Some(format!("{base}/dashboard/invitation?token={token}"))).await
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
    token: String,
    email: String,
    name: String,
    new: bool,
    wrong: Option<String>,
}

/// `GET /dashboard/invitation?token=…`.
pub(in crate::dashboard) async fn invitation(
    State(dashboard): State<Arc<Dashboard>>,
    request: Request,
) -> Result<Response, Trouble> {
    let token = Fields::of_query(request.uri().query().unwrap_or("")).text("token");
    let (email, new) = dashboard.people.invited(&token).await?;
    Ok(render(&InvitationPage { token, email: email.to_string(), name: String::new(), new, wrong: None }))
}

/// `POST /dashboard/invitation`.
pub(in crate::dashboard) async fn accept(
    State(dashboard): State<Arc<Dashboard>>,
    from: From,
    words: Words,
    OpenForm(fields): OpenForm,
) -> Result<Response, Trouble> {
    let (token, name) = (fields.text("token"), fields.text("name"));
    let (email, new) = dashboard.people.invited(&token).await?;
    match dashboard.people.accept(&token, (&name, fields.text("password")), from.into_origin()).await {
        Ok(session) => {
            let mut response = onward(super::super::ROOT);
            response.headers_mut().insert(header::SET_COOKIE, begin(&dashboard, &session));
            Ok(response)
        }
        Err(NotSignedIn::LinkOver) => Err(NotSignedIn::LinkOver.into()),
        Err(wrong) => {
            let wrong = Some(Trouble::from(wrong).message(&words));
            Ok(render(&InvitationPage { token, email: email.to_string(), name, new, wrong }))
        }
    }
}
