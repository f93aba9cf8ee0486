//! Passkeys, with an authenticator in software.

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use vitrine_authenticator::Authenticator;

use crate::client::{Answer, Fetch as _, list_at, text_at};
use crate::user::{PASSWORD, User};
use crate::world::World;

const PASSKEYS: &str = "/api/v1/auth/passkeys";

/// An authenticator that nobody else has, in a browser that shows the app. Browsers make no passkeys for addresses, so
/// they show that of this machine by its name.
fn authenticator(world: &World) -> Result<Authenticator> {
    let (mut id, mut key) = ([0; 16], [0; 32]);
    getrandom::fill(&mut id)?;
    getrandom::fill(&mut key)?;
    // Not near the largest number, so that it is a key.
    key[0] >>= 1;
    let mut authenticator = Authenticator::of(id, key);
    authenticator.origin = world.client.base().replace("127.0.0.1", "localhost");
    let host = authenticator.origin.split("://").nth(1).context("the app has no origin")?;
    authenticator.rp_id = host.split([':', '/']).next().unwrap_or(host).to_owned();
    Ok(authenticator)
}

/// Adds a passkey to an account. Gives back its id.
async fn add(world: &World, user: &User, authenticator: &mut Authenticator) -> Result<String> {
    let post = |path: &str| world.client.post(&format!("{PASSKEYS}/{path}")).bearer_auth(&user.token);
    let begun = post("register/begin").json(&json!({"password": PASSWORD})).fetch().await?.expect(200)?.json()?;
    let made = authenticator.make(begun.get("publicKey").context("no options")?);
    let body = json!({"name": "my phone", "credential": made});
    let added = post("register/finish").json(&body).fetch().await?.expect(201)?.json()?;
    Ok(text_at(&added, "/id")?.to_owned())
}

/// What the authenticator answers to a new challenge.
async fn answer(world: &World, authenticator: &Authenticator) -> Result<Value> {
    let begun = world.client.post(&format!("{PASSKEYS}/login/begin")).fetch().await?.expect(200)?.json()?;
    Ok(authenticator.sign(begun.get("publicKey").context("no options")?))
}

async fn login(world: &World, credential: &Value) -> Result<Answer> {
    world.client.post(&format!("{PASSKEYS}/login/finish")).json(&json!({"credential": credential})).fetch().await
}

pub(super) async fn a_passkey_logs_in_without_a_password(world: World) -> Result<()> {
    let user = world.register("pam").await?;
    let mut authenticator = authenticator(&world)?;
    let id = add(&world, &user, &mut authenticator).await?;
    let signed_in = login(&world, &answer(&world, &authenticator).await?).await?.expect(200)?.json()?;
    ensure!(text_at(&signed_in, "/account/id")? == user.id, "{signed_in}");
    let token = text_at(&signed_in, "/tokens/accessToken")?;
    let listed = world.client.get(PASSKEYS).bearer_auth(token).fetch().await?.expect(200)?.json()?;
    let items = list_at(&listed, "/items")?;
    ensure!(items.len() == 1 && text_at(&listed, "/items/0/id")? == id, "{listed}");
    ensure!(text_at(&listed, "/items/0/lastUsedAt").is_ok(), "{listed}");

    let remove = |password: &str| {
        let body = json!({"id": id, "password": password});
        world.client.post(&format!("{PASSKEYS}/remove")).bearer_auth(token).json(&body)
    };
    remove("not the password").fetch().await?.problem(403)?;
    remove(PASSWORD).fetch().await?.expect(204)?;
    login(&world, &answer(&world, &authenticator).await?).await?.problem(401)?;
    Ok(())
}

pub(super) async fn an_answer_counts_once_and_a_copy_not_at_all(world: World) -> Result<()> {
    let user = world.register("pat").await?;
    let mut authenticator = authenticator(&world)?;
    authenticator.counter = 1;
    add(&world, &user, &mut authenticator).await?;
    let copy = authenticator.clone();
    authenticator.counter = 2;
    let credential = answer(&world, &authenticator).await?;
    // All at once, as a thief who listens would: one gets in.
    let tries = futures::future::try_join_all((0..4).map(|_| login(&world, &credential))).await?;
    let mut statuses: Vec<u16> = tries.iter().map(|answer| answer.status.as_u16()).collect();
    statuses.sort_unstable();
    ensure!(statuses == [200, 401, 401, 401], "{tries:?}");

    login(&world, &answer(&world, &copy).await?).await?.problem(401)?;
    let log = user.get("/api/v1/auth/audit").fetch().await?.expect(200)?.json()?;
    let refused = list_at(&log, "/items")?.iter().filter(|entry| entry.get("kind") == Some(&json!("passkey-refused")));
    ensure!(refused.count() == 1, "{log}");
    let mut elsewhere = authenticator;
    elsewhere.origin = "https://evil.example".to_owned();
    elsewhere.counter = 3;
    login(&world, &answer(&world, &elsewhere).await?).await?.problem(401)?;
    Ok(())
}
