//! The log of requests: who sees what of them, what is never in it, that it stays within its bounds and is in nobody's way.

use std::time::Duration;

use axum::body::Body;
use vinr_domain::RequestId;
use vinr_server::requests::{Asked, Filter, Found, Statuses};
use vinr_server::store::Scope;

use crate::shop::*;

async fn log(shop: &Shop, of: &Scope, filter: Filter) -> Found {
    shop.platform.applications.requests.list(of, &filter, None, 100).await.unwrap()
}

/// Method, path and status, newest first.
fn told(found: &Found) -> Vec<String> {
    found.lines.iter().map(|line| format!("{} {} {}", line.method, line.path, line.status)).collect()
}

fn asked(of: &Scope, number: u128) -> Asked {
    Asked {
        scope: of.clone(),
        id: RequestId((u128::from(START.0.unsigned_abs()) << 80) + number),
        method: "GET",
        path: "/v1/refunds".into(),
        query: None,
        status: 200,
        took: Duration::from_micros(700),
        key: "sk_test_…6789".into(),
        version: "2026-06-11",
        code: None,
        idempotency_key: None,
        replayed: false,
        agent: None,
    }
}

#[tokio::test(start_paused = true)]
async fn an_account_sees_its_own_requests_with_what_became_of_them() {
    let shop = Shop::open().await;
    let (own, live, other) = (scope("acct_a", false), scope("acct_a", true), scope("acct_b", false));
    shop.get(TEST, "/v1/terminal/payments?limit=2&reference=order-1").await;
    let body = r#"{"url":"https://shop.example/","enabled_events":["*"]}"#;
    let made = shop.post_once(TEST, "/v1/webhook-endpoints", body, "make-1").await;
    shop.post_once(TEST, "/v1/webhook-endpoints", body, "make-1").await;
    shop.get(OTHER, "/v1/refunds").await;
    shop.get(LIVE, "/v1/batches").await;
    shop.get(READER, "/v1/refunds").await;
    shop.get("sk_test_nobody", "/v1/refunds").await;
    shop.get(TEST, "/v1/nothing/here").await;

    let all = log(&shop, &own, Filter::default()).await;
    assert_eq!(
        told(&all),
        [
            "GET /v1/refunds 403",
            "POST /v1/webhook-endpoints 200",
            "POST /v1/webhook-endpoints 200",
            "GET /v1/terminal/payments?limit=2&reference=order-1 200",
        ]
    );
    assert_eq!(told(&log(&shop, &live, Filter::default()).await), ["GET /v1/batches 200"]);
    assert_eq!(told(&log(&shop, &other, Filter::default()).await), ["GET /v1/refunds 200"]);
    let [refused, again, first, _] = &all.lines[..] else { panic!("{all:?}") };
    assert_eq!(
        (refused.code.as_deref(), refused.version.as_ref()),
        (Some("permission_denied"), "2026-06-11")
    );
    assert_eq!((first.replayed, again.replayed), (false, true));
    assert_eq!(first.idempotency_key.as_deref(), Some("make-1"));
    assert_eq!((Some(first.id.as_ref()), first.at), (made.header("x-request-id"), START));
    let filter = Filter { statuses: Statuses::parse("4xx"), ..Filter::default() };
    assert_eq!(log(&shop, &own, filter).await.lines, std::slice::from_ref(refused));
    let one = shop.platform.applications.requests.retrieve(&own, &first.id).await.unwrap();
    assert_eq!(one, *first);
    assert!(shop.platform.applications.requests.retrieve(&other, &first.id).await.is_err());
    let requests = &shop.platform.applications.requests;
    let older = requests.list(&own, &Filter::default(), Some(&again.id), 1).await.unwrap();
    assert_eq!((older.lines, older.more), (vec![first.clone()], true));
}

#[tokio::test(start_paused = true)]
async fn neither_secrets_nor_card_numbers_nor_bodies_are_in_it() {
    let shop = Shop::open().await;
    let own = scope("acct_a", false);
    let canary = "4242424242424242";
    let path = format!("/v1/terminal/payments?simulateCard={canary}");
    shop.post(TEST, &path, &format!(r#"{{"terminalId":"{TERMINAL}","amount":1,"description":"{canary}"}}"#))
        .await;
    shop.get(TEST, &format!("/v1/terminal/payments/{canary}")).await;
    shop.get(TEST, "/v1/refunds?starting_after=sk_test_somebody").await;
    let request = bearer("GET", TEST, "/v1/refunds").header("user-agent", format!("till {canary}"));
    shop.send(request.body(Body::empty()).unwrap()).await;
    shop.post_once(TEST, "/v1/webhook-endpoints", r#"{"url":"whsec_x"}"#, "4242 4242 4242 4242").await;
    let found = log(&shop, &own, Filter::default()).await;
    assert_eq!(found.lines.len(), 5);
    let text = format!("{found:?}");
    for never in [canary, "4242 4242", TEST, "somebody", "whsec_x"] {
        assert!(!text.replace("sk_test_…", "").contains(never), "{never} is in {text}");
    }
    assert!(text.contains("simulateCard=…") && text.contains("/v1/terminal/payments/…"), "{text}");
}

#[tokio::test(start_paused = true)]
async fn it_keeps_the_newest_ten_thousand_for_thirty_days() {
    let shop = Shop::open().await;
    let own = scope("acct_a", false);
    let requests = &shop.platform.applications.requests;
    for number in 0..12_000_u128 {
        requests.note(asked(&own, number));
        if number % 1_000 == 0 {
            // As a server does: answers come one after the other.
            assert!(!log(&shop, &own, Filter::default()).await.lines.is_empty());
        }
    }
    let mut kept = 0;
    let (mut after, mut last) = (None::<String>, String::new());
    loop {
        let page = requests.list(&own, &Filter::default(), after.as_deref(), 1_000).await.unwrap();
        kept += page.lines.len();
        assert_eq!(page.lost, 0);
        last = page.lines.last().map_or(last, |line| line.id.to_string());
        if !page.more {
            break;
        }
        after = Some(last.clone());
    }
    assert!((10_000 - 64..=10_048).contains(&kept), "{kept} are kept");
    // A month later nobody has asked anything, and nothing is left.
    shop.clock.advance_ms(31 * 24 * 3_600_000);
    tokio::time::sleep(Duration::from_secs(601)).await;
    assert_eq!(log(&shop, &own, Filter::default()).await.lines, []);
    requests.note(asked(&own, 20_000));
    assert_eq!(log(&shop, &own, Filter::default()).await.lines.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn what_there_is_no_room_for_is_counted_and_delays_nobody() {
    let shop = Shop::open().await;
    let own = scope("acct_a", false);
    let requests = &shop.platform.applications.requests;
    // Nothing is awaited, so nothing is written meanwhile.
    (0..10_000_u128).for_each(|number| requests.note(asked(&own, number)));
    let found = requests.list(&own, &Filter::default(), None, 9_000).await.unwrap();
    assert_eq!((found.lines.len(), found.lost), (8_192, 10_000 - 8_192));
}
