//! The page in German. Says no more than it means.

use vinr_domain::DeclineCode;
use vinr_domain::payment::EndCause;
use vinr_wire::link::ReceiptChannel;

use super::super::acts::Notice;
use super::{Switch, Words};

pub(in crate::page) static DE: Words = Words {
    tag: "de",
    decimal: ',',
    group: '.',
    currency_behind: true,

    title: "Terminals",
    intro: "Die Gerätesoftware selbst, mit simuliertem Leser, Bildschirm und Drucker. Hier sind Sie Kasse, Kundschaft und \
            schlechte Verbindung.",
    skip: "Direkt zu den Terminals",
    languages: "Sprache",
    refresh: "Neu laden",
    by_itself: "Alle 3 Sekunden von selbst neu laden",
    not_by_itself: "Nicht mehr von selbst neu laden",
    lost: "Diese Seite hat keine Verbindung mehr zu vinr; was sie zeigt, kann veraltet sein.",
    nobody: "Hier läuft kein Terminal.",
    test_mode: "Test",
    live_mode: "ECHT",

    status: "Zustand",
    connected: "Mit der Cloud verbunden",
    not_connected: "Keine Verbindung zur Cloud",
    no_power: "Kein Strom",
    locked: "Gesperrt",
    in_the_shop: "Für Kassen erreichbar unter",
    not_in_the_shop: "Für Kassen nicht erreichbar",
    without_tls: "ohne TLS",
    serial: "Seriennummer",
    version: "Software",

    screen: "Bildschirm",
    tip_question: "Möchten Sie Trinkgeld geben?",
    present_card: "Karte bitte",
    present_how: "Auflegen, einstecken oder durchziehen",
    enter_pin: "PIN eingeben",
    authorizing: "Bitte warten",
    approved: "Genehmigt",
    approved_offline: "Offline genehmigt",
    asked_later: "Die Bank wird gefragt, sobald die Verbindung wieder da ist.",
    code: "Code",
    receipt_question: "Wie möchten Sie Ihren Beleg?",
    declined: "Abgelehnt",
    cancelled: "Abgebrochen",
    unknown: "Ausgang noch nicht bekannt",
    no_other_card: "Keine andere Karte annehmen.",
    ready: "Bereit",
    offline: "Offline",
    out_of_service: "Außer Betrieb",
    dark: "Der Bildschirm ist dunkel.",

    customer: "Kundschaft",
    by_hand: "Selbst Kundschaft sein",
    by_hand_now: "Sie sind die Kundschaft.",
    automatic: "Die simulierte Kundschaft handeln lassen",
    automatic_now: "Die simulierte Kundschaft handelt von selbst: Sie legt eine Karte auf, die genehmigt wird.",
    card: "Testkarte",
    tap: "Auflegen",
    insert: "Einstecken",
    swipe: "Durchziehen",
    pin: "PIN",
    pin_hint: "4 bis 12 Ziffern; die PIN der Testkarten ist 1234.",
    pin_confirm: "PIN bestätigen",
    pin_clear: "Löschen",
    pin_pad: "PIN-Tastatur",
    no_tip: "Kein Trinkgeld",
    own_tip: "Anderes Trinkgeld",
    give_tip: "Dieses Trinkgeld geben",
    no_receipt: "Kein Beleg",
    cancel: "Am Terminal abbrechen",
    nothing_asked: "Das Terminal fragt nach nichts. Buchen Sie unten einen Betrag, oder senden Sie eine Zahlung über die API.",

    till: "Kasse",
    amount: "Betrag",
    currency: "Währung",
    item: "Artikel",
    reference: "Referenz",
    optional: "freiwillig",
    charge: "Kassieren",

    around: "Rund um das Terminal",
    power: Switch { name: "Strom", on: "an", off: "aus", turn_on: "Einschalten", turn_off: "Stecker ziehen" },
    internet: Switch {
        name: "Internet",
        on: "an",
        off: "aus",
        turn_on: "Internet wiederherstellen",
        turn_off: "Internet trennen",
    },
    network: Switch {
        name: "Netz im Laden",
        on: "an",
        off: "aus",
        turn_on: "Netz anschließen",
        turn_off: "Netz abziehen",
    },
    paper: Switch {
        name: "Papier",
        on: "eingelegt",
        off: "fehlt",
        turn_on: "Papier einlegen",
        turn_off: "Papier herausnehmen",
    },

    queue: "Offline genehmigt, nicht übertragen",
    queue_empty: "Nichts wartet.",
    queue_count: "Zahlungen",
    queue_amount: "Betrag",
    queue_oldest: "Älteste",
    forward: "Jetzt übertragen",

    receipts: "Belege",
    no_receipts: "Es wurde nichts gedruckt.",
    no_printer: "Dieses Modell hat keinen Drucker.",
    merchant_copy: "Händlerbeleg",
    customer_copy: "Kundenbeleg",
    picture: "Als Bild (PNG)",
    print_again: "Letzten Beleg noch einmal drucken",

    declines,
    ends,
    channels,
    notices,
    cards,
};

fn declines(code: DeclineCode) -> &'static str {
    match code {
        DeclineCode::AccountSuspended => "Das Konto des Geschäfts ist gesperrt.",
        DeclineCode::TerminalNotFound => "Die Cloud kennt dieses Terminal nicht.",
        DeclineCode::TerminalOffline => "Das Terminal ist offline.",
        DeclineCode::TerminalBusy => "Eine andere Zahlung belegt das Terminal.",
        DeclineCode::TerminalLocked => "Das Terminal ist gesperrt.",
        DeclineCode::CardDeclined => "Die Bank hat die Karte abgelehnt.",
        DeclineCode::InsufficientFunds => "Das Konto ist nicht gedeckt.",
        DeclineCode::ExpiredCard => "Die Karte ist abgelaufen.",
        DeclineCode::LostOrStolen => "Die Karte ist als verloren oder gestohlen gemeldet.",
        DeclineCode::IncorrectPin => "Die PIN ist falsch.",
        DeclineCode::PinTryExceeded => "Zu viele falsche PINs.",
        DeclineCode::CommunicationError => {
            "Niemand konnte gefragt werden, oder niemand hat geantwortet; es wurde nichts belastet."
        }
        DeclineCode::OfflineAuthDeclined => "Offline genehmigt, danach von der Bank abgelehnt.",
        DeclineCode::OfflineLimitExceeded => "Mehr, als das Terminal offline genehmigen darf.",
    }
}

fn ends(cause: EndCause) -> &'static str {
    match cause {
        EndCause::Cancelled => "Die Zahlung wurde abgebrochen.",
        EndCause::PromptTimedOut => "Es kam rechtzeitig keine Karte.",
        EndCause::CustomerCancelled => "Am Terminal abgebrochen.",
        EndCause::LeaseOver => "Die Zeit für diese Zahlung war um.",
        EndCause::OfflineLimit => "Mehr, als das Terminal offline genehmigen darf. Es wurde nichts belastet.",
        EndCause::NoConnection => "Keine Verbindung, und keine Offline-Zahlungen. Es wurde nichts belastet.",
    }
}

fn channels(channel: ReceiptChannel) -> &'static str {
    match channel {
        ReceiptChannel::Print => "Auf Papier",
        ReceiptChannel::Email => "Per E-Mail",
        ReceiptChannel::Sms => "Per SMS",
    }
}

fn notices(notice: Notice) -> &'static str {
    match notice {
        Notice::Suspended => "Das Konto des Geschäfts ist gesperrt: keine Zahlungen.",
        Notice::NoPower => "Das Terminal hat keinen Strom.",
        Notice::NotStarted => "Das Terminal startet nicht; das Protokoll sagt, warum.",
        Notice::Live => "Dieses Terminal bewegt echtes Geld: Diese Seite zeigt es nur.",
        Notice::NoPrompt => "Das Terminal fragt nach keiner Karte.",
        Notice::AlreadyPresented => "Eine Karte ist schon da.",
        Notice::NotThisWay => "Diese Karte kann so nicht gelesen werden. Wählen Sie einen anderen Weg.",
        Notice::NoPinAsked => "Es wird nach keiner PIN gefragt.",
        Notice::BadPin => "Eine PIN hat 4 bis 12 Ziffern.",
        Notice::BadTip => "Dieses Trinkgeld geht nicht. Schreiben Sie einen Betrag wie 2,50.",
        Notice::NoReceiptAsked => "Das Terminal fragt nach keinem Beleg.",
        Notice::NothingToCancel => "Es gibt nichts abzubrechen.",
        Notice::BadAmount => "Schreiben Sie einen Betrag wie 42,00, mehr als nichts.",
        Notice::BadCurrency => "Diese Währung gibt es nicht.",
        Notice::Busy => "Eine andere Zahlung belegt das Terminal.",
        Notice::Locked => "Das Terminal ist gesperrt.",
        Notice::OutOfService => "Das Terminal ist außer Betrieb.",
        Notice::JournalFull => {
            "Das Terminal hat keinen Platz für weitere Zahlungen, bis es die Cloud erreicht hat."
        }
        Notice::Restarting => "Das Terminal startet neu.",
        Notice::ReferenceTaken => "Diese Referenz gehört zu einer Zahlung, die nicht fertig ist.",
        Notice::NothingToPrint => "Es gibt nichts noch einmal zu drucken.",
        Notice::NoPrinter => "Dieses Modell hat keinen Drucker.",
        Notice::PaperOut => "Es ist kein Papier da.",
        Notice::UnknownTerminal => "Hier läuft kein solches Terminal.",
        Notice::Unreadable => "Das Formular war nicht zu lesen.",
    }
}

fn cards(name: &str) -> Option<&'static str> {
    Some(match name {
        "visa_approved" => "Genehmigt.",
        "card_declined" => "Abgelehnt.",
        "insufficient_funds" => "Abgelehnt: auf dem Konto sind 10 kleinste Einheiten jeder Währung.",
        "expired_card" => "Abgelehnt: abgelaufen.",
        "lost_or_stolen" => "Abgelehnt: als verloren oder gestohlen gemeldet.",
        "mastercard_approved" => "Genehmigt; Mastercard.",
        "amex_approved" => "Genehmigt; American Express.",
        "online_pin" => "Fragt nach einer PIN, die die Bank prüft: mit 1234 genehmigt, sonst falsche PIN.",
        "incorrect_pin" => "Fragt nach einer PIN und wird abgelehnt: Sie ist immer falsch.",
        "pin_try_exceeded" => "Fragt nach einer PIN und wird abgelehnt: zu viele falsche davor.",
        "partial_approval" => "Für den halben Betrag genehmigt, aufgerundet.",
        "issuer_silent" => "Genehmigt von einer Bank, die es nie sagt: endet als Fehler und wird storniert.",
        "issuer_late" => "Genehmigt von einer Bank, die zu spät antwortet; eine Nachfrage findet es heraus.",
        "refund_declined" => "Genehmigt; Erstattungen werden abgelehnt.",
        "offline_then_declined" => "Von der Bank abgelehnt; offline Genehmigtes wird also später abgelehnt.",
        _ => return None,
    })
}
