//! One instance of a component serves many people, also at the same time. None may see another's.

use anyhow::{Result, ensure};
use futures::future::try_join_all;

use crate::client::{Fetch as _, list_at, text_at};
use crate::picture::{jpeg, quarters};
use crate::user::User;
use crate::world::World;

/// Requests of each user: enough that both pass through the same instances, whatever the pool does.
const ROUNDS: usize = 60;

async fn sees_only_his_own(user: &User, photo: &str) -> Result<()> {
    let me = user.get("/api/v1/auth/me").fetch().await?.expect(200)?.json()?;
    ensure!(text_at(&me, "/id")? == user.id, "{} is told to be {me}", user.handle);
    let list = user.get("/api/v1/photos").fetch().await?.expect(200)?.json()?;
    let items = list_at(&list, "/items")?;
    ensure!(items.len() == 1, "{} has one photo, and sees {list}", user.handle);
    ensure!(text_at(&list, "/items/0/id")? == photo, "{} sees {list}", user.handle);
    ensure!(text_at(&list, "/items/0/title")? == format!("of {}", user.handle), "{} sees {list}", user.handle);
    Ok(())
}

pub(super) async fn two_users_through_one_instance_see_only_their_own(world: World) -> Result<()> {
    let users = [world.register("mia").await?, world.register("ned").await?];
    let mut photos = Vec::new();
    for user in &users {
        photos.push(user.accepted(&format!("of {}", user.handle), jpeg(&quarters(64, 64))?).await?);
    }
    for _ in 0..ROUNDS / 4 {
        let turn = users.iter().zip(&photos).cycle().take(8).map(|(user, photo)| sees_only_his_own(user, photo));
        try_join_all(turn).await?;
    }
    // Between requests with a token, one without must stay nobody's.
    for user in &users {
        user.get("/api/v1/photos").fetch().await?.expect(200)?;
        world.client.get("/api/v1/photos").fetch().await?.problem(401)?;
    }
    Ok(())
}

pub(super) async fn two_uploads_at_once_stay_apart(world: World) -> Result<()> {
    let users = [world.register("oda").await?, world.register("pia").await?];
    let sizes = [(200, 100), (100, 200)];
    let uploads = users.iter().zip(sizes).map(|(user, (width, height))| async move {
        let photo = user.processed(jpeg(&quarters(width, height))?).await?;
        Ok::<_, anyhow::Error>((user, photo, width, height))
    });
    for (user, photo, width, height) in try_join_all(uploads).await? {
        ensure!(
            photo.get("width") == Some(&width.into()) && photo.get("height") == Some(&height.into()),
            "{}: {photo}",
            user.handle
        );
    }
    Ok(())
}
