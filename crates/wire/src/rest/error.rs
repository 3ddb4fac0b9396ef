//! Errors as the API writes them (contract 2.1): one code decides type, status and what the caller should do next.
//! Because the status comes from the code, an error cannot leave with a 2xx.

use std::borrow::Cow;

use serde::Serialize;
use utoipa::ToSchema;
use vinr_domain::payment::Illegal;
use vinr_domain::{DeclineCode, PaymentId, RequestId};

use super::body::{BodyError, FieldError, FieldErrorKind};

/// Who has to act.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ErrorType {
    /// The key is absent or wrong.
    AuthenticationError,
    /// The key may not do this.
    PermissionError,
    /// The request cannot be carried out as it is.
    InvalidRequestError,
    /// Something else is already there.
    ConflictError,
    /// The card was declined.
    CardError,
    /// Too many requests.
    RateLimitError,
    /// The platform is at fault.
    ApiError,
}

/// Whether sending the same request again can help.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Retry {
    /// The same request will be refused again.
    Never,
    /// Yes, after a pause, with the same `Idempotency-Key`.
    Later,
    /// Retrieve the payment first: the request may have been carried out.
    AskFirst,
}

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident $word:literal $status:literal $kind:ident $retry:ident;)*) => {
        /// What went wrong, for programs.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
        pub enum ErrorCode {
            $($(#[$doc])* #[serde(rename = $word)] $name,)*
        }

        // By hand: the derive does not see a rename that a macro wrote.
        impl utoipa::PartialSchema for ErrorCode {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                utoipa::openapi::schema::ObjectBuilder::new()
                    .schema_type(utoipa::openapi::schema::Type::String)
                    .enum_values(Some([$($word),*]))
                    .description(Some("What went wrong, for programs."))
                    .into()
            }
        }

        impl utoipa::ToSchema for ErrorCode {}

        impl ErrorCode {
            /// Every code.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// As the API writes it.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $word),* }
            }

            /// The HTTP status it is sent with.
            #[must_use]
            pub fn status(self) -> u16 {
                match self { $(Self::$name => $status),* }
            }

            /// Who has to act.
            #[must_use]
            pub fn kind(self) -> ErrorType {
                match self { $(Self::$name => ErrorType::$kind),* }
            }

            /// Whether sending it again can help.
            #[must_use]
            pub fn retry(self) -> Retry {
                match self { $(Self::$name => Retry::$retry),* }
            }
        }
    };
}

codes! {
    /// No key.
    ApiKeyMissing "api_key_missing" 401 AuthenticationError Never;
    /// The key is unknown, revoked or not a key.
    ApiKeyInvalid "api_key_invalid" 401 AuthenticationError Never;
    /// `Authorization` and `X-Api-Key` carry different keys (contract 1.1).
    ApiKeysDiffer "api_keys_differ" 401 AuthenticationError Never;
    /// A device came without the secret of its pairing.
    PairingSecretMissing "pairing_secret_missing" 401 AuthenticationError Never;
    /// The key's scopes or mode do not reach this far.
    PermissionDenied "permission_denied" 403 PermissionError Never;
    /// The Local API was asked without a client certificate.
    CertificateRequired "certificate_required" 403 PermissionError Never;
    /// The client certificate has expired.
    CertificateExpired "certificate_expired" 403 PermissionError Never;
    /// The client certificate is not valid yet: one of the clocks is wrong.
    CertificateNotYetValid "certificate_not_yet_valid" 403 PermissionError Later;
    /// The client certificate has been revoked.
    CertificateRevoked "certificate_revoked" 403 PermissionError Never;
    /// The client certificate comes from an authority that the terminal does not know.
    CertificateUnknownAuthority "certificate_unknown_authority" 403 PermissionError Never;
    /// The client certificate was issued for another terminal.
    CertificateWrongTerminal "certificate_wrong_terminal" 403 PermissionError Never;
    /// A terminal was asked under a name that is not its own.
    HostNotAllowed "host_not_allowed" 403 PermissionError Never;
    /// A terminal was asked by a web page.
    OriginNotAllowed "origin_not_allowed" 403 PermissionError Never;
    /// A terminal was asked without TLS.
    HttpsRequired "https_required" 400 InvalidRequestError Never;
    /// The operator has stopped the account; it may look, and change nothing.
    AccountSuspended "account_suspended" 403 PermissionError Never;
    /// The text is not JSON, not a form, or not UTF-8.
    MalformedRequest "malformed_request" 400 InvalidRequestError Never;
    /// A field that does not exist.
    ParameterUnknown "parameter_unknown" 400 InvalidRequestError Never;
    /// A required field is absent.
    ParameterMissing "parameter_missing" 400 InvalidRequestError Never;
    /// A field's type or value is not acceptable.
    ParameterInvalid "parameter_invalid" 400 InvalidRequestError Never;
    /// `Vinr-Version` names no version.
    UnsupportedVersion "unsupported_version" 400 InvalidRequestError Never;
    /// A test facility was used on live data.
    TestModeOnly "test_mode_only" 400 InvalidRequestError Never;
    /// No such path, or no such object in this account and mode.
    NotFound "not_found" 404 InvalidRequestError Never;
    /// The reference names no transaction that was made.
    TransactionNotFound "transaction_not_found" 404 InvalidRequestError Never;
    /// No device shows this activation code.
    ActivationCodeUnknown "activation_code_unknown" 404 InvalidRequestError Never;
    /// The path exists, the method does not.
    MethodNotAllowed "method_not_allowed" 405 InvalidRequestError Never;
    /// The request did not arrive in time.
    RequestTimeout "request_timeout" 400 InvalidRequestError Later;
    /// The body is larger than 256 KiB.
    BodyTooLarge "body_too_large" 413 InvalidRequestError Never;
    /// Neither JSON nor a form.
    UnsupportedMediaType "unsupported_media_type" 415 InvalidRequestError Never;
    /// The payment is past the point of cancelling (contract 1.5).
    CancelNotAllowed "cancel_not_allowed" 422 InvalidRequestError Never;
    /// The payment holds nothing that could be captured.
    CaptureNotAllowed "capture_not_allowed" 422 InvalidRequestError Never;
    /// A second capture (contract 1.7).
    AlreadyCaptured "already_captured" 422 InvalidRequestError Never;
    /// The hold has ended.
    AuthorizationExpired "authorization_expired" 422 InvalidRequestError Never;
    /// More than may be captured.
    AmountTooLarge "amount_too_large" 422 InvalidRequestError Never;
    /// The amount is in another currency than the transaction.
    CurrencyMismatch "currency_mismatch" 422 InvalidRequestError Never;
    /// Nothing has been taken that could be refunded.
    RefundNotAllowed "refund_not_allowed" 422 InvalidRequestError Never;
    /// The key has been revoked or rolled; there is nothing to roll.
    ApiKeyEnded "api_key_ended" 422 InvalidRequestError Never;
    /// More of something than an account can have.
    LimitExceeded "limit_exceeded" 422 InvalidRequestError Never;
    /// The webhook endpoint is disabled.
    EndpointDisabled "endpoint_disabled" 422 InvalidRequestError Never;
    /// No payment waits for a card on this terminal.
    NoCardExpected "no_card_expected" 422 InvalidRequestError Never;
    /// The activation code was entered too late; the device shows a new one.
    ActivationCodeExpired "activation_code_expired" 422 InvalidRequestError Never;
    /// The terminal cannot be taken out of service.
    DeactivationNotAllowed "deactivation_not_allowed" 422 InvalidRequestError Never;
    /// The activation code was entered before.
    ActivationCodeUsed "activation_code_used" 409 ConflictError Never;
    /// The device is in service elsewhere: in another account, or in the other mode.
    DeviceActiveElsewhere "device_active_elsewhere" 409 ConflictError Never;
    /// This server runs no test terminals.
    TestTerminalsUnavailable "test_terminals_unavailable" 400 InvalidRequestError Never;
    /// The account has as many test terminals as it may have.
    TestTerminalLimit "test_terminal_limit" 422 InvalidRequestError Never;
    /// Terminals stand at the location.
    LocationInUse "location_in_use" 409 ConflictError Never;
    /// The terminal cannot go as it is.
    TerminalInUse "terminal_in_use" 409 ConflictError Never;
    /// The terminal's model cannot take payments offline (contract 1.10).
    OfflineNotSupported "offline_not_supported" 422 InvalidRequestError Never;
    /// The remote action has been sent, or has ended.
    ActionNotCancellable "action_not_cancellable" 422 InvalidRequestError Never;
    /// There is a release of this version for this model.
    ReleaseExists "release_exists" 409 ConflictError Never;
    /// As many remote actions of the terminal as may be are open.
    TooManyActions "too_many_actions" 409 ConflictError Later;
    /// The reference belongs to a payment under way (contract 2.2).
    DuplicateReference "duplicate_reference" 409 ConflictError AskFirst;
    /// The idempotency key was used with another body.
    IdempotencyKeyReused "idempotency_key_reused" 409 ConflictError Never;
    /// The client token names a payment with other content.
    ClientTokenReused "client_token_reused" 409 ConflictError Never;
    /// Somebody else changed the object at the same moment.
    ConcurrentChange "concurrent_change" 409 ConflictError Later;
    /// The card was declined.
    CardDeclined "card_declined" 402 CardError Never;
    /// As many payments of the account wait for terminals as may.
    QueueFull "queue_full" 429 RateLimitError Later;
    /// More requests than the key may send.
    RateLimited "rate_limited" 429 RateLimitError Later;
    /// Too many wrong activation codes; no more are looked at for a while.
    TooManyAttempts "too_many_attempts" 429 RateLimitError Later;
    /// The platform failed and does not know how far it came.
    InternalError "internal_error" 500 ApiError AskFirst;
    /// The platform cannot take the request now; nothing was done.
    Unavailable "unavailable" 503 ApiError Later;
}

impl From<&Illegal> for ErrorCode {
    /// What a refused step is to the caller. Steps that no caller can ask for are the platform's own fault.
    fn from(illegal: &Illegal) -> Self {
        match illegal {
            Illegal::CancelNotAllowed => Self::CancelNotAllowed,
            Illegal::CaptureNotAllowed => Self::CaptureNotAllowed,
            Illegal::AlreadyCaptured => Self::AlreadyCaptured,
            Illegal::AuthorizationExpired => Self::AuthorizationExpired,
            Illegal::AmountTooLarge { .. } | Illegal::RefundTooLarge { .. } => Self::AmountTooLarge,
            Illegal::RefundNotAllowed => Self::RefundNotAllowed,
            Illegal::AmountTooSmall => Self::ParameterInvalid,
            Illegal::Superseded
            | Illegal::AnotherPayment
            | Illegal::WaitOver
            | Illegal::AmountMismatch
            | Illegal::ApprovedTooMuch
            | Illegal::TooEarly
            | Illegal::Meaningless { .. } => Self::InternalError,
        }
    }
}

/// The body of every answer that is not a success.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ErrorBody {
    error: ErrorDetail,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Error)]
struct ErrorDetail {
    /// Who has to act.
    #[serde(rename = "type")]
    kind: ErrorType,
    /// What went wrong, for programs.
    code: ErrorCode,
    /// What went wrong, for people.
    #[schema(value_type = String)]
    message: Cow<'static, str>,
    /// The field at fault, in bracket notation.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    param: Option<String>,
    /// Why the card was declined.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    decline_code: Option<&'static str>,
    /// The payment that is in the way.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    payment: Option<String>,
    /// Whether sending the same request again can help.
    retry: Retry,
    /// Whether a card may have been charged although this is an error.
    money_may_have_moved: bool,
    /// Where the code is explained.
    doc_url: String,
    /// Names the request in the platform's logs; also in the header `X-Request-Id`.
    request_id: String,
}

impl ErrorBody {
    /// An error with this code; `message` is for people and must not repeat what the caller sent.
    #[must_use]
    pub fn new(code: ErrorCode, message: impl Into<Cow<'static, str>>, request: RequestId) -> Self {
        let doc_url = format!("/docs/errors#{}", code.as_str());
        let error = ErrorDetail {
            kind: code.kind(),
            code,
            message: message.into(),
            param: None,
            decline_code: None,
            payment: None,
            retry: code.retry(),
            money_may_have_moved: false,
            doc_url,
            request_id: request.to_string(),
        };
        Self { error }
    }

    /// The error for a field that could not be accepted (HTTP 400).
    #[must_use]
    pub fn from_field(field: &FieldError, request: RequestId) -> Self {
        let code = match field.kind {
            FieldErrorKind::Unknown => ErrorCode::ParameterUnknown,
            FieldErrorKind::Missing => ErrorCode::ParameterMissing,
            FieldErrorKind::WrongType
            | FieldErrorKind::Invalid
            | FieldErrorKind::Duplicate
            | FieldErrorKind::TooMuch => ErrorCode::ParameterInvalid,
            FieldErrorKind::Malformed => ErrorCode::MalformedRequest,
        };
        let mut body = Self::new(code, field.to_string(), request);
        body.error.param.clone_from(&field.param);
        body
    }

    /// The error for a body that could not be decoded (HTTP 400 or 415).
    #[must_use]
    pub fn from_body(error: &BodyError, request: RequestId) -> Self {
        match error {
            BodyError::Field(field) => Self::from_field(field, request),
            BodyError::UnsupportedMediaType => {
                Self::new(ErrorCode::UnsupportedMediaType, error.to_string(), request)
            }
        }
    }

    /// Names the field at fault.
    #[must_use]
    pub fn param(mut self, param: impl Into<String>) -> Self {
        self.error.param = Some(param.into());
        self
    }

    /// Says why the card was declined.
    #[must_use]
    pub fn decline_code(mut self, code: DeclineCode) -> Self {
        self.error.decline_code = Some(code.as_str());
        self
    }

    /// Names the payment that is in the way.
    #[must_use]
    pub fn payment(mut self, id: PaymentId) -> Self {
        self.error.payment = Some(id.to_string());
        self
    }

    /// Says that a card may have been charged; the caller must retrieve before sending anything again.
    #[must_use]
    pub fn money_may_have_moved(mut self) -> Self {
        self.error.money_may_have_moved = true;
        self.error.retry = Retry::AskFirst;
        self
    }

    /// What went wrong.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.error.message
    }

    /// The field at fault.
    #[must_use]
    pub fn at_fault(&self) -> Option<&str> {
        self.error.param.as_deref()
    }

    /// What went wrong, for programs.
    #[must_use]
    pub fn code(&self) -> ErrorCode {
        self.error.code
    }

    /// The HTTP status to send it with; 400 or above.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.error.code.status()
    }

    /// The body as JSON.
    #[must_use]
    pub fn to_json(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("a struct of strings and words always serializes")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_type_belongs_to_the_status_and_no_error_is_a_success() {
        for code in ErrorCode::ALL {
            let fits: &[u16] = match code.kind() {
                ErrorType::AuthenticationError => &[401],
                ErrorType::PermissionError => &[403],
                ErrorType::InvalidRequestError => &[400, 404, 405, 413, 415, 422],
                ErrorType::ConflictError => &[409],
                ErrorType::CardError => &[402],
                ErrorType::RateLimitError => &[429],
                ErrorType::ApiError => &[500, 503],
            };
            assert!(fits.contains(&code.status()), "{code:?}");
            let written = serde_json::to_value(code).unwrap();
            assert_eq!(written, code.as_str());
        }
    }

    #[test]
    fn an_error_says_who_is_at_fault_what_to_do_and_whether_money_moved() {
        let field = FieldError::invalid("metadata[k]", "is too long");
        insta::assert_snapshot!(
            String::from_utf8(ErrorBody::from_field(&field, RequestId(7)).to_json()).unwrap(),
            @r#"{"error":{"type":"invalid_request_error","code":"parameter_invalid","message":"`metadata[k]` is too long","param":"metadata[k]","retry":"never","money_may_have_moved":false,"doc_url":"/docs/errors#parameter_invalid","request_id":"req_00000000000000000000000007"}}"#
        );
        let lost = ErrorBody::new(ErrorCode::Unavailable, "the answer was lost", RequestId(8))
            .money_may_have_moved()
            .payment(PaymentId(1))
            .decline_code(DeclineCode::CommunicationError);
        insta::assert_snapshot!(
            String::from_utf8(lost.to_json()).unwrap(),
            @r#"{"error":{"type":"api_error","code":"unavailable","message":"the answer was lost","decline_code":"communication_error","payment":"tpay_00000000000000000000000001","retry":"ask_first","money_may_have_moved":true,"doc_url":"/docs/errors#unavailable","request_id":"req_00000000000000000000000008"}}"#
        );
    }
}
