//! Messages as protobuf and back: the one place where the two meet. A field that does not hold what it must is
//! refused by its name, never guessed.

use std::sync::Arc;

use prost::Message as _;
use vinr_domain::payment::{AuthorizationRequest, CaptureMethod, EndCause, Tip, TipMode};
use vinr_domain::{
    Brand, CardFacts, Currency, DeclineCode, EntryMode, IntentId, Last4, MAX_AMOUNT_MINOR, Money, PaymentId,
    Timestamp,
};

use super::MAX_FRAME_BYTES;
use super::message::{
    Authorize, CardPresented, Collect, CollectAnswer, DecodeError, HostVerdict, PresentCard, Simulation,
    Takes, ToCloud, ToTerminal,
};
use crate::card::SealedCard;
use crate::generated::link as proto;
use proto::frame::Body;

/// A message of one direction, as a session carries it.
pub trait Message: Sized {
    /// The message as the body of a frame.
    fn into_body(self) -> Body;

    /// Reads the body of a frame.
    ///
    /// # Errors
    /// [`DecodeError`] names the field that is wrong, or the message that travels the other way.
    fn from_body(body: Body) -> Result<Self, DecodeError>;
}

impl Message for ToTerminal {
    fn into_body(self) -> Body {
        self.body()
    }

    fn from_body(body: Body) -> Result<Self, DecodeError> {
        Self::read(body)
    }
}

impl Message for ToCloud {
    fn into_body(self) -> Body {
        self.body()
    }

    fn from_body(body: Body) -> Result<Self, DecodeError> {
        Self::read(body)
    }
}

impl ToTerminal {
    /// The message as the body of a frame, without sequence and acknowledgement.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        frame_of(self.body()).encode_to_vec()
    }

    /// Reads what [`Self::encode`] wrote.
    ///
    /// # Errors
    /// [`DecodeError`] names the field that is wrong.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        Self::read(body_of(bytes)?)
    }

    fn body(&self) -> Body {
        match self {
            Self::Collect(collect) => Body::Collect(collect_to_proto(collect)),
            Self::Cancel { intent, attempt_epoch } => {
                Body::Cancel(proto::Cancel { intent: raw(*intent), attempt_epoch: *attempt_epoch })
            }
            Self::AuthorizeResult { intent, stan, verdict } => {
                Body::AuthorizeResult(proto::AuthorizeResult {
                    intent: raw(*intent),
                    stan: *stan,
                    verdict: Some(verdict.to_proto()),
                })
            }
            Self::PresentCard(present) => Body::PresentCard(proto::PresentCard {
                request: present.request,
                card: present.card.clone().unwrap_or_default(),
                entry_mode: present.entry_mode.map_or("", EntryMode::as_str).to_owned(),
            }),
        }
    }

    fn read(body: Body) -> Result<Self, DecodeError> {
        Ok(match body {
            Body::Collect(collect) => Self::Collect(collect_from_proto(collect)?),
            Body::Cancel(cancel) => Self::Cancel {
                intent: intent(&cancel.intent, "cancel.intent")?,
                attempt_epoch: cancel.attempt_epoch,
            },
            Body::AuthorizeResult(result) => Self::AuthorizeResult {
                intent: intent(&result.intent, "authorize_result.intent")?,
                stan: result.stan,
                verdict: HostVerdict::from_proto(result.verdict)?,
            },
            Body::PresentCard(present) => Self::PresentCard(PresentCard {
                request: present.request,
                card: optional_text(present.card),
                entry_mode: optional_text(present.entry_mode)
                    .map(|mode| EntryMode::parse(&mode).ok_or(invalid("present_card.entry_mode")))
                    .transpose()?,
            }),
            other => return Err(DecodeError::Misdirected { message: name(&other) }),
        })
    }
}

impl ToCloud {
    /// The message as the body of a frame, without sequence and acknowledgement.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        frame_of(self.body()).encode_to_vec()
    }

    /// Reads what [`Self::encode`] wrote.
    ///
    /// # Errors
    /// [`DecodeError`] names the field that is wrong.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        Self::read(body_of(bytes)?)
    }

    fn body(&self) -> Body {
        match self {
            Self::CollectAnswer(answer) => Body::CollectAnswer(proto::CollectAnswer {
                intent: raw(answer.intent),
                attempt_epoch: answer.attempt_epoch,
                answer: Some(answer_to_proto(answer.answer)),
            }),
            Self::Authorize(authorize) => Body::Authorize(authorize_to_proto(authorize)),
            Self::Ended { intent, attempt_epoch, cause } => Body::Ended(proto::Ended {
                intent: raw(*intent),
                attempt_epoch: *attempt_epoch,
                cause: cause_to_proto(*cause).into(),
            }),
            Self::CancelTooLate { intent, attempt_epoch } => Body::CancelTooLate(proto::CancelTooLate {
                intent: raw(*intent),
                attempt_epoch: *attempt_epoch,
            }),
            Self::StatusQuery { intent, stan, generation } => Body::StatusQuery(proto::StatusQuery {
                intent: raw(*intent),
                stan: *stan,
                generation: *generation,
            }),
            Self::ResultConfirmed { intent, stan } => {
                Body::ResultConfirmed(proto::ResultConfirmed { intent: raw(*intent), stan: *stan })
            }
            Self::CardPresented(presented) => Body::CardPresented(proto::CardPresented {
                request: presented.request,
                accepted: presented.accepted,
                intent: presented.intent.map(raw).unwrap_or_default(),
                reason: presented.reason.clone().unwrap_or_default(),
            }),
        }
    }

    fn read(body: Body) -> Result<Self, DecodeError> {
        Ok(match body {
            Body::CollectAnswer(answer) => Self::CollectAnswer(CollectAnswer {
                intent: intent(&answer.intent, "collect_answer.intent")?,
                attempt_epoch: answer.attempt_epoch,
                answer: answer_from_proto(answer.answer)?,
            }),
            Body::Authorize(authorize) => Self::Authorize(authorize_from_proto(authorize)?),
            Body::Ended(ended) => Self::Ended {
                intent: intent(&ended.intent, "ended.intent")?,
                attempt_epoch: ended.attempt_epoch,
                cause: cause_from_proto(ended.cause())?,
            },
            Body::CancelTooLate(late) => Self::CancelTooLate {
                intent: intent(&late.intent, "cancel_too_late.intent")?,
                attempt_epoch: late.attempt_epoch,
            },
            Body::StatusQuery(query) => Self::StatusQuery {
                intent: intent(&query.intent, "status_query.intent")?,
                stan: query.stan,
                generation: query.generation,
            },
            Body::ResultConfirmed(confirmed) => Self::ResultConfirmed {
                intent: intent(&confirmed.intent, "result_confirmed.intent")?,
                stan: confirmed.stan,
            },
            Body::CardPresented(presented) => Self::CardPresented(CardPresented {
                request: presented.request,
                accepted: presented.accepted,
                intent: match presented.intent.as_slice() {
                    [] => None,
                    bytes => Some(intent(bytes, "card_presented.intent")?),
                },
                reason: optional_text(presented.reason),
            }),
            other => return Err(DecodeError::Misdirected { message: name(&other) }),
        })
    }
}

impl HostVerdict {
    fn to_proto(&self) -> proto::authorize_result::Verdict {
        use proto::authorize_result as result;
        match self {
            Self::Approved { authorized_minor, auth_code } => result::Verdict::Approved(result::Approved {
                authorized_minor: *authorized_minor,
                auth_code: auth_code.as_ref().to_owned(),
            }),
            Self::Declined(code) => {
                result::Verdict::Declined(result::Declined { decline_code: code.as_str().to_owned() })
            }
            Self::Refused => result::Verdict::Refused(result::Refused {}),
            Self::Unknown => result::Verdict::Unknown(result::Unknown {}),
        }
    }

    fn from_proto(verdict: Option<proto::authorize_result::Verdict>) -> Result<Self, DecodeError> {
        use proto::authorize_result as result;
        match verdict.ok_or(missing("authorize_result.verdict"))? {
            result::Verdict::Approved(approved) if approved.authorized_minor < 1 => {
                Err(invalid("authorize_result.approved.authorized_minor"))
            }
            result::Verdict::Approved(approved) => Ok(Self::Approved {
                authorized_minor: approved.authorized_minor,
                auth_code: approved.auth_code.into(),
            }),
            result::Verdict::Declined(declined) => Ok(Self::Declined(
                DeclineCode::parse(&declined.decline_code).unwrap_or(DeclineCode::CardDeclined),
            )),
            result::Verdict::Refused(_) => Ok(Self::Refused),
            result::Verdict::Unknown(_) => Ok(Self::Unknown),
        }
    }
}

fn answer_to_proto(answer: Takes) -> proto::collect_answer::Answer {
    use proto::collect_answer::{Answer, Prompting, Refused};
    match answer {
        Takes::Prompting => Answer::Prompting(Prompting {}),
        Takes::Refused(code) => Answer::Refused(Refused { decline_code: code.as_str().to_owned() }),
    }
}

fn answer_from_proto(answer: Option<proto::collect_answer::Answer>) -> Result<Takes, DecodeError> {
    use proto::collect_answer::Answer;
    match answer.ok_or(missing("collect_answer.answer"))? {
        Answer::Prompting(_) => Ok(Takes::Prompting),
        Answer::Refused(refused) => DeclineCode::parse(&refused.decline_code)
            .map(Takes::Refused)
            .ok_or(invalid("collect_answer.refused.decline_code")),
    }
}

fn authorize_to_proto(authorize: &Authorize) -> proto::Authorize {
    let request = &authorize.request;
    proto::Authorize {
        intent: raw(authorize.intent),
        attempt_epoch: request.attempt_epoch,
        stan: request.stan,
        generation: request.generation,
        brand: request.card.brand.as_str().to_owned(),
        last4: request.card.last4.as_str().to_owned(),
        entry_mode: request.card.entry_mode.as_str().to_owned(),
        amount_minor: request.amount_minor,
        tip: request.tip.map(|tip| proto::authorize::Tip {
            amount_minor: tip.amount_minor,
            mode: tip.mode.as_str().to_owned(),
        }),
        sealed_card: authorize.sealed_card.as_bytes().to_vec(),
    }
}

fn authorize_from_proto(from: proto::Authorize) -> Result<Authorize, DecodeError> {
    let card = CardFacts {
        brand: Brand::parse(&from.brand).ok_or(invalid("authorize.brand"))?,
        last4: Last4::parse(&from.last4).ok_or(invalid("authorize.last4"))?,
        entry_mode: EntryMode::parse(&from.entry_mode).ok_or(invalid("authorize.entry_mode"))?,
    };
    let tip = match from.tip {
        None => None,
        Some(tip) => Some(Tip {
            amount_minor: tip.amount_minor,
            mode: TipMode::parse(&tip.mode).ok_or(invalid("authorize.tip.mode"))?,
        }),
    };
    if from.sealed_card.is_empty() {
        return Err(missing("authorize.sealed_card"));
    }
    Ok(Authorize {
        intent: intent(&from.intent, "authorize.intent")?,
        request: AuthorizationRequest {
            stan: from.stan,
            generation: from.generation,
            attempt_epoch: from.attempt_epoch,
            card,
            amount_minor: from.amount_minor,
            tip,
        },
        sealed_card: SealedCard::from(from.sealed_card),
    })
}

fn collect_to_proto(collect: &Collect) -> proto::Collect {
    let capture_method = match collect.capture_method {
        CaptureMethod::Automatic => proto::CaptureMethod::Automatic,
        CaptureMethod::Manual => proto::CaptureMethod::Manual,
    };
    proto::Collect {
        intent: raw(collect.intent),
        attempt_epoch: collect.attempt_epoch,
        deadline_ms: collect.deadline.0,
        amount_minor: collect.amount.amount_minor,
        currency: collect.amount.currency.code().to_owned(),
        capture_method: capture_method.into(),
        reference: collect.reference.as_deref().unwrap_or_default().to_owned(),
        payment_id: collect.payment_id.to_string(),
        simulation: collect.simulation.as_ref().map(|simulation| proto::Simulation {
            card: simulation.card.clone().unwrap_or_default(),
            delay_ms: simulation.delay_ms,
        }),
    }
}

fn collect_from_proto(from: proto::Collect) -> Result<Collect, DecodeError> {
    let capture_method = match from.capture_method() {
        proto::CaptureMethod::Automatic => CaptureMethod::Automatic,
        proto::CaptureMethod::Manual => CaptureMethod::Manual,
        proto::CaptureMethod::Unspecified => return Err(invalid("collect.capture_method")),
    };
    // The screen shows this amount and the customer agrees to it: nothing outside contract 1.3 gets there.
    if !(1..=MAX_AMOUNT_MINOR).contains(&from.amount_minor) {
        return Err(invalid("collect.amount_minor"));
    }
    let currency = Currency::parse(&from.currency).map_err(|_| invalid("collect.currency"))?;
    Ok(Collect {
        intent: intent(&from.intent, "collect.intent")?,
        attempt_epoch: from.attempt_epoch,
        deadline: Timestamp(from.deadline_ms),
        amount: Money { amount_minor: from.amount_minor, currency },
        capture_method,
        reference: optional_text(from.reference).map(Arc::from),
        payment_id: PaymentId::parse(&from.payment_id).map_err(|_| invalid("collect.payment_id"))?,
        simulation: from.simulation.map(|simulation| Simulation {
            card: optional_text(simulation.card),
            delay_ms: simulation.delay_ms,
        }),
    })
}

fn raw(intent: IntentId) -> Vec<u8> {
    intent.0.to_be_bytes().to_vec()
}

fn intent(bytes: &[u8], field: &'static str) -> Result<IntentId, DecodeError> {
    let bytes: [u8; 16] = bytes.try_into().map_err(|_| invalid(field))?;
    Ok(IntentId(u128::from_be_bytes(bytes)))
}

/// Proto3 has no absent text: empty stands for it.
fn optional_text(text: String) -> Option<String> {
    Some(text).filter(|text| !text.is_empty())
}

fn missing(field: &'static str) -> DecodeError {
    DecodeError::Missing { field }
}

fn invalid(field: &'static str) -> DecodeError {
    DecodeError::Invalid { field }
}

fn frame_of(body: Body) -> proto::Frame {
    proto::Frame { seq: 0, ack: 0, body: Some(body) }
}

fn body_of(bytes: &[u8]) -> Result<Body, DecodeError> {
    if bytes.len() > MAX_FRAME_BYTES {
        return Err(DecodeError::TooLong);
    }
    proto::Frame::decode(bytes)?.body.ok_or(missing("frame.body"))
}

fn cause_to_proto(cause: EndCause) -> proto::ended::Cause {
    match cause {
        EndCause::Cancelled => proto::ended::Cause::Cancelled,
        EndCause::PromptTimedOut => proto::ended::Cause::PromptTimedOut,
        EndCause::CustomerCancelled => proto::ended::Cause::CustomerCancelled,
        EndCause::LeaseOver => proto::ended::Cause::LeaseOver,
    }
}

fn cause_from_proto(cause: proto::ended::Cause) -> Result<EndCause, DecodeError> {
    match cause {
        proto::ended::Cause::Unspecified => Err(invalid("ended.cause")),
        proto::ended::Cause::Cancelled => Ok(EndCause::Cancelled),
        proto::ended::Cause::PromptTimedOut => Ok(EndCause::PromptTimedOut),
        proto::ended::Cause::CustomerCancelled => Ok(EndCause::CustomerCancelled),
        proto::ended::Cause::LeaseOver => Ok(EndCause::LeaseOver),
    }
}

/// The name of a message in the `.proto`, for errors.
pub(super) fn name(body: &Body) -> &'static str {
    match body {
        Body::Hello(_) => "hello",
        Body::Welcome(_) => "welcome",
        Body::Reject(_) => "reject",
        Body::Ping(_) => "ping",
        Body::Pong(_) => "pong",
        Body::Collect(_) => "collect",
        Body::Cancel(_) => "cancel",
        Body::AuthorizeResult(_) => "authorize_result",
        Body::PresentCard(_) => "present_card",
        Body::CollectAnswer(_) => "collect_answer",
        Body::Authorize(_) => "authorize",
        Body::Ended(_) => "ended",
        Body::CancelTooLate(_) => "cancel_too_late",
        Body::StatusQuery(_) => "status_query",
        Body::ResultConfirmed(_) => "result_confirmed",
        Body::CardPresented(_) => "card_presented",
    }
}
