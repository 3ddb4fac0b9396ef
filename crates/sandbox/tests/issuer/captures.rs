//! A hold is captured once, up to the tolerance; the rest is released (contract 1.7).

use std::collections::BTreeMap;

use vinr_domain::Currency;
use vinr_sandbox::issuer::{CaptureRefusal, CaptureReply, Issuer, IssuerSettings, Reply};
use vinr_sandbox::ledger::Anomaly;

use crate::till::{NOW, Sale, approved, base_key, issuer, money};

#[test]
fn part_of_a_hold_is_taken_and_the_rest_released() {
    let mut issuer = issuer();
    let sale = Sale::hold("visa_approved", 1);
    assert_eq!(approved(&sale.ask(&mut issuer)), 2500);
    assert_eq!(sale.account(&issuer), (2500, 0));
    for _ in 0..3 {
        assert_eq!(sale.take(&mut issuer, 1000), CaptureReply::Acknowledged);
        assert_eq!(sale.account(&issuer), (0, 1000));
    }
    assert!(issuer.anomalies().is_empty());
}

#[test]
fn up_to_the_tolerance_and_not_a_unit_more() {
    let mut issuer = issuer();
    let (most, more) = (Sale::hold("visa_approved", 1), Sale::hold("visa_approved", 2));
    most.ask(&mut issuer);
    more.ask(&mut issuer);
    assert_eq!(most.take(&mut issuer, 3000), CaptureReply::Acknowledged);
    let refused = CaptureReply::Refused(CaptureRefusal::TooMuch { most_minor: 3000 });
    assert_eq!(more.take(&mut issuer, 3001), refused);
    assert_eq!(more.take(&mut issuer, 0), CaptureReply::Refused(CaptureRefusal::TooLittle));
    assert_eq!(more.account(&issuer), (2500, 3000));

    let settings = IssuerSettings { over_capture_percent: 0, ..IssuerSettings::default() };
    let mut strict = Issuer::in_memory(1, base_key(), settings);
    most.ask(&mut strict);
    let refused = CaptureReply::Refused(CaptureRefusal::TooMuch { most_minor: 2500 });
    assert_eq!(most.take(&mut strict, 2501), refused);
}

#[test]
fn of_a_partial_approval_the_approved_part_counts() {
    let mut issuer = issuer();
    let sale = Sale::hold("partial_approval", 1);
    sale.ask(&mut issuer);
    let refused = CaptureReply::Refused(CaptureRefusal::TooMuch { most_minor: 1500 });
    assert_eq!(sale.take(&mut issuer, 2500), refused);
    assert_eq!(sale.take(&mut issuer, 1250), CaptureReply::Acknowledged);
    assert_eq!(sale.account(&issuer), (0, 1250));
}

#[test]
fn a_second_amount_is_refused_and_noted() {
    let mut issuer = issuer();
    let (hold, purchase) = (Sale::hold("visa_approved", 1), Sale::of("visa_approved", 2));
    hold.ask(&mut issuer);
    purchase.ask(&mut issuer);
    hold.take(&mut issuer, 1000);
    let refused = |captured_minor| CaptureReply::Refused(CaptureRefusal::AlreadyCaptured { captured_minor });
    assert_eq!(hold.take(&mut issuer, 1500), refused(1000));
    assert_eq!(purchase.take(&mut issuer, 1), refused(2500));
    assert_eq!(
        purchase.take(&mut issuer, 2500),
        CaptureReply::Acknowledged,
        "as it has been, by its approval"
    );
    assert_eq!(hold.account(&issuer), (0, 3500));
    assert_eq!(issuer.anomalies(), &BTreeMap::from([(Anomaly::OtherCapture, 2)]));
}

#[test]
fn what_holds_nothing_cannot_be_captured() {
    let mut issuer = issuer();
    let (none, declined) = (Sale::hold("visa_approved", 1), Sale::hold("card_declined", 2));
    assert_eq!(none.take(&mut issuer, 1), CaptureReply::Refused(CaptureRefusal::UnknownRequest));
    assert!(matches!(declined.ask(&mut issuer), Reply::Declined(_)));
    assert_eq!(declined.take(&mut issuer, 1), CaptureReply::Refused(CaptureRefusal::NotApproved));
    none.ask(&mut issuer);
    let held = Currency::parse("EUR").unwrap();
    assert_eq!(
        issuer.capture(none.key(), money(2500, "USD"), NOW),
        CaptureReply::Refused(CaptureRefusal::OtherCurrency { held })
    );
    assert_eq!(none.account(&issuer), (2500, 0));
}
