//! Rate limits (contract 2.4), on a clock that moves by hand.

use serde_json::json;
use vinr_server::settings::{Quota, RateLimits};

use crate::shop::{LIVE, OTHER, READER, Shop, TEST, authorized};

const PAYMENTS: &str = "/v1/terminal/payments";
const GOOD: &str = r#"{"terminalId":"term_counter","amount":4200,"currency":"EUR"}"#;

fn small() -> RateLimits {
    RateLimits {
        test: Some(Quota { per_second: 1, burst: 2 }),
        live: Some(Quota { per_second: 1, burst: 3 }),
        polling: None,
    }
}

#[tokio::test]
async fn an_empty_bucket_says_when_to_come_back_and_nothing_is_done() {
    let shop = Shop::with_limits(small()).await;
    let mut left = Vec::new();
    for _ in 0..2 {
        let got = shop.post(TEST, PAYMENTS, GOOD).await;
        assert_eq!(got.header("x-ratelimit-limit"), Some("2"));
        left.push(got.header("x-ratelimit-remaining").unwrap().to_owned());
    }
    assert_eq!(left, ["1", "0"]);
    let got = shop.post(TEST, PAYMENTS, GOOD).await;
    assert_eq!((got.status.as_u16(), got.code().as_str()), (429, "rate_limited"));
    assert_eq!((&got.error()["type"], &got.error()["retry"]), (&json!("rate_limit_error"), &json!("later")));
    assert_eq!(got.header("retry-after"), Some("1"));
    assert_eq!(got.header("x-ratelimit-remaining"), Some("0"));
    assert_eq!(got.header("x-ratelimit-reset"), Some("1781168402"));
    assert_eq!(shop.stored().await, 2);
    assert_eq!(shop.get(TEST, PAYMENTS).await.status, 200, "reads have their own bucket");
    assert_eq!(shop.post(OTHER, PAYMENTS, GOOD).await.status, 202, "so has another key");
    shop.clock.advance_ms(1_000);
    assert_eq!(shop.post(TEST, PAYMENTS, GOOD).await.status, 202);
}

#[tokio::test]
async fn test_and_live_keys_have_their_own_quotas() {
    let shop = Shop::with_limits(small()).await;
    assert_eq!(shop.get(LIVE, PAYMENTS).await.header("x-ratelimit-limit"), Some("3"));
    assert_eq!(shop.get(TEST, PAYMENTS).await.header("x-ratelimit-limit"), Some("2"));
    let refused = shop.post(READER, PAYMENTS, GOOD).await;
    assert_eq!((refused.status.as_u16(), refused.header("x-ratelimit-remaining")), (403, Some("1")));
}

#[tokio::test]
async fn polling_one_payment_is_slower_than_reading() {
    let limits = RateLimits { test: None, live: None, polling: Some(Quota { per_second: 1, burst: 2 }) };
    let shop = Shop::with_limits(limits).await;
    let (one, two) = (shop.put(authorized(1)).await, shop.put(authorized(2)).await);
    let poll = async |id| shop.get(TEST, &format!("{PAYMENTS}/{id}")).await.status.as_u16();
    assert_eq!([poll(one).await, poll(one).await, poll(one).await], [200, 200, 429]);
    assert_eq!(poll(two).await, 200);
    assert_eq!(shop.get(TEST, PAYMENTS).await.status, 200);
    shop.clock.advance_ms(1_000);
    assert_eq!(poll(one).await, 200);
}

#[tokio::test]
async fn without_limits_nothing_is_counted() {
    let shop = Shop::open().await;
    let got = shop.get(TEST, PAYMENTS).await;
    assert_eq!(got.header("x-ratelimit-limit"), None);
}
