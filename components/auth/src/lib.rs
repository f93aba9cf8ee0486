//! The auth component: wires `auth-core` to Spin.

use auth_core::{Auth, Deployment, Doors, Email, Hashing, MIGRATIONS, Ports, RelyingParty, Settings};
use spin_sdk::http::{IntoResponse, Request};
use std::sync::Arc;
use vitrine_clock::SystemClock;
use vitrine_db::Db;
use vitrine_guest::{
    Service, SpinHttpOut, StartError, database, kv, parsed_variable, ring, service_token, spawn, variable,
};
use vitrine_http_out::Limits;
use vitrine_identity::{PublicKey, Signer};
use vitrine_mailer::{HttpMailer, Mailbox, Mailer};
use vitrine_random::SystemRandom;

static SERVICE: Service = Service::new();

#[spin_sdk::http_service]
async fn handle(request: Request) -> impl IntoResponse {
    SERVICE.serve(request, start).await
}

async fn start() -> Result<axum::Router, StartError> {
    let deployment = parsed_variable("deployment").await?;
    let hashing = Hashing::new(
        parsed_variable("argon2_memory_kib").await?,
        parsed_variable("argon2_iterations").await?,
        parsed_variable("argon2_parallelism").await?,
        deployment,
        &SystemRandom,
    )?;
    let first_admin = match variable("first_admin_email").await?.trim() {
        "" => None,
        address => Some(Email::parse(address)?),
    };
    let public_url = variable("public_url").await?;
    let settings = Settings {
        hashing,
        signer: Signer::from_seed(&variable("auth_signing_key").await?)?,
        public_keys: PublicKey::parse_list(&variable("auth_public_keys").await?)?,
        issuer: variable("token_issuer").await?,
        relying_party: RelyingParty::of(&public_url)?,
        public_url,
        first_admin,
    };
    let db = database("auth").await?;
    db.migrate(MIGRATIONS).await?;
    let (mailer, mailbox) = mailing(deployment, db.clone()).await?;
    let sessions = kv(vitrine_session::PURPOSE).await?;
    let ring = ring().await?;
    let ports = Ports { db, sessions, ring, mailer, clock: Arc::new(SystemClock), random: Arc::new(SystemRandom) };
    let doors = Doors {
        admin: service_token("admin_token").await?,
        exchange: service_token("auth_exchange_token").await?,
        service: service_token("auth_service_token").await?,
        mailbox,
        spawn: Arc::new(spawn),
    };
    Ok(auth_core::router(Auth::new(ports, settings), doors))
}

/// Where mail goes, and the mailbox if it goes there. In production it goes to people.
async fn mailing(deployment: Deployment, db: Db) -> Result<(Arc<dyn Mailer>, Option<Mailbox>), StartError> {
    match variable("mail_backend").await?.trim() {
        "mailbox" if deployment == Deployment::Production => Err(StartError::new(
            "`mail_backend` is `mailbox`, by which nobody gets mail: set it to `http` in production",
        )),
        "mailbox" => {
            let mailbox = Mailbox::new(db, Arc::new(SystemClock));
            Ok((Arc::new(mailbox.clone()), Some(mailbox)))
        }
        "http" => {
            let (url, token, from) =
                (variable("mail_api_url").await?, variable("mail_api_token").await?, variable("mail_from").await?);
            let out = Arc::new(SpinHttpOut::new(Limits::default()));
            Ok((Arc::new(HttpMailer::new(out, &url, &token, &from)?), None))
        }
        _ => Err(StartError::new("the variable `mail_backend` is neither `mailbox` nor `http`")),
    }
}
