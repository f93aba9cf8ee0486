//! Every caller at every route of the services that the native app has, from a table. It is completed by the routes that
//! there are: one that is not in it fails. Auth has such a table of its own, and so has the gateway.
#![allow(clippy::panic, clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::{BTreeMap, BTreeSet};

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use pipeline::{App, Native, TOKENS};
use tower::ServiceExt;
use vitrine_edge::openapi::{private_routes, routes};
use vitrine_identity::{Claims, Signer};

/// Who may come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Door {
    /// Everybody.
    Open,
    /// Everybody who does not pretend: who shows nothing, and whoever the next one lets in.
    Reader(&'static str),
    /// Who is logged in, and programs whose key has this scope.
    User(&'static str),
    /// Who has the secret of this variable.
    Holder(&'static str),
}

const PHOTO: &str = "01931f7a-0000-7000-8000-000000000000";
const UPLOAD_SERVICE: Door = Door::Holder("upload_service_token");
const REPORTER: Door = Door::Holder("upload_report_token");
const WRITER: Door = Door::User("photos:write");
const OPERATOR: Door = Door::Holder("admin_token");

const TABLE: [(&str, &str, &str, Door); 25] = [
    ("image-processor", "POST", "/_events", Door::Holder("image_processor_service_token")),
    ("images", "GET", "/static/image/{photo}/{file}", Door::Open),
    ("relay", "POST", "/_ring", Door::Holder("relay_service_token")),
    ("relay", "GET", "/api/v1/admin/events/metrics", OPERATOR),
    ("relay", "GET", "/api/v1/admin/events/stats", OPERATOR),
    ("relay", "GET", "/api/v1/admin/events/{source}/dead", OPERATOR),
    ("relay", "POST", "/api/v1/admin/events/{source}/replay", OPERATOR),
    ("relay", "POST", "/api/v1/ring", Door::Holder("ring_token")),
    ("upload", "POST", "/_events", UPLOAD_SERVICE),
    ("upload", "POST", "/_outbox/ack", UPLOAD_SERVICE),
    ("upload", "POST", "/_outbox/claim", UPLOAD_SERVICE),
    ("upload", "GET", "/_outbox/dead", UPLOAD_SERVICE),
    ("upload", "POST", "/_outbox/replay", UPLOAD_SERVICE),
    ("upload", "GET", "/_outbox/stats", UPLOAD_SERVICE),
    ("upload", "POST", "/_photos/{id}/attempts", REPORTER),
    ("upload", "DELETE", "/_photos/{id}/attempts/{attempt}", REPORTER),
    ("upload", "PUT", "/_photos/{id}/result", REPORTER),
    ("upload", "PUT", "/_photos/{id}/written", REPORTER),
    ("upload", "GET", "/api/v1/photos", Door::User("photos:read")),
    ("upload", "POST", "/api/v1/photos", WRITER),
    ("upload", "DELETE", "/api/v1/photos/{id}", WRITER),
    ("upload", "GET", "/api/v1/photos/{id}", Door::Reader("photos:read")),
    ("upload", "PATCH", "/api/v1/photos/{id}", WRITER),
    ("upload", "GET", "/api/v1/photos/{id}/original", Door::User("photos:read")),
    ("upload", "POST", "/api/v1/photos/{id}/restore", WRITER),
];

/// The procedures of upload.
const PROCEDURES: [(&str, &str, Door); 7] = [
    ("GET", "byId", Door::Reader("photos:read")),
    ("GET", "mine", Door::User("photos:read")),
    ("GET", "original", Door::User("photos:read")),
    ("POST", "create", WRITER),
    ("POST", "delete", WRITER),
    ("POST", "restore", WRITER),
    ("POST", "update", WRITER),
];

/// Who knocks, and what they show.
fn callers(app: &App) -> BTreeMap<String, Option<String>> {
    let mut callers = BTreeMap::from([("nobody".to_owned(), None), ("garbage".to_owned(), Some("x".to_owned()))]);
    callers.extend(TOKENS.map(|(variable, token)| (variable.to_owned(), Some(token.to_owned()))));
    for role in ["user", "seller", "moderator", "admin"] {
        let claims = Claims { roles: vec![role.to_owned()], ..app.claims() };
        callers.insert(role.to_owned(), Some(app.sign(&claims)));
    }
    for scope in ["account:read", "photos:read", "photos:write"] {
        let claims = Claims { scopes: Some(vec![scope.to_owned()]), roles: vec!["admin".to_owned()], ..app.claims() };
        callers.insert(scope.to_owned(), Some(app.sign(&claims)));
    }
    let claims = app.claims();
    let expired = Claims { iat: claims.iat - 2000, nbf: claims.nbf - 2000, exp: claims.exp - 2000, ..claims.clone() };
    let early = Claims { nbf: claims.nbf + 2000, exp: claims.exp + 2000, ..claims.clone() };
    let other = Claims { aud: "another app".to_owned(), ..claims.clone() };
    let mallory = Signer::from_seed("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA").unwrap();
    let bad = [("expired", app.sign(&expired)), ("not yet valid", app.sign(&early)), ("for another", app.sign(&other))];
    callers.extend(bad.map(|(who, token)| (who.to_owned(), Some(token))));
    callers.insert("signed by another".to_owned(), Some(mallory.sign(&claims)));
    callers
}

fn may(who: &str, door: Door) -> bool {
    match door {
        Door::Open => true,
        Door::Reader(scope) => who == "nobody" || may(who, Door::User(scope)),
        Door::User(scope) => matches!(who, "user" | "seller" | "moderator" | "admin") || who == scope,
        Door::Holder(variable) => who == variable,
    }
}

async fn knock(router: &Router, method: &str, path: &str, token: Option<&str>) -> StatusCode {
    let path = path.replace("{id}", PHOTO).replace("{source}", "upload").replace("{attempt}", "1");
    let path = path.replace("{photo}", PHOTO).replace("{file}", "small.x");
    let media = if path.ends_with("/create") { "application/octet-stream" } else { "application/json" };
    let mut request = Request::builder().method(method).uri(path).header("content-type", media);
    if method == "PATCH" {
        request = request.header("if-match", "*");
    }
    if let Some(token) = token {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    router.clone().oneshot(request.body(Body::from("{}")).unwrap()).await.unwrap().status()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_caller_at_every_route() {
    let app = App::start(Native).await.unwrap();
    let callers = callers(&app);
    let services =
        [("image-processor", &app.worker), ("images", &app.images), ("relay", &app.relay), ("upload", &app.router)];
    let mut there = 0;
    for (service, router) in services {
        let mut all = routes(router.clone()).await;
        all.append(&mut private_routes(router.clone()).await);
        for (method, path) in all {
            let row = TABLE.iter().find(|(known, how, at, _)| (*known, *how, *at) == (service, &method, &path));
            let (.., door) = row.unwrap_or_else(|| panic!("{service}: {method} {path} is not in the table"));
            for (who, token) in &callers {
                let status = knock(router, &method, &path, token.as_deref()).await;
                let refused = matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN);
                assert!(refused != may(who, *door), "{who} at {service}: {method} {path}: {status}");
                assert!(!status.is_server_error(), "{who} at {service}: {method} {path}: {status}");
            }
            there += 1;
        }
    }
    assert_eq!(there, TABLE.len(), "the table has routes that are not there");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_caller_at_every_procedure() {
    let app = App::start(Native).await.unwrap();
    let table: BTreeSet<_> = PROCEDURES.iter().map(|(method, name, _)| (*method, (*name).to_owned())).collect();
    assert_eq!(table, upload_core::every_procedure(), "the table and the procedures");
    for (method, name, door) in PROCEDURES {
        // A query has its input in the address.
        let input = if method == "GET" { format!("?input=%7B%22id%22%3A%22{PHOTO}%22%7D") } else { String::new() };
        let path = format!("/api/upload/{name}{input}");
        for (who, token) in &callers(&app) {
            let status = knock(&app.router, method, &path, token.as_deref()).await;
            let refused = matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN);
            assert!(refused != may(who, door), "{who} at {name}: {status}");
            assert!(!status.is_server_error(), "{who} at {name}: {status}");
        }
    }
}
