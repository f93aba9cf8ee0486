//! Requests that are sent twice, and answers that the client has already.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use futures::future::join_all;
use reqwest::header::IF_NONE_MATCH;
use tokio::io::AsyncWriteExt as _;

use crate::client::{Fetch as _, list_at, text_at};
use crate::picture::{jpeg, quarters};
use crate::raw;
use crate::user::unique;
use crate::world::World;

/// How long a request that broke off may hold its key.
const SOON: Duration = Duration::from_secs(5);

const KEY: &str = "idempotency-key";

pub(super) async fn an_upload_that_is_sent_twice_is_one_photo(world: World) -> Result<()> {
    let user = world.register("mia").await?;
    let (key, picture) = (format!("\"{}\"", unique("key")), jpeg(&quarters(60, 40))?);
    let first = user.upload("twice").header(KEY, &key).body(picture.clone()).fetch().await?.expect(202)?;
    ensure!(first.header("idempotent-replayed").is_empty(), "{:?}", first.headers);
    user.settled(text_at(&first.json()?, "/photo/id")?).await?;
    let again = user.upload("twice").header(KEY, &key).body(picture.clone()).fetch().await?.expect(202)?;
    ensure!(again.header("idempotent-replayed") == "true", "{:?}", again.headers);
    ensure!(again.header("location") == first.header("location"), "{:?}", again.headers);
    ensure!(again.body == first.body, "another answer: {}", again.text());

    let other = user.upload("twice").header(KEY, &key).body(jpeg(&quarters(40, 60))?).fetch().await?.problem(422)?;
    ensure!(text_at(&other, "/type")? == "/problems/key-reused", "{other}");
    user.upload("renamed").header(KEY, &key).body(picture.clone()).fetch().await?.problem(422)?;
    let page = user.get("/api/v1/photos").fetch().await?.expect(200)?.json()?;
    ensure!(list_at(&page, "/items")?.len() == 1, "{page}");

    let else_user = world.register("mia").await?;
    let theirs = else_user.upload("twice").header(KEY, &key).body(picture).fetch().await?.expect(202)?;
    ensure!(theirs.header("location") != first.header("location"), "the key of another user");
    Ok(())
}

pub(super) async fn of_many_uploads_with_one_key_one_is_taken(world: World) -> Result<()> {
    let user = world.register("noa").await?;
    let (key, picture) = (unique("key"), jpeg(&quarters(300, 200))?);
    let at_once = (0..8).map(|_| user.upload("once").header(KEY, &key).body(picture.clone()).fetch());
    for answer in join_all(at_once).await {
        let answer = answer?;
        ensure!(matches!(answer.status.as_u16(), 202 | 409), "{}: {}", answer.status, answer.text());
    }
    user.upload("once").header(KEY, &key).body(picture).fetch().await?.expect(202)?;
    let page = user.get("/api/v1/photos").fetch().await?.expect(200)?.json()?;
    ensure!(list_at(&page, "/items")?.len() == 1, "{page}");
    Ok(())
}

pub(super) async fn an_upload_that_broke_off_can_be_sent_again_soon(world: World) -> Result<()> {
    let user = world.register("oda").await?;
    let (key, picture) = (unique("key"), jpeg(&quarters(1200, 900))?);
    let half = picture.get(..picture.len() / 2).unwrap_or_default();
    let head = format!(
        "POST /api/v1/photos?title=half HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\nidempotency-key: {key}\r\n\
         content-type: application/octet-stream\r\ncontent-length: {}\r\n\r\n",
        user.token,
        picture.len()
    );
    let mut stream = raw::connect(world.client.base()).await?;
    stream.write_all(&[head.as_bytes(), half].concat()).await?;
    tokio::time::sleep(Duration::from_millis(200)).await;
    stream.shutdown().await?;
    drop(stream);
    let start = Instant::now();
    loop {
        let answer = user.upload("half").header(KEY, &key).body(picture.clone()).fetch().await?;
        if answer.status == 202 {
            ensure!(answer.header("idempotent-replayed").is_empty(), "half a photo was accepted: {}", answer.text());
            return Ok(());
        }
        answer.problem(409)?;
        ensure!(start.elapsed() < SOON, "the key is held after {:?}", start.elapsed());
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

pub(super) async fn a_key_that_is_none_is_refused(world: World) -> Result<()> {
    let user = world.register("ole").await?;
    let long = "k".repeat(256);
    for key in ["", "\"open", "two words", &long] {
        let problem = user.upload("no key").header(KEY, key).body("x").fetch().await?.problem(400)?;
        ensure!(text_at(&problem, "/errors/0/field")? == "Idempotency-Key", "{problem}");
    }
    Ok(())
}

pub(super) async fn a_photo_is_sent_again_only_when_it_has_changed(world: World) -> Result<()> {
    let user = world.register("pia").await?;
    let photo = user.processed(jpeg(&quarters(60, 40))?).await?;
    let path = format!("/api/v1/photos/{}", text_at(&photo, "/id")?);
    let first = user.get(&path).fetch().await?.expect(200)?;
    let etag = first.header("etag");
    ensure!(etag.starts_with('"') && etag.len() > 2, "not a strong ETag: {etag}");
    let known = user.get(&path).header(IF_NONE_MATCH, etag).fetch().await?.expect(304)?;
    ensure!(known.body.is_empty() && known.header("etag") == etag, "{:?}", known.headers);
    let other = user.get(&path).header(IF_NONE_MATCH, "\"other\"").fetch().await?.expect(200)?;
    ensure!(other.body == first.body, "{}", other.text());
    for malformed in ["other", "\"open", "\"a\" \"b\""] {
        user.get(&path).header(IF_NONE_MATCH, malformed).fetch().await?.problem(400)?;
        user.get(&path).header("if-match", malformed).fetch().await?.problem(400)?;
    }
    user.get(&path).header("if-match", "\"other\"").fetch().await?.problem(412)?;
    Ok(())
}
