//! How often one may ask, in an app whose limits are low.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::cell::Cell;

use reqwest::RequestBuilder;
use serde_json::json;
use vitrine_scenarios::client::{Answer, Client, Fetch as _};
use vitrine_scenarios::harness::{Deployment, Runtime};

async fn from(client: &str, request: RequestBuilder) -> Answer {
    request.header("x-forwarded-for", client).fetch().await.unwrap()
}

/// How many of so many get another answer than 429, and the last answer.
async fn passed(client: &str, count: usize, request: impl Fn() -> RequestBuilder) -> (usize, Answer) {
    let mut passed = 0;
    let mut last = from(client, request()).await;
    for n in 0..count {
        passed += usize::from(last.status != 429);
        if n + 1 < count {
            last = from(client, request()).await;
        }
    }
    (passed, last)
}

#[tokio::test]
async fn who_asks_too_often_is_told_to_wait_and_others_are_not() {
    let mut deployment = Deployment::product(Runtime::from_env().unwrap()).unwrap();
    deployment.set("limit_address", "20/3600");
    deployment.set("limit_login", "5/3600");
    deployment.set("limit_registration", "3/3600");
    deployment.set("trusted_proxies", "127.0.0.0/8");
    let running = deployment.start().unwrap();
    let client = Client::new(&running.base()).unwrap();

    // Each at another account, since auth slows down who guesses at one.
    let number = Cell::new(0);
    let attempt = || {
        number.set(number.get() + 1);
        let login = json!({"login": format!("nobody{}", number.get()), "password": "wrong wrong wrong"});
        client.post("/api/v1/auth/login").json(&login)
    };
    let (count, last) = passed("198.51.100.1", 8, &attempt).await;
    assert_eq!(count, 5, "{last:?}\n{}", running.log());
    let wait: u64 = last.header("retry-after").parse().unwrap();
    assert!((1..=7200).contains(&wait), "{wait}");
    assert!(last.header("ratelimit-policy").contains("\"login\";q=5;w=3600"), "{last:?}");
    assert!(last.header("ratelimit").contains("\"login\";r=0;"), "{last:?}");
    last.problem(429).unwrap();
    // He may do other things, and others may log in.
    from("198.51.100.1", client.get("/api/v1/auth/me")).await.expect(401).unwrap();
    from("198.51.100.2", attempt()).await.expect(401).unwrap();

    // Addresses cannot be tried out by registering with them.
    let attempt = || {
        number.set(number.get() + 1);
        let name = format!("somebody{}", number.get());
        let body = json!({"email": format!("{name}@example.org"), "handle": name, "password": "wrong wrong wrong"});
        client.post("/api/v1/auth/register").json(&body)
    };
    let (count, last) = passed("198.51.100.5", 5, &attempt).await;
    assert_eq!(count, 3, "{last:?}");
    assert!(last.header("ratelimit-policy").contains("\"registration\";q=3;w=3600"), "{last:?}");
    last.problem(429).unwrap();
    from("198.51.100.6", attempt()).await.expect(201).unwrap();

    let (count, last) = passed("198.51.100.3", 30, || client.get("/api/v1/auth/me")).await;
    assert_eq!(count, 20, "{last:?}");
    last.problem(429).unwrap();
    // What stands left of the address that the proxy adds is the client's own invention.
    from("192.0.2.1, 198.51.100.3", client.get("/api/v1/auth/me")).await.problem(429).unwrap();
    from("198.51.100.4", client.get("/api/v1/auth/me")).await.expect(401).unwrap();
}
