//! What is proved by reading mail.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::{Value, json};

use crate::client::{Fetch as _, list_at, text_at};
use crate::user::{PASSWORD, User};
use crate::world::World;

/// How long a mail may take, on a busy machine.
const SENT_WITHIN: Duration = Duration::from_secs(30);

/// The secret in the last mail to somebody that is about `subject`, once there is one.
async fn secret(world: &World, user: &User, subject: &str) -> Result<String> {
    let admin = &world.secrets.as_ref().context("the app's secrets")?.admin_token;
    let start = Instant::now();
    loop {
        let mailbox = world.client.get("/api/v1/auth/admin/mailbox").query(&[("to", &user.email)]).bearer_auth(admin);
        let mails = mailbox.fetch().await?.expect(200)?.json()?;
        let about = |mail: &&Value| text_at(mail, "/subject").is_ok_and(|it| it == subject);
        if let Some(mail) = list_at(&mails, "/items")?.iter().find(about) {
            let after = text_at(mail, "/text")?.split("?token=").nth(1).context("no secret in the mail")?;
            return Ok(after.split_whitespace().next().unwrap_or_default().to_owned());
        }
        if start.elapsed() > SENT_WITHIN {
            bail!("no mail about {subject:?} after {SENT_WITHIN:?}: {mails}");
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

pub(super) async fn an_address_is_verified_by_mail(world: World) -> Result<()> {
    let user = world.register("pia").await?;
    let token = secret(&world, &user, "Confirm your e-mail address").await?;
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
    let token = secret(&world, &user, "Choose another password").await?;
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
