//! `/`: what runs here, and what to type next.

use std::fmt::Write;
use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;

use super::super::{Api, Welcome};
use super::{STILL, escape, html, page};

/// The start page
#[utoipa::path(
    get,
    path = "/",
    operation_id = "start",
    tag = "Pages",
    responses((status = 200, description = "A page.", content_type = "text/html", body = String)),
)]
pub(in crate::api) async fn start(State(api): State<Arc<Api>>) -> Response {
    html(api.pages.start.clone(), STILL)
}

pub(super) fn write(welcome: &Welcome) -> String {
    let mut body = String::from(
        "<h1>VINR</h1>\n\
         <p>This is the Cloud API of a VINR server. It collects in-person card payments on terminals.</p>\n\
         <ul>\n\
         <li><a href=\"/docs\">API explorer</a></li>\n\
         <li><a href=\"/docs/errors\">Errors and decline codes</a></li>\n\
         <li><a href=\"/v1/openapi.json\">OpenAPI document</a></li>\n\
         <li><a href=\"/readyz\">Readiness</a> and <a href=\"/metrics\">metrics</a></li>\n\
         </ul>\n\
         <h2>A first payment</h2>\n",
    );
    let _ = writeln!(body, "<pre><code>{}</code></pre>", escape(&first_command(welcome)));
    let key = match &welcome.dev_key {
        Some(_) => "<p>The key is the development key of this machine. The terminal is simulated.</p>\n",
        None => {
            "<p>Put your own test key in the place of <code>sk_test_…</code>. The terminal is simulated.</p>\n"
        }
    };
    body.push_str(key);
    if let Some(at) = &welcome.terminal_page {
        let _ = writeln!(
            body,
            "<p><a href=\"{}\">The terminal's page</a>: be the cashier and the customer yourself.</p>",
            escape(at)
        );
    }
    page("VINR Cloud API", &body)
}

fn first_command(welcome: &Welcome) -> String {
    let base_url = welcome.base_url.as_deref().unwrap_or("https://YOUR-SERVER");
    let trust = welcome.ca_file.as_deref().map(|file| format!(" --cacert {file}")).unwrap_or_default();
    let key = welcome.dev_key.as_deref().unwrap_or("sk_test_…");
    format!(
        "curl{trust} {base_url}/v1/terminal/payments \\\n  -H 'Authorization: Bearer {key}' \\\n  \
         -d terminalId=term_test_simulator -d amount=4200 -d currency=EUR -d responseMode=sync"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_is_for_this_very_address_and_shows_a_key_only_if_it_is_given_one() {
        let welcome = Welcome {
            base_url: Some("http://127.0.0.1:4000".into()),
            dev_key: Some("sk_test_vinr_dev".into()),
            ca_file: Some("<ca>.pem".into()),
            terminal_page: Some("http://127.0.0.1:4002/".into()),
        };
        let shown = write(&welcome);
        assert!(
            shown.contains("curl --cacert &lt;ca&gt;.pem http://127.0.0.1:4000/v1/terminal/payments"),
            "{shown}"
        );
        assert!(shown.contains("Bearer sk_test_vinr_dev"));
        assert!(shown.contains("<a href=\"http://127.0.0.1:4002/\">"));
        assert!(!write(&Welcome::default()).contains("vinr_dev"));
    }
}
