//! What a form sends: only from a page of ours, in the session that it was shown in. Everything in it is text; what it
//! means is the handler's business.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, Method, header};
use subtle::ConstantTimeEq;

use super::Dashboard;
use super::page::Trouble;
use super::visit::Visit;
use crate::access::hash_key;
use crate::once::IdempotencyKey;
use crate::people::SignedIn;

/// The most bytes of a form.
const MAX_BYTES: usize = 64 * 1024;

/// The fields of a form; those left empty are not there.
#[derive(Clone, Debug, Default)]
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
        for (name, value) in pairs(body) {
            if !value.trim().is_empty() {
                fields.entry(name).or_default().push(value.trim().to_owned());
            }
        }
        Self(fields)
    }
}

fn pairs(body: &[u8]) -> impl Iterator<Item = (String, String)> {
    body.split(|byte| *byte == b'&').map(|pair| {
        let mut halves = pair.splitn(2, |byte| *byte == b'=');
        let (name, value) = (halves.next().unwrap_or_default(), halves.next().unwrap_or_default());
        (unescape(name), unescape(value))
    })
}

/// A form on its way to its handler, kept so that it can be shown and sent again.
#[derive(Clone)]
pub(super) struct Held {
    body: Bytes,
    /// What it says.
    pub(super) fields: Fields,
}

impl Held {
    /// Takes a form out of the request and puts it back; `None` when the request sends none.
    pub(super) async fn of(request: Request) -> Result<(Request, Option<Self>), Trouble> {
        if request.method() != Method::POST || !is_form(request.headers()) {
            return Ok((request, None));
        }
        let (parts, body) = request.into_parts();
        let body = to_bytes(body, MAX_BYTES).await.map_err(|_| Trouble::FormTooLarge)?;
        let held = Self { fields: Fields::read(&body), body: body.clone() };
        Ok((Request::from_parts(parts, Body::from(body)), Some(held)))
    }

    /// Whether a field of this beginning is there.
    pub(super) fn has(&self, beginning: &str) -> bool {
        self.fields.0.keys().any(|name| name.starts_with(beginning))
    }

    /// The fields as they were sent, in their order, without those of this beginning.
    pub(super) fn without(&self, beginning: &str) -> Vec<(String, String)> {
        let mut all: Vec<_> = pairs(&self.body).collect();
        all.retain(|(name, _)| !name.is_empty() && !name.starts_with(beginning));
        all
    }

    /// The request again, without the fields of this beginning.
    pub(super) fn again(&self, request: Request, beginning: &str) -> Request {
        let kept =
            self.body.split(|byte| *byte == b'&').filter(|pair| !pair.starts_with(beginning.as_bytes()));
        let body = kept.collect::<Vec<_>>().join(&b'&');
        let (mut parts, _) = request.into_parts();
        parts.headers.remove(header::CONTENT_LENGTH);
        Request::from_parts(parts, Body::from(body))
    }

    /// Whether it was sent from a page of this session.
    pub(super) fn is_ours(&self, headers: &HeaderMap, visit: &Visit) -> bool {
        !is_foreign(headers) && holds_token(&self.fields, &visit.who)
    }
}

/// Whether the form carries what every form of this session must carry.
pub(super) fn holds_token(fields: &Fields, who: &SignedIn) -> bool {
    let sent = fields.get("form_token").unwrap_or_default();
    sent.as_bytes().ct_eq(who.session.value.form_token.as_bytes()).into()
}

fn is_form(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
    kind.starts_with("application/x-www-form-urlencoded")
}

/// Whether another site's page sends it, as far as the browser says.
fn is_foreign(headers: &HeaderMap) -> bool {
    let site = headers.get("sec-fetch-site").and_then(|value| value.to_str().ok());
    site.is_some_and(|site| !["same-origin", "none"].contains(&site)) || !from_here(headers)
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
        if !holds_token(&fields, &visit.who) {
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
    if is_foreign(request.headers()) || !is_form(request.headers()) {
        return Err(Trouble::ForeignForm);
    }
    let body = to_bytes(request.into_body(), MAX_BYTES).await.map_err(|_| Trouble::FormTooLarge)?;
    Ok((Fields::read(&body), body.into()))
}

/// Whether the page that sends it, as far as the browser says, is of this host.
fn from_here(headers: &HeaderMap) -> bool {
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

    #[test]
    fn a_form_that_is_held_goes_on_as_it_was_sent() {
        let body = Bytes::from_static(b"form_token=t&amount=1%2C50&note=&box=a&box=b&proof_password=x%26y");
        let held = Held { fields: Fields::read(&body), body };
        assert!(held.has("proof_") && !held.has("other_"));
        let shown = held.without("proof_");
        let shown: Vec<_> = shown.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(
            shown,
            [("form_token", "t"), ("amount", "1,50"), ("note", ""), ("box", "a"), ("box", "b")]
        );
    }
}
