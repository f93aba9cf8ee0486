//! What browsers are told, and what they are not let do for another site.

use crate::support::{Answer, Deployment, Gateway};
use axum::http::{Method, header};

const FRIEND: (&str, &str) = ("origin", "https://friend.example");
const EVIL: (&str, &str) = ("origin", "https://friend.example.evil.example");

async fn preflight(gateway: &Gateway, origin: (&str, &str), headers: &str) -> Answer {
    let wanted = [origin, ("access-control-request-method", "DELETE"), ("access-control-request-headers", headers)];
    gateway.ask(Method::OPTIONS, "/api/v1/photos/x", &wanted).await
}

#[tokio::test]
async fn a_preflight_is_answered_here_for_those_who_may() {
    let gateway = Deployment::new().await.gateway();
    let answer =
        preflight(&gateway, FRIEND, "authorization, Content-Type,idempotency-key,x-forwarded-for,cookie").await;
    assert_eq!((answer.status, answer.body.len()), (204, 0));
    assert_eq!(answer.header("access-control-allow-origin"), FRIEND.1);
    assert_eq!(answer.header("access-control-allow-credentials"), "true");
    assert!(answer.header("access-control-allow-methods").contains("DELETE"));
    assert_eq!(answer.header("access-control-allow-headers"), "authorization, content-type, idempotency-key");
    assert_eq!(answer.header("access-control-max-age"), "7200");
    assert!(answer.header("vary").contains("Origin"));
    for other in [EVIL, ("origin", "null"), ("origin", "http://friend.example"), ("origin", "https://FRIEND.example")] {
        let answer = preflight(&gateway, other, "authorization").await;
        assert!(answer.is_problem(403), "{answer:?}");
        assert_eq!(answer.header("access-control-allow-origin"), "");
        assert!(answer.header("vary").contains("Origin"));
    }
    assert!(gateway.came().is_empty());
}

#[tokio::test]
async fn only_those_who_may_can_read_answers() {
    let gateway = Deployment::new().await.gateway();
    for path in ["/api/v1/photos", "/api/v1/photos/talkative", "/nothing", "/_events"] {
        let friend = gateway.get(path, &[FRIEND]).await;
        assert_eq!(friend.header("access-control-allow-origin"), FRIEND.1, "{path}");
        assert_eq!(friend.header("access-control-allow-credentials"), "true");
        assert!(friend.header("access-control-expose-headers").contains("ratelimit"));
        for other in [Some(EVIL), Some(("origin", "null")), None] {
            let answer = gateway.get(path, other.as_slice()).await;
            assert_eq!(answer.header("access-control-allow-origin"), "", "{path}");
            assert!(answer.headers.get_all(header::VARY).iter().any(|value| value == "Origin"), "{path}");
        }
    }
}

#[tokio::test]
async fn every_answer_says_what_a_browser_must_not_do_with_it() {
    let deployment = Deployment::new().await;
    let gateway = deployment.gateway();
    for path in ["/api/v1/photos", "/nothing", "/_events", "/api/v1/photos/%00"] {
        let answer = gateway.get(path, &[]).await;
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
            ("referrer-policy", "no-referrer"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
            ("strict-transport-security", "max-age=63072000"),
        ] {
            assert_eq!(answer.header(name), value, "{path}");
        }
        assert!(answer.header("content-security-policy").contains("frame-ancestors 'none'"), "{path}");
        assert!(answer.header("permissions-policy").contains("camera=()"), "{path}");
    }
    // Where the site itself is not encrypted, a browser must not be told that it is.
    let plain = deployment.set("public_url", "http://127.0.0.1:3000").gateway();
    assert_eq!(plain.get("/api/v1/photos", &[]).await.header("strict-transport-security"), "");
}

#[tokio::test]
async fn another_site_cannot_use_a_visitors_cookies() {
    let deployment = Deployment::new().await;
    let (gateway, token) = (deployment.gateway(), deployment.token(1).await);
    let access = format!("__Host-vitrine_access={token}");
    let refresh = "__Host-vitrine_refresh=r".to_owned();
    for (path, cookie) in [
        ("/api/v1/photos", &access),
        ("/api/v1/auth/refresh", &refresh),
        ("/api/auth/logout", &refresh),
        ("/api/auth/me", &access),
    ] {
        let cookie = ("cookie", cookie.as_str());
        for evil in [
            &[EVIL][..],
            &[("sec-fetch-site", "cross-site")],
            &[("sec-fetch-site", "same-site")],
            &[("origin", "null")],
            &[],
        ] {
            let answer = gateway.ask(Method::POST, path, &[&[cookie][..], evil].concat()).await;
            assert_eq!(answer.status, 403, "{path} {evil:?}: {answer:?}");
        }
        for own in [("sec-fetch-site", "same-origin"), ("origin", "https://own.example"), FRIEND] {
            assert_eq!(gateway.ask(Method::POST, path, &[cookie, own]).await.status, 200, "{path} {own:?}");
        }
    }
    assert_eq!(gateway.came().len(), 12);
    // Nor log him in as somebody else.
    assert!(gateway.ask(Method::POST, "/api/v1/auth/login", &[EVIL]).await.is_problem(403));
    // What is no browser, and what shows a token of its own, needs no vouching.
    assert_eq!(gateway.ask(Method::POST, "/api/v1/auth/login", &[]).await.status, 200);
    let header = format!("Bearer {token}");
    assert_eq!(gateway.ask(Method::POST, "/api/v1/photos", &[("authorization", &header), EVIL]).await.status, 200);
}

#[tokio::test]
async fn nobody_is_led_away() {
    let gateway = Deployment::new().await.gateway();
    for here in ["/api/v1/photos/7", "https://own.example/a?b"] {
        let answer = gateway.ask(Method::POST, &format!("/api/v1/photos/created?{here}"), &[]).await;
        assert_eq!((answer.status, answer.header("location")), (201, here));
    }
    for away in [
        "//evil.example",
        "https://evil.example",
        "https://own.example.evil.example/",
        "javascript:x",
        "https://own.example@evil.example",
    ] {
        let answer = gateway.ask(Method::POST, &format!("/api/v1/photos/created?{away}"), &[]).await;
        assert!(answer.is_problem(502), "{away}: {answer:?}");
        assert_eq!(answer.header("location"), "");
    }
}

#[tokio::test]
async fn a_client_of_trpc_reads_refusals_in_its_own_shape() {
    let gateway = Deployment::new().await.gateway();
    let answer = gateway.get("/api/auth/me", &[("authorization", "Bearer x")]).await;
    assert_eq!((answer.status, answer.header("content-type")), (401, "application/json"));
    let error = answer.json()["error"].clone();
    assert_eq!((error["code"].as_i64(), error["data"]["code"].as_str()), (Some(-32001), Some("UNAUTHORIZED")));
    assert_eq!(error["data"]["httpStatus"], 401);
    assert!(!answer.header("x-request-id").is_empty() && !answer.header("www-authenticate").is_empty());
    assert_eq!(answer.header("cache-control"), "no-store");
    // The streaming link of the client 10 reads nothing but a line for each call.
    let old = [("authorization", "Bearer x"), ("trpc-batch-mode", "stream")];
    let answer = gateway.get("/api/auth/me,sessions?batch=1", &old).await;
    let lines: Vec<&str> = std::str::from_utf8(&answer.body).unwrap().lines().collect();
    assert!(answer.status == 401 && lines.len() == 3 && lines[1].starts_with(r#","1":{"error":{"#), "{answer:?}");
    // What is wrong with the head of a request is told so too.
    let large = "x".repeat(9000);
    for (path, header) in [("/api/auth/me?input=%00", ("x-a", "b")), ("/api/auth/me", ("x-a", large.as_str()))] {
        let answer = gateway.get(path, &[header]).await;
        assert_eq!((answer.status, answer.json()["error"]["data"]["code"].as_str()), (400, Some("BAD_REQUEST")));
    }
}
