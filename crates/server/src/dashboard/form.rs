//! What a form sends: only from a page of ours, in the session that it was shown in. Everything in it is text; what it
//! means is the handler's business.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::body::to_bytes;
use axum::extract::{FromRequest, Request};
use axum::http::header;
use subtle::ConstantTimeEq;

use super::Dashboard;
use super::page::Trouble;
use super::visit::Visit;
use crate::access::hash_key;
use crate::once::IdempotencyKey;

/// The most bytes of a form.
const MAX_BYTES: usize = 64 * 1024;

/// The fields of a form; those left empty are not there.
#[derive(Debug, Default)]
pub(super) struct Fields(BTreeMap<String, Vec<String>>);

impl Fields {
    /// The field, as typed, without the space around it.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.first().map(String::as_str)
    }

    /// The field, or nothing at all.
    pub(super) fn text(&self, name: &str) -> String {
        self.get(name).unwrap_or_default().to_owned()
    }

    /// Every value of a field that can be there several times.
    pub(super) fn all(&self, name: &str) -> Vec<String> {
        self.0.get(name).cloned().unwrap_or_default()
    }

    /// Whether a box is ticked.
    pub(super) fn ticked(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// These fields, as somebody could have typed them.
    pub(super) fn of<'a>(pairs: impl IntoIterator<Item = (&'a str, String)>) -> Self {
        let mut fields = BTreeMap::<String, Vec<String>>::new();
        for (name, value) in pairs {
            if !value.trim().is_empty() {
                fields.entry(name.to_owned()).or_default().push(value.trim().to_owned());
            }
        }
        Self(fields)
    }

    /// The parameters of a query.
    pub(super) fn of_query(query: &str) -> Self {
        Self::read(query.as_bytes())
    }

    fn read(body: &[u8]) -> Self {
        let mut fields = BTreeMap::<String, Vec<String>>::new();
        for pair in body.split(|byte| *byte == b'&') {
            let mut halves = pair.splitn(2, |byte| *byte == b'=');
            let (name, value) = (halves.next().unwrap_or_default(), halves.next().unwrap_or_default());
            let value = unescape(value);
            if !value.trim().is_empty() {
                fields.entry(unescape(name)).or_default().push(value.trim().to_owned());
            }
        }
        Self(fields)
    }
}

/// A form that was sent from a page of this session.
pub(super) struct Form {
    /// What it says.
    pub(super) fields: Fields,
    /// Under which name it is carried out once, however often it is sent.
    pub(super) once: Option<IdempotencyKey>,
}

impl FromRequest<Arc<Dashboard>> for Form {
    type Rejection = Trouble;

    async fn from_request(request: Request, _: &Arc<Dashboard>) -> Result<Self, Trouble> {
        let visit = request.extensions().get::<Visit>().cloned().ok_or(Trouble::Unguarded)?;
        let path = request.uri().path().to_owned();
        let (fields, body) = read(request).await?;
        let sent = fields.get("form_token").unwrap_or_default();
        let right = &visit.who.session.value.form_token;
        if !bool::from(sent.as_bytes().ct_eq(right.as_bytes())) {
            return Err(Trouble::ForeignForm);
        }
        let once = fields.get("once").filter(|name| name.len() <= 64).map(|name| IdempotencyKey {
            operation: format!("POST {path}").into(),
            key: format!("form-{name}").into(),
            fingerprint: hash_key(&String::from_utf8_lossy(&body)),
        });
        Ok(Self { fields, once })
    }
}

/// A form of a page that needs nobody signed in. No other site's page can send it.
pub(super) struct OpenForm(pub(super) Fields);

impl FromRequest<Arc<Dashboard>> for OpenForm {
    type Rejection = Trouble;

    async fn from_request(request: Request, _: &Arc<Dashboard>) -> Result<Self, Trouble> {
        Ok(Self(read(request).await?.0))
    }
}

async fn read(request: Request) -> Result<(Fields, Vec<u8>), Trouble> {
    let headers = request.headers();
    let site = headers.get("sec-fetch-site").and_then(|value| value.to_str().ok());
    if site.is_some_and(|site| !["same-origin", "none"].contains(&site)) || !from_here(headers) {
        return Err(Trouble::ForeignForm);
    }
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
    if !kind.starts_with("application/x-www-form-urlencoded") {
        return Err(Trouble::ForeignForm);
    }
    let body = to_bytes(request.into_body(), MAX_BYTES).await.map_err(|_| Trouble::FormTooLarge)?;
    Ok((Fields::read(&body), body.into()))
}

/// Whether the page that sends it, as far as the browser says, is of this host.
fn from_here(headers: &axum::http::HeaderMap) -> bool {
    let Some(origin) = headers.get(header::ORIGIN) else { return true };
    let host = headers.get(header::HOST).and_then(|value| value.to_str().ok()).unwrap_or("");
    let origin = origin.to_str().unwrap_or("");
    origin.split_once("://").is_some_and(|(_, authority)| authority.eq_ignore_ascii_case(host))
}

fn unescape(text: &[u8]) -> String {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let [first, tail @ ..] = rest {
        rest = tail;
        match (first, tail) {
            (b'+', _) => out.push(b' '),
            (b'%', [high, low, after @ ..]) => match (digit(*high), digit(*low)) {
                (Some(high), Some(low)) => {
                    out.push(high * 16 + low);
                    rest = after;
                }
                _ => out.push(b'%'),
            },
            (byte, _) => out.push(*byte),
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

fn digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_read_as_browsers_write_it() {
        let fields = Fields::read(b"name=J%C3%BCrg+M%C3%BCller&empty=&scopes=a&scopes=b&odd=%zz%4&box=on");
        assert_eq!(fields.get("name"), Some("Jürg Müller"));
        assert_eq!(fields.get("empty"), None);
        assert_eq!(fields.all("scopes"), ["a", "b"]);
        assert_eq!(fields.get("odd"), Some("%zz%4"));
        assert!(fields.ticked("box") && !fields.ticked("other"));
    }
}
