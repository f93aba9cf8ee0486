//! Routes and wire shapes.

#[cfg(feature = "openapi")]
mod openapi;

#[cfg(feature = "openapi")]
pub use openapi::document;

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

/// Who someone wants to be.
#[derive(Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = Registration))]
struct RegisterBody {
    /// An address of at most 254 bytes. No two accounts have the same one, in whatever case.
    #[cfg_attr(feature = "openapi", schema(format = Email, example = "ada@example.org"))]
    email: String,
    /// 3 to 30 letters from a to z, digits and underscores. Capital letters are made small.
    #[cfg_attr(feature = "openapi", schema(pattern = "^[A-Za-z0-9_]{3,30}$", example = "ada_l"))]
    handle: String,
    /// 8 to 128 characters, of any kind but NUL.
    #[cfg_attr(feature = "openapi", schema(format = Password, min_length = 8, max_length = 128))]
    password: String,
}

/// Who someone is.
#[derive(Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = Login))]
struct LoginBody {
    /// The e-mail address or the handle, in any case.
    #[cfg_attr(feature = "openapi", schema(example = "ada_l"))]
    login: String,
    /// The password.
    #[cfg_attr(feature = "openapi", schema(format = Password))]
    password: String,
}

/// An account, as its owner sees it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = Account))]
struct AccountBody {
    id: Uuid,
    /// Its public name in addresses.
    handle: String,
    /// Its address, as it was typed.
    email: String,
    /// Whether it was shown that the address is its own.
    email_verified: bool,
    /// Its public name in text.
    display_name: String,
    /// What it says about itself.
    bio: String,
    /// What it is, such as `user`.
    roles: Vec<String>,
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    created_at: Timestamp,
    /// Whether a second factor is needed to log in.
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

/// What proves the account to every service.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = Tokens))]
struct TokensBody {
    /// A JWT, to be sent as `Authorization: Bearer <token>`.
    access_token: String,
    /// How long it is valid, in seconds.
    expires_in: u32,
}

/// An account, and what proves it.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = Session))]
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

/// Makes an account.
#[cfg_attr(feature = "openapi", utoipa::path(
    post, path = "/api/v1/auth/register", tag = "auth", request_body = RegisterBody,
    responses(
        (status = 201, description = "The account and its first token.", body = SessionBody,
            headers(("Location" = String, description = "Where the account is read."))),
        openapi::Registering,
    ),
))]
async fn register(State(auth): State<Auth>, Json(body): Json<RegisterBody>) -> Result<impl IntoResponse, Problem> {
    let session = auth.register(&body.email, &body.handle, &body.password).await.map_err(problem)?;
    let headers = [NO_STORE, (header::LOCATION, HeaderValue::from_static(ME))];
    Ok((StatusCode::CREATED, headers, Json::<SessionBody>(session.into())))
}

/// Gives a token to whoever knows the password.
///
/// Whatever is wrong with address, handle or password, the answer is the same 401.
#[cfg_attr(feature = "openapi", utoipa::path(
    post, path = "/api/v1/auth/login", tag = "auth", request_body = LoginBody,
    responses(
        (status = 200, description = "The account and a new token.", body = SessionBody),
        openapi::LoggingIn,
    ),
))]
async fn login(State(auth): State<Auth>, Json(body): Json<LoginBody>) -> Result<impl IntoResponse, Problem> {
    let session = auth.login(&body.login, &body.password).await.map_err(problem)?;
    Ok(([NO_STORE], Json::<SessionBody>(session.into())))
}

/// The account of the token.
#[cfg_attr(feature = "openapi", utoipa::path(
    get, path = "/api/v1/auth/me", tag = "auth", security(("accessToken" = [])),
    responses((status = 200, description = "The account.", body = AccountBody), openapi::WithToken),
))]
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
