//! The words of a receipt: what was paid, how it ended, in lines of a printer's width. One text for the paper of a terminal,
//! for an ECR that prints itself, and for a page that shows it later. Of a card it knows the last four digits.

use std::fmt::Write as _;

use jiff::tz::TimeZone;
use vinr_domain::{Brand, CardFacts, DeclineCode, EntryMode, Money, Timestamp};

use crate::link::Shop;

const HEADER: &str = "VINR PAYMENTS";
/// No paper is narrower.
const LEAST_COLUMNS: usize = 16;

/// For whom a receipt is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Copy {
    /// Stays with the merchant.
    Merchant,
    /// Goes with the customer.
    Customer,
}

/// How a payment ended, as its receipt says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Approved by the issuer.
    Approved,
    /// Approved by the terminal alone; the issuer is asked later.
    ApprovedOffline,
    /// Not approved.
    Declined(DeclineCode),
    /// Called off.
    Cancelled,
}

/// A payment, as its receipt says it.
#[derive(Clone, Copy, Debug)]
pub struct Sale<'a> {
    /// What was approved, else what was asked, with the tip.
    pub total: Money,
    /// How much of it is tip, in minor units; `None` when there was no question of one.
    pub tip_minor: Option<i64>,
    /// Whether the money is held and captured later.
    pub is_hold: bool,
    /// How it ended.
    pub outcome: Outcome,
    /// The issuer's code.
    pub auth_code: Option<&'a str>,
}

/// Money that was given back, as its receipt says it.
#[derive(Clone, Copy, Debug)]
pub struct GivenBack<'a> {
    /// How much.
    pub amount: Money,
    /// The payment's name: `tpay_…`.
    pub original: &'a str,
}

/// What a receipt is of.
#[derive(Clone, Copy, Debug)]
pub enum About<'a> {
    /// A payment.
    Sale(Sale<'a>),
    /// A refund.
    Refund(GivenBack<'a>),
}

/// Everything that is on a receipt.
#[derive(Clone, Copy, Debug)]
pub struct Slip<'a> {
    /// Which terminal it is of.
    pub terminal: &'a str,
    /// Whose shop it is.
    pub shop: &'a Shop,
    /// When.
    pub at: Timestamp,
    /// The card, where one was read.
    pub card: Option<CardFacts>,
    /// The caller's own name for the order.
    pub reference: Option<&'a str>,
    /// The payment's or the refund's name.
    pub id: &'a str,
    /// Whether real money moved.
    pub livemode: bool,
    /// What it is of.
    pub about: About<'a>,
}

/// Lines that are filled word by word.
struct Lines {
    columns: usize,
    text: String,
}

impl Lines {
    fn line(&mut self, text: &str) {
        let mut line = String::new();
        for word in text.split(' ').filter(|word| !word.is_empty()) {
            self.word(&mut line, word);
        }
        self.end(&mut line);
    }

    /// Puts a word behind the others, or on the next line; one that is longer than a line is cut.
    fn word(&mut self, line: &mut String, word: &str) {
        let used = line.chars().count();
        let length = word.chars().count();
        if used > 0 && used + 1 + length > self.columns {
            self.end(line);
        } else if used > 0 {
            line.push(' ');
        }
        let mut rest: Vec<char> = word.chars().filter(|c| !c.is_control()).collect();
        while rest.len() > self.columns {
            let tail = rest.split_off(self.columns);
            line.extend(rest);
            self.end(line);
            rest = tail;
        }
        line.extend(rest);
    }

    fn end(&mut self, line: &mut String) {
        self.text.push_str(line);
        self.text.push('\n');
        line.clear();
    }

    fn field(&mut self, label: &str, value: &str) {
        self.line(&format!("{label}: {value}"));
    }

    fn rule(&mut self) {
        self.text.extend(std::iter::repeat_n('-', self.columns));
        self.text.push('\n');
    }
}

impl Slip<'_> {
    /// One copy, in lines of at most so many characters.
    #[must_use]
    pub fn text(&self, copy: Copy, columns: u8) -> String {
        match &self.about {
            About::Sale(sale) => self.sale(sale, copy, columns),
            About::Refund(refund) => self.refund(refund, copy, columns),
        }
    }

    fn sale(&self, sale: &Sale<'_>, copy: Copy, columns: u8) -> String {
        let title = if sale.is_hold { "PRE-AUTHORISATION" } else { "SALE" };
        let mut lines = self.opening(title, columns);
        let tip_minor = sale.tip_minor.unwrap_or(0);
        let amount = Money { amount_minor: sale.total.amount_minor - tip_minor, ..sale.total };
        lines.field("Amount", &spoken(amount));
        if sale.tip_minor.is_some() {
            lines.field("Tip", &spoken(Money { amount_minor: tip_minor, ..sale.total }));
            lines.field("Total", &spoken(sale.total));
        }
        lines.rule();
        card_lines(&mut lines, self.card);
        match sale.outcome {
            Outcome::Approved => lines.line("APPROVED"),
            Outcome::ApprovedOffline => {
                lines.line("APPROVED OFFLINE");
                lines.line("The card's issuer will be asked later.");
            }
            Outcome::Declined(code) => {
                lines.line("DECLINED");
                lines.line(reason(code));
            }
            Outcome::Cancelled => lines.line("CANCELLED"),
        }
        if let Some(code) = sale.auth_code {
            lines.field("Auth code", code);
        }
        self.closing(lines, copy)
    }

    fn refund(&self, refund: &GivenBack<'_>, copy: Copy, columns: u8) -> String {
        let mut lines = self.opening("REFUND", columns);
        lines.field("Amount", &spoken(refund.amount));
        lines.rule();
        card_lines(&mut lines, self.card);
        lines.line("REFUND APPROVED");
        lines.line("Original:");
        lines.line(refund.original);
        self.closing(lines, copy)
    }

    fn opening(&self, title: &str, columns: u8) -> Lines {
        let columns = usize::from(columns).max(LEAST_COLUMNS);
        let mut lines = Lines { columns, text: String::with_capacity(640) };
        lines.line(HEADER);
        for line in std::iter::once(&self.shop.merchant_name).chain(&self.shop.address_lines) {
            if !line.is_empty() {
                lines.line(line);
            }
        }
        lines.rule();
        let (date, time) = in_zone(self.at, &self.shop.time_zone);
        lines.field("Date", &date);
        lines.field("Time", &time);
        lines.line(title);
        lines
    }

    fn closing(&self, mut lines: Lines, copy: Copy) -> String {
        lines.rule();
        if let Some(reference) = self.reference {
            lines.field("Reference", reference);
        }
        lines.field("Terminal", self.terminal);
        lines.line("Transaction:");
        lines.line(self.id);
        if !self.livemode {
            lines.line("TEST: NO MONEY HAS MOVED");
        }
        lines.rule();
        lines.line(match copy {
            Copy::Merchant => "MERCHANT COPY",
            Copy::Customer => "CUSTOMER COPY",
        });
        lines.text
    }
}

fn card_lines(lines: &mut Lines, card: Option<CardFacts>) {
    let Some(card) = card else { return };
    let brand = match card.brand {
        Brand::Visa => "VISA",
        Brand::Mastercard => "MASTERCARD",
        Brand::Amex => "AMERICAN EXPRESS",
        Brand::Other => "CARD",
    };
    lines.field("Card", brand);
    lines.line(&format!("************{}", card.last4.as_str()));
    lines.field(
        "Entry",
        match card.entry_mode {
            EntryMode::Contactless => "contactless",
            EntryMode::Chip => "chip",
            EntryMode::Swipe => "magnetic stripe",
            EntryMode::ManualKey => "typed in",
        },
    );
}

/// Date and time of the shop; UTC where it has no zone, or one that nobody knows.
fn in_zone(at: Timestamp, zone: &str) -> (String, String) {
    let moment = jiff::Timestamp::from_second(at.unix_seconds()).unwrap_or_default();
    let known = TimeZone::get(zone).ok().filter(|_| !zone.is_empty());
    let shop = moment.to_zoned(known.clone().unwrap_or(TimeZone::UTC));
    let mut time = shop.strftime("%H:%M:%S").to_string();
    if known.is_none() {
        time.push_str(" UTC");
    }
    (shop.strftime("%d/%m/%Y").to_string(), time)
}

/// An amount as a shop writes it, with as many digits as its currency has.
fn spoken(money: Money) -> String {
    let sign = if money.amount_minor < 0 { "-" } else { "" };
    let exponent = usize::from(money.currency.exponent());
    let scale = 10_u64.pow(u32::from(money.currency.exponent()));
    let (whole, rest) =
        (money.amount_minor.unsigned_abs() / scale, money.amount_minor.unsigned_abs() % scale);
    let mut digits = whole.to_string();
    if exponent > 0 {
        // Writing into a string cannot fail.
        let _ = write!(digits, ".{rest:0exponent$}");
    }
    match money.currency.code() {
        "USD" => format!("{sign}${digits}"),
        "EUR" => format!("{sign}€{digits}"),
        "GBP" => format!("{sign}£{digits}"),
        "JPY" => format!("{sign}¥{digits}"),
        code => format!("{sign}{digits} {code}"),
    }
}

fn reason(code: DeclineCode) -> &'static str {
    match code {
        DeclineCode::InsufficientFunds => "Insufficient funds",
        DeclineCode::ExpiredCard => "Card expired",
        DeclineCode::IncorrectPin => "Incorrect PIN",
        DeclineCode::PinTryExceeded => "PIN tries exceeded",
        DeclineCode::OfflineLimitExceeded => "No connection, and over the offline limit",
        DeclineCode::CommunicationError => "No answer; nothing was charged",
        // What a customer need not read before others.
        DeclineCode::LostOrStolen
        | DeclineCode::CardDeclined
        | DeclineCode::OfflineAuthDeclined
        | DeclineCode::TerminalNotFound
        | DeclineCode::TerminalOffline
        | DeclineCode::TerminalBusy
        | DeclineCode::TerminalLocked
        | DeclineCode::AccountSuspended => "Not approved",
    }
}

#[cfg(test)]
mod tests {
    use vinr_domain::Currency;

    use super::*;

    fn money(amount_minor: i64, code: &str) -> Money {
        Money { amount_minor, currency: Currency::parse(code).unwrap() }
    }

    #[test]
    fn amounts_have_the_digits_of_their_currency() {
        assert_eq!(spoken(money(2500, "USD")), "$25.00");
        assert_eq!(spoken(money(5, "EUR")), "€0.05");
        assert_eq!(spoken(money(-5, "EUR")), "-€0.05");
        assert_eq!(spoken(money(2500, "JPY")), "¥2500");
        assert_eq!(spoken(money(1_234_567, "BHD")), "1234.567 BHD");
        assert_eq!(spoken(money(2500, "CHF")), "25.00 CHF");
    }

    #[test]
    fn the_time_is_the_shop_s() {
        let at = Timestamp(1_781_172_911_000);
        assert_eq!(in_zone(at, "America/New_York"), ("11/06/2026".to_owned(), "06:15:11".to_owned()));
        assert_eq!(in_zone(at, "Pacific/Auckland"), ("11/06/2026".to_owned(), "22:15:11".to_owned()));
        assert_eq!(in_zone(at, ""), ("11/06/2026".to_owned(), "10:15:11 UTC".to_owned()));
        assert_eq!(in_zone(at, "Mars/Olympus"), ("11/06/2026".to_owned(), "10:15:11 UTC".to_owned()));
        // In winter Berlin is an hour behind its summer.
        assert_eq!(in_zone(Timestamp(1_768_471_200_000), "Europe/Berlin").1, "11:00:00");
    }
}
