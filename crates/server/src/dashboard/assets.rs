//! What pages load beside themselves: one style sheet, one script, one picture. Part of the binary; nothing comes from elsewhere.

use axum::body::Body;
use axum::extract::Path;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;

/// What is for every page, then one file for each area.
const STYLE: &str = concat!(
    include_str!("../../assets/dashboard/dashboard.css"),
    include_str!("../../assets/dashboard/payments.css"),
    include_str!("../../assets/dashboard/terminal.css"),
    include_str!("../../assets/dashboard/hardware.css"),
    include_str!("../../assets/dashboard/figures.css"),
    include_str!("../../assets/dashboard/signin.css"),
);
const SCRIPT: &str = include_str!("../../assets/dashboard/dashboard.js");
const PAYMENTS_SCRIPT: &str = include_str!("../../assets/dashboard/payments.js");
const PASSKEY: &str = include_str!("../../assets/dashboard/passkey.js");
const ICON: &str = include_str!("../../assets/dashboard/icon.svg");

/// `GET /dashboard/assets/{file}`. Named with the version, so a browser may keep it.
pub(super) async fn asset(Path(file): Path<String>) -> Response {
    let (content_type, text) = match file.as_str() {
        "dashboard.css" => ("text/css; charset=utf-8", STYLE),
        "dashboard.js" => ("text/javascript; charset=utf-8", SCRIPT),
        "payments.js" => ("text/javascript; charset=utf-8", PAYMENTS_SCRIPT),
        "passkey.js" => ("text/javascript; charset=utf-8", PASSKEY),
        "icon.svg" => ("image/svg+xml", ICON),
        _ => {
            let mut response = Response::new(Body::from("There is no such file."));
            *response.status_mut() = StatusCode::NOT_FOUND;
            return response;
        }
    };
    let mut response = Response::new(Body::from(text));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=300"));
    response
}
