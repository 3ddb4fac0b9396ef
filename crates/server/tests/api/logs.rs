//! The log: one line per request, without what callers send.

use std::fmt::{Debug, Write};
use std::sync::{Arc, Mutex};

use axum::body::Body;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use crate::shop::{Shop, TEST, authorized, bearer};

/// Writes down every event with all of its fields.
#[derive(Clone, Default)]
struct Paper(Arc<Mutex<Vec<String>>>);

struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let _ = write!(self.0, " {field}={value:?}");
    }
}

impl Subscriber for Paper {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut line = Line(event.metadata().target().to_owned());
        event.record(&mut line);
        self.0.lock().unwrap().push(line.0);
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

#[tokio::test]
async fn each_request_is_one_line_without_what_the_caller_sent() {
    let shop = Shop::open().await;
    let id = shop.put(authorized(1)).await;
    let paper = Paper::default();
    let _writing = tracing::subscriber::set_default(paper.clone());
    shop.get(TEST, "/v1/terminal/payments?reference=hush_query").await;
    let request = bearer("POST", TEST, &format!("/v1/terminal/payments/{id}/capture"))
        .header("content-type", "application/json")
        .header("idempotency-key", "hush_key");
    shop.send(request.body(Body::from(r#"{"hush_field":1}"#)).unwrap()).await;
    shop.get("sk_test_hush", "/v1/terminal/hush_path").await;

    let lines = paper.0.lock().unwrap().clone();
    let lines: Vec<&String> = lines.iter().filter(|line| line.starts_with("vinr_server::api")).collect();
    assert_eq!(lines.len(), 3, "{lines:#?}");
    for part in [
        "request=req_",
        r#"method="GET""#,
        r#"route="/v1/terminal/payments""#,
        "status=200",
        "duration_us=",
        r#"account="acct_a""#,
        "livemode=false",
    ] {
        assert!(lines[0].contains(part), "{part} is not in {}", lines[0]);
    }
    assert!(
        lines[1].contains(r#"route="/v1/terminal/payments/{id}/capture""#) && lines[1].contains("status=400")
    );
    assert!(lines[2].contains(r#"route="unmatched""#) && lines[2].contains("status=404"));
    let all = paper.0.lock().unwrap().join("\n");
    assert!(!all.contains("hush") && !all.contains(TEST), "{all}");
}
