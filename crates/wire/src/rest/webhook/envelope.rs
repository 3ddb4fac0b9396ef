//! An event as the outside reads it: the same envelope in lists, streams and webhooks. Payments and refunds are kept without a
//! version and written in the reader's; everything else is kept as it is shown.

use vinr_domain::{EventId, Timestamp};

use crate::rest::version::ApiVersion;
use crate::rest::view::{PaymentView, RefundView};

/// What the envelope says of an event; borrowed from wherever the event is kept.
#[derive(Clone, Copy, Debug)]
pub struct Envelope<'e> {
    /// Its name.
    pub id: EventId,
    /// Its type.
    pub kind: &'e str,
    /// Live or test data.
    pub livemode: bool,
    /// When it happened.
    pub created_at: Timestamp,
    /// Its place among the events of its object.
    pub sequence: u64,
    /// The object, as it is kept.
    pub data: &'e [u8],
}

const EMPTY: &[u8] = b"{}";

/// Appends the event to `out` as JSON. Data that cannot be read is written as an empty object, which only a broken
/// database can cause.
pub fn render_event(event: &Envelope<'_>, version: ApiVersion, out: &mut Vec<u8>) {
    let head = format!(
        r#"{{"id":"{}","object":"event","type":"{}","livemode":{},"created":{},"sequence":{},"data":"#,
        event.id,
        event.kind,
        event.livemode,
        event.created_at.0.div_euclid(1000),
        event.sequence
    );
    out.extend_from_slice(head.as_bytes());
    let category = event.kind.split('.').next().unwrap_or("");
    match category {
        "terminal_payment" => {
            out.extend_from_slice(br#"{"object":"#);
            match serde_json::from_slice::<PaymentView>(event.data) {
                Ok(view) => view.render(version, out),
                Err(_) => out.extend_from_slice(EMPTY),
            }
            out.push(b'}');
        }
        "refund" => {
            out.extend_from_slice(br#"{"object":"#);
            match serde_json::from_slice::<RefundView>(event.data) {
                Ok(view) => view.render(version, out),
                Err(_) => out.extend_from_slice(EMPTY),
            }
            out.push(b'}');
        }
        _ => out.extend_from_slice(if event.data.is_empty() { EMPTY } else { event.data }),
    }
    out.push(b'}');
}

/// Appends a page of events to `out` in the list envelope of contract 2.3.
pub fn render_events<'e>(
    events: impl IntoIterator<Item = Envelope<'e>>,
    has_more: bool,
    version: ApiVersion,
    out: &mut Vec<u8>,
) {
    out.extend_from_slice(br#"{"object":"list","data":["#);
    for (index, event) in events.into_iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        render_event(&event, version, out);
    }
    out.extend_from_slice(if has_more { br#"],"has_more":true}"# } else { br#"],"has_more":false}"# });
}
