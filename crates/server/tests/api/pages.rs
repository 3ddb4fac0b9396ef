//! The pages, the addresses for whoever runs the server, and what happens when a handler panics.

use std::sync::atomic::Ordering;

use axum::body::Body;
use axum::http::Request;

use crate::shop::{Got, Shop, TEST, pending};

async fn open(shop: &Shop, path: &str) -> Got {
    shop.send(Request::get(path).body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn pages_run_no_script_in_line_and_load_nothing_from_elsewhere() {
    let shop = Shop::open().await;
    for path in ["/", "/docs", "/docs/errors"] {
        let got = open(&shop, path).await;
        assert_eq!(got.header("content-type"), Some("text/html; charset=utf-8"), "{path}");
        let policy = got.header("content-security-policy").unwrap();
        assert!(policy.starts_with("default-src 'none'"), "{path}");
        assert!(!policy.contains("script-src") || policy.contains("script-src 'self';"), "{path}");
        let page = got.text();
        for script in page.split("<script").skip(1) {
            assert!(script.starts_with(" src=\"/docs/") && script.contains("></script>"), "{path}");
        }
        assert!(!page.contains("style=") && !page.contains(" onclick"), "{path}");
        for attribute in ["src=\"", "href=\""] {
            for target in page.split(attribute).skip(1).filter_map(|rest| rest.split('"').next()) {
                assert!(target.starts_with('/'), "{path} loads {target}");
                let target = open(&shop, target).await;
                assert_eq!(target.status, 200, "{path}");
            }
        }
    }
}

#[tokio::test]
async fn files_that_pages_do_not_load_are_not_there() {
    let shop = Shop::open().await;
    for path in ["/docs/index.html", "/docs/swagger-initializer.js", "/docs/..%2f..", "/docs/x/y"] {
        let got = open(&shop, path).await;
        assert_eq!((got.status.as_u16(), got.code().as_str()), (404, "not_found"), "{path}");
    }
    let script = open(&shop, "/docs/swagger-ui-bundle.js").await;
    assert!(script.body.len() > 100_000);
    assert_eq!(script.header("content-type"), Some("text/javascript; charset=utf-8"));
    assert_eq!(script.header("x-content-type-options"), Some("nosniff"));
}

#[tokio::test]
async fn ready_means_that_the_store_answers_and_nobody_is_leaving() {
    let shop = Shop::open().await;
    assert_eq!(open(&shop, "/healthz").await.text(), "ok\n");
    assert_eq!(open(&shop, "/readyz").await.status, 200);
    shop.condition.draining.store(true, Ordering::Relaxed);
    let got = open(&shop, "/readyz").await;
    assert_eq!((got.status.as_u16(), got.text().as_str()), (503, "not ready: shutting down\n"));
    assert_eq!(open(&shop, "/healthz").await.status, 200);
}

#[tokio::test]
async fn figures_are_by_route_method_and_status_and_by_nothing_a_caller_chooses() {
    let shop = Shop::open().await;
    // Each test runs on one thread, and this one counts into its own recorder.
    let _counting = metrics::set_default_local_recorder(&shop.recorder);
    let id = shop.put(pending(1, false)).await;
    shop.get(TEST, &format!("/v1/terminal/payments/{id}")).await;
    shop.get(TEST, "/v1/terminal/payments?reference=secret").await;
    shop.get("sk_test_unknown", "/v1/terminal/payments?reference=secret").await;
    shop.send(Request::builder().method("SECRET").uri("/docs").body(Body::empty()).unwrap()).await;
    open(&shop, "/secret").await;
    let got = open(&shop, "/metrics").await;
    assert!(got.header("content-type").unwrap().starts_with("text/plain; version=0.0.4"));
    let figures = got.text();
    for line in [
        r#"vinr_http_requests_total{route="/v1/terminal/payments/{id}",method="GET",status="200"} 1"#,
        r#"vinr_http_requests_total{route="/v1/terminal/payments",method="GET",status="200"} 1"#,
        r#"vinr_http_requests_total{route="/v1/terminal/payments",method="GET",status="401"} 1"#,
        r#"vinr_http_requests_total{route="/docs",method="other",status="405"} 1"#,
        r#"vinr_http_requests_total{route="unmatched",method="other",status="404"} 1"#,
        r#"vinr_http_request_duration_seconds_count{route="/v1/terminal/payments",method="GET"} 2"#,
    ] {
        assert!(figures.lines().any(|shown| shown == line), "{line} is not in\n{figures}");
    }
    assert!(!figures.contains("secret") && !figures.contains("SECRET") && !figures.contains(&id.to_string()));
}

#[tokio::test]
async fn a_panic_ends_its_request_and_not_the_server() {
    let shop = Shop::open().await;
    shop.condition.panics.store(true, Ordering::Relaxed);
    let got = open(&shop, "/readyz").await;
    assert_eq!((got.status.as_u16(), got.code().as_str()), (500, "internal_error"));
    assert_eq!(got.error()["money_may_have_moved"], false);
    assert!(!got.text().contains("told to panic"));
    shop.condition.panics.store(false, Ordering::Relaxed);
    assert_eq!(open(&shop, "/readyz").await.status, 200);
}
