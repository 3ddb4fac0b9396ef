//! The page in English. Says no more than it means.

use vinr_domain::DeclineCode;
use vinr_domain::payment::EndCause;
use vinr_wire::link::ReceiptChannel;

use super::super::acts::Notice;
use super::{Switch, Words};

pub(in crate::page) static EN: Words = Words {
    tag: "en",
    decimal: '.',
    group: ',',
    currency_behind: false,

    title: "Terminals",
    intro: "The device software itself, with a simulated reader, screen and printer. Be the cashier, the customer, and the \
            bad connection.",
    skip: "Skip to the terminals",
    languages: "Language",
    refresh: "Refresh",
    by_itself: "Refresh by itself every 3 seconds",
    not_by_itself: "Stop refreshing by itself",
    lost: "This page has lost its connection to vinr; what it shows may be old.",
    nobody: "No terminal runs here.",
    test_mode: "Test",
    live_mode: "LIVE",

    status: "Status",
    connected: "Connected to the cloud",
    not_connected: "No connection to the cloud",
    no_power: "No power",
    locked: "Locked",
    in_the_shop: "Tills reach it at",
    not_in_the_shop: "Tills do not reach it",
    without_tls: "without TLS",
    serial: "Serial number",
    version: "Software",

    screen: "Screen",
    tip_question: "Would you like to leave a tip?",
    present_card: "Present your card",
    present_how: "Tap, insert or swipe",
    enter_pin: "Enter your PIN",
    authorizing: "Please wait",
    approved: "Approved",
    approved_offline: "Approved offline",
    asked_later: "The issuer will be asked when the connection is back.",
    code: "Code",
    receipt_question: "How would you like your receipt?",
    declined: "Declined",
    cancelled: "Cancelled",
    unknown: "Outcome not known yet",
    no_other_card: "Do not take another card.",
    ready: "Ready",
    offline: "Offline",
    out_of_service: "Out of service",
    dark: "The screen is dark.",

    customer: "Customer",
    by_hand: "Be the customer",
    by_hand_now: "You are the customer.",
    automatic: "Let the simulated customer act",
    automatic_now: "The simulated customer acts by itself: it taps an approved card.",
    card: "Test card",
    tap: "Tap",
    insert: "Insert",
    swipe: "Swipe",
    pin: "PIN",
    pin_hint: "4 to 12 digits; the test cards' PIN is 1234.",
    pin_confirm: "Confirm PIN",
    pin_clear: "Clear",
    pin_pad: "PIN pad",
    no_tip: "No tip",
    own_tip: "Another tip",
    give_tip: "Give this tip",
    no_receipt: "No receipt",
    cancel: "Cancel at the terminal",
    nothing_asked: "The terminal asks for nothing. Charge an amount below, or send a payment over the API.",

    till: "Till",
    amount: "Amount",
    currency: "Currency",
    item: "Item",
    reference: "Reference",
    optional: "optional",
    charge: "Charge",

    around: "Around the terminal",
    power: Switch { name: "Power", on: "on", off: "off", turn_on: "Switch on", turn_off: "Cut the power" },
    internet: Switch {
        name: "Internet",
        on: "on",
        off: "off",
        turn_on: "Restore the internet",
        turn_off: "Cut the internet",
    },
    network: Switch {
        name: "Shop network",
        on: "on",
        off: "off",
        turn_on: "Plug the network in",
        turn_off: "Unplug the network",
    },
    paper: Switch {
        name: "Paper",
        on: "in",
        off: "out",
        turn_on: "Put paper in",
        turn_off: "Take the paper out",
    },

    queue: "Approved offline, not uploaded",
    queue_empty: "Nothing waits.",
    queue_count: "Payments",
    queue_amount: "Amount",
    queue_oldest: "Oldest",
    forward: "Upload now",

    receipts: "Receipts",
    no_receipts: "Nothing has been printed.",
    no_printer: "This model has no printer.",
    merchant_copy: "Merchant copy",
    customer_copy: "Customer copy",
    picture: "As a picture (PNG)",
    print_again: "Print the last receipt again",

    declines,
    ends,
    channels,
    notices,
    cards: |_| None,
};

fn declines(code: DeclineCode) -> &'static str {
    match code {
        DeclineCode::AccountSuspended => "The account is suspended.",
        DeclineCode::TerminalNotFound => "The cloud does not know this terminal.",
        DeclineCode::TerminalOffline => "The terminal is offline.",
        DeclineCode::TerminalBusy => "Another payment has the terminal.",
        DeclineCode::TerminalLocked => "The terminal is locked.",
        DeclineCode::CardDeclined => "The issuer declined the card.",
        DeclineCode::InsufficientFunds => "There is not enough in the account.",
        DeclineCode::ExpiredCard => "The card has expired.",
        DeclineCode::LostOrStolen => "The card is reported lost or stolen.",
        DeclineCode::IncorrectPin => "The PIN is wrong.",
        DeclineCode::PinTryExceeded => "Too many wrong PINs.",
        DeclineCode::CommunicationError => "Nobody could be asked, or nobody answered; nothing was charged.",
        DeclineCode::OfflineAuthDeclined => "Approved offline, declined by the issuer afterwards.",
        DeclineCode::OfflineLimitExceeded => "Beyond what the terminal may approve offline.",
    }
}

fn ends(cause: EndCause) -> &'static str {
    match cause {
        EndCause::Cancelled => "The payment was cancelled.",
        EndCause::PromptTimedOut => "No card was presented in time.",
        EndCause::CustomerCancelled => "Cancelled at the terminal.",
        EndCause::LeaseOver => "The time for this payment was over.",
        EndCause::OfflineLimit => "Beyond what the terminal may approve offline. Nothing was charged.",
        EndCause::NoConnection => "No connection, and no offline payments. Nothing was charged.",
    }
}

fn channels(channel: ReceiptChannel) -> &'static str {
    match channel {
        ReceiptChannel::Print => "On paper",
        ReceiptChannel::Email => "By e-mail",
        ReceiptChannel::Sms => "By text message",
    }
}

fn notices(notice: Notice) -> &'static str {
    match notice {
        Notice::Suspended => "The account is suspended: no payments.",
        Notice::NoPower => "The terminal has no power.",
        Notice::NotStarted => "The terminal does not start; the log says why.",
        Notice::Live => "This terminal moves real money: this page only shows it.",
        Notice::NoPrompt => "The terminal does not ask for a card.",
        Notice::AlreadyPresented => "A card has been presented already.",
        Notice::NotThisWay => "This card cannot be read in this way. Choose another way.",
        Notice::NoPinAsked => "No PIN is asked for.",
        Notice::BadPin => "A PIN has 4 to 12 digits.",
        Notice::BadTip => "This tip cannot be taken. Write an amount such as 2.50.",
        Notice::NoReceiptAsked => "The terminal does not ask for a receipt.",
        Notice::NothingToCancel => "There is nothing to cancel.",
        Notice::BadAmount => "Write an amount such as 42.00, more than nothing.",
        Notice::BadCurrency => "There is no such currency.",
        Notice::Busy => "Another payment has the terminal.",
        Notice::Locked => "The terminal is locked.",
        Notice::OutOfService => "The terminal is out of service.",
        Notice::JournalFull => "The terminal has no room for more payments before it has reached the cloud.",
        Notice::Restarting => "The terminal is starting again.",
        Notice::ReferenceTaken => "This reference belongs to a payment that is not finished.",
        Notice::NothingToPrint => "There is nothing to print again.",
        Notice::NoPrinter => "This model has no printer.",
        Notice::PaperOut => "There is no paper.",
        Notice::UnknownTerminal => "No such terminal runs here.",
        Notice::Unreadable => "The form could not be read.",
    }
}
