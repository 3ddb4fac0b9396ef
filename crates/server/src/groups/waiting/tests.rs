//! Fair, never twice, nobody forgotten: in chosen stories and in random ones.

use proptest::prelude::*;
use vinr_domain::payment::{Order, Terms, enqueue};
use vinr_domain::{AccountId, Currency, IntentId, Money, TerminalId, Timestamp};

use super::*;

const START: Timestamp = Timestamp(1_800_000_000_000);

fn key(n: usize) -> TerminalKey {
    let account = AccountId::parse("acct_1").unwrap();
    let id = TerminalId::parse(&format!("term_{n}")).unwrap();
    TerminalKey { scope: Scope { account, livemode: false }, id }
}

fn payment(n: u128, group: &[usize]) -> Arc<Payment> {
    let order = Order {
        id: PaymentId(n),
        account: key(0).scope.account,
        livemode: false,
        intent: IntentId(n),
        terminal: None,
        group: Some(group.iter().map(|n| Arc::from(key(*n).id.as_str())).collect()),
        location: None,
        asked: Money { amount_minor: 100, currency: Currency::parse("EUR").unwrap() },
        capture_method: vinr_domain::payment::CaptureMethod::Automatic,
        response_mode: vinr_domain::payment::ResponseMode::Async,
        reference: None,
        description: None,
        metadata: Arc::default(),
    };
    enqueue(order, START, &Terms::default()).0.into()
}

fn enter(waiting: &mut Waiting, n: u128, group: &[usize]) {
    waiting.enter(payment(n, group), group.iter().map(|n| key(*n)).collect(), None);
}

/// The next offer, with these terminals free.
fn offer(waiting: &mut Waiting, free: &[usize]) -> Option<(usize, u128)> {
    let free: Vec<_> = free.iter().map(|n| key(*n)).collect();
    let proposal = waiting.propose(Instant::now(), |key| free.contains(key))?;
    let number = (0..99).find(|n| key(*n) == proposal.terminal).unwrap();
    Some((number, proposal.payment.id.0))
}

#[test]
fn the_oldest_who_may_use_a_terminal_gets_it_whatever_its_group() {
    let mut waiting = Waiting::default();
    enter(&mut waiting, 1, &[1]);
    enter(&mut waiting, 2, &[1, 2]);
    enter(&mut waiting, 3, &[2, 1]);
    assert_eq!([1, 2, 3].map(|n| waiting.position(PaymentId(n))), [Some(1), Some(2), Some(3)]);
    assert_eq!(offer(&mut waiting, &[]), None);
    assert!(waiting.vacant_again(&key(2)));
    assert_eq!(offer(&mut waiting, &[2]), Some((2, 2)), "the first has no use for it");
    assert!(waiting.vacant_again(&key(1)));
    assert_eq!(offer(&mut waiting, &[1, 2]), Some((1, 1)));
    assert_eq!(offer(&mut waiting, &[1, 2]), None, "both are being asked");
    waiting.settle(&key(2), &payment(2, &[1, 2]), Offer::Taken, Instant::now());
    waiting.settle(&key(1), &payment(1, &[1]), Offer::Taken, Instant::now());
    assert_eq!(waiting.position(PaymentId(3)), Some(1));
    assert!(waiting.vacant_again(&key(1)));
    assert_eq!(offer(&mut waiting, &[1]), Some((1, 3)));
}

#[test]
fn a_new_payment_passes_nobody_who_waits() {
    let mut waiting = Waiting::default();
    let now = Instant::now();
    let any = [key(1), key(2)];
    assert_eq!(waiting.reserve(&any, now, |_| true), Some(key(1)));
    assert_eq!(waiting.reserve(&any, now, |_| true), Some(key(2)), "the first is on its way to somebody");
    assert_eq!(waiting.reserve(&any, now, |_| true), None);
    waiting.release(&key(1));
    waiting.release(&key(2));
    enter(&mut waiting, 1, &[1]);
    assert_eq!(waiting.reserve(&any, now, |_| true), Some(key(2)));
    assert_eq!(offer(&mut waiting, &[1]), Some((1, 1)));
    waiting.leave(PaymentId(1));
    assert_eq!(waiting.reserve(&any[..1], now, |_| true), None, "it is still being asked");
}

#[test]
fn what_a_terminal_gave_back_keeps_its_place_and_the_terminal_rests() {
    let mut waiting = Waiting::default();
    enter(&mut waiting, 1, &[1, 2]);
    enter(&mut waiting, 2, &[1, 2]);
    assert_eq!(offer(&mut waiting, &[1]), Some((1, 1)));
    // It takes it and gives it back before the queue has heard that it was taken.
    let taken = payment(1, &[1, 2]);
    let back = Payment { revision: 3, sequence: 3, attempt_epoch: 1, ..taken.as_ref().clone() };
    waiting.rest(&key(1), Instant::now());
    waiting.enter(back.into(), vec![key(1), key(2)], None);
    assert!(!waiting.settle(&key(1), &taken, Offer::Taken, Instant::now()));
    assert_eq!(waiting.position(PaymentId(1)), Some(1));
    waiting.look_everywhere();
    assert_eq!(offer(&mut waiting, &[1, 2]), Some((2, 1)), "the first terminal is left alone");
    waiting.look_everywhere();
    let later = Instant::now() + RESTS;
    assert_eq!(waiting.propose(later, |_| true).unwrap().terminal, key(1));
}

/// Recovery ends a wait that is over; until it has, the payment is in nobody's way and is not asked about in a circle.
#[test]
fn whom_nobody_can_take_is_put_off_until_the_next_look() {
    let mut waiting = Waiting::default();
    enter(&mut waiting, 1, &[1]);
    enter(&mut waiting, 2, &[1]);
    assert_eq!(offer(&mut waiting, &[1]), Some((1, 1)));
    assert!(waiting.settle(&key(1), &payment(1, &[1]), Offer::Moved, Instant::now()));
    waiting.reread(PaymentId(1), Some(payment(1, &[1])));
    assert_eq!(offer(&mut waiting, &[1]), Some((1, 2)));
    waiting.settle(&key(1), &payment(2, &[1]), Offer::NotFree, Instant::now());
    waiting.leave(PaymentId(2));
    assert_eq!(offer(&mut waiting, &[1]), None);
    waiting.look_everywhere();
    assert_eq!(offer(&mut waiting, &[1]), Some((1, 1)));
}

#[test]
fn the_places_of_an_account_are_counted_and_come_back() {
    let mut waiting = Waiting::default();
    let scope = key(0).scope;
    assert!(waiting.take_slot(&scope, 2) && waiting.take_slot(&scope, 2));
    assert!(!waiting.take_slot(&scope, 2));
    enter(&mut waiting, 1, &[1]);
    waiting.free_slot(&scope);
    assert!(!waiting.take_slot(&scope, 2));
    waiting.leave(PaymentId(1));
    waiting.leave(PaymentId(1));
    assert!(waiting.take_slot(&scope, 2) && !waiting.take_slot(&scope, 2));
    assert!(waiting.take_slot(&Scope { livemode: true, ..scope }, 2), "the other mode has places of its own");
}

#[derive(Clone, Debug)]
enum Act {
    Enter { group: Vec<usize> },
    Offer,
    Settle { nth: usize, outcome: Offer },
    Leave { nth: usize },
    Free { terminal: usize },
    GiveBack { terminal: usize },
}

fn act() -> impl Strategy<Value = Act> {
    let outcome =
        prop::sample::select(vec![Offer::Taken, Offer::Taken, Offer::NotFree, Offer::Moved, Offer::Failed]);
    prop_oneof![
        4 => prop::sample::subsequence(vec![0, 1, 2, 3], 1..=4).prop_map(|group| Act::Enter { group }),
        4 => Just(Act::Offer),
        4 => (0..4_usize, outcome).prop_map(|(nth, outcome)| Act::Settle { nth, outcome }),
        1 => (0..9_usize).prop_map(|nth| Act::Leave { nth }),
        3 => (0..4_usize).prop_map(|terminal| Act::Free { terminal }),
        1 => (0..4_usize).prop_map(|terminal| Act::GiveBack { terminal }),
    ]
}

/// What is true outside the queue: who has which terminal, who is being asked, who waits.
#[derive(Default)]
struct Truth {
    holds: BTreeMap<usize, (u128, Vec<usize>)>,
    asked: Vec<(usize, u128)>,
    waits: BTreeMap<u128, Vec<usize>>,
}

impl Truth {
    fn act(
        &mut self,
        waiting: &mut Waiting,
        act: &Act,
        number: u128,
        now: Instant,
    ) -> Result<(), TestCaseError> {
        match act {
            Act::Enter { group } => {
                enter(waiting, number, group);
                self.waits.insert(number, group.clone());
            }
            Act::Offer => {
                let free: Vec<_> = (0..4).filter(|n| !self.holds.contains_key(n)).collect();
                if let Some((terminal, id)) = offer(waiting, &free) {
                    prop_assert!(self.asked.iter().all(|(t, p)| *t != terminal && *p != id), "asked twice");
                    let idle = |(id, group): &(&u128, &Vec<usize>)| {
                        group.contains(&terminal) && self.asked.iter().all(|(_, asked)| asked != *id)
                    };
                    let oldest = self.waits.iter().find(idle).map(|(id, _)| *id);
                    prop_assert_eq!(Some(id), oldest, "the oldest who waits for {}", terminal);
                    self.asked.push((terminal, id));
                }
            }
            Act::Settle { nth, outcome } if *nth < self.asked.len() => {
                let (terminal, id) = self.asked.remove(*nth);
                let Some(group) = self.waits.get(&id).cloned() else {
                    waiting.settle(&key(terminal), &payment(id, &[]), Offer::Moved, now);
                    return Ok(());
                };
                if waiting.settle(&key(terminal), &payment(id, &group), *outcome, now) {
                    waiting.reread(PaymentId(id), Some(payment(id, &group)));
                    waiting.look_everywhere();
                }
                if *outcome == Offer::Taken {
                    self.waits.remove(&id);
                    self.holds.insert(terminal, (id, group));
                }
            }
            Act::Leave { nth } => {
                if let Some(id) = self.waits.keys().nth(*nth).copied() {
                    waiting.leave(PaymentId(id));
                    self.waits.remove(&id);
                }
            }
            Act::Free { terminal } => {
                self.holds.remove(terminal);
                waiting.vacant_again(&key(*terminal));
            }
            Act::GiveBack { terminal } => {
                if let Some((id, group)) = self.holds.remove(terminal) {
                    enter(waiting, id, &group);
                    self.waits.insert(id, group);
                    waiting.vacant_again(&key(*terminal));
                }
            }
            Act::Settle { .. } => {}
        }
        Ok(())
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nobody_is_passed_asked_twice_or_forgotten(acts in prop::collection::vec(act(), 1..80)) {
        let mut waiting = Waiting::default();
        let mut truth = Truth::default();
        let now = Instant::now();
        for (number, act) in acts.iter().enumerate() {
            truth.act(&mut waiting, act, number as u128 + 1, now)?;
            let known: Vec<u128> = waiting.entries.keys().map(|id| id.0).collect();
            prop_assert_eq!(known, truth.waits.keys().copied().collect::<Vec<_>>());
            prop_assert_eq!(waiting.counts.values().sum::<usize>(), truth.waits.len());
        }
        // Every terminal becomes free, and says so; nobody may be left who could have one.
        while !truth.asked.is_empty() {
            truth.act(&mut waiting, &Act::Settle { nth: 0, outcome: Offer::NotFree }, 0, now)?;
        }
        (0..4).for_each(|terminal| { waiting.vacant_again(&key(terminal)); });
        truth.holds.clear();
        waiting.resting.clear();
        let asked = std::iter::from_fn(|| offer(&mut waiting, &[0, 1, 2, 3])).count();
        let unserved = waiting.entries.values().filter(|entry| !entry.offered);
        let reachable = unserved.flat_map(|entry| &entry.terminals).any(|key| !waiting.reserved.contains(key));
        prop_assert!(!reachable, "{} asked, and a free terminal is left beside somebody who waits", asked);
    }
}
