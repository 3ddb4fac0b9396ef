//! Lists: one page when awaited, or all of them one after the other as a stream. Knows cursors, not what the items are.

use std::collections::VecDeque;
use std::fmt;
use std::future::IntoFuture;
use std::marker::PhantomData;
use std::time::Duration;

use futures_util::future::BoxFuture;
use futures_util::stream::{BoxStream, StreamExt, TryStreamExt, try_unfold};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::client::Core;
use crate::error::VinrError;
use crate::exchange::json;
use crate::page::{Listed, NoMore, Page};
use crate::request::{CallOptions, Request, Route};
use crate::response::Response;

const AFTER: &str = "starting_after";
const BEFORE: &str = "ending_before";

/// A list. Awaited it is its first page; as a [`List::stream`] it is all items, page after page.
#[must_use = "a list is asked for when it is awaited or streamed"]
pub struct List<T, M = NoMore> {
    core: Core,
    route: Route,
    options: CallOptions,
    items: PhantomData<fn() -> (T, M)>,
}

impl<T, M> List<T, M>
where
    T: Listed + DeserializeOwned + Send + 'static,
    M: DeserializeOwned + Send + 'static,
{
    pub(crate) fn new(core: &Core, route: Route, query: &impl Serialize) -> Self {
        let route = route.query(query);
        Self { core: core.clone(), route, options: CallOptions::default(), items: PhantomData }
    }

    /// How long one attempt at one page may take.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.options.timeout = Some(timeout);
        self
    }

    /// How often each page may be asked for again.
    pub fn max_retries(mut self, retries: u32) -> Self {
        self.options.max_retries = Some(retries);
        self
    }

    /// All options at once.
    pub fn options(mut self, options: CallOptions) -> Self {
        self.options = options;
        self
    }

    /// The first page, beside status, headers and request id.
    ///
    /// # Errors
    /// A [`VinrError`].
    pub async fn with_response(self) -> Result<Response<Page<T, M>>, VinrError> {
        Request::of(&self.core, self.route, json::<Page<T, M>>).options(self.options).with_response().await
    }

    /// Every item, over the pages as they are needed. A list that was asked for with `ending_before` is read backwards:
    /// oldest first.
    #[must_use]
    pub fn stream(mut self) -> BoxStream<'static, Result<T, VinrError>> {
        let backwards = self.route.asked().iter().any(|(name, _)| name == BEFORE);
        let begun = Reading { list: Some(self), items: VecDeque::new(), backwards };
        try_unfold(begun, |mut reading| async move {
            loop {
                if let Some(item) = reading.items.pop_front() {
                    return Ok(Some((item, reading)));
                }
                let Some(list) = reading.list.take() else { return Ok(None) };
                reading.turn(list).await?;
            }
        })
        .boxed()
    }

    /// The first items, so many at most; pages are fetched as needed.
    ///
    /// # Errors
    /// A [`VinrError`] of the page that could not be read.
    pub async fn take(self, limit: usize) -> Result<Vec<T>, VinrError> {
        self.stream().take(limit).try_collect().await
    }
}

/// How far a list has been read.
struct Reading<T, M> {
    /// What asks for the next page; nothing after the last.
    list: Option<List<T, M>>,
    items: VecDeque<T>,
    backwards: bool,
}

impl<T, M> Reading<T, M>
where
    T: Listed + DeserializeOwned + Send + 'static,
    M: DeserializeOwned + Send + 'static,
{
    fn page(core: Core, route: Route, options: CallOptions) -> List<T, M> {
        List { core, route, options, items: PhantomData }
    }

    async fn turn(&mut self, mut list: List<T, M>) -> Result<(), VinrError> {
        let (core, route) = (list.core.clone(), list.route.clone());
        let next = Self::page(core, route, list.options.clone());
        let page: Page<T, M> = next.with_response().await?.data;
        let edge = if self.backwards { page.data.first() } else { page.data.last() };
        if let Some(edge) = edge.filter(|_| page.has_more) {
            let cursor = edge.cursor().to_owned();
            let name = if self.backwards { BEFORE } else { AFTER };
            let asked = list.route.asked();
            asked.retain(|(known, _)| known != AFTER && known != BEFORE);
            asked.push((name.to_owned(), cursor));
            self.list = Some(list);
        }
        self.items = page.data.into();
        if self.backwards {
            self.items.make_contiguous().reverse();
        }
        Ok(())
    }
}

impl<T, M> IntoFuture for List<T, M>
where
    T: Listed + DeserializeOwned + Send + 'static,
    M: DeserializeOwned + Send + 'static,
{
    type Output = Result<Page<T, M>, VinrError>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move { self.with_response().await.map(|response| response.data) })
    }
}

impl<T, M> fmt::Debug for List<T, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("List").finish_non_exhaustive()
    }
}
