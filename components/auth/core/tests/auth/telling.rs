//! What an answer says about who exists: nothing. Each request is made twice, for somebody and for nobody, and both are
//! answered alike, header by header and byte by byte but for their ids, after as much hashing, and leave as many rows.

use crate::support::{Answer, EXCHANGE_TOKEN, Fixture, PASSWORD, settings};
use auth_core::{Hashing, SignedIn};
use axum::http::{Method, StatusCode};
use serde_json::{Value, json};
use std::time::Duration;

/// What an answer tells, and what it took.
type Told = (StatusCode, Vec<(String, String)>, Value, u64);

struct World {
    fixture: Fixture,
    hashing: Hashing,
    ada: SignedIn,
    /// Has a second factor.
    bob: SignedIn,
    /// Is gone.
    eve: SignedIn,
    key: String,
    /// What was mailed to who is gone.
    mailed: String,
}

async fn world() -> World {
    let settings = settings();
    let hashing = settings.hashing.clone();
    let fixture = Fixture::with(settings).await;
    let (ada, bob, eve) = (fixture.verified("ada").await, fixture.register("bob").await, fixture.register("eve").await);
    let body = json!({ "name": "a script", "scopes": ["photos:read"], "password": PASSWORD });
    let token = &ada.tokens.access_token;
    let key = fixture.act(Method::POST, token, "/api/v1/auth/api-keys", &body).await.text("/key");
    let begin = "/api/v1/auth/totp/begin";
    let begun = fixture.act(Method::POST, &bob.tokens.access_token, begin, &json!({ "password": PASSWORD })).await;
    let secret = totp_rs::Secret::try_from_base32(begun.text("/secret")).unwrap();
    let now = vitrine_clock::Clock::now(&fixture.clock).as_seconds();
    let totp = totp_rs::Builder::new().with_secret(secret).build().unwrap();
    let code = json!({ "code": totp.generate(u64::try_from(now).unwrap()).to_string() });
    let confirmed = fixture.act(Method::POST, &bob.tokens.access_token, "/api/v1/auth/totp/confirm", &code).await;
    assert_eq!(confirmed.status, StatusCode::OK);
    let mailed = fixture.secret("eve@example.org").await;
    let gone = json!({ "password": PASSWORD });
    let deleted = fixture.act(Method::POST, &eve.tokens.access_token, "/api/v1/auth/delete-account", &gone).await;
    assert_eq!(deleted.status, StatusCode::NO_CONTENT);
    World { fixture, hashing, ada, bob, eve, key, mailed }
}

impl World {
    async fn told(&self, method: Method, path: &str, token: Option<&str>, body: &Value) -> Told {
        // So that no delay is in force that was earned by another case.
        self.fixture.clock.advance(Duration::from_secs(5 * 60 * 60));
        let before = self.hashing.runs();
        let bearer = token.map(|token| format!("Bearer {token}"));
        let headers: Vec<_> = bearer.iter().map(|bearer| ("authorization", bearer.as_str())).collect();
        let answer = self.fixture.call(method, path, &headers, body).await;
        let runs = self.hashing.runs() - before;
        let Answer { status, headers, mut body } = answer;
        let headers = headers.iter().filter(|(name, _)| *name != "x-request-id");
        let headers = headers.map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned())).collect();
        if let Some(body) = body.as_object_mut() {
            body.remove("instance");
        }
        (status, headers, body, runs)
    }

    async fn posted(&self, path: &str, body: &Value) -> Told {
        self.told(Method::POST, &format!("/api/v1/auth/{path}"), None, body).await
    }

    /// Both surfaces.
    async fn alike(&self, (rest, procedure): (&str, &str), bodies: &[Value], expected: (StatusCode, u64)) {
        for path in [format!("/api/v1/auth/{rest}"), format!("/api/auth/{procedure}")] {
            let mut all = Vec::new();
            for body in bodies {
                all.push(self.told(Method::POST, &path, None, body).await);
            }
            assert!(all.iter().all(|told| *told == all[0]), "{path}: {all:#?}");
            let status = if path.contains("/v1/") { expected.0 } else { all[0].0 };
            assert_eq!((all[0].0, all[0].3), (status, expected.1), "{path}: {:?}", all[0]);
        }
    }
}

fn login(login: &str, password: &str, totp: Option<&str>) -> Value {
    json!({ "login": login, "password": password, "totp": totp })
}

#[tokio::test]
async fn a_login_tells_nothing() {
    let world = world().await;
    for (password, totp) in
        [("not the password", None), ("not the password", Some("123456")), ("short", None), ("a\u{0}bcdefgh", None)]
    {
        let logins = [
            "ada",
            "bob",
            "eve",
            "nobody",
            "ada@example.org",
            "ADA@EXAMPLE.ORG",
            "bob@example.org",
            "eve@example.org",
            "nobody@example.org",
            "no such thing",
            "",
            "@",
        ];
        let bodies: Vec<_> = logins.iter().map(|name| login(name, password, totp)).collect();
        world.alike(("login", "login"), &bodies, (StatusCode::UNAUTHORIZED, 1)).await;
    }
    // Nor that somebody was here once.
    let bodies = [login("eve", PASSWORD, None), login("nobody", PASSWORD, None), login("ada", "other words", None)];
    world.alike(("login", "login"), &bodies, (StatusCode::UNAUTHORIZED, 1)).await;
}

#[tokio::test]
async fn asking_for_another_password_tells_nothing() {
    let world = world().await;
    let addresses = ["ada@example.org", "bob@example.org", "eve@example.org", "nobody@example.org"];
    let bodies: Vec<_> = addresses.iter().map(|email| json!({ "email": email })).collect();
    world.alike(("request-password-reset", "requestPasswordReset"), &bodies, (StatusCode::ACCEPTED, 0)).await;
    // What is written meanwhile is the same too: a request that names an address.
    let mut rows = Vec::new();
    for address in addresses {
        let before = world.fixture.count("SELECT COUNT(*) AS n FROM mails").await;
        world.posted("request-password-reset", &json!({ "email": address })).await;
        rows.push(world.fixture.count("SELECT COUNT(*) AS n FROM mails").await - before);
    }
    assert_eq!(rows, [1; 4]);
    // And so it is beyond the limit.
    let mut last = Vec::new();
    for address in addresses {
        for _ in 0..20 {
            let body = json!({ "email": address });
            last.push(world.fixture.post("/api/v1/auth/request-password-reset", &body).await.status);
        }
    }
    assert!(last.iter().all(|status| *status == StatusCode::ACCEPTED), "{last:?}");
}

#[tokio::test]
async fn a_secret_that_is_none_tells_nothing() {
    let world = world().await;
    let used = world.fixture.secret("ada@example.org").await;
    let tokens = [used.as_str(), &world.mailed, "made up", "", "a\u{0}b"];
    let bodies: Vec<_> = tokens.iter().map(|token| json!({ "token": token })).collect();
    world.alike(("verify-email", "verifyEmail"), &bodies, (StatusCode::UNPROCESSABLE_ENTITY, 0)).await;
    let body = |token: &&str| json!({ "token": token, "password": "new and better words" });
    let bodies: Vec<_> = tokens.iter().map(body).collect();
    world.alike(("reset-password", "resetPassword"), &bodies, (StatusCode::UNPROCESSABLE_ENTITY, 0)).await;
    let (ended, gone) = (&world.bob.tokens.refresh_token, &world.eve.tokens.refresh_token);
    world
        .fixture
        .db
        .execute("UPDATE sessions SET ended_at = 1 WHERE account_id = $1", [world.bob.account.id.into()])
        .await
        .unwrap();
    let bodies: Vec<_> = [ended, gone, "made up", ""].iter().map(|token| json!({ "refreshToken": token })).collect();
    world.alike(("refresh", "refresh"), &bodies, (StatusCode::UNAUTHORIZED, 0)).await;
}

#[tokio::test]
async fn what_is_anothers_is_as_what_is_nobodys() {
    let world = world().await;
    let (token, session) = (&world.bob.tokens.access_token, world.fixture.session_of(&world.ada.tokens.access_token));
    let (key, nil) = (world.key.split('_').nth(1).unwrap().to_owned(), uuid::Uuid::nil().to_string());
    for (kind, known) in [("sessions", session.to_string()), ("api-keys", key)] {
        let mut all = Vec::new();
        for id in [known.as_str(), &nil] {
            all.push(
                world.fixture.act(Method::DELETE, token, &format!("/api/v1/auth/{kind}/{id}"), &Value::Null).await,
            );
        }
        let told = |answer: &Answer| (answer.status, answer.body["detail"].clone(), answer.body["type"].clone());
        assert_eq!(told(&all[0]), told(&all[1]));
        assert_eq!(all[0].status, StatusCode::NOT_FOUND);
    }
    // The gateway is told no more of a key, and neither is who guesses it.
    let (id, _) = world.key.rsplit_once('_').unwrap();
    let unknown = format!("vk_{}_{}", "0".repeat(32), "x".repeat(43));
    let mut all = Vec::new();
    for key in [format!("{id}_{}", "x".repeat(43)), unknown, "vk_".to_owned(), "a\u{0}b".to_owned()] {
        all.push(world.told(Method::POST, "/_token", Some(EXCHANGE_TOKEN), &json!({ "apiKey": key })).await);
    }
    assert!(all.iter().all(|told| *told == all[0]), "{all:#?}");
    assert_eq!(all[0].0, StatusCode::UNAUTHORIZED);
}

/// docs/adr/0009: that it is taken is told, and nothing beside it.
#[tokio::test]
async fn registering_tells_that_an_address_is_taken_and_nothing_else() {
    let world = world().await;
    let body = |email: &str, handle: &str| json!({ "email": email, "handle": handle, "password": PASSWORD });
    // Whose it is, whether it is verified, whether there is a second factor, and whose the handle is.
    let bodies =
        [body("ada@example.org", "carol"), body("bob@example.org", "carol"), body("ADA@example.org", "carol2")];
    world.alike(("register", "register"), &bodies, (StatusCode::CONFLICT, 0)).await;
    let handles = [body("carol@example.org", "ada"), body("carol@example.org", "bob")];
    world.alike(("register", "register"), &handles, (StatusCode::CONFLICT, 0)).await;
    let told = world.posted("register", &body("ada@example.org", "carol")).await.2.to_string();
    assert!(!told.contains("ada") && !told.contains("carol"), "{told}");
    // Who is gone has left nothing.
    assert_eq!(world.posted("register", &body("eve@example.org", "eve")).await.0, StatusCode::CREATED);
}
