//! Signatures against vectors that were made by another program, and envelopes against the contract.

#![expect(clippy::unwrap_used, reason = "a test that cannot read its own vectors has failed")]

use serde_json::{Value, json};
use vinr_domain::{EventId, Timestamp};
use vinr_wire::rest::version::ApiVersion;
use vinr_wire::rest::webhook::{
    Envelope, Refused, Signatures, SigningSecret, TOLERANCE_S, render_event, render_events, verify,
};

fn vectors() -> Value {
    serde_json::from_str(include_str!("../vectors/webhook_signatures.json")).unwrap()
}

fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value[name].as_str().unwrap()
}

#[test]
fn messages_are_signed_as_the_vectors_say() {
    let vectors = vectors();
    assert_eq!(vectors["toleranceSeconds"], TOLERANCE_S);
    for case in vectors["sign"].as_array().unwrap() {
        let secrets = case["secrets"].as_array().unwrap().iter();
        let secrets: Vec<_> =
            secrets.map(|secret| SigningSecret::parse(secret.as_str().unwrap()).unwrap()).collect();
        assert_eq!(secrets[0].reveal(), case["secrets"][0].as_str().unwrap());
        let unix_s = case["timestamp"].as_i64().unwrap();
        let signed = Signatures::sign(&secrets, text(case, "id"), unix_s, text(case, "body").as_bytes());
        assert_eq!(signed.vinr, text(case, "vinrSignature"), "{case}");
        assert_eq!(signed.standard, text(case, "webhookSignature"), "{case}");
        assert_eq!(signed.timestamp, unix_s.to_string());
    }
}

#[test]
fn signatures_are_checked_as_the_vectors_say() {
    for case in vectors()["verify"].as_array().unwrap() {
        let secret = SigningSecret::parse(text(case, "secret")).unwrap();
        let verdict = verify(
            &secret,
            text(case, "header"),
            text(case, "body").as_bytes(),
            case["now"].as_i64().unwrap(),
        );
        let word = match verdict {
            Ok(()) => "valid",
            Err(Refused::Malformed) => "malformed",
            Err(Refused::NotFresh) => "not_fresh",
            Err(Refused::NoMatch) => "no_match",
        };
        assert_eq!(word, text(case, "verdict"), "{case}");
    }
}

#[test]
fn a_secret_never_prints_itself_and_is_not_too_short() {
    let secret = SigningSecret::from_bytes(vec![7; 32]);
    assert_eq!(format!("{secret:?}"), "<signing secret>");
    assert_eq!(SigningSecret::parse(&secret.reveal()).unwrap().as_bytes(), [7; 32]);
    for bad in ["", "whsec_", "whsec_AAAA", "whsec_!", &secret.reveal()[6..]] {
        assert!(SigningSecret::parse(bad).is_none(), "{bad}");
    }
}

fn rendered(kind: &str, data: &Value, version: ApiVersion) -> Value {
    let data = serde_json::to_vec(data).unwrap();
    let event = Envelope {
        id: EventId(7),
        kind,
        livemode: false,
        created_at: Timestamp(1_781_168_412_345),
        sequence: 3,
        data: &data,
    };
    let mut out = Vec::new();
    render_event(&event, version, &mut out);
    let one: Value = serde_json::from_slice(&out).unwrap();
    let mut page = Vec::new();
    render_events([event, event], true, version, &mut page);
    let page: Value = serde_json::from_slice(&page).unwrap();
    assert_eq!(page, json!({"object": "list", "data": [one, one], "has_more": true}));
    one
}

#[test]
fn a_terminal_s_event_shows_what_was_kept() {
    let data =
        json!({"id": "term_3Nx8", "object": "terminal", "locationId": "loc_7Yz4", "lastSeen": 1_748_649_600});
    assert_eq!(
        rendered("terminal.offline", &data, ApiVersion::V2026_06_11),
        json!({
            "id": "evt_00000000000000000000000007", "object": "event", "type": "terminal.offline", "livemode": false,
            "created": 1_781_168_412, "sequence": 3, "data": data,
        })
    );
}

#[test]
fn a_payment_is_written_in_the_reader_s_version() {
    let kept = json!({
        "id": "tpay_01JXF3V0M07PVT9X3W7YB2K4QD", "intent": "01900000-0000-7000-8000-000000000002", "live": false,
        "term": "term_1", "amt": 2500, "cur": "EUR", "st": "pending", "cm": "automatic", "rm": "async",
        "at": 1_781_168_400_000_i64, "seq": 1,
    });
    let new = rendered("terminal_payment.created", &kept, ApiVersion::V2026_06_11);
    assert_eq!(new["data"]["object"]["createdAt"], "2026-06-11T09:00:00Z");
    assert!(new["data"]["object"].get("completedAt").is_none());
    let old = rendered("terminal_payment.created", &kept, ApiVersion::V2025_05_31);
    assert_eq!(old["data"]["object"]["createdAt"], 1_781_168_400);
    assert_eq!(old["data"]["object"]["completedAt"], Value::Null);
    assert_eq!(
        rendered("terminal_payment.created", &json!({}), ApiVersion::V2026_06_11)["data"],
        json!({"object": {}})
    );
}
