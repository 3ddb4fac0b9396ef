//! An answer as it came, beside what it says.

use reqwest::header::HeaderMap;

/// A result beside status and headers of the answer that it came in.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Response<T> {
    /// What the answer says.
    pub data: T,
    /// The HTTP status.
    pub status: u16,
    /// All headers.
    pub headers: HeaderMap,
    /// Names the request in the platform's logs.
    pub request_id: Option<String>,
    /// Whether it is the answer to an earlier request with the same idempotency key.
    pub replayed: bool,
}

impl<T> Response<T> {
    pub(crate) fn map<U>(self, shape: impl FnOnce(T) -> U) -> Response<U> {
        let Self { data, status, headers, request_id, replayed } = self;
        Response { data: shape(data), status, headers, request_id, replayed }
    }

    pub(crate) fn of(data: T, status: u16, headers: HeaderMap) -> Self {
        let word = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let request_id = word("x-request-id").map(str::to_owned);
        let replayed = word("idempotent-replayed") == Some("true");
        Self { data, status, headers, request_id, replayed }
    }
}
