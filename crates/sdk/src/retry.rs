//! What is sent again, what is looked up instead, and how long to pause (sdks/conformance/README.md). Pure: it decides, the
//! exchange acts.

use std::time::Duration;

/// What a call does, and so what a second one could do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Changes nothing.
    Read,
    /// Changes something under an idempotency key.
    Write,
    /// Takes something away, without a key.
    Delete,
    /// Creates a payment.
    Charge,
}

/// How an attempt failed.
#[derive(Debug)]
pub(crate) enum Failure {
    /// No connection was made: nothing can have happened. One that is hopeless meets the same next time.
    Unsent { hopeless: bool, code: &'static str, layer: &'static str, cause: String },
    /// The connection was lost before the answer was complete.
    Lost { cause: String },
    /// No answer in time.
    Silent { after: Duration },
    /// An answer that is not a success, or a success that cannot be read.
    Answered(Refusal),
}

/// An answer that is not what was hoped for.
#[derive(Debug, Default)]
pub(crate) struct Refusal {
    pub status: u16,
    /// Whether it is the API's own error, and not that of something in front of it.
    pub ours: bool,
    /// What the API says about sending it again.
    pub retry: Option<String>,
    pub money_may_have_moved: bool,
    /// Seconds.
    pub retry_after: Option<u64>,
}

impl Refusal {
    fn says(&self, retry: &str) -> bool {
        self.retry.as_deref() == Some(retry)
    }
}

/// What to do after a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// The same request again.
    Again,
    /// Ask what became of it.
    LookUp,
    /// The error.
    GiveUp,
}

const LONGEST_RETRY_AFTER_S: u64 = 60;
const SHORTEST_PAUSE_MS: f64 = 500.0;
const LONGEST_PAUSE_MS: f64 = 5_000.0;

/// What to do after an attempt failed.
pub(crate) fn decide(kind: Kind, failure: &Failure) -> Verdict {
    match failure {
        Failure::Unsent { hopeless: true, .. } => Verdict::GiveUp,
        Failure::Unsent { .. } => Verdict::Again,
        Failure::Lost { .. } | Failure::Silent { .. } => after_silence(kind),
        Failure::Answered(answer) => after_answer(kind, answer),
    }
}

fn after_silence(kind: Kind) -> Verdict {
    match kind {
        Kind::Charge => Verdict::LookUp,
        Kind::Delete => Verdict::GiveUp,
        Kind::Read | Kind::Write => Verdict::Again,
    }
}

fn after_answer(kind: Kind, answer: &Refusal) -> Verdict {
    if answer.retry_after.is_some_and(|seconds| seconds > LONGEST_RETRY_AFTER_S) {
        return Verdict::GiveUp;
    }
    if (200..300).contains(&answer.status) {
        return after_silence(kind);
    }
    if answer.ours {
        let asks = answer.says("ask_first") && answer.status >= 500;
        if kind == Kind::Charge && (answer.money_may_have_moved || asks) {
            return Verdict::LookUp;
        }
        let again = answer.says("later") || (asks && kind == Kind::Read);
        return if again { Verdict::Again } else { Verdict::GiveUp };
    }
    match answer.status {
        429 => Verdict::Again,
        500 | 502..=504 => after_silence(kind),
        _ => Verdict::GiveUp,
    }
}

/// Whether the request may have been carried out; nothing when this failure says nothing about earlier attempts.
pub(crate) fn in_doubt(kind: Kind, failure: &Failure) -> Option<bool> {
    if kind == Kind::Read {
        return Some(false);
    }
    match failure {
        Failure::Unsent { .. } => None,
        Failure::Lost { .. } | Failure::Silent { .. } => Some(true),
        Failure::Answered(answer) => {
            let later = answer.says("later");
            if answer.money_may_have_moved || (200..300).contains(&answer.status) {
                return Some(true);
            }
            if answer.status >= 500 {
                return (!answer.ours || !later).then_some(true);
            }
            // A refusal of what the request says holds for every request of the same name; one of who sends it does not.
            let settles = answer.ours && !later && ![401, 403, 429].contains(&answer.status);
            settles.then_some(false)
        }
    }
}

/// How long to pause before the n-th retry; `random` is from 0 to 1.
pub(crate) fn pause(nth: u32, failure: &Failure, random: f64) -> Duration {
    let after = match failure {
        Failure::Answered(answer) => answer.retry_after.unwrap_or_default(),
        _ => 0,
    };
    if after > 0 {
        return Duration::from_secs(after) + Duration::from_secs_f64(random * SHORTEST_PAUSE_MS / 1000.0);
    }
    let doubled = f64::from(2_u32.saturating_pow(nth.saturating_sub(1)));
    let least = (SHORTEST_PAUSE_MS * doubled).min(LONGEST_PAUSE_MS);
    Duration::from_secs_f64((least * (1.0 + random)).min(LONGEST_PAUSE_MS) / 1000.0)
}
