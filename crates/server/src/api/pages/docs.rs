//! `/docs`: the API explorer and the files it needs, all from inside this program.

use std::borrow::Cow;
use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, Uri, header};
use axum::response::Response;
use bytes::Bytes;
use utoipa_swagger_ui::Config;

use super::super::Api;
use super::super::error::Fault;
use super::{EXPLORER, answer, html};

/// The explorer's own files, by name, with their media types.
const VENDORED: [(&str, &str); 3] = [
    ("swagger-ui.css", "text/css; charset=utf-8"),
    ("swagger-ui-bundle.js", "text/javascript; charset=utf-8"),
    ("favicon-32x32.png", "image/png"),
];

/// The files that pages load.
pub(in crate::api) struct Assets(Vec<(&'static str, &'static str, Bytes)>);

impl Assets {
    pub(super) fn load() -> Self {
        let own = [
            ("page.css", "text/css; charset=utf-8", include_str!("page.css")),
            ("explorer.js", "text/javascript; charset=utf-8", include_str!("explorer.js")),
        ];
        let own = own.map(|(name, media_type, text)| (name, media_type, Bytes::from_static(text.as_bytes())));
        let config = Arc::new(Config::from("/v1/openapi.json"));
        let vendored = VENDORED.into_iter().filter_map(|(name, media_type)| {
            let file = utoipa_swagger_ui::serve(name, Arc::clone(&config)).ok().flatten()?;
            let bytes = match file.bytes {
                Cow::Borrowed(bytes) => Bytes::from_static(bytes),
                Cow::Owned(bytes) => Bytes::from(bytes),
            };
            Some((name, media_type, bytes))
        });
        Self(own.into_iter().chain(vendored).collect())
    }
}

/// The API explorer
#[utoipa::path(
    get,
    path = "/docs",
    operation_id = "explorer",
    tag = "Pages",
    responses((status = 200, description = "A page.", content_type = "text/html", body = String)),
)]
pub(in crate::api) async fn docs() -> Response {
    html(Bytes::from_static(include_bytes!("explorer.html")), EXPLORER)
}

/// A file that the pages load
#[utoipa::path(
    get,
    path = "/docs/{file}",
    operation_id = "asset",
    tag = "Pages",
    params(("file" = String, Path, description = "Its name.")),
    responses(
        (status = 200, description = "The file.", content(
            (String = "text/css"), (String = "text/javascript"), (String = "image/png")
        )),
        (status = 404, description = "not_found", body = vinr_wire::rest::error::ErrorBody),
    ),
)]
pub(in crate::api) async fn asset(State(api): State<Arc<Api>>, uri: Uri) -> Result<Response, Fault> {
    let name = uri.path().rsplit('/').next().unwrap_or("");
    let mut assets = api.pages.assets.0.iter();
    let (_, media_type, bytes) = assets.find(|(known, ..)| *known == name).ok_or(Fault::NoSuchPath)?;
    let mut response = answer(StatusCode::OK, media_type, bytes.clone());
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=3600"));
    Ok(response)
}
