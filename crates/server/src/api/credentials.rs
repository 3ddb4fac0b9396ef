//! What the headers of a request say about the caller: the key, and the version it wants to be answered in.
//! Checks nothing against the key ring.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use vinr_wire::rest::version::ApiVersion;

use super::error::Fault;
use crate::access::AccessDenied;

/// The other way to send a key (contract 1.1).
pub(super) const X_API_KEY: HeaderName = HeaderName::from_static("x-api-key");
/// Asks for a version, and says which one was used (contract 1.3).
pub(super) const VINR_VERSION: HeaderName = HeaderName::from_static("vinr-version");

/// The key that was sent, and how.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Sent<'a> {
    /// The text of the key.
    pub(super) key: &'a str,
    /// The version of callers who send it this way and ask for none.
    pub(super) default_version: ApiVersion,
}

/// Finds the one key of the request. Sent both ways it must be the same, and counts as a bearer token.
pub(super) fn key_of(headers: &HeaderMap) -> Result<Sent<'_>, Fault> {
    let bearer = only(headers, &header::AUTHORIZATION)?;
    let plain = only(headers, &X_API_KEY)?;
    match (bearer, plain) {
        (None, None) => Err(Fault::Denied(AccessDenied::Missing)),
        (Some(authorization), None) => {
            Ok(Sent { key: token_of(authorization)?, default_version: ApiVersion::V2026_06_11 })
        }
        (None, Some(key)) => Ok(Sent { key: text(key)?.trim(), default_version: ApiVersion::V2025_05_31 }),
        (Some(authorization), Some(plain)) => {
            let key = token_of(authorization).map_err(|_| Fault::KeysDiffer)?;
            if text(plain)?.trim() != key {
                return Err(Fault::KeysDiffer);
            }
            Ok(Sent { key, default_version: ApiVersion::V2026_06_11 })
        }
    }
}

/// The version to answer in.
pub(super) fn version_of(headers: &HeaderMap, default: ApiVersion) -> Result<ApiVersion, Fault> {
    let Some(asked) = headers.get(VINR_VERSION) else { return Ok(default) };
    asked.to_str().ok().and_then(ApiVersion::parse).ok_or(Fault::UnsupportedVersion)
}

/// The value of a header that may be repeated only with the same value.
fn only<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Result<Option<&'a HeaderValue>, Fault> {
    let mut values = headers.get_all(name).iter();
    let first = values.next();
    if values.any(|value| Some(value) != first) { Err(Fault::KeysDiffer) } else { Ok(first) }
}

/// The token of `Bearer <token>` (RFC 6750 section 2.1); the scheme in either case (RFC 9110 section 11.1).
fn token_of(authorization: &HeaderValue) -> Result<&str, Fault> {
    let (scheme, token) =
        text(authorization)?.split_once(' ').ok_or(Fault::Denied(AccessDenied::Malformed))?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(Fault::Denied(AccessDenied::Malformed));
    }
    Ok(token.trim())
}

fn text(value: &HeaderValue) -> Result<&str, Fault> {
    value.to_str().map_err(|_| Fault::Denied(AccessDenied::Malformed))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
            .collect()
    }

    #[test]
    fn the_header_that_carries_the_key_picks_the_version() {
        for (pairs, version) in [
            (&[("authorization", "Bearer sk_test_a")][..], ApiVersion::V2026_06_11),
            (&[("authorization", "bearer  sk_test_a ")], ApiVersion::V2026_06_11),
            (&[("x-api-key", "sk_test_a")], ApiVersion::V2025_05_31),
            (&[("x-api-key", "sk_test_a"), ("authorization", "Bearer sk_test_a")], ApiVersion::V2026_06_11),
        ] {
            let headers = headers(pairs);
            assert_eq!(key_of(&headers), Ok(Sent { key: "sk_test_a", default_version: version }));
        }
    }

    #[test]
    fn two_different_keys_are_none() {
        for pairs in [
            &[("x-api-key", "sk_test_a"), ("authorization", "Bearer sk_test_b")][..],
            &[("x-api-key", "sk_test_a"), ("x-api-key", "sk_test_b")],
            &[("authorization", "Bearer sk_test_a"), ("authorization", "Bearer sk_test_b")],
            &[("x-api-key", "sk_test_a"), ("authorization", "Basic c2s6")],
        ] {
            assert_eq!(key_of(&headers(pairs)), Err(Fault::KeysDiffer), "{pairs:?}");
        }
    }

    #[test]
    fn no_key_and_no_sense_are_told_apart() {
        assert_eq!(key_of(&headers(&[])), Err(Fault::Denied(AccessDenied::Missing)));
        for value in ["Basic c2s6", "Bearer", "sk_test_a"] {
            let headers = headers(&[("authorization", value)]);
            assert_eq!(key_of(&headers), Err(Fault::Denied(AccessDenied::Malformed)), "{value}");
        }
    }

    #[test]
    fn a_version_is_one_of_the_known_ones() {
        let default = ApiVersion::V2026_06_11;
        assert_eq!(version_of(&headers(&[]), default), Ok(default));
        let asked = headers(&[("vinr-version", "2025-05-31")]);
        assert_eq!(version_of(&asked, default), Ok(ApiVersion::V2025_05_31));
        let asked = headers(&[("vinr-version", "2024-01-01")]);
        assert_eq!(version_of(&asked, default), Err(Fault::UnsupportedVersion));
    }
}
