//! A person who uses the app.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use reqwest::RequestBuilder;
use serde_json::{Value, json};

use crate::client::{Answer, Fetch as _, list_at, text_at};
use crate::world::World;

/// How long a photo may take to be processed, on a busy machine.
const SETTLED_WITHIN: Duration = Duration::from_secs(30);

/// How long a mail may take, on a busy machine.
const SENT_WITHIN: Duration = Duration::from_secs(30);

/// The password of every test user.
pub const PASSWORD: &str = "correct horse battery staple";

/// A registered user with a token.
#[derive(Clone)]
pub struct User {
    /// The account's id.
    pub id: String,
    /// The handle, unique to this run.
    pub handle: String,
    /// The e-mail address, unique to this run.
    pub email: String,
    /// A live access token.
    pub token: String,
    world: World,
}

/// A name that nobody else has: `prefix`, then ten characters.
#[must_use]
pub fn unique(prefix: &str) -> String {
    let mut bytes = [0; 5];
    // Without randomness names clash, and the scenario then fails by name.
    let _no_randomness = getrandom::fill(&mut bytes);
    bytes.iter().fold(prefix.to_owned(), |name, byte| format!("{name}{byte:02x}"))
}

impl World {
    /// Registers a user with a handle that begins with `name`.
    ///
    /// # Errors
    /// When the app does not answer 201 with an account and a token.
    pub async fn register(&self, name: &str) -> Result<User> {
        let handle = unique(name);
        let email = format!("{handle}@example.com");
        self.register_as(handle, email).await
    }

    /// Registers a user of this handle and this address.
    ///
    /// # Errors
    /// When the app does not answer 201 with an account and a token.
    pub async fn register_as(&self, handle: String, email: String) -> Result<User> {
        let body = json!({"email": email, "handle": handle, "password": PASSWORD});
        let answer = self.client.post("/api/v1/auth/register").json(&body).fetch().await?.expect(201)?.json()?;
        Ok(User {
            id: text_at(&answer, "/account/id")?.to_owned(),
            token: text_at(&answer, "/tokens/accessToken")?.to_owned(),
            handle,
            email,
            world: self.clone(),
        })
    }
}

impl User {
    /// The same person, at an app that was started again on the same data.
    #[must_use]
    pub fn moved(&self, world: World) -> Self {
        Self { world, ..self.clone() }
    }

    /// Begins a GET with the user's token.
    pub fn get(&self, path: &str) -> RequestBuilder {
        self.world.client.get(path).bearer_auth(&self.token)
    }

    /// Begins an upload.
    pub fn upload(&self, title: &str) -> RequestBuilder {
        self.world
            .client
            .post("/api/v1/photos")
            .query(&[("title", title)])
            .bearer_auth(&self.token)
            .header("content-type", "application/octet-stream")
    }

    /// Uploads a picture and gives the photo's id.
    ///
    /// # Errors
    /// When the app does not answer 202 with an id.
    pub async fn accepted(&self, title: &str, picture: Vec<u8>) -> Result<String> {
        let answer = self.upload(title).body(picture).fetch().await?.expect(202)?.json()?;
        Ok(text_at(&answer, "/photo/id")?.to_owned())
    }

    /// The photo as it is now.
    ///
    /// # Errors
    /// When the app does not answer 200 with a photo.
    pub async fn photo(&self, id: &str) -> Result<Value> {
        let answer = self.get(&format!("/api/v1/photos/{id}")).fetch().await?.expect(200)?.json()?;
        answer.get("photo").cloned().with_context(|| format!("no photo in {answer}"))
    }

    /// The photo, once it is processed or rejected.
    ///
    /// # Errors
    /// When that takes too long.
    pub async fn settled(&self, id: &str) -> Result<Value> {
        self.settled_within(id, SETTLED_WITHIN).await
    }

    /// The photo, once it is processed or rejected.
    ///
    /// # Errors
    /// When that takes longer than `limit`.
    pub async fn settled_within(&self, id: &str, limit: Duration) -> Result<Value> {
        let start = Instant::now();
        loop {
            let photo = self.photo(id).await?;
            match text_at(&photo, "/status")? {
                "processed" | "rejected" => return Ok(photo),
                "received" if start.elapsed() < limit => tokio::time::sleep(Duration::from_millis(50)).await,
                "received" => bail!("still not processed after {limit:?}: {photo}"),
                other => bail!("an unknown status {other:?}: {photo}"),
            }
        }
    }

    /// Uploads a picture and waits until it is processed.
    ///
    /// # Errors
    /// When it is not accepted, or ends otherwise.
    pub async fn processed(&self, picture: Vec<u8>) -> Result<Value> {
        let id = self.accepted("a photo", picture).await?;
        let photo = self.settled(&id).await?;
        anyhow::ensure!(text_at(&photo, "/status")? == "processed", "not processed: {photo}");
        Ok(photo)
    }

    /// The secret in the last mail to the user that is about `subject`, once there is one.
    ///
    /// # Errors
    /// When the app's secrets are not known, or none comes soon.
    pub async fn mailed(&self, subject: &str) -> Result<String> {
        let admin = &self.world.secrets.as_ref().context("the app's secrets")?.admin_token;
        let start = Instant::now();
        loop {
            let mailbox = self.world.client.get("/api/v1/auth/admin/mailbox").query(&[("to", &self.email)]);
            let mails = mailbox.bearer_auth(admin).fetch().await?.expect(200)?.json()?;
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

    /// Fetches what stands at a URL of the app, without a token.
    ///
    /// # Errors
    /// When there is no whole answer.
    pub async fn fetch_url(&self, url: &str) -> Result<Answer> {
        let path = url.strip_prefix(self.world.client.base()).unwrap_or(url);
        self.world.client.get(path).fetch().await
    }
}
