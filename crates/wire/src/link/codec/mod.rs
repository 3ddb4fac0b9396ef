//! Messages as protobuf and back: the one place where the two meet. Names every message of the two directions; what
//! is in them is read and written by `payment`, `fleet` and `lan`.

mod fleet;
mod lan;
mod payment;

use prost::Message as _;
use vinr_domain::{EntryMode, IntentId, PaymentId};

pub(super) use fleet::percent;

use self::payment::{
    answer_from_proto, answer_to_proto, authorize_from_proto, authorize_to_proto, cause_from_proto,
    cause_to_proto, collect_from_proto, collect_to_proto,
};
use super::MAX_FRAME_BYTES;
use super::message::{
    CardPresented, CollectAnswer, DecodeError, HostVerdict, PresentCard, ToCloud, ToTerminal,
};
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
            Self::AuthorizeResult { intent, stan, verdict, renamed } => {
                Body::AuthorizeResult(proto::AuthorizeResult {
                    intent: raw(*intent),
                    stan: *stan,
                    verdict: Some(verdict.to_proto()),
                    payment_id: renamed.map(|payment| payment.to_string()).unwrap_or_default(),
                })
            }
            Self::PresentCard(present) => Body::PresentCard(proto::PresentCard {
                request: present.request,
                card: present.card.clone().unwrap_or_default(),
                entry_mode: present.entry_mode.map_or("", EntryMode::as_str).to_owned(),
            }),
            Self::Configure(configure) => Body::Configure(fleet::configure_to_proto(configure)),
            Self::Perform(perform) => Body::Perform(fleet::perform_to_proto(perform)),
            Self::CertificateIssued { chain_pem } => {
                Body::CertificateIssued(proto::CertificateIssued { chain_pem: chain_pem.clone() })
            }
            Self::CertificateRefused { reason } => Body::CertificateRefused(fleet::refused_to_proto(reason)),
            Self::LanAccess(access) => Body::LanAccess(lan::access_to_proto(access)),
            Self::LanCertificateIssued { chain_pem } => {
                Body::LanCertificateIssued(proto::LanCertificateIssued { chain_pem: chain_pem.clone() })
            }
            Self::OfficeAnswer(answer) => Body::OfficeAnswer(lan::office_answer_to_proto(answer)),
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
                renamed: match result.payment_id.as_str() {
                    "" => None,
                    id => Some(PaymentId::parse(id).map_err(|_| invalid("authorize_result.payment_id"))?),
                },
            },
            Body::PresentCard(present) => Self::PresentCard(PresentCard {
                request: present.request,
                card: optional_text(present.card),
                entry_mode: optional_text(present.entry_mode)
                    .map(|mode| EntryMode::parse(&mode).ok_or(invalid("present_card.entry_mode")))
                    .transpose()?,
            }),
            Body::Configure(configure) => Self::Configure(fleet::configure_from_proto(configure)?),
            Body::Perform(perform) => Self::Perform(fleet::perform_from_proto(perform)?),
            Body::CertificateIssued(issued) => {
                Self::CertificateIssued { chain_pem: fleet::issued_from_proto(issued)? }
            }
            Body::CertificateRefused(refused) => {
                Self::CertificateRefused { reason: fleet::refused_from_proto(refused)? }
            }
            Body::LanAccess(access) => Self::LanAccess(Box::new(lan::access_from_proto(access)?)),
            Body::LanCertificateIssued(issued) => {
                Self::LanCertificateIssued { chain_pem: lan::issued_from_proto(issued)? }
            }
            Body::OfficeAnswer(answer) => Self::OfficeAnswer(lan::office_answer_from_proto(answer)?),
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
            Self::Ended { intent, attempt_epoch, cause, origin } => Body::Ended(proto::Ended {
                intent: raw(*intent),
                attempt_epoch: *attempt_epoch,
                cause: cause_to_proto(*cause).into(),
                origin: origin.as_ref().map(lan::origin_to_proto),
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
            Self::ConfigApplied(applied) => Body::ConfigApplied(fleet::applied_to_proto(applied)),
            Self::ActionReport(report) => Body::ActionReport(fleet::report_to_proto(report)),
            Self::CertificateRequest { csr_der } => {
                Body::CertificateRequest(proto::CertificateRequest { csr_der: csr_der.to_vec() })
            }
            Self::DeviceStatus(status) => Body::DeviceStatus(fleet::status_to_proto(status)),
            Self::Progress(progress) => Body::Progress(fleet::progress_to_proto(*progress)),
            Self::LanAccessApplied(applied) => Body::LanAccessApplied(lan::access_applied_to_proto(applied)),
            Self::LanCertificateRequest(request) => Body::LanCertificateRequest(lan::csr_to_proto(request)),
            Self::OfficeRequest(request) => Body::OfficeRequest(lan::office_request_to_proto(request)),
            Self::OfflineStanding(standing) => Body::OfflineStanding(lan::standing_to_proto(standing)),
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
                origin: ended.origin.map(lan::origin_from_proto).transpose()?,
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
            Body::ConfigApplied(applied) => Self::ConfigApplied(fleet::applied_from_proto(applied)?),
            Body::ActionReport(report) => Self::ActionReport(fleet::report_from_proto(report)?),
            Body::CertificateRequest(request) => {
                Self::CertificateRequest { csr_der: fleet::csr_from_proto(request)? }
            }
            Body::DeviceStatus(status) => Self::DeviceStatus(fleet::status_from_proto(status)),
            Body::Progress(progress) => Self::Progress(fleet::progress_from_proto(&progress)?),
            Body::LanAccessApplied(applied) => {
                Self::LanAccessApplied(lan::access_applied_from_proto(applied)?)
            }
            Body::LanCertificateRequest(request) => {
                Self::LanCertificateRequest(lan::csr_from_proto(request)?)
            }
            Body::OfficeRequest(request) => Self::OfficeRequest(lan::office_request_from_proto(request)?),
            Body::OfflineStanding(standing) => Self::OfflineStanding(lan::standing_from_proto(&standing)?),
            other => return Err(DecodeError::Misdirected { message: name(&other) }),
        })
    }
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
        Body::Configure(_) => "configure",
        Body::Perform(_) => "perform",
        Body::CertificateIssued(_) => "certificate_issued",
        Body::CertificateRefused(_) => "certificate_refused",
        Body::ConfigApplied(_) => "config_applied",
        Body::ActionReport(_) => "action_report",
        Body::CertificateRequest(_) => "certificate_request",
        Body::DeviceStatus(_) => "device_status",
        Body::Progress(_) => "progress",
        Body::LanAccess(_) => "lan_access",
        Body::LanCertificateIssued(_) => "lan_certificate_issued",
        Body::OfficeAnswer(_) => "office_answer",
        Body::LanAccessApplied(_) => "lan_access_applied",
        Body::LanCertificateRequest(_) => "lan_certificate_request",
        Body::OfficeRequest(_) => "office_request",
        Body::OfflineStanding(_) => "offline_standing",
    }
}
