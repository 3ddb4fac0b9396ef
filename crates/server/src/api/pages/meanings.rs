//! What each error code means, for people; as HTML. One line per code, in the order of the table of codes.

use vinr_wire::rest::error::ErrorCode;

/// Every code with its meaning.
const MEANINGS: &[(ErrorCode, &str)] = &[
    (ErrorCode::ApiKeyMissing, "No API key was sent."),
    (ErrorCode::ApiKeyInvalid, "The API key is unknown, revoked, or not a key."),
    (ErrorCode::ApiKeysDiffer, "<code>Authorization</code> and <code>X-Api-Key</code> carry different keys."),
    (ErrorCode::AccountSuspended, "The operator has stopped the account: it may look, and change nothing."),
    (ErrorCode::ApiKeyEnded, "The key has been revoked, or rolled before."),
    (ErrorCode::LimitExceeded, "The account has as many of these as it can have."),
    (ErrorCode::CertificateRequired, "A terminal's Local API was asked without a client certificate."),
    (ErrorCode::CertificateExpired, "The till's client certificate has expired: issue a new one."),
    (ErrorCode::CertificateNotYetValid, "The till's client certificate is not valid yet: check both clocks."),
    (ErrorCode::CertificateRevoked, "The till's client certificate has been revoked."),
    (
        ErrorCode::CertificateUnknownAuthority,
        "The till's client certificate comes from an authority that the terminal does not know.",
    ),
    (ErrorCode::CertificateWrongTerminal, "The till's client certificate was issued for another terminal."),
    (ErrorCode::HostNotAllowed, "A terminal was asked under a name or an address that is not its own."),
    (ErrorCode::OriginNotAllowed, "A terminal was asked by a web page, which it does not answer."),
    (ErrorCode::HttpsRequired, "A terminal's HTTPS port was asked over plain HTTP."),
    (ErrorCode::PermissionDenied, "The key lacks the scope that the message names."),
    (ErrorCode::MalformedRequest, "The body is not JSON, not a form, or not UTF-8."),
    (ErrorCode::ParameterUnknown, "There is no such parameter; <code>param</code> names it."),
    (ErrorCode::ParameterMissing, "A required parameter is absent; <code>param</code> names it."),
    (ErrorCode::ParameterInvalid, "A parameter is not acceptable; <code>param</code> names it."),
    (ErrorCode::UnsupportedVersion, "<code>Vinr-Version</code> names no version."),
    (ErrorCode::TestModeOnly, "A test facility was used with a live key."),
    (ErrorCode::NotFound, "There is no such path, or no such object in this account and mode."),
    (ErrorCode::TransactionNotFound, "The reference names no transaction of this account that was made."),
    (ErrorCode::CurrencyMismatch, "The transaction was made in another currency than the one that was sent."),
    (
        ErrorCode::MethodNotAllowed,
        "The path does not know the method; <code>Allow</code> lists those it knows.",
    ),
    (ErrorCode::RequestTimeout, "The body did not arrive within 30 seconds."),
    (ErrorCode::BodyTooLarge, "The body is larger than 256 KiB."),
    (ErrorCode::UnsupportedMediaType, "The body is neither JSON nor a form."),
    (ErrorCode::CancelNotAllowed, "The payment is past the point where it can be cancelled."),
    (ErrorCode::CaptureNotAllowed, "The payment holds nothing that could be captured."),
    (ErrorCode::AlreadyCaptured, "The payment has been captured before."),
    (ErrorCode::AuthorizationExpired, "The hold ended before the capture."),
    (ErrorCode::AmountTooLarge, "More was asked for than may be captured, or is left to be refunded."),
    (ErrorCode::RefundNotAllowed, "Nothing has been taken of the payment that could be refunded."),
    (ErrorCode::NoCardExpected, "No payment waits for a card on this terminal, or it is not connected."),
    (ErrorCode::TestTerminalsUnavailable, "This server runs no test terminals."),
    (ErrorCode::TestTerminalLimit, "The account has as many test terminals as it may have."),
    (ErrorCode::LocationInUse, "Terminals stand at the location."),
    (ErrorCode::TerminalInUse, "The terminal cannot be deleted as it is; the message says why."),
    (ErrorCode::EndpointDisabled, "The webhook endpoint is disabled, so nothing is sent to it."),
    (
        ErrorCode::DuplicateReference,
        "The reference belongs to a payment that is not finished; <code>payment</code> names it.",
    ),
    (ErrorCode::IdempotencyKeyReused, "The idempotency key was used with another body or query."),
    (
        ErrorCode::ClientTokenReused,
        "The client token belongs to a payment with other content; <code>payment</code> names it.",
    ),
    (ErrorCode::ConcurrentChange, "Somebody else changed the object at the same moment."),
    (ErrorCode::CardDeclined, "The card was declined (Cashless API only)."),
    (ErrorCode::QueueFull, "Too many payments of the account wait for a terminal. Nothing was created."),
    (ErrorCode::RateLimited, "The key sends too many requests; <code>Retry-After</code> says when to go on."),
    (ErrorCode::PairingSecretMissing, "A device asked for its pairing without its secret."),
    (ErrorCode::ActivationCodeUnknown, "No device shows this activation code."),
    (ErrorCode::ActivationCodeExpired, "The activation code was entered too late."),
    (ErrorCode::ActivationCodeUsed, "The activation code was entered before."),
    (ErrorCode::DeactivationNotAllowed, "The reserved simulator cannot be taken out of service."),
    (
        ErrorCode::DeviceActiveElsewhere,
        "The device is in service in another account or mode; it has to be deactivated there first.",
    ),
    (
        ErrorCode::TooManyAttempts,
        "Too many wrong activation codes; <code>Retry-After</code> says when the next one is looked at.",
    ),
    (ErrorCode::OfflineNotSupported, "The terminal's model cannot take payments offline."),
    (ErrorCode::ActionNotCancellable, "The remote action has been sent to the terminal, or has ended."),
    (ErrorCode::ReleaseExists, "There is a release of this version for this model."),
    (ErrorCode::TooManyActions, "32 remote actions of the terminal have not ended."),
    (ErrorCode::InternalError, "The server failed. This is not your fault."),
    (ErrorCode::Unavailable, "The server cannot take the request now."),
];

/// What the code means.
pub(super) fn meaning(code: ErrorCode) -> &'static str {
    MEANINGS.iter().find(|(known, _)| *known == code).map_or("", |(_, meaning)| meaning)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_one_meaning() {
        for code in ErrorCode::ALL {
            let meanings = MEANINGS.iter().filter(|(known, _)| known == code).count();
            assert_eq!(meanings, 1, "{}", code.as_str());
            assert!(!meaning(*code).is_empty());
        }
    }
}
