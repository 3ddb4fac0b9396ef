//! What stalls, and what is exchanged, while the listener serves: clients that say nothing, a cloud that answers nothing, a
//! certificate that is replaced.

use std::time::Duration;

use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;
use vinr_wire::link::Operation;

use crate::ecr::{Ecr, refused};
use crate::shop::{Shop, TERMINAL};
use crate::wire::Line;

#[tokio::test]
async fn clients_that_do_not_finish_their_handshake_are_let_go_and_hold_nobody_up() {
    let shop = Shop::open().await;
    let address = shop.https();
    let mut stalled = Vec::new();
    // Nothing at all; the head of a record; a record that announces more than it brings.
    for said in [&b""[..], &[0x16, 0x03, 0x01], &[0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00]] {
        let mut client = TcpStream::connect(address).await.unwrap();
        client.write_all(said).await.unwrap();
        stalled.push(client);
    }
    let mut ecr = Ecr::of(&shop).await;
    assert_eq!(ecr.sale("meanwhile").await.json()["status"], "approved", "nobody waits for them");
    for mut client in stalled {
        let mut rest = Vec::new();
        let ended = timeout(Duration::from_secs(15), client.read_to_end(&mut rest)).await;
        // An end or a reset; not the patience of this test.
        assert!(ended.is_ok(), "it is still held after 15 s");
    }
    assert_eq!(ecr.post("status", &json!({})).await.status, 200);
}

#[tokio::test]
async fn a_cloud_that_does_not_answer_is_no_refusal_and_the_same_request_is_carried_out_once() {
    let shop = Shop::open().await;
    let mut given = 0;
    shop.office(move |operation, key, body| match operation {
        Operation::Refund => {
            assert_eq!((key, &body["amount"]), (Some("cashless/refund/R-1"), &json!(2500)));
            given += 1;
            (200, json!({"id": "re_1", "status": "succeeded"}), given > 1)
        }
        _ => (404, json!({"error": {"code": "not_found"}}), false),
    });
    let mut ecr = Ecr::of(&shop).await;
    ecr.sale("POS-1").await;
    let refund = json!({"originalReference": "POS-1", "amount": 2500, "currency": "USD", "reference": "R-1"});
    shop.mutes(true);
    refused(&ecr.post("refund", &refund).await, 503, "communication_error");
    let mut till = Line::till(&shop).await;
    let unknown = till.get("/v1/terminal/payments/tpay_01JZ0000000000000000000001").await;
    assert_eq!((unknown.status, unknown.code().as_str()), (503, "unavailable"), "silence is not 404");
    // A sale needs no more than the issuer: it goes on.
    assert_eq!(ecr.sale("POS-2").await.json()["status"], "approved");
    shop.mutes(false);
    let given = ecr.post("refund", &refund).await;
    assert_eq!((given.status, &given.json()["transactionId"]), (200, &json!("re_1")));
    let asked = shop.asked().into_iter().filter(|(operation, _, _)| *operation == Operation::Refund);
    let keys: Vec<_> = asked.map(|(_, key, _)| key).collect();
    assert_eq!(keys, vec![Some("cashless/refund/R-1".to_owned()); 2], "asked twice under one name");
    assert_eq!(given.json()["originalTransactionId"].as_str().map(|id| id.starts_with("tpay_")), Some(true));
}

#[tokio::test]
async fn a_new_certificate_is_shown_to_new_connections_and_old_ones_go_on() {
    let shop = Shop::open().await;
    let (mut old, before) = Line::ecr_and_leaf(&shop).await;
    let asked = json!({"terminalId": TERMINAL});
    assert_eq!(old.post("/cashless/v1/status", &json!({})).await.status, 200, "{asked}");
    let mut certificate = shop.terminal.till().certificate();
    certificate.borrow_and_update();
    shop.moves_to("127.0.0.2".parse().unwrap()).await;
    timeout(Duration::from_secs(20), certificate.changed()).await.expect("a new certificate comes").unwrap();
    let mut new = timeout(Duration::from_secs(20), async {
        loop {
            let (line, leaf) = Line::ecr_and_leaf(&shop).await;
            if leaf != before {
                break line;
            }
            tokio::task::yield_now().await;
        }
    })
    .await
    .expect("new connections are shown it");
    for line in [&mut old, &mut new] {
        assert_eq!(line.post("/cashless/v1/status", &json!({})).await.json()["status"], "ready");
    }
}
