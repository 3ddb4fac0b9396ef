//! Terminals and locations on the API: what is written, what may be sent, what is refused and for which field.

use vinr_domain::{LocationId, Model, TerminalId};
use vinr_wire::rest::body::{FieldError, decode, decode_query};
use vinr_wire::rest::given::Given;
use vinr_wire::rest::location::{CreateLocation, UpdateLocation};
use vinr_wire::rest::terminal::{
    CreateTestTerminal, Cursor, ListTerminals, TerminalEvent, TerminalList, TerminalModelList, TerminalView,
    UpdateTerminal,
};

const JSON: Option<&str> = Some("application/json");
const FORM: Option<&str> = Some("application/x-www-form-urlencoded");

fn terminal() -> TerminalView {
    TerminalView {
        id: "term_3Nx8".into(),
        object: "terminal",
        livemode: false,
        model: "nexgo_n92".into(),
        serial_number: "SN-00482910".into(),
        status: "online",
        location_id: Some("loc_7Yz4".into()),
        software_version: Some("3.14.2".into()),
        last_seen: Some(1_748_649_600),
        battery_level: Some(87),
        created_at: 1_748_649_600,
        display_name: None,
        offline: None,
        attention: vec!["paper_out"],
        locked: false,
        round_trip_ms: None,
        sequence: 3,
    }
}

#[test]
fn a_terminal_has_the_documented_fields_and_those_added() {
    let written = serde_json::to_string(&terminal()).unwrap();
    insta::assert_snapshot!(written, @r#"{"id":"term_3Nx8","object":"terminal","livemode":false,"model":"nexgo_n92","serialNumber":"SN-00482910","status":"online","locationId":"loc_7Yz4","softwareVersion":"3.14.2","lastSeen":1748649600,"batteryLevel":87,"createdAt":1748649600,"displayName":null,"offline":null,"attention":["paper_out"],"locked":false,"roundTripMs":null,"sequence":3}"#);
    let page = serde_json::to_string(&TerminalList::new(vec![], true)).unwrap();
    insta::assert_snapshot!(page, @r#"{"object":"list","data":[],"has_more":true}"#);
    let said: serde_json::Value = serde_json::to_value(TerminalEvent::from(&terminal())).unwrap();
    let keys: Vec<&String> = said.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["id", "lastSeen", "locationId", "object"]);
    assert_eq!(said["object"]["id"], "term_3Nx8");
}

#[test]
fn an_update_changes_what_it_includes_and_nothing_else() {
    let update = |kind, body: &str| decode::<UpdateTerminal>(kind, body.as_bytes()).unwrap().validate();
    let page = update(FORM, "locationId=loc_2Qr9&displayName=Counter 3").unwrap();
    assert_eq!(page.location, Given::Value(LocationId::parse("loc_2Qr9").unwrap()));
    assert_eq!(page.display_name, Given::Value("Counter 3".into()));
    let nothing = update(JSON, "{}").unwrap();
    assert_eq!((nothing.location, nothing.display_name), (Given::Not, Given::Not));
    for (kind, body) in [(JSON, r#"{"locationId":null}"#), (FORM, "locationId=")] {
        let away = update(kind, body).unwrap();
        assert_eq!((away.location, away.display_name), (Given::Unset, Given::Not));
    }
    for (body, param) in [
        (r#"{"locationId":"term_1"}"#, "locationId"),
        (r#"{"displayName":"a\u0007"}"#, "displayName"),
        (&format!(r#"{{"displayName":"{}"}}"#, "x".repeat(101)), "displayName"),
    ] {
        assert_eq!(update(JSON, body).unwrap_err().param.as_deref(), Some(param), "{body}");
    }
    let refused = |body: &str| decode::<UpdateTerminal>(JSON, body.as_bytes()).unwrap_err().to_string();
    assert!(refused(r#"{"model":"x"}"#).starts_with("`model` is not a known field"));
    assert!(refused(r#"{"displayName":7}"#).starts_with("`displayName` must be"));
}

#[test]
fn a_list_is_asked_for_by_location_status_and_model() {
    let ask = |query: &str| decode_query::<ListTerminals>(query).and_then(ListTerminals::validate);
    let page = ask("locationId=loc_7Yz4&status=online&limit=10").unwrap();
    assert_eq!((page.location.as_deref(), page.limit), (Some("loc_7Yz4"), 10));
    assert_eq!(page.status.map(|status| status.as_str()), Some("online"));
    let next = ask("model=ciontek_cm30&starting_after=term_3Nx8").unwrap();
    assert_eq!(next.model, Some(Model::CiontekCm30));
    assert_eq!(next.cursor, Cursor::After(TerminalId::parse("term_3Nx8").unwrap()));
    for (query, param) in [
        ("status=busy", "status"),
        ("model=toaster", "model"),
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("starting_after=tpay_1", "starting_after"),
        ("starting_after=term_1&ending_before=term_2", "ending_before"),
        ("locationId=", "locationId"),
        ("colour=red", "colour"),
    ] {
        assert_eq!(ask(query).unwrap_err().param.as_deref(), Some(param), "{query}");
    }
}

#[test]
fn a_location_is_checked_field_by_field() {
    let make = |body: &str| {
        decode::<CreateLocation>(JSON, body.as_bytes())
            .map_err(|error| error.to_string())
            .and_then(|asked| asked.validate().map_err(|error: FieldError| error.to_string()))
    };
    let made = make(
        r#"{"displayName":"Acme","timeZone":"europe/berlin","endOfDay":"23:30","address":{"city":"Köln","country":"de"}}"#,
    )
    .unwrap();
    assert_eq!(made.time_zone.as_deref(), Some("Europe/Berlin"));
    assert_eq!(made.address.unwrap().country.as_deref(), Some("DE"));
    for (body, param) in [
        (r#"{}"#, "displayName"),
        (r#"{"displayName":""}"#, "displayName"),
        (r#"{"displayName":"A","timeZone":"Europe/Atlantis"}"#, "timeZone"),
        (r#"{"displayName":"A","timeZone":"../etc/passwd"}"#, "timeZone"),
        (r#"{"displayName":"A","endOfDay":"24:00"}"#, "endOfDay"),
        (r#"{"displayName":"A","endOfDay":"9:00"}"#, "endOfDay"),
        (r#"{"displayName":"A","endOfDay":"23:6a"}"#, "endOfDay"),
        (r#"{"displayName":"A","address":{"country":"DEU"}}"#, "address[country]"),
        (r#"{"displayName":"A","address":{"street":"x"}}"#, "address[street]"),
        (r#"{"displayName":"A","metadata":{"":"x"}}"#, "metadata[]"),
    ] {
        let refusal = make(body).unwrap_err();
        assert!(refusal.starts_with(&format!("`{param}` ")), "{body}: {refusal}");
    }
    let update =
        |kind, body: &str| decode::<UpdateLocation>(kind, body.as_bytes()).unwrap().validate().unwrap();
    assert_eq!(update(FORM, "timeZone=").time_zone, Given::Unset);
    assert_eq!(update(JSON, r#"{"address":null}"#).address, Given::Unset);
    assert_eq!(update(FORM, "address[city]=Bonn").display_name, None);
    assert!(matches!(update(FORM, "address[city]=Bonn").address, Given::Value(_)));
}

#[test]
fn models_say_what_they_can_do() {
    let all: serde_json::Value = serde_json::to_value(TerminalModelList::all()).unwrap();
    let of = |id: &str| all["data"].as_array().unwrap().iter().find(|m| m["id"] == id).cloned().unwrap();
    assert_eq!(of("ciontek_cm30")["offline"], serde_json::Value::Null);
    assert_eq!(of("nexgo_n92")["offline"]["maxAmount"], 10_000);
    assert_eq!(of("nexgo_n86pro")["printer"], false);
    let asked = decode::<CreateTestTerminal>(FORM, b"model=nexgo_n92").unwrap().validate().unwrap();
    assert_eq!((asked.model, asked.display_name), (Model::NexgoN92, None));
}
