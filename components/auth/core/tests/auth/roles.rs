//! Roles: who has which, and who gives them.

use crate::support::{Answer, Fixture, PASSWORD, fixture, is_problem};
use axum::http::{Method, StatusCode};
use serde_json::{Value, json};
use std::sync::atomic::Ordering;
use uuid::Uuid;

async fn set(fixture: &Fixture, token: &str, account: Uuid, roles: Value) -> Answer {
    let path = format!("/api/v1/auth/admin/accounts/{account}/roles");
    fixture.act(Method::PUT, token, &path, &json!({ "roles": roles })).await
}

#[tokio::test]
async fn the_first_admin_is_who_verifies_the_address_of_the_deployment() {
    let fixture = fixture().await;
    let other = fixture.verified("ada").await.account.id;
    let root = fixture.register("root").await;
    let roles = |token: String| {
        let fixture = &fixture;
        async move { fixture.me(Some(&format!("Bearer {token}"))).await.body["roles"].clone() }
    };
    assert_eq!(roles(root.tokens.access_token.clone()).await, json!(["user"]), "not before it is verified");
    let body = json!({ "token": fixture.secret("root@example.org").await });
    let verify = "/api/v1/auth/verify-email";
    let answer = fixture.act(Method::POST, &root.tokens.access_token, verify, &body).await;
    assert_eq!(answer.status, StatusCode::NO_CONTENT);
    assert_eq!(roles(root.tokens.access_token.clone()).await, json!(["user", "admin"]));
    let next = fixture.refresh(&root.tokens.refresh_token).await.text("/tokens/accessToken");
    assert!(fixture.verifier.verify(&next).unwrap().has_role("admin"));
    // Another one with that address, later, is the first no more.
    set(&fixture, &next, other, json!(["admin"])).await;
    fixture.db.execute("DELETE FROM accounts WHERE handle = 'root'", []).await.unwrap();
    fixture.clock.advance(std::time::Duration::from_secs(1));
    let again = fixture.verified("root").await;
    assert_eq!(roles(again.tokens.access_token).await, json!(["user"]));
}

#[tokio::test]
async fn admins_give_and_take_roles_and_tokens_follow() {
    let fixture = fixture().await;
    let admin = fixture.verified("root").await;
    let ada = fixture.register("ada").await;
    let session = fixture.session_of(&ada.tokens.access_token);
    let answer =
        set(&fixture, &admin.tokens.access_token, ada.account.id, json!(["moderator", "seller", "seller"])).await;
    assert_eq!((answer.status, &answer.body["roles"]), (StatusCode::OK, &json!(["user", "seller", "moderator"])));
    // What the old token says is true no more, so it is refused everywhere, also once the session has gone on.
    assert!(!fixture.live.is_live(session).await.unwrap());
    let next = fixture.refresh(&ada.tokens.refresh_token).await;
    let (token, refresh) = (next.text("/tokens/accessToken"), next.text("/tokens/refreshToken"));
    assert!(fixture.live.is_live(fixture.session_of(&token)).await.unwrap());
    assert!(fixture.verifier.verify(&token).unwrap().has_role("moderator"));
    assert!(!fixture.live.is_live(session).await.unwrap());
    is_problem(&fixture.me(Some(&format!("Bearer {}", ada.tokens.access_token))).await, StatusCode::UNAUTHORIZED);
    let sessions = fixture.act(Method::GET, &token, "/api/v1/auth/sessions", &Value::Null).await;
    assert_eq!(sessions.body["items"].as_array().unwrap().len(), 1);
    assert_eq!(sessions.body["items"][0]["current"], true);
    assert_eq!(fixture.refresh(&refresh).await.status, StatusCode::OK);
    // A token that was used before the change ends the family all the same.
    fixture.clock.advance(std::time::Duration::from_secs(11));
    is_problem(&fixture.refresh(&ada.tokens.refresh_token).await, StatusCode::UNAUTHORIZED);
    assert!(!fixture.live.is_live(fixture.session_of(&token)).await.unwrap());
    let answer = set(&fixture, &admin.tokens.access_token, ada.account.id, json!([])).await;
    assert_eq!(answer.body["roles"], json!(["user"]));
}

#[tokio::test]
async fn nobody_else_does() {
    let fixture = fixture().await;
    let admin = fixture.verified("root").await;
    let (admin_id, admin, refresh) = (admin.account.id, admin.tokens.access_token, admin.tokens.refresh_token);
    let ada = fixture.register("ada").await;
    let (ada_id, token) = (ada.account.id, ada.tokens.access_token);
    for roles in [json!(["admin"]), json!([])] {
        is_problem(&set(&fixture, &token, ada_id, roles).await, StatusCode::FORBIDDEN);
    }
    let path = format!("/api/v1/auth/admin/accounts/{ada_id}/roles");
    let nobody = fixture.call(Method::PUT, &path, &[], &json!({ "roles": ["admin"] })).await;
    is_problem(&nobody, StatusCode::UNAUTHORIZED);
    is_problem(&set(&fixture, &admin, ada_id, json!(["root"])).await, StatusCode::UNPROCESSABLE_ENTITY);
    is_problem(&set(&fixture, &admin, Uuid::nil(), json!(["admin"])).await, StatusCode::NOT_FOUND);
    is_problem(&set(&fixture, &admin, admin_id, json!(["user"])).await, StatusCode::FORBIDDEN);
    // An admin who was one when the token was signed, and is no more.
    assert_eq!(set(&fixture, &admin, ada_id, json!(["admin"])).await.status, StatusCode::OK);
    let other = fixture.refresh(&ada.tokens.refresh_token).await.text("/tokens/accessToken");
    assert_eq!(set(&fixture, &other, admin_id, json!(["user"])).await.status, StatusCode::OK);
    is_problem(&set(&fixture, &admin, ada_id, json!(["user"])).await, StatusCode::UNAUTHORIZED);
    let admin = fixture.refresh(&refresh).await.text("/tokens/accessToken");
    is_problem(&set(&fixture, &admin, ada_id, json!(["user"])).await, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn tokens_of_api_keys_do_not_outlive_a_change_of_roles() {
    let fixture = fixture().await;
    let admin = fixture.verified("root").await.tokens.access_token;
    let ada = fixture.register("ada").await;
    let body = json!({ "name": "a script", "scopes": ["photos:read"], "password": crate::support::PASSWORD });
    let made = fixture.act(Method::POST, &ada.tokens.access_token, "/api/v1/auth/api-keys", &body).await;
    let (token, _) = fixture.auth.exchange(&made.text("/key")).await.unwrap();
    let id = fixture.session_of(&token);
    assert!(fixture.live.is_live(id).await.unwrap());
    set(&fixture, &admin, ada.account.id, json!(["seller"])).await;
    assert!(!fixture.live.is_live(id).await.unwrap());
    let (token, _) = fixture.auth.exchange(&made.text("/key")).await.unwrap();
    assert!(fixture.verifier.verify(&token).unwrap().has_role("seller"));
}

/// A seller, who is one until something is counted, or a session is made live, for the `after`th time from now.
async fn seller_until(fixture: &Fixture, after: usize, what: impl AsyncFn(&str) -> String) -> String {
    let admin = fixture.verified("root").await.tokens.access_token;
    let ada = fixture.register("ada").await.account.id;
    assert_eq!(set(fixture, &admin, ada, json!(["seller"])).await.status, StatusCode::OK);
    let made = what(&fixture.login("ada", PASSWORD).await.text("/tokens/accessToken")).await;
    let (auth, by) = (fixture.auth.clone(), fixture.verifier.verify(&admin).unwrap());
    let take = Box::pin(async move {
        let by = auth.actor(&by).await.unwrap();
        auth.set_roles(by, ada, &[]).await.map(drop).unwrap();
    });
    *fixture.meddler.work.lock().unwrap() = Some(take);
    fixture.meddler.after.store(after, Ordering::SeqCst);
    made
}

/// That the role was taken away meanwhile, and the token does not have it.
fn has_none(fixture: &Fixture, token: &str) {
    assert!(fixture.meddler.work.lock().unwrap().is_none(), "the role was taken away meanwhile");
    assert!(!fixture.verifier.verify(token).unwrap().has_role("seller"));
}

#[tokio::test]
async fn whoever_logs_in_while_a_role_is_taken_away_does_not_have_it() {
    let fixture = fixture().await;
    // The tries are counted in three windows, after the account is read and before its password is checked.
    seller_until(&fixture, 3, async |_| String::new()).await;
    let login = fixture.login("ada", PASSWORD).await;
    has_none(&fixture, &login.text("/tokens/accessToken"));
    assert_eq!(login.body["account"]["roles"], json!(["user"]));
}

#[tokio::test]
async fn a_key_that_is_used_while_a_role_is_taken_away_does_not_have_it() {
    let fixture = fixture().await;
    let body = json!({ "name": "a script", "scopes": ["photos:read"], "password": PASSWORD });
    let make = async |token: &str| fixture.act(Method::POST, token, "/api/v1/auth/api-keys", &body).await.text("/key");
    let key = seller_until(&fixture, 1, make).await;
    let (token, _) = fixture.auth.exchange(&key).await.unwrap();
    has_none(&fixture, &token);
}

#[tokio::test]
async fn who_registers_the_address_of_the_first_admin_becomes_none_by_its_owner() {
    let fixture = fixture().await;
    let mallory = fixture.register("root").await;
    let other = fixture.register("ada").await.tokens.access_token;
    let verify = "/api/v1/auth/verify-email";
    let roles = || async { fixture.me(Some(&format!("Bearer {}", mallory.tokens.access_token))).await };
    // Its owner reads the mail, logged in as somebody else; or not at all, or no more.
    let body = json!({ "token": fixture.secret("root@example.org").await });
    assert_eq!(fixture.act(Method::POST, &other, verify, &body).await.status, StatusCode::NO_CONTENT);
    assert_eq!(roles().await.body["roles"], json!(["user"]));
    fixture.db.execute("UPDATE accounts SET email_verified = 0", []).await.unwrap();
    fixture.clock.advance(std::time::Duration::from_secs(1));
    fixture.act(Method::POST, &mallory.tokens.access_token, "/api/v1/auth/request-verification", &Value::Null).await;
    let body = json!({ "token": fixture.secret("root@example.org").await });
    assert_eq!(fixture.act(Method::POST, "x", verify, &body).await.status, StatusCode::NO_CONTENT);
    assert_eq!(roles().await.body["roles"], json!(["user"]));
    // Who takes the account over by that mail has it, and is the first admin.
    fixture.clock.advance(std::time::Duration::from_secs(1));
    fixture.auth.request_password_reset("root@example.org").await.unwrap();
    let body = json!({ "token": fixture.secret("root@example.org").await, "password": "new and better words" });
    assert_eq!(fixture.post("/api/v1/auth/reset-password", &body).await.status, StatusCode::OK);
    assert_eq!(roles().await.status, StatusCode::UNAUTHORIZED);
    let login = fixture.login("root", "new and better words").await;
    assert_eq!(login.body["account"]["roles"], json!(["user", "admin"]));
}

#[tokio::test]
async fn an_address_that_is_only_alike_is_not_that_of_the_first_admin() {
    for (named, roles) in [("ROOT@Example.org", json!(["user", "admin"])), ("\u{ff52}oot@example.org", json!(["user"]))]
    {
        let first_admin = Some(auth_core::Email::parse(named).unwrap());
        let fixture = Fixture::with(auth_core::Settings { first_admin, ..crate::support::settings() }).await;
        let root = fixture.verified("root").await.tokens.access_token;
        assert_eq!(fixture.me(Some(&format!("Bearer {root}"))).await.body["roles"], roles, "{named}");
    }
}
