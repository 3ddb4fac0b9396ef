//! The parts of the OpenAPI document that no single handler owns: title, keys, headers, and the errors that all
//! operations share. The operations describe themselves.

use std::collections::BTreeMap;

use bytes::Bytes;
use serde_json::json;
use utoipa::openapi::content::{Content, ContentBuilder};
use utoipa::openapi::info::{InfoBuilder, LicenseBuilder};
use utoipa::openapi::response::{Response, ResponseBuilder};
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::server::ServerBuilder;
use utoipa::openapi::tag::TagBuilder;
use utoipa::openapi::{ComponentsBuilder, HeaderBuilder, ObjectBuilder, OpenApi, OpenApiBuilder, Ref, RefOr};
use utoipa::openapi::{Required, Schema, Type};
use utoipa::{IntoParams, IntoResponses};
use vinr_wire::rest::error::{ErrorBody, ErrorCode};

mod forms;
mod places;

use super::routes::need_of;

const REQUEST_ID: &str = "X-Request-Id";

/// The document before the operations are added.
pub(super) fn base() -> OpenApi {
    let info = InfoBuilder::new()
        .title("VINR Cloud API")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(
            "Collects in-person card payments on terminals. `Vinr-Version` picks how payments are written: \
             `2026-06-11` (default with `Authorization`) or `2025-05-31` (default with `X-Api-Key`). Every error has \
             one shape and says whether to retry and whether money may have moved.",
        ))
        .license(Some(LicenseBuilder::new().name("Apache-2.0").identifier(Some("Apache-2.0")).build()))
        .build();
    let bearer = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .description(Some("A secret key `sk_…` or a restricted key `rk_…`."))
        .build();
    let operator = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .description(Some("An operator key `ok_…`, of whoever runs this server."))
        .build();
    let device = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .description(Some("The secret `ps_…` of a pairing; opens that pairing and nothing else."))
        .build();
    let header = ApiKeyValue::with_description("X-Api-Key", "The same keys, in a header of their own.");
    let mut components = ComponentsBuilder::new()
        .security_scheme("bearer", SecurityScheme::Http(bearer))
        .security_scheme(super::pairing::SCHEME, SecurityScheme::Http(device))
        .security_scheme("apiKey", SecurityScheme::ApiKey(ApiKey::Header(header)))
        .security_scheme("operator", SecurityScheme::Http(operator))
        .schema_from::<ErrorBody>();
    let mut nested = Vec::new();
    <ErrorBody as utoipa::ToSchema>::schemas(&mut nested);
    for (name, schema) in nested {
        components = components.schema(name, schema);
    }
    let tag = |name: &str, text: &str| TagBuilder::new().name(name).description(Some(text)).build();
    OpenApiBuilder::new()
        .info(info)
        .servers(Some([ServerBuilder::new().url("/").build()]))
        .components(Some(components.build()))
        .tags(Some([
            tag("Terminal payments", "Payments that a card is presented for."),
            tag(
                "Terminals",
                "The devices that collect payments: what they are, where they stand, how they are.",
            ),
            tag("Locations", "Where terminals stand."),
            tag("Account", "The account, its settings, and who changed what."),
            tag("API keys", "Keys of the account: made, shown once, rolled, revoked."),
            tag("Operator", "For whoever runs this server. Operator keys only."),
            tag(
                "Configuration",
                "How terminals behave: what account, location and terminal say, and what holds.",
            ),
            tag("Terminal actions", "What terminals are told to do besides payments."),
            tag("Local network", "Who may speak to terminals in the merchant's network, and as what."),
            tag("Pairing", "For devices without an identity."),
            tag("Webhooks", "Who is told of events, and what became of that."),
            tag("Events", "What happened in the last 30 days, and what happens now."),
            tag("Testing", "What a simulated customer does. Test keys only."),
            tag("Operations", "For whoever runs this server."),
            tag("Pages", "For people."),
        ]))
        .build()
}

/// The document as bytes, the same ones every time.
pub(super) fn to_json(document: &OpenApi) -> Bytes {
    serde_json::to_vec(document).expect("a document of strings and maps always serializes").into()
}

/// Adds to the operations what follows from them.
pub(super) fn complete(document: &mut OpenApi) {
    relax_bodies(document);
    places::describe(document);
    forms::describe(document);
    name_headers(document);
}

/// Marks the bodies that may be left out: those of which every field may.
fn relax_bodies(document: &mut OpenApi) {
    let schemas = document.components.as_ref().map(|components| &components.schemas);
    let may_be_empty = |content: &Content| {
        let Some(RefOr::Ref(schema)) = &content.schema else { return false };
        let name = schema.ref_location.rsplit('/').next().unwrap_or("");
        match schemas.and_then(|schemas| schemas.get(name)) {
            Some(RefOr::T(Schema::Object(object))) => object.required.is_empty(),
            Some(_) | None => false,
        }
    };
    let items = document.paths.paths.values_mut();
    for operation in items.flat_map(|item| [item.post.as_mut(), item.put.as_mut()]).flatten() {
        let Some(RefOr::T(body)) = &mut operation.request_body else { continue };
        let optional = body.content.values().all(|content| match content {
            RefOr::T(content) => may_be_empty(content),
            RefOr::Ref(_) => false,
        });
        body.required = Some(if optional { Required::False } else { Required::True });
    }
}

/// Says on every answer to a request with a key which headers it has.
fn name_headers(document: &mut OpenApi) {
    let header = |kind: Type, text: &str| {
        let schema = ObjectBuilder::new().schema_type(kind);
        HeaderBuilder::new().description(Some(text)).schema(Some(schema)).build()
    };
    let of_all = [
        (REQUEST_ID, header(Type::String, "Names the request in the logs of the server.")),
        ("Vinr-Version", header(Type::String, "How payments are written in this answer.")),
        ("X-RateLimit-Limit", header(Type::Integer, "Requests in a full bucket.")),
        ("X-RateLimit-Remaining", header(Type::Integer, "Requests left in the bucket.")),
        ("X-RateLimit-Reset", header(Type::Integer, "When the bucket is full again, in Unix seconds.")),
    ];
    let replayed =
        header(Type::String, "`true` when this is the answer to an earlier request with the same key.");
    for item in document.paths.paths.values_mut() {
        let methods = [&mut item.get, &mut item.post, &mut item.put, &mut item.patch, &mut item.delete];
        let guarded = methods.into_iter().flatten();
        for operation in guarded.filter(|operation| need_of(operation).is_some()) {
            for (status, response) in &mut operation.responses.responses {
                let RefOr::T(response) = response else { continue };
                let known = status != "401";
                for (name, header) in of_all.iter().filter(|(name, _)| known || *name == REQUEST_ID) {
                    response.headers.insert((*name).to_owned(), header.clone().into());
                }
                if status.starts_with('2') && operation.request_body.is_some() {
                    response.headers.insert("Idempotent-Replayed".to_owned(), replayed.clone().into());
                }
            }
        }
    }
}

/// Headers of requests that change nothing.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "a description for the OpenAPI document; the headers are read elsewhere")]
pub(super) struct ReadingHeaders {
    /// How payments are to be written.
    #[param(rename = "Vinr-Version", required = false, nullable = false, schema_with = version_schema)]
    version: Option<String>,
}

/// Headers of requests that change something.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "a description for the OpenAPI document; the headers are read elsewhere")]
pub(super) struct ChangingHeaders {
    /// How payments are to be written.
    #[param(rename = "Vinr-Version", required = false, nullable = false, schema_with = version_schema)]
    version: Option<String>,
    /// Makes the request repeatable: the same key and body get the first answer again, for 30 days. 1 to 255 printable
    /// ASCII characters.
    #[param(rename = "Idempotency-Key", required = false, nullable = false, schema_with = key_schema)]
    idempotency_key: Option<String>,
}

fn version_schema() -> utoipa::openapi::Schema {
    ObjectBuilder::new().schema_type(Type::String).enum_values(Some(["2026-06-11", "2025-05-31"])).into()
}

fn key_schema() -> utoipa::openapi::Schema {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .min_length(Some(1))
        .max_length(Some(255))
        .pattern(Some("^[!-~]([ -~]*[!-~])?$"))
        .into()
}

type Responses = BTreeMap<String, RefOr<Response>>;

/// What can go wrong with every request that needs a key and changes nothing.
pub(super) struct Reading;
/// The same for one object.
pub(super) struct OneObject;
/// What can go wrong with a request that makes something.
pub(super) struct Changing;
/// The same for one object.
pub(super) struct ChangingOne;

const READING: [u16; 6] = [400, 401, 403, 429, 500, 503];

impl IntoResponses for Reading {
    fn responses() -> Responses {
        errors(&READING, &[])
    }
}

impl IntoResponses for OneObject {
    fn responses() -> Responses {
        errors(&READING, &[404])
    }
}

impl IntoResponses for Changing {
    fn responses() -> Responses {
        errors(&READING, &[409, 413, 415])
    }
}

impl IntoResponses for ChangingOne {
    fn responses() -> Responses {
        errors(&READING, &[404, 409, 413, 415, 422])
    }
}

pub(super) fn errors(some: &[u16], more: &[u16]) -> Responses {
    some.iter().chain(more).map(|status| (status.to_string(), error(*status).into())).collect()
}

/// The answer with this status, listing the codes that go with it.
fn error(status: u16) -> Response {
    let codes: Vec<&str> =
        ErrorCode::ALL.iter().filter(|code| code.status() == status).map(|code| code.as_str()).collect();
    let body = ErrorBody::new(example_of(status), "What is wrong, for people.", vinr_domain::RequestId(0));
    let example = serde_json::to_value(&body).unwrap_or_else(|_| json!({}));
    let content =
        ContentBuilder::new().schema(Some(Ref::from_schema_name("ErrorBody"))).example(Some(example)).build();
    let text = |description: &str| {
        HeaderBuilder::new()
            .description(Some(description))
            .schema(Some(ObjectBuilder::new().schema_type(Type::String)))
            .build()
    };
    let response = ResponseBuilder::new().description(codes.join(", ")).content("application/json", content);
    match status {
        401 => response.header("WWW-Authenticate", text("`Bearer`.")),
        429 => response.header("Retry-After", text("After how many seconds to send it again.")),
        _ => response,
    }
    .build()
}

fn example_of(status: u16) -> ErrorCode {
    let mut with_status = ErrorCode::ALL.iter().filter(|code| code.status() == status);
    with_status.next().copied().unwrap_or(ErrorCode::InternalError)
}
