//! Answers of the listener: JSON at once, JSON when it is known, or a stream. Writes no meaning of its own.

use std::convert::Infallible;

use bytes::Bytes;
use futures_util::Stream;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, Full, StreamBody};
use hyper::body::Frame;
use hyper::header::{self, HeaderName, HeaderValue};
use hyper::{Response, StatusCode};
use serde::Serialize;

/// What is sent after the head.
pub(super) type Body = UnsyncBoxBody<Bytes, Infallible>;

/// Marks an answer that was given before (contract 2.2).
const IDEMPOTENT_REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");

/// An answer on its way.
pub(super) struct Reply {
    response: Response<Body>,
}

impl Reply {
    /// JSON that has been written.
    pub(super) fn written(status: u16, body: impl Into<Bytes>) -> Self {
        let mut response = Response::new(Full::new(body.into()).boxed_unsync());
        *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        Self::of_type(response, "application/json")
    }

    /// A value as JSON.
    pub(super) fn json(status: u16, value: &impl Serialize) -> Self {
        let body =
            serde_json::to_vec(value).expect("a struct of strings, numbers and lists always serializes");
        Self::written(status, body)
    }

    /// A 200 whose head leaves now and whose JSON comes when it is known (contract 3.2).
    pub(super) fn later(body: impl Future<Output = Bytes> + Send + 'static) -> Self {
        let frame = async move { Ok::<_, Infallible>(Frame::data(body.await)) };
        let stream = futures_util::stream::once(frame);
        Self::of_type(Response::new(StreamBody::new(stream).boxed_unsync()), "application/json")
    }

    /// A stream of server-sent events.
    pub(super) fn events(stream: impl Stream<Item = Bytes> + Send + 'static) -> Self {
        use futures_util::StreamExt as _;
        let frames = stream.map(|piece| Ok::<_, Infallible>(Frame::data(piece)));
        Self::of_type(Response::new(StreamBody::new(frames).boxed_unsync()), "text/event-stream")
    }

    fn of_type(mut response: Response<Body>, content_type: &'static str) -> Self {
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        Self { response }
    }

    pub(super) fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.response.headers_mut().insert(name, value);
        self
    }

    pub(super) fn replayed(self, replayed: bool) -> Self {
        if replayed { self.header(IDEMPOTENT_REPLAYED, HeaderValue::from_static("true")) } else { self }
    }

    /// After this answer the connection ends.
    pub(super) fn closing(self) -> Self {
        self.header(header::CONNECTION, HeaderValue::from_static("close"))
    }

    pub(super) fn status(&self) -> u16 {
        self.response.status().as_u16()
    }

    pub(super) fn into_response(self) -> Response<Body> {
        self.response
    }
}
