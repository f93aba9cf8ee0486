//! The routes that a router really has, to be compared with the document.

use axum::{
    Router,
    body::Body,
    http::{Method, Request, header},
};
use std::collections::BTreeSet;
use tower::ServiceExt as _;
use utoipa::openapi::{OpenApi, path::PathItem};

/// A method and a path template, such as `("GET", "/notes/{id}")`.
pub type Route = (String, String);

/// The routes of `router` that are open to clients: those that do not start with `/_`.
pub async fn routes(router: Router) -> BTreeSet<Route> {
    found(router, |path| !path.starts_with("/_")).await
}

/// The routes of `router` that are for services only: those that start with `/_`.
pub async fn private_routes(router: Router) -> BTreeSet<Route> {
    found(router, |path| path.starts_with("/_")).await
}

/// The paths are in the router's `Debug` form, which is the only place where axum gives them out; the methods in what it
/// answers to one that nobody has.
async fn found(router: Router, wanted: impl Fn(&str) -> bool) -> BTreeSet<Route> {
    let debug = format!("{router:?}");
    let quoted: BTreeSet<&str> = debug.split('"').skip(1).step_by(2).collect();
    let is_path = |path: &&str| path.starts_with('/') && !path.contains("__private__") && wanted(path);
    let mut routes = BTreeSet::new();
    for path in quoted.into_iter().filter(is_path) {
        let uri = path.replace(['{', '}'], "x");
        let Ok(request) = Request::builder().method(Method::TRACE).uri(uri).body(Body::empty()) else { continue };
        let Ok(response) = router.clone().oneshot(request).await;
        let allow = response.headers().get(header::ALLOW).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let methods = allow.split(',').map(str::trim).filter(|method| !matches!(*method, "" | "HEAD"));
        routes.extend(methods.map(|method| (method.to_owned(), path.to_owned())));
    }
    routes
}

/// The routes that the document describes.
#[must_use]
pub fn documented(api: &OpenApi) -> BTreeSet<Route> {
    let mut routes = BTreeSet::new();
    for (path, item) in &api.paths.paths {
        routes.extend(methods(item).map(|method| (method.to_owned(), path.clone())));
    }
    routes
}

fn methods(item: &PathItem) -> impl Iterator<Item = &'static str> {
    let operations = [
        ("GET", &item.get),
        ("PUT", &item.put),
        ("POST", &item.post),
        ("DELETE", &item.delete),
        ("OPTIONS", &item.options),
        ("PATCH", &item.patch),
        ("TRACE", &item.trace),
    ];
    operations.into_iter().filter(|(_, operation)| operation.is_some()).map(|(method, _)| method)
}
