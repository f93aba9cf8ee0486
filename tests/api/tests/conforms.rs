//! The app answers as its OpenAPI document says, whoever asks and whatever is asked: no 5xx, no status, type, header or body that
//! the document does not have, no bad request that is taken, no protected route that is open.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use serde_json::json;
use vitrine_api::{Document, Run, is_python_there};
use vitrine_scenarios::World;
use vitrine_scenarios::client::{Client, Fetch as _, text_at};
use vitrine_scenarios::harness::{Deployment, Running, Runtime};
use vitrine_scenarios::user::{PASSWORD, User, unique};
use vitrine_servers::not_run;

/// Who becomes the first admin.
const FIRST: &str = "first@example.org";

/// The app, and how it is reached.
struct App {
    running: Running,
    world: World,
}

impl App {
    /// None where nothing can run.
    fn start() -> Option<Self> {
        if !is_python_there() {
            not_run("no python3 of 3.10 or later, with venv, is on the PATH");
            return None;
        }
        let runtime = Runtime::from_env().unwrap();
        let mut deployment = Deployment::product(runtime).unwrap();
        deployment.set("first_admin_email", FIRST);
        // A body beyond the limit is soon made.
        deployment.set("upload_max_bytes", "1048576");
        let running = deployment.start().unwrap();
        let secrets = deployment.secrets().cloned();
        let client = Client::new(&running.base()).unwrap();
        Some(Self { world: World { client, runtime, secrets }, running: running.keeping(deployment) })
    }

    fn run(&self, document: Document) -> Run {
        Run::new(document, self.world.client.base())
    }

    /// Beside whatever else this test does: a connection that it holds must see that the app closes it.
    async fn conforms(&self, run: Run) {
        let done = tokio::task::spawn_blocking(move || run.conforms()).await.unwrap();
        assert!(done.is_ok(), "{:?}\nThe app said:\n{}", done, self.running.log());
    }
}

/// The document with what leads somewhere for this user.
fn known_to(user: &User) -> Document {
    let login = json!({ "login": user.handle, "password": PASSWORD });
    let key = json!({ "name": "a script", "scopes": ["photos:read"], "password": PASSWORD });
    let document = Document::read().unwrap();
    let document = document.with_body("login", login).unwrap().with_body("createApiKey", key).unwrap();
    let document = document.with_body("beginTotp", json!({ "password": PASSWORD })).unwrap();
    let document = document.with_body("updateProfile", json!({ "displayName": "Ada", "bio": "" })).unwrap();
    let document = document.with_parameter("updateProfile", "If-Match", "*").unwrap();
    document.with_parameter("readProfile", "handle", &user.handle).unwrap()
}

#[tokio::test]
async fn for_nobody_in_particular() {
    let Some(app) = App::start() else { return };
    let user = app.world.register("ada").await.unwrap();
    app.conforms(app.run(known_to(&user))).await;
}

/// All but what ends the own session, after which there is nothing more to see.
#[tokio::test]
async fn for_a_user() {
    let Some(app) = App::start() else { return };
    let user = app.world.register("bea").await.unwrap();
    let run = app.run(known_to(&user)).with(&user.token);
    app.conforms(run.without("revokeSession")).await;
    user.get("/api/v1/auth/me").fetch().await.unwrap().expect(200).unwrap();
}

#[tokio::test]
async fn for_a_user_who_leaves() {
    let Some(app) = App::start() else { return };
    let change = json!({ "currentPassword": PASSWORD, "newPassword": "new and better words" });
    for operation in ["changePassword", "revokeSession", "deleteAccount"] {
        let user = app.world.register("cem").await.unwrap();
        let document = known_to(&user).with_body("changePassword", change.clone()).unwrap();
        let document = document.with_body("deleteAccount", json!({ "password": PASSWORD })).unwrap();
        app.conforms(app.run(document).with(&user.token).only(operation).only("listSessions")).await;
    }
}

#[tokio::test]
async fn for_an_admin() {
    let Some(app) = App::start() else { return };
    let user = app.world.register_as(unique("first"), FIRST.to_owned()).await.unwrap();
    let token = user.mailed("Confirm your e-mail address").await.unwrap();
    let verify = app.world.client.post("/api/v1/auth/verify-email").json(&json!({ "token": token }));
    verify.fetch().await.unwrap().expect(204).unwrap();
    let login = app.world.client.post("/api/v1/auth/login").json(&json!({ "login": FIRST, "password": PASSWORD }));
    let answer = login.fetch().await.unwrap().expect(200).unwrap().json().unwrap();
    let other = app.world.register("dan").await.unwrap();
    let document = known_to(&user).with_body("setRoles", json!({ "roles": ["user", "seller"] })).unwrap();
    let document = document.with_parameter("setRoles", "id", &other.id).unwrap();
    let run = app.run(document).with(text_at(&answer, "/tokens/accessToken").unwrap());
    app.conforms(run.below("^/api/v1/auth/admin/a")).await;
}

/// The secrets of a deployment open their own routes.
#[tokio::test]
async fn for_operators() {
    let Some(app) = App::start() else { return };
    let secrets = app.world.secrets.as_ref().unwrap();
    let document = Document::read().unwrap().with_parameter("listDeadLetters", "source", "upload").unwrap();
    let document = document.with_parameter("replayDeadLetters", "source", "upload").unwrap();
    app.conforms(app.run(document).with(&secrets.admin_token).below("^/api/v1/(admin/events|auth/admin/mailbox)"))
        .await;
    app.conforms(app.run(Document::read().unwrap()).with(&secrets.ring_token).below("^/api/v1/ring")).await;
}
