//! Answers of the page, each with the headers that keep other pages out and scripts of others dead.

use std::convert::Infallible;

use bytes::Bytes;
use futures_util::{Stream, StreamExt as _};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, Full, StreamBody};
use hyper::body::Frame;
use hyper::header::{self, HeaderName, HeaderValue};
use hyper::{Response, StatusCode};

pub(super) type Body = UnsyncBoxBody<Bytes, Infallible>;

/// Nothing runs and nothing is drawn but what this process serves under its own paths; nothing is framed; text becomes
/// HTML in one named place of the script only.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
     form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; \
     trusted-types vinr-regions";

/// On every answer. A form's `Origin` would be `null` under a stricter referrer policy.
static HEADERS: [(HeaderName, &str); 7] = [
    (header::CONTENT_SECURITY_POLICY, POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "same-origin"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (
        HeaderName::from_static("permissions-policy"),
        "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    ),
];

/// An answer on its way.
pub(super) struct Answer(Response<Body>);

impl Answer {
    pub(super) fn of(status: StatusCode, content_type: &'static str, body: impl Into<Bytes>) -> Self {
        let mut response = Response::new(Full::new(body.into()).boxed_unsync());
        *response.status_mut() = status;
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
        Self(response).header(header::CACHE_CONTROL, "no-store")
    }

    pub(super) fn html(body: String) -> Self {
        Self::of(StatusCode::OK, "text/html; charset=utf-8", body)
    }

    pub(super) fn text(status: StatusCode, body: &str) -> Self {
        Self::of(status, "text/plain; charset=utf-8", body.to_owned())
    }

    /// Go and look there.
    pub(super) fn see(place: &str) -> Self {
        Self::text(StatusCode::SEE_OTHER, "").header(header::LOCATION, place)
    }

    /// Server-sent events.
    pub(super) fn events(stream: impl Stream<Item = Bytes> + Send + 'static) -> Self {
        let mut response = Response::new(
            StreamBody::new(stream.map(|piece| Ok::<_, Infallible>(Frame::data(piece)))).boxed_unsync(),
        );
        let kind = HeaderValue::from_static("text/event-stream");
        response.headers_mut().insert(header::CONTENT_TYPE, kind);
        Self(response).header(header::CACHE_CONTROL, "no-store")
    }

    /// A value that cannot stand in a header is left out.
    pub(super) fn header(mut self, name: HeaderName, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.0.headers_mut().append(name, value);
        }
        self
    }

    pub(super) fn status(&self) -> u16 {
        self.0.status().as_u16()
    }

    pub(super) fn into_response(self) -> Response<Body> {
        let with_headers =
            HEADERS.iter().fold(self, |answer, (name, value)| answer.header(name.clone(), value));
        with_headers.0
    }
}
