//! Every card of the deck does what contract 2.8 says of it.

use vinr_domain::{DeclineCode, EntryMode};
use vinr_sandbox::deck;
use vinr_sandbox::issuer::{InquiryReply, Reply, ReversalReply};
use vinr_wire::card::{CardData, CardError, ReaderKey, SealContext, seal};

use crate::till::{Sale, TERMINAL, approved, base_key, eur, issuer, money};

#[test]
fn the_contract_s_numbers_find_their_cards() {
    for (number, name) in [
        ("4242 4242 4242 4242", "visa_approved"),
        ("4000 0000 0000 0002", "card_declined"),
        ("4000-0000-0000-9995", "insufficient_funds"),
        ("4000000000000069", "expired_card"),
        ("4100 0000 0000 0019", "lost_or_stolen"),
        ("5555 5555 5555 4444", "mastercard_approved"),
        ("3782 822463 10005", "amex_approved"),
    ] {
        assert_eq!(deck::find(number).unwrap().name(), name);
        assert_eq!(deck::find(name).unwrap().name(), name);
    }
    let spaces = " ".repeat(1000);
    for text in ["", " ", "-", "4242", "42424242424242420", "Visa_Approved", "none", "é", &spaces] {
        assert!(deck::find(text).is_none(), "{text}");
    }
}

#[test]
fn the_documentation_covers_the_deck() {
    let names: Vec<_> = deck::documented().map(|card| card.name()).collect();
    assert_eq!(
        names,
        [
            "visa_approved",
            "card_declined",
            "insufficient_funds",
            "expired_card",
            "lost_or_stolen",
            "mastercard_approved",
            "amex_approved",
            "online_pin",
            "incorrect_pin",
            "pin_try_exceeded",
            "partial_approval",
            "issuer_silent",
            "issuer_late",
            "refund_declined",
            "offline_then_declined",
        ]
    );
    assert_eq!(deck::usual().name(), "visa_approved");
    assert!(deck::documented().all(|card| card.about().ends_with('.')));
}

#[test]
fn a_presented_card_is_what_the_deck_says() {
    for card in deck::documented() {
        let facts = card.present(None, None).unwrap().facts();
        assert_eq!((facts.brand, facts.last4), (card.brand(), card.last4()), "{card:?}");
        assert_eq!(facts.entry_mode, card.entry_modes()[0], "{card:?}");
        for mode in [EntryMode::Contactless, EntryMode::Chip, EntryMode::Swipe, EntryMode::ManualKey] {
            let read = card.present(Some(mode), None).unwrap().facts().entry_mode;
            let expected = if card.entry_modes().contains(&mode) { mode } else { card.entry_modes()[0] };
            assert_eq!(read, expected, "{card:?}");
        }
        let has_pin = card.present(None, None).unwrap().issuer_view(|view| view.pin.is_some());
        assert_eq!(has_pin, card.asks_pin(), "{card:?}");
    }
    let pin = deck::find("online_pin").unwrap();
    assert!(matches!(pin.present(None, Some("12")), Err(CardError::Pin)));
}

#[test]
fn approved_cards_are_approved_in_every_currency() {
    let mut issuer = issuer();
    let mut stan = 0;
    for card in ["visa_approved", "mastercard_approved", "amex_approved", "online_pin"] {
        for currency in ["EUR", "JPY", "BHD"] {
            stan += 1;
            let sale = Sale { amount: money(99_999_999, currency), ..Sale::of(card, stan) };
            assert_eq!(approved(&sale.ask(&mut issuer)), 99_999_999, "{card} {currency}");
            assert_eq!(sale.account(&issuer), (0, 99_999_999));
        }
    }
}

#[test]
fn declining_cards_decline_with_their_code_and_take_nothing() {
    let mut issuer = issuer();
    for (stan, (card, code)) in [
        ("card_declined", DeclineCode::CardDeclined),
        ("insufficient_funds", DeclineCode::InsufficientFunds),
        ("expired_card", DeclineCode::ExpiredCard),
        ("lost_or_stolen", DeclineCode::LostOrStolen),
        ("incorrect_pin", DeclineCode::IncorrectPin),
        ("pin_try_exceeded", DeclineCode::PinTryExceeded),
        ("offline_then_declined", DeclineCode::CardDeclined),
    ]
    .into_iter()
    .enumerate()
    {
        let sale = Sale::of(card, stan as u32);
        assert_eq!(sale.ask(&mut issuer), Reply::Declined(code), "{card}");
        assert_eq!(sale.inquire(&issuer), InquiryReply::Declined(code), "{card}");
        assert_eq!(sale.account(&issuer), (0, 0), "{card}");
    }
    assert!(issuer.net_charges().is_empty());
    assert!(issuer.anomalies().is_empty());
}

#[test]
fn insufficient_funds_comes_from_the_balance() {
    let mut issuer = issuer();
    let ask = |stan, amount| Sale { amount: eur(amount), ..Sale::hold("insufficient_funds", stan) };
    let six = ask(1, 6);
    assert_eq!(approved(&six.ask(&mut issuer)), 6);
    assert_eq!(ask(2, 5).ask(&mut issuer), Reply::Declined(DeclineCode::InsufficientFunds));
    assert_eq!(approved(&ask(3, 4).ask(&mut issuer)), 4);
    assert_eq!(ask(4, 1).ask(&mut issuer), Reply::Declined(DeclineCode::InsufficientFunds));
    assert_eq!(six.reverse(&mut issuer), ReversalReply::Acknowledged);
    assert_eq!(approved(&ask(5, 6).ask(&mut issuer)), 6);
    let yen = Sale { amount: money(10, "JPY"), ..Sale::hold("insufficient_funds", 6) };
    assert_eq!(approved(&yen.ask(&mut issuer)), 10);
}

#[test]
fn the_pin_is_checked() {
    let mut issuer = issuer();
    let with = |stan, pin| Sale { pin: Some(pin), ..Sale::of("online_pin", stan) };
    assert_eq!(approved(&with(1, "1234").ask(&mut issuer)), 2500);
    assert_eq!(with(2, "4321").ask(&mut issuer), Reply::Declined(DeclineCode::IncorrectPin));
    assert_eq!(with(3, "12345").ask(&mut issuer), Reply::Declined(DeclineCode::IncorrectPin));
}

#[test]
fn half_is_approved_rounded_up() {
    let mut issuer = issuer();
    for (stan, (asked, half)) in [(2500, 1250), (2501, 1251), (1, 1), (2, 1)].into_iter().enumerate() {
        let sale = Sale { amount: eur(asked), ..Sale::of("partial_approval", stan as u32) };
        assert_eq!(approved(&sale.ask(&mut issuer)), half);
    }
}

#[test]
fn the_silent_issuer_holds_and_says_nothing_until_reversed() {
    let mut issuer = issuer();
    let sale = Sale::of("issuer_silent", 1);
    assert_eq!(sale.ask(&mut issuer), Reply::Silent);
    assert_eq!(sale.account(&issuer), (0, 2500));
    assert_eq!(sale.ask(&mut issuer), Reply::Silent);
    assert_eq!(sale.inquire(&issuer), InquiryReply::Silent);
    assert_eq!(sale.account(&issuer), (0, 2500));
    assert_eq!(sale.reverse(&mut issuer), ReversalReply::Acknowledged);
    assert_eq!(sale.account(&issuer), (0, 0));
    assert_eq!(sale.inquire(&issuer), InquiryReply::Silent);
}

#[test]
fn the_late_issuer_answers_after_the_acquirer_has_stopped_waiting() {
    let mut issuer = issuer();
    let sale = Sale::of("issuer_late", 1);
    let reply = sale.ask(&mut issuer);
    let Reply::Late { after_ms: 20_000, answer } = &reply else { panic!("{reply:?}") };
    assert_eq!(approved(answer), 2500);
    assert_eq!(sale.ask(&mut issuer), reply);
    let inquiry = sale.inquire(&issuer);
    assert!(matches!(inquiry, InquiryReply::Approved { authorized_minor: 2500, .. }), "{inquiry:?}");
    assert_eq!(sale.account(&issuer), (0, 2500));
}

#[test]
fn a_number_outside_the_deck_is_declined() {
    let mut issuer = issuer();
    let sale = Sale::of("visa_approved", 1);
    let data = CardData::new("4111111111111111", 3012, None, EntryMode::Contactless).unwrap();
    let context = SealContext { terminal: TERMINAL, generation: 1, stan: 1, intent: sale.intent };
    let sealed = seal(&data, &ReaderKey::derive(&base_key(), TERMINAL), context);
    assert_eq!(sale.ask_with(&mut issuer, &sealed), Reply::Declined(DeclineCode::CardDeclined));
    assert!(issuer.anomalies().is_empty());
}
