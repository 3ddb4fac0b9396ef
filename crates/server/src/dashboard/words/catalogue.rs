//! The words of the pages in the languages that they are translated into. The English text is the name of a phrase; a
//! phrase that is not in a catalogue is shown in English. Knows no page.

use std::collections::HashMap;
use std::sync::LazyLock;

use serde::Deserialize;

/// One file per area of the dashboard, so that a page and its words change together.
const CATALOGUES: &[(&str, &str)] = &[
    ("frame", include_str!("../../../words/frame.json")),
    ("developers", include_str!("../../../words/developers.json")),
    ("terminal", include_str!("../../../words/terminal.json")),
    ("hardware", include_str!("../../../words/hardware.json")),
    ("figures", include_str!("../../../words/figures.json")),
    ("payments", include_str!("../../../words/payments.json")),
    ("signin", include_str!("../../../words/signin.json")),
    ("vocabulary", include_str!("../../../words/vocabulary.json")),
];

/// A language that the pages are written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::dashboard) enum Language {
    English,
    German,
    French,
    Italian,
}

impl Language {
    /// The language of a tag, `de-CH`, if the pages are written in it.
    pub(super) fn of(tag: &str) -> Option<Self> {
        match tag.split('-').next()?.to_ascii_lowercase().as_str() {
            "en" => Some(Self::English),
            "de" => Some(Self::German),
            "fr" => Some(Self::French),
            "it" => Some(Self::Italian),
            _ => None,
        }
    }

    /// The months of the year, short.
    pub(super) fn months(self) -> [&'static str; 12] {
        match self {
            Self::English => {
                ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
            }
            Self::German => [
                "Jan.", "Feb.", "März", "Apr.", "Mai", "Juni", "Juli", "Aug.", "Sept.", "Okt.", "Nov.",
                "Dez.",
            ],
            Self::French => [
                "janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.",
                "déc.",
            ],
            Self::Italian => {
                ["gen", "feb", "mar", "apr", "mag", "giu", "lug", "ago", "set", "ott", "nov", "dic"]
            }
        }
    }
}

/// A phrase in the other languages.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Phrase {
    de: String,
    fr: String,
    it: String,
}

static PHRASES: LazyLock<HashMap<String, Phrase>> = LazyLock::new(|| {
    let mut all = HashMap::new();
    for (name, text) in CATALOGUES {
        match serde_json::from_str::<HashMap<String, Phrase>>(text) {
            Ok(phrases) => all.extend(phrases),
            Err(error) => {
                tracing::error!(%error, name, "a catalogue of words cannot be read; its pages are English");
            }
        }
    }
    all
});

/// The phrase in this language, or in English.
pub(super) fn said(english: &str, language: Language) -> &str {
    let Some(phrase) = PHRASES.get(english) else { return english };
    match language {
        Language::English => english,
        Language::German => &phrase.de,
        Language::French => &phrase.fr,
        Language::Italian => &phrase.it,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};
    use std::path::{Path, PathBuf};

    use super::*;

    /// How the pages name a phrase, and which strings of the call are phrases.
    const NAMED_BY: &[(&str, std::ops::Range<usize>)] = &[
        ("shell.t(", 0..1),
        ("say(", 0..1),
        ("tell(", 0..1),
        (".shell(", 0..1),
        ("said(", 0..2),
        ("Trouble::Field(", 1..2),
    ];
    /// These are said as values: statuses, codes, names of roles.
    const AS_VALUES: &str = "vocabulary";

    fn files(below: &Path, ending: &str, found: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(below).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                files(&path, ending, found);
            } else if path.to_string_lossy().ends_with(ending) {
                found.push(path);
            }
        }
    }

    /// The text with strings that go on in the next line in one piece.
    fn joined(text: &str) -> String {
        let mut parts = text.split("\\\n");
        let first = parts.next().unwrap_or_default().to_owned();
        parts.fold(first, |text, part| text + part.trim_start())
    }

    fn sources() -> Vec<(PathBuf, String)> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut found = Vec::new();
        files(&root.join("templates/dashboard"), ".html", &mut found);
        files(&root.join("src/dashboard"), ".rs", &mut found);
        found.retain(|path| !path.ends_with("words/catalogue.rs"));
        found
            .into_iter()
            .map(|path| (path.clone(), joined(&std::fs::read_to_string(path).unwrap())))
            .collect()
    }

    /// The strings in the arguments of a call that begins here, up to the first bracket.
    fn literals(rest: &str) -> Vec<String> {
        let mut all = Vec::new();
        let mut rest = rest;
        while let Some(at) = rest.find(['(', ')', '[', ';', '"']) {
            let Some(inside) = rest[at..].strip_prefix('"') else { break };
            let mut text = String::new();
            let mut letters = inside.chars();
            loop {
                match letters.next() {
                    None | Some('"') => break,
                    Some('\\') => text.extend(letters.next()),
                    Some(letter) => text.push(letter),
                }
            }
            all.push(text);
            rest = letters.as_str();
        }
        all
    }

    fn named(text: &str) -> BTreeSet<String> {
        let mut all = BTreeSet::new();
        for (marker, which) in NAMED_BY {
            for (at, _) in text.match_indices(marker) {
                let strings = literals(&text[at + marker.len()..]);
                all.extend(strings.into_iter().skip(which.start).take(which.len()));
            }
        }
        all
    }

    fn read() -> BTreeMap<&'static str, BTreeMap<String, Phrase>> {
        CATALOGUES.iter().map(|(name, text)| (*name, serde_json::from_str(text).unwrap())).collect()
    }

    #[test]
    fn every_phrase_of_a_page_is_in_one_catalogue_and_every_one_there_is_used() {
        let read = read();
        let mut owners = BTreeMap::<&str, &str>::new();
        for (name, phrases) in &read {
            for phrase in phrases.keys() {
                let other = owners.insert(phrase, name);
                assert_eq!(other, None, "{phrase:?} is in {name} too");
            }
        }
        let sources = sources();
        let mut missing = BTreeSet::new();
        for (path, text) in &sources {
            let phrases = named(text).into_iter().filter(|phrase| phrase.contains(char::is_alphabetic));
            missing.extend(
                phrases.filter(|phrase| !owners.contains_key(phrase.as_str())).map(|phrase| (path, phrase)),
            );
        }
        assert!(missing.is_empty(), "no file of words/ has {missing:#?}");
        let mut idle = Vec::new();
        for (phrase, name) in owners.iter().filter(|(_, name)| **name != AS_VALUES) {
            let quoted = phrase.replace('"', "\\\"");
            let used = sources
                .iter()
                .any(|(_, text)| text.contains(&format!("\"{quoted}\"")) || named(text).contains(*phrase));
            if !used {
                idle.push((name, phrase));
            }
        }
        assert!(idle.is_empty(), "no page says {idle:#?}");
    }

    /// What stays as it is in every language: the product, units, and examples of what to type.
    const OF_NO_LANGUAGE: &[&str] = &[
        "VINR",
        "UTC",
        "ms",
        "terminal_payment.*",
        "tpay_…",
        "acct_…",
        "refund.created",
        "Europe/Berlin",
        "https://shop.example/webhooks",
    ];

    /// The text without what stands between these two.
    fn without(text: &str, from: &str, to: &str) -> String {
        let mut parts = text.split(from);
        let mut rest = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            rest.push(' ');
            rest.push_str(part.split_once(to).map_or("", |(_, after)| after));
        }
        rest
    }

    #[test]
    fn no_template_has_words_that_cannot_be_translated() {
        let mut raw = Vec::new();
        for (path, text) in
            sources().into_iter().filter(|(path, _)| path.extension().is_some_and(|e| e == "html"))
        {
            let mut text = text;
            for (from, to) in
                [("{#", "#}"), ("{%", "%}"), ("{{", "}}"), ("<code", "</code>"), ("<pre", "</pre>")]
            {
                text = without(&text, from, to);
            }
            let mut words = vec![without(&text, "<", ">")];
            for name in ["aria-label", "placeholder", "title", "alt", "data-confirm"] {
                let after = text.split(&format!(" {name}=\"")).skip(1).map(str::to_owned).collect::<Vec<_>>();
                words.extend(after.iter().filter_map(|text| text.split('"').next().map(str::to_owned)));
            }
            for word in words.iter().flat_map(|text| text.split_whitespace()) {
                let letters = word.chars().filter(|letter| letter.is_alphabetic()).count();
                if letters > 1 && !word.starts_with('&') && !OF_NO_LANGUAGE.contains(&word) {
                    raw.push((path.clone(), word.to_owned()));
                }
            }
        }
        assert!(raw.is_empty(), "write these as {{{{ shell.t(…) }}}}: {raw:#?}");
    }

    #[test]
    fn every_translation_is_there_and_has_the_same_parts() {
        let parts = |text: &str| -> BTreeSet<String> {
            text.split('{').skip(1).filter_map(|rest| rest.split('}').next()).map(str::to_owned).collect()
        };
        for (name, phrases) in read() {
            for (english, phrase) in phrases {
                for text in [&phrase.de, &phrase.fr, &phrase.it] {
                    assert!(!text.trim().is_empty(), "{name}: {english:?} has an empty translation");
                    assert_eq!(parts(text), parts(&english), "{name}: {text:?} of {english:?}");
                    assert!(!text.contains('ß'), "{name}: {text:?} is not spelled as in Switzerland");
                }
            }
        }
    }

    #[test]
    fn a_phrase_is_said_in_the_language_of_the_reader() {
        assert_eq!(said("Payments", Language::German), "Zahlungen");
        assert_eq!(said("Payments", Language::English), "Payments");
        assert_eq!(said("never heard of", Language::Italian), "never heard of");
        assert_eq!(Language::of("de-AT"), Some(Language::German));
        assert_eq!(Language::of("nl"), None);
    }
}
