//! The cases of the matrix and their names: at which of twelve moments of a terminal something dies, where the till has
//! turned to, whether it did so before or after the card was read, and who dies. Knows nothing of how one is played.

use std::fmt;

/// A moment in the life of a sale at a terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Point {
    /// The order is there, and not on disk.
    P1,
    /// The card is read; the journal is being written.
    P2,
    /// The journal is on disk; nothing was sent or shown.
    P3,
    /// The request is cut in the middle of its frame.
    P4,
    /// The request is on its way; there is no answer.
    P5,
    /// The answer was read; the journal does not have it.
    P6,
    /// The outcome is on disk, and not on the screen.
    P7,
    /// The outcome is on the screen; nobody was answered.
    P8,
    /// Whoever asked was answered; the approval has not been forwarded.
    P9,
    /// The approval was forwarded; there is no verdict.
    P10,
    /// The verdict was read; the journal has the card still.
    P11,
    /// The entry is being erased.
    P12,
}

/// For which terminal the till asks the cloud.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turns {
    /// For the one that it asked itself.
    Same,
    /// For another.
    Other,
}

/// When the till turns to the cloud.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tap {
    /// While the customer looks for the card.
    Before,
    /// When the card has been read.
    After,
}

/// Who dies at the moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dies {
    /// The terminal loses power.
    Terminal,
    /// The server is killed.
    Cloud,
    /// The till is, and starts again on what it has written down.
    Till,
    /// Terminal and server, in the same moment.
    Both,
}

/// One case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Case {
    /// At which moment.
    pub point: Point,
    /// Where the till turns to.
    pub turns: Turns,
    /// When it does.
    pub tap: Tap,
    /// Who dies.
    pub dies: Dies,
}

impl Point {
    /// All of them, in the order of a sale.
    pub const ALL: [Self; 12] = [
        Self::P1,
        Self::P2,
        Self::P3,
        Self::P4,
        Self::P5,
        Self::P6,
        Self::P7,
        Self::P8,
        Self::P9,
        Self::P10,
        Self::P11,
        Self::P12,
    ];

    /// Whether only an approval without the cloud passes it.
    pub(super) fn is_alone(self) -> bool {
        self >= Self::P9
    }

    /// Whether such an approval passes it as a request does.
    pub(super) fn may_be_alone(self) -> bool {
        matches!(self, Self::P2 | Self::P3 | Self::P7 | Self::P8)
    }
}

impl Case {
    /// The whole matrix.
    #[must_use]
    pub fn all() -> Vec<Self> {
        let mut all = Vec::new();
        for point in Point::ALL {
            for turns in [Turns::Same, Turns::Other] {
                for tap in [Tap::Before, Tap::After] {
                    let who = [Dies::Terminal, Dies::Cloud, Dies::Till, Dies::Both];
                    all.extend(who.map(|dies| Self { point, turns, tap, dies }));
                }
            }
        }
        all
    }

    /// The case of that name, as [`fmt::Display`] writes it.
    #[must_use]
    pub fn find(name: &str) -> Option<Self> {
        Self::all().into_iter().find(|case| case.to_string().eq_ignore_ascii_case(name))
    }

    /// Its place in the matrix, from 0.
    pub(super) fn number(self) -> u64 {
        Self::all().iter().position(|case| *case == self).map_or(0, |place| place as u64)
    }
}

/// `P7-other-before-till`.
impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { point, turns, tap, dies } = self;
        let name = format!("{point:?}-{turns:?}-{tap:?}-{dies:?}").to_lowercase();
        f.write_str(&name.replacen('p', "P", 1))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn there_are_192_cases_and_each_is_found_by_its_name() {
        let all = Case::all();
        let names: BTreeSet<String> = all.iter().map(Case::to_string).collect();
        assert_eq!((all.len(), names.len()), (192, 192));
        assert!(all.iter().all(|case| Case::find(&case.to_string()) == Some(*case)));
        assert!(names.contains("P7-other-before-till"), "{names:?}");
        assert_eq!(Case::find("P13-other-before-till"), None);
    }
}
