//! Form text (`application/x-www-form-urlencoded`, WHATWG URL section 5.1) to tree, with bracket nesting:
//! `a[b]=`, `a[]=`, `a[0]=`. Leaves stay text; whether `a[0]` is a list or a map is the field's type to say.

use std::borrow::Cow;

use percent_encoding::percent_decode;

use super::tree::{Node, clip};
use super::{FieldError, FieldErrorKind, MAX_DEPTH, MAX_VALUES};

/// Reads all pairs into one map. Broken percent signs are taken literally, as browsers do.
pub(super) fn parse(text: &[u8]) -> Result<Node<'_>, FieldError> {
    let mut root = Vec::with_capacity(8);
    let mut values = 0;
    for pair in text.split(|b| *b == b'&').filter(|pair| !pair.is_empty()) {
        let (key, value) = match pair.iter().position(|b| *b == b'=') {
            Some(at) => (&pair[..at], &pair[at + 1..]),
            None => (pair, &pair[..0]),
        };
        let key = unescape(key).ok_or_else(|| FieldError::malformed("a field's name is not UTF-8"))?;
        let refuse = |kind, message: &str| named(&key, kind, message);
        let value = unescape(value).ok_or_else(|| refuse(FieldErrorKind::Malformed, "is not UTF-8"))?;
        let steps = Steps::of(&key)
            .ok_or_else(|| refuse(FieldErrorKind::Malformed, "has brackets that do not match"))?;
        values += steps.count();
        if steps.count() > MAX_DEPTH {
            let message = format!("is nested more than {MAX_DEPTH} levels deep");
            return Err(refuse(FieldErrorKind::TooMuch, &message));
        }
        if values > MAX_VALUES {
            let message = format!("is one value too many: a form holds at most {MAX_VALUES}");
            return Err(refuse(FieldErrorKind::TooMuch, &message));
        }
        insert(&mut root, steps, value)
            .map_err(|clash| refuse(FieldErrorKind::Duplicate, clash.message()))?;
    }
    Ok(Node::Map(root))
}

fn named(key: &str, kind: FieldErrorKind, message: &str) -> FieldError {
    FieldError { param: Some(clip(key).into_owned()), message: message.to_owned(), kind }
}

/// `+` is a space and `%41` is `A`; `None` when the bytes are not UTF-8. Copies only when something was escaped.
fn unescape(text: &[u8]) -> Option<Cow<'_, str>> {
    if text.contains(&b'+') {
        let spaced: Vec<u8> = text.iter().map(|b| if *b == b'+' { b' ' } else { *b }).collect();
        let bytes = percent_decode(&spaced).collect::<Vec<u8>>();
        return String::from_utf8(bytes).ok().map(Cow::Owned);
    }
    match Cow::from(percent_decode(text)) {
        Cow::Borrowed(bytes) => std::str::from_utf8(bytes).ok().map(Cow::Borrowed),
        Cow::Owned(bytes) => String::from_utf8(bytes).ok().map(Cow::Owned),
    }
}

/// `metadata[k]` taken apart: a name, the steps in brackets, and whether `[]` ends it.
#[derive(Clone, Copy)]
struct Steps<'k> {
    name: &'k str,
    brackets: &'k str,
    append: bool,
}

impl<'k> Steps<'k> {
    /// `None` unless the key is a name followed by nothing but closed brackets, `[]` only at the end.
    fn of(key: &'k str) -> Option<Self> {
        let (name, rest) = key.split_at(key.find('[').unwrap_or(key.len()));
        let (brackets, append) = rest.strip_suffix("[]").map_or((rest, false), |rest| (rest, true));
        let steps = Self { name, brackets, append };
        let whole = !name.is_empty()
            && !name.contains(']')
            && (brackets.is_empty() || (brackets.starts_with('[') && brackets.ends_with(']')))
            && steps.inner().all(|step| !step.is_empty() && !step.contains(['[', ']']));
        whole.then_some(steps)
    }

    fn inner(&self) -> impl Iterator<Item = &'k str> + use<'k> {
        let inside = self.brackets.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
        inside.into_iter().flat_map(|inside| inside.split("]["))
    }

    fn count(&self) -> usize {
        1 + self.inner().count() + usize::from(self.append)
    }
}

/// Two pairs want the same place.
enum Clash {
    Twice,
    OtherShape,
}

impl Clash {
    fn message(&self) -> &'static str {
        match self {
            Self::Twice => "was sent more than once",
            Self::OtherShape => "is used both as a value and as a group, or both with and without a key",
        }
    }
}

type Entries<'a> = Vec<(Cow<'a, str>, Node<'a>)>;

fn insert<'a>(root: &mut Entries<'a>, steps: Steps<'_>, value: Cow<'a, str>) -> Result<(), Clash> {
    let mut entries = root;
    let mut key = steps.name;
    for next in steps.inner() {
        let at = find_or_add(entries, key, || Node::Map(Vec::new()));
        let Node::Map(inner) = &mut entries[at].1 else {
            return Err(Clash::OtherShape);
        };
        entries = inner;
        key = next;
    }
    if steps.append {
        let at = find_or_add(entries, key, || Node::List(Vec::new()));
        let Node::List(list) = &mut entries[at].1 else {
            return Err(Clash::OtherShape);
        };
        list.push(Node::Text(value));
        return Ok(());
    }
    match entries.iter().find(|(seen, _)| seen == key) {
        None => entries.push((Cow::Owned(key.to_owned()), Node::Text(value))),
        Some((_, Node::Text(_))) => return Err(Clash::Twice),
        Some(_) => return Err(Clash::OtherShape),
    }
    Ok(())
}

fn find_or_add<'a>(entries: &mut Entries<'a>, key: &str, fresh: impl FnOnce() -> Node<'a>) -> usize {
    entries.iter().position(|(seen, _)| seen == key).unwrap_or_else(|| {
        entries.push((Cow::Owned(key.to_owned()), fresh()));
        entries.len() - 1
    })
}
