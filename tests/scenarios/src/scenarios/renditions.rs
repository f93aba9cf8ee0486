//! What becomes of a picture.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, ensure};
use futures::future::try_join_all;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::client::{list_at, number_at, text_at};
use crate::picture::{CAMERA, Seen, has_metadata, jpeg, jpeg_with_exif, pattern, png_with_hole, quarters};
use crate::user::User;
use crate::world::World;

/// Fetches every rendition of a photo by its name, and checks that each is what the photo says of it.
async fn renditions(user: &User, photo: &Value) -> Result<BTreeMap<String, (Vec<u8>, Seen)>> {
    let mut all = BTreeMap::new();
    for rendition in list_at(photo, "/renditions")? {
        let answer = user.fetch_url(text_at(rendition, "/url")?).await?.expect(200)?;
        let media_type = text_at(rendition, "/type")?;
        ensure!(answer.header("content-type") == media_type, "{rendition}: {:?}", answer.headers);
        let seen = Seen::decoded(&answer.body, media_type)?;
        let told = (number_at(rendition, "/width")?, number_at(rendition, "/height")?);
        let found = (u64::from(seen.size().0), u64::from(seen.size().1));
        ensure!(told == found, "{rendition} is {found:?}");
        all.insert(text_at(rendition, "/name")?.to_owned(), (answer.body.to_vec(), seen));
    }
    Ok(all)
}

fn sizes(renditions: &BTreeMap<String, (Vec<u8>, Seen)>) -> Vec<(&str, (u32, u32))> {
    renditions.iter().map(|(name, (_, seen))| (name.as_str(), seen.size())).collect()
}

pub(super) async fn a_photo_gets_its_five_sizes(world: World) -> Result<()> {
    let user = world.register("wes").await?;
    let photo = user.processed(jpeg(&quarters(2400, 1800))?).await?;
    ensure!(number_at(&photo, "/width")? == 2400 && number_at(&photo, "/height")? == 1800, "{photo}");
    let renditions = renditions(&user, &photo).await?;
    let expected = [
        ("full", (2048, 1536)),
        ("large", (1280, 960)),
        ("medium", (640, 480)),
        ("small", (320, 240)),
        ("thumb", (256, 256)),
    ];
    ensure!(sizes(&renditions) == expected, "{:?}", sizes(&renditions));
    for (name, (_, seen)) in &renditions {
        seen.upright().with_context(|| name.clone())?;
    }
    Ok(())
}

/// Digests that `components/imaging/core/tests/recorded.rs` has of the same picture.
const PATTERN: [(&str, &str); 5] = [
    ("full", "10151b8efa7398a0d702398a1b65604f7f881ce7f97fea537917d84bce819305"),
    ("large", "10151b8efa7398a0d702398a1b65604f7f881ce7f97fea537917d84bce819305"),
    ("medium", "72bc61a111525c414545c268666d81c79ef15ff22fcf76a3256d6cf9459c6d9c"),
    ("small", "4d7ebe69be68e58e18baa6a504724f24aa20964fe2236e46b6375586464ae20e"),
    ("thumb", "09588305317e56e87f5875ec0c37b0ddc456f88b631bb3403bfe4305a2cc7c37"),
];

pub(super) async fn renditions_are_the_same_in_wasm(world: World) -> Result<()> {
    let user = world.register("cay").await?;
    let photo = user.processed(pattern()?).await?;
    for (name, (bytes, _)) in renditions(&user, &photo).await? {
        let digest: String = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        ensure!(PATTERN.contains(&(name.as_str(), digest.as_str())), "{name} has the digest {digest}");
    }
    Ok(())
}

pub(super) async fn every_orientation_comes_out_upright(world: World) -> Result<()> {
    let user = world.register("xia").await?;
    let user = &user;
    try_join_all((1..=8).map(|orientation| async move {
        let photo = user.processed(jpeg_with_exif(&quarters(480, 360), orientation)?).await?;
        let context = || format!("orientation {orientation}: {photo}");
        ensure!(number_at(&photo, "/width")? == 480 && number_at(&photo, "/height")? == 360, context());
        for (name, (_, seen)) in renditions(user, &photo).await? {
            let (wide, high) = if name == "thumb" { (1, 1) } else { (4, 3) };
            ensure!(seen.size().0 * high == seen.size().1 * wide, "{}: {:?}", context(), seen.size());
            seen.upright().with_context(context)?;
        }
        Ok(())
    }))
    .await?;
    Ok(())
}

pub(super) async fn no_metadata_is_left(world: World) -> Result<()> {
    let user = world.register("yan").await?;
    let original = jpeg_with_exif(&quarters(800, 600), 6)?;
    ensure!(
        has_metadata(&original) && original.windows(CAMERA.len()).any(|w| w == CAMERA.as_bytes()),
        "the test has lost its point"
    );
    let photo = user.processed(original).await?;
    let renditions = renditions(&user, &photo).await?;
    ensure!(!renditions.is_empty(), "{photo}");
    for (name, (bytes, _)) in renditions {
        ensure!(!has_metadata(&bytes), "{name} still holds metadata");
    }
    ensure!(!photo.to_string().contains(CAMERA), "{photo}");
    Ok(())
}

pub(super) async fn a_small_picture_is_never_enlarged(world: World) -> Result<()> {
    let user = world.register("zoe").await?;
    for (width, height) in [(500, 300), (100, 80), (1, 1), (3, 2000)] {
        let photo = user.processed(jpeg(&quarters(width, height))?).await?;
        let renditions = renditions(&user, &photo).await?;
        ensure!(renditions.contains_key("small"), "{width} × {height}: {photo}");
        for (name, size) in sizes(&renditions) {
            let limit = match name {
                "small" => 320,
                "thumb" => 256,
                "medium" => 640,
                "large" => 1280,
                _ => 2048,
            };
            let fits = size.0 <= width.min(limit) && size.1 <= height.min(limit) && size.0 > 0 && size.1 > 0;
            ensure!(fits, "{name} of {width} × {height} is {size:?}");
        }
    }
    Ok(())
}

pub(super) async fn transparency_is_kept(world: World) -> Result<()> {
    let user = world.register("abe").await?;
    let photo = user.processed(png_with_hole(900, 600)?).await?;
    let renditions = renditions(&user, &photo).await?;
    for (name, (_, seen)) in &renditions {
        seen.upright().with_context(|| name.clone())?;
        let (hole, solid) = (seen.alpha(50, 50)?, seen.alpha(10, 10)?);
        ensure!((hole, solid) == (0, 255), "{name}: the hole has alpha {hole}, the rest {solid}");
    }
    Ok(())
}

pub(super) async fn a_tall_picture_fits_inside(world: World) -> Result<()> {
    let user = world.register("bob").await?;
    let photo = user.processed(jpeg(&quarters(700, 2100))?).await?;
    let renditions = renditions(&user, &photo).await?;
    for (name, (width, height)) in sizes(&renditions) {
        let side = match name {
            "thumb" => {
                ensure!((width, height) == (256, 256), "the thumbnail is {width} × {height}");
                continue;
            }
            "small" => 320,
            "medium" => 640,
            "large" => 1280,
            _ => 2048,
        };
        ensure!(height == side && width.abs_diff(side / 3) <= 1, "{name} is {width} × {height}");
    }
    Ok(())
}
