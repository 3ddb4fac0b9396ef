//! Card data and its seal: opens for the one transaction and key it was made for, shows nothing to anybody else.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on must stop")]

use proptest::prelude::*;
use vinr_domain::{Brand, EntryMode, IntentId};
use vinr_wire::card::{CardData, CardError, ReaderKey, SealContext, SealError, SealedCard, open, seal};

#[path = "golden/hex.rs"]
mod hex;

const PAN: &str = "4242424242424242";

fn card() -> CardData {
    CardData::new(PAN, 2807, Some("1234"), EntryMode::Contactless).unwrap()
}

fn key() -> ReaderKey {
    ReaderKey::from_bytes([7; 32])
}

fn context() -> SealContext<'static> {
    SealContext { terminal: "term_1", generation: 3, stan: 17, intent: IntentId(9) }
}

/// What an issuer sees, as owned values to compare.
fn seen(card: &CardData) -> (String, u16, Option<String>, EntryMode) {
    card.issuer_view(|view| {
        (view.pan.to_owned(), view.expiry_yymm, view.pin.map(str::to_owned), view.entry_mode)
    })
}

fn fault(sealed: &SealedCard, key: &ReaderKey, context: SealContext<'_>) -> SealError {
    open(sealed, key, context).err().expect("it must not open")
}

#[test]
fn the_facts_are_brand_last_digits_and_entry() {
    let facts = |pan: &str, entry| CardData::new(pan, 2807, None, entry).unwrap().facts();
    let visa = facts(PAN, EntryMode::Chip);
    assert_eq!((visa.brand, visa.last4.as_str(), visa.entry_mode), (Brand::Visa, "4242", EntryMode::Chip));
    assert_eq!(facts("5555555555554444", EntryMode::Swipe).brand, Brand::Mastercard);
    assert_eq!(facts("2720990000000000", EntryMode::Swipe).brand, Brand::Mastercard);
    assert_eq!(facts("2721000000000000", EntryMode::Swipe).brand, Brand::Other);
    assert_eq!(facts("378282246310005", EntryMode::ManualKey).brand, Brand::Amex);
    assert_eq!(facts("6011000990139424", EntryMode::Chip).brand, Brand::Other);
}

#[test]
fn what_is_no_card_is_refused_by_part() {
    let refused = |pan, expiry, pin| CardData::new(pan, expiry, pin, EntryMode::Chip).err();
    for pan in ["", "42424242424", "42424242424242424242", "4242 4242 4242 4242", "424242424242424é"] {
        assert_eq!(refused(pan, 2807, None), Some(CardError::Number), "{pan}");
    }
    for expiry in [0, 2800, 2813, 9913, 10_001] {
        assert_eq!(refused(PAN, expiry, None), Some(CardError::Expiry), "{expiry}");
    }
    for pin in ["", "123", "1234567890123", "12a4"] {
        assert_eq!(refused(PAN, 2807, Some(pin)), Some(CardError::Pin), "{pin}");
    }
    assert_eq!(refused(PAN, 9912, Some("123456789012")), None);
}

#[test]
fn a_seal_has_the_bytes_of_version_1() {
    let sealed = seal(&card(), &key(), context());
    assert_eq!(hex::differing(&[("card/v1/sealed.hex".to_owned(), sealed.as_bytes().to_vec())]), "");
    let kept = SealedCard::from(hex::read("card/v1/sealed.hex").unwrap());
    assert_eq!(seen(&open(&kept, &key(), context()).unwrap()), seen(&card()));
}

#[test]
fn a_seal_opens_for_its_transaction_only() {
    let sealed = seal(&card(), &key(), context());
    let others = [
        SealContext { terminal: "term_2", ..context() },
        SealContext { terminal: "", ..context() },
        SealContext { generation: 4, ..context() },
        SealContext { stan: 18, ..context() },
        SealContext { intent: IntentId(10), ..context() },
    ];
    for other in others {
        assert_eq!(fault(&sealed, &key(), other), SealError::Broken, "{other:?}");
    }
}

#[test]
fn a_seal_opens_under_its_key_only() {
    let terminal_key = ReaderKey::derive(&key(), "term_1");
    let sealed = seal(&card(), &terminal_key, context());
    assert_eq!(fault(&sealed, &key(), context()), SealError::Broken);
    assert_eq!(fault(&sealed, &ReaderKey::derive(&key(), "term_2"), context()), SealError::Broken);
    let kept = ReaderKey::from_bytes(*terminal_key.to_bytes());
    assert!(open(&sealed, &kept, context()).is_ok());
}

#[test]
fn every_byte_of_a_seal_matters() {
    let sealed = seal(&card(), &key(), context());
    for at in 0..sealed.as_bytes().len() {
        let mut bytes = sealed.as_bytes().to_vec();
        bytes[at] ^= 1;
        let wanted = if at == 0 { SealError::Version } else { SealError::Broken };
        assert_eq!(fault(&SealedCard::from(bytes), &key(), context()), wanted, "{at}");
    }
    for length in 0..sealed.as_bytes().len() {
        let short = SealedCard::from(sealed.as_bytes()[..length].to_vec());
        assert_eq!(fault(&short, &key(), context()), SealError::Version, "{length}");
    }
}

#[test]
fn a_seal_says_nothing_of_what_is_in_it() {
    let short = CardData::new("424242424242", 2807, None, EntryMode::Swipe).unwrap();
    let sealed = seal(&card(), &key(), context());
    assert_eq!(sealed.as_bytes().len(), seal(&short, &key(), context()).as_bytes().len());
    let holds = |part: &[u8]| sealed.as_bytes().windows(part.len()).any(|window| window == part);
    assert!(!holds(&PAN.as_bytes()[..6]) && !holds(&PAN.as_bytes()[12..]) && !holds(b"1234"));
    let run = sealed.as_bytes().split(|byte| !byte.is_ascii_digit()).map(<[u8]>::len).max();
    assert!(run < Some(4), "{run:?}");
}

#[test]
fn no_two_transactions_share_a_key_stream() {
    let one = seal(&card(), &key(), context());
    let other = seal(&card(), &key(), SealContext { stan: 18, ..context() });
    let same = one.as_bytes().iter().zip(other.as_bytes()).skip(1).filter(|(a, b)| a == b).count();
    assert!(same < 8, "{same} of {} bytes agree", one.as_bytes().len());
}

#[test]
fn keys_and_seals_do_not_print_themselves() {
    assert_eq!(format!("{:?}", key()), "<reader key>");
    assert_eq!(format!("{:?}", SealedCard::from(vec![1, 2])), "<sealed, 2 bytes>");
}

proptest! {
    #[test]
    fn what_was_sealed_is_opened(
        pan in "[0-9]{12,19}",
        year in 0_u16..100,
        month in 1_u16..=12,
        pin in prop::option::of("[0-9]{4,12}"),
        mode in prop::sample::select(vec!["contactless", "chip", "swipe", "manual_key"]),
        terminal in ".{0,60}",
        stan in any::<u32>(),
    ) {
        let card =
            CardData::new(&pan, year * 100 + month, pin.as_deref(), EntryMode::parse(mode).unwrap()).unwrap();
        let context = SealContext { terminal: &terminal, stan, ..context() };
        let opened = open(&seal(&card, &key(), context), &key(), context).unwrap();
        prop_assert_eq!(seen(&opened), seen(&card));
    }

    #[test]
    fn no_bytes_make_opening_panic(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
        prop_assert!(open(&SealedCard::from(bytes), &key(), context()).is_err());
    }
}
