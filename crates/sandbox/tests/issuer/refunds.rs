//! What was taken is given back at most once for each name, and no batch counts what was never taken.

use vinr_domain::batch::Totals;
use vinr_domain::{BatchId, Currency, RefundId};
use vinr_sandbox::issuer::{Issuer, IssuerSettings, Refund, RefundRefusal, RefundReply, Reply, SettleReply};
use vinr_sandbox::ledger::{Anomaly, summary};

use crate::till::{NOW, Sale, TERMINAL, base_key, eur, issuer, money};

fn refund(issuer: &mut Issuer, sale: &Sale, name: u128, amount_minor: i64) -> RefundReply {
    let ask =
        Refund { refund: RefundId(name), key: sale.key(), payment: sale.payment, amount: eur(amount_minor) };
    issuer.refund(ask, NOW)
}

fn settle(issuer: &mut Issuer, batch: u128, totals: Totals) -> SettleReply {
    issuer.settle(BatchId(batch), TERMINAL, Currency::parse("EUR").unwrap(), totals, NOW)
}

fn totals(sales_count: u32, sales_minor: i64, refunds_count: u32, refunds_minor: i64) -> Totals {
    Totals { sales_count, sales_minor, refunds_count, refunds_minor }
}

fn left(left_minor: i64) -> RefundReply {
    RefundReply::Refused(RefundRefusal::BeyondWhatIsLeft { left_minor })
}

#[test]
fn a_name_gives_back_once_and_never_more_than_was_taken() {
    let mut issuer = issuer();
    let sale = Sale::of("visa_approved", 1);
    sale.ask(&mut issuer);
    assert_eq!(issuer.inquire_refund(RefundId(7)), RefundReply::NotFound);
    for _ in 0..3 {
        assert_eq!(refund(&mut issuer, &sale, 7, 1000), RefundReply::Accepted);
        assert_eq!(sale.account(&issuer), (0, 1500));
    }
    assert_eq!(issuer.inquire_refund(RefundId(7)), RefundReply::Accepted);
    assert_eq!(refund(&mut issuer, &sale, 7, 999), RefundReply::Refused(RefundRefusal::OtherContent));
    assert_eq!(refund(&mut issuer, &sale, 8, 1501), left(1500));
    assert_eq!(refund(&mut issuer, &sale, 8, 0), left(1500));
    assert_eq!(refund(&mut issuer, &sale, 8, 1500), RefundReply::Accepted);
    assert_eq!(refund(&mut issuer, &sale, 9, 1), left(0));
    assert_eq!(sale.account(&issuer), (0, 0));
    let sums = issuer.net_charges().into_values().next().unwrap();
    assert_eq!((sums.captured_minor, sums.refunded_minor, sums.count), (2500, 2500, 1));
    assert_eq!(issuer.anomalies()[&Anomaly::OtherRefund], 1);
    assert_eq!(issuer.anomalies()[&Anomaly::OverRefund], 3);
}

#[test]
fn what_was_not_taken_is_not_given_back() {
    let mut issuer = issuer();
    let (held, declined, strange) =
        (Sale::hold("visa_approved", 1), Sale::of("card_declined", 2), Sale::of("visa_approved", 3));
    held.ask(&mut issuer);
    declined.ask(&mut issuer);
    let refused = |refusal| RefundReply::Refused(refusal);
    assert_eq!(refund(&mut issuer, &held, 1, 100), refused(RefundRefusal::NothingTaken));
    assert_eq!(refund(&mut issuer, &declined, 2, 100), refused(RefundRefusal::NothingTaken));
    assert_eq!(refund(&mut issuer, &strange, 3, 100), refused(RefundRefusal::UnknownRequest));
    // None of these was decided for ever: the capture was on its way.
    held.take(&mut issuer, 600);
    assert_eq!(refund(&mut issuer, &held, 1, 601), left(600));
    assert_eq!(refund(&mut issuer, &held, 1, 600), RefundReply::Accepted);
    let dollars =
        Refund { refund: RefundId(5), key: held.key(), payment: held.payment, amount: money(1, "USD") };
    assert!(matches!(issuer.refund(dollars, NOW), RefundReply::Refused(RefundRefusal::OtherCurrency { .. })));
}

#[test]
fn a_card_may_take_nothing_back_and_the_late_issuer_is_late_with_refunds_too() {
    let mut issuer = issuer();
    let (closed, late) = (Sale::of("refund_declined", 1), Sale::of("issuer_late", 2));
    assert!(matches!(closed.ask(&mut issuer), Reply::Approved { .. }));
    late.ask(&mut issuer);
    for _ in 0..2 {
        assert_eq!(refund(&mut issuer, &closed, 1, 10), RefundReply::Refused(RefundRefusal::Declined));
    }
    assert_eq!(issuer.inquire_refund(RefundId(1)), RefundReply::Refused(RefundRefusal::Declined));
    assert_eq!(closed.account(&issuer), (0, 2500));
    assert!(matches!(refund(&mut issuer, &late, 2, 10), RefundReply::Late { .. }));
    assert_eq!(issuer.inquire_refund(RefundId(2)), RefundReply::Accepted);
}

#[test]
fn a_settlement_counts_nothing_twice_and_nothing_that_was_never_taken() {
    let mut issuer = issuer();
    for stan in 1..=3 {
        Sale::of("visa_approved", stan).ask(&mut issuer);
    }
    refund(&mut issuer, &Sale::of("visa_approved", 1), 1, 400);
    let first = totals(2, 5000, 1, 400);
    for _ in 0..2 {
        assert_eq!(settle(&mut issuer, 1, first), SettleReply::Agreed);
    }
    assert_eq!(settle(&mut issuer, 1, totals(2, 4999, 1, 400)), SettleReply::OutOfBalance);
    assert_eq!(settle(&mut issuer, 2, first), SettleReply::OutOfBalance);
    assert_eq!(settle(&mut issuer, 2, totals(1, 2500, 1, 400)), SettleReply::OutOfBalance);
    assert_eq!(settle(&mut issuer, 2, totals(1, 2500, 0, 0)), SettleReply::Agreed);
    assert_eq!((issuer.settlement(BatchId(1)), issuer.settlement(BatchId(9))), (Some(first), None));
    assert_eq!(issuer.anomalies()[&Anomaly::OverSettled], 2);
}

#[test]
fn refunds_and_settlements_survive_a_restart_and_a_compaction() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("issuer.jsonl");
    let settings = IssuerSettings { compact_above_bytes: 0, ..IssuerSettings::default() };
    let open = || Issuer::open(&path, 1, base_key(), settings).unwrap();
    let mut issuer = open();
    let (sale, closed) = (Sale::of("visa_approved", 1), Sale::of("refund_declined", 2));
    for sale in [&sale, &closed] {
        sale.ask(&mut issuer);
    }
    refund(&mut issuer, &sale, 1, 700);
    refund(&mut issuer, &closed, 2, 700);
    assert_eq!(settle(&mut issuer, 5, totals(2, 5000, 1, 700)), SettleReply::Agreed);
    let charges = issuer.net_charges();
    drop(issuer);
    for _ in 0..3 {
        let mut issuer = open();
        assert_eq!(issuer.net_charges(), charges);
        assert_eq!(sale.account(&issuer), (0, 1800));
        assert_eq!(issuer.inquire_refund(RefundId(1)), RefundReply::Accepted);
        assert_eq!(issuer.inquire_refund(RefundId(2)), RefundReply::Refused(RefundRefusal::Declined));
        assert_eq!(settle(&mut issuer, 5, totals(2, 5000, 1, 700)), SettleReply::Agreed);
        assert_eq!(settle(&mut issuer, 6, totals(1, 1, 0, 0)), SettleReply::OutOfBalance);
        assert_eq!(summary(&path).unwrap().charges, charges);
    }
}
