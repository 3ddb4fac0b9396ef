//! Breaks of the link in the moment that a card is read: a short one is waited for, a long one is not, and neither charges
//! what was cancelled.

use vinr_domain::IntentId;
use vinr_domain::device::State;
use vinr_domain::payment::EndCause;
use vinr_terminal::till::Lookup;
use vinr_wire::link::ToCloud;

use crate::offline::ready;
use crate::till::{authorize, order};
use crate::world::{Bench, nobody};

const ONE: IntentId = IntentId(1);

/// A payment whose customer holds out a card in the moment of a break.
async fn card_in_a_break(bench: &mut Bench, comes_back: bool) {
    let till = bench.terminal().till();
    let mut first = order(1);
    first.simulation = nobody();
    till.collect(first).await.unwrap();
    bench.cloud.door(comes_back);
    bench.cloud.cut();
    let mut standing = till.standing();
    standing.wait_for(|standing| !standing.online).await.unwrap();
    bench.terminal().present_card(None, None).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_card_in_a_short_break_is_asked_about_when_the_link_is_back() {
    let mut bench = Bench::new().await;
    ready(&mut bench).await;
    card_in_a_break(&mut bench, true).await;
    let begun = bench.cloud.now();
    let asked = authorize(&mut bench).await;
    assert_eq!((asked.intent, asked.offline), (ONE, None), "the issuer is asked, as usual");
    assert!(bench.cloud.now().ms_since(begun) < 3_000);
    bench.approve(ONE, asked.request.stan);
    let ended = bench.terminal().till().outcome(ONE).await.unwrap();
    assert!(matches!(ended.record.state, State::Approved { .. }));
}

#[tokio::test(start_paused = true)]
async fn a_long_break_is_waited_for_once_and_three_seconds() {
    let mut bench = Bench::new().await;
    ready(&mut bench).await;
    let begun = bench.cloud.now();
    card_in_a_break(&mut bench, false).await;
    let till = bench.terminal().till();
    let first = till.outcome(ONE).await.unwrap();
    assert!(matches!(first.record.state, State::ApprovedAlone { .. }), "{:?}", first.record.state);
    let took_ms = bench.cloud.now().ms_since(begun);
    assert!((2_900..4_000).contains(&took_ms), "{took_ms} ms");
    let mut second = order(2);
    second.simulation = nobody();
    till.collect(second).await.unwrap();
    let begun = bench.cloud.now();
    bench.terminal().present_card(None, None).await.unwrap();
    let second = till.outcome(IntentId(2)).await.unwrap();
    assert!(matches!(second.record.state, State::ApprovedAlone { .. }));
    assert!(bench.cloud.now().ms_since(begun) < 500, "the next customer does not wait for it");
}

#[tokio::test(start_paused = true)]
async fn what_is_cancelled_while_the_link_is_waited_for_is_not_charged() {
    let mut bench = Bench::new().await;
    ready(&mut bench).await;
    card_in_a_break(&mut bench, false).await;
    let cancelled = bench.terminal().till().cancel(Lookup::Active).await.unwrap();
    assert_eq!(cancelled.record.state, State::Ended { cause: EndCause::Cancelled });
    bench.cloud.door(true);
    match bench.cloud.recv().await {
        ToCloud::Ended { intent: ONE, cause: EndCause::Cancelled, .. } => {}
        other => panic!("{other:?}"),
    }
    bench.cloud.silence(5_000).await;
}
