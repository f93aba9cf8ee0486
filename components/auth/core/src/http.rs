//! Routes and wire shapes.

use crate::{Account, Auth, Error, Session};
use axum::{
    Router,
    extract::{FromRef, State},
    http::{HeaderValue, StatusCode, header},
    response::IntoResponse,
    routing::{get, post},
};
use serde::{Deserialize, Serialize};
use std::time::Duration;
use uuid::Uuid;
use vitrine_clock::Timestamp;
use vitrine_edge::{Json, Problem};
use vitrine_identity::{Caller, Verifier};

const ME: &str = "/api/v1/auth/me";

/// How long someone is asked to wait when the database is busy.
const BUSY: Duration = Duration::from_secs(1);

/// The router of auth.
pub fn router(auth: Auth) -> Router {
    let ids = auth.ids();
    let routes = Router::new()
        .route("/api/v1/auth/register", post(register))
        .route("/api/v1/auth/login", post(login))
        .route(ME, get(me))
        .with_state(auth);
    vitrine_edge::finish(routes, ids)
}

impl FromRef<Auth> for Verifier {
    fn from_ref(auth: &Auth) -> Self {
        auth.verifier()
    }
}

#[derive(Deserialize)]
struct RegisterBody {
    email: String,
    handle: String,
    password: String,
}

#[derive(Deserialize)]
struct LoginBody {
    login: String,
    password: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AccountBody {
    id: Uuid,
    handle: String,
    email: String,
    email_verified: bool,
    display_name: String,
    bio: String,
    roles: Vec<String>,
    created_at: Timestamp,
    totp_enabled: bool,
}

impl From<Account> for AccountBody {
    fn from(account: Account) -> Self {
        Self {
            id: account.id,
            handle: account.handle.as_str().to_owned(),
            email: account.email.as_str().to_owned(),
            email_verified: account.email_verified,
            display_name: account.display_name,
            bio: account.bio,
            roles: account.roles,
            created_at: account.created_at,
            // A password is the only factor that an account can have here.
            totp_enabled: false,
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct TokensBody {
    access_token: String,
    expires_in: u32,
}

#[derive(Serialize)]
struct SessionBody {
    account: AccountBody,
    tokens: TokensBody,
}

impl From<Session> for SessionBody {
    fn from(session: Session) -> Self {
        let tokens = TokensBody { access_token: session.access_token, expires_in: session.expires_in };
        Self { account: session.account.into(), tokens }
    }
}

/// Answers hold tokens and addresses, so nothing between may keep them.
const NO_STORE: (header::HeaderName, HeaderValue) = (header::CACHE_CONTROL, HeaderValue::from_static("no-store"));

async fn register(State(auth): State<Auth>, Json(body): Json<RegisterBody>) -> Result<impl IntoResponse, Problem> {
    let session = auth.register(&body.email, &body.handle, &body.password).await.map_err(problem)?;
    let headers = [NO_STORE, (header::LOCATION, HeaderValue::from_static(ME))];
    Ok((StatusCode::CREATED, headers, Json::<SessionBody>(session.into())))
}

async fn login(State(auth): State<Auth>, Json(body): Json<LoginBody>) -> Result<impl IntoResponse, Problem> {
    let session = auth.login(&body.login, &body.password).await.map_err(problem)?;
    Ok(([NO_STORE], Json::<SessionBody>(session.into())))
}

async fn me(State(auth): State<Auth>, caller: Caller) -> Result<impl IntoResponse, Problem> {
    let account = auth.account(caller.account_id).await.map_err(problem)?;
    Ok(([NO_STORE], Json::<AccountBody>(account.into())))
}

fn problem(error: Error) -> Problem {
    match error {
        Error::Invalid(fields) => fields
            .iter()
            .fold(Problem::unprocessable("Some values are not acceptable; see `errors`."), |problem, error| {
                problem.with_field(&error.field.to_string(), error.detail)
            }),
        Error::Taken(field) => {
            Problem::conflict(&format!("Another account has that {field}; choose another, or log in."))
                .with_field(&field.to_string(), "Another account has it.")
        }
        Error::WrongCredentials => Problem::unauthorized("Login and password do not belong together."),
        Error::NoAccount => Problem::unauthorized("The account of this token does not exist any more."),
        Error::Db(error) if error.is_transient() => Problem::unavailable(BUSY, &error),
        Error::Hashing(_) | Error::Db(_) => Problem::internal(&error),
    }
}
