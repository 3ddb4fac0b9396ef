//! Pages of payments: order, cursors, filters, and that a page does not slip while payments arrive.

use std::sync::Arc;

use vinr_domain::payment::{Payment, State, Status};
use vinr_domain::{Currency, Last4, PaymentId};

use super::fixtures::*;
use crate::store::{Cursor, Lot, Page, PaymentFilter, Store, Tender};

type Engine = Arc<dyn Store>;

fn start(limit: u32) -> Page {
    Page { limit, cursor: Cursor::Start }
}

fn after(n: u64, limit: u32) -> Page {
    Page { limit, cursor: Cursor::After(payment_id(n)) }
}

fn before(n: u64, limit: u32) -> Page {
    Page { limit, cursor: Cursor::Before(payment_id(n)) }
}

async fn page(store: &dyn Store, page: &Page) -> (Vec<u64>, bool) {
    numbers(store, &scope(), &PaymentFilter::default(), page).await
}

/// Payments 1 to `count`, committed in no order, among those of others.
async fn fill(store: &dyn Store, count: u64) {
    for n in (1..=count).rev().step_by(2).chain((1..count).rev().step_by(2)) {
        let rows = [payment(n), payment_of(&other_account(), n), payment_of(&other_mode(), n)];
        given(store, rows.iter().map(insert)).await;
    }
}

pub(super) async fn pages_go_from_new_to_old_and_say_whether_there_is_more(store: Engine) {
    assert_eq!(page(&*store, &start(10)).await, (vec![], false));
    fill(&*store, 7).await;
    assert_eq!(page(&*store, &start(100)).await, (vec![7, 6, 5, 4, 3, 2, 1], false));
    assert_eq!(page(&*store, &start(7)).await, (vec![7, 6, 5, 4, 3, 2, 1], false));
    assert_eq!(page(&*store, &start(3)).await, (vec![7, 6, 5], true));
    assert_eq!(page(&*store, &after(5, 3)).await, (vec![4, 3, 2], true));
    assert_eq!(page(&*store, &after(4, 3)).await, (vec![3, 2, 1], false));
    assert_eq!(page(&*store, &after(1, 3)).await, (vec![], false));
}

pub(super) async fn pages_before_a_payment_are_the_nearest_newer_ones(store: Engine) {
    fill(&*store, 7).await;
    assert_eq!(page(&*store, &before(2, 3)).await, (vec![5, 4, 3], true));
    assert_eq!(page(&*store, &before(4, 3)).await, (vec![7, 6, 5], false));
    assert_eq!(page(&*store, &before(5, 3)).await, (vec![7, 6], false));
    assert_eq!(page(&*store, &before(7, 3)).await, (vec![], false));
}

/// Six payments, each of which a different set of conditions shows.
async fn varied(store: &dyn Store) {
    let base = |n, terminal, location: Option<u64>, reference: Option<&str>| Payment {
        terminal: Some(terminal_id(terminal).as_str().into()),
        location: location.map(location_id),
        reference: reference.map(Into::into),
        ..payment(n)
    };
    // Of 45.00 EUR with a card that ends in 0005; the others are of 42.00.
    let at = moment(6);
    let completed = State::Completed { request: request(), approval: approval(), captured_minor: 4_400, at };
    let rows = [
        Payment { state: failed(), ..base(1, 1, Some(1), Some("a")) },
        Payment { state: failed(), ..base(2, 1, Some(2), Some("b")) },
        Payment { state: failed(), ..base(3, 2, None, Some("a")) },
        base(4, 1, Some(1), Some("a")),
        base(5, 1, None, None),
        Payment { state: completed, ..base(6, 2, Some(1), Some("b")) },
    ];
    for row in &rows {
        given(store, [insert(row)]).await;
    }
}

fn euros() -> Option<Currency> {
    Currency::parse("EUR").ok()
}

fn tender() -> Tender {
    Tender { terminal: terminal_id(2).as_str().into(), currency: euros().unwrap() }
}

fn filters() -> [(PaymentFilter, Vec<u64>); 15] {
    let any = PaymentFilter::default;
    let terminal = |n| Some(terminal_id(n).as_str().into());
    [
        (PaymentFilter { terminal: terminal(1), ..any() }, vec![5, 4, 2, 1]),
        (PaymentFilter { location: Some(location_id(1)), ..any() }, vec![6, 4, 1]),
        (PaymentFilter { status: Some(Status::Failed), ..any() }, vec![3, 2, 1]),
        (PaymentFilter { status: Some(Status::Expired), ..any() }, vec![]),
        (PaymentFilter { reference: Some("a".into()), ..any() }, vec![4, 3, 1]),
        (PaymentFilter { from: Some(moment(3)), ..any() }, vec![6, 5, 4, 3]),
        (PaymentFilter { to: Some(moment(3)), ..any() }, vec![3, 2, 1]),
        (PaymentFilter { from: Some(moment(2)), to: Some(moment(4)), ..any() }, vec![4, 3, 2]),
        (PaymentFilter { terminal: terminal(3), ..any() }, vec![]),
        (PaymentFilter { last4: Last4::parse("0005"), ..any() }, vec![6]),
        (PaymentFilter { last4: Last4::parse("0006"), ..any() }, vec![]),
        (PaymentFilter { currency: euros(), ..any() }, vec![6, 5, 4, 3, 2, 1]),
        (PaymentFilter { currency: euros(), least_minor: Some(4_201), ..any() }, vec![6]),
        (PaymentFilter { most_minor: Some(4_200), ..any() }, vec![5, 4, 3, 2, 1]),
        (PaymentFilter { lot: Some(Lot::Open(tender())), ..any() }, vec![6]),
    ]
}

pub(super) async fn each_filter_shows_what_it_names(store: Engine) {
    varied(&*store).await;
    for (filter, expected) in filters() {
        assert_eq!(numbers(&*store, &scope(), &filter, &start(10)).await, (expected, false), "{filter:?}");
    }
}

pub(super) async fn filters_hold_together_and_on_every_page(store: Engine) {
    varied(&*store).await;
    for (a, in_a) in &filters() {
        for (b, in_b) in &filters() {
            let both = PaymentFilter {
                terminal: a.terminal.clone().or(b.terminal.clone()),
                location: a.location.clone().or(b.location.clone()),
                status: a.status.or(b.status),
                reference: a.reference.clone().or(b.reference.clone()),
                from: a.from.or(b.from),
                to: a.to.or(b.to),
                last4: a.last4.or(b.last4),
                currency: a.currency.or(b.currency),
                least_minor: a.least_minor.or(b.least_minor),
                most_minor: a.most_minor.or(b.most_minor),
                lot: a.lot.clone().or(b.lot.clone()),
            };
            let overwritten = |mine: bool, other: bool| mine && other;
            if overwritten(a.terminal.is_some(), b.terminal.is_some())
                || overwritten(a.status.is_some(), b.status.is_some())
                || overwritten(a.from.is_some(), b.from.is_some())
                || overwritten(a.to.is_some(), b.to.is_some())
                || overwritten(a.last4.is_some(), b.last4.is_some())
            {
                continue;
            }
            let expected: Vec<u64> = in_a.iter().copied().filter(|n| in_b.contains(n)).collect();
            assert_eq!(one_by_one(&*store, &both, false).await, expected, "{both:?}");
            assert_eq!(one_by_one(&*store, &both, true).await, expected, "{both:?}");
            let count = store.count_payments(&scope(), &both, 100).await.unwrap();
            assert_eq!(count as usize, expected.len(), "{both:?}");
            let counted = store.count_payments(&scope(), &both, 2).await.unwrap();
            assert_eq!(counted as usize, expected.len().min(2), "{both:?}");
        }
    }
}

/// Walks pages of one, down from the newest or up from the oldest; answers newest first.
async fn one_by_one(store: &dyn Store, filter: &PaymentFilter, upward: bool) -> Vec<u64> {
    let mut walked = vec![];
    let mut next = if upward { before(0, 1) } else { start(1) };
    loop {
        let (found, has_more) = numbers(store, &scope(), filter, &next).await;
        let Some(n) = found.first() else {
            assert!(!has_more);
            break;
        };
        walked.push(*n);
        next = if upward { before(*n, 1) } else { after(*n, 1) };
        if !has_more {
            assert_eq!(numbers(store, &scope(), filter, &next).await, (vec![], false));
            break;
        }
    }
    if upward {
        walked.reverse();
    }
    walked
}

pub(super) async fn pages_are_stable_while_payments_arrive(store: Engine) {
    fill(&*store, 6).await;
    let (mut seen, mut cursor) = (Vec::<u64>::new(), Cursor::Start);
    for arriving in 7..12 {
        let (found, has_more) = page(&*store, &Page { limit: 2, cursor }).await;
        seen.extend(&found);
        given(&*store, [insert(&payment(arriving))]).await;
        if !has_more {
            break;
        }
        cursor = Cursor::After(payment_id(found[1]));
    }
    assert_eq!(seen, [6, 5, 4, 3, 2, 1]);
}

pub(super) async fn a_cursor_need_not_name_a_payment_that_is_there(store: Engine) {
    for n in [1, 3, 5] {
        given(&*store, [insert(&payment(n))]).await;
    }
    assert_eq!(page(&*store, &after(4, 9)).await, (vec![3, 1], false));
    assert_eq!(page(&*store, &before(2, 9)).await, (vec![5, 3], false));
    for (cursor, expected) in [
        (Cursor::After(PaymentId(0)), vec![]),
        (Cursor::Before(PaymentId(u128::MAX)), vec![]),
        (Cursor::After(PaymentId(u128::MAX)), vec![5, 3, 1]),
        (Cursor::Before(PaymentId(0)), vec![5, 3, 1]),
    ] {
        assert_eq!(page(&*store, &Page { limit: 9, cursor }).await, (expected, false));
    }
}
