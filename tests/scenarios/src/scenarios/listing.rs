//! Lists of photos, and who may see what.

use anyhow::{Result, ensure};

use crate::client::{Fetch as _, list_at, text_at};
use crate::picture::{jpeg, quarters};
use crate::world::World;

const COUNT: usize = 5;

pub(super) async fn photos_are_listed_newest_first_by_pages(world: World) -> Result<()> {
    let user = world.register("quin").await?;
    let empty = user.get("/api/v1/photos").fetch().await?.expect(200)?.json()?;
    ensure!(
        list_at(&empty, "/items")?.is_empty() && empty.get("nextCursor").is_none_or(serde_json::Value::is_null),
        "{empty}"
    );

    let mut newest_first = Vec::new();
    for n in 0..COUNT {
        newest_first.insert(0, user.accepted(&format!("number {n}"), jpeg(&quarters(32, 32))?).await?);
    }
    let mut seen = Vec::new();
    let mut path = "/api/v1/photos?limit=2".to_owned();
    for page in 1.. {
        let list = user.get(&path).fetch().await?.expect(200)?.json()?;
        let items = list_at(&list, "/items")?;
        ensure!(!items.is_empty() && items.len() <= 2, "page {page}: {list}");
        for item in items {
            seen.push(text_at(item, "/id")?.to_owned());
        }
        let Ok(cursor) = text_at(&list, "/nextCursor") else { break };
        ensure!(page < COUNT, "it never ends");
        path = format!("/api/v1/photos?limit=2&cursor={cursor}");
    }
    ensure!(seen == newest_first, "listed {seen:?}, uploaded {newest_first:?}");
    Ok(())
}

pub(super) async fn a_tampered_cursor_is_refused(world: World) -> Result<()> {
    let user = world.register("rex").await?;
    for _ in 0..2 {
        user.accepted("one of two", jpeg(&quarters(32, 32))?).await?;
    }
    let list = user.get("/api/v1/photos?limit=1").fetch().await?.expect(200)?.json()?;
    let cursor = text_at(&list, "/nextCursor")?.to_owned();
    user.get(&format!("/api/v1/photos?limit=1&cursor={cursor}")).fetch().await?.expect(200)?;
    let longer = format!("{cursor}A");
    let shorter = cursor.get(..cursor.len() / 2).unwrap_or_default();
    let turned: String = cursor.chars().rev().collect();
    for wrong in ["nonsense", "%00", "0", "bnVsbA", "' OR 1=1 --", &longer, shorter, &turned] {
        let request = user.get("/api/v1/photos").query(&[("cursor", wrong)]);
        request.fetch().await?.problem(400)?;
    }
    Ok(())
}

pub(super) async fn a_senseless_limit_is_refused(world: World) -> Result<()> {
    let user = world.register("sue").await?;
    for wrong in ["0", "-1", "many", "1e3", "99999999999999999999"] {
        let answer = user.get(&format!("/api/v1/photos?limit={wrong}")).fetch().await?;
        let status = answer.status.as_u16();
        ensure!([400, 422].contains(&status), "limit={wrong}: {status}");
        answer.problem(status)?;
    }
    Ok(())
}

pub(super) async fn another_users_photo_does_not_exist(world: World) -> Result<()> {
    let (owner, stranger) = (world.register("tom").await?, world.register("una").await?);
    let upload = owner.upload("mine").query(&[("visibility", "private")]).body(jpeg(&quarters(32, 32))?);
    let id = text_at(&upload.fetch().await?.expect(202)?.json()?, "/photo/id")?.to_owned();
    owner.photo(&id).await?;
    let mut foreign = stranger.get(&format!("/api/v1/photos/{id}")).fetch().await?.problem(404)?;
    let unknown = "01931f7a-0000-7000-8000-000000000000";
    let mut missing = stranger.get(&format!("/api/v1/photos/{unknown}")).fetch().await?.problem(404)?;
    for problem in [&mut foreign, &mut missing] {
        if let Some(problem) = problem.as_object_mut() {
            problem.remove("instance");
        }
    }
    ensure!(foreign == missing, "whose it is can be told from {foreign} and {missing}");
    for wrong in ["not-an-id", "1", "%20", "01931f7a-0000-7000-8000-00000000000g"] {
        let answer = stranger.get(&format!("/api/v1/photos/{wrong}")).fetch().await?;
        let status = answer.status.as_u16();
        ensure!([400, 404].contains(&status), "{wrong}: {status}");
        answer.problem(status)?;
    }
    Ok(())
}
