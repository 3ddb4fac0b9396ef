//! Payments that begin at a terminal: one payment for each intent, whoever is first, and nothing that was asked is lost.

use serde_json::json;
use vinr_domain::payment::{CaptureMethod, Channel, EndCause, State, Status};
use vinr_domain::{DeclineCode, PaymentId};
use vinr_wire::link::HostVerdict;

use super::device::{Device, Sale};
use super::shop::{Said, Shop, pass};

fn approved(verdict: &HostVerdict) -> bool {
    matches!(verdict, HostVerdict::Approved { .. })
}

#[tokio::test(start_paused = true)]
async fn a_sale_at_a_terminal_is_a_payment_with_the_name_that_it_got_there() {
    let shop = Shop::open().await;
    let mut device = Device::connect(&shop, "term_a").await;
    let sale = Sale::new(&shop, 7, 1);
    device.authorize(&sale).await;
    let verdicts = device.verdicts();
    assert!(verdicts.len() == 1 && approved(&verdicts[0].1), "{verdicts:?}");
    assert_eq!(verdicts[0].2, Some(sale.origin.payment));
    let payment = shop.payment(7).await.unwrap();
    assert_eq!((payment.id, payment.channel), (sale.origin.payment, Channel::Local));
    let id = payment.id.to_string();
    let kinds = ["terminal_payment.created", "terminal_payment.updated", "terminal_payment.completed"];
    assert_eq!(shop.told(&id).await, kinds);
    let shown = shop.get(&format!("/v1/terminal/payments/{id}")).await;
    assert_eq!((&shown["status"], &shown["terminalId"]), (&json!("completed"), &json!("term_a")));
    assert_eq!((&shown["reference"], shown.get("offline")), (&json!("order 7"), None));
    // The answer was lost: the same request is answered as before, and nobody is asked again.
    device.authorize(&sale).await;
    assert_eq!(device.verdicts(), verdicts);
    assert_eq!(shop.bank.asked.lock().unwrap().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_name_that_is_taken_or_cannot_be_true_is_replaced_and_told() {
    let shop = Shop::open().await;
    let mut device = Device::connect(&shop, "term_a").await;
    let first = Sale::new(&shop, 1, 1);
    let mut taken = Sale::new(&shop, 2, 2);
    taken.origin.payment = first.origin.payment;
    let mut old = Sale::new(&shop, 3, 3);
    old.origin.payment = PaymentId(PaymentId::first_at(shop_now(&shop) - 26 * 3_600_000).0 + 9);
    for sale in [&first, &taken, &old] {
        device.authorize(sale).await;
    }
    for (stan, verdict, name) in device.verdicts() {
        let payment = shop.payment(u128::from(stan)).await.unwrap();
        assert!(approved(&verdict) && payment.status() == Status::Completed);
        assert_eq!(name, Some(payment.id));
        assert_eq!(payment.id == first.origin.payment, stan == 1);
        assert!(payment.id.time().ms_since(payment.created_at).abs() < 60_000, "lists rely on it");
    }
}

fn shop_now(shop: &Shop) -> i64 {
    vinr_server::clock::Clock::wall(&*shop.clock).0
}

#[tokio::test(start_paused = true)]
async fn a_reference_that_somebody_bears_loses_no_card_that_was_presented() {
    let shop = Shop::open().await;
    let _other = Device::connect(&shop, "term_b").await;
    let mut device = Device::connect(&shop, "term_a").await;
    let body = json!({"terminalId": "term_b", "amount": 500, "currency": "EUR", "reference": "order 7"});
    let (status, _) = shop.send("POST", "/v1/terminal/payments?responseMode=async", &body.to_string()).await;
    let waits = json!({"terminalId": "term_b", "amount": 500, "currency": "EUR", "reference": "order 7", "responseMode": "async"});
    let (again, _) = shop.send("POST", "/v1/terminal/payments", &waits.to_string()).await;
    assert!(status == 202 || again == 202, "{status} {again}");
    device.authorize(&Sale::new(&shop, 7, 1)).await;
    assert!(approved(&device.verdicts()[0].1));
    assert_eq!(shop.status(7).await, Some(Status::Completed));
}

#[tokio::test(start_paused = true)]
async fn what_ended_at_the_terminal_is_on_record_as_cancelled_once() {
    let shop = Shop::open().await;
    let mut device = Device::connect(&shop, "term_a").await;
    let sale = Sale::new(&shop, 7, 1);
    for _ in 0..2 {
        device.ended(&sale, EndCause::CustomerCancelled).await;
    }
    let payment = shop.payment(7).await.unwrap();
    assert_eq!(payment.status(), Status::Cancelled);
    let kinds = ["terminal_payment.created", "terminal_payment.cancelled"];
    assert_eq!(shop.told(&payment.id.to_string()).await, kinds);
    // A request that comes after its end cannot be.
    device.authorize(&sale).await;
    assert_eq!(device.verdicts()[0].1, HostVerdict::Refused);
    assert!(shop.bank.asked.lock().unwrap().is_empty());
}

#[tokio::test(start_paused = true)]
async fn what_ended_at_the_terminal_ends_what_the_cloud_has_commanded_there_since_and_nowhere_else() {
    let shop = Shop::open().await;
    let (mut a, mut b) = (Device::connect(&shop, "term_a").await, Device::connect(&shop, "term_b").await);
    let token = "00000000-0000-0000-0000-000000000007";
    let body = json!({"terminalId": "term_a", "amount": 1200, "currency": "EUR", "reference": "order 7",
        "clientToken": token, "responseMode": "async"});
    let (status, created) = shop.send("POST", "/v1/terminal/payments", &body.to_string()).await;
    assert_eq!((status, &created["status"]), (202, &json!("pending")), "{created}");
    // The customer had left before the command arrived: the journal's word is older than the attempt.
    let sale = Sale::new(&shop, 7, 1);
    b.ended(&sale, EndCause::CustomerCancelled).await;
    assert_eq!(shop.status(7).await, Some(Status::Pending), "another terminal has no say in it");
    a.ended(&sale, EndCause::CustomerCancelled).await;
    assert_eq!(shop.status(7).await, Some(Status::Cancelled), "nobody waits for the lease");
    a.authorize(&sale).await;
    assert!(shop.bank.asked.lock().unwrap().is_empty());
}

#[tokio::test(start_paused = true)]
async fn an_intent_of_another_terminal_is_refused_and_one_of_this_is_joined() {
    let shop = Shop::open().await;
    let (mut a, mut b) = (Device::connect(&shop, "term_a").await, Device::connect(&shop, "term_b").await);
    let sale = Sale::new(&shop, 7, 1);
    a.authorize(&sale).await;
    b.authorize(&Sale { stan: 5, ..sale.clone() }).await;
    assert_eq!(b.verdicts(), [(5, HostVerdict::Refused, None)]);
    assert_eq!(shop.bank.asked.lock().unwrap().len(), 1, "one charge for one intent");

    let token = "00000000-0000-0000-0000-000000000008";
    let body = json!({"terminalId": "term_a", "amount": 1200, "currency": "EUR", "reference": "order 8",
        "clientToken": token, "responseMode": "async"});
    let (status, created) = shop.send("POST", "/v1/terminal/payments", &body.to_string()).await;
    assert_eq!(status, 202, "{created}");
    // The terminal had the same sale from its till; the command has not reached the journal.
    let mut other = Sale::new(&shop, 8, 2);
    other.origin.reference = None;
    a.verdicts();
    a.authorize(&other).await;
    assert_eq!(a.verdicts()[0].1, HostVerdict::Refused, "another reference is another payment");
    let sale = Sale::new(&shop, 8, 3);
    a.authorize(&sale).await;
    let verdicts = a.verdicts();
    assert!(approved(&verdicts[0].1));
    assert_eq!(verdicts[0].2.unwrap().to_string(), created["id"].as_str().unwrap(), "the cloud's name holds");
    assert_eq!(shop.status(8).await, Some(Status::Completed));
    // Whoever asks the cloud for the same sale afterwards is told of it, and nobody is charged again.
    let (status, again) = shop.send("POST", "/v1/terminal/payments", &body.to_string()).await;
    assert_eq!((status, &again["id"]), (202, &created["id"]));
    assert_eq!(shop.bank.asked.lock().unwrap().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_sale_that_the_acquirer_is_silent_about_is_found_out_and_reversed_as_every_payment() {
    let shop = Shop::open().await;
    let mut device = Device::connect(&shop, "term_a").await;
    shop.bank.says(None, Some(Said::NotFound));
    device.authorize(&Sale::new(&shop, 7, 1)).await;
    assert_eq!(shop.status(7).await, Some(Status::Processing));
    device.live(30_000).await;
    let payment = shop.payment(7).await.unwrap();
    assert!(matches!(payment.state, State::Failed { code: DeclineCode::CommunicationError, .. }));
    let said: Vec<_> = device.verdicts().into_iter().map(|(_, verdict, _)| verdict).collect();
    assert_eq!(said, [HostVerdict::Unknown, HostVerdict::Declined(DeclineCode::CommunicationError)]);
    assert_eq!(*shop.bank.reversed.lock().unwrap(), [payment.id]);
}

#[tokio::test(start_paused = true)]
async fn a_terminal_with_a_sale_of_its_own_is_busy_for_the_cloud_and_free_afterwards() {
    let shop = Shop::open().await;
    let mut device = Device::connect(&shop, "term_a").await;
    shop.bank.says(None, None);
    let mut sale = Sale::new(&shop, 7, 1);
    sale.origin.capture_method = CaptureMethod::Manual;
    device.authorize(&sale).await;
    let body = json!({"terminalId": "term_a", "amount": 500, "currency": "EUR", "responseMode": "async"});
    let (_, busy) = shop.send("POST", "/v1/terminal/payments", &body.to_string()).await;
    assert_eq!(busy["declineCode"], "terminal_busy");
    shop.bank.says(Some(Said::Yes), Some(Said::Yes));
    device.live(20_000).await;
    assert_eq!(shop.status(7).await, Some(Status::Authorized), "found out by inquiry");
    let (_, free) = shop.send("POST", "/v1/terminal/payments", &body.to_string()).await;
    assert_eq!(free["status"], "pending");
}

#[tokio::test(start_paused = true)]
async fn a_server_that_dies_while_it_asks_finds_the_sale_again() {
    let shop = Shop::open().await;
    let mut device = Device::connect(&shop, "term_a").await;
    shop.bank.says(None, Some(Said::Yes));
    device.authorize(&Sale::new(&shop, 7, 1)).await;
    let shop = shop.restart().await;
    pass(10).await;
    assert_eq!(shop.status(7).await, Some(Status::Completed));
}

#[tokio::test(start_paused = true)]
async fn a_suspended_account_asks_the_acquirer_for_nothing_and_its_till_reads_why() {
    let shop = Shop::open().await;
    let mut device = Device::connect(&shop, "term_a").await;
    shop.suspend(true).await;
    let sale = Sale::new(&shop, 7, 1);
    // Also when the answer was lost, and when the account goes on meanwhile: what was said stays said.
    for suspended in [true, true, false] {
        shop.suspend(suspended).await;
        device.authorize(&sale).await;
        let verdicts = device.verdicts();
        assert_eq!(verdicts.len(), 1);
        assert_eq!(verdicts[0].1, HostVerdict::Declined(DeclineCode::AccountSuspended));
    }
    let payment = shop.payment(7).await.unwrap();
    assert!(matches!(payment.state, State::Failed { code: DeclineCode::AccountSuspended, .. }));
    let kinds = ["terminal_payment.created", "terminal_payment.failed"];
    assert_eq!(shop.told(&payment.id.to_string()).await, kinds);
    let shown = shop.get(&format!("/v1/terminal/payments/{}", payment.id)).await;
    assert_eq!(shown["declineCode"], "account_suspended");
    assert!(shop.bank.asked.lock().unwrap().is_empty());
    device.authorize(&Sale::new(&shop, 8, 2)).await;
    assert!(approved(&device.verdicts()[0].1), "the account goes on");
}
