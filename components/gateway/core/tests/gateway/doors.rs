//! Paths that lead nowhere.

use crate::support::{AUTH_TOKEN, Deployment};
use axum::http::Method;

#[tokio::test]
async fn private_routes_do_not_exist_outside() {
    let deployment = Deployment::new().await;
    let (gateway, user) = (deployment.gateway(), deployment.token(1).await);
    let spellings = [
        "/_events",
        "/_outbox/claim",
        "/_ring",
        "/_token",
        "/_",
        "/_events/",
        "/_events?x=1",
        "//_events",
        "/%5fevents",
        "/%5Fevents",
        "/%255fevents",
        "/./_events",
        "/a/../_events",
        "/api/v1/photos/../../../_events",
        "/api/v1/photos/..%2f..%2f..%2f_events",
        "/%2e/_events",
        "/%2f_events",
        "/%5c_events",
        "/;/_events",
        "/..;/_events",
        "/%20_events",
        "/%2525252525255fevents",
        "/api/v1/photos/%2e%2e/%2e%2e/%2e%2e/_events",
        "/image-processor/_events",
        "/_EVENTS",
        "/%5f%65vents",
    ];
    for credentials in [None, Some(AUTH_TOKEN), Some("wrong"), Some(user.as_str())] {
        let header = credentials.map(|token| format!("Bearer {token}"));
        let headers: Vec<_> = header.iter().map(|value| ("authorization", value.as_str())).collect();
        for method in [Method::GET, Method::POST, Method::HEAD, Method::OPTIONS] {
            for path in spellings {
                let answer = gateway.ask(method.clone(), path, &headers).await;
                assert!([400, 404].contains(&answer.status), "{method} {path}: {answer:?}");
            }
        }
    }
    assert!(gateway.came().is_empty());
}

#[tokio::test]
async fn what_is_no_path_or_no_query_is_a_bad_request() {
    let gateway = Deployment::new().await.gateway();
    for target in [
        "/api/v1/photos/%00",
        "/api/v1/photos/%0a",
        "/api/v1/photos/%",
        "/api/v1/photos/%FF",
        "/api/v1/photos?title=%00",
    ] {
        let answer = gateway.get(target, &[]).await;
        assert!(answer.is_problem(400), "{target}: {answer:?}");
    }
    assert!(gateway.came().is_empty());
}

#[tokio::test]
async fn an_unknown_path_is_a_problem_and_no_service_sees_it() {
    let gateway = Deployment::new().await.gateway();
    for path in ["/", "/nothing", "/api", "/api/v2/auth/me", "/favicon.ico", "//", "/api/v1/authors", "/API/V1/photos"]
    {
        let answer = gateway.get(path, &[]).await;
        assert!(answer.is_problem(404), "{path}: {answer:?}");
    }
    assert!(gateway.came().is_empty());
}
