//! One message of every kind about the merchant's network, with every field set to something that would be missed.

use std::collections::BTreeMap;
use std::sync::Arc;

use vinr_domain::payment::{CaptureMethod, Channel, EndCause, OfflineApproval, Origin};
use vinr_domain::{Currency, Money, PaymentId, Timestamp};
use vinr_wire::link::{
    Authorize, HostVerdict, LanAccess, LanAccessApplied, LanCertificateRequest, OfficeAnswer, OfficeRequest,
    OfflineStanding, Operation, Shop, ToCloud, ToTerminal,
};

use crate::messages::{INTENT, authorize};

const RENAMED: PaymentId = PaymentId(0x0190_8f3e_5b6a_7c00_8123_4567_89ab_cdf1);

pub fn origin() -> Origin {
    Origin {
        channel: Channel::Local,
        payment: PaymentId(INTENT.0),
        asked: Money { amount_minor: 4_200, currency: Currency::parse("EUR").unwrap() },
        capture_method: CaptureMethod::Manual,
        reference: Some("order 7".into()),
        description: Some("two coffees".into()),
        metadata: Arc::new(BTreeMap::from([
            ("table".into(), "4".into()),
            ("connectionMode".into(), "local".into()),
        ])),
        created_at: Timestamp(1_800_000_000_000),
    }
}

pub fn offline() -> OfflineApproval {
    OfflineApproval { approved_at: Timestamp(1_800_000_004_000), number: 2, previous: [7; 32], hash: [8; 32] }
}

pub fn began_here() -> Authorize {
    let mut authorize = authorize();
    authorize.request.attempt_epoch = 0;
    Authorize { origin: Some(origin()), ..authorize }
}

pub fn to_terminal() -> Vec<(&'static str, ToTerminal)> {
    let eur = Currency::parse("EUR").unwrap();
    let access = LanAccess {
        version: 9,
        local_api: true,
        cashless: true,
        open_wire: true,
        client_authorities_pem: "-----BEGIN".into(),
        revoked_serials: vec!["0a1b".into()],
        cashless_key_hash: Some([5; 32]),
        shop: Shop {
            merchant_name: "Corner Café".into(),
            address_lines: vec!["1 Main Street".into()],
            time_zone: "Europe/Paris".into(),
            display_name: "Counter 1".into(),
        },
        livemode: true,
        settlement_currency: eur,
        offline_cap_minor: Some(20_000),
        offline_total_cap_minor: Some(0),
        suspended: false,
    };
    let suspended = LanAccess { suspended: true, ..access.clone() };
    let closed = LanAccess {
        local_api: false,
        cashless: false,
        open_wire: false,
        client_authorities_pem: String::new(),
        revoked_serials: vec![],
        cashless_key_hash: None,
        shop: Shop::default(),
        livemode: false,
        offline_cap_minor: None,
        offline_total_cap_minor: None,
        ..access.clone()
    };
    let result =
        |verdict, renamed| ToTerminal::AuthorizeResult { intent: INTENT, stan: 17, verdict, renamed };
    let answer =
        OfficeAnswer { request: 77, status: 422, body: br#"{"error":{}}"#.as_slice().into(), replayed: true };
    vec![
        ("lan_access", ToTerminal::LanAccess(Box::new(access))),
        ("lan_access_suspended", ToTerminal::LanAccess(Box::new(suspended))),
        ("lan_access_closed", ToTerminal::LanAccess(Box::new(closed))),
        ("lan_certificate_issued", ToTerminal::LanCertificateIssued { chain_pem: "-----BEGIN".into() }),
        ("office_answer", ToTerminal::OfficeAnswer(answer)),
        ("authorize_result_again", result(HostVerdict::Again, None)),
        ("authorize_result_renamed", result(HostVerdict::Refused, Some(RENAMED))),
    ]
}

pub fn to_cloud() -> Vec<(&'static str, ToCloud)> {
    let applied = |error| ToCloud::LanAccessApplied(LanAccessApplied { version: 9, error });
    let ended = ToCloud::Ended {
        intent: INTENT,
        attempt_epoch: 0,
        cause: EndCause::CustomerCancelled,
        origin: Some(Origin { channel: Channel::Cashless, description: None, ..origin() }),
    };
    let request = LanCertificateRequest {
        csr_der: [0x30, 3, 2, 1, 1].as_slice().into(),
        addresses: vec!["192.168.1.51".parse().unwrap(), "fe80::1".parse().unwrap()],
    };
    let standing = OfflineStanding {
        pending: 2,
        amount_minor: 5_000,
        currency: Some(Currency::parse("USD").unwrap()),
        oldest_at: Some(Timestamp(1_800_000_004_000)),
        generation: 3,
        last_number: 6,
    };
    let empty =
        OfflineStanding { pending: 0, amount_minor: 0, currency: None, oldest_at: None, ..standing.clone() };
    let office = |operation: Operation, key: Option<&str>| {
        let body = br#"{"amount":1}"#.as_slice().into();
        ToCloud::OfficeRequest(OfficeRequest { request: 77, operation, key: key.map(Arc::from), body })
    };
    vec![
        ("authorize_began_here", ToCloud::Authorize(began_here())),
        ("authorize_offline", ToCloud::Authorize(Authorize { offline: Some(offline()), ..began_here() })),
        ("ended_began_here", ended),
        ("lan_access_applied", applied(None)),
        ("lan_access_refused", applied(Some("no client authority".into()))),
        ("lan_certificate_request", ToCloud::LanCertificateRequest(request)),
        ("office_capture", office(Operation::Capture, Some("k1"))),
        ("office_void", office(Operation::Void, Some("k1"))),
        ("office_find", office(Operation::Find, None)),
        ("office_refund", office(Operation::Refund, Some("k1"))),
        ("office_close_batch", office(Operation::CloseBatch, Some("k1"))),
        ("offline_standing", ToCloud::OfflineStanding(standing)),
        ("offline_standing_empty", ToCloud::OfflineStanding(empty)),
    ]
}
