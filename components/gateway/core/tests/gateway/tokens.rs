//! Who a request is from, in each form in which it can be shown.

use crate::support::{Deployment, KEY, claims, signer};
use axum::http::Method;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::json;
use std::time::Duration;
use uuid::Uuid;
use vitrine_clock::Clock as _;
use vitrine_identity::{Claims, Signer};

fn cookie(token: &str) -> String {
    format!("other=1; __Host-vitrine_access={token}; __Host-vitrine_refresh=r; more=2")
}

#[tokio::test]
async fn without_a_token_the_service_decides() {
    let gateway = Deployment::new().await.gateway();
    assert_eq!(gateway.get("/api/v1/photos", &[]).await.status, 200);
    assert_eq!(gateway.one().header("authorization"), None);
}

#[tokio::test]
async fn a_good_token_is_passed_on_and_its_answer_is_for_no_cache() {
    let deployment = Deployment::new().await;
    let (gateway, token) = (deployment.gateway(), deployment.token(1).await);
    let header = format!("Bearer {token}");
    let answer = gateway.get("/api/v1/photos", &[("authorization", &header)]).await;
    assert_eq!((answer.status, answer.header("cache-control")), (200, "private, no-store"));
    assert_eq!(gateway.one().header("authorization"), Some(header.as_str()));
    assert_eq!(gateway.get("/api/v1/photos", &[]).await.header("cache-control"), "");
}

#[tokio::test]
async fn a_bad_token_is_refused_and_no_service_sees_it() {
    let deployment = Deployment::new().await;
    let now = deployment.clock.now().as_seconds();
    let good = deployment.token(1).await;
    let (message, signature) = good.rsplit_once('.').unwrap();
    let unsigned = URL_SAFE_NO_PAD.encode(json!({"alg": "none", "kid": signer().public_key().kid()}).to_string());
    let other = Signer::from_seed(&URL_SAFE_NO_PAD.encode([8; 32])).unwrap();
    let claims = claims(now, 1);
    let bad = [
        "x".to_owned(),
        "a.b.c".to_owned(),
        format!("{message}."),
        format!("{message}.{}", signature.chars().rev().collect::<String>()),
        format!("{unsigned}.{}.", message.split_once('.').unwrap().1),
        other.sign(&claims),
        signer().sign(&Claims { exp: now, ..claims.clone() }),
        signer().sign(&Claims { nbf: now + 1, ..claims.clone() }),
        signer().sign(&Claims { aud: "other".to_owned(), ..claims.clone() }),
        signer().sign(&Claims { iss: "other".to_owned(), ..claims.clone() }),
        signer().sign(&Claims { sid: Uuid::from_u128(77), ..claims }),
    ];
    let gateway = deployment.gateway();
    for token in &bad {
        for headers in [("authorization", format!("Bearer {token}")), ("cookie", cookie(token))] {
            let answer = gateway.get("/api/v1/photos", &[(headers.0, &headers.1)]).await;
            assert!(answer.is_problem(401), "{headers:?}: {answer:?}");
            assert_eq!(answer.header("www-authenticate"), r#"Bearer error="invalid_token""#);
        }
    }
    for header in ["Basic YTpi", "Bearer", "", &good, "vk_1_2", "Token x"] {
        assert!(gateway.get("/api/v1/photos", &[("authorization", header)]).await.is_problem(401), "{header}");
    }
    let (one, header) = (("authorization", "Bearer x"), format!("Bearer {good}"));
    for list in [[("authorization", header.as_str()), one], [one, ("authorization", header.as_str())]] {
        assert!(gateway.get("/api/v1/photos", &list).await.is_problem(401), "{list:?}");
    }
    assert!(gateway.came().is_empty());
    assert_eq!(gateway.get("/api/v1/photos", &[("authorization", &header)]).await.status, 200);
}

#[tokio::test]
async fn a_cookie_becomes_the_token_and_goes_nowhere_but_to_auth() {
    let deployment = Deployment::new().await;
    let (gateway, token) = (deployment.gateway(), deployment.token(1).await);
    gateway.get("/api/v1/photos", &[("cookie", &cookie(&token))]).await;
    let came = gateway.one();
    assert_eq!(came.header("authorization"), Some(format!("Bearer {token}").as_str()));
    assert_eq!(came.header("cookie"), None);
    gateway.get("/api/v1/auth/me", &[("cookie", &cookie(&token))]).await;
    let own = format!("__Host-vitrine_access={token}; __Host-vitrine_refresh=r");
    assert_eq!(gateway.one().header("cookie"), Some(own.as_str()));
    // Of two cookies of that name one is not ours.
    let two = format!("{}; __Host-vitrine_access={token}", cookie(&token));
    assert!(gateway.get("/api/v1/photos", &[("cookie", &two)]).await.is_problem(401));
    assert!(gateway.came().is_empty());
}

/// A browser cannot drop a cookie that it may not read, so a stale one must not keep it from logging in again.
#[tokio::test]
async fn a_stale_cookie_is_no_hindrance_at_auth() {
    let gateway = Deployment::new().await.gateway();
    let headers = [("cookie", cookie("stale")), ("sec-fetch-site", "same-origin".to_owned())];
    let headers: Vec<_> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
    assert_eq!(gateway.ask(Method::POST, "/api/v1/auth/login", &headers).await.status, 200);
    assert_eq!(gateway.one().header("authorization"), None);
    assert!(
        gateway.ask(Method::POST, "/api/v1/auth/login", &[("authorization", "Bearer stale")]).await.is_problem(401)
    );
}

#[tokio::test]
async fn an_ended_session_is_refused_within_half_a_second() {
    let deployment = Deployment::new().await;
    let (first, second) = (deployment.gateway(), deployment.gateway());
    let header = format!("Bearer {}", deployment.token(1).await);
    for gateway in [&first, &second] {
        assert_eq!(gateway.get("/api/v1/photos", &[("authorization", &header)]).await.status, 200);
    }
    deployment.sessions.close(Uuid::from_u128(1001)).await.unwrap();
    deployment.advance(Duration::from_millis(500));
    for gateway in [&first, &second] {
        assert!(gateway.get("/api/v1/photos", &[("authorization", &header)]).await.is_problem(401));
        assert!(
            gateway.get("/api/v1/photos", &[("cookie", &cookie(&header["Bearer ".len()..]))]).await.is_problem(401)
        );
    }
}

#[tokio::test]
async fn if_sessions_cannot_be_read_no_token_gets_in() {
    let deployment = Deployment::with_stores(false, true).await;
    let now = deployment.clock.now().as_seconds();
    let (gateway, header) = (deployment.gateway(), format!("Bearer {}", signer().sign(&claims(now, 1))));
    let answer = gateway.get("/api/v1/photos", &[("authorization", &header)]).await;
    assert!(answer.is_problem(503), "{answer:?}");
    assert_eq!(answer.header("retry-after"), "1");
    assert!(gateway.came().is_empty());
    assert_eq!(gateway.get("/api/v1/photos", &[]).await.status, 200);
}

#[tokio::test]
async fn an_api_key_becomes_a_token_and_does_no_more_than_its_scopes() {
    let deployment = Deployment::new().await;
    deployment.open(claims(deployment.clock.now().as_seconds(), 5)).await;
    let (gateway, header) = (deployment.gateway(), format!("Bearer {KEY}"));
    let headers = [("authorization", header.as_str())];
    assert_eq!(gateway.get("/api/v1/photos", &headers).await.status, 200);
    let came = gateway.came();
    let went: Vec<_> = came.iter().map(|came| (came.service, came.target.as_str())).collect();
    assert_eq!(went, [("auth", "/_token"), ("upload", "/api/v1/photos")]);
    let passed = came[1].header("authorization").unwrap();
    assert!(passed.starts_with("Bearer ey") && !format!("{:?}", came[1]).contains(KEY), "{passed}");
    // Asked once a minute.
    assert_eq!(gateway.ask(Method::HEAD, "/api/v1/photos", &headers).await.status, 200);
    assert_eq!(gateway.came().len(), 1);
    deployment.advance(Duration::from_secs(60));
    assert_eq!(gateway.get("/api/v1/photos", &headers).await.status, 200);
    assert_eq!(gateway.came().len(), 2);
    // What the key may not, and where no key leads.
    for (method, path) in
        [(Method::POST, "/api/v1/photos"), (Method::DELETE, "/api/v1/photos/x"), (Method::GET, "/api/v1/auth/me")]
    {
        assert!(gateway.ask(method.clone(), path, &headers).await.is_problem(403), "{method} {path}");
    }
    assert!(gateway.came().is_empty());
    // A key that was revoked has no live session any more.
    deployment.sessions.close(Uuid::from_u128(1005)).await.unwrap();
    deployment.advance(Duration::from_millis(500));
    assert!(gateway.get("/api/v1/photos", &headers).await.is_problem(401));
    // It may have ended for another reason than that, so auth is asked again.
    assert_eq!(gateway.one().target, "/_token");
}

#[tokio::test]
async fn an_unknown_api_key_is_refused_and_guessing_is_slow() {
    let gateway = Deployment::new().await.set("limit_login", "3/60").gateway();
    for n in 0..3 {
        let key = format!("Bearer vk_1_guess{n}");
        assert!(gateway.get("/api/v1/photos", &[("authorization", &key)]).await.is_problem(401));
    }
    assert!(gateway.get("/api/v1/photos", &[("authorization", "Bearer vk_1_guess4")]).await.is_problem(429));
    assert!(gateway.came().iter().all(|came| came.target == "/_token"));
    let long = format!("Bearer vk_{}", "x".repeat(300));
    assert!([401, 429].contains(&gateway.get("/api/v1/photos", &[("authorization", &long)]).await.status));
}

#[tokio::test]
async fn a_secret_of_the_deployment_passes_as_it_is_and_a_cookie_is_none() {
    let deployment = Deployment::new().await;
    let (gateway, token) = (deployment.gateway(), deployment.token(1).await);
    for path in ["/api/v1/ring", "/api/v1/admin/events/stats", "/api/v1/auth/admin/mailbox"] {
        gateway.ask(Method::POST, path, &[("authorization", "Bearer secret-of-the-bell")]).await;
        assert_eq!(gateway.one().header("authorization"), Some("Bearer secret-of-the-bell"));
        gateway.get(path, &[("cookie", &cookie(&token))]).await;
        let came = gateway.one();
        assert_eq!((came.header("authorization"), came.header("cookie")), (None, None));
        assert!(
            gateway.get(path, &[("authorization", "Bearer a"), ("authorization", "Bearer b")]).await.is_problem(401)
        );
    }
}

#[tokio::test]
async fn what_is_for_admins_is_closed_to_others_whatever_the_service_would_say() {
    let deployment = Deployment::new().await;
    let now = deployment.clock.now().as_seconds();
    let (gateway, path) = (deployment.gateway(), "/api/v1/auth/admin/accounts/1/roles");
    let roles = |list: &[&str]| list.iter().map(|role| (*role).to_owned()).collect();
    for (list, expected) in
        [(&["user"][..], 403), (&["user", "seller", "moderator"], 403), (&["user", "admin"], 200), (&[], 403)]
    {
        let token = deployment.open(Claims { roles: roles(list), ..claims(now, 1) }).await;
        let header = format!("Bearer {token}");
        assert_eq!(gateway.get(path, &[("authorization", &header)]).await.status, expected, "{list:?}");
    }
    assert_eq!(gateway.came().len(), 1);
    // Not by an API key of an admin.
    let key = Claims { roles: roles(&["admin"]), scopes: Some(vec!["account:write".to_owned()]), ..claims(now, 1) };
    let header = format!("Bearer {}", deployment.open(key).await);
    assert!(gateway.ask(Method::PUT, path, &[("authorization", &header)]).await.is_problem(403));
    gateway.get("/api/v1/auth/admin/mailbox", &[("authorization", "Bearer secret-of-operators")]).await;
    assert_eq!(gateway.one().header("authorization"), Some("Bearer secret-of-operators"));
}

#[tokio::test]
async fn two_people_through_one_instance_stay_apart() {
    let deployment = Deployment::new().await;
    let gateway = deployment.gateway();
    let headers = [format!("Bearer {}", deployment.token(1).await), format!("Bearer {}", deployment.token(2).await)];
    for n in 0..20 {
        let mine = headers[n % 2].as_str();
        gateway.get("/api/v1/photos", &[("authorization", mine)]).await;
        gateway.get("/api/v1/photos", &[]).await;
        let came = gateway.came();
        assert_eq!((came[0].header("authorization"), came[1].header("authorization")), (Some(mine), None));
    }
}
