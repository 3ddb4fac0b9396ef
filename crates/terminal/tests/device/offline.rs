//! Payments while there is no internet: approved alone within the limits, on disk before anybody sees it, forwarded in
//! order, never lost and never charged twice.

use std::collections::BTreeMap;

use vinr_domain::device::State;
use vinr_domain::payment::EndCause;
use vinr_domain::{ActionId, DeclineCode, IntentId, Money};
use vinr_terminal::CrashPoint;
use vinr_terminal::journal::{Journal, Limits, MemoryDisk};
use vinr_terminal::screen::Screen;
use vinr_terminal::till::{Lookup, ReceiptOutcome, TillRefusal};
use vinr_wire::card::{SealContext, open};
use vinr_wire::link::{
    ActionProgress, Authorize, Configure, HostVerdict, Order, Perform, ToCloud, ToTerminal, chain,
};

use crate::access::access;
use crate::till::{authorize, order};
use crate::world::{Bench, LINK_ID, euros, nobody, pass, reader_key};

const ONE: IntentId = IntentId(1);

const CONFIG: &str =
    r#"{"offlineMode":{"enabled":true,"maxAmount":5000,"maxQueue":3,"maxTotal":12600,"maxAgeSeconds":3600}}"#;

/// A terminal that may approve alone, and knows the time.
pub async fn ready(bench: &mut Bench) {
    bench.cloud.send(ToTerminal::LanAccess(Box::new(access(1))));
    bench.cloud.send(ToTerminal::Configure(Configure { version: 1, config: CONFIG.as_bytes().into() }));
    let mut answers = 0;
    while answers < 2 {
        match bench.cloud.recv().await {
            ToCloud::LanAccessApplied(_) | ToCloud::ConfigApplied(_) => answers += 1,
            other => panic!("{other:?}"),
        }
    }
}

async fn offline(bench: &mut Bench) {
    bench.terminal().set_internet(false);
    bench.shows(|screen| matches!(screen, Screen::Offline { .. })).await;
}

async fn pays(bench: &Bench, number: u128) -> State {
    let till = bench.terminal().till();
    till.collect(order(number)).await.unwrap();
    till.outcome(IntentId(number)).await.unwrap().record.state
}

fn answer(bench: &Bench, asked: &Authorize, verdict: HostVerdict) {
    let (intent, stan) = (asked.intent, asked.request.stan);
    bench.cloud.send(ToTerminal::AuthorizeResult { intent, stan, verdict, renamed: None });
}

async fn confirmed(bench: &mut Bench, intent: IntentId) {
    loop {
        match bench.cloud.recv().await {
            ToCloud::ResultConfirmed { intent: of, .. } if of == intent => return,
            ToCloud::Authorize(_) => {}
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn the_shop_sells_on_and_everything_is_forwarded_in_order() {
    let mut bench = Bench::new().await;
    ready(&mut bench).await;
    offline(&mut bench).await;
    for number in 1..=3 {
        assert!(matches!(pays(&bench, number).await, State::ApprovedAlone { authorized_minor: 42_00, .. }));
        assert!(matches!(bench.screen(), Screen::ApprovedOffline { amount, .. } if amount == euros(42_00)));
    }
    assert!(bench.printer.printed().iter().all(|receipt| receipt.contains("APPROVED OFFLINE")));
    let till = bench.terminal().till();
    assert_eq!(till.receipt(Lookup::Last).await.unwrap().outcome, ReceiptOutcome::ApprovedOffline);
    let standing = till.standing().borrow().offline.clone();
    assert_eq!((standing.pending, standing.amount_minor, standing.last_number), (3, 12_600, 3));
    assert_eq!(pays(&bench, 4).await, State::Ended { cause: EndCause::OfflineLimit }, "the queue is full");
    assert_eq!(bench.screen(), Screen::Declined { code: DeclineCode::OfflineLimitExceeded });
    bench.terminal().set_internet(true);
    let mut asked = Vec::new();
    let mut ended = 0;
    while asked.len() < 3 || ended < 1 {
        match bench.cloud.recv().await {
            ToCloud::Authorize(authorize) => asked.push(authorize),
            ToCloud::Ended { cause: EndCause::OfflineLimit, origin: Some(_), .. } => ended += 1,
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(bench.cloud.asides().offline.last().map(|said| said.pending), Some(3));
    let mut previous = chain::FIRST;
    for (at, asked) in asked.iter().enumerate() {
        let approval = asked.offline.unwrap();
        assert_eq!((approval.number as usize, asked.intent.0 as usize), (at + 1, at + 1));
        assert_eq!(approval.previous, previous);
        let hash = chain::approval_hash(asked.intent, &asked.request, &approval, &asked.sealed_card);
        assert_eq!(approval.hash, hash);
        previous = hash;
        assert!(asked.origin.is_some());
        let (generation, stan) = (asked.request.generation, asked.request.stan);
        let context = SealContext { terminal: LINK_ID, generation, stan, intent: asked.intent };
        assert!(open(&asked.sealed_card, &reader_key(), context).is_ok(), "the card as the reader sealed it");
    }
    answer(&bench, &asked[0], HostVerdict::Approved { authorized_minor: 42_00, auth_code: "A1".into() });
    answer(&bench, &asked[1], HostVerdict::Declined(DeclineCode::OfflineAuthDeclined));
    answer(&bench, &asked[2], HostVerdict::Refused);
    for number in 1..=3 {
        confirmed(&mut bench, IntentId(number)).await;
    }
    let state = |number| till.find(Lookup::Intent(IntentId(number)));
    assert!(matches!(state(1).await.unwrap().record.state, State::Approved { .. }));
    assert!(matches!(state(2).await.unwrap().record.state, State::Declined { .. }));
    assert!(matches!(state(3).await.unwrap().record.state, State::Voided { .. }));
    let last = bench.cloud.asides().offline.last().cloned().unwrap();
    assert_eq!((last.pending, last.last_number, last.oldest_at), (0, 3, None));
    bench.cloud.silence(300_000).await;
}

#[tokio::test(start_paused = true)]
async fn without_offline_mode_a_card_is_turned_down_at_once_and_nothing_leaves() {
    let mut bench = Bench::new().await;
    offline(&mut bench).await;
    let begun = bench.cloud.now();
    assert_eq!(pays(&bench, 1).await, State::Ended { cause: EndCause::NoConnection });
    assert!(bench.cloud.now().ms_since(begun) < 5_000);
    assert_eq!(bench.screen(), Screen::Declined { code: DeclineCode::CommunicationError });
    bench.terminal().set_internet(true);
    let told = bench.cloud.recv().await;
    assert!(
        matches!(told, ToCloud::Ended { cause: EndCause::NoConnection, origin: Some(_), .. }),
        "{told:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn amount_currency_and_age_are_limits_too() {
    let mut bench = Bench::new().await;
    ready(&mut bench).await;
    offline(&mut bench).await;
    let till = bench.terminal().till();
    let mut large = order(1);
    large.amount = euros(50_01);
    till.collect(large).await.unwrap();
    let limit = State::Ended { cause: EndCause::OfflineLimit };
    assert_eq!(till.outcome(ONE).await.unwrap().record.state, limit);
    let mut dollars = order(2);
    dollars.amount = Money { currency: vinr_domain::Currency::parse("USD").unwrap(), ..euros(1) };
    till.collect(dollars).await.unwrap();
    let off = State::Ended { cause: EndCause::NoConnection };
    assert_eq!(till.outcome(IntentId(2)).await.unwrap().record.state, off);
    assert!(matches!(pays(&bench, 3).await, State::ApprovedAlone { .. }));
    pass(3_600_000).await;
    assert_eq!(pays(&bench, 4).await, limit, "the oldest has waited too long");
}

#[tokio::test(start_paused = true)]
async fn what_the_cloud_commanded_is_never_approved_alone() {
    let mut bench = Bench::new().await;
    ready(&mut bench).await;
    let collect = bench.collect(1);
    bench.prompts(&collect).await;
    offline_while_prompting(&mut bench).await;
    bench.shows(|screen| matches!(screen, Screen::Authorizing { .. })).await;
    bench.terminal().set_internet(true);
    assert!(authorize(&mut bench).await.offline.is_none());
}

async fn offline_while_prompting(bench: &mut Bench) {
    bench.terminal().set_internet(false);
    let mut standing = bench.terminal().till().standing();
    standing.wait_for(|standing| !standing.online).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_forward_is_repeated_until_there_is_a_verdict_and_when_it_is_asked_for() {
    let mut bench = Bench::new().await;
    ready(&mut bench).await;
    offline(&mut bench).await;
    pays(&bench, 1).await;
    bench.terminal().set_internet(true);
    let first = authorize(&mut bench).await;
    answer(&bench, &first, HostVerdict::Unknown);
    assert_eq!(authorize(&mut bench).await, first, "asked again after a while");
    answer(&bench, &first, HostVerdict::Again);
    assert_eq!(authorize(&mut bench).await, first, "the acquirer has never seen it");
    assert_eq!(bench.terminal().till().flush().await, 1);
    assert_eq!(authorize(&mut bench).await, first);
    let expires_at = bench.cloud.now().plus_ms(60_000);
    bench.cloud.send(ToTerminal::Perform(Perform { action: ActionId(1), expires_at, order: Order::Flush }));
    assert_eq!(reported(&mut bench).await, ActionProgress::Processing);
    assert_eq!(authorize(&mut bench).await, first);
    // A command of the cloud for the same intent is answered with what happened, never with a question.
    let mut collect = bench.collect(1);
    collect.reference = Some("till 1".into());
    bench.cloud.send(ToTerminal::Collect(collect));
    match bench.cloud.recv().await {
        ToCloud::Authorize(again) => assert_eq!(again.offline, first.offline),
        other => panic!("{other:?}"),
    }
    answer(&bench, &first, HostVerdict::Approved { authorized_minor: 42_00, auth_code: "A1".into() });
    confirmed(&mut bench, ONE).await;
    assert_eq!(reported(&mut bench).await, ActionProgress::Completed, "when all is decided, not before");
    flush(&bench, 2);
    assert_eq!(reported(&mut bench).await, ActionProgress::Completed, "nothing waits");
}

fn flush(bench: &Bench, number: u128) {
    let (action, expires_at) = (ActionId(number), bench.cloud.now().plus_ms(600_000));
    bench.cloud.send(ToTerminal::Perform(Perform { action, expires_at, order: Order::Flush }));
}

/// What is reported of an action next, whatever is asked beside it.
async fn reported(bench: &mut Bench) -> ActionProgress {
    loop {
        match bench.cloud.recv().await {
            ToCloud::ActionReport(report) => return report.state,
            ToCloud::Authorize(_) => {}
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_flush_that_gets_no_verdict_in_time_says_what_waits_also_after_a_power_loss() {
    let mut bench = Bench::new().await;
    ready(&mut bench).await;
    offline(&mut bench).await;
    pays(&bench, 1).await;
    bench.terminal().set_internet(true);
    authorize(&mut bench).await;
    flush(&bench, 1);
    assert_eq!(reported(&mut bench).await, ActionProgress::Processing);
    bench.lose_power().await;
    bench.start().await;
    let begun = bench.cloud.now();
    let mut last = reported(&mut bench).await;
    while last == ActionProgress::Processing {
        last = reported(&mut bench).await;
    }
    assert!(
        matches!(&last, ActionProgress::Failed { reason } if reason.starts_with("1 payments")),
        "{last:?}"
    );
    let took_ms = bench.cloud.now().ms_since(begun);
    assert!((100_000..=130_000).contains(&took_ms), "{took_ms} ms");
    // The payment itself goes on.
    let again = authorize(&mut bench).await;
    answer(&bench, &again, HostVerdict::Approved { authorized_minor: 42_00, auth_code: "A1".into() });
    confirmed(&mut bench, ONE).await;
}

/// Sells until the power goes, starts again, and forwards: every number that was on the screen, answered or synced comes
/// once, under one hash.
async fn survives(point: CrashPoint, seed: u64) {
    let mut bench = Bench::off().await;
    bench.reseed(seed);
    bench.start().await;
    ready(&mut bench).await;
    offline(&mut bench).await;
    pays(&bench, 1).await;
    bench.trap.set(point);
    let till = bench.terminal().till();
    till.collect(order(2)).await.unwrap();
    let heard = till.outcome(IntentId(2)).await;
    assert!(heard.is_none(), "{point:?}: the till was answered");
    let shown =
        matches!(bench.screen(), Screen::ApprovedOffline { .. }) && point == CrashPoint::OfflineNotAnswered;
    bench.crashed(point).await;
    bench.start().await;
    let asked = bench.cloud.gather(3_000).await;
    let mut forwarded = BTreeMap::new();
    for said in asked {
        if let ToCloud::Authorize(authorize) = said {
            let number = authorize.offline.unwrap().number;
            let known = forwarded.insert(number, authorize.clone());
            assert!(known.is_none_or(|known| known == authorize), "{point:?}: {number} is two approvals");
        }
    }
    let story = format!("{point:?}, seed {seed}: {:?}", forwarded.keys());
    assert!(forwarded.contains_key(&1), "lost: {story}");
    assert!(point == CrashPoint::OfflineNotSynced || forwarded.contains_key(&2), "lost: {story}");
    assert!(!shown || forwarded.contains_key(&2), "shown and lost: {story}");
    for authorize in forwarded.values() {
        answer(&bench, authorize, HostVerdict::Approved { authorized_minor: 42_00, auth_code: "A1".into() });
        confirmed(&mut bench, authorize.intent).await;
    }
    // The chain goes on where it was.
    offline(&mut bench).await;
    pays(&bench, 3).await;
    bench.terminal().set_internet(true);
    let next = authorize(&mut bench).await.offline.unwrap();
    let last = forwarded.last_key_value().unwrap().1.offline.unwrap();
    assert_eq!((next.number, next.previous), (last.number + 1, last.hash), "{story}");
}

#[tokio::test(start_paused = true)]
async fn power_loss_at_any_point_of_an_approval_alone_loses_nothing() {
    for point in CrashPoint::OFFLINE {
        for seed in 0..10 {
            survives(point, seed).await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn power_loss_before_an_approval_is_forwarded_leaves_it_to_be_forwarded() {
    let mut bench = Bench::new().await;
    ready(&mut bench).await;
    offline(&mut bench).await;
    pays(&bench, 1).await;
    bench.trap.set(CrashPoint::ForwardNotSent);
    bench.terminal().set_internet(true);
    bench.crashed(CrashPoint::ForwardNotSent).await;
    bench.start().await;
    let forwarded = authorize(&mut bench).await;
    assert_eq!(forwarded.intent, ONE);
    answer(&bench, &forwarded, HostVerdict::Approved { authorized_minor: 42_00, auth_code: "A1".into() });
    confirmed(&mut bench, ONE).await;
}

#[tokio::test(start_paused = true)]
async fn power_loss_between_forward_and_verdict_forwards_the_same_again() {
    for point in [CrashPoint::AnswerReceived, CrashPoint::OutcomeNotSynced, CrashPoint::OutcomeNotConfirmed] {
        for seed in 0..10 {
            let mut bench = Bench::off().await;
            bench.reseed(seed);
            bench.start().await;
            ready(&mut bench).await;
            offline(&mut bench).await;
            pays(&bench, 1).await;
            bench.terminal().set_internet(true);
            let first = authorize(&mut bench).await;
            bench.trap.set(point);
            let verdict = HostVerdict::Declined(DeclineCode::OfflineAuthDeclined);
            answer(&bench, &first, verdict.clone());
            bench.crashed(point).await;
            bench.start().await;
            loop {
                match bench.cloud.recv().await {
                    ToCloud::Authorize(again) => {
                        assert_eq!(again, first, "{point:?}, seed {seed}");
                        answer(&bench, &again, verdict.clone());
                    }
                    ToCloud::ResultConfirmed { intent: ONE, .. } => break,
                    other => panic!("{other:?}"),
                }
            }
            let sale = bench.terminal().till().find(Lookup::Intent(ONE)).await.unwrap();
            assert!(matches!(sale.record.state, State::Declined { .. }));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn the_card_is_gone_once_the_cloud_has_decided_and_no_other_device_opens_it() {
    let mut bench = Bench::new().await;
    ready(&mut bench).await;
    offline(&mut bench).await;
    pays(&bench, 1).await;
    bench.shutdown().await;
    // Journal, mark and memory on another device.
    bench.storage_key = [4; 32];
    bench.start().await;
    assert!(bench.cloud.gather(120_000).await.is_empty(), "nothing can be forwarded there");
    let till = bench.terminal().till();
    assert_eq!(till.standing().borrow().offline.pending, 1, "and nothing is dropped");
    bench.shutdown().await;
    bench.storage_key = [3; 32];
    bench.start().await;
    let asked = authorize(&mut bench).await;
    answer(&bench, &asked, HostVerdict::Approved { authorized_minor: 42_00, auth_code: "A1".into() });
    confirmed(&mut bench, ONE).await;
    bench.shutdown().await;
    let limits = Limits { entries: 100, compact_above_bytes: 0 };
    let journal = Journal::open(bench.disk.clone(), LINK_ID, bench.cloud.now(), limits).await.unwrap();
    let kept = journal.entry(ONE).unwrap().offline.as_ref().unwrap();
    assert!(kept.kept_card.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_journal_that_was_put_back_or_lost_shows_in_what_the_cloud_is_told() {
    let mut bench = Bench::new().await;
    ready(&mut bench).await;
    offline(&mut bench).await;
    pays(&bench, 1).await;
    let older = bench.disk.bytes();
    pays(&bench, 2).await;
    let generation = bench.terminal().till().standing().borrow().offline.generation;
    bench.shutdown().await;
    let newest = bench.disk.bytes();
    for (bytes, pending) in [(older, 1), (Vec::new(), 0), (newest, 2)] {
        bench.disk.set_bytes(bytes);
        bench.start().await;
        bench.cloud.gather(1_000).await;
        let said = bench.cloud.asides().offline.last().cloned().unwrap();
        assert_eq!((said.pending, said.last_number, said.generation), (pending, 2, generation));
        bench.shutdown().await;
    }
}

#[tokio::test(start_paused = true)]
async fn an_order_that_is_refused_leaves_nothing_even_offline() {
    let mut bench = Bench::new().await;
    ready(&mut bench).await;
    offline(&mut bench).await;
    let till = bench.terminal().till();
    let mut first = order(1);
    first.simulation = nobody();
    till.collect(first).await.unwrap();
    assert!(matches!(till.collect(order(2)).await, Err(TillRefusal::Busy { .. })));
    till.cancel(Lookup::Active).await.unwrap();
    pays(&bench, 3).await;
    let mut again = order(4);
    again.reference = Some("till 3".into());
    assert!(
        matches!(till.collect(again).await, Err(TillRefusal::ReferenceTaken(_))),
        "it may still be declined"
    );
}

#[tokio::test]
async fn a_journal_of_an_older_version_goes_on_and_loses_nothing() {
    let text = include_str!("../../../wire/tests/golden/journal/v1/journal.hex");
    let digits: Vec<u8> = text.bytes().filter(u8::is_ascii_hexdigit).collect();
    let pair = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
    let old: Vec<u8> = digits.chunks(2).map(pair).collect();
    let disk = MemoryDisk::new();
    disk.set_bytes(old);
    let limits = Limits { entries: 100, compact_above_bytes: 0 };
    let now = crate::world::BEGIN;
    let mut journal = Journal::open(disk.clone(), "term_1", now, limits).await.unwrap();
    let before: Vec<_> = journal.entries().cloned().collect();
    assert!(!before.is_empty());
    let stan = journal.next_stan().unwrap();
    let changed = vinr_wire::journal::IntentRecord { reported: true, ..before[0].clone() };
    journal.apply(changed.clone()).unwrap();
    journal.sync().await.unwrap();
    journal.compact_if_worth_it().await.unwrap();
    drop(journal);
    let journal = Journal::open(disk, "term_1", now, limits).await.unwrap();
    assert_eq!(journal.next_stan().unwrap(), stan, "numbers go on");
    assert_eq!(journal.entry(changed.intent), Some(&changed));
    let after: Vec<_> = journal.entries().skip(1).cloned().collect();
    assert_eq!(after, before[1..], "every other entry as it was");
}

#[tokio::test(start_paused = true)]
async fn a_shop_that_loses_power_and_internet_sells_on_if_its_clock_can_be_true() {
    let mut bench = Bench::new().await;
    ready(&mut bench).await;
    offline(&mut bench).await;
    pays(&bench, 1).await;
    bench.lose_power().await;
    bench.cloud.door(false);
    bench.switch_on().await;
    assert!(matches!(pays(&bench, 2).await, State::ApprovedAlone { .. }));
    bench.lose_power().await;
    // Its clock has lost the time with the power.
    bench.clock.set_ahead(-86_400_000);
    bench.switch_on().await;
    assert_eq!(pays(&bench, 3).await, State::Ended { cause: EndCause::NoConnection });
    bench.cloud.door(true);
    assert_eq!(authorize(&mut bench).await.intent, ONE);
    assert_eq!(authorize(&mut bench).await.intent, IntentId(2));
}
