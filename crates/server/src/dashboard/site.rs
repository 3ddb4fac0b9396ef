//! By which name the dashboard was opened: passkeys are made for a name and are shown to no other. The browser checks it too,
//! and signs it; a name that somebody makes up in a request fits no signature.

use std::net::IpAddr;

use axum::http::{HeaderMap, header};

use crate::people::Site;

/// The site of the request; `None` when it was opened by a bare address, for which no browser has passkeys.
pub(super) fn site_of(headers: &HeaderMap) -> Option<Site> {
    let authority = headers.get(header::HOST)?.to_str().ok()?.to_ascii_lowercase();
    let host = authority.rsplit_once(':').map_or(authority.as_str(), |(host, _)| host);
    let plain = host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-.".contains(&byte));
    if host.is_empty() || !plain || host.parse::<IpAddr>().is_ok() {
        return None;
    }
    let mut origins = vec![format!("https://{authority}")];
    // Nobody else's page can be there, so browsers trust it without TLS.
    if host == "localhost" || host.ends_with(".localhost") {
        origins.push(format!("http://{authority}"));
    }
    Some(Site { host: host.into(), origins })
}

/// Where the dashboard is for somebody else: as the operator says, or on this machine by the name that it was opened with.
pub(super) fn base_of(configured: &str, headers: &HeaderMap) -> String {
    let here = site_of(headers).filter(|_| configured.starts_with("http://127.0.0.1:"));
    let named = here.and_then(|site| site.origins.into_iter().find(|origin| origin.starts_with("http://")));
    named.unwrap_or_else(|| configured.to_owned())
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn of(host: &'static str) -> Option<(String, usize)> {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, HeaderValue::from_static(host));
        site_of(&headers).map(|site| (site.host.to_string(), site.origins.len()))
    }

    #[test]
    fn passkeys_are_for_names_and_over_tls_but_on_this_machine() {
        assert_eq!(of("Pay.Shop.example"), Some(("pay.shop.example".into(), 1)));
        assert_eq!(of("localhost:8420"), Some(("localhost".into(), 2)));
        assert_eq!(
            [of("127.0.0.1:8420"), of("[::1]:8420"), of("10.0.0.7"), of(""), of("a b")],
            [None, None, None, None, None]
        );
    }

    #[test]
    fn a_link_leads_to_the_name_only_on_this_machine() {
        let based = |host: &'static str, configured: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::HOST, HeaderValue::from_static(host));
            base_of(configured, &headers)
        };
        assert_eq!(based("localhost:8420", "http://127.0.0.1:8420"), "http://localhost:8420");
        assert_eq!(based("127.0.0.1:8420", "http://127.0.0.1:8420"), "http://127.0.0.1:8420");
        assert_eq!(based("evil.example", "http://127.0.0.1:8420"), "http://127.0.0.1:8420");
        assert_eq!(based("localhost:8420", "https://pay.shop.example"), "https://pay.shop.example");
    }
}
