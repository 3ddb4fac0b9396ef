//! What terminals approve without the cloud: it becomes money or a no, or it goes on being asked for; what cannot be is
//! refused, and somebody is told.

use serde_json::json;
use vinr_domain::payment::{State, StateKind, Status};
use vinr_domain::terminal::Reason;
use vinr_domain::{DeclineCode, TerminalId};
use vinr_server::clock::Clock;
use vinr_server::store::{Change, Store as _, TerminalRow, Transaction};
use vinr_wire::link::HostVerdict;

use super::device::{Device, Sale};
use super::shop::{START, Said, Shop, pass, scope};

const HOUR_MS: i64 = 3_600_000;
const NO: HostVerdict = HostVerdict::Declined(DeclineCode::OfflineAuthDeclined);

/// A sale that the terminal approved this long ago, first of its chain.
fn alone(shop: &Shop, intent: u128, ago_ms: i64) -> Sale {
    let sale = Sale::new(shop, intent, u32::try_from(intent).unwrap());
    sale.alone(1, [0; 32], shop.clock.wall().plus_ms(-ago_ms))
}

async fn attention(shop: &Shop) -> Vec<String> {
    let terminal = shop.get("/v1/terminals/term_a").await;
    let reasons = terminal["attention"].as_array().unwrap();
    reasons.iter().map(|reason| reason.as_str().unwrap().to_owned()).collect()
}

fn said(device: &mut Device) -> Vec<HostVerdict> {
    device.verdicts().into_iter().map(|(_, verdict, _)| verdict).collect()
}

#[tokio::test(start_paused = true)]
async fn approvals_given_alone_become_money_in_their_order_and_occupy_nothing() {
    let shop = Shop::open().await;
    let mut device = Device::connect(&shop, "term_a").await;
    let (mut previous, mut sales) = ([0; 32], Vec::new());
    for number in 1..=3_u32 {
        let sale = Sale::new(&shop, number.into(), number);
        let sale = sale.alone(number, previous, shop.clock.wall().plus_ms(-HOUR_MS));
        previous = sale.hash();
        sales.push(sale);
    }
    device.stands(3, 3).await;
    let shown = shop.get("/v1/terminals/term_a").await;
    assert_eq!((&shown["offline"]["pending"], &shown["offline"]["amount"]), (&json!(3), &json!(3_600)));
    shop.bank.says(None, Some(Said::Yes));
    device.authorize(&sales[0]).await;
    let body = json!({"terminalId": "term_a", "amount": 500, "currency": "EUR", "responseMode": "async"});
    let (_, created) = shop.send("POST", "/v1/terminal/payments", &body.to_string()).await;
    assert_eq!(created["status"], "pending", "the terminal is free while what it approved is asked for");
    shop.bank.says(Some(Said::Yes), Some(Said::Yes));
    for sale in &sales[1..] {
        device.authorize(sale).await;
    }
    device.live(20_000).await;
    for number in 1..=3 {
        assert_eq!(shop.status(number).await, Some(Status::Completed));
    }
    device.stands(0, 3).await;
    let id = shop.payment(1).await.unwrap().id;
    assert_eq!(shop.get(&format!("/v1/terminal/payments/{id}")).await["offline"], true);
    assert_eq!(shop.get("/v1/terminals/term_a").await["offline"], json!(null));
    pass(5).await;
    assert_eq!(attention(&shop).await, Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn the_issuers_no_and_old_age_are_a_no_of_their_own() {
    let shop = Shop::open().await;
    let mut device = Device::connect(&shop, "term_a").await;
    shop.bank.says(Some(Said::No(DeclineCode::InsufficientFunds)), None);
    device.authorize(&alone(&shop, 1, HOUR_MS)).await;
    assert_eq!(said(&mut device), [NO]);
    let payment = shop.payment(1).await.unwrap();
    assert!(matches!(payment.state, State::Failed { code: DeclineCode::OfflineAuthDeclined, .. }));
    let kinds = ["terminal_payment.created", "terminal_payment.updated", "terminal_payment.failed"];
    assert_eq!(shop.told(&payment.id.to_string()).await, kinds);

    let mut other = Device::connect(&shop, "term_b").await;
    shop.bank.says(Some(Said::Yes), None);
    other.authorize(&alone(&shop, 2, 5 * HOUR_MS)).await;
    assert_eq!(said(&mut other), [NO], "four hours is what the configuration says");
    assert_eq!(shop.bank.asked.lock().unwrap().len(), 1, "nobody is asked for what is too old");
    other.authorize(&alone(&shop, 2, 5 * HOUR_MS)).await;
    other.live(5_000).await;
    assert_eq!(shop.audited().await.get("offline_approval.voided"), Some(&1), "somebody is told, once");
    assert_eq!(shop.get("/v1/terminals/term_b").await["status"], "needs_attention");
}

#[tokio::test(start_paused = true)]
async fn an_approval_for_a_payment_that_is_being_cancelled_ends_it_and_somebody_is_told_once() {
    let shop = Shop::open().await;
    let mut device = Device::connect(&shop, "term_a").await;
    let body = json!({"terminalId": "term_a", "amount": 1200, "currency": "EUR", "reference": "order 1",
        "clientToken": "00000000-0000-0000-0000-000000000001", "responseMode": "async"});
    let (_, created) = shop.send("POST", "/v1/terminal/payments", &body.to_string()).await;
    let cancel = format!("/v1/terminal/payments/{}/cancel", created["id"].as_str().unwrap());
    let (status, _) = shop.send("POST", &cancel, "{}").await;
    assert_eq!((status, shop.status(1).await), (202, Some(Status::Pending)), "the terminal has not answered");
    let sale = alone(&shop, 1, HOUR_MS);
    for _ in 0..2 {
        device.authorize(&sale).await;
        assert_eq!(said(&mut device).last(), Some(&HostVerdict::Refused));
    }
    assert_eq!(shop.status(1).await, Some(Status::Cancelled));
    assert!(shop.bank.asked.lock().unwrap().is_empty());
    device.live(5_000).await;
    assert_eq!(attention(&shop).await, ["offline_voided"]);
    assert_eq!(shop.audited().await.get("offline_approval.voided"), Some(&1));
}

#[tokio::test(start_paused = true)]
async fn silence_about_an_approval_given_alone_is_asked_about_and_never_reversed() {
    let shop = Shop::open().await;
    let mut device = Device::connect(&shop, "term_a").await;
    shop.bank.says(None, None);
    let sale = alone(&shop, 1, 0);
    device.authorize(&sale).await;
    device.live(600_000).await;
    assert_eq!(shop.payment(1).await.unwrap().state.kind(), StateKind::Uncertain);
    assert_eq!(said(&mut device), [HostVerdict::Unknown]);
    shop.bank.says(Some(Said::Yes), Some(Said::NotFound));
    device.live(600_000).await;
    assert!(said(&mut device).contains(&HostVerdict::Again), "there is nothing to be found: send it again");
    assert_eq!(shop.status(1).await, Some(Status::Processing));
    device.authorize(&sale).await;
    assert!(matches!(said(&mut device).last(), Some(HostVerdict::Approved { .. })));
    assert_eq!(shop.status(1).await, Some(Status::Completed));
    assert!(shop.bank.reversed.lock().unwrap().is_empty());
    let asked = shop.bank.asked.lock().unwrap().clone();
    assert_eq!(asked.len(), 2);
    assert_eq!(asked[0], asked[1], "under the same name");
    pass(5).await;
    assert_eq!(attention(&shop).await, Vec::<String>::new(), "sent again is not repeated");
}

#[tokio::test(start_paused = true)]
async fn an_approval_whose_intent_is_closed_is_refused_and_somebody_is_told_once() {
    let shop = Shop::open().await;
    let (mut a, mut b) = (Device::connect(&shop, "term_a").await, Device::connect(&shop, "term_b").await);
    b.authorize(&Sale::new(&shop, 1, 1)).await;
    let sale = alone(&shop, 1, HOUR_MS);
    for _ in 0..2 {
        a.authorize(&sale).await;
        assert_eq!(said(&mut a), [HostVerdict::Refused]);
    }
    assert_eq!(shop.bank.asked.lock().unwrap().len(), 1, "one charge for one intent");
    a.live(5_000).await;
    assert_eq!(attention(&shop).await, ["offline_voided"]);
    assert_eq!(shop.get("/v1/terminals/term_a").await["status"], "needs_attention");
    assert_eq!(shop.audited().await.get("offline_approval.voided"), Some(&1));
}

#[tokio::test(start_paused = true)]
async fn a_broken_chain_is_told_and_what_is_genuine_is_still_money() {
    let shop = Shop::open().await;
    let mut device = Device::connect(&shop, "term_a").await;
    let now = shop.clock.wall();
    let gap = Sale::new(&shop, 3, 3).alone(3, [9; 32], now);
    device.authorize(&gap).await;
    assert!(matches!(said(&mut device)[..], [HostVerdict::Approved { .. }]));
    let mut altered = Sale::new(&shop, 4, 4).alone(4, gap.hash(), now);
    altered.origin.asked.amount_minor += 1;
    device.authorize(&altered).await;
    assert_eq!(said(&mut device), [NO], "what was approved is not what is asked for");
    device.live(5_000).await;
    assert_eq!(attention(&shop).await, ["offline_records"]);
    assert_eq!(shop.audited().await.get("offline_chain.broken"), Some(&2));
}

#[tokio::test(start_paused = true)]
async fn approvals_that_never_came_are_missed_when_nothing_waits_any_more_also_by_the_next_server() {
    let shop = Shop::open().await;
    let mut device = Device::connect(&shop, "term_a").await;
    device.authorize(&alone(&shop, 1, 0)).await;
    device.stands(1, 2).await;
    device.live(5_000).await;
    assert_eq!(attention(&shop).await, Vec::<String>::new(), "it may still come");
    drop(device);
    let shop = shop.restart().await;
    let mut device = Device::connect(&shop, "term_a").await;
    for _ in 0..2 {
        device.stands(0, 2).await;
        device.live(5_000).await;
    }
    assert_eq!(attention(&shop).await, ["offline_records"]);
    assert_eq!(shop.audited().await.get("offline_chain.broken"), Some(&1));
}

#[tokio::test(start_paused = true)]
async fn attention_is_called_for_a_week() {
    let shop = Shop::open().await;
    for (id, days) in [("term_a", 7), ("term_b", 6)] {
        let id = TerminalId::parse(id).unwrap();
        let mut row = TerminalRow::new(id, scope("acct_shop"), "nexgo_n92", "SN-1", START);
        row.found = [Reason::OfflineRecords, Reason::OfflineVoided].into_iter().collect();
        row.offline_wrong_at = Some(START.plus_ms(-days * 24 * HOUR_MS));
        shop.store.commit(Transaction { changes: vec![Change::put(&row)] }).await.unwrap();
    }
    let shop = shop.restart().await;
    assert_eq!(attention(&shop).await.len(), 2);
    pass(60).await;
    assert_eq!(attention(&shop).await, Vec::<String>::new());
    assert_eq!(
        shop.get("/v1/terminals/term_b").await["attention"],
        json!(["offline_records", "offline_voided"])
    );
}

#[tokio::test(start_paused = true)]
async fn what_a_suspended_account_approved_alone_before_it_knew_is_taken() {
    let shop = Shop::open().await;
    let mut device = Device::connect(&shop, "term_a").await;
    shop.suspend(true).await;
    device.authorize(&alone(&shop, 1, HOUR_MS)).await;
    assert!(matches!(said(&mut device)[..], [HostVerdict::Approved { .. }]));
    assert_eq!(shop.status(1).await, Some(Status::Completed));
}
