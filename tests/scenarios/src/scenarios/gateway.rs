//! What the one guarded door lets through, and how.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use bytes::Bytes;
use futures::stream;
use reqwest::header::VARY;
use reqwest::{Body, Method};
use serde_json::json;
use tokio::sync::oneshot;

use crate::client::{Answer, Fetch as _, text_at};
use crate::harness::FRIEND;
use crate::picture::{jpeg, quarters};
use crate::raw;
use crate::user::{PASSWORD, unique};
use crate::world::World;

const EVIL: &str = "https://friend.example.evil.example";

/// Byte by byte, since a client of HTTP would tidy the path up.
pub(super) async fn no_spelling_of_a_private_path_gets_through(world: World) -> Result<()> {
    let token = world.secrets.as_ref().map_or("x", |secrets| secrets.upload_service_token.as_str());
    for path in [
        "/_events",
        "//_events",
        "/./_events",
        "/../_events",
        "/%5fevents",
        "/%5Fevents",
        "/%255fevents",
        "/%2f_events",
        "/%5c_events",
        "/\\_events",
        "/;/_events",
        "/..;/_events",
        "/_events/",
        "/_events?x",
        "/%2e/_events",
        "/x/../_events",
        "/%20_events",
        "/api/v1/photos/../../../_events",
        "/api/v1/photos/..%2f..%2f..%2f_outbox/claim",
        "/api/v1/photos/%2e%2e/%2e%2e/%2e%2e/_events",
        "/static/image/../../_events",
        "/static/image/%2e%2e/%2e%2e/_events",
        "/_token",
        "/_EVENTS",
        "/%00_events",
        "/_photos/x/attempts",
    ] {
        let request = format!(
            "POST {path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\ncontent-type: application/json\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{{}}"
        );
        let answer = raw::exchange(world.client.base(), request.as_bytes()).await?;
        ensure!(answer.is_refused(&[400, 404, 405]), "{path}: {answer:?}");
        ensure!(!answer.text.contains("\"batches\"") && !answer.text.contains("accessToken"), "{path}: {answer:?}");
    }
    Ok(())
}

pub(super) async fn a_claim_in_a_header_makes_nobody_another(world: World) -> Result<()> {
    let (ada, bob) = (world.register("ada").await?, world.register("bob").await?);
    let known = [
        "x-user",
        "x-user-id",
        "x-account-id",
        "x-auth-request-user",
        "x-authenticated-userid",
        "x-forwarded-user",
        "x-jwt-payload",
        "x-ms-client-principal",
        "x-remote-user",
        "remote-user",
        "proxy-authorization",
        "spin-client-addr",
        "x-vitrine-account",
        "x-roles",
    ];
    // Of any name: no list of those that are bad would do.
    let made_up = (0..10).map(|_| unique("x-"));
    for name in known.map(str::to_owned).into_iter().chain(made_up) {
        let name = name.as_str();
        world.client.get("/api/v1/auth/me").header(name, &bob.id).fetch().await?.problem(401)?;
        let me = ada.get("/api/v1/auth/me").header(name, &bob.id).fetch().await?.expect(200)?.json()?;
        ensure!(text_at(&me, "/id")? == ada.id, "{name}: {me}");
    }
    Ok(())
}

fn is_guarded(answer: &Answer) -> Result<()> {
    for (name, value) in
        [("x-content-type-options", "nosniff"), ("x-frame-options", "DENY"), ("referrer-policy", "no-referrer")]
    {
        ensure!(answer.header(name) == value, "{name}: {:?}", answer.headers);
    }
    ensure!(answer.header("content-security-policy").contains("frame-ancestors 'none'"), "{:?}", answer.headers);
    ensure!(answer.headers.get_all(VARY).iter().any(|value| value == "Origin"), "{:?}", answer.headers);
    ensure!(answer.header("server").is_empty() && answer.header("x-powered-by").is_empty(), "{:?}", answer.headers);
    Ok(())
}

pub(super) async fn every_answer_tells_browsers_what_not_to_do(world: World) -> Result<()> {
    let user = world.register("sec").await?;
    for path in ["/api/v1/auth/me", "/api/v1/photos", "/nothing", "/_events"] {
        is_guarded(&world.client.get(path).fetch().await?)?;
        is_guarded(&user.get(path).fetch().await?)?;
    }
    Ok(())
}

pub(super) async fn other_sites_may_call_if_they_are_allowed(world: World) -> Result<()> {
    let preflight = |origin: &'static str| {
        let request = world.client.request(Method::OPTIONS, "/api/v1/photos").header("origin", origin);
        request
            .header("access-control-request-method", "POST")
            .header("access-control-request-headers", "authorization")
    };
    let answer = preflight(FRIEND).fetch().await?.expect(204)?;
    ensure!(answer.header("access-control-allow-origin") == FRIEND, "{:?}", answer.headers);
    ensure!(answer.header("access-control-allow-headers") == "authorization", "{:?}", answer.headers);
    preflight(EVIL).fetch().await?.problem(403)?;
    for (origin, told) in [(FRIEND, FRIEND), (EVIL, ""), ("null", "")] {
        let answer = world.client.get("/api/v1/auth/me").header("origin", origin).fetch().await?.expect(401)?;
        ensure!(answer.header("access-control-allow-origin") == told, "{origin}: {:?}", answer.headers);
    }
    Ok(())
}

pub(super) async fn a_cookie_is_taken_from_this_site_only(world: World) -> Result<()> {
    let user = world.register("coo").await?;
    let cookie = format!("other=1; __Host-vitrine_access={}", user.token);
    let me = world.client.get("/api/v1/auth/me").header("cookie", &cookie).fetch().await?.expect(200)?.json()?;
    ensure!(text_at(&me, "/id")? == user.id, "{me}");
    let picture = jpeg(&quarters(32, 32))?;
    let upload = || {
        let request =
            world.client.post("/api/v1/photos").header("cookie", &cookie).header("content-type", "image/jpeg");
        request.body(picture.clone())
    };
    upload().fetch().await?.problem(403)?;
    upload().header("origin", EVIL).fetch().await?.problem(403)?;
    upload().header("sec-fetch-site", "cross-site").fetch().await?.problem(403)?;
    upload().header("sec-fetch-site", "same-origin").fetch().await?.expect(202)?;
    upload().header("origin", world.client.base()).fetch().await?.expect(202)?;
    upload().header("origin", FRIEND).fetch().await?.expect(202)?;
    Ok(())
}

/// Whoever loses a device ends its session, and the token that is still on it is worth nothing from then on.
pub(super) async fn a_session_that_was_ended_is_refused_within_a_second(world: World) -> Result<()> {
    let user = world.register("out").await?;
    let login = json!({"login": user.handle, "password": PASSWORD});
    let other = world.client.post("/api/v1/auth/login").json(&login).fetch().await?.expect(200)?.json()?;
    let (token, refresh) = (text_at(&other, "/tokens/accessToken")?, text_at(&other, "/tokens/refreshToken")?);
    let photos = || world.client.get("/api/v1/photos").bearer_auth(token).fetch();
    photos().await?.expect(200)?;
    let body = json!({"refreshToken": refresh});
    let answer = world.client.post("/api/v1/auth/logout").json(&body).fetch().await?;
    ensure!(answer.status.is_success(), "{}: {}", answer.status, answer.text());
    let ended = Instant::now();
    while photos().await?.status != 401 {
        ensure!(ended.elapsed() < Duration::from_secs(1), "the token of an ended session is still taken");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    // The other device stays.
    user.get("/api/v1/photos").fetch().await?.expect(200)?;
    Ok(())
}

pub(super) async fn etags_and_head_pass(world: World) -> Result<()> {
    let user = world.register("eta").await?;
    let id = user.accepted("once", jpeg(&quarters(32, 32))?).await?;
    user.settled(&id).await?;
    let path = format!("/api/v1/photos/{id}");
    let first = user.get(&path).fetch().await?.expect(200)?;
    let tag = first.header("etag").to_owned();
    ensure!(tag.starts_with('"'), "no ETag: {:?}", first.headers);
    let known = user.get(&path).header("if-none-match", &tag).fetch().await?.expect(304)?;
    ensure!(known.body.is_empty() && known.header("etag") == tag, "{known:?}");
    let head = world.client.request(Method::HEAD, &path).bearer_auth(&user.token).fetch().await?.expect(200)?;
    ensure!(head.body.is_empty() && head.header("etag") == tag, "{head:?}");
    Ok(())
}

/// The first part of the body is with the service long before the last one exists, and neither is waited for by others.
pub(super) async fn a_large_body_streams_while_others_are_answered(world: World) -> Result<()> {
    let user = world.register("big").await?;
    let (go_on, wait) = oneshot::channel::<()>();
    let piece = Bytes::from(vec![0x5A; 1 << 20]);
    let last = piece.clone();
    let first = stream::iter((0..3).map(move |_| Ok::<_, std::io::Error>(piece.clone())));
    let last = stream::once(async move {
        let _sender_gone = wait.await;
        Ok(last)
    });
    let body = Body::wrap_stream(futures::StreamExt::chain(first, last));
    let upload = user.upload("in two parts").body(body).fetch();
    let meanwhile = async {
        for _ in 0..5 {
            user.get("/api/v1/auth/me").fetch().await?.expect(200)?;
        }
        go_on.send(()).ok().context("the upload ended before its body did")
    };
    let (answer, meanwhile) = futures::join!(upload, meanwhile);
    meanwhile?;
    answer?.expect(202)?;
    Ok(())
}

pub(super) async fn an_answer_to_a_token_is_for_no_shared_cache(world: World) -> Result<()> {
    let user = world.register("nos").await?;
    for path in ["/api/v1/auth/me", "/api/v1/photos"] {
        let answer = user.get(path).fetch().await?.expect(200)?;
        let policy = answer.header("cache-control");
        ensure!(policy.contains("private") || policy.contains("no-store"), "{path}: {policy:?}");
    }
    Ok(())
}
