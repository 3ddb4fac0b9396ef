//! Why somebody should look after a terminal, in words, and what to do about it. Decides nothing.

use super::super::super::words::Words;

/// Something that is wrong with a terminal.
pub(in crate::dashboard) struct Need {
    /// What.
    pub(in crate::dashboard) what: String,
    /// What to do about it.
    pub(in crate::dashboard) advice: String,
}

/// The reason, as the API writes it, in words.
pub(in crate::dashboard) fn need(words: &Words, reason: &str) -> Need {
    let say = |english: &str| words.say(english);
    let (what, advice) = match reason {
        "battery_low" => (say("Battery low"), say("Put it on its charger.")),
        "paper_out" => (say("Out of paper"), say("Put in a new roll of paper.")),
        "reader_fault" => {
            (say("Card reader does not work"), say("Restart it. If it says so again, have it repaired."))
        }
        "clock_unsynced" => (
            say("Clock not set"),
            say("Check its connection: it takes no payment until the cloud has told it the time."),
        ),
        "storage_low" => {
            (say("Storage nearly full"), say("Connect it, so that it can hand over what waits on it."))
        }
        "certificate_expiring" => (
            say("Certificate ends soon"),
            say("Keep it connected: it renews by itself. After the end it has to be paired again."),
        ),
        "configuration_refused" => (
            say("Configuration refused"),
            say("Look under Configuration why the device refused it, and change that."),
        ),
        "offline_for_long" => (
            say("Not connected for a day"),
            say("Check its power and its network. If it is no longer used, take it out of service."),
        ),
        "offline_records" => (
            say("Offline records do not add up"),
            say(
                "Something that it approved offline is missing. Keep the device and call whoever runs the platform.",
            ),
        ),
        "offline_voided" => (
            say("Offline payment voided"),
            say("A payment that it approved offline was not charged. The audit log says which and why."),
        ),
        other => (words.say(&other.replace('_', " ")), String::new()),
    };
    Need { what, advice }
}
