//! `GET /v1/events`: the terminal's own event stream (contract 1.8), as server-sent events. Goes on after
//! `Last-Event-ID`; a place that is not remembered any more is answered with `stream.reset`, after which the reader lists
//! the payments and follows from here on.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::Stream;
use serde_json::{Value, json};
use tokio::sync::watch;
use vinr_wire::rest::version::ApiVersion;

use super::super::counter::Counter;
use super::super::feed::{Happening, Next};
use super::super::reply::Reply;
use super::super::request::Ask;
use super::super::view;
use super::{Answered, admit, query_of};

const LAST_EVENT_ID: &str = "last-event-id";
/// A line that says nothing, so that both sides notice when the other is gone.
const BEAT: Duration = Duration::from_secs(15);

/// The query of a stream.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct StreamQuery {
    /// The same as the header, which goes first.
    after: Option<String>,
}

pub(super) fn stream(counter: Arc<Counter>, ask: &Ask, version: ApiVersion) -> Answered {
    let query: StreamQuery = query_of(ask)?;
    let newest = counter.feed.newest();
    let asked = ask.header(LAST_EVENT_ID).map(str::to_owned).or(query.after).filter(|id| !id.is_empty());
    let here = *newest.borrow();
    let (place, gone) = match asked {
        None => (here, false),
        Some(id) => counter.feed.place(&id).map_or((here, true), |place| (place, false)),
    };
    let certificate = ask.caller.certificate.clone();
    let reader = Reader { counter, newest, place, gone, greeted: false, certificate, version };
    // On the open wire the certificate was judged with the request; it cannot be looked at again.
    admit(&reader.counter, ask)?;
    Ok(Reply::events(reader.pieces()))
}

struct Reader {
    counter: Arc<Counter>,
    newest: watch::Receiver<u64>,
    place: u64,
    gone: bool,
    greeted: bool,
    certificate: Option<Arc<[u8]>>,
    version: ApiVersion,
}

impl Reader {
    fn pieces(self) -> impl Stream<Item = Bytes> + Send {
        futures_util::stream::unfold(self, |mut reader| async move {
            let piece = reader.next().await?;
            Some((piece, reader))
        })
    }

    /// The next piece of the stream; `None` when it ends.
    async fn next(&mut self) -> Option<Bytes> {
        loop {
            if self.certificate.is_some() && self.counter.guard.judge(self.certificate.as_deref()).is_err() {
                return None;
            }
            if self.gone {
                self.gone = false;
                return Some(self.reset());
            }
            if !self.greeted {
                self.greeted = true;
                return Some(Bytes::from_static(b": connected\n\n"));
            }
            match self.counter.feed.after(self.place) {
                Next::Event(event) => {
                    self.place = event.number;
                    return Some(self.written(&event));
                }
                Next::Gone => {
                    self.place = *self.newest.borrow();
                    self.gone = true;
                }
                Next::Wait => match tokio::time::timeout(BEAT, self.newest.changed()).await {
                    Ok(Ok(())) => {}
                    Ok(Err(_)) => return None,
                    Err(_) => return Some(Bytes::from_static(b": beat\n\n")),
                },
            }
        }
    }

    fn reset(&self) -> Bytes {
        let id = self.counter.feed.id(self.place);
        let data = json!({
            "object": "event", "type": "stream.reset",
            "message": "Events between your place and this one are not known any more: list the payments."
        });
        format!("id: {id}\nevent: stream.reset\ndata: {data}\n\n").into()
    }

    fn written(&self, event: &Happening) -> Bytes {
        let id = self.counter.feed.id(event.number);
        let shown = view::render_sale(&self.counter, &event.sale, self.version);
        let shown: Value = serde_json::from_slice(&shown).unwrap_or_default();
        let mut data = json!({
            "id": id, "object": "event", "type": event.kind, "livemode": self.counter.livemode(),
            "created": event.at.unix_seconds(), "sequence": event.number, "data": { "object": shown }
        });
        if let Some(stage) = event.stage {
            data["data"]["stage"] = json!(stage.as_str());
        }
        format!("id: {id}\nevent: {}\ndata: {data}\n\n", event.kind).into()
    }
}
