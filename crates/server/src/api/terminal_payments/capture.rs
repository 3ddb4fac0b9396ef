//! `POST /v1/terminal/payments/{id}/capture`.

use std::sync::Arc;

use axum::extract::State;
use vinr_wire::rest::payment::CapturePayment;
use vinr_wire::rest::schema::TerminalPayment;

use super::super::Api;
use super::super::document::{ChangingHeaders, ChangingOne};
use super::super::error::Fault;
use super::super::front::Caller;
use super::super::measure::Answers;
use super::super::reply::Reply;
use super::super::request::{NoQuery, PaymentPath, Submission};

static ANSWERS: Answers = Answers::of("capture");

/// Capture an authorized payment
///
/// Takes all of what is held, or `amount`: less releases the rest, more is possible within the account's tolerance. A
/// payment is captured once.
#[utoipa::path(
    post,
    path = "/v1/terminal/payments/{id}/capture",
    operation_id = "captureTerminalPayment",
    tag = "Terminal payments",
    params(("id" = String, Path, description = "The payment's id."), ChangingHeaders),
    request_body(content(
        (CapturePayment = "application/json", example = json!({"amount": 2875})),
        (CapturePayment = "application/x-www-form-urlencoded"),
    )),
    responses(
        (status = 200, description = "The captured payment.", body = TerminalPayment),
        (status = 202, description = "The capture is on its way.", body = TerminalPayment),
        ChangingOne,
    ),
    security(("bearer" = []), ("apiKey" = [])),
    extensions(("x-vinr-scope" = json!("payments:write"))),
)]
pub(in crate::api) async fn capture(
    State(api): State<Arc<Api>>,
    caller: Caller,
    PaymentPath(id): PaymentPath,
    request: Submission<NoQuery, CapturePayment>,
) -> Result<Reply, Fault> {
    let amount_minor = request.body.validate()?;
    let answered = api.services.payments.capture(&caller.who, id, amount_minor, request.key).await?;
    Ok(Reply::answered(&answered, caller.version, &ANSWERS))
}
