//! Lost links and lost power: what was under way is taken up again, and a card is charged once. One test for every
//! crash point.

use std::collections::BTreeSet;

use crate::world::{Bench, nobody, pass};
use vinr_domain::IntentId;
use vinr_domain::payment::EndCause;
use vinr_terminal::CrashPoint;
use vinr_terminal::screen::Screen;
use vinr_wire::link::{HostVerdict, RejectCode, Takes, ToCloud, ToTerminal};

const ONE: IntentId = IntentId(1);

#[tokio::test(start_paused = true)]
async fn a_request_that_was_on_its_way_arrives_on_the_next_link() {
    let mut bench = Bench::new().await;
    let collect = bench.collect(1);
    bench.prompts(&collect).await;
    bench.cloud.cut();
    bench.cloud.connected().await;
    let (stan, _) = bench.request(ONE).await;
    bench.cloud.cut();
    bench.approve(ONE, stan);
    assert_eq!(bench.cloud.recv().await, ToCloud::ResultConfirmed { intent: ONE, stan });
    bench.cloud.silence(60_000).await;
}

#[tokio::test(start_paused = true)]
async fn a_card_that_is_tapped_while_the_link_is_down_is_sent_when_it_is_back() {
    let mut bench = Bench::new().await;
    let collect = bench.collect(1);
    bench.prompts(&collect).await;
    bench.cloud.door(false);
    bench.cloud.cut();
    bench.shows(|screen| matches!(screen, Screen::Authorizing { .. })).await;
    pass(10_000).await;
    bench.cloud.door(true);
    bench.request(ONE).await;
}

#[tokio::test(start_paused = true)]
async fn a_cloud_that_has_forgotten_gets_the_same_request_again() {
    let mut bench = Bench::new().await;
    let collect = bench.collect(1);
    bench.prompts(&collect).await;
    let first = bench.request(ONE).await;
    bench.cloud.forget();
    bench.cloud.connected().await;
    assert_eq!(bench.request(ONE).await, first);
    // And once more for the command that a new cloud repeats.
    bench.prompts(&collect).await;
    assert_eq!(bench.request(ONE).await, first);
}

#[tokio::test(start_paused = true)]
async fn an_end_is_reported_until_it_is_acknowledged() {
    let mut bench = Bench::new().await;
    let mut collect = bench.collect(1);
    collect.simulation = nobody();
    bench.prompts(&collect).await;
    bench.cloud.door(false);
    bench.cloud.cut();
    pass(1_000).await;
    assert!(bench.terminal().press_cancel().await);
    pass(60_000).await;
    bench.cloud.door(true);
    let ended =
        ToCloud::Ended { intent: ONE, attempt_epoch: 1, cause: EndCause::CustomerCancelled, origin: None };
    assert_eq!(bench.cloud.recv().await, ended);
    bench.cloud.cut();
    bench.cloud.connected().await;
    bench.cloud.silence(60_000).await;
    bench.shutdown().await;
    bench.start().await;
    bench.cloud.silence(60_000).await;
}

#[tokio::test(start_paused = true)]
async fn a_refusal_by_the_cloud_is_on_the_screen_and_not_repeated_soon() {
    let mut bench = Bench::off().await;
    bench.cloud.refuse(RejectCode::UnknownTerminal);
    bench.switch_on().await;
    let begun = bench.cloud.now();
    let says =
        |screen: &Screen| matches!(screen, Screen::OutOfService { message } if message.contains("activate"));
    bench.shows(says).await;
    bench.cloud.connected().await;
    let waited_ms = bench.cloud.now().ms_since(begun);
    assert!((150_000..=300_000).contains(&waited_ms), "{waited_ms}");
}

#[tokio::test(start_paused = true)]
async fn a_silent_cloud_is_given_up_and_looked_for_again() {
    let mut bench = Bench::new().await;
    bench.cloud.mute(true);
    let begun = bench.cloud.now();
    bench.shows(|screen| matches!(screen, Screen::Offline { .. })).await;
    let after_ms = bench.cloud.now().ms_since(begun);
    assert!((30_000..=60_000).contains(&after_ms), "{after_ms}");
    bench.cloud.mute(false);
    bench.cloud.connected().await;
    bench.shows(|screen| matches!(screen, Screen::Idle { .. })).await;
}

#[tokio::test(start_paused = true)]
async fn stopping_in_order_leaves_nothing_to_ask() {
    let mut bench = Bench::new().await;
    let collect = bench.collect(1);
    bench.prompts(&collect).await;
    let (stan, _) = bench.request(ONE).await;
    bench.approve(ONE, stan);
    bench.cloud.recv().await;
    pass(1_000).await;
    bench.shutdown().await;
    bench.start().await;
    bench.cloud.silence(60_000).await;
}

/// A cloud that knows what it was asked and answers as the real one does; counts what would be charged.
#[derive(Default)]
struct Host {
    /// Every request that reached it, by the number it carried.
    requests: BTreeSet<(u32, u32)>,
    ended: bool,
    confirmed: bool,
}

impl Host {
    /// Answers whatever the terminal says, until it says nothing for a while.
    async fn serve(&mut self, bench: &mut Bench) {
        for said in bench.cloud.gather(500).await {
            self.hear(bench, said);
        }
    }

    fn hear(&mut self, bench: &Bench, said: ToCloud) {
        match said {
            ToCloud::Authorize(authorize) => {
                assert!(!self.ended, "a request after the end");
                let request = authorize.request;
                self.requests.insert((request.generation, request.stan));
                bench.approve(authorize.intent, request.stan);
            }
            ToCloud::StatusQuery { intent, stan, generation } => {
                if self.requests.contains(&(generation, stan)) {
                    bench.approve(intent, stan);
                } else {
                    let verdict = HostVerdict::Refused;
                    bench.cloud.send(ToTerminal::AuthorizeResult { intent, stan, verdict, renamed: None });
                }
            }
            ToCloud::Ended { .. } => self.ended = true,
            ToCloud::ResultConfirmed { .. } => self.confirmed = true,
            ToCloud::CollectAnswer(answer) => assert_eq!(answer.answer, Takes::Prompting),
            ToCloud::CancelTooLate { .. }
            | ToCloud::CardPresented(_)
            | ToCloud::ConfigApplied(_)
            | ToCloud::ActionReport(_)
            | ToCloud::CertificateRequest { .. }
            | ToCloud::DeviceStatus(_)
            | ToCloud::LanAccessApplied(_)
            | ToCloud::LanCertificateRequest(_)
            | ToCloud::OfficeRequest(_)
            | ToCloud::OfflineStanding(_)
            | ToCloud::Progress(_) => {}
        }
    }
}

/// Runs one payment, loses power at `point`, starts again, and drives the payment to its end.
async fn survives(point: CrashPoint, seed: u64, cancel: bool) {
    let mut bench = Bench::off().await;
    bench.reseed(seed);
    bench.start().await;
    let mut host = Host::default();
    let collect = bench.collect(1);
    bench.trap.set(point);
    bench.cloud.send(ToTerminal::Collect(collect.clone()));
    if cancel {
        bench.cloud.send(ToTerminal::Cancel { intent: ONE, attempt_epoch: 1 });
    }
    for _ in 0..20 {
        if bench.trap.sprung() {
            break;
        }
        host.serve(&mut bench).await;
    }
    bench.crashed(point).await;
    // What had been sent before the power went may have arrived.
    host.serve(&mut bench).await;
    let shown_before = bench.printer.printed().len();
    bench.start().await;
    for _ in 0..200 {
        if host.ended || host.confirmed {
            break;
        }
        // The real cloud says it again while the payment is pending.
        if host.requests.is_empty() {
            bench.cloud.send(ToTerminal::Collect(collect.clone()));
        }
        host.serve(&mut bench).await;
    }
    let story = format!("{point:?}, seed {seed}: {:?}, ended {}", host.requests, host.ended);
    assert!(host.ended || host.confirmed, "never finished: {story}");
    assert!(host.requests.len() <= 1, "charged twice: {story}");
    assert!(!host.ended || host.requests.is_empty(), "charged and cancelled: {story}");
    assert!(shown_before == 0 || !host.requests.is_empty(), "a receipt without a charge: {story}");
    // The next payment gets a number that nobody has seen.
    let two = bench.collect(2);
    let intent = IntentId(2);
    bench.cloud.send(ToTerminal::Collect(two));
    loop {
        if let ToCloud::Authorize(authorize) = bench.cloud.recv().await
            && authorize.intent == intent
        {
            let number = (authorize.request.generation, authorize.request.stan);
            assert!(!host.requests.contains(&number), "{number:?} again: {story}");
            break;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn power_loss_at_any_point_of_a_sale_charges_at_most_once() {
    for point in [
        CrashPoint::CommandReceived,
        CrashPoint::RequestNotSynced,
        CrashPoint::RequestSynced,
        CrashPoint::RequestSent,
        CrashPoint::AnswerReceived,
        CrashPoint::OutcomeNotSynced,
        CrashPoint::OutcomeNotShown,
        CrashPoint::OutcomeNotConfirmed,
    ] {
        for seed in 0..20 {
            survives(point, seed, false).await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn power_loss_at_any_point_of_a_cancel_leaves_it_cancelled_or_charged_once() {
    for point in [CrashPoint::CommandReceived, CrashPoint::EndNotSynced, CrashPoint::EndNotReported] {
        for seed in 0..20 {
            survives(point, seed, true).await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn old_entries_are_erased_and_power_loss_while_erasing_harms_nothing() {
    let mut bench = Bench::new().await;
    let collect = bench.collect(1);
    bench.prompts(&collect).await;
    let (stan, _) = bench.request(ONE).await;
    bench.approve(ONE, stan);
    bench.cloud.recv().await;
    bench.trap.set(CrashPoint::EraseNotSynced);
    pass(25 * 3_600_000 - 700_000).await;
    assert!(!bench.trap.sprung(), "erased too early");
    pass(1_400_000).await;
    bench.crashed(CrashPoint::EraseNotSynced).await;
    bench.start().await;
    pass(1_400_000).await;
    // Forgotten by now; so old a command is refused by its lease.
    bench.cloud.send(ToTerminal::Collect(collect));
    assert!(matches!(bench.cloud.recv().await, ToCloud::Ended { cause: EndCause::LeaseOver, .. }));
    let two = bench.collect(2);
    bench.prompts(&two).await;
    assert_eq!(bench.request(IntentId(2)).await.0, stan + 1, "numbers go on");
}
