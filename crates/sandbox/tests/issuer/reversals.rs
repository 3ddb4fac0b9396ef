//! A reversal is final, whenever it comes.

use std::collections::BTreeMap;

use vinr_domain::{DeclineCode, PaymentId};
use vinr_sandbox::issuer::{CaptureRefusal, CaptureReply, InquiryReply, Reply, ReversalReply};
use vinr_sandbox::ledger::{Anomaly, ChargeName};

use crate::till::{NOW, Sale, issuer};

const GONE: DeclineCode = DeclineCode::CommunicationError;

#[test]
fn after_an_approval_it_gives_everything_back() {
    for sale in [Sale::of("visa_approved", 1), Sale::hold("visa_approved", 1), Sale::of("issuer_late", 1)] {
        let mut issuer = issuer();
        sale.ask(&mut issuer);
        assert_ne!(sale.account(&issuer), (0, 0), "{sale:?}");
        for _ in 0..3 {
            assert_eq!(sale.reverse(&mut issuer), ReversalReply::Acknowledged);
            assert_eq!(sale.account(&issuer), (0, 0), "{sale:?}");
            assert_eq!(sale.inquire(&issuer), InquiryReply::Declined(GONE));
        }
        assert_eq!(sale.ask(&mut issuer), Reply::Declined(GONE), "the request again, late");
        assert_eq!(sale.account(&issuer), (0, 0), "{sale:?}");
        let charges = issuer.net_charges()[&ChargeName { intent: sale.intent, payment: sale.payment }];
        assert_eq!((charges.count, charges.captured_minor, charges.reversed_minor), (0, 0, 2500));
    }
}

#[test]
fn after_a_capture_it_gives_back_what_was_taken() {
    let mut issuer = issuer();
    let sale = Sale::hold("visa_approved", 1);
    sale.ask(&mut issuer);
    assert_eq!(sale.take(&mut issuer, 1000), CaptureReply::Acknowledged);
    assert_eq!(sale.reverse(&mut issuer), ReversalReply::Acknowledged);
    assert_eq!(sale.account(&issuer), (0, 0));
    assert_eq!(sale.take(&mut issuer, 1000), CaptureReply::Refused(CaptureRefusal::Reversed));
    assert_eq!(sale.account(&issuer), (0, 0));
}

#[test]
fn before_the_request_it_leaves_a_tombstone() {
    let mut issuer = issuer();
    let sale = Sale::of("visa_approved", 1);
    assert_eq!(sale.inquire(&issuer), InquiryReply::NotFound);
    for _ in 0..2 {
        assert_eq!(sale.reverse(&mut issuer), ReversalReply::Acknowledged);
    }
    assert_eq!(sale.inquire(&issuer), InquiryReply::Declined(GONE));
    assert_eq!(sale.take(&mut issuer, 1), CaptureReply::Refused(CaptureRefusal::Reversed));
    for _ in 0..2 {
        assert_eq!(sale.ask(&mut issuer), Reply::Declined(GONE));
    }
    assert_eq!(sale.reverse(&mut issuer), ReversalReply::Acknowledged);
    assert_eq!(sale.account(&issuer), (0, 0));
    assert!(issuer.net_charges().is_empty());
    assert!(issuer.anomalies().is_empty());
}

#[test]
fn of_a_decline_it_changes_nothing() {
    let mut issuer = issuer();
    let sale = Sale::of("expired_card", 1);
    sale.ask(&mut issuer);
    assert_eq!(sale.reverse(&mut issuer), ReversalReply::Acknowledged);
    assert_eq!(sale.ask(&mut issuer), Reply::Declined(DeclineCode::ExpiredCard));
    assert_eq!(sale.inquire(&issuer), InquiryReply::Declined(DeclineCode::ExpiredCard));
}

#[test]
fn under_another_payment_s_name_it_counts_and_is_noted() {
    let mut issuer = issuer();
    let sale = Sale::of("visa_approved", 1);
    sale.ask(&mut issuer);
    let reply = issuer.reverse(sale.key(), sale.intent, PaymentId(5), NOW);
    assert_eq!(reply, ReversalReply::Acknowledged);
    assert_eq!(sale.account(&issuer), (0, 0), "acknowledged is given back");
    assert_eq!(issuer.anomalies(), &BTreeMap::from([(Anomaly::OtherPayment, 1)]));
}
