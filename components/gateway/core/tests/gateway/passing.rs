//! What passes, and what does not, of requests that are let in.

use crate::support::{Deployment, PEER};
use axum::{
    body::Body,
    http::{Method, Request, header},
};
use bytes::Bytes;
use futures::stream;
use http_body_util::BodyExt as _;
use tokio::sync::mpsc;

#[tokio::test]
async fn each_path_leads_to_its_service_as_it_was_written() {
    let gateway = Deployment::new().await.gateway();
    for (service, target) in [
        ("auth", "/api/v1/auth/me"),
        ("auth", "/api/auth/me?batch=1&input=%7B%220%22%3A1%7D"),
        ("auth", "/.well-known/jwks.json"),
        ("upload", "/api/v1/photos"),
        ("upload", "/api/v1/photos/?title=na%C3%AFve%20%2F..%2F+x&&=%"),
        ("upload", "/api/v1/photos/a:b;c=d/%41?"),
        ("relay", "/api/v1/ring"),
        ("relay", "/api/v1/admin/events/stats"),
    ] {
        let answer = gateway.get(target, &[]).await;
        assert_eq!((answer.status, answer.json()["service"].as_str()), (200, Some(service)), "{target}");
        assert_eq!(gateway.one().target, target);
    }
}

#[tokio::test]
async fn methods_and_bodies_pass_and_others_do_not() {
    let gateway = Deployment::new().await.gateway();
    for method in [Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
        let answer =
            gateway.ask_with(method.clone(), "/api/v1/photos/x", &[("content-length", "7")], "picture".into()).await;
        assert_eq!((answer.status, answer.json()["bytes"].as_u64()), (200, Some(7)), "{method}");
        let came = gateway.one();
        assert_eq!((came.method.clone(), came.header("content-length")), (method, Some("7")));
    }
    let head = gateway.ask(Method::HEAD, "/api/v1/photos", &[]).await;
    assert_eq!((head.status, head.body.len()), (200, 0));
    assert!(head.header("content-length").parse::<u64>().unwrap() > 0);
    assert_eq!(gateway.one().method, Method::HEAD);
    assert_eq!(gateway.ask(Method::OPTIONS, "/api/v1/photos", &[]).await.status, 200);
    assert_eq!(gateway.one().method, Method::OPTIONS);
    for method in ["TRACE", "CONNECT", "PROPFIND", "get"] {
        let answer = gateway.ask(method.parse().unwrap(), "/api/v1/photos", &[]).await;
        assert!(answer.is_problem(405), "{method}: {answer:?}");
        assert!(answer.header("allow").contains("PATCH"));
    }
    assert!(gateway.came().is_empty());
}

#[tokio::test]
async fn answers_without_content_pass_as_they_are() {
    let gateway = Deployment::new().await.gateway();
    let nothing = gateway.get("/api/v1/photos/nothing", &[]).await;
    assert_eq!((nothing.status, nothing.body.len(), nothing.header("content-length")), (204, 0, ""));
    let known = gateway.get("/api/v1/photos/known", &[("if-none-match", "\"v1\"")]).await;
    assert_eq!((known.status, known.body.len(), known.header("etag")), (304, 0, "\"v1\""));
    assert_eq!(gateway.came()[1].header("if-none-match"), Some("\"v1\""));
}

#[tokio::test]
async fn no_header_is_left_by_which_somebody_could_be_another() {
    let gateway = Deployment::new().await.gateway();
    let forged = [
        "x-user",
        "x-user-id",
        "x-account-id",
        "x-auth-request-user",
        "x-remote-user",
        "remote-user",
        "x-roles",
        "x-vitrine-account",
        "x-forwarded-for",
        "x-forwarded-host",
        "x-forwarded-proto",
        "x-forwarded-prefix",
        "x-original-url",
        "x-rewrite-url",
        "x-real-ip",
        "x-client-ip",
        "true-client-ip",
        "cf-connecting-ip",
        "forwarded",
        "via",
        "x-http-method-override",
        "x-method-override",
        "spin-client-addr",
        "spin-path-info",
        "spin-full-url",
        "spin-path-match-x",
        "x-amzn-oidc-identity",
        "client-cert",
        "any-name-at-all",
        "proxy-authorization",
        "proxy-connection",
        "keep-alive",
        "te",
        "trailer",
        "upgrade",
        "http2-settings",
        "expect",
        "cookie",
        "origin",
        "referer",
        "sec-fetch-site",
    ];
    for name in forged {
        let value = if name == "sec-fetch-site" { "same-origin" } else { "10.9.9.9:1" };
        gateway.get("/api/v1/photos", &[(name, value)]).await;
        let came = gateway.one();
        let passed = came.header(name).unwrap_or_default();
        // The gateway's own word about where a request comes from is not the client's.
        assert!(passed.is_empty() || (name == "x-forwarded-for" && PEER.starts_with(passed)), "{name}: {passed}");
        assert_eq!(came.header("x-forwarded-for"), PEER.split(':').next());
    }
    gateway
        .get(
            "/api/v1/photos",
            &[("connection", "range, x"), ("range", "bytes=0-1"), ("accept", "a/b"), ("accept", "c/d")],
        )
        .await;
    let came = gateway.one();
    assert_eq!((came.header("range"), came.headers.get_all("accept").iter().count()), (None, 2));
}

#[tokio::test]
async fn a_request_has_one_id_all_the_way() {
    let gateway = Deployment::new().await.gateway();
    let taken = gateway.get("/api/v1/photos", &[("x-request-id", "mine-1")]).await;
    assert_eq!((taken.header("x-request-id"), gateway.one().header("x-request-id")), ("mine-1", Some("mine-1")));
    for bad in ["", "a b", "a\"b", &"x".repeat(65)] {
        let made = gateway.get("/api/v1/photos", &[("x-request-id", bad)]).await;
        assert_eq!(made.header("x-request-id").len(), 36);
        assert_eq!(gateway.one().header("x-request-id"), Some(made.header("x-request-id")));
    }
}

#[tokio::test]
async fn bodies_stream_both_ways_at_the_same_time() {
    let gateway = Deployment::new().await.gateway();
    let (sender, receiver) = mpsc::channel::<Result<Bytes, std::io::Error>>(1);
    let pieces = stream::unfold(receiver, |mut receiver| async move { Some((receiver.recv().await?, receiver)) });
    let request = Request::post("/api/v1/photos/echo").body(Body::from_stream(pieces)).unwrap();
    let mut answer = gateway.send(request).await.into_body();
    // Each piece is through before the next one exists.
    for piece in ["one", "two", "three"] {
        sender.send(Ok(Bytes::from(piece))).await.unwrap();
        assert_eq!(answer.frame().await.unwrap().unwrap().into_data().unwrap(), piece);
    }
    drop(sender);
    assert!(answer.frame().await.is_none());
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_not_taken_for_a_whole_one() {
    let gateway = Deployment::new().await.gateway();
    let request = Request::get("/api/v1/photos/broken").body(Body::empty()).unwrap();
    assert!(gateway.send(request).await.into_body().collect().await.is_err());
}

#[tokio::test]
async fn a_service_that_is_slow_or_away_is_told_from_one_that_answers() {
    let deployment = Deployment::new().await;
    assert!(deployment.gateway().get("/api/v1/photos/never", &[]).await.is_problem(504));
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let gateway = deployment.set("upload_url", &format!("http://127.0.0.1:{port}")).gateway();
    let answer = gateway.get("/api/v1/photos", &[]).await;
    assert!(answer.is_problem(502), "{answer:?}");
    assert!(!answer.json()["detail"].to_string().contains(&port.to_string()), "{answer:?}");
    assert_eq!(gateway.get("/api/v1/auth/me", &[]).await.status, 200);
}

#[tokio::test]
async fn what_a_service_says_about_itself_stays_inside() {
    let gateway = Deployment::new().await.gateway();
    let answer = gateway.get("/api/v1/photos/talkative", &[]).await;
    for hidden in
        ["server", "x-powered-by", "set-cookie", "access-control-allow-origin", "connection", "x-private", "refresh"]
    {
        assert_eq!(answer.header(hidden), "", "{hidden}");
    }
    assert_eq!((answer.header("x-public"), answer.header("etag")), ("1", "\"v7\""));
    assert_eq!(
        (answer.header("cache-control"), answer.header("content-security-policy")),
        ("max-age=60", "default-src 'self'")
    );
    let varies: Vec<_> = answer.headers.get_all(header::VARY).iter().collect();
    assert_eq!(varies, ["Accept", "Origin"]);
    // Auth alone sets cookies.
    assert!(
        gateway.get("/api/v1/auth/talkative", &[]).await.header("set-cookie").starts_with("__Host-vitrine_access=")
    );
}

/// The streaming link of the client 10 of tRPC asks for its form by this one.
#[tokio::test]
async fn what_clients_of_trpc_ask_by_passes() {
    let gateway = Deployment::new().await.gateway();
    for (name, value) in [("trpc-batch-mode", "stream"), ("trpc-accept", "application/jsonl"), ("x-trpc-source", "web")]
    {
        gateway.get("/api/auth/me?batch=1", &[(name, value)]).await;
        assert_eq!(gateway.one().header(name), Some(value));
    }
}
