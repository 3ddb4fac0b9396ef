//! Where the simulated terminals of this process have their screens: a page beside the dashboard, on this machine alone.

use axum::http::Uri;

use super::Dashboard;
use super::visit::Visit;

/// The simulator that every account has one of (contract 1.4).
const RESERVED: &str = "term_test_simulator";

/// The page with all simulated terminals, for whoever looks at test data; `None` where there is none.
pub(super) fn screens(dashboard: &Dashboard, visit: &Visit) -> Option<String> {
    let at = dashboard.services.welcome.terminal_page.as_deref()?;
    let is_test = !visit.who.session.value.livemode;
    (is_test && is_of_this_machine(at)).then(|| at.to_owned())
}

/// The screen of this terminal, if it is simulated here.
pub(super) fn screen_of(dashboard: &Dashboard, visit: &Visit, id: &str) -> Option<String> {
    let scope = &visit.may(crate::access::Grant::TerminalsRead).ok()?.scope;
    let here = id == RESERVED || dashboard.services.applications.fleet.test_terminals.runs(scope, id);
    let all = screens(dashboard, visit).filter(|_| here)?;
    Some(format!("{}#{id}", all.split('#').next().unwrap_or_default()))
}

/// A page of HTTP under a name that nobody's DNS can point elsewhere.
fn is_of_this_machine(at: &str) -> bool {
    let Ok(uri) = at.parse::<Uri>() else { return false };
    let host = uri.host().unwrap_or_default().trim_start_matches('[').trim_end_matches(']');
    let is_loopback = host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback());
    matches!(uri.scheme_str(), Some("http" | "https")) && (host == "localhost" || is_loopback)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_pages_of_this_machine_are_linked_to() {
        for at in ["http://127.0.0.1:4002/", "https://localhost/", "http://[::1]:4002/", "http://127.0.0.2:1"]
        {
            assert!(is_of_this_machine(at), "{at}");
        }
        for at in [
            "",
            "javascript:alert(1)",
            "data:text/html,x",
            "ftp://127.0.0.1/",
            "http://evil.example/",
            "http://localhost.evil.example/",
            "http://10.0.0.1/",
            "//127.0.0.1/",
            "127.0.0.1:4002",
        ] {
            assert!(!is_of_this_machine(at), "{at}");
        }
    }
}
