//! What every request must get past: TLS, the terminal's own names, no web pages.

use std::net::SocketAddr;

use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::shop::{Shop, TERMINAL};
use crate::wire::Line;

async fn plain(address: SocketAddr, path: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!("POST {path} HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

#[tokio::test]
async fn plain_http_is_told_to_use_https() {
    let shop = Shop::open().await;
    let local = plain(shop.https(), "/v1/pay").await;
    assert!(local.starts_with("HTTP/1.1 400 ") && local.contains("https_required"), "{local}");
    let cashless = plain(shop.https(), "/cashless/v1/sale").await;
    assert!(cashless.starts_with("HTTP/1.1 400 ") && cashless.contains("invalid_request"), "{cashless}");
    let mut noise = TcpStream::connect(shop.https()).await.unwrap();
    noise.write_all(&[0x80, 0x2e, 0x01]).await.unwrap();
    let mut nothing = Vec::new();
    noise.read_to_end(&mut nothing).await.unwrap_or_default();
    assert!(nothing.is_empty());
}

#[tokio::test]
async fn only_the_terminal_s_own_names_are_answered() {
    let shop = Shop::open().await;
    let port = shop.https().port();
    for host in
        ["localhost", "127.0.0.1", "127.0.0.1:1", "term-t1.local", "TERM-T1.local:8443", "cashless.example"]
    {
        let mut line = Line::tls(&shop, None).await.host(host);
        assert_eq!(line.get("/v1/status").await.status, 200, "{host}");
    }
    for host in [
        "evil.example",
        &format!("evil.example:{port}"),
        "192.168.1.51",
        "term-t2.local",
        "localhost.evil",
        "",
    ] {
        let mut line = Line::tls(&shop, None).await.host(host);
        let answer = line.get("/v1/status").await;
        assert_eq!((answer.status, answer.code().as_str()), (403, "host_not_allowed"), "{host}");
    }
    let mut ecr = Line::ecr(&shop).await.host("evil.example");
    assert_eq!(ecr.post("/cashless/v1/status", &json!({})).await.code(), "invalid_request");
}

#[tokio::test]
async fn web_pages_are_not_answered() {
    let shop = Shop::open().await;
    let mut page = Line::till(&shop).await.with("origin", "https://shop.example");
    let answer = page.get("/v1/terminal/payments").await;
    assert_eq!((answer.status, answer.code().as_str()), (403, "origin_not_allowed"));
    assert_eq!(answer.header("access-control-allow-origin"), None);
}

#[tokio::test]
async fn nothing_is_served_before_the_cloud_has_spoken() {
    let shop = Shop::with(|_| {}, |access| (access.local_api, access.cashless) = (false, false)).await;
    assert_eq!(shop.lan.state().borrow().https, None);
    let mut standing = shop.terminal.till().standing();
    standing.wait_for(|standing| standing.online).await.unwrap();
    assert_eq!(shop.lan.state().borrow().https, None);
    assert_eq!(shop.terminal.till().who().terminal, TERMINAL);
}
