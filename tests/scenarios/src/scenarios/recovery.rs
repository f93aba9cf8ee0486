//! What is proved by reading mail.

use anyhow::{Result, ensure};
use serde_json::{Value, json};

use crate::client::Fetch as _;
use crate::user::PASSWORD;
use crate::world::World;

pub(super) async fn an_address_is_verified_by_mail(world: World) -> Result<()> {
    let user = world.register("pia").await?;
    let token = user.mailed("Confirm your e-mail address").await?;
    let verify = || world.client.post("/api/v1/auth/verify-email").json(&json!({"token": token}));
    verify().fetch().await?.expect(204)?;
    verify().fetch().await?.problem(422)?;
    let me = user.get("/api/v1/auth/me").fetch().await?.expect(200)?.json()?;
    ensure!(me.get("emailVerified") == Some(&Value::Bool(true)), "{me}");
    world.client.get("/api/v1/auth/admin/mailbox").bearer_auth(&user.token).fetch().await?.problem(401)?;
    Ok(())
}

pub(super) async fn a_password_is_reset_by_mail(world: World) -> Result<()> {
    let user = world.register("rut").await?;
    let ask = json!({"email": user.email});
    world.client.post("/api/v1/auth/request-password-reset").json(&ask).fetch().await?.expect(202)?;
    let token = user.mailed("Choose another password").await?;
    let new = "some other words in a row";
    let reset = || world.client.post("/api/v1/auth/reset-password").json(&json!({"token": token, "password": new}));
    reset().fetch().await?.expect(200)?;
    reset().fetch().await?.problem(422)?;
    user.get("/api/v1/auth/me").fetch().await?.problem(401)?;
    for (password, status) in [(PASSWORD, 401), (new, 200)] {
        let body = json!({"login": user.handle, "password": password});
        world.client.post("/api/v1/auth/login").json(&body).fetch().await?.expect(status)?;
    }
    Ok(())
}

pub(super) async fn nobody_learns_whether_an_address_is_known(world: World) -> Result<()> {
    let user = world.register("sam").await?;
    let mut answers = Vec::new();
    for email in [user.email.clone(), format!("not.{}", user.email)] {
        let ask = world.client.post("/api/v1/auth/request-password-reset").json(&json!({"email": email}));
        let answer = ask.fetch().await?.expect(202)?;
        answers.push((answer.status, answer.body));
    }
    ensure!(answers.first() == answers.last(), "they differ: {answers:?}");
    Ok(())
}
