//! In and out, and between test and live data and accounts.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::response::Response;

use super::super::Dashboard;
use super::super::form::{Form, OpenForm};
use super::super::page::{Trouble, onward, render};
use super::super::visit::{Visit, begin, end, origin};
use crate::people::{NotSignedIn, Origin};

#[derive(Template)]
#[template(path = "dashboard/sign_in.html")]
struct SignInPage {
    next: String,
    email: String,
    wrong: Option<String>,
}

/// `GET /dashboard/sign-in`.
pub(in crate::dashboard) async fn show(request: Request) -> Response {
    let next = query(request.uri().query(), "next");
    render(&SignInPage { next, email: String::new(), wrong: None })
}

/// `POST /dashboard/sign-in`.
pub(in crate::dashboard) async fn submit(
    State(dashboard): State<Arc<Dashboard>>,
    from: From,
    OpenForm(fields): OpenForm,
) -> Result<Response, Trouble> {
    let email = fields.text("email");
    let next = fields.text("next");
    match dashboard.people.sign_in(&email, fields.text("password"), from.0).await {
        Ok(token) => {
            let mut response = onward(inside(&next));
            response.headers_mut().insert(header::SET_COOKIE, begin(&dashboard, &token));
            Ok(response)
        }
        Err(NotSignedIn::Refused(refusal)) => Err(refusal.into()),
        Err(wrong) => {
            let mut response = render(&SignInPage { next, email, wrong: Some(wrong.to_string()) });
            *response.status_mut() = StatusCode::FORBIDDEN;
            Ok(response)
        }
    }
}

/// `GET /dashboard/enter?token=…`: a link that signs in once.
pub(in crate::dashboard) async fn enter(
    State(dashboard): State<Arc<Dashboard>>,
    from: From,
    request: Request,
) -> Result<Response, Trouble> {
    let token = query(request.uri().query(), "token");
    match dashboard.people.enter(&token, from.0).await {
        Ok(token) => {
            let mut response = onward(super::super::ROOT);
            response.headers_mut().insert(header::SET_COOKIE, begin(&dashboard, &token));
            Ok(response)
        }
        Err(NotSignedIn::Refused(refusal)) => Err(refusal.into()),
        Err(wrong) => {
            let wrong = Some(wrong.to_string());
            let mut response = render(&SignInPage { next: String::new(), email: String::new(), wrong });
            *response.status_mut() = StatusCode::FORBIDDEN;
            Ok(response)
        }
    }
}

/// `POST /dashboard/sign-out`.
pub(in crate::dashboard) async fn sign_out(
    State(dashboard): State<Arc<Dashboard>>,
    visit: Visit,
    _: Form,
) -> Result<Response, Trouble> {
    let session = &visit.who.session.value;
    dashboard.people.end_session(&session.person, &session.id).await?;
    let mut response = onward("/dashboard/sign-in");
    response.headers_mut().insert(header::SET_COOKIE, end(&dashboard));
    Ok(response)
}

/// `POST /dashboard/mode`: live data or test data.
pub(in crate::dashboard) async fn switch_mode(
    State(dashboard): State<Arc<Dashboard>>,
    visit: Visit,
    form: Form,
) -> Result<Response, Trouble> {
    dashboard.people.switch_mode(&visit.who, form.fields.get("mode") == Some("live")).await?;
    // What is shown is of the other mode now, and what one mode has the other does not.
    let section: Vec<&str> = inside(form.fields.get("back").unwrap_or("")).split('/').take(3).collect();
    Ok(onward(&section.join("/")))
}

/// `POST /dashboard/account`: another account of the same person.
pub(in crate::dashboard) async fn switch_account(
    State(dashboard): State<Arc<Dashboard>>,
    visit: Visit,
    form: Form,
) -> Result<Response, Trouble> {
    dashboard.people.switch_account(&visit.who, form.fields.get("account").unwrap_or("")).await?;
    Ok(onward(super::super::ROOT))
}

/// From where somebody asks.
pub(in crate::dashboard) struct From(Origin);

impl From {
    pub(in crate::dashboard) fn into_origin(self) -> Origin {
        self.0
    }
}

impl<S: Sync> axum::extract::FromRequestParts<S> for From {
    type Rejection = Trouble;

    async fn from_request_parts(parts: &mut axum::http::request::Parts, _: &S) -> Result<Self, Trouble> {
        Ok(Self(origin(parts)))
    }
}

/// The path, if it is one of the dashboard's own; else where the dashboard begins.
fn inside(path: &str) -> &str {
    let own = path == super::super::ROOT
        || path.strip_prefix(super::super::ROOT).is_some_and(|rest| rest.starts_with(['/', '?']));
    if own && !path.contains(['\\', '\r', '\n']) { path } else { super::super::ROOT }
}

fn query(query: Option<&str>, name: &str) -> String {
    super::super::form::Fields::of_query(query.unwrap_or("")).text(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_sent_elsewhere_after_signing_in() {
        for (asked, to) in [
            ("/dashboard/payments?status=failed", "/dashboard/payments?status=failed"),
            ("/dashboard", "/dashboard"),
            ("https://evil.example/dashboard", "/dashboard"),
            ("//evil.example", "/dashboard"),
            ("/dashboard\\@evil.example", "/dashboard"),
            ("/dashboards", "/dashboard"),
            ("", "/dashboard"),
        ] {
            assert_eq!(inside(asked), to, "{asked}");
        }
    }
}
