//! Payments that a till asks of the terminal itself: one identity, durable before the answer, joined and never started
//! twice.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use vinr_domain::device::State;
use vinr_domain::payment::{CaptureMethod, Channel, EndCause, TipMode};
use vinr_domain::{IntentId, PaymentId, TipBasis, TipPrompt};
use vinr_terminal::CrashPoint;
use vinr_terminal::screen::Screen;
use vinr_terminal::till::{
    CancelRefusal, Copies, Earlier, LineItem, Lookup, OfficeFault, ReceiptOutcome, ReprintRefusal, Taken,
    TillOrder, TillRefusal, TillTip,
};
use vinr_wire::link::{Authorize, HostVerdict, OfficeAnswer, Operation, ProgressStage, ToCloud, ToTerminal};

use crate::world::{Bench, euros, nobody, pass};

const ONE: IntentId = IntentId(1);
const TWO: IntentId = IntentId(2);
const BASE: u128 = 0x0197_5bcd_e123_7abc_8def_1357_9bdf_1357;

pub fn order(number: u128) -> TillOrder {
    TillOrder {
        intent: IntentId(number),
        payment: PaymentId(BASE + number),
        channel: Channel::Local,
        amount: euros(42_00),
        capture_method: CaptureMethod::Automatic,
        reference: Some(format!("till {number}").into()),
        description: Some("two coffees".into()),
        metadata: Arc::new(BTreeMap::from([("connectionMode".to_owned(), "local".to_owned())])),
        tip: TillTip::AsConfigured,
        prints: None,
        items: Vec::new(),
        simulation: None,
        earlier: Earlier::Never,
    }
}

/// The next request for authorization, whatever else is said.
pub async fn authorize(bench: &mut Bench) -> Authorize {
    loop {
        if let ToCloud::Authorize(authorize) = bench.cloud.recv().await {
            return authorize;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_till_is_served_and_the_cloud_learns_everything_with_the_request() {
    let mut bench = Bench::new().await;
    let till = bench.terminal().till();
    let mut changes = till.changes();
    let before = bench.disk.syncs();
    let Ok(Taken::Started(sale)) = till.collect(order(1)).await else { panic!("not started") };
    assert_eq!(bench.disk.syncs() - before, 1, "durable when it is answered");
    assert_eq!(sale.stage, Some(ProgressStage::AwaitingCard));
    assert!(matches!(bench.screen(), Screen::Prompt { .. }));
    let serving = till.standing().borrow().serving.clone().unwrap();
    assert_eq!((serving.intent, serving.reference.as_deref()), (ONE, Some("till 1")));
    let asked = authorize(&mut bench).await;
    let origin = asked.origin.clone().unwrap();
    assert_eq!((asked.request.attempt_epoch, origin.channel), (0, Channel::Local));
    assert_eq!((origin.asked, origin.payment), (euros(42_00), PaymentId(BASE + 1)));
    assert_eq!(
        (origin.reference.as_deref(), origin.description.as_deref()),
        (Some("till 1"), Some("two coffees"))
    );
    assert_eq!(origin.metadata["connectionMode"], "local");
    let stan = asked.request.stan;
    let other_name = PaymentId(BASE + 77);
    let verdict = HostVerdict::Approved { authorized_minor: 42_00, auth_code: "A12345".into() };
    bench.cloud.send(ToTerminal::AuthorizeResult { intent: ONE, stan, verdict, renamed: Some(other_name) });
    let outcome = till.outcome(ONE).await.unwrap();
    assert!(matches!(outcome.record.state, State::Approved { authorized_minor: 42_00, .. }));
    assert_eq!(outcome.record.command.as_ref().unwrap().payment_id, other_name);
    assert_eq!(till.find(Lookup::Payment(other_name)).await.unwrap(), outcome);
    assert_eq!(till.find(Lookup::Last).await.unwrap().record.intent, ONE);
    assert!(till.find(Lookup::Active).await.is_none());
    let mut seen = Vec::new();
    while let Ok(sale) = changes.try_recv() {
        seen.push((sale.position, sale.stage));
    }
    assert!(seen.windows(2).all(|two| two[0].0 < two[1].0), "{seen:?}");
    let stages: Vec<_> = seen.iter().filter_map(|(_, stage)| *stage).collect();
    assert_eq!(stages, [ProgressStage::AwaitingCard, ProgressStage::Authorizing]);
    assert_eq!(till.receipt(Lookup::Last).await.unwrap().outcome, ReceiptOutcome::Approved);
}

#[tokio::test(start_paused = true)]
async fn the_same_order_joins_and_another_under_its_token_is_refused() {
    let mut bench = Bench::new().await;
    let till = bench.terminal().till();
    let mut first = order(1);
    first.simulation = nobody();
    till.collect(first.clone()).await.unwrap();
    assert!(matches!(till.collect(first.clone()).await, Ok(Taken::Joined(_))));
    for change in [
        |order: &mut TillOrder| order.amount = euros(1),
        |order: &mut TillOrder| order.capture_method = CaptureMethod::Manual,
        |order: &mut TillOrder| order.reference = None,
    ] {
        let mut other = first.clone();
        change(&mut other);
        assert_eq!(till.collect(other).await, Err(TillRefusal::TokenReused(PaymentId(BASE + 1))));
    }
    let mut again = order(2);
    again.reference = first.reference.clone();
    assert_eq!(till.collect(again).await, Err(TillRefusal::ReferenceTaken(PaymentId(BASE + 1))));
    let busy = till.collect(order(2)).await;
    assert!(
        matches!(busy, Err(TillRefusal::Busy { reference: Some(reference), .. }) if &*reference == "till 1")
    );
    assert!(till.find(Lookup::Intent(TWO)).await.is_none(), "nothing is kept of what was refused");
    let ended = till.cancel(Lookup::Reference("till 1".into())).await.unwrap();
    assert_eq!(ended.record.state, State::Ended { cause: EndCause::Cancelled });
    match bench.cloud.recv().await {
        ToCloud::Ended {
            intent: ONE,
            attempt_epoch: 0,
            cause: EndCause::Cancelled,
            origin: Some(origin),
        } => {
            assert_eq!(origin.payment, PaymentId(BASE + 1));
        }
        other => panic!("{other:?}"),
    }
    assert!(matches!(till.collect(first).await, Ok(Taken::Joined(sale)) if !sale.is_open()));
    assert_eq!(till.cancel(Lookup::Active).await, Err(CancelRefusal::NotFound));
}

#[tokio::test(start_paused = true)]
async fn the_clouds_command_joins_the_tills_payment_and_its_lease_counts_from_then_on() {
    let mut bench = Bench::new().await;
    let till = bench.terminal().till();
    let mut first = order(1);
    first.simulation = nobody();
    till.collect(first).await.unwrap();
    let mut collect = bench.collect(1);
    collect.reference = Some("till 1".into());
    collect.deadline = bench.cloud.now().plus_ms(20_000);
    bench.prompts(&collect).await;
    let ended = bench.cloud.recv().await;
    assert!(
        matches!(ended, ToCloud::Ended { attempt_epoch: 1, cause: EndCause::LeaseOver, origin: None, .. }),
        "{ended:?}"
    );
    // Without a command the prompt's own time counts, link or no link.
    let mut second = order(2);
    second.simulation = nobody();
    let begun = bench.cloud.now();
    till.collect(second).await.unwrap();
    let ended = till.outcome(TWO).await.unwrap();
    assert_eq!(ended.record.state, State::Ended { cause: EndCause::PromptTimedOut });
    assert_eq!(bench.cloud.now().ms_since(begun), 90_000);
}

#[tokio::test(start_paused = true)]
async fn tips_items_and_prints_are_as_the_till_says() {
    let mut bench = Bench::new().await;
    let till = bench.terminal().till();
    let mut first = order(1);
    first.tip = TillTip::Fixed(3_00);
    first.prints = Some(false);
    first.items = (0..80).map(|_| LineItem { name: "é".repeat(100), quantity: 2, amount_minor: 9 }).collect();
    till.collect(first).await.unwrap();
    match bench.screen() {
        Screen::Prompt { amount, items, .. } => {
            assert_eq!((amount, items.len()), (euros(45_00), 50));
            assert!(items.iter().all(|item| item.name.chars().count() == 60));
        }
        other => panic!("{other:?}"),
    }
    let asked = authorize(&mut bench).await.request;
    let tip = asked.tip.unwrap();
    assert_eq!((asked.amount_minor, tip.amount_minor, tip.mode), (45_00, 3_00, TipMode::Custom));
    bench.approve(ONE, asked.stan);
    till.outcome(ONE).await.unwrap();
    assert_eq!(bench.printer.printed().len(), 0);
    assert_eq!(till.reprint(Copies::Both).await, Ok(()));
    assert_eq!(bench.printer.printed().len(), 2);
    bench.printer.set_paper(false);
    assert_eq!(till.reprint(Copies::Customer).await, Err(ReprintRefusal::PaperOut));
    let mut second = order(2);
    let prompt = TipPrompt { basis: TipBasis::Percentage, suggestions: vec![10], allow_custom: false };
    second.tip = TillTip::Ask(prompt);
    till.collect(second).await.unwrap();
    assert!(matches!(bench.screen(), Screen::Tip { .. }));
}

#[tokio::test(start_paused = true)]
async fn the_cloud_is_asked_on_a_tills_behalf() {
    let mut bench = Bench::new().await;
    let till = bench.terminal().till();
    let body = serde_json::json!({"reference": "till 1"});
    let asking = tokio::spawn({
        let till = till.clone();
        async move { till.ask_office(Operation::Find, None, body).await }
    });
    let ToCloud::OfficeRequest(asked) = bench.cloud.recv().await else { panic!("nothing asked") };
    assert_eq!((asked.operation, &asked.body[..]), (Operation::Find, &br#"{"reference":"till 1"}"#[..]));
    let body = Bytes::from_static(br#"{"id":"tpay_1"}"#);
    let other = OfficeAnswer { request: asked.request + 1, status: 500, body: body.clone(), replayed: false };
    bench.cloud.send(ToTerminal::OfficeAnswer(other));
    let answer = OfficeAnswer { request: asked.request, status: 200, body, replayed: true };
    bench.cloud.send(ToTerminal::OfficeAnswer(answer));
    let reply = asking.await.unwrap().unwrap();
    assert_eq!((reply.status, reply.replayed, &reply.body["id"]), (200, true, &serde_json::json!("tpay_1")));
    let begun = bench.cloud.now();
    let silent = till.ask_office(Operation::Void, Some("k".into()), serde_json::Value::Null).await;
    assert_eq!((silent, bench.cloud.now().ms_since(begun)), (Err(OfficeFault::NoAnswer), 15_000));
    bench.cloud.door(false);
    bench.cloud.cut();
    bench.shows(|screen| matches!(screen, Screen::Offline { .. })).await;
    let offline = till.ask_office(Operation::Void, Some("k".into()), serde_json::Value::Null).await;
    assert_eq!(offline, Err(OfficeFault::Offline));
}

#[tokio::test(start_paused = true)]
async fn after_a_restart_the_tills_payment_waits_for_its_till_and_then_ends() {
    let mut bench = Bench::new().await;
    let mut first = order(1);
    first.simulation = nobody();
    bench.terminal().till().collect(first.clone()).await.unwrap();
    bench.lose_power().await;
    bench.start().await;
    let till = bench.terminal().till();
    bench.shows(|screen| matches!(screen, Screen::Idle { .. })).await;
    pass(60_000).await;
    assert!(till.find(Lookup::Intent(ONE)).await.unwrap().is_open(), "kept without a prompt");
    assert!(matches!(till.collect(first).await, Ok(Taken::Joined(_))));
    assert!(matches!(bench.screen(), Screen::Prompt { .. }), "its till has come back");
    bench.lose_power().await;
    bench.start().await;
    let begun = bench.cloud.now();
    let ended = bench.terminal().till().outcome(ONE).await.unwrap();
    assert_eq!(ended.record.state, State::Ended { cause: EndCause::PromptTimedOut });
    assert!((88_000..=90_000).contains(&bench.cloud.now().ms_since(begun)));
    let told = bench.cloud.recv().await;
    assert!(matches!(told, ToCloud::Ended { intent: ONE, origin: Some(_), .. }), "{told:?}");
}

#[tokio::test(start_paused = true)]
async fn power_loss_while_an_order_is_taken_leaves_it_whole_or_unheard_of() {
    for (point, known) in [
        (CrashPoint::OrderNotSynced, None),
        (CrashPoint::OrderSynced, Some(true)),
        (CrashPoint::OrderNotAnswered, Some(true)),
    ] {
        for seed in 0..10 {
            let mut bench = Bench::off().await;
            bench.reseed(seed);
            bench.start().await;
            bench.trap.set(point);
            let till = bench.terminal().till();
            assert_eq!(till.collect(order(1)).await, Err(TillRefusal::Stopped), "{point:?}: never answered");
            bench.crashed(point).await;
            assert!(bench.cloud.gather(100).await.is_empty(), "{point:?}: nothing left the terminal");
            bench.start().await;
            let till = bench.terminal().till();
            let found = till.find(Lookup::Intent(ONE)).await;
            if known.is_some() {
                assert!(found.is_some_and(|sale| sale.is_open()), "{point:?}, seed {seed}");
            }
            // The till has heard nothing and asks again: whatever is there, one card is charged.
            till.collect(order(1)).await.unwrap();
            let asked = authorize(&mut bench).await;
            assert_eq!((asked.intent, asked.request.stan), (ONE, 1));
            bench.approve(ONE, 1);
            assert!(matches!(till.outcome(ONE).await.unwrap().record.state, State::Approved { .. }));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_was_taken_of_a_hold_is_kept() {
    let mut bench = Bench::new().await;
    let till = bench.terminal().till();
    let mut hold = order(1);
    hold.capture_method = CaptureMethod::Manual;
    till.collect(hold).await.unwrap();
    let stan = authorize(&mut bench).await.request.stan;
    bench.approve(ONE, stan);
    till.outcome(ONE).await.unwrap();
    till.note_captured(ONE, 30_00, Some("final".into())).await.unwrap();
    bench.lose_power().await;
    bench.start().await;
    let sale = bench.terminal().till().find(Lookup::Intent(ONE)).await.unwrap();
    let origin = sale.record.origin.unwrap();
    assert_eq!((origin.captured_minor, origin.completed_as.as_deref()), (Some(30_00), Some("final")));
}
