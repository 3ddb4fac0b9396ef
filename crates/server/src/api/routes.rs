//! Which operations exist and what each needs, read from the OpenAPI document: what is documented is what is enforced.

use std::collections::HashMap;

use axum::http::{HeaderValue, Method};
use utoipa::openapi::OpenApi;
use utoipa::openapi::path::{Operation, PathItem};

use super::measure::Measure;
use crate::access::Grant;

/// The extension of an operation that names the scope it needs. Operations without it are open to everybody.
pub(super) const SCOPE: &str = "x-vinr-scope";

/// The word for [`Need::Operator`] where other operations name a grant.
pub(super) const OPERATOR: &str = "operator";

/// What a key must be to open an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Need {
    /// A merchant's, with this grant.
    Grant(Grant),
    /// An operator's.
    Operator,
}

/// One method of one path.
pub(super) struct Endpoint {
    /// The method.
    pub(super) method: Method,
    /// What the caller's key must be; `None`: no key is asked for.
    pub(super) needs: Option<Need>,
    /// Its figures.
    pub(super) measure: Measure,
}

/// One path with everything it knows.
pub(super) struct Path {
    /// The template, `/v1/terminal/payments/{id}`.
    pub(super) template: String,
    /// The value of `Allow`.
    pub(super) allow: HeaderValue,
    endpoints: Vec<Endpoint>,
    refusals: Measure,
}

impl Path {
    /// The operation for the method. `HEAD` is `GET` without the body (RFC 9110 section 9.3.2).
    pub(super) fn endpoint(&self, method: &Method) -> Option<&Endpoint> {
        let method = if *method == Method::HEAD { &Method::GET } else { method };
        self.endpoints.iter().find(|endpoint| endpoint.method == *method)
    }

    /// The figures of requests with a method that the path does not know.
    pub(super) fn refusals(&self) -> &Measure {
        &self.refusals
    }
}

/// Every path.
pub(super) struct RouteTable {
    paths: HashMap<String, Path>,
    unmatched: Measure,
}

impl RouteTable {
    pub(super) fn of(document: &OpenApi) -> Self {
        let paths = document.paths.paths.iter();
        let paths = paths.map(|(template, item)| (template.clone(), path_of(template, item))).collect();
        Self { paths, unmatched: Measure::new("unmatched", "other") }
    }

    /// The path with this template.
    pub(super) fn path(&self, template: &str) -> Option<&Path> {
        self.paths.get(template)
    }

    /// The figures of requests to paths that do not exist.
    pub(super) fn unmatched(&self) -> &Measure {
        &self.unmatched
    }
}

fn path_of(template: &str, item: &PathItem) -> Path {
    let endpoints: Vec<Endpoint> = operations(item)
        .map(|(method, operation)| Endpoint {
            needs: need_of(operation),
            measure: Measure::new(template, method.as_str()),
            method,
        })
        .collect();
    let mut allow: Vec<&str> = endpoints.iter().map(|endpoint| endpoint.method.as_str()).collect();
    if allow.contains(&"GET") {
        allow.push("HEAD");
    }
    let allow = HeaderValue::from_str(&allow.join(", ")).unwrap_or(HeaderValue::from_static(""));
    Path { template: template.to_owned(), allow, endpoints, refusals: Measure::new(template, "other") }
}

/// The operations of a path, in a fixed order.
pub(super) fn operations(item: &PathItem) -> impl Iterator<Item = (Method, &Operation)> {
    let all = [
        (Method::GET, &item.get),
        (Method::POST, &item.post),
        (Method::PUT, &item.put),
        (Method::PATCH, &item.patch),
        (Method::DELETE, &item.delete),
    ];
    all.into_iter().filter_map(|(method, operation)| Some((method, operation.as_ref()?)))
}

/// The key that the operation needs.
///
/// # Panics
/// When the document names a scope that does not exist: the server must not start with a hole in its fence.
pub(super) fn need_of(operation: &Operation) -> Option<Need> {
    let named = operation.extensions.as_ref()?.get(SCOPE)?.as_str();
    if named == Some(OPERATOR) {
        return Some(Need::Operator);
    }
    Some(Need::Grant(named.and_then(Grant::parse).expect("every scope in the document is one of the grants")))
}
