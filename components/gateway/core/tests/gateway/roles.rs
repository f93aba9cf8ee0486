//! Every caller at every route of the gateway, from a table; a route that is not in it fails. What the services behind it
//! decide has tables of their own.

use crate::support::{AUTH_TOKEN, Deployment, KEY, claims, signer};
use axum::http::Method;
use gateway_core::ROUTES;
use std::time::Duration;
use uuid::Uuid;
use vitrine_clock::Clock as _;
use vitrine_identity::{Claims, Signer};

/// Who is let through to the service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Door {
    /// Whoever does not pretend: nobody, and who is logged in. No key.
    People,
    /// The same, and programs with a key that has this scope to read, or that to change.
    Keys(&'static str, &'static str),
    /// Admins, and nobody: the service asks who that is.
    Admins,
    /// All: what they show is for the service to know.
    Opaque,
}

const TABLE: [(&str, Door); 9] = [
    ("/.well-known/jwks.json", Door::People),
    ("/api/auth", Door::Keys("account:read", "account:write")),
    ("/api/upload", Door::Keys("photos:read", "photos:write")),
    ("/api/v1/admin/events", Door::Opaque),
    ("/api/v1/auth", Door::Keys("account:read", "account:write")),
    ("/api/v1/auth/admin", Door::Admins),
    ("/api/v1/auth/admin/mailbox", Door::Opaque),
    ("/api/v1/photos", Door::Keys("photos:read", "photos:write")),
    ("/api/v1/ring", Door::Opaque),
];

const SCOPES: [&str; 4] = ["account:read", "account:write", "photos:read", "photos:write"];

/// Who knocks, and what they show.
async fn callers(deployment: &Deployment) -> Vec<(String, Option<String>)> {
    let now = deployment.clock.now().as_seconds();
    let mut callers = vec![("nobody".to_owned(), None)];
    let mut add = |who: &str, shown: String| callers.push((who.to_owned(), Some(shown)));
    add("garbage", "x".to_owned());
    add("a service", AUTH_TOKEN.to_owned());
    add("an API key that is none", "vk_1_wrong".to_owned());
    // What auth makes of it belongs to this account.
    deployment.open(claims(now, 5)).await;
    add("an API key for photos:read", KEY.to_owned());
    for role in ["user", "seller", "moderator", "admin"] {
        add(role, deployment.open(Claims { roles: vec![role.to_owned()], ..claims(now, 1) }).await);
    }
    for scope in SCOPES {
        let (roles, scopes) = (vec!["admin".to_owned()], Some(vec![scope.to_owned()]));
        add(scope, deployment.open(Claims { roles, scopes, ..claims(now, 2) }).await);
    }
    let admin = Claims { roles: vec!["admin".to_owned()], ..claims(now, 3) };
    deployment.open(admin.clone()).await;
    let moved = |by: i64| Claims { iat: now + by, nbf: now + by, exp: now + by + 900, ..admin.clone() };
    add("expired", signer().sign(&moved(-1000)));
    add("not yet valid", signer().sign(&moved(1000)));
    add("for another", signer().sign(&Claims { aud: "another app".to_owned(), ..admin.clone() }));
    let mallory = Signer::from_seed("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA").unwrap();
    add("signed by another", mallory.sign(&admin));
    // Of a session that has ended, such as one that had not shown the second factor when that was set up.
    add("ended", signer().sign(&Claims { sid: Uuid::from_u128(77), ..admin }));
    callers
}

fn may(who: &str, door: Door, reads: bool) -> bool {
    let person = matches!(who, "nobody" | "user" | "seller" | "moderator" | "admin");
    match door {
        Door::Opaque => true,
        Door::People => person,
        Door::Admins => matches!(who, "nobody" | "admin"),
        Door::Keys(read, write) => {
            let scope = who.strip_prefix("an API key for ").unwrap_or(who);
            person || scope == if reads { read } else { write }
        }
    }
}

#[tokio::test]
async fn every_caller_at_every_route() {
    let deployment = Deployment::new().await;
    let gateway = deployment.gateway();
    let callers = callers(&deployment).await;
    for route in ROUTES {
        let row = TABLE.iter().find(|(prefix, _)| *prefix == route.prefix);
        let (_, door) = row.unwrap_or_else(|| panic!("{} is not in the table", route.prefix));
        for method in [Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
            for (who, shown) in &callers {
                deployment.advance(Duration::from_millis(1));
                let bearer = shown.as_ref().map(|shown| format!("Bearer {shown}"));
                let headers: Vec<_> = bearer.iter().map(|bearer| ("authorization", bearer.as_str())).collect();
                let status = gateway.ask(method.clone(), &format!("{}/any", route.prefix), &headers).await.status;
                let came = gateway.came().iter().filter(|came| came.target.starts_with(route.prefix)).count();
                let told = format!("{who}: {method} {}: {status}, {came} came", route.prefix);
                let let_in = may(who, *door, method.is_safe());
                assert_eq!((let_in, came), (status == 200, usize::from(let_in)), "{told}");
                assert!(let_in || matches!(status, 401 | 403), "{told}");
            }
        }
    }
    assert_eq!(ROUTES.len(), TABLE.len(), "the table has routes that are not there");
}
