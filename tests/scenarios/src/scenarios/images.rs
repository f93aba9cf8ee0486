//! Renditions as they are served.

use anyhow::{Result, ensure};
use reqwest::Method;
use reqwest::header::IF_NONE_MATCH;

use crate::client::{Fetch as _, list_at, text_at};
use crate::picture::{jpeg, quarters};
use crate::world::World;

/// The path of the small rendition of a new photo.
async fn rendition(world: &World) -> Result<String> {
    let user = world.register("liz").await?;
    let photo = user.processed(jpeg(&quarters(400, 300))?).await?;
    let small = list_at(&photo, "/renditions")?
        .iter()
        .find(|rendition| text_at(rendition, "/name").is_ok_and(|name| name == "small"));
    let url = text_at(small.unwrap_or(&photo), "/url")?;
    Ok(url.strip_prefix(world.client.base()).unwrap_or(url).to_owned())
}

pub(super) async fn a_rendition_is_immutable_and_has_a_strong_etag(world: World) -> Result<()> {
    let path = rendition(&world).await?;
    let hash = path.rsplit('.').next().unwrap_or_default();
    ensure!(path.starts_with("/static/image/") && hash.len() == 43, "not /static/image/PHOTO/RENDITION.HASH: {path}");
    let answer = world.client.get(&path).fetch().await?.expect(200)?;
    ensure!(answer.header("content-type") == "image/jpeg", "{:?}", answer.headers);
    ensure!(answer.header("cache-control") == "public, max-age=31536000, immutable", "{:?}", answer.headers);
    ensure!(answer.header("x-content-type-options") == "nosniff", "{:?}", answer.headers);
    let etag = answer.header("etag");
    ensure!(etag.starts_with('"') && etag.ends_with('"') && etag.len() > 2, "not a strong ETag: {etag}");
    ensure!(answer.body.starts_with(&[0xFF, 0xD8, 0xFF]), "not a JPEG");
    Ok(())
}

pub(super) async fn a_known_etag_is_answered_with_304(world: World) -> Result<()> {
    let path = rendition(&world).await?;
    let etag = world.client.get(&path).fetch().await?.expect(200)?.header("etag").to_owned();
    for known in [etag.clone(), format!("\"other\", {etag}"), format!("W/{etag}"), "*".to_owned()] {
        for method in [Method::GET, Method::HEAD] {
            let answer =
                world.client.request(method, &path).header(IF_NONE_MATCH, &known).fetch().await?.expect(304)?;
            ensure!(answer.body.is_empty() && answer.header("etag") == etag, "{:?}", answer.headers);
            ensure!(answer.header("cache-control").contains("immutable"), "{:?}", answer.headers);
        }
    }
    world.client.get(&path).header(IF_NONE_MATCH, "\"other\"").fetch().await?.expect(200)?;
    Ok(())
}

pub(super) async fn head_tells_the_same_without_a_body(world: World) -> Result<()> {
    let path = rendition(&world).await?;
    let get = world.client.get(&path).fetch().await?.expect(200)?;
    let head = world.client.request(Method::HEAD, &path).fetch().await?.expect(200)?;
    ensure!(head.body.is_empty(), "HEAD with a body");
    for name in ["content-type", "etag", "cache-control"] {
        ensure!(head.header(name) == get.header(name), "{name} differs: {:?}", head.headers);
    }
    ensure!(head.header("content-length") == get.body.len().to_string(), "{:?}", head.headers);
    Ok(())
}

pub(super) async fn an_unknown_image_is_not_found(world: World) -> Result<()> {
    let path = rendition(&world).await?;
    let (front, hash) = path.rsplit_once('.').unwrap_or((&path, ""));
    let (photo, _) = front.rsplit_once('/').unwrap_or((front, ""));
    let turned: String = hash.chars().rev().collect();
    let short = hash.get(..20).unwrap_or_default();
    let wrong = [
        format!("{front}.{turned}"),
        format!("{front}.{short}"),
        format!("{front}.{hash}A"),
        front.to_owned(),
        format!("{front}."),
        format!("{photo}/medium.{hash}"),
        format!("{photo}/original.{hash}"),
        format!("/static/image/01931f7a-0000-7000-8000-000000000000/small.{hash}"),
        format!("/static/image/not-an-id/small.{hash}"),
        format!("/static/image/..%2f..%2foriginals/small.{hash}"),
    ];
    for path in wrong {
        let answer = world.client.get(&path).fetch().await?;
        ensure!(!answer.header("cache-control").contains("immutable"), "{path}: a refusal that is kept for ever");
        answer.problem(404)?;
        let head = world.client.request(Method::HEAD, &path).fetch().await?.expect(404)?;
        ensure!(head.body.is_empty(), "{path}: HEAD with a body");
    }
    Ok(())
}

pub(super) async fn other_methods_are_refused(world: World) -> Result<()> {
    let path = rendition(&world).await?;
    for method in [Method::POST, Method::PUT, Method::DELETE, Method::PATCH] {
        let answer = world.client.request(method, &path).fetch().await?;
        ensure!(answer.header("allow").contains("GET"), "{:?}", answer.headers);
        answer.problem(405)?;
    }
    world.client.get(&path).fetch().await?.expect(200)?;
    Ok(())
}
