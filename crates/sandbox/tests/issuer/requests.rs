//! The same request is decided once; a request that is not what it says is declined and noted.

use std::collections::BTreeMap;

use vinr_domain::{DeclineCode, EntryMode, IntentId, PaymentId};
use vinr_sandbox::issuer::{InquiryReply, Issuer, IssuerSettings, Reply, RequestKey};
use vinr_sandbox::ledger::{Anomaly, ChargeName};

use crate::till::{Sale, approved, base_key, eur, issuer, money};

#[test]
fn the_same_request_again_gets_the_same_answer_and_no_second_charge() {
    let mut issuer = issuer();
    let sale = Sale::of("visa_approved", 1);
    let first = sale.ask(&mut issuer);
    for _ in 0..3 {
        assert_eq!(sale.ask(&mut issuer), first);
    }
    assert_eq!(sale.account(&issuer), (0, 2500));
    let charges = issuer.net_charges()[&ChargeName { intent: sale.intent, payment: sale.payment }];
    assert_eq!((charges.count, charges.authorized_minor, charges.captured_minor), (1, 2500, 2500));

    let declined = Sale::of("card_declined", 2);
    assert_eq!(declined.ask(&mut issuer), declined.ask(&mut issuer));
    assert!(issuer.anomalies().is_empty());
}

#[test]
fn the_same_name_with_other_content_is_declined_and_noted() {
    let sale = Sale::of("visa_approved", 1);
    for other in [
        Sale { amount: eur(2501), ..sale.clone() },
        Sale { amount: money(2500, "USD"), ..sale.clone() },
        Sale { capture: false, ..sale.clone() },
        Sale { card: "mastercard_approved", ..sale.clone() },
        Sale { entry_mode: Some(EntryMode::Chip), ..sale.clone() },
        Sale { intent: IntentId(77), ..sale.clone() },
        Sale { payment: PaymentId(77), ..sale.clone() },
    ] {
        let mut issuer = issuer();
        let first = sale.ask(&mut issuer);
        assert_eq!(other.ask(&mut issuer), Reply::Declined(DeclineCode::CardDeclined), "{other:?}");
        assert_eq!(issuer.anomalies(), &BTreeMap::from([(Anomaly::OtherContent, 1)]), "{other:?}");
        assert_eq!(sale.account(&issuer), (0, 2500));
        assert_eq!(sale.ask(&mut issuer), first, "the first one stands");
        assert_eq!(issuer.net_charges().len(), 1);
    }
}

#[test]
fn another_terminal_or_generation_is_another_request() {
    let mut issuer = issuer();
    let sale = Sale::of("visa_approved", 1);
    sale.ask(&mut issuer);
    assert_eq!(issuer.inquire(&RequestKey::new("term_b", 1, 1)), InquiryReply::NotFound);
    assert_eq!(issuer.inquire(&RequestKey::new("term_a", 2, 1)), InquiryReply::NotFound);
    assert_eq!(issuer.inquire(&RequestKey::new("term_a", 1, 2)), InquiryReply::NotFound);
}

#[test]
fn a_seal_for_another_request_is_declined_and_noted() {
    let mut issuer = issuer();
    let (sale, other) = (Sale::of("visa_approved", 1), Sale::of("visa_approved", 2));
    let reply = sale.ask_with(&mut issuer, &other.sealed());
    assert_eq!(reply, Reply::Declined(DeclineCode::CardDeclined));
    assert_eq!(issuer.anomalies(), &BTreeMap::from([(Anomaly::SealBroken, 1)]));
    assert_eq!(sale.ask_with(&mut issuer, &other.sealed()), reply);
    assert_eq!(issuer.anomalies(), &BTreeMap::from([(Anomaly::SealBroken, 1)]), "noted once");
    assert!(issuer.net_charges().is_empty());
}

#[test]
fn no_amount_is_declined_and_noted() {
    let mut issuer = issuer();
    for (stan, amount) in [(1, 0), (2, -1), (3, i64::MIN)] {
        let sale = Sale { amount: eur(amount), ..Sale::of("visa_approved", stan) };
        assert_eq!(sale.ask(&mut issuer), Reply::Declined(DeclineCode::CardDeclined));
    }
    assert_eq!(issuer.anomalies(), &BTreeMap::from([(Anomaly::NoAmount, 3)]));
    let huge = Sale { amount: eur(i64::MAX), ..Sale::of("visa_approved", 4) };
    assert_eq!(huge.ask(&mut issuer), Reply::Declined(DeclineCode::InsufficientFunds));
}

#[test]
fn approval_codes_follow_seed_and_request() {
    let code = |seed, stan| {
        let mut issuer = Issuer::in_memory(seed, base_key(), IssuerSettings::default());
        match Sale::of("visa_approved", stan).ask(&mut issuer) {
            Reply::Approved { auth_code, .. } => auth_code,
            other => panic!("{other:?}"),
        }
    };
    let (letter, digits) = (&code(1, 1)[..1], &code(1, 1)[1..]);
    assert!(letter.bytes().all(|byte| byte.is_ascii_uppercase()), "{letter}");
    assert!(digits.len() == 5 && digits.bytes().all(|byte| byte.is_ascii_digit()), "{digits}");
    assert_eq!(code(1, 1), code(1, 1));
    assert_ne!(code(1, 1), code(1, 2));
    assert_ne!(code(1, 1), code(2, 1));
}

#[test]
fn two_requests_for_one_intent_show_as_two_charges() {
    let mut issuer = issuer();
    let first = Sale::of("visa_approved", 1);
    let second = Sale { intent: first.intent, payment: first.payment, ..Sale::of("visa_approved", 2) };
    assert_eq!(approved(&first.ask(&mut issuer)) + approved(&second.ask(&mut issuer)), 5000);
    let name = ChargeName { intent: first.intent, payment: first.payment };
    assert_eq!(issuer.net_charges()[&name].count, 2, "a double charge has to be seen");
    second.reverse(&mut issuer);
    assert_eq!(issuer.net_charges()[&name].count, 1);
}
