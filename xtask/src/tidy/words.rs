//! Words that mark unfinished work or a test that is not one, in code and in documents.

use super::Violation;
use super::tree::Project;

const CURRENCY_OR_MARK: &str = concat!("XX", "X");
const QUOTES: &[char] = &['"', '\'', '`'];

/// The forbidden words and the cure for each; put together here so that this file does not hold them.
#[must_use]
pub fn forbidden_words() -> Vec<(String, &'static str)> {
    const FINISH: &str = "finish it, or open an issue and leave the tree without a mark";
    [
        (["TO", "DO"], FINISH),
        (["FIX", "ME"], FINISH),
        ([CURRENCY_OR_MARK, ""], FINISH),
        (["todo", "!("], FINISH),
        (["unimplemented", "!("], FINISH),
        (["for ", "now"], FINISH),
        (["#[ig", "nore"], "repair the test or delete it"),
        (["should_", "panic"], "assert on the error that the call returns"),
        (["unbounded_", "channel("], "give the queue a limit"),
    ]
    .into_iter()
    .map(|(halves, cure)| (halves.concat(), cure))
    .collect()
}

/// No forbidden word stands anywhere in what people write, comments and texts included.
pub(super) fn forbidden_word(project: &Project, found: &mut Vec<Violation>) {
    let words = forbidden_words();
    for (file, text) in project.written(&["rs", "md", "ts", "py", "sh", "js", "mjs", "proto"]) {
        for (number, line) in text.lines().enumerate() {
            for (word, cure) in words.iter().filter(|(word, _)| holds(line, word)) {
                found.push(Violation {
                    file: file.to_owned(),
                    line: number + 1,
                    rule: "forbidden-word",
                    message: format!("`{word}`"),
                    cure: (*cure).to_owned(),
                });
            }
        }
    }
}

/// Whether the line holds the word on its own; words of prose count at the head of a sentence too.
fn holds(line: &str, word: &str) -> bool {
    let lowered = line.to_ascii_lowercase();
    let line = if word.contains(' ') { lowered.as_str() } else { line };
    let part_of_word = |c: char| c.is_alphanumeric() || c == '_';
    // In quotes the three letters are the code of ISO 4217 for "no currency".
    let currency = |at: usize| {
        word == CURRENCY_OR_MARK && line[..at].ends_with(QUOTES) && line[at + 3..].starts_with(QUOTES)
    };
    line.match_indices(word).any(|(at, _)| {
        let joined_before = word.starts_with(part_of_word) && line[..at].ends_with(part_of_word);
        let joined_after = word.ends_with(part_of_word) && line[at + word.len()..].starts_with(part_of_word);
        // The attribute counts with and without a reason behind its name.
        !joined_before && (!joined_after || word.starts_with('#')) && !currency(at)
    })
}

#[cfg(test)]
mod tests {
    use super::{CURRENCY_OR_MARK, holds};

    #[test]
    fn a_word_counts_only_on_its_own() {
        let (prose, mark) = (["for ", "now"].concat(), CURRENCY_OR_MARK);
        assert!(holds(&format!("F{},", &prose[1..]), &prose));
        assert!(!holds(&format!("{prose}_ms in times"), &prose));
        assert!(!holds(&format!("A{mark}A"), mark));
        assert!(holds(&format!("// {mark}: why"), mark));
        assert!(!holds(&format!("parse(\"{mark}\")"), mark));
    }
}
