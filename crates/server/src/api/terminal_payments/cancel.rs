//! `POST /v1/terminal/payments/{id}/cancel`.

use std::sync::Arc;

use axum::extract::State;
use vinr_wire::rest::payment::CancelPayment;
use vinr_wire::rest::schema::TerminalPayment;

use super::super::Api;
use super::super::document::{ChangingHeaders, ChangingOne};
use super::super::error::Fault;
use super::super::front::Caller;
use super::super::measure::Answers;
use super::super::reply::Reply;
use super::super::request::{NoQuery, PaymentPath, Submission};

static ANSWERS: Answers = Answers::of("cancel");

/// Cancel a payment, or void its hold
///
/// Possible while the payment is `pending`, and while it is `authorized`. 202 means that the terminal has not confirmed
/// yet: the payment may still turn out to have been made.
#[utoipa::path(
    post,
    path = "/v1/terminal/payments/{id}/cancel",
    operation_id = "cancelTerminalPayment",
    tag = "Terminal payments",
    params(("id" = String, Path, description = "The payment's id."), ChangingHeaders),
    request_body(content(
        (CancelPayment = "application/json", example = json!({})),
        (CancelPayment = "application/x-www-form-urlencoded"),
    )),
    responses(
        (status = 200, description = "The cancelled payment.", body = TerminalPayment),
        (status = 202, description = "The cancel is on its way.", body = TerminalPayment),
        ChangingOne,
    ),
    security(("bearer" = []), ("apiKey" = [])),
    extensions(("x-vinr-scope" = json!("payments:write"))),
)]
pub(in crate::api) async fn cancel(
    State(api): State<Arc<Api>>,
    caller: Caller,
    PaymentPath(id): PaymentPath,
    request: Submission<NoQuery, CancelPayment>,
) -> Result<Reply, Fault> {
    let answered = api.services.payments.cancel(&caller.who, id, request.key).await?;
    Ok(Reply::answered(&answered, caller.version, &ANSWERS))
}
