//! Photos and what their owners do with them, over REST and over tRPC.

use anyhow::{Context as _, Result, ensure};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use crate::client::{Answer, Fetch as _, list_at, text_at};
use crate::picture::{jpeg, quarters};
use crate::user::User;
use crate::world::World;

const FORM: &str = "multipart/form-data; boundary=edge";

/// A form with a title, the picture, and then the tags and who sees it.
fn form(title: &str, picture: &[u8], visibility: &str) -> Vec<u8> {
    let field = |name: &str, value: &str| {
        format!("--edge\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").into_bytes()
    };
    let head = "--edge\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a.jpg\"\r\ncontent-type: image/jpeg\r\n\r\n";
    [
        field("title", title),
        head.as_bytes().to_vec(),
        picture.to_vec(),
        b"\r\n".to_vec(),
        field("tags", "Sea"),
        field("tags", "old town,sea"),
        field("visibility", visibility),
        b"--edge--\r\n".to_vec(),
    ]
    .concat()
}

fn send(world: &World, user: &User, method: Method, path: &str) -> RequestBuilder {
    world.client.request(method, path).bearer_auth(&user.token)
}

/// Calls a procedure with an input; that of a query stands in the address.
async fn call(world: &World, user: Option<&User>, procedure: &str, mutates: bool, input: &Value) -> Result<Answer> {
    let path = format!("/api/upload/{procedure}");
    let request = if mutates {
        world.client.post(&path).json(input)
    } else {
        world.client.get(&path).query(&[("input", input.to_string())])
    };
    user.into_iter().fold(request, |request, user| request.bearer_auth(&user.token)).fetch().await
}

/// What a procedure answers.
async fn called(world: &World, user: &User, procedure: &str, mutates: bool, input: Value) -> Result<Value> {
    let answer = call(world, Some(user), procedure, mutates, &input).await?.expect(200)?.json()?;
    answer.pointer("/result/data").cloned().with_context(|| format!("no data in {answer}"))
}

fn is_as_sent(photo: &Value, user: &User) -> Result<()> {
    ensure!(text_at(photo, "/title")? == "Grüße" && text_at(photo, "/visibility")? == "unlisted", "{photo}");
    ensure!(photo.get("tags") == Some(&json!(["sea", "old town"])), "{photo}");
    ensure!(text_at(photo, "/ownerId")? == user.id && text_at(photo, "/ownerHandle")? == user.handle, "{photo}");
    Ok(())
}

pub(super) async fn a_form_brings_a_picture_and_what_is_said_about_it(world: World) -> Result<()> {
    let user = world.register("fia").await?;
    let body = form("Grüße", &jpeg(&quarters(1200, 900))?, "unlisted");
    for path in ["/api/v1/photos", "/api/upload/create"] {
        let request = send(&world, &user, Method::POST, path).header("content-type", FORM).body(body.clone());
        let answer = request.fetch().await?;
        ensure!([200, 202].contains(&answer.status.as_u16()), "{path}: {}", answer.text());
        let answer = answer.json()?;
        let photo = answer.pointer("/photo").or_else(|| answer.pointer("/result/data/photo")).context("no photo")?;
        is_as_sent(photo, &user)?;
        let photo = user.settled(text_at(photo, "/id")?).await?;
        ensure!(text_at(&photo, "/status")? == "processed", "{photo}");
        is_as_sent(&photo, &user)?;
    }
    let bad = form("a\u{202e}b", &jpeg(&quarters(32, 32))?, "unlisted");
    let request = send(&world, &user, Method::POST, "/api/v1/photos").header("content-type", FORM).body(bad);
    request.fetch().await?.problem(422)?;
    let cut = body.get(..body.len() / 2).unwrap_or_default().to_vec();
    let request = send(&world, &user, Method::POST, "/api/v1/photos").header("content-type", FORM).body(cut);
    request.fetch().await?.problem(400)?;
    let list = user.get("/api/v1/photos").fetch().await?.expect(200)?.json()?;
    ensure!(list_at(&list, "/items")?.len() == 2, "{list}");
    Ok(())
}

pub(super) async fn a_photo_is_seen_by_those_who_may(world: World) -> Result<()> {
    let (owner, other) = (world.register("gia").await?, world.register("hal").await?);
    for (visibility, seen) in [("public", true), ("unlisted", true), ("private", false)] {
        let upload = owner.upload("mine").query(&[("visibility", visibility)]).body(jpeg(&quarters(32, 32))?);
        let id = text_at(&upload.fetch().await?.expect(202)?.json()?, "/photo/id")?.to_owned();
        let path = format!("/api/v1/photos/{id}");
        owner.photo(&id).await?;
        for answer in [other.get(&path).fetch().await?, world.client.get(&path).fetch().await?] {
            if seen {
                answer.expect(200)?;
            } else {
                answer.problem(404)?;
            }
        }
        let input = json!({ "id": id });
        call(&world, None, "byId", false, &input).await?.expect(if seen { 200 } else { 404 })?;
        let refused = if seen { 403 } else { 404 };
        for method in [Method::PATCH, Method::DELETE] {
            let request =
                send(&world, &other, method, &path).header("if-match", "*").json(&json!({ "title": "yours" }));
            request.fetch().await?.problem(refused)?;
        }
        other.get(&format!("{path}/original")).fetch().await?.problem(refused)?;
        for procedure in ["update", "delete", "restore"] {
            call(&world, Some(&other), procedure, true, &input).await?.expect(refused)?;
        }
        ensure!(text_at(&owner.photo(&id).await?, "/title")? == "mine", "somebody else has changed it");
    }
    Ok(())
}

pub(super) async fn a_photo_is_changed_deleted_and_restored(world: World) -> Result<()> {
    let user = world.register("ina").await?;
    let id = text_at(&user.processed(jpeg(&quarters(64, 64))?).await?, "/id")?.to_owned();
    let path = format!("/api/v1/photos/{id}");
    let tag = user.get(&path).fetch().await?.expect(200)?.header("etag").to_owned();
    let patch = |tag: &str| {
        send(&world, &user, Method::PATCH, &path)
            .header("if-match", tag)
            .json(&json!({ "tags": ["B"], "title": "new" }))
    };
    let changed = patch(&tag).fetch().await?.expect(200)?.json()?;
    ensure!(text_at(&changed, "/photo/title")? == "new" && text_at(&changed, "/photo/tags/0")? == "b", "{changed}");
    patch(&tag).fetch().await?.problem(412)?;

    send(&world, &user, Method::DELETE, &path).fetch().await?.expect(204)?;
    world.client.get(&path).fetch().await?.problem(404)?;
    text_at(&user.photo(&id).await?, "/deletedAt")?;
    let there = user.get("/api/v1/photos").fetch().await?.expect(200)?.json()?;
    let deleted = user.get("/api/v1/photos?deleted=true").fetch().await?.expect(200)?.json()?;
    ensure!(list_at(&there, "/items")?.is_empty() && text_at(&deleted, "/items/0/id")? == id, "{there} {deleted}");
    let restored = send(&world, &user, Method::POST, &format!("{path}/restore")).fetch().await?.expect(200)?.json()?;
    ensure!(restored == changed, "{restored} is not {changed}");

    called(&world, &user, "delete", true, json!({ "id": id })).await?;
    called(&world, &user, "restore", true, json!({ "id": id })).await?;
    called(&world, &user, "delete", true, json!({ "id": id, "permanently": true })).await?;
    user.get(&path).fetch().await?.problem(404)?;
    send(&world, &user, Method::POST, &format!("{path}/restore")).fetch().await?.problem(404)?;
    Ok(())
}

pub(super) async fn an_original_comes_back_to_its_owner_as_it_was_sent(world: World) -> Result<()> {
    let user = world.register("jan").await?;
    let picture = jpeg(&quarters(1500, 1100))?;
    let input = json!({ "id": user.accepted("original", picture.clone()).await? });
    let original = called(&world, &user, "original", false, input).await?;
    let answer = user.get(text_at(&original, "/url")?).fetch().await?.expect(200)?;
    ensure!(answer.body == picture, "{} bytes came back of {}", answer.body.len(), picture.len());
    ensure!(answer.header("content-type") == "image/jpeg", "{:?}", answer.headers);
    ensure!(answer.header("content-disposition").starts_with("attachment; filename="), "{:?}", answer.headers);
    ensure!(answer.header("x-content-type-options") == "nosniff", "{:?}", answer.headers);
    let html = user.accepted("no picture", b"<html><script>alert(1)</script>".to_vec()).await?;
    let answer = user.get(&format!("/api/v1/photos/{html}/original")).fetch().await?.expect(200)?;
    ensure!(answer.header("content-type") == "application/octet-stream", "{:?}", answer.headers);
    Ok(())
}
