//! `POST /v1/terminal/payments`.

use std::sync::Arc;

use axum::extract::State;
use vinr_wire::rest::payment::CreatePayment;
use vinr_wire::rest::schema::TerminalPayment;

use super::super::Api;
use super::super::document::{Changing, ChangingHeaders};
use super::super::error::Fault;
use super::super::front::Caller;
use super::super::measure::Answers;
use super::super::reply::Reply;
use super::super::request::Submission;
use super::simulation::CreateQuery;

static ANSWERS: Answers = Answers::of("create");

/// Collect a payment on a terminal
///
/// Answers 202 at once while the terminal waits for a card, or with `responseMode: "sync"` 200 with the outcome. A
/// payment that cannot run is created all the same: it is `failed` and `declineCode` says why. Send an
/// `Idempotency-Key`, and the request can be repeated without charging twice.
#[utoipa::path(
    post,
    path = "/v1/terminal/payments",
    operation_id = "createTerminalPayment",
    tag = "Terminal payments",
    params(CreateQuery, ChangingHeaders),
    request_body(content(
        (CreatePayment = "application/json", example = json!({
            "terminalId": "term_test_simulator", "amount": 4200, "currency": "EUR", "reference": "order_1099"
        })),
        (CreatePayment = "application/x-www-form-urlencoded"),
    )),
    responses(
        (status = 200, description = "The outcome, or a payment that failed at once in sync mode.",
            body = TerminalPayment),
        (status = 202, description = "The payment is on its way; events and retrieves tell how it ends.",
            body = TerminalPayment),
        Changing,
    ),
    security(("bearer" = []), ("apiKey" = [])),
    extensions(("x-vinr-scope" = json!("payments:write"))),
)]
pub(in crate::api) async fn create(
    State(api): State<Arc<Api>>,
    caller: Caller,
    request: Submission<CreateQuery, CreatePayment>,
) -> Result<Reply, Fault> {
    let simulation = request.query.simulation(&caller.who)?;
    let new = request.body.validate()?;
    let answered = api.services.payments.create(&caller.who, new, simulation, request.key).await?;
    Ok(Reply::answered(&answered, caller.version, &ANSWERS))
}
