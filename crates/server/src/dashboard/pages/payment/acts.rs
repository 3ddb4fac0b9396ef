//! Capture, void, cancel and refund: a form, a page that says exactly what will happen, and then it happens, once. What is refused
//! is told where it was typed, and nothing typed is lost.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use vinr_domain::payment::Status;
use vinr_domain::refund::Reason;
use vinr_wire::rest::payment::CapturePayment;
use vinr_wire::rest::refund::{CreateRefund, NewRefund};
use vinr_wire::rest::version::ApiVersion;

use super::super::super::Dashboard;
use super::super::super::form::{Fields, Form};
use super::super::super::page::{Shell, Trouble, onward, render, respond};
use super::super::super::visit::Visit;
use super::super::payments::card;
use super::named;
use crate::access::{Grant, Principal};
use crate::payments::Entry;

/// What is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Act {
    Capture,
    Cancel,
    Refund,
}

#[derive(Template)]
#[template(path = "dashboard/payment_act.html")]
struct ActPage {
    shell: Shell,
    heading: String,
    id: String,
    /// Where the form goes.
    action: String,
    facts: Vec<(String, String)>,
    /// What will happen; empty while the form is being filled in.
    consequences: Vec<String>,
    /// The amount as typed; `None` where there is no choice.
    amount: Option<String>,
    currency: String,
    /// Every reason, what people call it, and whether it is chosen.
    reasons: Vec<(&'static str, String, bool)>,
    wrong: Option<String>,
    button: String,
    danger: bool,
}

/// What people call the reason of a refund.
pub(in crate::dashboard) fn reason(reason: Reason) -> &'static str {
    match reason {
        Reason::RequestedByCustomer => "Requested by the customer",
        Reason::Duplicate => "Duplicate",
        Reason::Fraudulent => "Fraudulent",
    }
}

impl Act {
    fn may<'v>(self, visit: &'v Visit, dashboard: &Dashboard) -> Result<&'v Principal, Trouble> {
        match self {
            Self::Capture | Self::Cancel => visit.may(Grant::PaymentsWrite),
            // Cannot be undone.
            Self::Refund => visit.surely(dashboard, Grant::RefundsWrite),
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Capture => "capture",
            Self::Cancel => "cancel",
            Self::Refund => "refund",
        }
    }

    fn heading(self, entry: &Entry, visit: &Visit) -> String {
        match self {
            Self::Capture => visit.words.say("Capture"),
            Self::Cancel if entry.view.status == Status::Authorized => visit.words.say("Void the hold"),
            Self::Cancel => visit.words.say("Cancel the payment"),
            Self::Refund => visit.words.say("Refund"),
        }
    }

    /// The most that can be typed, in minor units; `None` where there is no amount.
    fn most(self, entry: &Entry) -> Option<i64> {
        match self {
            Self::Capture => Some(entry.view.capturable_minor),
            Self::Refund => Some(entry.view.captured_minor - entry.view.refunded_minor),
            Self::Cancel => None,
        }
    }

    /// What will happen, exactly.
    fn consequences(self, entry: &Entry, minor: i64, visit: &Visit) -> Vec<String> {
        let (view, words) = (&entry.view, &visit.words);
        let amount = words.amount(minor, view.currency);
        let card = card(view);
        let parts = [("amount", amount.as_str()), ("card", card.as_str())];
        match self {
            Self::Capture => {
                let mut told = vec![words.tell("{amount} will be taken from the card {card}.", &parts)];
                if minor < view.capturable_minor {
                    let rest = words.amount(view.capturable_minor - minor, view.currency);
                    told.push(words.tell(
                        "The rest of the hold, {rest}, is let go and cannot be captured later.",
                        &[("rest", &rest)],
                    ));
                }
                told
            }
            Self::Refund => {
                let left = view.captured_minor - view.refunded_minor - minor;
                let left = words.amount(left, view.currency);
                vec![
                    words.tell(
                        "{amount} will be given back to the card {card}. This cannot be undone.",
                        &parts,
                    ),
                    words.tell("{left} of this payment can be given back afterwards.", &[("left", &left)]),
                ]
            }
            Self::Cancel if view.status == Status::Authorized => vec![
                words.tell(
                    "The hold on the card {card} will be let go: {amount} cannot be captured afterwards.",
                    &parts,
                ),
                words.say("The customer's bank may show the hold for some days."),
            ],
            Self::Cancel => {
                let terminal = view.terminal.clone().unwrap_or_else(|| words.say("a terminal of its group"));
                let parts = [("amount", amount.as_str()), ("terminal", terminal.as_str())];
                vec![words.tell(
                    "{amount} will no longer be asked for on {terminal}. If a card has been presented meanwhile, cancelling is refused.",
                    &parts,
                )]
            }
        }
    }

    fn button(self, entry: &Entry, amount: &str, visit: &Visit) -> String {
        let parts = [("amount", amount)];
        match self {
            Self::Capture => visit.words.tell("Capture {amount}", &parts),
            Self::Refund => visit.words.tell("Give back {amount}", &parts),
            Self::Cancel => self.heading(entry, visit),
        }
    }
}

/// What was typed.
#[derive(Default)]
struct Typed {
    amount: Option<String>,
    reason: Option<Reason>,
}

impl Typed {
    fn of(fields: &Fields) -> Self {
        let amount = fields.get("amount").map(str::to_owned);
        Self { amount, reason: fields.get("reason").and_then(Reason::parse) }
    }

    /// The amount in minor units: what was typed, or all of it.
    fn minor(&self, act: Act, entry: &Entry, visit: &Visit) -> Result<i64, String> {
        let most = act.most(entry).unwrap_or(entry.view.amount_minor);
        let Some(typed) = &self.amount else { return Ok(most) };
        let minor = visit.words.typed_amount(typed, entry.view.currency);
        let minor = minor.ok_or_else(|| visit.words.say("is not an amount"))?;
        if minor < 1 {
            return Err(visit.words.say("must be more than nothing"));
        }
        // How far a capture may exceed the hold is the account's to say, and the application's to decide.
        if act == Act::Refund && minor > most {
            let left = visit.words.amount(most, entry.view.currency);
            return Err(visit.words.tell("is more than is left: {left}", &[("left", &left)]));
        }
        Ok(minor)
    }
}

/// The page of the act: its form, or, once that is filled in, what will happen.
fn page(
    dashboard: &Dashboard,
    visit: &Visit,
    act: Act,
    entry: &Entry,
    typed: &Typed,
    minor: Result<i64, String>,
    sure: bool,
) -> ActPage {
    let (view, words) = (&entry.view, &visit.words);
    let whole = act.most(entry).map(|most| words.figure(most, view.currency.exponent()));
    let amount = whole.map(|whole| typed.amount.clone().unwrap_or(whole));
    let consequences = match &minor {
        Ok(minor) if sure => act.consequences(entry, *minor, visit),
        _ => Vec::new(),
    };
    let button = match (&minor, sure) {
        (Ok(minor), true) => act.button(entry, &words.amount(*minor, view.currency), visit),
        _ => words.say("Continue"),
    };
    let reasons = [Reason::RequestedByCustomer, Reason::Duplicate, Reason::Fraudulent];
    let mut facts = vec![(words.say("Payment"), words.amount(view.amount_minor, view.currency))];
    facts.push((words.say("Card"), card(view)));
    facts.extend(view.reference.clone().map(|reference| (words.say("Reference"), reference)));
    facts.extend(view.terminal.clone().map(|terminal| (words.say("Terminal"), terminal)));
    facts.retain(|(_, value)| !value.is_empty());
    let heading = act.heading(entry, visit);
    ActPage {
        shell: visit.shell(dashboard, &heading),
        heading,
        id: view.id.to_string(),
        action: format!("/dashboard/payments/{}/{}", view.id, act.word()),
        facts,
        consequences,
        amount,
        currency: view.currency.code().to_owned(),
        reasons: if act == Act::Refund {
            reasons
                .map(|known| (known.as_str(), words.say(reason(known)), typed.reason == Some(known)))
                .to_vec()
        } else {
            Vec::new()
        },
        wrong: minor.err(),
        button,
        danger: act != Act::Capture,
    }
}

async fn asked(dashboard: &Dashboard, visit: &Visit, act: Act, id: &str) -> Result<Response, Trouble> {
    let who = act.may(visit, dashboard)?;
    let entry = dashboard.services.payments.entry(who, named(id)?).await?;
    let typed = Typed::default();
    let minor = typed.minor(act, &entry, visit);
    // Without a choice there is nothing to be filled in.
    let sure = act.most(&entry).is_none();
    Ok(render(&page(dashboard, visit, act, &entry, &typed, minor, sure)))
}

async fn sent(
    dashboard: &Dashboard,
    visit: &Visit,
    act: Act,
    id: &str,
    form: Form,
) -> Result<Response, Trouble> {
    let who = act.may(visit, dashboard)?;
    let entry = dashboard.services.payments.entry(who, named(id)?).await?;
    let typed = Typed::of(&form.fields);
    let sure = form.fields.get("sure") == Some("yes");
    // A form that is sent again after it was carried out is answered by what was done, not by what is left.
    let minor = match typed.minor(act, &entry, visit) {
        Err(_) if sure && act == Act::Refund => typed
            .amount
            .as_deref()
            .and_then(|amount| visit.words.typed_amount(amount, entry.view.currency))
            .ok_or_else(|| visit.words.say("is not an amount")),
        minor => minor,
    };
    let Ok(amount) = minor else {
        let shown = page(dashboard, visit, act, &entry, &typed, minor, false);
        return Ok(respond(StatusCode::BAD_REQUEST, &shown));
    };
    if !sure {
        return Ok(render(&page(dashboard, visit, act, &entry, &typed, minor, true)));
    }
    match carried_out(dashboard, who, act, &entry, amount, &typed, form).await {
        Ok(()) => Ok(onward(&format!("/dashboard/payments/{}", entry.view.id))),
        Err(trouble @ (Trouble::Field(..) | Trouble::Refused(_))) => {
            // What is shown again is of now: somebody else may have been faster.
            let entry = dashboard.services.payments.entry(who, entry.view.id).await?;
            let wrong = Err(trouble.message(&visit.words));
            let shown = page(dashboard, visit, act, &entry, &typed, wrong, false);
            Ok(respond(StatusCode::CONFLICT, &shown))
        }
        Err(trouble) => Err(trouble),
    }
}

async fn carried_out(
    dashboard: &Dashboard,
    who: &Principal,
    act: Act,
    entry: &Entry,
    minor: i64,
    typed: &Typed,
    form: Form,
) -> Result<(), Trouble> {
    let services = &dashboard.services;
    let id = entry.view.id;
    match act {
        Act::Capture => {
            let amount = CapturePayment { amount: Some(minor) }.validate()?;
            services.payments.capture(who, id, amount, form.once).await?;
        }
        Act::Cancel => {
            services.payments.cancel(who, id, form.once).await?;
        }
        Act::Refund => {
            let new = CreateRefund { payment: id, amount: Some(minor), reason: typed.reason, metadata: None };
            let new: NewRefund = new.validate()?;
            services.applications.refunds.create(who, new, ApiVersion::V2026_06_11, form.once).await?;
        }
    }
    Ok(())
}

macro_rules! pages {
    ($($shown:ident, $sent:ident, $act:expr;)*) => {$(
        pub(super) async fn $shown(
            State(dashboard): State<Arc<Dashboard>>,
            visit: Visit,
            Path(id): Path<String>,
        ) -> Result<Response, Trouble> {
            asked(&dashboard, &visit, $act, &id).await
        }

        pub(super) async fn $sent(
            State(dashboard): State<Arc<Dashboard>>,
            visit: Visit,
            Path(id): Path<String>,
            form: Form,
        ) -> Result<Response, Trouble> {
            sent(&dashboard, &visit, $act, &id, form).await
        }
    )*};
}

pages! {
    refund_page, refund, Act::Refund;
    capture_page, capture, Act::Capture;
    cancel_page, cancel, Act::Cancel;
}
