//! Tips and receipts: asked as configured, in the amount that is authorized, and never against the customer's wish.

use crate::configuration::configure;
use crate::world::{Bench, euros};
use vinr_domain::payment::{EndCause, Tip, TipMode};
use vinr_domain::{IntentId, TipBasis, TipChoice, TipPrompt};
use vinr_terminal::reader::{ReceiptHabit, TipHabit};
use vinr_terminal::screen::Screen;
use vinr_wire::link::{
    Authorize, CollectAnswer, HostVerdict, ProgressStage, ReceiptChannel, Takes, ToCloud, ToTerminal,
};

const ONE: IntentId = IntentId(1);
const PERCENT: &str = r#"{"tip":{"mode":"percentage","suggestions":[10,15,20],"allowCustom":true}}"#;

async fn configured(json: &str, tips: TipHabit, receipts: ReceiptHabit) -> Bench {
    let mut bench = Bench::off().await;
    (bench.tips, bench.receipts) = (tips, receipts);
    bench.start().await;
    bench.cloud.send(configure(1, json));
    assert!(matches!(bench.cloud.recv().await, ToCloud::ConfigApplied(said) if said.error.is_none()));
    bench
}

async fn authorize(bench: &mut Bench) -> Authorize {
    match bench.cloud.recv().await {
        ToCloud::Authorize(authorize) => authorize,
        other => panic!("not a request: {other:?}"),
    }
}

/// Takes a payment of 42.00 up to its confirmed approval; returns the tip.
async fn sale(bench: &mut Bench) -> Option<Tip> {
    let collect = bench.collect(1);
    bench.prompts(&collect).await;
    let request = authorize(bench).await.request;
    let tip_minor = request.tip.map_or(0, |tip| tip.amount_minor);
    assert_eq!(request.amount_minor, 42_00 + tip_minor);
    let verdict =
        HostVerdict::Approved { authorized_minor: request.amount_minor, auth_code: "A12345".into() };
    bench.cloud.send(ToTerminal::AuthorizeResult { intent: ONE, stan: request.stan, verdict, renamed: None });
    assert!(matches!(bench.cloud.recv().await, ToCloud::ResultConfirmed { intent: ONE, .. }));
    request.tip
}

#[tokio::test(start_paused = true)]
async fn the_customers_tip_is_in_the_amount() {
    let preset = |amount_minor| Some(Tip { amount_minor, mode: TipMode::Preset });
    for (habit, tip) in [
        (TipHabit::Suggestion(1), preset(6_30)),
        (TipHabit::Custom(5_00), Some(Tip { amount_minor: 5_00, mode: TipMode::Custom })),
        (TipHabit::Nothing, Some(Tip { amount_minor: 0, mode: TipMode::None })),
        // There are three suggestions.
        (TipHabit::Suggestion(3), Some(Tip { amount_minor: 0, mode: TipMode::None })),
    ] {
        let mut bench = configured(PERCENT, habit, ReceiptHabit::First).await;
        assert_eq!(sale(&mut bench).await, tip, "{habit:?}");
        let stages: Vec<_> = bench.cloud.asides().progress.iter().map(|progress| progress.stage).collect();
        assert_eq!(
            stages,
            [ProgressStage::ChoosingTip, ProgressStage::AwaitingCard, ProgressStage::Authorizing]
        );
    }
}

#[tokio::test(start_paused = true)]
async fn the_screen_shows_what_each_suggestion_comes_to() {
    let mut bench = configured(PERCENT, TipHabit::Silent, ReceiptHabit::First).await;
    let collect = bench.collect(1);
    bench.prompts(&collect).await;
    let offers = vec![euros(4_20), euros(6_30), euros(8_40)];
    let asked = bench.shows(|screen| matches!(screen, Screen::Tip { .. })).await;
    assert_eq!(asked, Screen::Tip { amount: euros(42_00), offers, allow_custom: true });
    // What was not offered is not taken.
    assert!(!bench.terminal().choose_tip(TipChoice::Suggestion(3)).await);
    assert!(!bench.terminal().choose_tip(TipChoice::Custom(99_999_999)).await);
    assert!(bench.terminal().present_card(None, None).await.is_err());
    assert!(bench.terminal().choose_tip(TipChoice::Suggestion(0)).await);
    assert!(!bench.terminal().choose_tip(TipChoice::Suggestion(0)).await);
    let prompt = bench.shows(|screen| matches!(screen, Screen::Prompt { .. })).await;
    assert!(matches!(prompt, Screen::Prompt { amount, .. } if amount == euros(46_20)));
    assert_eq!(authorize(&mut bench).await.request.amount_minor, 46_20);
}

#[tokio::test(start_paused = true)]
async fn a_customer_who_does_not_choose_pays_nothing() {
    for cancel in [true, false] {
        let mut bench = configured(PERCENT, TipHabit::Silent, ReceiptHabit::First).await;
        let collect = bench.collect(1);
        bench.prompts(&collect).await;
        if cancel {
            assert!(bench.terminal().press_cancel().await);
        }
        let ToCloud::Ended { cause, .. } = bench.cloud.recv().await else { panic!("not ended") };
        let expected = if cancel {
            &[EndCause::CustomerCancelled][..]
        } else {
            &[EndCause::PromptTimedOut, EndCause::LeaseOver]
        };
        assert!(expected.contains(&cause), "{cause:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_command_may_ask_otherwise_than_the_terminal() {
    let fixed = TipPrompt { basis: TipBasis::Fixed, suggestions: vec![1_00], allow_custom: false };
    let never = TipPrompt { basis: TipBasis::Fixed, suggestions: vec![], allow_custom: false };
    for (asked, tip_minor) in [(fixed, Some(1_00)), (never, None)] {
        let mut bench = configured(PERCENT, TipHabit::Suggestion(0), ReceiptHabit::First).await;
        let mut collect = bench.collect(1);
        collect.tip = Some(asked);
        bench.prompts(&collect).await;
        assert_eq!(authorize(&mut bench).await.request.tip.map(|tip| tip.amount_minor), tip_minor);
    }
}

#[tokio::test(start_paused = true)]
async fn after_a_power_loss_the_tip_is_asked_for_again() {
    let mut bench = configured(PERCENT, TipHabit::Suggestion(0), ReceiptHabit::First).await;
    let collect = bench.collect(1);
    bench.prompts(&collect).await;
    bench.shows(|screen| matches!(screen, Screen::Prompt { .. })).await;
    bench.lose_power().await;
    bench.start().await;
    bench.cloud.send(ToTerminal::Collect(collect));
    let answer = bench.cloud.recv().await;
    assert!(matches!(answer, ToCloud::CollectAnswer(CollectAnswer { answer: Takes::Prompting, .. })));
    bench.shows(|screen| matches!(screen, Screen::Tip { .. })).await;
    assert_eq!(authorize(&mut bench).await.request.amount_minor, 46_20);
}

#[tokio::test(start_paused = true)]
async fn the_receipt_names_the_tip() {
    let mut bench = configured(PERCENT, TipHabit::Suggestion(0), ReceiptHabit::First).await;
    sale(&mut bench).await;
    let printed = bench.printer.printed();
    assert_eq!(printed.len(), 2);
    assert!(printed[1].contains("Tip: €4.20") && printed[1].contains("Total: €46.20"), "{}", printed[1]);
}

#[tokio::test(start_paused = true)]
async fn a_receipt_is_made_as_the_customer_wants_it() {
    let ask = r#"{"receipt":{"channels":["print","sms"],"requireConsent":true}}"#;
    let silent_paper = r#"{"receipt":{"channels":["print"],"requireConsent":false}}"#;
    let either = r#"{"receipt":{"channels":["email","print"],"requireConsent":false}}"#;
    // How many sheets: the merchant's copy, and the customer's where it is wanted.
    for (json, habit, sheets) in [
        (silent_paper, ReceiptHabit::Silent, 2),
        (ask, ReceiptHabit::First, 2),
        (ask, ReceiptHabit::Nothing, 1),
        (ask, ReceiptHabit::Silent, 1),
        (either, ReceiptHabit::First, 1),
        (either, ReceiptHabit::Silent, 2),
        (r#"{"receipt":{"channels":[]}}"#, ReceiptHabit::First, 1),
    ] {
        let mut bench = configured(json, TipHabit::Nothing, habit).await;
        sale(&mut bench).await;
        bench.shows(|screen| matches!(screen, Screen::Idle { .. })).await;
        assert_eq!(bench.printer.printed().len(), sheets, "{json} {habit:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_next_customer_does_not_wait_for_a_receipt() {
    let ask = r#"{"receipt":{"channels":["print","sms"],"requireConsent":true}}"#;
    let mut bench = configured(ask, TipHabit::Nothing, ReceiptHabit::Silent).await;
    sale(&mut bench).await;
    let asked = bench.shows(|screen| matches!(screen, Screen::Receipt { .. })).await;
    let channels = vec![ReceiptChannel::Print, ReceiptChannel::Sms];
    assert_eq!(asked, Screen::Receipt { amount: euros(42_00), channels });
    assert!(!bench.terminal().choose_receipt(Some(ReceiptChannel::Email)).await);
    let two = bench.collect(2);
    bench.prompts(&two).await;
    assert!(matches!(bench.screen(), Screen::Prompt { .. }));
    assert!(!bench.terminal().choose_receipt(Some(ReceiptChannel::Print)).await);
    bench.request(IntentId(2)).await;
    assert_eq!(bench.printer.printed().len(), 1);
}
