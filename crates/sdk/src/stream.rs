//! Follows events as they happen, over connections that are made again. Owns the place from which to go on.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::Stream;
use futures_util::stream::{BoxStream, StreamExt, unfold};

use crate::client::Core;
use crate::error::VinrError;
use crate::events::Event;
use crate::exchange::{Call, text};
use crate::identity::jitter;
use crate::params::StreamEvents;
use crate::request::{CallOptions, Route};
use crate::retry::{Failure, pause};
use crate::server_sent::Messages;
use crate::settings;

/// The platform says something at least every 15 seconds.
const SILENCE: Duration = Duration::from_secs(60);

/// Events as they happen. Ends when it is dropped.
#[must_use = "a stream is opened when it is polled"]
pub struct EventStream {
    follow: Option<Following>,
    events: Option<BoxStream<'static, Result<Event, VinrError>>>,
}

impl EventStream {
    pub(crate) fn new(core: &Core, params: StreamEvents) -> Self {
        let options = CallOptions::default();
        let follow = Following { core: core.clone(), params, options, open: None, failed: 0, over: false };
        Self { follow: Some(follow), events: None }
    }

    /// How many connections in a row may fail.
    pub fn max_retries(mut self, retries: u32) -> Self {
        if let Some(follow) = &mut self.follow {
            follow.options.max_retries = Some(retries);
        }
        self
    }

    /// How long a connection may take until it is there.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        if let Some(follow) = &mut self.follow {
            follow.options.timeout = Some(timeout);
        }
        self
    }

    /// The name of the event after which a connection goes on; nothing before the first.
    fn begun(&mut self) -> Option<&mut BoxStream<'static, Result<Event, VinrError>>> {
        if let Some(follow) = self.follow.take() {
            let events = unfold(follow, |mut follow| async move {
                if follow.over {
                    return None;
                }
                let next = follow.next().await;
                follow.over = next.is_err();
                Some((next, follow))
            });
            self.events = Some(events.boxed());
        }
        self.events.as_mut()
    }
}

impl Stream for EventStream {
    type Item = Result<Event, VinrError>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        match self.get_mut().begun() {
            Some(events) => events.poll_next_unpin(context),
            None => Poll::Ready(None),
        }
    }
}

impl fmt::Debug for EventStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventStream").finish_non_exhaustive()
    }
}

struct Following {
    core: Core,
    params: StreamEvents,
    options: CallOptions,
    open: Option<(reqwest::Response, Messages)>,
    failed: u32,
    over: bool,
}

impl Following {
    async fn next(&mut self) -> Result<Event, VinrError> {
        loop {
            let lost = match self.follow().await {
                Ok(Some(event)) => {
                    self.failed = 0;
                    self.params.after = Some(event.id.clone());
                    return Ok(event);
                }
                Ok(None) => None,
                Err(error) => Some(error),
            };
            self.open = None;
            let peer = &self.core.platform().await?.peer;
            let most = settings::retries(self.options.max_retries.unwrap_or(peer.max_retries))?;
            if let Some(error) = lost {
                // A refusal stays one; a lost connection is made again.
                let refused = error.status_code.is_some_and(|status| status < 500 && status != 429);
                if refused || self.failed >= most {
                    return Err(error);
                }
            }
            self.failed += 1;
            let lost = Failure::Lost { cause: String::new() };
            self.core.pause().rest(pause(self.failed, &lost, jitter())).await;
        }
    }

    /// The next event of this connection; nothing when it ended.
    async fn follow(&mut self) -> Result<Option<Event>, VinrError> {
        if self.open.is_none() {
            let call = self.call()?;
            let limit = self.options.timeout.unwrap_or(self.core.platform().await?.peer.timeout);
            let answer = self.core.platform().await?.open(&call, settings::timeout(limit)?).await?;
            self.open = Some((answer, Messages::default()));
        }
        let Some((answer, messages)) = &mut self.open else { return Ok(None) };
        loop {
            while let Some(data) = messages.next() {
                if let Ok(event) = serde_json::from_str(&data) {
                    return Ok(Some(event));
                }
            }
            match tokio::time::timeout(SILENCE, answer.chunk()).await {
                Ok(Ok(Some(bytes))) if messages.push(&bytes) => {}
                _ => return Ok(None),
            }
        }
    }

    fn call(&self) -> Result<Call, VinrError> {
        let route = Route::read("GET", "/v1/events/stream", &[]).query(&self.params);
        route.accept("text/event-stream").call(&self.options, text)
    }
}
