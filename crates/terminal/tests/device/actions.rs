//! Actions: done once, in the gaps between payments, told until the cloud knows, whatever happens to the power.

use crate::world::{Bench, TestIdentity, nobody, pass};
use vinr_domain::{ActionId, DeclineCode, IntentId, SoftwareVersion, Timestamp};
use vinr_pki::Authority;
use vinr_pki::software::{Manifest, sign};
use vinr_terminal::CrashPoint;
use vinr_terminal::screen::Screen;
use vinr_wire::link::{
    ActionProgress, ActionReport, CollectAnswer, Order, Perform, SignedManifest, Takes, ToCloud, ToTerminal,
};

/// Without long runs of zeros, in which one could find a card number.
const fn action(number: u128) -> ActionId {
    ActionId(0x0197_5bcd_e123_7abc_8def_1357_9bdf_1357 + number)
}

fn perform(bench: &Bench, number: u128, order: Order) -> ToTerminal {
    let expires_at = bench.cloud.now().plus_ms(3_600_000);
    ToTerminal::Perform(Perform { action: action(number), expires_at, order })
}

async fn report(bench: &mut Bench) -> ActionReport {
    match bench.cloud.recv().await {
        ToCloud::ActionReport(report) => report,
        other => panic!("not a report: {other:?}"),
    }
}

async fn refused(bench: &mut Bench, intent: u128) -> bool {
    let collect = bench.collect(intent);
    bench.cloud.send(ToTerminal::Collect(collect));
    match bench.cloud.recv().await {
        ToCloud::CollectAnswer(CollectAnswer { answer, .. }) => {
            answer == Takes::Refused(DeclineCode::TerminalLocked)
        }
        other => panic!("not an answer: {other:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn a_locked_terminal_takes_no_payment_until_it_is_unlocked() {
    let mut bench = Bench::new().await;
    bench.cloud.send(perform(&bench, 1, Order::Lock));
    assert_eq!(report(&mut bench).await.state, ActionProgress::Completed);
    bench.shows(|screen| matches!(screen, Screen::Locked { .. })).await;
    assert!(refused(&mut bench, 1).await);
    bench.lose_power().await;
    bench.start().await;
    assert!(bench.cloud.asides().hello.locked);
    // Said again after a start: the acknowledgement may have been lost with the power.
    assert_eq!(report(&mut bench).await.action, action(1));
    assert!(refused(&mut bench, 2).await);
    // The first order again does not lock anew after the second.
    bench.cloud.send(perform(&bench, 2, Order::Unlock));
    assert_eq!(report(&mut bench).await.action, action(2));
    bench.cloud.send(perform(&bench, 1, Order::Lock));
    assert_eq!(report(&mut bench).await.action, action(1));
    assert!(!refused(&mut bench, 3).await);
}

#[tokio::test(start_paused = true)]
async fn a_lock_does_not_end_the_payment_on_the_screen() {
    let mut bench = Bench::new().await;
    let collect = bench.collect(1);
    bench.prompts(&collect).await;
    bench.cloud.send(perform(&bench, 1, Order::Lock));
    assert_eq!(report(&mut bench).await.state, ActionProgress::Completed);
    let (stan, _) = bench.request(IntentId(1)).await;
    bench.approve(IntentId(1), stan);
    bench.shows(|screen| matches!(screen, Screen::Approved { .. })).await;
}

#[tokio::test(start_paused = true)]
async fn a_reboot_waits_for_the_payment_and_is_reported_when_it_is_over() {
    let mut bench = Bench::new().await;
    let mut collect = bench.collect(1);
    collect.simulation = nobody();
    bench.prompts(&collect).await;
    bench.cloud.send(perform(&bench, 1, Order::Reboot));
    assert_eq!(report(&mut bench).await.state, ActionProgress::Processing);
    bench.cloud.silence(10_000).await;
    assert!(bench.terminal().press_cancel().await);
    assert!(matches!(bench.cloud.recv().await, ToCloud::Ended { .. }));
    assert_eq!(report(&mut bench).await.state, ActionProgress::Processing);
    bench.cloud.connected().await;
    assert_eq!(report(&mut bench).await.state, ActionProgress::Completed);
    // The same terminal goes on: the handle, the journal, the next number.
    bench.shows(|screen| matches!(screen, Screen::Idle { .. })).await;
    let two = bench.collect(2);
    bench.prompts(&two).await;
    let (stan, _) = bench.request(IntentId(2)).await;
    bench.approve(IntentId(2), stan);
    assert!(matches!(bench.cloud.recv().await, ToCloud::ResultConfirmed { .. }));
    // Ordered again while nothing keeps it from being done, it is answered and not done again.
    bench.cloud.send(perform(&bench, 1, Order::Reboot));
    assert_eq!(report(&mut bench).await.state, ActionProgress::Completed);
    bench.cloud.silence(5_000).await;
}

#[tokio::test(start_paused = true)]
async fn a_reboot_without_a_link_happens_all_the_same() {
    let mut bench = Bench::new().await;
    bench.cloud.mute(true);
    bench.cloud.send(perform(&bench, 1, Order::Reboot));
    pass(10).await;
    bench.cloud.mute(false);
    let mut states = Vec::new();
    while states.last() != Some(&ActionProgress::Completed) {
        states.push(report(&mut bench).await.state);
    }
}

#[tokio::test(start_paused = true)]
async fn an_action_is_done_once_wherever_the_power_is_lost() {
    for point in CrashPoint::UPKEEP {
        for order in [Order::Reboot, Order::Lock] {
            let mut bench = Bench::new().await;
            bench.trap.set(point);
            let said = perform(&bench, 1, order.clone());
            bench.cloud.send(said.clone());
            bench.crashed(point).await;
            bench.cloud.gather(10).await;
            bench.start().await;
            // The real cloud orders it again until it has heard how it ended.
            bench.cloud.send(said);
            let mut reports = bench.cloud.gather(20_000).await;
            let last = reports.pop();
            let done = ActionReport {
                action: action(1),
                state: ActionProgress::Completed,
                software_version: "1.4.0".into(),
            };
            assert_eq!(last, Some(ToCloud::ActionReport(done)), "{point:?} {order:?}: {reports:?}");
            assert_eq!(refused(&mut bench, 1).await, order == Order::Lock);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_too_late_or_unknown_fails_with_a_reason() {
    let mut bench = Bench::new().await;
    let late = Perform { action: action(1), expires_at: bench.cloud.now(), order: Order::Lock };
    bench.cloud.send(ToTerminal::Perform(late));
    let failed = |reason: &str| ActionProgress::Failed { reason: reason.to_owned() };
    assert_eq!(report(&mut bench).await.state, failed("it expired before the terminal could begin"));
    assert!(!refused(&mut bench, 1).await);
    bench.cloud.send(perform(&bench, 2, Order::Unsupported));
    assert_eq!(report(&mut bench).await.state, failed("this version of the terminal cannot do that"));
    // While a payment keeps the terminal busy, the time of an action runs out.
    let soon = bench.cloud.now().plus_ms(5_000);
    bench.cloud.send(ToTerminal::Perform(Perform {
        action: action(3),
        expires_at: soon,
        order: Order::Reboot,
    }));
    assert_eq!(report(&mut bench).await.state, ActionProgress::Processing);
    let (stan, _) = bench.request(IntentId(1)).await;
    pass(6_000).await;
    bench.approve(IntentId(1), stan);
    assert!(matches!(bench.cloud.recv().await, ToCloud::ResultConfirmed { .. }));
    assert_eq!(report(&mut bench).await.state, failed("it expired before the terminal could begin"));
}

/// Makes updates for the terminal under test.
struct Maker {
    _dir: tempfile::TempDir,
    authority: Authority,
    now: Timestamp,
}

impl Maker {
    fn new(now: Timestamp) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let authority = Authority::open_or_create(&dir.path().join("pki"), now).unwrap();
        Self { _dir: dir, authority, now }
    }

    fn update(&self, version: &str, model: &str, lives_ms: i64) -> Order {
        let manifest = Manifest {
            version: SoftwareVersion::parse(version).unwrap(),
            model: model.into(),
            sha256: "0123456789abcdef".repeat(4),
            size_bytes: 1,
            url: None,
            min_version: None,
            not_after: self.now.plus_ms(lives_ms),
        };
        let signer = self.authority.issue_software_signer(self.now).unwrap();
        let signed = sign(&manifest, &signer).unwrap();
        Order::Update(SignedManifest {
            manifest: signed.manifest,
            signature: signed.signature,
            signer_chain_pem: signed.chain_pem,
        })
    }

    async fn bench(&self) -> Bench {
        let mut bench = Bench::off().await;
        bench.identity = TestIdentity::trusting(self.authority.roots_pem());
        bench.start().await;
        bench
    }
}

#[tokio::test(start_paused = true)]
async fn an_update_runs_after_the_restart_and_is_kept() {
    let now = Bench::off().await.cloud.now();
    let maker = Maker::new(now);
    let mut bench = maker.bench().await;
    bench.cloud.send(perform(&bench, 1, maker.update("1.5.0", "simulator", 3_600_000)));
    let begun = report(&mut bench).await;
    assert_eq!((begun.state, begun.software_version.as_str()), (ActionProgress::Processing, "1.4.0"));
    let mut last = report(&mut bench).await;
    while last.state == ActionProgress::Processing {
        last = report(&mut bench).await;
    }
    assert_eq!((last.state, last.software_version.as_str()), (ActionProgress::Completed, "1.5.0"));
    assert_eq!(bench.cloud.asides().hello.software_version, "1.5.0");
    bench.lose_power().await;
    bench.start().await;
    assert_eq!(bench.cloud.asides().hello.software_version, "1.5.0");
    // What runs already is done already; what is older is refused.
    bench.cloud.send(perform(&bench, 2, maker.update("1.5.0", "simulator", 3_600_000)));
    let mut again = report(&mut bench).await;
    while again.action != action(2) {
        again = report(&mut bench).await;
    }
    assert_eq!(again.state, ActionProgress::Completed);
    bench.cloud.send(perform(&bench, 3, maker.update("1.4.9", "simulator", 3_600_000)));
    let ActionProgress::Failed { reason } = report(&mut bench).await.state else { panic!("not refused") };
    assert_eq!(reason, "the software 1.4.9 is older than 1.5.0, which runs: downgrades are refused");
}

#[tokio::test(start_paused = true)]
async fn an_update_survives_a_power_loss_at_every_step() {
    let now = Bench::off().await.cloud.now();
    let maker = Maker::new(now);
    for nth in 0..3 {
        for point in CrashPoint::UPKEEP {
            let mut bench = maker.bench().await;
            bench.trap.set_nth(point, nth);
            let said = perform(&bench, 1, maker.update("1.5.0", "simulator", 3_600_000));
            bench.cloud.send(said.clone());
            bench.crashed(point).await;
            bench.cloud.gather(10).await;
            bench.start().await;
            bench.cloud.send(said);
            let reports = bench.cloud.gather(20_000).await;
            let ended = reports.iter().filter_map(|said| match said {
                ToCloud::ActionReport(report) if report.state == ActionProgress::Completed => {
                    Some(report.software_version.as_str())
                }
                _ => None,
            });
            assert_eq!(ended.last(), Some("1.5.0"), "{point:?} {nth}: {reports:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn software_that_is_not_meant_for_the_terminal_is_refused() {
    let now = Bench::off().await.cloud.now();
    let (maker, stranger) = (Maker::new(now), Maker::new(now));
    let mut bench = maker.bench().await;
    let Order::Update(mut forged) = maker.update("1.5.0", "simulator", 3_600_000) else { unreachable!() };
    forged.signature[20] ^= 1;
    for (number, (order, expected)) in [
        (stranger.update("1.5.0", "simulator", 3_600_000), "the signer is not trusted"),
        (maker.update("1.5.0", "nexgo_n92", 3_600_000), "the software is for nexgo_n92"),
        (maker.update("1.5.0", "simulator", -1_000), "the manifest has expired"),
        (Order::Update(forged), "the signature does not match"),
    ]
    .into_iter()
    .enumerate()
    {
        bench.cloud.send(perform(&bench, number as u128, order));
        let ActionProgress::Failed { reason } = report(&mut bench).await.state else { panic!("not refused") };
        assert!(reason.starts_with(expected), "{reason}");
    }
    bench.cloud.silence(10_000).await;
    assert_eq!(bench.cloud.asides().hello.software_version, "1.4.0");
}
