//! How names are written: of fields, of types, of values; and the first sentence of a description.

/// `amountCaptured` and `amount_captured` as a field or a function: `amount_captured`.
pub(super) fn snake(name: &str) -> String {
    let mut written = String::new();
    for letter in name.trim_end_matches("[]").chars() {
        if letter.is_ascii_uppercase() && !written.is_empty() {
            written.push('_');
        }
        written.push(letter.to_ascii_lowercase());
    }
    written
}

/// A field whose name is a word of Rust gets a line behind it.
pub(super) fn field(name: &str) -> String {
    let written = snake(name);
    if ["type", "ref", "match", "move", "use"].contains(&written.as_str()) {
        format!("{written}_")
    } else {
        written
    }
}

/// `amount_captured`, `amountCaptured` and `amount-captured` as a type: `AmountCaptured`.
pub(super) fn pascal(name: &str) -> String {
    let mut written = String::new();
    let mut upper = true;
    for letter in name.trim_end_matches("[]").chars() {
        if letter.is_ascii_alphanumeric() {
            written.push(if upper { letter.to_ascii_uppercase() } else { letter });
            upper = false;
        } else {
            upper = true;
        }
    }
    written
}

/// The first sentence of a description on one line, ready to stand in a comment.
pub(super) fn sentence(text: &str, otherwise: &str) -> String {
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let end = words.find(". ").map_or(words.len(), |at| at + 1);
    let first = words[..end].trim();
    let first = if first.is_empty() { otherwise } else { first };
    let dot = if first.ends_with(['.', '?', '`']) && first.ends_with('.') { "" } else { "." };
    format!("{}{dot}", first.replace('[', "\\[").replace('<', "`<`"))
}
