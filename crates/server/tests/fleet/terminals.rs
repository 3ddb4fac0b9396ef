//! The API over terminals and locations: what is shown, changed, listed, refused, remembered.

use std::sync::{Arc, Mutex};

use serde_json::json;
use vinr_server::fleet::{BenchAnswer, TestBench};
use vinr_server::store::TerminalRow;

use super::device::Device;
use super::house::{House, KEY, LIVE, OTHER, settle};

const ID: &str = "term_3Nx8";

#[tokio::test(start_paused = true)]
async fn an_update_changes_what_it_includes_is_told_once_and_remembered() {
    let house = House::open().await;
    house.register(ID).await;
    let at = house.post("/v1/locations", r#"{"displayName":"Main Street"}"#).await;
    let location = at.json["id"].as_str().unwrap().to_owned();
    let path = format!("/v1/terminals/{ID}");
    let body = format!(r#"{{"locationId":"{location}","displayName":"Counter 3"}}"#);
    let first = house.send("POST", KEY, &path, Some(&body), Some("k1")).await;
    assert_eq!(first.status, 200, "{}", first.json);
    assert_eq!(
        (&first.json["locationId"], &first.json["displayName"]),
        (&location.as_str().into(), &"Counter 3".into())
    );
    let again = house.send("POST", KEY, &path, Some(&body), Some("k1")).await;
    assert!(again.replayed && again.json == first.json);
    let other = house.send("POST", KEY, &path, Some(r#"{"displayName":"x"}"#), Some("k1")).await;
    assert_eq!(other.json["error"]["code"], "idempotency_key_reused");
    // Nothing changed, so nobody is told.
    house.post(&path, &body).await;
    house.post(&path, "{}").await;
    let away = house.post(&path, r#"{"locationId":null}"#).await;
    assert_eq!((&away.json["locationId"], &away.json["displayName"]), (&json!(null), &"Counter 3".into()));
    assert_eq!(house.kinds(ID).await, ["terminal.updated", "terminal.updated"]);
    let house = Box::pin(house.restart()).await;
    assert_eq!(house.terminal(ID).await["displayName"], "Counter 3");
}

#[tokio::test(start_paused = true)]
async fn what_belongs_to_another_account_or_mode_is_not_there() {
    let house = House::open().await;
    house.register(ID).await;
    let at = house.post("/v1/locations", r#"{"displayName":"Main Street"}"#).await;
    let location = at.json["id"].as_str().unwrap().to_owned();
    for key in [LIVE, OTHER] {
        for (method, path, body) in [
            ("GET", format!("/v1/terminals/{ID}"), None),
            ("POST", format!("/v1/terminals/{ID}"), Some("{}")),
            ("GET", format!("/v1/locations/{location}"), None),
            ("POST", format!("/v1/locations/{location}"), Some("{}")),
            ("DELETE", format!("/v1/locations/{location}"), None),
        ] {
            let got = house.send(method, key, &path, body, None).await;
            assert_eq!(
                (got.status.as_u16(), &got.json["error"]["code"]),
                (404, &"not_found".into()),
                "{path}"
            );
        }
        for path in ["/v1/terminals", "/v1/locations"] {
            assert_eq!(house.send("GET", key, path, None, None).await.json["data"], json!([]));
        }
    }
    let theirs = house.send("POST", OTHER, "/v1/locations", Some(r#"{"displayName":"Theirs"}"#), None).await;
    let body = format!(r#"{{"locationId":"{}"}}"#, theirs.json["id"].as_str().unwrap());
    let refused = house.post(&format!("/v1/terminals/{ID}"), &body).await;
    assert_eq!((refused.status.as_u16(), &refused.json["error"]["param"]), (400, &"locationId".into()));
}

#[tokio::test(start_paused = true)]
async fn lists_are_filtered_and_paged_in_both_directions() {
    let house = House::open().await;
    for number in 0..7 {
        house.register(&format!("term_{number}")).await;
        settle().await;
    }
    let _device = Device::connect(&house, "term_4").await;
    let ids = |json: &serde_json::Value| -> Vec<String> {
        let data = json["data"].as_array().unwrap();
        data.iter().map(|one| one["id"].as_str().unwrap().trim_start_matches("term_").to_owned()).collect()
    };
    let page = house.get("/v1/terminals?limit=3").await.json;
    assert_eq!((ids(&page), &page["has_more"]), (vec!["6".into(), "5".into(), "4".into()], &true.into()));
    // Stable while terminals are being added.
    house.register("term_9").await;
    let page = house.get("/v1/terminals?limit=3&starting_after=term_4").await.json;
    assert_eq!((ids(&page), &page["has_more"]), (vec!["3".into(), "2".into(), "1".into()], &true.into()));
    let page = house.get("/v1/terminals?limit=2&ending_before=term_3").await.json;
    assert_eq!((ids(&page), &page["has_more"]), (vec!["5".into(), "4".into()], &true.into()));
    let page = house.get("/v1/terminals?limit=9&ending_before=term_5").await.json;
    assert_eq!((ids(&page), &page["has_more"]), (vec!["9".into(), "6".into()], &false.into()));
    assert_eq!(ids(&house.get("/v1/terminals?status=online").await.json), ["4"]);
    assert_eq!(ids(&house.get("/v1/terminals?status=offline&model=nexgo_n92").await.json).len(), 7);
    assert!(ids(&house.get("/v1/terminals?model=ciontek_cm30").await.json).is_empty());
    assert!(ids(&house.get("/v1/terminals?locationId=loc_none").await.json).is_empty());
    let unknown = house.get("/v1/terminals?starting_after=term_77").await;
    assert_eq!((unknown.status.as_u16(), &unknown.json["error"]["param"]), (400, &"starting_after".into()));
    let models = house.get("/v1/terminal-models").await.json;
    assert_eq!(models["data"].as_array().unwrap().len(), 6);
}

#[tokio::test(start_paused = true)]
async fn a_location_is_made_changed_and_kept_while_terminals_stand_there() {
    let house = House::open().await;
    house.register(ID).await;
    let made = house
        .post(
            "/v1/locations",
            r#"{"displayName":"Main Street","timeZone":"Europe/Berlin","endOfDay":"23:30","address":{"city":"Bonn","country":"DE"},"metadata":{"k":"v"}}"#,
        )
        .await
        .json;
    let path = format!("/v1/locations/{}", made["id"].as_str().unwrap());
    assert_eq!(
        made["address"],
        json!({"line1": null, "line2": null, "city": "Bonn", "postalCode": null, "country": "DE"})
    );
    let changed = house.post(&path, r#"{"endOfDay":null,"metadata":{"a":"b"}}"#).await.json;
    assert_eq!((&changed["endOfDay"], &changed["metadata"]), (&json!(null), &json!({"a": "b"})));
    assert_eq!((&changed["timeZone"], &changed["displayName"]), (&made["timeZone"], &made["displayName"]));
    assert_eq!(house.get(&path).await.json, changed);
    assert_eq!(house.get("/v1/locations").await.json["data"][0], changed);
    let terminal = format!("/v1/terminals/{ID}");
    house.post(&terminal, &format!(r#"{{"locationId":{}}}"#, made["id"])).await;
    let refused = house.send("DELETE", KEY, &path, None, None).await;
    assert_eq!((refused.status.as_u16(), &refused.json["error"]["code"]), (409, &"location_in_use".into()));
    house.post(&terminal, r#"{"locationId":null}"#).await;
    let gone = house.send("DELETE", KEY, &path, None, None).await;
    assert_eq!((gone.status.as_u16(), &gone.json["deleted"]), (200, &true.into()));
    assert_eq!(house.get(&path).await.status.as_u16(), 404);
}

#[derive(Default)]
struct ScriptedBench(Arc<Mutex<Vec<String>>>);

impl TestBench for ScriptedBench {
    fn open(&self, terminal: TerminalRow) -> BenchAnswer<'_> {
        self.0.lock().unwrap().push(format!("open {}", terminal.model));
        Box::pin(std::future::ready(Ok(())))
    }

    fn close(&self, terminal: TerminalRow) -> BenchAnswer<'_> {
        self.0.lock().unwrap().push(format!("close {}", terminal.model));
        Box::pin(std::future::ready(Ok(())))
    }
}

#[tokio::test(start_paused = true)]
async fn test_terminals_are_made_on_demand_and_only_they_are_deleted() {
    let house = House::open().await;
    house.register(ID).await;
    let none = house.post("/v1/test/terminals", "{}").await;
    assert_eq!(
        (none.status.as_u16(), &none.json["error"]["code"]),
        (400, &"test_terminals_unavailable".into())
    );
    let log = Arc::new(Mutex::new(Vec::new()));
    house.platform.applications.fleet.test_terminals.set_bench(Arc::new(ScriptedBench(Arc::clone(&log))));
    let live = house.send("POST", LIVE, "/v1/test/terminals", Some("{}"), None).await;
    assert_eq!(live.json["error"]["code"], "test_mode_only");
    let body = r#"{"model":"nexgo_n92","displayName":"Till"}"#;
    let made = house.send("POST", KEY, "/v1/test/terminals", Some(body), Some("k")).await;
    assert_eq!(made.status, 200, "{}", made.json);
    assert_eq!((&made.json["model"], &made.json["displayName"]), (&"nexgo_n92".into(), &"Till".into()));
    let again = house.send("POST", KEY, "/v1/test/terminals", Some(body), Some("k")).await;
    assert!(again.replayed && again.json["id"] == made.json["id"]);
    let id = made.json["id"].as_str().unwrap().to_owned();
    let refused = house.send("DELETE", KEY, &format!("/v1/test/terminals/{ID}"), None, None).await;
    assert_eq!((refused.status.as_u16(), &refused.json["error"]["code"]), (409, &"terminal_in_use".into()));
    let gone = house.send("DELETE", KEY, &format!("/v1/test/terminals/{id}"), None, None).await;
    assert_eq!(gone.json, json!({"id": id, "object": "terminal", "deleted": true}));
    assert_eq!(house.get(&format!("/v1/terminals/{id}")).await.status.as_u16(), 404);
    assert_eq!(*log.lock().unwrap(), ["open nexgo_n92", "close nexgo_n92"]);
    let told = house.told(&id).await;
    assert_eq!(told.last().unwrap().1["object"]["status"], "deactivated");
    let house = Box::pin(house.restart()).await;
    assert_eq!(house.get("/v1/terminals").await.json["data"].as_array().unwrap().len(), 1);
}
