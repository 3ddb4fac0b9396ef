//! Errors of the Cashless API: `{"error":{"code","message","param"?}}`. The code decides the HTTP status.

use std::borrow::Cow;

use serde::Serialize;

use crate::rest::body::FieldError;

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident $word:literal $status:literal;)*) => {
        /// What went wrong, for programs.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
        pub enum CashlessCode {
            $($(#[$doc])* #[serde(rename = $word)] $name,)*
        }

        impl CashlessCode {
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
        }
    };
}

codes! {
    /// The shared key is absent or wrong.
    InvalidKey "invalid_key" 401;
    /// Too many wrong keys from this address.
    TooManyAttempts "too_many_attempts" 429;
    /// Something is wrong with the request; `param` says with what.
    InvalidRequest "invalid_request" 400;
    /// Another transaction is active.
    TerminalBusy "terminal_busy" 409;
    /// The terminal is locked against new transactions.
    TerminalLocked "terminal_locked" 409;
    /// The operator of the server has stopped the account.
    AccountSuspended "account_suspended" 403;
    /// The reference belongs to a transaction with other amounts.
    DuplicateReference "duplicate_reference" 409;
    /// No such transaction, or no such path.
    TransactionNotFound "transaction_not_found" 404;
    /// There is nothing at this path.
    NotFound "not_found" 404;
    /// Only POST is known.
    MethodNotAllowed "method_not_allowed" 405;
    /// The card has been presented.
    CancelNotAllowed "cancel_not_allowed" 422;
    /// More than the original allows.
    AmountExceedsOriginal "amount_exceeds_original" 422;
    /// The hold has ended.
    PreauthExpired "preauth_expired" 422;
    /// The hold has been completed before.
    PreauthAlreadyCompleted "preauth_already_completed" 422;
    /// Another currency than the original's.
    CurrencyMismatch "currency_mismatch" 422;
    /// The model has no printer, or it is out of paper.
    PrinterUnavailable "printer_unavailable" 422;
    /// The issuer said no.
    CardDeclined "card_declined" 402;
    /// The body is too large.
    BodyTooLarge "body_too_large" 413;
    /// The body is not JSON.
    UnsupportedMediaType "unsupported_media_type" 415;
    /// The outcome is not known, or the cloud cannot be reached.
    CommunicationError "communication_error" 503;
    /// The terminal failed.
    InternalError "internal_error" 500;
}

/// The body of an answer that is not a success.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CashlessError {
    error: Detail,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct Detail {
    code: CashlessCode,
    message: Cow<'static, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    param: Option<String>,
}

impl CashlessError {
    /// An error; `message` is for people and must not repeat what was sent.
    #[must_use]
    pub fn new(code: CashlessCode, message: impl Into<Cow<'static, str>>) -> Self {
        Self { error: Detail { code, message: message.into(), param: None } }
    }

    /// A field that could not be accepted.
    #[must_use]
    pub fn from_field(field: &FieldError) -> Self {
        let mut error = Self::new(CashlessCode::InvalidRequest, field.to_string());
        error.error.param.clone_from(&field.param);
        error
    }

    /// Names the field at fault.
    #[must_use]
    pub fn param(mut self, param: impl Into<String>) -> Self {
        self.error.param = Some(param.into());
        self
    }

    /// What went wrong.
    #[must_use]
    pub fn code(&self) -> CashlessCode {
        self.error.code
    }

    /// The HTTP status to send it with.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.error.code.status()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_s_table_holds() {
        let expected = [
            ("invalid_key", 401),
            ("terminal_busy", 409),
            ("transaction_not_found", 404),
            ("cancel_not_allowed", 422),
            ("amount_exceeds_original", 422),
            ("preauth_expired", 422),
            ("printer_unavailable", 422),
            ("card_declined", 402),
            ("communication_error", 503),
            ("internal_error", 500),
            ("invalid_request", 400),
            ("duplicate_reference", 409),
            ("preauth_already_completed", 422),
            ("currency_mismatch", 422),
        ];
        for (word, status) in expected {
            let code = CashlessCode::ALL.iter().find(|code| code.as_str() == word).unwrap();
            assert_eq!(code.status(), status, "{word}");
            assert_eq!(serde_json::to_value(code).unwrap(), word);
        }
    }

    #[test]
    fn an_error_is_an_object_with_code_and_message() {
        let error = CashlessError::from_field(&FieldError::missing("amount", "is required"));
        let written = serde_json::to_value(&error).unwrap();
        assert_eq!(
            written,
            serde_json::json!({"error": {
                "code": "invalid_request", "message": "`amount` is required", "param": "amount"
            }})
        );
    }
}
