//! What is no picture, or a broken one: rejected with a reason.

use std::time::Duration;

use anyhow::{Result, ensure};

use crate::client::{Fetch as _, text_at};
use crate::picture::{jpeg, jpeg_bomb, png_bomb, png_with_hole, quarters};
use crate::world::World;

/// Pictures that are none, each with a word that tells it in a failure.
///
/// # Errors
/// When an encoder fails.
pub fn no_pictures() -> Result<Vec<(&'static str, Vec<u8>)>> {
    Ok(vec![
        ("text", b"This is no picture at all, however long it may look at itself.".to_vec()),
        ("one byte", vec![0xFF]),
        ("zeros", vec![0; 100_000]),
        ("GIF without a frame", b"GIF89a\x01\0\x01\0\0\0\0;".to_vec()),
        ("PDF", b"%PDF-1.7\n".to_vec()),
        ("only a signature", vec![0xFF, 0xD8, 0xFF, 0xE0]),
        ("SVG", b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>".to_vec()),
    ])
}

/// Pictures that end too early.
///
/// # Errors
/// When an encoder fails.
pub fn truncated() -> Result<Vec<(&'static str, Vec<u8>)>> {
    let (jpeg, png) = (jpeg(&quarters(600, 400))?, png_with_hole(600, 400)?);
    let part =
        |bytes: &[u8], percent: usize| bytes.get(..bytes.len() * percent / 100).map(<[u8]>::to_vec).unwrap_or_default();
    Ok(vec![("JPEG, a tenth", part(&jpeg, 10)), ("PNG, half", part(&png, 50)), ("PNG, a tenth", part(&png, 10))])
}

/// Pictures whose headers promise more pixels than anybody could hold.
///
/// # Errors
/// When an encoder fails.
pub fn bombs() -> Result<Vec<(&'static str, Vec<u8>)>> {
    // 65,535 pixels square, and one colour.
    let gif = b"GIF89a\xFF\xFF\xFF\xFF\x80\0\0\0\0\0\xFF\xFF\xFF,\0\0\0\0\xFF\xFF\xFF\xFF\0\x02\x02\x44\x01\0;";
    Ok(vec![("JPEG bomb", jpeg_bomb()?), ("PNG bomb", png_bomb()?), ("GIF bomb", gif.to_vec())])
}

/// Uploads each, and checks that it is turned down or ends rejected with a reason within `limit`.
///
/// # Errors
/// When one is not.
pub async fn rejected(world: &World, pictures: Vec<(&'static str, Vec<u8>)>, limit: Duration) -> Result<()> {
    let user = world.register("vic").await?;
    for (what, bytes) in pictures {
        let answer = user.upload(what).body(bytes).fetch().await?;
        let status = answer.status.as_u16();
        if (400..500).contains(&status) {
            answer.problem(status)?;
            continue;
        }
        let accepted = answer.expect(202)?.json()?;
        let photo = user.settled_within(text_at(&accepted, "/photo/id")?, limit).await?;
        ensure!(text_at(&photo, "/status")? == "rejected", "{what} was taken for a picture: {photo}");
        let reason = photo.get("rejection").map(ToString::to_string).unwrap_or_default();
        ensure!(reason.len() > 4 && reason != "null", "{what} is rejected without a reason: {photo}");
        ensure!(
            photo.get("renditions").is_none_or(|list| list.as_array().is_none_or(Vec::is_empty)),
            "{what}: {photo}"
        );
    }
    Ok(())
}

/// Generous, since other scenarios' photos stand in the same queue; `tests/pace.rs` is the strict one.
const EVENTUALLY: Duration = Duration::from_secs(30);

pub(super) async fn what_is_no_picture_is_rejected(world: World) -> Result<()> {
    rejected(&world, no_pictures()?, EVENTUALLY).await
}

pub(super) async fn a_truncated_picture_is_rejected(world: World) -> Result<()> {
    rejected(&world, truncated()?, EVENTUALLY).await
}

pub(super) async fn a_bomb_is_rejected(world: World) -> Result<()> {
    rejected(&world, bombs()?, EVENTUALLY).await
}

pub(super) async fn an_empty_upload_is_turned_down(world: World) -> Result<()> {
    rejected(&world, vec![("nothing", Vec::new())], EVENTUALLY).await
}
