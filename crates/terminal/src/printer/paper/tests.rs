//! Receipts by width, currency, time zone and outcome.

use vinr_domain::device::State;
use vinr_domain::{
    Brand, CardFacts, Currency, DeclineCode, EntryMode, IntentId, Last4, Money, PaymentId, Timestamp,
};
use vinr_wire::journal::{Command, IntentRecord};
use vinr_wire::link::Shop;

use super::*;
use crate::till::ReceiptOutcome;

fn money(amount_minor: i64, code: &str) -> Money {
    Money { amount_minor, currency: Currency::parse(code).unwrap() }
}

fn facts(total: Money, tip_minor: Option<i64>) -> ReceiptFacts {
    let asked = Money { amount_minor: total.amount_minor - tip_minor.unwrap_or(0), ..total };
    let command = Command {
        payment_id: PaymentId(0x0197_5bcd_e123_7abc_8def_1357_9bdf_1357),
        amount: asked,
        capture_method: CaptureMethod::Automatic,
        reference: Some("POS-ORDER-0821".into()),
    };
    let at = Timestamp(1_781_172_911_000);
    ReceiptFacts {
        record: IntentRecord {
            intent: IntentId(7),
            attempt_epoch: 0,
            command: Some(command),
            request: None,
            state: State::Approved { stan: 1, authorized_minor: total.amount_minor },
            auth_code: Some("A12345".into()),
            reported: true,
            written_at: at,
            receipt_channel: None,
            origin: None,
            offline: None,
        },
        outcome: ReceiptOutcome::Approved,
        total,
        tip_minor,
        card: Some(CardFacts {
            brand: Brand::Visa,
            last4: Last4::parse("4242").unwrap(),
            entry_mode: EntryMode::Contactless,
        }),
        at,
        shop: Shop {
            merchant_name: "Corner Café".to_owned(),
            address_lines: vec!["1 High Street".to_owned(), "10115 Berlin".to_owned()],
            time_zone: "Europe/Berlin".to_owned(),
            display_name: String::new(),
        },
        livemode: true,
    }
}

const NARROW: Paper<'static> = Paper { terminal: "term_CT20_0042", columns: 32 };
const WIDE: Paper<'static> = Paper { terminal: "term_CT20_0042", columns: 48 };

#[test]
fn a_receipt_says_what_was_paid_where_and_when() {
    let text = WIDE.text(&facts(money(2800, "USD"), Some(300)), Copy::Merchant);
    let expected = "VINR PAYMENTS\n\
        Corner Café\n\
        1 High Street\n\
        10115 Berlin\n\
        ------------------------------------------------\n\
        Date: 11/06/2026\n\
        Time: 12:15:11\n\
        SALE\n\
        Amount: $25.00\n\
        Tip: $3.00\n\
        Total: $28.00\n\
        ------------------------------------------------\n\
        Card: VISA\n\
        ************4242\n\
        Entry: contactless\n\
        APPROVED\n\
        Auth code: A12345\n\
        ------------------------------------------------\n\
        Reference: POS-ORDER-0821\n\
        Terminal: term_CT20_0042\n\
        Transaction:\n\
        tpay_01JXDWVR93FAY8VVRKAYDXY4TQ\n\
        ------------------------------------------------\n\
        MERCHANT COPY\n";
    assert_eq!(text, expected);
}

#[test]
fn no_line_is_wider_than_the_paper() {
    let mut long = facts(money(99_999_999, "EUR"), None);
    long.shop.merchant_name = "A merchant whose name goes on and on, as names of merchants do".to_owned();
    long.shop.address_lines = vec!["x".repeat(100)];
    for outcome in [
        ReceiptOutcome::Approved,
        ReceiptOutcome::ApprovedOffline,
        ReceiptOutcome::Declined(DeclineCode::OfflineLimitExceeded),
        ReceiptOutcome::Cancelled,
    ] {
        long.outcome = outcome;
        for paper in [NARROW, WIDE] {
            let text = paper.text(&long, Copy::Customer);
            for line in text.lines() {
                assert!(line.chars().count() <= usize::from(paper.columns), "{line}");
            }
            assert!(text.ends_with("CUSTOMER COPY\n"));
        }
    }
}

#[test]
fn the_outcome_is_on_the_receipt() {
    let text =
        |outcome| NARROW.text(&ReceiptFacts { outcome, ..facts(money(100, "EUR"), None) }, Copy::Customer);
    assert!(text(ReceiptOutcome::Approved).contains("\nAPPROVED\n"));
    assert!(text(ReceiptOutcome::ApprovedOffline).contains("\nAPPROVED OFFLINE\n"));
    let declined = text(ReceiptOutcome::Declined(DeclineCode::InsufficientFunds));
    assert!(declined.contains("\nDECLINED\nInsufficient funds\n") && !declined.contains("APPROVED"));
    assert!(text(ReceiptOutcome::Cancelled).contains("\nCANCELLED\n"));
    // A customer does not learn at the counter that the card is on a list.
    assert!(text(ReceiptOutcome::Declined(DeclineCode::LostOrStolen)).contains("\nDECLINED\nNot approved\n"));
    let sale = facts(money(100, "EUR"), None);
    let refund = RefundFacts {
        refund: "re_1".to_owned(),
        reference: "POS-REFUND-0821".to_owned(),
        original: "tpay_1".to_owned(),
        amount: money(50, "EUR"),
        card: sale.card,
        at: Timestamp(1_781_172_911_000),
        shop: sale.shop,
        livemode: true,
    };
    let refunded = NARROW.refund_text(&refund, Copy::Merchant);
    assert!(
        refunded.contains("\nOriginal:\ntpay_1\n") && refunded.contains("\nReference: POS-REFUND-0821\n")
    );
    assert!(refunded.contains("\nREFUND\nAmount: €0.50\n") && refunded.contains("\nREFUND APPROVED\n"));
}

#[test]
fn test_money_is_called_so() {
    let test = ReceiptFacts { livemode: false, ..facts(money(100, "EUR"), None) };
    assert!(NARROW.text(&test, Copy::Customer).contains("TEST: NO MONEY HAS MOVED"));
    assert!(!NARROW.text(&facts(money(100, "EUR"), None), Copy::Customer).contains("TEST"));
}
