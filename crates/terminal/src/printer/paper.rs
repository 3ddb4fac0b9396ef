//! The words of a receipt: what was paid, how it ended, in lines of a printer's width. Written from what the journal has;
//! of a card it knows the last four digits.

use std::fmt::Write as _;

use jiff::tz::TimeZone;
use vinr_domain::payment::CaptureMethod;
use vinr_domain::{Brand, CardFacts, DeclineCode, EntryMode, Money, Timestamp};
use vinr_wire::link::Shop;

use super::{About, Copy};
use crate::till::{ReceiptFacts, ReceiptOutcome, RefundFacts};

const HEADER: &str = "VINR PAYMENTS";
/// No paper is narrower.
const LEAST_COLUMNS: usize = 16;

/// What a receipt is written on.
#[derive(Clone, Copy, Debug)]
pub struct Paper<'a> {
    /// Which terminal writes it.
    pub terminal: &'a str,
    /// Characters in a line.
    pub columns: u8,
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

impl Paper<'_> {
    /// One copy of a receipt.
    #[must_use]
    pub fn of(&self, about: &About, copy: Copy) -> String {
        match about {
            About::Payment(facts) => self.text(facts, copy),
            About::Refund(facts) => self.refund_text(facts, copy),
        }
    }

    /// One copy of a payment's receipt.
    #[must_use]
    pub fn text(&self, facts: &ReceiptFacts, copy: Copy) -> String {
        let command = facts.record.command.as_ref();
        let is_hold = command.is_some_and(|command| command.capture_method == CaptureMethod::Manual);
        let title = if is_hold { "PRE-AUTHORISATION" } else { "SALE" };
        let mut lines = self.opening(&facts.shop, facts.at, title);
        let tip_minor = facts.tip_minor.unwrap_or(0);
        let amount = Money { amount_minor: facts.total.amount_minor - tip_minor, ..facts.total };
        lines.field("Amount", &spoken(amount));
        if facts.tip_minor.is_some() {
            lines.field("Tip", &spoken(Money { amount_minor: tip_minor, ..facts.total }));
            lines.field("Total", &spoken(facts.total));
        }
        lines.rule();
        card_lines(&mut lines, facts.card);
        match facts.outcome {
            ReceiptOutcome::Approved => lines.line("APPROVED"),
            ReceiptOutcome::ApprovedOffline => {
                lines.line("APPROVED OFFLINE");
                lines.line("The card's issuer will be asked later.");
            }
            ReceiptOutcome::Declined(code) => {
                lines.line("DECLINED");
                lines.line(reason(code));
            }
            ReceiptOutcome::Cancelled => lines.line("CANCELLED"),
        }
        if let Some(code) = facts.record.auth_code.as_deref() {
            lines.field("Auth code", code);
        }
        let id = command.map(|command| command.payment_id.to_string()).unwrap_or_default();
        self.closing(
            lines,
            command.and_then(|command| command.reference.as_deref()),
            &id,
            facts.livemode,
            copy,
        )
    }

    /// One copy of a refund's receipt.
    #[must_use]
    pub fn refund_text(&self, facts: &RefundFacts, copy: Copy) -> String {
        let mut lines = self.opening(&facts.shop, facts.at, "REFUND");
        lines.field("Amount", &spoken(facts.amount));
        lines.rule();
        card_lines(&mut lines, facts.card);
        lines.line("REFUND APPROVED");
        lines.line("Original:");
        lines.line(&facts.original);
        self.closing(lines, Some(&facts.reference), &facts.refund, facts.livemode, copy)
    }

    fn opening(&self, shop: &Shop, at: Timestamp, title: &str) -> Lines {
        let columns = usize::from(self.columns).max(LEAST_COLUMNS);
        let mut lines = Lines { columns, text: String::with_capacity(640) };
        lines.line(HEADER);
        for line in std::iter::once(&shop.merchant_name).chain(&shop.address_lines) {
            if !line.is_empty() {
                lines.line(line);
            }
        }
        lines.rule();
        let (date, time) = in_zone(at, &shop.time_zone);
        lines.field("Date", &date);
        lines.field("Time", &time);
        lines.line(title);
        lines
    }

    fn closing(
        &self,
        mut lines: Lines,
        reference: Option<&str>,
        id: &str,
        livemode: bool,
        copy: Copy,
    ) -> String {
        lines.rule();
        if let Some(reference) = reference {
            lines.field("Reference", reference);
        }
        lines.field("Terminal", self.terminal);
        lines.line("Transaction:");
        lines.line(id);
        if !livemode {
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
mod tests;
