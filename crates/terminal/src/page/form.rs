//! What a form sends (`application/x-www-form-urlencoded`), within its bounds, wiped when it is dropped: a PIN may be
//! among it. Understands no field.

use std::time::Duration;

use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use percent_encoding::percent_decode;
use zeroize::Zeroizing;

/// The longest form, in bytes; the longest of ours is a tenth of it.
const MAX_BYTES: usize = 8 * 1024;
/// The most fields.
const MAX_FIELDS: usize = 32;
/// How long a form may take to arrive.
const ARRIVES: Duration = Duration::from_secs(10);

/// The fields of a form.
pub(super) struct Form(Vec<(String, Zeroizing<String>)>);

/// There is no form to be had: too long, too slow, broken, or not text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NoForm;

impl Form {
    pub(super) async fn read(body: &mut Incoming) -> Result<Self, NoForm> {
        let bytes = tokio::time::timeout(ARRIVES, collect(body)).await.map_err(|_late| NoForm)??;
        Self::parse(&bytes)
    }

    fn parse(bytes: &[u8]) -> Result<Self, NoForm> {
        let mut fields = Vec::new();
        for pair in bytes.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()) {
            if fields.len() == MAX_FIELDS {
                return Err(NoForm);
            }
            let (name, value) = match pair.iter().position(|byte| *byte == b'=') {
                Some(at) => (&pair[..at], &pair[at + 1..]),
                None => (pair, &pair[..0]),
            };
            fields.push((decoded(name)?, Zeroizing::new(decoded(value)?)));
        }
        Ok(Self(fields))
    }

    /// A field's text, trimmed; empty when there is none of that name.
    pub(super) fn text(&self, name: &str) -> &str {
        self.0.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value.trim())
    }
}

/// The value of one name in a query.
pub(super) fn of_query(query: &str, name: &str) -> Option<String> {
    let form = Form::parse(query.as_bytes()).ok()?;
    Some(form.text(name).to_owned()).filter(|text| !text.is_empty())
}

fn decoded(bytes: &[u8]) -> Result<String, NoForm> {
    let spaced = Zeroizing::new(
        bytes.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect::<Vec<u8>>(),
    );
    String::from_utf8(percent_decode(&spaced).collect()).map_err(|_not_text| NoForm)
}

async fn collect(body: &mut Incoming) -> Result<Zeroizing<Vec<u8>>, NoForm> {
    // All at once, so that growing leaves no copy behind.
    let mut read = Zeroizing::new(Vec::with_capacity(MAX_BYTES));
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(|_broken| NoForm)?.into_data() else { continue };
        if read.len() + data.len() > MAX_BYTES {
            return Err(NoForm);
        }
        read.extend_from_slice(&data);
    }
    Ok(read)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_decoded_and_the_rest_is_refused() {
        let form = Form::parse(b"a=1+2%26&b=%C3%A9&b=second&c&=x").unwrap();
        assert_eq!((form.text("a"), form.text("b"), form.text("c"), form.text("d")), ("1 2&", "é", "", ""));
        assert!(Form::parse(b"a=%FF").is_err());
        assert!(Form::parse("a&".repeat(MAX_FIELDS + 1).as_bytes()).is_err());
        assert_eq!(of_query("lang=de&notice=", "notice"), None);
        assert_eq!(of_query("lang=de", "lang").as_deref(), Some("de"));
    }
}
