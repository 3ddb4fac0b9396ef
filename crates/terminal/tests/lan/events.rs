//! The terminal's event stream: what happens to payments and how far each is, resumable.

use http_body_util::BodyExt as _;
use hyper::Response;
use hyper::body::Incoming;
use serde_json::{Value, json};
use tokio::time::timeout;

use crate::shop::{Shop, TERMINAL};
use crate::wire::Line;

/// One event as it came.
#[derive(Clone, Debug)]
struct Event {
    id: String,
    kind: String,
    data: Value,
}

struct Stream {
    body: Incoming,
    text: String,
}

impl Stream {
    fn of(response: Response<Incoming>) -> Self {
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Self { body: response.into_body(), text: String::new() }
    }

    async fn next(&mut self) -> Event {
        loop {
            if let Some((block, rest)) = self.text.split_once("\n\n") {
                let field = |name: &str| {
                    let line = block.lines().find_map(|line| line.strip_prefix(&format!("{name}: ")));
                    line.map(str::to_owned)
                };
                let event = field("event").map(|kind| Event {
                    id: field("id").unwrap(),
                    kind,
                    data: serde_json::from_str(&field("data").unwrap()).unwrap(),
                });
                self.text = rest.to_owned();
                match event {
                    Some(event) => return event,
                    None => continue,
                }
            }
            let frame = timeout(std::time::Duration::from_secs(20), self.body.frame()).await;
            let frame = frame.expect("an event comes").expect("the stream goes on").unwrap();
            self.text.push_str(std::str::from_utf8(frame.data_ref().unwrap()).unwrap());
        }
    }

    async fn until(&mut self, kind: &str) -> Vec<Event> {
        let mut events = Vec::new();
        loop {
            let event = self.next().await;
            events.push(event.clone());
            if event.kind == kind {
                return events;
            }
        }
    }
}

fn order(reference: &str) -> Value {
    json!({"terminalId": TERMINAL, "amount": 2500, "currency": "USD", "reference": reference})
}

#[tokio::test]
async fn a_payment_is_followed_from_its_prompt_to_its_end() {
    let shop = Shop::open().await;
    let mut reader = Line::till(&shop).await;
    let mut stream = Stream::of(reader.begin("GET", "/v1/events", "").await);
    let mut till = Line::till(&shop).await;
    let paid = till.post("/v1/pay?simulateCard=online_pin", &order("order_1")).await.json();
    let events = stream.until("terminal_payment.completed").await;
    let stages: Vec<&str> = events.iter().filter_map(|event| event.data["data"]["stage"].as_str()).collect();
    assert_eq!(stages, ["awaiting_card", "card_presented", "pin_entry", "authorizing"]);
    assert_eq!(events[0].kind, "terminal_payment.created");
    let last = &events.last().unwrap().data;
    assert_eq!(last["data"]["object"], paid);
    assert_eq!((&last["object"], &last["type"]), (&json!("event"), &json!("terminal_payment.completed")));
    let numbers: Vec<u64> = events.iter().map(|event| event.data["sequence"].as_u64().unwrap()).collect();
    assert!(numbers.windows(2).all(|pair| pair[1] == pair[0] + 1), "{numbers:?}");
}

#[tokio::test]
async fn a_reader_who_comes_back_misses_nothing_and_hears_nothing_twice() {
    let shop = Shop::open().await;
    let mut reader = Line::till(&shop).await;
    let mut stream = Stream::of(reader.begin("GET", "/v1/events", "").await);
    let mut till = Line::till(&shop).await;
    till.post("/v1/pay", &order("order_1")).await;
    let first = stream.next().await;
    drop((stream, reader));
    till.post("/v1/pay", &order("order_2")).await;
    let mut back = Line::till(&shop).await.with("last-event-id", &first.id);
    let mut stream = Stream::of(back.begin("GET", "/v1/events", "").await);
    let mut sequence = first.data["sequence"].as_u64().unwrap();
    let mut completed = Vec::new();
    while completed.len() < 2 {
        let event = stream.next().await;
        sequence += 1;
        assert_eq!(event.data["sequence"], sequence);
        if event.kind == "terminal_payment.completed" {
            completed.push(event.data["data"]["object"]["reference"].as_str().unwrap().to_owned());
        }
    }
    assert_eq!(completed, ["order_1", "order_2"]);
}

#[tokio::test]
async fn a_place_that_is_gone_is_said_to_be_gone() {
    let shop = Shop::open().await;
    for place in ["0000000000000007-3", "nonsense", "evt_01JXF3V0M07PVT9X3W7YB2K4QD"] {
        let mut reader = Line::till(&shop).await.with("last-event-id", place);
        let mut stream = Stream::of(reader.begin("GET", "/v1/events", "").await);
        let reset = stream.next().await;
        assert_eq!(reset.kind, "stream.reset", "{place}");
        let mut till = Line::till(&shop).await;
        till.post("/v1/pay", &order("after")).await;
        assert_eq!(stream.next().await.kind, "terminal_payment.created");
    }
}
