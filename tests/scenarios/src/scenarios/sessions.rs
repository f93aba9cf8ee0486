//! Sessions: going on, ending, and what proves them.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use futures::future::join_all;
use reqwest::{Method, header::SET_COOKIE};
use serde_json::{Value, json};

use crate::client::{Answer, Fetch as _, list_at, text_at};
use crate::token;
use crate::user::{PASSWORD, unique};
use crate::world::World;

const SESSIONS: &str = "/api/v1/auth/sessions";

/// Somebody new, as the app answers it.
async fn registered(world: &World, name: &str) -> Result<Value> {
    let handle = unique(name);
    let body = json!({"email": format!("{handle}@example.com"), "handle": handle, "password": PASSWORD});
    world.client.post("/api/v1/auth/register").json(&body).fetch().await?.expect(201)?.json()
}

async fn refresh(world: &World, token: &str) -> Result<Answer> {
    world.client.post("/api/v1/auth/refresh").json(&json!({"refreshToken": token})).fetch().await
}

/// The session of an access token.
fn session(access: &str) -> Result<String> {
    Ok(text_at(&token::claims(access)?, "/sid")?.to_owned())
}

pub(super) async fn a_refresh_gives_the_next_tokens_of_a_session(world: World) -> Result<()> {
    let begun = registered(&world, "ida").await?;
    let first = text_at(&begun, "/tokens/refreshToken")?;
    let next = refresh(&world, first).await?.expect(200)?.json()?;
    let (access, second) = (text_at(&next, "/tokens/accessToken")?, text_at(&next, "/tokens/refreshToken")?);
    ensure!(first != second, "the refresh token does not rotate");
    ensure!(session(access)? == session(text_at(&begun, "/tokens/accessToken")?)?, "another session: {next}");
    world.client.get("/api/v1/auth/me").bearer_auth(access).fetch().await?.expect(200)?;
    // An honest retry gets one sibling, and no more.
    refresh(&world, first).await?.expect(200)?;
    refresh(&world, first).await?.problem(401)?;
    refresh(&world, second).await?.expect(200)?;
    refresh(&world, "made up").await?.problem(401)?;
    Ok(())
}

pub(super) async fn a_session_that_is_revoked_is_refused(world: World) -> Result<()> {
    let user = world.register("jo").await?;
    let body = json!({"login": user.handle, "password": PASSWORD});
    let other = world.client.post("/api/v1/auth/login").json(&body).fetch().await?.expect(200)?.json()?;
    let access = text_at(&other, "/tokens/accessToken")?;
    let sessions = user.get(SESSIONS).fetch().await?.expect(200)?.json()?;
    ensure!(list_at(&sessions, "/items")?.len() == 2, "{sessions}");
    let path = format!("{SESSIONS}/{}", session(access)?);
    let stranger = world.register("kim").await?;
    world.client.request(Method::DELETE, &path).bearer_auth(&stranger.token).fetch().await?.problem(404)?;
    world.client.request(Method::DELETE, &path).bearer_auth(&user.token).fetch().await?.expect(204)?;
    world.client.get(SESSIONS).bearer_auth(access).fetch().await?.problem(401)?;
    refresh(&world, text_at(&other, "/tokens/refreshToken")?).await?.problem(401)?;
    user.get(SESSIONS).fetch().await?.expect(200)?;
    Ok(())
}

pub(super) async fn a_hundred_refreshes_at_once_leave_the_session_alive(world: World) -> Result<()> {
    refreshed_at_once(&[world]).await
}

/// Presents one refresh token a hundred times at once, in turn at each of `worlds`, which are the same app: its successor is given
/// for it and at most one sibling, and the session lives on.
///
/// # Errors
/// When that is not so.
pub async fn refreshed_at_once(worlds: &[World]) -> Result<()> {
    let world = worlds.first().context("an app")?;
    let begun = registered(world, "lea").await?;
    let first = text_at(&begun, "/tokens/refreshToken")?;
    let answers = join_all(worlds.iter().cycle().take(100).map(|world| refresh(world, first))).await;
    let mut given = BTreeSet::new();
    for answer in answers {
        let answer = answer?;
        if answer.status == 200 {
            given.insert(text_at(&answer.json()?, "/tokens/refreshToken")?.to_owned());
        } else {
            // Under that load a database may say that it is busy.
            ensure!(answer.status == 401 || answer.status == 503, "{}: {}", answer.status, answer.text());
        }
    }
    ensure!((1..=2).contains(&given.len()), "{} were given", given.len());
    let mut last = given.pop_last().context("a token")?;
    for world in worlds {
        let next = refresh(world, &last).await?.expect(200)?.json()?;
        let access = text_at(&next, "/tokens/accessToken")?;
        for world in worlds {
            world.client.get(SESSIONS).bearer_auth(access).fetch().await?.expect(200)?;
        }
        text_at(&next, "/tokens/refreshToken")?.clone_into(&mut last);
    }
    Ok(())
}

pub(super) async fn a_browser_gets_cookies_that_no_script_reads(world: World) -> Result<()> {
    let user = world.register("max").await?;
    let body = json!({"login": user.handle, "password": PASSWORD, "cookies": true});
    let answer = world.client.post("/api/v1/auth/login").json(&body).fetch().await?.expect(200)?;
    ensure!(answer.json()?.pointer("/tokens/accessToken").is_none(), "a script reads the token: {}", answer.text());
    let cookies: Vec<&str> = answer.headers.get_all(SET_COOKIE).iter().filter_map(|it| it.to_str().ok()).collect();
    for name in ["__Host-vitrine_access=", "__Host-vitrine_refresh="] {
        let cookie = cookies.iter().find(|cookie| cookie.starts_with(name)).with_context(|| format!("no {name}"))?;
        for part in ["HttpOnly", "Secure", "Path=/", "SameSite="] {
            ensure!(cookie.contains(part), "{name} without {part}");
        }
    }
    Ok(())
}

pub(super) async fn tokens_are_signed_by_a_key_that_is_published(world: World) -> Result<()> {
    let user = world.register("nia").await?;
    let header = token::header(&user.token)?;
    let keys = world.client.get("/.well-known/jwks.json").fetch().await?.expect(200)?.json()?;
    let kid = text_at(&header, "/kid")?;
    let key = list_at(&keys, "/keys")?.iter().find(|key| key.get("kid").and_then(Value::as_str) == Some(kid));
    let key = key.with_context(|| format!("no key {kid} in {keys}"))?;
    ensure!(text_at(key, "/kty")? == "OKP" && text_at(key, "/crv")? == "Ed25519", "{key}");
    ensure!(key.get("d").is_none(), "the private half is published");
    Ok(())
}

pub(super) async fn an_api_key_becomes_a_token_of_its_scopes(world: World) -> Result<()> {
    let user = world.register("ola").await?;
    let body = json!({"name": "a script", "scopes": ["photos:read"], "password": PASSWORD});
    let create = world.client.post("/api/v1/auth/api-keys").bearer_auth(&user.token).json(&body);
    let made = create.fetch().await?.expect(201)?.json()?;
    ensure!(text_at(&made, "/key")?.starts_with("vk_"), "{made}");
    let list = user.get("/api/v1/auth/api-keys").fetch().await?.expect(200)?;
    ensure!(!list.text().contains(text_at(&made, "/key")?), "the key is shown twice");
    let path = format!("/api/v1/auth/api-keys/{}", text_at(&made, "/apiKey/id")?);
    world.client.request(Method::DELETE, &path).bearer_auth(&user.token).fetch().await?.expect(204)?;
    world.client.request(Method::DELETE, &path).bearer_auth(&user.token).fetch().await?.problem(404)?;
    Ok(())
}

pub(super) async fn a_deleted_account_takes_its_photos_along(world: World) -> Result<()> {
    let user = world.register("pat").await?;
    let photo = user.processed(crate::picture::jpeg(&crate::picture::quarters(640, 480))?).await?;
    let url = text_at(&photo, "/renditions/0/url")?.to_owned();
    user.fetch_url(&url).await?.expect(200)?;
    let delete = |password: &str| {
        let body = json!({"password": password});
        world.client.post("/api/v1/auth/delete-account").bearer_auth(&user.token).json(&body)
    };
    delete("not the password").fetch().await?.problem(403)?;
    delete(PASSWORD).fetch().await?.expect(204)?;
    user.get("/api/v1/auth/me").fetch().await?.problem(401)?;
    user.get("/api/v1/photos").fetch().await?.problem(401)?;
    // The event goes to the service that has the photo, and from there to the worker that wrote this.
    let deleted = Instant::now();
    while user.fetch_url(&url).await?.status != 404 {
        ensure!(deleted.elapsed() < Duration::from_secs(30), "{url} is still served");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let body = json!({"login": user.handle, "password": PASSWORD});
    world.client.post("/api/v1/auth/login").json(&body).fetch().await?.problem(401)?;
    Ok(())
}
