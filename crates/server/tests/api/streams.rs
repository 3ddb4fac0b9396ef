//! Streams of events to readers that are slow, to readers that take nothing, and to keys that end.

use std::time::Duration;

use axum::body::Body;
use http_body_util::BodyExt;
use tower::ServiceExt as _;
use vinr_domain::EventId;
use vinr_server::store::{Change, EventRow, Store as _, Transaction};

use crate::shop::*;

/// More than eight portions of 256 and everything in between.
const MANY: u64 = 4_000;

/// Writes events of one terminal with these sequences; each is named by its sequence.
async fn write(shop: &Shop, sequences: std::ops::RangeInclusive<u64>) -> Vec<String> {
    let now = shop.platform.office.now();
    let event = |sequence: u64| EventRow {
        id: EventId((1 << 80) + u128::from(sequence)),
        scope: scope("acct_a", false),
        kind: "terminal.updated",
        object_id: TERMINAL.into(),
        sequence,
        created_at: now,
        data: br#"{"id":"term_1"}"#.as_slice().into(),
    };
    let events: Vec<EventRow> = sequences.map(event).collect();
    let names = events.iter().map(|event| event.id.to_string()).collect();
    let changes = events.into_iter().map(Change::AppendEvent).collect();
    shop.store.commit(Transaction { changes }).await.unwrap();
    names
}

async fn opened(shop: &Shop, key: &str, after: Option<&str>) -> Body {
    let mut request = bearer("GET", key, "/v1/events/stream");
    if let Some(after) = after {
        request = request.header("last-event-id", after);
    }
    let response = shop.router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    assert_eq!(response.status(), 200);
    response.into_body()
}

fn ids(text: &[u8]) -> Vec<String> {
    let text = std::str::from_utf8(text).unwrap();
    text.lines().filter_map(|line| line.strip_prefix("id: ")).map(str::to_owned).collect()
}

#[tokio::test(start_paused = true)]
async fn a_reader_that_takes_nothing_is_let_go_and_resumes_without_a_gap() {
    let shop = Shop::open().await;
    let stream = opened(&shop, TEST, None).await;
    let all = write(&shop, 1..=MANY).await;
    tokio::time::sleep(Duration::from_secs(31)).await;
    // What had been handed over is still there; then the stream is at its end.
    let rest = tokio::time::timeout(Duration::from_secs(1), stream.collect()).await.expect("it has ended");
    let mut seen = ids(&rest.unwrap().to_bytes());
    assert!(!seen.is_empty() && seen.len() < all.len(), "{} of {}", seen.len(), all.len());
    let mut resumed = opened(&shop, TEST, seen.last().map(String::as_str)).await;
    while seen.len() < all.len() {
        let frame =
            tokio::time::timeout(Duration::from_secs(1), resumed.frame()).await.expect("there is more");
        let frame = frame.unwrap().unwrap();
        seen.extend(ids(frame.data_ref().unwrap()));
    }
    assert_eq!(seen, all);
}

#[tokio::test(start_paused = true)]
async fn a_slow_reader_is_waited_for() {
    let shop = Shop::open().await;
    let mut stream = opened(&shop, TEST, None).await;
    let all = write(&shop, 1..=MANY).await;
    let mut seen = Vec::new();
    for _ in 0..MANY {
        tokio::time::sleep(Duration::from_secs(25)).await;
        let frame = stream.frame().await.expect("the stream goes on").unwrap();
        seen.extend(ids(frame.data_ref().unwrap()));
        if seen.len() >= all.len() {
            break;
        }
    }
    assert_eq!(seen, all);
}

#[tokio::test(start_paused = true)]
async fn a_stream_ends_with_its_key_and_makes_room_for_another() {
    let shop = Shop::open().await;
    let made =
        shop.post(TEST, "/v1/api-keys", r#"{"type":"restricted","scopes":["events:read"]}"#).await.json();
    let (id, key) = (made["id"].as_str().unwrap(), made["secret"].as_str().unwrap());
    let mut streams = Vec::new();
    for _ in 0..10 {
        streams.push(opened(&shop, key, None).await);
    }
    let eleventh = shop.get(key, "/v1/events/stream").await;
    assert_eq!((eleventh.status.as_u16(), eleventh.header("retry-after")), (429, Some("1")));
    drop(streams.pop());
    // The stream notices that nobody reads when its task has its next turn.
    tokio::time::sleep(Duration::from_secs(1)).await;
    streams.push(opened(&shop, key, None).await);
    assert_eq!(shop.post(TEST, &format!("/v1/api-keys/{id}/revoke"), "{}").await.status, 200);
    write(&shop, 1..=1).await;
    for stream in streams {
        let told = tokio::time::timeout(Duration::from_secs(2), stream.collect()).await;
        assert_eq!(
            ids(&told.expect("it ends").unwrap().to_bytes()),
            Vec::<String>::new(),
            "told after the key had ended"
        );
    }
}
