//! Takes out of what callers send whatever could be a secret or a card number, before it is kept anywhere.

/// Stands for what is left out.
const LEFT_OUT: &str = "…";
/// How secrets of this platform begin.
const SECRETS: [&str; 7] = ["sk_", "rk_", "ok_", "ck_", "ps_", "whsec_", "Bearer"];
/// As many digits as the shortest card number has (ISO/IEC 7812: 12).
const MANY_DIGITS: usize = 12;
/// The longest path that is kept, in characters.
const PATH_CHARS: usize = 200;
/// The longest value of anything else.
const VALUE_CHARS: usize = 100;

/// Parameters of which the value is kept. Of all others it is kept that they were there.
const TOLD: &[&str] = &[
    "limit",
    "starting_after",
    "ending_before",
    "status",
    "type",
    "types",
    "object",
    "model",
    "payment",
    "reference",
    "terminalId",
    "locationId",
    "fromDate",
    "toDate",
    "created[gte]",
    "created[lte]",
    "simulateDelay",
];

/// A path with its query, as it may be kept.
pub(super) fn path(path: &str, query: Option<&str>) -> String {
    let mut out = String::with_capacity(path.len() + 32);
    for (place, segment) in path.split('/').enumerate() {
        if place > 0 {
            out.push('/');
        }
        out.push_str(if speaks(segment) { segment } else { LEFT_OUT });
    }
    for (place, pair) in query.unwrap_or("").split('&').filter(|pair| !pair.is_empty()).enumerate() {
        out.push(if place == 0 { '?' } else { '&' });
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        out.push_str(if speaks(name) { name } else { LEFT_OUT });
        out.push('=');
        out.push_str(if TOLD.contains(&name) && speaks(value) { value } else { LEFT_OUT });
    }
    shortened(&out, PATH_CHARS)
}

/// Anything else, as it may be kept.
pub(super) fn value(text: &str) -> String {
    if speaks(text) { shortened(text, VALUE_CHARS) } else { LEFT_OUT.to_owned() }
}

/// Whether the text is neither like a secret nor like a card number. Something that is written in percent signs could be
/// either.
fn speaks(text: &str) -> bool {
    !text.contains('%') && !SECRETS.iter().any(|secret| text.contains(secret)) && !has_many_digits(text)
}

/// Whether digits follow each other as in a card number, also with spaces, points or lines between them.
fn has_many_digits(text: &str) -> bool {
    let mut run = 0;
    for c in text.chars() {
        match c {
            '0'..='9' => run += 1,
            ' ' | '-' | '.' | '+' => {}
            _ => run = 0,
        }
        if run >= MANY_DIGITS {
            return true;
        }
    }
    false
}

fn shortened(text: &str, most: usize) -> String {
    let mut kept: String = text.chars().filter(|c| !c.is_control()).take(most).collect();
    if text.chars().nth(most).is_some() {
        kept.push_str(LEFT_OUT);
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_says_what_was_asked_is_kept() {
        for (asked, query) in [
            ("/v1/terminal/payments", Some("limit=10&status=failed")),
            ("/v1/terminals/term_01KAJ5QA7BK000000000000000/actions", None),
            ("/v1/events", Some("created[gte]=1781172911&type=terminal.*")),
        ] {
            let whole = query.map_or(asked.to_owned(), |query| format!("{asked}?{query}"));
            if asked.contains("00000000000") {
                // A name with that many noughts is taken for a number: rather too little than too much.
                assert_eq!(path(asked, query), "/v1/terminals/…/actions");
            } else {
                assert_eq!(path(asked, query), whole);
            }
        }
        let id = "/v1/terminal/payments/tpay_01JXDWVR93FAY8VVRKAYDXY4TQ";
        assert_eq!(path(id, None), id);
        assert_eq!(value("order-0821:create"), "order-0821:create");
    }

    #[test]
    fn what_could_be_a_secret_or_a_card_is_not() {
        let number = "4242424242424242";
        for (asked, query, kept) in [
            (
                "/v1/terminal/payments",
                Some("simulateCard=4242424242424242"),
                "/v1/terminal/payments?simulateCard=…",
            ),
            ("/v1/4242 4242 4242 4242", None, "/v1/…"),
            ("/v1/x", Some("reference=4242-4242-4242-4242"), "/v1/x?reference=…"),
            ("/v1/x", Some("reference=%34%32%34%32"), "/v1/x?reference=…"),
            ("/v1/sk_test_abcdefgh", Some("sk_live_1=2"), "/v1/…?…=…"),
            ("/v1/x", Some("token=abc"), "/v1/x?token=…"),
        ] {
            assert_eq!(path(asked, query), kept);
            assert!(!path(asked, query).contains(number));
        }
        for secret in ["sk_test_x", "Bearer x", "whsec_x", "5555 5555 5555 4444", "key=rk_live_1"] {
            assert_eq!(value(secret), "…");
        }
        assert_eq!(value(&"é".repeat(300)).chars().count(), VALUE_CHARS + 1);
        assert_eq!(value("a\u{7}b"), "ab");
    }
}
