//! The bell that wakes the delivery of events.

use anyhow::{Context as _, Result, ensure};

use crate::client::Fetch as _;
use crate::world::World;

const RING: &str = "/api/v1/ring";

pub(super) async fn the_bell_needs_its_token(world: World) -> Result<()> {
    let user = world.register("cat").await?;
    world.client.post(RING).fetch().await?.problem(401)?;
    for wrong in ["wrong", user.token.as_str()] {
        let answer = world.client.post(RING).bearer_auth(wrong).fetch().await?;
        let status = answer.status.as_u16();
        ensure!([401, 403].contains(&status), "{status}: {}", answer.text());
        answer.problem(status)?;
    }
    Ok(())
}

pub(super) async fn the_bell_rings(world: World) -> Result<()> {
    let Some(secrets) = world.secrets.as_ref() else { return Ok(()) };
    for _ in 0..3 {
        world
            .client
            .post(RING)
            .bearer_auth(&secrets.ring_token)
            .fetch()
            .await?
            .expect(202)
            .context("with the right token")?;
    }
    // The token of another door opens this one no more than a wrong one.
    world.client.post(RING).bearer_auth(&secrets.upload_service_token).fetch().await?.problem(401)?;
    Ok(())
}
