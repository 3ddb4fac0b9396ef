//! Event streams: each event once, over connections that end.

use futures_util::StreamExt;
use serde_json::json;
use vinr_sdk::params::StreamEvents;
use vinr_sdk::{Pause, Vinr};

use crate::scripted::ScriptedServer;

fn told(ids: &[&str]) -> String {
    let each = ids.iter().map(|id| {
        let event = json!({ "id": id, "object": "event", "type": "terminal.online", "livemode": false, "created": 1,
            "sequence": 1, "data": { "id": "term_1", "object": "terminal" } });
        format!("id: {id}\nevent: terminal.online\ndata: {event}\n\n")
    });
    format!(": hello\n\n{}", each.collect::<String>())
}

#[tokio::test]
async fn a_stream_goes_on_after_the_last_event_and_ends_with_a_refusal() {
    let refusal = json!({ "error": { "type": "authentication_error", "code": "api_key_invalid", "message": "m",
        "retry": "never", "money_may_have_moved": false, "request_id": "req_1" } });
    let server = ScriptedServer::new(&json!([
        { "respond": { "status": 200, "text": told(&["evt_1", "evt_2"]) } },
        { "respond": { "status": 502, "text": "Bad gateway" } },
        { "respond": { "status": 200, "text": told(&["evt_3"]) } },
        { "respond": { "status": 401, "body": refusal } },
    ]));
    let port = server.listen(0).await;
    let pause = Pause::new(|_| Box::pin(async {}));
    let vinr =
        Vinr::builder("sk_test_a").base_url(format!("http://127.0.0.1:{port}")).pause(pause).build().unwrap();
    let mut stream = vinr.events().stream(StreamEvents::new().enabled_events(["terminal.*"]));
    let mut ids = Vec::new();
    let error = loop {
        match stream.next().await.unwrap() {
            Ok(event) => ids.push(event.id),
            Err(error) => break error,
        }
    };
    assert_eq!(ids, ["evt_1", "evt_2", "evt_3"]);
    assert_eq!((error.code.as_str(), error.request_id.as_deref()), ("api_key_invalid", Some("req_1")));
    assert!(stream.next().await.is_none(), "it goes on after its error");
    let came = server.came();
    let after: Vec<_> = came.iter().map(|one| one.query.get("after").and_then(|id| id.as_str())).collect();
    assert_eq!(after, [None, Some("evt_2"), Some("evt_2"), Some("evt_3")]);
    assert!(came.iter().all(|one| one.query["enabled_events[]"] == "terminal.*"), "{came:?}");
    assert!(came.iter().all(|one| one.headers["accept"] == "text/event-stream"));
    server.close();
}
