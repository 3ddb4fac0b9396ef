//! Just enough of a Rust reader: tokens with their lines, and the paths that code names.
//! Not a parser: it trusts that the code compiles and is formatted.

use std::collections::BTreeMap;

/// A piece of code; comments and literals leave none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token<'a> {
    /// An identifier, keyword or number; `::`; or one character of punctuation.
    pub text: &'a str,
    /// Line, counted from 1.
    pub line: usize,
}

/// Splits Rust code into tokens and drops comments, texts and character literals.
#[must_use]
pub fn tokens(code: &str) -> Vec<Token<'_>> {
    let bytes = code.as_bytes();
    let (mut found, mut at, mut line) = (Vec::new(), 0, 1);
    while at < bytes.len() {
        let rest = &code[at..];
        let (length, is_token) = piece(rest);
        let text = &rest[..length];
        if is_token {
            found.push(Token { text, line });
        }
        line += text.bytes().filter(|byte| *byte == b'\n').count();
        at += length;
    }
    found
}

/// Length in bytes of the piece that `rest` opens with, and whether it is a token.
fn piece(rest: &str) -> (usize, bool) {
    let first = rest.chars().next().unwrap_or(' ');
    if rest.starts_with("//") {
        return (rest.find('\n').unwrap_or(rest.len()), false);
    }
    if rest.starts_with("/*") {
        return (block_comment(rest), false);
    }
    if let Some(length) = text_literal(rest) {
        return (length, false);
    }
    if rest.starts_with("::") {
        return (2, true);
    }
    if let Some(length) = rest.strip_prefix('b').filter(|byte| byte.starts_with('\'')).and_then(character) {
        return (1 + length, false);
    }
    if first == '\'' {
        return character(rest).map_or((1, true), |length| (length, false));
    }
    if is_word(first) {
        return (rest.find(|c| !is_word(c)).unwrap_or(rest.len()), true);
    }
    (first.len_utf8(), !first.is_whitespace())
}

fn is_word(c: char) -> bool {
    c == '_' || c.is_alphanumeric()
}

fn block_comment(rest: &str) -> usize {
    let (mut depth, mut at) = (0_usize, 0);
    while at < rest.len() {
        let here = &rest.as_bytes()[at..];
        if here.starts_with(b"/*") {
            (depth, at) = (depth + 1, at + 2);
        } else if here.starts_with(b"*/") {
            (depth, at) = (depth - 1, at + 2);
            if depth == 0 {
                return at;
            }
        } else {
            at += 1;
        }
    }
    rest.len()
}

/// Length of a text literal with its prefix, plain or raw; `None` when `rest` opens with none.
fn text_literal(rest: &str) -> Option<usize> {
    let prefix = rest.find(|c| !matches!(c, 'b' | 'c' | 'r'))?;
    let after = &rest[prefix..];
    if rest[..prefix].ends_with('r') {
        let hashes = after.len() - after.trim_start_matches('#').len();
        let body = after[hashes..].strip_prefix('"')?;
        let end = format!("\"{}", "#".repeat(hashes));
        let length = body.find(&end).map_or(body.len(), |found| found + end.len());
        return Some(prefix + hashes + 1 + length);
    }
    let body = after.strip_prefix('"')?;
    let mut escaped = false;
    for (at, byte) in body.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return Some(prefix + 1 + at + 1),
            _ => {}
        }
    }
    Some(rest.len())
}

/// Length of a character literal; `None` for the quote of a lifetime.
fn character(rest: &str) -> Option<usize> {
    let body = &rest[1..];
    let first = body.chars().next()?;
    if first == '\\' {
        // The escaped character itself may be a quote.
        return body.get(2..)?.find('\'').map(|found| 1 + 2 + found + 1);
    }
    body[first.len_utf8()..].starts_with('\'').then_some(1 + first.len_utf8() + 1)
}

/// A path that code names, written out in full as far as the file's imports tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedPath {
    /// Its segments; a glob import ends in `*`.
    pub segments: Vec<String>,
    /// Line of its first segment.
    pub line: usize,
}

impl NamedPath {
    /// The path joined by `::`.
    #[must_use]
    pub fn text(&self) -> String {
        self.segments.join("::")
    }

    /// Whether the path opens with these segments.
    #[must_use]
    pub fn starts_with(&self, wanted: &str) -> bool {
        let wanted: Vec<_> = wanted.split("::").collect();
        self.segments.len() >= wanted.len()
            && self.segments.iter().zip(&wanted).all(|(have, want)| have == want)
    }

    /// Whether the path closes with these segments.
    #[must_use]
    pub fn ends_with(&self, wanted: &str) -> bool {
        self.text() == wanted || self.text().ends_with(&format!("::{wanted}"))
    }
}

/// The paths named in a file, imports included; `self`, `super` and imported names are written out.
#[must_use]
pub fn paths(file: &str, code: &str) -> Vec<NamedPath> {
    let tokens = tokens(code);
    let mut reader = PathReader { tokens: &tokens, module: module_of(file), inner: Vec::new(), depth: 0 };
    let (imports, mut uses) = reader.read();
    let names: BTreeMap<_, _> =
        imports.iter().map(|(name, path)| (name.clone(), path.segments.clone())).collect();
    for path in &mut uses {
        if let Some(full) = path.segments.first().and_then(|first| names.get(first)) {
            path.segments.splice(..1, full.iter().cloned());
        }
    }
    uses.extend(imports.into_iter().map(|(_, path)| path));
    uses
}

/// The module that a file is, from its path: `crates/server/src/api/keys.rs` is `crate::api::keys`.
fn module_of(file: &str) -> Vec<String> {
    let inside = file.split_once("src/").map_or("", |(_, inside)| inside).trim_end_matches(".rs");
    let names = inside.split('/').filter(|name| !matches!(*name, "" | "lib" | "main" | "mod"));
    std::iter::once("crate").chain(names).map(str::to_owned).collect()
}

struct PathReader<'a> {
    tokens: &'a [Token<'a>],
    module: Vec<String>,
    /// Modules opened inside the file, each with the brace depth at which it closes.
    inner: Vec<(String, usize)>,
    depth: usize,
}

type Imports = Vec<(String, NamedPath)>;

impl PathReader<'_> {
    fn read(&mut self) -> (Imports, Vec<NamedPath>) {
        let (mut imports, mut uses, mut at) = (Vec::new(), Vec::new(), 0);
        while at < self.tokens.len() {
            let next = self.text(at + 1);
            match self.text(at) {
                "{" => self.depth += 1,
                "}" => self.close(),
                "mod" if self.text(at + 2) == "{" => self.inner.push((next.to_owned(), self.depth)),
                "use" if next != "<" => {
                    at = self.import(at + 1, &[], &mut imports);
                    continue;
                }
                word if word.starts_with(is_word) => {
                    let (path, after) = self.path(at);
                    uses.push(path);
                    at = after;
                    continue;
                }
                _ => {}
            }
            at += 1;
        }
        (imports, uses)
    }

    fn text(&self, at: usize) -> &str {
        self.tokens.get(at).map_or("", |token| token.text)
    }

    fn close(&mut self) {
        self.depth = self.depth.saturating_sub(1);
        if self.inner.last().is_some_and(|(_, depth)| *depth == self.depth) {
            self.inner.pop();
        }
    }

    fn path(&self, mut at: usize) -> (NamedPath, usize) {
        let line = self.tokens[at].line;
        let mut segments = vec![self.text(at).to_owned()];
        while self.text(at + 1) == "::" && self.text(at + 2).starts_with(is_word) {
            at += 2;
            segments.push(self.text(at).to_owned());
        }
        (NamedPath { segments: self.absolute(segments), line }, at + 1)
    }

    /// Reads one use tree, adds each name that it imports, and returns where it ends.
    fn import(&self, mut at: usize, prefix: &[String], imports: &mut Imports) -> usize {
        let mut path = prefix.to_vec();
        let line = self.tokens.get(at).map_or(0, |token| token.line);
        let mut name = None;
        while at < self.tokens.len() {
            match self.text(at) {
                "{" => {
                    at += 1;
                    while !matches!(self.text(at), "}" | "") {
                        at = self.import(at, &path, imports);
                        at += usize::from(self.text(at) == ",");
                    }
                    return at + 1;
                }
                "," | ";" | "}" => break,
                "as" => {
                    name = Some(self.text(at + 1).to_owned());
                    at += 1;
                }
                // `a::{self}` names `a`; at the head of a path `self` is the module.
                "self" if !path.is_empty() => {}
                "::" => {}
                segment => path.push(segment.to_owned()),
            }
            at += 1;
        }
        if let Some(last) = path.last() {
            let name = name.unwrap_or_else(|| last.clone());
            imports.push((name, NamedPath { segments: self.absolute(path), line }));
        }
        at + usize::from(self.text(at) == ";" && prefix.is_empty())
    }

    fn absolute(&self, segments: Vec<String>) -> Vec<String> {
        if !matches!(segments.first().map(String::as_str), Some("self" | "super")) || segments.len() == 1 {
            return segments;
        }
        let inner = self.inner.iter().map(|(name, _)| name.clone());
        let mut full: Vec<String> = self.module.iter().cloned().chain(inner).collect();
        for segment in segments {
            match segment.as_str() {
                "self" => {}
                "super" if full.len() > 1 => drop(full.pop()),
                _ => full.push(segment),
            }
        }
        full
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(code: &str) -> Vec<String> {
        tokens(code).iter().map(|token| token.text.to_owned()).collect()
    }

    fn named(file: &str, code: &str) -> Vec<String> {
        paths(file, code).iter().map(NamedPath::text).collect()
    }

    #[test]
    fn comments_and_literals_leave_no_tokens() {
        let code = "a // { b\n/* { /* c */ } */ \"}\\\"{\" r#\"{\"{\"# b'{' '\\'' '{' 'x: d";
        assert_eq!(texts(code), ["a", "'", "x", ":", "d"]);
    }

    #[test]
    fn lines_are_counted_through_comments_and_texts() {
        let code = "/* one\ntwo */ a\n\"x\ny\" b";
        let lines: Vec<_> = tokens(code).iter().map(|token| (token.text, token.line)).collect();
        assert_eq!(lines, [("a", 2), ("b", 4)]);
    }

    #[test]
    fn grouped_and_renamed_imports_are_written_out() {
        let code = "use a::{b::{self, c}, d as e, f::*};\nfn x() { e::g(); c::h() }";
        let found = named("crates/server/src/lib.rs", code);
        for wanted in ["a::b", "a::b::c", "a::d", "a::f::*", "a::d::g", "a::b::c::h"] {
            assert!(found.contains(&wanted.to_owned()), "{wanted} not in {found:?}");
        }
    }

    #[test]
    fn super_counts_modules_inside_the_file() {
        let code =
            "fn f() { super::a::b() }\nmod tests { fn g() { super::c::d() } }\nfn h() { super::e::f() }";
        let found = named("crates/server/src/api/keys.rs", code);
        for wanted in ["crate::api::a::b", "crate::api::keys::c::d", "crate::api::e::f"] {
            assert!(found.contains(&wanted.to_owned()), "{wanted} not in {found:?}");
        }
    }
}
