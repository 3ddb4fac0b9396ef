//! `POST /v1/test/terminals/{id}/present-card`.

use std::sync::Arc;

use axum::extract::State;
use axum::http::Uri;
use serde::Deserialize;
use utoipa::ToSchema;
use vinr_domain::EntryMode;
use vinr_wire::rest::body::FieldError;
use vinr_wire::rest::schema::TerminalPayment;

use super::super::Api;
use super::super::document::{ChangingHeaders, ChangingOne};
use super::super::error::Fault;
use super::super::front::Caller;
use super::super::measure::Answers;
use super::super::reply::Reply;
use super::super::request::{NoQuery, Submission};
use super::deck;
use crate::refusal::Refusal;

static ANSWERS: Answers = Answers::of("present_card");

/// What is presented.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(in crate::api) struct PresentTestCard {
    /// The number or the name of a test card; the approved Visa when left out.
    #[schema(required = false, schema_with = deck::card_schema)]
    card: Option<String>,
    /// How it is presented; the card's usual way when left out.
    #[schema(value_type = Option<String>, pattern = "^(contactless|chip|swipe|manual_key)$", nullable = false)]
    entry_mode: Option<String>,
}

impl PresentTestCard {
    fn validate(self) -> Result<(Option<&'static str>, Option<EntryMode>), FieldError> {
        let card = self.card.map(|text| deck::name_of("card", &text)).transpose()?;
        let wrong =
            || FieldError::invalid("entryMode", "must be one of: contactless, chip, swipe, manual_key");
        let mode = self.entry_mode.map(|text| EntryMode::parse(&text).ok_or_else(wrong)).transpose()?;
        Ok((card, mode))
    }
}

/// Present a test card to a simulated terminal
///
/// For tests that want to say when the customer acts: create the payment with `?simulateCard=none`, then present a card
/// whenever you like.
#[utoipa::path(
    post,
    path = "/v1/test/terminals/{id}/present-card",
    operation_id = "presentTestCard",
    tag = "Testing",
    params(("id" = String, Path, description = "The terminal's id."), ChangingHeaders),
    request_body(content(
        (PresentTestCard = "application/json", example = json!({"card": "visa_approved"})),
        (PresentTestCard = "application/x-www-form-urlencoded"),
    )),
    responses(
        (status = 200, description = "The payment that took the card.", body = TerminalPayment),
        (status = 202, description = "The payment that took the card; its outcome follows.", body = TerminalPayment),
        ChangingOne,
    ),
    security(("bearer" = []), ("apiKey" = [])),
    extensions(("x-vinr-scope" = json!("terminals:write"))),
)]
pub(in crate::api) async fn present_card(
    State(api): State<Arc<Api>>,
    caller: Caller,
    uri: Uri,
    request: Submission<NoQuery, PresentTestCard>,
) -> Result<Reply, Fault> {
    if caller.who.scope.livemode {
        return Err(Refusal::TestModeOnly.into());
    }
    let (card, mode) = request.body.validate()?;
    let terminal = uri.path().split('/').nth(4).unwrap_or("");
    let answered = api.services.payments.present_card(&caller.who, terminal, card, mode, request.key).await?;
    Ok(Reply::answered(&answered, caller.version, &ANSWERS))
}
