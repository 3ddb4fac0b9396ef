//! Amounts as people write and read them: digits, signs and their places by language. Exact in minor units; rounds nothing.

use vinr_domain::{Currency, Money};

use super::words::Words;

/// The most digits of an amount that are read.
const MAX_DIGITS: usize = 12;

/// Signs that stand for a currency by themselves everywhere.
const SIGNS: &[(&str, &str)] = &[("EUR", "€"), ("USD", "$"), ("GBP", "£"), ("JPY", "¥"), ("INR", "₹")];

/// Writes an amount as people of that language do.
pub(super) fn written(money: Money, words: &Words) -> String {
    let sign = if money.amount_minor < 0 { "-" } else { "" };
    let digits = plain(money.amount_minor.unsigned_abs(), money.currency, words);
    let code = money.currency.code();
    let symbol = SIGNS.iter().find(|(known, _)| *known == code).map_or(code, |(_, symbol)| symbol);
    if words.currency_behind {
        format!("{sign}{digits}\u{a0}{symbol}")
    } else if symbol.len() == code.len() && symbol == code {
        format!("{sign}{code}\u{a0}{digits}")
    } else {
        format!("{sign}{symbol}{digits}")
    }
}

fn plain(minor: u64, currency: Currency, words: &Words) -> String {
    let exponent = usize::from(currency.exponent());
    let scale = 10_u64.pow(u32::from(currency.exponent()));
    let whole = (minor / scale).to_string();
    let mut grouped = String::new();
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) {
            grouped.push(words.group);
        }
        grouped.push(digit);
    }
    if exponent > 0 {
        grouped.push(words.decimal);
        grouped.push_str(&format!("{:0exponent$}", minor % scale));
    }
    grouped
}

/// Reads an amount in major units, with a comma or a point before at most as many digits as the currency has; `None` for
/// anything else. Thousands are not grouped: `1.000` might be one or a thousand.
pub(super) fn read(text: &str, currency: Currency) -> Option<i64> {
    let exponent = usize::from(currency.exponent());
    let (whole, rest) = text.split_once([',', '.']).unwrap_or((text, ""));
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty()
        || !digits(whole)
        || !digits(rest)
        || rest.len() > exponent
        || whole.len() > MAX_DIGITS
    {
        return None;
    }
    format!("{whole}{rest:0<exponent$}").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::super::words::{DE, EN};
    use super::*;

    fn money(amount_minor: i64, code: &str) -> Money {
        Money { amount_minor, currency: Currency::parse(code).unwrap() }
    }

    #[test]
    fn amounts_are_written_by_language() {
        assert_eq!(written(money(123_456_789, "EUR"), &EN), "€1,234,567.89");
        assert_eq!(written(money(123_456_789, "EUR"), &DE), "1.234.567,89\u{a0}€");
        assert_eq!(written(money(5, "CHF"), &EN), "CHF\u{a0}0.05");
        assert_eq!(written(money(-5, "CHF"), &DE), "-0,05\u{a0}CHF");
        assert_eq!(written(money(100_000, "JPY"), &EN), "¥100,000");
        assert_eq!(written(money(1_234, "KWD"), &DE), "1,234\u{a0}KWD");
    }

    #[test]
    fn amounts_are_read_exactly_or_not_at_all() {
        let euro = Currency::parse("EUR").unwrap();
        let yen = Currency::parse("JPY").unwrap();
        for (text, minor) in [("42", 4_200), ("42.5", 4_250), ("42,50", 4_250), ("0.05", 5), ("7.", 700)] {
            assert_eq!(read(text, euro), Some(minor), "{text}");
        }
        for text in ["", ".5", "-1", "+1", "1.000", "1,234.50", "1e3", "€5", "1 0", "9999999999999", "٤٢"]
        {
            assert_eq!(read(text, euro), None, "{text}");
        }
        assert_eq!((read("42", yen), read("42.5", yen)), (Some(42), None));
    }
}
