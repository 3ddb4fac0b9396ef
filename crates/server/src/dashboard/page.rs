//! What is around every page, and what is shown instead of one that cannot be made.

use askama::Template;
use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use vinr_domain::RequestId;

use super::Dashboard;
use super::screen::screens;
use super::visit::Visit;
use super::words::Words;
use crate::access::{Grant, draw_token};
use crate::api::error::refused;
use crate::people::NotSignedIn;
use crate::refusal::Refusal;

/// What is around every page.
#[derive(Clone, Debug)]
pub(super) struct Shell {
    /// The page's name.
    pub(super) title: String,
    /// How it is written down for its reader.
    words: Words,
    /// Who is signed in.
    pub(super) person: String,
    /// As what.
    pub(super) role: &'static str,
    /// The account that is worked for.
    pub(super) account: String,
    /// The others that this person works for: id and name.
    pub(super) accounts: Vec<(String, String)>,
    /// Whether live data are shown.
    pub(super) livemode: bool,
    /// The menu.
    pub(super) menu: Vec<Section>,
    /// Where the simulated terminals have their screens.
    pub(super) screens: Option<String>,
    /// What forms of this page must carry.
    pub(super) form_token: String,
    /// The name under which a form of this page is carried out once.
    pub(super) once: String,
    /// The path of the page.
    pub(super) path: String,
}

/// A part of the menu: entries under one heading.
#[derive(Clone, Debug)]
pub(super) struct Section {
    /// The heading; empty for what stands by itself.
    pub(super) name: &'static str,
    pub(super) entries: Vec<Entry>,
}

/// An entry of the menu.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) href: &'static str,
    pub(super) name: &'static str,
    pub(super) here: bool,
}

/// Where something is, its name, and what somebody must be allowed to find anything there.
type Way = (&'static str, &'static str, Grant);

/// The menu, in parts: where, its name, and what somebody must be allowed to find anything there. Documents for
/// integrators name the ways by it: Hardware → Terminals.
const MENU: &[(&str, &[Way])] = &[
    ("", &[("/dashboard", "Overview", Grant::PaymentsRead)]),
    (
        "Money",
        &[
            ("/dashboard/payments", "Payments", Grant::PaymentsRead),
            ("/dashboard/batches", "Batches", Grant::BatchesRead),
        ],
    ),
    (
        "Hardware",
        &[
            ("/dashboard/terminals", "Terminals", Grant::TerminalsRead),
            ("/dashboard/locations", "Locations", Grant::LocationsRead),
            ("/dashboard/configuration", "Configuration", Grant::AccountRead),
            ("/dashboard/hardware/add-terminal", "Add terminal", Grant::TerminalsWrite),
            ("/dashboard/hardware/add-test-terminal", "Add test terminal", Grant::TerminalsWrite),
        ],
    ),
    (
        "Developers",
        &[
            ("/dashboard/keys", "API keys", Grant::KeysRead),
            ("/dashboard/webhooks", "Webhooks", Grant::WebhooksRead),
            ("/dashboard/events", "Events", Grant::EventsRead),
            ("/dashboard/certificates", "Certificates", Grant::TerminalsRead),
            ("/dashboard/requests", "Request log", Grant::KeysRead),
        ],
    ),
    (
        "Account",
        &[
            ("/dashboard/people", "People", Grant::AccountWrite),
            ("/dashboard/audit-log", "Audit log", Grant::AccountWrite),
        ],
    ),
];

/// The menu's part for whoever runs the server.
const PLATFORM: &[(&str, &str)] = &[
    ("/dashboard/operator", "Operation"),
    ("/dashboard/operator/accounts", "Accounts"),
    ("/dashboard/operator/audit-log", "Audit log"),
];

impl Shell {
    pub(super) fn new(dashboard: &Dashboard, visit: &Visit, title: &str) -> Self {
        let person = &visit.who.person.value;
        let session = &visit.who.session.value;
        let name_of = |account: &vinr_domain::AccountId| {
            let row = dashboard.services.book.account(account);
            row.map_or_else(|| account.as_str().to_owned(), |row| row.display_name.to_string())
        };
        let path = visit.path.as_ref();
        let here =
            |href: &str| path == href || (href != super::ROOT && path.starts_with(&format!("{href}/")));
        let entry = |(href, name, _): &Way| Entry { href, name, here: here(href) };
        let menu = MENU.iter().map(|(name, entries)| Section {
            name,
            entries: entries.iter().filter(|(_, _, grant)| visit.can(*grant)).map(entry).collect(),
        });
        let platform = PLATFORM.iter().map(|(href, name)| Entry { href, name, here: path == *href });
        let platform = Section { name: "Platform", entries: platform.filter(|_| person.operates).collect() };
        Self {
            title: visit.words.say(title),
            words: visit.words.clone(),
            person: person.name.to_string(),
            role: visit.who.role.map_or("no role", crate::people::Role::as_str),
            account: session.account.as_ref().map(&name_of).unwrap_or_default(),
            accounts: person
                .memberships
                .iter()
                .filter(|membership| Some(&membership.account) != session.account.as_ref())
                .map(|membership| (membership.account.as_str().to_owned(), name_of(&membership.account)))
                .collect(),
            livemode: session.livemode,
            menu: menu
                .chain(std::iter::once(platform))
                .filter(|section| !section.entries.is_empty())
                .collect(),
            screens: screens(dashboard, visit).filter(|_| visit.can(Grant::TerminalsRead)),
            form_token: session.form_token.to_string(),
            once: draw_token().unwrap_or_default(),
            path: path.to_owned(),
        }
    }

    /// The phrase, in the language of the reader.
    pub(super) fn t(&self, english: &str) -> String {
        self.words.say(english)
    }

    /// What the page is written in.
    pub(super) fn lang(&self) -> &'static str {
        self.words.lang()
    }
}

/// A page, written.
pub(super) fn render(page: &impl Template) -> Response {
    respond(StatusCode::OK, page)
}

/// A form again, because of what is wrong with it.
pub(super) fn render_again(page: &impl Template) -> Response {
    respond(StatusCode::BAD_REQUEST, page)
}

/// A page with another status than 200.
pub(super) fn respond(status: StatusCode, page: &impl Template) -> Response {
    match page.render() {
        Ok(text) => {
            let mut response = Response::new(Body::from(text));
            *response.status_mut() = status;
            let kind = HeaderValue::from_static("text/html; charset=utf-8");
            response.headers_mut().insert(header::CONTENT_TYPE, kind);
            response
        }
        Err(error) => {
            tracing::error!(%error, "a page could not be written");
            let mut response = Response::new(Body::from("The page could not be written."));
            *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
            response
        }
    }
}

/// To another page of ours, after a form has been carried out.
pub(super) fn onward(to: &str) -> Response {
    Redirect::to(to).into_response()
}

/// Why there is no page.
#[derive(Clone, Debug)]
pub(super) enum Trouble {
    /// The person's role does not reach this far.
    Forbidden(Grant),
    /// The person works for no account.
    NoAccount,
    /// There is nothing at this path.
    NoSuchPage,
    /// The form was not sent from a page of this session.
    ForeignForm,
    /// What is asked for needs a proof of who asks, and the last one is too old.
    Unproved,
    /// Whoever runs the server has stopped the account.
    Stopped,
    /// The form is too large.
    FormTooLarge,
    /// A field of the form: its name, and what is wrong with it.
    Field(&'static str, String),
    /// The application said no.
    Refused(Refusal),
    /// A page without its guard.
    Unguarded,
}

impl From<Refusal> for Trouble {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<vinr_wire::rest::body::FieldError> for Trouble {
    fn from(error: vinr_wire::rest::body::FieldError) -> Self {
        Self::Refused(Refusal::Field(error))
    }
}

impl From<NotSignedIn> for Trouble {
    fn from(error: NotSignedIn) -> Self {
        match error {
            NotSignedIn::Refused(refusal) => Self::Refused(refusal),
            NotSignedIn::WrongCode => Self::Field("code", error.to_string()),
            _ => Self::Field("password", error.to_string()),
        }
    }
}

impl IntoResponse for Trouble {
    /// A bare answer that carries the trouble to whoever can write the page around it.
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
        response.extensions_mut().insert(self);
        response
    }
}

#[derive(Template)]
#[template(path = "dashboard/trouble.html")]
struct TroublePage {
    shell: Shell,
    heading: String,
    message: String,
    back: String,
}

#[derive(Template)]
#[template(path = "dashboard/bare.html")]
struct BarePage {
    words: Words,
    heading: String,
    message: String,
}

impl Trouble {
    /// What it is, for somebody who sees the form again.
    pub(super) fn message(&self, words: &Words) -> String {
        self.told(words).2
    }

    /// What is wrong with what somebody typed, without naming the field.
    pub(super) fn words(&self, words: &Words) -> String {
        match self {
            Self::Field(_, wrong) => words.say(wrong),
            Self::Refused(Refusal::Field(error)) => typed_wrongly(&error.to_string(), words),
            other => other.message(words),
        }
    }

    /// Whether it is about what somebody typed, so that they can type it again.
    pub(super) fn is_by_hand(&self) -> bool {
        matches!(self, Self::Field(..) | Self::Refused(Refusal::Field(_)))
    }

    fn told(&self, words: &Words) -> (StatusCode, String, String) {
        let said = |status, heading, message| (status, words.say(heading), words.say(message));
        match self {
            Self::Forbidden(grant) => {
                let parts = [("grant", grant.as_str())];
                let message =
                    "This needs the permission {grant}. An owner of the account can change your role.";
                (StatusCode::FORBIDDEN, words.say("Not with your role"), words.tell(message, &parts))
            }
            Self::Field(field, wrong) => {
                let parts = [("field", *field), ("wrong", &words.say(wrong))];
                let message = words.tell("The field “{field}”: {wrong}", &parts);
                (StatusCode::BAD_REQUEST, words.say("Not done"), message)
            }
            Self::Refused(refusal) => {
                let body = refused(refusal, RequestId(0));
                let status = StatusCode::from_u16(body.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
                let heading = if status == StatusCode::NOT_FOUND { "Not found" } else { "Not done" };
                (status, words.say(heading), body.message().to_owned())
            }
            Self::NoAccount => said(
                StatusCode::FORBIDDEN,
                "No account",
                "You work for no account yet. Ask an owner for an invitation.",
            ),
            Self::NoSuchPage => {
                said(StatusCode::NOT_FOUND, "No such page", "There is nothing at this address.")
            }
            Self::ForeignForm => said(
                StatusCode::FORBIDDEN,
                "The form is too old",
                "It was not sent from a page of this session. Nothing was done: open the page again and repeat it.",
            ),
            Self::Unproved => said(
                StatusCode::FORBIDDEN,
                "Show that it is you",
                "This cannot be undone, and it is some time since you signed in. Sign out and in, then do it again. \
                 Nothing was done.",
            ),
            Self::Stopped => said(
                StatusCode::FORBIDDEN,
                "The account is stopped",
                "The operator of this server has stopped the account. You can look at everything; nothing can be changed.",
            ),
            Self::FormTooLarge => {
                said(StatusCode::PAYLOAD_TOO_LARGE, "Too much", "The form is larger than 64 KiB.")
            }
            Self::Unguarded => said(
                StatusCode::INTERNAL_SERVER_ERROR,
                "A fault of the server",
                "The server refused to make a page without its guard.",
            ),
        }
    }

    /// The trouble as a page of its own in the frame of all pages.
    pub(super) fn within(self, dashboard: &Dashboard, visit: &Visit) -> Response {
        let (status, heading, message) = self.told(&visit.words);
        let shell = visit.shell(dashboard, &heading);
        let back = visit.path.rsplit_once('/').map_or(super::ROOT, |(parent, _)| parent);
        let back = if back.starts_with(super::ROOT) { back } else { super::ROOT }.to_owned();
        respond(status, &TroublePage { shell, heading, message, back })
    }

    /// The trouble for somebody who is not signed in.
    pub(super) fn bare(self, words: Words) -> Response {
        let (status, heading, message) = self.told(&words);
        respond(status, &BarePage { words, heading, message })
    }
}

/// What the application says about what somebody typed, in their language.
fn typed_wrongly(said: &str, words: &Words) -> String {
    const KNOWN: [&str; 8] = [
        "needs at least 12 characters",
        "has more than 200 characters",
        "is one of the first that a stranger tries: take another",
        "must have 1 to 100 characters",
        "must have 1 to 60 characters",
        "must be an email address",
        "is not the code that this app shows now",
        "is not the answer to what was asked, or came too late",
    ];
    let known = KNOWN.iter().find(|known| said.ends_with(**known));
    known.map_or_else(|| said.to_owned(), |known| words.say(known))
}
