//! How often one may ask.

use crate::support::{Deployment, Gateway, KEY, claims};
use axum::http::Method;
use std::time::Duration;
use vitrine_clock::Clock as _;

const LOGIN: &str = "/api/v1/auth/login";

async fn statuses(gateway: &Gateway, count: usize, headers: &[(&str, &str)]) -> Vec<u16> {
    let mut statuses = Vec::new();
    for _ in 0..count {
        statuses.push(gateway.get("/api/v1/photos", headers).await.status);
    }
    statuses
}

#[tokio::test]
async fn an_address_gets_what_it_may_and_is_told_how_it_stands() {
    let gateway = Deployment::new().await.set("limit_address", "3/60").gateway();
    let first = gateway.get("/api/v1/photos", &[]).await;
    assert_eq!(first.header("ratelimit-policy"), "\"address\";q=3;w=60");
    assert_eq!(first.header("ratelimit"), "\"address\";r=2;t=60");
    assert_eq!(statuses(&gateway, 2, &[]).await, [200, 200]);
    let refused = gateway.get("/api/v1/photos", &[]).await;
    assert!(refused.is_problem(429), "{refused:?}");
    // Three of the window before weigh less than three as soon as it has passed by a third.
    assert_eq!((refused.header("retry-after"), refused.header("ratelimit")), ("61", "\"address\";r=0;t=60"));
    assert_eq!(gateway.came().len(), 3);
    // Whatever he claims, and wherever he knocks.
    for claim in ["x-forwarded-for", "forwarded", "x-real-ip", "spin-client-addr", "cf-connecting-ip"] {
        assert_eq!(gateway.get("/api/v1/auth/me", &[(claim, "198.51.100.7:1")]).await.status, 429, "{claim}");
    }
    // Others are not kept out by him.
    assert_eq!(gateway.get("/api/v1/photos", &[("test-peer", "203.0.113.6:1")]).await.status, 200);
    assert_eq!(gateway.get("/api/v1/photos", &[("test-peer", "[2001:db8::1]:1")]).await.status, 200);
}

#[tokio::test]
async fn behind_a_trusted_proxy_the_clients_are_told_apart() {
    let deployment = Deployment::new().await.set("limit_address", "2/60").set("trusted_proxies", "203.0.113.0/24");
    let gateway = deployment.gateway();
    for client in ["198.51.100.1", "198.51.100.2"] {
        assert_eq!(statuses(&gateway, 3, &[("x-forwarded-for", client)]).await, [200, 200, 429], "{client}");
    }
    // What stands left of the client's address is his own invention.
    for n in 0..3 {
        let forged = format!("192.0.2.{n}, 198.51.100.1");
        assert_eq!(gateway.get("/api/v1/photos", &[("x-forwarded-for", &forged)]).await.status, 429);
    }
}

#[tokio::test]
async fn the_time_it_says_is_enough_and_no_more_than_needed() {
    for (quota, used) in [("3/60", 3), ("5/10", 5), ("40/20", 40)] {
        let deployment = Deployment::new().await.set("limit_address", quota);
        let gateway = deployment.gateway();
        deployment.advance(Duration::from_millis(3_700));
        assert!(statuses(&gateway, used, &[]).await.iter().all(|status| *status == 200));
        let refused = gateway.get("/api/v1/photos", &[]).await;
        let after: u64 = refused.header("retry-after").parse().unwrap();
        deployment.advance(Duration::from_secs(after - 1));
        assert_eq!(gateway.get("/api/v1/photos", &[]).await.status, 429, "{quota}: {after}");
        deployment.advance(Duration::from_secs(1));
        assert_eq!(gateway.get("/api/v1/photos", &[]).await.status, 200, "{quota}: {after}");
    }
}

#[tokio::test]
async fn no_window_of_that_length_lets_through_twice_as_much() {
    let deployment = Deployment::new().await.set("limit_address", "10/10");
    let gateway = deployment.gateway();
    deployment.advance(Duration::from_secs(9));
    assert_eq!(statuses(&gateway, 11, &[]).await.iter().filter(|status| **status == 200).count(), 10);
    deployment.advance(Duration::from_secs(2));
    // A tenth of the window before has passed out of sight.
    assert_eq!(statuses(&gateway, 5, &[]).await, [200, 429, 429, 429, 429]);
    deployment.advance(Duration::from_secs(30));
    assert_eq!(statuses(&gateway, 11, &[]).await.iter().filter(|status| **status == 200).count(), 10);
}

#[tokio::test]
async fn an_account_is_counted_over_all_its_addresses() {
    let deployment = Deployment::new().await.set("limit_account", "2/60");
    let gateway = deployment.gateway();
    let mine = format!("Bearer {}", deployment.token(1).await);
    for (peer, expected) in [("203.0.113.6:1", 200), ("203.0.113.7:1", 200), ("203.0.113.8:1", 429)] {
        let answer = gateway.get("/api/v1/photos", &[("authorization", &mine), ("test-peer", peer)]).await;
        assert_eq!(answer.status, expected, "{peer}");
        assert!(answer.header("ratelimit-policy").contains("\"account\";q=2;w=60"));
    }
    let other = format!("Bearer {}", deployment.token(2).await);
    assert_eq!(gateway.get("/api/v1/photos", &[("authorization", &other)]).await.status, 200);
    assert_eq!(gateway.get("/api/v1/photos", &[]).await.status, 200);
}

#[tokio::test]
async fn attempts_to_log_in_are_counted_more_strictly() {
    let deployment = Deployment::new().await.set("limit_address", "100/60").set("limit_login", "3/60");
    let gateway = deployment.gateway();
    for expected in [200, 200, 200, 429, 429] {
        assert_eq!(gateway.ask(Method::POST, LOGIN, &[]).await.status, expected);
    }
    assert_eq!(gateway.get("/api/v1/auth/me", &[]).await.status, 200);
    assert_eq!(gateway.ask(Method::POST, "/api/v1/auth/refresh", &[]).await.status, 200);
    // A batch makes as many attempts as it holds, and refusals come in the shape that its client reads.
    let fresh = [("test-peer", "203.0.113.77:1")];
    let batch = gateway.ask(Method::POST, "/api/auth/login,login,lo%67in%2Clogin?batch=1", &fresh).await;
    assert_eq!(batch.status, 429);
    assert_eq!(batch.json()["error"]["data"]["code"], "TOO_MANY_REQUESTS");
    assert_eq!(batch.json()["error"]["code"], -32029);
    assert_eq!(gateway.ask(Method::POST, "/api/auth/me,me,me,me,me?batch=1", &fresh).await.status, 200);
}

#[tokio::test]
async fn accounts_are_asked_for_less_often_still() {
    let deployment = Deployment::new().await.set("limit_login", "30/300").set("limit_registration", "3/3600");
    let (gateway, other) = (deployment.gateway(), deployment.gateway());
    let rest = "/api/v1/auth/register";
    for (gateway, path, expected) in
        [(&gateway, rest, 200), (&other, "/api/auth/register", 200), (&gateway, "/api/v1/auth/%72egister", 200)]
    {
        assert_eq!(gateway.ask(Method::POST, path, &[]).await.status, expected, "{path}");
    }
    let came = gateway.came().len();
    let refused = gateway.ask(Method::POST, rest, &[]).await;
    assert!(refused.is_problem(429), "{refused:?}");
    assert!(refused.header("ratelimit-policy").contains("\"registration\";q=3;w=3600"), "{refused:?}");
    assert_eq!(other.ask(Method::POST, "/api/auth/register,register", &[]).await.status, 429);
    assert_eq!((came, gateway.came().len()), (3, 0), "no service is asked");
    // He may log in all the same, and others may register.
    assert_eq!(gateway.ask(Method::POST, LOGIN, &[]).await.status, 200);
    assert_eq!(gateway.ask(Method::POST, rest, &[("test-peer", "203.0.113.8:1")]).await.status, 200);
    // It gets better with time, and not before.
    deployment.advance(Duration::from_secs(3000));
    assert_eq!(gateway.ask(Method::POST, rest, &[]).await.status, 429);
    deployment.advance(Duration::from_secs(4200));
    assert_eq!(gateway.ask(Method::POST, rest, &[]).await.status, 200);
}

#[tokio::test]
async fn all_instances_count_together() {
    let deployment = Deployment::new().await.set("limit_login", "6/60").set("limit_address", "200/60");
    let gateways = [deployment.gateway(), deployment.gateway(), deployment.gateway()];
    let mut passed = 0;
    for n in 0..30 {
        passed += usize::from(gateways[n % 3].ask(Method::POST, LOGIN, &[]).await.status == 200);
    }
    assert_eq!(passed, 6);
    let peer = [("test-peer", "203.0.113.9:1")];
    let mut passed = 0;
    for n in 0..600 {
        passed += usize::from(gateways[n % 3].get("/api/v1/photos", &peer).await.status == 200);
    }
    // Each may let through a twentieth that it has not written yet.
    assert!((200..=230).contains(&passed), "{passed}");
}

#[tokio::test]
async fn many_at_once_get_no_more() {
    let deployment = Deployment::new().await.set("limit_login", "5/60");
    let gateways = [deployment.gateway(), deployment.gateway()];
    let all = futures::future::join_all((0..60).map(|n| gateways[n % 2].ask(Method::POST, LOGIN, &[]))).await;
    assert_eq!(all.iter().filter(|answer| answer.status == 200).count(), 5);
}

#[tokio::test]
async fn without_the_store_each_instance_counts_for_itself() {
    let deployment = Deployment::with_stores(true, false).await.set("limit_address", "3/60");
    for gateway in [deployment.gateway(), deployment.gateway()] {
        assert_eq!(statuses(&gateway, 5, &[]).await, [200, 200, 200, 429, 429]);
    }
}

#[tokio::test]
async fn no_limit_is_told_where_there_is_none() {
    let answer = Deployment::new().await.gateway().get("/api/v1/photos", &[]).await;
    assert_eq!((answer.status, answer.header("ratelimit"), answer.header("ratelimit-policy")), (200, "", ""));
}

#[tokio::test]
async fn a_batch_of_hundreds_uses_nothing_up() {
    let gateway = Deployment::new().await.set("limit_login", "10/60").gateway();
    for comma in [",", "%2C", "%2c"] {
        let path = format!("/api/auth/login{}?batch=1", format!("{comma}login").repeat(499));
        let answer = gateway.ask(Method::POST, &path, &[]).await;
        assert_eq!((answer.status, answer.json()["error"]["data"]["code"].as_str()), (400, Some("BAD_REQUEST")));
        let eleven = format!("/api/auth/me{}?batch=1", format!("{comma}me").repeat(10));
        assert_eq!(gateway.get(&eleven, &[]).await.status, 400);
    }
    assert!(gateway.came().is_empty());
    let ten = format!("/api/auth/login{}?batch=1", ",login".repeat(9));
    assert_eq!(gateway.ask(Method::POST, &ten, &[]).await.status, 200);
    assert_eq!(gateway.ask(Method::POST, LOGIN, &[]).await.status, 429);
}

#[tokio::test]
async fn a_program_with_a_good_key_keeps_nobody_from_logging_in() {
    let deployment = Deployment::new().await.set("limit_login", "3/600");
    let gateways = [deployment.gateway(), deployment.gateway()];
    let (key, wrong) = (format!("Bearer {KEY}"), "Bearer vk_1_guess");
    for n in 0..6 {
        deployment.open(claims(deployment.clock.now().as_seconds(), 5)).await;
        let answer = gateways[n % 2].get("/api/v1/photos", &[("authorization", &key)]).await;
        assert_eq!((answer.status, answer.header("ratelimit-policy")), (200, ""), "{n}");
        deployment.advance(Duration::from_secs(60));
    }
    // Guesses are counted, over all instances.
    for n in 0..3 {
        let answer = gateways[n % 2].get("/api/v1/photos", &[("authorization", wrong)]).await;
        assert_eq!((answer.status, answer.header("ratelimit-policy")), (401, "\"login\";q=3;w=600"), "{n}");
    }
    for gateway in &gateways {
        assert_eq!(gateway.ask(Method::POST, LOGIN, &[]).await.status, 429);
    }
}
