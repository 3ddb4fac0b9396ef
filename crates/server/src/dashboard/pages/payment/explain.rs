//! A payment in words: how it came, what became of it, whether money moved, and what to do next. Says nothing that the books
//! do not say.

use jiff::tz::TimeZone;
use vinr_domain::payment::{Channel, StateKind};
use vinr_domain::refund::{FailureReason, Status as RefundStatus};
use vinr_domain::{DeclineCode, Timestamp};
use vinr_wire::rest::view::RefundView;

use super::super::super::places::stamp;
use super::super::super::words::Words;
use crate::payments::Entry;

/// The payment in words, a sentence or two each: how it came, the card, the outcome, what was given back.
pub(in crate::dashboard) fn explained(entry: &Entry, zone: &TimeZone, words: &Words) -> Vec<String> {
    let view = &entry.view;
    let asked = words.amount(entry.asked_minor, view.currency);
    let terminal = view.terminal.clone().unwrap_or_else(|| words.say("a terminal of its group"));
    let parts = [("amount", asked.as_str()), ("terminal", terminal.as_str())];
    let mut told = vec![match entry.channel {
        Channel::Cloud => words.tell("{amount} was asked for through the cloud, on {terminal}.", &parts),
        Channel::Local => {
            words.tell("{amount} was asked for by a till on the shop's own network, on {terminal}.", &parts)
        }
        Channel::Cashless => words.tell(
            "{amount} was asked for by a cash register on the shop's own network, on {terminal}.",
            &parts,
        ),
    }];
    if let Some(card) = &view.card {
        let parts = [
            ("brand", card.brand.as_str()),
            ("last4", card.last4.as_str()),
            ("way", &words.say(card.entry_mode.as_str())),
        ];
        told.push(words.tell("A {brand} card that ends in {last4} was read ({way}).", &parts));
    }
    if let Some(tip) = view.tip.filter(|tip| tip.amount_minor > 0) {
        let tip = words.amount(tip.amount_minor, view.currency);
        told.push(words.tell("The customer added a tip of {tip}.", &[("tip", &tip)]));
    }
    if let Some(offline) = &entry.offline {
        let at = stamp(words, offline.approved_at, zone);
        told.push(words.tell(
            "The terminal had no connection and approved it alone at {time}, within its limits; the issuer was asked afterwards.",
            &[("time", &at)],
        ));
    }
    told.push(outcome(entry, zone, words));
    if view.refunded_minor > 0 {
        let back = words.amount(view.refunded_minor, view.currency);
        let whole = view.refunded_minor == view.captured_minor;
        let parts = [("amount", back.as_str())];
        told.push(if whole {
            words.tell("All of it, {amount}, was given back or is on its way back.", &parts)
        } else {
            words.tell("{amount} of it was given back or is on its way back.", &parts)
        });
    }
    told
}

/// What happened, whether money moved, and what to do next.
fn outcome(entry: &Entry, zone: &TimeZone, words: &Words) -> String {
    let view = &entry.view;
    let money = |minor| words.amount(minor, view.currency);
    match entry.state {
        StateKind::Queued => match view.queue_position {
            Some(place) => words.tell(
                "It waits for a free terminal, at place {place}. No money has moved. It can be cancelled.",
                &[("place", &(place + 1).to_string())],
            ),
            None => words.say("It waits for a free terminal. No money has moved. It can be cancelled."),
        },
        StateKind::Pending => words.say(
            "The terminal waits for the customer. No money has moved. It can be cancelled until a card is presented.",
        ),
        StateKind::Cancelling => words.say(
            "Cancelling was asked for, and the terminal has still to say that no card was presented. Wait for the end of \
             this payment before you charge again.",
        ),
        StateKind::Authorizing => words.say(
            "The issuer is being asked. It cannot be cancelled now: wait for the answer, and refund it if it completes.",
        ),
        StateKind::Uncertain => words.say(
            "The issuer has not answered, so nobody knows yet whether money moved. The platform asks again and again. Do not \
             charge again until this payment has ended.",
        ),
        StateKind::Reversing => words.say(
            "The outcome could not be learned in time. Whatever happened is being undone until the issuer confirms it: the \
             customer is not charged in the end. Charge again only when this payment has ended.",
        ),
        StateKind::Authorized => held(entry, zone, words),
        StateKind::Completed => completed(entry, words),
        StateKind::Failed => {
            let code = view.decline_code.unwrap_or(DeclineCode::CardDeclined);
            format!("{} {}", failure(code, words), next(code, words))
        }
        StateKind::Cancelled if view.card.is_some() => words.tell(
            "The hold was voided: the card is not charged. The customer's bank may show {amount} as held for some days. \
             Nothing is to be done.",
            &[("amount", &money(view.amount_minor))],
        ),
        StateKind::Cancelled => {
            words.say("It was called off before a card was charged. No money moved. Nothing is to be done.")
        }
        StateKind::Expired => words.tell(
            "The hold of {amount} ended before it was captured. No money moved. To be paid, take a new payment.",
            &[("amount", &money(view.amount_minor))],
        ),
    }
}

fn held(entry: &Entry, zone: &TimeZone, words: &Words) -> String {
    let view = &entry.view;
    let amount = words.amount(view.capturable_minor, view.currency);
    let until = view.expires_ms.map(|ms| stamp(words, Timestamp(ms), zone)).unwrap_or_default();
    words.tell(
        "{amount} are held on the card until {time}. No money has moved yet. Capture to take it, or void the hold to let \
         it go.",
        &[("amount", &amount), ("time", &until)],
    )
}

fn completed(entry: &Entry, words: &Words) -> String {
    let view = &entry.view;
    let taken = words.amount(view.captured_minor, view.currency);
    let approved = entry.approved.map_or(view.captured_minor, |(minor, _)| minor);
    if approved > view.captured_minor {
        let rest = words.amount(approved - view.captured_minor, view.currency);
        return words.tell(
            "The money was taken: {amount}. The rest of the hold, {rest}, was let go. It is settled with the terminal's batch.",
            &[("amount", &taken), ("rest", &rest)],
        );
    }
    words.tell(
        "The money was taken: {amount}. It is settled with the terminal's batch.",
        &[("amount", &taken)],
    )
}

/// What happened, and that no money moved.
pub(in crate::dashboard) fn failure(code: DeclineCode, words: &Words) -> String {
    match code {
        DeclineCode::TerminalNotFound => {
            words.say("The account has no terminal of that name, so nobody was asked for a card. No money moved.")
        }
        DeclineCode::TerminalOffline => {
            words.say("The terminal was not connected, so nobody was asked for a card. No money moved.")
        }
        DeclineCode::TerminalBusy => {
            words.say("The terminal was busy with another payment. No money moved for this one.")
        }
        DeclineCode::TerminalLocked => {
            words.say("The terminal was locked against new payments. No money moved.")
        }
        DeclineCode::CardDeclined => {
            words.say("The card's issuer declined and did not say why. No money moved.")
        }
        DeclineCode::InsufficientFunds => {
            words.say("The card's issuer declined: the card's account holds too little. No money moved.")
        }
        DeclineCode::ExpiredCard => words.say("The card is past its expiry date. No money moved."),
        DeclineCode::LostOrStolen => {
            words.say("The card's issuer declined: the card is reported lost or stolen. No money moved.")
        }
        DeclineCode::IncorrectPin => words.say("The PIN was wrong. No money moved."),
        DeclineCode::PinTryExceeded => {
            words.say("The PIN was wrong too often, and the issuer takes no further try. No money moved.")
        }
        DeclineCode::CommunicationError => words.say(
            "The outcome could not be learned: a connection failed on the way. Whatever had been held was given back. No \
             money moved.",
        ),
        DeclineCode::OfflineAuthDeclined => words.say(
            "The terminal had approved it without a connection, and the issuer declined when it was asked later. No money \
             moved, and the goods may be gone.",
        ),
        DeclineCode::OfflineLimitExceeded => words.say(
            "The terminal had no connection, and the amount was more than it may approve alone. No money moved.",
        ),
        DeclineCode::AccountSuspended => {
            words.say("The operator of the server has stopped the account. No money moved.")
        }
    }
}

/// What to do next.
pub(in crate::dashboard) fn next(code: DeclineCode, words: &Words) -> String {
    match code {
        DeclineCode::TerminalNotFound => words.say(
            "Check the terminal's id where the payment is made, and whether it is of test or live data.",
        ),
        DeclineCode::TerminalOffline => {
            words.say("Check the terminal's power and network, then take the payment again.")
        }
        DeclineCode::TerminalBusy => {
            words.say("Wait until the terminal is free, then take the payment again.")
        }
        DeclineCode::TerminalLocked => words.say("Unlock the terminal, then take the payment again."),
        DeclineCode::CardDeclined => {
            words.say("Ask for another card or another way to pay; the customer can ask their bank why.")
        }
        DeclineCode::InsufficientFunds | DeclineCode::ExpiredCard => {
            words.say("Ask for another card or another way to pay.")
        }
        DeclineCode::LostOrStolen => words.say(
            "Do not try this card again. Ask for another way to pay, and follow your rules for such cards.",
        ),
        DeclineCode::IncorrectPin => words.say("Take the payment again; the customer enters the PIN anew."),
        DeclineCode::PinTryExceeded => {
            words.say("Ask for another card or another way to pay; the customer's bank can unlock the card.")
        }
        DeclineCode::CommunicationError => {
            words.say("The payment can be taken again. If it happens often, check the network.")
        }
        DeclineCode::OfflineAuthDeclined => words
            .say("Contact the customer if you can, and check the limits for payments without a connection."),
        DeclineCode::OfflineLimitExceeded => {
            words.say("Take the payment again when the terminal is connected, or ask for another way to pay.")
        }
        DeclineCode::AccountSuspended => words.say("Ask the operator of the server why."),
    }
}

/// What becomes of a refund, in words.
pub(in crate::dashboard) fn refund_way(refund: &RefundView, words: &Words) -> String {
    match (refund.status, refund.failure_reason) {
        (RefundStatus::Pending, _) => {
            words.say("The acquirer is being asked, again and again until it has answered; it is done once.")
        }
        (RefundStatus::Succeeded, _) => {
            words.say("The money is on its way to the card; the customer's bank shows it within some days.")
        }
        (RefundStatus::Failed, Some(FailureReason::Rejected)) => words.say(
            "The acquirer does not have the payment as the platform has it. No money was given back: tell whoever runs the \
             platform.",
        ),
        (RefundStatus::Failed, _) => words.say(
            "The card's issuer does not take it: the card is closed, or does not allow it. No money was given back: pay the \
             customer in another way.",
        ),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::sync::Arc;

    use axum::http::{HeaderMap, HeaderValue, header};
    use vinr_domain::payment::{CaptureMethod, Order, Payment, ResponseMode, State, Terms, accept};
    use vinr_domain::{AccountId, Currency, IntentId, Money, PaymentId};

    use super::*;

    fn words(language: &'static str) -> Words {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT_LANGUAGE, HeaderValue::from_static(language));
        Words::of(None, &headers)
    }

    fn entry() -> Entry {
        let order = Order {
            id: PaymentId(7),
            account: AccountId::parse("acct_one").unwrap(),
            livemode: false,
            intent: IntentId(7),
            terminal: Some("term_1".into()),
            group: None,
            location: None,
            asked: Money { amount_minor: 4_200, currency: Currency::parse("EUR").unwrap() },
            capture_method: CaptureMethod::Automatic,
            response_mode: ResponseMode::Async,
            reference: None,
            description: None,
            metadata: Arc::default(),
        };
        let payment = accept(order, Timestamp(1_795_000_000_000), &Terms::default()).0;
        Entry::from(&Payment { state: State::Pending, ..payment })
    }

    #[test]
    fn every_state_says_whether_money_moved_and_what_to_do() {
        for language in ["en", "de", "fr", "it"] {
            let words = words(language);
            let mut told = BTreeSet::new();
            for state in StateKind::ALL {
                let text = outcome(&Entry { state, ..entry() }, &TimeZone::UTC, &words);
                assert!(text.len() > 40 && text.ends_with('.'), "{language} {state:?}: {text}");
                assert!(told.insert(text), "{language}: {state:?} is told as another");
            }
        }
    }

    #[test]
    fn every_code_has_a_sentence_and_one_for_what_to_do_in_every_language() {
        let english = words("en");
        for language in ["en", "de", "fr", "it"] {
            let words = words(language);
            let mut told = BTreeSet::new();
            for code in DeclineCode::ALL {
                let (what, next) = (failure(code, &words), next(code, &words));
                assert!(what.ends_with('.') && next.ends_with('.'), "{language} {code:?}: {what} {next}");
                assert!(
                    !what.contains(code.as_str()) && next.len() > 15,
                    "{language} {code:?}: {what} {next}"
                );
                assert!(told.insert(what.clone()), "{language}: {code:?} is told as another");
                if language == "en" {
                    assert!(what.contains("No money moved") || what.contains("No money \nmoved"), "{what}");
                } else {
                    assert_ne!(what, failure(code, &english), "{language} {code:?} is not translated");
                    assert_ne!(next, super::next(code, &english), "{language} {code:?} is not translated");
                }
                let mut entry = Entry { state: StateKind::Failed, ..entry() };
                entry.view.decline_code = Some(code);
                let whole = explained(&entry, &TimeZone::UTC, &words).join(" ");
                assert!(whole.contains(&what) && whole.contains(&next), "{whole}");
            }
        }
    }

    #[test]
    fn what_was_held_taken_and_given_back_is_told_in_amounts() {
        let words = words("en");
        let mut entry =
            Entry { state: StateKind::Completed, approved: Some((4_200, Timestamp(1))), ..entry() };
        entry.view.captured_minor = 4_000;
        entry.view.refunded_minor = 1_500;
        let told = explained(&entry, &TimeZone::UTC, &words).join(" ");
        for part in [
            "42.00 EUR was asked for",
            "taken: 40.00 EUR",
            "2.00 EUR, was let go",
            "15.00 EUR of it was given back",
        ] {
            assert!(told.contains(part), "{part:?} is not in {told}");
        }
        entry.view.refunded_minor = 4_000;
        assert!(explained(&entry, &TimeZone::UTC, &words).join(" ").contains("All of it, 40.00 EUR"));
    }
}
