//! Payments as protobuf and back. A field that does not hold what it must is refused by its name, never guessed.

use std::sync::Arc;

use vinr_domain::payment::{AuthorizationRequest, CaptureMethod, EndCause, Tip, TipMode};
use vinr_domain::{
    Brand, CardFacts, Currency, DeclineCode, EntryMode, Last4, MAX_AMOUNT_MINOR, Money, PaymentId, Timestamp,
    TipBasis, TipPrompt,
};

use super::{intent, invalid, lan, missing, optional_text, raw};
use crate::card::SealedCard;
use crate::generated::link as proto;
use crate::link::message::{Authorize, Collect, DecodeError, HostVerdict, Simulation, Takes};

impl HostVerdict {
    pub(super) fn to_proto(&self) -> proto::authorize_result::Verdict {
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
            Self::Again => result::Verdict::Again(result::Again {}),
        }
    }

    pub(super) fn from_proto(verdict: Option<proto::authorize_result::Verdict>) -> Result<Self, DecodeError> {
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
            result::Verdict::Again(_) => Ok(Self::Again),
        }
    }
}

pub(super) fn answer_to_proto(answer: Takes) -> proto::collect_answer::Answer {
    use proto::collect_answer::{Answer, Prompting, Refused};
    match answer {
        Takes::Prompting => Answer::Prompting(Prompting {}),
        Takes::Refused(code) => Answer::Refused(Refused { decline_code: code.as_str().to_owned() }),
    }
}

pub(super) fn answer_from_proto(answer: Option<proto::collect_answer::Answer>) -> Result<Takes, DecodeError> {
    use proto::collect_answer::Answer;
    match answer.ok_or(missing("collect_answer.answer"))? {
        Answer::Prompting(_) => Ok(Takes::Prompting),
        Answer::Refused(refused) => DeclineCode::parse(&refused.decline_code)
            .map(Takes::Refused)
            .ok_or(invalid("collect_answer.refused.decline_code")),
    }
}

pub(super) fn authorize_to_proto(authorize: &Authorize) -> proto::Authorize {
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
        origin: authorize.origin.as_ref().map(lan::origin_to_proto),
        offline: authorize.offline.as_ref().map(lan::offline_to_proto),
    }
}

pub(super) fn authorize_from_proto(from: proto::Authorize) -> Result<Authorize, DecodeError> {
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
    let origin = from.origin.map(lan::origin_from_proto).transpose()?;
    let offline = from.offline.as_ref().map(lan::offline_from_proto).transpose()?;
    if offline.is_some() && origin.is_none() {
        return Err(missing("authorize.origin"));
    }
    if origin.is_some() && from.attempt_epoch != 0 {
        return Err(invalid("authorize.attempt_epoch"));
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
        origin,
        offline,
    })
}

pub(super) fn collect_to_proto(collect: &Collect) -> proto::Collect {
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
        tip: collect.tip.as_ref().map(tip_to_proto),
    }
}

pub(super) fn collect_from_proto(from: proto::Collect) -> Result<Collect, DecodeError> {
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
        tip: from.tip.map(tip_from_proto).transpose()?,
    })
}

fn tip_to_proto(tip: &TipPrompt) -> proto::TipPrompt {
    let basis = match tip.basis {
        TipBasis::Percentage => proto::tip_prompt::Basis::Percentage,
        TipBasis::Fixed => proto::tip_prompt::Basis::Fixed,
    };
    proto::TipPrompt {
        basis: basis.into(),
        suggestions: tip.suggestions.clone(),
        allow_custom: tip.allow_custom,
    }
}

fn tip_from_proto(from: proto::TipPrompt) -> Result<TipPrompt, DecodeError> {
    let basis = match from.basis() {
        proto::tip_prompt::Basis::Percentage => TipBasis::Percentage,
        proto::tip_prompt::Basis::Fixed => TipBasis::Fixed,
        proto::tip_prompt::Basis::Unspecified => return Err(invalid("collect.tip.basis")),
    };
    let prompt = TipPrompt { basis, suggestions: from.suggestions, allow_custom: from.allow_custom };
    if prompt.is_valid() { Ok(prompt) } else { Err(invalid("collect.tip.suggestions")) }
}

pub(super) fn cause_to_proto(cause: EndCause) -> proto::ended::Cause {
    match cause {
        EndCause::Cancelled => proto::ended::Cause::Cancelled,
        EndCause::PromptTimedOut => proto::ended::Cause::PromptTimedOut,
        EndCause::CustomerCancelled => proto::ended::Cause::CustomerCancelled,
        EndCause::LeaseOver => proto::ended::Cause::LeaseOver,
        EndCause::OfflineLimit => proto::ended::Cause::OfflineLimit,
        EndCause::NoConnection => proto::ended::Cause::NoConnection,
    }
}

pub(super) fn cause_from_proto(cause: proto::ended::Cause) -> Result<EndCause, DecodeError> {
    match cause {
        proto::ended::Cause::Unspecified => Err(invalid("ended.cause")),
        proto::ended::Cause::Cancelled => Ok(EndCause::Cancelled),
        proto::ended::Cause::PromptTimedOut => Ok(EndCause::PromptTimedOut),
        proto::ended::Cause::CustomerCancelled => Ok(EndCause::CustomerCancelled),
        proto::ended::Cause::LeaseOver => Ok(EndCause::LeaseOver),
        proto::ended::Cause::OfflineLimit => Ok(EndCause::OfflineLimit),
        proto::ended::Cause::NoConnection => Ok(EndCause::NoConnection),
    }
}
