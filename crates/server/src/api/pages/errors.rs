//! `/docs/errors`: every error and decline code, what it means, whether to retry, whether money may have moved.

use std::fmt::Write;
use std::sync::Arc;

use super::meanings::meaning;
use axum::extract::State;
use axum::response::Response;
use vinr_domain::DeclineCode;
use vinr_wire::rest::error::{ErrorCode, Retry};

use super::super::Api;
use super::{STILL, html, page};

/// Errors and decline codes
#[utoipa::path(
    get,
    path = "/docs/errors",
    operation_id = "errorsPage",
    tag = "Pages",
    responses((status = 200, description = "A page.", content_type = "text/html", body = String)),
)]
pub(in crate::api) async fn errors(State(api): State<Arc<Api>>) -> Response {
    html(api.pages.errors.clone(), STILL)
}

pub(super) fn write() -> String {
    let mut body = String::from(
        "<h1>Errors</h1>\n\
         <p>Every answer that is not a success has this shape. <code>retry</code> and <code>money_may_have_moved</code> \
         in the answer itself count; the table says what to expect.</p>\n\
         <div class=\"wide\"><table>\n<thead><tr><th>Code</th><th>Status</th><th>Meaning</th><th>Send it again?</th>\
         <th>May money have moved?</th></tr></thead>\n<tbody>\n",
    );
    for code in ErrorCode::ALL {
        let (name, status) = (code.as_str(), code.status());
        let _ = writeln!(
            body,
            "<tr id=\"{name}\"><td><code>{name}</code></td><td>{status}</td><td>{}</td><td>{}</td><td>{}</td></tr>",
            meaning(*code),
            again(code.retry()),
            money(*code)
        );
    }
    body.push_str(
        "</tbody>\n</table></div>\n<h1>Decline codes</h1>\n\
         <p>A payment that does not go through is no error: the answer is the payment, <code>failed</code>, with one of \
         these in <code>declineCode</code>. No money has moved.</p>\n\
         <div class=\"wide\"><table>\n<thead><tr><th>Code</th><th>Meaning</th><th>What to do</th></tr></thead>\n<tbody>\n",
    );
    for code in DeclineCode::ALL {
        let (meaning, cure) = decline(code);
        let name = code.as_str();
        let _ = writeln!(
            body,
            "<tr id=\"decline-{name}\"><td><code>{name}</code></td><td>{meaning}</td><td>{cure}</td></tr>"
        );
    }
    body.push_str("</tbody>\n</table></div>\n<p><a href=\"/docs\">API explorer</a></p>\n");
    page("VINR: errors", &body)
}

fn again(retry: Retry) -> &'static str {
    match retry {
        Retry::Never => "No. Change the request.",
        Retry::Later => "Yes, after a pause, with the same <code>Idempotency-Key</code>.",
        Retry::AskFirst => "Retrieve the payment first.",
    }
}

fn money(code: ErrorCode) -> &'static str {
    match code {
        ErrorCode::InternalError | ErrorCode::Unavailable => "The answer says so.",
        ErrorCode::DuplicateReference => "Through the payment that the answer names.",
        ErrorCode::IdempotencyKeyReused | ErrorCode::ClientTokenReused => {
            "Not through this request; through the first one."
        }
        // What a terminal says before it looks at the request.
        #[rustfmt::skip]
        ErrorCode::CertificateRequired | ErrorCode::CertificateExpired | ErrorCode::CertificateNotYetValid
        | ErrorCode::CertificateRevoked | ErrorCode::CertificateUnknownAuthority
        | ErrorCode::CertificateWrongTerminal | ErrorCode::HostNotAllowed | ErrorCode::OriginNotAllowed
        | ErrorCode::HttpsRequired => "Not through this request.",
        ErrorCode::ApiKeyMissing
        | ErrorCode::TransactionNotFound
        | ErrorCode::CurrencyMismatch
        | ErrorCode::ApiKeyInvalid
        | ErrorCode::PairingSecretMissing
        | ErrorCode::ActivationCodeUnknown
        | ErrorCode::ActivationCodeExpired
        | ErrorCode::ActivationCodeUsed
        | ErrorCode::DeactivationNotAllowed
        | ErrorCode::DeviceActiveElsewhere
        | ErrorCode::TooManyAttempts
        | ErrorCode::ApiKeysDiffer
        | ErrorCode::PermissionDenied
        | ErrorCode::AccountSuspended
        | ErrorCode::ApiKeyEnded
        | ErrorCode::LimitExceeded
        | ErrorCode::MalformedRequest
        | ErrorCode::ParameterUnknown
        | ErrorCode::ParameterMissing
        | ErrorCode::ParameterInvalid
        | ErrorCode::UnsupportedVersion
        | ErrorCode::TestModeOnly
        | ErrorCode::NotFound
        | ErrorCode::MethodNotAllowed
        | ErrorCode::RequestTimeout
        | ErrorCode::BodyTooLarge
        | ErrorCode::UnsupportedMediaType
        | ErrorCode::CancelNotAllowed
        | ErrorCode::CaptureNotAllowed
        | ErrorCode::AlreadyCaptured
        | ErrorCode::AuthorizationExpired
        | ErrorCode::AmountTooLarge
        | ErrorCode::RefundNotAllowed
        | ErrorCode::NoCardExpected
        | ErrorCode::OfflineNotSupported
        | ErrorCode::ActionNotCancellable
        | ErrorCode::ReleaseExists
        | ErrorCode::TooManyActions
        | ErrorCode::TestTerminalsUnavailable
        | ErrorCode::TestTerminalLimit
        | ErrorCode::LocationInUse
        | ErrorCode::TerminalInUse
        | ErrorCode::EndpointDisabled
        | ErrorCode::ConcurrentChange
        | ErrorCode::CardDeclined
        | ErrorCode::QueueFull
        | ErrorCode::RateLimited => "Not through this request.",
    }
}

fn decline(code: DeclineCode) -> (&'static str, &'static str) {
    match code {
        DeclineCode::TerminalNotFound => {
            ("The account has no such terminal.", "Check the id and the key's mode.")
        }
        DeclineCode::TerminalOffline => {
            ("The terminal has not been heard of for 60 seconds or more.", "Check its power and network.")
        }
        DeclineCode::TerminalBusy => (
            "The terminal has another payment, or none of the group was free in time.",
            "Wait, or cancel it.",
        ),
        DeclineCode::TerminalLocked => ("The terminal is locked.", "Unlock it."),
        DeclineCode::CardDeclined => ("The issuer declined.", "Ask for another card."),
        DeclineCode::InsufficientFunds => ("The card's account holds too little.", "Ask for another card."),
        DeclineCode::ExpiredCard => ("The card has expired.", "Ask for another card."),
        DeclineCode::LostOrStolen => ("The card network flags the card.", "Do not try it again."),
        DeclineCode::IncorrectPin => ("The PIN was wrong.", "Try again with the right PIN."),
        DeclineCode::PinTryExceeded => ("The PIN was wrong too often.", "Ask for another card."),
        DeclineCode::CommunicationError => {
            ("The outcome could not be learned; what had been reserved was given back.", "Try again.")
        }
        DeclineCode::OfflineAuthDeclined => {
            ("The terminal approved alone; the issuer declined later.", "Ask the customer to pay otherwise.")
        }
        DeclineCode::AccountSuspended => (
            "The operator has stopped the account; only for payments that began at a terminal.",
            "Ask whoever runs the server.",
        ),
        DeclineCode::OfflineLimitExceeded => {
            ("The amount is more than the terminal may approve alone.", "Try again when it is online.")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_a_row_that_its_doc_url_points_to() {
        let page = write();
        for code in ErrorCode::ALL {
            assert!(page.contains(&format!("<tr id=\"{}\">", code.as_str())), "{code:?}");
        }
        for code in DeclineCode::ALL {
            assert!(page.contains(&format!("<tr id=\"decline-{}\">", code.as_str())), "{code:?}");
        }
    }

    #[test]
    fn no_two_rows_share_an_anchor() {
        let page = write();
        let mut anchors: Vec<&str> =
            page.split("<tr id=\"").skip(1).filter_map(|row| row.split('"').next()).collect();
        anchors.sort_unstable();
        assert_eq!(anchors.len(), ErrorCode::ALL.len() + DeclineCode::ALL.len());
        assert!(anchors.windows(2).all(|pair| pair[0] != pair[1]), "{anchors:?}");
    }
}
