//! The words of the page in each of its languages, and which of them a browser wants. What the device itself says, and what
//! receipts say, is the device's.

mod de;
mod en;

use hyper::HeaderMap;
use hyper::header::ACCEPT_LANGUAGE;
use vinr_domain::payment::EndCause;
use vinr_domain::{Brand, DeclineCode, EntryMode};
use vinr_wire::link::ReceiptChannel;

pub(super) use de::DE;
pub(super) use en::EN;

use super::acts::Notice;
use super::session;

/// A pair of positions of a switch, and what switching says.
pub(super) struct Switch {
    pub(super) name: &'static str,
    pub(super) on: &'static str,
    pub(super) off: &'static str,
    pub(super) turn_on: &'static str,
    pub(super) turn_off: &'static str,
}

/// Everything that the page says, in one language.
pub(super) struct Words {
    /// As HTML and HTTP name it.
    pub(super) tag: &'static str,
    pub(super) decimal: char,
    pub(super) group: char,
    /// The currency stands behind the digits.
    pub(super) currency_behind: bool,

    pub(super) title: &'static str,
    pub(super) intro: &'static str,
    pub(super) skip: &'static str,
    pub(super) languages: &'static str,
    pub(super) refresh: &'static str,
    pub(super) by_itself: &'static str,
    pub(super) not_by_itself: &'static str,
    pub(super) lost: &'static str,
    pub(super) nobody: &'static str,
    pub(super) test_mode: &'static str,
    pub(super) live_mode: &'static str,

    pub(super) status: &'static str,
    pub(super) connected: &'static str,
    pub(super) not_connected: &'static str,
    pub(super) no_power: &'static str,
    pub(super) locked: &'static str,
    pub(super) in_the_shop: &'static str,
    pub(super) not_in_the_shop: &'static str,
    pub(super) without_tls: &'static str,
    pub(super) serial: &'static str,
    pub(super) version: &'static str,

    pub(super) screen: &'static str,
    pub(super) tip_question: &'static str,
    pub(super) present_card: &'static str,
    pub(super) present_how: &'static str,
    pub(super) enter_pin: &'static str,
    pub(super) authorizing: &'static str,
    pub(super) approved: &'static str,
    pub(super) approved_offline: &'static str,
    pub(super) asked_later: &'static str,
    pub(super) code: &'static str,
    pub(super) receipt_question: &'static str,
    pub(super) declined: &'static str,
    pub(super) cancelled: &'static str,
    pub(super) unknown: &'static str,
    pub(super) no_other_card: &'static str,
    pub(super) ready: &'static str,
    pub(super) offline: &'static str,
    pub(super) out_of_service: &'static str,
    pub(super) dark: &'static str,

    pub(super) customer: &'static str,
    pub(super) by_hand: &'static str,
    pub(super) by_hand_now: &'static str,
    pub(super) automatic: &'static str,
    pub(super) automatic_now: &'static str,
    pub(super) card: &'static str,
    pub(super) tap: &'static str,
    pub(super) insert: &'static str,
    pub(super) swipe: &'static str,
    pub(super) pin: &'static str,
    pub(super) pin_hint: &'static str,
    pub(super) pin_confirm: &'static str,
    pub(super) pin_clear: &'static str,
    pub(super) pin_pad: &'static str,
    pub(super) no_tip: &'static str,
    pub(super) own_tip: &'static str,
    pub(super) give_tip: &'static str,
    pub(super) no_receipt: &'static str,
    pub(super) cancel: &'static str,
    pub(super) nothing_asked: &'static str,

    pub(super) till: &'static str,
    pub(super) amount: &'static str,
    pub(super) currency: &'static str,
    pub(super) item: &'static str,
    pub(super) reference: &'static str,
    pub(super) optional: &'static str,
    pub(super) charge: &'static str,

    pub(super) around: &'static str,
    pub(super) power: Switch,
    pub(super) internet: Switch,
    pub(super) network: Switch,
    pub(super) paper: Switch,

    pub(super) queue: &'static str,
    pub(super) queue_empty: &'static str,
    pub(super) queue_count: &'static str,
    pub(super) queue_amount: &'static str,
    pub(super) queue_oldest: &'static str,
    pub(super) forward: &'static str,

    pub(super) receipts: &'static str,
    pub(super) no_receipts: &'static str,
    pub(super) no_printer: &'static str,
    pub(super) merchant_copy: &'static str,
    pub(super) customer_copy: &'static str,
    pub(super) picture: &'static str,
    pub(super) print_again: &'static str,

    pub(super) declines: fn(DeclineCode) -> &'static str,
    pub(super) ends: fn(EndCause) -> &'static str,
    pub(super) channels: fn(ReceiptChannel) -> &'static str,
    pub(super) notices: fn(Notice) -> &'static str,
    /// What a test card is for; the deck's own words where the language has none.
    pub(super) cards: fn(&str) -> Option<&'static str>,
}

const LANGUAGES: [&Words; 2] = [&EN, &DE];

/// All languages.
pub(super) fn languages() -> impl Iterator<Item = &'static Words> {
    LANGUAGES.into_iter()
}

/// The language of this name.
pub(super) fn named(tag: &str) -> Option<&'static Words> {
    let primary = tag.split(['-', '_']).next().unwrap_or(tag);
    LANGUAGES.into_iter().find(|words| words.tag.eq_ignore_ascii_case(primary))
}

/// The language that was chosen on the page, else the first that the browser asks for (RFC 9110 section 12.5.4), else
/// English.
pub(super) fn wanted(headers: &HeaderMap) -> &'static Words {
    let chosen = session::language(headers).and_then(named);
    chosen.or_else(|| accepted(headers.get(ACCEPT_LANGUAGE)?.to_str().ok()?)).unwrap_or(&EN)
}

fn accepted(header: &str) -> Option<&'static Words> {
    let mut best: Option<(u32, &'static Words)> = None;
    for range in header.split(',').take(16) {
        let (tag, parameters) = range.split_once(';').unwrap_or((range, ""));
        let weight = parameters.trim().strip_prefix("q=").map_or(1_000, permille);
        let Some(words) = named(tag.trim()).filter(|_| weight > 0) else { continue };
        if best.is_none_or(|(heaviest, _)| weight > heaviest) {
            best = Some((weight, words));
        }
    }
    best.map(|(_, words)| words)
}

/// A weight of RFC 9110 section 12.4.2 in thousandths; what is none counts as the least.
fn permille(weight: &str) -> u32 {
    let (whole, rest) = weight.trim().split_once('.').unwrap_or((weight.trim(), ""));
    let thousandths = format!("{rest:0<3}");
    if whole == "1" {
        1_000
    } else {
        thousandths.get(..3).and_then(|digits| digits.parse().ok()).unwrap_or(1)
    }
}

/// A network's name.
pub(super) fn brand(brand: Brand) -> &'static str {
    match brand {
        Brand::Visa => "Visa",
        Brand::Mastercard => "Mastercard",
        Brand::Amex => "American Express",
        Brand::Other => "Card",
    }
}

impl Words {
    pub(super) fn way(&self, way: EntryMode) -> &'static str {
        match way {
            EntryMode::Contactless => self.tap,
            EntryMode::Chip => self.insert,
            EntryMode::Swipe | EntryMode::ManualKey => self.swipe,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_heaviest_language_that_there_is_wins() {
        for (header, tag) in [
            ("de", Some("de")),
            ("de-AT,de;q=0.9,en;q=0.8", Some("de")),
            ("fr, en;q=0.5, de;q=0.7", Some("de")),
            ("de;q=0, en;q=0.1", Some("en")),
            ("fr", None),
            ("", None),
        ] {
            assert_eq!(accepted(header).map(|words| words.tag), tag, "{header}");
        }
    }

    #[test]
    fn every_test_card_is_explained_in_german() {
        for card in vinr_sandbox::deck::documented() {
            assert!((DE.cards)(card.name()).is_some(), "{card:?}");
        }
    }
}
