//! Bodies on their way in.

use std::time::Duration;

use anyhow::{Result, ensure};
use bytes::Bytes;
use futures::stream;
use reqwest::Body;
use serde_json::Value;
use tokio::io::AsyncWriteExt as _;

use crate::client::{Fetch as _, list_at, text_at};
use crate::picture::{jpeg, quarters};
use crate::raw;
use crate::world::World;

/// A body that is sent in chunks, without a length.
fn streamed(bytes: Vec<u8>, chunk: usize) -> Body {
    let chunks: Vec<_> =
        bytes.chunks(chunk).map(|chunk| Ok::<_, std::io::Error>(Bytes::copy_from_slice(chunk))).collect();
    Body::wrap_stream(stream::iter(chunks))
}

pub(super) async fn a_photo_is_accepted_and_then_processed(world: World) -> Result<()> {
    let user = world.register("deb").await?;
    let answer = user.upload("At the lake").body(jpeg(&quarters(640, 480))?).fetch().await?.expect(202)?.json()?;
    let id = text_at(&answer, "/photo/id")?;
    ensure!(text_at(&answer, "/photo/status")? == "received", "{answer}");
    let photo = user.settled(id).await?;
    ensure!(text_at(&photo, "/id")? == id && text_at(&photo, "/title")? == "At the lake", "{photo}");
    ensure!(text_at(&photo, "/status")? == "processed", "{photo}");
    ensure!(photo.get("rejection").is_none_or(Value::is_null), "{photo}");
    ensure!(text_at(&photo, "/createdAt")?.ends_with('Z') && text_at(&photo, "/createdAt")?.contains('T'), "{photo}");
    for rendition in list_at(&photo, "/renditions")? {
        ensure!(text_at(rendition, "/type")? == "image/jpeg", "{photo}");
    }
    Ok(())
}

pub(super) async fn a_body_of_unknown_length_is_streamed(world: World) -> Result<()> {
    let user = world.register("eli").await?;
    let picture = jpeg(&quarters(1200, 900))?;
    let answer = user.upload("in chunks").body(streamed(picture, 7_001)).fetch().await?.expect(202)?.json()?;
    let photo = user.settled(text_at(&answer, "/photo/id")?).await?;
    ensure!(text_at(&photo, "/status")? == "processed", "{photo}");
    Ok(())
}

pub(super) async fn a_client_that_stops_half_way_leaves_nothing(world: World) -> Result<()> {
    let user = world.register("flo").await?;
    let picture = jpeg(&quarters(1200, 900))?;
    let half = picture.get(..picture.len() / 2).unwrap_or_default();
    let token = &user.token;
    let head = format!(
        "POST /api/v1/photos?title=half HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\ncontent-type: application/octet-stream\r\n"
    );
    let with_length = [head.as_bytes(), format!("content-length: {}\r\n\r\n", picture.len()).as_bytes(), half].concat();
    let in_chunks = [
        head.as_bytes(),
        b"transfer-encoding: chunked\r\n\r\n",
        format!("{:x}\r\n", half.len()).as_bytes(),
        half,
        b"\r\n",
    ]
    .concat();
    for request in [with_length, in_chunks] {
        let mut stream = raw::connect(world.client.base()).await?;
        stream.write_all(&request).await?;
        tokio::time::sleep(Duration::from_millis(200)).await;
        stream.shutdown().await?;
        drop(stream);
    }
    for _ in 0..10 {
        let list = user.get("/api/v1/photos").fetch().await?.expect(200)?.json()?;
        ensure!(list_at(&list, "/items")?.is_empty(), "half a photo was accepted: {list}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    user.processed(jpeg(&quarters(64, 64))?).await?;
    Ok(())
}

pub(super) async fn a_declared_length_beyond_the_limit_is_refused_at_once(world: World) -> Result<()> {
    let user = world.register("gus").await?;
    let head = format!(
        "POST /api/v1/photos HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\ncontent-type: application/octet-stream\r\ncontent-length: 99999999999\r\n\r\n",
        user.token
    );
    let answer = raw::exchange(world.client.base(), head.as_bytes()).await?;
    ensure!(answer.status == Some(413) && answer.is_problem(), "{answer:?}");
    Ok(())
}

pub(super) async fn a_streamed_body_beyond_the_limit_is_refused(world: World) -> Result<()> {
    let user = world.register("hub").await?;
    let chunk = Bytes::from(vec![0xAB; 1 << 20]);
    let chunks: Vec<_> = (0..12).map(|_| Ok::<_, std::io::Error>(chunk.clone())).collect();
    let sent = user.upload("too much").body(Body::wrap_stream(stream::iter(chunks))).fetch().await;
    // A server may close before the client has sent all, and then the client may miss the answer.
    if let Ok(answer) = sent {
        answer.problem(413)?;
    }
    let list = user.get("/api/v1/photos").fetch().await?.expect(200)?.json()?;
    ensure!(list_at(&list, "/items")?.is_empty(), "{list}");
    Ok(())
}

pub(super) async fn a_body_that_is_said_to_be_no_picture_is_refused(world: World) -> Result<()> {
    let user = world.register("kai").await?;
    let picture = jpeg(&quarters(32, 32))?;
    let upload = || world.client.post("/api/v1/photos").bearer_auth(&user.token).body(picture.clone());
    for (header, value) in [("content-type", "application/json"), ("content-type", "text/html")] {
        upload().header(header, value).fetch().await?.problem(415)?;
    }
    upload().fetch().await?.problem(415)?;
    let coded = upload().header("content-type", "application/octet-stream").header("content-encoding", "gzip");
    coded.fetch().await?.problem(415)?;
    upload().header("content-type", "image/jpeg").fetch().await?.expect(202)?;
    Ok(())
}

pub(super) async fn an_upload_needs_a_token(world: World) -> Result<()> {
    let picture = jpeg(&quarters(64, 64))?;
    let request = world.client.post("/api/v1/photos").header("content-type", "application/octet-stream");
    request.body(picture.clone()).fetch().await?.problem(401)?;
    let request = world.client.post("/api/v1/photos").bearer_auth("garbage").body(picture);
    request.fetch().await?.problem(401)?;
    Ok(())
}

pub(super) async fn a_title_is_kept_as_it_was_written(world: World) -> Result<()> {
    let user = world.register("ivy").await?;
    for title in [
        "Grüße aus Köln",
        "写真 📷",
        "<script>alert('x')</script>",
        "50 % off & more = less",
        "'; DROP TABLE photo; --",
    ] {
        let id = user.accepted(title, jpeg(&quarters(32, 32))?).await?;
        let photo = user.photo(&id).await?;
        ensure!(text_at(&photo, "/title")? == title, "{photo}");
    }
    Ok(())
}

pub(super) async fn a_title_beyond_the_limit_is_refused(world: World) -> Result<()> {
    let user = world.register("jan").await?;
    let long = "long ".repeat(1000);
    for title in [long.as_str(), "%FF-is-kept-apart"] {
        let answer = user.upload(title).body(jpeg(&quarters(32, 32))?).fetch().await?;
        let status = answer.status.as_u16();
        if title.starts_with('%') {
            answer.expect(202)?;
        } else {
            ensure!([400, 422].contains(&status), "{status}");
            answer.problem(status)?;
        }
    }
    let broken = world.client.post("/api/v1/photos?title=%FF%FE").bearer_auth(&user.token);
    let answer =
        broken.header("content-type", "application/octet-stream").body(jpeg(&quarters(32, 32))?).fetch().await?;
    let status = answer.status.as_u16();
    ensure!([400, 422].contains(&status), "broken UTF-8 in a title: {status}");
    answer.problem(status)?;
    Ok(())
}
